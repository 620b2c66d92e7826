#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_key_pair_info
short_description: Get SSH key pairs in Amazon Lightsail
version_added: 0.1.0
description:
  - Lists key pairs by name. Lightsail shows neither the public nor the private key of a pair, only its fingerprint.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  names:
    description: Return only key pairs of these names. Names that do not exist are left out.
    type: list
    elements: str
  filters:
    description: Return only key pairs that bear all of these tags. A null value asks for the key alone.
    type: dict
  include_default:
    description: Whether to return the region's default key pair as well. AWS makes it when it is first asked for.
    type: bool
    default: false
seealso:
  - module: cloudpress.lightsail.lightsail_key_pair
"""

EXAMPLES = r"""
- name: Get all key pairs of a region
  cloudpress.lightsail.lightsail_key_pair_info:
  register: found

- name: Show their fingerprints
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.fingerprint }}"
  loop: "{{ found.key_pairs }}"
"""

RETURN = r"""
key_pairs:
  description: The key pairs, by name; each as in RV(cloudpress.lightsail.lightsail_key_pair#module:key_pair).
  returned: success
  type: list
  elements: dict
  sample:
    - name: owner
      fingerprint: 4a:f2:19:09:be:4a:11:2c:90:5c:42:24:c8:cb:6e:b1
      tags: {team: web}
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, has_tags, snake


def find(module):
    names, filters = module.params["names"], module.params["filters"]
    found = [
        pair
        for pair in module.call_all("GetKeyPairs", "keyPairs", includeDefaultKeyPair=module.params["include_default"])
        if (names is None or pair["name"] in names) and has_tags(pair, filters)
    ]
    return {"key_pairs": [snake(pair) for pair in sorted(found, key=lambda pair: pair["name"])]}


def main():
    module = LightsailModule(
        argument_spec=dict(
            names=dict(type="list", elements="str"), filters=dict(type="dict"), include_default=dict(type="bool", default=False)
        ),
        supports_check_mode=True,
    )
    module.run(lambda: find(module))


if __name__ == "__main__":
    main()
