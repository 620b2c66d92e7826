#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_database
short_description: Manage MySQL and PostgreSQL databases in Amazon Lightsail
version_added: 0.1.0
description:
  - Creates managed databases, new, from a snapshot or from an earlier moment of another one, changes what can be changed, starts, stops,
    reboots and deletes them.
  - A database is billed from its creation to its deletion, also while it is stopped, and AWS starts it by itself after seven days.
  - Unless O(master_password) is set AWS makes the password of the master user. It is not returned here;
    M(cloudpress.lightsail.lightsail_database_info) reads it.
  - Creating a database takes five to fifteen minutes.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.tags
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
attributes:
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: partial
    details:
      - O(state=rebooted) reboots every time.
options:
  name:
    description: Name of the database. Names are unique in a region, across all kinds of resources.
    type: str
    required: true
  state:
    description:
      - V(present) creates the database if it does not exist and leaves its power alone.
      - V(running) and V(stopped) do the same and then start or stop it.
      - V(rebooted) does the same and then reboots it, which brings parameters into force that wait for it.
      - V(absent) deletes it with all its automatic backups. O(final_snapshot_name) or O(skip_final_snapshot) is required then.
    type: str
    choices: [present, absent, running, stopped, rebooted]
    default: present
  zone:
    description:
      - Availability zone. AWS chooses one when it is not set. Not allowed for the plans of high availability.
    type: str
    aliases: [availability_zone]
  blueprint_id:
    description:
      - Engine and major version, for example V(mysql_8_0). Required to create a database, unless from a snapshot or another database.
      - A later version than the present one is an error, unless O(allow_upgrade=true).
    type: str
  allow_upgrade:
    description:
      - Whether to upgrade a database to O(blueprint_id) when it has an earlier major version. It cannot be taken back, and the database
        cannot be reached for ten minutes and more. Take a snapshot before.
    type: bool
    default: false
  bundle_id:
    description:
      - The plan, for example V(micro_2_0). Required to create a database. It cannot be changed afterwards, other than by a
        snapshot and a new database, which has another endpoint.
    type: str
  database_name:
    description: Name of the first schema. Required to create a database, unless from a snapshot or another database.
    type: str
  master_username:
    description: Name of the master user. Required like O(database_name).
    type: str
  master_password:
    description:
      - The password of the master user. It is compared with the one in force, which the API tells, and set when it differs.
      - From 8 to 41 printable ASCII characters other than slash, double quote, at sign and space.
    type: str
  rotate_password_before:
    description:
      - Lets AWS make a new password of the master user when the one in force was made before this moment, which makes it an order that
        is carried out once. The moment is written in the form of ISO 8601 with an offset, for example V(2026-11-24T00:00:00Z).
      - A moment that is still to come is refused, because the password made now would be older again.
      - Whoever uses the old password has to learn the new one; M(cloudpress.lightsail.lightsail_database_info) reads it.
    type: str
  from_snapshot:
    description:
      - Name of the database snapshot to create the database from; engine, first schema, master user and password come with it.
      - Acts only when the database is created.
    type: str
  from_database:
    description:
      - Name of the database of which to create another one, as it was at O(restore_time). It needs automatic backups; see
        O(backup_retention). What comes with it is the same as with O(from_snapshot).
      - Acts only when the database is created.
    type: str
  restore_time:
    description:
      - The moment of O(from_database), in the form of ISO 8601 with an offset, for example V(2026-11-24T05:12:00Z), or V(latest). The last
        five minutes cannot be restored yet.
    type: str
  parameters:
    description:
      - Parameters of the server by name. Others are left alone.
      - A parameter that the server takes only at its start waits for O(state=rebooted).
    type: dict
  parameters_apply:
    description:
      - When changed parameters come into force. With V(immediate) at once, but for those that the server takes only at its start; with
        V(pending-reboot) all of them at the next O(state=rebooted).
    type: str
    choices: [immediate, pending-reboot]
    default: immediate
  apply_immediately:
    description:
      - Whether a change of O(backup_retention) or O(blueprint_id) is made at once rather than in the next maintenance window. AWS makes all
        other changes at once in any case.
      - What waits for the window already is then made at once as well.
    type: bool
    default: true
  ca_certificate_identifier:
    description:
      - The certificate authority that signs the certificate of the server, for example V(rds-ca-rsa2048-g1). Clients that verify it have to
        know the new one before.
      - It cannot be changed with O(apply_immediately=false), because AWS does not tell that such a change waits.
    type: str
  backup_retention:
    description:
      - Whether AWS makes automatic backups, from which any moment of the last seven days can be restored.
      - Switching them off deletes those that exist.
    type: bool
  publicly_accessible:
    description: Whether the database can be reached from outside Lightsail. There is no firewall before it then.
    type: bool
  preferred_backup_window:
    description: Time for backups in UTC, at least half an hour, for example V(03:00-03:30).
    type: str
  preferred_maintenance_window:
    description: Time for maintenance in UTC, at least half an hour, for example V(sun:04:00-sun:04:30).
    type: str
  stop_snapshot_name:
    description: Name of a snapshot to take before the database is stopped. Acts only when O(state=stopped) stops it.
    type: str
  final_snapshot_name:
    description: Name of the snapshot to take before the database is deleted.
    type: str
  skip_final_snapshot:
    description: Whether to delete the database without a last snapshot.
    type: bool
    default: false
seealso:
  - module: cloudpress.lightsail.lightsail_database_info
  - module: cloudpress.lightsail.lightsail_snapshot
  - name: CreateRelationalDatabase in the Lightsail API
    description: The API operation behind this module.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateRelationalDatabase.html
"""

EXAMPLES = r"""
- name: Create a database for a site
  cloudpress.lightsail.lightsail_database:
    name: blog-database
    blueprint_id: mysql_8_0
    bundle_id: micro_2_0
    database_name: wordpress
    master_username: dbmasteruser
    backup_retention: true
    parameters:
      max_allowed_packet: 67108864
    tags:
      cloudpress:site: blog
  register: database

- name: Show where it is
  ansible.builtin.debug:
    msg: "{{ database.database.master_endpoint.address }}:{{ database.database.master_endpoint.port }}"

- name: Restore a snapshot into a new database
  cloudpress.lightsail.lightsail_database:
    name: blog-database-2
    bundle_id: micro_2_0
    from_snapshot: blog-database-20261124

- name: Have the database as it was before an accident beside the present one
  cloudpress.lightsail.lightsail_database:
    name: blog-database-rescued
    bundle_id: micro_2_0
    from_database: blog-database
    restore_time: '2026-11-24T05:10:00Z'

- name: Let AWS make a new password, once
  cloudpress.lightsail.lightsail_database:
    name: blog-database
    rotate_password_before: '2026-11-24T00:00:00Z'

- name: Upgrade to the next major version in the maintenance window
  cloudpress.lightsail.lightsail_database:
    name: blog-database
    blueprint_id: mysql_8_4
    allow_upgrade: true
    apply_immediately: false

- name: Delete the old one and keep a snapshot
  cloudpress.lightsail.lightsail_database:
    name: blog-database
    state: absent
    final_snapshot_name: blog-database-final
"""

RETURN = r"""
database:
  description: The database. V(null) when it does not exist. In check mode, what only AWS can know is V(null).
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
      sample: blog-database
    state:
      description: Its state.
      type: str
      returned: always
      sample: available
    master_endpoint:
      description: Where it listens.
      type: dict
      returned: once it is available
      sample: {address: ls-0a1b2c3d4e5f60718293a4b5c6d7e8f901234567.c9akciq32rbq.eu-central-1.rds.amazonaws.com, port: 3306}
    master_username:
      description: Its master user.
      type: str
      returned: always
      sample: dbmasteruser
    master_database_name:
      description: Its first schema.
      type: str
      returned: always
      sample: wordpress
    engine:
      description: Its engine.
      type: str
      returned: always
      sample: mysql
    engine_version:
      description: The version of its engine.
      type: str
      returned: always
      sample: 8.0.39
    relational_database_blueprint_id:
      description: Engine and major version.
      type: str
      returned: always
      sample: mysql_8_0
    relational_database_bundle_id:
      description: Its plan.
      type: str
      returned: always
      sample: micro_2_0
    backup_retention_enabled:
      description: Whether AWS makes automatic backups.
      type: bool
      returned: always
      sample: true
    publicly_accessible:
      description: Whether it can be reached from outside Lightsail.
      type: bool
      returned: always
      sample: false
    parameter_apply_status:
      description: V(pending-reboot) when parameters wait for a reboot.
      type: str
      returned: always
      sample: in-sync
    ca_certificate_identifier:
      description: The certificate authority of its TLS certificate.
      type: str
      returned: always
      sample: rds-ca-rsa2048-g1
    pending_modified_values:
      description: What waits for the maintenance window or is being changed, of the password, the version and the backups.
      type: dict
      returned: always
      sample: {backup_retention_enabled: false}
    latest_restorable_time:
      description: The latest moment that can be restored.
      type: str
      returned: with automatic backups
      sample: '2026-11-24T06:10:00+00:00'
    parameters:
      description: The values of the parameters named in O(parameters).
      type: dict
      returned: when O(parameters) is set
      sample: {max_allowed_packet: '67108864'}
    location:
      description: Its zone and region.
      type: dict
      returned: always
      sample: {availability_zone: eu-central-1a, region_name: eu-central-1}
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:lightsail:eu-central-1:123456789012:RelationalDatabase/8c7b6a59-4d3e-4f21-9e0d-1c2b3a495867
    created_at:
      description: When it was created.
      type: str
      returned: always
      sample: '2026-11-24T05:12:31.402000+00:00'
    support_code:
      description: Code to tell AWS support.
      type: str
      returned: always
      sample: 123456789012/ls-0f2f88b32fd5
    resource_type:
      description: The kind of resource.
      type: str
      returned: always
      sample: RelationalDatabase
    hardware:
      description: Processors, memory and disk.
      type: dict
      returned: always
      sample: {cpu_count: 2, disk_size_in_gb: 40, ram_size_in_gb: 1.0}
    preferred_backup_window:
      description: When it is backed up every day, in UTC.
      type: str
      returned: always
      sample: '03:00-03:30'
    preferred_maintenance_window:
      description: When AWS may maintain it, in UTC.
      type: str
      returned: always
      sample: tue:04:00-tue:04:30
    pending_maintenance_actions:
      description: Maintenance that is to come.
      type: list
      elements: dict
      returned: always
      sample: []
    secondary_availability_zone:
      description: The zone of the standby of a high-availability plan.
      type: str
      returned: when AWS tells it
      sample: eu-central-1b
    tags:
      description: Its tags.
      type: dict
      returned: always
      sample: {"cloudpress:site": blog}
actions:
  description: The changing API operations that were called, in their order.
  returned: success
  type: list
  elements: str
  sample: [CreateRelationalDatabase, UpdateRelationalDatabaseParameters]
"""

import datetime
import difflib
import re

from ansible_collections.cloudpress.lightsail.plugins.module_utils._catalogue import check_database_offers
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import AwsFailure, Failure, LightsailModule
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource

RECREATE = "take a snapshot and create another database from it"
UPGRADE = "set allow_upgrade for a later major version, or " + RECREATE
# States of RDS that end by nothing but human help.
FAILED = ("failed", "restore-error", "storage-full", "inaccessible-encryption-credentials")
STOPPED = ("stopping", "stopped")


def parameter_text(value):
    """MySQL's own spelling of a boolean is 0 or 1."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def read_moment(text, option):
    """An aware datetime, or None for None."""
    if text is None:
        return None
    try:
        moment = datetime.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Failure("%s is %r; it must be a moment with an offset, such as '2026-11-24T05:12:00Z'." % (option, text))
    return moment


def major(engine, version):
    """mysql and 8.4.5 are the blueprint mysql_8_4."""
    return "_".join([engine] + version.split(".")[:2])


class Database(Resource):
    kind = "database"
    unknown = (
        "arn", "ca_certificate_identifier", "created_at", "engine", "engine_version", "master_database_name", "master_endpoint",
        "master_username", "parameter_apply_status", "relational_database_blueprint_id", "support_code",
    )
    required_to_create = ("bundle_id",)
    known_parameters = None

    @property
    def options(self):
        return (
            Option("zone", lambda raw: raw["location"]["availabilityZone"], immutable=True, hint=RECREATE),
            Option(
                "blueprint_id", self.ordered_blueprint, immutable=not self.params["allow_upgrade"], hint=UPGRADE, apply="change",
                key="relational_database_blueprint_id",
            ),
            Option("bundle_id", "relationalDatabaseBundleId", immutable=True, hint=RECREATE),
            Option("database_name", "masterDatabaseName", immutable=True, hint="create further schemas with SQL"),
            Option("master_username", "masterUsername", immutable=True, hint="create further users with SQL"),
            Option("master_password", "masterPassword", apply="change", secret=True),
            Option(
                "rotate_password_before", "passwordCreatedAt", wanted=lambda r: r.rotate_before, apply="change",
                same=lambda current, wanted: current is not None and current >= wanted,
                show=lambda moment: moment.astimezone(datetime.timezone.utc).isoformat(),
            ),
            Option("backup_retention", self.ordered_retention, apply="change", key="backup_retention_enabled"),
            Option("publicly_accessible", "publiclyAccessible", apply="change"),
            Option("preferred_backup_window", "preferredBackupWindow", apply="change"),
            Option(
                "preferred_maintenance_window", "preferredMaintenanceWindow", apply="change",
                # AWS makes it lower case.
                wanted=lambda r: r.params["preferred_maintenance_window"] and r.params["preferred_maintenance_window"].lower(),
            ),
            Option("ca_certificate_identifier", "caCertificateIdentifier", apply="change"),
            Option("parameters", "parameters", wanted=lambda r: r.wanted_parameters, apply="set_parameters"),
            Option(
                "state", "state", wanted=lambda r: r.wanted_power, apply="set_power",
                same=lambda current, wanted: (current in STOPPED) == (wanted == "stopped"),
            ),
        )

    @property
    def rotate_before(self):
        return read_moment(self.params["rotate_password_before"], "rotate_password_before")

    @property
    def wanted_power(self):
        return {"running": "available", "rebooted": "available", "stopped": "stopped"}.get(self.params["state"])

    def waiting(self, raw):
        """What is ordered already and waits for the window, when it may wait."""
        return {} if self.params["apply_immediately"] else raw.get("pendingModifiedValues") or {}

    def ordered_retention(self, raw):
        return self.waiting(raw).get("backupRetentionEnabled", raw["backupRetentionEnabled"])

    def ordered_blueprint(self, raw):
        version = self.waiting(raw).get("engineVersion")
        return major(raw["engine"], version) if version else raw["relationalDatabaseBlueprintId"]

    def request(self, **more):
        return dict(relationalDatabaseName=self.name, **more)

    def get(self):
        answer = self.call("GetRelationalDatabase", missing_ok=True, **self.request())
        return answer and answer["relationalDatabase"]

    def read(self):
        found = self.get()
        if found is None or self.params["state"] == "absent":
            return found
        if found["state"] == "deleting":
            if not self.check_mode:
                self.wait_gone(self.get)
            return None
        if found["state"] != "creating":
            if self.params["parameters"]:
                found["parameters"] = self.read_parameters()
            if self.params["master_password"] or self.rotate_before:
                self.read_password(found)
        return found

    def read_password(self, found):
        answer = self.call("GetRelationalDatabaseMasterUserPassword", **self.request())
        found["masterPassword"], found["passwordCreatedAt"] = answer["masterUserPassword"], answer["createdAt"]

    def represent(self, current):
        hidden = ("masterPassword", "passwordCreatedAt")
        return super().represent(current and {key: value for key, value in current.items() if key not in hidden})

    # -- parameters

    @property
    def wanted_parameters(self):
        wanted = self.params["parameters"]
        return {str(name): parameter_text(value) for name, value in wanted.items()} if wanted else None

    def read_parameters(self):
        known = self.call_all("GetRelationalDatabaseParameters", "parameters", subject=self.name, **self.request())
        self.known_parameters = {parameter["parameterName"]: parameter for parameter in known}
        for name in self.wanted_parameters:
            parameter = self.known_parameters.get(name)
            if parameter is None:
                near = difflib.get_close_matches(name, self.known_parameters, 1)
                self.fail("The database %s has no parameter %s%s." % (self.name, name, "; did you mean %s" % near[0] if near else ""))
            if not parameter.get("isModifiable", True) and parameter.get("parameterValue") != self.wanted_parameters[name]:
                self.fail("The parameter %s of the database %s cannot be changed; AWS sets it." % (name, self.name))
        return {name: self.known_parameters[name].get("parameterValue", "") for name in self.wanted_parameters}

    def set_parameters(self, current, changes):
        now = current.get("parameters") or self.read_parameters()
        items = [
            dict(
                parameterName=name,
                parameterValue=value,
                applyMethod=self.params["parameters_apply"] if self.known_parameters[name].get("applyType") == "dynamic" else "pending-reboot",
            )
            for name, value in sorted(self.wanted_parameters.items())
            if now.get(name) != value
        ]
        if items:
            self.act("UpdateRelationalDatabaseParameters", parameters=items, **self.request())
            self.wait_until(lambda found: found.get("parameters") == self.wanted_parameters, "to have its new parameters")
        if any(item["applyMethod"] == "pending-reboot" for item in items) and self.params["state"] != "rebooted":
            self.module.warn("Parameters of the database %s wait for a reboot; state=rebooted does that." % self.name)

    # -- the rest

    def ready(self, current):
        state = current["state"]
        if state in FAILED or state.startswith("incompatible-"):
            self.fail("The database %s is in state %s." % (self.name, state))
        # The operation ends before the database is available, and the endpoint appears only on the way.
        return state == "stopped" or (state == "available" and bool(current.get("masterEndpoint")))

    def check_wishes(self, current):
        params = self.params
        if self.rotate_before and self.rotate_before > datetime.datetime.now(datetime.timezone.utc):
            self.fail("rotate_password_before is %r, which is still to come; a new password would be older too." % params["rotate_password_before"])
        if current is not None:
            authority = params["ca_certificate_identifier"]
            if not params["apply_immediately"] and authority not in (None, current["caCertificateIdentifier"]):
                self.fail("ca_certificate_identifier cannot be changed with apply_immediately=false: AWS does not tell that such a change waits.")
            return
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]", self.name):
            # Narrower than for other resources: it becomes a part of the endpoint's name (CreateRelationalDatabase in the API reference).
            self.fail("name is %r; the name of a database must have letters, digits and hyphens only, and no hyphen at its ends." % self.name)
        missing = [o for o in ("blueprint_id", "database_name", "master_username") if not params[o]]
        if missing and not (params["from_snapshot"] or params["from_database"]):
            self.fail(
                "The database %s does not exist and cannot be created without %s, or from_snapshot, or from_database."
                % (self.name, " and ".join(missing))
            )
        if params["zone"] and "_ha_" in (params["bundle_id"] or ""):
            self.fail("zone cannot be given for the high-availability plan %s: AWS puts it into two zones." % params["bundle_id"])
        if params["from_database"]:
            self.check_restore()

    def check_offers(self, new):
        check_database_offers(self, new)

    def check_restore(self):
        """AWS would refuse as well, but not in check mode."""
        params = self.params
        source = params["from_database"]
        answer = self.call("GetRelationalDatabase", relationalDatabaseName=source, subject=source, missing_ok=True)
        latest = (answer or {"relationalDatabase": {}})["relationalDatabase"].get("latestRestorableTime")
        if latest is None:
            self.fail("The database %s cannot be created from %s, which %s." % (
                self.name, source, "has no automatic backups" if answer else "does not exist"))
        if params["restore_time"] != "latest" and read_moment(params["restore_time"], "restore_time") > latest:
            self.fail("restore_time is %r, and the latest moment of %s that can be restored is %s." % (
                params["restore_time"], source, latest.isoformat()))

    def compare(self, current):
        changes, before, after = super().compare(current)
        refused = sorted(set(changes) - {"state", "tags"})
        if current is not None and current["state"] in STOPPED and self.wanted_power != "available" and refused:
            self.fail("The database %s is %s and AWS refuses to change %s then; set state to running, or start it before." % (
                self.name, current["state"], " and ".join(refused)))
        return changes, before, after

    def create(self):
        params = self.params
        request = self.request(
            availabilityZone=params["zone"],
            relationalDatabaseBundleId=params["bundle_id"],
            publiclyAccessible=params["publicly_accessible"],
            tags=self.tag_list(),
        )
        if params["from_snapshot"]:
            self.wait_for_snapshot(params["from_snapshot"])
            self.new("CreateRelationalDatabaseFromSnapshot", relationalDatabaseSnapshotName=params["from_snapshot"], **request)
        elif params["from_database"]:
            latest = params["restore_time"] == "latest"
            moment = dict(useLatestRestorableTime=True) if latest else dict(restoreTime=read_moment(params["restore_time"], "restore_time"))
            self.new(
                "CreateRelationalDatabaseFromSnapshot", sourceRelationalDatabaseName=params["from_database"], **dict(moment, **request)
            )
        else:
            self.new(
                "CreateRelationalDatabase",
                relationalDatabaseBlueprintId=params["blueprint_id"],
                masterDatabaseName=params["database_name"],
                masterUsername=params["master_username"],
                masterUserPassword=params["master_password"],
                preferredBackupWindow=params["preferred_backup_window"],
                preferredMaintenanceWindow=params["preferred_maintenance_window"],
                **request
            )

    def wait_for_snapshot(self, name):
        def check():
            answer = self.call("GetRelationalDatabaseSnapshot", relationalDatabaseSnapshotName=name, subject=name)
            state = answer["relationalDatabaseSnapshot"]["state"]
            if state in ("failed", "error"):
                self.fail("The database %s cannot be created: the snapshot %s is in state %s." % (self.name, name, state))
            return state == "available", state

        self.module.poll(check, "the snapshot %s to be available" % name)

    def change(self, current, changes):
        request = self.request(
            publiclyAccessible=changes.get("publicly_accessible"),
            preferredBackupWindow=changes.get("preferred_backup_window"),
            preferredMaintenanceWindow=changes.get("preferred_maintenance_window"),
            masterUserPassword=changes.get("master_password"),
            rotateMasterUserPassword=True if "rotate_password_before" in changes else None,
            relationalDatabaseBlueprintId=changes.get("blueprint_id"),
            caCertificateIdentifier=changes.get("ca_certificate_identifier"),
            applyImmediately=self.params["apply_immediately"],
        )
        if "backup_retention" in changes:
            # Two flags, of which the service accepts only one at a time.
            request["enableBackupRetention" if changes["backup_retention"] else "disableBackupRetention"] = True
        self.act("UpdateRelationalDatabase", **request)
        mine = [option for option in self.options if option.apply == "change" and option.name in changes]

        def reached(found):
            # Rotation brings another password. Whether that is late enough is for two clocks to say, and waiting would not make it later.
            return all(
                found["masterPassword"] != current["masterPassword"] if o.name == "rotate_password_before" else o.equal(o.current(found), changes[o.name])
                for o in mine
            )

        self.wait_until(reached, "to be changed")

    def update(self, current, changes):
        """Nothing can be changed while it is stopped, so it is started first and stopped last."""
        if changes.get("state") == "available":
            self.set_power(current, changes)
            changes = {name: wanted for name, wanted in changes.items() if name != "state"}
        super().update(current, changes)

    def wait_until(self, reached, what):
        """Values change some time after the operation has ended, and the state goes to `modifying` and back."""

        def check():
            found = self.read()
            if found is None:
                self.fail("The database %s vanished while it was %s." % (self.name, what))
            return self.ready(found) and reached(found), found["state"]

        if self.params["wait"]:
            self.module.poll(check, "the database %s %s" % (self.name, what))

    def set_power(self, current, changes):
        wanted = changes["state"]
        if wanted == "stopped":
            self.act("StopRelationalDatabase", relationalDatabaseSnapshotName=self.params["stop_snapshot_name"], **self.request())
        else:
            self.act("StartRelationalDatabase", **self.request())
        self.wait_until(lambda found: found["state"] == wanted, "to be %s" % wanted)

    def rebooted(self):
        found = self.get()
        self.present()
        if found is None or found["state"] == "stopped":
            return
        self.changed = True
        if not self.check_mode:
            try:
                self.act("RebootRelationalDatabase", **self.request())
            except AwsFailure as failure:
                # The repetition of a reboot whose answer was lost is refused while it goes on.
                if not (failure.answer_lost and failure.refused):
                    raise
                self.note_lost(failure)
            self.wait_until(lambda found: found["state"] == "available", "to be available after its reboot")
            self.result["database"] = self.represent(self.read())

    running = stopped = Resource.present

    def delete(self, current):
        params = self.params
        if current["state"] != "deleting":
            if current["state"] not in FAILED:
                self.settle(current, force=True)  # AWS refuses to delete a database that is being changed
            self.act(
                "DeleteRelationalDatabase",
                skipFinalSnapshot=params["skip_final_snapshot"],
                finalRelationalDatabaseSnapshotName=params["final_snapshot_name"],
                missing_ok=True,
                **self.request()
            )

    def absent(self):
        params = self.params
        if not (params["final_snapshot_name"] or params["skip_final_snapshot"]) and self.read() is not None:
            self.fail("The database %s is not deleted without final_snapshot_name or skip_final_snapshot=true." % self.name)
        super().absent()

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        if current is None:
            predicted.setdefault("state", "available")
        elif changes and "latest_restorable_time" in predicted:
            predicted["latest_restorable_time"] = None  # it moves on by itself
        predicted.pop("password_created_at", None)
        if "parameters" in changes and current is not None:
            predicted["parameter_apply_status"] = None
        if current is not None and set(changes) & {"blueprint_id", "backup_retention"}:
            predicted["pending_modified_values"] = None  # AWS words it in its own way
            if "blueprint_id" in changes:
                predicted["engine_version"] = None
            if not self.params["apply_immediately"]:
                predicted.update(self.represent({name: current[name] for name in ("relationalDatabaseBlueprintId", "backupRetentionEnabled")}))
        if "zone" in changes:
            predicted.pop("zone")
            predicted["location"] = {"availability_zone": changes["zone"], "region_name": changes["zone"][:-1]}
        return predicted


def main():
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent", "running", "stopped", "rebooted"], default="present"),
            zone=dict(type="str", aliases=["availability_zone"]),
            blueprint_id=dict(type="str"),
            bundle_id=dict(type="str"),
            database_name=dict(type="str"),
            master_username=dict(type="str"),
            master_password=dict(type="str", no_log=True),
            rotate_password_before=dict(type="str", no_log=False),
            allow_upgrade=dict(type="bool", default=False),
            from_snapshot=dict(type="str"),
            from_database=dict(type="str"),
            restore_time=dict(type="str"),
            parameters=dict(type="dict"),
            parameters_apply=dict(type="str", choices=["immediate", "pending-reboot"], default="immediate"),
            apply_immediately=dict(type="bool", default=True),
            ca_certificate_identifier=dict(type="str"),
            backup_retention=dict(type="bool"),
            publicly_accessible=dict(type="bool"),
            preferred_backup_window=dict(type="str"),
            preferred_maintenance_window=dict(type="str"),
            stop_snapshot_name=dict(type="str"),
            final_snapshot_name=dict(type="str"),
            skip_final_snapshot=dict(type="bool", default=False),
        ),
        mutually_exclusive=[
            ("final_snapshot_name", "skip_final_snapshot"),
            ("from_snapshot", "from_database"),
            ("master_password", "rotate_password_before"),
        ],
        required_together=[("from_database", "restore_time")],
        shapes={
            "name": "ResourceName",
            "from_snapshot": "ResourceName",
            "from_database": "ResourceName",
            "stop_snapshot_name": "ResourceName",
            "final_snapshot_name": "ResourceName",
        },
        tags=True,
        wait=True,
        supports_check_mode=True,
    )
    module.run(Database(module))


if __name__ == "__main__":
    main()
