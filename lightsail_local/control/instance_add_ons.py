# SPDX-License-Identifier: GPL-3.0-or-later
"""Add-ons of instances and disks: automatic snapshots as a setting. The daily snapshots themselves are not taken."""

from __future__ import annotations

from typing import Any

from . import errors
from .registry import operation
from .request import Record, Request

NAME = "AutoSnapshot"
DEFAULT_TIME = "06:00"  # the Region's default is not documented


def read_add_ons(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    result = []
    for item in requests:
        if item["addOnType"] != NAME:
            raise errors.invalid(f"The add-on {item['addOnType']} is for Lightsail for Research only.")
        wanted = (item.get("autoSnapshotAddOnRequest") or {}).get("snapshotTimeOfDay", DEFAULT_TIME)
        if not wanted.endswith(":00"):
            raise errors.invalid(f"snapshotTimeOfDay is {wanted}; it must be a full hour in UTC, such as 06:00.")
        result.append(
            {"name": NAME, "status": "Enabling", "snapshotTimeOfDay": wanted, "nextSnapshotTimeOfDay": wanted}
        )
    return result


def _resource(request: Request) -> Record:
    name = request["resourceName"]
    record = request.find("Instance", name) or request.find("Disk", name)
    if record is None:
        raise errors.not_found("Resource", name)
    return record


def _answer(request: Request, record: Record) -> dict[str, Any]:
    request.start("instance.add_on", record["id"], {"id": record["id"]}, resource="add-on changed")
    return {"operations": [request.record_operation(record["type"], record["name"], details=NAME, zone=record["zone"])]}


@operation
def EnableAddOn(request: Request) -> dict[str, Any]:
    record = _resource(request)
    add_on = read_add_ons([request["addOnRequest"]])[0]
    for existing in record["add_ons"]:
        if existing["snapshotTimeOfDay"] == add_on["snapshotTimeOfDay"] and existing["status"] != "Disabling":
            raise errors.invalid("The addOn is already in requested state")
    record["add_ons"] = [add_on]
    return _answer(request, record)


@operation
def DisableAddOn(request: Request) -> dict[str, Any]:
    record = _resource(request)
    if request["addOnType"] != NAME or not record["add_ons"]:
        raise errors.invalid("AutoSnapshot not enabled for the resource")
    for add_on in record["add_ons"]:
        add_on["status"] = "Disabling"
    return _answer(request, record)


@operation
def GetAutoSnapshots(request: Request) -> dict[str, Any]:
    record = _resource(request)
    return {"resourceName": record["name"], "resourceType": record["type"], "autoSnapshots": []}


@operation
def DeleteAutoSnapshot(request: Request) -> dict[str, Any]:
    record = _resource(request)
    raise errors.not_found("AutoSnapshot", f"{record['name']} {request['date']}")
