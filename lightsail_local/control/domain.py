# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS zones and their entries; us-east-1 only, everything Succeeds at once."""

from __future__ import annotations

import ipaddress
import re
import secrets
from typing import TYPE_CHECKING, Any

from . import errors, names, registrar_world, tags
from .domain_entries import new_entry_id, same
from .registry import operation
from .request import GLOBAL, HOME_REGION, SUPPORT_ACCOUNT, Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "Domain"
TYPES = ("A", "AAAA", "CNAME", "MX", "NS", "SOA", "SRV", "TXT")
ZONE_NAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
ENTRY_NAME = re.compile(r"(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9-]+")


def _home(request: Request) -> None:
    if request.region != HOME_REGION:
        raise errors.only_in_us_east_1()


def _zone(request: Request) -> Record:
    _home(request)
    name = names.plain(request["domainName"])
    record = request.cloud.find(TYPE, GLOBAL, name)
    if record is None:
        raise errors.not_found(TYPE, request["domainName"])
    return record


def view(cloud: Cloud, record: Record) -> dict[str, Any]:
    answer = {**cloud.common_view(record), "domainEntries": [_entry_view(entry) for entry in record["entries"]]}
    if record.get("delegation"):
        answer["registeredDomainDelegationInfo"] = {
            "nameServersUpdateState": {"code": record["delegation"]},
            "r53HostedZoneDeletionState": {"code": record["delegation"]},
        }
    return answer


def _entry_view(entry: dict[str, Any]) -> dict[str, Any]:
    # The service returns an asterisk escaped (tf#44587).
    return {**entry, "name": entry["name"].replace("*", "\\052")}


def _name_servers(cloud: Cloud) -> list[str]:
    """Four, of the pools that Route 53 takes its from; other ones for each zone."""
    return [
        f"ns-{secrets.randbelow(500) + pool * 512}.awsdns-{secrets.randbelow(64):02d}.{tld}"
        for pool, tld in enumerate(("com", "net", "org", "co.uk"))
    ]


def _done(request: Request, record: Record) -> Record:
    return request.record_operation(TYPE, record["name"], region=GLOBAL)


@operation
def CreateDomain(request: Request) -> dict[str, Any]:
    _home(request)
    cloud = request.cloud
    name = names.plain(request["domainName"])
    if not ZONE_NAME.fullmatch(name):
        raise errors.invalid(f"The domain name is not valid: {request['domainName']}")
    tags.check(request.get("tags"))
    request.claim_names(name)
    request.check_quota(
        "domains", len(cloud.all(TYPE)), 1, "Sorry, you've reached the maximum number of DNS zones for your account."
    )
    servers = _name_servers(cloud)
    entries = [
        {"id": new_entry_id(), "name": name, "target": server, "isAlias": False, "type": "NS"} for server in servers
    ]
    soa = f"{servers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
    entries.append({"id": new_entry_id(), "name": name, "target": soa, "isAlias": False, "type": "SOA"})
    record = request.new(TYPE, name, region=GLOBAL, name_servers=servers, entries=entries, delegation=None)
    record["arn"] = record["arn"].replace(f":{request.region}:", f":{GLOBAL}:")
    record["support_code"] = f"{SUPPORT_ACCOUNT}//hostedzone/Z{secrets.token_hex(10).upper()}"
    registration = registrar_world.registrations(cloud).get(name)
    if registration and registration["registrant"] == "account" and registration.get("hosted_zone_empty"):
        # Lightsail points a name that is registered in the same account at the new zone by itself.
        registration["name_servers"] = list(servers)
        registration["hosted_zone_empty"] = False
        record["delegation"] = "SUCCEEDED"
    names.changed(cloud, request)
    return {"operation": _done(request, record)}


@operation
def GetDomain(request: Request) -> dict[str, Any]:
    return {"domain": view(request.cloud, _zone(request))}


@operation
def GetDomains(request: Request) -> dict[str, Any]:
    _home(request)
    return request.page(request.cloud.all(TYPE), "domains", lambda record: view(request.cloud, record))


@operation
def DeleteDomain(request: Request) -> dict[str, Any]:
    record = _zone(request)
    request.cloud.remove(record)  # with all entries; the registration goes on pointing at a dead zone
    names.changed(request.cloud, request)
    return {"operation": _done(request, record)}


# -- entries -------------------------------------------------------------------------------------------------------
def _read(request: Request, zone: Record) -> dict[str, Any]:
    """The entry of the request, normalised as the service does."""
    given = request["domainEntry"]
    for member in ("name", "type", "target"):
        if not given.get(member):
            raise errors.invalid(f"Input error: the domain entry needs a {member}.")
    kind = given["type"]
    if kind not in TYPES:
        raise errors.invalid(f"Input error: {kind} is not a record type; it must be one of: {', '.join(TYPES)}.")
    name = names.plain(given["name"])
    if name != zone["name"] and not name.endswith("." + zone["name"]):
        raise errors.invalid(f"Input error: {given['name']} is not within the domain {zone['name']}.")
    if not ENTRY_NAME.fullmatch(name):
        raise errors.invalid(f"Input error: {given['name']} is not a valid record name.")
    alias = bool(given.get("isAlias"))
    target = _target(kind, given["target"].strip(), alias)
    return {"name": name, "target": target, "isAlias": alias, "type": kind}


def _target(kind: str, target: str, alias: bool) -> str:
    if alias:
        if kind not in ("A", "AAAA"):
            raise errors.invalid("Input error: only A and AAAA records can be an alias.")
        return target.rstrip(".").lower()
    if kind in ("A", "AAAA"):
        version = 4 if kind == "A" else 6
        try:
            if ipaddress.ip_address(target).version != version:
                raise ValueError
        except ValueError as error:
            raise errors.invalid(f"Input error: {target} is not a valid IPv{version} address.") from error
        return target
    if kind == "TXT":
        if not (len(target) >= 2 and target.startswith('"') and target.endswith('"')):
            raise errors.invalid("Input error: Target should be enclosed in quotation marks")
        return target
    if kind == "MX" and not re.fullmatch(r"\d+\s+\S+", target):
        raise errors.invalid(f'Input error: {target} is not valid; an MX target is written "10 mail.example.com".')
    if kind == "SRV" and not re.fullmatch(r"\d+\s+\d+\s+\d+\s+\S+", target):
        raise errors.invalid(f'Input error: {target} is not valid; an SRV target is written "1 10 5269 host.example.com".')
    # The root as target says that there is no such service (RFC 7505, RFC 2782).
    return target if target.split()[-1] == "." else target.rstrip(".")


def _check_beside(zone: Record, entry: dict[str, Any], but: str | None = None) -> None:
    others = [item for item in zone["entries"] if item["id"] != but]
    if any(same(item, entry["name"], entry["type"], entry["target"]) for item in others):
        raise errors.invalid(f"Input error: an identical record exists: {entry['name']} {entry['type']} {entry['target']}")
    here = [item for item in others if names.plain(item["name"]) == entry["name"]]
    if entry["type"] == "CNAME":
        if entry["name"] == zone["name"]:
            raise errors.invalid("Input error: a CNAME record cannot be at the apex of a domain.")
        if here:
            raise errors.invalid(f"Input error: {entry['name']} has other records, so it cannot have a CNAME record.")
    elif any(item["type"] == "CNAME" for item in here):
        raise errors.invalid(f"Input error: {entry['name']} has a CNAME record, so it cannot have other records.")
    # An alias is the only record of its name and type (guide of Route 53, which holds the zone; the texts are a guess).
    alike = [item for item in here if item["type"] == entry["type"]]
    if entry["isAlias"] and alike:
        raise errors.invalid(f"Input error: {entry['name']} has other records of type {entry['type']}, so it cannot have an alias of that type.")
    if any(item["isAlias"] for item in alike):
        raise errors.invalid(f"Input error: {entry['name']} has an alias of type {entry['type']}, so it cannot have other records of that type.")


def _existing(zone: Record, given: dict[str, Any]) -> dict[str, Any]:
    """By id; without one by name and type, and by target if there are several (guess)."""
    if given.get("id"):
        for entry in zone["entries"]:
            if entry["id"] == given["id"]:
                return entry
        raise errors.not_found("DomainEntry", given["id"])
    name, kind = names.plain(given.get("name") or ""), given.get("type")
    matches = [entry for entry in zone["entries"] if entry["name"] == name and entry["type"] == kind]
    target = (given.get("target") or "").rstrip(".")
    exact = [entry for entry in matches if entry["target"].rstrip(".").lower() == target.lower()]
    if exact:
        return exact[0]
    raise errors.not_found("DomainEntry", f"{given.get('name')} {kind} {given.get('target')}")


@operation
def CreateDomainEntry(request: Request) -> dict[str, Any]:
    zone = _zone(request)
    entry = _read(request, zone)
    if entry["type"] == "SOA":
        raise errors.invalid("Input error: the SOA record cannot be created.")
    _check_beside(zone, entry)
    zone["entries"].append({"id": new_entry_id(), **entry})
    names.changed(request.cloud, request)
    return {"operation": _done(request, zone)}


@operation
def UpdateDomainEntry(request: Request) -> dict[str, Any]:
    zone = _zone(request)
    given = request["domainEntry"]
    entry = _read(request, zone)
    if given.get("id"):
        existing = _existing(zone, given)
    else:
        matches = [item for item in zone["entries"] if item["name"] == entry["name"] and item["type"] == entry["type"]]
        if len(matches) != 1:
            raise errors.not_found("DomainEntry", f"{entry['name']} {entry['type']}")
        existing = matches[0]
    _check_beside(zone, entry, but=existing["id"])
    existing.update(entry)
    names.changed(request.cloud, request)
    return {"operations": [_done(request, zone)]}  # a list here, one record with Create and Delete (model)


@operation
def DeleteDomainEntry(request: Request) -> dict[str, Any]:
    zone = _zone(request)
    entry = _existing(zone, request["domainEntry"])
    if entry["type"] == "SOA" or (entry["type"] == "NS" and entry["name"] == zone["name"]):
        raise errors.invalid(f"Input error: the {entry['type']} record of a domain cannot be deleted.")
    zone["entries"].remove(entry)
    names.changed(request.cloud, request)
    return {"operation": _done(request, zone)}
