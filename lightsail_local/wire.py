# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP, AWS JSON 1.1 and SigV4. Knows no resource: an operation is a name, parameters and a Region."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import hmac
import json
import logging
import re
import select
import socket
import threading
import time
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .control.errors import ApiError, not_emulated
from .control.registry import HANDLERS, handler_name
from .wire_faults import Faults
from .wire_log import CallLog
from .wire_model import BadRequest, Service, redact, region_names, serialise, services, validate_request

log = logging.getLogger(__name__)

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9]+)/aws4_request,\s*"
    r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})"
)
CLOCK_SKEW = datetime.timedelta(minutes=15)
MAX_BODY = 4 * 1024 * 1024
CONTENT_TYPE = "application/x-amz-json-1.1"


class Drop(Exception):
    """Close the connection without an answer, after a while if the client waits that long."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def refuse(type: str, message: str) -> ApiError:
    return ApiError(type, message)


class Api:
    """From headers and body to status and body."""

    def __init__(self, cloud: Any, calls: CallLog, faults: Faults) -> None:
        self.cloud = cloud
        self.calls = calls
        self.faults = faults
        services()  # load the models now rather than in the first call

    def handle(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        service, operation = self._target(headers)
        region = "?"
        parameters: Any = None
        outcome = "ok"
        started = time.time()
        try:
            region = self._authenticate(service, headers, body)
            parameters = _parse(service, body)
            fault = self.faults.take(operation)
            if fault:
                outcome = fault["error"]
                self._before(fault, service)
            answer = self._call(service, operation, region, parameters, fault)
            if fault and fault["error"] == "lost-answer":
                raise Drop
            return 200, answer
        except ApiError as error:
            outcome = error.type
            return error.status, error.body(service.name == "lightsail")
        except Drop:
            raise
        except Exception as error:
            outcome = "InternalFailure"
            log.exception("%s failed", operation)
            message = f"Internal error of the local Lightsail in {operation}: {type(error).__name__}: {error}"
            return 500, ApiError("ServiceException", message, "InternalFailure").body(service.name == "lightsail")
        finally:
            model = service.operation(operation)
            self.calls.add(
                started,
                service.name,
                operation,
                region,
                outcome,
                redact(parameters, model.input_shape if model else None),
                # What a client adds to the SDK's own words stands at the end.
                headers.get("user-agent", "").rpartition(" ")[2],
            )

    def _target(self, headers: dict[str, str]) -> tuple[Service, str]:
        prefix, _, operation = headers.get("x-amz-target", "").partition(".")
        service = services().get(prefix)
        if service is None or not operation:
            raise refuse("UnknownOperationException", "X-Amz-Target names no service that is emulated here.")
        return service, operation

    def _authenticate(self, service: Service, headers: dict[str, str], body: bytes) -> str:
        """Checks the signature with botocore's own signer; returns the Region that it is for."""
        match = AUTHORIZATION.fullmatch(headers.get("authorization", "").strip())
        if match is None:
            raise refuse("MissingAuthenticationTokenException", "Request is missing Authentication Token")
        key, date, region, name, signed, signature = match.groups()
        account = self.cloud.account
        if key != account["access_key_id"] or "x-amz-security-token" in headers:
            raise refuse("UnrecognizedClientException", "The security token included in the request is invalid.")
        if name != service.signing_name:
            raise refuse(
                "InvalidSignatureException", f"Credential should be scoped to correct service: '{service.signing_name}'."
            )
        if region not in region_names():
            raise refuse("UnrecognizedClientException", "The security token included in the request is invalid.")
        stamp = headers.get("x-amz-date", "")
        try:
            moment = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            raise refuse("InvalidSignatureException", "The request has no valid X-Amz-Date.") from None
        now = datetime.datetime.now(datetime.timezone.utc)
        if abs(now - moment) > CLOCK_SKEW or not stamp.startswith(date):
            raise refuse("InvalidSignatureException", f"Signature expired: {stamp} is too far from {now:%Y%m%dT%H%M%SZ}")
        if not hmac.compare_digest(_signature(account, name, region, stamp, signed.split(";"), headers, body), signature):
            raise refuse(
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                "Access Key and signing method. Consult the service documentation for details.",
            )
        return region

    def _before(self, fault: dict[str, Any], service: Service) -> None:
        error = fault["error"]
        if error == "throttle":
            raise ApiError("ThrottlingException", "Rate exceeded", "Throttling")
        if error == "500":
            raise ApiError("ServiceException", "An unexpected error occurred. Please try again.", "InternalFailure", 500)
        if error == "timeout":
            raise Drop(fault.get("seconds") or 75.0)
        if error not in ("lost-answer", "failed-operation"):
            raise ApiError(error, fault.get("message") or f"Fault injected: {error}", "Injected")

    def _call(
        self, service: Service, operation: str, region: str, parameters: Any, fault: dict[str, Any] | None
    ) -> dict[str, Any]:
        model = service.operation(operation)
        if model is None:
            raise refuse("UnknownOperationException", f"There is no operation {operation} in {service.name}.")
        if region != "us-east-1" and service.name == "route53domains":
            raise refuse("UnrecognizedClientException", "Route 53 Domains exists in us-east-1 only.")
        try:
            validate_request(parameters, model)
        except BadRequest as error:
            raise ApiError(service.invalid_input, str(error), "InvalidParams") from error
        handler = handler_name(service.name, operation)
        if handler not in HANDLERS:
            refusal = not_emulated(operation)
            refusal.type = service.invalid_input
            raise refusal
        inject = None
        if fault and fault["error"] == "failed-operation":
            inject = fault.get("message") or "Injected failure"
        return serialise(self.cloud.call(handler, region, parameters, inject), model.output_shape)


def _parse(service: Service, body: bytes) -> dict[str, Any]:
    try:
        parameters = json.loads(body or b"{}")
        if not isinstance(parameters, dict):
            raise ValueError("not an object")
    except ValueError as error:
        raise ApiError("SerializationException", f"The body is not a JSON object: {error}") from error
    return _without_null(parameters)


def _without_null(value: Any) -> Any:
    """A member that is null is an absent member."""
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    return value


def _signature(
    account: dict[str, str],
    service: str,
    region: str,
    stamp: str,
    signed: list[str],
    headers: dict[str, str],
    body: bytes,
) -> str:
    signer = SigV4Auth(Credentials(account["access_key_id"], account["secret_access_key"]), service, region)
    request = AWSRequest(method="POST", url=f"http://{headers.get('host', '')}/", data=body)
    for name in signed:
        if name in headers:
            request.headers[name] = headers[name]
    if "x-amz-content-sha256" in headers and headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
        return ""
    request.context["timestamp"] = stamp
    canonical = signer.canonical_request(request)
    return signer.signature(signer.string_to_sign(request, canonical), request)


class Handler(BaseHTTPRequestHandler):
    """One connection; botocore keeps it open over many calls."""

    protocol_version = "HTTP/1.1"
    server_version = "lightsail-local"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 300
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)

    def _headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _answer(self, status: int, document: Any, content_type: str = CONTENT_TYPE) -> None:
        payload = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        self.end_headers()
        self.wfile.write(payload)
        self.wfile.flush()

    def _body(self) -> bytes | None:
        try:
            length = int(self.headers.get("Content-Length", "0"))
        except ValueError:
            length = -1
        if not 0 <= length <= MAX_BODY:
            self.close_connection = True
            self._answer(413, {"__type": "RequestTooLargeException", "message": "The request is too large."})
            return None
        return self.rfile.read(length)

    def do_GET(self) -> None:
        self._admin({})

    def do_POST(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            pass  # http.server has answered that already
        body = self._body()
        if body is None:
            return
        if self.path.startswith("/_local/"):
            try:
                self._admin(json.loads(body or b"{}"))
            except ValueError:
                self._answer(400, {"error": "The body is not JSON."}, "application/json")
            return
        if self.path != "/":
            self._answer(404, {"__type": "UnknownOperationException", "message": "Calls go to POST /."})
            return
        try:
            status, document = self.server.api.handle(self._headers(), body)
        except ApiError as error:
            status, document = error.status, error.body(True)
        except Drop as drop:
            self._drop(drop.seconds)
            return
        self._answer(status, document)

    def _drop(self, seconds: float) -> None:
        """Silence until the client gives up or the time is over, then a closed connection."""
        self.close_connection = True
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.server.stopping:
            readable, _, _ = select.select([self.connection], [], [], min(1.0, max(0.0, deadline - time.monotonic())))
            if readable:
                with contextlib.suppress(OSError):
                    if not self.connection.recv(1, socket.MSG_PEEK):
                        break
                break
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _admin(self, arguments: dict[str, Any]) -> None:
        """For the command only: loopback, and a header that no web page can send across origins."""
        if not self.path.startswith("/_local/"):
            self._answer(404, {"error": "This is the local Lightsail; it is spoken to with POST /."}, "application/json")
            return
        if self.headers.get("X-Lightsail-Local") != "1":
            self._answer(403, {"error": "The header X-Lightsail-Local: 1 is missing."}, "application/json")
            return
        try:
            status, document = self.server.admin(self.path.removeprefix("/_local/"), arguments)
        except Exception as error:
            log.exception("admin %s failed", self.path)
            status, document = 500, {"error": f"{type(error).__name__}: {error}"}
        self._answer(status, document, "application/json")


class Server(ThreadingHTTPServer):
    """Loopback only."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, port: int, api: Api, admin: Callable[[str, dict[str, Any]], tuple[int, Any]]) -> None:
        self.api = api
        self.admin = admin
        self.stopping = False
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("connection from %s ended badly", client_address, exc_info=True)

    def serve_in_thread(self) -> threading.Thread:
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.2}, name="http", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        self.stopping = True
        self.shutdown()
        self.server_close()
