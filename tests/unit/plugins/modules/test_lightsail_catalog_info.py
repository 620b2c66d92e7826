# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_catalog_info, against the local control plane."""

from __future__ import annotations

import pytest

from ansible_collections.cloudpress.lightsail.plugins.modules.lightsail_catalog_info import CATALOGUES

MODULE = "lightsail_catalog_info"


@pytest.mark.parametrize(
    "kind, key, value",
    [
        ("regions", "name", "eu-central-1"),
        ("blueprints", "blueprint_id", "wordpress_ls_1_0"),
        ("bundles", "bundle_id", "small_3_0"),
        ("database_blueprints", "blueprint_id", "mysql_8_0"),
        ("database_bundles", "bundle_id", "micro_2_0"),
        ("bucket_bundles", "bundle_id", "small_1_0"),
        ("distribution_bundles", "bundle_id", "small_1_0"),
    ],
)
def test_every_catalogue_holds_what_a_site_needs(modules, kind, key, value):
    result = modules(MODULE, kind=kind)
    entry = next(item for item in result["items"] if item[key] == value)
    assert result["changed"] is False and modules.mutating() == []
    if kind.endswith("bundles"):
        assert entry["price"] > 0
    if kind == "regions":
        assert {"eu-central-1a", "eu-central-1b"} <= {zone["zone_name"] for zone in entry["availability_zones"]}
        assert entry["relational_database_availability_zones"]


def test_what_is_not_sold_any_more_is_left_out_unless_asked_for(modules):
    sold = {item["bundle_id"] for item in modules(MODULE, kind="bundles")["items"]}
    ever = {item["bundle_id"] for item in modules(MODULE, kind="bundles", include_inactive=True)["items"]}
    assert sold < ever


def test_plans_are_those_of_the_region(modules):
    sydney = {item["bundle_id"] for item in modules(MODULE, kind="bundles", region="ap-southeast-2")["items"]}
    assert "small_3_2" in sydney and "small_3_0" not in sydney


def test_every_kind_names_an_operation_of_the_service(cloud):
    known = cloud.client().meta.service_model.operation_names
    assert all(operation in known for operation, *_rest in CATALOGUES.values())
