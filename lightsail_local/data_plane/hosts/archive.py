# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's archive, as far as hosts want it: nginx answers under the names of the mirrors in their sources.list.

Indexes and packages are in images of their own (images/archive.py), as Debian signed them.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ... import images
from ..base import DataPlaneError
from . import podman
from .cloud import Cloud
from .network import ARCHIVE
from .records import write

NAME = "archive"


class Archive:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.records, self.network = cloud, cloud.records, cloud.network

    @property
    def address(self) -> str:
        return self.network.service(ARCHIVE)

    def start(self) -> None:
        self.network.attach(NAME, self.address)
        pid = self.cloud.pid(NAME)
        if not pid:
            etc = self.records.folder("services", NAME)
            write(etc / "nginx.conf", _configuration(self.address))
            self.cloud.remove_container(NAME)
            self.cloud.run(
                NAME,
                self.cloud.image("services"),
                ["/usr/sbin/nginx", "-c", "/etc/mirror/nginx.conf", "-g", "daemon off;"],
                hostname="archive",
                options=[
                    *("--volume", f"{etc}:/etc/mirror:ro", "--tmpfs", "/run:rw,mode=755"),
                    *(
                        part
                        for name in images.ARCHIVES
                        for part in ("--mount", f"type=image,source={self.cloud.image(name)},destination=/srv/{name}")
                    ),
                ],
            )
            pid = self._pid()
        self.records.put(
            "archive", "names", sorted({path.name for path in Path(f"/proc/{pid}/root/srv").glob("*/archive/*")})
        )

    def _pid(self) -> int:
        until = time.monotonic() + 20
        while time.monotonic() < until and (pid := self.cloud.pid(NAME)):
            if Path(f"/proc/{pid}/root/run/nginx.pid").exists():
                return pid
            time.sleep(0.05)
        log = podman.run("logs", "--tail", "3", self.cloud.container(NAME), check=False).strip()
        raise DataPlaneError(f"the package archive did not come up: {log}")

    def stop(self) -> None:
        self.cloud.remove_container(NAME)
        self.network.detach(NAME)

    def parts(self) -> list[dict[str, Any]]:
        return [{"name": NAME, "kind": "archive", "address": self.address, "running": bool(self.cloud.pid(NAME))}]


def _configuration(address: str) -> str:
    first, *others = images.ARCHIVES
    text = f"""\
worker_processes 1;
pid /run/nginx.pid;
error_log stderr warn;
events {{ worker_connections 128; }}
http {{
    access_log off;
    client_body_temp_path /run/body;
    proxy_temp_path /run/proxy;
    fastcgi_temp_path /run/fastcgi;
    uwsgi_temp_path /run/uwsgi;
    scgi_temp_path /run/scgi;
    server {{
        listen {address}:80;
        location / {{ root /srv/{first}/archive/$host; try_files $uri @{others[0]}; }}
"""
    for name, after in zip(others, [*others[1:], None]):
        missing = f"@{after}" if after else "=404"
        text += f"        location @{name} {{ root /srv/{name}/archive/$host; try_files $uri {missing}; }}\n"
    return text + "    }\n}\n"
