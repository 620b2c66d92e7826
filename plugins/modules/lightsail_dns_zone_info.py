#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_dns_zone_info
short_description: List DNS zones of Amazon Lightsail with their records
version_added: 0.1.0
description:
  - Returns the DNS zones of the account with their name servers, tags and records.
  - DNS zones are global; their API is in us-east-1, which is used whatever O(region) says.
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  names:
    description:
      - Return these zones only. Names that do not exist are left out without an error.
      - When this is not set, all zones of the account are returned.
    type: list
    elements: str
  filters:
    description: Return only what bears all of these tags. A V(null) value asks for the key alone.
    type: dict
seealso:
  - module: cloudpress.lightsail.lightsail_dns_zone
  - module: cloudpress.lightsail.lightsail_dns_record
author:
  - The cloudpress.lightsail authors (@cloudpress)
"""

EXAMPLES = r"""
- name: Look at one zone
  cloudpress.lightsail.lightsail_dns_zone_info:
    names: [example.com]
  register: dns

- name: Show its records
  ansible.builtin.debug:
    msg: "{{ item.name }} {{ item.type }} {{ item.value }}"
  loop: "{{ dns.zones | map(attribute='records') | flatten }}"
"""

RETURN = r"""
zones:
  description: The zones, by name, with the keys described for M(cloudpress.lightsail.lightsail_dns_zone).
  returned: success
  type: list
  elements: dict
  sample:
    - name: example.com
      name_servers: [ns-1001.awsdns-61.net, ns-2017.awsdns-60.co.uk, ns-301.awsdns-37.com, ns-1500.awsdns-59.org]
      records: [{"name": "www.example.com", "type": "A", "value": "192.0.2.10", "alias": false}]
      tags: {"cloudpress:site": "example"}
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import GLOBAL_REGION, LightsailModule, has_tags
from ansible_collections.cloudpress.lightsail.plugins.module_utils._records import represent_zone, zone_name


def main():
    module = LightsailModule(
        argument_spec=dict(names=dict(type="list", elements="str"), filters=dict(type="dict")),
        host_names=["names"],
        supports_check_mode=True,
    )

    def work():
        names = module.params["names"]
        if names is None:
            found = module.call_all("GetDomains", "domains", region=GLOBAL_REGION)
        else:
            answers = [
                module.call("GetDomain", domainName=name, region=GLOBAL_REGION, missing_ok=True, subject=name)
                for name in sorted({zone_name(name) for name in names})
            ]
            found = [answer["domain"] for answer in answers if answer]
        zones = [represent_zone(raw) for raw in found if has_tags(raw, module.params["filters"])]
        return {"zones": sorted(zones, key=lambda zone: zone["name"])}

    module.run(work)


if __name__ == "__main__":
    main()
