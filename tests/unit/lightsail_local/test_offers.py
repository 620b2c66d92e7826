# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sold at the end of 2026, and what a rehearsal changes about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from lightsail_local.control import catalogue_data

from .helpers import instance_state, make_instances

BITNAMI = {"wordpress", "wordpress_multisite", "lamp_8_bitnami", "nginx", "nodejs"}
DATABASE = {
    "relationalDatabaseName": "db",
    "relationalDatabaseBlueprintId": "mysql_8_0",
    "relationalDatabaseBundleId": "micro_2_0",
    "masterDatabaseName": "wordpress",
    "masterUsername": "dbmasteruser",
}


def sell(cloud, kind, item_id, sold=False):
    cloud.admin("sell", kind=kind, id=item_id, sold=sold)


def refused(cloud, kind, item_id):
    status, document = cloud.daemon.admin.handle("sell", {"kind": kind, "id": item_id, "sold": False})
    assert status == 400
    return document["error"]


def listed(items, member):
    return {item[member]: item.get("isActive") for item in items}


def blueprints(client, **options):
    found = {}
    while True:
        answer = client.get_blueprints(**options)
        found.update(listed(answer["blueprints"], "blueprintId"))
        if not answer.get("nextPageToken"):
            return found
        options["pageToken"] = answer["nextPageToken"]


def bundles(client, **options):
    found = {}
    while True:
        answer = client.get_bundles(**options)
        found.update(listed(answer["bundles"], "bundleId"))
        if not answer.get("nextPageToken"):
            return found
        options["pageToken"] = answer["nextPageToken"]


def images(cloud):
    """What the hosts are made of, by their names."""
    return {item["name"]: item["source"] for item in cloud.daemon.cloud.data_plane.instances.values()}


def snapshot(cloud, instance, name):
    client = cloud.client()
    client.create_instance_snapshot(instanceName=instance, instanceSnapshotName=name)
    return cloud.wait_until(
        lambda: (lambda item: item if item["state"] == "available" else None)(
            client.get_instance_snapshot(instanceSnapshotName=name)["instanceSnapshot"]
        )
    )


def test_what_bitnami_packaged_is_not_sold_and_what_lightsail_packages_is(cloud):
    client = cloud.client()
    sold = blueprints(client)
    assert not BITNAMI & set(sold) and all(sold.values())
    assert {"wordpress_ls_1_0", "lamp_ls_1_0", "openclaw_ls_1_0", "joomla", "ghost_bitnami"} <= set(sold)
    everything = blueprints(client, includeInactive=True)
    assert {blueprint: everything[blueprint] for blueprint in BITNAMI} == dict.fromkeys(BITNAMI, False)
    for blueprint in sorted(BITNAMI):
        with pytest.raises(ClientError, match=f"The blueprint {blueprint} is not available."):
            make_instances(cloud, "one", blueprintId=blueprint)
    assert client.get_instances()["instances"] == []


def test_a_row_of_the_catalogue_has_nothing_of_ours(cloud):
    (row,) = [item for item in cloud.client().get_blueprints()["blueprints"] if item["blueprintId"] == "wordpress_ls_1_0"]
    assert {"username", "ports", "image", "httpTokens"} & set(row) == set()
    assert row["name"] == "WordPress" and row["platform"] == "LINUX_UNIX"


def test_a_host_of_lightsails_own_is_closed_to_ssh_and_asks_for_tokens(cloud):
    make_instances(cloud, "one")
    client = cloud.client()
    found = client.get_instance(instanceName="one")["instance"]
    assert found["metadataOptions"]["httpTokens"] == "required"
    assert client.get_instance_access_details(instanceName="one")["accessDetails"]["username"] == "admin"
    states = {item["fromPort"]: item for item in client.get_instance_port_states(instanceName="one")["portStates"]}
    assert (states[22]["cidrs"], states[22]["ipv6Cidrs"], states[22]["cidrListAliases"]) == ([], [], ["lightsail-connect"])
    for port in (80, 443):
        assert (states[port]["cidrs"], states[port]["cidrListAliases"]) == (["0.0.0.0/0"], [])
    assert {item["fromPort"]: item["accessFrom"] for item in found["networking"]["ports"]}[22] == "Custom"
    # What the host's filter lets in: nobody on 22, until the port is opened.
    (host,) = cloud.daemon.cloud.data_plane.instances.values()
    assert {rule["from_port"]: rule["cidrs"] for rule in host["rules"]} == {22: [], 80: ["0.0.0.0/0"], 443: ["0.0.0.0/0"]}
    client.open_instance_public_ports(
        instanceName="one",
        portInfo={"fromPort": 22, "toPort": 22, "protocol": "tcp", "cidrs": ["203.0.113.0/24"], "cidrListAliases": ["lightsail-connect"]},
    )
    assert {rule["from_port"]: rule["cidrs"] for rule in host["rules"]}[22] == ["203.0.113.0/24"]


def test_a_bitnami_host_is_another_image_with_another_login_and_firewall(cloud):
    sell(cloud, "blueprint", "wordpress", True)
    make_instances(cloud, "old", blueprintId="wordpress")
    make_instances(cloud, "new")
    assert images(cloud) == {"old": {"image": "bitnami"}, "new": {"image": "lightsail"}}
    client = cloud.client()
    assert client.get_instance(instanceName="old")["instance"]["username"] == "bitnami"
    assert client.get_instance_access_details(instanceName="old")["accessDetails"]["username"] == "bitnami"
    states = client.get_instance_port_states(instanceName="old")["portStates"]
    assert {item["fromPort"]: item["cidrs"] for item in states} == dict.fromkeys((22, 80, 443), ["0.0.0.0/0"])


def test_what_bitnami_packages_has_a_host_with_bitnamis_login():
    rows = catalogue_data.load("blueprints")["blueprints"]
    assert {row["blueprintId"] for row in rows if row["username"] == "bitnami"} == {row["blueprintId"] for row in rows if row.get("image") == "bitnami"}


def test_snapshots_of_what_is_not_sold_any_more_still_make_instances(cloud):
    sell(cloud, "blueprint", "wordpress", True)
    make_instances(cloud, "old", blueprintId="wordpress")
    sell(cloud, "blueprint", "wordpress")
    sell(cloud, "bundle", "small_3_0")
    assert snapshot(cloud, "old", "snap")["fromBlueprintId"] == "wordpress"
    client = cloud.client()
    client.create_instances_from_snapshot(
        instanceNames=["copy"], availabilityZone="eu-central-1b", bundleId="small_3_0", instanceSnapshotName="snap"
    )
    cloud.wait_until(lambda: instance_state(cloud, "copy") == "running")
    copy = client.get_instance(instanceName="copy")["instance"]
    assert (copy["blueprintId"], copy["username"], copy["bundleId"]) == ("wordpress", "bitnami", "small_3_0")
    assert "snapshot" in images(cloud)["copy"]
    client.stop_instance(instanceName="old")
    cloud.wait_until(lambda: instance_state(cloud, "old") == "stopped")
    client.start_instance(instanceName="old")
    cloud.wait_until(lambda: instance_state(cloud, "old") == "running")


def test_a_retired_blueprint_is_refused_until_it_is_offered_again(cloud):
    client = cloud.client()
    sell(cloud, "blueprint", "wordpress_ls_1_0")
    assert "wordpress_ls_1_0" not in blueprints(client)
    assert blueprints(client, includeInactive=True)["wordpress_ls_1_0"] is False
    with pytest.raises(ClientError, match="The blueprint wordpress_ls_1_0 is not available.") as caught:
        make_instances(cloud, "one")
    assert caught.value.response["Error"]["Code"] == "InvalidInputException"
    sell(cloud, "blueprint", "wordpress_ls_1_0", True)
    assert blueprints(client)["wordpress_ls_1_0"] is True
    make_instances(cloud, "one")


@pytest.mark.parametrize("bundle", ["nano_2_0", "small_3_0"])
def test_a_bundle_that_is_not_sold_is_not_listed_and_still_makes_instances(cloud, bundle):
    client = cloud.client()
    sell(cloud, "bundle", bundle)
    assert bundle not in bundles(client)
    assert bundles(client, includeInactive=True)[bundle] is False
    make_instances(cloud, "one", bundleId=bundle)
    assert client.get_instance(instanceName="one")["instance"]["bundleId"] == bundle


@pytest.mark.parametrize(
    ("kind", "item_id", "text"),
    [("database-blueprint", "mysql_8_0", "The database blueprint mysql_8_0 is not"), ("database-bundle", "micro_2_0", "The database bundle micro_2_0 is not")],
)
def test_a_retired_offer_of_databases_makes_no_new_one(cloud, kind, item_id, text):
    client = cloud.client()

    def ids():
        if kind == "database-bundle":
            return listed(client.get_relational_database_bundles()["bundles"], "bundleId")
        return listed(client.get_relational_database_blueprints()["blueprints"], "blueprintId")

    assert item_id in ids()
    sell(cloud, kind, item_id)
    assert item_id not in ids()
    with pytest.raises(ClientError, match=text):
        client.create_relational_database(**DATABASE)
    sell(cloud, kind, item_id, True)
    client.create_relational_database(**DATABASE)


def test_a_database_of_retired_offers_is_restored_to_the_plan_it_had(cloud):
    client = cloud.client()
    client.create_relational_database(**DATABASE)

    def available(name):
        return client.get_relational_database(relationalDatabaseName=name)["relationalDatabase"]["state"] == "available"

    cloud.wait_until(lambda: available("db"))
    client.create_relational_database_snapshot(relationalDatabaseName="db", relationalDatabaseSnapshotName="snap")
    cloud.wait_until(
        lambda: client.get_relational_database_snapshot(relationalDatabaseSnapshotName="snap")["relationalDatabaseSnapshot"]["state"] == "available"
    )
    for kind, item_id in (("database-blueprint", "mysql_8_0"), ("database-bundle", "micro_2_0"), ("database-bundle", "small_2_0")):
        sell(cloud, kind, item_id)
    client.create_relational_database_from_snapshot(relationalDatabaseName="copy", relationalDatabaseSnapshotName="snap")
    cloud.wait_until(lambda: available("copy"))
    with pytest.raises(ClientError, match="The database bundle small_2_0 is not available"):
        client.create_relational_database_from_snapshot(
            relationalDatabaseName="larger", relationalDatabaseSnapshotName="snap", relationalDatabaseBundleId="small_2_0"
        )


def test_an_id_that_nobody_has_seen_is_told_to_be_a_guess(cloud):
    """It is marked in the list, in what the API says of it, and on the page; the mark itself is no part of an answer."""
    rows = {item["blueprintId"]: item for item in cloud.client().get_relational_database_blueprints()["blueprints"]}
    assert "guess" in rows["mysql_8_4"]["engineVersionDescription"] and "guess" not in rows["mysql_8_0"]["engineVersionDescription"]
    guessed = [item["blueprintId"] for item in catalogue_data.load("database_blueprints")["blueprints"] if item.get("guess")]
    guessed += [item["bundleId"] for item in catalogue_data.load("bundles")["bundles"] if item.get("guess")]
    assert {"mysql_8_4", "4xlarge_3_0"} <= set(guessed)
    page = (Path(__file__).parents[3] / "docs" / "lightsail_local.md").read_text()
    for item_id in guessed:
        assert re.search(rf"^\|[^|]*`{item_id}`[^|]*\|[^|]*\| a guess;", page, re.M)


def test_a_reset_sells_again_what_the_catalogue_says(cloud):
    sell(cloud, "blueprint", "wordpress_ls_1_0")
    sell(cloud, "blueprint", "wordpress", True)
    cloud.admin("reset")
    sold = blueprints(cloud.client())
    assert "wordpress_ls_1_0" in sold and "wordpress" not in sold


def test_what_the_catalogue_does_not_have_is_told_with_what_it_has(cloud):
    assert refused(cloud, "disk", "x") == "There is no kind disk; the kinds are blueprint, bundle, database-blueprint, database-bundle."
    assert refused(cloud, "database-blueprint", "mysql_9") == "The catalogue has no database-blueprint mysql_9; it has mysql_8_0, mysql_8_4 (guess)."
    assert "it has amazon_linux" in refused(cloud, "blueprint", "wordpres")
    assert cloud.daemon.store.data["offers"] == {}
