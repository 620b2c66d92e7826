# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lightsail_site_info says of certificates that AWS cannot renew. What it judges otherwise is in test_site.py."""

from __future__ import annotations

import pytest

from ansible_collections.cloudpress.lightsail.plugins.modules import lightsail_site_info

SITE = {
    "name": "shop", "domain": "shop.example", "nodes": ["shop-web-1"], "zones": ["eu-central-1a"], "web_bundle": "small_3_0",
    "database": "shop-db", "database_bundle": "micro_2_0", "database_blueprint": "mysql_8_0", "bucket": "shop-media", "bucket_bundle": "small_1_0",
    "load_balancer": "shop-lb", "distribution": "shop-cdn", "distribution_bundle": "small_1_0", "key_pair": "shop-key",
    "golden_prefix": "shop-golden-", "judge": False,
}


@pytest.fixture
def look(lab, monkeypatch):
    """A site with both of its certificates in use; returns what the module says of their renewal."""
    lab.delegated_zone("shop.example")
    lab.run("lightsail_bucket", name="shop-media", bundle_id="small_1_0")
    balancer = {"name": "shop-lb", "instance_port": 80, "certificate": {"name": "shop-tls", "domain": "www.shop.example"}}
    lab.prove(lab.run("lightsail_lb", **balancer)["load_balancer"])
    lab.run("lightsail_lb", wait_for_certificate=True, **balancer)
    media = {"name": "shop-media-tls", "domain": "media.shop.example"}
    lab.prove(lab.run("lightsail_certificate", wait_for="requested", **media)["certificate"])
    lab.run("lightsail_certificate", wait_for="issued", **media)
    origin = {"name": "shop-media", "region": "eu-central-1"}
    lab.run("lightsail_cdn", name="shop-cdn", bundle_id="small_1_0", origin=origin, default_behavior="cache", certificate_name="shop-media-tls")

    warned = []
    monkeypatch.setattr(lightsail_site_info.LightsailModule, "warn", lambda self, sentence, **dummy: warned.append(sentence))

    def say(**more):
        warned.clear()
        told = lab.run("lightsail_site_info", **{**SITE, **more})["renewal_problems"]
        assert warned == told
        return told

    return say


def without_record(cloud, host):
    zones = cloud.client(region="us-east-1")
    for entry in zones.get_domain(domainName="shop.example")["domain"]["domainEntries"]:
        if entry["type"] == "CNAME" and entry["name"].endswith(host):
            zones.delete_domain_entry(domainName="shop.example", domainEntry=entry)
            return entry["name"]
    raise AssertionError(f"no validation record of {host}")


@pytest.mark.parametrize(("certificate", "host"), [("shop-tls", "www.shop.example"), ("shop-media-tls", "media.shop.example")])
def test_a_certificate_that_ends_in_45_days_and_misses_its_record_is_told(look, lab, cloud, certificate, host):
    assert look() == []
    lab.ends_in(certificate, 44)
    assert look() == [], "its record is there, so AWS renews it"
    name = without_record(cloud, host)
    (line,) = look()
    assert line.startswith(f"The certificate {certificate} of {host} ends at ") and f"the record {name} is missing" in line
    assert "AWS cannot renew it" in line and "acm-validations.aws" in line
    lab.ends_in(certificate, 46)
    assert look() == [], "it is early days"


def test_a_certificate_that_nothing_uses_may_end(look, lab, cloud):
    client = cloud.client()
    client.create_load_balancer_tls_certificate(loadBalancerName="shop-lb", certificateName="spare", certificateDomainName="old.shop.example")

    def read():
        return next(item for item in client.get_load_balancer_tls_certificates(loadBalancerName="shop-lb")["tlsCertificates"] if item["name"] == "spare")

    (record,) = cloud.wait_until(lambda: [item for item in read().get("domainValidationRecords", []) if item.get("name")])
    lab.prove({"validation_records": [record]})
    cloud.wait_until(lambda: read()["status"] == "ISSUED")
    without_record(cloud, "old.shop.example")
    lab.ends_in("spare", 20)
    assert look() == []


def test_where_others_run_the_dns_a_resolver_is_asked(look, lab, monkeypatch):
    lab.ends_in("shop-tls", 20)
    asked = []

    def lookup(name, kind, server=None):
        asked.append((kind, server))
        return []

    monkeypatch.setattr(lightsail_site_info, "lookup", lookup)
    (line,) = look(dns="external", resolver="127.0.0.1")
    assert "shop-tls" in line and set(asked) == {("CNAME", "127.0.0.1")}


def test_what_a_resolver_does_not_answer_is_no_warning(look, lab, monkeypatch):
    lab.ends_in("shop-tls", 20)

    def lookup(name, kind, server=None):
        raise lightsail_site_info.DnsError("No answer.")

    monkeypatch.setattr(lightsail_site_info, "lookup", lookup)
    assert look(dns="external") == []
