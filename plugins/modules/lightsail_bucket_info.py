#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_bucket_info
short_description: List buckets of Amazon Lightsail object storage
version_added: 0.1.0
description:
  - Returns the buckets of a region with their plan, access rules and the instances that have access.
  - Objects are not listed.
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  names:
    description:
      - Return these buckets only. Names that do not exist are left out without an error.
      - When this is not set, all buckets of the region are returned.
    type: list
    elements: str
  filters:
    description: Return only what bears all of these tags. A V(null) value asks for the key alone.
    type: dict
  include_cors:
    description:
      - Whether to return the rules for other sites as well.
      - Needs a boto3 that knows C(includeCors) of C(GetBuckets).
    type: bool
    default: false
seealso:
  - module: cloudpress.lightsail.lightsail_bucket
author:
  - The cloudpress.lightsail authors (@cloudpress)
"""

EXAMPLES = r"""
- name: Find the buckets of a site
  cloudpress.lightsail.lightsail_bucket_info:
    filters:
      cloudpress:site: example
  register: found

- name: Show who has access
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.resources_receiving_access | map(attribute='name') | join(', ') }}"
  loop: "{{ found.buckets }}"
"""

RETURN = r"""
buckets:
  description: The buckets, by name, with the keys described for M(cloudpress.lightsail.lightsail_bucket).
  returned: success
  type: list
  elements: dict
  sample:
    - name: example-media-7f3a
      url: https://example-media-7f3a.s3.eu-central-1.amazonaws.com/
      bundle_id: small_1_0
      access: objects
      resources_receiving_access: [{"name": "example-web-1", "resource_type": "Instance"}]
      tags: {"cloudpress:site": "example"}
account_level_bpa_sync:
  description:
    - How the account's own block on public access stands to Lightsail. When C(bpa_impacts_lightsail) is true, objects
      of public buckets are refused nevertheless.
  returned: success
  type: dict
  sample: {"status": "InSync", "bpa_impacts_lightsail": false}
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._buckets import represent_bucket
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, has_tags, snake


def main():
    module = LightsailModule(
        argument_spec=dict(
            names=dict(type="list", elements="str"), filters=dict(type="dict"), include_cors=dict(type="bool", default=False)
        ),
        supports_check_mode=True,
    )

    def work():
        first = module.call("GetBuckets")
        found, wanted = first.get("buckets") or [], module.params["names"]
        if first.get("nextPageToken"):
            found = module.call_all("GetBuckets", "buckets")
        found = [raw for raw in found if (wanted is None or raw["name"] in wanted) and has_tags(raw, module.params["filters"])]
        # Connected resources are told for one bucket at a time only.
        flags = dict(includeConnectedResources=True, includeCors=module.params["include_cors"] or None)
        details = [module.call("GetBuckets", bucketName=raw["name"], missing_ok=True, subject=raw["name"], **flags) for raw in found]
        buckets = [represent_bucket(raw) for answer in details if answer for raw in answer["buckets"]]
        return {
            "buckets": sorted(buckets, key=lambda bucket: bucket["name"]),
            "account_level_bpa_sync": snake(first.get("accountLevelBpaSync") or {}),
        }

    module.run(work)


if __name__ == "__main__":
    main()
