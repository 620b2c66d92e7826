# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Info modules that have nothing to test but what they find: each against what its sibling made."""

from __future__ import annotations

import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(__file__)))))
MODULES = os.path.join(ROOT, "plugins", "modules")
PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8ANVAlMkJcVR7UMs9dn7gsSf6gd7BmVmNMmUYTtzKQ owner@example"
CONTACT = dict(
    first_name="Ada", last_name="Example", address_line1="Street 1", city="Berlin", country_code="DE", zip_code="10115",
    phone_number="+49.301234567", email="ada@example.com",
)


def test_every_resource_has_an_info_module():
    names = {name[:-3] for name in os.listdir(MODULES) if name.endswith(".py") and not name.startswith("_")}
    resources = {name for name in names if name.startswith(("lightsail_", "route53_")) and not name.endswith("_info")}
    assert sorted(name for name in resources if name + "_info" not in names) == []


def test_key_pairs(modules):
    modules("lightsail_key_pair", name="owner", public_key=PUBLIC, tags={"team": "web"})
    modules("lightsail_key_pair", name="deploy", public_key=PUBLIC)
    everything = modules("lightsail_key_pair_info")["key_pairs"]
    assert [pair["name"] for pair in everything] == ["deploy", "owner"]
    for wish in (dict(names=["owner", "nothing"]), dict(filters={"team": "web"})):
        assert modules("lightsail_key_pair_info", **wish)["key_pairs"] == everything[1:]
    with_default = modules("lightsail_key_pair_info", include_default=True)["key_pairs"]
    assert [pair["name"] for pair in with_default] == ["LightsailDefaultKeyPair", "deploy", "owner"]


def test_static_ips(modules):
    modules("lightsail_instance", name="web", zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="nano_3_0")
    used = modules("lightsail_static_ip", name="used", instance_name="web")["static_ip"]
    idle = modules("lightsail_static_ip", name="idle")["static_ip"]
    assert modules("lightsail_static_ip_info")["static_ips"] == [idle, used]
    assert modules("lightsail_static_ip_info", instance_name="web")["static_ips"] == [used]
    assert modules("lightsail_static_ip_info", instance_name="")["static_ips"] == [idle]
    assert modules("lightsail_static_ip_info", names=["idle", "nothing"])["static_ips"] == [idle]


def test_bucket_access(modules):
    modules("lightsail_instance", name="web", zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="nano_3_0")
    for bucket in ("media-bucket", "other-bucket"):
        modules("lightsail_bucket", name=bucket, bundle_id="small_1_0")
    made = modules("lightsail_bucket_access", bucket="media-bucket", instances=["web"], bucket_key="present")["bucket_access"]
    media, other = modules("lightsail_bucket_access_info")["bucket_access"]
    assert media["instances"] == ["web"] and media["bucket"] == "media-bucket"
    assert [key["access_key_id"] for key in media["access_keys"]] == [made["new_key"]["access_key_id"]]
    assert made["new_key"]["secret_access_key"] not in str(media)
    assert other == {"bucket": "other-bucket", "instances": [], "readonly_access_accounts": [], "access_keys": []}
    assert modules("lightsail_bucket_access_info", buckets=["media-bucket", "no-bucket"])["bucket_access"] == [media]


def test_dns_records(modules):
    modules("lightsail_dns_zone", name="shop.example")
    www = dict(zone="shop.example", name="www", type="A", value=["192.0.2.10", "192.0.2.11"])
    made = modules("lightsail_dns_record", **dict(www, name="www.shop.example"))["record"]
    text = modules("lightsail_dns_record", zone="shop.example", name="@", type="TXT", value="v=spf1 -all")["record"]
    anything = modules("lightsail_dns_record", zone="shop.example", name="*.shop.example", type="CNAME", value="www.shop.example")["record"]
    assert modules("lightsail_dns_record_info", zone="Shop.Example.")["records"] == [anything, text, made]
    assert modules("lightsail_dns_record_info", zone="shop.example", name="@")["records"] == [text]
    assert modules("lightsail_dns_record_info", zone="shop.example", type="A")["records"] == [made]
    assert modules("lightsail_dns_record_info", zone="shop.example", name="mail.shop.example")["records"] == []
    assert "is not in the zone" in modules("lightsail_dns_record_info", zone="shop.example", name="www", fails=True)["msg"]
    assert "NotFoundException" in modules("lightsail_dns_record_info", zone="else.example", fails=True)["msg"]


def test_domains(modules):
    arguments = dict(state="registered", register=True, max_price=50, contacts={"owner": CONTACT}, name_servers=["ns-1.example.net", "ns-2.example.net"])
    made = modules("route53_domain", name="shop.example", **arguments)["domain"]
    (found,) = modules("route53_domain_info")["domains"]
    assert found == {key: made[key] for key in ("name", "name_servers", "auto_renew", "expires_at", "status")}
    assert modules("route53_domain_info", names=["SHOP.example.", "other.example"])["domains"] == [found]
    assert modules("route53_domain_info", names=["other.example"])["domains"] == []
