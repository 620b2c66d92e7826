#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_disk_info
short_description: Get block storage disks in Amazon Lightsail
version_added: 0.1.0
description:
  - Lists block storage disks by name. The system disks of instances are not among them.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  names:
    description: Return only disks of these names. Names that do not exist are left out.
    type: list
    elements: str
  instance_name:
    description: Return only disks that are attached to the instance of this name.
    type: str
  filters:
    description: Return only disks that bear all of these tags. A null value asks for the key alone.
    type: dict
seealso:
  - module: cloudpress.lightsail.lightsail_disk
"""

EXAMPLES = r"""
- name: Find the disks of an instance
  cloudpress.lightsail.lightsail_disk_info:
    instance_name: blog-1
  register: found

- name: Show where they are
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.path }}"
  loop: "{{ found.disks }}"
"""

RETURN = r"""
disks:
  description: The disks, by name; each as in RV(cloudpress.lightsail.lightsail_disk#module:disk).
  returned: success
  type: list
  elements: dict
  sample:
    - name: blog-uploads
      state: in-use
      size_in_gb: 64
      attached_to: blog-1
      path: /dev/xvdf
      tags: {"cloudpress:site": blog}
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, has_tags, snake


def find(module):
    names, instance, filters = (module.params[option] for option in ("names", "instance_name", "filters"))
    found = [
        disk
        for disk in module.call_all("GetDisks", "disks")
        if (names is None or disk["name"] in names) and (instance is None or disk.get("attachedTo") == instance) and has_tags(disk, filters)
    ]
    return {"disks": [snake(disk) for disk in sorted(found, key=lambda disk: disk["name"])]}


def main():
    module = LightsailModule(
        argument_spec=dict(names=dict(type="list", elements="str"), instance_name=dict(type="str"), filters=dict(type="dict")),
        supports_check_mode=True,
    )
    module.run(lambda: find(module))


if __name__ == "__main__":
    main()
