#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_certificate_info
short_description: List TLS certificates for distributions of Amazon Lightsail
version_added: 0.1.0
description:
  - Returns certificates with their status and the DNS records that they need.
  - Distributions only use certificates of us-east-1, so this is what is used whatever O(region) says.
  - The certificates of load balancers are returned by M(cloudpress.lightsail.lightsail_lb_info).
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  names:
    description:
      - Return these certificates only. Names that do not exist are left out without an error.
      - When this is not set, all certificates are returned.
    type: list
    elements: str
  domain:
    description: Return only certificates that are valid for this domain.
    type: str
  filters:
    description: Return only what bears all of these tags. A V(null) value asks for the key alone.
    type: dict
seealso:
  - module: cloudpress.lightsail.lightsail_certificate
author:
  - The cloudpress.lightsail authors (@cloudpress)
"""

EXAMPLES = r"""
- name: Find the certificates for a domain
  cloudpress.lightsail.lightsail_certificate_info:
    domain: media.example.com
  register: found

- name: Show those that can be used
  ansible.builtin.debug:
    msg: "{{ found.certificates | selectattr('status', 'eq', 'ISSUED') | map(attribute='name') }}"
"""

RETURN = r"""
certificates:
  description: The certificates, by name, with the keys described for M(cloudpress.lightsail.lightsail_certificate).
  returned: success
  type: list
  elements: dict
  sample:
    - name: example-media
      domain_name: media.example.com
      domains: [media.example.com]
      status: ISSUED
      in_use: true
      not_after: "2027-12-23T23:59:59+00:00"
      tags: {"cloudpress:site": "example"}
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._certificates import plain
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import GLOBAL_REGION, LightsailModule, has_tags, tag_dict


def main():
    module = LightsailModule(
        argument_spec=dict(
            names=dict(type="list", elements="str"),
            domain=dict(type="str"),
            filters=dict(type="dict"),
        ),
        host_names=["domain"],
        supports_check_mode=True,
    )

    def work():
        names, domain = module.params["names"], module.params["domain"]
        found = module.call_all("GetCertificates", "certificates", region=GLOBAL_REGION, includeCertificateDetails=True)
        shown = [dict(plain(raw), tags=tag_dict(raw.get("tags"))) for raw in found if has_tags(raw, module.params["filters"])]
        if names is not None:
            shown = [item for item in shown if item["name"] in names]
        if domain is not None:
            shown = [item for item in shown if domain.strip().lower().rstrip(".") in item["domains"]]
        return {"certificates": sorted(shown, key=lambda item: item["name"])}

    module.run(work)


if __name__ == "__main__":
    main()
