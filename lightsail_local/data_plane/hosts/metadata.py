# SPDX-License-Identifier: GPL-3.0-or-later
"""The metadata service (IMDSv2) of every instance, reachable only from inside that instance.

One thread serves all: its listening sockets live in the instances' namespaces, on the link-local address that real instances
ask. A packet rule leads port 80 of that address here, because Apache's wildcard listener would answer otherwise.
"""

from __future__ import annotations

import datetime
import http.server
import json
import secrets
import selectors
import socket
import threading
import time
from typing import Any, Callable

from .bucket import session_token
from .namespace import inside

ADDRESS, PORT = "169.254.169.254", 8775
# The name that real Lightsail instances report.
ROLE = "AmazonLightsailInstanceRole"


class MetadataService:
    """`describe(id)` returns the facts of an instance at this moment, or None."""

    def __init__(self, describe: Callable[[str], dict[str, Any] | None]) -> None:
        self._describe = describe
        self._selector = selectors.DefaultSelector()
        self._sockets: dict[str, socket.socket] = {}
        self._tokens: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._wake_read, self._wake_write = socket.socketpair()
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        self._thread: threading.Thread | None = None

    def serve(self, id: str, namespace: str) -> None:
        """Begin to answer in this namespace; repeating it is no error."""

        def listen() -> socket.socket:
            server = socket.socket()
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((ADDRESS, PORT))
            server.listen(16)
            server.setblocking(False)
            return server

        self.forget(id)
        server = inside(namespace, listen)
        with self._lock:
            self._sockets[id] = server
            self._selector.register(server, selectors.EVENT_READ, id)
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="metadata", daemon=True)
                self._thread.start()
        self._wake_write.send(b".")

    def forget(self, id: str) -> None:
        with self._lock:
            server = self._sockets.pop(id, None)
            if server is not None:
                self._selector.unregister(server)
                server.close()

    def _loop(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    self._wake_read.recv(64)
                    continue
                try:
                    connection, _ = key.fileobj.accept()
                except OSError:
                    continue
                threading.Thread(target=self._answer, args=(key.data, connection), daemon=True).start()

    def _answer(self, id: str, connection: socket.socket) -> None:
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            server_version, sys_version = "EC2ws", ""

            def log_message(self, *_: Any) -> None: ...

            def reply(self, status: int, text: str = "", headers: dict[str, str] | None = None) -> None:
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_PUT(self) -> None:
                seconds = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
                if self.path.rstrip("/") != "/latest/api/token":
                    self.reply(404)
                # A forwarded request is refused by the real service, against proxies that leak tokens.
                elif self.headers.get("X-Forwarded-For"):
                    self.reply(403)
                elif not seconds.isdigit() or not 1 <= int(seconds) <= 21600:
                    self.reply(400)
                else:
                    token = secrets.token_urlsafe(40)
                    service._tokens[token] = (id, time.monotonic() + int(seconds))
                    self.reply(200, token, {"X-aws-ec2-metadata-token-ttl-seconds": seconds})

            def do_GET(self) -> None:
                holder, until = service._tokens.get(self.headers.get("X-aws-ec2-metadata-token", ""), ("", 0.0))
                if holder != id or until < time.monotonic():
                    self.reply(401)
                    return
                facts = service._describe(id)
                answer = None if facts is None else lookup(facts, self.path.split("?")[0])
                self.reply(404 if answer is None else 200, answer or "")

        with connection:
            connection.settimeout(10)
            try:
                Handler(connection, connection.getpeername(), None)  # type: ignore[arg-type]
            except OSError:
                pass


def lookup(facts: dict[str, Any], path: str) -> str | None:
    """The text at a path, a listing for a folder, None for what does not exist."""
    tree: dict[str, Any] = {
        "instance-id": facts["instance_id"],
        "ami-launch-index": "0",
        "hostname": facts["hostname"],
        "local-hostname": facts["hostname"],
        "local-ipv4": facts["private_ip"],
        "mac": "06:00:00:00:00:01",
        "placement": {"region": facts["region"], "availability-zone": facts["zone"]},
        "public-keys": {"0": {"openssh-key": "\n".join(facts["authorized_keys"])}},
        "services": {"domain": "amazonaws.com", "partition": "aws"},
    }
    if facts["public_ip"]:
        tree["public-ipv4"] = facts["public_ip"]
    # Always there, granted or not: without a grant it is S3 that says no.
    role = facts.get("role") or facts["stray_role"]
    now = datetime.datetime.now(datetime.timezone.utc)
    tree["iam"] = {
        "security-credentials": {
            ROLE: json.dumps(
                {
                    "Code": "Success",
                    "LastUpdated": f"{now:%Y-%m-%dT%H:%M:%SZ}",
                    "Type": "AWS-HMAC",
                    "AccessKeyId": role["access_key_id"],
                    "SecretAccessKey": role["secret_access_key"],
                    "Token": session_token(role),
                    "Expiration": f"{now + datetime.timedelta(hours=6):%Y-%m-%dT%H:%M:%SZ}",
                },
                indent=2,
            )
        }
    }
    root: dict[str, Any] = {"meta-data": tree, "dynamic": {}}
    if facts["user_data"]:
        root["user-data"] = facts["user_data"]
    identity = {
        "accountId": "123456789012",
        "architecture": "x86_64",
        "availabilityZone": facts["zone"],
        "instanceId": facts["instance_id"],
        "privateIp": facts["private_ip"],
        "region": facts["region"],
        "version": "2017-09-30",
    }
    root["dynamic"] = {"instance-identity": {"document": json.dumps(identity, indent=2)}}
    parts = [part for part in path.split("/") if part]
    if not parts or parts[0] != "latest":
        return None
    node: Any = root
    for part in parts[1:]:
        if not isinstance(node, dict) or part not in node:
            return None
        node = node[part]
    if isinstance(node, dict):
        return "\n".join(name + ("/" if isinstance(value, dict) else "") for name, value in node.items())
    return str(node)
