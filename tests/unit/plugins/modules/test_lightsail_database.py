# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_database and lightsail_database_info, against the local control plane."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import pytest

MODULE = "lightsail_database"
INFO = "lightsail_database_info"
BLOG = dict(name="blog-db", blueprint_id="mysql_8_0", bundle_id="micro_2_0", database_name="wordpress", master_username="dbmasteruser")


@pytest.fixture
def blog(modules):
    modules(MODULE, **BLOG)
    modules.mutating()
    return modules


def test_create_and_delete(modules):
    created = modules.cycle(MODULE, "database", **BLOG, zone="eu-central-1a", tags={"cloudpress:site": "blog"})
    assert created["actions"] == ["CreateRelationalDatabase"]
    database = created["database"]
    assert database["state"] == "available" and database["tags"] == {"cloudpress:site": "blog"}
    assert database["master_endpoint"]["port"] == 3306 and database["master_endpoint"]["address"].endswith(".rds.amazonaws.com")
    assert created["diff"]["after"] == dict(BLOG, zone="eu-central-1a", tags={"cloudpress:site": "blog"})

    failure = modules(MODULE, name="blog-db", state="absent", fails=True)
    assert failure["msg"] == "The database blog-db is not deleted without final_snapshot_name or skip_final_snapshot=true."
    assert modules.mutating() == []
    removed = modules.cycle(MODULE, "database", name="blog-db", state="absent", skip_final_snapshot=True)
    assert removed["actions"] == ["DeleteRelationalDatabase"]
    assert modules(MODULE, name="blog-db", state="absent")["changed"] is False  # nothing is there, nothing has to be said


def test_delete_with_a_final_snapshot_and_restore(blog):
    blog.cycle(MODULE, "database", name="blog-db", state="absent", final_snapshot_name="blog-final")
    snapshot = blog("lightsail_snapshot_info", type="database")["snapshots"][0]
    assert snapshot["name"] == "blog-final" and snapshot["state"] == "available"
    restored = blog.cycle(MODULE, "database", name="blog-db", bundle_id="micro_2_0", from_snapshot="blog-final")
    assert restored["actions"] == ["CreateRelationalDatabaseFromSnapshot"]
    assert restored["database"]["master_username"] == "dbmasteruser" and restored["database"]["master_database_name"] == "wordpress"


def test_every_option_at_once(modules):
    created = modules.cycle(
        MODULE,
        "database",
        **BLOG,
        backup_retention=False,
        publicly_accessible=True,
        preferred_backup_window="12:17-12:53",
        preferred_maintenance_window="Sun:13:17-Sun:13:53",
        parameters={"max_connections": 66},
        ca_certificate_identifier="rds-ca-ecc384-g1",
        master_password="a-good-password",
        tags={"a": "b"},
    )
    assert created["actions"] == ["CreateRelationalDatabase", "UpdateRelationalDatabase", "UpdateRelationalDatabaseParameters"]
    assert created["database"]["parameters"] == {"max_connections": "66"}


@pytest.mark.parametrize(
    "option, before, after",
    [
        ("backup_retention", True, False),
        ("publicly_accessible", False, True),
        ("preferred_backup_window", None, "11:17-11:53"),
        ("preferred_maintenance_window", None, "mon:10:17-mon:10:53"),
        ("ca_certificate_identifier", "rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1"),
    ],
)
def test_what_can_be_changed(blog, option, before, after):
    changed = blog.cycle(MODULE, "database", name="blog-db", **{option: after})
    assert changed["actions"] == ["UpdateRelationalDatabase"]
    assert changed["diff"]["after"] == {"name": "blog-db", option: after}
    assert before is None or changed["diff"]["before"][option] == before


def test_several_changes_are_one_call(blog):
    changed = blog.cycle(MODULE, "database", name="blog-db", backup_retention=False, preferred_backup_window="11:17-11:53", tags={"x": "y"})
    assert changed["actions"] == ["UpdateRelationalDatabase", "TagResource"]


def test_parameters(blog):
    changed = blog.cycle(MODULE, "database", name="blog-db", parameters={"max_connections": 50, "slow_query_log": True})
    assert changed["actions"] == ["UpdateRelationalDatabaseParameters"]
    assert changed["diff"]["after"]["parameters"] == {"max_connections": "50", "slow_query_log": "1"}
    failure = blog(MODULE, name="blog-db", parameters={"max_conections": 50}, fails=True)
    assert failure["msg"] == "The database blog-db has no parameter max_conections; did you mean max_connections."


def test_power(blog):
    stopped = blog.cycle(MODULE, "database", name="blog-db", state="stopped")
    assert stopped["actions"] == ["StopRelationalDatabase"] and stopped["database"]["state"] == "stopped"
    assert blog(MODULE, name="blog-db")["changed"] is False
    assert blog.cycle(MODULE, "database", name="blog-db", state="running")["actions"] == ["StartRelationalDatabase"]
    for dummy in range(2):
        assert blog(MODULE, name="blog-db", state="rebooted")["actions"] == ["RebootRelationalDatabase"]


@pytest.mark.parametrize(
    "option, wanted",
    [
        ("zone", "eu-central-1c"),
        ("blueprint_id", "mysql_5_7"),
        ("bundle_id", "large_2_0"),
        ("database_name", "other"),
        ("master_username", "other"),
    ],
)
def test_drift_that_cannot_be_changed_is_an_error(blog, option, wanted):
    failure = blog(MODULE, fails=True, name="blog-db", **{option: wanted})
    assert option in failure["msg"] and repr(wanted) in failure["msg"]
    assert blog.mutating() == []


def password_of(modules, name="blog-db"):
    return modules(INFO, names=[name], master_password=True)["databases"][0]["master_user_password"]


def test_a_password_of_ones_own(blog):
    changed = blog.cycle(MODULE, "database", name="blog-db", master_password="another-good-one")
    assert changed["actions"] == ["UpdateRelationalDatabase"] and password_of(blog) == "another-good-one"
    assert "another-good-one" not in str(changed["diff"]) and "changed" in changed["diff"]["after"]["master_password"]


@pytest.mark.parametrize("wish", [dict(master_password="another-good-one"), dict(rotate_password_before="now")])
def test_a_lost_answer_to_a_new_password_is_no_second_one(blog, cloud, wish):
    if "rotate_password_before" in wish:
        wish = dict(rotate_password_before=datetime.datetime.now(datetime.timezone.utc).isoformat())
    first = password_of(blog)
    cloud.time_scale(0.02)  # the SDK asks again within a second, and AWS needs minutes
    cloud.fault("UpdateRelationalDatabase", "lost-answer")
    assert blog(MODULE, name="blog-db", **wish)["changed"] is True
    assert cloud.client().get_relational_database_master_user_password(relationalDatabaseName="blog-db", passwordVersion="PREVIOUS")[
        "masterUserPassword"
    ] == first
    assert blog(MODULE, name="blog-db", **wish)["changed"] is False


def test_rotating_is_an_order_that_is_carried_out_once(blog):
    first = password_of(blog)
    moment = datetime.datetime.now(datetime.timezone.utc).isoformat()
    changed = blog.cycle(MODULE, "database", name="blog-db", rotate_password_before=moment)
    assert changed["actions"] == ["UpdateRelationalDatabase"] and password_of(blog) != first
    assert "rotate_password_before" not in changed["database"] and "password_created_at" not in changed["database"]
    # Also the next seconds: no password made now is newer than they are, so the order would be carried out again and again.
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=30)).isoformat()
    for wrong, text in (("2026-11-24", "with an offset"), ("2999-01-01T00:00:00Z", "still to come"), (soon, "still to come")):
        assert text in blog(MODULE, name="blog-db", rotate_password_before=wrong, fails=True)["msg"]


class Ahead(datetime.datetime):
    """The clock of a controller that is five seconds ahead of AWS's."""

    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(seconds=5)


def test_rotating_is_over_once_the_password_is_another_one_even_when_the_clock_of_aws_is_behind(blog, monkeypatch):
    first = password_of(blog)
    clock = SimpleNamespace(datetime=Ahead, timezone=datetime.timezone)
    monkeypatch.setattr(f"ansible_collections.cloudpress.lightsail.plugins.modules.{MODULE}.datetime", clock)
    moment = Ahead.now(datetime.timezone.utc).isoformat()
    assert blog(MODULE, name="blog-db", rotate_password_before=moment, wait_timeout=10)["actions"] == ["UpdateRelationalDatabase"]
    assert password_of(blog) != first


def test_upgrade(blog):
    failure = blog(MODULE, name="blog-db", blueprint_id="mysql_8_4", fails=True)
    assert "set allow_upgrade" in failure["msg"] and blog.mutating() == []
    changed = blog.cycle(MODULE, "database", name="blog-db", blueprint_id="mysql_8_4", allow_upgrade=True)
    assert changed["actions"] == ["UpdateRelationalDatabase"] and changed["database"]["engine_version"] == "8.4.5"


def test_what_may_wait_for_the_window_is_ordered_once(blog):
    wishes = dict(name="blog-db", backup_retention=False, blueprint_id="mysql_8_4", allow_upgrade=True)
    ordered = blog.cycle(MODULE, "database", **wishes, apply_immediately=False)
    assert ordered["actions"] == ["UpdateRelationalDatabase"]
    found = ordered["database"]
    assert found["pending_modified_values"] == {"backup_retention_enabled": False, "engine_version": "8.4.5"}
    assert found["backup_retention_enabled"] is True and found["relational_database_blueprint_id"] == "mysql_8_0"
    applied = blog.cycle(MODULE, "database", **wishes)
    assert applied["database"]["backup_retention_enabled"] is False and applied["database"]["engine_version"] == "8.4.5"
    failure = blog(MODULE, name="blog-db", ca_certificate_identifier="rds-ca-ecc384-g1", apply_immediately=False, fails=True)
    assert "cannot be changed with apply_immediately=false" in failure["msg"]


def test_another_database_as_of_an_earlier_moment(blog):
    latest = blog(INFO, names=["blog-db"])["databases"][0]["latest_restorable_time"]
    for name, moment in (("of-latest", "latest"), ("of-moment", latest)):
        made = blog.cycle(MODULE, "database", name=name, bundle_id="micro_2_0", from_database="blog-db", restore_time=moment)
        assert made["actions"] == ["CreateRelationalDatabaseFromSnapshot"] and made["database"]["master_database_name"] == "wordpress"
        assert password_of(blog, name) == password_of(blog)
    blog.mutating()
    restore = dict(name="no", bundle_id="micro_2_0", from_database="blog-db", check=True, fails=True)
    assert "the latest moment of blog-db that can be restored is" in blog(MODULE, **restore, restore_time="2999-01-01T00:00:00Z")["msg"]
    assert "moment with an offset" in blog(MODULE, **restore, restore_time="yesterday")["msg"]
    assert "from nobody, which does not exist" in blog(MODULE, **dict(restore, from_database="nobody"), restore_time="latest")["msg"]
    blog(MODULE, name="blog-db", backup_retention=False)
    assert "which has no automatic backups" in blog(MODULE, **restore, restore_time="latest")["msg"]


def test_parameters_that_wait_for_a_reboot(blog):
    changed = blog.cycle(MODULE, "database", name="blog-db", parameters={"max_connections": 50}, parameters_apply="pending-reboot")
    assert changed["actions"] == ["UpdateRelationalDatabaseParameters"]
    assert changed["database"]["parameter_apply_status"] == "pending-reboot"
    assert blog(MODULE, name="blog-db", state="rebooted")["database"]["parameter_apply_status"] == "in-sync"
    changed = blog.cycle(MODULE, "database", name="blog-db", parameters={"back_log": 200})  # static
    assert changed["database"]["parameter_apply_status"] == "pending-reboot"


def test_stop_with_a_snapshot(blog):
    stopped = blog.cycle(MODULE, "database", name="blog-db", state="stopped", stop_snapshot_name="last")
    assert stopped["actions"] == ["StopRelationalDatabase"]
    assert blog("lightsail_snapshot_info", type="database")["snapshots"][0]["name"] == "last"


def test_a_stopped_one_is_started_before_it_is_changed(blog):
    wishes = dict(name="blog-db", backup_retention=False, parameters={"max_connections": 50})
    blog(MODULE, name="blog-db", state="stopped", parameters={"max_connections": 60})
    assert blog(MODULE, name="blog-db", state="stopped", parameters={"max_connections": 60})["changed"] is False
    blog.mutating()
    for state in ("present", "stopped"):
        failure = blog(MODULE, **wishes, state=state, fails=True)
        assert "AWS refuses to change backup_retention and parameters then" in failure["msg"]
    assert blog.mutating() == []
    changed = blog.cycle(MODULE, "database", **wishes, state="running")
    assert changed["actions"] == ["StartRelationalDatabase", "UpdateRelationalDatabase", "UpdateRelationalDatabaseParameters"]
    blog(MODULE, name="blog-db", state="stopped")
    blog.mutating()
    assert blog(MODULE, name="blog-db", tags={"a": "b"})["actions"] == ["TagResource"]


def test_what_is_missing_or_contradicts_is_named(modules):
    failure = modules(MODULE, name="blog-db", fails=True)
    assert "without blueprint_id and database_name and master_username, or from_snapshot, or from_database." in failure["msg"]
    assert "without bundle_id" in modules(MODULE, fails=True, **{k: v for k, v in BLOG.items() if k != "bundle_id"})["msg"]
    assert "two zones" in modules(MODULE, fails=True, **dict(BLOG, bundle_id="micro_ha_2_0", zone="eu-central-1a"))["msg"]
    assert modules.mutating() == []


def test_a_change_that_is_under_way_is_waited_for(blog):
    blog(MODULE, name="blog-db", publicly_accessible=True, wait=False)
    later = blog(MODULE, name="blog-db", publicly_accessible=True, backup_retention=False)
    assert later["database"]["state"] == "available" and later["database"]["publicly_accessible"] is True


def test_a_lost_answer_is_adopted_by_tags(modules, cloud):
    cloud.fault("CreateRelationalDatabase", "lost-answer")
    assert modules(MODULE, **BLOG, tags={"cloudpress:site": "blog"})["database"]["state"] == "available"


def test_a_failed_operation_is_told(modules, cloud):
    cloud.fault("CreateRelationalDatabase", "failed-operation")
    failure = modules(MODULE, **BLOG, fails=True)
    assert "failed" in failure["msg"] and failure["changed"] is True


def test_info_and_the_password(blog):
    found = blog(INFO, names=["blog-db", "none"])["databases"]
    assert [d["name"] for d in found] == ["blog-db"] and "master_user_password" not in found[0]
    password = blog(INFO, names=["blog-db"], master_password=True)["databases"][0]["master_user_password"]
    assert len(password) >= 8
    assert blog(INFO, filters={"a": "b"})["databases"] == [] and blog(INFO, names=["none"])["databases"] == []
    assert blog.mutating() == []
