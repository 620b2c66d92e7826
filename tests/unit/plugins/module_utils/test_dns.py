# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The DNS client, asked by real packets over loopback."""

from __future__ import annotations

import socket
import struct
import threading

import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _dns

NAME_AT_12 = b"\xc0\x0c"  # a pointer to the name in the question


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def record(kind, data, owner=NAME_AT_12):
    return owner + struct.pack(">HHIH", _dns.TYPES[kind], 1, 60, len(data)) + data


class Server:
    """Answers every question with the same records, over UDP and, where `truncate` is set, in full only over TCP."""

    def __init__(self, records=(), code=0, truncate=False, silent=False):
        self.records, self.code, self.truncate, self.silent = list(records), code, truncate, silent
        self.udp, self.tcp = self.listen()
        self.address = f"127.0.0.1:{self.udp.getsockname()[1]}"
        self.questions = []
        for serve in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    @staticmethod
    def listen():
        """One port for both; somebody else may have it for one of them, so several are tried."""
        for attempt in range(20):
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            udp.bind(("127.0.0.1", 0))
            try:
                return udp, socket.create_server(udp.getsockname())
            except OSError:
                udp.close()
                if attempt == 19:
                    raise
        return None

    def answer(self, query, short=False):
        self.questions.append(query)
        flags = 0x8180 | self.code | (0x0200 if short else 0)
        records = [] if short else self.records
        return query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + query[12:] + b"".join(records)

    def serve_udp(self):
        while True:
            try:
                query, peer = self.udp.recvfrom(512)
            except OSError:
                return
            if not self.silent:
                self.udp.sendto(self.answer(query, self.truncate), peer)

    def serve_tcp(self):
        while True:
            try:
                channel = self.tcp.accept()[0]
            except OSError:
                return
            with channel:
                answer = self.answer(channel.recv(514)[2:])
                channel.sendall(struct.pack(">H", len(answer)) + answer)

    def close(self):
        self.udp.close()
        self.tcp.close()


@pytest.fixture
def serve():
    servers = []

    def start(*args, **kwargs):
        servers.append(Server(*args, **kwargs))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def test_name_servers_come_back_sorted_in_lower_case(serve):
    server = serve([record("NS", wire_name("NS-2.Example.net")), record("NS", b"\x04ns-1" + NAME_AT_12)])
    assert _dns.lookup("example.com", "NS", server.address) == ["ns-1.example.com", "ns-2.example.net"]


def test_an_address_is_found_behind_aliases(serve):
    server = serve(
        [
            record("CNAME", wire_name("target.example.net")),
            record("A", bytes([192, 0, 2, 7]), owner=wire_name("target.example.net")),
            record("A", bytes([192, 0, 2, 99]), owner=wire_name("stray.example.net")),
        ]
    )
    assert _dns.lookup("www.example.com", "a", server.address) == ["192.0.2.7"]
    assert _dns.lookup("www.example.com", "CNAME", server.address) == ["target.example.net"]


def test_other_types_are_readable(serve):
    text = record("TXT", b"\x05hello\x06 world")
    mail = record("MX", struct.pack(">H", 10) + wire_name("mail.example.com"))
    six = record("AAAA", socket.inet_pton(socket.AF_INET6, "2001:db8::1"))
    server = serve([text, mail, six])
    assert _dns.lookup("example.com", "TXT", server.address) == ["hello world"]
    assert _dns.lookup("example.com", "MX", server.address) == ["10 mail.example.com"]
    assert _dns.lookup("example.com", "AAAA", server.address) == ["2001:db8::1"]


def test_a_name_that_does_not_exist_has_no_records(serve):
    assert _dns.lookup("nowhere.example.com", "A", serve(code=3).address) == []


def test_a_refusal_is_an_error_with_the_servers_word(serve):
    with pytest.raises(_dns.DnsError, match="REFUSED"):
        _dns.lookup("example.com", "A", serve(code=5).address, tries=1)


def test_silence_is_an_error_in_time(serve):
    with pytest.raises(_dns.DnsError, match="no answer in time"):
        _dns.lookup("example.com", "A", serve(silent=True).address, timeout=0.1, tries=2)


def test_a_truncated_answer_is_asked_for_again_over_tcp(serve):
    many = [record("A", bytes([192, 0, 2, n])) for n in range(100)]
    server = serve(many, truncate=True)
    assert len(_dns.lookup("example.com", "A", server.address)) == 100
    assert len(server.questions) == 2


@pytest.mark.parametrize("tail", [b"", b"\xc0\x0c", b"\xc0\x1d\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x01"])
def test_nonsense_is_an_error_not_a_crash(serve, tail):
    server = serve([tail])
    with pytest.raises(_dns.DnsError, match="malformed"):
        _dns.lookup("example.com", "A", server.address, tries=1)


def test_a_bad_name_or_type_is_refused_before_anything_is_sent():
    with pytest.raises(_dns.DnsError, match="not a domain name"):
        _dns.build_query("a..b", "A", 1)
    with pytest.raises(_dns.DnsError, match="PTR"):
        _dns.build_query("example.com", "PTR", 1)


def test_the_systems_servers_are_read(tmp_path):
    file = tmp_path / "resolv.conf"
    file.write_text("# comment\nsearch example.com\nnameserver 192.0.2.1\nnameserver 2001:db8::1\n")
    assert _dns.system_servers(str(file)) == ["192.0.2.1", "2001:db8::1"]
    assert _dns.system_servers(str(tmp_path / "none")) == ["127.0.0.1"]
    assert _dns._endpoint("[2001:db8::1]:54") == ("2001:db8::1", 54)
    assert _dns._endpoint("2001:db8::1") == ("2001:db8::1", 53)
