# SPDX-License-Identifier: GPL-3.0-or-later
"""Database parameters: dynamic ones are applied at once if asked, static ones at the next reboot."""

from __future__ import annotations

import re
from typing import Any

from . import catalogue_data, errors
from .registry import operation
from .relational_database import need, need_available
from .relational_database_state import TYPE
from .request import Request


def _catalogue() -> dict[str, dict[str, Any]]:
    return {item["parameterName"]: item for item in catalogue_data.load("database_parameters")["parameters"]}


@operation
def GetRelationalDatabaseParameters(request: Request) -> dict[str, Any]:
    record = need(request)
    answer = []
    for name, item in _catalogue().items():
        item = dict(item)
        changed = record["parameters"].get(name)
        if changed is not None:
            item.update(parameterValue=changed["value"], applyMethod=changed["method"])
        answer.append(item)
    return request.page(answer, "parameters")


def _allowed(item: dict[str, Any], value: str) -> bool:
    """allowedValues is a list of words, or of ranges of numbers."""
    allowed = item.get("allowedValues")
    if not allowed or value.startswith("{"):
        return True  # a formula, as {DBInstanceClassMemory*3/4}
    for choice in allowed.split(","):
        bounds = re.fullmatch(r"(\d+)-(\d+)", choice)
        if bounds:
            try:
                if int(bounds[1]) <= float(value) <= int(bounds[2]):
                    return True
            except ValueError:
                continue
        elif choice == value:
            return True
    return False


@operation
def UpdateRelationalDatabaseParameters(request: Request) -> dict[str, Any]:
    record = need(request)
    need_available(record, "a change of parameters")
    catalogue = _catalogue()
    now: dict[str, str] = {}
    later: dict[str, str] = {}
    changes: dict[str, dict[str, str]] = {}
    for item in request["parameters"]:
        name, value = item.get("parameterName"), item.get("parameterValue")
        known = catalogue.get(name or "")
        if known is None:
            raise errors.invalid(f"Could not find parameter with name: {name}")
        if not known["isModifiable"]:
            raise errors.invalid(f"The parameter {name} cannot be modified.")
        if value is None or not _allowed(known, value):
            raise errors.invalid(f"Invalid parameter value: {value} for: {name} allowed values are: {known.get('allowedValues')}")
        method = item.get("applyMethod", "pending-reboot")
        if method not in ("immediate", "pending-reboot"):
            raise errors.invalid(f"applyMethod is {method}; it must be immediate or pending-reboot.")
        if known["applyType"] == "static" and method == "immediate":
            raise errors.invalid(f"The static parameter {name} can be applied with pending-reboot only.")
        changes[name] = {"value": value, "method": method}
        (now if method == "immediate" else later)[name] = value
    record["parameters"].update(changes)
    for name in now:
        record["pending_parameters"].pop(name, None)
    record["pending_parameters"].update(later)
    record["parameter_status"] = "applying" if now else "pending-reboot"
    # Succeeded at once (observed); parameterApplyStatus says when the values act.
    request.start(
        "database.parameters",
        record["id"],
        {"id": record["id"], "now": now},
        resource="database parameters applied",
        wait=True,
    )
    return {"operations": [request.record_operation(TYPE, record["name"], zone=record["zone"])]}
