# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

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
        relationalDatabaseName="db", publiclyAccessible=True, disableBackupRetention=True
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

    for wrong in ({}, {"skipFinalSnapshot": True, "finalRelationalDatabaseSnapshotName": "final"}):
        with pytest.raises(ClientError, match="exactly one"):
            client.delete_relational_database(relationalDatabaseName="db", **wrong)
    operations = client.delete_relational_database(relationalDatabaseName="db", finalRelationalDatabaseSnapshotName="final")["operations"]
    assert [(item["operationType"], item["resourceName"]) for item in operations] == [
        ("DeleteRelationalDatabase", "db"),
        ("CreateRelationalDatabaseSnapshot", "db"),
        ("CreateRelationalDatabaseSnapshot", "final"),
    ]
    assert database(cloud)["state"] == "deleting"
    cloud.wait_until(lambda: "db" not in client.get_active_names()["activeNames"])
    assert snapshot("final")["state"] == "available"
