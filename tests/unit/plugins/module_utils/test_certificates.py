# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of both kinds in one form, and which of several counts."""

from __future__ import annotations

import datetime

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _certificates as certificates

RECORD = {"name": "_a.example.com.", "type": "CNAME", "value": "_b.acm-validations.aws."}


def make(name, status="ISSUED", domains=("example.com",), in_use=False, not_after=None):
    return dict(
        name=name, status=status, domains=list(domains), in_use=in_use, not_after=not_after, created_at=None, validation_records=[]
    )


def test_both_shapes_become_one():
    flat = certificates.plain(
        {
            "name": "a",
            "domainName": "example.com",
            "status": "PENDING_VALIDATION",
            "subjectAlternativeNames": ["example.com", "www.example.com"],
            "domainValidationRecords": [dict(RECORD, domainName="example.com", validationStatus="PENDING_VALIDATION")],
            "isAttached": False,
            "createdAt": datetime.datetime(2026, 11, 24, tzinfo=datetime.timezone.utc),
        }
    )
    nested = certificates.plain(
        {
            "certificateName": "a",
            "domainName": "example.com",
            "certificateDetail": {
                "status": "PENDING_VALIDATION",
                "subjectAlternativeNames": ["www.example.com", "example.com"],
                "domainValidationRecords": [
                    {"domainName": "example.com", "resourceRecord": RECORD, "validationStatus": "PENDING_VALIDATION"}
                ],
                "createdAt": datetime.datetime(2026, 11, 24, tzinfo=datetime.timezone.utc),
            },
        }
    )
    assert flat == nested
    assert flat["domains"] == ["example.com", "www.example.com"]
    assert flat["validation_records"][0]["value"] == RECORD["value"]
    assert flat["created_at"] == "2026-11-24T00:00:00+00:00"


def test_records_are_complete_when_every_domain_has_one():
    item = make("a", "PENDING_VALIDATION", ["example.com", "www.example.com"])
    assert not certificates.records_complete(item)
    item["validation_records"] = [dict(RECORD, domain_name="example.com")]
    assert not certificates.records_complete(item)
    item["validation_records"].append(dict(RECORD, domain_name="www.example.com"))
    assert certificates.records_complete(item)
    assert certificates.records_complete(make("a", "ISSUED"))


def test_best():
    wanted = ["example.com"]
    assert certificates.best([], wanted) is None
    assert certificates.best([make("a", "VALIDATION_TIMED_OUT"), make("b", domains=["example.org"])], wanted) is None
    assert certificates.best([make("a", "PENDING_VALIDATION"), make("b")], wanted)["name"] == "b"
    assert certificates.best([make("a", in_use=True), make("b")], wanted)["name"] == "a"
    assert certificates.best([make("a", not_after="2027"), make("b", not_after="2026")], wanted)["name"] == "a"


def test_what_ends_soon_gives_way():
    def ends_in(days):
        return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).isoformat()

    old, new, wanted = make("a", in_use=True, not_after=ends_in(5)), make("a-2", not_after=ends_in(395)), ["example.com"]
    assert certificates.expiring(old, 14) and not certificates.expiring(old, 4) and not certificates.expiring(old, 0)
    assert not certificates.expiring(new, 14) and not certificates.expiring(make("a", "PENDING_VALIDATION"), 14)
    assert certificates.best([old, new], wanted, 14) is new and certificates.best([old, new], wanted) is old
    pending = make("a-2", "PENDING_VALIDATION")
    assert certificates.best([old, pending], wanted, 14) is old
    assert certificates.heir([old, pending], old, 14) is pending
    assert certificates.heir([old], old, 14) is None and certificates.heir([new, pending], new, 14) is None


def test_renewal_is_said_in_one_way():
    for word in ("PENDING_VALIDATION", "PendingValidation"):
        assert certificates.plain({"renewalSummary": {"renewalStatus": word}})["renewal_status"] == "PENDING_VALIDATION"
    assert certificates.plain({"renewalSummary": {}})["renewal_status"] is None


def test_names():
    assert certificates.next_name("a", {"b"}) == "a"
    assert certificates.next_name("a", {"a", "a-2"}) == "a-3"
    assert certificates.is_successor("a", "a") and certificates.is_successor("a-2", "a") and certificates.is_successor("a-10", "a")
    assert not any(certificates.is_successor(name, "a") for name in ("a-1", "a-0", "a-x", "ab", "a-2-3", None))


def test_domains():
    assert certificates.domains("Example.com.", ["www.example.com", "example.com"]) == ["example.com", "www.example.com"]
    assert certificates.domains("example.com", None) == ["example.com"]
