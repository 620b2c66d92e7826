# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports of snapshots to EC2, and stacks made from them. There is no EC2 here: the records are kept, and lead nowhere."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from . import errors
from .instance import check_zone
from .registry import Job, operation
from .request import Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "ExportSnapshotRecord"
STACK = "CloudFormationStackRecord"
# Type of the snapshot: the destination's service and the start of its id. Sample for instances; a guess for disks.
DESTINATIONS = {"InstanceSnapshot": ("Aws::EC2::Image", "ami"), "DiskSnapshot": ("Aws::EC2::Snapshot", "snap")}
USABLE = {"InstanceSnapshot": "available", "DiskSnapshot": "completed"}


def view(cloud: Cloud, record: Record) -> dict[str, Any]:
    common = cloud.common_view(record, tags=False)
    del common["supportCode"]  # not in the samples, not in the model
    # Guess: where it leads is told when it is there.
    destination = record["destination"] if record["state"] == "Succeeded" else None
    return {**common, "state": record["state"], "sourceInfo": record["source"], "destinationInfo": destination}


class Finish(Job):
    """Of an export or a stack."""

    kind = "export.finish"

    def _set(self, state: str) -> None:
        record = self.cloud.record(self.args["id"])
        if record is not None:
            record["state"] = state

    def ended(self, result: dict[str, Any]) -> None:
        self._set("Succeeded")

    def failed(self, message: str) -> None:
        self._set("Failed")


def _source(snapshot: Record) -> dict[str, Any]:
    of = "instance" if snapshot["type"] == "InstanceSnapshot" or snapshot["from_instance_name"] else "disk"
    source = {
        "resourceType": snapshot["type"],
        "createdAt": snapshot["created_at"],
        "name": snapshot["name"],
        "arn": snapshot["arn"],
        "fromResourceName": snapshot[f"from_{of}_name"],
        "fromResourceArn": snapshot[f"from_{of}_arn"],
    }
    if snapshot["type"] == "DiskSnapshot":
        return {**source, "diskSnapshotInfo": {"sizeInGb": snapshot["size"]}}
    return {
        **source,
        "instanceSnapshotInfo": {
            "fromBundleId": snapshot["from_bundle_id"],
            "fromBlueprintId": snapshot["from_blueprint_id"],
            "fromDiskInfo": [
                {"path": "/dev/sda1", "sizeInGb": snapshot["size"], "isSystemDisk": True},
                *(
                    {"name": disk["name"], "path": disk["path"], "sizeInGb": disk["size"], "isSystemDisk": False}
                    for disk in snapshot.get("disks", [])
                ),
            ],
        },
    }


def _start(request: Request, record: Record, operations: list[Record]) -> dict[str, Any]:
    request.start(
        "export.finish", record["id"], {"id": record["id"]}, operations=operations, operation=request.name, resource="export finished"
    )
    return {"operations": operations}


@operation
def ExportSnapshot(request: Request) -> dict[str, Any]:
    name = request["sourceSnapshotName"]
    snapshot = request.find("InstanceSnapshot", name) or request.find("DiskSnapshot", name)
    if snapshot is None:
        raise errors.not_found("Snapshot", name)
    if snapshot["state"] != USABLE[snapshot["type"]]:
        raise errors.wrong_state(f"The snapshot {name} is {snapshot['state']} and cannot be exported yet.")
    service, prefix = DESTINATIONS[snapshot["type"]]
    record = request.cloud.new_record(
        TYPE,
        request.region,
        f"{TYPE}-{request.cloud.new_uuid()}",
        None,
        None,
        state="Started",
        source=_source(snapshot),
        destination={"id": f"{prefix}-{secrets.token_hex(9)[:17]}", "service": service},
    )
    # Guess: a pair with crossed names, as for all that is made of a snapshot.
    pair = [
        request.record_operation(TYPE, record["name"], details=name, status="Started"),
        request.record_operation(snapshot["type"], name, details=record["name"], status="Started"),
    ]
    return _start(request, record, pair)


@operation
def GetExportSnapshotRecords(request: Request) -> dict[str, Any]:
    return request.page(request.all(TYPE), "exportSnapshotRecords", lambda record: view(request.cloud, record))


@operation
def CreateCloudFormationStack(request: Request) -> dict[str, Any]:
    entries = request["instances"]
    if len(entries) != 1:  # model
        raise errors.invalid(f"instances has {len(entries)} entries; it must have one.")
    (entry,) = entries
    exported = request.need(TYPE, entry["sourceName"])
    check_zone(request, entry["availabilityZone"])
    if exported["state"] != "Succeeded" or exported["source"]["resourceType"] != "InstanceSnapshot":
        raise errors.wrong_state(f"{exported['name']} is not a finished export of an instance's snapshot.")
    source = [{"resourceType": TYPE, "name": exported["name"], "arn": exported["arn"]}]
    if any(stack["state"] == "Started" and stack["source"] == source for stack in request.all(STACK)):
        # The model says to wait; that it is refused is a guess.
        raise errors.wrong_state(f"There is a stack of {exported['name']} under way. Please wait for it to complete before trying again.")
    guid = request.cloud.new_uuid()
    record = request.cloud.new_record(
        STACK,
        request.region,
        f"{STACK}-{guid}",
        None,
        None,
        state="Started",
        source=source,
        destination={
            "id": f"arn:aws:cloudformation:{request.region}:{request.cloud.account['id']}:stack/Lightsail-Stack-{guid}/{request.cloud.new_uuid()}",
            "service": "Aws::CloudFormation::Stack",
        },
    )
    return _start(request, record, [request.record_operation(STACK, record["name"], details=exported["name"], status="Started")])


@operation
def GetCloudFormationStackRecords(request: Request) -> dict[str, Any]:
    return request.page(request.all(STACK), "cloudFormationStackRecords", lambda record: view(request.cloud, record))
