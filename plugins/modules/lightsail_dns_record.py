#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_dns_record
short_description: Manage the records of a name in a DNS zone of Amazon Lightsail
version_added: 0.1.0
description:
  - Manages all records of one name and one type together. Other names and types are left alone.
  - Records that have to change are changed in place where possible, so that the name resolves all the time.
  - The time to live is 60 seconds for every record and cannot be set.
  - DNS zones are global; their API is in us-east-1, which is used whatever O(region) says.
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
options:
  zone:
    description: The zone, for example V(example.com). In check mode, it does not have to exist yet.
    type: str
    required: true
  name:
    description:
      - The name in full, for example V(www.example.com). V(@) means the zone itself.
      - Case and a trailing dot do not matter. A wildcard is written V(*.example.com).
    type: str
    required: true
  type:
    description: The type of the records.
    type: str
    required: true
    choices: [A, AAAA, CNAME, MX, NS, SRV, TXT]
  value:
    description:
      - The value, or a list of values. Their order does not matter.
      - MX is written V(10 mail.example.com), SRV V(1 0 5060 sip.example.com). V(0 .) and V(0 0 0 .) say that there is no such service.
      - TXT may be given with or without its quotation marks; a long text is split as DNS needs it. The form of a zone file, with
        quoted pieces in parentheses, is understood as well.
      - Required with O(state=present). With O(state=absent), only these values are removed; all of them when this is not set, and
        none when it is an empty list.
    type: raw
  alias:
    description:
      - Whether the value is a load balancer or a distribution, to whose addresses the name then resolves. Unlike CNAME, this
        also works for the zone itself.
      - Only for the types V(A) and V(AAAA).
    type: bool
    default: false
  exclusive:
    description:
      - Whether O(value) is all there shall be for this name and type. If V(false), other values are kept.
      - Only used with O(state=present).
    type: bool
    default: true
  state:
    description: Whether the records should exist.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: cloudpress.lightsail.lightsail_dns_zone
  - module: cloudpress.lightsail.lightsail_dns_zone_info
  - name: API of record creation
    description: CreateDomainEntry in the Lightsail API reference.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateDomainEntry.html
author:
  - The cloudpress.lightsail authors (@cloudpress)
"""

EXAMPLES = r"""
- name: Point the site at its load balancer
  cloudpress.lightsail.lightsail_dns_record:
    zone: example.com
    name: example.com
    type: A
    value: "{{ lb.load_balancer.dns_name }}"
    alias: true

- name: Prove to the certificate authority that the domain is ours
  cloudpress.lightsail.lightsail_dns_record:
    zone: example.com
    name: "{{ item.name }}"
    type: "{{ item.type }}"
    value: "{{ item.value }}"
  loop: "{{ lb.load_balancer.validation_records }}"

- name: Have two mail servers and no others
  cloudpress.lightsail.lightsail_dns_record:
    zone: example.com
    name: "@"
    type: MX
    value:
      - 10 mx1.example.net
      - 20 mx2.example.net

- name: Add a text and keep the others
  cloudpress.lightsail.lightsail_dns_record:
    zone: example.com
    name: example.com
    type: TXT
    value: v=spf1 include:example.net -all
    exclusive: false

- name: Remove all addresses of a name
  cloudpress.lightsail.lightsail_dns_record:
    zone: example.com
    name: old.example.com
    type: A
    state: absent
"""

RETURN = r"""
record:
  description: The records of the name and type; V(null) when there are none.
  returned: success
  type: dict
  contains:
    zone:
      description: The zone.
      type: str
      sample: example.com
    name:
      description: The name in full.
      type: str
      sample: www.example.com
    type:
      description: The type.
      type: str
      sample: A
    values:
      description: All values, sorted, as the zone has them.
      type: list
      elements: str
      sample: [192.0.2.10]
    alias:
      description: Whether the values are names of load balancers or distributions.
      type: bool
      sample: false
    ttl:
      description: The time to live in seconds, which the service fixes.
      type: int
      sample: 60
actions:
  description: The mutating API calls that were made, in order.
  returned: success
  type: list
  elements: str
  sample: [CreateDomainEntry]
"""

from ansible.module_utils.common.text.converters import to_text

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import GLOBAL_REGION, AwsFailure, LightsailModule
from ansible_collections.cloudpress.lightsail.plugins.module_utils._records import (
    RECORD_TYPES,
    TTL,
    RecordError,
    host,
    normal_value,
    record_name,
    says_no_service,
    stored_value,
    zone_name,
)
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Resource


class Records(Resource):
    """All records of one name and type. A record is compared as the pair (value, alias)."""

    kind = "record"
    region = GLOBAL_REGION
    taggable = False

    def __init__(self, module):
        super().__init__(module)
        self.zone = zone_name(self.params["zone"])
        self.rtype = self.params["type"]
        self.zone_exists = True
        self.others = []

    def read(self):
        answer = self.call("GetDomain", domainName=self.zone, missing_ok=True, subject=self.zone)
        self.zone_exists = answer is not None
        entries = (answer or {}).get("domain", {}).get("domainEntries") or []
        here = [entry for entry in entries if host(entry.get("name", "")) == self.name]
        self.others = sorted({entry.get("type") for entry in here} - {self.rtype})
        return [entry for entry in here if entry.get("type") == self.rtype]

    def check_wishes(self, current):
        given = self.params["value"]
        values = [] if given is None else given if isinstance(given, list) else [given]
        alias = self.params["alias"]
        if self.params["state"] == "present" and not values:
            self.fail("A record that is to be present needs a value.")
        if alias and self.rtype not in ("A", "AAAA"):
            self.fail("alias is possible for records of type A and AAAA only, not %s." % self.rtype)
        try:
            self.name = record_name(self.params["name"], self.zone)
            self.wishes = {(normal_value(to_text(value), self.rtype, alias), alias) for value in values}
        except RecordError as error:
            self.fail(str(error))
        if self.rtype == "NS" and self.name == self.zone:
            self.fail("The NS records of the zone %s itself belong to Lightsail and cannot be changed." % self.zone)
        if self.rtype == "CNAME" and self.name == self.zone:
            self.fail("The zone %s itself cannot have a CNAME record; use type A with alias." % self.zone)
        if self.params["state"] == "present" and len(self.wishes) > 1 and (alias or self.rtype == "CNAME"):
            self.fail("%s can have only one value as %s." % (self.name, "an alias" if alias else "a CNAME"))

        self.check_alone(self.wishes)

    def check_alone(self, wanted):
        null = [value for value, dummy in wanted if says_no_service(value, self.rtype)]
        if null and len(wanted) > 1 and self.params["state"] == "present":
            self.fail("'%s' says that %s has no such service, so it must be the only record of type %s." % (null[0], self.name, self.rtype))

    def main(self):
        self.check_wishes(None)
        return super().main()

    # -- states

    def present(self):
        entries = self.read()
        self.require_zone()
        if self.others and "CNAME" in [self.rtype] + self.others:
            # AWS says so too, but only when it is done.
            self.fail(
                "%s has records of type %s, beside which there can be none of type %s: remove them first."
                % (self.name, " and ".join(self.others), self.rtype)
            )
        # A name cannot have an alias or a CNAME beside other values, so the one wanted pushes them out.
        alone = self.params["exclusive"] or self.params["alias"] or self.rtype == "CNAME"
        wanted = self.wishes if alone else self.wishes | set(self.pairs(entries))
        self.check_alone(wanted)
        if len({alias for dummy, alias in wanted}) > 1:
            self.fail("%s is an alias, beside which there can be no value of type %s: remove it first, or set exclusive." % (self.name, self.rtype))
        self.bring_to(entries, wanted)

    def absent(self):
        entries = self.read()
        # An empty list names no value, so it removes none.
        self.bring_to(entries, set() if self.params["value"] is None else set(self.pairs(entries)) - self.wishes)

    def require_zone(self):
        if self.zone_exists:
            return
        text = "The DNS zone %s does not exist; create it with lightsail_dns_zone." % self.zone
        if not self.check_mode:
            self.fail(text)
        self.module.warn(text + " The prediction assumes that an earlier task does.")

    def bring_to(self, entries, wanted):
        present = self.pairs(entries)
        missing = sorted(wanted - set(present))
        surplus = [entry for pair, entry in sorted(present.items()) if pair not in wanted]
        self.changed = bool(missing or surplus)
        if self.changed and not self.check_mode:
            self.apply(missing, surplus)
            present = self.pairs(self.read())
            if set(present) != wanted:
                self.fail("The records of %s are %s after the change and not %s." % (self.name, sorted(present), sorted(wanted)))
        self.finish(self.shown(wanted), self.shown(self.pairs(entries)) or {}, self.shown(wanted) or {})

    def apply(self, missing, surplus):
        # An alias and values exclude each other (Route 53). All values but one go before; that one becomes the alias in place.
        removed = surplus[1:] if missing and missing[0][1] else []
        for entry in removed:
            surplus.remove(entry)
            self.remove(entry)
        try:
            self.replace(missing, surplus)
        except AwsFailure:
            self.put_back(removed)
            raise

    def put_back(self, removed):
        """What went to make room for an alias that AWS then refused."""
        present = self.pairs(self.read()) if removed else {}
        if any(alias for dummy, alias in present):
            return  # the alias is there after all
        for entry in removed:
            pair = (stored_value(entry), False)
            if pair not in present:
                self.write("CreateDomainEntry", pair)

    def replace(self, missing, surplus):
        while missing and surplus:
            self.write("UpdateDomainEntry", missing.pop(), entry_id=surplus.pop()["id"])
        for pair in missing:
            self.write("CreateDomainEntry", pair)
        for entry in surplus:
            self.remove(entry)

    def remove(self, entry):
        # The entry is sent as it was read: what counts is what the service has, not how it is written here.
        same = {key: entry[key] for key in ("id", "name", "target", "isAlias", "type") if key in entry}
        self.act("DeleteDomainEntry", domainName=self.zone, domainEntry=same, missing_ok=True)

    def write(self, operation, pair, entry_id=None):
        value, alias = pair
        entry = {"name": self.name, "type": self.rtype, "target": value, "isAlias": alias}
        if entry_id:
            entry["id"] = entry_id
        try:
            self.act(operation, domainName=self.zone, domainEntry=entry)
        except AwsFailure as failure:
            # The record is there: a repetition after a lost answer was refused, or somebody else was faster. AWS itself sets
            # the validation records of certificates, when it likes.
            taken = failure.answer_lost or (failure.refused and not entry_id)
            if not taken or pair not in self.pairs(self.read()):
                raise
            if failure.answer_lost:
                self.note_lost(failure)

    # -- showing

    @staticmethod
    def pairs(entries):
        return {(stored_value(entry), bool(entry.get("isAlias"))): entry for entry in entries}

    def shown(self, pairs):
        if not pairs:
            return None
        return {
            "zone": self.zone,
            "name": self.name,
            "type": self.rtype,
            "values": sorted(value for value, dummy in pairs),
            "alias": any(alias for dummy, alias in pairs),
            "ttl": TTL,
        }


def main():
    module = LightsailModule(
        argument_spec=dict(
            zone=dict(type="str", required=True),
            name=dict(type="str", required=True),
            type=dict(type="str", required=True, choices=list(RECORD_TYPES)),
            value=dict(type="raw"),
            alias=dict(type="bool", default=False),
            exclusive=dict(type="bool", default=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
        ),
        wait=True,
        host_names=["zone", "name"],
        supports_check_mode=True,
    )
    module.run(Records(module))


if __name__ == "__main__":
    main()
