#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_dns_zone
short_description: Manage a DNS zone of Amazon Lightsail
version_added: 0.1.0
description:
  - Creates and deletes DNS zones and manages their tags. Records are managed by M(cloudpress.lightsail.lightsail_dns_record).
  - A new zone is of no use until the domain is delegated to its name servers, where the domain is registered. For a domain
    that is registered at Route 53 in the same account, M(cloudpress.lightsail.route53_domain) does that.
  - The registration of a domain is never touched.
  - DNS zones are global; their API is in us-east-1, which is used whatever O(region) says.
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.tags
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
options:
  name:
    description: The domain, for example V(example.com).
    type: str
    required: true
  state:
    description: Whether the zone should exist.
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - Delete the zone even if it holds records besides those that every zone has.
      - Only used with O(state=absent).
    type: bool
    default: false
seealso:
  - module: cloudpress.lightsail.lightsail_dns_zone_info
  - module: cloudpress.lightsail.lightsail_dns_record
  - name: API of zone creation
    description: CreateDomain in the Lightsail API reference.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateDomain.html
author:
  - The cloudpress.lightsail authors (@cloudpress)
"""

EXAMPLES = r"""
- name: Have a zone
  cloudpress.lightsail.lightsail_dns_zone:
    name: example.com
    tags:
      cloudpress:site: example
  register: dns

- name: Show the name servers to delegate to
  ansible.builtin.debug:
    msg: "{{ dns.zone.name_servers }}"

- name: Delete the zone with all its records
  cloudpress.lightsail.lightsail_dns_zone:
    name: example.com
    state: absent
    force: true
"""

RETURN = r"""
zone:
  description: The zone; V(null) when it is absent. In check mode, what only AWS knows is V(null).
  returned: success
  type: dict
  contains:
    name:
      description: The domain.
      type: str
      sample: example.com
    arn:
      description: Its ARN.
      type: str
      sample: arn:aws:lightsail:global:123456789012:Domain/4b2f4d1f-53a5-4d5c-8a3a-0a7d7b7f6d3b
    name_servers:
      description: The servers to which the domain has to be delegated.
      type: list
      elements: str
      sample: [ns-1001.awsdns-61.net, ns-2017.awsdns-60.co.uk, ns-301.awsdns-37.com, ns-1500.awsdns-59.org]
    records:
      description: All records but the zone's own NS and SOA, by name, type and value.
      type: list
      elements: dict
      sample: [{"name": "www.example.com", "type": "A", "value": "192.0.2.10", "alias": false}]
    registered_domain_delegation_info:
      description: What Lightsail did about a registration in the same account, if there is one.
      type: dict
      sample: {}
    created_at:
      description: When it was created.
      type: str
      sample: '2026-11-24T05:12:31.402000+00:00'
    location:
      description: Zones are global.
      type: dict
      sample: {availability_zone: all, region_name: global}
    resource_type:
      description: The kind of resource.
      type: str
      sample: Domain
    support_code:
      description: Code to tell AWS support.
      type: str
      sample: 123456789012/example
    tags:
      description: Its tags.
      type: dict
      sample: {"cloudpress:site": "example"}
actions:
  description: The mutating API calls that were made, in order.
  returned: success
  type: list
  elements: str
  sample: [CreateDomain]
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import GLOBAL_REGION, LightsailModule
from ansible_collections.cloudpress.lightsail.plugins.module_utils._records import own_records, represent_zone, zone_name
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Resource


class Zone(Resource):
    kind = "DNS zone"
    key = "zone"
    region = GLOBAL_REGION
    unknown = ("arn", "created_at", "name_servers", "support_code")

    def __init__(self, module):
        super().__init__(module)
        self.name = zone_name(self.name)

    def read(self):
        answer = self.call("GetDomain", domainName=self.name, missing_ok=True)
        return answer and answer["domain"]

    def represent(self, current):
        return represent_zone(current)

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        predicted.setdefault("records", [])
        predicted.setdefault("tags", {})
        return predicted

    def create(self):
        self.new("CreateDomain", domainName=self.name, tags=self.tag_list())

    def absent(self):
        current = self.read()
        records = own_records(current) if current else []
        if records and not self.params["force"]:
            self.fail(
                "The DNS zone %s holds %d records, among them %s of type %s: delete them first, or set force."
                % (self.name, len(records), records[0]["name"], records[0]["type"]),
                zone=self.represent(current),
            )
        super().absent()

    def delete(self, current):
        self.act("DeleteDomain", domainName=self.name, missing_ok=True)


def main():
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            force=dict(type="bool", default=False),
        ),
        tags=True,
        wait=True,
        host_names=["name"],
        supports_check_mode=True,
    )
    module.run(Zone(module))


if __name__ == "__main__":
    main()
