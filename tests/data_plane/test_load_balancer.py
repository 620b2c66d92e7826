# SPDX-License-Identifier: GPL-3.0-or-later
"""Load balancers: health, stickiness, TLS, redirect, and no second try."""

from __future__ import annotations

import http.client
import socket
import ssl
import time

import pytest

NAME = "0123456789abcdef0123456789abcdef-1234567890.eu-central-1.elb.amazonaws.com"


class Balancer:
    def __init__(self, plane, address: str) -> None:
        self.plane, self.address = plane, address
        self.spec = {
            "dns_name": NAME,
            "public_ip": address,
            "instance_port": 80,
            "health_path": "/health.txt",
            "health_interval_s": 0.5,
            "sticky": False,
            "cookie_seconds": 3600,
            "redirect_https": False,
            "certificate": None,
            "targets": [],
        }

    def put(self, **changes) -> None:
        self.spec = {**self.spec, **changes}
        self.plane.put_load_balancer("lb-1", self.spec)

    def get(self, path: str = "/who.txt", *, tls: bool = False, headers: dict | None = None):
        if tls:
            context = ssl.create_default_context(cadata=self.plane.ca.root_pem)
            client = http.client.HTTPSConnection("www.example.com", 443, timeout=10, context=context)
            client._create_connection = lambda target, *rest: socket.create_connection((self.address, 443), *rest)
        else:
            client = http.client.HTTPConnection(self.address, 80, timeout=10)
        client.request("GET", path, headers={"Host": "www.example.com", **(headers or {})})
        answer = client.getresponse()
        answer.text = answer.read().decode()
        client.close()
        return answer

    def wait(self, **wanted: str) -> None:
        until = time.monotonic() + 20
        while True:
            health = self.plane.load_balancer_health("lb-1")
            states = {id.replace("-", "_"): entry["state"] for id, entry in health.items()}
            if states == wanted:
                return
            assert time.monotonic() < until, health
            time.sleep(0.1)


@pytest.fixture(scope="module")
def nodes(make_host):
    hosts = [make_host(id="node-a"), make_host(id="node-b")]
    for host in hosts:
        host.ssh(
            f"echo {host.id} > /opt/bitnami/wordpress/who.txt; echo ok > /opt/bitnami/wordpress/health.txt;"
            " echo '<?php echo json_encode(getallheaders());' > /opt/bitnami/wordpress/headers.php"
        )
    return hosts


@pytest.fixture(scope="module")
def balancer(plane):
    balancer = Balancer(plane, plane.allocate_address())
    balancer.put()
    yield balancer
    plane.delete_load_balancer("lb-1")


def targets(nodes, draining: str = "") -> list[dict]:
    return [{"id": node.id, "private_ip": node.private_ip, "draining": node.id == draining} for node in nodes]


def test_nothing_behind_it(balancer):
    assert balancer.get().status == 503


def test_nodes_join_when_their_checks_pass(balancer, nodes, plane):
    balancer.put(targets=targets(nodes))
    health = plane.load_balancer_health("lb-1")
    assert {entry["state"] for entry in health.values()} == {"initial"}, health
    assert balancer.get().status == 503, "not before they are healthy"
    balancer.wait(node_a="healthy", node_b="healthy")
    assert {balancer.get().text.strip() for _ in range(6)} == {"node-a", "node-b"}


def test_headers_for_the_node(balancer, nodes, plane):
    import json

    seen = {name.lower(): value for name, value in json.loads(balancer.get("/headers.php", headers={"X-Forwarded-For": "203.0.113.9"}).text).items()}
    assert seen["x-forwarded-for"] == f"203.0.113.9, {plane.cloud.network.machine[1]}"
    assert (seen["x-forwarded-proto"], seen["x-forwarded-port"], seen["host"]) == ("http", "80", "www.example.com")


def test_stickiness(balancer, nodes):
    balancer.put(sticky=True)
    balancer.wait(node_a="healthy", node_b="healthy")
    first = balancer.get()
    cookie = first.getheader("Set-Cookie")
    assert cookie.startswith("AWSALB=") and "Max-Age=3600" in cookie
    value = cookie.split(";")[0]
    assert {balancer.get(headers={"Cookie": value}).text for _ in range(6)} == {first.text}
    balancer.put(sticky=False)
    assert balancer.get().getheader("Set-Cookie") is None


def test_only_200_is_healthy(balancer, nodes, plane):
    balancer.put(health_path="/")
    # The front page is WordPress's: 200. A redirect is not.
    balancer.wait(node_a="healthy", node_b="healthy")
    balancer.put(health_path="/wp-admin/")
    balancer.wait(node_a="unhealthy", node_b="unhealthy")
    assert {entry["reason"] for entry in plane.load_balancer_health("lb-1").values()} == {"Instance.ResponseCodeMismatch"}
    assert balancer.get().status == 503
    balancer.put(health_path="/health.txt")
    balancer.wait(node_a="healthy", node_b="healthy")


def test_tls_and_redirect(balancer, nodes, plane):
    cert, key = plane.ca.issue(["www.example.com"])
    balancer.put(certificate={"cert_pem": cert, "key_pem": key})
    assert balancer.get(tls=True).status == 200
    assert balancer.get().status == 200
    balancer.put(redirect_https=True)
    answer = balancer.get("/a?b=c")
    assert (answer.status, answer.getheader("Location")) == (301, "https://www.example.com:443/a?b=c")
    assert '"X-Forwarded-Proto":"https"' in balancer.get("/headers.php", tls=True).text
    balancer.put(redirect_https=False)


def test_a_dead_node_costs_errors_until_the_checks_see_it(balancer, nodes, plane):
    balancer.put(health_interval_s=3)
    balancer.wait(node_a="healthy", node_b="healthy")
    nodes[0].ssh("sudo /opt/bitnami/ctlscript.sh stop apache")
    statuses = [balancer.get().status for _ in range(8)]
    assert set(statuses) == {200, 503}, "no retry and no other node for a request that failed"
    balancer.wait(node_a="unhealthy", node_b="healthy")
    assert plane.load_balancer_health("lb-1")["node-a"]["reason"] == "Instance.FailedHealthChecks"
    assert {balancer.get().status for _ in range(6)} == {200}
    nodes[0].ssh("sudo /opt/bitnami/ctlscript.sh start apache")
    balancer.put(health_interval_s=0.5)
    balancer.wait(node_a="healthy", node_b="healthy")


def test_draining(balancer, nodes, plane):
    balancer.put(targets=targets(nodes, draining="node-a"))
    health = plane.load_balancer_health("lb-1")
    assert health["node-a"] == {"state": "draining", "reason": "Instance.DeregistrationInProgress"}
    assert health["node-b"]["state"] == "healthy", "what was healthy stays so over a change"
    assert {balancer.get().text.strip() for _ in range(6)} == {"node-b"}


def test_a_private_firewall_does_not_matter(balancer, nodes, plane):
    for node in nodes:
        plane.set_firewall(node.id, [{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidrs": ["0.0.0.0/0"]}])
    balancer.put(targets=targets(nodes))
    balancer.wait(node_a="healthy", node_b="healthy")
