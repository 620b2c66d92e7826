#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_certificate
short_description: Manage a TLS certificate for distributions of Amazon Lightsail
version_added: 0.1.0
description:
  - Requests a certificate and returns the DNS records that have to be set before AWS issues it.
  - A certificate whose validation timed out, or that expired or was revoked, cannot be revived. A new one is requested under
    the next free name (V(example-2), V(example-3) and so on), and the dead one is deleted. Which one counts is found by its
    domains; RV(certificate.name) tells.
  - AWS renews a certificate by itself while its records are in DNS. When one is about to end nevertheless (O(replace_days)), a
    successor is requested, and the certificate stays what it is until that is issued.
  - The domains of a certificate cannot be changed. A certificate of that name for other domains is an error.
  - AWS issues at most 20 certificates a year in a region.
  - Distributions only use certificates of us-east-1, so this is what is used whatever O(region) says.
  - The certificates of load balancers are another kind; M(cloudpress.lightsail.lightsail_lb) takes care of them.
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.tags
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
options:
  name:
    description: The name of the certificate, and of its successors without their number.
    type: str
    required: true
  state:
    description:
      - Whether the certificate should exist.
      - With V(absent), the certificate of that name is deleted, and with O(domain) also its successors for the same domains.
    type: str
    choices: [present, absent]
    default: present
  domain:
    description: The main domain. Required with O(state=present).
    type: str
  alternative_names:
    description: Up to nine more domains.
    type: list
    elements: str
    default: []
  wait_for:
    description:
      - With V(requested), the module waits until the validation records are known, which takes seconds.
      - With V(issued), it waits until the certificate can be used. The records have to be in DNS by then; this takes minutes
        at the least.
    type: str
    choices: [requested, issued]
    default: requested
  replace_days:
    description:
      - How many days before its end a certificate gets a successor, at most 60. V(0) means never.
      - Once the successor is issued, it is what RV(certificate) tells. The old one is deleted in the first run after which nothing
        uses it any more.
    type: int
    default: 14
seealso:
  - module: cloudpress.lightsail.lightsail_certificate_info
  - module: cloudpress.lightsail.lightsail_dns_record
  - module: cloudpress.lightsail.lightsail_cdn
  - name: API of certificate requests
    description: CreateCertificate in the Lightsail API reference.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateCertificate.html
author:
  - The cloudpress.lightsail authors (@cloudpress)
"""

EXAMPLES = r"""
- name: Request a certificate
  cloudpress.lightsail.lightsail_certificate:
    name: example-media
    domain: media.example.com
    tags:
      cloudpress:site: example
  register: requested

- name: Set the records that prove whose domain it is
  cloudpress.lightsail.lightsail_dns_record:
    zone: example.com
    name: "{{ item.name }}"
    type: "{{ item.type }}"
    value: "{{ item.value }}"
  loop: "{{ requested.certificate.validation_records }}"

- name: Wait up to an hour until it is issued
  cloudpress.lightsail.lightsail_certificate:
    name: example-media
    domain: media.example.com
    wait_for: issued
    wait_timeout: 3600

- name: Delete it, and what replaced it
  cloudpress.lightsail.lightsail_certificate:
    name: example-media
    domain: media.example.com
    state: absent
"""

RETURN = r"""
certificate:
  description: The certificate; V(null) when it is absent. In check mode, what only AWS knows is V(null).
  returned: success
  type: dict
  contains:
    name:
      description: Its name, which is not O(name) when it is a successor.
      type: str
      sample: example-media
    arn:
      description: Its ARN.
      type: str
      sample: arn:aws:acm:us-east-1:123456789012:certificate/5d9a1c5e-4b0e-4d4b-8b53-8f3d1a7a6f0e
    domain_name:
      description: The main domain.
      type: str
      sample: media.example.com
    domains:
      description: All domains, the main one first.
      type: list
      elements: str
      sample: [media.example.com]
    status:
      description: V(PENDING_VALIDATION), V(ISSUED) or why it is neither.
      type: str
      sample: PENDING_VALIDATION
    failure_reason:
      description: Why the request failed.
      type: str
      sample: null
    validation_records:
      description: The DNS records to set; an empty list where check mode predicts a request. They are to stay, because AWS renews the certificate with them.
      type: list
      elements: dict
      sample:
        - name: _3639ac514e785e898d2646601fa951d5.media.example.com.
          type: CNAME
          value: _98d2646601fa951d53639ac514e785e8.abcdefghij.acm-validations.aws.
          domain_name: media.example.com
          status: PENDING_VALIDATION
    in_use:
      description: Whether a distribution uses it.
      type: bool
      sample: false
    not_after:
      description: When it expires.
      type: str
      sample: null
    renewal_status:
      description: How AWS's own renewal goes, when there is one.
      type: str
      sample: null
    created_at:
      description: When it was created.
      type: str
      sample: '2026-11-24T05:12:31.402000+00:00'
    issued_at:
      description: When it was issued; V(null) before.
      type: str
      sample: '2026-11-24T05:20:00+00:00'
    key_algorithm:
      description: The kind of its key.
      type: str
      sample: RSA-2048
    not_before:
      description: When it begins; V(null) before it is issued.
      type: str
      sample: '2026-11-24T00:00:00+00:00'
    tags:
      description: Its tags.
      type: dict
      sample: {"cloudpress:site": "example"}
successor:
  description: The name of the certificate that will take the place of one that is about to end; V(null) if none is needed.
  returned: success
  type: str
  sample: null
replaced:
  description: The names of certificates that were deleted because they are dead or have been replaced, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: []
actions:
  description: The mutating API calls that were made, in order.
  returned: success
  type: list
  elements: str
  sample: [CreateCertificate]
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._certificates import (
    DEAD,
    HOPELESS,
    ISSUED,
    PENDING,
    REPLACE_DAYS,
    best,
    check_days,
    domains,
    expiring,
    heir,
    is_successor,
    next_name,
    plain,
    records_complete,
)
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import GLOBAL_REGION, AwsFailure, LightsailModule, tag_dict
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource


class Certificate(Resource):
    kind = "certificate"
    region = GLOBAL_REGION
    unknown = ("arn", "failure_reason", "created_at", "issued_at", "not_before", "not_after", "key_algorithm")
    required_to_create = ("domain",)
    options = (
        Option(
            "domains",
            lambda raw: plain(raw)["domains"],
            wanted=lambda r: r.domains or None,
            same=lambda current, wanted: set(current) == set(wanted),
            immutable=True,
            hint="request it under another name",
        ),
    )

    def __init__(self, module):
        super().__init__(module)
        self.base = self.name
        self.domains = domains(self.params["domain"], self.params["alternative_names"]) if self.params["domain"] else []
        self.family = []
        self.dead = []
        self.days = self.params["replace_days"]

    # -- reading

    def read_family(self):
        """All certificates of this name and its successors; details are sure to be given only when asked for by name."""
        found = self.call_all("GetCertificates", "certificates", includeCertificateDetails=True)
        return [raw for raw in found if is_successor(raw["certificateName"], self.base)]

    def read(self):
        answer = self.call("GetCertificates", certificateName=self.name, includeCertificateDetails=True, missing_ok=True)
        return next((raw for raw in (answer or {}).get("certificates", []) if raw["certificateName"] == self.name), None)

    def choose(self):
        """Settle which member of the family this run is about: the best for the domains, or a name for a new one."""
        self.family = [plain(raw) for raw in self.read_family()]
        named = {item["name"]: item for item in self.family}
        fitting = best(self.family, self.domains, self.days)
        if fitting:
            self.name = fitting["name"]
        self.dead = [item for item in self.family if item["status"] in DEAD and set(item["domains"]) == set(self.domains)]
        if fitting or self.base not in named:
            return
        if not self.dead:
            # Its domains are others: compare() says so.
            return
        hopeless = next((item for item in self.dead if item["failure_reason"] in HOPELESS), None)
        if hopeless:
            self.fail(
                "The certificate %s failed with %s: AWS does not issue certificates for %s, and asking again would not help."
                % (hopeless["name"], hopeless["failure_reason"], ", ".join(self.domains)),
                certificate=hopeless,
            )
        self.name = next_name(self.base, set(named))

    # -- states

    def main(self):
        check_days("replace_days", self.days, self.fail)
        return super().main()

    def present(self):
        if self.domains:
            self.choose()
        super().present()
        diff = self.result["diff"]
        self.result["successor"] = self.succeed(diff)
        unused = [item["name"] for item in self.dead + self.superseded() if not item["in_use"]]
        self.result["replaced"] = unused
        if unused:
            diff["before"], diff["after"] = dict(diff["before"], replaced=unused), dict(diff["after"], replaced=[])
        self.changed = self.changed or bool(unused)
        for name in [] if self.check_mode else unused:
            self.act("DeleteCertificate", certificateName=name, missing_ok=True, subject=name)

    def succeed(self, diff):
        """See to it that one which is about to end has a successor; returns the successor's name."""
        current = next((item for item in self.family if item["name"] == self.name), None)
        if current is None or not expiring(current, self.days):
            return None
        pending = heir(self.family, current, self.days)
        name = self.name
        self.name = pending["name"] if pending else next_name(self.base, {item["name"] for item in self.family})
        self.changed = self.changed or pending is None
        successor = self.name
        diff["before"], diff["after"] = dict(diff["before"], successor=pending and successor), dict(diff["after"], successor=successor)
        if not self.check_mode:
            if pending is None and not self.request_successor(name, current):
                diff["after"]["successor"] = None
                self.name = name
                return None
            ready = self.settle()
            if ready is not None and plain(ready)["status"] == ISSUED:
                self.finish(self.represent(ready), diff["before"], diff["after"])
                return None
        self.name = name
        return successor

    def request_successor(self, name, current):
        """Whether it could be had. While the certificate is good, a refusal (of a quota, say) is no reason to stop."""
        changed = self.changed
        try:
            self.create()
        except AwsFailure as failure:
            if not failure.refused or failure.answer_lost:
                raise
            self.module.warn("The certificate %s ends at %s and got no successor. %s" % (name, current["not_after"], failure.msg))
            self.changed = changed and bool(self.actions)
            return False
        return True

    def superseded(self):
        """Those that another one lasts longer than, and for which it is already good."""
        chosen = next((item for item in self.family if item["name"] == self.name), None)
        if chosen is None or chosen["status"] != ISSUED or expiring(chosen, self.days):
            return []
        return [item for item in self.family if set(item["domains"]) == set(self.domains) and expiring(item, self.days)]

    def absent(self):
        doomed = [
            raw
            for raw in self.read_family()
            if raw["certificateName"] == self.base or (self.domains and set(plain(raw)["domains"]) == set(self.domains))
        ]
        self.result.update(replaced=[], successor=None)
        self.changed = bool(doomed)
        for raw in doomed:
            self.name = raw["certificateName"]
            if plain(raw)["in_use"]:
                self.fail("The certificate %s is in use; detach it from the distribution first." % self.name)
        for raw in [] if self.check_mode else doomed:
            self.name = raw["certificateName"]
            self.act("DeleteCertificate", certificateName=self.name, missing_ok=True)
            if self.params["wait"]:
                self.wait_gone()
        before = {"names": sorted(raw["certificateName"] for raw in doomed)} if doomed else {}
        self.finish(None, before, {})

    def ready(self, current):
        found = plain(current)
        if found["status"] in DEAD:
            self.fail(
                "The certificate %s is %s%s."
                % (self.name, found["status"], " (%s)" % found["failure_reason"] if found["failure_reason"] else ""),
                certificate=self.represent(current),
            )
        if self.params["wait_for"] == "issued":
            return found["status"] == ISSUED
        return records_complete(found)

    def state_of(self, current):
        return plain(current)["status"]

    def prepare_update(self, current, changes):
        # Tags can be changed in any state.
        return current

    def represent(self, current):
        return dict(plain(current), tags=tag_dict(current.get("tags"))) if current is not None else None

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        if current is None:
            predicted.update(domain_name=self.domains[0], domains=self.domains, status=PENDING, in_use=False)
            predicted.setdefault("tags", {})
            # Not null, because this is what users loop over.
            predicted["validation_records"] = []
        return predicted

    def create(self):
        self.new(
            "CreateCertificate",
            certificateName=self.name,
            domainName=self.domains[0],
            subjectAlternativeNames=self.domains[1:] or None,
            tags=self.tag_list(),
        )

    def tag_name(self, current):
        return self.name


def main():
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            domain=dict(type="str"),
            alternative_names=dict(type="list", elements="str", default=[]),
            wait_for=dict(type="str", choices=["requested", "issued"], default="requested"),
            replace_days=dict(type="int", default=REPLACE_DAYS),
        ),
        shapes={"name": "ResourceName"},
        tags=True,
        wait=True,
        host_names=["domain", "alternative_names"],
        supports_check_mode=True,
        required_if=[("state", "present", ["domain"])],
    )
    module.run(Certificate(module))


if __name__ == "__main__":
    main()
