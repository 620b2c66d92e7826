#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_bucket_access
short_description: Manage who may use a bucket of Amazon Lightsail
version_added: 0.1.0
description:
  - Gives instances access to a bucket, or takes it away. Such an instance reads and writes through its own role, which it
    learns from the metadata service, and needs no key.
  - Manages the bucket's access keys, for software that cannot use the role. A bucket has room for two keys, so that a new one
    can be brought into use before the old one is deleted.
  - Lets other AWS accounts read the bucket.
  - An instance that is made anew has lost its access, even under the same name.
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
attributes:
  idempotent:
    support: partial
    details:
      - With O(bucket_key=rotated), every run makes a new key.
options:
  bucket:
    description: The name of the bucket.
    type: str
    required: true
  state:
    description:
      - With V(present), O(instances) and O(readonly_accounts) get access, and a key is made if O(bucket_key) asks for one.
      - With V(absent), O(instances) and O(readonly_accounts) lose access and O(bucket_key_id) is deleted. When none of these is
        given, all instances and accounts lose access and all keys are deleted.
    type: str
    choices: [present, absent]
    default: present
  instances:
    description:
      - Names of instances in the region of the bucket. They must be running or stopped.
      - When this is not set, the access of instances is left alone.
    type: list
    elements: str
  readonly_accounts:
    description:
      - Identifiers of other AWS accounts, with 12 digits, that may read all objects. A bucket can have ten.
      - When this is not set, the access of other accounts is left alone.
    type: list
    elements: str
  purge:
    description: Whether instances that are not in O(instances), and accounts that are not in O(readonly_accounts), lose access.
    type: bool
    default: false
  bucket_key:
    description:
      - With V(present), there is a key that the caller can use. If O(bucket_key_id) is given, it is that one, if it
        exists; a key is made if not. If O(bucket_key_id) is not given, any active key will do.
      - With V(rotated), a new key is made in any case, and O(bucket_key_id) is kept.
      - The secret is returned once, by the run that makes the key, and cannot be had again.
      - When both places are taken, the older key gives way, but never O(bucket_key_id).
      - When this is not set, keys are left alone.
    type: str
    choices: [present, rotated]
  bucket_key_id:
    description: The identifier of the key that is in use.
    type: str
  purge_bucket_keys:
    description:
      - Whether to delete all keys but O(bucket_key_id), which then has to be given and to exist. This is the last step of a
        rotation.
    type: bool
    default: false
seealso:
  - module: cloudpress.lightsail.lightsail_bucket
  - name: API of resource access
    description: SetResourceAccessForBucket in the Lightsail API reference.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_SetResourceAccessForBucket.html
author:
  - The cloudpress.lightsail authors (@cloudpress)
"""

EXAMPLES = r"""
- name: Let exactly these web nodes write to the bucket
  cloudpress.lightsail.lightsail_bucket_access:
    bucket: example-media-7f3a
    instances: [example-web-1, example-web-2]
    purge: true

- name: Bring a new key into being, and keep the one in use
  cloudpress.lightsail.lightsail_bucket_access:
    bucket: example-media-7f3a
    bucket_key: rotated
    bucket_key_id: "{{ key_in_use }}"
  register: rotation
  no_log: true

- name: Delete the old key, once the new one is in use everywhere
  cloudpress.lightsail.lightsail_bucket_access:
    bucket: example-media-7f3a
    bucket_key_id: "{{ rotation.bucket_access.new_key.access_key_id }}"
    purge_bucket_keys: true

- name: Let exactly one other account read the bucket
  cloudpress.lightsail.lightsail_bucket_access:
    bucket: example-media-7f3a
    readonly_accounts: ["111122223333"]
    purge: true

- name: Take access away from an instance
  cloudpress.lightsail.lightsail_bucket_access:
    bucket: example-media-7f3a
    instances: [example-web-2]
    state: absent
"""

RETURN = r"""
bucket_access:
  description: Who has access; V(null) when the bucket does not exist.
  returned: success
  type: dict
  contains:
    bucket:
      description: The bucket.
      type: str
      sample: example-media-7f3a
    instances:
      description: The instances with access.
      type: list
      elements: str
      sample: [example-web-1, example-web-2]
    readonly_access_accounts:
      description: Other AWS accounts that may read.
      type: list
      elements: str
      sample: ["111122223333"]
    access_keys:
      description: The keys, the oldest first, without their secrets.
      type: list
      elements: dict
      sample: [{"access_key_id": "AKIAIOSFODNN7EXAMPLE", "status": "Active", "created_at": "2026-11-24T06:00:00+00:00"}]
    new_key:
      description:
        - The key that this run made, with its secret. V(null) when it made none, and in check mode.
        - Set C(no_log) on the task to keep it out of logs.
      type: dict
      contains:
        access_key_id:
          description: Its identifier.
          type: str
          sample: AKIAIOSFODNN7EXAMPLE
        secret_access_key:
          description: Its secret.
          type: str
          sample: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
actions:
  description: The mutating API calls that were made, in order.
  returned: success
  type: list
  elements: str
  sample: [SetResourceAccessForBucket]
"""

import re

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import AwsFailure, LightsailModule, same_set, snake
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource

KEYS_PER_BUCKET = 2
NEW = "(a new key)"


def instance_names(raw):
    return sorted(item["name"] for item in raw.get("resourcesReceivingAccess") or [] if item.get("resourceType", "Instance") == "Instance")


def accounts(raw):
    return sorted(raw.get("readonlyAccessAccounts") or [])


def key_ids(raw):
    return [key["accessKeyId"] for key in raw["accessKeys"]]


class BucketAccess(Resource):
    kind = "bucket access"
    name_option = "bucket"
    taggable = False
    options = (
        Option("instances", instance_names, wanted=lambda r: r.wanted_names("instances", instance_names), same=same_set, apply="change_instances"),
        Option(
            "readonly_accounts", accounts, wanted=lambda r: r.wanted_names("readonly_accounts", accounts), same=same_set, apply="change_accounts"
        ),
        Option("access_keys", key_ids, wanted=lambda r: r.wanted_keys(), same=same_set, apply="change_keys"),
    )

    def __init__(self, module):
        super().__init__(module)
        self.found = None
        self.new_key = None
        self.expected = None

    def read(self):
        answer = self.call("GetBuckets", bucketName=self.name, includeConnectedResources=True, missing_ok=True)
        raw = next((bucket for bucket in (answer or {}).get("buckets", []) if bucket["name"] == self.name), None)
        self.found = raw and dict(raw, accessKeys=self.read_keys())
        return self.found

    def read_keys(self):
        answer = self.call("GetBucketAccessKeys", bucketName=self.name, missing_ok=True)
        return sorted((answer or {}).get("accessKeys") or [], key=lambda key: str(key.get("createdAt")))

    # -- what is wanted

    def everything(self):
        """Whether nothing is named, so that state absent takes all access away."""
        return all(self.params[option] is None for option in ("instances", "readonly_accounts", "bucket_key_id"))

    def wanted_names(self, option, read):
        listed, current = self.params[option], read(self.found or {})
        if self.params["state"] == "absent":
            if listed is None:
                return [] if self.everything() else None
            return [name for name in current if name not in listed]
        if listed is None:
            return None
        return sorted(set(listed) if self.params["purge"] else set(listed) | set(current))

    def wanted_keys(self):
        current = key_ids(self.found or {"accessKeys": []})
        in_use = self.params["bucket_key_id"]
        if self.params["state"] == "absent":
            if in_use is None:
                return [] if self.everything() else None
            return [key for key in current if key != in_use]
        if self.params["purge_bucket_keys"]:
            if in_use not in current:
                self.fail("The bucket %s has no access key %s, so its other keys were not deleted." % (self.name, in_use))
            current = [in_use]
        if self.params["bucket_key"] is None:
            return current if self.params["purge_bucket_keys"] else None
        active = [key["accessKeyId"] for key in (self.found or {}).get("accessKeys", []) if key.get("status", "Active") == "Active"]
        usable = in_use in active if in_use else bool(active)
        if self.params["bucket_key"] == "present" and usable:
            return current
        while len(current) >= KEYS_PER_BUCKET:
            # The list is in the order of creation.
            current.remove(next(key for key in current if key != in_use))
        return current + [NEW]

    # -- states

    def main(self):
        for account in self.params["readonly_accounts"] or []:
            if not re.fullmatch(r"[0-9]{12}", account):
                self.fail("readonly_accounts has '%s', but the identifier of an account has 12 digits; quote it in YAML." % account)
        return super().main()

    def present(self):
        self.settle_with(self.read())

    def absent(self):
        current = self.read()
        if current is None:
            return self.finish(None, {}, {})
        self.settle_with(current)

    def settle_with(self, current):
        if current is None and not self.check_mode:
            self.fail("The bucket %s does not exist in this region; create it with lightsail_bucket." % self.name)
        # In check mode, a bucket that is not there yet is one that an earlier task would have made.
        current = current or {"name": self.name, "accessKeys": []}
        changes, before, after = self.compare(current)
        before, after = dict(self.identity(), **before), dict(self.identity(), **after)
        self.changed = bool(changes)
        if self.check_mode or not changes:
            return self.finish(self.represent(current, changes), before, after)
        self.expected = changes.get("instances")
        self.update(current, changes)
        self.finish(self.represent(self.settle()), before, after)

    def ready(self, current):
        return self.expected is None or set(self.expected) == set(instance_names(current))

    def state_of(self, current):
        return "access for %s" % (", ".join(instance_names(current)) or "no instance")

    def change_instances(self, current, changes):
        before = instance_names(current)
        # Access is given before it is taken away.
        for name in [name for name in changes["instances"] if name not in before]:
            self.act("SetResourceAccessForBucket", resourceName=name, bucketName=self.name, access="allow", subject=name)
        for name in [name for name in before if name not in changes["instances"]]:
            self.act("SetResourceAccessForBucket", resourceName=name, bucketName=self.name, access="deny", subject=name)

    def change_accounts(self, current, changes):
        self.act("UpdateBucket", bucketName=self.name, readonlyAccessAccounts=changes["readonly_accounts"])

    def change_keys(self, current, changes):
        for key in key_ids(current):
            if key not in changes["access_keys"]:
                self.delete_key(key)
        if NEW in changes["access_keys"]:
            self.new_key = self.create_key({key for key in key_ids(current) if key in changes["access_keys"]})

    def delete_key(self, key):
        self.act("DeleteBucketAccessKey", bucketName=self.name, accessKeyId=key, missing_ok=True)

    def create_key(self, known):
        """A new key. When an answer is lost, so is the secret in it: the key that nobody can use is deleted again."""
        for last in (False, True):
            try:
                key = self.act("CreateBucketAccessKey", bucketName=self.name)["accessKey"]
                break
            except AwsFailure as failure:
                orphans = self.orphans(known) if failure.answer_lost else []
                for orphan in orphans:
                    self.delete_key(orphan)
                if last or not orphans:
                    raise
        for orphan in self.orphans(known | {key["accessKeyId"]}):
            self.delete_key(orphan)
        return key

    def orphans(self, known):
        return [key["accessKeyId"] for key in self.read_keys() if key["accessKeyId"] not in known]

    def represent(self, current, changes=None):
        changes = changes or {}
        keys = [snake({k: v for k, v in key.items() if k != "secretAccessKey"}) for key in current["accessKeys"]]
        if "access_keys" in changes:
            keys = [key for key in keys if key["access_key_id"] in changes["access_keys"]]
            if NEW in changes["access_keys"]:
                keys.append({"access_key_id": None, "status": "Active", "created_at": None})
        new = self.new_key and {"access_key_id": self.new_key["accessKeyId"], "secret_access_key": self.new_key["secretAccessKey"]}
        return {
            "bucket": self.name,
            "instances": sorted(changes.get("instances", instance_names(current))),
            "readonly_access_accounts": sorted(changes.get("readonly_accounts", accounts(current))),
            "access_keys": keys,
            "new_key": new,
        }


def main():
    module = LightsailModule(
        argument_spec=dict(
            bucket=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            instances=dict(type="list", elements="str"),
            readonly_accounts=dict(type="list", elements="str"),
            purge=dict(type="bool", default=False),
            bucket_key=dict(type="str", choices=["present", "rotated"], no_log=False),
            bucket_key_id=dict(type="str", no_log=False),
            purge_bucket_keys=dict(type="bool", default=False, no_log=False),
        ),
        shapes={"bucket": "BucketName", "instances": "ResourceName", "readonly_accounts": "PartnerIdList"},
        wait=True,
        supports_check_mode=True,
        required_if=[("purge", True, ["instances", "readonly_accounts"], True), ("purge_bucket_keys", True, ["bucket_key_id"])],
    )
    module.run(BucketAccess(module))


if __name__ == "__main__":
    main()
