#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_instance_info
short_description: Get instances in Amazon Lightsail
version_added: 0.1.0
description:
  - Lists the instances of a region, sorted by name.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  names:
    description: Return only instances of these names. Names that do not exist are left out.
    type: list
    elements: str
  filters:
    description: Return only instances that bear all of these tags. A null value asks for the key alone.
    type: dict
  host_keys:
    description:
      - Whether to return the SSH host keys that Lightsail has seen on each running instance. For others the list is empty.
    type: bool
    default: false
  host_keys_timeout:
    description:
      - For how many seconds, for all instances together, to ask for host keys where Lightsail has not seen any yet, which takes
        a minute or two after the first boot. After that the list is empty.
    type: int
    default: 300
seealso:
  - module: cloudpress.lightsail.lightsail_instance
"""

EXAMPLES = r"""
- name: Find the instances of a site
  cloudpress.lightsail.lightsail_instance_info:
    filters:
      cloudpress:site: blog
    host_keys: true
  register: nodes

- name: Show lines for known_hosts
  ansible.builtin.debug:
    msg: "{{ item.0.public_ip_address }} {{ item.1.algorithm }} {{ item.1.public_key }}"
  loop: "{{ nodes.instances | subelements('host_keys') }}"
"""

RETURN = r"""
instances:
  description: The instances; each as in RV(cloudpress.lightsail.lightsail_instance#module:instance).
  returned: success
  type: list
  elements: dict
  sample:
    - name: blog-1
      state: {code: 16, name: running}
      public_ip_address: 192.0.2.17
      private_ip_address: 172.26.4.11
      username: admin
      blueprint_id: wordpress_ls_1_0
      bundle_id: small_3_0
      tags: {"cloudpress:site": blog}
"""

import time

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, has_tags, snake
from ansible_collections.cloudpress.lightsail.plugins.module_utils._instance import host_keys


def find(module):
    names = module.params["names"]
    if names is not None and len(names) == 1:
        answer = module.call("GetInstance", instanceName=names[0], subject=names[0], missing_ok=True)
        found = [answer["instance"]] if answer else []
    else:
        found = [i for i in module.call_all("GetInstances", "instances") if names is None or i["name"] in names]
    instances = [snake(i) for i in sorted(found, key=lambda i: i["name"]) if has_tags(i, module.params["filters"])]
    if module.params["host_keys"]:
        give_up = time.monotonic() + module.params["host_keys_timeout"]
        for instance in instances:
            running = instance["state"]["name"] == "running"
            left = max(0, give_up - time.monotonic())
            instance["host_keys"] = host_keys(module, instance["name"], instance["created_at"], left) if running else []
    return {"instances": instances}


def main():
    module = LightsailModule(
        argument_spec=dict(
            names=dict(type="list", elements="str"),
            filters=dict(type="dict"),
            host_keys=dict(type="bool", default=False, no_log=False),
            host_keys_timeout=dict(type="int", default=300, no_log=False),
        ),
        supports_check_mode=True,
    )
    module.run(lambda: find(module))


if __name__ == "__main__":
    main()
