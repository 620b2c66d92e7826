# SPDX-License-Identifier: GPL-3.0-or-later
"""Route 53 Domains: availability, prices, registration, name servers. Orders take their time and cost nothing here."""

from __future__ import annotations

import base64
import json
import re
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


def _split(name: str) -> tuple[str, str]:
    """(name in lower case, its top-level domain); refuses what is not sold here."""
    name = names.plain(name)
    prices = catalogue_data.load("domain_prices")["prices"]
    label, _, tld = name.partition(".")
    if not tld or not LABEL.fullmatch(label):
        raise registrar_invalid(f"The domain name {name} is not valid.")
    if tld not in prices:
        raise ApiError("UnsupportedTLD", f"Amazon Route 53 does not support the specified top-level domain (TLD): {tld}")
    return name, tld


def _price(tld: str) -> dict[str, Any]:
    data = catalogue_data.load("domain_prices")
    return {"Price": data["prices"][tld], "Currency": data["currency"]}


def _orders(cloud: Cloud) -> list[Record]:
    return cloud.store.data["registrar_operations"]


def _own(cloud: Cloud, name: str) -> dict[str, Any]:
    registration = registrations(cloud).get(name)
    if registration is None or registration["registrant"] != "account":
        raise registrar_invalid(f"Domain {name} not found in {cloud.account['id']} account")
    return registration


def _order(request: Request, name: str, type_: str) -> Record:
    """A new operation; refuses while another one of that domain runs."""
    for order in _orders(request.cloud):
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
    }
    _orders(request.cloud).append(order)
    return order


def _start(request: Request, kind: str, order: Record, args: Record, clock: str) -> None:
    request.start("registrar.progress", "registrar", {"order": order["OperationId"]}, resource="registrar submitted")
    request.start(kind, "registrar", {"order": order["OperationId"], **args}, resource=clock)


class _OrderJob(Job):
    def run(self) -> None:
        return None

    @property
    def order(self) -> Record | None:
        for order in _orders(self.cloud):
            if order["OperationId"] == self.args["order"]:
                return order
        return None

    def set_status(self, status: str, message: str | None = None) -> None:
        if self.order is not None:
            self.order.update(Status=status, Message=message, LastUpdatedDate=self.cloud.clock.now())

    def failed(self, message: str) -> None:
        self.set_status("FAILED", message)


class Progress(_OrderJob):
    kind = "registrar.progress"

    def ended(self, result: dict[str, Any]) -> None:
        if self.order is not None and self.order["Status"] == "SUBMITTED":
            self.set_status("IN_PROGRESS")


class Register(_OrderJob):
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


class NameServers(_OrderJob):
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
    name, tld = _split(request["DomainName"])
    if name in registrations(request.cloud):
        return {"Availability": "UNAVAILABLE"}
    return {"Availability": "AVAILABLE", "Price": {**_price(tld), "PriceType": "STANDARD"}}


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
        return {"Prices": [_price_view(wanted)]}
    return _page(request, [_price_view(tld) for tld in sorted(prices)], "Prices", 1000)


def _price_view(tld: str) -> dict[str, Any]:
    price = _price(tld)
    return {
        "Name": tld,
        "RegistrationPrice": price,
        "TransferPrice": price,
        "RenewalPrice": price,
        "ChangeOwnershipPrice": {"Price": 0.0, "Currency": price["Currency"]},
        "RestorationPrice": {"Price": 57.0, "Currency": price["Currency"]},
    }


def _page(request: Request, items: list[Any], key: str, default: int) -> dict[str, Any]:
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


def _check_contact(role: str, contact: dict[str, Any]) -> dict[str, Any]:
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


@operation
def RegisterDomain(request: Request) -> dict[str, Any]:
    cloud = request.cloud
    name, tld = _split(request["DomainName"])
    contacts = {
        role: _check_contact(role, request[role]) for role in ("AdminContact", "RegistrantContact", "TechContact")
    }
    if request.get("BillingContact"):
        contacts["BillingContact"] = _check_contact("BillingContact", request["BillingContact"])
    privacy = {
        request.get(f"PrivacyProtect{role}Contact", True) for role in ("Admin", "Registrant", "Tech", "Billing")
    }
    if len(privacy) > 1:
        raise registrar_invalid("The privacy protection of all contacts must be the same.")
    consent = request.get("Consent")
    if consent and (consent["Currency"] != "USD" or consent["MaxPrice"] < _price(tld)["Price"]):
        raise registrar_invalid(f"The price of {name} is above the price that was consented to.")
    if name in registrations(cloud):
        raise registrar_invalid(f"The domain {name} is not available.")
    owned = [item for item in registrations(cloud).values() if item["registrant"] == "account"]
    if len(owned) >= cloud.quota("registered_domains"):
        raise ApiError("DomainLimitExceeded", "The number of domains has exceeded the allowed threshold for the account.")
    order = _order(request, name, "REGISTER_DOMAIN")
    args = {
        "name": name,
        "years": request["DurationInYears"],
        "auto_renew": request.get("AutoRenew", True),
        "privacy": privacy.pop(),
        "contacts": contacts,
    }
    _start(request, "registrar.register", order, args, "domain registered")
    return {"OperationId": order["OperationId"]}


@operation
def UpdateDomainNameservers(request: Request) -> dict[str, Any]:
    name, _ = _split(request["DomainName"])
    _own(request.cloud, name)
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
    order = _order(request, name, "UPDATE_NAMESERVER")
    _start(request, "registrar.name_servers", order, {"name": name, "servers": servers}, "name servers updated")
    return {"OperationId": order["OperationId"]}


@operation
def GetOperationDetail(request: Request) -> dict[str, Any]:
    for order in _orders(request.cloud):
        if order["OperationId"] == request["OperationId"]:
            return dict(order)
    raise registrar_invalid(f"Operation {request['OperationId']} was not found.")


@operation
def ListOperations(request: Request) -> dict[str, Any]:
    since, statuses, types = request.get("SubmittedSince"), request.get("Status"), request.get("Type")
    orders = [
        dict(order)
        for order in _orders(request.cloud)
        if (since is None or order["SubmittedDate"] >= since)
        and (not statuses or order["Status"] in statuses)
        and (not types or order["Type"] in types)
    ]
    orders.sort(key=lambda order: order["SubmittedDate"], reverse=request.get("SortOrder", "DESC") == "DESC")
    return _page(request, orders, "Operations", 20)


@operation
def GetDomainDetail(request: Request) -> dict[str, Any]:
    name, _ = _split(request["DomainName"])
    registration = _own(request.cloud, name)
    private = registration.get("privacy", True)
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
        "RegistrarName": "Amazon Registrar, Inc.",
        "WhoIsServer": "whois.registrar.amazon",
        "RegistrarUrl": "https://registrar.amazon.com",
        "CreationDate": registration["created_at"],
        "UpdatedDate": registration["updated_at"],
        "ExpirationDate": registration["expires_at"],
        "StatusList": ["clientTransferProhibited"],
        "DnssecKeys": [],
    }


@operation
def ListDomains(request: Request) -> dict[str, Any]:
    items = [
        {
            "DomainName": name,
            "AutoRenew": registration.get("auto_renew", True),
            "TransferLock": True,
            "Expiry": registration["expires_at"],
        }
        for name, registration in sorted(registrations(request.cloud).items())
        if registration["registrant"] == "account"
    ]
    for condition in request.get("FilterConditions", []):
        value = condition["Values"][0]
        if condition["Name"] == "DomainName":
            items = [item for item in items if item["DomainName"].startswith(value.lower())]
        else:
            raise registrar_invalid("Filtering by Expiry is not emulated by the local Lightsail.")
    return _page(request, items, "Domains", 20)


def _set_renewal(request: Request, renew: bool) -> dict[str, Any]:
    name, _ = _split(request["DomainName"])
    _own(request.cloud, name)["auto_renew"] = renew
    return {}


@operation
def EnableDomainAutoRenew(request: Request) -> dict[str, Any]:
    return _set_renewal(request, True)


@operation
def DisableDomainAutoRenew(request: Request) -> dict[str, Any]:
    return _set_renewal(request, False)


@operation
def ListTagsForDomain(request: Request) -> dict[str, Any]:
    name, _ = _split(request["DomainName"])
    return {"TagList": [{"Key": key, "Value": value} for key, value in _own(request.cloud, name).get("tags", {}).items()]}


@operation
def UpdateTagsForDomain(request: Request) -> dict[str, Any]:
    name, _ = _split(request["DomainName"])
    tags = _own(request.cloud, name).setdefault("tags", {})
    tags.update({tag.get("Key", ""): tag.get("Value", "") for tag in request.get("TagsToUpdate", [])})
    return {}


@operation
def DeleteTagsForDomain(request: Request) -> dict[str, Any]:
    name, _ = _split(request["DomainName"])
    tags = _own(request.cloud, name).setdefault("tags", {})
    for key in request["TagsToDelete"]:
        tags.pop(key, None)
    return {}
