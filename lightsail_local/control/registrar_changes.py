# SPDX-License-Identifier: GPL-3.0-or-later
"""Route 53 Domains: what happens to a registration later: contacts, lock, DNSSEC, renewal, transfers, deletion, bills.

There is one account here, so a transfer to another one stays under way until it is cancelled, and none ever comes in.
"""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from . import names
from .domain_entries import new_entry_id
from .errors import ApiError, registrar_invalid
from .registrar import (
    OPEN,
    OrderJob,
    all_orders,
    check_consent,
    check_contact,
    check_privacy,
    check_room,
    need_order,
    new_order,
    own_domain,
    page_of,
    price_view,
    split_name,
    start_order,
    yearly_price,
)
from .registrar_world import YEAR, registrations
from .registry import operation
from .request import Record, Request

CONTACTS = ("AdminContact", "RegistrantContact", "TechContact", "BillingContact")
MOST_YEARS = 10
MOST_KEYS = 4  # guess: registries take between one and eight
HANDING_OVER = "INTERNAL_TRANSFER_OUT_DOMAIN"


class Change(OrderJob):
    kind = "registrar.change"

    def ended(self, result: dict[str, Any]) -> None:
        registration = registrations(self.cloud).get(self.args["name"])
        if registration is None:
            self.set_status("FAILED", f"The domain {self.args['name']} is gone.")
            return
        registration.update(self.args["change"], updated_at=self.cloud.clock.now())
        self.set_status("SUCCESSFUL")
        names.changed(self.cloud)


class Remove(OrderJob):
    kind = "registrar.delete"

    def ended(self, result: dict[str, Any]) -> None:
        registrations(self.cloud).pop(self.args["name"], None)
        self.set_status("SUCCESSFUL")
        names.changed(self.cloud)


def _change(request: Request, name: str, type_: str, change: Record, cost: float = 0.0, clock: str = "domain changed") -> Record:
    order = new_order(request, name, type_, cost)
    start_order(request, "registrar.change", order, {"name": name, "change": change}, clock)
    return {"OperationId": order["OperationId"]}


def _mine(request: Request) -> tuple[str, Record]:
    name, _ = split_name(request["DomainName"])
    return name, own_domain(request.cloud, name)


# -- contacts ------------------------------------------------------------------------------------------------------
@operation
def UpdateDomainContact(request: Request) -> dict[str, Any]:
    name, registration = _mine(request)
    given = {role: check_contact(role, request[role]) for role in CONTACTS if request.get(role)}
    if not given:
        raise registrar_invalid("There is no contact to update.")
    check_consent(request, name, 0.0)
    return _change(request, name, "UPDATE_DOMAIN_CONTACT", {"contacts": {**registration.get("contacts", {}), **given}})


@operation
def UpdateDomainContactPrivacy(request: Request) -> dict[str, Any]:
    name, registration = _mine(request)
    members = [f"{role}Privacy" for role in ("Admin", "Registrant", "Tech", "Billing")]
    now = registration.get("privacy", True)
    return _change(
        request, name, "CHANGE_PRIVACY_PROTECTION", {"privacy": check_privacy(request.get(member, now) for member in members)}
    )


def _registrant(request: Request) -> tuple[str, str]:
    name, _ = split_name(request.get("domainName") or "")
    return name, own_domain(request.cloud, name).get("contacts", {}).get("RegistrantContact", {}).get("Email", "")


@operation
def GetContactReachabilityStatus(request: Request) -> dict[str, Any]:
    # Nobody reads the mail here, so the address counts as confirmed at once.
    return {"domainName": _registrant(request)[0], "status": "DONE"}


@operation
def ResendContactReachabilityEmail(request: Request) -> dict[str, Any]:
    name, email = _registrant(request)
    return {"domainName": name, "emailAddress": email, "isAlreadyVerified": True}


@operation
def ResendOperationAuthorization(request: Request) -> dict[str, Any]:
    order = need_order(request)
    if order["Status"] not in OPEN:
        raise registrar_invalid(f"The operation {order['OperationId']} is {order['Status']} and needs no authorization.")
    return {}


# -- lock, DNSSEC --------------------------------------------------------------------------------------------------
@operation
def EnableDomainTransferLock(request: Request) -> dict[str, Any]:
    return _change(request, _mine(request)[0], "DOMAIN_LOCK", {"locked": True})


@operation
def DisableDomainTransferLock(request: Request) -> dict[str, Any]:
    return _change(request, _mine(request)[0], "DOMAIN_LOCK", {"locked": False})


@operation
def AssociateDelegationSignerToDomain(request: Request) -> dict[str, Any]:
    name, registration = _mine(request)
    given, keys = request["SigningAttributes"], registration.get("dnssec_keys", [])
    if not all(given.get(member) for member in ("Algorithm", "Flags", "PublicKey")) or given["Flags"] not in (256, 257):
        raise registrar_invalid("SigningAttributes need an Algorithm, Flags of 256 or 257, and a PublicKey.")
    if len(keys) >= MOST_KEYS:
        raise ApiError("DnssecLimitExceeded", f"The domain {name} has the maximum number of DNSSEC keys already.")
    key = {**given, "DigestType": 2, "KeyTag": secrets.randbelow(65536), "Id": new_entry_id().lstrip("-")}
    return _change(request, name, "ADD_DNSSEC", {"dnssec_keys": [*keys, key]})


@operation
def DisassociateDelegationSignerFromDomain(request: Request) -> dict[str, Any]:
    name, registration = _mine(request)
    keys = registration.get("dnssec_keys", [])
    kept = [key for key in keys if key["Id"] != request["Id"]]
    if len(kept) == len(keys):
        raise registrar_invalid(f"The domain {name} has no DNSSEC key {request['Id']}.")
    return _change(request, name, "REMOVE_DNSSEC", {"dnssec_keys": kept})


# -- renewal and the end -------------------------------------------------------------------------------------------
@operation
def RenewDomain(request: Request) -> dict[str, Any]:
    name, tld = split_name(request["DomainName"])
    registration, years = own_domain(request.cloud, name), request.get("DurationInYears", 1)
    expires = datetime.datetime.fromtimestamp(registration["expires_at"], datetime.timezone.utc)
    if request["CurrentExpiryYear"] != expires.year:
        raise registrar_invalid(f"The registration of {name} expires in {expires.year}, not in {request['CurrentExpiryYear']}.")
    after = registration["expires_at"] + years * YEAR
    if not 1 <= years <= MOST_YEARS or after > request.cloud.clock.now() + MOST_YEARS * YEAR:
        raise registrar_invalid(f"A domain can be registered for at most {MOST_YEARS} years.")
    cost = yearly_price(tld)["Price"] * years
    check_consent(request, name, cost)
    return _change(request, name, "RENEW_DOMAIN", {"expires_at": after}, cost)


@operation(name="route53domains:DeleteDomain")
def delete_registration(request: Request) -> dict[str, Any]:
    """The name is free again afterwards; RestoreDomain is for registries with a time of grace, and there is none here."""
    name, _ = _mine(request)
    order = new_order(request, name, "DELETE_DOMAIN")
    start_order(request, "registrar.delete", order, {"name": name}, "domain changed")
    return {"OperationId": order["OperationId"]}


@operation
def RestoreDomain(request: Request) -> dict[str, Any]:
    name, _ = split_name(request["DomainName"])
    raise registrar_invalid(f"The domain {name} cannot be restored.")


# -- transfers -----------------------------------------------------------------------------------------------------
@operation
def CheckDomainTransferability(request: Request) -> dict[str, Any]:
    name, tld = split_name(request["DomainName"])
    registration = registrations(request.cloud).get(name)
    if registration is None:
        return {"Transferability": {"Transferable": "UNTRANSFERABLE"}, "Message": f"The domain {name} is not registered."}
    if registration["registrant"] == "account":
        return {"Transferability": {"Transferable": "DOMAIN_IN_OWN_ACCOUNT"}}
    return {"Transferability": {"Transferable": "TRANSFERABLE"}, "Price": {**yearly_price(tld), "PriceType": "STANDARD"}}


@operation
def TransferDomain(request: Request) -> dict[str, Any]:
    name, tld = split_name(request["DomainName"])
    registration = registrations(request.cloud).get(name)
    if registration is None or registration["registrant"] == "account":
        raise registrar_invalid(f"The domain {name} is not registered with another registrar.")
    if not request.get("AuthCode"):
        raise registrar_invalid(f"The authorization code of {name} is needed; the present registrar has it.")
    contacts = {role: check_contact(role, request[role]) for role in CONTACTS if request.get(role)}
    privacy = check_privacy(
        request.get(f"PrivacyProtect{role}Contact", True) for role in ("Admin", "Registrant", "Tech", "Billing")
    )
    years = request.get("DurationInYears", 1)
    cost = yearly_price(tld)["Price"] * years
    check_consent(request, name, cost)
    check_room(request.cloud)
    change = {
        "registrant": "account",
        "contacts": contacts,
        "privacy": privacy,
        "auto_renew": request.get("AutoRenew", True),
        "expires_at": registration["expires_at"] + years * YEAR,
    }
    if request.get("Nameservers"):
        change["name_servers"] = [names.plain(server["Name"]) for server in request["Nameservers"]]
    return _change(request, name, "TRANSFER_IN_DOMAIN", change, cost, "domain transferred")


@operation
def RetrieveDomainAuthCode(request: Request) -> dict[str, Any]:
    _, registration = _mine(request)
    return {"AuthCode": registration.setdefault("auth_code", secrets.token_urlsafe(12))}


@operation
def PushDomain(request: Request) -> dict[str, Any]:
    raise registrar_invalid(f"The domain {_mine(request)[0]} is not a .uk domain.")


@operation
def TransferDomainToAnotherAwsAccount(request: Request) -> dict[str, Any]:
    name, _ = _mine(request)
    if not (request["AccountId"].isdigit() and len(request["AccountId"]) == 12):
        raise registrar_invalid(f"{request['AccountId']} is not the identifier of an account.")
    order = new_order(request, name, HANDING_OVER)
    order.update(Status="IN_PROGRESS", StatusFlag="PENDING_ACCEPTANCE")
    return {"OperationId": order["OperationId"], "Password": secrets.token_urlsafe(12)}


@operation
def CancelDomainTransferToAnotherAwsAccount(request: Request) -> dict[str, Any]:
    name, _ = _mine(request)
    for order in all_orders(request.cloud):
        if order["DomainName"] == name and order["Type"] == HANDING_OVER and order["Status"] in OPEN:
            # Guess: the canceled operation ends, and it is its identifier that is returned.
            order.update(Status="FAILED", StatusFlag=None, Message="The transfer was canceled.", LastUpdatedDate=request.cloud.clock.now())
            return {"OperationId": order["OperationId"]}
    raise registrar_invalid(f"There is no transfer of {name} to another account.")


@operation
def AcceptDomainTransferFromAnotherAwsAccount(request: Request) -> dict[str, Any]:
    raise registrar_invalid(f"There is no transfer of {request['DomainName']} from another account.")


@operation
def RejectDomainTransferFromAnotherAwsAccount(request: Request) -> dict[str, Any]:
    raise registrar_invalid(f"There is no transfer of {request['DomainName']} from another account.")


# -- offers and bills ----------------------------------------------------------------------------------------------
@operation
def GetDomainPrices(request: Request) -> dict[str, Any]:
    name, tld = split_name(request["DomainName"])
    prices = {
        member: value if member == "Name" else {**value, "PriceType": "STANDARD"} for member, value in price_view(tld).items()
    }
    return {"DomainPrice": {**prices, "Name": name}}


@operation
def GetDomainSuggestions(request: Request) -> dict[str, Any]:
    name, tld = split_name(request["DomainName"])
    label, count = name.partition(".")[0], request["SuggestionCount"]
    if not 1 <= count <= 50:
        raise registrar_invalid("SuggestionCount must be between 1 and 50.")
    found = []
    for word in (f"{label}-online", f"my{label}", f"the{label}", f"{label}-site", *(f"{label}{number}" for number in range(1, 61))):
        free = f"{word}.{tld}" not in registrations(request.cloud)
        if free or not request["OnlyAvailable"]:
            suggestion: Record = {"DomainName": f"{word}.{tld}", "Availability": "AVAILABLE" if free else "UNAVAILABLE"}
            found.append({**suggestion, "Price": {**yearly_price(tld), "PriceType": "STANDARD"}} if free else suggestion)
    return {"SuggestionsList": found[:count]}


@operation
def ViewBilling(request: Request) -> dict[str, Any]:
    first, last = request.get("Start"), request.get("End")
    records = [
        {
            "DomainName": order["DomainName"],
            "Operation": order["Type"],
            "InvoiceId": order["OperationId"],
            "BillDate": order["LastUpdatedDate"],
            "Price": order["_price"],
        }
        for order in all_orders(request.cloud)
        if order["Status"] == "SUCCESSFUL" and order.get("_price")
        and (first is None or order["LastUpdatedDate"] >= first) and (last is None or order["LastUpdatedDate"] <= last)
    ]
    return page_of(request, records, "BillingRecords", 100)
