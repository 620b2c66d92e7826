#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_lb_info
short_description: List load balancers of Amazon Lightsail with the health of their targets
version_added: 0.1.0
description:
  - Returns the load balancers of a region with their certificates and the health of their targets.
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  names:
    description:
      - Return these load balancers only. Names that do not exist are left out without an error.
      - When this is not set, all load balancers of the region are returned.
    type: list
    elements: str
  filters:
    description: Return only what bears all of these tags. A V(null) value asks for the key alone.
    type: dict
seealso:
  - module: cloudpress.lightsail.lightsail_lb
author:
  - The cloudpress.lightsail authors (@cloudpress)
"""

EXAMPLES = r"""
- name: Look at the load balancer of a site
  cloudpress.lightsail.lightsail_lb_info:
    names: [example-lb]
  register: found

- name: Show the targets that are not healthy
  ansible.builtin.debug:
    msg: "{{ found.load_balancers | map(attribute='instance_health_summary') | flatten | rejectattr('instance_health', 'eq', 'healthy') }}"
"""

RETURN = r"""
load_balancers:
  description:
    - The load balancers, by name, with the keys described for M(cloudpress.lightsail.lightsail_lb).
    - The certificate is the attached one; C(tls_certificates) has all, and C(validation_records) those of all.
  returned: success
  type: list
  elements: dict
  sample:
    - name: example-lb
      dns_name: 2a6f1c0e9d8b4c7aa1b2c3d4e5f60718-1184263759.eu-central-1.elb.amazonaws.com
      state: active
      protocol: HTTP_HTTPS
      targets: [example-web-1]
      instance_health_summary: [{"instance_name": "example-web-1", "instance_health": "healthy"}]
      tls_certificates: [{"name": "example-lb-tls", "status": "ISSUED", "in_use": true}]
      tags: {"cloudpress:site": "example"}
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._certificates import plain
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, has_tags
from ansible_collections.cloudpress.lightsail.plugins.module_utils._load_balancers import represent_load_balancer


def main():
    module = LightsailModule(
        argument_spec=dict(names=dict(type="list", elements="str"), filters=dict(type="dict")),
        supports_check_mode=True,
    )

    def shown(raw):
        answer = module.call("GetLoadBalancerTlsCertificates", loadBalancerName=raw["name"], missing_ok=True, subject=raw["name"])
        certificates = [plain(item) for item in (answer or {}).get("tlsCertificates") or []]
        attached = next((item for item in certificates if item["in_use"]), None)
        return dict(
            represent_load_balancer(raw),
            tls_certificates=certificates,
            certificate_name=attached and attached["name"],
            certificate_status=attached and attached["status"],
            certificate_attached=attached is not None,
            validation_records=[record for item in certificates for record in item["validation_records"]],
        )

    def work():
        names = module.params["names"]
        if names is None:
            found = module.call_all("GetLoadBalancers", "loadBalancers")
        else:
            answers = [module.call("GetLoadBalancer", loadBalancerName=name, missing_ok=True, subject=name) for name in sorted(set(names))]
            found = [answer["loadBalancer"] for answer in answers if answer]
        balancers = [shown(raw) for raw in found if has_tags(raw, module.params["filters"])]
        return {"load_balancers": sorted(balancers, key=lambda item: item["name"])}

    module.run(work)


if __name__ == "__main__":
    main()
