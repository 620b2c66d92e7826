# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients ask other services about the account on their way to Lightsail: who is calling, aliases, Regions."""

from __future__ import annotations

from typing import Any

from . import catalogue_data
from .registry import operation
from .request import Request

USER = "lightsail-local"
USER_ID = "AIDALIGHTSAILLOCAL001"


@operation(name="sts:GetCallerIdentity")
def GetCallerIdentity(request: Request) -> dict[str, Any]:
    account = request.cloud.account["id"]
    return {"UserId": USER_ID, "Account": account, "Arn": f"arn:aws:iam::{account}:user/{USER}"}


@operation(name="iam:ListAccountAliases")
def ListAccountAliases(request: Request) -> dict[str, Any]:
    return {"AccountAliases": [], "IsTruncated": False}


@operation(name="ec2:DescribeRegions")
def DescribeRegions(request: Request) -> dict[str, Any]:
    """Those that this cloud has. All of them are on, so whether one had to be switched on is not told apart."""
    names = [item["name"] for item in catalogue_data.load("regions")["regions"]]
    found = [{"RegionName": name, "Endpoint": f"ec2.{name}.amazonaws.com", "OptInStatus": "opt-in-not-required"} for name in names]
    wanted = request.get("RegionNames", [])
    members = {"region-name": "RegionName", "endpoint": "Endpoint", "opt-in-status": "OptInStatus"}
    for item in request.get("Filters", []):
        member = members.get(item.get("Name", ""))
        if member:
            found = [region for region in found if region[member] in item.get("Values", [])]
    return {"Regions": [region for region in found if not wanted or region["RegionName"] in wanted]}
