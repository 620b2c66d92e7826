"""What a site is made of, what it costs and what stands in its way."""

from __future__ import annotations

import copy

import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _site

WANTED = {
    "name": "shop", "domain": "shop.example", "dns": "lightsail", "region": "eu-central-1", "zones": ["eu-central-1a"],
    "nodes": ["shop-web-1", "shop-web-2"], "static_ip_nodes": ["shop-web-1"], "key_pair": "shop-key", "bucket": "shop-media",
    "database": "shop-db", "load_balancer": "shop-lb", "distribution": "shop-cdn", "golden_prefix": "shop-golden-", "adopt": [],
    "web_bundle": "small", "bucket_bundle": "tiny", "database_bundle": "micro", "distribution_bundle": "cdn",
    "web_blueprint": "wordpress", "database_blueprint": "mysql",
}
OURS = [{"key": "cloudpress:site", "value": "shop"}]


@pytest.fixture
def account():
    kinds = ("instance", "instance_snapshot", "static_ip", "key_pair", "bucket", "database", "database_snapshot", "load_balancer", "zone", "distribution")
    return {
        **{kind: [] for kind in kinds},
        "bundles": [{"bundleId": "small", "price": 12.0}, {"bundleId": "old", "price": 1.0, "isActive": False}],
        "bucket_bundles": [{"bundleId": "tiny", "price": 1.0}],
        "database_bundles": [{"bundleId": "micro", "price": 15.0}],
        "distribution_bundles": [{"bundleId": "cdn", "price": 2.5}],
        "blueprints": [{"blueprintId": "wordpress", "group": "wordpress"}, {"blueprintId": "lamp_8_bitnami", "group": "lamp_8"}],
        "database_blueprints": [{"blueprintId": "mysql"}],
        "zones": ["eu-central-1a", "eu-central-1b"],
    }


def tagged(name, **more):
    return {"name": name, "tags": copy.deepcopy(OURS), **more}


def sealed(name):
    return {"name": name, "tags": [*OURS, {"key": "cloudpress:phase", "value": "sealed"}], "state": {"name": "running"}}


def test_an_empty_account_has_no_phase_and_no_problem(account):
    assert _site.phase(WANTED, account) == "none"
    assert _site.problems(WANTED, account) == []


def test_the_price_is_that_of_all_parts(account):
    assert sum(row["monthly"] for row in _site.plan(WANTED, account)) == 2 * 12 + 1 + 15 + 18 + 2.5


def test_the_plan_tells_what_exists(account):
    account["bucket"].append(tagged("shop-media"))
    assert [row["name"] for row in _site.plan(WANTED, account) if row["exists"]] == ["shop-media"]


def test_a_resource_with_our_name_and_no_tag_is_refused_unless_adopted(account):
    account["load_balancer"].append({"name": "shop-lb"})
    (sentence,) = _site.problems(WANTED, account)
    assert "load balancer shop-lb" in sentence and "site_adopt" in sentence
    assert _site.problems({**WANTED, "adopt": ["shop-lb"]}, account) == []


@pytest.mark.parametrize(("kind", "name"), [("key_pair", "shop-key"), ("instance", "shop-web-1")])
def test_a_static_ip_is_ours_when_what_is_made_before_it_is(account, kind, name):
    account["static_ip"].append({"name": "shop-web-1-ip"})
    account[kind].append({"name": name, "tags": []})
    assert len(_site.foreign({**WANTED, "adopt": [name]}, account)) == 1
    account[kind][0]["tags"] = OURS
    assert _site.foreign(WANTED, account) == []


def test_another_sites_resource_is_foreign(account):
    account["database"].append({"name": "shop-db", "tags": [{"key": "cloudpress:site", "value": "blog"}]})
    assert len(_site.problems(WANTED, account)) == 1


@pytest.mark.parametrize("option", ["web_bundle", "database_bundle", "bucket_bundle", "distribution_bundle", "web_blueprint", "database_blueprint"])
def test_what_the_region_does_not_offer_is_named(account, option):
    (sentence,) = _site.unoffered({**WANTED, option: "nope"}, account)
    assert "nope" in sentence and "give one of" in sentence


def test_an_inactive_bundle_is_not_offered(account):
    assert _site.unoffered({**WANTED, "web_bundle": "old"}, account)


def test_a_zone_of_another_region_is_named(account):
    (sentence,) = _site.unoffered({**WANTED, "zones": ["us-east-1a"]}, account)
    assert "us-east-1a" in sentence and "eu-central-1a, eu-central-1b" in sentence


def test_a_blueprint_that_is_not_wordpress_is_named_with_the_one_that_is(account):
    (sentence,) = _site.problems({**WANTED, "web_blueprint": "lamp_8_bitnami"}, account)
    assert "lamp_8_bitnami" in sentence and "give wordpress" in sentence


def test_an_instance_of_a_nodes_name_that_is_not_wordpress_is_refused_even_when_adopted(account):
    account["instance"].append({"name": "shop-web-2", "blueprintId": "lamp_8_bitnami"})
    (sentence,) = _site.problems({**WANTED, "adopt": ["shop-web-2"]}, account)
    assert "shop-web-2" in sentence and "lamp_8_bitnami" in sentence
    account["instance"][0]["blueprintId"] = "wordpress_6"  # an id that is no longer offered
    assert _site.problems({**WANTED, "adopt": ["shop-web-2"]}, account) == []


def test_the_phase_is_the_furthest_that_anything_bears_evidence_of(account):
    account["instance"].append(tagged("shop-web-1"))
    assert _site.phase(WANTED, account) == "design"
    account["instance"].append(sealed("shop-web-2"))
    assert _site.phase(WANTED, account) == "sealed"


def test_a_sealed_site_without_its_database_stops_with_the_newest_snapshot(account):
    account["instance"].append(sealed("shop-web-1"))
    account["database_snapshot"] = [
        {"name": "old", "fromRelationalDatabaseName": "shop-db", "createdAt": 1},
        {"name": "new", "fromRelationalDatabaseName": "shop-db", "createdAt": 2},
        {"name": "other", "fromRelationalDatabaseName": "blog-db", "createdAt": 3},
    ]
    (sentence,) = _site.lost_database(WANTED, account)
    assert "from the snapshot new" in sentence


def test_a_lost_primary_needs_a_golden_snapshot_of_this_site(account):
    account["instance"].append(sealed("shop-web-2"))
    account["database"].append(tagged("shop-db"))
    assert len(_site.problems(WANTED, account)) == 1
    account["instance_snapshot"] = [
        {"name": "shop-golden-1", "state": "available", "createdAt": 1},
        tagged("shop-golden-2", state="pending", createdAt=2),
    ]
    assert len(_site.problems(WANTED, account)) == 1
    account["instance_snapshot"].append(tagged("shop-golden-3", state="available", createdAt=3))
    assert _site.golden(WANTED, account)["name"] == "shop-golden-3"
    assert _site.problems(WANTED, account) == []
