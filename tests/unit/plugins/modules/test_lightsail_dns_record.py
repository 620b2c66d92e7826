# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_dns_record against the local control plane."""

from __future__ import annotations

import pytest

from ansible_collections.cloudpress.lightsail.plugins.modules.lightsail_dns_record import Records

ZONE = "example.com"


@pytest.fixture
def zone(lab):
    lab.run("lightsail_dns_zone", name=ZONE)


def record(lab, name, rtype, value=None, **arguments):
    if value is not None:
        arguments["value"] = value
    return lab.cycle("lightsail_dns_record", "record", zone=ZONE, name=name, type=rtype, **arguments)


@pytest.mark.parametrize(
    ("name", "rtype", "value", "stored"),
    [
        ("www.example.com", "A", "192.0.2.1", ["192.0.2.1"]),
        ("@", "A", ["192.0.2.2", "192.0.2.1"], ["192.0.2.1", "192.0.2.2"]),
        ("www.example.com.", "AAAA", "2001:DB8::0:1", ["2001:db8::1"]),
        ("blog.example.com", "CNAME", "WWW.example.com.", ["www.example.com"]),
        ("example.com", "MX", ["10 mx1.example.net", "20 mx2.example.net."], ["10 mx1.example.net", "20 mx2.example.net"]),
        ("sub.example.com", "NS", ["ns1.example.net", "ns2.example.net"], ["ns1.example.net", "ns2.example.net"]),
        ("_sip._tcp.example.com", "SRV", "1 0 5060 sip.example.com", ["1 0 5060 sip.example.com"]),
        ("example.com", "TXT", "v=spf1 include:example.net, -all", ['"v=spf1 include:example.net, -all"']),
        ("example.com", "TXT", ['"quoted"', "bare"], ['"bare"', '"quoted"']),
        ("_acme-challenge.example.com", "TXT", "a_b", ['"a_b"']),
        ("*.example.com", "A", "192.0.2.9", ["192.0.2.9"]),
        ("\\052.wild.example.com", "A", "192.0.2.9", ["192.0.2.9"]),
        ("_3639ac514e785e898d26.example.com.", "CNAME", "_98d2646601.acm-validations.aws.", ["_98d2646601.acm-validations.aws"]),
    ],
)
def test_life_of_each_type(lab, zone, name, rtype, value, stored):
    made = record(lab, name, rtype, value)
    assert made["record"]["values"] == stored and made["record"]["ttl"] == 60
    assert made["actions"] == ["CreateDomainEntry"] * len(stored)
    gone = record(lab, name, rtype, state="absent")
    assert gone["record"] is None and gone["actions"] == ["DeleteDomainEntry"] * len(stored)


def test_change_in_place(lab, zone):
    record(lab, "www.example.com", "A", "192.0.2.1")
    moved = record(lab, "www.example.com", "A", "192.0.2.2")
    assert moved["actions"] == ["UpdateDomainEntry"]
    assert moved["diff"]["before"]["values"] == ["192.0.2.1"] and moved["diff"]["after"]["values"] == ["192.0.2.2"]
    grown = record(lab, "www.example.com", "A", ["192.0.2.3", "192.0.2.4"])
    assert sorted(grown["actions"]) == ["CreateDomainEntry", "UpdateDomainEntry"]
    shrunk = record(lab, "www.example.com", "A", ["192.0.2.4"])
    assert shrunk["actions"] == ["DeleteDomainEntry"]


def test_other_names_and_types_are_left_alone(lab, zone):
    record(lab, "www.example.com", "A", "192.0.2.1")
    record(lab, "www.example.com", "AAAA", "2001:db8::1")
    record(lab, "a.www.example.com", "A", "192.0.2.2")
    record(lab, "www.example.com", "A", state="absent")
    left = lab.run("lightsail_dns_zone_info", names=[ZONE])["zones"][0]["records"]
    assert [(item["name"], item["type"]) for item in left] == [("a.www.example.com", "A"), ("www.example.com", "AAAA")]


def test_not_exclusive(lab, zone):
    record(lab, "example.com", "TXT", "one")
    assert record(lab, "example.com", "TXT", "two", exclusive=False)["record"]["values"] == ['"one"', '"two"']
    assert record(lab, "example.com", "TXT", "one", state="absent")["record"]["values"] == ['"two"']
    assert not lab.run("lightsail_dns_record", zone=ZONE, name="@", type="TXT", value="three", state="absent")["changed"]


def test_alias(lab, zone):
    balancer = lab.run("lightsail_lb", name="lb-1")["load_balancer"]["dns_name"]
    record(lab, "example.com", "A", "192.0.2.1")
    alias = record(lab, "example.com", "A", balancer.upper() + ".", alias=True)
    assert alias["record"]["values"] == [balancer] and alias["record"]["alias"] and alias["actions"] == ["UpdateDomainEntry"]
    assert not lab.run("lightsail_dns_record", zone=ZONE, name="@", type="A", value="dualstack." + balancer, alias=True)["changed"]
    back = record(lab, "example.com", "A", "192.0.2.1")
    assert back["record"] == {"zone": ZONE, "name": ZONE, "type": "A", "values": ["192.0.2.1"], "alias": False, "ttl": 60}


def test_absent_on_absent(lab, zone):
    gone = lab.run("lightsail_dns_record", zone=ZONE, name="www.example.com", type="A", state="absent")
    assert not gone["changed"] and gone["record"] is None and gone["diff"]["before"] == gone["diff"]["after"] == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (dict(name="www.example.org", type="A", value="192.0.2.1"), "not in the zone example.com"),
        (dict(name="www", type="A", value="192.0.2.1"), "www.example.com"),
        (dict(name="@", type="A", value="192.0.2.300"), "not an IPv4 address"),
        (dict(name="@", type="MX", value="mail.example.com"), "priority host"),
        (dict(name="@", type="CNAME", value="www.example.com"), "use type A with alias"),
        (dict(name="@", type="NS", value="ns1.example.net"), "belong to Lightsail"),
        (dict(name="a.example.com", type="CNAME", value=["b.example.com", "c.example.com"]), "only one value"),
        (dict(name="a.example.com", type="TXT", value="x", alias=True), "A and AAAA only"),
        (dict(name="a.example.com", type="A"), "needs a value"),
    ],
)
def test_refused_before_any_call(lab, arguments, words):
    before = len(lab.cloud.calls())
    assert words in lab.fail("lightsail_dns_record", zone=ZONE, **arguments)
    assert len(lab.cloud.calls()) == before


def test_without_zone(lab):
    arguments = dict(zone=ZONE, name="www.example.com", type="A", value="192.0.2.1")
    assert "zone example.com does not exist" in lab.fail("lightsail_dns_record", **arguments)
    predicted = lab.run("lightsail_dns_record", check=True, **arguments)
    assert predicted["changed"] and predicted["record"]["values"] == ["192.0.2.1"]
    assert not lab.run("lightsail_dns_record", **dict(arguments, state="absent"))["changed"]


def test_somebody_else_is_faster(lab, zone, monkeypatch):
    """Lightsail itself sets the validation records of certificates, between our look and our request if it likes."""
    apply, arguments = Records.apply, dict(zone=ZONE, name="_1.example.com", type="CNAME")

    def late(records, missing, surplus):
        entry = {"name": "_1.example.com", "type": "CNAME", "target": "_2.acm-validations.aws"}
        lab.cloud.client(region="us-east-1").create_domain_entry(domainName=ZONE, domainEntry=entry)
        apply(records, missing, surplus)

    with monkeypatch.context() as patch:
        patch.setattr(Records, "apply", late)
        assert "_1.example.com has other records" in lab.fail("lightsail_dns_record", value="_3.acm-validations.aws", **arguments)
    lab.run("lightsail_dns_record", state="absent", **arguments)
    with monkeypatch.context() as patch:
        patch.setattr(Records, "apply", late)
        made = lab.run("lightsail_dns_record", value="_2.acm-validations.aws", **arguments)
    assert made["record"]["values"] == ["_2.acm-validations.aws"] and made["actions"] == []


def test_lost_answer(lab, zone):
    lab.cloud.fault("CreateDomainEntry", "lost-answer")
    made = lab.run("lightsail_dns_record", zone=ZONE, name="www.example.com", type="A", value="192.0.2.1")
    assert made["changed"] and made["record"]["values"] == ["192.0.2.1"]
    records = lab.run("lightsail_dns_zone_info", names=[ZONE])["zones"][0]["records"]
    assert len(records) == 1


def test_throttled(lab, zone):
    lab.cloud.fault("CreateDomainEntry", "throttle", times=2)
    assert lab.run("lightsail_dns_record", zone=ZONE, name="www.example.com", type="A", value="192.0.2.1")["changed"]


def test_a_cname_is_alone(lab, zone):
    record(lab, "www.example.com", "A", "192.0.2.1")
    record(lab, "blog.example.com", "CNAME", "www.example.com")
    for check in (True, False):
        for name, rtype, value, words in (
            ("www.example.com", "CNAME", "blog.example.com", "www.example.com has records of type A"),
            ("blog.example.com", "A", "192.0.2.1", "blog.example.com has records of type CNAME"),
        ):
            message = lab.fail("lightsail_dns_record", check=check, zone=ZONE, name=name, type=rtype, value=value)
            assert words in message and "remove them first" in message and not lab.mutations
    record(lab, "www.example.com", "TXT", "beside")
