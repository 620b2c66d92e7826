# SPDX-License-Identifier: GPL-3.0-or-later
"""Container services and VPC peering are not emulated: their lists are empty, and no VPC is peered."""

from __future__ import annotations

from typing import Any

from . import errors
from .registry import operation
from .request import Request


@operation
def GetContainerServices(request: Request) -> dict[str, Any]:
    if request.get("serviceName"):
        raise errors.not_found("ContainerService", request["serviceName"])
    return {"containerServices": []}


@operation
def GetContainerServicePowers(request: Request) -> dict[str, Any]:
    return {"powers": []}


@operation
def GetContainerAPIMetadata(request: Request) -> dict[str, Any]:
    return {"metadata": []}


@operation
def IsVpcPeered(request: Request) -> dict[str, Any]:
    return {"isPeered": False}
