# SPDX-License-Identifier: GPL-3.0-or-later
"""Subdomains of amazonlightsail.com: made, reserved, and led to a distribution that has no certificate of its own.

All rules are the model's. That the calls exist in us-east-1 only, as those of distributions do, is a guess.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from . import errors, names, tags
from .registry import Job, listens, operation, tell
from .request import HOME_REGION, Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "Subdomain"
PARENT = "amazonlightsail.com"
LABEL = re.compile(r"(?!xn--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
LONGEST = 39
# Some names are reserved, which ones is not documented: these are a guess.
RESERVED = {"www", "mail", "aws", "amazon", "lightsail", "api", "console"}
RESERVATION = 15 * 60.0
DAY = 86400.0


def view(cloud: Cloud, record: Record, *, with_tags: bool = False) -> dict[str, Any]:
    name = record["name"]
    answer: dict[str, Any] = {
        "subdomainName": name,
        "fqdn": f"{name}.{PARENT}",
        "depth": name.count(".") + 1,
        "state": record["state"],
        "location": {"availabilityZone": "all", "regionName": HOME_REGION},
        "createdAt": record["created_at"],
    }
    if record["state"] != "IMPLICIT":
        answer["arn"] = record["arn"]
    if "." in name:
        answer["parentFqdn"] = f"{name.partition('.')[2]}.{PARENT}"
    for member in ("attached", "attaching"):
        target = cloud.record(record[member]["id"]) if record[member] else None
        if target:
            described = {"arn": target["arn"], "name": target["name"]}
            answer[f"{member}Resource"] = {**described, "attachedAt": record[member]["at"]} if member == "attached" else described
    if with_tags:
        answer["tags"] = [dict(tag) for tag in record["tags"]]
    return answer


def of_distribution(cloud: Cloud, distribution: Record) -> Record | None:
    """The subdomain that leads to a distribution or is about to."""
    for record in cloud.all(TYPE):
        if any(record[member] and record[member]["id"] == distribution["id"] for member in ("attached", "attaching")):
            return record
    return None


def serving(cloud: Cloud, distribution: Record) -> Record | None:
    record = of_distribution(cloud, distribution)
    attached = record and record["attached"]
    return record if attached and attached["id"] == distribution["id"] else None


# -- jobs ----------------------------------------------------------------------------------------------------------
class _SubdomainJob(Job):
    @property
    def record(self) -> Record | None:
        return self.cloud.record(self.args["id"])


class Create(_SubdomainJob):
    kind = "subdomain.create"

    def run(self) -> dict[str, Any]:
        record = self.record
        cert_pem, key_pem = self.cloud.ca.issue([f"{record['name']}.{PARENT}"]) if record else ("", "")
        return {"cert_pem": cert_pem, "key_pem": key_pem}

    def operations_ended(self, result: dict[str, Any]) -> None:
        record = self.record
        if record is not None and record["state"] == "CREATING":
            record.update(result, state="UNATTACHED")
            distribution = self.args["distribution"]
            if distribution and self.cloud.record(distribution):
                _attach(self.cloud, record, distribution)


class Associate(_SubdomainJob):
    """Ends with the distribution knowing it, or knowing it no more."""

    kind = "subdomain.associate"

    def operations_ended(self, result: dict[str, Any]) -> None:
        record = self.record
        if record is None:
            return
        before, after = record["attached"], record["attaching"]
        record.update(attached=None, attaching=None, state="UNATTACHED")
        if after and self.cloud.record(after["id"]):
            record.update(attached={"id": after["id"], "at": self.cloud.clock.now()}, state="ATTACHED")
        for end in (before, after):
            distribution = self.cloud.record(end["id"]) if end else None
            if distribution:
                tell("subdomain changed", self.cloud, distribution)
        names.changed(self.cloud)


def _attach(cloud: Cloud, record: Record, distribution_id: str) -> None:
    record.update(state="ATTACHING", attaching={"id": distribution_id})
    delay = cloud.clock.resource("subdomain associated")
    cloud.engine.submit("subdomain.associate", record["id"], {"id": record["id"]}, [], delay, delay)


# -- operations ----------------------------------------------------------------------------------------------------
def _home(request: Request) -> None:
    if request.region != HOME_REGION:
        raise errors.distribution_only_in_us_east_1()


def _check(name: str) -> str:
    labels = name.split(".")
    if name.endswith("." + PARENT) or len(labels) > 2 or len(name) > LONGEST or not all(map(LABEL.fullmatch, labels)):
        raise errors.invalid(f"The subdomain {name} is not valid: one or two labels of at most {LONGEST} characters, without {PARENT}.")
    if labels[-1] in RESERVED:
        raise errors.invalid(f"The subdomain {name} is reserved.")
    return name


def _find(request: Request, name: str) -> Record | None:
    return request.cloud.find(TYPE, HOME_REGION, name)


def _need(request: Request) -> Record:
    _home(request)
    record = _find(request, request["subdomainName"])
    if record is None:
        raise errors.not_found(TYPE, request["subdomainName"])
    return record


def _reservations(request: Request) -> dict[str, float]:
    now = request.cloud.clock.now()
    held = request.cloud.store.data["subdomain_reservations"]
    for name in [name for name, until in held.items() if until <= now]:
        del held[name]
    return held


@operation
def CheckSubdomainAvailability(request: Request) -> dict[str, Any]:
    _home(request)
    name = _check(request["subdomainName"])
    record, held, top = _find(request, name), _reservations(request), name.split(".")[-1]
    available = record is None or record["state"] == "IMPLICIT"
    if available and request.get("reserve") and top not in held and not _find(request, top):
        request.check_quota("subdomain_reservations", len(held), 1, "You can have up to 5 active reservations at a time.")
        held[top] = request.cloud.clock.now() + RESERVATION
    answer: dict[str, Any] = {"available": available, "subdomainName": name}
    return {**answer, "reservationExpiresAt": held[top]} if top in held else answer


def _new(request: Request, name: str, state: str) -> Record:
    own_tags = request.get("tags") if state != "IMPLICIT" else None
    members: Record = {"state": state, "attached": None, "attaching": None, "transferred_at": None}
    return request.cloud.new_record(TYPE, HOME_REGION, name, None, own_tags, **members)


def make(request: Request, name: str, distribution: Record | None = None) -> tuple[Record, Record]:
    """The record and its operation; with a distribution it is led there as soon as both exist."""
    name = _check(name)
    tags.check(request.get("tags"))
    found = _find(request, name)
    if found is not None and found["state"] != "IMPLICIT":
        raise errors.name_taken(name)
    counted = [record for record in request.cloud.all(TYPE) if record["state"] != "IMPLICIT"]
    request.check_quota("subdomains", len(counted), 1, "You can have up to 30 subdomains in your account.")
    if found is not None:
        found.update(state="CREATING", tags=[dict(tag) for tag in request.get("tags", [])])
    record = found or _new(request, name, "CREATING")
    parent = name.partition(".")[2]
    if parent and _find(request, parent) is None:
        _new(request, parent, "IMPLICIT")
    _reservations(request).pop(name.split(".")[-1], None)
    started = request.record_operation(TYPE, name, type="CreateSubdomain", status="Started")
    args = {"id": record["id"], "distribution": distribution and distribution["id"]}
    request.start("subdomain.create", record["id"], args, operations=[started], operation="CreateSubdomain")
    return record, started


@operation
def CreateSubdomain(request: Request) -> dict[str, Any]:
    _home(request)
    record, started = make(request, request["subdomainName"])
    return {"subdomain": view(request.cloud, record), "operation": started}


@operation
def GetSubdomains(request: Request) -> dict[str, Any]:
    _home(request)
    if request.get("subdomainName"):
        if request.get("pageToken"):
            raise errors.invalid("subdomainName cannot be specified together with pageToken.")
        return {"subdomains": [view(request.cloud, _need(request), with_tags=True)]}
    everything = request.cloud.all(TYPE)
    listed = []
    for record in sorted((record for record in everything if "." not in record["name"]), key=lambda record: record["name"]):
        below = [view(request.cloud, child) for child in everything if child["name"].endswith("." + record["name"])]
        listed.append({**view(request.cloud, record), "children": below})
    return request.page(listed, "subdomains")


@operation
def UpdateSubdomainAssociation(request: Request) -> dict[str, Any]:
    record, action, cloud = _need(request), request["action"], request.cloud
    needed = "UNATTACHED" if action == "ASSOCIATE" else "ATTACHED"
    if record["state"] != needed:
        raise errors.wrong_state(f"The subdomain {record['name']} is {record['state']}; it must be {needed}.")
    target = None
    if action != "DISASSOCIATE":
        arn = request.get("targetResourceArn")
        target = next((item for item in cloud.all("Distribution") if item["arn"] == arn), None)
        if target is None:
            raise errors.not_found("Resource", arn or "targetResourceArn is missing")
        if target["certificate_id"]:
            raise errors.invalid(f"The distribution {target['name']} uses a custom domain, so it cannot have a subdomain.")
        if of_distribution(cloud, target):
            raise errors.invalid(f"The distribution {target['name']} is associated with a subdomain already.")
    if action == "TRANSFER":
        if record["transferred_at"] and cloud.clock.now() - record["transferred_at"] < DAY:
            raise errors.invalid("You can transfer each subdomain only once in a 24-hour period.")
        record["transferred_at"] = cloud.clock.now()
    record["state"] = {"ASSOCIATE": "ATTACHING", "DISASSOCIATE": "DETACHING", "TRANSFER": "TRANSFERRING"}[action]
    record["attaching"] = {"id": target["id"]} if target else None
    started = request.record_operation(TYPE, record["name"], status="Started")
    request.start("subdomain.associate", record["id"], {"id": record["id"]}, operations=[started], operation=request.name)
    return {"subdomain": view(cloud, record), "operation": started}


@operation
def DeleteSubdomain(request: Request) -> dict[str, Any]:
    record, cloud = _need(request), request.cloud
    if record["state"] not in ("UNATTACHED", "CREATE_FAILED"):
        raise errors.wrong_state(f"The subdomain {record['name']} is {record['state']}; disassociate it first.")
    done = request.record_operation(TYPE, record["name"])
    below = [item for item in cloud.all(TYPE) if item["name"].endswith("." + record["name"])]
    if below:
        record.update(state="IMPLICIT", tags=[])
        return {"subdomain": view(cloud, record), "operation": done}
    cloud.remove(record)
    parent = _find(request, record["name"].partition(".")[2])
    if parent and parent["state"] == "IMPLICIT" and not any(item["name"].endswith("." + parent["name"]) for item in cloud.all(TYPE)):
        cloud.remove(parent)  # guess: held for what is below it only
    return {"operation": done}


@listens("distribution deleted")
def _distribution_deleted(cloud: Cloud, distribution: Record) -> None:
    """Guess: the subdomain stays and leads nowhere."""
    for record in cloud.all(TYPE):
        for member in ("attached", "attaching"):
            if record[member] and record[member]["id"] == distribution["id"]:
                record.update(state="UNATTACHED", attached=None, attaching=None)
    names.changed(cloud)
