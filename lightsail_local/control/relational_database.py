# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed databases. Snapshots and parameters have files of their own."""

from __future__ import annotations

import datetime
import re
import secrets
import string
from typing import Any

from botocore.utils import parse_to_aware_datetime

from . import catalogue_data, errors, instance, offers, tags
from .registry import operation
from .relational_database_state import SNAPSHOT, TYPE, note, pending, plan_window, restorable, view, window_start
from .request import SUPPORT_ACCOUNT, Record, Request

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,253}[A-Za-z0-9])?")
DATABASE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,15}")
RESERVED = {"rdsadmin", "mysql", "root", "sys", "information_schema", "performance_schema", "all", "select", "table", "database"}
PASSWORD = re.compile(r"[!-~]{8,41}")
CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
DAY = "(mon|tue|wed|thu|fri|sat|sun)"
BACKUP_WINDOW = re.compile(f"{CLOCK}-{CLOCK}")
MAINTENANCE_WINDOW = re.compile(f"{DAY}:{CLOCK}-{DAY}:{CLOCK}")
# RDS's authorities that have not expired.
AUTHORITIES = ("rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1")


def _check_password(password: str) -> str:
    if not PASSWORD.fullmatch(password) or set(password) & set('/"@'):
        raise errors.invalid(
            'The master user password is not valid. It must have 8 to 41 printable ASCII characters other than /, ", @ '
            "and space."
        )
    return password


def new_password() -> str:
    letters = string.ascii_letters + string.digits + "!#$%&()*+-.:;<=>?[]^_{|}~"
    return "".join(secrets.choice(letters) for _ in range(32))


def _backup_window(text: str) -> str:
    if not BACKUP_WINDOW.fullmatch(text):
        raise errors.invalid(f"The preferred backup window {text} is not valid; it is written as 16:00-16:30.")
    if _length(*text.split("-")) < 30:
        raise errors.invalid("The preferred backup window must be at least 30 minutes.")
    return text


def _length(start: str, end: str) -> int:
    minutes = [int(part[:2]) * 60 + int(part[3:]) for part in (start, end)]
    return (minutes[1] - minutes[0]) % 1440


def _maintenance_window(text: str) -> str:
    text = text.lower()  # comes back in lower case
    if not MAINTENANCE_WINDOW.fullmatch(text):
        raise errors.invalid(f"The preferred maintenance window {text} is not valid; it is written as Tue:17:00-Tue:17:30.")
    start, end = (window_start(part) for part in text.split("-"))
    if (end - start) % (7 * 86400) < 30 * 60:
        raise errors.invalid("The preferred maintenance window must be at least 30 minutes.")
    return text


def _zones(request: Request, bundle: dict[str, Any]) -> tuple[str, str | None]:
    zones = catalogue_data.zones(request.region)
    zone = request.get("availabilityZone")
    if "_ha_" in bundle["bundleId"]:
        if zone:
            raise errors.invalid(
                "The availability zone cannot be given for a high availability database; two are chosen for it."
            )
        return zones[0], zones[1]
    if zone:
        instance.check_zone(request, zone)
    return zone or zones[0], None


def need(request: Request) -> Record:
    return request.need(TYPE, request["relationalDatabaseName"])


def need_available(record: Record, doing: str) -> None:
    if record["state"] != "available":
        raise errors.wrong_state(
            f"The database {record['name']} is {record['state']}; {doing} is possible when it is available."
        )


def _done(request: Request, record: Record, **options: Any) -> Record:
    return request.record_operation(TYPE, record["name"], zone=record["zone"], **options)


def _new_database(
    request: Request, bundle: dict[str, Any], blueprint: dict[str, Any], members: Record, **origin: str
) -> dict[str, Any]:
    cloud = request.cloud
    name = request["relationalDatabaseName"]
    if not NAME.fullmatch(name):
        raise errors.invalid(f"The database resource name {name} is not valid: letters, digits and hyphens only.")
    tags.check(request.get("tags"))
    zone, second = _zones(request, bundle)
    request.claim_names(name)
    request.check_quota(
        "databases", len(request.all(TYPE)), 1, "Sorry, you've reached the maximum number of databases in this Region."
    )
    public = bool(request.get("publiclyAccessible"))
    record = request.new(
        TYPE,
        name,
        zone=zone,
        second_zone=second,
        blueprint_id=blueprint["blueprintId"],
        engine_version=blueprint["engineVersion"],
        bundle_id=bundle["bundleId"],
        state="creating",
        endpoint_name=f"ls-{secrets.token_hex(20)}.{cloud.account['endpoint_id']}.{request.region}.rds.amazonaws.com",
        address=None,  # once the endpoint is shown
        private_ip=None,  # once there is a server
        public=public,
        public_ip=cloud.data_plane.allocate_address() if public else None,
        retention=True,  # on at creation, cannot be chosen
        backups_since=None,  # once the first one is there
        pending={},  # members that change, now or in the next maintenance window
        pending_password=None,
        previous_password=None,
        password_at=cloud.clock.now(),
        parameter_status="in-sync",
        pending_parameters={},
        backup_window=request.get("preferredBackupWindow") or "03:00-03:30",
        maintenance_window=_maintenance_window(request.get("preferredMaintenanceWindow") or "sun:05:00-sun:05:30"),
        ca_certificate=AUTHORITIES[0],
        events=[],
        **members,
    )
    record["support_code"] = f"{SUPPORT_ACCOUNT}/ls-{secrets.token_hex(20)}"
    started = _done(request, record, status="Started")
    request.start(
        "database.create",
        record["id"],
        {"id": record["id"], **origin},
        operations=[started],
        operation=request.name,
        resource="database available",
    )
    return {"operations": [started]}


@operation
def CreateRelationalDatabase(request: Request) -> dict[str, Any]:
    blueprint = catalogue_data.database_blueprint(request["relationalDatabaseBlueprintId"])
    if blueprint is None or not offers.is_sold(request.cloud, "database-blueprint", blueprint):
        raise errors.invalid(f"The database blueprint {request['relationalDatabaseBlueprintId']} is not available.")
    bundle = catalogue_data.database_bundle(request["relationalDatabaseBundleId"])
    if bundle is None or not offers.is_sold(request.cloud, "database-bundle", bundle):
        raise errors.invalid(f"The database bundle {request['relationalDatabaseBundleId']} is not available.")
    database_name, username = request["masterDatabaseName"], request["masterUsername"]
    if not DATABASE_NAME.fullmatch(database_name) or database_name.lower() in RESERVED:
        raise errors.invalid(f"The master database name {database_name} is not valid.")
    if not USERNAME.fullmatch(username) or username.lower() in RESERVED:
        raise errors.invalid(f"The master user name {username} is not valid.")
    if request.get("preferredBackupWindow"):
        _backup_window(request["preferredBackupWindow"])
    password = request.get("masterUserPassword")
    members = {
        "database_name": database_name,
        "master_username": username,
        "password": _check_password(password) if password is not None else new_password(),
        "parameters": {},
    }
    return _new_database(request, bundle, blueprint, members)


def _moment(request: Request) -> Record:
    """The database to restore an earlier moment of, when this can be done."""
    wanted, latest = request.get("restoreTime"), bool(request.get("useLatestRestorableTime"))
    if (wanted is not None) == latest:
        raise errors.invalid("Give either restoreTime or useLatestRestorableTime; exactly one of the two.")
    source = request.need(TYPE, request["sourceRelationalDatabaseName"])
    span = restorable(request.cloud, source)
    if span is None or source["state"] in ("creating", "deleting", "failed"):
        raise errors.wrong_state(f"The database {source['name']} has no automatic backups that could be restored.")
    if wanted is not None:
        # Clients cut to whole seconds or round the fraction; the end that was read must be good to send.
        if not int(span[0]) <= parse_to_aware_datetime(wanted).timestamp() <= span[1] + 0.001:
            first, last = (datetime.datetime.fromtimestamp(at, datetime.timezone.utc).isoformat() for at in span)
            raise errors.invalid(f"The restore time must be between {first} and {last} for the database {source['name']}.")
        if not request.cloud.data_plane.keeps_history:
            raise errors.not_emulated("CreateRelationalDatabaseFromSnapshot to an earlier moment, with real servers,")
    return source


@operation
def CreateRelationalDatabaseFromSnapshot(request: Request) -> dict[str, Any]:
    if bool(request.get("relationalDatabaseSnapshotName")) == bool(request.get("sourceRelationalDatabaseName")):
        raise errors.invalid("Give either relationalDatabaseSnapshotName or sourceRelationalDatabaseName; exactly one of the two.")
    if request.get("sourceRelationalDatabaseName"):
        source = _moment(request)
        old = catalogue_data.database_bundle(source["bundle_id"])
        bundle_id, size = source["bundle_id"], old["diskSizeInGb"] if old else 0
        origin = {"source_id": source["id"]}
    else:
        if request.get("restoreTime") is not None or request.get("useLatestRestorableTime"):
            raise errors.invalid("restoreTime and useLatestRestorableTime go with sourceRelationalDatabaseName only.")
        source = request.need(SNAPSHOT, request["relationalDatabaseSnapshotName"])
        if source["state"] != "available":
            raise errors.wrong_state(f"The database snapshot {source['name']} is {source['state']}, not available.")
        bundle_id, size = source["from_bundle_id"], source["size"]
        origin = {"snapshot_id": source["id"]}
    bundle_id = request.get("relationalDatabaseBundleId") or bundle_id
    bundle = catalogue_data.database_bundle(bundle_id)
    # Guess: as with instances, a snapshot can be restored to the plan that it was taken of.
    same = bundle_id == source.get("from_bundle_id", source.get("bundle_id"))
    if bundle is None or not (same or offers.is_sold(request.cloud, "database-bundle", bundle)):
        raise errors.invalid(f"The database bundle {bundle_id} is not available.")
    if bundle["diskSizeInGb"] < size:
        raise errors.invalid(f"The database bundle {bundle_id} is smaller than {source['name']}, which has {size} GB.")
    blueprint = catalogue_data.database_blueprint(source["blueprint_id"])
    assert blueprint is not None
    # Inherited: user, password, name of the database, parameters.
    members = {key: source[key] for key in ("database_name", "master_username", "password")}
    members["parameters"] = dict(source["parameters"])
    return _new_database(request, bundle, blueprint, members, **origin)


@operation
def GetRelationalDatabase(request: Request) -> dict[str, Any]:
    return {"relationalDatabase": view(request.cloud, need(request))}


@operation
def GetRelationalDatabases(request: Request) -> dict[str, Any]:
    return request.page(request.all(TYPE), "relationalDatabases", lambda record: view(request.cloud, record))


@operation
def UpdateRelationalDatabase(request: Request) -> dict[str, Any]:
    record = need(request)
    need_available(record, "a change")
    if request.get("enableBackupRetention") and request.get("disableBackupRetention"):
        raise errors.invalid("enableBackupRetention and disableBackupRetention cannot both be true.")
    args: Record = {"id": record["id"], "members": {}}
    if request.get("masterUserPassword") is not None:
        if request.get("rotateMasterUserPassword"):
            raise errors.invalid("masterUserPassword and rotateMasterUserPassword cannot both be given.")
        args["password"] = _check_password(request["masterUserPassword"])
    elif request.get("rotateMasterUserPassword"):
        args["password"] = new_password()
    if request.get("preferredBackupWindow"):
        args["members"]["backup_window"] = _backup_window(request["preferredBackupWindow"])
    if request.get("preferredMaintenanceWindow"):
        args["members"]["maintenance_window"] = _maintenance_window(request["preferredMaintenanceWindow"])
    later = _later(request, record)
    public = request.get("publiclyAccessible")
    if public is not None and public != record["public"]:
        args["public_ip"] = request.cloud.data_plane.allocate_address() if public else None
        args["release"] = None if public else record["public_ip"]
    # Passwords, windows and public mode change at once (public mode: user guide; the others as RDS). The rest waits for the
    # maintenance window unless it is to be applied immediately; what waits already then goes along (as RDS).
    pending(record).update(later)
    if request.get("applyImmediately"):
        args["members"].update(record["pending"])
    elif record["pending"]:
        plan_window(request.cloud, record)
    if args.get("password") is not None:
        record["pending_password"] = args["password"]
    upgrading = "blueprint_id" in args["members"]
    record["state"] = "upgrading" if upgrading else "modifying"
    if args.get("password") is not None:
        record["state"] = "resetting-master-credentials"
    started = _done(request, record, status="Started")
    request.start(
        "database.modify",
        record["id"],
        args,
        operations=[started],
        operation=request.name,
        resource="database upgraded" if upgrading else "database modified",
    )
    return {"operations": [started]}


def _later(request: Request, record: Record) -> Record:
    """Members that may have to wait for the maintenance window."""
    members: Record = {}
    authority = request.get("caCertificateIdentifier")
    if authority:
        if authority not in AUTHORITIES:
            raise errors.invalid(f"The CA certificate {authority} is not valid. It must be one of: {', '.join(AUTHORITIES)}")
        members["ca_certificate"] = authority
    if request.get("enableBackupRetention") or request.get("disableBackupRetention"):
        members["retention"] = bool(request.get("enableBackupRetention"))
    wanted = request.get("relationalDatabaseBlueprintId")
    if wanted not in (None, record["blueprint_id"]):
        offered = [item["blueprintId"] for item in catalogue_data.load("database_blueprints")["blueprints"]]
        if wanted not in offered or offered.index(wanted) < offered.index(record["blueprint_id"]):
            raise errors.invalid(f"The database {record['name']} cannot be changed from {record['blueprint_id']} to {wanted}.")
        members["blueprint_id"] = wanted
    return members


@operation
def GetRelationalDatabaseMasterUserPassword(request: Request) -> dict[str, Any]:
    record = need(request)
    version = request.get("passwordVersion", "CURRENT")
    password = {
        "CURRENT": record["password"],
        "PREVIOUS": record["previous_password"],
        "PENDING": record["pending_password"],
    }[version]
    if password is None:
        raise errors.not_found("MasterUserPassword", f"{record['name']} {version}")
    return {"masterUserPassword": password, "createdAt": record["password_at"]}


def _power(
    request: Request, action: str, state: str, clock: str, snapshot_id: str | None = None, others: list[Record] | None = None
) -> dict[str, Any]:
    record = need(request)
    record["state"] = state
    # The details of a reboot are there and empty (sample).
    operations = [_done(request, record, status="Started", details="" if action == "reboot" else None), *(others or [])]
    request.start(
        "database.power",
        record["id"],
        {"id": record["id"], "action": action, "snapshot_id": snapshot_id},
        operations=operations,
        operation=request.name,
        resource=clock,
    )
    return {"operations": operations}


@operation
def StartRelationalDatabase(request: Request) -> dict[str, Any]:
    record = need(request)
    if record["state"] != "stopped":
        raise errors.wrong_state(f"The database {record['name']} is {record['state']} and cannot be started.")
    return _power(request, "start", "starting", "database started")


@operation
def StopRelationalDatabase(request: Request) -> dict[str, Any]:
    record = need(request)
    need_available(record, "stopping")
    name = request.get("relationalDatabaseSnapshotName")
    if not name:
        return _power(request, "stop", "stopping", "database stopped")
    snapshot, operations = _last_snapshot(request, record, name)
    return _power(request, "stop", "stopping", "database stopped", snapshot["id"], operations)


def _last_snapshot(request: Request, record: Record, name: str) -> tuple[Record, list[Record]]:
    """One that is taken before the database is deleted or stopped, with its records (sample of delete-relational-database)."""
    from .relational_database_snapshot import new_snapshot

    request.claim_names(name)
    type = "CreateRelationalDatabaseSnapshot"
    return new_snapshot(request, record, name, None), [
        _done(request, record, type=type, details=name, status="Started"),
        request.record_operation(SNAPSHOT, name, type=type, details=record["name"], status="Started"),
    ]


@operation
def RebootRelationalDatabase(request: Request) -> dict[str, Any]:
    record = need(request)
    need_available(record, "a reboot")
    return _power(request, "reboot", "rebooting", "database rebooted")


@operation
def DeleteRelationalDatabase(request: Request) -> dict[str, Any]:
    record = need(request)
    skip, final = bool(request.get("skipFinalSnapshot")), request.get("finalRelationalDatabaseSnapshotName")
    if skip and final:
        raise errors.invalid("Give finalRelationalDatabaseSnapshotName, or set skipFinalSnapshot to true; not both.")
    if record["state"] not in ("available", "stopped", "failed"):
        need_available(record, "deleting")
    if not skip and not final:
        # Who gives neither gets a snapshot of this name (sample).
        final = f"{record['name']}-FinalSnapshot-{int(request.cloud.clock.now() * 1000)}"
    if final and record["state"] == "failed":
        raise errors.wrong_state(f"The database {record['name']} has failed; there is nothing to take a snapshot of.")
    deleted = _done(request, record, status="Started")
    operations = [deleted]
    snapshot_id = None
    if final:
        snapshot, others = _last_snapshot(request, record, final)
        snapshot_id = snapshot["id"]
        operations += others
    record["state"] = "deleting"
    note(request.cloud, record, "DB instance is being deleted", "deletion")
    request.start(
        "database.delete",
        record["id"],
        {"id": record["id"], "snapshot_id": snapshot_id, "release": record["public_ip"]},
        operations=operations,
        operation=request.name,
        resource="database deleted",
    )
    return {"operations": operations}


@operation
def GetRelationalDatabaseEvents(request: Request) -> dict[str, Any]:
    record = need(request)
    start = request.cloud.clock.now() - 60 * request.get("durationInMinutes", 60)
    return request.page([item for item in record["events"] if item["createdAt"] >= start], "relationalDatabaseEvents")
