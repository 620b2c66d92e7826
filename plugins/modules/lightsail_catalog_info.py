#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_catalog_info
short_description: Get what Amazon Lightsail offers and what it costs
version_added: 0.1.0
description:
  - Lists regions with their zones, blueprints, and the plans (bundles) of instances, databases, buckets and distributions
    with their prices in USD per month.
  - The ids of plans differ from region to region, so that it is wise to look them up in the region that is meant.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  kind:
    description: Which catalogue to read.
    type: str
    required: true
    choices:
      - regions
      - blueprints
      - bundles
      - database_blueprints
      - database_bundles
      - bucket_bundles
      - distribution_bundles
      - load_balancer_tls_policies
  include_inactive:
    description: Whether to return also what is no longer sold, where AWS keeps a list of that.
    type: bool
    default: false
seealso:
  - module: cloudpress.lightsail.lightsail_instance
  - module: cloudpress.lightsail.lightsail_database
  - name: GetBundles in the Lightsail API
    description: The API operation for the plans of instances.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_GetBundles.html
"""

EXAMPLES = r"""
- name: Read the plans of the region
  cloudpress.lightsail.lightsail_catalog_info:
    kind: bundles
    region: eu-central-1
  register: plans

- name: Show the cheapest Linux plan with 2 GB of memory and an IPv4 address
  ansible.builtin.debug:
    msg: >-
      {{ plans['items'] | selectattr('ram_size_in_gb', '>=', 2) | selectattr('public_ipv4_address_count', 'eq', 1)
      | selectattr('supported_platforms', 'contains', 'LINUX_UNIX') | sort(attribute='price') | first }}
"""

RETURN = r"""
items:
  description:
    - The entries of the catalogue, members in snake case as the API has them.
    - As C(items) is also a method of dictionaries in templates, write C(result['items']).
  returned: success
  type: list
  elements: dict
  sample:
    - bundle_id: small_3_0
      name: Small
      price: 12.0
      cpu_count: 2
      ram_size_in_gb: 2.0
      disk_size_in_gb: 60
      transfer_per_month_in_gb: 3072
      instance_type: small
      power: 1000
      is_active: true
      supported_platforms: [LINUX_UNIX]
      public_ipv4_address_count: 1
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import GLOBAL_REGION, LightsailModule, snake

# kind: (operation, key of its answer, parameters, whether it takes includeInactive, region)
CATALOGUES = {
    "regions": (
        "GetRegions",
        "regions",
        dict(includeAvailabilityZones=True, includeRelationalDatabaseAvailabilityZones=True),
        False,
        None,
    ),
    "blueprints": ("GetBlueprints", "blueprints", {}, True, None),
    "bundles": ("GetBundles", "bundles", {}, True, None),
    "database_blueprints": ("GetRelationalDatabaseBlueprints", "blueprints", {}, False, None),
    "database_bundles": ("GetRelationalDatabaseBundles", "bundles", {}, True, None),
    "bucket_bundles": ("GetBucketBundles", "bundles", {}, True, None),
    "distribution_bundles": ("GetDistributionBundles", "bundles", {}, False, GLOBAL_REGION),
    "load_balancer_tls_policies": ("GetLoadBalancerTlsPolicies", "tlsPolicies", {}, False, None),
}


def read(module):
    operation, key, request, knows_inactive, region = CATALOGUES[module.params["kind"]]
    if knows_inactive and module.params["include_inactive"]:
        request = dict(request, includeInactive=True)
    items = [snake(item) for item in module.call_all(operation, key, region=region, **request)]
    if not module.params["include_inactive"]:
        # The service leaves inactive entries out by itself where it takes the parameter; distribution bundles do not.
        items = [item for item in items if item.get("is_active", True)]
    return {"items": items}


def main():
    module = LightsailModule(
        argument_spec=dict(
            kind=dict(type="str", required=True, choices=list(CATALOGUES)),
            include_inactive=dict(type="bool", default=False),
        ),
        supports_check_mode=True,
    )
    module.run(lambda: read(module))


if __name__ == "__main__":
    main()
