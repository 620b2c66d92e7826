# SPDX-License-Identifier: GPL-3.0-or-later
"""What each changing call of instances, addresses, keys, snapshots and databases returns: how many records, of what, in which state."""

from __future__ import annotations

import pytest

from .helpers import database, instance_state, make_database, make_instances

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHaSw601QLuAPAILOu5mzYiHEjI06gxucUPArdc/9DHt"
ZONE = "eu-central-1a"
# Present in every record; the others only where there is something to say.
ALWAYS = set("id resourceName resourceType createdAt location isTerminal operationType status statusChangedAt".split())


class World:
    def __init__(self, cloud):
        self.cloud, self.client = cloud, cloud.client()

    def __getattr__(self, operation):
        """Calls it; returns (shape, [(type, resource type, name, details, status, zone)])."""

        def call(**request):
            answer = getattr(self.client, operation)(**request)
            single = "operation" in answer
            records = [answer["operation"]] if single else answer["operations"]
            for record in records:
                assert ALWAYS <= set(record) <= ALWAYS | {"operationDetails"}
                assert record["isTerminal"] is (record["status"] == "Succeeded")
                assert record["location"]["regionName"] == self.cloud.region
                again = self.client.get_operation(operationId=record["id"])["operation"]
                assert again["id"] == record["id"] and set(again) == set(record)
            names = ("operationType", "resourceType", "resourceName", "operationDetails", "status")
            rows = [(*(record.get(name) for name in names), record["location"]["availabilityZone"]) for record in records]
            return "one" if single else "list", rows

        return call

    def settle(self):
        self.cloud.wait_until(lambda: not [task for task in self.cloud.daemon.cloud.engine.tasks if task["operations"]])
        for record in list(self.cloud.daemon.cloud.resources.values()):
            self.cloud.wait_until(lambda record=record: record.get("state") not in ("pending", "creating", "backing-up", "stopping"))


@pytest.fixture
def world(cloud):
    cloud.time_scale(0.0005)
    return World(cloud)


def test_instances(world, cloud):
    started = [("CreateInstance", "Instance", name, None, "Started", ZONE) for name in ("one", "two")]
    request = {"availabilityZone": ZONE, "blueprintId": "wordpress_ls_1_0", "bundleId": "small_3_0"}
    assert world.create_instances(instanceNames=["one", "two"], **request) == ("list", started)
    cloud.wait_until(lambda: instance_state(cloud, "one") == instance_state(cloud, "two") == "running")

    def row(type, status="Succeeded", details=None, name="one"):
        return (type, "Instance", name, details, status, ZONE)

    port = {"fromPort": 22, "toPort": 22, "protocol": "tcp"}
    for type, operation, options in (
        ("PutInstancePublicPorts", world.put_instance_public_ports, {"portInfos": [port]}),
        ("OpenInstancePublicPorts", world.open_instance_public_ports, {"portInfo": port}),
        ("CloseInstancePublicPorts", world.close_instance_public_ports, {"portInfo": port}),
    ):
        assert operation(instanceName="one", **options) == ("one", [row(type, details="22/tcp")])
    assert world.update_instance_metadata_options(instanceName="one", httpTokens="required") == ("one", [row("UpdateInstanceMetadataOptions")])
    assert world.delete_known_host_keys(instanceName="one") == ("list", [row("DeleteKnownHostKeys")])
    assert world.reboot_instance(instanceName="one") == ("list", [row("RebootInstance", details="")])
    assert world.stop_instance(instanceName="one") == ("list", [row("StopInstance", "Started", details="")])
    cloud.wait_until(lambda: instance_state(cloud, "one") == "stopped")
    assert world.start_instance(instanceName="one") == ("list", [row("StartInstance", "Started", details="")])
    cloud.wait_until(lambda: instance_state(cloud, "one") == "running")
    world.enable_add_on(resourceName="one", addOnRequest={"addOnType": "AutoSnapshot"})
    assert world.delete_instance(instanceName="one", forceDeleteAddOns=True) == ("list", [row("DeleteInstance")])
    assert world.delete_instance(instanceName="two") == ("list", [row("DeleteInstance", name="two")])


def test_addresses(world, cloud):
    make_instances(cloud, "one")

    def row(type):
        return (type, "StaticIp", "ip", None, "Succeeded", "all")

    def pair(type):
        return [(type, "StaticIp", "ip", "one", "Succeeded", "all"), (type, "Instance", "one", "ip", "Succeeded", ZONE)]

    assert world.allocate_static_ip(staticIpName="ip") == ("list", [row("AllocateStaticIp")])
    assert world.attach_static_ip(staticIpName="ip", instanceName="one") == ("list", pair("AttachStaticIp"))
    assert world.detach_static_ip(staticIpName="ip") == ("list", pair("DetachStaticIp"))
    world.attach_static_ip(staticIpName="ip", instanceName="one")
    assert world.release_static_ip(staticIpName="ip") == ("list", [row("ReleaseStaticIp")])  # and no record of a detachment


def test_keys(world):
    for type, call in (
        ("CreateKeyPair", lambda: world.create_key_pair(keyPairName="key")),
        ("DeleteKeyPair", lambda: world.delete_key_pair(keyPairName="key")),
        ("ImportKeyPair", lambda: world.import_key_pair(keyPairName="key", publicKeyBase64=KEY)),
    ):
        assert call() == ("one", [(type, "KeyPair", "key", None, "Succeeded", "all")])


def test_snapshots_of_instances(world, cloud):
    make_instances(cloud, "one")
    assert world.create_instance_snapshot(instanceSnapshotName="snap", instanceName="one") == (
        "list",
        [
            ("CreateInstanceSnapshot", "InstanceSnapshot", "snap", "one", "Started", "all"),
            ("CreateInstanceSnapshot", "Instance", "one", "snap", "Started", ZONE),
        ],
    )
    world.settle()
    assert world.copy_snapshot(sourceSnapshotName="snap", sourceRegion=cloud.region, targetSnapshotName="copy") == (
        "list",
        [("CopySnapshot", "InstanceSnapshot", "copy", "eu-central-1:snap", "Started", "all")],
    )
    request = {"instanceSnapshotName": "snap", "availabilityZone": "eu-central-1b", "bundleId": "small_3_0"}
    assert world.create_instances_from_snapshot(instanceNames=["two", "three"], **request) == (
        "list",
        [("CreateInstancesFromSnapshot", "Instance", name, None, "Started", "eu-central-1b") for name in ("two", "three")],
    )
    world.settle()
    assert world.delete_instance_snapshot(instanceSnapshotName="snap") == (
        "list",
        [("DeleteInstanceSnapshot", "InstanceSnapshot", "snap", None, "Succeeded", "all")],
    )


def test_databases(world, cloud):
    def row(type, name="db", details=None, status="Started", kind="RelationalDatabase", zone=ZONE):
        return (type, kind, name, details, status, zone)

    def snapshot(name, status="Started"):
        return row("CreateRelationalDatabaseSnapshot", name, "db", kind="RelationalDatabaseSnapshot", zone="all", status=status)

    def of_database(name):
        return row("CreateRelationalDatabaseSnapshot", details=name)

    request = {
        "relationalDatabaseBlueprintId": "mysql_8_0",
        "relationalDatabaseBundleId": "micro_2_0",
        "masterDatabaseName": "wordpress",
        "masterUsername": "dbmasteruser",
    }
    assert world.create_relational_database(relationalDatabaseName="db", **request) == ("list", [row("CreateRelationalDatabase")])

    def then(call, *rows, state="available"):
        cloud.wait_until(lambda: database(cloud)["state"] in ("available", "stopped"))
        assert call(relationalDatabaseName="db") == ("list", list(rows))
        cloud.wait_until(lambda: database(cloud)["state"] == state)

    def with_(operation, **options):
        return lambda **name: operation(**name, **options)

    then(with_(world.update_relational_database, publiclyAccessible=True), row("UpdateRelationalDatabase"))
    items = [{"parameterName": "max_connections", "parameterValue": "50", "applyMethod": "immediate"}]
    then(with_(world.update_relational_database_parameters, parameters=items), row("UpdateRelationalDatabaseParameters", status="Succeeded"))
    then(world.reboot_relational_database, row("RebootRelationalDatabase", details=""))
    then(world.stop_relational_database, row("StopRelationalDatabase"), state="stopped")
    then(world.start_relational_database, row("StartRelationalDatabase"))
    take = with_(world.create_relational_database_snapshot, relationalDatabaseSnapshotName="snap")
    then(take, snapshot("snap"), of_database("snap"))
    world.settle()
    assert world.create_relational_database_from_snapshot(relationalDatabaseName="two", relationalDatabaseSnapshotName="snap") == (
        "list",
        [row("CreateRelationalDatabaseFromSnapshot", "two")],
    )
    assert world.delete_relational_database_snapshot(relationalDatabaseSnapshotName="snap") == (
        "list",
        [row("DeleteRelationalDatabaseSnapshot", "snap", status="Succeeded", kind="RelationalDatabaseSnapshot", zone="all")],
    )
    assert world.delete_relational_database(relationalDatabaseName="db", finalRelationalDatabaseSnapshotName="last") == (
        "list",
        [row("DeleteRelationalDatabase"), of_database("last"), snapshot("last")],
    )
    make_database(cloud, "three")
    assert world.delete_relational_database(relationalDatabaseName="three", skipFinalSnapshot=True) == (
        "list",
        [row("DeleteRelationalDatabase", "three")],
    )
