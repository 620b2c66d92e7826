# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wordpress_pages asks the host itself in the way in which it serves, and sees a page that breaks off."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import threading

import pytest

from ansible_collections.cloudpress.lightsail.plugins.modules import wordpress_pages

PAGES = {
    "/": (200, "<html>hello</html>\n<!-- cached -->"),
    "/feed": (200, "<rss></rss>"),
    "/wp-json/": (200, '{"name": "x"}'),
    "/half": (200, "<html>hel"),
    "/troubled": (200, "<html><title>A  blog &amp; more</title><b>Warning</b>:  Undefined variable $x in <b>/srv/page.php</b> on line <b>7</b><br /></html>"),
    "/none": (404, "<html></html>"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, body = PAGES.get(self.path, (200, f"<html>{self.headers['Host']} {self.headers['X-Forwarded-Proto']}</html>"))
        if self.path == "/shown" and (self.headers["Host"], self.headers["X-Forwarded-Proto"]) != ("www.example.com", "https"):
            status = 400
        self.send_response(status)
        # one byte more than comes
        self.send_header("Content-Length", str(len(body) + (self.path == "/cut")))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module", params=["http", "https"])
def ask(request, tmp_path_factory):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if request.param == "https":
        file = tmp_path_factory.mktemp("pages") / "self-signed.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=nobody", "-keyout", file, "-out", f"{file}.crt"],
            check=True,
            capture_output=True,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{file}.crt", file)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    wanted = {"scheme": request.param, "port": server.server_port, "host": "www.example.com", "forwarded_proto": "https", "timeout": 5}
    yield lambda path: wordpress_pages.fetch(wanted, path)
    server.shutdown()


@pytest.mark.parametrize(
    ("path", "status", "whole"),
    [
        ("/", 200, True),
        ("/feed", 200, True),
        ("/wp-json/", 200, True),
        ("/half", 200, False),
        ("/cut", 200, False),
        ("/none", 404, True),
        ("/shown", 200, True),
    ],
)
def test_a_page_is_told_by_status_and_end(ask, path, status, whole):
    answer = ask(path)
    assert (answer["status"], answer["whole"]) == (status, whole)


def test_a_page_is_known_by_its_title_and_by_what_php_complains_of(ask):
    answer = ask("/troubled")
    assert answer["title"] == "A blog & more"
    assert answer["complaints"] == ["Warning: Undefined variable $x in /srv/page.php on line"]
    assert answer["bytes"] == len(PAGES["/troubled"][1])
    assert ask("/")["title"] == "" and ask("/")["complaints"] == []


def test_a_host_that_does_not_answer_has_status_0():
    assert wordpress_pages.fetch({"scheme": "http", "port": 1, "host": "x", "forwarded_proto": "http", "timeout": 2}, "/") == {
        "status": 0,
        "whole": False,
        "title": "",
        "bytes": 0,
        "complaints": [],
    }
