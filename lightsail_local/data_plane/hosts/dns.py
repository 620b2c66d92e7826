# SPDX-License-Identifier: GPL-3.0-or-later
"""Names: one BIND with three faces, each on an address of its own.

* the resolver, which hosts and controller ask. It holds the root itself: the cloud's own names are in it, and so are the
  delegations, so a zone resolves exactly when its parent points at its name servers, as in the world;
* Lightsail's name servers (ns-N.awsdns-N.*), authoritative for the zones made over the API, delegated or not;
* the name servers of owners who run DNS elsewhere.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import random
import socket
import struct
import threading
import time
from typing import Any

from ..base import DataPlaneError
from . import podman
from .cloud import Cloud
from .network import ARCHIVE, EXTERNAL_DNS, NAME_SERVERS, OBJECT_STORAGE, RESOLVER
from .records import write

NAME = "dns"
TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33}
# Record types whose text ends with a host name.
POINTING = ("CNAME", "NS", "MX", "SRV", "PTR")
EXTERNAL_SERVER = "ns1.dns-elsewhere.test"
DEFAULT_SERVER = "ns-1.awsdns-01.com"


class Names:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.records, self.network = cloud, cloud.records, cloud.network
        self._lock = threading.Lock()

    @property
    def resolver(self) -> str:
        return self.network.service(RESOLVER)

    @property
    def _folder(self):
        return self.records.folder("services", NAME)

    # -- life ----------------------------------------------------------------------------------------------------
    def start(self) -> None:
        self._write(self.spec())
        addresses = [self.network.service(number) for number in (NAME_SERVERS, EXTERNAL_DNS)]
        self.network.attach(NAME, self.resolver, addresses)
        if not self.cloud.pid(NAME):
            self.cloud.remove_container(NAME)
            self.cloud.run(
                NAME,
                self.cloud.image("services"),
                # One thread is plenty, and keeps BIND small.
                ["/usr/sbin/named", "-g", "-n", "1", "-c", "/etc/named/named.conf"],
                hostname="dns",
                options=["--volume", f"{self._folder}:/etc/named:ro", "--tmpfs", "/run/named:rw"],
            )
        else:
            self._reload()
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                if self.lookup("resolver.lightsail.internal", "A", timeout=0.3) == [self.resolver]:
                    return
            except DataPlaneError:
                time.sleep(0.05)
        log = podman.run("logs", "--tail", "5", self.cloud.container(NAME), check=False).strip()
        raise DataPlaneError(f"the name server did not answer within 30 s: {log}")

    def stop(self) -> None:
        self.cloud.remove_container(NAME)
        self.network.detach(NAME)

    def parts(self) -> list[dict[str, Any]]:
        running = bool(self.cloud.pid(NAME))
        return [
            {"name": "resolver", "kind": "dns", "address": self.resolver, "running": running},
            {"name": "name-servers", "kind": "dns", "address": self.network.service(NAME_SERVERS), "running": running},
        ]

    # -- the picture ---------------------------------------------------------------------------------------------
    def spec(self) -> dict[str, Any]:
        try:
            return json.loads((self._folder / "spec.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"zones": {}, "delegated": [], "names": {}, "external": {}}

    def put(self, spec: dict[str, Any]) -> None:
        with self._lock:
            if spec == self.spec() and self.cloud.pid(NAME):
                return
            self._write(spec)
            write(self._folder / "spec.json", json.dumps(spec, indent=1), 0o600)
            if self.cloud.pid(NAME):
                self._reload()

    def refresh(self) -> None:
        """Something outside the picture changed (a region's bucket names)."""
        with self._lock:
            self._write(self.spec())
            if self.cloud.pid(NAME):
                self._reload()

    def _reload(self) -> None:
        rndc = ["exec", self.cloud.container(NAME), "rndc", "-k", "/etc/named/rndc.key", "-s", "127.0.0.1"]
        podman.run(*rndc, "reconfig")
        podman.run(*rndc, "reload")
        # Otherwise an old answer, or that there was none, would be given for another minute.
        podman.run(*rndc, "flush")

    def _write(self, spec: dict[str, Any]) -> None:
        folder = self._folder
        names = {name.rstrip(".").lower(): address for name, address in spec.get("names", {}).items()}
        for view in ("lightsail", "external"):
            (folder / view).mkdir(exist_ok=True)
        lightsail, external = self.network.service(NAME_SERVERS), self.network.service(EXTERNAL_DNS)
        delegations: dict[str, set[str]] = {}
        glue: dict[str, str] = {DEFAULT_SERVER: lightsail, EXTERNAL_SERVER: external}
        views: dict[str, list[str]] = {"lightsail": [], "external": []}
        for view, zones, address, default in (
            ("lightsail", spec.get("zones", {}), lightsail, DEFAULT_SERVER),
            ("external", spec.get("external", {}), external, EXTERNAL_SERVER),
        ):
            for zone, records in zones.items():
                zone = zone.rstrip(".").lower()
                write(folder / view / f"{zone}.zone", _zone_file(zone, records, names, default))
                views[view].append(zone)
                servers = {
                    record["target"].rstrip(".").lower() for record in records if record["type"] == "NS" and record["name"].rstrip(".").lower() == zone
                } or {default}
                glue.update({server: address for server in servers if not server.endswith("." + zone)})
                if view == "external" or zone in {name.rstrip(".").lower() for name in spec.get("delegated", [])}:
                    delegations.setdefault(zone, set()).update(servers)
        # Delegated to us, but there is no zone: our name servers refuse, and the resolver says SERVFAIL, as in the world.
        for zone in spec.get("delegated", []):
            delegations.setdefault(zone.rstrip(".").lower(), {DEFAULT_SERVER})
        write(folder / "root.zone", self._root(names, delegations, glue))
        key = folder / "rndc.key"
        if not key.exists():
            secret = hashlib.sha256(random.SystemRandom().randbytes(32)).digest()
            import base64

            write(key, f'key "rndc-key" {{ algorithm hmac-sha256; secret "{base64.b64encode(secret).decode()}"; }};\n', 0o600)
        write(folder / "named.conf", self._configuration(views))

    def _root(self, names: dict[str, str], delegations: dict[str, set[str]], glue: dict[str, str]) -> str:
        lines = [
            "$TTL 60",
            f". IN SOA resolver.lightsail.internal. root.lightsail.internal. {int(time.time())} 60 60 60 1",
            ". IN NS resolver.lightsail.internal.",
            f"resolver.lightsail.internal. IN A {self.resolver}",
        ]
        for zone, servers in sorted(delegations.items()):
            lines += [f"{zone}. IN NS {server}." for server in sorted(servers)]
        storage = self.network.service(OBJECT_STORAGE)
        for region in self.regions():
            lines.append(f"s3.{region}.amazonaws.com. IN A {storage}")
            lines.append(f"*.s3.{region}.amazonaws.com. IN A {storage}")
        mirrors = dict.fromkeys(self.records.get("archive", "names") or [], self.network.service(ARCHIVE))
        for name, address in sorted({**mirrors, **glue, **names}.items()):
            # A name below a delegated zone is that zone's own affair.
            if not any(name == zone or name.endswith("." + zone) for zone in delegations):
                lines.append(f"{name}. IN {_address_type(address)} {address}")
        return "\n".join(lines) + "\n"

    def regions(self) -> list[str]:
        from .bucket import REGIONS

        return list(REGIONS)

    def _configuration(self, views: dict[str, list[str]]) -> str:
        lightsail, external = self.network.service(NAME_SERVERS), self.network.service(EXTERNAL_DNS)
        private, public = self.network.private, self.network.public
        text = f"""\
include "/etc/named/rndc.key";
controls {{ inet 127.0.0.1 port 953 allow {{ 127.0.0.1; }} keys {{ "rndc-key"; }}; }};
options {{
    directory "/run/named";
    pid-file none;
    session-keyfile none;
    listen-on {{ 127.0.0.1; {self.resolver}; {lightsail}; {external}; }};
    listen-on-v6 {{ none; }};
    dnssec-validation no;
    empty-zones-enable no;
    qname-minimization off;
    querylog no;
    version none;
    max-cache-size 16M;
    max-ncache-ttl 1;
    servfail-ttl 0;
    lame-ttl 0;
    resolver-query-timeout 2000;
    minimal-responses no;
}};
acl hosts {{ {private}; {public}; 127.0.0.0/8; }};
"""
        for view, address in (("lightsail", lightsail), ("external", external)):
            text += f'view "{view}" {{ match-destinations {{ {address}; }}; recursion no; allow-query {{ hosts; }};\n'
            for zone in views[view]:
                text += f'    zone "{zone}" {{ type primary; file "/etc/named/{view}/{zone}.zone"; }};\n'
            text += "};\n"
        text += 'view "resolver" { match-clients { hosts; }; recursion yes; allow-query { hosts; };\n'
        text += '    zone "." { type primary; file "/etc/named/root.zone"; };\n};\n'
        return text

    # -- asking --------------------------------------------------------------------------------------------------
    def lookup(self, name: str, kind: str, timeout: float = 4.0) -> list[str]:
        return query(self.resolver, name, kind, timeout)


def _address_type(address: str) -> str:
    return "AAAA" if ipaddress.ip_address(address).version == 6 else "A"


def _zone_file(zone: str, records: list[dict[str, Any]], names: dict[str, str], default_server: str) -> str:
    lines: list[str] = []
    kinds = {(record["type"], record["name"].rstrip(".").lower()) for record in records}
    serial = int(time.time())
    if ("SOA", zone) not in kinds:
        lines.append(f"{zone}. 60 IN SOA {default_server}. awsdns-hostmaster.amazon.com. {serial} 7200 900 1209600 60")
    if ("NS", zone) not in kinds:
        lines.append(f"{zone}. 60 IN NS {default_server}.")
    for record in records:
        name, kind, target = record["name"].rstrip(".").lower(), record["type"].upper(), str(record["target"]).strip()
        ttl = int(record.get("ttl") or 60)
        if record.get("is_alias"):
            # An alias answers with the addresses of what it points at, as the apex cannot have a CNAME.
            address = names.get(target.rstrip(".").lower(), target)
            try:
                kind = _address_type(address)
            except ValueError:
                continue
            target = address
        elif kind == "SOA":
            fields = target.split()
            # The serial grows, so that a reload takes what changed; the last field bounds how long "no such name" is kept.
            fields = [f"{fields[0].rstrip('.')}.", f"{fields[1].rstrip('.')}.", str(serial), *fields[3:6], "60"]
            target = " ".join(fields)
        elif kind in POINTING:
            *front, host = target.split()
            target = " ".join([*front, host.rstrip(".") + "."])
        elif kind == "TXT":
            target = target if target.startswith('"') else _quoted(target)
        lines.append(f"{name}. {ttl} IN {kind} {target}")
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    value = value.replace("\\", "\\\\").replace('"', '\\"')
    return " ".join(f'"{value[start : start + 250]}"' for start in range(0, max(len(value), 1), 250))


# -- a client, small enough to have no dependency: what a host's resolver library would ask ------------------------------------
def query(server: str, name: str, kind: str, timeout: float = 4.0) -> list[str]:
    if kind.upper() not in TYPES:
        raise DataPlaneError(f"{kind} is no record type that can be looked up")
    number = random.randrange(65536)
    labels = b"".join(bytes([len(label)]) + label for label in name.rstrip(".").encode("idna").split(b".") if label)
    packet = struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", TYPES[kind.upper()], 1)
    for attempt in (1, 2):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(timeout / 2)
            try:
                client.connect((server, 53))
                client.send(packet)
                answer = client.recv(4096)
                while struct.unpack("!H", answer[:2])[0] != number:
                    answer = client.recv(4096)
                if answer[2] & 2:
                    answer = _over_tcp(server, packet, timeout)
                return _answers(answer, TYPES[kind.upper()])
            except OSError as error:
                if attempt == 2:
                    raise DataPlaneError(f"the resolver {server} does not answer: {error}") from None
    return []


def _over_tcp(server: str, packet: bytes, timeout: float) -> bytes:
    with socket.create_connection((server, 53), timeout) as client:
        client.sendall(struct.pack("!H", len(packet)) + packet)
        with client.makefile("rb") as stream:
            return stream.read(struct.unpack("!H", stream.read(2))[0])


def _name(packet: bytes, at: int) -> tuple[str, int]:
    labels, after, hops = [], None, 0
    while packet[at]:
        if packet[at] & 0xC0:
            after = after or at + 2
            at = struct.unpack("!H", packet[at : at + 2])[0] & 0x3FFF
            hops += 1
            if hops > 64:
                break
            continue
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode("ascii", "replace"))
        at += packet[at] + 1
    return ".".join(labels), after or at + 1


def _answers(packet: bytes, wanted: int) -> list[str]:
    questions, answers = struct.unpack("!HH", packet[4:8])
    at = 12
    for _ in range(questions):
        at = _name(packet, at)[1] + 4
    found = []
    for _ in range(answers):
        at = _name(packet, at)[1]
        kind, _, _, length = struct.unpack("!HHIH", packet[at : at + 10])
        at += 10
        if kind == wanted:
            found.append(_text(packet, at, length, kind))
        at += length
    return found


def _text(packet: bytes, at: int, length: int, kind: int) -> str:
    data = packet[at : at + length]
    if kind in (1, 28):
        return str(ipaddress.ip_address(data))
    if kind in (2, 5, 12):
        return _name(packet, at)[0]
    if kind == 15:
        return f"{struct.unpack('!H', data[:2])[0]} {_name(packet, at + 2)[0]}"
    if kind == 33:
        priority, weight, port = struct.unpack("!HHH", data[:6])
        return f"{priority} {weight} {port} {_name(packet, at + 6)[0]}"
    if kind == 6:
        first, after = _name(packet, at)
        second, after = _name(packet, after)
        return f"{first} {second} " + " ".join(map(str, struct.unpack("!IIIII", packet[after : after + 20])))
    texts, position = [], 0
    while position < len(data):
        texts.append(data[position + 1 : position + 1 + data[position]].decode("utf-8", "replace"))
        position += data[position] + 1
    return "".join(texts)
