# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags: TagResource merges, UntagResource removes; the rules hold for creation, too."""

from __future__ import annotations

from typing import Any

from . import errors
from .registry import operation
from .request import Request

# Not modelled with tags, or refused by the service although the create call takes them (Terraform found the latter).
NOT_TAGGABLE = {"StaticIp", "LoadBalancerTlsCertificate"}


def check(tags: list[dict[str, Any]] | None) -> None:
    """The rules of the user guide: at most 50, key up to 128, value up to 256 characters, no aws: prefix."""
    keys = [tag.get("key", "") for tag in tags or []]
    for tag in tags or []:
        key = tag.get("key")
        if not key or len(key) > 128:
            raise errors.invalid("A tag key must have between 1 and 128 characters.")
        if key.lower().startswith("aws:"):
            raise errors.invalid(f"The tag key {key} is not valid: the prefix aws: is reserved.")
        if len(tag.get("value") or "") > 256:
            raise errors.invalid(f"The value of the tag {key} has more than 256 characters.")
    if len(set(keys)) != len(keys):
        raise errors.invalid("Tag keys must be unique.")
    if len(keys) > 50:
        raise errors.invalid("A resource can have at most 50 tags.")


def _resource(request: Request) -> dict[str, Any]:
    name = request["resourceName"]
    record = request.cloud.names(request.region).get(name) or request.find("Subdomain", name)
    if record is None and request.get("resourceArn"):  # a contact method has no name of its own
        record = next((item for item in request.cloud.resources.values() if item["arn"] == request["resourceArn"]), None)
    if record is None:
        raise errors.not_found("Resource", request["resourceName"])
    if record["type"] in NOT_TAGGABLE:
        raise errors.not_taggable(record["type"])
    return record


def _answer(request: Request, record: dict[str, Any]) -> dict[str, Any]:
    operation_record = request.record_operation(
        record["type"], record["name"], zone=record["zone"], region=record["region"]
    )
    return {"operations": [operation_record]}


@operation
def TagResource(request: Request) -> dict[str, Any]:
    record = _resource(request)
    check(request["tags"])
    merged = {tag["key"]: tag for tag in record["tags"]}
    for tag in request["tags"]:
        merged[tag["key"]] = dict(tag)
    check(list(merged.values()))
    record["tags"] = list(merged.values())
    return _answer(request, record)


@operation
def UntagResource(request: Request) -> dict[str, Any]:
    record = _resource(request)
    gone = set(request["tagKeys"])  # removing absent keys is harmless
    record["tags"] = [tag for tag in record["tags"] if tag["key"] not in gone]
    return _answer(request, record)
