# SPDX-License-Identifier: GPL-3.0-or-later
"""The data plane that keeps only state: nothing runs, everything answers. For unit and integration tests."""

from __future__ import annotations

import ipaddress
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Sequence

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from .base import DataPlane, DataPlaneError

if TYPE_CHECKING:
    from ..certificates import CertificateAuthority

# Nobody has these addresses, and no cloud with real hosts on this machine either: who takes them for real reaches nothing instead of a
# stranger's server. Public ones are for documentation (RFC 5737); an account with more than those holds gets some of the block for
# benchmarks (RFC 2544), as all private ones are: of its upper half, since clouds with hosts live in the lower.
PUBLIC = [str(address) for text in ("198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24") for address in ipaddress.ip_network(text).hosts()]
PRIVATE = ipaddress.ip_network("198.19.0.0/17")
MORE_PUBLIC = ipaddress.ip_network("198.19.128.0/17")
MANY = 2**15 - 2  # hosts of either of the two


def _host_keys() -> list[dict[str, str]]:
    keys = []
    for key in (ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())):
        line = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        algorithm, public = line.decode().split()
        keys.append({"algorithm": algorithm, "public_key": public})
    return keys


class NoneDataPlane(DataPlane):
    """Keeps in memory what it was told. Control repeats what matters after a restart; the rest is derived."""

    keeps_history = True  # there are no contents, so it is the same at any moment

    def __init__(self, state_dir: Path, network_index: int, ca: CertificateAuthority) -> None:
        super().__init__(state_dir, network_index, ca)
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self.addresses: set[str] = set()
        self._next_address = 0
        self._next_private = 0
        self.instances: dict[str, dict[str, Any]] = {}
        self.databases: dict[str, dict[str, Any]] = {}
        self.disks: dict[str, dict[str, Any]] = {}
        self.snapshots: set[str] = set()
        self.buckets: dict[str, dict[str, Any]] = {}
        self.load_balancers: dict[str, dict[str, Any]] = {}
        self.distributions: dict[str, dict[str, Any]] = {}
        self.dns: dict[str, Any] = {"zones": {}, "delegated": [], "names": {}, "external": {}}
        # Lines of error logs as a test wishes them: database id -> [(moment, text)].
        self.logs: dict[str, list[tuple[float, str]]] = {}
        # Health of targets as a test wishes it: instance id -> {"state", "reason"}.
        self.forced_health: dict[str, dict[str, str | None]] = {}

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def reset(self) -> None:
        with self._lock:
            self._forget()

    def status(self) -> dict[str, Any]:
        parts = [
            {"name": item["name"], "kind": "instance", "address": item["private_ip"], "running": item["running"]} for item in list(self.instances.values())
        ]
        parts += [
            {"name": item["endpoint_name"], "kind": "database", "address": item["address"], "running": item["running"]}
            for item in list(self.databases.values())
        ]
        return {"parts": parts, "resolver": None, "s3_endpoint": None}

    # -- addresses -----------------------------------------------------------------------------------------------
    def allocate_address(self) -> str:
        # A fresh one each time, so that a client which keeps an old one is found out.
        with self._lock:
            for _ in range(len(PUBLIC)):
                self._next_address = (self._next_address + 1) % len(PUBLIC)
                if PUBLIC[self._next_address] not in self.addresses:
                    self.addresses.add(PUBLIC[self._next_address])
                    return PUBLIC[self._next_address]
            for number in range(MANY):
                address = str(MORE_PUBLIC[number + 1])
                if address not in self.addresses:
                    self.addresses.add(address)
                    return address
        raise DataPlaneError("There is no free public address left.")

    def release_address(self, ip: str) -> None:
        self.addresses.discard(ip)

    def keep_addresses(self, addresses: list[str]) -> None:
        with self._lock:
            self.addresses.update(addresses)

    def _private_address(self) -> str:
        with self._lock:
            self._next_private = self._next_private % MANY + 1
            return str(PRIVATE[self._next_private])

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
        self.instances[id] = {
            "name": name,
            "private_ip": private_ip or self._private_address(),
            "public_ip": public_ip,
            "source": source,
            "user_data": user_data,
            "authorized_keys": authorized_keys,
            "zone": zone,
            "variants": list(variants),
            "first_boot_seconds": first_boot_seconds,
            "host_keys_after": time.monotonic() + host_keys_seconds,
            "running": True,
            "host_keys": _host_keys(),
            "rules": [],
            "role": None,
        }
        return {"private_ip": self.instances[id]["private_ip"]}

    def start_instance(self, id: str, public_ip: str | None) -> None:
        self._instance(id).update(running=True, public_ip=public_ip)

    def stop_instance(self, id: str) -> None:
        self._instance(id)["running"] = False

    def reboot_instance(self, id: str) -> None:
        self._instance(id)

    def delete_instance(self, id: str) -> None:
        self.instances.pop(id, None)

    def set_public_address(self, id: str, ip: str | None) -> None:
        self._instance(id)["public_ip"] = ip

    def set_firewall(self, id: str, rules: list[dict[str, Any]]) -> None:
        self._instance(id)["rules"] = rules

    def host_keys(self, id: str) -> list[dict[str, str]]:
        instance = self._instance(id)
        return instance["host_keys"] if time.monotonic() >= instance.get("host_keys_after", 0) else []

    def set_instance_role(self, id: str, credentials: dict[str, str] | None) -> None:
        self._instance(id)["role"] = credentials

    def create_instance_snapshot(self, snapshot_id: str, instance_id: str) -> None:
        self._instance(instance_id)
        self.snapshots.add(snapshot_id)

    def delete_instance_snapshot(self, snapshot_id: str) -> None:
        self.snapshots.discard(snapshot_id)

    def set_instance_certificate(self, id: str, certificate: str, key: str) -> None:
        self._instance(id)["certificate"] = certificate

    # -- disks ---------------------------------------------------------------------------------------------------
    def create_disk(self, id: str, *, size: int, snapshot_id: str | None = None) -> None:
        self.disks[id] = {"size": size, "snapshot": snapshot_id, "instance": None, "path": None}

    def delete_disk(self, id: str) -> None:
        self.disks.pop(id, None)

    def attach_disk(self, id: str, instance_id: str, path: str) -> None:
        self.disks.setdefault(id, {}).update(instance=instance_id, path=path)

    def detach_disk(self, id: str) -> None:
        self.disks.setdefault(id, {}).update(instance=None, path=None)

    def create_disk_snapshot(self, snapshot_id: str, source_id: str) -> None:
        self.snapshots.add(snapshot_id)

    def delete_disk_snapshot(self, snapshot_id: str) -> None:
        self.snapshots.discard(snapshot_id)

    def _instance(self, id: str) -> dict[str, Any]:
        # Memory is lost over a restart of the daemon; a host would still be there, so one is thought of.
        return self.instances.setdefault(
            id,
            {
                "name": id,
                "private_ip": self._private_address(),
                "public_ip": None,
                "running": True,
                "host_keys": _host_keys(),
                "rules": [],
                "role": None,
            },
        )

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
        self.databases[id] = {
            "endpoint_name": endpoint_name,
            "address": self._private_address(),
            "password": master_password,
            "public_ip": public_ip,
            "parameters": {},
            "running": True,
        }
        return {"address": self.databases[id]["address"], "port": 3306}

    def start_database(self, id: str) -> None:
        self._database(id)["running"] = True

    def stop_database(self, id: str) -> None:
        self._database(id)["running"] = False

    def reboot_database(self, id: str) -> None: ...

    def delete_database(self, id: str) -> None:
        self.databases.pop(id, None)

    def set_database_password(self, id: str, password: str) -> None:
        self._database(id)["password"] = password

    def set_database_public(self, id: str, ip: str | None) -> None:
        self._database(id)["public_ip"] = ip

    def set_database_parameters(self, id: str, parameters: dict[str, str]) -> None:
        self._database(id)["parameters"].update(parameters)

    def database_log(self, id: str) -> list[tuple[float, str]]:
        return self.logs.get(id, [])

    def create_database_snapshot(self, snapshot_id: str, database_id: str) -> None:
        self.snapshots.add(snapshot_id)

    def delete_database_snapshot(self, snapshot_id: str) -> None:
        self.snapshots.discard(snapshot_id)

    def _database(self, id: str) -> dict[str, Any]:
        return self.databases.setdefault(id, {"endpoint_name": id, "address": self._private_address(), "parameters": {}, "running": True})

    # -- buckets -------------------------------------------------------------------------------------------------
    def create_bucket(self, name: str, region: str) -> None:
        self.buckets[name] = {"region": region, "objects": 0}

    def delete_bucket(self, name: str) -> None:
        self.buckets.pop(name, None)

    def bucket_is_empty(self, name: str) -> bool:
        return not self.buckets.get(name, {}).get("objects", 0)

    def set_bucket_access(self, name: str, *, public_read: bool, allow_public_overrides: bool, keys: list[dict[str, str]]) -> None:
        self.buckets.setdefault(name, {"objects": 0}).update(public_read=public_read, allow_public_overrides=allow_public_overrides, keys=keys)

    def set_bucket_rules(self, name: str, *, versioning: str, cors: list[dict[str, Any]]) -> None:
        self.buckets.setdefault(name, {"objects": 0}).update(versioning=versioning, cors=cors)

    # -- load balancers ------------------------------------------------------------------------------------------
    def put_load_balancer(self, id: str, spec: dict[str, Any]) -> None:
        seen = self.load_balancers.get(id, {}).get("since", {})
        now = time.monotonic()
        since = {target["id"]: seen.get(target["id"], now) for target in spec["targets"]}
        self.load_balancers[id] = {"spec": spec, "since": since}

    def delete_load_balancer(self, id: str) -> None:
        self.load_balancers.pop(id, None)

    def load_balancer_health(self, id: str) -> dict[str, dict[str, str | None]]:
        """Healthy once the health interval has passed since the target came."""
        balancer = self.load_balancers.get(id)
        if balancer is None:
            return {}
        health: dict[str, dict[str, str | None]] = {}
        for target, since in balancer["since"].items():
            if time.monotonic() - since < balancer["spec"]["health_interval_s"]:
                health[target] = {"state": "initial", "reason": "Lb.InitialHealthChecking"}
            else:
                health[target] = self.forced_health.get(target, {"state": "healthy", "reason": None})
        return health

    # -- distributions -------------------------------------------------------------------------------------------
    def put_distribution(self, id: str, spec: dict[str, Any]) -> None:
        self.distributions[id] = spec

    def delete_distribution(self, id: str) -> None:
        self.distributions.pop(id, None)

    def reset_cache(self, id: str) -> None: ...

    # -- names ---------------------------------------------------------------------------------------------------
    def put_dns(self, spec: dict[str, Any]) -> None:
        self.dns = spec

    def lookup(self, name: str, type: str) -> list[str]:
        return self._lookup(name.rstrip(".").lower(), type, 8)

    def _lookup(self, name: str, type: str, depth: int) -> list[str]:
        spec = self.dns
        if name in spec["names"] and type == "A":
            return [spec["names"][name]]
        visible = {zone: entries for zone, entries in spec["zones"].items() if zone in spec["delegated"]}
        for zone, entries in spec["external"].items():
            visible.setdefault(zone, entries)
        zones = [zone for zone in visible if name == zone or name.endswith("." + zone)]
        if not zones:
            return []
        entries = visible[max(zones, key=len)]
        wildcard = "*." + name.split(".", 1)[1]
        matches = [entry for entry in entries if entry["name"] == name] or [entry for entry in entries if entry["name"] == wildcard]
        direct = [entry["target"].rstrip(".") for entry in matches if entry["type"] == type]
        if direct or depth == 0:
            return direct
        for entry in matches:
            if entry["type"] == "CNAME":
                return self._lookup(entry["target"].rstrip(".").lower(), type, depth - 1)
        return []
