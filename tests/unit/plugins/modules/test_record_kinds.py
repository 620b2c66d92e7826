# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DNS records as people write them: null MX and SRV, text in the form of zone files, and the way from addresses to an alias."""

from __future__ import annotations

import itertools

import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _records

ZONE, NAME = "case.example", "a.case.example"
ALIAS = "x.eu-west-3.elb.amazonaws.com"


@pytest.fixture
def zone(lab):
    lab.run("lightsail_dns_zone", name=ZONE)


def write(lab, value, rtype="A", run="run", **more):
    return getattr(lab, run)("lightsail_dns_record", zone=ZONE, name=more.pop("name", NAME), type=rtype, value=value, **more)


def entries(lab, rtype="A", name=NAME):
    found = lab.cloud.client(region="us-east-1").get_domain(domainName=ZONE)["domain"]["domainEntries"]
    return sorted((entry["target"], entry["isAlias"]) for entry in found if entry["type"] == rtype and entry["name"] == name)


# -- there is no such service --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rtype", "value"), [("MX", "0 ."), ("MX", " 0   . "), ("SRV", "0 0 0 ."), ("SRV", "1 2 3 .")])
def test_null_records_live_and_go(lab, zone, rtype, value):
    made = lab.cycle("lightsail_dns_record", "record", zone=ZONE, name=NAME, type=rtype, value=value)
    assert made["record"]["values"] == [" ".join(value.split())] and made["actions"] == ["CreateDomainEntry"]
    gone = lab.cycle("lightsail_dns_record", "record", zone=ZONE, name=NAME, type=rtype, value=value, state="absent")
    assert gone["record"] is None and gone["actions"] == ["DeleteDomainEntry"]


@pytest.mark.parametrize(("rtype", "target", "shown"), [
    ("MX", "0 ", "0 ."), ("MX", "0", "0 ."), ("MX", "0 .", "0 ."), ("SRV", "0 0 0 ", "0 0 0 ."), ("SRV", "0 0 0 .", "0 0 0 ."),
    ("MX", "10 mx.example.net.", "10 mx.example.net"), ("SRV", "1 0 5060 sip.example.com.", "1 0 5060 sip.example.com"),
])
def test_the_root_is_seen_with_and_without_its_dot(rtype, target, shown):
    assert _records.stored_value({"type": rtype, "target": target}) == shown


@pytest.mark.parametrize(("rtype", "null", "other"), [("MX", "0 .", "10 mx.example.net"), ("SRV", "0 0 0 .", "1 0 5060 sip.example.com")])
def test_a_null_record_is_alone(lab, zone, rtype, null, other):
    said = write(lab, [null, other], rtype, "fail")
    assert "no such service" in said and lab.mutations == []
    write(lab, other, rtype)
    for check in (True, False):
        assert "no such service" in write(lab, null, rtype, "fail", exclusive=False, check=check) and lab.mutations == []
    assert write(lab, null, rtype)["record"]["values"] == [null]


# -- text as a zone file has it --------------------------------------------------------------------------------------------------

KEYS = [["v=DKIM1; k=rsa; ", "p=AAAA"], ["v=DKIM1; k=rsa; p=" + "A" * 230, "B" * 160], ["one piece only"], ['with "quotes"', " and ; semicolons (and more)"]]
FORMS = ["( %s )", "(%s)", "(\n\t%s\n)", "( %s )  ; ----- DKIM key s for case.example", " ( %s ) "]
BETWEEN = [" ", "\n\t  ", " ; a comment\n"]


@pytest.mark.parametrize(("pieces", "form", "between"), list(itertools.product(KEYS, FORMS, BETWEEN)))
def test_pieces_in_parentheses_are_one_text(pieces, form, between):
    quoted = ['"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces]
    value = form % between.join(quoted)
    assert _records.normal_value(value, "TXT") == _records.normal_value("".join(pieces), "TXT")


@pytest.mark.parametrize("text", ["(hello)", "( hello )", "()", "v=spf1 (comment) -all", 'say "(x)"', "("])
def test_other_parentheses_are_text(text):
    assert _records.txt_text(text) == text


@pytest.mark.parametrize("line", ['s._domainkey IN TXT ( "v=DKIM1; " "p=A" )', 's._domainkey.case.example. 3600 IN TXT "v=DKIM1"', 'x TXT "y"'])
def test_a_whole_line_of_a_zone_file_is_refused(lab, line):
    assert "only the part after TXT" in write(lab, line, "TXT", "fail") and lab.mutations == []


def test_a_dkim_key_is_published_as_it_was_meant(lab, zone):
    made = write(lab, '( "v=DKIM1; k=rsa; " "p=AAAA" )', "TXT", name="s._domainkey.case.example")
    assert made["record"]["values"] == ['"v=DKIM1; k=rsa; p=AAAA"']
    assert not write(lab, "v=DKIM1; k=rsa; p=AAAA", "TXT", name="s._domainkey.case.example")["changed"]


# -- host names as values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rtype", "value"), [("CNAME", "%s"), ("MX", "10 %s"), ("NS", "%s"), ("SRV", "1 0 5060 %s"), ("A", "%s")])
@pytest.mark.parametrize(("given", "words"), [
    ("https://www.case.example/", "'www.case.example'"), ("müller.example", "'xn--mller-kva.example'"), ("192.0.2.1", "is an address"),
])
def test_targets_that_are_no_host_names(lab, rtype, value, given, words):
    said = write(lab, value % given, rtype, "fail", alias=rtype == "A")
    assert words in said and lab.mutations == []


# -- addresses to alias --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("rtype", ["A", "AAAA"])
def test_addresses_become_an_alias_and_again_addresses(lab, zone, monkeypatch, rtype, count):
    """Route 53 has no alias beside values: at no time are there both, and at no time is there neither."""
    values = [("192.0.2.%d" if rtype == "A" else "2001:db8::%d") % number for number in range(1, count + 1)]
    write(lab, values, rtype)
    seen = []
    watch(lab, monkeypatch, rtype, seen)
    assert write(lab, ALIAS, rtype, check=True, alias=True)["changed"] and lab.mutations == []
    made = write(lab, ALIAS, rtype, alias=True)
    assert made["actions"] == ["DeleteDomainEntry"] * (count - 1) + ["UpdateDomainEntry"] and made["record"]["alias"]
    assert not write(lab, ALIAS, rtype, alias=True)["changed"]
    back = write(lab, values, rtype)
    assert back["actions"] == ["UpdateDomainEntry"] + ["CreateDomainEntry"] * (count - 1)
    assert all(len({alias for dummy, alias in moment}) == 1 for moment in seen) and seen


def watch(lab, monkeypatch, rtype, seen):
    """After each answer, what the name has."""
    original = lab.cloud.daemon.calls.add

    def add(*arguments, **more):
        cloud = lab.cloud.daemon.cloud
        zone = cloud.find("Domain", "global", ZONE)
        seen.append([(entry["target"], entry["isAlias"]) for entry in zone["entries"] if entry["type"] == rtype and entry["name"] == NAME])
        return original(*arguments, **more)

    monkeypatch.setattr(lab.cloud.daemon.calls, "add", add)


@pytest.mark.parametrize("error", ["InvalidInputException", "ServiceException"])
def test_addresses_come_back_when_the_alias_is_refused(lab, zone, short_pauses, error):
    values = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
    write(lab, values)
    lab.cloud.fault("UpdateDomainEntry", error, times=20)
    write(lab, ALIAS, run="fail", alias=True)
    assert entries(lab) == [(value, False) for value in values]


def test_the_alias_is_kept_when_only_its_answer_was_lost(lab, zone):
    write(lab, ["192.0.2.1", "192.0.2.2"])
    lab.cloud.fault("UpdateDomainEntry", "lost-answer")
    assert write(lab, ALIAS, alias=True)["record"]["alias"]
    assert entries(lab) == [(ALIAS, True)]


def test_an_alias_has_no_value_beside_it(lab, zone):
    write(lab, ALIAS, alias=True)
    for check in (True, False):
        assert "is an alias" in write(lab, "192.0.2.1", run="fail", exclusive=False, check=check) and lab.mutations == []


# -- an empty list -------------------------------------------------------------------------------------------------------------------


def test_an_empty_list_of_values_removes_nothing(lab, zone):
    write(lab, ["192.0.2.1", "192.0.2.2"])
    for check in (True, False):
        assert not write(lab, [], state="absent", check=check)["changed"]
        assert "needs a value" in write(lab, [], run="fail", check=check)
    assert len(entries(lab)) == 2
    assert write(lab, None, state="absent")["changed"] and entries(lab) == []
