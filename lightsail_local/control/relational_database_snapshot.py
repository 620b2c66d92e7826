# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots of databases."""

from __future__ import annotations

from typing import Any

from . import catalogue_data, errors, tags
from .registry import operation
from .relational_database import need, need_available
from .relational_database_state import SNAPSHOT, TYPE, note, snapshot_view
from .request import Record, Request


def new_snapshot(request: Request, database: Record, name: str, zone: str | None) -> Record:
    bundle = catalogue_data.database_bundle(database["bundle_id"])
    record = request.cloud.new_record(
        SNAPSHOT,
        request.region,
        name,
        zone,
        request.get("tags"),
        state="creating",
        engine_version=database["engine_version"],
        blueprint_id=database["blueprint_id"],
        size=bundle["diskSizeInGb"] if bundle else 40,
        from_name=database["name"],
        from_arn=database["arn"],
        from_bundle_id=database["bundle_id"],
        database_name=database["database_name"],
        master_username=database["master_username"],
        password=database["password"],
        parameters=dict(database["parameters"]),
    )
    return record


@operation
def CreateRelationalDatabaseSnapshot(request: Request) -> dict[str, Any]:
    database = need(request)
    name = request["relationalDatabaseSnapshotName"]
    tags.check(request.get("tags"))
    request.claim_names(name)
    need_available(database, "a snapshot")
    record = new_snapshot(request, database, name, None)
    database["state"] = "backing-up"
    note(request.cloud, database, "Backing up Relational Database", "backup")  # CLI sample
    operations = [
        request.record_operation(SNAPSHOT, name, details=database["name"], status="Started"),
        request.record_operation(TYPE, database["name"], details=name, status="Started", zone=database["zone"]),
    ]
    request.start(
        "database.create_snapshot",
        database["id"],
        {"id": database["id"], "snapshot_id": record["id"]},
        operations=operations,
        operation=request.name,
        resource="database snapshot available",
    )
    return {"operations": operations}


@operation
def GetRelationalDatabaseSnapshot(request: Request) -> dict[str, Any]:
    record = request.need(SNAPSHOT, request["relationalDatabaseSnapshotName"])
    return {"relationalDatabaseSnapshot": snapshot_view(request.cloud, record)}


@operation
def GetRelationalDatabaseSnapshots(request: Request) -> dict[str, Any]:
    views = [snapshot_view(request.cloud, record) for record in request.all(SNAPSHOT)]
    return request.page(views, "relationalDatabaseSnapshots")


@operation
def DeleteRelationalDatabaseSnapshot(request: Request) -> dict[str, Any]:
    record = request.need(SNAPSHOT, request["relationalDatabaseSnapshotName"])
    if record["state"] == "creating":
        raise errors.wrong_state(f"The database snapshot {record['name']} is being created and cannot be deleted yet.")
    request.cloud.remove(record)
    request.start("database.delete_snapshot", record["id"], {"snapshot_id": record["id"]})
    return {"operations": [request.record_operation(SNAPSHOT, record["name"])]}
