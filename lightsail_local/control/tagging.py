# SPDX-License-Identifier: GPL-3.0-or-later
"""The Resource Groups Tagging API, over the tags of the resources here. That it covers Lightsail's resources is a guess.

Not in Tag Editor's list of resource types; the API itself takes the ARN of any service that has tags.
"""

from __future__ import annotations

import base64
from typing import Any

from . import errors, tags
from .registry import operation
from .request import GLOBAL, HOME_REGION, Record, Request

MOST_KEYS = 100  # on a page of GetTagKeys and GetTagValues; a guess


def _invalid(message: str) -> errors.ApiError:
    return errors.ApiError("InvalidParameterException", message)


def _here(request: Request) -> list[Record]:
    regions = {HOME_REGION, GLOBAL} if request.region == HOME_REGION else {request.region}
    return [record for record in request.cloud.resources.values() if record["region"] in regions and record["type"] not in tags.NOT_TAGGABLE]


def _page(request: Request, key: str, items: list[Any], size: int) -> dict[str, Any]:
    """The token is empty on the last page, rather than absent."""
    token = request.get("PaginationToken", "")
    try:
        start = int(base64.urlsafe_b64decode(token.encode())) if token else 0
    except ValueError:
        start = -1
    if start < 0:
        raise errors.ApiError("PaginationTokenExpiredException", "The pagination token is not valid.")
    end = start + size
    return {key: items[start:end], "PaginationToken": base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(items) else ""}


def _of_type(record: Record, filters: list[str]) -> bool:
    return not filters or any(item in ("lightsail", f"lightsail:{record['type']}") for item in filters)


def _has_tags(record: Record, filters: list[dict[str, Any]]) -> bool:
    have = _tags_of(record)
    return all(item["Key"] in have and (not item.get("Values") or have[item["Key"]] in item["Values"]) for item in filters)


def _tags_of(record: Record) -> dict[str, str]:
    return {tag["key"]: tag.get("value") or "" for tag in record.get("tags", [])}


@operation(name="resourcegroupstaggingapi:GetResources")
def GetResources(request: Request) -> dict[str, Any]:
    arns, types = request.get("ResourceARNList", []), request.get("ResourceTypeFilters", [])
    filters = request.get("TagFilters", [])
    if arns and (types or filters):
        raise _invalid("ResourceARNList cannot be used together with TagFilters or ResourceTypeFilters.")
    if any("Key" not in item for item in filters):
        raise _invalid("Each of TagFilters needs a Key.")
    size = request.get("ResourcesPerPage", 50)
    if not 1 <= size <= 100:
        raise _invalid("ResourcesPerPage must be between 1 and 100.")
    found = [record for record in _here(request) if record.get("tags") and _of_type(record, types) and _has_tags(record, filters)]
    found = [record for record in found if not arns or record["arn"] in arns]
    view = [
        {"ResourceARN": record["arn"], "Tags": [{"Key": key, "Value": value} for key, value in _tags_of(record).items()]} for record in found
    ]
    return _page(request, "ResourceTagMappingList", view, size)


@operation(name="resourcegroupstaggingapi:GetTagKeys")
def GetTagKeys(request: Request) -> dict[str, Any]:
    return _page(request, "TagKeys", sorted({key for record in _here(request) for key in _tags_of(record)}), MOST_KEYS)


@operation(name="resourcegroupstaggingapi:GetTagValues")
def GetTagValues(request: Request) -> dict[str, Any]:
    key = request["Key"]
    values = {have[key] for have in map(_tags_of, _here(request)) if key in have}
    return _page(request, "TagValues", sorted(values), MOST_KEYS)


def _each(request: Request, type: str, change: Any) -> dict[str, Any]:
    """Changes what it can, and tells what it could not. Lightsail keeps a record of each, as when it is asked itself."""
    failed = {}
    have = {record["arn"]: record for record in _here(request)}
    for arn in request["ResourceARNList"]:
        try:
            record = have.get(arn)
            if record is None:
                raise _invalid(f"There is no resource {arn} with tags in {request.region}.")
            wanted = change(record.get("tags", []))
            tags.check(wanted)
            record["tags"] = wanted
            request.record_operation(record["type"], record["name"], type=type, zone=record["zone"], region=record["region"])
        except errors.ApiError as error:
            failed[arn] = {"StatusCode": 400, "ErrorCode": "InvalidParameterException", "ErrorMessage": error.message}
    return {"FailedResourcesMap": failed}


@operation(name="resourcegroupstaggingapi:TagResources")
def TagResources(request: Request) -> dict[str, Any]:
    new = [{"key": key, "value": value} for key, value in request["Tags"].items()]
    return _each(request, "TagResource", lambda old: [tag for tag in old if tag["key"] not in request["Tags"]] + new)


@operation(name="resourcegroupstaggingapi:UntagResources")
def UntagResources(request: Request) -> dict[str, Any]:
    return _each(request, "UntagResource", lambda old: [tag for tag in old if tag["key"] not in request["TagKeys"]])
