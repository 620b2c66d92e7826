#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_contact_method_info
short_description: Get where Amazon Lightsail notifies
version_added: 0.1.0
description:
  - Lists the contact methods of a region and whether they can be used.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  protocols:
    description: Return only contact methods of these protocols. An empty list finds none.
    type: list
    elements: str
    choices: [Email, SMS]
seealso:
  - module: cloudpress.lightsail.lightsail_contact_method
"""

EXAMPLES = r"""
- name: Get the contact methods of a region
  cloudpress.lightsail.lightsail_contact_method_info:
  register: found

- name: Show those that wait for their owner
  ansible.builtin.debug:
    msg: "{{ found.contact_methods | selectattr('status', 'equalto', 'PendingVerification') | map(attribute='contact_endpoint') }}"
"""

RETURN = r"""
contact_methods:
  description: The contact methods, by protocol; each as in RV(cloudpress.lightsail.lightsail_contact_method#module:contact_method).
  returned: success
  type: list
  elements: dict
  sample:
    - protocol: Email
      contact_endpoint: admin@example.com
      status: Valid
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, snake


def find(module):
    protocols = module.params["protocols"]
    # AWS reads an empty list as no restriction; whoever names no protocol wants none.
    found = [] if protocols == [] else module.call("GetContactMethods", protocols=protocols)["contactMethods"]
    return {"contact_methods": [snake(method) for method in sorted(found, key=lambda method: method["protocol"])]}


def main():
    module = LightsailModule(
        argument_spec=dict(protocols=dict(type="list", elements="str", choices=["Email", "SMS"])), supports_check_mode=True
    )
    module.run(lambda: find(module))


if __name__ == "__main__":
    main()
