# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime
import re

import pytest
from botocore.exceptions import ClientError

from .helpers import database, make_database


def test_operation_ends_before_the_database_is_available(cloud):
    cloud.time_scale(0.006)
    client = cloud.client()
    operation = client.create_relational_database(
        relationalDatabaseName="db",
        relationalDatabaseBlueprintId="mysql_8_0",
        relationalDatabaseBundleId="micro_2_0",
        masterDatabaseName="wordpress",
        masterUsername="dbmasteruser",
        preferredMaintenanceWindow="Sat:11:14-Sat:11:44",
    )["operations"][0]
    assert operation["status"] == "Started"
    assert database(cloud)["state"] == "creating"
    assert "masterEndpoint" not in database(cloud)
    cloud.wait_until(lambda: client.get_operation(operationId=operation["id"])["operation"]["isTerminal"])
    assert database(cloud)["state"] == "backing-up"
    cloud.wait_until(lambda: database(cloud)["state"] == "available")
    found = database(cloud)
    assert found["masterEndpoint"]["port"] == 3306
    assert found["masterEndpoint"]["address"].endswith(".eu-central-1.rds.amazonaws.com")
    assert found["preferredMaintenanceWindow"] == "sat:11:14-sat:11:44"
    assert found["backupRetentionEnabled"] is True
    assert cloud.admin("resolve", name=found["masterEndpoint"]["address"])["addresses"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"masterUserPassword": "short"}, "password is not valid"),
        ({"masterUserPassword": "with@sign-in-it"}, "password is not valid"),
        ({"masterUsername": "rdsadmin"}, "user name rdsadmin is not valid"),
        ({"masterDatabaseName": "1db"}, "database name 1db is not valid"),
        ({"relationalDatabaseBundleId": "micro_1_0"}, "bundle micro_1_0 is not available"),
        ({"relationalDatabaseBundleId": "micro_ha_2_0", "availabilityZone": "eu-central-1a"}, "high availability"),
        ({"preferredBackupWindow": "03:00-03:10"}, "at least 30 minutes"),
    ],
)
def test_create_refuses(cloud, options, text):
    with pytest.raises(ClientError, match=text):
        make_database(cloud, **options)


def test_password_is_made_read_and_rotated(cloud):
    make_database(cloud)
    client = cloud.client()
    first = client.get_relational_database_master_user_password(relationalDatabaseName="db")["masterUserPassword"]
    assert len(first) == 32
    cloud.time_scale(0.01)
    client.update_relational_database(relationalDatabaseName="db", rotateMasterUserPassword=True)
    assert database(cloud)["state"] == "resetting-master-credentials"
    assert database(cloud)["pendingModifiedValues"] == {"masterUserPassword": "****"}
    pending = client.get_relational_database_master_user_password(relationalDatabaseName="db", passwordVersion="PENDING")
    cloud.wait_until(lambda: database(cloud)["state"] == "available")
    current = client.get_relational_database_master_user_password(relationalDatabaseName="db")["masterUserPassword"]
    assert current == pending["masterUserPassword"] != first
    previous = client.get_relational_database_master_user_password(relationalDatabaseName="db", passwordVersion="PREVIOUS")
    assert previous["masterUserPassword"] == first
    with pytest.raises(ClientError, match="does not exist"):
        client.get_relational_database_master_user_password(relationalDatabaseName="db", passwordVersion="PENDING")


def test_values_change_after_the_operation(cloud):
    make_database(cloud)
    cloud.time_scale(0.01)
    client = cloud.client()
    operation = client.update_relational_database(
        relationalDatabaseName="db", publiclyAccessible=True, disableBackupRetention=True, applyImmediately=True
    )["operations"][0]
    cloud.wait_until(lambda: client.get_operation(operationId=operation["id"])["operation"]["isTerminal"])
    found = database(cloud)
    assert (found["state"], found["publiclyAccessible"], found["backupRetentionEnabled"]) == ("modifying", False, True)
    with pytest.raises(ClientError, match="is modifying"):
        client.reboot_relational_database(relationalDatabaseName="db")
    cloud.wait_until(lambda: database(cloud)["state"] == "available")
    found = database(cloud)
    assert (found["publiclyAccessible"], found["backupRetentionEnabled"]) == (True, False)
    assert "latestRestorableTime" not in found


def test_parameters(cloud):
    make_database(cloud)
    client = cloud.client()
    pages = client.get_paginator("get_relational_database_parameters").paginate(relationalDatabaseName="db")
    assert sum(len(page["parameters"]) for page in pages) > 40

    def update(**item):
        return client.update_relational_database_parameters(relationalDatabaseName="db", parameters=[item])

    update(parameterName="max_allowed_packet", parameterValue="67108864", applyMethod="immediate")
    cloud.wait_until(lambda: database(cloud)["parameterApplyStatus"] == "in-sync")
    update(parameterName="back_log", parameterValue="200", applyMethod="pending-reboot")
    cloud.wait_until(lambda: database(cloud)["parameterApplyStatus"] == "pending-reboot")
    client.reboot_relational_database(relationalDatabaseName="db")
    cloud.wait_until(lambda: database(cloud)["state"] == "available")
    assert database(cloud)["parameterApplyStatus"] == "in-sync"
    for item, text in (
        ({"parameterName": "nope", "parameterValue": "1"}, "Could not find parameter with name: nope"),
        ({"parameterName": "port", "parameterValue": "3307"}, "cannot be modified"),
        ({"parameterName": "max_connections", "parameterValue": "-1"}, "Invalid parameter value"),
        ({"parameterName": "back_log", "parameterValue": "2", "applyMethod": "immediate"}, "pending-reboot only"),
    ):
        with pytest.raises(ClientError, match=text):
            update(**item)


def test_stop_and_start(cloud):
    make_database(cloud)
    client = cloud.client()
    client.stop_relational_database(relationalDatabaseName="db")
    assert database(cloud)["state"] in ("stopping", "stopped")
    cloud.wait_until(lambda: database(cloud)["state"] == "stopped")
    client.start_relational_database(relationalDatabaseName="db")
    cloud.wait_until(lambda: database(cloud)["state"] == "available")


def test_snapshot_restore_and_delete_with_final_snapshot(cloud):
    make_database(cloud, masterUserPassword="a-good-password")
    client = cloud.client()
    client.create_relational_database_snapshot(relationalDatabaseName="db", relationalDatabaseSnapshotName="snap")
    assert database(cloud)["state"] == "backing-up"

    def snapshot(name):
        return client.get_relational_database_snapshot(relationalDatabaseSnapshotName=name)["relationalDatabaseSnapshot"]

    cloud.wait_until(lambda: snapshot("snap")["state"] == "available")
    cloud.wait_until(lambda: database(cloud)["state"] == "available")
    client.create_relational_database_from_snapshot(relationalDatabaseName="copy", relationalDatabaseSnapshotName="snap")
    cloud.wait_until(lambda: database(cloud, "copy")["state"] == "available")
    copy = database(cloud, "copy")
    assert (copy["masterUsername"], copy["masterDatabaseName"]) == ("dbmasteruser", "wordpress")
    assert copy["masterEndpoint"] != database(cloud)["masterEndpoint"]
    assert client.get_relational_database_master_user_password(relationalDatabaseName="copy")["masterUserPassword"] == "a-good-password"

    with pytest.raises(ClientError, match="not both"):
        client.delete_relational_database(relationalDatabaseName="db", skipFinalSnapshot=True, finalRelationalDatabaseSnapshotName="final")
    operations = client.delete_relational_database(relationalDatabaseName="db", finalRelationalDatabaseSnapshotName="final")["operations"]
    assert [(item["operationType"], item["resourceName"]) for item in operations] == [
        ("DeleteRelationalDatabase", "db"),
        ("CreateRelationalDatabaseSnapshot", "db"),
        ("CreateRelationalDatabaseSnapshot", "final"),
    ]
    assert database(cloud)["state"] == "deleting"
    cloud.wait_until(lambda: "db" not in client.get_active_names()["activeNames"])
    assert snapshot("final")["state"] == "available"


def test_a_database_that_is_deleted_without_options_leaves_a_snapshot(cloud):
    """As in the CLI's sample of delete-relational-database."""
    make_database(cloud)
    client = cloud.client()
    operations = client.delete_relational_database(relationalDatabaseName="db")["operations"]
    final = operations[2]["resourceName"]
    assert re.fullmatch(r"db-FinalSnapshot-\d{13}", final)
    names = ("operationType", "resourceType", "resourceName", "operationDetails")
    assert [tuple(item.get(name) for name in names) for item in operations] == [
        ("DeleteRelationalDatabase", "RelationalDatabase", "db", None),
        ("CreateRelationalDatabaseSnapshot", "RelationalDatabase", "db", final),
        ("CreateRelationalDatabaseSnapshot", "RelationalDatabaseSnapshot", final, "db"),
    ]
    cloud.wait_until(lambda: client.get_active_names()["activeNames"] == [final])
    (snapshot,) = client.get_relational_database_snapshots()["relationalDatabaseSnapshots"]
    assert (snapshot["name"], snapshot["state"]) == (final, "available")


def password(cloud, name="db"):
    return cloud.client().get_relational_database_master_user_password(relationalDatabaseName=name)["masterUserPassword"]


def test_an_earlier_moment_is_restored(cloud):
    make_database(cloud, masterUserPassword="a-good-password")
    client = cloud.client()
    latest = database(cloud)["latestRestorableTime"]
    client.create_relational_database_from_snapshot(
        relationalDatabaseName="latest", sourceRelationalDatabaseName="db", useLatestRestorableTime=True
    )
    client.create_relational_database_from_snapshot(
        relationalDatabaseName="moment", sourceRelationalDatabaseName="db", restoreTime=latest, relationalDatabaseBundleId="small_2_0"
    )
    for name in ("latest", "moment"):
        cloud.wait_until(lambda name=name: database(cloud, name)["state"] == "available")
        found = database(cloud, name)
        assert (found["masterUsername"], found["masterDatabaseName"], password(cloud, name)) == ("dbmasteruser", "wordpress", "a-good-password")
    assert database(cloud, "moment")["relationalDatabaseBundleId"] == "small_2_0"
    assert cloud.daemon.cloud.data_plane.snapshots == set()  # what was needed on the way is gone


def test_a_moment_that_cannot_be_restored_is_refused(cloud):
    make_database(cloud)
    client = cloud.client()

    def restore(**options):
        client.create_relational_database_from_snapshot(relationalDatabaseName="copy", **options)

    for options, text in (
        ({}, "exactly one of the two"),
        ({"sourceRelationalDatabaseName": "db"}, "exactly one of the two"),
        ({"sourceRelationalDatabaseName": "db", "useLatestRestorableTime": True, "restoreTime": 1}, "exactly one of the two"),
        ({"sourceRelationalDatabaseName": "db", "restoreTime": 1}, "must be between"),
        ({"sourceRelationalDatabaseName": "no", "useLatestRestorableTime": True}, "does not exist: no"),
        ({"relationalDatabaseSnapshotName": "snap", "useLatestRestorableTime": True}, "go with sourceRelationalDatabaseName only"),
    ):
        with pytest.raises(ClientError, match=text):
            restore(**options)
    client.update_relational_database(relationalDatabaseName="db", disableBackupRetention=True, applyImmediately=True)
    cloud.wait_until(lambda: database(cloud)["state"] == "available")
    with pytest.raises(ClientError, match="no automatic backups"):
        restore(sourceRelationalDatabaseName="db", useLatestRestorableTime=True)
    # What is switched on again begins anew.
    client.update_relational_database(relationalDatabaseName="db", enableBackupRetention=True, applyImmediately=True)
    cloud.wait_until(lambda: database(cloud)["state"] == "available")
    assert database(cloud)["latestRestorableTime"] > database(cloud)["createdAt"]


def test_the_latest_moment_is_five_minutes_ago(cloud):
    make_database(cloud)
    since = database(cloud)["latestRestorableTime"]
    cloud.time_scale(1)
    assert database(cloud)["latestRestorableTime"] == since  # there is nothing before the first backup
    with cloud.daemon.cloud.lock:
        cloud.daemon.cloud.find("RelationalDatabase", cloud.region, "db")["backups_since"] -= 86400
    ago = cloud.daemon.clock.now() - database(cloud)["latestRestorableTime"].timestamp()
    assert 299 < ago < 310


def window_in(seconds):
    """A maintenance window that begins so soon."""
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    end = start + datetime.timedelta(minutes=30)
    return "-".join(f"{moment:%a:%H:%M}" for moment in (start, end))


def test_what_is_not_applied_immediately_waits_for_the_window(cloud):
    make_database(cloud, preferredMaintenanceWindow=window_in(3600))
    client = cloud.client()
    client.update_relational_database(
        relationalDatabaseName="db",
        disableBackupRetention=True,
        relationalDatabaseBlueprintId="mysql_8_4",
        caCertificateIdentifier="rds-ca-rsa4096-g1",
        preferredBackupWindow="11:00-11:30",
    )
    cloud.wait_until(lambda: database(cloud)["state"] == "available")
    found = database(cloud)
    assert found["preferredBackupWindow"] == "11:00-11:30"  # this one does not wait
    assert found["pendingModifiedValues"] == {"backupRetentionEnabled": False, "engineVersion": "8.4.5"}
    assert (found["backupRetentionEnabled"], found["engineVersion"], found["caCertificateIdentifier"]) == (True, "8.0.42", "rds-ca-rsa2048-g1")
    cloud.wait_until(lambda: database(cloud)["pendingModifiedValues"] == {})  # an hour is 3.6 seconds
    found = database(cloud)
    assert (found["backupRetentionEnabled"], found["engineVersion"], found["caCertificateIdentifier"]) == (False, "8.4.5", "rds-ca-rsa4096-g1")
    assert found["relationalDatabaseBlueprintId"] == "mysql_8_4"


def test_what_waits_goes_along_with_what_is_applied_immediately(cloud):
    make_database(cloud, preferredMaintenanceWindow=window_in(86400))
    client = cloud.client()
    client.update_relational_database(relationalDatabaseName="db", disableBackupRetention=True)
    cloud.wait_until(lambda: database(cloud)["state"] == "available")
    assert database(cloud)["backupRetentionEnabled"] is True
    client.update_relational_database(relationalDatabaseName="db", applyImmediately=True)
    cloud.wait_until(lambda: database(cloud)["pendingModifiedValues"] == {})
    assert database(cloud)["backupRetentionEnabled"] is False


def test_upgrade(cloud):
    make_database(cloud)
    cloud.time_scale(0.001)
    client = cloud.client()
    client.update_relational_database(relationalDatabaseName="db", relationalDatabaseBlueprintId="mysql_8_4", applyImmediately=True)
    assert database(cloud)["state"] == "upgrading"
    cloud.wait_until(lambda: database(cloud)["state"] == "available")
    assert (database(cloud)["engineVersion"], database(cloud)["relationalDatabaseBlueprintId"]) == ("8.4.5", "mysql_8_4")
    for blueprint in ("mysql_8_0", "mysql_9_9"):
        with pytest.raises(ClientError, match=f"cannot be changed from mysql_8_4 to {blueprint}"):
            client.update_relational_database(relationalDatabaseName="db", relationalDatabaseBlueprintId=blueprint)
    with pytest.raises(ClientError, match="The CA certificate rds-ca-2019 is not valid"):
        client.update_relational_database(relationalDatabaseName="db", caCertificateIdentifier="rds-ca-2019")
    with pytest.raises(ClientError, match="at least 30 minutes"):
        client.update_relational_database(relationalDatabaseName="db", preferredMaintenanceWindow="sun:23:50-mon:00:10")


def test_stop_with_a_snapshot(cloud):
    make_database(cloud)
    client = cloud.client()
    operations = client.stop_relational_database(relationalDatabaseName="db", relationalDatabaseSnapshotName="last")["operations"]
    assert [(item["operationType"], item["resourceName"], item.get("operationDetails")) for item in operations] == [
        ("StopRelationalDatabase", "db", None),
        ("CreateRelationalDatabaseSnapshot", "db", "last"),
        ("CreateRelationalDatabaseSnapshot", "last", "db"),
    ]
    cloud.wait_until(lambda: database(cloud)["state"] == "stopped")
    snapshot = client.get_relational_database_snapshot(relationalDatabaseSnapshotName="last")["relationalDatabaseSnapshot"]
    assert snapshot["state"] == "available"


def test_it_starts_by_itself_after_seven_days(cloud):
    make_database(cloud)
    cloud.time_scale(1e-6)  # seven days are 0.6 seconds
    client = cloud.client()
    client.stop_relational_database(relationalDatabaseName="db")
    cloud.wait_until(lambda: database(cloud)["state"] == "stopped")
    cloud.wait_until(lambda: database(cloud)["state"] == "available")
    client.stop_relational_database(relationalDatabaseName="db")
    cloud.wait_until(lambda: database(cloud)["state"] == "stopped")
    client.start_relational_database(relationalDatabaseName="db")
    cloud.wait_until(lambda: database(cloud)["state"] == "available")
    cloud.time_scale(0.001)
    client.stop_relational_database(relationalDatabaseName="db")  # a clock of an earlier stop does not start this one
    cloud.wait_until(lambda: database(cloud)["state"] == "stopped")
    cloud.wait_until(lambda: len([t for t in cloud.daemon.cloud.engine.tasks if t["kind"] == "database.start_by_itself"]) == 1)
    assert database(cloud)["state"] == "stopped"
