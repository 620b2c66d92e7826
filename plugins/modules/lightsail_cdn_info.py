#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_cdn_info
short_description: List content delivery network distributions of Amazon Lightsail
version_added: 0.1.0
description:
  - Returns the distributions of the account.
  - Distributions are global; their API is in us-east-1, which is used whatever O(region) says.
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  names:
    description:
      - Return these distributions only. Names that do not exist are left out without an error.
      - When this is not set, all distributions of the account are returned.
    type: list
    elements: str
  filters:
    description: Return only what bears all of these tags. A V(null) value asks for the key alone.
    type: dict
seealso:
  - module: cloudpress.lightsail.lightsail_cdn
author:
  - The cloudpress.lightsail authors (@cloudpress)
"""

EXAMPLES = r"""
- name: Find the distributions of a site
  cloudpress.lightsail.lightsail_cdn_info:
    filters:
      cloudpress:site: example
  register: found

- name: Show their host names
  ansible.builtin.debug:
    msg: "{{ found.distributions | map(attribute='domain_name') }}"
"""

RETURN = r"""
distributions:
  description:
    - The distributions, by name, with the keys described for M(cloudpress.lightsail.lightsail_cdn).
    - AWS tells C(default_root_object) only of distributions that O(names) asks for.
  returned: success
  type: list
  elements: dict
  sample:
    - name: example-media
      domain_name: d2f8v6l0ni7qk1.cloudfront.net
      status: Deployed
      is_enabled: true
      certificate_name: example-media
      alternative_domain_names: [media.example.com]
      tags: {"cloudpress:site": "example"}
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import GLOBAL_REGION, LightsailModule, has_tags
from ansible_collections.cloudpress.lightsail.plugins.module_utils._distributions import represent_distribution


def main():
    module = LightsailModule(
        argument_spec=dict(names=dict(type="list", elements="str"), filters=dict(type="dict")),
        supports_check_mode=True,
    )

    def work():
        names = module.params["names"]
        if names is None:
            found = module.call_all("GetDistributions", "distributions", region=GLOBAL_REGION)
        else:
            answers = [
                module.call("GetDistributions", distributionName=name, region=GLOBAL_REGION, missing_ok=True, subject=name)
                for name in sorted(set(names))
            ]
            found = [raw for answer in answers if answer for raw in answer.get("distributions") or []]
        shown = [represent_distribution(raw) for raw in found if has_tags(raw, module.params["filters"])]
        return {"distributions": sorted(shown, key=lambda item: item["name"])}

    module.run(work)


if __name__ == "__main__":
    main()
