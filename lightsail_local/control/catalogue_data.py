# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be bought and where, read from control/data/*.json; each file names its source."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
# Members of what is sold that are no part of the API's answer. "guess": nobody has seen this id on the real service.
OURS = ("username", "ports", "image", "httpTokens", "guess")


@lru_cache(maxsize=None)
def load(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.json").read_text())


@lru_cache(maxsize=None)
def zones(region: str) -> tuple[str, ...]:
    for item in load("regions")["regions"]:
        if item["name"] == region:
            return tuple(region + letter for letter in item["zones"])
    return ()


@lru_cache(maxsize=None)
def bundles(region: str) -> tuple[dict[str, Any], ...]:
    """Instance bundles of a Region: ids and transfer differ by Region."""
    data = load("bundles")
    suffix = data["suffixes"].get(region)
    result = []
    for item in data["bundles"]:
        bundle = dict(item)
        if suffix:
            bundle["bundleId"] = bundle["bundleId"][:-1] + suffix
        if region in data["half_transfer"]:
            bundle["transferPerMonthInGb"] //= 2
        result.append(bundle)
    return tuple(result)


def bundle(region: str, bundle_id: str) -> dict[str, Any] | None:
    return next((item for item in bundles(region) if item["bundleId"] == bundle_id), None)


def sold_as(region: str, bundle_id: str, *, ipv6_only: bool | None = None) -> dict[str, Any] | None:
    """The bundle of today that is of the same size as one that may not be sold any more; or its twin for another kind of addresses."""
    old = bundle(region, bundle_id)
    if old is None:
        return None
    addresses = old["publicIpv4AddressCount"] if ipv6_only is None else int(not ipv6_only)
    wanted = {**old, "publicIpv4AddressCount": addresses, "isActive": True}
    same = ("instanceType", "supportedPlatforms", "publicIpv4AddressCount", "isActive")
    return next((item for item in bundles(region) if all(item[key] == wanted[key] for key in same)), None)


def blueprint(blueprint_id: str) -> dict[str, Any] | None:
    return next((item for item in load("blueprints")["blueprints"] if item["blueprintId"] == blueprint_id), None)


def default_ports(blueprint_id: str) -> list[dict[str, Any]]:
    data = load("blueprints")
    kind = (blueprint(blueprint_id) or {}).get("ports", "os")
    return [
        {"fromPort": start, "toPort": end, "protocol": protocol, "cidrListAliases": aliases} for start, end, protocol, *aliases in data["ports"][kind]
    ]


def database_bundle(bundle_id: str) -> dict[str, Any] | None:
    return next((item for item in load("database_bundles")["bundles"] if item["bundleId"] == bundle_id), None)


def database_blueprint(blueprint_id: str) -> dict[str, Any] | None:
    return next((item for item in load("database_blueprints")["blueprints"] if item["blueprintId"] == blueprint_id), None)


def bucket_bundle(bundle_id: str) -> dict[str, Any] | None:
    return next((item for item in load("bucket_bundles")["bundles"] if item["bundleId"] == bundle_id), None)


def distribution_bundle(bundle_id: str) -> dict[str, Any] | None:
    return next((item for item in load("distribution_bundles")["bundles"] if item["bundleId"] == bundle_id), None)
