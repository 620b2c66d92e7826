# SPDX-License-Identifier: GPL-3.0-or-later
"""The data plane made of real servers: one file per real thing, put together here."""

from __future__ import annotations

import concurrent.futures
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Sequence

from ... import images
from ..base import DataPlane, DataPlaneError
from . import podman
from .archive import Archive
from .bucket import Buckets
from .cloud import Cloud
from .database import Databases
from .distribution import Distributions
from .dns import Names
from .instance import Instances
from .load_balancer import LoadBalancers

if TYPE_CHECKING:
    from ...certificates import CertificateAuthority

__all__ = ["HostsDataPlane"]


class HostsDataPlane(DataPlane):
    def __init__(self, state_dir: Path, network_index: int, ca: CertificateAuthority) -> None:
        super().__init__(state_dir, network_index, ca)
        self.cloud = Cloud(Path(state_dir), network_index, ca)
        self.names = Names(self.cloud)
        self.buckets = Buckets(self.cloud)
        self.archive = Archive(self.cloud)
        self.instances = Instances(self.cloud)
        self.databases = Databases(self.cloud)
        self.load_balancers = LoadBalancers(self.cloud)
        self.distributions = Distributions(self.cloud, self.names, self.buckets)

    # -- the cloud as a whole ------------------------------------------------------------------------------------
    def start(self) -> None:
        if os.geteuid():
            raise DataPlaneError("the hosts data plane makes network namespaces and containers, so it needs root: use sudo, or --data-plane none")
        try:
            # The first start on a machine builds them; whoever waits is told (the command shows lines with this mark).
            images.ensure(lambda line: print(f"PROGRESS: {line}", flush=True))
        except images.ImageError as error:
            raise DataPlaneError(str(error)) from None
        self._remove_strays()
        self.cloud.network.start()
        # Its mirrors' names are among those that the name server knows.
        self.archive.start()
        _together(self.names.start, self.buckets.start, self.databases.resume, self.instances.resume)
        # They look up names and check hosts, so they come last.
        _together(self.load_balancers.resume, self.distributions.resume)

    def _remove_strays(self) -> None:
        """What an earlier run left that nobody remembers: it was killed between making and noting."""
        known = {"dns", "s3", "archive"}
        for part in (self.instances, self.databases, self.load_balancers, self.distributions):
            kind = part.__class__.__module__.rsplit(".", 1)[1]
            known |= {part.name(id) for id in self.cloud.records.all(_RECORDS[kind])}
        prefix = f"lsl-{self.cloud.tag}-"
        for container in self.cloud.containers():
            if container.removeprefix(prefix) not in known:
                podman.remove(container)
        for namespace in self.cloud.network.namespaces():
            if namespace.removeprefix(prefix) not in known:
                self.cloud.network.detach(namespace.removeprefix(prefix))

    def stop(self) -> None:
        _together(self.load_balancers.suspend, self.distributions.suspend, self.instances.suspend, self.databases.suspend)
        _together(self.buckets.stop, self.names.stop, self.archive.stop)
        self.cloud.network.destroy()

    def reset(self) -> None:
        self.remove()
        self.start()

    def remove(self) -> None:
        """Everything of this cloud, also what no record knows of."""
        for id in self.cloud.records.all("instances"):
            self.instances.metadata.forget(id)
        names = self.cloud.containers()
        if names:
            podman.run("rm", "--force", "--ignore", "--time", "0", *names)
        images = self.cloud.snapshots()
        if images:
            podman.run("image", "rm", "--force", *images)
        self.cloud.network.destroy()
        shutil.rmtree(self.cloud.directory, ignore_errors=True)

    def status(self) -> dict[str, Any]:
        parts: list[dict[str, Any]] = []
        for part in (self.names, self.archive, self.buckets, self.instances, self.databases, self.load_balancers, self.distributions):
            parts += part.parts()
        return {"parts": parts, "resolver": self.names.resolver, "s3_endpoint": self.buckets.endpoint}

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
        zone: str | None = None,
        variants: Sequence[str] = (),
        first_boot_seconds: float = 2.0,
        ssh_seconds: float = 0,
        host_keys_seconds: float = 0,
    ) -> dict[str, str]:
        made = self.instances.create(
            id,
            name=name,
            private_ip=private_ip,
            public_ip=public_ip,
            source=source,
            user_data=user_data,
            authorized_keys=authorized_keys,
            user_ca=user_ca,
            zone=zone,
            variants=variants,
            first_boot_seconds=first_boot_seconds,
            ssh_seconds=ssh_seconds,
            host_keys_seconds=host_keys_seconds,
        )
        self.buckets.write_roles()
        return made

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
        self.buckets.write_roles()

    def create_instance_snapshot(self, snapshot_id: str, instance_id: str) -> None:
        self.instances.snapshot(snapshot_id, instance_id)

    def delete_instance_snapshot(self, snapshot_id: str) -> None:
        self.cloud.remove_snapshot("instance", snapshot_id)

    # -- databases -----------------------------------------------------------------------------------------------
    def create_database(
        self,
        id: str,
        *,
        endpoint_name: str,
        master_username: str,
        master_password: str,
        database_name: str,
        snapshot_id: str | None = None,
        public_ip: str | None = None,
    ) -> dict[str, Any]:
        return self.databases.create(
            id,
            endpoint_name=endpoint_name,
            master_username=master_username,
            master_password=master_password,
            database_name=database_name,
            snapshot_id=snapshot_id,
            public_ip=public_ip,
        )

    def start_database(self, id: str) -> None:
        self.databases.start(id)

    def stop_database(self, id: str) -> None:
        self.databases.stop(id)

    def reboot_database(self, id: str) -> None:
        self.databases.reboot(id)

    def delete_database(self, id: str) -> None:
        self.databases.delete(id)

    def set_database_password(self, id: str, password: str) -> None:
        self.databases.set_password(id, password)

    def set_database_public(self, id: str, ip: str | None) -> None:
        self.databases.set_public(id, ip)

    def set_database_parameters(self, id: str, parameters: dict[str, str]) -> None:
        self.databases.set_parameters(id, parameters)

    def database_log(self, id: str) -> list[tuple[float, str]]:
        return self.databases.log(id)

    def create_database_snapshot(self, snapshot_id: str, database_id: str) -> None:
        self.databases.snapshot(snapshot_id, database_id)

    def delete_database_snapshot(self, snapshot_id: str) -> None:
        self.databases.delete_snapshot(snapshot_id)

    # -- buckets -------------------------------------------------------------------------------------------------
    def create_bucket(self, name: str, region: str) -> None:
        self.buckets.create(name, region)

    def delete_bucket(self, name: str) -> None:
        self.buckets.delete(name)

    def bucket_is_empty(self, name: str) -> bool:
        return self.buckets.is_empty(name)

    def set_bucket_access(self, name: str, *, public_read: bool, allow_public_overrides: bool, keys: list[dict[str, str]]) -> None:
        self.buckets.set_access(name, public_read=public_read, allow_public_overrides=allow_public_overrides, keys=keys)

    def set_bucket_rules(self, name: str, *, versioning: str, cors: list[dict[str, Any]]) -> None:
        self.buckets.set_rules(name, versioning=versioning, cors=cors)

    # -- load balancers ------------------------------------------------------------------------------------------
    def put_load_balancer(self, id: str, spec: dict[str, Any]) -> None:
        self.load_balancers.put(id, spec)

    def delete_load_balancer(self, id: str) -> None:
        self.load_balancers.delete(id)

    def load_balancer_health(self, id: str) -> dict[str, dict[str, str | None]]:
        return self.load_balancers.health(id)

    # -- distributions -------------------------------------------------------------------------------------------
    def put_distribution(self, id: str, spec: dict[str, Any]) -> None:
        self.distributions.put(id, spec)

    def delete_distribution(self, id: str) -> None:
        self.distributions.delete(id)

    def reset_cache(self, id: str) -> None:
        self.distributions.reset_cache(id)

    # -- names ---------------------------------------------------------------------------------------------------
    def put_dns(self, spec: dict[str, Any]) -> None:
        self.names.put(spec)

    def lookup(self, name: str, type: str) -> list[str]:
        return self.names.lookup(name, type)


_RECORDS = {
    "instance": "instances",
    "database": "databases",
    "load_balancer": "load-balancers",
    "distribution": "distributions",
}


def _together(*calls: Callable[[], None]) -> None:
    """At the same time; the first failure is raised when all have ended."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(calls)) as pool:
        futures = [pool.submit(call) for call in calls]
    for future in futures:
        future.result()
