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
    "web_blueprint": "", "from_snapshot": "", "database_blueprint": "mysql",
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
        "blueprints": [
            {"blueprintId": "wordpress_ls_1_0"},
            {"blueprintId": "wordpress", "isActive": False},
            {"blueprintId": "wordpress_multisite", "isActive": False},
            {"blueprintId": "lamp_ls_1_0"},
        ],
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


@pytest.mark.parametrize("option", ["web_bundle", "database_bundle", "bucket_bundle", "distribution_bundle", "database_blueprint"])
def test_what_the_region_does_not_offer_is_named(account, option):
    (sentence,) = _site.unoffered({**WANTED, option: "nope"}, account)
    assert "nope" in sentence and "give one of" in sentence


def test_an_inactive_bundle_is_not_offered_to_a_new_site(account):
    assert _site.unoffered({**WANTED, "web_bundle": "old"}, account)


@pytest.mark.parametrize("kind", ["bundles", "database_bundles", "bucket_bundles", "distribution_bundles", "blueprints", "database_blueprints"])
def test_what_stands_is_not_judged_by_what_is_sold(account, kind):
    account["instance"] = [sealed("shop-web-1"), sealed("shop-web-2")]
    account["database"].append(tagged("shop-db"))
    account["bucket"].append(tagged("shop-media"))
    account["distribution"].append(tagged("shop-cdn"))
    account["instance_snapshot"].append(tagged("shop-golden-1", state="available", createdAt=1))
    for row in account[kind]:
        row["isActive"] = False
    assert _site.problems(WANTED, account) == []
    account["instance"].pop()  # one more is made from the golden snapshot, in the same plan
    assert _site.problems(WANTED, account) == []
    account[kind] = []
    assert _site.problems(WANTED, account) == []
    assert all(row["monthly"] is None or row["monthly"] >= 0 for row in _site.plan(WANTED, account))


def test_a_zone_of_another_region_is_named(account):
    (sentence,) = _site.unoffered({**WANTED, "zones": ["us-east-1a"]}, account)
    assert "us-east-1a" in sentence and "eu-central-1a, eu-central-1b" in sentence


def test_the_newest_wordpress_packaged_by_lightsail_is_chosen_by_its_id(account):
    assert _site.web_blueprint(WANTED, account) == "wordpress_ls_1_0"
    account["blueprints"] += [{"blueprintId": f"wordpress_ls_{number}"} for number in ("1_9", "1_10", "multisite")]
    account["blueprints"].append({"blueprintId": "wordpress_ls_2_0", "isActive": False})
    assert _site.web_blueprint(WANTED, account) == "wordpress_ls_1_10"
    assert _site.web_blueprint({**WANTED, "from_snapshot": "mine"}, account) == ""


def test_a_region_without_it_is_refused_with_what_there_is(account):
    account["blueprints"][0]["isActive"] = False
    (sentence,) = _site.problems(WANTED, account)
    assert "offers no WordPress packaged by Lightsail" in sentence and "site_from_snapshot" in sentence and "give one of" not in sentence
    account["blueprints"][1]["isActive"] = True
    (sentence,) = _site.problems(WANTED, account)
    assert "give one of wordpress in site_web_blueprint" in sentence


@pytest.mark.parametrize("blueprint", ["lamp_ls_1_0", "wordpress_multisite", "debian_12", "nope"])
def test_a_blueprint_that_is_not_wordpress_is_named_with_the_one_that_is(account, blueprint):
    (sentence,) = _site.problems({**WANTED, "web_blueprint": blueprint}, account)
    assert blueprint in sentence and "give wordpress_ls_1_0" in sentence


def test_a_blueprint_that_is_no_longer_sold_is_refused_with_what_is(account):
    (sentence,) = _site.problems({**WANTED, "web_blueprint": "wordpress"}, account)
    assert "site_web_blueprint is wordpress" in sentence and "give one of wordpress_ls_1_0" in sentence


def snapshot(**more):
    return {"name": "mine", "tags": [], "state": "available", "fromBlueprintId": "wordpress", "sizeInGb": 20, **more}


def test_a_site_may_start_from_a_snapshot_of_a_blueprint_that_is_not_sold(account):
    account["blueprints"] = []
    account["instance_snapshot"].append(snapshot())
    assert _site.problems({**WANTED, "from_snapshot": "mine"}, account) == []


@pytest.mark.parametrize(
    ("found", "option", "words"),
    [
        (None, {}, "no instance snapshot of that name"),
        (snapshot(state="pending"), {}, "is pending"),
        (snapshot(fromBlueprintId="wordpress_multisite"), {}, "not a single WordPress"),
        (snapshot(fromBlueprintId="ubuntu_24_04"), {}, "not a single WordPress"),
        (snapshot(sizeInGb=640), {}, "a larger bundle"),
        (snapshot(), {"web_blueprint": "wordpress_ls_1_0"}, "give one of the two"),
    ],
)
def test_a_snapshot_that_cannot_be_started_from_is_refused_in_one_sentence(account, found, option, words):
    account["bundles"][0]["diskSizeInGb"] = 60
    account["instance_snapshot"] += [found] if found else []
    (sentence,) = _site.problems({**WANTED, "from_snapshot": "mine", **option}, account)
    assert words in sentence


def test_the_snapshot_is_of_no_concern_once_the_primary_exists(account):
    account["instance"].append(tagged("shop-web-1", blueprintId="wordpress"))
    assert _site.problems({**WANTED, "from_snapshot": "gone"}, account) == []


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


def test_a_published_site_is_not_led_to_an_empty_bucket(account):
    account["instance"] += [sealed("shop-web-1"), sealed("shop-web-2")]
    account["database"].append(tagged("shop-db"))
    account["bucket"].append(tagged("shop-media"))
    assert _site.problems(WANTED, account) == []
    (sentence,) = _site.problems({**WANTED, "bucket": "shop-other"}, account)
    assert sentence.endswith("the media of the site are in shop-media: set site_bucket_name to that name.")


@pytest.mark.parametrize("domain", ["other.example", "hop.example"])
def test_a_published_site_is_not_led_to_another_domain(account, domain):
    account["instance"] += [sealed("shop-web-1"), sealed("shop-web-2")]
    account["database"].append(tagged("shop-db"))
    account["bucket"].append(tagged("shop-media"))
    account["distribution"].append(tagged("shop-cdn", alternativeDomainNames=["media.shop.example"]))
    assert _site.problems(WANTED, account) == []
    (sentence,) = _site.problems({**WANTED, "domain": domain, "bucket": "shop-other"}, account)
    assert "the site serves its media at media.shop.example: set site_domain back." in sentence


def test_a_site_in_design_may_change_its_domain(account):
    account["instance"].append(tagged("shop-web-1"))
    account["bucket"].append(tagged("shop-media"))
    assert _site.problems({**WANTED, "domain": "other.example", "bucket": "other-media"}, account) == []
