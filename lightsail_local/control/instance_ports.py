# SPDX-License-Identifier: GPL-3.0-or-later
"""The firewall: it acts on the public address only, and Put replaces everything that was open."""

from __future__ import annotations

import ipaddress
from typing import Any

from . import errors
from .instance import need_instance
from .instance_state import TYPE, read_back
from .registry import operation
from .request import Record, Request

ALIASES = {"lightsail-connect"}


def _read(record: Record, port: dict[str, Any]) -> dict[str, Any]:
    """A rule as it is kept, from a PortInfo."""
    protocol = port.get("protocol")
    if protocol is None or port.get("fromPort") is None or port.get("toPort") is None:
        raise errors.invalid("A port rule needs fromPort, toPort and protocol.")
    start, end, protocol = port["fromPort"], port["toPort"], protocol.lower()
    if protocol == "all":
        start, end = 0, 65535
    elif protocol in ("tcp", "udp"):
        if start < 0 or end < start:
            raise errors.invalid(f"The port range {start}-{end} is not valid for {protocol}.")
    cidrs = [_cidr(item, 4) for item in port.get("cidrs") or []]
    ipv6 = [_cidr(item, 6) for item in port.get("ipv6Cidrs") or []]
    aliases = list(port.get("cidrListAliases") or [])
    for alias in aliases:
        if alias not in ALIASES:
            raise errors.invalid(f"The CIDR list alias {alias} is not valid; there is: {', '.join(ALIASES)}.")
    if not cidrs and not ipv6 and not aliases:
        # No source given means everybody.
        if record["ip_address_type"] != "ipv6":
            cidrs = ["0.0.0.0/0"]
        if record["ip_address_type"] != "ipv4":
            ipv6 = ["::/0"]
    return {
        "fromPort": start,
        "toPort": end,
        "protocol": protocol,
        "cidrs": cidrs,
        "ipv6Cidrs": ipv6,
        "cidrListAliases": aliases,
    }


def _cidr(text: str, version: int) -> str:
    """A bare address becomes a /32 (guess)."""
    try:
        network = ipaddress.ip_network(text, strict=False)
        if network.version != version:
            raise ValueError
    except ValueError as error:
        raise errors.invalid(f"The CIDR block {text} is not a valid IPv{version} range.") from error
    return str(network)


def _key(port: dict[str, Any]) -> tuple[Any, ...]:
    return port["fromPort"], port["toPort"], port["protocol"]


def _details(ports: list[dict[str, Any]]) -> str:
    """ "22/tcp", as in the CLI's samples."""
    words = []
    for port in ports:
        span = str(port["fromPort"]) if port["fromPort"] == port["toPort"] else f"{port['fromPort']}-{port['toPort']}"
        words.append(f"{span}/{port['protocol']}")
    return ", ".join(words)


def _apply(request: Request, record: Record, ports: list[dict[str, Any]], touched: list[dict[str, Any]]) -> dict[str, Any]:
    record["ports"] = ports
    request.start("instance.firewall", record["id"], {"id": record["id"]}, wait=True)
    return {
        "operation": request.record_operation(TYPE, record["name"], details=_details(touched), zone=record["zone"])
    }


@operation
def PutInstancePublicPorts(request: Request) -> dict[str, Any]:
    record = need_instance(request)
    ports = [_read(record, port) for port in request["portInfos"]]
    if len({_key(port) for port in ports}) != len(ports):
        raise errors.invalid("The same port range and protocol is given more than once.")
    return _apply(request, record, ports, ports)


@operation
def OpenInstancePublicPorts(request: Request) -> dict[str, Any]:
    record = need_instance(request)
    port = _read(record, request["portInfo"])
    # The same range again replaces its sources (guess; the user guide speaks of editing a rule).
    kept = [item for item in record["ports"] if _key(item) != _key(port)]
    return _apply(request, record, [*kept, port], [port])


@operation
def CloseInstancePublicPorts(request: Request) -> dict[str, Any]:
    record = need_instance(request)
    port = _read(record, request["portInfo"])
    kept = [item for item in record["ports"] if _key(item) != _key(port)]
    return _apply(request, record, kept, [port])  # closing what is not open: no error (guess)


@operation
def GetInstancePortStates(request: Request) -> dict[str, Any]:
    record = need_instance(request)
    # Not in the order of the request: clients must compare sets.
    ports = sorted(record["ports"], key=lambda port: (port["protocol"], port["fromPort"], port["toPort"]))
    return {"portStates": [{**read_back(port), "state": "open"} for port in ports]}
