#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_cdn
short_description: Manage a content delivery network distribution of Amazon Lightsail
version_added: 0.1.0
description:
  - Creates, changes and deletes distributions, which cache what a bucket, an instance or a load balancer has.
  - A distribution costs money from its creation on, by its plan (O(bundle_id)).
  - Every change takes AWS some minutes, during which no other is accepted. The module waits for the end of a change before it
    makes the next, and with O(wait=true) also for the end of the last.
  - Distributions are global; their API is in us-east-1, which is used whatever O(region) says. Only the origin has a region.
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.tags
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
attributes:
  idempotent:
    support: partial
    details:
      - With O(reset_cache=true), every run forgets what is cached.
options:
  name:
    description: The name of the distribution.
    type: str
    required: true
  state:
    description: Whether the distribution should exist.
    type: str
    choices: [present, absent]
    default: present
  bundle_id:
    description:
      - The plan, for example V(small_1_0). M(cloudpress.lightsail.lightsail_catalog_info) lists them.
      - A new distribution gets V(small_1_0) when this is not set; the plan of an existing one is then left alone.
      - AWS allows one change of plan in a billing month.
    type: str
  origin:
    description: Where the content comes from. Required to create a distribution. What is not set in it is left alone.
    type: dict
    suboptions:
      name:
        description:
          - The name of a bucket, an instance or a load balancer.
          - An instance needs a static IP, a load balancer at least one target.
        type: str
        required: true
      region:
        description: The region of the origin. By default that of O(region).
        type: str
      protocol_policy:
        description: How the origin is spoken to. Buckets are always V(https-only).
        type: str
        choices: [http-only, https-only]
      ip_address_type:
        description: Over which protocol the origin is reached. Needs a boto3 that knows it.
        type: str
        choices: [dualstack, ipv4, ipv6]
      response_timeout:
        description: After how many seconds without an answer the origin is given up, 1 to 60.
        type: int
      private_access:
        description:
          - Whether the distribution may read objects that nobody else may. Only for buckets.
          - Needs a boto3 that knows C(enablePrivateOriginAccess).
        type: bool
  default_behavior:
    description: What is done with paths that O(behaviors) does not name. A new distribution uses V(cache) when this is not set.
    type: str
    choices: [cache, dont-cache]
  behaviors:
    description: Paths for which something else is done. Replaces the present list.
    type: list
    elements: dict
    suboptions:
      path:
        description: A path or pattern, for example V(wp-content/*).
        type: str
        required: true
      behavior:
        description: What is done with it.
        type: str
        choices: [cache, dont-cache]
        required: true
  settings:
    description: How caching works. What is not set in it is left alone.
    type: dict
    suboptions:
      default_ttl:
        description: Seconds for which something is cached, when the origin does not say. V(0) is refused by AWS.
        type: int
      minimum_ttl:
        description: Seconds for which it is cached at least.
        type: int
      maximum_ttl:
        description: Seconds for which it is cached at most.
        type: int
      allowed_http_methods:
        description: Which methods reach the origin.
        type: str
        choices: ['GET,HEAD', 'GET,HEAD,OPTIONS', 'GET,HEAD,OPTIONS,PUT,PATCH,POST,DELETE']
      cached_http_methods:
        description: Whose answers are cached.
        type: str
        choices: ['GET,HEAD', 'GET,HEAD,OPTIONS']
      forwarded_cookies:
        description: Which cookies reach the origin and tell cached answers apart.
        type: dict
        suboptions:
          option:
            description: Which.
            type: str
            choices: [none, allow-list, all]
            required: true
          cookies_allow_list:
            description: Their names, with V(allow-list).
            type: list
            elements: str
      forwarded_headers:
        description: Which headers reach the origin and tell cached answers apart.
        type: dict
        suboptions:
          option:
            description: Which.
            type: str
            choices: [none, allow-list, all]
            required: true
          headers_allow_list:
            description: Their names, with V(allow-list).
            type: list
            elements: str
      forwarded_query_strings:
        description: Which parts of the query reach the origin and tell cached answers apart.
        type: dict
        suboptions:
          option:
            description: Whether any do.
            type: bool
            required: true
          query_strings_allow_list:
            description: Their names. All do, when this is not set.
            type: list
            elements: str
  default_root_object:
    description: The object that is delivered for the path C(/).
    type: str
  error_pages:
    description:
      - What is delivered when the origin answers with an error. Replaces the present list.
      - Needs a boto3 that knows C(customErrorResponses).
    type: list
    elements: dict
    suboptions:
      error_code:
        description: The status of the origin's answer.
        type: int
        choices: [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]
        required: true
      response_code:
        description: The status that the visitor gets. Goes together with C(page_path).
        type: int
      page_path:
        description: The object of the origin that is delivered instead, for example V(/404.html).
        type: str
      caching_seconds:
        description: For how long the error is kept at least.
        type: int
        default: 10
  waf:
    description:
      - The web application firewall, which the plans V(medium_1_0) and V(large_1_0) have. Replaces the present setting.
      - Needs a boto3 that knows C(enableWaf).
    type: dict
    suboptions:
      enabled:
        description: Whether requests are inspected.
        type: bool
        required: true
      rules:
        description: The groups of rules. Which ones there are depends on the plan. Without any, nothing is blocked.
        type: list
        elements: dict
        suboptions:
          name:
            description: The name of the group.
            type: str
            required: true
            choices:
              - AWSManagedRulesCommonRuleSet
              - AWSManagedRulesKnownBadInputsRuleSet
              - AWSManagedRulesAnonymousIpList
              - AWSManagedRulesAdminProtectionRuleSet
              - AWSManagedRulesSQLiRuleSet
              - AWSManagedRulesLinuxRuleSet
              - AWSManagedRulesUnixRuleSet
              - AWSManagedRulesWindowsRuleSet
              - AWSManagedRulesPHPRuleSet
              - AWSManagedRulesWordPressRuleSet
              - AWSManagedRulesAmazonIpReputationList
              - AWSManagedRulesACFPRuleSet
              - AWSManagedRulesATPRuleSet
              - AWSManagedRulesBotControlRuleSet
          login:
            description: How people log in. Required for C(AWSManagedRulesATPRuleSet), and only for that.
            type: dict
            suboptions:
              path:
                description: Where, for example V(/wp-login.php).
                type: str
                required: true
              payload:
                description: The type of the request's body.
                type: str
                choices: [json, form]
                required: true
              username_field:
                description: The field that has the name of the user; a JSON pointer such as V(/user) with V(json).
                type: str
                required: true
              password_field:
                description: The field that has the password, likewise. It is the name of a field and no secret.
                type: str
                required: true
              success_codes:
                description: One to ten statuses that say that a login has worked.
                type: list
                elements: int
                required: true
              failure_codes:
                description: One to ten statuses that say that it has not.
                type: list
                elements: int
                required: true
          sign_up:
            description: How accounts are made. Required for C(AWSManagedRulesACFPRuleSet), and only for that.
            type: dict
            suboptions:
              path:
                description: Where the form is sent to.
                type: str
                required: true
              page_path:
                description: Where the form is shown.
                type: str
                required: true
              payload:
                description: The type of the request's body.
                type: str
                choices: [json, form]
                required: true
              success_codes:
                description: One to ten statuses that say that it has worked.
                type: list
                elements: int
                required: true
              failure_codes:
                description: One to ten statuses that say that it has not.
                type: list
                elements: int
                required: true
          bot_inspection:
            description: How deeply bots are looked for. Required for C(AWSManagedRulesBotControlRuleSet), and only for that.
            type: str
            choices: [common, targeted]
  viewer_minimum_tls:
    description: The oldest version of TLS that is accepted.
    type: str
    choices: [TLSv1.1_2016, TLSv1.2_2018, TLSv1.2_2019, TLSv1.2_2021]
  ip_address_type:
    description: Over which protocols visitors can come.
    type: str
    choices: [dualstack, ipv4]
  certificate_name:
    description:
      - The name of an issued certificate of us-east-1 (see M(cloudpress.lightsail.lightsail_certificate)), with whose domains
        the distribution can then be used.
      - The empty string takes the certificate away.
    type: str
  enabled:
    description: Whether the distribution serves anything.
    type: bool
  reset_cache:
    description: Forget what is cached. Nothing is done if the distribution is new.
    type: bool
    default: false
seealso:
  - module: cloudpress.lightsail.lightsail_cdn_info
  - module: cloudpress.lightsail.lightsail_certificate
  - name: API of distribution creation
    description: CreateDistribution in the Lightsail API reference.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateDistribution.html
author:
  - The cloudpress.lightsail authors (@cloudpress)
"""

EXAMPLES = r"""
- name: Deliver the objects of a private bucket
  cloudpress.lightsail.lightsail_cdn:
    name: example-media
    origin:
      name: example-media-7f3a
      region: eu-central-1
      private_access: true
    default_behavior: cache
    settings:
      default_ttl: 86400
      forwarded_query_strings:
        option: false
    tags:
      cloudpress:site: example
  register: cdn

- name: Use a name of our own
  cloudpress.lightsail.lightsail_cdn:
    name: example-media
    certificate_name: "{{ issued.certificate.name }}"

- name: Show a page of our own for what is missing, and keep known attacks away
  cloudpress.lightsail.lightsail_cdn:
    name: example-media
    bundle_id: medium_1_0
    error_pages:
      - error_code: 404
        response_code: 404
        page_path: /404.html
    waf:
      enabled: true
      rules:
        - name: AWSManagedRulesCommonRuleSet

- name: Forget what is cached
  cloudpress.lightsail.lightsail_cdn:
    name: example-media
    reset_cache: true

- name: Delete the distribution
  cloudpress.lightsail.lightsail_cdn:
    name: example-media
    state: absent
"""

RETURN = r"""
distribution:
  description: The distribution; V(null) when it is absent. In check mode, what only AWS knows is V(null).
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example-media
    domain_name:
      description: Its own host name, to which an alias record can point.
      type: str
      sample: d2f8v6l0ni7qk1.cloudfront.net
    alternative_domain_names:
      description: The names with which it can be used besides, which are those of its certificate.
      type: list
      elements: str
      sample: [media.example.com]
    status:
      description: V(Deployed), or V(InProgress) while a change is under way.
      type: str
      sample: Deployed
    is_enabled:
      description: Whether it serves anything.
      type: bool
      sample: true
    bundle_id:
      description: Its plan.
      type: str
      sample: small_1_0
    able_to_update_bundle:
      description: Whether the plan may be changed in this billing month.
      type: bool
      sample: true
    certificate_name:
      description: Its certificate; V(null) when it has none of its own.
      type: str
      sample: example-media
    origin:
      description: Where the content comes from.
      type: dict
      sample:
        name: example-media-7f3a
        region_name: eu-central-1
        protocol_policy: https-only
        resource_type: Bucket
        is_private_origin_access_enabled: true
    default_cache_behavior:
      description: What is done with paths that no other behavior names.
      type: dict
      sample: {"behavior": "cache"}
    cache_behaviors:
      description: What is done with which paths.
      type: list
      elements: dict
      sample: []
    cache_behavior_settings:
      description: How caching works, with the keys of O(settings).
      type: dict
      sample: {"default_ttl": 86400, "minimum_ttl": 0, "maximum_ttl": 31536000}
    custom_error_responses:
      description: What is delivered when the origin answers with an error, with the keys of O(error_pages).
      returned: when the SDK knows it
      type: list
      elements: dict
      sample: [{"error_code": 404, "response_code": 404, "page_path": "/404.html", "caching_seconds": 10}]
    waf:
      description: The web application firewall, with the keys of O(waf).
      type: dict
      sample: {"enabled": false, "rules": []}
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:lightsail:global:123456789012:Distribution/1f2e3d4c-5b6a-4798-8897-a6b5c4d3e2f1
    support_code:
      description: Code to tell AWS support.
      type: str
      returned: always
      sample: 123456789012/example
    created_at:
      description: When it was created.
      type: str
      returned: always
      sample: '2026-11-24T05:12:31.402000+00:00'
    location:
      description: Where its API is.
      type: dict
      returned: always
      sample: {availability_zone: all, region_name: us-east-1}
    resource_type:
      description: The kind of resource.
      type: str
      returned: always
      sample: Distribution
    origin_public_dns:
      description: The host name of the origin.
      type: str
      returned: always
      sample: example-media.s3.eu-central-1.amazonaws.com
    ip_address_type:
      description: The kinds of addresses.
      type: str
      returned: always
      sample: dualstack
    viewer_minimum_tls_protocol_version:
      description: The oldest version of TLS that visitors may use.
      type: str
      returned: always
      sample: TLSv1.2_2021
    default_root_object:
      description: What is served for the bare host name.
      type: str
      returned: when AWS tells it
      sample: index.html
    subdomain:
      description: The name below amazonlightsail.com that leads here.
      type: dict
      returned: when AWS tells it
      sample: {name: example}
    tags:
      description: Its tags.
      type: dict
      sample: {"cloudpress:site": "example"}
actions:
  description: The mutating API calls that were made, in order.
  returned: success
  type: list
  elements: str
  sample: [CreateDistribution, AttachCertificateToDistribution]
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._catalogue import check_distribution_offers
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import GLOBAL_REGION, LightsailModule
from ansible_collections.cloudpress.lightsail.plugins.module_utils._distributions import (
    WAF_MEDIUM,
    api_error_pages,
    api_origin,
    api_settings,
    api_waf_rules,
    argument_spec,
    behaviors_of,
    error_pages_of,
    merged_settings,
    mistakes,
    origin_of,
    plain_page,
    plain_waf,
    represent_distribution,
    settings_of,
    usable_certificate,
    waf_of,
)
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource

DEFAULT_BUNDLE = "small_1_0"


class Distribution(Resource):
    kind = "distribution"
    region = GLOBAL_REGION
    unknown = ("arn", "domain_name", "created_at", "support_code")
    required_to_create = ("origin",)
    # The certificate is changed last, because nothing else can be changed while that is under way.
    options = (
        Option("origin", origin_of, wanted=lambda r: r.wanted_origin(), apply="change_settings"),
        Option("default_behavior", lambda raw: raw.get("defaultCacheBehavior", {}).get("behavior"), apply="change_settings"),
        Option("behaviors", behaviors_of, wanted=lambda r: r.wanted_behaviors(), apply="change_settings"),
        Option("settings", settings_of, wanted=lambda r: r.wanted_settings(), apply="change_settings"),
        Option("default_root_object", lambda raw: raw.get("defaultRootObject") or "", apply="change_settings"),
        Option(
            "error_pages", error_pages_of, wanted=lambda r: r.wanted_error_pages(), apply="change_settings", key="custom_error_responses"
        ),
        Option("viewer_minimum_tls", "viewerMinimumTlsProtocolVersion", apply="change_settings"),
        Option("enabled", "isEnabled", apply="change_settings"),
        Option("bundle_id", "bundleId", apply="change_bundle"),
        Option("waf", waf_of, wanted=lambda r: r.wanted_waf(), apply="change_waf"),
        Option("ip_address_type", "ipAddressType", apply="change_ip_address_type"),
        Option("certificate_name", usable_certificate, apply="change_certificate"),
    )

    def __init__(self, module):
        super().__init__(module)
        self.found = None

    def read(self):
        answer = self.call("GetDistributions", distributionName=self.name, missing_ok=True)
        self.found = next((raw for raw in (answer or {}).get("distributions") or [] if raw["name"] == self.name), None)
        return self.found

    def main(self):
        for sentence in mistakes(self.params):
            self.fail(sentence)
        return super().main()

    def check_wishes(self, current):
        origin, waf = self.params["origin"] or {}, self.params["waf"] or {}
        for wanted, member in (
            (origin.get("private_access"), "enablePrivateOriginAccess"),
            (origin.get("ip_address_type"), "origin.ipAddressType"),
            (self.params["default_root_object"], "defaultRootObject"),
            (self.params["error_pages"] is not None, "customErrorResponses"),
            (waf, "enableWaf"),
        ):
            if wanted:
                self.module.require("UpdateDistribution", member, region=self.region)
        bundle = self.params["bundle_id"] or (current or {}).get("bundleId") or DEFAULT_BUNDLE
        if waf.get("enabled") and bundle.startswith("small"):
            self.fail("The plan %s of the distribution %s has no waf; set bundle_id to a larger one." % (bundle, self.name))
        for rule in waf.get("rules") or []:
            if bundle.startswith("medium") and rule["name"] not in WAF_MEDIUM:
                self.fail("waf.rules has %s, which the plan %s of the distribution %s does not have." % (rule["name"], bundle, self.name))

    def check_offers(self, new):
        check_distribution_offers(self, new)

    def ready(self, current):
        # A free string: `Deployed` is what the API says, the others are the console's words for the same.
        return current.get("status") in ("Deployed", "Enabled", "Disabled")

    def represent(self, current):
        return represent_distribution(current)

    # -- what is wanted

    def wanted_origin(self):
        given = self.params["origin"]
        if given is None:
            return None
        given = {key: value for key, value in given.items() if value is not None}
        if self.found is None:
            given.setdefault("region", self.module.client().meta.region_name)
            return given
        current = origin_of(self.found)
        if given["name"] != current["name"]:
            # Another origin: what was true of the old one says nothing.
            given.setdefault("region", self.module.client().meta.region_name)
            return given
        return dict(current, **given)

    def wanted_behaviors(self):
        given = self.params["behaviors"]
        return None if given is None else sorted(given, key=lambda item: item["path"])

    def wanted_error_pages(self):
        given = self.params["error_pages"]
        return None if given is None else sorted((plain_page(page) for page in given), key=lambda page: page["error_code"])

    def wanted_waf(self):
        given = self.params["waf"]
        if given is None:
            return None
        # When nothing is said about the rules, the present ones stay.
        rules = waf_of(self.found or {})["rules"] if given["rules"] is None and given["enabled"] else []
        return plain_waf(given) if given["rules"] is not None else {"enabled": given["enabled"], "rules": rules}

    def wanted_settings(self):
        given = self.params["settings"]
        return None if given is None else merged_settings(settings_of(self.found or {}), given)

    def compare(self, current):
        changes, before, after = super().compare(current)
        if "bundle_id" in changes and current is not None and current.get("ableToUpdateBundle") is False:
            self.fail(
                "The plan of the distribution %s is %s and %s is wanted, but AWS allows only one change of plan in a billing month: "
                "leave bundle_id unset until the next month." % (self.name, current.get("bundleId"), changes["bundle_id"])
            )
        return changes, before, after

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        for option in ("default_behavior", "behaviors", "settings", "enabled"):
            predicted.pop(option, None)
        if current is None:
            predicted.update(status="Deployed", is_enabled=True, bundle_id=self.params["bundle_id"] or DEFAULT_BUNDLE)
            predicted.update(certificate_name=None, alternative_domain_names=[], cache_behaviors=[], cache_behavior_settings={})
            predicted.update(default_cache_behavior={"behavior": "cache"})
            predicted.setdefault("tags", {})
        if current is not None and "bundle_id" in changes:
            predicted["able_to_update_bundle"] = False
        if "origin" in changes:
            origin = changes["origin"]
            same = current is not None and current["origin"]["name"] == origin["name"]
            members = {"region": "region_name", "private_access": "is_private_origin_access_enabled"}
            given = {members.get(key, key): value for key, value in origin.items()}
            if not same:
                predicted["origin_public_dns"] = None
            predicted["origin"] = dict(self.represent(current)["origin"] if same else {}, **given)
        if "default_behavior" in changes:
            predicted["default_cache_behavior"] = {"behavior": changes["default_behavior"]}
        if "behaviors" in changes:
            predicted["cache_behaviors"] = changes["behaviors"]
        if "settings" in changes:
            predicted["cache_behavior_settings"] = changes["settings"]
        if "enabled" in changes:
            predicted["is_enabled"] = changes["enabled"]
        if "certificate_name" in changes:
            predicted["certificate_name"] = changes["certificate_name"] or None
            predicted["alternative_domain_names"] = None if changes["certificate_name"] else []
        return predicted

    # -- the steps

    def present(self):
        super().present()
        reset = self.params["reset_cache"] and "CreateDistribution" not in self.actions and self.result["diff"]["before"]
        if reset:
            self.changed = True
            if not self.check_mode:
                self.reset_cache()

    def step(self, operation, **request):
        """One change: it is refused while another is under way, also if the user does not want waits."""
        self.settle(force=True)
        return self.act(operation, **request)

    def create(self):
        origin = self.wanted_origin()
        settings = self.params["settings"]
        self.new(
            "CreateDistribution",
            distributionName=self.name,
            origin=api_origin(origin),
            defaultCacheBehavior={"behavior": self.params["default_behavior"] or "cache"},
            cacheBehaviors=self.wanted_behaviors() or None,
            cacheBehaviorSettings=api_settings(merged_settings({}, settings)) if settings else None,
            bundleId=self.params["bundle_id"] or DEFAULT_BUNDLE,
            ipAddressType=self.params["ip_address_type"],
            viewerMinimumTlsProtocolVersion=self.params["viewer_minimum_tls"],
            enablePrivateOriginAccess=origin.get("private_access") or None,
            defaultRootObject=self.params["default_root_object"] or None,
            customErrorResponses=api_error_pages(self.wanted_error_pages() or []) or None,
            enableWaf=(self.params["waf"] or {}).get("enabled") or None,
            wafRules=api_waf_rules((self.wanted_waf() or {}).get("rules") or []) or None,
            tags=self.tag_list(),
        )

    def change_settings(self, current, changes):
        request = {}
        if "origin" in changes:
            request["origin"] = api_origin(changes["origin"])
            private = changes["origin"].get("private_access")
            if bool(private) != origin_of(current)["private_access"]:
                # Accepted only together with the origin.
                request["enablePrivateOriginAccess"] = bool(private)
        if "default_behavior" in changes:
            request["defaultCacheBehavior"] = {"behavior": changes["default_behavior"]}
        if "settings" in changes:
            # The settings are replaced as a whole.
            request["cacheBehaviorSettings"] = api_settings(changes["settings"])
        if "error_pages" in changes:
            request["customErrorResponses"] = api_error_pages(changes["error_pages"])
        for option, member in (
            ("behaviors", "cacheBehaviors"),
            ("default_root_object", "defaultRootObject"),
            ("viewer_minimum_tls", "viewerMinimumTlsProtocolVersion"),
            ("enabled", "isEnabled"),
        ):
            if option in changes:
                request[member] = changes[option]
        self.step("UpdateDistribution", distributionName=self.name, **request)

    def update(self, current, changes):
        # A plan without the firewall is only had without it.
        if "bundle_id" in changes and "waf" in changes and not changes["waf"]["enabled"]:
            self.change_waf(current, changes)
            changes = {option: wanted for option, wanted in changes.items() if option != "waf"}
        super().update(current, changes)

    def change_waf(self, current, changes):
        waf = changes["waf"]
        rules = api_waf_rules(waf["rules"]) if waf["enabled"] else None
        self.step("UpdateDistribution", distributionName=self.name, enableWaf=waf["enabled"], wafRules=rules)

    def change_bundle(self, current, changes):
        self.step("UpdateDistributionBundle", distributionName=self.name, bundleId=changes["bundle_id"])

    def change_ip_address_type(self, current, changes):
        self.step("SetIpAddressType", resourceType="Distribution", resourceName=self.name, ipAddressType=changes["ip_address_type"])

    def change_certificate(self, current, changes):
        # By the calls made for it: a certificate that is set by an update is shown, but its domains are not switched on.
        if current.get("certificateName"):
            self.step("DetachCertificateFromDistribution", distributionName=self.name)
        if not changes["certificate_name"]:
            return
        self.step("AttachCertificateToDistribution", distributionName=self.name, certificateName=changes["certificate_name"])
        if self.params["wait"]:

            def check():
                found = self.read() or {}
                return bool(found.get("alternativeDomainNames")), "no alternative domain names"

            self.module.poll(check, "the domains of the certificate to be those of the distribution %s" % self.name)

    def reset_cache(self):
        self.step("ResetDistributionCache", distributionName=self.name)
        if not self.params["wait"]:
            return

        def check():
            status = self.call("GetDistributionLatestCacheReset", distributionName=self.name).get("status")
            return status not in ("InProgress", "Pending"), status

        self.module.poll(check, "the cache of the distribution %s to be reset" % self.name)
        self.result[self.result_key] = self.represent(self.settle())

    def delete(self, current):
        def check():
            found = self.read()
            return found is None or self.ready(found), found and self.state_of(found)

        # Refused while a change is under way; which may be the deletion that an earlier run has ordered.
        self.module.poll(check, "the distribution %s to be ready or gone" % self.name)
        if self.found is not None:
            self.act("DeleteDistribution", distributionName=self.name, missing_ok=True)


def main():
    module = LightsailModule(
        argument_spec=argument_spec(),
        shapes={
            "name": "ResourceName",
            "origin.name": "ResourceName",
            "origin.region": "RegionName",
            "certificate_name": "ResourceName?",
            "settings.forwarded_headers.headers_allow_list": "HeaderEnum",
        },
        tags=True,
        wait=True,
        supports_check_mode=True,
    )
    module.run(Distribution(module))


if __name__ == "__main__":
    main()
