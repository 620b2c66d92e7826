#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_static_ip_info
short_description: Get static IP addresses in Amazon Lightsail
version_added: 0.1.0
description:
  - Lists static IPs by name. They have no tags in Lightsail.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  names:
    description: Return only static IPs of these names. Names that do not exist are left out.
    type: list
    elements: str
  instance_name:
    description:
      - Return only the static IP that is attached to the instance of this name.
      - An empty string returns those that are attached to none, which are billed.
    type: str
seealso:
  - module: cloudpress.lightsail.lightsail_static_ip
"""

EXAMPLES = r"""
- name: Find addresses that nothing uses
  cloudpress.lightsail.lightsail_static_ip_info:
    instance_name: ""
  register: idle

- name: Show them
  ansible.builtin.debug:
    msg: "{{ idle.static_ips | map(attribute='name') }}"
"""

RETURN = r"""
static_ips:
  description: The static IPs, by name; each as in RV(cloudpress.lightsail.lightsail_static_ip#module:static_ip).
  returned: success
  type: list
  elements: dict
  sample:
    - name: blog-1-address
      ip_address: 192.0.2.17
      is_attached: true
      attached_to: blog-1
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, snake


def find(module):
    names, instance = module.params["names"], module.params["instance_name"]
    found = [
        address
        for address in module.call_all("GetStaticIps", "staticIps")
        if (names is None or address["name"] in names) and (instance is None or address.get("attachedTo", "") == instance)
    ]
    return {"static_ips": [snake(address) for address in sorted(found, key=lambda address: address["name"])]}


def main():
    module = LightsailModule(
        argument_spec=dict(names=dict(type="list", elements="str"), instance_name=dict(type="str")), supports_check_mode=True
    )
    module.run(lambda: find(module))


if __name__ == "__main__":
    main()
