#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_bucket_access_info
short_description: Get who may use buckets of Amazon Lightsail object storage
version_added: 0.1.0
description:
  - Lists for each bucket the instances that have access to it and its access keys. Secrets of keys are shown by no call of AWS
    but the one that makes them.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  buckets:
    description:
      - Return only the access to these buckets. Names that do not exist are left out.
      - When this is not set, all buckets of the region are returned.
    type: list
    elements: str
seealso:
  - module: cloudpress.lightsail.lightsail_bucket_access
  - module: cloudpress.lightsail.lightsail_bucket_info
"""

EXAMPLES = r"""
- name: See when the keys of a bucket were used last
  cloudpress.lightsail.lightsail_bucket_access_info:
    buckets: [example-media-7f3a]
  register: found

- name: Show it
  ansible.builtin.debug:
    msg: "{{ item.access_key_id }}: {{ item.last_used.last_used_date | default('never') }}"
  loop: "{{ found.bucket_access[0].access_keys }}"
"""

RETURN = r"""
bucket_access:
  description: Who has access, by bucket; each as in RV(cloudpress.lightsail.lightsail_bucket_access#module:bucket_access).
  returned: success
  type: list
  elements: dict
  contains:
    bucket:
      description: Name of the bucket.
      type: str
      returned: always
      sample: example-media-7f3a
    instances:
      description: The instances that have access.
      type: list
      elements: str
      returned: always
      sample: [example-web-1, example-web-2]
    readonly_access_accounts:
      description: Other AWS accounts that may read.
      type: list
      elements: str
      returned: always
      sample: []
    access_keys:
      description: Its keys, the oldest first, without their secrets.
      type: list
      elements: dict
      returned: always
      sample: [{"access_key_id": "AKIAIOSFODNN7EXAMPLE", "status": "Active", "created_at": "2026-11-24T06:00:00+00:00"}]
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, snake


def access(module, name):
    """Of one bucket, or None when it does not exist (any more)."""
    # Connected resources are told for one bucket at a time only.
    answer = module.call("GetBuckets", bucketName=name, includeConnectedResources=True, missing_ok=True, subject=name)
    bucket = next((found for found in (answer or {}).get("buckets") or [] if found["name"] == name), None)
    keys = module.call("GetBucketAccessKeys", bucketName=name, missing_ok=True, subject=name) if bucket else None
    if keys is None:
        return None
    shown = [snake({member: key[member] for member in key if member != "secretAccessKey"}) for key in keys.get("accessKeys") or []]
    return {
        "bucket": name,
        "instances": sorted(resource["name"] for resource in bucket.get("resourcesReceivingAccess") or []),
        "readonly_access_accounts": bucket.get("readonlyAccessAccounts") or [],
        "access_keys": sorted(shown, key=lambda key: str(key.get("created_at"))),
    }


def find(module):
    names = module.params["buckets"]
    if names is None:
        names = [bucket["name"] for bucket in module.call_all("GetBuckets", "buckets")]
    return {"bucket_access": [found for found in (access(module, name) for name in sorted(set(names))) if found]}


def main():
    module = LightsailModule(argument_spec=dict(buckets=dict(type="list", elements="str")), supports_check_mode=True)
    module.run(lambda: find(module))


if __name__ == "__main__":
    main()
