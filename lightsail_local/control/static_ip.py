# SPDX-License-Identifier: GPL-3.0-or-later
"""Static IPs: everything Succeeds at once, so answers wait for the data plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors, instance_state, names
from .registry import listens, operation
from .request import SUPPORT_ACCOUNT, Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "StaticIp"


def view(cloud: Cloud, record: Record) -> dict[str, Any]:
    return {
        **cloud.common_view(record, tags=False),
        "ipAddress": record["ip_address"],
        "isAttached": record["attached_to"] is not None,
        "attachedTo": record["attached_to"],
    }


def attached(cloud: Cloud, instance: Record) -> Record | None:
    for record in cloud.all(TYPE, instance["region"]):
        if record["attached_to"] == instance["name"]:
            return record
    return None


@operation
def AllocateStaticIp(request: Request) -> dict[str, Any]:
    name = request["staticIpName"]
    request.claim_names(name)
    request.check_quota(
        "static_ips",
        len(request.all(TYPE)),
        1,
        "Sorry, you have reached the maximum number of static IP addresses.",
    )
    address = request.cloud.data_plane.allocate_address()
    record = request.new(TYPE, name, ip_address=address, attached_to=None)
    record["support_code"] = f"{SUPPORT_ACCOUNT}/{address}"
    return {"operations": [request.record_operation(TYPE, name)]}


@operation
def GetStaticIp(request: Request) -> dict[str, Any]:
    return {"staticIp": view(request.cloud, request.need(TYPE, request["staticIpName"]))}


@operation
def GetStaticIps(request: Request) -> dict[str, Any]:
    return request.page(request.all(TYPE), "staticIps", lambda record: view(request.cloud, record))


def _pair(request: Request, static_ip: str, instance: Record) -> list[Record]:
    return [
        request.record_operation(TYPE, static_ip, details=instance["name"]),
        request.record_operation("Instance", instance["name"], details=static_ip, zone=instance["zone"]),
    ]


@operation
def AttachStaticIp(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["staticIpName"])
    instance = request.need("Instance", request["instanceName"])
    cloud = request.cloud
    if instance["ip_address_type"] == "ipv6":
        raise errors.invalid(f"The instance {instance['name']} has IPv6 only and cannot have a static IP.")
    if record["attached_to"] == instance["name"]:
        return {"operations": _pair(request, record["name"], instance)}  # guess: a no-op
    if record["attached_to"] is not None:
        # Guess: the user guide says to detach first.
        raise errors.wrong_state(
            f"The static IP {record['name']} is attached to {record['attached_to']}. Detach it first."
        )
    if attached(cloud, instance):
        raise errors.wrong_state(f"The instance {instance['name']} already has a static IP.")
    if instance["state"] not in ("running", "stopped"):
        # Guess: the CloudFormation handler waits for running, others saw trouble when they did not.
        raise errors.wrong_state(
            f"The instance {instance['name']} is {instance['state']}; a static IP can be attached when it is running "
            "or stopped."
        )
    dynamic = instance["public_ip"]
    record["attached_to"] = instance["name"]
    instance["public_ip"] = record["ip_address"]
    instance_state.address_changed(request, instance, release=dynamic)
    names.changed(cloud, request)
    return {"operations": _pair(request, record["name"], instance)}


def _detach(request: Request, record: Record) -> Record | None:
    instance = request.find("Instance", record["attached_to"])
    record["attached_to"] = None
    if instance is not None:
        running = instance["state"] in ("running", "pending")
        instance["public_ip"] = request.cloud.data_plane.allocate_address() if running else None
        instance_state.address_changed(request, instance, release=None)
        names.changed(request.cloud, request)
    return instance


@operation
def DetachStaticIp(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["staticIpName"])
    if record["attached_to"] is None:
        raise errors.wrong_state(f"The static IP {record['name']} is not attached to an instance.")
    instance = _detach(request, record)
    if instance is None:
        return {"operations": [request.record_operation(TYPE, record["name"])]}
    return {"operations": _pair(request, record["name"], instance)}


@operation
def ReleaseStaticIp(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["staticIpName"])
    if record["attached_to"] is not None:
        _detach(request, record)  # implicitly, with one record only: no phantom DetachStaticIp
    request.cloud.data_plane.release_address(record["ip_address"])
    request.cloud.remove(record)
    return {"operations": [request.record_operation(TYPE, record["name"])]}


@listens("instance deleted")
def _instance_deleted(cloud: Cloud, instance: Record) -> None:
    """Detached but kept, silently: no operation says so."""
    record = attached(cloud, instance)
    if record is not None:
        record["attached_to"] = None
