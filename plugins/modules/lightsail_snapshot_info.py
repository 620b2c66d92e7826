#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_snapshot_info
short_description: Get manual snapshots in Amazon Lightsail
version_added: 0.1.0
description:
  - Lists snapshots of instances, managed databases or disks, the newest first.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  type:
    description: What they are snapshots of.
    type: str
    choices: [instance, database, disk]
    default: instance
  names:
    description: Return only snapshots of these names. Names that do not exist are left out.
    type: list
    elements: str
  source:
    description: Return only snapshots of the instance, database or disk of this name.
    type: str
  filters:
    description: Return only snapshots that bear all of these tags. A null value asks for the key alone.
    type: dict
  automatic:
    description:
      - Whether to return the automatic snapshots of O(source) instead, which have a date and no name.
      - An instance or disk that does not exist has none.
    type: bool
    default: false
seealso:
  - module: cloudpress.lightsail.lightsail_snapshot
"""

EXAMPLES = r"""
- name: Find golden snapshots of a site
  cloudpress.lightsail.lightsail_snapshot_info:
    filters:
      cloudpress:site: blog
      purpose: golden
  register: golden

- name: Find automatic snapshots of an instance
  cloudpress.lightsail.lightsail_snapshot_info:
    source: blog-1
    automatic: true
  register: daily

- name: Show the newest
  ansible.builtin.debug:
    msg: "{{ golden.snapshots[0].name | default('none yet') }}"
"""

RETURN = r"""
snapshots:
  description: The snapshots, the newest first; each as in RV(cloudpress.lightsail.lightsail_snapshot#module:snapshot).
  returned: unless O(automatic=true)
  type: list
  elements: dict
  sample:
    - name: blog-1-golden-20261124
      state: available
      from_instance_name: blog-1
      from_bundle_id: small_3_0
      from_blueprint_id: wordpress_ls_1_0
      size_in_gb: 60
      created_at: '2026-11-24T05:12:31.402000+00:00'
      tags: {purpose: golden}
auto_snapshots:
  description: The automatic snapshots, the newest first.
  returned: when O(automatic=true)
  type: list
  elements: dict
  contains:
    date:
      description: The day it is of.
      type: str
      returned: always
      sample: '2026-11-24'
    created_at:
      description: When it was taken.
      type: str
      returned: always
      sample: '2026-11-24T06:12:31.402000+00:00'
    status:
      description: V(Success) when it can be used, V(InProgress) while it is taken, or V(Failed).
      type: str
      returned: always
      sample: Success
    from_attached_disks:
      description: The disks that it holds besides the system disk.
      type: list
      elements: dict
      returned: for instances
      sample: []
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._auto_snapshots import automatic_snapshots
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, has_tags, snake

# type: (operation, key of its answer, member of the source)
TYPES = {
    "instance": ("GetInstanceSnapshots", "instanceSnapshots", "fromInstanceName"),
    "database": ("GetRelationalDatabaseSnapshots", "relationalDatabaseSnapshots", "fromRelationalDatabaseName"),
    "disk": ("GetDiskSnapshots", "diskSnapshots", "fromDiskName"),
}


def find_automatic(module):
    return {"auto_snapshots": [snake(item) for item in automatic_snapshots(module, module.params["source"])]}


def find(module):
    operation, key, source_member = TYPES[module.params["type"]]
    names, source, filters = module.params["names"], module.params["source"], module.params["filters"]
    found = [
        snapshot
        for snapshot in module.call_all(operation, key)
        if (names is None or snapshot["name"] in names)
        and (source is None or snapshot.get(source_member) == source)
        and has_tags(snapshot, filters)
    ]
    found.sort(key=lambda snapshot: snapshot["name"])
    found.sort(key=lambda snapshot: snapshot["createdAt"], reverse=True)
    return {"snapshots": [snake(snapshot) for snapshot in found]}


def main():
    module = LightsailModule(
        argument_spec=dict(
            type=dict(type="str", choices=["instance", "database", "disk"], default="instance"),
            names=dict(type="list", elements="str"),
            source=dict(type="str"),
            filters=dict(type="dict"),
            automatic=dict(type="bool", default=False),
        ),
        required_if=[("automatic", True, ["source"])],
        supports_check_mode=True,
    )
    module.run(lambda: find_automatic(module) if module.params["automatic"] else find(module))


if __name__ == "__main__":
    main()
