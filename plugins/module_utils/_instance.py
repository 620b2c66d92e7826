# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firewall rules and host keys of instances, for the instance modules. Private to the collection."""

from __future__ import annotations

import ipaddress

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import Failure, snake

WORLD_4, WORLD_6 = "0.0.0.0/0", "::/0"


def normal_network(text, version):
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        network = None
    if network is None or network.version != version:
        raise Failure("public_ports: %r is not an IPv%d address or network." % (text, version))
    return str(network)


def normal_ports(ports):
    """Rules in one form, whoever wrote them: bare addresses as networks, defaults spelled out, sorted, each once."""
    if ports is None:
        return None
    found = {}
    for port in ports:
        protocol = port.get("protocol") or "tcp"
        first, last = port.get("from_port"), port.get("to_port")
        if protocol == "all":
            first, last = 0, 65535
        if first is None:
            raise Failure("public_ports: a rule for %s needs from_port." % protocol)
        last = first if last is None else last
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
        if key in found and found[key] != rule:
            raise Failure("public_ports: there are two different rules for %s %s-%s." % key)
        found[key] = rule
    return [found[key] for key in sorted(found)]


def _simple(rule, unrestricted):
    """A rule for everybody, without the networks: which ones AWS fills in depends on the kinds of addresses of the instance."""
    world = not rule["cidr_list_aliases"] and set(rule["cidrs"]) <= {WORLD_4} and set(rule["ipv6_cidrs"]) <= {WORLD_6}
    return dict(rule, cidrs=[], ipv6_cidrs=[]) if world and _key(rule) in unrestricted else rule


def _key(rule):
    return rule["protocol"], rule["from_port"], rule["to_port"]


def same_ports(current, wanted):
    unrestricted = {_key(r) for r in wanted if not (r["cidrs"] or r["ipv6_cidrs"] or r["cidr_list_aliases"])}
    return [_simple(rule, unrestricted) for rule in current or []] == [_simple(rule, unrestricted) for rule in wanted]


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


def host_keys(module, name, created_at, wait):
    """The SSH host keys that Lightsail has witnessed on this instance, sorted; with `wait`, not before there are some.

    A witness from before the instance was created would be of another machine that had the name; it is not used. The
    answer also holds a private key for one minute's access, which goes nowhere from here.
    """

    def check():
        details = module.call("GetInstanceAccessDetails", instanceName=name, protocol="ssh", subject=name)["accessDetails"]
        keys = [snake(key) for key in details.get("hostKeys") or []]
        keys = [key for key in keys if not key.get("witnessed_at") or key["witnessed_at"][:19] >= created_at[:19]]
        if keys or not wait:
            return True, sorted(keys, key=lambda key: key["algorithm"])
        return False, "no host keys yet"

    return module.poll(check, "the SSH host keys of %s to be witnessed" % name)
