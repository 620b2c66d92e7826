# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_cdn and lightsail_cdn_info against the local control plane."""

from __future__ import annotations

import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _core

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


PAGE = {"error_code": 404, "response_code": 404, "page_path": "/404.html"}
LOGIN = {
    "path": "/wp-login.php",
    "payload": "form",
    "username_field": "log",
    "password_field": "pwd",
    "success_codes": [302],
    "failure_codes": [403, 200],
}
SIGN_UP = {"path": "/register", "page_path": "/sign-up", "payload": "json", "success_codes": [201], "failure_codes": [400]}


def test_error_pages(lab, bucket):
    lab.run("lightsail_cdn", name="cdn-1", origin=ORIGIN)
    made = distribute(lab, error_pages=[{"error_code": 503, "caching_seconds": 0}, PAGE])
    assert made["distribution"]["custom_error_responses"] == [dict(PAGE, caching_seconds=10), {"error_code": 503, "caching_seconds": 0}]
    assert not lab.run("lightsail_cdn", name="cdn-1", error_pages=[PAGE, {"error_code": 503, "caching_seconds": 0}])["changed"]
    assert not lab.run("lightsail_cdn", name="cdn-1")["changed"]
    assert distribute(lab, error_pages=[])["distribution"]["custom_error_responses"] == []


def test_waf(lab, bucket):
    waf = {"enabled": True, "rules": [{"name": "AWSManagedRulesCommonRuleSet"}, {"name": "AWSManagedRulesAnonymousIpList"}]}
    lab.run("lightsail_cdn", name="cdn-1", origin=ORIGIN)
    for check in (True, False):
        assert "has no waf" in lab.fail("lightsail_cdn", check=check, name="cdn-1", waf=waf) and not lab.mutations
    made = distribute(lab, bundle_id="medium_1_0", waf=waf)
    assert made["actions"] == ["UpdateDistributionBundle", "UpdateDistribution"]
    assert [rule["name"] for rule in made["distribution"]["waf"]["rules"]] == sorted(rule["name"] for rule in waf["rules"])
    assert "does not have" in lab.fail("lightsail_cdn", name="cdn-1", waf={"enabled": True, "rules": [{"name": "AWSManagedRulesPHPRuleSet"}]})
    assert not lab.run("lightsail_cdn", name="cdn-1", waf={"enabled": True})["changed"]
    assert distribute(lab, waf={"enabled": True, "rules": []})["distribution"]["waf"]["rules"] == []
    assert distribute(lab, waf={"enabled": False})["distribution"]["waf"] == {"enabled": False, "rules": []}


def test_waf_with_everything(lab, bucket):
    rules = [
        {"name": "AWSManagedRulesATPRuleSet", "login": LOGIN},
        {"name": "AWSManagedRulesACFPRuleSet", "sign_up": SIGN_UP},
        {"name": "AWSManagedRulesBotControlRuleSet", "bot_inspection": "common"},
    ]
    wish = dict(bundle_id="large_1_0", waf={"enabled": True, "rules": rules})
    made = distribute(lab, origin=ORIGIN, tags={"a": "b"}, **wish)
    assert made["actions"] == ["CreateDistribution"]
    assert made["distribution"]["waf"]["rules"][1]["login"]["failure_codes"] == [200, 403]
    rules[2]["bot_inspection"] = "targeted"
    distribute(lab, **wish)
    # The plan without it is only had once it is off.
    off = distribute(lab, bundle_id="small_1_0", waf={"enabled": False})
    assert off["actions"] == ["UpdateDistribution", "UpdateDistributionBundle"]


def test_origins_of_all_kinds(lab, bucket):
    for word in ("one", "two"):
        lab.run("lightsail_instance", name=word, zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="nano_3_0")
    assert "static IP" in lab.fail("lightsail_cdn", name="cdn-1", origin={"name": "one"})
    lab.run("lightsail_static_ip", name="one-ip", instance_name="one")
    lab.run("lightsail_lb", name="lb-1", targets=["two"])
    made = lab.run("lightsail_cdn", name="cdn-1", origin={"name": "one"})["distribution"]["origin"]
    assert (made["resource_type"], made["protocol_policy"], made["region_name"]) == ("Instance", "http-only", "eu-central-1")
    other = {"name": "lb-1", "protocol_policy": "https-only", "ip_address_type": "dualstack"}
    moved = lab.cycle("lightsail_cdn", "distribution", unpredictable=("origin",), name="cdn-1", origin=other)
    assert moved["distribution"]["origin"]["resource_type"] == "LoadBalancer"
    assert moved["distribution"]["origin"]["ip_address_type"] == "dualstack"
    moved = lab.cycle("lightsail_cdn", "distribution", unpredictable=("origin",), name="cdn-1", origin=ORIGIN)
    assert moved["distribution"]["origin"]["resource_type"] == "Bucket"
    assert "must be https-only" in lab.fail("lightsail_cdn", name="cdn-1", origin=dict(ORIGIN, protocol_policy="http-only"))
    assert distribute(lab, ip_address_type="ipv4")["actions"] == ["SetIpAddressType"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (dict(origin=dict(ORIGIN, response_timeout=61)), "between 1 and 60"),
        (dict(behaviors=[{"path": "a", "behavior": "cache"}] * 2), "'a' twice"),
        (dict(behaviors=[{"path": "", "behavior": "cache"}]), "cannot be empty"),
        (dict(behaviors=[{"path": str(i), "behavior": "cache"} for i in range(26)]), "at most 25"),
        (dict(settings={"default_ttl": 0}), "at least 1"),
        (dict(settings={"forwarded_cookies": {"option": "allow-list"}}), "cookies_allow_list is empty"),
        (dict(settings={"forwarded_cookies": {"option": "all", "cookies_allow_list": ["a"]}}), "its option is all"),
        (dict(settings={"forwarded_query_strings": {"option": True, "query_strings_allow_list": list("abcdefghijk")}}), "at most 10"),
        (dict(settings={"forwarded_headers": {"option": "allow-list", "headers_allow_list": ["X-Mine"]}}), "'X-Mine'"),
        (dict(error_pages=[PAGE, PAGE]), "404 twice"),
        (dict(error_pages=[{"error_code": 404, "page_path": "/404.html"}]), "go together"),
        (dict(error_pages=[dict(PAGE, page_path="404.html")]), "begin with '/'"),
        (dict(error_pages=[dict(PAGE, response_code=302)]), "response_code is 302"),
        (dict(error_pages=[dict(PAGE, caching_seconds=-1)]), "negative"),
        (dict(waf={"enabled": False, "rules": [{"name": "AWSManagedRulesCommonRuleSet"}]}), "not enabled"),
        (dict(waf={"enabled": True, "rules": [{"name": "AWSManagedRulesCommonRuleSet"}] * 2}), "twice"),
        (dict(waf={"enabled": True, "rules": [{"name": "AWSManagedRulesATPRuleSet"}]}), "needs login"),
        (dict(waf={"enabled": True, "rules": [{"name": "AWSManagedRulesCommonRuleSet", "bot_inspection": "common"}]}), "does not take bot_inspection"),
        (dict(waf={"enabled": True, "rules": [{"name": "AWSManagedRulesATPRuleSet", "login": dict(LOGIN, success_codes=[200])}]}), "both a success"),
        (dict(waf={"enabled": True, "rules": [{"name": "AWSManagedRulesATPRuleSet", "login": dict(LOGIN, success_codes=[])}]}), "1 to 10"),
        (dict(waf={"enabled": True, "rules": [{"name": "AWSManagedRulesATPRuleSet", "login": dict(LOGIN, path="x")}]}), "begin with '/'"),
    ],
)
def test_refused_before_anything_is_asked(lab, arguments, words):
    lab.cloud.forget_calls()
    assert words in lab.fail("lightsail_cdn", name="cdn-1", **arguments)
    assert lab.cloud.calls() == []


@pytest.mark.parametrize(
    ("arguments", "member"),
    [
        (dict(origin=dict(ORIGIN, private_access=True)), "enablePrivateOriginAccess"),
        (dict(origin=dict(ORIGIN, private_access=None, ip_address_type="ipv4")), "origin.ipAddressType"),
        (dict(origin=dict(ORIGIN, private_access=None), error_pages=[]), "customErrorResponses"),
        (dict(origin=dict(ORIGIN, private_access=None), waf={"enabled": False}), "enableWaf"),
    ],
)
def test_what_an_older_botocore_does_not_know(lab, bucket, monkeypatch, arguments, member):
    known = _core.has_member
    monkeypatch.setattr(_core, "has_member", lambda shape, path: path != member.split(".") and known(shape, path))
    message = lab.fail("lightsail_cdn", name="cdn-1", **arguments)
    assert f"does not know {member} of UpdateDistribution; boto3 1.44.0 does" in message and not lab.mutations
