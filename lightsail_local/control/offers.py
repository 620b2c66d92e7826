# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sold now: what the catalogue says, unless a rehearsal has changed it (`lightsail-local retire`, `lightsail-local offer`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import catalogue_data

if TYPE_CHECKING:
    from .cloud import Cloud

# kind: member of the answers that holds the id
KINDS = {
    "blueprint": "blueprintId",
    "bundle": "bundleId",
    "database-blueprint": "blueprintId",
    "database-bundle": "bundleId",
}


def _everything(kind: str) -> list[dict[str, Any]]:
    if kind == "bundle":
        return [item for region in catalogue_data.load("regions")["regions"] for item in catalogue_data.bundles(region["name"])]
    file, member = {
        "blueprint": ("blueprints", "blueprints"),
        "database-blueprint": ("database_blueprints", "blueprints"),
        "database-bundle": ("database_bundles", "bundles"),
    }[kind]
    return list(catalogue_data.load(file)[member])


def is_sold(cloud: Cloud, kind: str, item: dict[str, Any]) -> bool:
    changed = cloud.store.data["offers"].get(kind, {})
    return bool(changed.get(item[KINDS[kind]], item.get("isActive", True)))


def listed(cloud: Cloud, kind: str, items: Any, include_inactive: bool) -> list[dict[str, Any]]:
    """The items as an answer has them: with isActive as it is now, those that are not sold only when asked for."""
    found = []
    for item in items:
        sold = is_sold(cloud, kind, item)
        if sold or include_inactive:
            shown = {key: value for key, value in item.items() if key not in catalogue_data.OURS}
            # Database blueprints have no such member (model).
            found.append({**shown, "isActive": sold} if "isActive" in item else shown)
    return found


def change(cloud: Cloud, kind: str, item_id: str, sold: bool) -> None:
    """Sell it again, or no longer; raises ValueError for what the catalogue does not have."""
    if kind not in KINDS:
        raise ValueError(f"There is no kind {kind}; the kinds are {', '.join(KINDS)}.")
    # What is a guess is listed as one.
    known = {item[KINDS[kind]]: " (guess)" if item.get("guess") else "" for item in _everything(kind)}
    if item_id not in known:
        raise ValueError(f"The catalogue has no {kind} {item_id}; it has {', '.join(name + known[name] for name in sorted(known))}.")
    cloud.store.data["offers"].setdefault(kind, {})[item_id] = sold
    cloud.store.save()
