# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances: containers that boot as a machine does, each in a network namespace of its own.

Two kinds: Lightsail's own WordPress host (images/lightsail), with systemd as process 1, and Bitnami's (images/bitnami), without.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any, Sequence

from ..base import DataPlaneError
from . import podman
from .cloud import Cloud
from .metadata import ADDRESS, PORT, MetadataService
from .network import command
from .records import write

KIND = "instances"
# What Lightsail opens on a new WordPress host (facts 1.9), until control says otherwise.
DEFAULT_RULES = [{"protocol": "tcp", "from_port": port, "to_port": port, "cidrs": ["0.0.0.0/0"]} for port in (22, 80, 443)]


# The local machine has more memory than any bundle; a host tunes itself by what it sees.
MEMORY_MB = 2048


class Instances:
    def __init__(self, cloud: Cloud, region: str = "eu-central-1") -> None:
        self.cloud, self.records, self.network = cloud, cloud.records, cloud.network
        self.region = region
        self.metadata = MetadataService(self._describe)

    def name(self, id: str) -> str:
        return f"i-{id}"

    def _record(self, id: str) -> dict[str, Any]:
        record = self.records.get(KIND, id)
        if record is None:
            raise self.cloud.missing("instance", id)
        return record

    def image(self, id: str) -> str:
        """The layout of a host: the image that it, or the disk that it is a copy of, was made from."""
        return self._record(id)["image"]

    def _describe(self, id: str) -> dict[str, Any] | None:
        record = self.records.get(KIND, id)
        if record is None:
            return None
        zone = record.get("zone") or f"{self.region}a"
        return {**record, "instance_id": id, "region": zone[:-1], "zone": zone}

    # -- life ----------------------------------------------------------------------------------------------------
    def create(
        self,
        id: str,
        *,
        name: str,
        private_ip: str | None,
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
        if self.records.get(KIND, id) is not None:
            # A create that was cut short; control repeats it.
            self.delete(id)
        if "snapshot" in source:
            image = self.cloud.snapshot_image("instance", source["snapshot"])
            if not podman.image_exists(image):
                raise self.cloud.missing("instance snapshot", source["snapshot"])
        else:
            image = self.cloud.image(source.get("image", "lightsail"))
        private_ip = self.network.allocate_private(private_ip)
        record = {
            "name": name,
            "hostname": "ip-" + private_ip.replace(".", "-"),
            "private_ip": private_ip,
            "public_ip": public_ip,
            "user_data": user_data,
            "authorized_keys": authorized_keys,
            "rules": DEFAULT_RULES,
            "zone": zone,
            "image": self.cloud.image_label(image),
            "role": None,
            "stray_role": _stray_role(),
            "running": True,
            "host_keys_after": time.time() + host_keys_seconds,
            "ssh_late": ssh_seconds > 0,
        }
        self.records.put(KIND, id, record)
        try:
            seed = self._seed(id, record, user_ca)
            write(seed / "variants", " ".join(variants) + "\n")
            write(seed / "first-boot-seconds", f"{first_boot_seconds}\n")
            write(seed / "ssh-seconds", f"{ssh_seconds:g}\n")
            self._wire(id, record)
            options = [
                # sudo and cron write to the audit log, as on any Debian host; without this they complain at each use.
                *("--cap-add", "AUDIT_WRITE"),
                *("--volume", f"{seed}:/run/seed:ro"),
                *("--stop-timeout", "30"),
            ]
            systemd = record["image"] == "lightsail"
            if systemd:
                write(seed / "meminfo", _meminfo(MEMORY_MB))
                options += ["--volume", f"{seed / 'meminfo'}:/proc/meminfo:ro"]
            else:
                options += ["--tmpfs", "/run:rw,size=64m,mode=755"]
            boot = "/usr/lib/lightsail/boot" if systemd else "/usr/sbin/lightsail-init"
            self.cloud.run(self.name(id), image, [boot], hostname=record["hostname"], options=options, systemd=systemd)
            self._wait_for_ssh(id)
            self.records.update(KIND, id, host_keys_after=time.time() + host_keys_seconds)
        except BaseException:
            self.delete(id)
            raise
        return {"private_ip": private_ip}

    def _seed(self, id: str, record: dict[str, Any], user_ca: str) -> Path:
        seed = self.records.folder(KIND, id) / "seed"
        seed.mkdir(exist_ok=True)
        seed.chmod(0o700)
        for name, text in {
            "instance-id": id + "\n",
            "hostname": record["hostname"] + "\n",
            "authorized-keys": "".join(key.strip() + "\n" for key in record["authorized_keys"]),
            "user-ca.pub": user_ca.strip() + "\n",
            "user-data": record["user_data"],
            "local-ca.pem": self.cloud.ca.root_pem,
        }.items():
            write(seed / name, text, 0o600 if name == "user-data" else 0o644)
        return seed

    def _wire(self, id: str, record: dict[str, Any]) -> None:
        """Addresses, firewall and metadata; all there before the host boots."""
        name = self.name(id)
        self.network.attach(name, record["private_ip"], [record["public_ip"]] if record["public_ip"] else [])
        self._filter(id, record)
        namespace = self.network.namespace(name)
        command("ip", "-n", namespace, "addr", "replace", f"{ADDRESS}/32", "dev", "lo")
        self.metadata.serve(id, namespace)

    def _filter(self, id: str, record: dict[str, Any]) -> None:
        """Lightsail's firewall acts on the public address only; private traffic passes (facts 1.9)."""
        lines = ["*nat", ":PREROUTING ACCEPT", ":INPUT ACCEPT", ":OUTPUT ACCEPT", ":POSTROUTING ACCEPT"]
        lines += [f"-A OUTPUT -d {ADDRESS} -p tcp --dport 80 -j DNAT --to-destination {ADDRESS}:{PORT}", "COMMIT"]
        lines += ["*filter", ":INPUT ACCEPT", ":FORWARD ACCEPT", ":OUTPUT ACCEPT", ":PUBLIC -", "-A INPUT -i lo -j ACCEPT"]
        if record["public_ip"]:
            lines.append(f"-A INPUT -d {record['public_ip']} -j PUBLIC")
        lines.append("-A PUBLIC -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT")
        for rule in record["rules"]:
            lines += _rule(rule)
        lines += ["-A PUBLIC -j DROP", "COMMIT"]
        self.network.filter(self.name(id), "\n".join(lines) + "\n")

    def _root(self, id: str) -> Path | None:
        """The running host's file system, seen from here."""
        pid = self.cloud.pid(self.name(id))
        return Path(f"/proc/{pid}/root") if pid else None

    def _wait_for_ssh(self, id: str, seconds: float = 120) -> None:
        root = self._root(id)
        late = (self.records.get(KIND, id) or {}).get("ssh_late")
        until = time.monotonic() + seconds
        while root is not None and time.monotonic() < until:
            # A host whose SSH is to come late runs before: when it knows who it is.
            if (root / "run/sshd.pid").exists() or (late and (root / "run/first-boot").exists()):
                return
            if not root.exists():
                break
            time.sleep(0.05)
        log = podman.run("logs", "--tail", "3", self.cloud.container(self.name(id)), check=False).strip()
        what = f"did not come up within {seconds:.0f} s" if time.monotonic() >= until else "ended while it was starting"
        raise DataPlaneError(f"the host {id} {what}" + (f": {log}" if log else ""))

    def start(self, id: str, public_ip: str | None) -> None:
        self.records.update(KIND, id, public_ip=public_ip, running=True)
        record = self._record(id)
        self._wire(id, record)
        if not self.cloud.pid(self.name(id)):
            self.cloud.start_container(self.name(id))
        self._wait_for_ssh(id)

    def stop(self, id: str) -> None:
        self._record(id)
        self.cloud.stop_container(self.name(id))
        self.network.unplug(self.name(id))
        self.records.update(KIND, id, running=False)

    def reboot(self, id: str) -> None:
        record = self._record(id)
        self.cloud.stop_container(self.name(id))
        self._wire(id, record)
        self.cloud.start_container(self.name(id))
        self._wait_for_ssh(id)

    def delete(self, id: str) -> None:
        self.metadata.forget(id)
        self.cloud.remove_container(self.name(id))
        self.network.detach(self.name(id))
        record = self.records.get(KIND, id)
        if record:
            self.network.release(record["private_ip"])
        self.records.delete(KIND, id)

    # -- what can be set -----------------------------------------------------------------------------------------
    def set_public_address(self, id: str, ip: str | None) -> None:
        self._record(id)
        record = self.records.update(KIND, id, public_ip=ip)
        if not record["running"]:
            return  # its next start brings it
        # First the filter: the new address must not be open for a moment.
        self._filter(id, record)
        self.network.set_addresses(self.name(id), record["private_ip"], [ip] if ip else [])

    def set_firewall(self, id: str, rules: list[dict[str, Any]]) -> None:
        self._record(id)
        record = self.records.update(KIND, id, rules=rules)
        if record["running"]:
            self._filter(id, record)

    def set_role(self, id: str, credentials: dict[str, str] | None) -> None:
        self._record(id)
        self.records.update(KIND, id, role=credentials)

    def host_keys(self, id: str) -> list[dict[str, str]]:
        record = self._record(id)
        root = self._root(id)
        if time.time() < record.get("host_keys_after", 0):
            return []
        if root is None:
            return record.get("host_keys", [])
        try:
            if (root / "var/lib/cloud/data/instance-id").read_text(encoding="utf-8").strip() != id:
                return []
            keys = []
            for path in sorted((root / "etc/ssh").glob("ssh_host_*_key.pub")):
                algorithm, key = path.read_text(encoding="ascii").split()[:2]
                keys.append({"algorithm": algorithm, "public_key": key})
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return []
        if keys != record.get("host_keys"):
            self.records.update(KIND, id, host_keys=keys)
        return keys

    # -- snapshots -----------------------------------------------------------------------------------------------
    def snapshot(self, snapshot_id: str, id: str) -> None:
        self._record(id)
        self.cloud.commit(self.name(id), "instance", snapshot_id)

    # -- the cloud comes and goes --------------------------------------------------------------------------------
    def resume(self) -> None:
        for id, record in self.records.all(KIND).items():
            if podman.inspect(self.cloud.container(self.name(id))) is None:
                # A create that was cut short; control will find it failed.
                self.delete(id)
            elif record["running"]:
                self.start(id, record["public_ip"])

    def suspend(self) -> None:
        for id, record in self.records.all(KIND).items():
            self.metadata.forget(id)
            if record["running"]:
                self.cloud.stop_container(self.name(id))
            self.network.detach(self.name(id))

    def parts(self) -> list[dict[str, Any]]:
        return [
            {
                "name": record["name"],
                "kind": "instance",
                "address": record["public_ip"] or record["private_ip"],
                "running": bool(self.cloud.pid(self.name(id))),
            }
            for id, record in self.records.all(KIND).items()
        ]


def _meminfo(megabytes: int) -> str:
    """What /proc/meminfo says on a machine with so much memory, most of it free."""
    total = megabytes * 1024
    return f"MemTotal: {total:>15} kB\nMemFree: {total * 3 // 4:>15} kB\nMemAvailable: {total * 3 // 4:>15} kB\nSwapTotal: {0:>15} kB\nSwapFree: {0:>15} kB\n"


def _stray_role() -> dict[str, str]:
    """What the metadata service hands out without a grant: credentials of the right shape, which no bucket knows."""
    return {"access_key_id": "ASIA" + secrets.token_hex(8).upper(), "secret_access_key": secrets.token_urlsafe(30)}


def _rule(rule: dict[str, Any]) -> list[str]:
    protocol = str(rule["protocol"]).lower()
    match = ""
    if protocol in ("tcp", "udp"):
        match = f" -p {protocol} --dport {int(rule['from_port'])}:{int(rule['to_port'])}"
    elif protocol == "icmp":
        match = " -p icmp" + (f" --icmp-type {int(rule['from_port'])}" if int(rule["from_port"]) >= 0 else "")
    elif protocol != "all":
        return []
    # The local cloud speaks IPv4 only; rules for IPv6 have nothing to act on.
    return [f"-A PUBLIC -s {cidr}{match} -j ACCEPT" for cidr in rule.get("cidrs", []) if ":" not in cidr]
