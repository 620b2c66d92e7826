# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions, blueprints and bundles, and the names in use."""

from __future__ import annotations

from typing import Any

from . import catalogue_data, offers
from .registry import operation
from .request import Request


def _active(items: list[dict[str, Any]] | tuple[dict[str, Any], ...], request: Request) -> list[dict[str, Any]]:
    return [item for item in items if item["isActive"] or request.get("includeInactive", False)]


def _sold(kind: str, items: list[dict[str, Any]] | tuple[dict[str, Any], ...], request: Request) -> list[dict[str, Any]]:
    return offers.listed(request.cloud, kind, items, bool(request.get("includeInactive", False)))


@operation
def GetRegions(request: Request) -> dict[str, Any]:
    answer = []
    for item in catalogue_data.load("regions")["regions"]:
        region = {key: item[key] for key in ("name", "displayName", "description", "continentCode")}
        zones = [{"zoneName": zone, "state": "available"} for zone in catalogue_data.zones(item["name"])]
        # Without the flag the lists are there and empty (CLI sample).
        region["availabilityZones"] = zones if request.get("includeAvailabilityZones") else []
        wanted = request.get("includeRelationalDatabaseAvailabilityZones")
        region["relationalDatabaseAvailabilityZones"] = zones if wanted else []
        answer.append(region)
    return {"regions": answer}


@operation
def GetBlueprints(request: Request) -> dict[str, Any]:
    if request.get("appCategory"):
        return {"blueprints": []}  # Lightsail for Research is not emulated
    return request.page(_sold("blueprint", catalogue_data.load("blueprints")["blueprints"], request), "blueprints")


@operation
def GetBundles(request: Request) -> dict[str, Any]:
    if request.get("appCategory"):
        return {"bundles": []}
    return request.page(_sold("bundle", catalogue_data.bundles(request.region), request), "bundles")


@operation
def GetRelationalDatabaseBlueprints(request: Request) -> dict[str, Any]:
    return request.page(_sold("database-blueprint", catalogue_data.load("database_blueprints")["blueprints"], request), "blueprints")


@operation
def GetRelationalDatabaseBundles(request: Request) -> dict[str, Any]:
    return request.page(_sold("database-bundle", catalogue_data.load("database_bundles")["bundles"], request), "bundles")


@operation
def GetBucketBundles(request: Request) -> dict[str, Any]:
    return {"bundles": _active(catalogue_data.load("bucket_bundles")["bundles"], request)}


@operation
def GetDistributionBundles(request: Request) -> dict[str, Any]:
    return {"bundles": catalogue_data.load("distribution_bundles")["bundles"]}


@operation
def GetLoadBalancerTlsPolicies(request: Request) -> dict[str, Any]:
    return request.page(catalogue_data.load("tls_policies")["policies"], "tlsPolicies")


@operation
def GetActiveNames(request: Request) -> dict[str, Any]:
    return request.page(sorted(request.cloud.names(request.region)), "activeNames")
