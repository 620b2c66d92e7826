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
    waiting: Record = {}
    if record["pending_password"] is not None:
        waiting["masterUserPassword"] = "****"
    if "retention" in pending(record):
        waiting["backupRetentionEnabled"] = record["pending"]["retention"]
    if "blueprint_id" in pending(record):
        waiting["engineVersion"] = engine_version(record["pending"]["blueprint_id"])
    span = restorable(cloud, record)
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
        "pendingModifiedValues": waiting,
        "engine": "mysql",
        "engineVersion": record["engine_version"],
        "latestRestorableTime": span[1] if span else None,  # only with retention
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


def pending(record: Record) -> Record:
    """Members that change, now or in the next maintenance window."""
    return record.setdefault("pending", {})


def engine_version(blueprint_id: str) -> str:
    blueprint = catalogue_data.database_blueprint(blueprint_id)
    assert blueprint is not None
    return str(blueprint["engineVersion"])


def restorable(cloud: Cloud, record: Record) -> tuple[float, float] | None:
    """First and last moment that can be restored: of the last seven days, and not of the last five minutes."""
    since = record.get("backups_since")
    if not record["retention"] or since is None:
        return None
    now = cloud.clock.now()
    return max(since, now - cloud.clock.resource("database backups kept")), max(
        since, now - cloud.clock.resource("database restorable")
    )


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = 7 * 86400


def window_start(text: str) -> int:
    """Seconds of the week until sat:11:14, counted from Monday."""
    day, hour, minute = text.split(":")
    return DAYS.index(day) * 86400 + int(hour) * 3600 + int(minute) * 60


def plan_window(cloud: Cloud, record: Record) -> None:
    """Call with the lock held: what is pending is applied when the maintenance window comes, as far away as the scale says."""
    record["window_plan"] = cloud.new_id("plan")
    now = (cloud.clock.now() - 4 * 86400) % WEEK  # the clock began on a Thursday
    until = (window_start(record["maintenance_window"].split("-")[0]) - now) % WEEK
    args = {"id": record["id"], "plan": record["window_plan"]}
    cloud.engine.submit("database.window", f"window-{record['id']}", args, [], 0.0, until * cloud.clock.scale)


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
        plane, snapshot_id = self.cloud.data_plane, self.args.get("snapshot_id")
        if self.args.get("source_id"):
            # The latest restorable moment is the present one; five minutes do not pass here.
            snapshot_id = f"{self.id}-source"
            plane.create_database_snapshot(snapshot_id, self.args["source_id"])
        made = plane.create_database(
            self.id,
            endpoint_name=record["endpoint_name"],
            master_username=record["master_username"],
            master_password=record["password"],
            database_name=record["database_name"],
            snapshot_id=snapshot_id,
            public_ip=record["public_ip"],
        )
        if self.args.get("source_id") and snapshot_id:
            plane.delete_database_snapshot(snapshot_id)
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
        if self.record is not None:
            self.record["backups_since"] = self.cloud.clock.now()
        self.available()

    def failed(self, message: str) -> None:
        if self.record is not None:
            self.record["state"] = "failed"


class Window(_DatabaseJob):
    """The maintenance window has come."""

    kind = "database.window"

    def ended(self, result: dict[str, Any]) -> None:
        record, cloud = self.record, self.cloud
        if record is None or record.get("window_plan") != self.args["plan"] or not pending(record):
            return
        if record["state"] != "available":
            plan_window(cloud, record)  # the next one
            return
        upgrading = "blueprint_id" in record["pending"]
        record["state"] = "upgrading" if upgrading else "modifying"
        args = {"id": self.id, "members": dict(record["pending"])}
        after = cloud.clock.resource("database upgraded" if upgrading else "database modified")
        cloud.engine.submit("database.modify", self.id, args, [], 0.0, after)


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
        if "blueprint_id" in self.args["members"]:
            plane.reboot_database(self.id)  # the server behind is the same for all blueprints

    def ended(self, result: dict[str, Any]) -> None:
        record, members, now = self.record, self.args["members"], self.cloud.clock.now()
        if record is None:
            return
        if self.args.get("password") is not None:
            record.update(previous_password=record["password"], password=self.args["password"], password_at=now, pending_password=None)
            note(self.cloud, record, "Reset master credentials", "configuration change")
        if "public_ip" in self.args:
            record["public"] = self.args["public_ip"] is not None
        if "retention" in members:
            # Switching them off deletes what there is (model).
            record["backups_since"] = (record.get("backups_since") or now) if members["retention"] else None
        if "blueprint_id" in members:
            record["engine_version"] = engine_version(members["blueprint_id"])
            note(self.cloud, record, "DB engine version upgraded", "maintenance")
        record.update(members)
        self._forget_pending()
        self.available()

    def _forget_pending(self) -> None:
        for name, value in self.args["members"].items():
            if self.record is not None and pending(self.record).get(name) == value:
                del self.record["pending"][name]

    def failed(self, message: str) -> None:
        if self.record is not None:
            self.record["pending_password"] = None
        self._forget_pending()
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
            if self.args.get("snapshot_id"):
                plane.create_database_snapshot(self.args["snapshot_id"], self.id)
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
            _snapshot_ended(self.cloud, self.args.get("snapshot_id"), "available")
            self._start_by_itself(record)
        else:
            record["pending_parameters"] = {}
            record["parameter_status"] = "in-sync"
            record["state"] = "available"
        word = {"stop": "stopped", "start": "started", "reboot": "restarted"}[action]
        note(self.cloud, record, f"DB instance {word}", "availability")

    def _start_by_itself(self, record: Record) -> None:
        """After seven days (user guide); with scale 0 that would be at once, so then never."""
        cloud = self.cloud
        if cloud.clock.scale:
            record["stopped_at"] = cloud.clock.now()
            args = {"id": self.id, "stopped_at": record["stopped_at"]}
            after = cloud.clock.resource("database starts by itself")
            cloud.engine.submit("database.start_by_itself", f"start-{self.id}", args, [], 0.0, after)

    def failed(self, message: str) -> None:
        _snapshot_ended(self.cloud, self.args.get("snapshot_id"), "failed")
        if self.record is not None:
            self.record["state"] = "stopped" if self.args["action"] == "start" else "available"


class StartByItself(_DatabaseJob):
    kind = "database.start_by_itself"

    def ended(self, result: dict[str, Any]) -> None:
        record, cloud = self.record, self.cloud
        if record is not None and record["state"] == "stopped" and record["stopped_at"] == self.args["stopped_at"]:
            record["state"] = "starting"
            args = {"id": self.id, "action": "start"}
            cloud.engine.submit("database.power", self.id, args, [], 0.0, cloud.clock.resource("database started"))


def _snapshot_ended(cloud: Cloud, snapshot_id: str | None, state: str) -> None:
    snapshot = cloud.record(snapshot_id or "")
    if snapshot is not None:
        snapshot["state"] = state


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
        _snapshot_ended(self.cloud, self.args.get("snapshot_id"), "available")
        names.changed(self.cloud)

    def failed(self, message: str) -> None:
        _snapshot_ended(self.cloud, self.args.get("snapshot_id"), "failed")
        if self.record is not None:
            self.record["state"] = "available"


class CreateSnapshot(_DatabaseJob):
    kind = "database.create_snapshot"

    def run(self) -> None:
        self.cloud.data_plane.create_database_snapshot(self.args["snapshot_id"], self.id)

    def _over(self, state: str) -> None:
        _snapshot_ended(self.cloud, self.args["snapshot_id"], state)
        if self.record is not None and self.record["state"] == "backing-up":
            self.record["state"] = "available"

    def ended(self, result: dict[str, Any]) -> None:
        self._over("available")
        if self.record is not None:
            note(self.cloud, self.record, "Finished Relational Database backup", "backup")  # CLI sample

    def failed(self, message: str) -> None:
        self._over("failed")


class DeleteSnapshot(Job):
    kind = "database.delete_snapshot"

    def run(self) -> None:
        self.cloud.data_plane.delete_database_snapshot(self.args["snapshot_id"])
