# SPDX-License-Identifier: GPL-3.0-or-later
"""Route 53 Domains: availability, prices, registration, name servers. Orders take their time and cost nothing here."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from . import catalogue_data, names
from .errors import ApiError, registrar_invalid
from .registrar_world import new_registration, registrations, route53_servers
from .registry import Job, operation
from .request import Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
SERVER = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,}")
NEEDED = ("FirstName", "LastName", "ContactType", "AddressLine1", "City", "CountryCode", "ZipCode", "PhoneNumber", "Email")
STATES_NEEDED = {"US", "CA", "AU"}
OPEN = ("SUBMITTED", "IN_PROGRESS")


def split_name(name: str) -> tuple[str, str]:
    """(name in lower case, its top-level domain); refuses what is not sold here."""
    name = names.plain(name)
    prices = catalogue_data.load("domain_prices")["prices"]
    label, _, tld = name.partition(".")
    if not tld or not LABEL.fullmatch(label):
        raise registrar_invalid(f"The domain name {name} is not valid.")
    if tld not in prices:
        raise ApiError("UnsupportedTLD", f"Amazon Route 53 does not support the specified top-level domain (TLD): {tld}")
    return name, tld


def yearly_price(tld: str) -> dict[str, Any]:
    data = catalogue_data.load("domain_prices")
    return {"Price": data["prices"][tld], "Currency": data["currency"]}


def all_orders(cloud: Cloud) -> list[Record]:
    return cloud.store.data["registrar_operations"]


def own_domain(cloud: Cloud, name: str) -> dict[str, Any]:
    registration = registrations(cloud).get(name)
    if registration is None or registration["registrant"] != "account":
        raise registrar_invalid(f"Domain {name} not found in {cloud.account['id']} account")
    return registration


def new_order(request: Request, name: str, type_: str, price: float = 0.0) -> Record:
    """A new operation; refuses while another one of that domain runs."""
    for order in all_orders(request.cloud):
        if order["DomainName"] == name and order["Status"] in OPEN:
            if order["Type"] == type_:
                raise ApiError(
                    "DuplicateRequest",
                    f"A request of the type {type_} for {name} is under way already.",
                    requestId=order["OperationId"],
                )
            raise ApiError("OperationLimitExceeded", f"Another operation for {name} is under way.")
    now = request.cloud.clock.now()
    order = {
        "OperationId": request.cloud.new_uuid(),
        "Status": "SUBMITTED",
        "Message": None,
        "DomainName": name,
        "Type": type_,
        "SubmittedDate": now,
        "LastUpdatedDate": now,
        "_price": price,
    }
    all_orders(request.cloud).append(order)
    return order


def start_order(request: Request, kind: str, order: Record, args: Record, clock: str) -> None:
    request.start("registrar.progress", "registrar", {"order": order["OperationId"]}, resource="registrar submitted")
    request.start(kind, "registrar", {"order": order["OperationId"], **args}, resource=clock)


class OrderJob(Job):
    def run(self) -> None:
        return None

    @property
    def order(self) -> Record | None:
        for order in all_orders(self.cloud):
            if order["OperationId"] == self.args["order"]:
                return order
        return None

    def set_status(self, status: str, message: str | None = None) -> None:
        if self.order is not None:
            self.order.update(Status=status, Message=message, LastUpdatedDate=self.cloud.clock.now())

    def failed(self, message: str) -> None:
        self.set_status("FAILED", message)


class Progress(OrderJob):
    kind = "registrar.progress"

    def ended(self, result: dict[str, Any]) -> None:
        if self.order is not None and self.order["Status"] == "SUBMITTED":
            self.set_status("IN_PROGRESS")


class Register(OrderJob):
    kind = "registrar.register"

    def ended(self, result: dict[str, Any]) -> None:
        name = self.args["name"]
        if name in registrations(self.cloud):
            self.set_status("FAILED", f"The domain {name} is not available any more.")
            return
        registration = new_registration(
            self.cloud,
            "account",
            route53_servers(self.cloud, name),
            self.args["years"],
            auto_renew=self.args["auto_renew"],
            privacy=self.args["privacy"],
            contacts=self.args["contacts"],
            hosted_zone_empty=True,
        )
        # Guess: a zone that was there first is not pointed at; the owner sets the name servers.
        registrations(self.cloud)[name] = registration
        self.set_status("SUCCESSFUL")
        names.changed(self.cloud)


class NameServers(OrderJob):
    kind = "registrar.name_servers"

    def ended(self, result: dict[str, Any]) -> None:
        registration = registrations(self.cloud).get(self.args["name"])
        if registration is None:
            self.set_status("FAILED", f"The domain {self.args['name']} is gone.")
            return
        registration.update(
            name_servers=self.args["servers"], updated_at=self.cloud.clock.now(), hosted_zone_empty=False
        )
        self.set_status("SUCCESSFUL")
        names.changed(self.cloud)


@operation
def CheckDomainAvailability(request: Request) -> dict[str, Any]:
    name, tld = split_name(request["DomainName"])
    if name in registrations(request.cloud):
        return {"Availability": "UNAVAILABLE"}
    return {"Availability": "AVAILABLE", "Price": {**yearly_price(tld), "PriceType": "STANDARD"}}


@operation
def ListPrices(request: Request) -> dict[str, Any]:
    prices = catalogue_data.load("domain_prices")["prices"]
    wanted = request.get("Tld")
    if wanted is not None:
        if request.get("Marker") or request.get("MaxItems"):
            raise registrar_invalid("Tld cannot be given together with Marker or MaxItems.")
        wanted = wanted.lower()
        if wanted not in prices:
            raise ApiError(
                "UnsupportedTLD", f"Amazon Route 53 does not support the specified top-level domain (TLD): {wanted}"
            )
        return {"Prices": [price_view(wanted)]}
    return page_of(request, [price_view(tld) for tld in sorted(prices)], "Prices", 1000)


def price_view(tld: str) -> dict[str, Any]:
    price = yearly_price(tld)
    return {
        "Name": tld,
        "RegistrationPrice": price,
        "TransferPrice": price,
        "RenewalPrice": price,
        "ChangeOwnershipPrice": {"Price": 0.0, "Currency": price["Currency"]},
        "RestorationPrice": {"Price": 57.0, "Currency": price["Currency"]},
    }


def page_of(request: Request, items: list[Any], key: str, default: int) -> dict[str, Any]:
    start = 0
    if request.get("Marker"):
        try:
            start = int(json.loads(base64.b64decode(request["Marker"]))["start"])
        except (ValueError, KeyError, TypeError) as error:
            raise registrar_invalid("The marker is not valid.") from error
    size = max(1, request.get("MaxItems", default))
    answer: dict[str, Any] = {key: items[start : start + size]}
    if start + size < len(items):
        answer["NextPageMarker"] = base64.b64encode(json.dumps({"start": start + size}).encode()).decode()
    return answer


def check_contact(role: str, contact: dict[str, Any]) -> dict[str, Any]:
    for member in NEEDED:
        if not contact.get(member):
            raise registrar_invalid(f"{role}: {member} is missing.")
    if contact["ContactType"] != "PERSON" and not contact.get("OrganizationName"):
        raise registrar_invalid(f"{role}: OrganizationName is needed unless ContactType is PERSON.")
    if contact["CountryCode"] in STATES_NEEDED and not contact.get("State"):
        raise registrar_invalid(f"{role}: State is needed in {contact['CountryCode']}.")
    if not re.fullmatch(r"\+\d{1,3}\.\d{4,14}", contact["PhoneNumber"]):
        raise registrar_invalid(f"{role}: the phone number must be written as +1.2065550100.")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", contact["Email"]):
        raise registrar_invalid(f"{role}: the email address is not valid.")
    return dict(contact)


def check_privacy(wishes: Iterable[bool]) -> bool:
    privacy = set(wishes)
    if len(privacy) > 1:
        raise registrar_invalid("The privacy protection of all contacts must be the same.")
    return privacy.pop()


def check_consent(request: Request, name: str, price: float) -> None:
    consent = request.get("Consent")
    if consent and (consent["Currency"] != "USD" or consent["MaxPrice"] < price):
        raise registrar_invalid(f"The price of {name} is above the price that was consented to.")


def check_room(cloud: Cloud) -> None:
    owned = [item for item in registrations(cloud).values() if item["registrant"] == "account"]
    if len(owned) >= cloud.quota("registered_domains"):
        raise ApiError("DomainLimitExceeded", "The number of domains has exceeded the allowed threshold for the account.")


@operation
def RegisterDomain(request: Request) -> dict[str, Any]:
    cloud = request.cloud
    name, tld = split_name(request["DomainName"])
    contacts = {
        role: check_contact(role, request[role]) for role in ("AdminContact", "RegistrantContact", "TechContact")
    }
    if request.get("BillingContact"):
        contacts["BillingContact"] = check_contact("BillingContact", request["BillingContact"])
    privacy = check_privacy(
        request.get(f"PrivacyProtect{role}Contact", True) for role in ("Admin", "Registrant", "Tech", "Billing")
    )
    check_consent(request, name, yearly_price(tld)["Price"])
    if name in registrations(cloud):
        raise registrar_invalid(f"The domain {name} is not available.")
    check_room(cloud)
    order = new_order(request, name, "REGISTER_DOMAIN", yearly_price(tld)["Price"] * request["DurationInYears"])
    args = {
        "name": name,
        "years": request["DurationInYears"],
        "auto_renew": request.get("AutoRenew", True),
        "privacy": privacy,
        "contacts": contacts,
    }
    start_order(request, "registrar.register", order, args, "domain registered")
    return {"OperationId": order["OperationId"]}


@operation
def UpdateDomainNameservers(request: Request) -> dict[str, Any]:
    name, _ = split_name(request["DomainName"])
    own_domain(request.cloud, name)
    servers = []
    for server in request["Nameservers"]:
        host = names.plain(server["Name"])
        if not SERVER.fullmatch(host):
            raise registrar_invalid(f"The name server {server['Name']} is not valid.")
        inside = host.endswith("." + name)
        if bool(server.get("GlueIps")) != inside:
            raise registrar_invalid(f"Glue addresses are for name servers inside of {name}, and needed there.")
        servers.append(host)
    if not 2 <= len(servers) <= 6:
        raise registrar_invalid("A domain has between two and six name servers.")
    order = new_order(request, name, "UPDATE_NAMESERVER")
    start_order(request, "registrar.name_servers", order, {"name": name, "servers": servers}, "name servers updated")
    return {"OperationId": order["OperationId"]}


def need_order(request: Request) -> Record:
    for order in all_orders(request.cloud):
        if order["OperationId"] == request["OperationId"]:
            return order
    raise registrar_invalid(f"Operation {request['OperationId']} was not found.")


def order_view(order: Record) -> Record:
    return {key: value for key, value in order.items() if not key.startswith("_")}


@operation
def GetOperationDetail(request: Request) -> dict[str, Any]:
    return order_view(need_order(request))


@operation
def ListOperations(request: Request) -> dict[str, Any]:
    since, statuses, types = request.get("SubmittedSince"), request.get("Status"), request.get("Type")
    orders = [
        order_view(order)
        for order in all_orders(request.cloud)
        if (since is None or order["SubmittedDate"] >= since)
        and (not statuses or order["Status"] in statuses)
        and (not types or order["Type"] in types)
    ]
    orders.sort(key=lambda order: order["SubmittedDate"], reverse=request.get("SortOrder", "DESC") == "DESC")
    return page_of(request, orders, "Operations", 20)


@operation
def GetDomainDetail(request: Request) -> dict[str, Any]:
    name, _ = split_name(request["DomainName"])
    registration = own_domain(request.cloud, name)
    private, locked = registration.get("privacy", True), registration.get("locked", True)
    contacts = registration.get("contacts", {})
    return {
        "DomainName": name,
        "Nameservers": [{"Name": server, "GlueIps": []} for server in registration["name_servers"]],
        "AutoRenew": registration.get("auto_renew", True),
        "AdminContact": contacts.get("AdminContact"),
        "RegistrantContact": contacts.get("RegistrantContact"),
        "TechContact": contacts.get("TechContact"),
        "BillingContact": contacts.get("BillingContact"),
        "AdminPrivacy": private,
        "RegistrantPrivacy": private,
        "TechPrivacy": private,
        "BillingPrivacy": private,
        "RegistrarName": "Amazon Registrar, Inc.",
        "WhoIsServer": "whois.registrar.amazon",
        "RegistrarUrl": "https://registrar.amazon.com",
        "CreationDate": registration["created_at"],
        "UpdatedDate": registration["updated_at"],
        "ExpirationDate": registration["expires_at"],
        "StatusList": ["clientTransferProhibited"] if locked else ["ok"],
        "DnssecKeys": [dict(key) for key in registration.get("dnssec_keys", [])],
    }


def _moment(text: str) -> float:
    """Unix time, as the documentation has it."""
    try:
        return float(text)
    except ValueError as error:
        raise registrar_invalid(f"{text} is not a time in Unix format.") from error


@operation
def ListDomains(request: Request) -> dict[str, Any]:
    items = [
        {
            "DomainName": name,
            "AutoRenew": registration.get("auto_renew", True),
            "TransferLock": registration.get("locked", True),
            "Expiry": registration["expires_at"],
        }
        for name, registration in sorted(registrations(request.cloud).items())
        if registration["registrant"] == "account"
    ]
    for condition in request.get("FilterConditions", []):
        value, how = condition["Values"][0], condition["Operator"]
        if (condition["Name"] == "DomainName") != (how == "BEGINS_WITH"):
            raise registrar_invalid(f"The operator {how} cannot be used with {condition['Name']}.")
        if condition["Name"] == "DomainName":
            items = [item for item in items if item["DomainName"].startswith(value.lower())]
        else:
            moment = _moment(value)
            items = [item for item in items if (item["Expiry"] <= moment if how == "LE" else item["Expiry"] >= moment)]
    sort = request.get("SortCondition")
    if sort:
        items.sort(key=lambda item: item[sort["Name"]], reverse=sort["SortOrder"] == "DESC")
    return page_of(request, items, "Domains", 20)


def _set_renewal(request: Request, renew: bool) -> dict[str, Any]:
    name, _ = split_name(request["DomainName"])
    own_domain(request.cloud, name)["auto_renew"] = renew
    return {}


@operation
def EnableDomainAutoRenew(request: Request) -> dict[str, Any]:
    return _set_renewal(request, True)


@operation
def DisableDomainAutoRenew(request: Request) -> dict[str, Any]:
    return _set_renewal(request, False)


@operation
def ListTagsForDomain(request: Request) -> dict[str, Any]:
    name, _ = split_name(request["DomainName"])
    return {"TagList": [{"Key": key, "Value": value} for key, value in own_domain(request.cloud, name).get("tags", {}).items()]}


@operation
def UpdateTagsForDomain(request: Request) -> dict[str, Any]:
    name, _ = split_name(request["DomainName"])
    tags = own_domain(request.cloud, name).setdefault("tags", {})
    tags.update({tag.get("Key", ""): tag.get("Value", "") for tag in request.get("TagsToUpdate", [])})
    return {}


@operation
def DeleteTagsForDomain(request: Request) -> dict[str, Any]:
    name, _ = split_name(request["DomainName"])
    tags = own_domain(request.cloud, name).setdefault("tags", {})
    for key in request["TagsToDelete"]:
        tags.pop(key, None)
    return {}
