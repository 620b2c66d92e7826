#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: route53_domain_info
short_description: Get domain names that are registered through Route 53
version_added: 0.1.0
description:
  - Lists the domain names that the account has registered, when they expire and which name servers they point at. Contacts are
    not shown.
  - Route 53 Domains is the same for all regions.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  names:
    description: Return only these domain names. Those that the account does not have are left out.
    type: list
    elements: str
seealso:
  - module: cloudpress.lightsail.route53_domain
"""

EXAMPLES = r"""
- name: Get all domain names of the account
  cloudpress.lightsail.route53_domain_info:
  register: found

- name: Show those that are not renewed
  ansible.builtin.debug:
    msg: "{{ item.name }} ends at {{ item.expires_at }}"
  loop: "{{ found.domains | rejectattr('auto_renew') }}"
"""

RETURN = r"""
domains:
  description: The domain names, in their order, with keys of RV(cloudpress.lightsail.route53_domain#module:domain).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The domain name.
      type: str
      returned: always
      sample: example.com
    name_servers:
      description: The name servers that the registry names for it.
      type: list
      elements: str
      returned: always
      sample: [ns-1.awsdns-01.com, ns-2.awsdns-02.net]
    auto_renew:
      description: Whether it is renewed before it expires.
      type: bool
      returned: always
      sample: true
    expires_at:
      description: When it expires.
      type: str
      returned: always
      sample: '2027-11-24T05:12:31+00:00'
    status:
      description: Status codes of the registry.
      type: list
      elements: str
      returned: always
      sample: [clientTransferProhibited]
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import GLOBAL_REGION, LightsailModule, snake


def host(name):
    return name.strip().rstrip(".").lower()


def represent(raw):
    shown = snake({member: raw.get(member) for member in ("AutoRenew", "ExpirationDate", "StatusList")})
    return {
        "name": host(raw["DomainName"]),
        "name_servers": sorted(host(server["Name"]) for server in raw.get("Nameservers") or []),
        "auto_renew": shown["auto_renew"],
        "expires_at": shown["expiration_date"],
        "status": shown["status_list"] or [],
    }


def find(module):
    wanted = module.params["names"]
    names = [host(domain["DomainName"]) for domain in module.call_all("ListDomains", "Domains", service="route53domains", region=GLOBAL_REGION)]
    if wanted is not None:
        names = [name for name in names if name in [host(other) for other in wanted]]
    details = [
        module.call("GetDomainDetail", DomainName=name, service="route53domains", region=GLOBAL_REGION, subject=name) for name in sorted(names)
    ]
    return {"domains": [represent(detail) for detail in details]}


def main():
    module = LightsailModule(argument_spec=dict(names=dict(type="list", elements="str")), host_names=["names"], supports_check_mode=True)
    module.run(lambda: find(module))


if __name__ == "__main__":
    main()
