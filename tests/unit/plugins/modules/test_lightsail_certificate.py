# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_certificate and lightsail_certificate_info against the local control plane."""

from __future__ import annotations

import pytest

WISH = dict(name="example-media", domain="media.example.com", alternative_names=["cdn.example.com"])


def request(lab, **arguments):
    return lab.cycle("lightsail_certificate", "certificate", unpredictable=("validation_records",), **dict(WISH, **arguments))


@pytest.fixture
def zone(lab):
    lab.delegated_zone("example.com")


def test_request(lab):
    made = request(lab, tags={"a": "b"})
    certificate = made["certificate"]
    assert made["actions"] == ["CreateCertificate"]
    assert certificate["status"] == "PENDING_VALIDATION" and not certificate["in_use"]
    assert certificate["domains"] == ["media.example.com", "cdn.example.com"]
    assert sorted(record["domain_name"] for record in certificate["validation_records"]) == ["cdn.example.com", "media.example.com"]
    assert {record["type"] for record in certificate["validation_records"]} == {"CNAME"}
    assert certificate["tags"] == {"a": "b"}
    # The order and the case of the names say nothing.
    assert not lab.run("lightsail_certificate", name="example-media", domain="Media.example.com", alternative_names=["CDN.example.com."])["changed"]
    assert request(lab, tags={"a": "c"})["actions"] == ["TagResource"]


def test_region_is_that_of_distributions(lab):
    assert ":us-east-1:" in lab.run("lightsail_certificate", **WISH)["certificate"]["arn"]


def test_issued_once_proven(lab, zone):
    lab.prove(lab.run("lightsail_certificate", **WISH)["certificate"])
    issued = lab.run("lightsail_certificate", wait_for="issued", wait_timeout=60, **WISH)
    assert not issued["changed"] and issued["certificate"]["status"] == "ISSUED" and issued["certificate"]["not_after"]


def test_waiting_for_nothing_ends(lab):
    message = lab.fail("lightsail_certificate", wait_for="issued", wait_timeout=1, **WISH)
    assert "wait_timeout" in message and "PENDING_VALIDATION" in message


def test_other_domains_are_an_error(lab):
    lab.run("lightsail_certificate", **WISH)
    for check in (True, False):
        message = lab.fail("lightsail_certificate", check=check, **dict(WISH, alternative_names=["www.example.com"]))
        assert "cdn.example.com" in message and "www.example.com" in message and not lab.mutations


def test_timed_out_is_replaced_under_a_new_name(lab):
    lab.run("lightsail_certificate", **WISH)
    lab.out_of_time("example-media")
    assert lab.run("lightsail_certificate_info")["certificates"][0]["status"] == "VALIDATION_TIMED_OUT"
    replaced = request(lab)
    assert replaced["certificate"]["name"] == "example-media-2" and replaced["replaced"] == ["example-media"]
    assert replaced["actions"] == ["CreateCertificate", "DeleteCertificate"]
    lab.out_of_time("example-media-2")
    assert request(lab)["certificate"]["name"] in ("example-media", "example-media-3")


def test_absent(lab):
    lab.run("lightsail_certificate", **WISH)
    gone = lab.cycle("lightsail_certificate", "certificate", name="example-media", state="absent")
    assert gone["certificate"] is None and gone["actions"] == ["DeleteCertificate"]


def test_absent_with_successors(lab):
    lab.run("lightsail_certificate", **WISH)
    lab.out_of_time("example-media")
    lab.run("lightsail_certificate", **WISH)
    lab.run("lightsail_certificate", name="example-media-7", domain="other.example.com")
    assert not lab.run("lightsail_certificate", name="example-media", state="absent")["changed"]
    lab.cycle("lightsail_certificate", "certificate", state="absent", **WISH)
    assert [item["name"] for item in lab.run("lightsail_certificate_info")["certificates"]] == ["example-media-7"]


def test_info(lab):
    lab.run("lightsail_certificate", **dict(WISH, tags={"site": "x"}))
    lab.run("lightsail_certificate", name="other", domain="other.example.org")
    names = [item["name"] for item in lab.run("lightsail_certificate_info")["certificates"]]
    assert names == ["example-media", "other"]
    for filtered in (dict(names=["example-media", "absent"]), dict(domain="CDN.example.com"), dict(filters={"site": "x"})):
        assert [item["name"] for item in lab.run("lightsail_certificate_info", **filtered)["certificates"]] == ["example-media"]


def test_what_is_about_to_end_gets_a_successor(lab, zone):
    lab.prove(lab.run("lightsail_certificate", **WISH)["certificate"])
    lab.run("lightsail_certificate", wait_for="issued", wait_timeout=60, **WISH)
    lab.ends_in("example-media", 10)
    assert not lab.run("lightsail_certificate", replace_days=9, **WISH)["changed"]
    assert not lab.run("lightsail_certificate", replace_days=0, **WISH)["changed"]
    lab.cloud.time_scale(1)
    made = lab.cycle("lightsail_certificate", "certificate", **WISH)
    # What is in force stays so until the other one is.
    assert made["actions"] == ["CreateCertificate"] and made["successor"] == "example-media-2" and made["replaced"] == []
    assert (made["certificate"]["name"], made["certificate"]["status"]) == ("example-media", "ISSUED")
    lab.cloud.time_scale(0.001)
    lab.cloud.wait_until(lambda: all(item["status"] == "ISSUED" for item in lab.run("lightsail_certificate_info")["certificates"]))
    swapped = lab.cycle("lightsail_certificate", "certificate", **WISH)
    assert swapped["certificate"]["name"] == "example-media-2" and swapped["successor"] is None
    assert swapped["replaced"] == ["example-media"] and swapped["actions"] == ["DeleteCertificate"]


def test_a_successor_can_be_waited_for_and_the_old_one_stays_while_it_is_used(lab, zone):
    lab.prove(lab.run("lightsail_certificate", **WISH)["certificate"])
    lab.run("lightsail_certificate", wait_for="issued", wait_timeout=60, **WISH)
    lab.run("lightsail_bucket", name="example-media-7f3a")
    lab.run("lightsail_cdn", name="cdn-1", origin={"name": "example-media-7f3a"}, certificate_name="example-media")
    lab.ends_in("example-media", 10)
    replaced = lab.run("lightsail_certificate", wait_for="issued", wait_timeout=60, **WISH)
    assert replaced["certificate"]["name"] == "example-media-2" and replaced["certificate"]["status"] == "ISSUED"
    again = lab.run("lightsail_certificate", **WISH)
    assert not again["changed"] and again["certificate"]["name"] == "example-media-2" and again["replaced"] == []
    # In two steps on AWS, which is the module's business: the domains are in use by the distribution itself.
    lab.run("lightsail_cdn", name="cdn-1", certificate_name=again["certificate"]["name"])
    assert lab.run("lightsail_certificate", **WISH)["replaced"] == ["example-media"]


def test_successors_of_successors_are_refused(lab):
    for days in (-1, 61):
        assert "between 0 and 60" in lab.fail("lightsail_certificate", replace_days=days, **WISH)
        message = lab.fail("lightsail_lb", name="lb-1", certificate={"domain": "example.com", "replace_days": days})
        assert "certificate.replace_days" in message and not lab.mutations


def test_a_successor_that_is_refused_is_a_warning(lab, zone):
    lab.prove(lab.run("lightsail_certificate", **WISH)["certificate"])
    lab.run("lightsail_certificate", wait_for="issued", wait_timeout=60, **WISH)
    lab.prove(lab.run("lightsail_lb", name="lb-1", certificate={"domain": "example.com"})["load_balancer"])
    lab.run("lightsail_lb", name="lb-1", certificate={"domain": "example.com"}, wait_for_certificate=True)
    for name in ("example-media", "lb-1-tls"):
        lab.ends_in(name, 10)
    lab.cloud.admin("quota", name="certificates_active", value=1)
    found = lab.run("lightsail_certificate", **WISH)
    assert not found["changed"] and found["certificate"]["name"] == "example-media" and found["successor"] is None
    assert "got no successor" in str(found["warnings"]) and "too many certificates" in str(found["warnings"])
    found = lab.run("lightsail_lb", name="lb-1", certificate={"domain": "example.com"})
    assert not found["changed"] and found["load_balancer"]["certificate_name"] == "lb-1-tls"
    assert "got no successor" in str(found["warnings"])
