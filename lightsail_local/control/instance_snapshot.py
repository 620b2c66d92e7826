# SPDX-License-Identifier: GPL-3.0-or-later
"""Manual snapshots of instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import catalogue_data, errors, snapshots, tags
from .disk_state import attached, iops
from .registry import Job, operation
from .request import Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "InstanceSnapshot"


def view(cloud: Cloud, record: Record) -> dict[str, Any]:
    answer = {
        **cloud.common_view(record),
        "state": record["state"],
        "fromAttachedDisks": [disk_view(disk) for disk in record.get("disks", [])],
        "fromInstanceName": record["from_instance_name"],
        "fromInstanceArn": record["from_instance_arn"],
        "fromBlueprintId": record["from_blueprint_id"],
        "fromBundleId": record["from_bundle_id"],
        "isFromAutoSnapshot": record.get("is_from_auto_snapshot", False),
        "sizeInGb": record["size"],
    }
    if record["state"] == "pending":
        total = cloud.clock.resource("instance snapshot available")
        done = (cloud.clock.now() - record["created_at"]) / total if total else 1.0
        answer["progress"] = f"{min(99, int(100 * done))}%"  # shown while pending only
    return answer


def disk_view(disk: Record) -> dict[str, Any]:
    """Guess: what a snapshot tells of a disk that was attached; the sample has none."""
    size = disk["size"]
    return {"name": disk["name"], "sizeInGb": size, "path": disk["path"], "iops": iops(size), "isSystemDisk": False}


class Create(Job):
    kind = "instance_snapshot.create"

    def run(self) -> None:
        with self.cloud.lock:
            record = self.cloud.record(self.args["id"])
            disks = record["disks"] if record else []
        snapshots.take(self.cloud.data_plane, KIND, self.args["id"], self.args["instance_id"], disks)

    def ended(self, result: dict[str, Any]) -> None:
        record = self.cloud.record(self.args["id"])
        if record is not None:
            record["state"] = "available"

    def failed(self, message: str) -> None:
        record = self.cloud.record(self.args["id"])
        if record is not None:
            record["state"] = "error"


def _members(cloud: Cloud, instance: Record) -> Record:
    offer = catalogue_data.bundle(instance["region"], instance["bundle_id"])
    return {
        "from_instance_name": instance["name"],
        "from_instance_arn": instance["arn"],
        "from_blueprint_id": instance["blueprint_id"],
        "from_bundle_id": instance["bundle_id"],
        "authorized_keys": list(instance["authorized_keys"]),
        "size": offer["diskSizeInGb"] if offer else 20,
        "is_from_auto_snapshot": False,
        "disks": [{key: disk[key] for key in ("id", "name", "size", "path")} for disk in attached(cloud, instance)],
    }


KIND = snapshots.Kind(
    TYPE,
    "Instance",
    members=_members,
    take=lambda plane, data, source_id: plane.create_instance_snapshot(data, source_id),
    delete=lambda plane, data: plane.delete_instance_snapshot(data),
    clock="instance snapshot available",
    usable="available",
)


@operation
def CreateInstanceSnapshot(request: Request) -> dict[str, Any]:
    name = request["instanceSnapshotName"]
    instance = request.need("Instance", request["instanceName"])
    tags.check(request.get("tags"))
    request.claim_names(name)
    if instance["state"] not in ("running", "stopped"):
        raise errors.wrong_state(
            f"The instance {instance['name']} is {instance['state']}; a snapshot can be made when it is running or stopped."
        )
    snapshots.check_idle(instance)
    record = request.new(TYPE, name, state="pending", **_members(request.cloud, instance))
    operations = [
        request.record_operation(TYPE, name, details=instance["name"], status="Started"),
        request.record_operation("Instance", instance["name"], details=name, status="Started", zone=instance["zone"]),
    ]
    request.start(
        "instance_snapshot.create",
        instance["id"],  # in line with what else happens to the instance
        {"id": record["id"], "instance_id": instance["id"]},
        operations=operations,
        operation=request.name,
        resource="instance snapshot available",
    )
    return {"operations": operations}


@operation
def GetInstanceSnapshot(request: Request) -> dict[str, Any]:
    return {"instanceSnapshot": view(request.cloud, request.need(TYPE, request["instanceSnapshotName"]))}


@operation
def GetInstanceSnapshots(request: Request) -> dict[str, Any]:
    return request.page(request.all(TYPE), "instanceSnapshots", lambda record: view(request.cloud, record))


@operation
def DeleteInstanceSnapshot(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["instanceSnapshotName"])
    if record["state"] == "pending":
        raise errors.wrong_state(f"The instance snapshot {record['name']} is pending and cannot be deleted yet.")
    request.cloud.remove(record)
    snapshots.forget(request.cloud, KIND, snapshots.data_of(record), record.get("disks", []))
    return {"operations": [request.record_operation(TYPE, record["name"])]}
