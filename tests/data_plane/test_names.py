# SPDX-License-Identifier: GPL-3.0-or-later
"""Names: the resolver follows delegations as the world does, and says the same to the controller and to every host."""

from __future__ import annotations

import pytest

from lightsail_local.data_plane.hosts.dns import query
from lightsail_local.data_plane.hosts.network import EXTERNAL_DNS, NAME_SERVERS


def record(name: str, type: str, target: str, is_alias: bool = False) -> dict:
    return {"name": name, "type": type, "target": target, "is_alias": is_alias, "ttl": 60}


ZONE = [
    record("example.com", "SOA", "ns-1.awsdns-01.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"),
    record("example.com", "NS", "ns-1.awsdns-01.com"),
    record("example.com", "NS", "ns-900.awsdns-48.net"),
    record("example.com", "A", "lb-1.eu-central-1.elb.amazonaws.com", is_alias=True),
    record("www.example.com", "CNAME", "example.com"),
    record("example.com", "MX", "10 mail.example.com"),
    record("example.com", "TXT", '"v=spf1 -all"'),
    record("_x.www.example.com", "CNAME", "_y.acm-validations.aws."),
]


@pytest.fixture
def put(plane):
    def put(**changes):
        spec = {"zones": {}, "delegated": [], "names": {"lb-1.eu-central-1.elb.amazonaws.com": "198.18.250.99"}, "external": {}}
        plane.put_dns({**spec, **changes})

    yield put
    plane.put_dns({"zones": {}, "delegated": [], "names": {}, "external": {}})


def test_the_clouds_own_names(plane, put, web):
    put()
    assert plane.lookup("lb-1.eu-central-1.elb.amazonaws.com", "A") == ["198.18.250.99"]
    assert plane.lookup("some-bucket.s3.eu-central-1.amazonaws.com", "A") == [plane.buckets.address]
    assert plane.lookup("api.wordpress.org", "A") == []
    assert web.ssh("getent hosts some-bucket.s3.eu-west-1.amazonaws.com").split()[0] == plane.buckets.address


def test_a_zone_resolves_when_it_is_delegated(plane, put, web):
    put(zones={"example.com": ZONE})
    assert plane.lookup("example.com", "A") == []
    # But the name servers know it: they are asked directly by whoever waits for a delegation.
    server = plane.cloud.network.service(NAME_SERVERS)
    assert query(server, "example.com", "A") == ["198.18.250.99"]
    put(zones={"example.com": ZONE}, delegated=["example.com"])
    assert plane.lookup("www.example.com", "A") == ["198.18.250.99"]
    assert sorted(plane.lookup("example.com", "NS")) == ["ns-1.awsdns-01.com", "ns-900.awsdns-48.net"]
    assert plane.lookup("ns-900.awsdns-48.net", "A") == [server]
    assert plane.lookup("example.com", "MX") == ["10 mail.example.com"]
    assert plane.lookup("example.com", "TXT") == ["v=spf1 -all"]
    assert plane.lookup("_x.www.example.com", "CNAME") == ["_y.acm-validations.aws"]
    assert web.ssh("getent hosts www.example.com").split()[0] == "198.18.250.99"


def test_a_change_is_seen_at_once(plane, put):
    put(zones={"example.com": ZONE}, delegated=["example.com"])
    assert plane.lookup("new.example.com", "A") == []
    put(zones={"example.com": [*ZONE, record("new.example.com", "A", "203.0.113.7")]}, delegated=["example.com"])
    assert plane.lookup("new.example.com", "A") == ["203.0.113.7"]
    put()
    assert plane.lookup("new.example.com", "A") == []


def test_a_zone_that_an_owner_runs_elsewhere(plane, put):
    external = {"example.org": [record("www.example.org", "CNAME", "lb-1.eu-central-1.elb.amazonaws.com")]}
    put(zones={"example.org": ZONE[:0]}, external=external)
    assert plane.lookup("www.example.org", "A") == ["198.18.250.99"]
    assert query(plane.cloud.network.service(EXTERNAL_DNS), "www.example.org", "CNAME") == ["lb-1.eu-central-1.elb.amazonaws.com"]
    assert query(plane.cloud.network.service(NAME_SERVERS), "www.example.org", "CNAME") == []


def test_delegated_but_no_zone_there(plane, put):
    put(delegated=["example.net"])
    assert plane.lookup("example.net", "A") == []
