# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers compared with the sample outputs in the AWS CLI's documentation: which members are there, which records of operations.

samples.json has the samples reduced to that. One story makes all the calls that have a sample; each is a test of its own.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from .helpers import database, instance_state, load_balancer, make_database, make_instances, make_load_balancer, make_zone

SAMPLES = json.loads((Path(__file__).parent / "samples.json").read_text())

# Members that the model has and the samples, most of them of 2019, do not yet. All else that a sample lacks is surplus.
NEWER = {
    "ipAddressType", "ipv6Addresses", "metadataOptions", "addOns", "cidrs", "ipv6Cidrs", "cidrListAliases", "httpsRedirectionEnabled",
    "tlsPolicyName", "HttpsRedirectionEnabled", "TlsPolicyName", "dnsRecordCreationState", "caCertificateIdentifier",
    "publiclyAccessible", "instanceHealthReason", "expiresAt", "nextSnapshotTimeOfDay", "publicIpv4AddressCount",
}  # fmt: skip

# Their records have no details in the samples; in answers of 2026 these are there and empty.
EMPTY_DETAILS = {"StartInstance", "StopInstance"}

# Members that are there in some states only, and the samples show others: of a page that is not the last, of a pending snapshot, of
# one of an instance's system disk, of a database with backups.
AT_TIMES = {"nextPageToken", "progress", "fromInstanceName", "fromInstanceArn", "latestRestorableTime"}

# The samples were of instances without other disks.
OF_ATTACHED_DISKS = {"exportSnapshotRecords[].sourceInfo.instanceSnapshotInfo.fromDiskInfo[].name"}


def paths(value: Any, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return set().union(*(paths(item, f"{path}.{key}" if path else key) for key, item in value.items()))
    if path.endswith("tags"):
        return {path}  # what is in them is the owner's
    if isinstance(value, list):
        return set().union(*(paths(item, path + "[]") for item in value)) if value else {path + "[]"}
    return {path}


class Seen:
    """What came back, by the CLI's names of the operations."""

    def __init__(self) -> None:
        self.members: dict[str, set[str]] = {}
        self.records: dict[str, list[list[str]]] = {}

    def note(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if "Error" in parsed:
            return
        name = xform_name(model.name, "-")
        answer = {key: value for key, value in parsed.items() if key != "ResponseMetadata"}
        self.members.setdefault(name, set()).update(paths(answer))
        operations = answer.get("operations") or ([answer["operation"]] if "operation" in answer else [])
        for item in operations:
            row = [item["operationType"], item["resourceType"], item["status"], "details" if "operationDetails" in item else ""]
            row.append("all" if item["location"]["availabilityZone"] == "all" else "zone")
            if row not in self.records.setdefault(name, []):
                self.records[name].append(row)


@pytest.fixture(scope="module")
def seen(_local_cloud):
    """The story, told once."""
    cloud = _local_cloud
    cloud.admin("reset")
    told = Seen()
    made = cloud.client

    def client(*arguments, **options):
        one = made(*arguments, **options)
        one.meta.events.register("after-call", told.note)
        return one

    cloud.client = client
    try:
        tell(cloud)
    finally:
        cloud.client = made
        cloud.daemon.clock.scale = 0.001
    return told


def tell(cloud):
    client = cloud.client()
    wait = cloud.wait_until
    client.get_blueprints()
    client.get_bundles()
    client.get_regions()
    instances_and_disks(cloud, client, wait)
    databases(cloud, client, wait)
    front(cloud, client, wait)
    # Everything is read while it is there; now it goes.
    client.reboot_instance(instanceName="web")
    client.stop_instance(instanceName="web")
    wait(lambda: instance_state(cloud, "web") == "stopped")
    client.start_instance(instanceName="web")
    wait(lambda: instance_state(cloud, "web") == "running")
    client.detach_static_ip(staticIpName="ip")
    client.release_static_ip(staticIpName="ip")
    client.delete_known_host_keys(instanceName="web")
    client.delete_instance(instanceName="web")
    client.delete_instance_snapshot(instanceSnapshotName="web-1")
    client.delete_disk_snapshot(diskSnapshotName="data-1")
    client.delete_disk(diskName="data-2")
    client.delete_key_pair(keyPairName="owner")


def instances_and_disks(cloud, client, wait):
    client.create_key_pair(keyPairName="owner")
    make_instances(cloud, "web", keyPairName="owner")
    client.allocate_static_ip(staticIpName="free")
    client.get_static_ip(staticIpName="free")
    client.allocate_static_ip(staticIpName="ip")
    client.attach_static_ip(staticIpName="ip", instanceName="web")
    port = {"fromPort": 8080, "toPort": 8080, "protocol": "tcp"}
    client.open_instance_public_ports(instanceName="web", portInfo=port)
    client.close_instance_public_ports(instanceName="web", portInfo=port)
    client.get_instance(instanceName="web")
    client.create_disk(diskName="data", availabilityZone="eu-central-1a", sizeInGb=8)
    wait(lambda: client.get_disks()["disks"][0]["state"] == "available")
    client.attach_disk(diskName="data", instanceName="web", diskPath="/dev/xvdf")
    wait(lambda: client.get_disk(diskName="data")["disk"]["isAttached"])
    client.get_disks()
    client.create_disk_snapshot(diskName="data", diskSnapshotName="data-1")
    client.create_disk_snapshot(instanceName="web", diskSnapshotName="system-1")
    wait(lambda: all(item["state"] == "completed" for item in client.get_disk_snapshots()["diskSnapshots"]))
    client.create_disk_from_snapshot(diskName="data-2", diskSnapshotName="data-1", availabilityZone="eu-central-1a", sizeInGb=32)
    client.get_disk_snapshot(diskSnapshotName="data-1")
    wait(lambda: client.get_disk(diskName="data-2")["disk"]["state"] == "available")
    client.create_instance_snapshot(instanceName="web", instanceSnapshotName="web-1", tags=[{"key": "no_delete"}])
    wait(lambda: client.get_instance_snapshots()["instanceSnapshots"][0]["state"] == "available")
    client.get_instance_snapshot(instanceSnapshotName="web-1")
    client.create_instances_from_snapshot(
        instanceNames=["web-2"], instanceSnapshotName="web-1", availabilityZone="eu-central-1b", bundleId="small_3_0"
    )
    cloud.client(region="eu-west-1").copy_snapshot(sourceSnapshotName="web-1", sourceRegion="eu-central-1", targetSnapshotName="copy")
    exports(client, wait)
    automatic(cloud, client, wait)
    wait(lambda: client.get_instance_access_details(instanceName="web")["accessDetails"].get("hostKeys"))
    for call in ("get_instances", "get_key_pairs", "get_static_ips", "get_active_names"):
        getattr(client, call)()
    client.get_key_pair(keyPairName="owner")
    client.get_instance_port_states(instanceName="web")
    hour = {"startTime": time.time() - 3600, "endTime": time.time() + 300, "period": 300}
    client.get_instance_metric_data(instanceName="web", metricName="StatusCheckFailed", unit="Count", statistics=["Average"], **hour)


def exports(client, wait):
    client.export_snapshot(sourceSnapshotName="web-1")
    done = wait(lambda: [item for item in client.get_export_snapshot_records()["exportSnapshotRecords"] if item["state"] == "Succeeded"])
    entry = {"sourceName": done[0]["name"], "instanceType": "t3.small", "portInfoSource": "INSTANCE", "availabilityZone": "eu-central-1a"}
    client.create_cloud_formation_stack(instances=[entry])
    wait(lambda: client.get_cloud_formation_stack_records()["cloudFormationStackRecords"][0]["state"] == "Succeeded")


def automatic(cloud, client, wait):
    cloud.time_scale(1e-6)  # a day of a second
    client.enable_add_on(resourceName="web", addOnRequest={"addOnType": "AutoSnapshot"})
    wait(lambda: [item for item in client.get_auto_snapshots(resourceName="web")["autoSnapshots"] if item["status"] == "Success"])
    client.disable_add_on(resourceName="web", addOnType="AutoSnapshot")
    wait(lambda: all(item["status"] == "Success" for item in client.get_auto_snapshots(resourceName="web")["autoSnapshots"]))
    cloud.time_scale(0.001)
    date = client.get_auto_snapshots(resourceName="web")["autoSnapshots"][0]["date"]
    client.delete_auto_snapshot(resourceName="web", date=date)


def databases(cloud, client, wait):
    make_database(cloud)
    name = {"relationalDatabaseName": "db"}
    client.create_relational_database_snapshot(relationalDatabaseSnapshotName="db-1", **name)
    wait(lambda: client.get_relational_database_snapshots()["relationalDatabaseSnapshots"][0]["state"] == "available")
    client.get_relational_database_snapshot(relationalDatabaseSnapshotName="db-1")
    wait(lambda: database(cloud)["state"] == "available")
    client.create_relational_database_from_snapshot(
        relationalDatabaseName="db-2", relationalDatabaseSnapshotName="db-1", relationalDatabaseBundleId="micro_2_0"
    )
    wait(lambda: database(cloud, "db-2")["state"] == "available")
    client.reboot_relational_database(**name)
    wait(lambda: database(cloud)["state"] == "available")
    client.stop_relational_database(**name)
    wait(lambda: database(cloud)["state"] == "stopped")
    client.start_relational_database(**name)
    wait(lambda: database(cloud)["state"] == "available")
    client.get_relational_databases()
    client.get_relational_database_master_user_password(**name)
    client.get_relational_database_log_streams(**name)
    client.get_relational_database_events(**name)
    client.get_relational_database_parameters(**name)
    client.get_relational_database_blueprints()
    client.get_relational_database_bundles()
    client.delete_relational_database_snapshot(relationalDatabaseSnapshotName="db-1")
    client.delete_relational_database(finalRelationalDatabaseSnapshotName="db-last", **name)


def front(cloud, client, wait):
    make_zone(cloud, "shop.example")
    zones = cloud.client(region="us-east-1")
    entry = {"name": "www.shop.example", "type": "A", "target": "192.0.2.1"}
    zones.create_domain_entry(domainName="shop.example", domainEntry=entry)
    zones.get_domain(domainName="shop.example")
    zones.get_domains()
    zones.delete_domain_entry(domainName="shop.example", domainEntry=entry)
    make_load_balancer(cloud, certificateName="tls", certificateDomainName="shop.example")
    client.create_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="tls-2", certificateDomainName="shop.example")
    client.attach_instances_to_load_balancer(loadBalancerName="lb", instanceNames=["web"])
    shown = wait(lambda: certificates(client)[0].get("domainValidationRecords"))
    for record in shown:
        if record.get("name"):
            target = {"name": record["name"].rstrip("."), "type": "CNAME", "target": record["value"]}
            if not any(item["name"] == target["name"] for item in zones.get_domain(domainName="shop.example")["domain"]["domainEntries"]):
                zones.create_domain_entry(domainName="shop.example", domainEntry=target)
    wait(lambda: all(item["status"] == "ISSUED" for item in certificates(client)))
    client.attach_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="tls")
    wait(lambda: certificates(client)[0]["isAttached"])
    wait(lambda: load_balancer(cloud)["instanceHealthSummary"][0]["instanceHealth"] == "healthy")
    client.get_load_balancers()
    client.delete_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="tls-2")
    wait(lambda: len(certificates(client)) == 1)
    client.delete_load_balancer(loadBalancerName="lb")
    zones.delete_domain(domainName="shop.example")


def certificates(client):
    return client.get_load_balancer_tls_certificates(loadBalancerName="lb")["tlsCertificates"]


@pytest.mark.parametrize("name", sorted(SAMPLES["records"]))
def test_records_of_operations(seen, name):
    wanted = [[kind, *rest[:2], "details" if kind in EMPTY_DETAILS else rest[2], *rest[3:]] for kind, *rest in SAMPLES["records"][name]]
    assert sorted(seen.records[name]) == sorted(wanted)


# Nothing is known of it here: no data point, no line of a log.
UNMEASURED = {"get-relational-database-metric-data", "get-relational-database-log-events"}


@pytest.mark.parametrize("name", sorted(set(SAMPLES["read"]) - UNMEASURED))
def test_members_of_answers(seen, name):
    sample, ours = set(SAMPLES["read"][name]), seen.members[name]
    # An empty list says that there is a list, not what would be in it.
    empty = {path for path in sample | ours if path.endswith("[]")}
    filled = {path for path in empty if any(other.startswith(path + ".") for other in sample | ours)}
    missing = {path for path in sample - ours if path not in filled}
    # Where a sample's list is empty, ours may have something, whose members the model has checked.
    more = {path for path in ours if any(path.startswith(other + ".") for other in empty & sample)} | OF_ATTACHED_DISKS
    surplus = {path for path in ours - sample - more if path not in filled and not set(path.replace("[]", "").split(".")) & (NEWER | AT_TIMES)}
    assert (missing, surplus) == (set(), set())
