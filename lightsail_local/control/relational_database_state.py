# SPDX-License-Identifier: GPL-3.0-or-later
"""What a database is, and the jobs that change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import catalogue_data, names
from .registry import Job
from .request import Record

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "RelationalDatabase"
SNAPSHOT = "RelationalDatabaseSnapshot"


def view(cloud: Cloud, record: Record) -> dict[str, Any]:
    bundle = catalogue_data.database_bundle(record["bundle_id"]) or {}
    pending = {}
    if record["pending_password"] is not None:
        pending["masterUserPassword"] = "****"
    if record["pending_retention"] is not None:
        pending["backupRetentionEnabled"] = record["pending_retention"]
    return {
        **cloud.common_view(record),
        "relationalDatabaseBlueprintId": record["blueprint_id"],
        "relationalDatabaseBundleId": record["bundle_id"],
        "masterDatabaseName": record["database_name"],
        "hardware": {
            "cpuCount": bundle.get("cpuCount", 2),
            "diskSizeInGb": bundle.get("diskSizeInGb", 40),
            "ramSizeInGb": float(bundle.get("ramSizeInGb", 1)),
        },
        "state": record["state"],
        "secondaryAvailabilityZone": record["second_zone"],
        "backupRetentionEnabled": record["retention"],
        "pendingModifiedValues": pending,
        "engine": "mysql",
        "engineVersion": record["engine_version"],
        # Five minutes ago, as RDS; only with retention.
        "latestRestorableTime": cloud.clock.now() - 300 if record["retention"] and record["address"] else None,
        "masterUsername": record["master_username"],
        "parameterApplyStatus": record["parameter_status"],
        "preferredBackupWindow": record["backup_window"],
        "preferredMaintenanceWindow": record["maintenance_window"],
        "publiclyAccessible": record["public"],
        # Absent while the creation has not got there yet.
        "masterEndpoint": {"port": 3306, "address": record["endpoint_name"]} if record["address"] else None,
        "pendingMaintenanceActions": [],
        "caCertificateIdentifier": record["ca_certificate"],
    }


def snapshot_view(cloud: Cloud, record: Record) -> dict[str, Any]:
    return {
        **cloud.common_view(record),
        "engine": "mysql",
        "engineVersion": record["engine_version"],
        "sizeInGb": record["size"],
        "state": record["state"],
        "fromRelationalDatabaseName": record["from_name"],
        "fromRelationalDatabaseArn": record["from_arn"],
        "fromRelationalDatabaseBundleId": record["from_bundle_id"],
        "fromRelationalDatabaseBlueprintId": record["blueprint_id"],
    }


def note(cloud: Cloud, record: Record, message: str, *categories: str) -> None:
    """For GetRelationalDatabaseEvents."""
    record["events"].append(
        {"resource": record["name"], "createdAt": cloud.clock.now(), "message": message, "eventCategories": list(categories)}
    )
    del record["events"][:-200]


class _DatabaseJob(Job):
    @property
    def id(self) -> str:
        return self.args["id"]

    @property
    def record(self) -> Record | None:
        return self.cloud.record(self.id)

    def available(self) -> None:
        if self.record is not None and self.record["state"] not in ("deleting", "stopped"):
            self.record["state"] = "available"


class Create(_DatabaseJob):
    kind = "database.create"

    def run(self) -> dict[str, Any]:
        with self.cloud.lock:
            record = self.record
            if record is None:
                return {}
            record = dict(record)
        made = self.cloud.data_plane.create_database(
            self.id,
            endpoint_name=record["endpoint_name"],
            master_username=record["master_username"],
            master_password=record["password"],
            database_name=record["database_name"],
            snapshot_id=self.args.get("snapshot_id"),
            public_ip=record["public_ip"],
        )
        with self.cloud.lock:
            if self.record is not None:
                self.record["private_ip"] = made["address"]
        names.publish(self.cloud)
        return made

    def operations_ended(self, result: dict[str, Any]) -> None:
        """The operation ends, the database is not ready yet: it takes its first backup."""
        if self.record is not None and result:
            self.record["address"] = result["address"]
            if self.record["state"] == "creating":
                self.record["state"] = "backing-up"
            note(self.cloud, self.record, "DB instance created", "creation")

    def ended(self, result: dict[str, Any]) -> None:
        self.available()

    def failed(self, message: str) -> None:
        if self.record is not None:
            self.record["state"] = "failed"


class Modify(_DatabaseJob):
    """Public mode, password and settings: values change when the clock is due, not with the operation."""

    kind = "database.modify"

    def run(self) -> None:
        plane = self.cloud.data_plane
        if self.args.get("password") is not None:
            plane.set_database_password(self.id, self.args["password"])
        if "public_ip" in self.args:
            plane.set_database_public(self.id, self.args["public_ip"])
            with self.cloud.lock:
                if self.record is not None:
                    self.record["public_ip"] = self.args["public_ip"]
            names.publish(self.cloud)
            if self.args.get("release"):
                plane.release_address(self.args["release"])

    def ended(self, result: dict[str, Any]) -> None:
        record = self.record
        if record is None:
            return
        if self.args.get("password") is not None:
            record.update(
                previous_password=record["password"],
                password=self.args["password"],
                password_at=self.cloud.clock.now(),
                pending_password=None,
            )
            note(self.cloud, record, "Reset master credentials", "configuration change")
        if "public_ip" in self.args:
            record["public"] = self.args["public_ip"] is not None
        record.update(self.args.get("members", {}))
        if "retention" in self.args.get("members", {}):
            record["pending_retention"] = None
        self.available()

    def failed(self, message: str) -> None:
        if self.record is not None:
            self.record["pending_password"] = None
        self.available()


class Parameters(_DatabaseJob):
    kind = "database.parameters"

    def run(self) -> None:
        if self.args["now"]:
            self.cloud.data_plane.set_database_parameters(self.id, self.args["now"])

    def ended(self, result: dict[str, Any]) -> None:
        record = self.record
        if record is not None:
            record["parameter_status"] = "pending-reboot" if record["pending_parameters"] else "in-sync"

    def failed(self, message: str) -> None:
        self.ended({})


class Power(_DatabaseJob):
    kind = "database.power"

    def run(self) -> None:
        plane = self.cloud.data_plane
        action = self.args["action"]
        if action == "stop":
            plane.stop_database(self.id)
            return
        with self.cloud.lock:
            waiting = dict(self.record["pending_parameters"]) if self.record else {}
        if waiting:
            plane.set_database_parameters(self.id, waiting)
        if action == "start":
            plane.start_database(self.id)
        else:
            plane.reboot_database(self.id)

    def ended(self, result: dict[str, Any]) -> None:
        record = self.record
        if record is None or record["state"] == "deleting":
            return
        action = self.args["action"]
        if action == "stop":
            record["state"] = "stopped"
        else:
            record["pending_parameters"] = {}
            record["parameter_status"] = "in-sync"
            record["state"] = "available"
        word = {"stop": "stopped", "start": "started", "reboot": "restarted"}[action]
        note(self.cloud, record, f"DB instance {word}", "availability")

    def failed(self, message: str) -> None:
        if self.record is not None:
            self.record["state"] = "stopped" if self.args["action"] == "start" else "available"


class Delete(_DatabaseJob):
    kind = "database.delete"

    def run(self) -> None:
        if self.args.get("snapshot_id"):
            self.cloud.data_plane.create_database_snapshot(self.args["snapshot_id"], self.id)
        self.cloud.data_plane.delete_database(self.id)
        if self.args.get("release"):
            self.cloud.data_plane.release_address(self.args["release"])

    def ended(self, result: dict[str, Any]) -> None:
        if self.record is not None:
            self.cloud.remove(self.record)
        snapshot = self.cloud.record(self.args.get("snapshot_id") or "")
        if snapshot is not None:
            snapshot["state"] = "available"
        names.changed(self.cloud)

    def failed(self, message: str) -> None:
        snapshot = self.cloud.record(self.args.get("snapshot_id") or "")
        if snapshot is not None:
            snapshot["state"] = "failed"
        if self.record is not None:
            self.record["state"] = "available"


class CreateSnapshot(_DatabaseJob):
    kind = "database.create_snapshot"

    def run(self) -> None:
        self.cloud.data_plane.create_database_snapshot(self.args["snapshot_id"], self.id)

    def ended(self, result: dict[str, Any]) -> None:
        snapshot = self.cloud.record(self.args["snapshot_id"])
        if snapshot is not None:
            snapshot["state"] = "available"
        if self.record is not None and self.record["state"] == "backing-up":
            self.record["state"] = "available"
            note(self.cloud, self.record, "Finished DB Instance backup", "backup")

    def failed(self, message: str) -> None:
        snapshot = self.cloud.record(self.args["snapshot_id"])
        if snapshot is not None:
            snapshot["state"] = "failed"
        if self.record is not None and self.record["state"] == "backing-up":
            self.record["state"] = "available"


class DeleteSnapshot(Job):
    kind = "database.delete_snapshot"

    def run(self) -> None:
        self.cloud.data_plane.delete_database_snapshot(self.args["snapshot_id"])
