# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances: create, read, power, delete."""

from __future__ import annotations

import secrets
from typing import Any

from ..wire_model import BadRequest, check_resource_name
from . import auto_snapshot, catalogue_data, errors, key_pair, offers, registry, snapshots, tags
from .disk_state import detach_all, restore
from .instance_add_ons import read_add_ons
from .instance_state import STATE_CODES, TYPE, view
from .registry import operation
from .request import Record, Request


def check_zone(request: Request, zone: str) -> None:
    zones = catalogue_data.zones(request.region)
    if zone not in zones:
        raise errors.invalid(
            f"The given Availability Zone is invalid. It must be one of the following: {', '.join(zones)}"
        )


def _check_names(wanted: list[str]) -> None:
    for name in wanted:  # plain strings in the model, so the wire has not looked at them
        try:
            check_resource_name(name)
        except BadRequest as error:
            raise errors.invalid(str(error)) from error
    if not wanted:
        raise errors.invalid("instanceNames must have at least one name.")


def _offer(request: Request, image: dict[str, Any] | None, blueprint_id: str) -> dict[str, Any]:
    """The bundle, if it can carry the blueprint."""
    bundle_id = request["bundleId"]
    offer = catalogue_data.bundle(request.region, bundle_id)
    # Those that are not sold any more still make instances (observed with nano_2_0).
    if offer is None:
        raise errors.invalid(f"The bundle {bundle_id} is not available in the Region {request.region}.")
    if image is not None:
        if image["platform"] not in offer["supportedPlatforms"] or offer["power"] < image["minPower"]:
            raise errors.invalid(f"The blueprint {blueprint_id} cannot be used with the bundle {bundle_id}.")
    ip_type = request.get("ipAddressType", "dualstack")
    if (ip_type == "ipv6") != (offer["publicIpv4AddressCount"] == 0):
        raise errors.invalid(f"The bundle {bundle_id} does not support the IP address type {ip_type}.")
    return offer


def _create(
    request: Request, blueprint_id: str, source: dict[str, str], inherited_keys: list[str], from_disks: list[Record]
) -> dict[str, Any]:
    cloud = request.cloud
    wanted = request["instanceNames"]
    _check_names(wanted)
    check_zone(request, request["availabilityZone"])
    image = catalogue_data.blueprint(blueprint_id)
    offer = _offer(request, image, blueprint_id)
    tags.check(request.get("tags"))
    add_ons = read_add_ons(request.get("addOns", []))
    authorized = key_pair.public_key(request, request.get("keyPairName"))
    disks = _disk_names(request, from_disks)
    request.claim_names(*wanted, *(name for names in disks.values() for name in names))
    request.check_quota(
        "instances",
        len(request.all(TYPE)),
        len(wanted),
        "Sorry, you've reached the maximum number of instances you can create in this Region.",
    )
    ip_type = request.get("ipAddressType", "dualstack")
    operations = []
    from_snapshot = "snapshot" in source
    for name in wanted:
        ports = [_open_to_all(port, ip_type) for port in catalogue_data.default_ports(blueprint_id)]
        record = request.new(
            TYPE,
            name,
            zone=request["availabilityZone"],
            blueprint_id=blueprint_id,
            bundle_id=offer["bundleId"],
            key_pair=request.get("keyPairName", key_pair.DEFAULT_NAME),
            # A new key pair is added; keys that the disk of a snapshot carries stay on it.
            authorized_keys=list(dict.fromkeys([*inherited_keys, authorized])),
            user_data=request.get("userData", ""),
            ip_address_type=ip_type,
            username=(image or {}).get("username") or "bitnami",
            state="pending",
            private_ip=None,
            public_ip=None if ip_type == "ipv6" else cloud.data_plane.allocate_address(),
            # Addresses are made up: there is no IPv6 here, so nothing answers on them.
            ipv6=[] if ip_type == "ipv4" else ["2001:db8:0:0:" + ":".join(secrets.token_hex(2) for _ in "1234")],
            ports=ports,
            metadata={
                "state": "applied",
                "httpTokens": (image or {}).get("httpTokens", "optional"),
                "httpEndpoint": "enabled",
                "httpPutResponseHopLimit": 1,
                "httpProtocolIpv6": "disabled",
            },
            add_ons=[dict(item) for item in add_ons],
            auto_snapshots=[],
            host_keys=[],
            booted_at=None,
            role=None,
            source=source,
        )
        record_operation = request.record_operation(
            TYPE,
            name,
            type="CreateInstancesFromSnapshot" if from_snapshot else "CreateInstance",
            status="Started",
            zone=record["zone"],
        )
        operations.append(record_operation)
        request.start(
            "instance.create",
            record["id"],
            {"id": record["id"]},
            operations=[record_operation],
            operation=request.name,
            resource="instance from snapshot running" if from_snapshot else "instance running",
        )
        for number, (disk, disk_name) in enumerate(zip(from_disks, disks[name], strict=True)):
            restore(request, record, disk_name, disk, snapshots.disk_of(source["snapshot"], number))
        if add_ons:
            auto_snapshot.plan(cloud, record)
            request.start("instance.add_on", record["id"], {"id": record["id"]}, resource="add-on changed")
    return {"operations": operations}


def _disk_names(request: Request, disks: list[Record]) -> dict[str, list[str]]:
    """Names of the disks that come with each new instance."""
    mapping = request.get("attachedDiskMapping", {})
    found = {}
    for instance in request["instanceNames"]:
        given = {item.get("originalDiskPath"): item.get("newDiskName") for item in mapping.get(instance, [])}
        unknown = [path for path in given if path not in [disk["path"] for disk in disks]]
        if unknown:
            raise errors.invalid(f"The snapshot has no disk with the path {unknown[0]}.")
        # Guess: AWS does not say how it names what has no name in the mapping.
        found[instance] = [given.get(disk["path"]) or f"{instance}-{disk['name']}" for disk in disks]
    for instance in mapping:
        if instance not in found:
            raise errors.invalid(f"The attachedDiskMapping names the instance {instance}, which is not one of instanceNames.")
    return found


def _open_to_all(port: dict[str, Any], ip_type: str) -> dict[str, Any]:
    # What is open to AWS's own browser client is open to nobody else (user guide).
    closed = bool(port["cidrListAliases"])
    return {
        **port,
        "cidrs": [] if closed or ip_type == "ipv6" else ["0.0.0.0/0"],
        "ipv6Cidrs": [] if closed or ip_type == "ipv4" else ["::/0"],
    }


@operation
def CreateInstances(request: Request) -> dict[str, Any]:
    blueprint_id = request["blueprintId"]
    image = catalogue_data.blueprint(blueprint_id)
    if image is None or not offers.is_sold(request.cloud, "blueprint", image):
        # Guess: the text for one that was sold once is that for one that never was.
        raise errors.invalid(f"The blueprint {blueprint_id} is not available.")
    # Every other blueprint is made of the host that is sold today.
    return _create(request, blueprint_id, {"image": image.get("image", "lightsail")}, [], [])


@operation
def CreateInstancesFromSnapshot(request: Request) -> dict[str, Any]:
    name, data, snapshot = snapshots.to_restore(request, "InstanceSnapshot", "instanceSnapshotName", "sourceInstanceName")
    offer = catalogue_data.bundle(request.region, request["bundleId"])
    if offer and offer["diskSizeInGb"] < snapshot["size"]:
        raise errors.invalid(
            f"The bundle {request['bundleId']} has a disk of {offer['diskSizeInGb']} GB; the snapshot "
            f"{name} needs at least {snapshot['size']} GB."
        )
    return _create(request, snapshot["from_blueprint_id"], {"snapshot": data}, snapshot["authorized_keys"], snapshot.get("disks", []))


def need_instance(request: Request) -> Record:
    return request.need(TYPE, request["instanceName"])


@operation
def GetInstance(request: Request) -> dict[str, Any]:
    record = need_instance(request)
    return {"instance": _with_health(request, record)}


@operation
def GetInstances(request: Request) -> dict[str, Any]:
    return request.page(request.all(TYPE), "instances", lambda record: _with_health(request, record))


def _with_health(request: Request, record: Record) -> dict[str, Any]:
    answer = view(request.cloud, record)
    if request.get("includeHealthStatus"):
        word = {"running": ("ok", "passed"), "pending": ("initializing", "initializing")}
        status, detail = word.get(record["state"], ("not-applicable", "insufficient-data"))
        health = {"status": status, "details": [{"name": "reachability", "status": detail}]}
        answer["instanceStatus"] = health
        answer["systemStatus"] = health
    return answer


@operation
def GetInstanceState(request: Request) -> dict[str, Any]:
    state = need_instance(request)["state"]
    return {"state": {"code": STATE_CODES[state], "name": state}}


def _power(request: Request, record: Record, status: str = "Started", details: str | None = None) -> Record:
    return request.record_operation(TYPE, record["name"], status=status, details=details, zone=record["zone"])


def _bundle_update(request: Request, record: Record) -> str:
    """The same size in the generation that is sold today, which is all that a start can change to (model)."""
    wanted = (request.get("attributeUpdates") or {}).get("bundleId")
    present = str(record["bundle_id"])
    newer = catalogue_data.sold_as(request.region, present)
    allowed = {present} | ({newer["bundleId"]} if newer else set())
    if wanted == "auto":
        return str(newer["bundleId"]) if newer else present
    if wanted is not None and wanted not in allowed:
        raise errors.invalid(
            f"The bundle of the instance {record['name']} cannot be changed to {wanted}. It must be one of: auto, {', '.join(sorted(allowed))}"
        )
    return wanted or present


@operation
def StartInstance(request: Request) -> dict[str, Any]:
    record = need_instance(request)
    bundle_id = _bundle_update(request, record)
    if record["state"] in ("running", "pending"):
        if bundle_id != record["bundle_id"]:
            raise errors.wrong_state(f"The instance {record['name']} must be stopped to change its bundle.")
        return {"operations": [_power(request, record, "Succeeded", details="")]}  # guess: a no-op, as EC2
    if record["state"] != "stopped":
        raise errors.wrong_state(f"The instance {record['name']} is {record['state']} and cannot be started.")
    record["state"] = "pending"
    record["bundle_id"] = bundle_id
    if record["public_ip"] is None and record["ip_address_type"] != "ipv6":
        record["public_ip"] = request.cloud.data_plane.allocate_address()
    # The details are empty, not left out (observed); the same for a stop.
    started = _power(request, record, details="")
    request.start(
        "instance.start",
        record["id"],
        {"id": record["id"]},
        operations=[started],
        operation="StartInstance",
        resource="instance started",
    )
    return {"operations": [started]}


@operation
def StopInstance(request: Request) -> dict[str, Any]:
    record = need_instance(request)
    if record["state"] in ("stopped", "stopping"):
        return {"operations": [_power(request, record, "Succeeded", details="")]}  # guess: a no-op, as EC2
    if record["state"] != "running":
        raise errors.wrong_state(f"The instance {record['name']} is {record['state']} and cannot be stopped.")
    record["state"] = "stopping"
    static = any(item["attached_to"] == record["name"] for item in request.all("StaticIp"))
    release = None if static else record["public_ip"]
    if not static:
        record["public_ip"] = None
    registry.tell("instance stopped", request.cloud, record)
    stopped = _power(request, record, details="")
    request.start(
        "instance.stop",
        record["id"],
        {"id": record["id"], "release": release},
        operations=[stopped],
        operation="StopInstance",
        resource="instance stopped",
    )
    return {"operations": [stopped]}


@operation
def RebootInstance(request: Request) -> dict[str, Any]:
    record = need_instance(request)
    if record["state"] != "running":
        raise errors.wrong_state(f"The instance {record['name']} is {record['state']} and cannot be rebooted.")
    # The API shows running all the time; the record has empty details and has Succeeded at once (CLI sample).
    request.start("instance.reboot", record["id"], {"id": record["id"]})
    return {"operations": [_power(request, record, "Succeeded", details="")]}


@operation
def DeleteInstance(request: Request) -> dict[str, Any]:
    record = need_instance(request)
    cloud = request.cloud
    if record["state"] == "shutting-down":
        raise errors.wrong_state(f"The instance {record['name']} is being deleted already.")
    if any(item["status"] != "Disabling" for item in record["add_ons"]) and not request.get("forceDeleteAddOns"):
        raise errors.invalid(
            f"The instance {record['name']} has add-ons. Disable them first, or set forceDeleteAddOns to true."
        )
    static = any(item["attached_to"] == record["name"] for item in request.all("StaticIp"))
    release = None if static else record["public_ip"]
    registry.tell("instance deleted", cloud, record)
    detached = detach_all(request, record)
    record["state"] = "shutting-down"
    record["public_ip"] = None
    request.start(
        "instance.delete",
        record["id"],
        {"id": record["id"], "release": release},
        resource="instance deleted",
        wait=True,
    )
    return {"operations": [*detached, _power(request, record, "Succeeded")]}
