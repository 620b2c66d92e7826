# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wordpress_database takes the authority's certificates from a file, or from an address, and believes a server whose certificate is right only."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import threading

import pytest

PEM = "-----BEGIN CERTIFICATE-----\nZWlu\n-----END CERTIFICATE-----\n"
ANSWERS = {"/bundle.pem": (200, PEM, {}), "/page.html": (200, "<html>", {}), "/moved.pem": (302, "", {"Location": "/bundle.pem"})}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, body, headers = ANSWERS.get(self.path, (404, "nothing here", {}))
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *arguments):
        pass


def serve(certificate):
    """Its port; it goes on until the tests are over."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


@pytest.fixture(scope="module")
def said(attempts, tmp_path_factory):
    """What came of each place: certificates, or a refusal."""
    directory = tmp_path_factory.mktemp("authority")
    for name in ("trusted", "unknown"):
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
        subprocess.run([*command, "-keyout", directory / f"{name}.key", "-out", directory / f"{name}.crt"], check=True, capture_output=True)
        (directory / name).write_text((directory / f"{name}.key").read_text() + (directory / f"{name}.crt").read_text())
    (directory / "bundle.pem").write_text(PEM)
    (directory / "empty.pem").write_text("")
    ours, another = (f"https://127.0.0.1:{serve(directory / name)}" for name in ("trusted", "unknown"))
    places = {
        "file": directory / "bundle.pem", "no file": directory / "absent.pem", "empty file": directory / "empty.pem", "nothing": "",
        "address": f"{ours}/bundle.pem", "no such page": f"{ours}/absent.pem", "another page": f"{ours}/page.html", "a redirect": f"{ours}/moved.pem",
        "unknown server": f"{another}/bundle.pem", "no server": "https://127.0.0.1:1/bundle.pem",
        "without TLS": f"{ours}/bundle.pem".replace("https", "http"),
    }  # fmt: skip
    cases = [{"wordpress_database_ca_bundle": str(place)} for place in places.values()]
    trust = {"SSL_CERT_FILE": str(directory / "trusted.crt")}
    answers = attempts("wordpress_database", "authority", cases, result="{{ __wordpress_database_authority }}", environment=trust)
    return {name: (str(place), answer) for (name, place), answer in zip(places.items(), answers)}


@pytest.mark.parametrize("place", ["file", "address"])
def test_certificates_come_from(said, place):
    assert said[place][1].strip() == PEM.strip()


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("no file", ""),
        ("empty file", ""),
        ("nothing", ""),
        ("no such page", "404"),
        ("another page", ""),
        ("a redirect", "302"),
        ("unknown server", "CERTIFICATE_VERIFY_FAILED"),
        ("no server", "Connection refused"),
        ("without TLS", ""),
    ],
)
def test_a_place_without_certificates_is_refused_with_the_reason(said, place, reason):
    where, answer = said[place]
    assert f'wordpress_database_ca_bundle is "{where}", where no certificates are to be had' in answer
    assert reason in answer and "give the path of a PEM file on the controller, or an https address" in answer
