# SPDX-License-Identifier: GPL-3.0-or-later
"""Block storage disks: create, attach, detach, delete. Snapshots of them are in disk_snapshot.py."""

from __future__ import annotations

import re
import secrets
from typing import Any

from . import auto_snapshot, errors, registry, tags
from .disk_state import FREE, TYPE, attached, pair, start_detach, view
from .instance import check_zone
from .instance_add_ons import read_add_ons
from .registry import operation
from .request import SUPPORT_ACCOUNT, Request

SIZES = range(8, 16_000 + 1)  # general reference, in GB
TOTAL_ATTACHED_GB = 20_000  # general reference
# Guess: what EC2 takes for a disk that is not the system's. Samples have /dev/xvdf.
PATH = re.compile(r"/dev/(?:xvd|sd)[b-z][a-z]?")


def make(request: Request, name: str, size: int, snapshot_id: str | None) -> dict[str, Any]:
    """What CreateDisk and CreateDiskFromSnapshot share."""
    check_zone(request, request["availabilityZone"])
    if size not in SIZES:
        raise errors.invalid(f"The size of the disk {name} is {size} GB; it must be between {SIZES[0]} and {SIZES[-1]} GB.")
    tags.check(request.get("tags"))
    add_ons = read_add_ons(request.get("addOns", []))
    request.claim_names(name)
    record = request.new(
        TYPE,
        name,
        zone=request["availabilityZone"],
        size=size,
        add_ons=add_ons,
        auto_snapshots=[],
        **{**FREE, "state": "pending"},
    )
    record["support_code"] = f"{SUPPORT_ACCOUNT}/vol-{secrets.token_hex(9)[:17]}"
    made = request.record_operation(TYPE, name, status="Started", zone=record["zone"])
    request.start(
        "disk.create",
        record["id"],
        {"id": record["id"], "size": size, "snapshot_id": snapshot_id},
        operations=[made],
        operation="CreateDisk",
        resource="disk available",
    )
    if add_ons:
        auto_snapshot.plan(request.cloud, record)
        request.start("instance.add_on", record["id"], {"id": record["id"]}, resource="add-on changed")
    return {"operations": [made]}


@operation
def CreateDisk(request: Request) -> dict[str, Any]:
    return make(request, request["diskName"], request["sizeInGb"], None)


@operation
def GetDisk(request: Request) -> dict[str, Any]:
    return {"disk": view(request.cloud, request.need(TYPE, request["diskName"]))}


@operation
def GetDisks(request: Request) -> dict[str, Any]:
    return request.page(request.all(TYPE), "disks", lambda record: view(request.cloud, record))


@operation
def AttachDisk(request: Request) -> dict[str, Any]:
    disk = request.need(TYPE, request["diskName"])
    instance = request.need("Instance", request["instanceName"])
    path = request["diskPath"]
    if request.get("autoMounting"):
        raise errors.invalid("autoMounting is for Lightsail for Research only.")
    if not PATH.fullmatch(path):
        raise errors.invalid(f"The disk path {path} is not valid. It must be a free device name such as /dev/xvdf.")
    if disk["state"] != "available":
        # Guess, after the text that DetachDisk has.
        raise errors.operation_failure(f"You can't attach this disk right now. The state of this disk is {disk['state']}.")
    if disk["zone"] != instance["zone"]:
        raise errors.invalid(
            f"The disk {disk['name']} is in {disk['zone']} and the instance {instance['name']} in {instance['zone']}; "
            "both must be in the same Availability Zone."
        )
    if instance["state"] not in ("running", "stopped"):
        raise errors.wrong_state(f"The instance {instance['name']} is {instance['state']}; a disk cannot be attached to it now.")
    others = attached(request.cloud, instance)
    if any(other["path"] == path for other in others):
        raise errors.invalid(f"The disk path {path} is in use on the instance {instance['name']}.")
    limit = request.cloud.quota("disks_per_instance")
    request.check_quota(
        "disks_per_instance", len(others), 1, f"Sorry, you've reached the maximum of {limit} disks attached to an instance."
    )
    total = sum(other["size"] for other in request.all(TYPE) if other["attached_to"]) + disk["size"]
    if total > TOTAL_ATTACHED_GB:
        raise errors.quota(f"Sorry, you've reached the maximum of {TOTAL_ATTACHED_GB} GB of attached disks.")
    # Guess: in-use at once, as EC2's volumes, and isAttached only when it is.
    disk.update(state="in-use", attachment="attaching", attached_to=instance["name"], path=path)
    operations = pair(request, disk, instance)
    request.start(
        "disk.attach",
        instance["id"],  # in line with what else happens to the instance
        {"id": disk["id"], "instance_id": instance["id"], "path": path},
        operations=operations,
        operation=request.name,
        resource="disk attached",
    )
    return {"operations": operations}


@operation
def DetachDisk(request: Request) -> dict[str, Any]:
    disk = request.need(TYPE, request["diskName"])
    instance = request.find("Instance", disk["attached_to"]) if disk["attached_to"] else None
    if instance is None or disk["attachment"] != "attached":
        raise errors.operation_failure(f"You can't detach this disk right now. The state of this disk is {disk['state']}.")
    if instance["state"] != "stopped":
        # The rule is in the model, the text is what AWS's CloudFormation handlers look for; the class is a guess.
        raise errors.operation_failure(
            f"You can only detach the disk when the target instance is stopped. The current state of your instance is: {instance['state']}"
        )
    return {"operations": start_detach(request, disk, instance)}


@operation
def DeleteDisk(request: Request) -> dict[str, Any]:
    disk = request.need(TYPE, request["diskName"])
    if disk["state"] not in ("available", "error"):
        raise errors.operation_failure(f"You can't delete this disk right now. The state of this disk is {disk['state']}.")
    if any(item["status"] != "Disabling" for item in disk["add_ons"]) and not request.get("forceDeleteAddOns"):
        raise errors.invalid(f"The disk {disk['name']} has add-ons. Disable them first, or set forceDeleteAddOns to true.")
    registry.tell("disk deleted", request.cloud, disk)
    request.cloud.remove(disk)
    request.start("disk.delete", disk["id"], {"id": disk["id"]})
    return {"operations": [request.record_operation(TYPE, disk["name"], zone=disk["zone"])]}
