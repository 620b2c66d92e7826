#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_database
short_description: Manage MySQL and PostgreSQL databases in Amazon Lightsail
version_added: 1.0.0
description:
  - Creates managed databases, new or from a snapshot, changes what can be changed, starts, stops, reboots and deletes them.
  - A database is billed from its creation to its deletion, also while it is stopped, and AWS starts it by itself after seven days.
  - AWS makes the password of the master user. It is not returned here; M(cloudpress.lightsail.lightsail_database_info) reads it.
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
    description: Engine and major version, for example V(mysql_8_0). Required to create a database, unless from a snapshot.
    type: str
  bundle_id:
    description:
      - The plan, for example V(micro_2_0). Required to create a database. It cannot be changed afterwards, other than by a
        snapshot and a new database, which has another endpoint.
    type: str
  database_name:
    description: Name of the first schema. Required to create a database, unless from a snapshot.
    type: str
  master_username:
    description: Name of the master user.
    type: str
  from_snapshot:
    description:
      - Name of the database snapshot to create the database from; engine, first schema, master user and password come with it.
      - Acts only when the database is created.
    type: str
  parameters:
    description:
      - Parameters of the server by name. Others are left alone.
      - A parameter that the server takes only at its start waits for O(state=rebooted).
    type: dict
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

import difflib

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, Option, Resource, same_text

RECREATE = "take a snapshot and create another database from it"
# States of RDS that end by nothing but human help.
FAILED = ("failed", "restore-error", "storage-full", "inaccessible-encryption-credentials")


def parameter_text(value):
    """MySQL's own spelling of a boolean is 0 or 1."""
    return str(int(value)) if isinstance(value, bool) else str(value)


class Database(Resource):
    kind = "database"
    options = (
        Option("zone", lambda raw: raw["location"]["availabilityZone"], immutable=True, hint=RECREATE),
        Option("blueprint_id", "relationalDatabaseBlueprintId", immutable=True, hint=RECREATE),
        Option("bundle_id", "relationalDatabaseBundleId", immutable=True, hint=RECREATE),
        Option("database_name", "masterDatabaseName", immutable=True, hint="create further schemas with SQL"),
        Option("master_username", "masterUsername", immutable=True, hint="create further users with SQL"),
        Option("backup_retention", "backupRetentionEnabled", apply="change"),
        Option("publicly_accessible", "publiclyAccessible", apply="change"),
        Option("preferred_backup_window", "preferredBackupWindow", same=same_text, apply="change"),
        Option("preferred_maintenance_window", "preferredMaintenanceWindow", same=same_text, apply="change"),
        Option("parameters", "parameters", wanted=lambda r: r.wanted_parameters, apply="set_parameters"),
        Option(
            "state",
            "state",
            wanted=lambda r: {"running": "available", "rebooted": "available", "stopped": "stopped"}.get(r.params["state"]),
            same=lambda current, wanted: (current in ("stopped", "stopping")) == (wanted == "stopped"),
            apply="set_power",
        ),
    )
    unknown = (
        "arn", "ca_certificate_identifier", "created_at", "engine", "engine_version", "master_database_name", "master_endpoint",
        "master_username", "parameter_apply_status", "relational_database_blueprint_id", "support_code",
    )
    required_to_create = ("bundle_id",)
    known_parameters = None

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
        if self.params["parameters"] and found["state"] not in ("creating", "stopped"):
            found["parameters"] = self.read_parameters()
        return found

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
                applyMethod="immediate" if self.known_parameters[name].get("applyType") == "dynamic" else "pending-reboot",
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
        if current is None:
            missing = [o for o in ("blueprint_id", "database_name", "master_username") if not params[o]]
            if missing and not params["from_snapshot"]:
                self.fail("The database %s does not exist and cannot be created without %s, or from_snapshot." % (self.name, " and ".join(missing)))
            if params["zone"] and "_ha_" in (params["bundle_id"] or ""):
                self.fail("zone cannot be given for the high-availability plan %s: AWS puts it into two zones." % params["bundle_id"])

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
        else:
            self.new(
                "CreateRelationalDatabase",
                relationalDatabaseBlueprintId=params["blueprint_id"],
                masterDatabaseName=params["database_name"],
                masterUsername=params["master_username"],
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
            applyImmediately=True,
        )
        if "backup_retention" in changes:
            # Two flags, of which the service accepts only one at a time.
            request["enableBackupRetention" if changes["backup_retention"] else "disableBackupRetention"] = True
        self.act("UpdateRelationalDatabase", **request)
        mine = [option for option in self.options if option.apply == "change" and option.name in changes]
        self.wait_until(lambda found: all(o.equal(o.current(found), changes[o.name]) for o in mine), "to be changed")

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
        self.act("StopRelationalDatabase" if wanted == "stopped" else "StartRelationalDatabase", **self.request())
        self.wait_until(lambda found: found["state"] == wanted, "to be %s" % wanted)

    def rebooted(self):
        found = self.get()
        self.present()
        if found is None or found["state"] == "stopped":
            return
        self.changed = True
        if not self.check_mode:
            self.act("RebootRelationalDatabase", **self.request())
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
            from_snapshot=dict(type="str"),
            parameters=dict(type="dict"),
            backup_retention=dict(type="bool"),
            publicly_accessible=dict(type="bool"),
            preferred_backup_window=dict(type="str"),
            preferred_maintenance_window=dict(type="str"),
            final_snapshot_name=dict(type="str"),
            skip_final_snapshot=dict(type="bool", default=False),
        ),
        mutually_exclusive=[("final_snapshot_name", "skip_final_snapshot")],
        tags=True,
        wait=True,
        supports_check_mode=True,
    )
    module.run(Database(module))


if __name__ == "__main__":
    main()
