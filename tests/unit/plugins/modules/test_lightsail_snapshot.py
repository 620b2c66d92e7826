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
    modules("lightsail_instance", name="blog-1", zone="eu-central-1a", blueprint_id="wordpress", bundle_id="small_3_0")
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
    modules("lightsail_instance", name="blog-1", zone="eu-central-1a", blueprint_id="wordpress", bundle_id="small_3_0", wait=False)
    assert modules(MODULE, name="golden", source="blog-1")["snapshot"]["state"] == "available"


def test_a_snapshot_of_something_else_is_an_error(instance):
    instance(MODULE, name="golden", source="blog-1")
    failure = instance(MODULE, name="golden", source="blog-2", fails=True)
    assert "'blog-1'" in failure["msg"] and "'blog-2'" in failure["msg"] and "another name" in failure["msg"]


def test_what_is_missing_is_named(modules):
    assert "without source" in modules(MODULE, name="golden", fails=True)["msg"]
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
