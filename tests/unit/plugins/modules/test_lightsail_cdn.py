# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_cdn and lightsail_cdn_info against the local control plane."""

from __future__ import annotations

import pytest

BUCKET = "example-media-7f3a"
ORIGIN = {"name": BUCKET, "region": "eu-central-1", "private_access": True}


@pytest.fixture
def bucket(lab):
    lab.run("lightsail_bucket", name=BUCKET)


@pytest.fixture
def certificates(lab):
    """Two issued certificates."""
    lab.delegated_zone("example.com")
    names = []
    for word in ("media", "static"):
        wish = dict(name="tls-" + word, domain=word + ".example.com")
        lab.prove(lab.run("lightsail_certificate", **wish)["certificate"])
        names.append(lab.run("lightsail_certificate", wait_for="issued", wait_timeout=60, **wish)["certificate"]["name"])
    return names


def distribute(lab, **arguments):
    # Of a new one, AWS fills in what was not said about origin and settings.
    unpredictable = ("origin", "cache_behavior_settings") if arguments.keys() >= {"origin", "tags"} else ()
    return lab.cycle("lightsail_cdn", "distribution", unpredictable=unpredictable, name="cdn-1", **arguments)


def test_life(lab, bucket):
    made = distribute(lab, origin=ORIGIN, tags={"a": "b"})
    shown = made["distribution"]
    assert made["actions"] == ["CreateDistribution"]
    assert shown["status"] == "Deployed" and shown["is_enabled"] and shown["domain_name"].endswith(".cloudfront.net")
    assert shown["origin"]["name"] == BUCKET and shown["origin"]["is_private_origin_access_enabled"] is True
    assert shown["default_cache_behavior"] == {"behavior": "cache"} and shown["bundle_id"] == "small_1_0"
    assert not lab.run("lightsail_cdn", name="cdn-1", region="ap-south-1")["changed"]
    gone = distribute(lab, state="absent")
    assert gone["distribution"] is None and gone["actions"] == ["DeleteDistribution"]


def test_needs_an_origin(lab):
    assert "without origin" in lab.fail("lightsail_cdn", name="cdn-1")


def test_create_with_everything(lab, bucket, certificates):
    made = distribute(
        lab,
        origin=dict(ORIGIN, protocol_policy="https-only", response_timeout=20),
        bundle_id="medium_1_0",
        default_behavior="dont-cache",
        behaviors=[{"path": "wp-content/*", "behavior": "cache"}],
        settings={"default_ttl": 3600, "forwarded_cookies": {"option": "none"}, "forwarded_query_strings": {"option": False}},
        default_root_object="index.html",
        viewer_minimum_tls="TLSv1.2_2021",
        certificate_name=certificates[0],
        enabled=False,
        tags={"a": "b"},
    )
    assert made["actions"] == ["CreateDistribution", "UpdateDistribution", "AttachCertificateToDistribution"]
    assert made["distribution"]["alternative_domain_names"] == ["media.example.com"] and not made["distribution"]["is_enabled"]


def test_each_setting(lab, bucket):
    lab.run("lightsail_cdn", name="cdn-1", origin=ORIGIN)
    for arguments in (
        dict(behaviors=[{"path": "b/*", "behavior": "cache"}, {"path": "a/*", "behavior": "dont-cache"}]),
        dict(default_behavior="dont-cache", behaviors=[]),
        dict(settings={"default_ttl": 60, "forwarded_headers": {"option": "allow-list", "headers_allow_list": ["Host", "Accept"]}}),
        dict(settings={"maximum_ttl": 600, "allowed_http_methods": "GET,HEAD", "cached_http_methods": "GET,HEAD"}),
        dict(settings={"forwarded_query_strings": {"option": True, "query_strings_allow_list": ["v"]}}),
        dict(enabled=False, viewer_minimum_tls="TLSv1.2_2019", default_root_object="index.html"),
        dict(origin=dict(ORIGIN, response_timeout=45, private_access=False)),
        dict(origin=ORIGIN),
    ):
        assert distribute(lab, **arguments)["actions"] == ["UpdateDistribution"], arguments
    # One setting does not reset the others, although the API replaces all.
    settings = lab.run("lightsail_cdn", name="cdn-1")["distribution"]["cache_behavior_settings"]
    assert settings["default_ttl"] == 60 and settings["forwarded_headers"]["headers_allow_list"]
    distribute(lab, tags={"x": "y"})


def test_order_says_nothing(lab, bucket):
    behaviors = [{"path": "b/*", "behavior": "cache"}, {"path": "a/*", "behavior": "cache"}]
    lab.run("lightsail_cdn", name="cdn-1", origin=ORIGIN, behaviors=behaviors)
    assert not lab.run("lightsail_cdn", name="cdn-1", behaviors=behaviors[::-1])["changed"]


def test_plan_changes_once_a_month(lab, bucket):
    lab.run("lightsail_cdn", name="cdn-1", origin=ORIGIN)
    assert distribute(lab, bundle_id="medium_1_0")["actions"] == ["UpdateDistributionBundle"]
    assert "one change of plan" in lab.fail("lightsail_cdn", name="cdn-1", bundle_id="small_1_0")
    assert not lab.mutations


def test_certificate(lab, bucket, certificates):
    lab.run("lightsail_cdn", name="cdn-1", origin=ORIGIN)
    attached = distribute(lab, certificate_name=certificates[0])
    assert attached["actions"] == ["AttachCertificateToDistribution"]
    assert attached["distribution"]["alternative_domain_names"] == ["media.example.com"]
    assert lab.run("lightsail_certificate_info", names=certificates[:1])["certificates"][0]["in_use"]
    assert "in use" in lab.fail("lightsail_certificate", name=certificates[0], state="absent")
    assert not lab.run("lightsail_cdn", name="cdn-1", enabled=True)["changed"]
    changed = distribute(lab, certificate_name=certificates[1])
    assert changed["actions"] == ["DetachCertificateFromDistribution", "AttachCertificateToDistribution"]
    assert changed["distribution"]["alternative_domain_names"] == ["static.example.com"]
    detached = distribute(lab, certificate_name="")
    assert detached["actions"] == ["DetachCertificateFromDistribution"] and detached["distribution"]["certificate_name"] is None


def test_pending_certificate_is_an_error(lab, bucket):
    lab.run("lightsail_cdn", name="cdn-1", origin=ORIGIN)
    lab.run("lightsail_certificate", name="pending", domain="media.example.com")
    assert "pending" in lab.fail("lightsail_cdn", name="cdn-1", certificate_name="pending")


def test_cache_reset(lab, bucket):
    assert lab.run("lightsail_cdn", name="cdn-1", origin=ORIGIN, reset_cache=True)["actions"] == ["CreateDistribution"]
    predicted = lab.run("lightsail_cdn", check=True, name="cdn-1", reset_cache=True)
    assert predicted["changed"] and not lab.mutations
    for dummy in range(2):
        assert lab.run("lightsail_cdn", name="cdn-1", reset_cache=True)["actions"] == ["ResetDistributionCache"]


def test_without_waits_each_change_waits_for_the_one_before(lab, bucket):
    made = lab.run("lightsail_cdn", name="cdn-1", origin=ORIGIN, wait=False)
    assert made["distribution"]["status"] == "InProgress"
    assert lab.run("lightsail_cdn", name="cdn-1", enabled=False, wait=False)["actions"] == ["UpdateDistribution"]
    assert lab.run("lightsail_cdn", name="cdn-1", state="absent", wait=False)["actions"] == ["DeleteDistribution"]
    assert lab.run("lightsail_cdn", name="cdn-1", state="absent")["distribution"] is None


def test_lost_answer(lab, bucket):
    lab.cloud.fault("CreateDistribution", "lost-answer")
    assert lab.run("lightsail_cdn", name="cdn-1", origin=ORIGIN, tags={"a": "b"})["distribution"]["status"] == "Deployed"


def test_info(lab, bucket):
    lab.run("lightsail_cdn", name="cdn-1", origin=ORIGIN, tags={"site": "x"}, default_root_object="index.html")
    lab.run("lightsail_cdn", name="cdn-2", origin=ORIGIN)
    assert [item["name"] for item in lab.run("lightsail_cdn_info", region="eu-west-1")["distributions"]] == ["cdn-1", "cdn-2"]
    assert [item["name"] for item in lab.run("lightsail_cdn_info", filters={"site": "x"})["distributions"]] == ["cdn-1"]
    found = lab.run("lightsail_cdn_info", names=["cdn-1", "absent"])["distributions"]
    assert [item["default_root_object"] for item in found] == ["index.html"]
