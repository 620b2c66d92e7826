#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_bucket
short_description: Manage a bucket of Amazon Lightsail object storage
version_added: 0.1.0
description:
  - Creates, changes and deletes buckets, which speak the S3 protocol at C(https://BUCKET.s3.REGION.amazonaws.com).
  - A bucket costs money from its creation on, by its plan (O(bundle_id)).
  - Objects are never touched, except by O(state=absent) with O(force=true), which deletes all of them for good.
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.tags
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
options:
  name:
    description:
      - The name of the bucket, 3 to 54 lower-case letters, digits and hyphens.
      - It is unique among all buckets of all AWS customers and cannot be changed.
    type: str
    required: true
  state:
    description: Whether the bucket should exist.
    type: str
    choices: [present, absent]
    default: present
  bundle_id:
    description:
      - The plan, for example V(small_1_0). M(cloudpress.lightsail.lightsail_catalog_info) lists them.
      - A new bucket gets V(small_1_0) when this is not set; the plan of an existing one is then left alone.
      - AWS allows one change of plan in a billing month.
    type: str
  access:
    description:
      - Who may read objects without credentials. A new bucket is V(private).
      - With V(private), nobody, whatever is set on single objects.
      - With V(objects), everybody may read those objects that were uploaded with the ACL C(public-read), and no others.
      - With V(public), everybody may read everything.
      - A distribution with private origin access reads from all three.
    type: str
    choices: [private, objects, public]
  versioning:
    description:
      - Whether old versions of objects are kept. They count towards the storage of the plan.
      - Switched off, versioning is suspended and existing versions are kept.
    type: bool
  cors:
    description:
      - From which other sites a browser may use the objects. Replaces the present rules; an empty list removes them.
      - The first rule that fits a request is used. There can be twenty.
      - Needs a boto3 that knows C(includeCors) of C(GetBuckets).
    type: list
    elements: dict
    suboptions:
      id:
        description: A name for the rule, up to 255 characters.
        type: str
      allowed_methods:
        description: What may be done.
        type: list
        elements: str
        choices: [GET, HEAD, PUT, POST, DELETE]
        required: true
      allowed_origins:
        description: By pages of which origins, for example V(https://www.example.com), or V(*).
        type: list
        elements: str
        required: true
      allowed_headers:
        description: Which headers such a page may send, or V(*).
        type: list
        elements: str
      expose_headers:
        description: Which headers of the answer such a page may read.
        type: list
        elements: str
      max_age_seconds:
        description: For how long a browser need not ask again.
        type: int
  access_log:
    description: Whether and where accesses are logged. Replaces the present setting.
    type: dict
    suboptions:
      enabled:
        description: Whether they are.
        type: bool
        required: true
      destination:
        description: The bucket that the logs are written to, in the same region. Required with C(enabled=true).
        type: str
      prefix:
        description: What the names of the logs begin with, for example V(logs/).
        type: str
  force:
    description:
      - Delete the bucket even if it holds objects, has access keys, is attached to instances or is the origin of a
        distribution. Objects and their versions are deleted with it.
      - Only used with O(state=absent).
    type: bool
    default: false
seealso:
  - module: cloudpress.lightsail.lightsail_bucket_info
  - module: cloudpress.lightsail.lightsail_bucket_access
  - name: API of bucket creation
    description: CreateBucket in the Lightsail API reference.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateBucket.html
author:
  - The cloudpress.lightsail authors (@cloudpress)
"""

EXAMPLES = r"""
- name: Have a bucket whose objects are public one by one
  cloudpress.lightsail.lightsail_bucket:
    name: example-media-7f3a
    bundle_id: small_1_0
    access: objects
    tags:
      cloudpress:site: example
  register: media

- name: Show where it is
  ansible.builtin.debug:
    msg: "{{ media.bucket.url }}"

- name: Keep old versions of objects from now on
  cloudpress.lightsail.lightsail_bucket:
    name: example-media-7f3a
    versioning: true

- name: Let pages of the site use the objects, and log who reads them
  cloudpress.lightsail.lightsail_bucket:
    name: example-media-7f3a
    cors:
      - allowed_methods: [GET, HEAD]
        allowed_origins: [https://www.example.com]
        max_age_seconds: 3600
    access_log:
      enabled: true
      destination: example-logs-7f3a
      prefix: media/

- name: Delete the bucket with all that is in it
  cloudpress.lightsail.lightsail_bucket:
    name: example-media-7f3a
    state: absent
    force: true
"""

RETURN = r"""
bucket:
  description: The bucket; V(null) when it is absent. In check mode, what only AWS knows is V(null).
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example-media-7f3a
    url:
      description: Where its objects are.
      type: str
      sample: https://example-media-7f3a.s3.eu-central-1.amazonaws.com/
    arn:
      description: Its ARN.
      type: str
      sample: arn:aws:lightsail:eu-central-1:123456789012:Bucket/6a7e2a2c-0b7d-4a0b-9a43-f2a8f3ad0d46
    bundle_id:
      description: Its plan.
      type: str
      sample: small_1_0
    able_to_update_bundle:
      description: Whether the plan may be changed in this billing month.
      type: bool
      sample: true
    access:
      description: Who may read objects without credentials, in the words of O(access).
      type: str
      sample: objects
    access_rules:
      description: The same in the words of the API.
      type: dict
      sample: {"get_object": "private", "allow_public_overrides": true}
    object_versioning:
      description: V(NeverEnabled), V(Enabled) or V(Suspended).
      type: str
      sample: NeverEnabled
    readonly_access_accounts:
      description: Other accounts that may read.
      type: list
      elements: str
      sample: []
    resources_receiving_access:
      description: The instances that may read and write without keys.
      type: list
      elements: dict
      sample: [{"name": "example-web-1", "resource_type": "Instance"}]
    cors:
      description: Its rules for other sites, each as in O(cors).
      returned: when O(cors) is given
      type: list
      elements: dict
      sample: [{"allowed_methods": ["GET"], "allowed_origins": ["*"]}]
    access_log_config:
      description: Whether and where accesses are logged.
      type: dict
      sample: {"enabled": false}
    state:
      description: Its state.
      type: dict
      sample: {"code": "OK"}
    created_at:
      description: When it was created.
      type: str
      returned: always
      sample: '2026-11-24T05:12:31.402000+00:00'
    location:
      description: Its region; there is no zone.
      type: dict
      returned: always
      sample: {availability_zone: all, region_name: eu-central-1}
    resource_type:
      description: The kind of resource.
      type: str
      returned: always
      sample: Bucket
    support_code:
      description: Code to tell AWS support.
      type: str
      returned: always
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
  sample: [CreateBucket, UpdateBucket]
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._buckets import (
    ACCESS_RULES,
    access_log,
    access_word,
    api_cors,
    cors_rule,
    cors_rules,
    represent_bucket,
    same_cors,
)
from ansible_collections.cloudpress.lightsail.plugins.module_utils._catalogue import check_bucket_offers
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource

DEFAULT_BUNDLE = "small_1_0"


def versioning_word(resource):
    wanted = resource.params["versioning"]
    return None if wanted is None else bool(wanted)


class Bucket(Resource):
    kind = "bucket"
    unknown = ("arn", "url", "created_at", "support_code")
    options = (
        Option("bundle_id", "bundleId", apply="change_bundle"),
        Option("access", access_word, apply="change_settings"),
        Option(
            "versioning",
            lambda raw: raw.get("objectVersioning") == "Enabled",
            wanted=versioning_word,
            apply="change_settings",
        ),
        Option("cors", cors_rules, wanted=lambda r: r.wanted_cors(), same=same_cors, apply="change_settings"),
        Option("access_log", access_log, wanted=lambda r: r.wanted_access_log(), apply="change_settings", key="access_log_config"),
    )

    def __init__(self, module):
        super().__init__(module)
        self.account_block = {}

    def read(self):
        # Not every SDK knows of CORS, so it is asked for only when it is managed.
        cors = None if self.params["cors"] is None else True
        answer = self.call("GetBuckets", bucketName=self.name, includeConnectedResources=True, includeCors=cors, missing_ok=True)
        self.account_block = (answer or {}).get("accountLevelBpaSync") or {}
        return next((bucket for bucket in (answer or {}).get("buckets", []) if bucket["name"] == self.name), None)

    def main(self):
        self.check_options()
        return super().main()

    def check_options(self):
        """What no bucket can have and the service's model does not say; nothing is asked before."""
        log = self.params["access_log"] or {}
        if "--" in self.name:
            self.fail("name is '%s', but the name of a bucket cannot have two hyphens in a row." % self.name)
        for number, rule in enumerate(self.params["cors"] or []):
            for option in ("allowed_methods", "allowed_origins"):
                if not rule[option]:
                    self.fail("cors[%d].%s is empty, but a rule has to name at least one." % (number, option))
            if (rule["max_age_seconds"] or 0) < 0:
                self.fail("cors[%d].max_age_seconds is %d, but cannot be negative." % (number, rule["max_age_seconds"]))
        if log.get("enabled") and not log.get("destination"):
            self.fail("access_log is enabled without a destination; name the bucket that the logs are written to.")
        if log and not log["enabled"] and (log["destination"] or log["prefix"]):
            self.fail("access_log has a destination or a prefix, but is not enabled; set enabled, or leave them out.")

    def check_offers(self, new):
        check_bucket_offers(self, new)

    def wanted_cors(self):
        given = self.params["cors"]
        return None if given is None else [cors_rule(rule) for rule in given]

    def wanted_access_log(self):
        given = self.params["access_log"]
        return given and {name: value for name, value in given.items() if value is not None}

    def present(self):
        super().present()
        if self.account_block.get("bpaImpactsLightsail") and self.result[self.result_key]["access"] != "private":
            self.module.warn(
                "The account's own block on public access overrides the access of the bucket %s: its objects stay private." % self.name
            )

    def ready(self, current):
        # `Unknown` is the only other state and comes with a message; it is not said to be final, so it is waited out.
        return current.get("state", {}).get("code", "OK") == "OK"

    def represent(self, current):
        return represent_bucket(current)

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        predicted.pop("versioning", None)
        if current is None:
            predicted.update(bundle_id=self.params["bundle_id"] or DEFAULT_BUNDLE, resources_receiving_access=[])
            predicted.update(access=self.params["access"] or "private", object_versioning="NeverEnabled", able_to_update_bundle=True)
            predicted.setdefault("tags", {})
            predicted["readonly_access_accounts"] = []
            predicted.setdefault("access_log_config", {"enabled": False})
        rules = ACCESS_RULES[predicted["access"]]
        predicted["access_rules"] = {"get_object": rules["getObject"], "allow_public_overrides": rules["allowPublicOverrides"]}
        if current is not None and "bundle_id" in changes:
            predicted["able_to_update_bundle"] = False
        if "versioning" in changes:
            before = predicted["object_versioning"]
            off = before if before == "NeverEnabled" else "Suspended"
            predicted["object_versioning"] = "Enabled" if changes["versioning"] else off
        return predicted

    def create(self):
        self.new(
            "CreateBucket",
            bucketName=self.name,
            bundleId=self.params["bundle_id"] or DEFAULT_BUNDLE,
            enableObjectVersioning=self.params["versioning"],
            tags=self.tag_list(),
        )

    def change_settings(self, current, changes):
        request = {}
        if "access" in changes:
            # The pair of rules is replaced as a whole.
            request["accessRules"] = ACCESS_RULES[changes["access"]]
        if "versioning" in changes:
            request["versioning"] = "Enabled" if changes["versioning"] else "Suspended"
        if "cors" in changes:
            request["cors"] = api_cors(changes["cors"])
        if "access_log" in changes:
            request["accessLogConfig"] = changes["access_log"]
        self.act("UpdateBucket", bucketName=self.name, **request)

    def change_bundle(self, current, changes):
        self.act("UpdateBucketBundle", bucketName=self.name, bundleId=changes["bundle_id"])

    def compare(self, current):
        changes, before, after = super().compare(current)
        if "bundle_id" in changes and current is not None and current.get("ableToUpdateBundle") is False:
            self.fail(
                "The plan of the bucket %s is %s and %s is wanted, but AWS allows only one change of plan in a billing month: "
                "leave bundle_id unset until the next month." % (self.name, current.get("bundleId"), changes["bundle_id"])
            )
        return changes, before, after

    def delete(self, current):
        self.act("DeleteBucket", bucketName=self.name, forceDelete=self.params["force"] or None, missing_ok=True)


def main():
    words = dict(type="list", elements="str")
    cors = dict(
        id=dict(type="str"),
        allowed_methods=dict(words, choices=["GET", "HEAD", "PUT", "POST", "DELETE"], required=True),
        allowed_origins=dict(words, required=True),
        allowed_headers=words,
        expose_headers=words,
        max_age_seconds=dict(type="int"),
    )
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            bundle_id=dict(type="str"),
            access=dict(type="str", choices=["private", "objects", "public"]),
            versioning=dict(type="bool"),
            cors=dict(type="list", elements="dict", options=cors),
            access_log=dict(
                type="dict",
                options=dict(enabled=dict(type="bool", required=True), destination=dict(type="str"), prefix=dict(type="str")),
            ),
            force=dict(type="bool", default=False),
        ),
        shapes={
            "name": "BucketName",
            "bundle_id": "NonEmptyString",
            "cors": "BucketCorsRules",
            "cors.id": "BucketCorsRuleId",
            "access_log.destination": "BucketName",
            "access_log.prefix": "BucketAccessLogPrefix",
        },
        tags=True,
        wait=True,
        supports_check_mode=True,
    )
    module.run(Bucket(module))


if __name__ == "__main__":
    main()
