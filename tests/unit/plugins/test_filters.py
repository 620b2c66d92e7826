"""Filters that check names, write for people and judge a site."""

from __future__ import annotations

from ansible_collections.cloudpress.lightsail.plugins.filter.columns import columns
from ansible_collections.cloudpress.lightsail.plugins.filter.site_checks import site_checks
from ansible_collections.cloudpress.lightsail.plugins.filter.unknown_names import unknown_names

NODE = {
    "home": "https://www.shop.example", "site_url": "https://www.shop.example", "database_host": "db", "database_cipher": "TLS_AES",
    "local_database": False, "file_mods_locked": True, "page_view_cron_off": True, "attachments": 3, "offloaded": 3, "self_fetch": "200",
    "cron_entry": True, "cron_seconds_late": 20, "public_port": "closed", "manifest": {"total": "a", "core": "b", "plugins": "c"}, "php": "8.2.1",
    "identity": "m1 k1", "database_server": ["db-host", "8.0.40", "wordpress"], "database_connections": [9, 60],
}


def observed(**more):
    url = "https://www.shop.example"
    page = {"url": f"{url}/", "status": 200, "address": "192.0.2.1", "certificate_days_left": 300, "headers": {}}
    medium = {**page, "url": "https://media.shop.example/a.jpg", "headers": {"x-cache": "Hit from cloudfront"}}
    return {
        "url": url, "other_host": "shop.example", "media_host": "media.shop.example", "certificate_days": 14,
        "pages": [
            page,
            {"url": "http://www.shop.example/", "status": 301, "headers": {"location": f"{url}/"}},
            {"url": "https://shop.example/", "status": 301, "headers": {"location": f"{url}/"}},
        ],
        "media": [medium, medium],
        "bucket": [{"url": "https://bucket.example/a.jpg", "status": 403}],
        "targets": [{"instance_name": "web-1", "instance_health": "healthy"}],
        "nodes": {"web-1": dict(NODE), "web-2": {**NODE, "identity": "m2 k2"}},
        **more,
    }


def failed(checks):
    return [check["name"] for check in checks if not check["ok"]]


def test_a_misspelt_name_comes_with_the_nearest_known_one():
    assert unknown_names(["site_nmae", "site_name"], ["site_name", "site_domain"]) == ["site_nmae (did you mean site_name?)"]
    assert unknown_names(["site_xyzzy"], ["other"]) == ["site_xyzzy"]


def test_columns_are_aligned_and_prices_have_two_digits():
    rows = [{"kind": "database", "monthly": 15.0}, {"kind": "bucket", "monthly": 1.0}]
    assert columns(rows, ["kind", "monthly"]) == ["database  15.00", "bucket    1.00"]


def test_a_list_in_a_column_has_commas_between_its_values():
    assert columns([{"reason": "zone", "nodes": ["web-1", "web-2"]}], ["reason", "nodes"]) == ["zone  web-1, web-2"]


def test_a_site_that_keeps_its_promises_passes():
    assert failed(site_checks(observed())) == []


def test_each_broken_promise_is_named():
    assert failed(site_checks(observed(targets=[{"instance_name": "web-1", "instance_health": "unhealthy"}]))) == ["web-1 target"]
    for key, value, name in (
        ("home", "http://192.0.2.1", "URL"), ("database_cipher", "", "database"), ("local_database", True, "database"),
        ("file_mods_locked", False, "locks"), ("page_view_cron_off", False, "cron"), ("cron_entry", False, "cron"),
        ("cron_seconds_late", 3600, "cron"), ("offloaded", 2, "media"), ("self_fetch", "301", "own URL"), ("public_port", "open", "public port"),
        ("upload", {"url": "https://media.shop.example/b.png", "status": 403}, "upload"),
        ("upload", {"url": "https://www.shop.example/b.png", "status": 200}, "upload"),
        ("shared_files", {"together": False, "line": "not connected with web-1"}, "shared files"),
        ("manifest", {"total": "x", "core": "b", "plugins": "y"}, "drift"), ("php", "8.3.0", "drift"),
    ):
        nodes = {"web-1": NODE, "web-2": {**NODE, "identity": "m2 k2", key: value}}
        assert failed(site_checks(observed(nodes=nodes))) == [f"web-2 {name}"]
    assert failed(site_checks(observed(bucket=[{"url": "https://bucket.example/a.jpg", "status": 200}]))) == ["private bucket"]


def test_what_nodes_do_not_have_in_common_is_named():
    two = {"web-1": NODE, "web-2": {**NODE, "identity": "m2 k2"}}
    drift = site_checks(observed(nodes={**two, "web-3": {**NODE, "identity": "m3 k3", "manifest": {"total": "x", "core": "b", "plugins": "y"}}}))
    assert [check["line"] for check in drift if not check["ok"]] == ["web-3 differs from web-1 in plugins"]
    assert failed(site_checks(observed(nodes={"web-1": NODE, "web-2": NODE}))) == ["web-1 identity", "web-2 identity"]
    assert failed(site_checks(observed(nodes={**two, "web-2": {**two["web-2"], "database_server": ["other", "8", "u"]}}))) == ["one database"]
    assert failed(site_checks(observed(nodes={**two, "web-2": {**two["web-2"], "database_connections": [59, 60]}}))) == ["database connections"]


def test_a_node_that_cannot_be_asked_is_reported_and_not_a_crash():
    checks = site_checks(observed(nodes={"web-1": NODE, "web-2": {"unreachable": "timed out"}, "web-3": {}}))
    assert [check["line"] for check in checks if not check["ok"]] == ["web-2 cannot be asked: timed out", "web-3 cannot be asked: it does not run"]
    assert failed(site_checks(observed(nodes={"web-1": {}}))) == ["web-1 answers"]


def test_a_site_that_does_not_answer_is_reported_and_not_a_crash():
    dead = {"url": "https://www.shop.example/", "error": "Connection refused"}
    assert failed(site_checks(observed(pages=[dead, dead, dead], media=[dead, dead]))) == [
        "site name", "front page", "certificate", "plain HTTP", "other name", "media name", "media host", "media certificate", "media cache"]
