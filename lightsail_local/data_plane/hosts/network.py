# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud's network: one bridge, one network namespace per host, a private and perhaps a public address in each.

The namespaces are made here and containers join them, so addresses, firewall and metadata are there before the host boots,
and survive its stop and start. Nothing listens on the machine: it only has an address on the bridge, to reach the hosts.
There is no way out to the world (no default route), so a host that wants one finds out at once instead of after a timeout.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import subprocess
import threading
from pathlib import Path

from ..base import DataPlaneError
from .namespace import DIRECTORY, inside
from .records import Records

# .1 is the machine; service parts have fixed addresses, so that containers' resolv.conf never changes.
RESOLVER, NAME_SERVERS, EXTERNAL_DNS, OBJECT_STORAGE, ARCHIVE = 2, 3, 4, 5, 6
FIRST, LAST = 10, 254


def command(*arguments: str, input: str | None = None, check: bool = True) -> str:
    try:
        done = subprocess.run(
            arguments,
            input=input,
            stdin=None if input is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    except FileNotFoundError:
        raise DataPlaneError(f"{arguments[0]} is not installed; the hosts data plane needs iproute2, util-linux and iptables") from None
    if check and done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise DataPlaneError(f"{' '.join(arguments[:4])} failed: {lines[-1]}")
    return done.stdout


class Network:
    def __init__(self, tag: str, index: int, records: Records) -> None:
        if not 0 <= index <= 255:
            raise DataPlaneError(f"network index {index} is not between 0 and 255")
        self.tag, self.index, self.records = tag, index, records
        self.bridge = f"lsl{tag}"
        self.private = ipaddress.ip_network(f"172.26.{index}.0/24")
        self.public = ipaddress.ip_network(f"198.18.{index}.0/24")
        self._lock = threading.Lock()

    # -- addresses -----------------------------------------------------------------------------------------------
    def service(self, number: int) -> str:
        return str(self.private[number])

    @property
    def machine(self) -> tuple[str, str]:
        """The machine's own addresses on the bridge: what hosts see when the operator connects."""
        return str(self.private[1]), str(self.public[1])

    def _allocate(self, kind: str) -> str:
        network = self.private if kind == "private" else self.public
        with self._lock:
            used = self.records.get("addresses", kind) or {"taken": [], "last": FIRST - 1}
            # Onwards from the last one and not the lowest free one: as on AWS, a released address is not soon seen again,
            # so a client that still holds a stale one fails instead of meeting somebody else's host.
            span = LAST - FIRST + 1
            for step in range(1, span + 1):
                number = FIRST + (used["last"] - FIRST + step) % span
                address = str(network[number])
                if address not in used["taken"]:
                    used["taken"].append(address)
                    used["last"] = number
                    self.records.put("addresses", kind, used)
                    return address
        raise DataPlaneError(f"all {LAST - FIRST + 1} {kind} addresses of this local cloud are in use")

    def allocate_public(self) -> str:
        return self._allocate("public")

    def allocate_private(self, wanted: str | None = None) -> str:
        if wanted is None:
            return self._allocate("private")
        if ipaddress.ip_address(wanted) not in self.private:
            raise DataPlaneError(f"{wanted} is not in this cloud's private network {self.private}")
        with self._lock:
            used = self.records.get("addresses", "private") or {"taken": [], "last": FIRST - 1}
            if wanted in used["taken"]:
                raise DataPlaneError(f"the private address {wanted} is in use")
            used["taken"].append(wanted)
            self.records.put("addresses", "private", used)
        return wanted

    def release(self, address: str | None) -> None:
        if address is None:
            return
        kind = "private" if ipaddress.ip_address(address) in self.private else "public"
        with self._lock:
            used = self.records.get("addresses", kind)
            if used and address in used["taken"]:
                used["taken"].remove(address)
                self.records.put("addresses", kind, used)

    # -- the bridge ----------------------------------------------------------------------------------------------
    def start(self) -> None:
        self._refuse_foreign_networks()
        links = command("ip", "-o", "link", "show", "dev", self.bridge, check=False)
        if not links:
            command("ip", "link", "add", self.bridge, "type", "bridge")
        lines = []
        present = command("ip", "-o", "-4", "addr", "show", "dev", self.bridge)
        for address in self.machine:
            if f" {address}/24 " not in present:
                lines.append(f"addr add {address}/24 dev {self.bridge}")
        lines.append(f"link set {self.bridge} up")
        command("ip", "-batch", "-", input="\n".join(lines) + "\n")
        # Where the machine filters bridged traffic (Docker switches that on and drops), ours must be let through.
        switch = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
        if switch.exists() and switch.read_text(encoding="ascii").strip() == "1":
            rule = ["FORWARD", "-i", self.bridge, "-o", self.bridge, "-j", "ACCEPT"]
            if subprocess.run(["iptables", "-C", *rule], capture_output=True, check=False).returncode:
                command("iptables", "-I", *rule)

    def _refuse_foreign_networks(self) -> None:
        for line in command("ip", "-o", "-4", "addr", "show").splitlines():
            fields = line.split()
            device, address = fields[1], ipaddress.ip_interface(fields[3])
            for ours in (self.private, self.public):
                if device != self.bridge and address.network.overlaps(ours) and address.network.prefixlen >= 16:
                    raise DataPlaneError(
                        f"the network {ours} of this local cloud is in use on this machine (device {device}, {address});"
                        " start the cloud with another network index"
                    )

    def destroy(self) -> None:
        for namespace in self.namespaces():
            command("ip", "netns", "del", namespace, check=False)
        command("ip", "link", "del", self.bridge, check=False)
        rule = ["FORWARD", "-i", self.bridge, "-o", self.bridge, "-j", "ACCEPT"]
        subprocess.run(["iptables", "-D", *rule], capture_output=True, check=False)

    # -- namespaces ----------------------------------------------------------------------------------------------
    def namespace(self, name: str) -> str:
        return f"lsl-{self.tag}-{name}"

    def namespaces(self) -> list[str]:
        if not DIRECTORY.is_dir():
            return []
        return sorted(path.name for path in DIRECTORY.iterdir() if path.name.startswith(f"lsl-{self.tag}-"))

    def path(self, name: str) -> str:
        return str(DIRECTORY / self.namespace(name))

    def attach(self, name: str, private: str, public: list[str] = ()) -> None:
        """A namespace with these addresses; what exists is corrected."""
        namespace = self.namespace(name)
        # The host's end is named after its address: unique in the cloud, and short enough for an interface's name.
        link = f"v{self.tag}{int(ipaddress.ip_address(private)) & 0xFF:02x}"
        if not (DIRECTORY / namespace).exists():
            command("ip", "netns", "add", namespace)
        has_link = command("ip", "-n", namespace, "-o", "link", "show", "dev", "eth0", check=False)
        lines = []
        if not has_link:
            command("ip", "link", "del", link, check=False)
            lines.append(f"link add {link} type veth peer name eth0 netns {namespace}")
        lines.append(f"link set {link} master {self.bridge} up")
        command("ip", "-batch", "-", input="\n".join(lines) + "\n")
        command("ip", "-n", namespace, "-batch", "-", input="link set lo up\nlink set eth0 up\n")
        self.set_addresses(name, private, public)

    def set_addresses(self, name: str, private: str, public: list[str]) -> None:
        namespace = self.namespace(name)
        present = [line.split()[3].split("/")[0] for line in command("ip", "-n", namespace, "-o", "-4", "addr", "show", "dev", "eth0").splitlines()]
        lines = [f"addr del {address}/32 dev eth0" for address in present if address not in (private, *public)]
        if private not in present:
            lines.append(f"addr add {private}/24 dev eth0")
        lines += [f"addr add {address}/32 dev eth0" for address in public if address not in present]
        source = public[0] if public else private
        lines.append(f"route replace {self.public} dev eth0 src {source}")
        command("ip", "-n", namespace, "-batch", "-", input="\n".join(lines) + "\n")
        for address in (private, *public):
            if address not in present:
                self._announce(namespace, address)

    def _announce(self, namespace: str, address: str) -> None:
        """Tell all neighbours (gratuitous ARP), so that an address that moved is found at its new host at once."""
        command("ip", "neigh", "flush", "to", address, "dev", self.bridge, check=False)

        def send() -> None:
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
                raw.bind(("eth0", 0x0806))
                mac = raw.getsockname()[4]
                ip = socket.inet_aton(address)
                header = b"\xff" * 6 + mac + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 2)
                for _ in range(2):
                    raw.send(header + mac + ip + b"\xff" * 6 + ip)

        inside(namespace, send)

    def unplug(self, name: str) -> None:
        """A machine that is off does not answer at its addresses, and they may be given to another one meanwhile."""
        if (DIRECTORY / self.namespace(name)).exists():
            command("ip", "-n", self.namespace(name), "link", "set", "eth0", "down")

    def detach(self, name: str) -> None:
        if (DIRECTORY / self.namespace(name)).exists():
            command("ip", "netns", "del", self.namespace(name))

    def filter(self, name: str, rules: str) -> None:
        """Replace the namespace's packet filter, in one step."""
        command("nsenter", f"--net={self.path(name)}", "iptables-restore", input=rules)
