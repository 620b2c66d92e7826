# SPDX-License-Identifier: GPL-3.0-or-later
"""What a block storage disk is, and the jobs that change it. Handlers are in disk.py."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from .registry import Job, listens
from .request import SUPPORT_ACCOUNT, Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "Disk"
FREE = {"state": "available", "attachment": "detached", "attached_to": None, "path": None}


def view(cloud: Cloud, record: Record) -> dict[str, Any]:
    return {
        **cloud.common_view(record),
        "addOns": [dict(item) for item in record["add_ons"]] or None,
        "sizeInGb": record["size"],
        "isSystemDisk": False,
        "iops": iops(record["size"]),
        "path": record["path"],
        "state": record["state"],
        "attachedTo": record["attached_to"],
        "isAttached": record["attachment"] == "attached",
        "attachmentState": record["attachment"],
    }


def iops(size: int) -> int:
    """3 per GB, at least 100 (user guide; samples)."""
    return max(100, 3 * size)


def attached(cloud: Cloud, instance: Record) -> list[Record]:
    """In the order of their paths."""
    disks = (record for record in cloud.all(TYPE, instance["region"]) if record["attached_to"] == instance["name"])
    return sorted(disks, key=lambda record: record["path"])


class _DiskJob(Job):
    @property
    def record(self) -> Record | None:
        return self.cloud.record(self.args["id"])

    def set(self, **members: Any) -> None:
        if self.record is not None:
            self.record.update(members)


class Create(_DiskJob):
    kind = "disk.create"

    def run(self) -> None:
        self.cloud.data_plane.create_disk(self.args["id"], size=self.args["size"], snapshot_id=self.args["snapshot_id"])

    def ended(self, result: dict[str, Any]) -> None:
        self.set(state="available")

    def failed(self, message: str) -> None:
        self.set(state="error")


class Attach(_DiskJob):
    kind = "disk.attach"

    def run(self) -> None:
        self.cloud.data_plane.attach_disk(self.args["id"], self.args["instance_id"], self.args["path"])

    def ended(self, result: dict[str, Any]) -> None:
        if self.record is not None and self.record["attachment"] == "attaching":
            self.record["attachment"] = "attached"

    def failed(self, message: str) -> None:
        self.set(**FREE)


class Detach(_DiskJob):
    kind = "disk.detach"

    def run(self) -> None:
        self.cloud.data_plane.detach_disk(self.args["id"])

    def ended(self, result: dict[str, Any]) -> None:
        self.set(**FREE)

    def failed(self, message: str) -> None:
        self.set(attachment="attached")


class Delete(_DiskJob):
    kind = "disk.delete"

    def run(self) -> None:
        self.cloud.data_plane.delete_disk(self.args["id"])


class Restore(_DiskJob):
    """A disk that comes with an instance from a snapshot."""

    kind = "disk.restore"

    def run(self) -> None:
        plane = self.cloud.data_plane
        plane.create_disk(self.args["id"], size=self.args["size"], snapshot_id=self.args["snapshot_id"])
        plane.attach_disk(self.args["id"], self.args["instance_id"], self.args["path"])

    def ended(self, result: dict[str, Any]) -> None:
        self.set(state="in-use", attachment="attached")

    def failed(self, message: str) -> None:
        self.set(**{**FREE, "state": "error"})


def restore(request: Request, instance: Record, name: str, disk: Record, snapshot_id: str) -> None:
    """Guess: without an operation record of its own."""
    record = request.new(
        TYPE,
        name,
        zone=instance["zone"],
        size=disk["size"],
        add_ons=[],
        auto_snapshots=[],
        state="pending",
        attachment="attaching",
        attached_to=instance["name"],
        path=disk["path"],
    )
    record["support_code"] = f"{SUPPORT_ACCOUNT}/vol-{secrets.token_hex(9)[:17]}"
    args = {"id": record["id"], "size": disk["size"], "snapshot_id": snapshot_id, "instance_id": instance["id"], "path": disk["path"]}
    # In line with the creation of the instance.
    request.start("disk.restore", instance["id"], args, resource="instance from snapshot running")


def pair(request: Request, disk: Record, instance: Record, type: str | None = None) -> list[Record]:
    return [
        request.record_operation(TYPE, disk["name"], type=type, details=instance["name"], status="Started", zone=disk["zone"]),
        request.record_operation(
            "Instance", instance["name"], type=type, details=disk["name"], status="Started", zone=instance["zone"]
        ),
    ]


def start_detach(request: Request, disk: Record, instance: Record) -> list[Record]:
    disk["attachment"] = "detaching"
    operations = pair(request, disk, instance, "DetachDisk")
    request.start(
        "disk.detach",
        instance["id"],
        {"id": disk["id"]},
        operations=operations,
        operation="DetachDisk",
        resource="disk detached",
    )
    return operations


def detach_all(request: Request, instance: Record) -> list[Record]:
    """When an instance is deleted its disks stay, with a pair of records each (sample of delete-instance)."""
    return [
        item
        for disk in attached(request.cloud, instance)
        if disk["attachment"] != "detaching"
        for item in start_detach(request, disk, instance)
    ]


@listens("instance deleted")
def _instance_deleted(cloud: Cloud, instance: Record) -> None:
    """One that could not be made vanishes without a request that detaches."""
    if instance["state"] == "pending":
        for disk in attached(cloud, instance):
            disk.update(FREE)
