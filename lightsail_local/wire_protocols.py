# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocols of AWS: how the name, the parameters, the answer and the error of a call are written. Knows no operation.

Lightsail and Route 53 Domains speak JSON 1.1. What else clients call on the way speaks others: STS, IAM and EC2 forms and XML,
the tagging API and CloudWatch CBOR. Each call is answered in the protocol that it came in, a refusal too.
"""

from __future__ import annotations

import io
import json
import re
import struct
import urllib.parse
import uuid
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ListShape, OperationModel, Shape, StructureShape

from .control.errors import ApiError

SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/[^/,\s]+/([^/,\s]+)/aws4_request")
# Services that speak XML without forms.
REST_XML = {"route53", "cloudfront"}


class Message:
    """One HTTP request."""

    def __init__(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        self.method = method
        self.target = target  # path and query
        self.path, _, self.query = target.partition("?")
        self.headers = headers  # names in lower case
        self.body = body

    @property
    def scope(self) -> str:
        """The service that the signature is for."""
        found = SCOPE.search(self.headers.get("authorization", "")) or SCOPE.search(urllib.parse.unquote(self.query.replace("X-Amz-", "")))
        return found.group(1) if found else ""


class Reply:
    def __init__(self, status: int, content_type: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.content_type = content_type
        self.body = body
        self.request_id = str(uuid.uuid4())
        self.headers = {"x-amzn-RequestId": self.request_id, **(headers or {})}


class Protocol:
    """A call as this protocol writes it. `service` is a target prefix, or what the signature is for."""

    name = ""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.service, self.operation = self.target()

    def target(self) -> tuple[str, str]:
        return self.message.scope, f"{self.message.method} {self.message.path}"

    def parameters(self, model: OperationModel) -> dict[str, Any]:
        raise NotImplementedError

    def answer(self, value: dict[str, Any], model: OperationModel) -> Reply:
        raise NotImplementedError

    def error(self, error: ApiError, body: dict[str, Any]) -> Reply:
        """`body` is the error as JSON has it."""
        raise NotImplementedError


class Json(Protocol):
    name = "json"
    content_type = "application/x-amz-json-1.1"

    def target(self) -> tuple[str, str]:
        prefix, _, operation = self.message.headers.get("x-amz-target", "").rpartition(".")
        return prefix, operation

    def parameters(self, model: OperationModel) -> dict[str, Any]:
        try:
            return _object(json.loads(self.message.body or b"{}"))
        except ValueError as error:
            raise ApiError("SerializationException", f"The body is not a JSON object: {error}") from error

    def answer(self, value: dict[str, Any], model: OperationModel) -> Reply:
        return Reply(200, self.content_type, json.dumps(value).encode())

    def error(self, error: ApiError, body: dict[str, Any]) -> Reply:
        # The class stands in the header as well: Lightsail's bodies have a member `code`, which some SDKs take for it.
        return Reply(error.status, self.content_type, json.dumps(body).encode(), {"x-amzn-ErrorType": error.type})


class RestJson(Json):
    """Of services that are refused only."""

    name = "rest-json"
    content_type = "application/json"

    def target(self) -> tuple[str, str]:
        return Protocol.target(self)


class Cbor(Protocol):
    name = "smithy-rpc-v2-cbor"
    content_type = "application/cbor"
    PATH = re.compile(r"/service/([^/]+)/operation/([^/]+)")

    def target(self) -> tuple[str, str]:
        found = self.PATH.fullmatch(self.message.path)
        return (found.group(1), found.group(2)) if found else Protocol.target(self)

    def parameters(self, model: OperationModel) -> dict[str, Any]:
        try:
            return _object(from_cbor(self.message.body) if self.message.body else {})
        except (ValueError, TypeError, RecursionError) as error:
            raise ApiError("SerializationException", f"The body is not a CBOR map: {error}") from error

    def answer(self, value: dict[str, Any], model: OperationModel) -> Reply:
        return self._reply(200, value)

    def error(self, error: ApiError, body: dict[str, Any]) -> Reply:
        return self._reply(error.status, body)

    def _reply(self, status: int, value: dict[str, Any]) -> Reply:
        return Reply(status, self.content_type, cbor(value), {"smithy-protocol": "rpc-v2-cbor"})


# What the wire calls these, and how services that answer in XML do.
XML_CODES = {
    "UnrecognizedClientException": ("InvalidClientTokenId", 403),
    "InvalidSignatureException": ("SignatureDoesNotMatch", 403),
    "MissingAuthenticationTokenException": ("MissingAuthenticationToken", 403),
    "UnknownOperationException": ("InvalidAction", 400),
    "ServiceException": ("InternalFailure", 500),
    "ThrottlingException": ("Throttling", 400),
}


class Query(Protocol):
    name = "query"
    error_format = (
        "<ErrorResponse><Error><Type>{fault}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        "<RequestId>{id}</RequestId></ErrorResponse>"
    )
    codes = XML_CODES

    def target(self) -> tuple[str, str]:
        form = urllib.parse.parse_qsl(f"{self.message.query}&{self.message.body.decode(errors='replace')}", keep_blank_values=True)
        self.form = dict(form)
        return self.message.scope, self.form.get("Action", "")

    def parameters(self, model: OperationModel) -> dict[str, Any]:
        return self._read(model.input_shape, "") if model.input_shape else {}

    def _read(self, shape: Shape, path: str) -> Any:
        if isinstance(shape, StructureShape):
            found = {name: self._read(member, f"{path}.{self._name(name, member)}".lstrip(".")) for name, member in shape.members.items()}
            return {name: value for name, value in found.items() if value is not None and value != []} or ({} if not path else None)
        if isinstance(shape, ListShape):
            if not (self.name == "ec2" or shape.serialization.get("flattened")):
                path += "." + shape.member.serialization.get("name", "member")
            items: list[Any] = []
            while (item := self._read(shape.member, f"{path}.{len(items) + 1}")) is not None:
                items.append(item)
            return items
        text = self.form.get(path)
        if text is None or shape.type_name not in SCALARS:
            return None
        try:
            return SCALARS[shape.type_name](text)
        except (ValueError, KeyError) as error:
            raise ApiError("ValidationError", f"{path} is {text!r}, which is no {shape.type_name}.") from error

    def _name(self, name: str, member: Shape) -> str:
        return member.serialization.get("name", name)

    def answer(self, value: dict[str, Any], model: OperationModel) -> Reply:
        inner = _xml(value, model.output_shape)
        wrapper = model.output_shape.serialization.get("resultWrapper") if model.output_shape else None
        if wrapper:
            inner = f"<{wrapper}>{inner}</{wrapper}>"
        reply = Reply(200, "text/xml", b"")
        inner += f"<ResponseMetadata><RequestId>{reply.request_id}</RequestId></ResponseMetadata>"
        return self._whole(reply, inner, model)

    def _whole(self, reply: Reply, inner: str, model: OperationModel) -> Reply:
        space = model.service_model.metadata.get("xmlNamespace", "")
        reply.body = f'<{model.name}Response xmlns="{space}">{inner}</{model.name}Response>'.encode()
        return reply

    def error(self, error: ApiError, body: dict[str, Any]) -> Reply:
        code, status = self.codes.get(error.type, (error.type, error.status))
        reply = Reply(status, "text/xml", b"")
        words = {"code": escape(code), "message": escape(error.message), "fault": "Receiver" if status >= 500 else "Sender"}
        reply.body = self.error_format.format(id=reply.request_id, **words).encode()
        return reply


class Ec2(Query):
    name = "ec2"
    error_format = "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>{id}</RequestID></Response>"
    codes = {
        **XML_CODES,
        "UnrecognizedClientException": ("AuthFailure", 401),
        "InvalidSignatureException": ("SignatureDoesNotMatch", 403),
        "ServiceException": ("InternalError", 500),
    }

    def _name(self, name: str, member: Shape) -> str:
        own = member.serialization.get("queryName")
        other = member.serialization.get("name", name)
        return own or other[:1].upper() + other[1:]

    def answer(self, value: dict[str, Any], model: OperationModel) -> Reply:
        reply = Reply(200, "text/xml", b"")
        return self._whole(reply, f"<requestId>{reply.request_id}</requestId>{_xml(value, model.output_shape)}", model)


class RestXml(Query):
    """Of services that are refused only."""

    name = "rest-xml"

    def target(self) -> tuple[str, str]:
        return Protocol.target(self)


class S3(RestXml):
    name = "s3"
    error_format = "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId></Error>"
    codes = {**XML_CODES, "UnknownOperationException": ("NotImplemented", 501)}


def protocol_of(message: Message) -> Protocol:
    headers = message.headers
    if headers.get("smithy-protocol", "") == "rpc-v2-cbor":
        return Cbor(message)
    if "x-amz-target" in headers:
        return Json(message)
    form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if form or "Action=" in message.query:
        return Ec2(message) if message.scope == "ec2" else Query(message)
    if message.scope.startswith("s3"):
        return S3(message)
    return RestXml(message) if message.scope in REST_XML else RestJson(message)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return _without_null(value)


def _without_null(value: Any) -> Any:
    """A member that is null is an absent member."""
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    return value


# -- XML -------------------------------------------------------------------------------------------------------------
SCALARS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": lambda text: {"true": True, "false": False}[text.lower()],
}


def _xml(value: Any, shape: Shape | None) -> str:
    """What stands inside the element of a value; the value has been checked against the shape."""
    if shape is None:
        return ""
    if isinstance(shape, StructureShape):
        return "".join(_element(shape.members[key].serialization.get("name", key), item, shape.members[key]) for key, item in value.items())
    if isinstance(shape, ListShape):
        return "".join(_element(shape.member.serialization.get("name", "member"), item, shape.member) for item in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


def _element(name: str, value: Any, shape: Shape) -> str:
    return f"<{name}>{_xml(value, shape)}</{name}>"


# -- CBOR (RFC 8949), as far as SDKs use it ----------------------------------------------------------------------------
def cbor(value: Any) -> bytes:
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(cbor(item) for item in value)
    return _head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes([major << 5 | extra]) + number.to_bytes(size, "big")
    raise ValueError(f"{number} is too large for CBOR")


_BREAK = object()  # the end of an item of unknown length
_UNKNOWN = 31


def from_cbor(data: bytes) -> Any:
    stream = io.BytesIO(data)
    value = _item(stream)
    if value is _BREAK or stream.read(1):
        raise ValueError("it is not one item")
    return value


def _take(stream: io.BytesIO, length: int) -> bytes:
    if length > stream.getbuffer().nbytes - stream.tell():
        raise ValueError("it ends too early")
    return stream.read(length)


def _item(stream: io.BytesIO) -> Any:
    major, extra = divmod(_take(stream, 1)[0], 32)
    if major == 7:
        return _simple(stream, extra)
    if 27 < extra < _UNKNOWN or (extra == _UNKNOWN and major not in (2, 3, 4, 5)):
        raise ValueError("it has an item of a kind that does not exist")
    if extra == _UNKNOWN:
        items = list(iter(lambda: _item(stream), _BREAK))
        return _joined(major, items) if major in (2, 3) else _collected(major, items)
    number = extra if extra < 24 else int.from_bytes(_take(stream, 1 << extra - 24), "big")
    if major in (0, 1):
        return -1 - number if major else number
    if major in (2, 3):
        text = _take(stream, number)
        return text.decode() if major == 3 else text
    if major == 6:
        return _item(stream)  # the tag says how to read the number that follows; the model says it too
    if number > stream.getbuffer().nbytes:  # each item has a byte at least
        raise ValueError("it ends too early")
    return _collected(major, [_item(stream) for _ in range(number * (major - 3))])


def _joined(major: int, parts: list[Any]) -> Any:
    return ("" if major == 3 else b"").join(parts)


def _collected(major: int, items: list[Any]) -> Any:
    if _BREAK in items or (major == 5 and len(items) % 2):
        raise ValueError("it ends too early")
    return items if major == 4 else dict(zip(items[::2], items[1::2], strict=True))


def _simple(stream: io.BytesIO, extra: int) -> Any:
    if extra in (25, 26, 27):
        return struct.unpack({25: ">e", 26: ">f", 27: ">d"}[extra], _take(stream, {25: 2, 26: 4, 27: 8}[extra]))[0]
    if extra not in (20, 21, 22, 23, _UNKNOWN):
        raise ValueError("it has an item of a kind that does not exist")
    return {20: False, 21: True, 22: None, 23: None, _UNKNOWN: _BREAK}[extra]
