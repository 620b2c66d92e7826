# SPDX-License-Identifier: GPL-3.0-or-later
"""Add-ons of instances and disks, of which automatic snapshots are the only one."""

from __future__ import annotations

from typing import Any

from . import auto_snapshot, errors
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


def _answer(request: Request, record: Record) -> dict[str, Any]:
    request.start("instance.add_on", record["id"], {"id": record["id"]}, resource="add-on changed")
    return {"operations": [request.record_operation(record["type"], record["name"], details=NAME, zone=record["zone"])]}


@operation
def EnableAddOn(request: Request) -> dict[str, Any]:
    record = auto_snapshot.need_resource(request)
    add_on = read_add_ons([request["addOnRequest"]])[0]
    for existing in record["add_ons"]:
        if existing["snapshotTimeOfDay"] == add_on["snapshotTimeOfDay"] and existing["status"] != "Disabling":
            raise errors.invalid("The addOn is already in requested state")
    record["add_ons"] = [add_on]
    auto_snapshot.plan(request.cloud, record)
    return _answer(request, record)


@operation
def DisableAddOn(request: Request) -> dict[str, Any]:
    record = auto_snapshot.need_resource(request)
    if request["addOnType"] != NAME or not record["add_ons"]:
        raise errors.invalid("AutoSnapshot not enabled for the resource")
    for add_on in record["add_ons"]:
        add_on["status"] = "Disabling"
    auto_snapshot.plan(request.cloud, record)  # those that were taken stay (guess)
    return _answer(request, record)
