# SPDX-License-Identifier: GPL-3.0-or-later
"""The data plane made of real servers: one file per real thing, put together here."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import DataPlane, DataPlaneError
from . import podman
from .cloud import Cloud
from .instance import Instances

if TYPE_CHECKING:
    from ...certificates import CertificateAuthority

__all__ = ["HostsDataPlane"]


class HostsDataPlane(DataPlane):
    def __init__(self, state_dir: Path, network_index: int, ca: CertificateAuthority) -> None:
        super().__init__(state_dir, network_index, ca)
        self.cloud = Cloud(Path(state_dir), network_index, ca)
        self.instances = Instances(self.cloud)

    # -- the cloud as a whole ------------------------------------------------------------------------------------
    def start(self) -> None:
        if os.geteuid():
            raise DataPlaneError("the hosts data plane makes network namespaces and containers, so it needs root: use sudo, or --data-plane none")
        self._remove_strays()
        self.cloud.network.start()
        self.instances.resume()

    def _remove_strays(self) -> None:
        """What an earlier run left that nobody remembers: it was killed between making and noting."""
        known = {self.instances.name(id) for id in self.cloud.records.all("instances")}
        for container in self.cloud.containers():
            if container.removeprefix(f"lsl-{self.cloud.tag}-") not in known:
                podman.remove(container)
        for namespace in self.cloud.network.namespaces():
            if namespace.removeprefix(f"lsl-{self.cloud.tag}-") not in known:
                self.cloud.network.detach(namespace.removeprefix(f"lsl-{self.cloud.tag}-"))

    def stop(self) -> None:
        self.instances.suspend()
        self.cloud.network.destroy()

    def reset(self) -> None:
        for id in self.cloud.records.all("instances"):
            self.instances.delete(id)
        for container in self.cloud.containers():
            podman.remove(container)
        for image in self.cloud.snapshots():
            podman.run("image", "rm", "--force", image)
        self.cloud.network.destroy()
        shutil.rmtree(self.cloud.directory, ignore_errors=True)
        self.start()

    def status(self) -> dict[str, Any]:
        return {"parts": self.instances.parts(), "resolver": None, "s3_endpoint": None}

    def allocate_address(self) -> str:
        return self.cloud.network.allocate_public()

    def release_address(self, ip: str) -> None:
        self.cloud.network.release(ip)

    # -- instances -----------------------------------------------------------------------------------------------
    def create_instance(
        self,
        id: str,
        *,
        name: str,
        private_ip: str | None = None,
        public_ip: str | None,
        source: dict[str, str],
        user_data: str,
        authorized_keys: list[str],
        user_ca: str,
    ) -> dict[str, str]:
        return self.instances.create(
            id,
            name=name,
            private_ip=private_ip,
            public_ip=public_ip,
            source=source,
            user_data=user_data,
            authorized_keys=authorized_keys,
            user_ca=user_ca,
        )

    def start_instance(self, id: str, public_ip: str | None) -> None:
        self.instances.start(id, public_ip)

    def stop_instance(self, id: str) -> None:
        self.instances.stop(id)

    def reboot_instance(self, id: str) -> None:
        self.instances.reboot(id)

    def delete_instance(self, id: str) -> None:
        self.instances.delete(id)

    def set_public_address(self, id: str, ip: str | None) -> None:
        self.instances.set_public_address(id, ip)

    def set_firewall(self, id: str, rules: list[dict[str, Any]]) -> None:
        self.instances.set_firewall(id, rules)

    def host_keys(self, id: str) -> list[dict[str, str]]:
        return self.instances.host_keys(id)

    def set_instance_role(self, id: str, credentials: dict[str, str] | None) -> None:
        self.instances.set_role(id, credentials)

    def create_instance_snapshot(self, snapshot_id: str, instance_id: str) -> None:
        self.instances.snapshot(snapshot_id, instance_id)

    def delete_instance_snapshot(self, snapshot_id: str) -> None:
        self.cloud.remove_snapshot("instance", snapshot_id)
