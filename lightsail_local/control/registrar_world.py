# SPDX-License-Identifier: GPL-3.0-or-later
"""The world of registered names outside of Lightsail: who has a name, where it points, and what its owner serves elsewhere.

Kept in the store under "registrations": name -> {"registrant": "account" or "elsewhere", "name_servers", "records", ...}.
"account" is this AWS account (Route 53 Domains), "elsewhere" any other registrar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import names
from .domain_entries import new_entry_id

if TYPE_CHECKING:
    from .cloud import Cloud

ELSEWHERE_SERVERS = ["ns1.registrar.example", "ns2.registrar.example"]
YEAR = 365 * 86400.0


def registrations(cloud: Cloud) -> dict[str, dict[str, Any]]:
    return cloud.store.data["registrations"]


def route53_servers(cloud: Cloud, name: str) -> list[str]:
    """The servers of the Route 53 hosted zone that registering a name makes; there is nothing in that zone."""
    number = sum(name.encode()) % 400
    return [f"ns-{number + 100 * i}.awsdns-{(number + i) % 64:02d}.{tld}" for i, tld in enumerate(("com", "net", "org", "co.uk"))]


def new_registration(cloud: Cloud, registrant: str, servers: list[str], years: int = 1, **members: Any) -> dict[str, Any]:
    now = cloud.clock.now()
    return {
        "registrant": registrant,
        "name_servers": servers,
        "own_servers": list(servers),  # where it points when it is taken back from Lightsail
        "records": [],
        "created_at": now,
        "updated_at": now,
        "expires_at": now + years * YEAR,
        **members,
    }


def read_records(zone: str, records: list[Any]) -> list[dict[str, Any]]:
    """Records that an owner serves elsewhere: objects with name, type and target, or lines "name type target".

    An ALIAS record, as many DNS providers have, leads to the address of a name of this cloud.
    """
    result = []
    for item in records:
        if isinstance(item, str):
            words = item.split(None, 2)
            if len(words) != 3:
                raise ValueError(f"A record is written as: name type target. This is not: {item}")
            item = {"name": words[0], "type": words[1], "target": words[2]}
        name = names.plain(str(item["name"]))
        if name == "@":
            name = zone
        elif name != zone and not name.endswith("." + zone):
            name = f"{name}.{zone}"
        kind = str(item["type"]).upper()
        result.append(
            {
                "id": new_entry_id(),
                "name": name,
                "type": "A" if kind == "ALIAS" else kind,
                "target": str(item["target"]),
                "isAlias": kind == "ALIAS",
            }
        )
    return result


def declare(cloud: Cloud, name: str, registrant: str, records: list[Any] | None) -> dict[str, Any]:
    """A name that was registered before the story begins: by this account ("owner") or at another registrar."""
    name = names.plain(name)
    if registrant not in ("owner", "elsewhere"):
        raise ValueError("The registrant must be owner or elsewhere.")
    registration = registrations(cloud).get(name)
    if registration is None:
        servers = route53_servers(cloud, name) if registrant == "owner" else list(ELSEWHERE_SERVERS)
        registration = new_registration(cloud, "account", servers)
        registrations(cloud)[name] = registration
    registration["registrant"] = "account" if registrant == "owner" else "elsewhere"
    if records is not None:
        registration["records"] = read_records(name, records)
    cloud.store.save()
    names.changed(cloud)
    return _view(cloud, name)


def delegate(cloud: Cloud, name: str, undelegate: bool) -> dict[str, Any]:
    """What an owner does at the registrar: point the name at the zone's name servers, or take it back."""
    name = names.plain(name)
    registration = registrations(cloud).get(name)
    if registration is None:
        raise ValueError(f"Nobody has registered {name}; see: lightsail-local domain {name} --registrant elsewhere.")
    if undelegate:
        registration["name_servers"] = list(registration["own_servers"])
    else:
        zone = cloud.find("Domain", "global", name)
        if zone is None:
            raise ValueError(f"There is no DNS zone {name} in Lightsail to point at.")
        registration["name_servers"] = list(zone["name_servers"])
    registration["updated_at"] = cloud.clock.now()
    cloud.store.save()
    names.changed(cloud)
    return _view(cloud, name)


def _view(cloud: Cloud, name: str) -> dict[str, Any]:
    registration = registrations(cloud)[name]
    return {
        "name": name,
        "registrant": registration["registrant"],
        "name_servers": registration["name_servers"],
        "delegated": name in names.delegated(cloud),
        "records": registration["records"],
    }
