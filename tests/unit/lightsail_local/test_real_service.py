# SPDX-License-Identifier: GPL-3.0-or-later
"""What users and AWS's own tools see of the real service, one test for each thing on record that the API alone can show.

What needs real servers (metadata of the instance's own zone, the role that is always there, S3 that learns late) is in tests/data_plane;
what comes late is in test_late.py.
"""

from __future__ import annotations

import re

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from .helpers import database, instance_state, make_database, make_instances, make_load_balancer, make_zone


def refused(call, **arguments):
    """Class, inner code and text."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return response["Error"]["Code"], response["Error"]["Message"]


def test_rules_for_all_protocols_are_put_in_upper_or_lower_case_and_read_as_minus_one(cloud):
    client = cloud.client()
    make_instances(cloud, "one")
    for word in ("all", "ALL"):
        client.put_instance_public_ports(instanceName="one", portInfos=[{"fromPort": 0, "toPort": 65535, "protocol": word}])
        (state,) = client.get_instance_port_states(instanceName="one")["portStates"]
        assert state["protocol"] == "-1"
    for word in ("tcp", "TCP", "udp", "UDP", "icmp", "ICMP", "icmpv6", "ICMPV6"):
        ports = {"fromPort": 8, "toPort": -1 if word.lower().startswith("icmp") else 8, "protocol": word}
        client.put_instance_public_ports(instanceName="one", portInfos=[ports])
        (state,) = client.get_instance_port_states(instanceName="one")["portStates"]
        assert state["protocol"] == word.lower()
        client.close_instance_public_ports(instanceName="one", portInfo=ports)
        assert client.get_instance_port_states(instanceName="one")["portStates"] == []


def test_a_change_of_parameters_is_succeeded_and_terminal_at_once(cloud):
    make_database(cloud)
    change = [{"parameterName": "max_connections", "parameterValue": "77", "applyMethod": "immediate"}]
    (record,) = cloud.client().update_relational_database_parameters(relationalDatabaseName="db", parameters=change)["operations"]
    assert (record["status"], record["isTerminal"]) == ("Succeeded", True)


def test_starting_stopping_and_rebooting_have_empty_details(cloud):
    client = cloud.client()
    make_instances(cloud, "one")
    for call, state in ((client.reboot_instance, "running"), (client.stop_instance, "stopped"), (client.start_instance, "running")):
        (record,) = call(instanceName="one")["operations"]
        assert record["operationDetails"] == ""
        cloud.wait_until(lambda state=state: instance_state(cloud, "one") == state)


def test_support_codes_name_awss_account_and_not_the_owners(cloud):
    make_instances(cloud, "one")
    instance = cloud.client().get_instance(instanceName="one")["instance"]
    owner = cloud.client("sts").get_caller_identity()["Account"]
    assert instance["arn"].split(":")[4] == owner
    account, _, host = instance["supportCode"].partition("/")
    assert re.fullmatch(r"\d{12}", account) and account != owner and re.fullmatch(r"i-[0-9a-f]{17}", host)
    assert all(address == address.lower() for address in instance["ipv6Addresses"])
    assert {disk["path"] for disk in instance["hardware"]["disks"]} <= {"/dev/sda1", "/dev/xvda"}


def test_retired_bundles_still_create_and_names_may_have_dots(cloud):
    make_instances(cloud, "www.shop.example-1", bundleId="nano_2_0")
    assert cloud.client().get_instance(instanceName="www.shop.example-1")["instance"]["bundleId"] == "nano_2_0"
    client = cloud.client()
    client.allocate_static_ip(staticIpName="ip.of.www")
    client.attach_static_ip(staticIpName="ip.of.www", instanceName="www.shop.example-1")
    client.create_key_pair(keyPairName="key.of.me")
    client.tag_resource(resourceName="www.shop.example-1", tags=[{"key": "a", "value": "b"}])
    assert {"ip.of.www", "key.of.me", "www.shop.example-1"} == set(client.get_active_names()["activeNames"])


def test_a_database_deleted_without_options_leaves_a_snapshot(cloud):
    make_database(cloud)
    client = cloud.client()
    client.delete_relational_database(relationalDatabaseName="db")
    found = cloud.wait_until(lambda: client.get_relational_database_snapshots()["relationalDatabaseSnapshots"])
    assert re.fullmatch(r"db-FinalSnapshot-\d{13}", found[0]["name"])


def test_a_disk_is_detached_of_a_stopped_instance_only(cloud):
    client = cloud.client()
    make_instances(cloud, "one")
    client.create_disk(diskName="disk", availabilityZone="eu-central-1a", sizeInGb=8)
    cloud.wait_until(lambda: client.get_disk(diskName="disk")["disk"]["state"] == "available")
    client.attach_disk(diskName="disk", instanceName="one", diskPath="/dev/xvdf")
    cloud.wait_until(lambda: client.get_disk(diskName="disk")["disk"].get("isAttached"))
    _, text = refused(client.detach_disk, diskName="disk")
    assert text == "You can only detach the disk when the target instance is stopped. The current state of your instance is: running"


def test_add_ons_are_switched_once(cloud):
    client = cloud.client()
    make_instances(cloud, "one")
    name = {"resourceName": "one"}
    assert "AutoSnapshot not enabled for the resource" in refused(client.disable_add_on, addOnType="AutoSnapshot", **name)[1]
    add_on = {"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "06:00"}}
    client.enable_add_on(addOnRequest=add_on, **name)
    cloud.wait_until(lambda: client.get_instance(instanceName="one")["instance"]["addOns"][0]["status"] == "Enabled")
    assert "The addOn is already in requested state" in refused(client.enable_add_on, addOnRequest=add_on, **name)[1]


def test_missing_certificates_have_their_own_words(cloud):
    client = make_load_balancer(cloud)
    home = cloud.client(region="us-east-1")
    code, text = refused(home.delete_certificate, certificateName="nobody")
    assert code == "NotFoundException" and text.startswith("The Certificate does not exist")
    arguments = {"loadBalancerName": "lb", "certificateName": "nobody"}
    for call in (client.attach_load_balancer_tls_certificate, client.delete_load_balancer_tls_certificate):
        code, text = refused(call, **arguments)
        assert code == "NotFoundException" and text.startswith("The LoadBalancerTlsCert does not exist")


def test_an_alias_and_values_do_not_share_a_name(cloud):
    client = make_zone(cloud, delegated=False)
    value = {"name": "www.shop.example", "type": "A", "target": "192.0.2.1"}
    alias = {"name": "www.shop.example", "type": "A", "target": "lb.eu-central-1.elb.amazonaws.com", "isAlias": True}
    client.create_domain_entry(domainName="shop.example", domainEntry=value)
    assert refused(client.create_domain_entry, domainName="shop.example", domainEntry=alias)[0] == "InvalidInputException"
    client.delete_domain_entry(domainName="shop.example", domainEntry=value)
    client.create_domain_entry(domainName="shop.example", domainEntry=alias)
    assert refused(client.create_domain_entry, domainName="shop.example", domainEntry=value)[0] == "InvalidInputException"


def test_a_database_tells_the_version_that_it_has(cloud):
    make_database(cloud)
    blueprints = {item["blueprintId"]: item for item in cloud.client().get_relational_database_blueprints()["blueprints"]}
    assert database(cloud)["engineVersion"] == blueprints["mysql_8_0"]["engineVersion"]


def test_transport_without_tls_is_allowed_until_it_is_forbidden(cloud):
    make_database(cloud)
    pages = cloud.client().get_paginator("get_relational_database_parameters").paginate(relationalDatabaseName="db")
    found = {item["parameterName"]: item for page in pages for item in page["parameters"]}
    assert found["require_secure_transport"].get("parameterValue", "0").lower() in ("0", "off")
    assert found["require_secure_transport"]["isModifiable"]


def public_key(key):
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


def test_key_pairs_are_of_rsa_or_ed25519(cloud):
    client = cloud.client()
    client.import_key_pair(keyPairName="rsa", publicKeyBase64=public_key(rsa.generate_private_key(65537, 2048)))
    client.import_key_pair(keyPairName="ed25519", publicKeyBase64=public_key(ed25519.Ed25519PrivateKey.generate()))
    for other in (ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP521R1())):
        code, text = refused(client.import_key_pair, keyPairName="other", publicKeyBase64=public_key(other))
        assert code == "InvalidInputException" and "RSA or ED25519" in text
    assert {pair["name"] for pair in client.get_key_pairs()["keyPairs"]} == {"rsa", "ed25519"}


def test_the_error_of_the_service_itself_is_status_500_and_is_tried_again(cloud):
    cloud.fault("GetInstances", "ServiceException")
    with pytest.raises(ClientError) as caught:
        cloud.client().get_instances()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    cloud.fault("GetInstances", "ServiceException")
    assert cloud.client(config=None).get_instances()["ResponseMetadata"]["RetryAttempts"] == 1


def test_an_error_names_its_class_in_the_header_too(cloud):
    """Lightsail's errors have a member `code`, which is another thing; some SDKs look there when the header is missing."""
    with pytest.raises(ClientError) as caught:
        cloud.client().get_instance(instanceName="nobody")
    metadata = caught.value.response["ResponseMetadata"]
    assert metadata["HTTPHeaders"]["x-amzn-errortype"] == "NotFoundException"
    assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"]
