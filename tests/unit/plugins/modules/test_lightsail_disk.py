# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_disk and lightsail_disk_info, against the local control plane."""

from __future__ import annotations

import pytest

MODULE = "lightsail_disk"
DISK = dict(name="data", zone="eu-central-1a", size_gb=64)


@pytest.fixture
def instances(modules):
    for name in ("web-1", "web-2"):
        modules("lightsail_instance", name=name, zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="small_3_0")
    return modules


def test_create_tag_snapshot_and_delete(modules):
    made = modules.cycle(MODULE, "disk", tags={"a": "1"}, auto_snapshot_time="03:00", **DISK)
    assert made["actions"] == ["CreateDisk", "EnableAddOn"]
    assert (made["disk"]["state"], made["disk"]["size_in_gb"], made["disk"]["tags"]) == ("available", 64, {"a": "1"})
    assert modules.cycle(MODULE, "disk", name="data", tags={"a": "2"})["actions"] == ["TagResource"]
    assert modules.cycle(MODULE, "disk", name="data", auto_snapshot_time="")["actions"] == ["DisableAddOn"]
    modules("lightsail_snapshot", name="data-1", type="disk", source="data")
    assert modules.cycle(MODULE, "disk", name="data", state="absent")["actions"] == ["DeleteDisk"]
    copy = modules.cycle(MODULE, "disk", name="copy", zone="eu-central-1b", from_snapshot="data-1")
    assert copy["actions"] == ["CreateDiskFromSnapshot"] and copy["disk"]["size_in_gb"] == 64


def test_attach_move_and_detach(instances):
    made = instances.cycle(MODULE, "disk", instance_name="web-1", **DISK)
    assert made["actions"] == ["CreateDisk", "AttachDisk"]
    assert (made["disk"]["attached_to"], made["disk"]["path"], made["disk"]["state"]) == ("web-1", "/dev/xvdf", "in-use")
    second = instances.cycle(MODULE, "disk", name="more", zone="eu-central-1a", size_gb=8, instance_name="web-1")
    assert second["disk"]["path"] == "/dev/xvdg"

    refused = instances(MODULE, name="data", instance_name="web-2", fails=True)
    assert "set stop_instance" in refused["msg"] and refused["actions"] == []
    moved = instances.cycle(MODULE, "disk", name="data", instance_name="web-2", stop_instance=True)
    assert moved["actions"] == ["TagResource", "StopInstance", "DetachDisk", "StartInstance", "UntagResource", "AttachDisk"]
    assert instances("lightsail_instance", name="web-1")["instance"]["state"]["name"] == "running"
    path = instances.cycle(MODULE, "disk", name="data", instance_name="web-2", path="/dev/xvdk", stop_instance=True)
    assert path["disk"]["path"] == "/dev/xvdk"

    instances("lightsail_instance", name="web-2", state="stopped")
    detached = instances.cycle(MODULE, "disk", name="data", instance_name="")
    assert detached["actions"] == ["DetachDisk"] and "attached_to" not in detached["disk"]


def test_an_attached_disk_is_deleted_only_with_leave(instances):
    instances(MODULE, instance_name="web-1", **DISK)
    for check in (True, False):
        refused = instances(MODULE, name="data", state="absent", check=check, fails=True)
        assert "AWS detaches disks only from stopped instances" in refused["msg"]
    gone = instances.cycle(MODULE, "disk", name="data", state="absent", stop_instance=True)
    assert gone["actions"] == ["TagResource", "StopInstance", "DetachDisk", "StartInstance", "UntagResource", "DeleteDisk"]


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"size_gb": 4}, "size_gb is 4; it must be between 8 and 16000."),
        ({"zone": None}, "The disk data does not exist and cannot be created without zone."),
        ({"size_gb": None}, "The disk data does not exist and cannot be created without size_gb."),
        ({"auto_snapshot_time": "03:30"}, "auto_snapshot_time is '03:30'; it must be a full hour in UTC such as '06:00'."),
        ({"instance_name": "web-1", "path": "xvdf"}, "path is 'xvdf'; it must be a device such as '/dev/xvdf'."),
        ({"zone": "eu-central-1b", "instance_name": "web-1"}, "is in eu-central-1b and cannot be attached to the instance web-1"),
        ({"instance_name": "nobody"}, "The Instance does not exist: nobody"),
        ({"from_snapshot": "nothing"}, "The DiskSnapshot does not exist: nothing"),
        ({"path": "/dev/xvdf"}, "missing parameter(s) required by 'path': instance_name"),
    ],
)
def test_bad_wishes_are_refused_before_anything_is_made(instances, wishes, sentence):
    instances.mutating()
    assert sentence in instances(MODULE, fails=True, **dict(DISK, **wishes))["msg"]
    assert instances.mutating() == []


def test_what_cannot_be_changed(instances):
    instances(MODULE, instance_name="web-1", **DISK)
    grown = instances(MODULE, name="data", size_gb=128, zone="eu-central-1b", fails=True)["msg"]
    assert "size_gb is 64 and 128 is wanted" in grown and "zone is 'eu-central-1a' and 'eu-central-1b' is wanted" in grown
    instances(MODULE, name="more", zone="eu-central-1a", size_gb=8)
    assert "has another disk at /dev/xvdf" in instances(MODULE, name="more", instance_name="web-1", path="/dev/xvdf", fails=True)["msg"]


def test_a_snapshot_that_is_larger(modules):
    modules(MODULE, **DISK)
    modules("lightsail_snapshot", name="data-1", type="disk", source="data")
    refused = modules(MODULE, name="copy", zone="eu-central-1a", size_gb=32, from_snapshot="data-1", fails=True)
    assert refused["msg"] == "size_gb is 32; the snapshot data-1 needs at least 64."


def test_from_an_automatic_snapshot(modules, cloud):
    cloud.time_scale(1e-6)
    modules(MODULE, auto_snapshot_time="03:00", **DISK)
    wish = dict(name="copy", zone="eu-central-1a", from_disk="data")
    refused = modules(MODULE, auto_snapshot="2020-01-01", fails=True, **wish)["msg"]
    assert "There is no automatic snapshot of data of 2020-01-01; there is: " in refused
    cloud.wait_until(lambda: cloud.client().get_auto_snapshots(resourceName="data")["autoSnapshots"])
    modules(MODULE, name="data", auto_snapshot_time="")
    made = modules.cycle(MODULE, "disk", auto_snapshot="latest", **wish)
    assert made["actions"] == ["CreateDiskFromSnapshot"] and made["disk"]["size_in_gb"] == 64
    refused = modules(MODULE, size_gb=8, auto_snapshot="latest", fails=True, **dict(wish, name="small"))["msg"]
    assert refused == "size_gb is 8; the snapshot of data needs at least 64."


def test_an_instance_that_was_stopped_is_started_whatever_happens(instances, cloud):
    instances(MODULE, instance_name="web-1", **DISK)
    cloud.fault("DetachDisk", "AccessDeniedException", times=50)
    failure = instances(MODULE, name="data", instance_name="", stop_instance=True, fails=True)
    assert "DetachDisk" in failure["msg"] and failure["actions"] == ["TagResource", "StopInstance", "StartInstance", "UntagResource"]
    assert instances("lightsail_instance", name="web-1")["instance"]["state"]["name"] == "running"
    cloud.admin("clear_faults")
    cloud.fault("StartInstance", "AccessDeniedException", times=50)
    failure = instances(MODULE, name="data", instance_name="", stop_instance=True, fails=True)
    assert "It had been stopped to detach the disk data and is still stopped" in failure["msg"]


def test_an_instance_that_could_not_be_started_again_is_told(instances, cloud, short_pauses):
    """That the disk was detached says nothing about the answer to StartInstance."""
    instances(MODULE, instance_name="web-1", **DISK)
    cloud.fault("StartInstance", "throttle", times=1000)
    failure = instances(MODULE, name="data", instance_name="web-2", stop_instance=True, fails=True)
    assert failure["msg"].endswith("It had been stopped to detach the disk data and is still stopped; the next run starts it.")
    assert failure["actions"] == ["TagResource", "StopInstance", "DetachDisk"]


@pytest.fixture
def left(instances, cloud, short_pauses):
    """A disk that was detached from web-1, which could not be started again."""
    instances(MODULE, instance_name="web-1", tags={"a": "b"}, **DISK)
    cloud.fault("StartInstance", "AccessDeniedException", times=50)
    instances(MODULE, name="data", instance_name="", stop_instance=True, fails=True)
    cloud.admin("clear_faults")
    assert power(cloud, "web-1") == "stopped"
    return instances


def power(cloud, name):
    return cloud.client().get_instance(instanceName=name)["instance"]["state"]["name"]


def test_an_instance_that_was_left_stopped_is_started_by_the_next_run(left, cloud):
    started = left.cycle(MODULE, "disk", name="data", tags={"a": "b"})
    assert started["actions"] == ["StartInstance", "UntagResource"]
    assert started["diff"]["before"]["start_again"] == "web-1" and started["disk"]["tags"] == {"a": "b"}
    assert power(cloud, "web-1") == "running"


def test_an_instance_that_was_left_stopped_is_started_whatever_the_next_run_changes(left, cloud):
    moved = left.cycle(MODULE, "disk", name="data", tags={"a": "c"}, instance_name="web-2")
    assert moved["actions"] == ["AttachDisk", "TagResource", "StartInstance", "UntagResource"]
    assert power(cloud, "web-1") == "running" and moved["disk"]["tags"] == {"a": "c"}


def test_an_instance_that_was_left_stopped_is_started_before_the_disk_is_deleted(left, cloud):
    assert left.cycle(MODULE, "disk", name="data", state="absent")["actions"] == ["StartInstance", "UntagResource", "DeleteDisk"]
    assert power(cloud, "web-1") == "running"


def test_two_instances_that_were_left_stopped(left, cloud):
    """The second is not stopped before the first runs again: the disk can name one."""
    cloud.client().attach_disk(diskName="data", instanceName="web-2", diskPath="/dev/xvdf")
    cloud.wait_until(lambda: cloud.client().get_disk(diskName="data")["disk"]["isAttached"])
    moved = left.cycle(MODULE, "disk", name="data", instance_name="", stop_instance=True)
    once = ["TagResource", "StopInstance", "DetachDisk", "StartInstance", "UntagResource"]
    assert moved["actions"] == ["StartInstance", "UntagResource", *once]
    assert power(cloud, "web-1") == power(cloud, "web-2") == "running"


@pytest.mark.parametrize("meanwhile", ["started", "deleted"])
def test_an_instance_that_somebody_else_has_started_or_deleted_is_only_forgotten(left, cloud, meanwhile):
    left("lightsail_instance", name="web-1", state={"started": "running", "deleted": "absent"}[meanwhile])
    assert left.cycle(MODULE, "disk", name="data")["actions"] == ["UntagResource"]


def test_an_instance_that_somebody_else_stops_stays_stopped(instances, cloud):
    instances(MODULE, instance_name="web-1", **DISK)
    cloud.client().stop_instance(instanceName="web-1")
    assert instances(MODULE, name="data", instance_name="", stop_instance=True)["actions"] == ["DetachDisk"]
    assert power(cloud, "web-1") == "stopped"


def test_an_instance_that_cannot_be_stopped_leaves_no_trace(instances, cloud, short_pauses):
    instances(MODULE, instance_name="web-1", **DISK)
    cloud.fault("StopInstance", "AccessDeniedException", times=50)
    failure = instances(MODULE, name="data", instance_name="", stop_instance=True, fails=True)
    assert "StopInstance" in failure["msg"] and failure["actions"] == ["TagResource", "UntagResource"]
    assert cloud.client().get_disk(diskName="data")["disk"]["tags"] == []


def test_info(instances):
    instances(MODULE, instance_name="web-1", tags={"site": "blog"}, **DISK)
    instances(MODULE, name="a-spare", zone="eu-central-1b", size_gb=8)
    everything = instances("lightsail_disk_info")["disks"]
    assert [disk["name"] for disk in everything] == ["a-spare", "data"]
    for wish in (dict(names=["data", "nothing"]), dict(instance_name="web-1"), dict(filters={"site": "blog"})):
        assert instances("lightsail_disk_info", **wish)["disks"] == everything[1:]
