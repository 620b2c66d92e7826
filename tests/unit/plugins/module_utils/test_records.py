# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and values of DNS records: what users write and what zones return must meet."""

from __future__ import annotations

import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _records as records


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("www.example.com", "www.example.com"),
        ("WWW.Example.com.", "www.example.com"),
        ("@", "example.com"),
        ("", "example.com"),
        ("example.com", "example.com"),
        ("\\052.example.com", "*.example.com"),
        ("*.sub.example.com", "*.sub.example.com"),
        ("_acme-challenge.example.com", "_acme-challenge.example.com"),
        ("_sip._tcp.example.com", "_sip._tcp.example.com"),
        ("_3639ac514e785e898d2646601fa951d5.example.com.", "_3639ac514e785e898d2646601fa951d5.example.com"),
    ],
)
def test_names(name, wanted):
    assert records.record_name(name, "Example.com.") == wanted


@pytest.mark.parametrize("name", ["www", "www.example.org", "notexample.com", "a b.example.com", "a.*.example.com", "-a.example.com", "..example.com"])
def test_names_refused(name):
    with pytest.raises(records.RecordError, match="not in the zone|not a valid name"):
        records.record_name(name, "example.com")


@pytest.mark.parametrize(
    ("rtype", "value", "wanted"),
    [
        ("A", " 192.0.2.1 ", "192.0.2.1"),
        ("AAAA", "2001:DB8:0:0::1", "2001:db8::1"),
        ("CNAME", "Target.Example.net.", "target.example.net"),
        ("CNAME", "_98d2646601fa951d.abcdefghij.acm-validations.aws.", "_98d2646601fa951d.abcdefghij.acm-validations.aws"),
        ("NS", "NS1.example.net.", "ns1.example.net"),
        ("MX", "10   Mail.example.com.", "10 mail.example.com"),
        ("MX", "0 .", "0 ."),
        ("SRV", "1 0 05060 sip.example.com.", "1 0 5060 sip.example.com"),
        ("TXT", "v=spf1 -all", '"v=spf1 -all"'),
        ("TXT", '"v=spf1 -all"', '"v=spf1 -all"'),
        ("TXT", 'say "hi"', '"say \\"hi\\""'),
        ("TXT", '"say \\"hi\\""', '"say \\"hi\\""'),
        ("TXT", "back\\slash", '"back\\\\slash"'),
        ("TXT", '"a" "b"', '"ab"'),
        ("TXT", "a,b; c=d", '"a,b; c=d"'),
        ("TXT", "x" * 300, '"' + "x" * 255 + '" "' + "x" * 45 + '"'),
        ("TXT", "ä" * 130, '"' + "ä" * 127 + '" "' + "ä" * 3 + '"'),
    ],
)
def test_values(rtype, value, wanted):
    assert records.normal_value(value, rtype) == wanted
    # What was normalised stays as it is: that is what makes a second run a run without changes.
    assert records.normal_value(wanted, rtype) == wanted
    assert records.stored_value({"type": rtype, "target": wanted, "isAlias": False}) == wanted


def test_aliases():
    assert records.normal_value("DualStack.abc-1.eu-central-1.elb.amazonaws.com.", "A", alias=True) == "abc-1.eu-central-1.elb.amazonaws.com"
    entry = {"type": "A", "target": "dualstack.abc-1.eu-central-1.elb.amazonaws.com", "isAlias": True}
    assert records.stored_value(entry) == "abc-1.eu-central-1.elb.amazonaws.com"


@pytest.mark.parametrize(
    ("rtype", "value"),
    [
        ("A", "2001:db8::1"),
        ("A", "www.example.com"),
        ("AAAA", "192.0.2.1"),
        ("CNAME", ""),
        ("CNAME", "two words"),
        ("MX", "mail.example.com"),
        ("MX", "ten mail.example.com"),
        ("MX", "70000 mail.example.com"),
        ("SRV", "1 0 sip.example.com"),
        ("TXT", '"a" b "c"'),
    ],
)
def test_values_refused(rtype, value):
    with pytest.raises(records.RecordError):
        records.normal_value(value, rtype)


def test_what_cannot_be_read_is_left_alone():
    assert records.stored_value({"type": "A", "target": "odd", "isAlias": False}) == "odd"


def test_zone():
    zone = {
        "name": "example.com",
        "domainEntries": [
            {"name": "example.com", "type": "NS", "target": "ns-1.awsdns-1.com.", "id": "1"},
            {"name": "example.com", "type": "SOA", "target": "ns-1.awsdns-1.com. awsdns-hostmaster.amazon.com. 1", "id": "2"},
            {"name": "sub.example.com", "type": "NS", "target": "ns.example.net", "id": "3"},
            {"name": "\\052.example.com", "type": "A", "target": "192.0.2.1", "isAlias": False, "id": "4"},
        ],
        "tags": [{"key": "a", "value": "b"}],
    }
    assert [entry["id"] for entry in records.own_records(zone)] == ["3", "4"]
    shown = records.represent_zone(zone)
    assert shown["name_servers"] == ["ns-1.awsdns-1.com"]
    assert shown["tags"] == {"a": "b"}
    assert shown["records"] == [
        {"name": "*.example.com", "type": "A", "value": "192.0.2.1", "alias": False},
        {"name": "sub.example.com", "type": "NS", "value": "ns.example.net", "alias": False},
    ]
