# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading operation records. They stay readable when the resource is gone."""

from __future__ import annotations

from typing import Any

from . import errors
from .registry import operation
from .request import Request, operation_view


def _newest_first(request: Request) -> list[dict[str, Any]]:
    # Documented as oldest first, sampled as newest first; clients must not depend on it. Here as in the samples.
    records = [item for item in request.cloud.store.data["operations"] if item["_region"] == request.region]
    return [operation_view(item) for item in reversed(records)]


@operation
def GetOperation(request: Request) -> dict[str, Any]:
    for item in request.cloud.store.data["operations"]:
        if item["id"] == request["operationId"] and item["_region"] == request.region:
            return {"operation": item}
    raise errors.not_found("Operation", request["operationId"])


@operation
def GetOperations(request: Request) -> dict[str, Any]:
    return request.page(_newest_first(request), "operations")


@operation
def GetOperationsForResource(request: Request) -> dict[str, Any]:
    name = request["resourceName"]
    return request.page([item for item in _newest_first(request) if item["resourceName"] == name], "operations")
