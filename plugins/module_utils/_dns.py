# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small DNS client, private to the collection: what does this very server say, without the machine's own caches and search
lists, and without a dependency. Formats as in RFC 1035.

    lookup("example.com", "NS", server="198.51.100.53")  ->  ["ns-1.awsdns-01.com", ...]   lower case, no trailing dot, sorted
"""

from __future__ import annotations

import secrets
import socket
import struct

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28}
CODES = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
PORT = 53


class DnsError(Exception):
    """No usable answer, as one sentence."""


def system_servers(path="/etc/resolv.conf"):
    """The machine's name servers, or the loopback address, which is what resolv.conf(5) says an empty list means."""
    servers = []
    try:
        with open(path, encoding="ascii", errors="replace") as lines:
            for line in lines:
                words = line.split()
                if len(words) > 1 and words[0] == "nameserver":
                    servers.append(words[1])
    except OSError:
        pass
    return servers or ["127.0.0.1"]


def lookup(name, kind, server=None, timeout=2.0, tries=2):
    """All records of one type as sorted text; [] when the name or the type does not exist. CNAMEs on the way are followed.

    server: address, or address:port ([v6]:port). Without one, the machine's own servers are asked in their order.
    """
    servers = [server] if server else system_servers()
    error = None
    for dummy in range(tries):
        for address in servers:
            try:
                return _ask(_endpoint(address), name, kind.upper(), timeout)
            except (OSError, DnsError) as problem:
                error = "%s: %s" % (address, "no answer in time" if isinstance(problem, socket.timeout) else problem)
    raise DnsError("No answer for %s %s from %s." % (name, kind, error))


def _endpoint(server):
    if server.startswith("["):
        host, dummy, port = server[1:].partition("]")
        return host, int(port.lstrip(":") or PORT)
    if server.count(":") == 1:
        host, port = server.split(":")
        return host, int(port)
    return server, PORT


def build_query(name, kind, number):
    if kind not in TYPES:
        raise DnsError("Record type %s is not one of %s." % (kind, ", ".join(sorted(TYPES))))
    question = b""
    for label in name.rstrip(".").split("."):
        raw = label.encode("idna") if any(ord(c) > 127 for c in label) else label.encode("ascii")
        if not 0 < len(raw) < 64:
            raise DnsError("%r is not a domain name." % name)
        question += bytes([len(raw)]) + raw
    # Recursion desired: a resolver needs it, an authoritative server ignores it.
    return struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + question + b"\0" + struct.pack(">HH", TYPES[kind], 1)


def _ask(endpoint, name, kind, timeout):
    number = secrets.randbelow(65536)
    query = build_query(name, kind, number)
    family = socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as channel:
        channel.settimeout(timeout)
        channel.connect(endpoint)  # so that only this server's answers are received
        channel.send(query)
        answer = channel.recv(65535)
        while answer[:2] != query[:2]:
            answer = channel.recv(65535)
    if len(answer) > 3 and answer[2] & 0x02:  # truncated: the whole answer is to be had over TCP
        answer = _ask_tcp(endpoint, query, timeout)
    return parse(answer, name, kind)


def _ask_tcp(endpoint, query, timeout):
    with socket.create_connection(endpoint, timeout=timeout) as channel:
        channel.sendall(struct.pack(">H", len(query)) + query)
        return _exactly(channel, struct.unpack(">H", _exactly(channel, 2))[0])


def _exactly(channel, count):
    data = b""
    while len(data) < count:
        part = channel.recv(count - len(data))
        if not part:
            raise DnsError("the connection ended within the answer")
        data += part
    return data


def parse(message, name, kind):
    """The records of `kind` at the end of the chain of CNAMEs that starts at `name`."""
    try:
        return _parse(message, name, kind)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise DnsError("the answer is malformed (%s)" % error) from error


def _parse(message, name, kind):
    dummy, flags, questions, answers = struct.unpack(">HHHH", message[:8])
    code = flags & 0x000F
    if code not in (0, 3):
        raise DnsError("the server answered %s" % CODES.get(code, code))
    offset = 12
    for dummy in range(questions):
        offset = _name(message, offset)[1] + 4
    records = []
    for dummy in range(answers):
        owner, offset = _name(message, offset)
        number, dummy, dummy, size = struct.unpack(">HHIH", message[offset:offset + 10])
        offset += 10
        records.append((owner, number, _data(message, offset, size, number)))
        offset += size
    wanted, seen = name.rstrip(".").lower(), set()
    while kind != "CNAME" and wanted not in seen:
        seen.add(wanted)
        wanted = next((data for owner, number, data in records if owner == wanted and number == TYPES["CNAME"]), wanted)
    return sorted(data for owner, number, data in records if owner == wanted and number == TYPES[kind])


def _data(message, offset, size, number):
    raw = message[offset:offset + size]
    if number == TYPES["A"]:
        return socket.inet_ntop(socket.AF_INET, raw)
    if number == TYPES["AAAA"]:
        return socket.inet_ntop(socket.AF_INET6, raw)
    if number in (TYPES["NS"], TYPES["CNAME"], TYPES["SOA"]):
        return _name(message, offset)[0]
    if number == TYPES["MX"]:
        return "%d %s" % (struct.unpack(">H", raw[:2])[0], _name(message, offset + 2)[0])
    if number == TYPES["TXT"]:
        text, at = b"", 0
        while at < size:
            text += raw[at + 1:at + 1 + raw[at]]
            at += 1 + raw[at]
        return text.decode("utf-8", "replace")
    return raw.hex()


def _name(message, offset):
    """A name at an offset, pointers followed, and the offset after it."""
    labels, after, jumps = [], None, 0
    while True:
        length = message[offset]
        if length & 0xC0 == 0xC0:
            after = offset + 2 if after is None else after
            offset = struct.unpack(">H", message[offset:offset + 2])[0] & 0x3FFF
            jumps += 1
            if jumps > 64:
                raise DnsError("the answer is malformed (names point at each other)")
            continue
        offset += 1
        if not length:
            return ".".join(labels), offset if after is None else after
        labels.append(message[offset:offset + length].decode("ascii", "replace").lower())
        offset += length
