# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ipaddress

import pytest
from botocore.exceptions import ClientError

from lightsail_local.certificates import CertificateAuthority
from lightsail_local.control import instance
from lightsail_local.data_plane.none import NoneDataPlane

from .helpers import make_database, make_instances, make_load_balancer


def create(cloud, *names, **options):
    client = cloud.client()
    arguments = dict(availabilityZone="eu-central-1a", blueprintId="wordpress_ls_1_0", bundleId="small_3_0")
    operations = client.create_instances(instanceNames=list(names), **{**arguments, **options})["operations"]
    cloud.wait_until(lambda: all(state(cloud, name)["name"] == "running" for name in names))
    return operations


def state(cloud, name):
    return cloud.client().get_instance_state(instanceName=name)["state"]


def test_create_makes_one_started_operation_per_name_and_runs_later(cloud):
    cloud.time_scale(0.01)
    client = cloud.client()
    operations = client.create_instances(
        instanceNames=["one", "two"], availabilityZone="eu-central-1b", blueprintId="wordpress_ls_1_0", bundleId="nano_3_0"
    )["operations"]
    assert [(item["operationType"], item["status"], item["isTerminal"]) for item in operations] == [
        ("CreateInstance", "Started", False)
    ] * 2
    instance = client.get_instance(instanceName="one")["instance"]
    assert instance["state"] == {"code": 0, "name": "pending"}
    assert "publicIpAddress" not in instance
    cloud.wait_until(lambda: client.get_instance(instanceName="one")["instance"]["state"]["name"] == "running")
    instance = client.get_instance(instanceName="one")["instance"]
    assert instance["username"] == "admin"
    assert instance["sshKeyName"] == "LightsailDefaultKeyPair"
    operation = client.get_operation(operationId=operations[0]["id"])["operation"]
    assert (operation["status"], operation["isTerminal"]) == ("Succeeded", True)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"availabilityZone": "eu-central-1z"}, "The given Availability Zone is invalid. It must be one of the following: "),
        ({"blueprintId": "amazon_linux"}, "The blueprint amazon_linux is not available."),
        ({"bundleId": "small_3_1"}, "is not available in the Region"),
        ({"bundleId": "small_ipv6_3_0"}, "does not support the IP address type dualstack"),
        ({"bundleId": "small_win_3_0"}, "cannot be used with the bundle"),
        ({"keyPairName": "nobody"}, "The KeyPair does not exist: nobody"),
        ({"tags": [{"key": "aws:x"}]}, "reserved"),
    ],
)
def test_create_refuses(cloud, options, text):
    arguments = dict(availabilityZone="eu-central-1a", blueprintId="wordpress_ls_1_0", bundleId="small_3_0")
    with pytest.raises(ClientError, match=text):
        cloud.client().create_instances(instanceNames=["one"], **{**arguments, **options})
    assert cloud.client().get_instances()["instances"] == []


# RFC 5737 and 3849: for documentation, nobody has them. 198.19.0.0/16 is of the block for benchmarks (RFC 2544), whose other half is what
# clouds with real hosts take their addresses from.
NOBODYS_PUBLIC = [ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
NOBODYS = [*NOBODYS_PUBLIC, ipaddress.ip_network("198.19.0.0/16")]


def within(address, networks):
    return any(ipaddress.ip_address(address) in network for network in networks)


def test_addresses_without_hosts_lead_nowhere(cloud):
    """They must not be those of a cloud with real hosts on the same machine: a playbook would reach a stranger's sshd."""
    make_instances(cloud, "one", "two")
    make_database(cloud, publiclyAccessible=True)
    make_load_balancer(cloud)
    cloud.client().allocate_static_ip(staticIpName="ip")
    seen = set()
    for record in cloud.daemon.cloud.resources.values():
        public = [record.get(name) for name in ("public_ip", "ip_address") if record.get(name)]
        assert all(within(address, NOBODYS_PUBLIC) for address in public)
        assert not record.get("private_ip") or within(record["private_ip"], NOBODYS)
        assert all(ipaddress.ip_address(address) in ipaddress.ip_network("2001:db8::/32") for address in record.get("ipv6", []))
        addresses = [*public, *([record["private_ip"]] if record.get("private_ip") else [])]
        assert not seen & set(addresses)
        seen |= set(addresses)
    assert len(seen) >= 8
    parts = cloud.daemon.cloud.data_plane.status()["parts"]
    assert all(within(part["address"], NOBODYS) for part in parts) and len(parts) == 3


def test_addresses_without_hosts_are_fresh_and_enough_for_a_thousand_instances(tmp_path):
    plane = NoneDataPlane(tmp_path, 0, CertificateAuthority(tmp_path))
    first = plane.allocate_address()
    plane.release_address(first)
    assert plane.allocate_address() != first
    others = [plane.allocate_address() for _ in range(1500)]
    assert len(set(others)) == 1500 and all(within(address, NOBODYS) for address in others)
    options = {"name": "x", "public_ip": None, "source": {}, "user_data": "", "authorized_keys": [], "user_ca": ""}
    private = [plane.create_instance(str(number), **options)["private_ip"] for number in range(3)]
    assert not set(private) & set(others)


def test_names_are_unique_across_types(cloud):
    create(cloud, "one")
    with pytest.raises(ClientError, match="Some names are already in use: one") as caught:
        cloud.client().allocate_static_ip(staticIpName="one")
    assert caught.value.response["code"] == "NameExists"
    cloud.client(region="eu-west-1").allocate_static_ip(staticIpName="one")


def test_address_changes_over_stop_and_start(cloud):
    create(cloud, "one")
    client = cloud.client()
    before = client.get_instance(instanceName="one")["instance"]
    assert client.stop_instance(instanceName="one")["operations"][0]["status"] == "Started"
    cloud.wait_until(lambda: state(cloud, "one")["name"] == "stopped")
    assert "publicIpAddress" not in client.get_instance(instanceName="one")["instance"]
    client.start_instance(instanceName="one")
    cloud.wait_until(lambda: state(cloud, "one")["name"] == "running")
    after = client.get_instance(instanceName="one")["instance"]
    assert after["publicIpAddress"] != before["publicIpAddress"]
    assert after["privateIpAddress"] == before["privateIpAddress"]


def test_static_ip_outlives_stop_and_the_instance(cloud):
    create(cloud, "one")
    client = cloud.client()
    client.allocate_static_ip(staticIpName="ip")
    operations = client.attach_static_ip(staticIpName="ip", instanceName="one")["operations"]
    assert [(item["resourceName"], item["operationDetails"]) for item in operations] == [("ip", "one"), ("one", "ip")]
    address = client.get_static_ip(staticIpName="ip")["staticIp"]["ipAddress"]
    client.stop_instance(instanceName="one")
    cloud.wait_until(lambda: state(cloud, "one")["name"] == "stopped")
    instance = client.get_instance(instanceName="one")["instance"]
    assert (instance["publicIpAddress"], instance["isStaticIp"]) == (address, True)
    client.delete_instance(instanceName="one")
    assert client.get_static_ip(staticIpName="ip")["staticIp"]["isAttached"] is False
    cloud.wait_until(lambda: client.get_instances()["instances"] == [])


def test_put_ports_replaces_everything(cloud):
    create(cloud, "one")
    client = cloud.client()
    operation = client.put_instance_public_ports(
        instanceName="one", portInfos=[{"fromPort": 22, "toPort": 22, "protocol": "tcp", "cidrs": ["10.0.0.0/8"]}]
    )["operation"]
    assert (operation["operationDetails"], operation["status"]) == ("22/tcp", "Succeeded")
    assert client.get_instance_port_states(instanceName="one")["portStates"] == [
        {
            "fromPort": 22,
            "toPort": 22,
            "protocol": "tcp",
            "state": "open",
            "cidrs": ["10.0.0.0/8"],
            "ipv6Cidrs": [],
            "cidrListAliases": [],
        }
    ]


def test_rules_are_taken_in_upper_case_and_all_protocols_read_back_as_a_number(cloud):
    create(cloud, "one")
    client = cloud.client()
    client.put_instance_public_ports(
        instanceName="one", portInfos=[{"fromPort": 22, "toPort": 22, "protocol": "TCP"}, {"fromPort": 0, "toPort": 65535, "protocol": "all"}]
    )
    states = client.get_instance_port_states(instanceName="one")["portStates"]
    assert sorted((item["protocol"], item["fromPort"], item["toPort"]) for item in states) == [("-1", 0, 65535), ("tcp", 22, 22)]
    shown = client.get_instance(instanceName="one")["instance"]["networking"]["ports"]
    assert sorted(item["protocol"] for item in shown) == ["-1", "tcp"]
    (host,) = cloud.daemon.cloud.data_plane.instances.values()
    assert sorted(rule["protocol"] for rule in host["rules"]) == ["all", "tcp"]


def test_ipv6_addresses_are_lower_case(cloud):
    create(cloud, "one")
    (address,) = cloud.client().get_instance(instanceName="one")["instance"]["ipv6Addresses"]
    assert address == address.lower()


def test_host_keys_are_witnessed_after_a_while(cloud):
    create(cloud, "one")
    client = cloud.client()
    cloud.wait_until(lambda: client.get_instance_access_details(instanceName="one")["accessDetails"]["hostKeys"])
    cloud.time_scale(0.1)
    client.reboot_instance(instanceName="one")
    cloud.wait_until(lambda: not cloud.daemon.store.data["tasks"])
    assert client.get_instance_access_details(instanceName="one")["accessDetails"]["hostKeys"] == []
    keys = cloud.wait_until(
        lambda: client.get_instance_access_details(instanceName="one")["accessDetails"]["hostKeys"]
    )
    assert {key["algorithm"] for key in keys} >= {"ssh-ed25519"}
    again = client.get_instance_access_details(instanceName="one")["accessDetails"]
    assert again["hostKeys"] == keys
    assert again["certKey"].startswith("ssh-rsa-cert-v01@openssh.com ")


def test_snapshot_and_instance_from_it(cloud):
    create(cloud, "one", tags=[{"key": "a", "value": "b"}])
    client = cloud.client()
    operations = client.create_instance_snapshot(instanceName="one", instanceSnapshotName="snap")["operations"]
    assert [(item["resourceName"], item["operationDetails"]) for item in operations] == [("snap", "one"), ("one", "snap")]
    cloud.wait_until(
        lambda: client.get_instance_snapshot(instanceSnapshotName="snap")["instanceSnapshot"]["state"] == "available"
    )
    with pytest.raises(ClientError, match="needs at least 60 GB"):
        client.create_instances_from_snapshot(
            instanceNames=["two"], availabilityZone="eu-central-1b", bundleId="nano_3_0", instanceSnapshotName="snap"
        )
    client.create_instances_from_snapshot(
        instanceNames=["two"], availabilityZone="eu-central-1b", bundleId="small_3_0", instanceSnapshotName="snap"
    )
    cloud.wait_until(lambda: state(cloud, "two")["name"] == "running")
    instance = client.get_instance(instanceName="two")["instance"]
    assert instance["tags"] == []
    assert (instance["blueprintId"], instance["username"]) == ("wordpress_ls_1_0", "admin")


def test_failed_job_is_a_failed_operation(cloud):
    client = cloud.client()
    cloud.fault("CreateInstances", "failed-operation", message="There is no room for this host.")
    operation = client.create_instances(
        instanceNames=["one"], availabilityZone="eu-central-1a", blueprintId="wordpress_ls_1_0", bundleId="small_3_0"
    )["operations"][0]
    failed = cloud.wait_until(
        lambda: (lambda item: item if item["isTerminal"] else None)(
            client.get_operation(operationId=operation["id"])["operation"]
        )
    )
    assert failed["status"] == "Failed"
    assert failed["errorDetails"] == "There is no room for this host."


def test_ipv6_only_is_another_bundle_which_has_to_be_accepted(cloud):
    create(cloud, "one")
    client = cloud.client()
    client.allocate_static_ip(staticIpName="ip")
    client.attach_static_ip(staticIpName="ip", instanceName="one")

    def switch(kind, **options):
        client.set_ip_address_type(resourceType="Instance", resourceName="one", ipAddressType=kind, **options)
        return client.get_instance(instanceName="one")["instance"]

    with pytest.raises(ClientError, match="to small_ipv6_3_0. Set acceptBundleUpdate"):
        switch("ipv6")
    with pytest.raises(ClientError, match="has a static IP"):
        switch("ipv6", acceptBundleUpdate=True)
    client.detach_static_ip(staticIpName="ip")
    found = switch("ipv6", acceptBundleUpdate=True)
    assert (found["bundleId"], found["ipAddressType"]) == ("small_ipv6_3_0", "ipv6") and "publicIpAddress" not in found
    with pytest.raises(ClientError, match="IPv6 only"):
        client.attach_static_ip(staticIpName="ip", instanceName="one")
    back = switch("dualstack", acceptBundleUpdate=True)
    assert back["bundleId"] == "small_3_0" and back["publicIpAddress"] and back["ipv6Addresses"] == found["ipv6Addresses"]


def test_a_start_can_bring_the_generation_of_today(cloud):
    create(cloud, "one")
    client = cloud.client()
    with cloud.daemon.cloud.lock:
        cloud.daemon.cloud.find("Instance", cloud.region, "one")["bundle_id"] = "small_2_0"  # not sold any more
    with pytest.raises(ClientError, match="must be stopped"):
        client.start_instance(instanceName="one", attributeUpdates={"bundleId": "auto"})
    client.stop_instance(instanceName="one")
    cloud.wait_until(lambda: state(cloud, "one")["name"] == "stopped")
    with pytest.raises(ClientError, match="It must be one of: auto, small_2_0, small_3_0"):
        client.start_instance(instanceName="one", attributeUpdates={"bundleId": "large_3_0"})
    client.start_instance(instanceName="one", attributeUpdates={"bundleId": "auto"})
    cloud.wait_until(lambda: state(cloud, "one")["name"] == "running")
    assert client.get_instance(instanceName="one")["instance"]["bundleId"] == "small_3_0"


def test_a_page_costs_what_is_on_it(cloud, monkeypatch):
    """To show an instance, addresses and disks are searched; with all of an account shown for each page, 1,000 took a minute."""
    cloud.admin("quota", name="instances", value=21)
    create(cloud, *(f"web-{number}" for number in range(21)))
    shown, view = [], instance.view
    monkeypatch.setattr(instance, "view", lambda cloud, record: shown.append(record["name"]) or view(cloud, record))
    assert len(cloud.client().get_instances()["instances"]) == len(shown) == 20
