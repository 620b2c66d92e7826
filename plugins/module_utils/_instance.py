# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firewall rules and host keys of instances, for the instance modules. Private to the collection."""

from __future__ import annotations

import ipaddress
import time

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import Failure, snake

WORLD_4, WORLD_6 = "0.0.0.0/0", "::/0"
SOURCES = ("cidrs", "ipv6_cidrs", "cidr_list_aliases")
ICMP = ("icmp", "icmpv6")


def normal_network(text, version):
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        network = None
    if network is None or network.version != version:
        raise Failure("public_ports: %r is not an IPv%d address or network." % (text, version))
    return str(network)


def normal_ports(ports):
    """Rules in one form, whoever wrote them: bare addresses as networks, sorted, each once. None stays None."""
    if ports is None:
        return None
    found = {}
    for port in ports:
        # AWS takes rules in upper case as well, and calls those for all protocols -1 when they are read back.
        protocol = str(port.get("protocol") or "tcp").lower()
        first, last = port.get("from_port"), port.get("to_port")
        if protocol in ("all", "-1"):
            protocol, first, last = "all", 0, 65535
        if first is None:
            raise Failure("public_ports: a rule for %s needs from_port." % protocol)
        if last is None:
            # ICMP has a type and a code. Of a type without a code all codes are meant, which is -1 (guess for icmpv6: as for icmp).
            last = -1 if protocol in ICMP else first
        if protocol in ICMP and not (-1 <= first <= 255 and -1 <= last <= 255):
            raise Failure("public_ports: %s has no type %s with code %s; both must be from 0 to 255, or -1 for all." % (protocol, first, last))
        if protocol in ("tcp", "udp") and not 0 <= first <= last <= 65535:
            raise Failure("public_ports: %s-%s is not a range of ports." % (first, last))
        rule = dict(
            from_port=first,
            to_port=last,
            protocol=protocol,
            cidrs=sorted({normal_network(c, 4) for c in port.get("cidrs") or []}),
            ipv6_cidrs=sorted({normal_network(c, 6) for c in port.get("ipv6_cidrs") or []}),
            cidr_list_aliases=sorted(set(port.get("cidr_list_aliases") or [])),
        )
        key = (protocol, first, last)
        if found.setdefault(key, rule) != rule:
            raise Failure("public_ports: there are two different rules for %s %s-%s." % key)
    return [found[key] for key in sorted(found)]


def refuse_nobody(ports):
    """A list that is there and empty names nobody. AWS would read a rule without any source as one for everybody."""
    for port in ports or []:
        given = [port.get(name) for name in SOURCES]
        if not any(given) and any(value is not None for value in given):
            raise Failure(
                "public_ports: the rule for %s %s has only empty lists in %s, so it would let nobody in; leave the rule out to close the port, or "
                "leave the lists out to open it to the world." % (port.get("protocol") or "tcp", port.get("from_port"), ", ".join(
                    name for name in SOURCES if port.get(name) is not None))
            )


def without_unused(rules, kind):
    """Rules without networks of a kind of address that the instance does not have: they mean nothing and AWS may drop them."""
    unused = {"ipv4": "ipv6_cidrs", "ipv6": "cidrs"}.get(kind)
    return [dict(rule, **{unused: []}) for rule in rules] if unused else rules


def spelled_out(rules, kind):
    """What nobody restricted is open to the world, in the kinds of addresses that the instance has; AWS says so as well."""
    world = dict(cidrs=[] if kind == "ipv6" else [WORLD_4], ipv6_cidrs=[] if kind == "ipv4" else [WORLD_6])
    full = [dict(rule, **world) if not _sources(rule) else rule for rule in rules]
    used = without_unused(full, kind)
    for rule in used:
        # Sent without any source, it would be open to the world, which is the opposite of what was meant.
        if not _sources(rule):
            raise Failure(
                "public_ports: the rule for %s %s-%s has no networks of the kind of addresses that the instance has (%s)."
                % (rule["protocol"], rule["from_port"], rule["to_port"], kind)
            )
    return used


def _sources(rule):
    return rule["cidrs"] + rule["ipv6_cidrs"] + rule["cidr_list_aliases"]


def port_infos(ports):
    """Rules as PutInstancePublicPorts takes them; empty lists are left out, because AWS reads them as nobody."""
    names = dict(from_port="fromPort", to_port="toPort", protocol="protocol")
    lists = dict(cidrs="cidrs", ipv6_cidrs="ipv6Cidrs", cidr_list_aliases="cidrListAliases")
    return [
        dict({api: rule[name] for name, api in names.items()}, **{api: rule[name] for name, api in lists.items() if rule[name]})
        for rule in ports
    ]


def same_power(current, wanted):
    """What is on its way needs no second push."""
    return current == wanted or (current, wanted) in (("pending", "running"), ("stopping", "stopped"))


def host_keys(module, name, created_at, seconds):
    """The SSH host keys that Lightsail has witnessed on this instance, sorted; asked for until there are some or time is up.

    A witness from before the instance was created would be of another machine that had the name; it is not used. The
    answer also holds a private key for one minute's access, which goes nowhere from here.
    """
    give_up, pause = time.monotonic() + seconds, 0.2
    while True:
        details = module.call("GetInstanceAccessDetails", instanceName=name, protocol="ssh", subject=name)["accessDetails"]
        keys = [snake(key) for key in details.get("hostKeys") or []]
        keys = [key for key in keys if not key.get("witnessed_at") or key["witnessed_at"][:19] >= created_at[:19]]
        left = give_up - time.monotonic()
        if keys or left <= 0:
            return sorted(keys, key=lambda key: key["algorithm"])
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, 10)
