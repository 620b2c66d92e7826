# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a zone as plain data: used by zones and by certificates, which add their validation records themselves."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from . import names

if TYPE_CHECKING:
    from .cloud import Cloud
    from .request import Record


def new_entry_id() -> str:
    """Looks like a signed 32-bit number, e.g. "-1682899164" in the CLI's sample."""
    return str(secrets.randbelow(2**32) - 2**31)


def zone_for(cloud: Cloud, name: str) -> Record | None:
    """The zone that a name belongs to: the longest that ends it."""
    name = names.plain(name)
    zones = [zone for zone in cloud.all("Domain") if name == zone["name"] or name.endswith("." + zone["name"])]
    return max(zones, key=lambda zone: len(zone["name"]), default=None)


def same(entry: dict[str, Any], name: str, type: str, target: str) -> bool:
    return (
        names.plain(entry["name"]) == names.plain(name)
        and entry["type"] == type
        and entry["target"].rstrip(".") == target.rstrip(".")
    )


def ensure(zone: Record, name: str, type: str, target: str) -> None:
    if not any(same(entry, name, type, target) for entry in zone["entries"]):
        zone["entries"].append(
            {"id": new_entry_id(), "name": name, "target": target, "isAlias": False, "type": type}
        )
