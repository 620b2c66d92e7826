#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_snapshot
short_description: Manage snapshots in Amazon Lightsail
version_added: 0.1.0
description:
  - Takes and deletes snapshots of instances, managed databases and disks, copies them from other regions, and removes old ones.
  - Keeps automatic snapshots of instances and disks as manual ones, and deletes them.
  - A snapshot of a running instance has the disk as it is after a power failure. A snapshot of a database that is not a
    high-availability one halts its writes for some seconds.
  - Snapshots are billed by size until they are deleted, also when their source is gone.
  - An existing snapshot is never taken anew. Use a name that says when it was made.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.tags
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
options:
  name:
    description:
      - Name of the snapshot. Names are unique in a region, across all kinds of resources.
      - Required, unless an automatic snapshot is to be deleted, which has no name.
    type: str
    aliases: [snapshot_name]
  type:
    description: What it is a snapshot of.
    type: str
    choices: [instance, database, disk]
    default: instance
  source:
    description:
      - Name of the instance, database or disk. Required to create a snapshot, unless as a copy of O(source_snapshot).
      - If the snapshot exists and is of something else, that is an error.
    type: str
    aliases: [instance_name]
  source_snapshot:
    description:
      - Name of a manual snapshot to make this one from, as a copy. Acts only when the snapshot is created.
      - Snapshots of databases cannot be copied.
    type: str
  auto_snapshot:
    description:
      - The automatic snapshot of O(source) to make this one from, as a copy that AWS does not remove after a week. Either its
        date, for example V(2026-11-24), or V(latest). Acts only when the snapshot is created.
      - With O(state=absent) and without O(name), the automatic snapshot of this date to delete.
    type: str
  source_region:
    description: The region of O(source_snapshot) or O(auto_snapshot), when it is another one.
    type: str
  keep:
    description:
      - How many snapshots to keep whose names begin with O(keep_prefix). The oldest are deleted when there are more.
      - Counted are only those of O(type) that can be used, of O(source) if it is set, and bearing O(tags) if they are set. The
        snapshot O(name) counts and is never deleted. Everything else is left alone.
    type: int
  keep_prefix:
    description: The beginning of the names that O(keep) counts. O(name) has to begin with it as well.
    type: str
  state:
    description: Whether the snapshot is to exist.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: cloudpress.lightsail.lightsail_snapshot_info
  - module: cloudpress.lightsail.lightsail_instance
  - module: cloudpress.lightsail.lightsail_database
  - name: CreateInstanceSnapshot in the Lightsail API
    description: The API operation behind this module.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateInstanceSnapshot.html
"""

EXAMPLES = r"""
- name: Snapshot an instance and wait until it can be used
  cloudpress.lightsail.lightsail_snapshot:
    name: blog-1-golden-20261124
    source: blog-1
    tags:
      purpose: golden
  register: golden

- name: Make a second instance from it
  cloudpress.lightsail.lightsail_instance:
    name: blog-2
    zone: eu-central-1b
    bundle_id: small_3_0
    from_snapshot: "{{ golden.snapshot.name }}"

- name: Snapshot a database
  cloudpress.lightsail.lightsail_snapshot:
    name: blog-database-20261124
    type: database
    source: blog-database

- name: Take a snapshot each night and keep those of the last seven
  cloudpress.lightsail.lightsail_snapshot:
    name: "blog-1-nightly-{{ now(utc=true).strftime('%Y%m%d') }}"
    source: blog-1
    keep: 7
    keep_prefix: blog-1-nightly-

- name: Copy a snapshot to another region
  cloudpress.lightsail.lightsail_snapshot:
    region: eu-west-1
    name: blog-1-golden-20261124
    source_snapshot: blog-1-golden-20261124
    source_region: eu-central-1

- name: Keep the newest automatic snapshot for longer than a week
  cloudpress.lightsail.lightsail_snapshot:
    name: blog-1-before-the-accident
    source: blog-1
    auto_snapshot: latest

- name: Delete an automatic snapshot
  cloudpress.lightsail.lightsail_snapshot:
    source: blog-1
    auto_snapshot: '2026-11-20'
    state: absent

- name: Delete a snapshot
  cloudpress.lightsail.lightsail_snapshot:
    name: blog-1-golden-20261124
    state: absent
"""

RETURN = r"""
snapshot:
  description: The snapshot. V(null) when it does not exist.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
      sample: blog-1-golden-20261124
    state:
      description: Its state; V(available) or, for disks, V(completed) when it can be used.
      type: str
      returned: always
      sample: available
    from_instance_name:
      description: The instance it was taken of.
      type: str
      returned: for instances
      sample: blog-1
    from_bundle_id:
      description: The plan of that instance. A new instance needs one of at least its disk size.
      type: str
      returned: for instances
      sample: small_3_0
    from_blueprint_id:
      description: The blueprint of that instance.
      type: str
      returned: for instances
      sample: wordpress
    from_relational_database_name:
      description: The database it was taken of.
      type: str
      returned: for databases
      sample: blog-database
    from_disk_name:
      description: The disk it was taken of.
      type: str
      returned: for disks
      sample: blog-disk
    is_from_auto_snapshot:
      description: Whether it was made from an automatic snapshot.
      type: bool
      returned: for instances and disks
      sample: false
    size_in_gb:
      description: The size of the disk it was taken of.
      type: int
      returned: always
      sample: 60
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:lightsail:eu-central-1:123456789012:InstanceSnapshot/5a6e8a47-8a3c-4f0e-8c6a-2f5ab7a1b2c3
    created_at:
      description: When it was taken.
      type: str
      returned: always
      sample: '2026-11-24T05:12:31.402000+00:00'
    support_code:
      description: Code to tell AWS support.
      type: str
      returned: always
      sample: 123456789012/example
    location:
      description: Its region; there is no zone.
      type: dict
      returned: always
      sample: {availability_zone: all, region_name: eu-central-1}
    resource_type:
      description: The kind of resource.
      type: str
      returned: always
      sample: InstanceSnapshot
    progress:
      description: How far it is; empty when it is complete.
      type: str
      returned: when AWS tells it
      sample: '100%'
    from_attached_disks:
      description: Disks that were attached to the instance and are part of it.
      type: list
      elements: dict
      returned: for instances
      sample: []
    from_instance_arn:
      description: The ARN of the instance, if it is of one.
      type: str
      returned: when AWS tells it
      sample: arn:aws:lightsail:eu-central-1:123456789012:Instance/6a1c
    from_disk_arn:
      description: The ARN of the disk, if it is of one.
      type: str
      returned: for disks
      sample: arn:aws:lightsail:eu-central-1:123456789012:Disk/6a1c
    engine:
      description: The kind of database.
      type: str
      returned: for databases
      sample: mysql
    engine_version:
      description: Its version.
      type: str
      returned: for databases
      sample: '8.0.40'
    from_relational_database_arn:
      description: The ARN of the database.
      type: str
      returned: for databases
      sample: arn:aws:lightsail:eu-central-1:123456789012:RelationalDatabase/6a1c
    from_relational_database_bundle_id:
      description: The plan of the database.
      type: str
      returned: for databases
      sample: micro_2_0
    from_relational_database_blueprint_id:
      description: The blueprint of the database.
      type: str
      returned: for databases
      sample: mysql_8_0
    tags:
      description: Its tags.
      type: dict
      returned: always
      sample: {purpose: golden}
instance_snapshot:
  description: The same as RV(snapshot), under the name that tasks written for community.aws read.
  returned: with O(type=instance)
  type: dict
  sample: {name: blog-1-golden-20261124, state: available}
removed:
  description: Names of the snapshots that were more than O(keep), the newest first. In check mode those that would be deleted.
  returned: when O(keep) is set
  type: list
  elements: str
  sample: [blog-1-nightly-20261117]
actions:
  description: The changing API operations that were called, in their order.
  returned: success
  type: list
  elements: str
  sample: [CreateInstanceSnapshot]
"""

import re

from ansible_collections.cloudpress.lightsail.plugins.module_utils._auto_snapshots import FromAutoSnapshot, automatic_snapshots
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, has_tags
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource

# type: (words of the API for it, parameter prefix of the source, member of the source)
TYPES = {
    "instance": ("InstanceSnapshot", "instance", "fromInstanceName"),
    "database": ("RelationalDatabaseSnapshot", "relationalDatabase", "fromRelationalDatabaseName"),
    "disk": ("DiskSnapshot", "disk", "fromDiskName"),
}
# Instance snapshots become `available`, disk snapshots `completed`; databases use the words of RDS.
USABLE = ("available", "completed")
FAILED = ("error", "failed", "incompatible-restore")


class Snapshot(FromAutoSnapshot, Resource):
    kind = "snapshot"
    automatic_source = "source"
    unknown = ("arn", "created_at", "size_in_gb", "support_code")
    others = None  # those that `keep` counts, the newest first
    doomed = ()

    def __init__(self, module):
        super().__init__(module)
        self.noun, self.source_noun, self.source_member = TYPES[self.params["type"]]
        self.member = self.noun[0].lower() + self.noun[1:]
        self.name_parameter = self.member + "Name"
        self.options = (Option("source", self.source_member, immutable=True, hint="choose another name for the new snapshot"),)
        self.is_copy = bool(self.params["source_snapshot"] or self.params["auto_snapshot"])
        self.source_region = self.automatic_region = self.params["source_region"] or self.params["region"]

    def read(self):
        answer = self.call("Get" + self.noun, missing_ok=True, **{self.name_parameter: self.name})
        return answer and answer[self.member]

    def ready(self, current):
        if current["state"] in FAILED:
            self.fail("The snapshot %s of %s is in state %s; delete it and take another." % (
                self.name, current.get(self.source_member), current["state"]))
        return current["state"] in USABLE

    def check_wishes(self, current):
        params = self.params
        if self.is_copy and params["type"] == "database":
            self.fail("Snapshots of databases cannot be copied: source_snapshot and auto_snapshot are for instances and disks.")
        if params["source_region"] and not self.is_copy:
            self.fail("source_region goes with source_snapshot or auto_snapshot only: a new snapshot is in the region of its source.")
        if params["auto_snapshot"]:
            check_date(self, params["auto_snapshot"])
        if current is None:
            if not (params["source"] or params["source_snapshot"]):
                self.fail("The snapshot %s does not exist and cannot be created without source, or source_snapshot." % self.name)
            if params["auto_snapshot"] and not params["source"]:
                self.fail("The snapshot %s cannot be created from auto_snapshot without source." % self.name)
            if params["auto_snapshot"]:
                self.find_automatic()

    # -- creating

    def create(self):
        if self.is_copy:
            return self.copy()
        self.wait_for_source()
        return self.new(
            "Create" + self.noun,
            tags=self.tag_list(),
            **{self.name_parameter: self.name, self.source_noun + "Name": self.params["source"]}
        )

    def wait_for_source(self):
        """A database has to be available, and an instance must not be pending; whoever ordered it may not have waited."""
        source, noun = self.params["source"], self.source_noun

        def check():
            found = self.call("Get" + noun[0].upper() + noun[1:], subject=source, **{noun + "Name": source})[noun]
            state = found["state"]
            state = state["name"] if isinstance(state, dict) else state
            if found.get("addOns") and any(item["status"] == "InProgress" for item in automatic_snapshots(self.module, source)):
                return False, "an automatic snapshot is being taken"  # AWS takes one at a time
            return state in ("running", "stopped", "available", "in-use"), state

        self.module.poll(check, "the %s %s to be in a state that allows a snapshot" % (self.params["type"], source))

    def copy(self):
        params = self.params
        if params["source_snapshot"]:
            self.wait_for_original()
            origin = dict(sourceSnapshotName=params["source_snapshot"])
        else:
            origin = dict(self.automatic_moment(), sourceResourceName=params["source"])
        self.new("CopySnapshot", targetSnapshotName=self.name, sourceRegion=self.source_region, **origin)

    def wait_for_original(self):
        name = self.params["source_snapshot"]

        def check():
            answer = self.module.call("Get" + self.noun, region=self.source_region, subject=name, **{self.name_parameter: name})
            state = answer[self.member]["state"]
            if state in FAILED:
                self.fail("The snapshot %s cannot be made from %s, which is in state %s." % (self.name, name, state))
            return state in USABLE, state

        self.module.poll(check, "the snapshot %s in %s to be usable" % (name, self.source_region))

    def is_ours(self, found, failure, started):
        # A copy cannot be given tags in the same call.
        self.taggable = not self.is_copy
        try:
            return super().is_ours(found, failure, started)
        finally:
            self.taggable = True

    def delete(self, current):
        if current["state"] not in USABLE + FAILED:
            self.settle(current, force=True)  # AWS refuses to delete one that is being made
        self.act("Delete" + self.noun, missing_ok=True, **{self.name_parameter: self.name})

    # -- keeping the newest

    def check_keep(self):
        params = self.params
        if params["keep"] < 1:
            self.fail("keep is %d; it must be at least 1, because the snapshot %s itself is one of them." % (params["keep"], self.name))
        if not params["keep_prefix"] or not self.name.startswith(params["keep_prefix"]):
            self.fail("keep_prefix is %r; it must be a beginning of the name %s." % (params["keep_prefix"], self.name))

    def counted(self):
        params = self.params
        found = [
            snapshot
            for snapshot in self.call_all("Get%ss" % self.noun, self.member + "s")
            if snapshot["name"].startswith(params["keep_prefix"])
            and snapshot["name"] != self.name
            and snapshot["state"] in USABLE
            and params["source"] in (None, snapshot.get(self.source_member))
            and has_tags(snapshot, params["tags"])
        ]
        found.sort(key=lambda snapshot: snapshot["createdAt"], reverse=True)
        return [snapshot["name"] for snapshot in found]

    def present(self):
        keep = self.params["keep"]
        if keep is None:
            return super().present()
        self.check_keep()
        self.others = self.counted()
        self.doomed = self.others[keep - 1:]
        super().present()
        self.changed = self.changed or bool(self.doomed)
        if not self.check_mode:
            for name in self.doomed:
                self.act("Delete" + self.noun, missing_ok=True, **{self.name_parameter: name})

    def finish(self, shown, before, after):
        if self.others is not None:
            mine = [self.name]
            kept = self.others[:len(self.others) - len(self.doomed)]
            before = dict(before, snapshots=(mine if before else []) + self.others)
            after = dict(after, snapshots=mine + kept)
            self.result["removed"] = list(self.doomed)
        if self.params["type"] == "instance":
            self.result["instance_snapshot"] = shown  # what community.aws really returns, though it documents the other
        super().finish(shown, before, after)

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        if current is None:
            predicted["state"] = "completed" if self.params["type"] == "disk" else "available"
        return predicted


class AutoSnapshot(Resource):
    """One that AWS took by itself: it has no name and can only be deleted."""

    kind = "automatic snapshot"
    key = "snapshot"
    taggable = False

    def __init__(self, module):
        super().__init__(module)
        self.name = "%s of %s" % (self.params["auto_snapshot"], self.params["source"])

    def identity(self):
        return {option: self.params[option] for option in ("source", "auto_snapshot")}

    def read(self):
        return next((item for item in automatic_snapshots(self.module, self.params["source"]) if item["date"] == self.params["auto_snapshot"]), None)

    def ready(self, current):
        return current["status"] != "InProgress"

    def absent(self):
        params = self.params
        if not params["source"]:
            self.fail("An automatic snapshot is not found without source.")
        if params["auto_snapshot"] == "latest":
            self.fail("auto_snapshot is 'latest', which would be another one at each run; give the date of the one to delete.")
        check_date(self, params["auto_snapshot"])
        super().absent()

    def delete(self, current):
        self.settle(current, force=True)
        self.act("DeleteAutoSnapshot", resourceName=self.params["source"], date=self.params["auto_snapshot"], missing_ok=True)


def check_date(resource, date):
    if not re.match(r"(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])|latest)$", date):
        resource.fail("auto_snapshot is %r; it must be a date such as '2026-11-24', or 'latest'." % date)


def main():
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", aliases=["snapshot_name"]),
            type=dict(type="str", choices=["instance", "database", "disk"], default="instance"),
            source=dict(type="str", aliases=["instance_name"]),
            source_snapshot=dict(type="str"),
            source_region=dict(type="str"),
            auto_snapshot=dict(type="str"),
            keep=dict(type="int"),
            keep_prefix=dict(type="str"),
            state=dict(type="str", choices=["present", "absent"], default="present"),
        ),
        mutually_exclusive=[("source_snapshot", "auto_snapshot")],
        required_together=[("keep", "keep_prefix")],
        required_one_of=[("name", "auto_snapshot")],
        required_if=[("state", "present", ["name"])],
        shapes={"name": "ResourceName", "source": "ResourceName", "source_snapshot": "ResourceName", "source_region": "RegionName"},
        tags=True,
        wait=True,
        supports_check_mode=True,
    )
    module.run(Snapshot(module) if module.params["name"] else AutoSnapshot(module))


if __name__ == "__main__":
    main()
