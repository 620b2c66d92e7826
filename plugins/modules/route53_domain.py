#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: route53_domain
short_description: Register domains with Amazon Route 53, delegate them, and see where they stand
version_added: 0.1.0
description:
  - Tells whether a domain is registered in this account or could be, what it costs per year, and whether the world is told to
    ask the wanted name servers about it.
  - Registers it, which costs money that is not refunded, only with O(register=true) and never above O(max_price).
  - Sets the name servers of a domain that is registered in this account.
  - Nothing is ever deregistered.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.tags
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
options:
  name:
    description: The domain, for example V(example.com).
    type: str
    required: true
  state:
    description:
      - V(checked) only reads, whoever the registrar is.
      - V(registered) sees to it that the domain is registered in this account, with O(name_servers), O(auto_renew),
        O(privacy), O(transfer_lock), O(tags) and, if O(update_contacts=true), O(contacts).
    type: str
    choices: [checked, registered]
    default: checked
  register:
    description: Whether a domain that is not registered in this account may be registered, at your cost.
    type: bool
    default: false
  max_price:
    description: The highest price for the first year that is accepted. Required with O(register=true).
    type: float
  currency:
    description: The currency of O(max_price).
    type: str
    default: USD
  years:
    description: For how many years to register.
    type: int
    default: 1
  contacts:
    description:
      - The contacts for a registration. Required with O(register=true).
      - C(owner) is required and serves as each of C(admin), C(tech) and C(billing) that is not given.
      - Each is a dictionary with the members of the API's ContactDetail in snake case, C(first_name), C(last_name),
        C(contact_type), C(organization_name), C(address_line1), C(address_line2), C(city), C(state), C(country_code),
        C(zip_code), C(phone_number), C(email), C(fax) and C(extra_params), the last a dictionary.
    type: dict
    suboptions:
      owner:
        description: The registrant.
        type: dict
      admin:
        description: The administrative contact.
        type: dict
      tech:
        description: The technical contact.
        type: dict
      billing:
        description: The contact for bills.
        type: dict
  update_contacts:
    description:
      - Whether the O(contacts) that are given are also those that a present registration shall have. The registry may ask a new
        owner by mail to confirm.
      - Members that are not given are left alone, and so are contacts other than those named.
    type: bool
    default: false
  privacy:
    description: Whether to keep the contacts out of the public register. A new registration does, unless told otherwise.
    type: bool
  transfer_lock:
    description: Whether the domain is locked against a transfer to another registrar. A new registration is.
    type: bool
  auto_renew:
    description: Whether the registration renews itself. A new registration does, unless told otherwise.
    type: bool
  name_servers:
    description:
      - The name servers that the domain is to be delegated to, as a complete list.
      - When this is not set, they are left alone, and those of the registration are the ones that are looked for.
    type: list
    elements: str
  resolver:
    description:
      - DNS server to ask about the delegation, as an address or as address and port. The machine's own servers by default.
    type: str
seealso:
  - module: cloudpress.lightsail.lightsail_dns_zone
  - name: RegisterDomain in the Route 53 Domains API
    description: The API operation behind a registration, with all that its contacts need.
    link: https://docs.aws.amazon.com/Route53/latest/APIReference/API_domains_RegisterDomain.html
"""

EXAMPLES = r"""
- name: See where a domain stands
  cloudpress.lightsail.route53_domain:
    name: example.com
    name_servers: [ns-1.awsdns-01.com, ns-2.awsdns-02.net]
  register: checked

- name: Show what is left to do
  ansible.builtin.debug:
    msg: "Delegated: {{ checked.domain.delegated }}, price: {{ checked.domain.price | default('unknown', true) }}"

- name: Register it, if it costs at most 15 USD
  cloudpress.lightsail.route53_domain:
    name: example.com
    state: registered
    register: true
    max_price: 15
    contacts:
      owner:
        contact_type: PERSON
        first_name: Ada
        last_name: Example
        address_line1: Example Street 1
        city: Berlin
        country_code: DE
        zip_code: "10115"
        phone_number: "+49.301234567"
        email: ada@example.com

- name: Delegate it to the zone made before
  cloudpress.lightsail.route53_domain:
    name: example.com
    state: registered
    name_servers: "{{ zone.zone.name_servers }}"
"""

RETURN = r"""
domain:
  description: Where the domain stands.
  returned: success
  type: dict
  contains:
    name:
      description: The domain.
      type: str
      returned: always
      sample: example.com
    registered:
      description: Whether it is registered in this account.
      type: bool
      returned: always
      sample: true
    registration_pending:
      description: Whether a registration is under way in this account.
      type: bool
      returned: always
      sample: false
    availability:
      description: Whether it could be registered, in the words of the API. V(null) when it is registered in this account.
      type: str
      returned: always
      sample: AVAILABLE
    price:
      description: What the first year costs. V(null) when it is registered or has no price.
      type: float
      returned: always
      sample: 14.0
    currency:
      description: The currency of the price.
      type: str
      returned: always
      sample: USD
    name_servers:
      description: The name servers of the registration. V(null) when it is not registered in this account.
      type: list
      elements: str
      returned: always
      sample: [ns-1.awsdns-01.com, ns-2.awsdns-02.net]
    delegated:
      description:
        - Whether DNS leads to the wanted name servers. V(null) when there are none to look for.
      type: bool
      returned: always
      sample: true
    seen_name_servers:
      description: The name servers that DNS leads to.
      type: list
      elements: str
      returned: always
      sample: [ns-1.awsdns-01.com, ns-2.awsdns-02.net]
    dns_error:
      description: Why DNS could not be asked.
      type: str
      returned: when it could not
      sample: "No answer for example.com NS from 192.0.2.53: no answer in time."
    auto_renew:
      description: Whether the registration renews itself. V(null) when it is not registered in this account.
      type: bool
      returned: always
      sample: true
    expires_at:
      description: When the registration ends. V(null) when it is not registered in this account.
      type: str
      returned: always
      sample: '2027-11-24T05:12:31+00:00'
    privacy:
      description: Whether its contacts are kept out of the public register. V(null) when it is not registered in this account.
      type: bool
      returned: always
      sample: true
    transfer_lock:
      description: Whether it is locked against a transfer. V(null) when it is not registered in this account.
      type: bool
      returned: always
      sample: true
    tags:
      description: Its tags.
      type: dict
      returned: when O(tags) is given
      sample: {"cloudpress:site": "example"}
    status:
      description: EPP status codes of the registration.
      type: list
      elements: str
      returned: always
      sample: [clientTransferProhibited]
actions:
  description: The changing API operations that were called, in their order.
  returned: success
  type: list
  elements: str
  sample: [RegisterDomain, UpdateDomainNameservers]
"""

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import GLOBAL_REGION, AwsFailure, LightsailModule, snake, tag_dict
from ansible_collections.cloudpress.lightsail.plugins.module_utils._dns import DnsError, lookup
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource

CONTACT_FIELDS = (
    "first_name", "last_name", "contact_type", "organization_name", "address_line1", "address_line2", "city", "state",
    "country_code", "zip_code", "phone_number", "email", "fax", "extra_params",
)
NEEDED_FIELDS = ("first_name", "last_name", "address_line1", "city", "country_code", "phone_number", "email")


# The contact in the option, and in the API.
ROLES = (("owner", "RegistrantContact"), ("admin", "AdminContact"), ("tech", "TechContact"), ("billing", "BillingContact"))
# One order at a time can be under way for a domain; these are their types, by what they change.
ORDERS = {
    "name_servers": "UPDATE_NAMESERVER",
    "privacy": "CHANGE_PRIVACY_PROTECTION",
    "transfer_lock": "DOMAIN_LOCK",
    "contacts": "UPDATE_DOMAIN_CONTACT",
}
LOCKED = "clientTransferProhibited"


def normal_host(name):
    return name.strip().rstrip(".").lower()


def normal_hosts(names):
    return sorted({normal_host(name) for name in names}) if names is not None else None


def contact_detail(who, contact, fail):
    unknown = sorted(set(contact) - set(CONTACT_FIELDS))
    missing = [field for field in NEEDED_FIELDS if not contact.get(field)]
    if unknown:
        fail("contacts.%s has the unknown member %s; known are %s." % (who, unknown[0], ", ".join(CONTACT_FIELDS)))
    if missing:
        fail("contacts.%s needs %s." % (who, ", ".join(missing)))
    if not str(contact["phone_number"]).startswith("+"):
        fail("contacts.%s.phone_number must begin with + and the country's code; quote it, or YAML reads it as a number." % who)
    contact = {key: value for key, value in contact.items() if value not in (None, "")}
    extra = contact.pop("extra_params", {})
    contact.setdefault("contact_type", "PERSON")
    detail = snake_dict_to_camel_dict({key: str(value) for key, value in contact.items()}, capitalize_first=True)
    if extra:
        detail["ExtraParams"] = [{"Name": name, "Value": str(value)} for name, value in sorted(extra.items())]
    return detail


def contacts_of(raw):
    return {who: raw.get(member) or {} for who, member in ROLES}


def same_contacts(current, wanted):
    """Whether each contact has what is given of it; the rest is the owner's business."""
    return all(current[who].get(member) == value for who, detail in wanted.items() for member, value in detail.items())


def private(raw):
    return all(raw.get(who + "Privacy", True) for who in ("Admin", "Registrant", "Tech"))


class Domain(Resource):
    kind = "domain"
    service = "route53domains"
    region = GLOBAL_REGION
    options = (
        Option(
            "name_servers",
            lambda raw: normal_hosts(server["Name"] for server in raw.get("Nameservers") or []),
            wanted=lambda r: normal_hosts(r.params["name_servers"]),
            apply="set_name_servers",
        ),
        Option("auto_renew", "AutoRenew", apply="set_auto_renew"),
        Option("privacy", private, apply="set_privacy"),
        # Personal data: neither shown nor compared unless asked for.
        Option("contacts", contacts_of, wanted=lambda r: r.wanted_contacts(), same=same_contacts, apply="set_contacts", secret=True),
        # Last, because a lock is what may be in the way of the others at some registries.
        Option("transfer_lock", lambda raw: LOCKED in (raw.get("StatusList") or []), apply="set_transfer_lock"),
    )

    def __init__(self, module):
        super().__init__(module)
        self.name = normal_host(self.name)
        self.ordered = None

    # -- reading

    def read(self):
        # Asking for the detail of a foreign domain is an InvalidInput among others; the list says it without doubt.
        if not any(normal_host(d["DomainName"]) == self.name for d in self.call_all("ListDomains", "Domains")):
            return None
        detail = self.call("GetDomainDetail", DomainName=self.name)
        if self.params["tags"] is not None:
            tags = self.call("ListTagsForDomain", DomainName=self.name).get("TagList") or []
            detail["tags"] = [{"key": tag["Key"], "value": tag.get("Value") or ""} for tag in tags]
        return detail

    def pending(self, kind):
        """The operation of this kind that is under way for this domain."""
        for operation in self.call_all("ListOperations", "Operations", Status=["SUBMITTED", "IN_PROGRESS"], Type=[kind]):
            # The filters are the service's; they are repeated, so that a lax one cannot mislead.
            running = operation["Type"] == kind and operation["Status"] in ("SUBMITTED", "IN_PROGRESS")
            if running and normal_host(operation.get("DomainName") or "") == self.name:
                return operation
        return None

    def availability(self):
        """(availability, price, currency); the registry may need to be asked twice."""
        latest = {}

        def check():
            latest.update(self.call("CheckDomainAvailability", DomainName=self.name))
            return latest["Availability"] != "PENDING", latest["Availability"]

        self.module.poll(check, "the registry to answer about %s" % self.name, first=0.5)
        price = latest.get("Price") or {}
        if latest["Availability"] == "AVAILABLE" and "Price" not in price:
            # Older SDKs drop the price from that answer; the list has the regular one of the top-level domain.
            tld = self.name.partition(".")[2]
            listed = [p for p in self.call("ListPrices", Tld=tld).get("Prices") or [] if p.get("Name", tld) == tld]
            price = (listed[0].get("RegistrationPrice") if listed else None) or {}
        return latest["Availability"], price.get("Price"), price.get("Currency")

    def represent(self, current):
        shown = snake(current) if current else {}
        wanted = normal_hosts(self.params["name_servers"])
        servers = self.options[0].current(current) if current else None
        result = dict(
            name=self.name,
            registered=bool(current),
            registration_pending=False,
            availability=None,
            price=None,
            currency=self.params["currency"],
            name_servers=servers,
            auto_renew=shown.get("auto_renew"),
            expires_at=shown.get("expiration_date"),
            privacy=private(current) if current else None,
            transfer_lock=LOCKED in (current.get("StatusList") or []) if current else None,
            status=shown.get("status_list") or [],
        )
        if self.params["tags"] is not None:
            result["tags"] = tag_dict((current or {}).get("tags"))
        result.update(self.delegation(wanted or servers))
        return result

    def delegation(self, wanted):
        try:
            seen = lookup(self.name, "NS", self.params["resolver"] or None)
        except (DnsError, UnicodeError, ValueError) as error:
            return dict(delegated=False if wanted else None, seen_name_servers=[], dns_error=str(error))
        return dict(delegated=seen == wanted if wanted else None, seen_name_servers=seen)

    # -- states

    def checked(self):
        current = self.read()
        shown = self.represent(current)
        if current is None:
            shown["registration_pending"] = self.pending("REGISTER_DOMAIN") is not None
            shown["availability"], shown["price"], currency = self.availability()
            shown["currency"] = currency or shown["currency"]
        self.finish(shown, {}, {})

    registered = Resource.present

    def check_wishes(self, current):
        params = self.params
        if "." not in self.name:
            self.fail("%r is not a domain such as example.com." % self.name)
        if current is not None:
            return
        self.registration = self.pending("REGISTER_DOMAIN")
        if self.registration is not None:
            return
        self.offer, price, currency = self.availability()
        cost = "%s %s per year" % (price, currency) if price is not None else "an unknown price"
        if self.offer != "AVAILABLE":
            self.fail("The domain %s is not registered in this account and cannot be registered: it is %s." % (self.name, self.offer))
        if not params["register"]:
            self.fail(
                "The domain %s is not registered in this account. It is available for %s; it is registered only with register=true and max_price."
                % (self.name, cost)
            )
        if price is None or currency != params["currency"] or price > params["max_price"]:
            self.fail("The domain %s costs %s, which is not within %s %s." % (self.name, cost, params["max_price"], params["currency"]))
        self.contacts()

    def wanted_contacts(self):
        if not self.params["update_contacts"]:
            return None
        given = {who: contact for who, contact in (self.params["contacts"] or {}).items() if contact}
        return {who: contact_detail(who, contact, self.fail) for who, contact in given.items()}

    def contacts(self):
        given = {who: contact for who, contact in (self.params["contacts"] or {}).items() if contact}
        if "owner" not in given:
            self.fail("A registration needs contacts.owner.")
        details = {who: contact_detail(who, contact, self.fail) for who, contact in given.items()}
        return [details.get(who, details["owner"]) for who in ("admin", "owner", "tech", "billing")]

    def create(self):
        params = self.params
        if self.registration is None:
            admin, owner, tech, billing = self.contacts()
            request = dict(
                DomainName=self.name,
                DurationInYears=params["years"],
                AutoRenew=True if params["auto_renew"] is None else params["auto_renew"],
                AdminContact=admin,
                RegistrantContact=owner,
                TechContact=tech,
            )
            privacy = params["privacy"] is not False
            request.update({"PrivacyProtect%sContact" % who: privacy for who in ("Admin", "Registrant", "Tech")})
            members = self.module.client(self.service, self.region).meta.service_model.operation_model("RegisterDomain").input_shape.members
            if "BillingContact" in members:
                request.update(BillingContact=billing, PrivacyProtectBillingContact=privacy)
            if "Consent" in members:
                # The service itself then refuses a price that has risen since it was asked.
                request["Consent"] = dict(MaxPrice=float(params["max_price"]), Currency=params["currency"])
            self.register(request)
        if self.registration is not None:
            self.wait_operation(self.registration["OperationId"], "the registration of %s" % self.name)

    def register(self, request):
        try:
            self.registration = self.act("RegisterDomain", **request)
        except AwsFailure as failure:
            # A lost answer must not lead to a second order: what is under way for this name is the one just given.
            if not (failure.answer_lost or failure.code == "DuplicateRequest"):
                raise
            self.registration = self.pending("REGISTER_DOMAIN")
            if self.registration is None and self.read() is None:
                raise
            self.note_lost(failure)

    def wait_operation(self, operation_id, what, force=False):
        def check():
            detail = self.call("GetOperationDetail", OperationId=operation_id)
            if detail["Status"] in ("FAILED", "ERROR"):
                self.fail("%s ended as %s: %s" % (what[0].upper() + what[1:], detail["Status"], detail.get("Message") or "AWS gave no reason."))
            return detail["Status"] == "SUCCESSFUL", " ".join(filter(None, (detail["Status"], detail.get("StatusFlag"), detail.get("Message"))))

        if self.params["wait"] or force:
            self.module.poll(check, what)

    def prepare_update(self, current, changes):
        """A change that is under way would refuse another one, and may be the very same."""
        types = [ORDERS[option] for option in changes if option in ORDERS]
        for operation in [operation for operation in map(self.pending, types) if operation]:
            self.wait_operation(operation["OperationId"], "an earlier change of the registration of %s" % self.name)
        # What was under way when it was read may be over by now.
        return self.read() if types else current

    def order(self, what, operation, **request):
        """One order; the one before has to be over, also if the user does not want waits."""
        if self.ordered:
            self.wait_operation(*self.ordered, force=True)
        answer = self.act(operation, DomainName=self.name, **request)
        self.ordered = (answer["OperationId"], "the change of the %s of %s" % (what, self.name))
        self.wait_operation(*self.ordered)

    def set_name_servers(self, current, changes):
        self.order("name servers", "UpdateDomainNameservers", Nameservers=[{"Name": name} for name in changes["name_servers"]])

    def set_privacy(self, current, changes):
        members = self.module.client(self.service, self.region).meta.service_model.operation_model("UpdateDomainContactPrivacy").input_shape.members
        self.order("privacy", "UpdateDomainContactPrivacy", **{member: changes["privacy"] for member in members if member.endswith("Privacy")})

    def set_contacts(self, current, changes):
        # A contact is replaced as a whole.
        present = contacts_of(current)
        request = {member: dict(present[who], **changes["contacts"][who]) for who, member in ROLES if who in changes["contacts"]}
        self.order("contacts", "UpdateDomainContact", **request)

    def set_transfer_lock(self, current, changes):
        self.order("transfer lock", "%sDomainTransferLock" % ("Enable" if changes["transfer_lock"] else "Disable"))

    def set_tags(self, current, tags):
        if tags:
            listed = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
            self.act("UpdateTagsForDomain", DomainName=self.name, TagsToUpdate=listed)

    def remove_tags(self, current, keys):
        if keys:
            self.act("DeleteTagsForDomain", DomainName=self.name, TagsToDelete=keys)

    def set_auto_renew(self, current, changes):
        self.act("%sDomainAutoRenew" % ("Enable" if changes["auto_renew"] else "Disable"), DomainName=self.name)

    def predict(self, current, changes):
        predicted = self.represent(current)
        ordered = current is None and not self.check_mode
        predicted.update({option: wanted for option, wanted in changes.items() if option != "contacts"}, registered=not ordered, registration_pending=ordered)
        if "transfer_lock" in changes:
            predicted["status"] = None
        if current is None:
            predicted.update(status=None, seen_name_servers=None, delegated=None)
        return predicted


def main():
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["checked", "registered"], default="checked"),
            register=dict(type="bool", default=False),
            max_price=dict(type="float"),
            currency=dict(type="str", default="USD"),
            years=dict(type="int", default=1),
            contacts=dict(
                type="dict",
                options=dict(owner=dict(type="dict"), admin=dict(type="dict"), tech=dict(type="dict"), billing=dict(type="dict")),
            ),
            update_contacts=dict(type="bool", default=False),
            privacy=dict(type="bool"),
            transfer_lock=dict(type="bool"),
            auto_renew=dict(type="bool"),
            name_servers=dict(type="list", elements="str"),
            resolver=dict(type="str"),
        ),
        shapes={
            "name": "DomainName",
            "max_price": "ConsentPrice",
            "currency": "Currency",
            "years": "DurationInYears",
            "name_servers": "HostName",
        },
        required_if=[("register", True, ("max_price", "contacts")), ("update_contacts", True, ("contacts",))],
        tags=True,
        wait=True,
        host_names=["name", "name_servers"],
        supports_check_mode=True,
    )
    module.run(Domain(module))


if __name__ == "__main__":
    main()
