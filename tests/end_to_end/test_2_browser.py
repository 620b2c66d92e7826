"""What an owner does in a browser: log in, upload a picture, publish a post; then a visitor reads it."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import sync_playwright

SITE = "https://www.cloudpress-rehearsal.com"


@pytest.fixture(scope="module")
def computer(cloud, tmp_path_factory):
    """The command that starts Chromium on a computer of the visitor's own: a network namespace beside the cloud's hosts.

    On this machine interfaces come and go with the hosts of every cloud, and whenever they do, Chromium drops what it is loading.
    """
    address = cloud.resolve("www.cloudpress-rehearsal.com")
    bridge = _command("ip", "-o", "route", "get", address).split(" dev ")[1].split()[0]
    name = f"visitor{os.getpid()}"
    _command("ip", "netns", "add", name)
    try:
        _command("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        _command("ip", "link", "set", name, "master", bridge, "up")
        for words in ("link set lo up", "link set eth0 up", f"addr add {address.rsplit('.', 1)[0]}.9/24 dev eth0"):  # hosts begin at 10
            _command("ip", "-n", name, *words.split())
        start = tmp_path_factory.mktemp("computer") / "chromium"
        start.write_text(f'#!/bin/sh\nexec ip netns exec {name} {shutil.which("chromium") or "/usr/bin/chromium"} "$@"\n')
        start.chmod(0o755)
        yield start
    finally:
        _command("ip", "netns", "del", name)


def _command(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def page(cloud, computer, tmp_path_factory):
    """A headless Chromium that trusts the local CA and finds the site's names where the cloud has them."""
    home = tmp_path_factory.mktemp("chromium")
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    root = cloud.details["local_ca"]
    for arguments in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "local", "-i", root]):
        _command("certutil", "-d", f"sql:{database}", *arguments)
    rules = ", ".join(f"MAP {name} {cloud.resolve(name)}" for name in ("www.cloudpress-rehearsal.com", "media.cloudpress-rehearsal.com"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=computer,
            env={"HOME": str(home), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync", f"--host-resolver-rules={rules}, MAP * ~NOTFOUND"],
        )
        page = browser.new_page()
        page.set_default_timeout(60_000)
        yield page
        browser.close()


def png(path):
    """Write a picture of 1400 x 900 pixels, made here so that no binary lies in the repository."""
    width, height = 1400, 900
    rows = b"".join(b"\0" + bytes((y * 255 // height, x * 255 // width, 120)[i] for x in range(width) for i in range(3)) for y in range(height))

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))
    return path


def test_the_owner_logs_in_over_https(cloud, page):
    credentials = cloud.ssh("rehearsal-web-1", cloud.layout.password).strip()
    page.goto(f"{SITE}/wp-login.php")
    # A fifth of a second after the form is there WordPress puts the cursor into its first field; a password being entered would land there too.
    page.wait_for_function("document.activeElement.id === 'user_login'")
    page.fill("#user_login", "user")
    page.fill("#user_pass", credentials)
    page.click("#wp-submit")
    page.wait_for_selector("#wpadminbar")
    assert page.url.startswith(f"{SITE}/wp-admin/")


def test_an_uploaded_picture_becomes_an_object_that_the_cdn_delivers(cloud, page, tmp_path):
    page.goto(f"{SITE}/wp-admin/media-new.php?browser-uploader")
    page.set_input_files("#async-upload", png(tmp_path / "ridge-panorama.png"))
    page.click("#html-upload")
    page.wait_for_url("**/upload.php*")
    page.goto(f"{SITE}/wp-admin/upload.php?mode=list")
    link = page.get_attribute("a[aria-label*='ridge-panorama'], .row-title, .title a", "href")
    page.goto(link if link.startswith("http") else f"{SITE}/wp-admin/{link}")
    url = page.input_value("#attachment_url")
    assert url.startswith("https://media.cloudpress-rehearsal.com/")
    key = url.split("/", 3)[3]
    assert key in cloud.objects("rehearsal-cloudpress-rehearsal-com-media")
    first, second = cloud.visit(url), cloud.visit(url)
    assert first.status == 200 and first.body[:4] == b"\x89PNG"
    assert "hit" in second.headers["x-cache"].lower()


def test_a_published_post_is_served_by_every_node(cloud, page):
    page.goto(f"{SITE}/wp-admin/post-new.php")
    page.wait_for_function("window.wp && wp.data && wp.data.select('core/editor') && wp.data.select('core/editor').getCurrentPostId()")
    link = page.evaluate("""async () => {
        const editor = wp.data.dispatch('core/editor');
        const content = '<!-- wp:paragraph --><p>Snow at 3000 m ❄</p><!-- /wp:paragraph -->';
        await editor.editPost({title: 'Written in a browser', content, status: 'publish'});
        await editor.savePost();
        return wp.data.select('core/editor').getPermalink();
    }""")
    assert link.startswith(SITE)
    served = set()
    for _ in range(12):
        answer = cloud.visit(link)
        assert answer.status == 200 and "Snow at 3000 m ❄" in answer.text
        served.add(answer.cookies["AWSALB"].split("|")[0])
    assert len(served) == 2


def test_no_page_of_the_session_was_blocked_as_mixed_content(page):
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(f"{SITE}/")
    assert not [text for text in messages if re.search("mixed content", text, re.I)]


# As page builders do: a page's stylesheet is written while the page is rendered, and the page names it.
BUILDER = """<?php
add_action("init", function () {
    if (isset($_GET["built"])) {
        $name = (int) $_GET["built"];
        wp_mkdir_p(WP_CONTENT_DIR . "/uploads/builder");
        file_put_contents(WP_CONTENT_DIR . "/uploads/builder/$name.css", "#page-$name { color: teal }");
        exit("<link href=/wp-content/uploads/builder/$name.css>");
    }
});
"""
NODES = "rehearsal-web-1", "rehearsal-web-2"
TREE = "find {0}/uploads/builder -type f | sort | xargs -r sha256sum"


def test_what_a_plugin_writes_while_it_renders_is_on_every_node(cloud):
    plugin, content = f"{cloud.layout.content}/mu-plugins/builder.php", cloud.layout.content
    served = set()

    def render_and_style(name):
        """One page, and its stylesheet four times at once after it: the load balancer takes the nodes in turn."""
        answers = [cloud.visit(f"{SITE}/?built={name}", address=address)]
        answers += [cloud.visit(f"{SITE}/wp-content/uploads/builder/{name}.css", address=address) for _ in range(4)]
        served.update(answer.cookies["AWSALB"].split("|")[0] for answer in answers)
        wrong = [answer.text for answer in answers[1:] if answer.status == 200 and answer.text != f"#page-{name} {{ color: teal }}"]
        return [answer.status for answer in answers] + wrong

    def trees():
        return [cloud.ssh(node, TREE.format(content)) for node in NODES]

    def equal(seconds):
        until = time.monotonic() + seconds
        while (found := trees())[0] != found[1] and time.monotonic() < until:
            time.sleep(0.5)
        return found[0] == found[1] and found[0]

    address = cloud.resolve(SITE.split("/")[2])
    for node in NODES:
        cloud.ssh(node, f"cat > {plugin} <<\"END\"\n{BUILDER}\nEND\n")
    try:
        with ThreadPoolExecutor(4) as visitors:
            statuses = [status for five in visitors.map(render_and_style, range(200)) for status in five]
        assert len(statuses) == 1000 and set(statuses) == {200}
        assert len(served) == 2
        assert len(equal(5).splitlines()) == 200

        # A node is off for a while; others go on to write and to tidy up.
        cloud.client().stop_instance(instanceName=NODES[1])
        _await(lambda: cloud.client().get_instance(instanceName=NODES[1])["instance"]["state"]["name"] == "stopped")
        _await(lambda: _states(cloud)[NODES[1]] != "healthy")
        assert cloud.visit(f"{SITE}/?built=1000", address=address).status == 200
        cloud.ssh(NODES[0], f"rm {content}/uploads/builder/1.css")
        cloud.client().start_instance(instanceName=NODES[1])
        _await(lambda: set(_states(cloud).values()) == {"healthy"})
        assert {cloud.visit(f"{SITE}/wp-content/uploads/builder/1000.css", address=address).status for _ in range(6)} == {200}
        after = equal(30)
        assert "/1000.css" in after and "/1.css" not in after
    finally:
        for node in NODES:
            cloud.ssh(node, f"rm -rf {plugin} {content}/uploads/builder")


def _states(cloud):
    balance = cloud.client().get_load_balancer(loadBalancerName="rehearsal-lb")["loadBalancer"]
    return {target["instanceName"]: target["instanceHealth"] for target in balance["instanceHealthSummary"]}


def _await(holds, seconds=120):
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.5)
