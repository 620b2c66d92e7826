# SPDX-License-Identifier: GPL-3.0-or-later
"""Automatic snapshots, copies, and what the two share with manual ones."""

from __future__ import annotations

import datetime

import pytest
from botocore.exceptions import ClientError

from .helpers import instance_state, make_instances


def wait_snapshot(cloud, name, region=None):
    client = cloud.client(region=region)
    cloud.wait_until(lambda: client.get_instance_snapshot(instanceSnapshotName=name)["instanceSnapshot"]["state"] == "available")
    return client.get_instance_snapshot(instanceSnapshotName=name)["instanceSnapshot"]


def make_snapshot(cloud, name="golden", source="one"):
    cloud.client().create_instance_snapshot(instanceSnapshotName=name, instanceName=source)
    return wait_snapshot(cloud, name)


def automatic(cloud, name="one", status="Success"):
    found = cloud.client().get_auto_snapshots(resourceName=name)["autoSnapshots"]
    return [item for item in found if status in (None, item["status"])]


def switch_on(cloud, name="one", days=1, scale=1e-6):
    """As many days as asked, each of a second at least: the cloud takes one a day."""
    cloud.time_scale(scale)
    cloud.client().enable_add_on(resourceName=name, addOnRequest={"addOnType": "AutoSnapshot"})
    cloud.wait_until(lambda: len(automatic(cloud, name)) >= days)


def switch_off(cloud, name="one"):
    client = cloud.client()
    client.disable_add_on(resourceName=name, addOnType="AutoSnapshot")
    cloud.wait_until(lambda: not automatic(cloud, name, "InProgress"))
    cloud.wait_until(lambda: "addOns" not in client.get_instance(instanceName=name)["instance"])


def plane(cloud):
    """The disks that the data plane keeps."""
    return cloud.daemon.cloud.data_plane.snapshots


def test_one_a_day_each_with_a_date_of_its_own(cloud):
    make_instances(cloud, "one")
    assert automatic(cloud) == []
    switch_on(cloud, days=2)
    switch_off(cloud)
    taken = cloud.client().get_auto_snapshots(resourceName="one")
    assert (taken["resourceName"], taken["resourceType"]) == ("one", "Instance")
    dates = [datetime.date.fromisoformat(item["date"]) for item in taken["autoSnapshots"]]
    assert dates == sorted(set(dates), reverse=True) and len(dates) >= 2
    assert {frozenset(item) for item in taken["autoSnapshots"]} == {frozenset({"date", "createdAt", "status", "fromAttachedDisks"})}
    kept = len(automatic(cloud))
    cloud.wait_until(lambda: not [t for t in cloud.daemon.cloud.engine.tasks if t["kind"] == "auto_snapshot.wait"])
    assert len(automatic(cloud)) == kept  # those that were taken stay, and no further one is


def test_the_first_one_comes_when_its_hour_comes(cloud):
    make_instances(cloud, "one")
    cloud.time_scale(0.001)
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=12)
    request = {"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": f"{later.hour:02}:00"}}
    cloud.client().enable_add_on(resourceName="one", addOnRequest=request)
    (wait,) = [task for task in cloud.daemon.cloud.engine.tasks if task["kind"] == "auto_snapshot.wait"]
    assert 11 * 3.6 < wait["resource_due"] - cloud.daemon.clock.now() < 12 * 3.6


def test_the_newest_seven_are_kept(cloud):
    from lightsail_local.control import auto_snapshot

    make_instances(cloud, "one")
    inner = cloud.daemon.cloud
    for number in range(9):
        with inner.lock:
            auto_snapshot._take(inner, inner.find("Instance", cloud.region, "one"))
        cloud.wait_until(lambda: not automatic(cloud, status="InProgress"))
        assert len(automatic(cloud)) == min(7, number + 1)
    cloud.wait_until(lambda: len(plane(cloud)) == 7)


def test_a_manual_snapshot_waits_for_an_automatic_one(cloud):
    from lightsail_local.control import auto_snapshot

    make_instances(cloud, "one")
    cloud.time_scale(0.01)
    inner = cloud.daemon.cloud
    with inner.lock:
        auto_snapshot._take(inner, inner.find("Instance", cloud.region, "one"))
    client = cloud.client()
    with pytest.raises(ClientError, match="before trying again"):
        client.create_instance_snapshot(instanceSnapshotName="golden", instanceName="one")
    with pytest.raises(ClientError, match="being taken"):
        client.delete_auto_snapshot(resourceName="one", date=automatic(cloud, status=None)[0]["date"])
    cloud.wait_until(lambda: automatic(cloud))
    make_snapshot(cloud)


def test_delete_one_and_all_with_the_instance(cloud):
    make_instances(cloud, "one")
    switch_on(cloud, days=2)
    switch_off(cloud)
    client = cloud.client()
    newest = automatic(cloud)[0]["date"]
    operation = client.delete_auto_snapshot(resourceName="one", date=newest)["operations"][0]
    assert (operation["status"], operation["operationType"], operation["operationDetails"]) == (
        "Succeeded",
        "DeleteAutoSnapshot",
        f"DeleteAutoSnapshot-{newest}",
    )
    assert newest not in [item["date"] for item in automatic(cloud)]
    for name, date in (("one", newest), ("two", newest)):
        with pytest.raises(ClientError, match="does not exist"):
            client.delete_auto_snapshot(resourceName=name, date=date)
    client.delete_instance(instanceName="one")
    cloud.wait_until(lambda: plane(cloud) == set())


def test_a_copy_of_an_automatic_one_is_kept(cloud):
    make_instances(cloud, "one")
    switch_on(cloud)
    switch_off(cloud)
    client = cloud.client()
    oldest = automatic(cloud)[-1]["date"]
    operations = client.copy_snapshot(
        sourceResourceName="one", restoreDate=oldest, sourceRegion=cloud.region, targetSnapshotName="kept"
    )["operations"]
    assert [(item["operationType"], item["resourceType"], item["resourceName"], item["operationDetails"]) for item in operations] == [
        ("CopySnapshot", "InstanceSnapshot", "kept", "eu-central-1:one")
    ]
    kept = wait_snapshot(cloud, "kept")
    assert kept["isFromAutoSnapshot"] is True and kept["fromInstanceName"] == "one"
    client.delete_instance(instanceName="one")
    cloud.wait_until(lambda: len(plane(cloud)) == 1)  # the copy needs it
    client.create_instances_from_snapshot(
        instanceNames=["two"], availabilityZone="eu-central-1b", bundleId="small_3_0", instanceSnapshotName="kept"
    )
    cloud.wait_until(lambda: instance_state(cloud, "two") == "running")
    client.delete_instance_snapshot(instanceSnapshotName="kept")
    cloud.wait_until(lambda: plane(cloud) == set())


def test_an_instance_from_an_automatic_one(cloud):
    make_instances(cloud, "one")
    switch_on(cloud)
    switch_off(cloud)
    client = cloud.client()
    arguments = {"availabilityZone": "eu-central-1b", "bundleId": "small_3_0", "sourceInstanceName": "one"}
    client.create_instances_from_snapshot(instanceNames=["latest"], useLatestRestorableAutoSnapshot=True, **arguments)
    client.create_instances_from_snapshot(instanceNames=["dated"], restoreDate=automatic(cloud)[0]["date"], **arguments)
    cloud.wait_until(lambda: instance_state(cloud, "latest") == instance_state(cloud, "dated") == "running")
    for wrong, text in (
        ({}, "exactly one"),
        ({"restoreDate": "2020-01-01", "useLatestRestorableAutoSnapshot": True}, "exactly one"),
        ({"restoreDate": "2020-01-01"}, "does not exist: one 2020-01-01"),
        ({"restoreDate": "yesterday"}, "is not valid"),
        ({"useLatestRestorableAutoSnapshot": True, "bundleId": "nano_3_0"}, "needs at least 60 GB"),
        ({"instanceSnapshotName": "golden"}, "exactly one of the two"),
    ):
        with pytest.raises(ClientError, match=text):
            client.create_instances_from_snapshot(instanceNames=["no"], **{**arguments, **wrong})


def test_copy_to_another_region(cloud):
    make_instances(cloud, "one")
    source = make_snapshot(cloud)
    cloud.time_scale(0.002)
    there = cloud.client(region="us-west-2")
    operation = there.copy_snapshot(sourceSnapshotName="golden", sourceRegion=cloud.region, targetSnapshotName="golden")["operations"][0]
    assert (operation["status"], operation["operationDetails"]) == ("Started", "eu-central-1:golden")
    assert operation["location"] == {"availabilityZone": "all", "regionName": "us-west-2"}
    pending = there.get_instance_snapshot(instanceSnapshotName="golden")["instanceSnapshot"]
    assert pending["state"] == "pending" and pending["progress"].endswith("%")
    with pytest.raises(ClientError, match="already in use"):
        there.copy_snapshot(sourceSnapshotName="golden", sourceRegion=cloud.region, targetSnapshotName="golden")
    copy = wait_snapshot(cloud, "golden", "us-west-2")
    assert copy["location"]["regionName"] == "us-west-2" and copy["arn"] != source["arn"] and ":us-west-2:" in copy["arn"]
    assert {key: copy[key] for key in ("fromInstanceName", "fromInstanceArn", "fromBundleId", "sizeInGb")} == {
        key: source[key] for key in ("fromInstanceName", "fromInstanceArn", "fromBundleId", "sizeInGb")
    }
    cloud.client().delete_instance_snapshot(instanceSnapshotName="golden")
    there.create_instances_from_snapshot(
        instanceNames=["far"], availabilityZone="us-west-2a", bundleId="small_3_0", instanceSnapshotName="golden"
    )
    cloud.wait_until(lambda: there.get_instance_state(instanceName="far")["state"]["name"] == "running")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "exactly one of the two"),
        ({"sourceSnapshotName": "golden", "sourceResourceName": "one"}, "exactly one of the two"),
        ({"sourceSnapshotName": "golden", "restoreDate": "2026-11-24"}, "go with sourceResourceName"),
        ({"sourceSnapshotName": "nothing"}, "The Snapshot does not exist: nothing"),
        ({"sourceResourceName": "nothing", "useLatestRestorableAutoSnapshot": True}, "The Resource does not exist: nothing"),
        ({"sourceResourceName": "one", "useLatestRestorableAutoSnapshot": True}, "The AutoSnapshot does not exist: one latest"),
    ],
)
def test_copy_refuses(cloud, options, text):
    make_instances(cloud, "one")
    make_snapshot(cloud)
    with pytest.raises(ClientError, match=text):
        cloud.client().copy_snapshot(sourceRegion=cloud.region, targetSnapshotName="copy", **options)


def test_disks_have_automatic_snapshots_and_copies_too(cloud):
    client = cloud.client()
    client.create_disk(diskName="one", availabilityZone="eu-central-1a", sizeInGb=32)
    cloud.wait_until(lambda: client.get_disk(diskName="one")["disk"]["state"] == "available")
    switch_on(cloud)
    client.copy_snapshot(
        sourceResourceName="one", useLatestRestorableAutoSnapshot=True, sourceRegion=cloud.region, targetSnapshotName="kept"
    )
    cloud.wait_until(lambda: client.get_disk_snapshot(diskSnapshotName="kept")["diskSnapshot"]["state"] == "completed")
    assert client.get_disk_snapshot(diskSnapshotName="kept")["diskSnapshot"]["isFromAutoSnapshot"] is True
    arguments = {"availabilityZone": "eu-central-1b", "sizeInGb": 32, "sourceDiskName": "one"}
    client.create_disk_from_snapshot(diskName="two", useLatestRestorableAutoSnapshot=True, **arguments)
    cloud.wait_until(lambda: client.get_disk(diskName="two")["disk"]["state"] == "available")
    client.delete_disk(diskName="one", forceDeleteAddOns=True)
    with pytest.raises(ClientError, match="does not exist"):
        client.get_auto_snapshots(resourceName="one")


def test_attached_disks_are_in_the_snapshot_and_come_with_the_instance(cloud):
    make_instances(cloud, "one")
    client = cloud.client()
    for name, path in (("data", "/dev/xvdf"), ("logs", "/dev/xvdg")):
        client.create_disk(diskName=name, availabilityZone="eu-central-1a", sizeInGb=32)
        cloud.wait_until(lambda name=name: client.get_disk(diskName=name)["disk"]["state"] == "available")
        client.attach_disk(diskName=name, instanceName="one", diskPath=path)
        cloud.wait_until(lambda name=name: client.get_disk(diskName=name)["disk"]["isAttached"])
    snapshot = make_snapshot(cloud)
    assert [(disk["path"], disk["sizeInGb"]) for disk in snapshot["fromAttachedDisks"]] == [("/dev/xvdf", 32), ("/dev/xvdg", 32)]
    assert len(plane(cloud)) == 3

    arguments = {"availabilityZone": "eu-central-1b", "bundleId": "small_3_0", "instanceSnapshotName": "golden"}
    for mapping, text in (
        ({"two": [{"originalDiskPath": "/dev/xvdz", "newDiskName": "new"}]}, "no disk with the path /dev/xvdz"),
        ({"three": [{"originalDiskPath": "/dev/xvdf", "newDiskName": "new"}]}, "not one of instanceNames"),
        ({"two": [{"originalDiskPath": "/dev/xvdf", "newDiskName": "data"}]}, "already in use: data"),
    ):
        with pytest.raises(ClientError, match=text):
            client.create_instances_from_snapshot(instanceNames=["two"], attachedDiskMapping=mapping, **arguments)
    mapping = {"two": [{"originalDiskPath": "/dev/xvdf", "newDiskName": "new-data"}]}
    client.create_instances_from_snapshot(instanceNames=["two"], attachedDiskMapping=mapping, **arguments)
    cloud.wait_until(lambda: instance_state(cloud, "two") == "running")
    for name, path in (("new-data", "/dev/xvdf"), ("two-logs", "/dev/xvdg")):
        cloud.wait_until(lambda name=name: client.get_disk(diskName=name)["disk"]["isAttached"])
        disk = client.get_disk(diskName=name)["disk"]
        assert (disk["attachedTo"], disk["path"], disk["location"]["availabilityZone"]) == ("two", path, "eu-central-1b")
    client.delete_instance_snapshot(instanceSnapshotName="golden")
    cloud.wait_until(lambda: plane(cloud) == set())


def test_attached_disks_are_in_automatic_snapshots(cloud):
    make_instances(cloud, "one")
    client = cloud.client()
    client.create_disk(diskName="data", availabilityZone="eu-central-1a", sizeInGb=32)
    cloud.wait_until(lambda: client.get_disk(diskName="data")["disk"]["state"] == "available")
    client.attach_disk(diskName="data", instanceName="one", diskPath="/dev/xvdf")
    cloud.wait_until(lambda: client.get_disk(diskName="data")["disk"]["isAttached"])
    switch_on(cloud)
    switch_off(cloud)
    assert automatic(cloud)[0]["fromAttachedDisks"] == [{"path": "/dev/xvdf", "sizeInGb": 32}]
    client.delete_instance(instanceName="one")
    cloud.wait_until(lambda: plane(cloud) == set())
