# SPDX-License-Identifier: GPL-3.0-or-later
"""Manual snapshots of disks and of system disks of instances, and disks made from them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from . import disk, errors, snapshots, tags
from .catalogue_data import bundle
from .registry import Job, operation
from .request import SUPPORT_ACCOUNT, Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "DiskSnapshot"


def view(cloud: Cloud, record: Record) -> dict[str, Any]:
    total = cloud.clock.resource("disk snapshot completed")
    done = (cloud.clock.now() - record["created_at"]) / total if total else 1.0
    return {
        **cloud.common_view(record),
        "sizeInGb": record["size"],
        "state": record["state"],
        # Unlike a snapshot of an instance it still says so when it is done (sample).
        "progress": "100%" if record["state"] == "completed" else f"{min(99, int(100 * done))}%",
        "fromDiskName": record["from_disk_name"],
        "fromDiskArn": record["from_disk_arn"],
        "fromInstanceName": record["from_instance_name"],
        "fromInstanceArn": record["from_instance_arn"],
        "isFromAutoSnapshot": record["is_from_auto_snapshot"],
    }


class Create(Job):
    kind = "disk_snapshot.create"

    def run(self) -> None:
        self.cloud.data_plane.create_disk_snapshot(self.args["id"], self.args["source_id"])

    def _set(self, state: str) -> None:
        record = self.cloud.record(self.args["id"])
        if record is not None:
            record["state"] = state

    def ended(self, result: dict[str, Any]) -> None:
        self._set("completed")

    def failed(self, message: str) -> None:
        self._set("error")


def _members(cloud: Cloud, source: Record) -> Record:
    """Of a snapshot of a disk, or of an instance's system disk."""
    is_disk = source["type"] == disk.TYPE
    offer = None if is_disk else bundle(source["region"], source["bundle_id"])
    return {
        "from_disk_name": source["name"] if is_disk else None,
        "from_disk_arn": source["arn"] if is_disk else None,
        "from_instance_name": None if is_disk else source["name"],
        "from_instance_arn": None if is_disk else source["arn"],
        "size": source["size"] if is_disk else (offer["diskSizeInGb"] if offer else 20),
        "is_from_auto_snapshot": False,
    }


KIND = snapshots.Kind(
    TYPE,
    disk.TYPE,
    members=_members,
    take=lambda plane, data, source_id: plane.create_disk_snapshot(data, source_id),
    delete=lambda plane, data: plane.delete_disk_snapshot(data),
    clock="disk snapshot completed",
    usable="completed",
)


@operation
def CreateDiskSnapshot(request: Request) -> dict[str, Any]:
    name = request["diskSnapshotName"]
    if bool(request.get("diskName")) == bool(request.get("instanceName")):
        raise errors.invalid("Give either diskName or instanceName: the snapshot is of a disk, or of an instance's system disk.")
    tags.check(request.get("tags"))
    if request.get("diskName"):
        source = request.need(disk.TYPE, request["diskName"])
        if source["state"] not in ("available", "in-use"):
            raise errors.wrong_state(f"The disk {source['name']} is {source['state']}; a snapshot of it cannot be made now.")
    else:
        source = request.need("Instance", request["instanceName"])
        if source["state"] not in ("running", "stopped"):
            raise errors.wrong_state(
                f"The instance {source['name']} is {source['state']}; a snapshot can be made when it is running or stopped."
            )
    request.claim_names(name)
    snapshots.check_idle(source)
    record = request.new(TYPE, name, state="pending", **_members(request.cloud, source))
    record["support_code"] = f"{SUPPORT_ACCOUNT}/snap-{secrets.token_hex(9)[:17]}"
    operations = [
        request.record_operation(TYPE, name, details=source["name"], status="Started"),
        request.record_operation(source["type"], source["name"], details=name, status="Started", zone=source["zone"]),
    ]
    request.start(
        "disk_snapshot.create",
        source["id"],
        {"id": record["id"], "source_id": source["id"]},
        operations=operations,
        operation=request.name,
        resource="disk snapshot completed",
    )
    return {"operations": operations}


@operation
def GetDiskSnapshot(request: Request) -> dict[str, Any]:
    return {"diskSnapshot": view(request.cloud, request.need(TYPE, request["diskSnapshotName"]))}


@operation
def GetDiskSnapshots(request: Request) -> dict[str, Any]:
    return request.page(request.all(TYPE), "diskSnapshots", lambda record: view(request.cloud, record))


@operation
def DeleteDiskSnapshot(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["diskSnapshotName"])
    if record["state"] == "pending":
        # Guess, as for snapshots of instances.
        raise errors.wrong_state(f"The disk snapshot {record['name']} is pending and cannot be deleted yet.")
    request.cloud.remove(record)
    snapshots.forget(request.cloud, KIND, snapshots.data_of(record), [])
    return {"operations": [request.record_operation(TYPE, record["name"])]}


@operation
def CreateDiskFromSnapshot(request: Request) -> dict[str, Any]:
    name, data, snapshot = snapshots.to_restore(request, TYPE, "diskSnapshotName", "sourceDiskName")
    if request["sizeInGb"] < snapshot["size"]:
        raise errors.invalid(
            f"The size of the disk {request['diskName']} is {request['sizeInGb']} GB; the snapshot {name} "
            f"needs at least {snapshot['size']} GB."
        )
    return disk.make(request, request["diskName"], request["sizeInGb"], data)
