# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from .helpers import instance_state, make_instances

ZONE = "eu-central-1a"


def disk(cloud, name="data"):
    return cloud.client().get_disk(diskName=name)["disk"]


def make_disk(cloud, name="data", **options):
    arguments = {"availabilityZone": ZONE, "sizeInGb": 64, **options}
    made = cloud.client().create_disk(diskName=name, **arguments)
    cloud.wait_until(lambda: disk(cloud, name)["state"] == "available")
    return made


def attach(cloud, instance="web", name="data", path="/dev/xvdf"):
    made = cloud.client().attach_disk(diskName=name, instanceName=instance, diskPath=path)
    cloud.wait_until(lambda: disk(cloud, name)["isAttached"])
    return made


def stop(cloud, name):
    cloud.client().stop_instance(instanceName=name)
    cloud.wait_until(lambda: instance_state(cloud, name) == "stopped")


def records(answer):
    return [
        (item["operationType"], item["resourceType"], item["resourceName"], item.get("operationDetails"), item["status"])
        for item in answer["operations"]
    ]


def snapshot(cloud, name="data-1", **source):
    client = cloud.client()
    made = client.create_disk_snapshot(diskSnapshotName=name, **(source or {"diskName": "data"}))
    cloud.wait_until(lambda: client.get_disk_snapshot(diskSnapshotName=name)["diskSnapshot"]["state"] == "completed")
    return made


def test_a_disk_is_made_read_and_deleted(cloud):
    client = cloud.client()
    made = make_disk(cloud, tags=[{"key": "a", "value": "1"}])
    assert records(made) == [("CreateDisk", "Disk", "data", None, "Started")]
    assert made["operations"][0]["location"] == {"availabilityZone": ZONE, "regionName": "eu-central-1"}
    found = disk(cloud)
    # Member by member what the sample of get-disks has for a disk that is not attached.
    assert set(found) == {
        "name", "arn", "supportCode", "createdAt", "location", "resourceType", "tags", "sizeInGb", "isSystemDisk", "iops",
        "state", "isAttached", "attachmentState",
    }  # fmt: skip
    assert (found["iops"], found["attachmentState"], found["isAttached"]) == (192, "detached", False)
    assert client.get_disks()["disks"] == [found]
    assert records(client.delete_disk(diskName="data")) == [("DeleteDisk", "Disk", "data", None, "Succeeded")]
    with pytest.raises(client.exceptions.NotFoundException, match="The Disk does not exist: data"):
        client.get_disk(diskName="data")


def test_attaching_and_detaching(cloud):
    client = cloud.client()
    make_instances(cloud, "web")
    make_disk(cloud)
    made = attach(cloud)
    assert records(made) == [
        ("AttachDisk", "Disk", "data", "web", "Started"),
        ("AttachDisk", "Instance", "web", "data", "Started"),
    ]
    found = disk(cloud)
    assert (found["state"], found["attachedTo"], found["path"]) == ("in-use", "web", "/dev/xvdf")
    system, data = client.get_instance(instanceName="web")["instance"]["hardware"]["disks"]
    assert system["isSystemDisk"] and data == found
    (held,) = cloud.daemon.cloud.data_plane.disks.values()
    assert held["path"] == "/dev/xvdf"
    with pytest.raises(client.exceptions.OperationFailureException, match="target instance is stopped. The current state of your instance is: running"):
        client.detach_disk(diskName="data")
    stop(cloud, "web")
    assert [item[0] for item in records(client.detach_disk(diskName="data"))] == ["DetachDisk", "DetachDisk"]
    cloud.wait_until(lambda: disk(cloud)["state"] == "available")
    assert "attachedTo" not in disk(cloud) and "path" not in disk(cloud)
    with pytest.raises(
        client.exceptions.OperationFailureException,
        match="You can't detach this disk right now. The state of this disk is available",
    ):
        client.detach_disk(diskName="data")


@pytest.mark.parametrize("size", [7, 16_001])
def test_size_has_bounds(cloud, size):
    with pytest.raises(ClientError, match="between 8 and 16000 GB"):
        cloud.client().create_disk(diskName="data", availabilityZone=ZONE, sizeInGb=size)


def test_where_a_disk_may_be_attached(cloud):
    client = cloud.client()
    make_instances(cloud, "web")
    make_instances(cloud, "elsewhere", availabilityZone="eu-central-1b")
    make_disk(cloud)
    make_disk(cloud, "more")

    def refused(match, **arguments):
        with pytest.raises(ClientError, match=match):
            client.attach_disk(**{"diskName": "data", "instanceName": "web", "diskPath": "/dev/xvdf", **arguments})

    refused("same Availability Zone", instanceName="elsewhere")
    refused("The disk path xvdf is not valid", diskPath="xvdf")
    refused("/dev/xvda is not valid", diskPath="/dev/xvda")
    refused("The Instance does not exist: nobody", instanceName="nobody")
    refused("Research only", autoMounting=True)
    attach(cloud, name="more")
    refused("The disk path /dev/xvdf is in use on the instance web")
    refused("The state of this disk is in-use", diskName="more", diskPath="/dev/xvdg")
    cloud.admin("quota", name="disks_per_instance", value=1)
    refused("maximum of 1 disks", diskPath="/dev/xvdg")


def test_names_are_unique_across_types(cloud):
    make_disk(cloud)
    with pytest.raises(ClientError, match="Some names are already in use: data"):
        cloud.client().allocate_static_ip(staticIpName="data")
    with pytest.raises(ClientError, match="Some names are already in use: data"):
        cloud.client().create_disk_snapshot(diskName="data", diskSnapshotName="data")
    assert cloud.client().get_active_names()["activeNames"] == ["data"]


def test_a_disk_outlives_its_instance(cloud):
    client = cloud.client()
    make_instances(cloud, "web")
    make_disk(cloud)
    attach(cloud)
    assert records(client.delete_instance(instanceName="web")) == [
        ("DetachDisk", "Disk", "data", "web", "Started"),
        ("DetachDisk", "Instance", "web", "data", "Started"),
        ("DeleteInstance", "Instance", "web", None, "Succeeded"),
    ]
    cloud.wait_until(lambda: disk(cloud)["state"] == "available")
    assert not disk(cloud)["isAttached"]


def test_an_attached_disk_is_not_deleted(cloud):
    make_instances(cloud, "web")
    make_disk(cloud)
    attach(cloud)
    with pytest.raises(ClientError, match="You can't delete this disk right now"):
        cloud.client().delete_disk(diskName="data")


def test_add_ons_of_a_disk(cloud):
    client = cloud.client()
    make_disk(cloud)
    client.enable_add_on(
        resourceName="data",
        addOnRequest={"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "03:00"}},
    )
    cloud.wait_until(lambda: disk(cloud)["addOns"][0]["status"] == "Enabled")
    assert disk(cloud)["addOns"][0]["snapshotTimeOfDay"] == "03:00"
    with pytest.raises(ClientError, match="forceDeleteAddOns"):
        client.delete_disk(diskName="data")
    client.delete_disk(diskName="data", forceDeleteAddOns=True)


def test_snapshots_of_disks_and_of_system_disks(cloud):
    client = cloud.client()
    make_disk(cloud)
    make_instances(cloud, "web")
    assert records(snapshot(cloud)) == [
        ("CreateDiskSnapshot", "DiskSnapshot", "data-1", "data", "Started"),
        ("CreateDiskSnapshot", "Disk", "data", "data-1", "Started"),
    ]
    snapshot(cloud, "web-1", instanceName="web")
    of_disk, of_system = client.get_disk_snapshots()["diskSnapshots"]
    # Member by member what the sample of get-disk-snapshots has.
    assert set(of_disk) == {
        "name", "arn", "supportCode", "createdAt", "location", "resourceType", "tags", "sizeInGb", "state", "progress",
        "fromDiskName", "fromDiskArn", "isFromAutoSnapshot",
    }  # fmt: skip
    assert (of_disk["fromDiskName"], of_disk["sizeInGb"], of_disk["progress"]) == ("data", 64, "100%")
    assert (of_system["fromInstanceName"], of_system["sizeInGb"]) == ("web", 60)
    with pytest.raises(ClientError, match="either diskName or instanceName"):
        client.create_disk_snapshot(diskSnapshotName="both", diskName="data", instanceName="web")
    client.delete_disk(diskName="data")
    assert records(client.delete_disk_snapshot(diskSnapshotName="data-1")) == [
        ("DeleteDiskSnapshot", "DiskSnapshot", "data-1", None, "Succeeded")
    ]


def test_a_disk_from_a_snapshot(cloud):
    client = cloud.client()
    make_disk(cloud)
    snapshot(cloud)
    arguments = {"diskName": "copy", "availabilityZone": "eu-central-1b", "diskSnapshotName": "data-1"}
    with pytest.raises(ClientError, match="needs at least 64 GB"):
        client.create_disk_from_snapshot(sizeInGb=32, **arguments)
    made = client.create_disk_from_snapshot(sizeInGb=128, **arguments)
    assert records(made) == [("CreateDiskFromSnapshot", "Disk", "copy", None, "Started")]
    cloud.wait_until(lambda: disk(cloud, "copy")["state"] == "available")
    with pytest.raises(ClientError, match="either diskSnapshotName or sourceDiskName"):
        client.create_disk_from_snapshot(diskName="none", availabilityZone=ZONE, sizeInGb=64)
