# SPDX-License-Identifier: GPL-3.0-or-later
"""Distributions: nginx as a caching reverse proxy that keeps CloudFront's rules (distribution.js decides per request).

Two servers in one nginx: the outer one meets visitors and keeps the copies, the inner one fetches from the origin, signs if the
origin is private, and says how long a copy may live. The lifetime limits, which nginx does not have, come from that split.
"""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
import urllib.parse
from pathlib import Path
from typing import Any

from ..base import DataPlaneError
from . import podman
from .bucket import Buckets
from .cloud import Cloud
from .dns import Names
from .records import write

KIND = "distributions"
ALL_METHODS = "GET,HEAD,OPTIONS,PUT,PATCH,POST,DELETE"


class Distributions:
    def __init__(self, cloud: Cloud, names: Names, buckets: Buckets) -> None:
        self.cloud, self.records, self.network = cloud, cloud.records, cloud.network
        self.names, self.buckets = names, buckets
        self._lock = threading.Lock()

    def name(self, id: str) -> str:
        return f"cdn-{id}"

    # -- life ----------------------------------------------------------------------------------------------------
    def put(self, id: str, spec: dict[str, Any]) -> None:
        with self._lock:
            record = self.records.get(KIND, id) or {"private_ip": None, "generation": 1}
            if record["private_ip"] is None:
                record["private_ip"] = self.network.allocate_private()
            record["spec"] = spec
            self.records.put(KIND, id, record)
            self._apply(id, record)

    def reset_cache(self, id: str) -> None:
        with self._lock:
            record = self.records.get(KIND, id)
            if record is None:
                raise self.cloud.missing("distribution", id)
            # Part of every cache key: all copies of before are forgotten at once.
            record["generation"] += 1
            self.records.put(KIND, id, record)
            self._apply(id, record)

    def _apply(self, id: str, record: dict[str, Any]) -> None:
        spec, name = record["spec"], self.name(id)
        etc = self.records.folder(KIND, id) / "etc"
        etc.mkdir(exist_ok=True)
        if not (etc / "own.pem").exists():
            certificate, key = self.cloud.ca.issue([spec["domain_name"]])
            write(etc / "own.pem", certificate)
            write(etc / "own.key", key, 0o600)
        if spec.get("certificate"):
            write(etc / "alias.pem", spec["certificate"]["cert_pem"])
            write(etc / "alias.key", spec["certificate"]["key_pem"], 0o600)
        write(etc / "ca.pem", self.cloud.ca.root_pem)
        settings = json.dumps(self._settings(record), indent=1)
        script = Path(__file__).with_name("distribution.js").read_text(encoding="utf-8")
        write(etc / "cdn.js", script.replace("import crypto from 'crypto';", f"import crypto from 'crypto';\n\nconst SETTINGS = {settings};", 1))
        write(etc / "nginx.conf", self._configuration(spec))
        self.network.attach(name, record["private_ip"], [spec["public_ip"]] if spec["public_ip"] else [])
        pid = self.cloud.pid(name)
        if pid:
            self._reload(id, pid)
            return
        self.cloud.remove_container(name)
        self.cloud.run(
            name,
            self.cloud.image("services"),
            ["/usr/sbin/nginx", "-c", "/etc/cdn/nginx.conf", "-g", "daemon off;"],
            hostname="cdn",
            options=["--volume", f"{etc}:/etc/cdn:ro", "--tmpfs", "/run:rw,mode=755"],
        )
        until = time.monotonic() + 20
        while time.monotonic() < until and (pid := self.cloud.pid(name)):
            if _children(pid):
                return
            time.sleep(0.05)
        raise DataPlaneError(f"the distribution {spec['domain_name']} did not come up: {self._log(name)}")

    def _log(self, name: str) -> str:
        return podman.run("logs", "--tail", "3", self.cloud.container(name), check=False).strip()

    def _reload(self, id: str, pid: int) -> None:
        before = _children(pid)
        os.kill(pid, signal.SIGHUP)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            now = _children(pid)
            # The old workers finish what they are doing; what counts is that they take nothing new.
            if now - before and not any(_accepts(worker) for worker in now & before):
                time.sleep(0.02)
                return
            time.sleep(0.03)
        raise DataPlaneError(f"the distribution did not take its new settings: {self._log(self.name(id))}")

    def delete(self, id: str) -> None:
        self.cloud.remove_container(self.name(id))
        self.network.detach(self.name(id))
        record = self.records.get(KIND, id)
        if record:
            self.network.release(record["private_ip"])
        self.records.delete(KIND, id)

    # -- settings ------------------------------------------------------------------------------------------------
    def _settings(self, record: dict[str, Any]) -> dict[str, Any]:
        spec = record["spec"]
        settings, origin = spec.get("settings") or {}, spec["origin"]
        cookies, cookie_list = _choice(settings.get("cookies"), "none")
        headers, header_list = _choice(settings.get("headers"), "none")
        query, query_list = _choice(settings.get("query_strings"), "none")
        bucket = origin["kind"] == "bucket"
        return {
            "generation": record["generation"],
            "host": origin["host"],
            "region": origin.get("region") or "eu-central-1",
            "bucket": bucket,
            "key": self.buckets.origin_key if bucket and origin.get("private") else None,
            "root": (spec.get("default_root_object") or "").lstrip("/"),
            "cookies": cookies,
            "cookieList": cookie_list,
            "headers": headers,
            "headerList": sorted(name.lower() for name in header_list),
            "query": "all" if query in ("true", "all") and not query_list else "allow-list" if query_list else "none",
            "queryList": query_list,
            "defaultTtl": int(settings.get("default_ttl", 86400)),
            "minimumTtl": int(settings.get("minimum_ttl", 0)),
            "maximumTtl": int(settings.get("maximum_ttl", 31536000)),
            "errors": {str(page["code"]): page["seconds"] for page in spec.get("error_pages") or []},
        }

    def _configuration(self, spec: dict[str, Any]) -> str:
        origin = spec["origin"]
        scheme = "http" if origin.get("protocol") == "http-only" and origin["kind"] != "bucket" else "https"
        timeout = int(origin.get("timeout_s") or 30)
        methods = (spec.get("settings") or {}).get("methods") or ALL_METHODS
        if isinstance(methods, (list, tuple)):
            methods = ",".join(methods)
        pages = [page for page in spec.get("error_pages") or [] if page["path"]]
        errors = "".join(f"            error_page {page['code']} ={page['answer']} @error{page['code']};\n" for page in pages)
        if errors:
            errors = "            proxy_intercept_errors on;\n" + errors
        locations = "".join(
            self._location(f"~ ^{_pattern(behavior['path'])}$", behavior["behavior"], methods, errors) for behavior in spec.get("behaviors") or []
        )
        locations += self._location("/", spec["default_behavior"], methods, errors)
        # A page is fetched from the origin like any object, and what is wrong with it is not replaced again.
        locations += "".join(self._location(f"@error{page['code']}", spec["default_behavior"], ALL_METHODS, "", _page(page["path"])) for page in pages)
        if not spec.get("enabled", True):
            locations = '        location / { return 403 "The distribution is disabled.\\n"; }\n'
        aliases = " ".join(spec.get("aliases") or [])
        own = spec["domain_name"]
        # Through variables, so that the name is looked up when it is needed and follows a change of address.
        inner_headers = "".join(
            f"            proxy_set_header {name} {value};\n"
            for name, value in (
                ("Host", "$http_host"),
                ("Authorization", "$amz_authorization"),
                ("x-amz-date", "$amz_stamp"),
                ("x-amz-content-sha256", "$amz_payload"),
                ("X-Cdn-Behavior", '""'),
                ("Connection", '""'),
                # S3 refuses a signed request that has an x-amz header outside the signature.
                *([("X-Amz-Cf-Id", '""')] if origin["kind"] == "bucket" else []),
            )
        )
        variables = {
            "cdn_uri": "uri",
            "cdn_cookies": "cookies",
            "cdn_host": "host",
            "cdn_agent": "agent",
            "cdn_encoding": "encoding",
            "cdn_authorization": "authorization",
            "cdn_proto": "proto",
            "cdn_key": "key",
            "cdn_generation": "generation",
            "cdn_accept": "accept",
            "cdn_charset": "charset",
            "cdn_language": "language",
            "cdn_origin": "origin",
            "cdn_referer": "referer",
            "amz_date": "date",
            "amz_authorization": "signature",
            "amz_payload": "payload",
            "amz_stamp": "stamp",
        }
        text = f"""\
load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
user www-data;
worker_processes 1;
pid /run/nginx.pid;
error_log stderr warn;
events {{ worker_connections 512; }}
http {{
    include /etc/nginx/mime.types;
    js_import cdn from /etc/cdn/cdn.js;
{"".join(f"    js_set ${name} cdn.{function};{chr(10)}" for name, function in variables.items())}
    access_log off;
    server_tokens off;
    server_names_hash_bucket_size 128;
    client_max_body_size 20g;
    resolver {self.names.resolver} valid=5s ipv6=off;
    resolver_timeout 5s;
    ssl_protocols TLSv1.2 TLSv1.3;
    proxy_http_version 1.1;
    proxy_buffer_size 32k;
    proxy_buffers 16 32k;
    proxy_cache_path /var/cache/nginx/cdn levels=1:2 keys_zone=cdn:4m max_size=1g inactive=365d use_temp_path=off;
    gzip on;
    gzip_proxied any;
    gzip_min_length 1000;
    gzip_types text/plain text/css text/xml text/javascript application/javascript application/json application/xml image/svg+xml;
    map "$status $upstream_cache_status" $cdn_x_cache {{
        default "Miss from cloudfront";
        "~^[45]" "Error from cloudfront";
        "~ HIT" "Hit from cloudfront";
        "~ REVALIDATED" "RefreshHit from cloudfront";
    }}
    upstream inner {{ server unix:/run/inner.sock; keepalive 8; }}
    server {{
        listen 80 default_server;
        listen 443 ssl default_server;
        http2 on;
        ssl_certificate /etc/cdn/own.pem;
        ssl_certificate_key /etc/cdn/own.key;
        # A name that this distribution does not bear.
        return 403;
    }}
    server {{
        listen 80;
        server_name {own} {aliases};
        return 301 https://$host$request_uri;
    }}
"""
        servers = [(own, "own")] + ([(aliases, "alias")] if aliases and spec.get("certificate") else [])
        for names, file in servers:
            text += f"""\
    server {{
        listen 443 ssl;
        server_name {names};
        ssl_certificate /etc/cdn/{file}.pem;
        ssl_certificate_key /etc/cdn/{file}.key;
{locations}    }}
"""
        text += f"""\
    server {{
        listen unix:/run/inner.sock;
        location / {{
            set $origin {scheme}://{origin["host"]};
            proxy_pass $origin$request_uri;
{inner_headers}            proxy_ssl_verify on;
            proxy_ssl_verify_depth 3;
            proxy_ssl_trusted_certificate /etc/cdn/ca.pem;
            proxy_ssl_server_name on;
            proxy_ssl_name $cdn_tls_name;
            proxy_connect_timeout 10s;
            proxy_read_timeout {timeout}s;
            proxy_send_timeout {timeout}s;
            proxy_next_upstream off;
            proxy_request_buffering off;
            proxy_pass_header Server;
            proxy_pass_header Date;
            proxy_ignore_headers X-Accel-Expires X-Accel-Redirect X-Accel-Buffering X-Accel-Charset X-Accel-Limit-Rate;
            js_header_filter cdn.lifetime;
        }}
    }}
    map $http_host $cdn_tls_name {{ "~^(?<bare>[^:]+)" $bare; }}
}}
"""
        return text

    def _location(self, match: str, behavior: str, methods: str, errors: str, page: str = "") -> str:
        cache = behavior == "cache"
        allowed = "|".join(methods.split(",")) if cache else "|".join(ALL_METHODS.split(","))
        headers = {
            "Host": "$cdn_host",
            "X-Cdn-Behavior": behavior,
            "X-Forwarded-For": "$proxy_add_x_forwarded_for",
            # CloudFront removes it; what it has to say is in its own header (facts 3.4).
            "X-Forwarded-Proto": '""',
            "CloudFront-Forwarded-Proto": "$cdn_proto",
            "Via": '"$server_protocol local.cloudfront.net (CloudFront)"',
            "X-Amz-Cf-Id": "$request_id",
            "User-Agent": "$cdn_agent",
            "Accept-Encoding": "$cdn_encoding",
            "Authorization": "$cdn_authorization",
            "Cookie": "$cdn_cookies",
            "Accept": "$cdn_accept",
            "Accept-Charset": "$cdn_charset",
            "Accept-Language": "$cdn_language",
            "Origin": "$cdn_origin",
            "Referer": "$cdn_referer",
            "Connection": '""',
        }
        text = f"""\
        location {match} {{
            set $behavior {behavior};
            set $page "{page}";
            if ($request_method !~ ^({allowed})$) {{ return 403; }}
            proxy_pass http://inner{"$page" if page else "$cdn_uri"};
{errors}"""
        text += "".join(f"            proxy_set_header {name} {value};\n" for name, value in headers.items())
        text += """\
            proxy_pass_header Server;
            proxy_pass_header Date;
            proxy_hide_header X-Cache;
            proxy_hide_header X-Accel-Expires;
            proxy_read_timeout 70s;
            proxy_next_upstream off;
            js_header_filter cdn.age;
            add_header X-Cache $cdn_x_cache always;
            add_header Via "1.1 local.cloudfront.net (CloudFront)" always;
            add_header X-Amz-Cf-Id $request_id always;
            add_header X-Amz-Cf-Pop LOCAL1-P1 always;
"""
        if cache:
            text += f"            proxy_cache_key {'$cdn_generation$page' if page else '$cdn_key'};\n"
            text += """\
            proxy_cache cdn;
            proxy_cache_methods GET HEAD;
            proxy_cache_revalidate on;
            proxy_cache_lock on;
            proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;
"""
        else:
            text += "            proxy_request_buffering off;\n"
        return text + "        }\n"

    # -- the cloud comes and goes --------------------------------------------------------------------------------
    def resume(self) -> None:
        for id, record in self.records.all(KIND).items():
            self._apply(id, record)

    def suspend(self) -> None:
        for id in self.records.all(KIND):
            self.cloud.remove_container(self.name(id))
            self.network.detach(self.name(id))

    def parts(self) -> list[dict[str, Any]]:
        return [
            {
                "name": record["spec"]["domain_name"].split(".")[0],
                "kind": "distribution",
                "address": record["spec"]["public_ip"],
                "running": bool(self.cloud.pid(self.name(id))),
            }
            for id, record in self.records.all(KIND).items()
        ]


def _pattern(path: str) -> str:
    """A cache behaviour's path, with * and ?, as a regular expression that nginx reads."""
    if not re.fullmatch(r"[A-Za-z0-9_\-.*$/~\"'@:+&?%]+", path):
        raise DataPlaneError(f"{path!r} is no path that a cache behaviour can have")
    text = re.escape("/" + path.lstrip("/")).replace(r"\*", ".*").replace(r"\?", ".")
    return text.replace('"', '\\"').replace("{", "\\{")


def _page(path: str) -> str:
    """The path of an error page in a form that nginx reads as it is and that a signature fits."""
    return urllib.parse.quote(urllib.parse.unquote(path), safe="/-._~")


def _choice(value: Any, default: str) -> tuple[str, list[str]]:
    """("none" | "all" | "allow-list" | "default", names) from the API's forms of saying it."""
    if value is None:
        return default, []
    if isinstance(value, bool):
        return ("all" if value else "none"), []
    if isinstance(value, str):
        return value, []
    if isinstance(value, (list, tuple)):
        return ("allow-list" if value else "none"), list(value)
    option: Any = value.get("option", default)
    names = next((entry for name, entry in value.items() if name != "option" and isinstance(entry, (list, tuple))), [])
    if isinstance(option, bool):
        option = "all" if option else "none"
    return str(option).lower(), list(names)


def _accepts(worker: str) -> bool:
    try:
        return "shutting down" not in Path(f"/proc/{worker}/cmdline").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return False


def _children(pid: int) -> set[str]:
    try:
        return set(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())
    except FileNotFoundError:
        return set()
