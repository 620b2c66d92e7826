#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_snapshot
short_description: Manage manual snapshots in Amazon Lightsail
version_added: 1.0.0
description:
  - Takes and deletes snapshots of instances, managed databases and disks.
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
    description: Name of the snapshot. Names are unique in a region, across all kinds of resources.
    type: str
    required: true
  type:
    description: What it is a snapshot of.
    type: str
    choices: [instance, database, disk]
    default: instance
  source:
    description:
      - Name of the instance, database or disk. Required to create a snapshot.
      - If the snapshot exists and is of something else, that is an error.
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
    tags:
      description: Its tags.
      type: dict
      returned: always
      sample: {purpose: golden}
actions:
  description: The changing API operations that were called, in their order.
  returned: success
  type: list
  elements: str
  sample: [CreateInstanceSnapshot]
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, Option, Resource

# type: (words of the API for it, parameter prefix of the source, member of the source)
TYPES = {
    "instance": ("InstanceSnapshot", "instance", "fromInstanceName"),
    "database": ("RelationalDatabaseSnapshot", "relationalDatabase", "fromRelationalDatabaseName"),
    "disk": ("DiskSnapshot", "disk", "fromDiskName"),
}
# Instance snapshots become `available`, disk snapshots `completed`; databases use the words of RDS.
USABLE = ("available", "completed")
FAILED = ("error", "failed", "incompatible-restore")


class Snapshot(Resource):
    kind = "snapshot"
    unknown = ("arn", "created_at", "size_in_gb", "support_code")
    required_to_create = ("source",)

    def __init__(self, module):
        super().__init__(module)
        self.noun, self.source_noun, self.source_member = TYPES[self.params["type"]]
        self.member = self.noun[0].lower() + self.noun[1:]
        self.name_parameter = self.member + "Name"
        self.options = (Option("source", self.source_member, immutable=True, hint="choose another name for the new snapshot"),)

    def read(self):
        answer = self.call("Get" + self.noun, missing_ok=True, **{self.name_parameter: self.name})
        return answer and answer[self.member]

    def ready(self, current):
        if current["state"] in FAILED:
            self.fail("The snapshot %s of %s is in state %s; delete it and take another." % (
                self.name, current.get(self.source_member), current["state"]))
        return current["state"] in USABLE

    def create(self):
        self.wait_for_source()
        self.new(
            "Create" + self.noun,
            tags=self.tag_list(),
            **{self.name_parameter: self.name, self.source_noun + "Name": self.params["source"]}
        )

    def wait_for_source(self):
        """A database has to be available, and an instance must not be pending; whoever ordered it may not have waited."""
        source, noun = self.params["source"], self.source_noun

        def check():
            answer = self.call("Get" + noun[0].upper() + noun[1:], subject=source, **{noun + "Name": source})
            state = answer[noun]["state"]
            state = state["name"] if isinstance(state, dict) else state
            return state in ("running", "stopped", "available", "in-use"), state

        self.module.poll(check, "the %s %s to be in a state that allows a snapshot" % (self.params["type"], source))

    def delete(self, current):
        self.act("Delete" + self.noun, missing_ok=True, **{self.name_parameter: self.name})

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        if current is None:
            predicted["state"] = "completed" if self.params["type"] == "disk" else "available"
        return predicted


def main():
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            type=dict(type="str", choices=["instance", "database", "disk"], default="instance"),
            source=dict(type="str"),
            state=dict(type="str", choices=["present", "absent"], default="present"),
        ),
        tags=True,
        wait=True,
        supports_check_mode=True,
    )
    module.run(Snapshot(module))


if __name__ == "__main__":
    main()
