# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and answers checked against botocore's own service models.

botocore validates required members, types and lower bounds before it sends; enums, patterns and upper bounds it leaves
to the service. So the service has to know all of it, and here it does, from the same model that clients are made from.
"""

from __future__ import annotations

import datetime
import re
from functools import cached_property, lru_cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.validate import ParamValidator


class Service:
    """What tells the services apart on the wire."""

    def __init__(self, name: str, target: str, invalid_input: str, whole: bool = False) -> None:
        self.name = name  # botocore's name
        self.target = target  # the prefix in X-Amz-Target; with forms what the signature is for
        self.invalid_input = invalid_input  # the error class for bad input
        self.whole = whole  # one that this cloud is about, not one of which it answers a few calls only

    @cached_property
    def model(self) -> ServiceModel:
        return _service_model(self.name)

    @property
    def signing_name(self) -> str:
        return self.model.signing_name

    def operation(self, name: str) -> OperationModel | None:
        return self.model.operation_model(name) if name in self.model.operation_names else None


@lru_cache(maxsize=None)
def _service_model(name: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(name)


@lru_cache(maxsize=None)
def services() -> dict[str, Service]:
    """By what a call names it with."""
    every = (
        Service("lightsail", "Lightsail_20161128", "InvalidInputException", whole=True),
        Service("route53domains", "Route53Domains_v20140515", "InvalidInput", whole=True),
        Service("resourcegroupstaggingapi", "ResourceGroupsTaggingAPI_20170126", "InvalidParameterException"),
        Service("sts", "sts", "ValidationError"),
        Service("iam", "iam", "ValidationError"),
        Service("ec2", "ec2", "InvalidParameterValue"),
    )
    return {service.target: service for service in every}


@lru_cache(maxsize=None)
def region_names() -> tuple[str, ...]:
    return tuple(_enum(_service_model("lightsail").shape_for("RegionName")))


class BadRequest(Exception):
    """One sentence on what is wrong with the request."""


# Values that the service takes and returns although the model's enum does not have them: Terraform's acceptance tests
# pin forwardedHeaders.option to "default", and the CLI's samples open a port for TCP.
EXTRA_INPUT_VALUES = {("ForwardValues", "default"), *(("NetworkProtocol", word) for word in ("TCP", "UDP", "ALL", "ICMP", "ICMPV6"))}

# Enums that real answers do not keep to: operation types are free text in samples (CreateKeyPair, CreateDomainEntry),
# accessType is lower case in samples although the enum says Public and Private.
FREE_OUTPUT_ENUMS = {"OperationType", "PortAccessType", "ForwardValues"}

# Zones are in the Region "global" (CLI sample), and rules for all protocols are read back as -1 (others); the enums have neither.
EXTRA_OUTPUT_VALUES = {("RegionName", "global"), ("NetworkProtocol", "-1")}

# The live rule for resource names is not the model's pattern (which has no dot and is not anchored).
RESOURCE_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*)[A-Za-z0-9]")
RESOURCE_NAME_MAX = 255


def check_resource_name(name: str) -> None:
    if not RESOURCE_NAME.fullmatch(name) or len(name) > RESOURCE_NAME_MAX:
        raise BadRequest(
            f"{name} is not a valid resource name. Resource names must be at least 2 characters long and contain "
            "only alphanumerics, -, _, and ."
        )


def validate_request(parameters: Any, operation: OperationModel) -> None:
    """Raises BadRequest unless the parameters are what the model says."""
    shape = operation.input_shape
    if shape is None:
        return
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise BadRequest(f"Input error: {report.generate_report()}")
    _check(parameters, shape, "")


def _check(value: Any, shape: Shape, path: str) -> None:
    if isinstance(shape, StructureShape):
        for key, item in value.items():
            if item is not None:
                _check(item, shape.members[key], f"{path}.{key}" if path else key)
    elif isinstance(shape, ListShape):
        maximum = shape.metadata.get("max")
        if maximum is not None and len(value) > maximum:
            raise BadRequest(f"Input error: {path} has {len(value)} items; at most {maximum} are allowed.")
        for index, item in enumerate(value):
            _check(item, shape.member, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            _check(key, shape.key, f"{path} key")
            _check(item, shape.value, f"{path}.{key}")
    elif shape.type_name == "string":
        _check_string(value, shape, path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        maximum = shape.metadata.get("max")
        if maximum is not None and value > maximum:
            raise BadRequest(f"Input error: {path} is {value}; at most {maximum} is allowed.")


def _check_string(value: str, shape: Shape, path: str) -> None:
    if shape.name == "ResourceName":
        check_resource_name(value)
        return
    words = _enum(shape)
    if words and value not in words and (shape.name, value) not in EXTRA_INPUT_VALUES:
        raise BadRequest(f"Input error: {path} is {value!r}; it must be one of: {', '.join(words)}.")
    maximum = shape.metadata.get("max")
    if maximum is not None and len(value) > maximum:
        raise BadRequest(f"Input error: {path} has {len(value)} characters; at most {maximum} are allowed.")
    pattern = shape.metadata.get("pattern")
    if pattern and not _pattern(pattern).search(value):
        raise BadRequest(f"Input error: {path} does not match the pattern {pattern}")


def _enum(shape: Shape) -> list[str]:
    return getattr(shape, "enum", [])


@lru_cache(maxsize=None)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


class NotInModel(Exception):
    """An answer of ours that the model does not have: a mistake in a handler."""


def serialise(value: Any, shape: Shape | None, path: str = "answer") -> Any:
    """The JSON value for an answer; raises NotInModel on any key, type or enum value that the model does not have.

    Members that are None are left out: absent values are omitted in nearly all of AWS's samples.
    """
    if shape is None:
        if value:
            raise NotInModel(f"{path}: the operation has no answer, got {value!r}")
        return {}
    if isinstance(shape, StructureShape):
        _expect(isinstance(value, dict), path, "an object", value)
        for key in value:
            if key not in shape.members:
                raise NotInModel(f"{path} ({shape.name}) has no member {key}")
        return {
            key: serialise(item, shape.members[key], f"{path}.{key}")
            for key, item in value.items()
            if item is not None
        }
    if isinstance(shape, ListShape):
        _expect(isinstance(value, (list, tuple)), path, "a list", value)
        return [serialise(item, shape.member, f"{path}[{index}]") for index, item in enumerate(value)]
    if isinstance(shape, MapShape):
        _expect(isinstance(value, dict), path, "a map", value)
        return {
            serialise(key, shape.key, f"{path} key"): serialise(item, shape.value, f"{path}.{key}")
            for key, item in value.items()
        }
    return _serialise_scalar(value, shape, path)


def _serialise_scalar(value: Any, shape: Shape, path: str) -> Any:
    kind = shape.type_name
    if kind == "timestamp":
        if isinstance(value, datetime.datetime):
            value = value.timestamp()
        _expect(isinstance(value, (int, float)) and not isinstance(value, bool), path, "a timestamp", value)
        return round(value, 3)
    if kind == "boolean":
        _expect(isinstance(value, bool), path, "a boolean", value)
    elif kind in ("integer", "long"):
        _expect(isinstance(value, int) and not isinstance(value, bool), path, "an integer", value)
    elif kind in ("float", "double"):
        _expect(isinstance(value, (int, float)) and not isinstance(value, bool), path, "a number", value)
    elif kind == "string":
        _expect(isinstance(value, str), path, "a string", value)
        free = shape.name in FREE_OUTPUT_ENUMS or (shape.name, value) in EXTRA_OUTPUT_VALUES
        if _enum(shape) and value not in _enum(shape) and not free:
            raise NotInModel(f"{path} ({shape.name}) has no value {value!r}")
    else:
        raise NotInModel(f"{path}: no way to write a {kind}")
    return value


def _expect(right: bool, path: str, what: str, value: Any) -> None:
    if not right:
        raise NotInModel(f"{path} must be {what}, is {value!r}")


def redact(value: Any, shape: Shape | None) -> Any:
    """The parameters for the call log, without what the model marks as sensitive."""
    if shape is None or value is None:
        return value
    if shape.metadata.get("sensitive"):
        return "(hidden)"
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            key: redact(item, shape.members[key]) if key in shape.members else item for key, item in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [redact(item, shape.member) for item in value]
    return value
