# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP and SigV4. Knows no resource: an operation is a name, parameters and a Region."""

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
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.model import OperationModel

from .control.errors import ApiError, not_emulated
from .control.registry import HANDLERS, handler_name
from .wire_faults import Faults
from .wire_log import CallLog
from .wire_model import BadRequest, Service, redact, region_names, serialise, services, validate_request
from .wire_protocols import Message, Protocol, Reply, protocol_of

log = logging.getLogger(__name__)

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9]+)/aws4_request,\s*"
    r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})"
)
CLOCK_SKEW = datetime.timedelta(minutes=15)
STAMP = "%Y%m%dT%H%M%SZ"
MAX_BODY = 4 * 1024 * 1024
LIGHTSAIL = "Lightsail_20161128"


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
        for service in services().values():
            if service.whole:
                service.operation("")  # load the model now rather than in the first call

    def handle(self, message: Message) -> Reply:
        """An answer in the protocol that the call came in. Raises Drop when there is none."""
        protocol = protocol_of(message)
        service = services().get(protocol.service)
        region = "?"
        parameters: Any = None
        outcome = "ok"
        started = time.time()
        try:
            if service is None:
                raise _not_here(protocol)
            model = service.operation(protocol.operation)
            region = self._authenticate(service, message)
            if model is None or not (service.whole or handler_name(service.name, model.name) in HANDLERS):
                raise _not_here(protocol)
            parameters = protocol.parameters(model)
            fault = self.faults.take(protocol.operation)
            if fault:
                outcome = fault["error"]
                self._before(fault)
            answer = self._call(service, model, region, parameters, fault)
            if fault and fault["error"] == "lost-answer":
                raise Drop
            return protocol.answer(answer, model)
        except ApiError as error:
            outcome = error.type
            return protocol.error(error, error.body(protocol.service == LIGHTSAIL))
        except Drop:
            raise
        except Exception as error:
            outcome = "InternalFailure"
            log.exception("%s failed", protocol.operation)
            text = f"Internal error of the local Lightsail in {protocol.operation}: {type(error).__name__}: {error}"
            failure = ApiError("ServiceException", text, "InternalFailure")
            return protocol.error(failure, failure.body(protocol.service == LIGHTSAIL))
        finally:
            shape = model.input_shape if service and (model := service.operation(protocol.operation)) else None
            # What a client adds to the SDK's own words stands at the end.
            agent = message.headers.get("user-agent", "").rpartition(" ")[2]
            name = service.name if service else protocol.service
            self.calls.add(started, name, protocol.operation, region, outcome, redact(parameters, shape), agent)

    def _authenticate(self, service: Service, message: Message) -> str:
        """Checks the signature with botocore's own signer; returns the Region that it is for."""
        headers = message.headers
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
        if service.whole and region not in region_names():
            raise refuse("UnrecognizedClientException", "The security token included in the request is invalid.")
        stamp = headers.get("x-amz-date", "")
        try:
            moment = datetime.datetime.strptime(stamp, STAMP).replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            raise refuse("InvalidSignatureException", "The request has no valid X-Amz-Date.") from None
        now = datetime.datetime.now(datetime.timezone.utc)
        if not stamp.startswith(date):
            raise refuse("InvalidSignatureException", "Date in Credential scope does not match the date of X-Amz-Date.")
        if now - moment > CLOCK_SKEW:
            limit = now - CLOCK_SKEW
            raise refuse(
                "InvalidSignatureException",
                f"Signature expired: {stamp} is now earlier than {limit:{STAMP}} ({now:{STAMP}} - 15 min.)",
            )
        if moment - now > CLOCK_SKEW:
            limit = now + CLOCK_SKEW
            raise refuse(
                "InvalidSignatureException",
                f"Signature not yet current: {stamp} is still later than {limit:{STAMP}} ({now:{STAMP}} + 15 min.)",
            )
        if not hmac.compare_digest(_signature(account, name, region, stamp, signed.split(";"), message), signature):
            raise refuse(
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                "Access Key and signing method. Consult the service documentation for details.",
            )
        return region

    def _before(self, fault: dict[str, Any]) -> None:
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
        self, service: Service, model: OperationModel, region: str, parameters: Any, fault: dict[str, Any] | None
    ) -> dict[str, Any]:
        if region != "us-east-1" and service.name == "route53domains":
            raise refuse("UnrecognizedClientException", "Route 53 Domains exists in us-east-1 only.")
        try:
            validate_request(parameters, model)
        except BadRequest as error:
            raise ApiError(service.invalid_input, str(error), "InvalidParams") from error
        handler = handler_name(service.name, model.name)
        if handler not in HANDLERS:
            refusal = not_emulated(model.name)
            refusal.type = service.invalid_input
            raise refusal
        inject = None
        if fault and fault["error"] == "failed-operation":
            inject = fault.get("message") or "Injected failure"
        return serialise(self.cloud.call(handler, region, parameters, inject), model.output_shape)


def _not_here(protocol: Protocol) -> ApiError:
    """The error that AWS returns for an operation that does not exist. Clients do not retry it."""
    if protocol.service in services() and services()[protocol.service].whole:
        return refuse("UnknownOperationException", f"There is no operation {protocol.operation} in {services()[protocol.service].name}.")
    scope = protocol.message.scope
    what = f"{protocol.operation} of {scope}" if scope else protocol.operation
    return refuse("UnknownOperationException", f"{what} is not a part of the local Lightsail; on AWS it would be carried out.")


def _signature(
    account: dict[str, str],
    service: str,
    region: str,
    stamp: str,
    signed: list[str],
    message: Message,
) -> str:
    headers, body = message.headers, message.body
    signer = SigV4Auth(Credentials(account["access_key_id"], account["secret_access_key"]), service, region)
    request = AWSRequest(method=message.method, url=f"http://{headers.get('host', '')}{message.target}", data=body)
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

    def _answer(self, status: int, document: Any, content_type: str = "application/json") -> None:
        self._reply(Reply(status, content_type, json.dumps(document).encode()))

    def _reply(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _body(self) -> bytes | None:
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._answer(411, {"__type": "MissingContentLength", "message": "You must provide the Content-Length HTTP header."})
            return None
        try:
            length = int(self.headers.get("Content-Length", "0"))
        except ValueError:
            length = -1
        if not 0 <= length <= MAX_BODY:
            self.close_connection = True
            self._answer(413, {"__type": "RequestTooLargeException", "message": "The request is too large."})
            return None
        return self.rfile.read(length)

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return
        if self.path.startswith("/_local/"):
            try:
                self._admin(json.loads(body or b"{}"))
            except ValueError:
                self._answer(400, {"error": "The body is not JSON."})
            return
        message = Message(self.command, self.path, self._headers(), body)
        # a browser or a probe, not a client of AWS
        if self.command in ("GET", "HEAD") and not message.scope:
            self._answer(404, {"error": "This is the local Lightsail; it is spoken to with POST /."})
            return
        try:
            self._reply(self.server.api.handle(message))
        except Drop as drop:
            self._drop(drop.seconds)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

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
        if self.headers.get("X-Lightsail-Local") != "1":
            self._answer(403, {"error": "The header X-Lightsail-Local: 1 is missing."})
            return
        try:
            status, document = self.server.admin(self.path.removeprefix("/_local/"), arguments)
        except Exception as error:
            log.exception("admin %s failed", self.path)
            status, document = 500, {"error": f"{type(error).__name__}: {error}"}
        self._answer(status, document)


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
