# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_snapshot and lightsail_snapshot_info, against the local control plane."""

from __future__ import annotations

import pytest

MODULE = "lightsail_snapshot"
INFO = "lightsail_snapshot_info"


@pytest.fixture
def instance(modules):
    modules("lightsail_instance", name="blog-1", zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="small_3_0")
    modules.mutating()
    return modules


@pytest.fixture
def database(modules):
    modules(
        "lightsail_database",
        name="blog-db",
        blueprint_id="mysql_8_0",
        bundle_id="micro_2_0",
        database_name="wordpress",
        master_username="dbmasteruser",
    )
    modules.mutating()
    return modules


def test_an_instance(instance):
    taken = instance.cycle(MODULE, "snapshot", name="golden", source="blog-1", tags={"purpose": "golden"})
    assert taken["actions"] == ["CreateInstanceSnapshot"]
    snapshot = taken["snapshot"]
    assert (snapshot["state"], snapshot["from_instance_name"], snapshot["from_bundle_id"]) == ("available", "blog-1", "small_3_0")
    assert snapshot["tags"] == {"purpose": "golden"}
    assert instance.cycle(MODULE, "snapshot", name="golden", tags={"purpose": "old"})["actions"] == ["TagResource"]
    assert instance.cycle(MODULE, "snapshot", name="golden", state="absent")["actions"] == ["DeleteInstanceSnapshot"]


def test_a_database(database):
    taken = database.cycle(MODULE, "snapshot", name="before-update", type="database", source="blog-db", tags={"a": "b"})
    assert taken["actions"] == ["CreateRelationalDatabaseSnapshot"]
    assert taken["snapshot"]["from_relational_database_name"] == "blog-db" and taken["snapshot"]["state"] == "available"
    removed = database.cycle(MODULE, "snapshot", name="before-update", type="database", state="absent")
    assert removed["actions"] == ["DeleteRelationalDatabaseSnapshot"]


def test_a_source_that_is_still_being_made_is_waited_for(modules):
    modules("lightsail_instance", name="blog-1", zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="small_3_0", wait=False)
    assert modules(MODULE, name="golden", source="blog-1")["snapshot"]["state"] == "available"


def test_a_snapshot_of_something_else_is_an_error(instance):
    instance(MODULE, name="golden", source="blog-1")
    failure = instance(MODULE, name="golden", source="blog-2", fails=True)
    assert "'blog-1'" in failure["msg"] and "'blog-2'" in failure["msg"] and "another name" in failure["msg"]


def test_what_is_missing_is_named(modules):
    assert "without source, or source_snapshot" in modules(MODULE, name="golden", fails=True)["msg"]
    failure = modules(MODULE, name="golden", source="nothing", fails=True)
    assert "nothing" in failure["msg"] and failure["error"]["code"] == "NotFoundException"
    assert modules.mutating() == []


def test_a_lost_answer_is_adopted_by_tags(instance, cloud):
    cloud.fault("CreateInstanceSnapshot", "lost-answer")
    assert instance(MODULE, name="golden", source="blog-1", tags={"a": "b"})["snapshot"]["state"] == "available"


def test_a_failed_operation_is_told(instance, cloud):
    cloud.fault("CreateInstanceSnapshot", "failed-operation")
    failure = instance(MODULE, name="golden", source="blog-1", fails=True)
    assert "failed" in failure["msg"] and failure["changed"] is True


def test_disks(modules, cloud):
    cloud.client().create_disk(diskName="data", availabilityZone="eu-central-1a", sizeInGb=32)
    modules.mutating()
    taken = modules.cycle(MODULE, "snapshot", name="data-1", type="disk", source="data", tags={"a": "b"})
    assert taken["actions"] == ["CreateDiskSnapshot"]
    assert (taken["snapshot"]["state"], taken["snapshot"]["from_disk_name"]) == ("completed", "data")
    copied = modules.cycle(MODULE, "snapshot", name="data-2", type="disk", source_snapshot="data-1")
    assert copied["actions"] == ["CopySnapshot"] and copied["snapshot"]["from_disk_name"] == "data"
    assert modules.cycle(MODULE, "snapshot", name="data-1", type="disk", state="absent")["actions"] == ["DeleteDiskSnapshot"]


def test_copy_from_another_region(instance):
    instance(MODULE, name="golden", source="blog-1")
    instance.mutating()
    copied = instance.cycle(
        MODULE, "snapshot", name="golden", region="us-west-2", source_snapshot="golden", source_region="eu-central-1", tags={"a": "b"}
    )
    assert copied["actions"] == ["CopySnapshot", "TagResource"]
    assert copied["snapshot"]["location"]["region_name"] == "us-west-2" and copied["snapshot"]["from_instance_name"] == "blog-1"


def test_a_copy_waits_for_its_original(instance):
    instance(MODULE, name="golden", source="blog-1", wait=False)
    assert instance(MODULE, name="copy", source_snapshot="golden")["snapshot"]["state"] == "available"


def test_a_lost_answer_to_a_copy_is_adopted(instance, cloud):
    instance(MODULE, name="golden", source="blog-1")
    cloud.fault("CopySnapshot", "lost-answer")
    copy = instance(MODULE, name="copy", source_snapshot="golden", tags={"a": "b"})
    assert copy["snapshot"]["state"] == "available" and copy["snapshot"]["tags"] == {"a": "b"}


@pytest.fixture
def nightly(instance, cloud):
    """An instance with two automatic snapshots; returns their dates, the newest first."""
    client = cloud.client()
    cloud.time_scale(1e-6)
    client.enable_add_on(resourceName="blog-1", addOnRequest={"addOnType": "AutoSnapshot"})

    def taken():
        return [item["date"] for item in client.get_auto_snapshots(resourceName="blog-1")["autoSnapshots"] if item["status"] == "Success"]

    cloud.wait_until(lambda: len(taken()) == 2)
    client.disable_add_on(resourceName="blog-1", addOnType="AutoSnapshot")
    cloud.wait_until(lambda: len(client.get_auto_snapshots(resourceName="blog-1")["autoSnapshots"]) == len(taken()))
    instance.mutating()
    return taken()


def test_keep_an_automatic_snapshot(nightly, modules):
    kept = modules.cycle(MODULE, "snapshot", name="kept", source="blog-1", auto_snapshot=nightly[-1])
    assert kept["actions"] == ["CopySnapshot"] and kept["snapshot"]["is_from_auto_snapshot"] is True
    assert modules(MODULE, name="newest", source="blog-1", auto_snapshot="latest")["snapshot"]["from_instance_name"] == "blog-1"
    failure = modules(MODULE, name="older", source="blog-1", auto_snapshot="2020-01-01", check=True, fails=True)
    assert failure["msg"] == "There is no automatic snapshot of blog-1 of 2020-01-01; there is: %s." % ", ".join(nightly)


def test_delete_an_automatic_snapshot(nightly, modules):
    gone = modules.cycle(MODULE, "snapshot", source="blog-1", auto_snapshot=nightly[-1], state="absent")
    assert gone["actions"] == ["DeleteAutoSnapshot"]
    assert gone["diff"]["before"] == {"source": "blog-1", "auto_snapshot": nightly[-1]}
    left = modules(INFO, source="blog-1", automatic=True)["auto_snapshots"]
    assert [(item["date"], item["status"]) for item in left] == [(date, "Success") for date in nightly[:-1]]
    assert modules(INFO, source="blog-2", automatic=True)["auto_snapshots"] == []
    assert "another one at each run" in modules(MODULE, source="blog-1", auto_snapshot="latest", state="absent", fails=True)["msg"]


def test_keep_the_newest(instance):
    for name in ("night-1", "other-1", "night-2", "night-3"):
        instance(MODULE, name=name, source="blog-1")
    instance.mutating()
    taken = instance.cycle(MODULE, "snapshot", name="night-4", source="blog-1", keep=2, keep_prefix="night-")
    assert taken["actions"] == ["CreateInstanceSnapshot", "DeleteInstanceSnapshot", "DeleteInstanceSnapshot"]
    assert taken["removed"] == ["night-2", "night-1"]
    assert taken["diff"]["before"]["snapshots"] == ["night-3", "night-2", "night-1"]
    assert taken["diff"]["after"]["snapshots"] == ["night-4", "night-3"]
    assert [s["name"] for s in instance(INFO)["snapshots"]] == ["night-4", "night-3", "other-1"]


def test_an_old_snapshot_is_kept_while_it_is_wanted_by_name(instance):
    for name in ("night-1", "night-2"):
        instance(MODULE, name=name, source="blog-1")
    only = instance.cycle(MODULE, "snapshot", name="night-1", keep=1, keep_prefix="night-")
    assert only["removed"] == ["night-2"] and only["snapshot"]["name"] == "night-1"


def test_only_those_that_bear_the_tags_and_are_of_the_source_are_counted(instance):
    instance("lightsail_instance", name="blog-2", zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="small_3_0")
    instance(MODULE, name="night-1", source="blog-1", tags={"site": "blog"})
    instance(MODULE, name="night-2", source="blog-1", tags={"site": "shop"})
    instance(MODULE, name="night-3", source="blog-2", tags={"site": "blog"})
    instance.mutating()
    taken = instance.cycle(MODULE, "snapshot", name="night-4", source="blog-1", keep=1, keep_prefix="night-", tags={"site": "blog"})
    assert taken["removed"] == ["night-1"]


def test_databases_are_kept_as_well(database):
    database(MODULE, name="night-1", type="database", source="blog-db")
    taken = database.cycle(MODULE, "snapshot", name="night-2", type="database", source="blog-db", keep=1, keep_prefix="night-")
    assert taken["removed"] == ["night-1"]


@pytest.mark.parametrize(
    "options, text",
    [
        (dict(type="database", source_snapshot="other"), "cannot be copied"),
        (dict(source="blog-1", source_region="us-west-2"), "goes with source_snapshot or auto_snapshot only"),
        (dict(source="blog-1", auto_snapshot="yesterday"), "it must be a date such as"),
        (dict(auto_snapshot="latest"), "without source"),
        (dict(source="blog-1", keep=0, keep_prefix="golden"), "at least 1"),
        (dict(source="blog-1", keep=3, keep_prefix="night-"), "a beginning of the name golden"),
        (dict(source="blog-1", keep=3), "required together"),
        (dict(source_snapshot="other", auto_snapshot="latest"), "mutually exclusive"),
    ],
)
def test_bad_wishes(modules, options, text):
    assert text in modules(MODULE, name="golden", fails=True, **options)["msg"]
    assert modules.mutating() == []


def test_info_gives_the_newest_first(instance):
    for number in (1, 2, 3):
        instance(MODULE, name=f"golden-{number}", source="blog-1", tags={"number": str(number % 2)})
    instance.mutating()

    def names(**params):
        return [s["name"] for s in instance(INFO, **params)["snapshots"]]

    assert names() == ["golden-3", "golden-2", "golden-1"]
    assert names(filters={"number": "1"}) == ["golden-3", "golden-1"]
    assert names(names=["golden-2", "none"]) == ["golden-2"] and names(source="blog-2") == [] and names(type="database") == []
    assert instance.mutating() == []
