# SPDX-License-Identifier: GPL-3.0-or-later
"""What certificates of load balancers and of distributions share: validation by DNS, and being issued.

A record of either type has: domain, alternatives (the primary first), status, validation (one per domain), and once
issued cert_pem, key_pem, serial, issued_at, not_before, not_after.
"""

from __future__ import annotations

import hashlib
import re
import string
from typing import TYPE_CHECKING, Any

from cryptography import x509

from . import domain_entries, errors, names
from .registry import Job

if TYPE_CHECKING:
    from .cloud import Cloud
    from .request import Record, Request

TYPES = ("Certificate", "LoadBalancerTlsCertificate")
PENDING = "PENDING_VALIDATION"
DOMAIN_NAME = re.compile(r"(?=.{4,253}$)(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
MAX_DOMAINS = 10
LIFETIME_DAYS = 198  # as ACM's since 2026-02-18 (announcement)
# Nobody gets a certificate for these (ACM: INVALID_PUBLIC_DOMAIN). example.com, which ACM refuses as well, is accepted:
# rehearsals use reserved names so that they can never touch somebody else's.
REFUSED_DOMAINS = ("amazonaws.com", "cloudfront.net", "amazonlightsail.com")


def check_domains(domain: str, alternatives: list[str], *, wildcards: bool) -> list[str]:
    """The names of a certificate, primary first, duplicates merged."""
    result = list(dict.fromkeys(names.plain(name) for name in (domain, *alternatives)))
    for name in result:
        if not DOMAIN_NAME.fullmatch(name) or (name.startswith("*.") and not wildcards):
            raise errors.invalid(f"The domain name is not valid: {name}")
    if len(result) > MAX_DOMAINS:
        raise errors.invalid(f"A certificate can have at most {MAX_DOMAINS} domain names, {len(result)} were given.")
    return result


def check_quotas(request: Request) -> None:
    existing = [record for type in TYPES for record in request.all(type)]
    text = "Sorry, you've requested too many certificates for your account."
    active = [record for record in existing if record["status"] in (PENDING, "ISSUED")]
    request.check_quota("certificates_active", len(active), 1, text)
    year = request.cloud.clock.now() - 365 * 86400
    requested = request.cloud.store.data["certificates_requested"].get(request.region, [])
    request.check_quota("certificates_per_year", sum(1 for moment in requested if moment > year), 1, text)


def new_members(request: Request, domains: list[str]) -> dict[str, Any]:
    """Members of a new certificate record."""
    cloud = request.cloud
    cloud.store.data["certificates_requested"].setdefault(request.region, []).append(cloud.clock.now())
    refused = any(name == bad or name.endswith("." + bad) for name in domains for bad in REFUSED_DOMAINS)
    return {
        "domain": domains[0],
        "alternatives": domains,
        "status": "FAILED" if refused else PENDING,
        "failure_reason": "INVALID_PUBLIC_DOMAIN" if refused else None,
        "validation": [] if refused else [_validation(cloud, name) for name in domains],
        "shown": False,
        "serial": None,
        "issued_at": None,
        "not_before": None,
        "not_after": None,
    }


def start(request: Request, record: Record) -> None:
    if record["status"] == PENDING:
        request.start("certificate.show_records", record["id"], {"id": record["id"]}, resource="validation records shown")


def _validation(cloud: Cloud, domain: str) -> dict[str, Any]:
    """ACM asks for the same record whenever the same account asks for the same name; so a replacement needs no new one."""
    base = domain.removeprefix("*.")
    digest = hashlib.sha256(f"{cloud.account['secret_access_key']}/{base}".encode()).hexdigest()
    letters = "".join(string.ascii_lowercase[int(digest[-2 * i - 2 :][:2], 16) % 26] for i in range(10))
    value = hashlib.sha256(digest.encode()).hexdigest()
    return {
        "domain": domain,
        "name": f"_{digest[:32]}.{base}.",
        "value": f"_{value[:32]}.{letters}.acm-validations.aws.",
        "status": PENDING,
        "creation": None,
    }


class ShowRecords(Job):
    """Records are missing for the first seconds; then Lightsail adds them itself to zones of the same account."""

    kind = "certificate.show_records"

    def ended(self, result: dict[str, Any]) -> None:
        record = self.cloud.record(self.args["id"])
        if record is None:
            return
        record["shown"] = True
        if any(domain_entries.zone_for(self.cloud, item["domain"]) for item in record["validation"]):
            for item in record["validation"]:
                if domain_entries.zone_for(self.cloud, item["domain"]):
                    item["creation"] = {"code": "STARTED"}
            self.cloud.engine.submit(
                "certificate.create_records",
                record["id"],
                {"id": record["id"]},
                [],
                0.0,
                self.cloud.clock.resource("validation records created"),
            )
        self.cloud.watcher.poke()


class CreateRecords(Job):
    kind = "certificate.create_records"

    def ended(self, result: dict[str, Any]) -> None:
        record = self.cloud.record(self.args["id"])
        for item in record["validation"] if record else []:
            zone = domain_entries.zone_for(self.cloud, item["domain"])
            if item["creation"] is None:
                continue
            if zone is None:
                item["creation"] = {"code": "FAILED", "message": "The DNS zone does not exist any more."}
                continue
            domain_entries.ensure(zone, names.plain(item["name"]), "CNAME", names.plain(item["value"]))
            item["creation"] = {"code": "SUCCEEDED"}
        names.changed(self.cloud)


def look(cloud: Cloud) -> bool:
    """One look at all pending certificates; called without the lock. Returns whether any is still pending."""
    now = cloud.clock.now()
    with cloud.lock:
        pending = [record for type in TYPES for record in cloud.all(type) if record["status"] == PENDING]
        questions = [
            (record["id"], item["name"], item["value"])
            for record in pending
            for item in record["validation"]
            if item["status"] == PENDING and record["shown"]
        ]
    found = set()
    for record_id, name, value in questions:
        answers = cloud.data_plane.lookup(names.plain(name), "CNAME")
        if names.plain(value) in [names.plain(answer) for answer in answers]:
            found.add((record_id, name))
    due = []
    with cloud.lock:
        changed = False
        for record in pending:
            for item in record["validation"]:
                if (record["id"], item["name"]) in found:
                    item["status"] = "SUCCESS"
                    changed = True
            if all(item["status"] == "SUCCESS" for item in record["validation"]):
                record.setdefault("validated_at", now)
                if now >= record["validated_at"] + cloud.clock.resource("certificate issued"):
                    due.append(record)
            elif cloud.clock.scale and now > record["created_at"] + cloud.clock.resource("certificate timed out"):
                record["status"] = "VALIDATION_TIMED_OUT"
                changed = True
        if changed:
            cloud.store.save()
    for record in due:
        _issue(cloud, record)
    with cloud.lock:
        return any(record["status"] == PENDING for type in TYPES for record in cloud.all(type))


def _issue(cloud: Cloud, record: Record) -> None:
    """Making an RSA key takes a moment, so without the lock."""
    cert_pem, key_pem = cloud.ca.issue(record["alternatives"], LIFETIME_DAYS)
    certificate = x509.load_pem_x509_certificate(cert_pem.encode())
    serial = f"{certificate.serial_number:032x}"
    with cloud.lock:
        if cloud.record(record["id"]) is None or record["status"] != PENDING:
            return
        record.update(
            status="ISSUED",
            issued_at=cloud.clock.now(),
            not_before=certificate.not_valid_before_utc.timestamp(),
            not_after=certificate.not_valid_after_utc.timestamp(),
            serial=":".join(serial[i : i + 2] for i in range(0, len(serial), 2)),
            cert_pem=cert_pem,
            key_pem=key_pem,
        )
        cloud.store.save()


def material(record: Record | None) -> dict[str, str] | None:
    """For the data plane."""
    if record is None or not record.get("cert_pem"):
        return None
    return {"cert_pem": record["cert_pem"], "key_pem": record["key_pem"]}
