#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_dns_record_info
short_description: Get records of a DNS zone in Amazon Lightsail
version_added: 0.1.0
description:
  - Lists the records of a zone, those of one name and type together. The NS and SOA records that every zone has are left out.
  - This is what the zone holds. Whether the world sees it depends on the delegation of the name.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  zone:
    description: Name of the zone, for example V(example.com). A zone that does not exist is an error.
    type: str
    required: true
  name:
    description: Return only records of this name, written in full, or V(@) for the zone itself.
    type: str
  type:
    description: Return only records of this type.
    type: str
    choices: [A, AAAA, CNAME, MX, NS, SRV, TXT]
seealso:
  - module: cloudpress.lightsail.lightsail_dns_record
  - module: cloudpress.lightsail.lightsail_dns_zone_info
"""

EXAMPLES = r"""
- name: Get where a name leads
  cloudpress.lightsail.lightsail_dns_record_info:
    zone: example.com
    name: www.example.com
  register: found

- name: Show it
  ansible.builtin.debug:
    msg: "{{ item.type }} {{ item['values'] | join(', ') }}"
  loop: "{{ found.records }}"
"""

RETURN = r"""
records:
  description: The records, by name and type; each as in RV(cloudpress.lightsail.lightsail_dns_record#module:record).
  returned: success
  type: list
  elements: dict
  sample:
    - zone: example.com
      name: www.example.com
      type: A
      values: [192.0.2.10]
      alias: false
      ttl: 60
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import GLOBAL_REGION, Failure, LightsailModule
from ansible_collections.cloudpress.lightsail.plugins.module_utils._records import (
    RECORD_TYPES,
    TTL,
    RecordError,
    host,
    own_records,
    record_name,
    stored_value,
    zone_name,
)


def find(module):
    zone, wanted_type = zone_name(module.params["zone"]), module.params["type"]
    try:
        name = record_name(module.params["name"], zone) if module.params["name"] is not None else None
    except RecordError as error:
        raise Failure(str(error)) from error
    found = {}
    for entry in own_records(module.call("GetDomain", domainName=zone, region=GLOBAL_REGION, subject=zone)["domain"]):
        key = (host(entry.get("name", "")), entry.get("type"))
        if name in (None, key[0]) and wanted_type in (None, key[1]):
            found.setdefault(key, []).append(entry)
    return {
        "records": [
            {
                "zone": zone,
                "name": key[0],
                "type": key[1],
                "values": sorted(stored_value(entry) for entry in found[key]),
                "alias": any(entry.get("isAlias") for entry in found[key]),
                "ttl": TTL,
            }
            for key in sorted(found)
        ]
    }


def main():
    module = LightsailModule(
        argument_spec=dict(
            zone=dict(type="str", required=True), name=dict(type="str"), type=dict(type="str", choices=list(RECORD_TYPES))
        ),
        host_names=["zone", "name"],
        supports_check_mode=True,
    )
    module.run(lambda: find(module))


if __name__ == "__main__":
    main()
