# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the two kinds of Lightsail certificate have in common. Private to the collection; may change at any time.

Certificates of load balancers and of distributions come from different calls in different shapes (records flat or
nested, dates and numbers under other names). Both are read into one plain form here, and what makes a certificate
usable, hopeless or worth replacing is decided once.
"""

from __future__ import annotations

import datetime
import re

PENDING = "PENDING_VALIDATION"
ISSUED = "ISSUED"
# Nothing brings a certificate back from these.
DEAD = ("VALIDATION_TIMED_OUT", "FAILED", "EXPIRED", "REVOKED", "INACTIVE")
# The certificate authority refuses these domains for good; asking again only eats the quota of 20 a year.
HOPELESS = ("DOMAIN_NOT_ALLOWED", "INVALID_PUBLIC_DOMAIN")
# AWS begins to renew 60 days before the end. What is this near to it has not been renewed for a reason.
REPLACE_DAYS = 14
# A higher number than a certificate lasts would ask for another one in every run.
MOST_REPLACE_DAYS = 60


def domains(domain: str, alternative_names: list | None) -> list:
    """The set of names a certificate is for, the main one first. The API's own list contains the main one too."""
    names = [str(name).strip().lower().rstrip(".") for name in [domain, *(alternative_names or [])]]
    return names[:1] + sorted(set(names[1:]) - set(names[:1]))


def _record(record: dict) -> dict:
    resource = record.get("resourceRecord") or record
    return {
        "name": resource.get("name"),
        "type": resource.get("type"),
        "value": resource.get("value"),
        "domain_name": record.get("domainName"),
        "status": record.get("validationStatus"),
    }


def _iso(moment) -> str | None:
    return moment.isoformat() if hasattr(moment, "isoformat") else moment


def _renewal(summary) -> str | None:
    """How AWS's own renewal goes: C(PENDING_VALIDATION) of one kind of certificate is C(PendingValidation) of the other."""
    status = (summary or {}).get("renewalStatus")
    return status and (status if status.isupper() else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status).upper())


def plain(certificate: dict) -> dict:
    """Either kind of certificate in one form."""
    detail = {**certificate, **(certificate.get("certificateDetail") or {})}
    name = detail.get("certificateName") or detail.get("name")
    records = [_record(record) for record in detail.get("domainValidationRecords") or []]
    return {
        "name": name,
        "arn": detail.get("certificateArn") or detail.get("arn"),
        "domain_name": detail.get("domainName"),
        "domains": domains(detail.get("domainName") or "", detail.get("subjectAlternativeNames")),
        "status": detail.get("status"),
        "failure_reason": detail.get("failureReason") or detail.get("requestFailureReason"),
        "validation_records": sorted(
            (record for record in records if record["name"] and record["value"]), key=lambda record: record["name"]
        ),
        "created_at": _iso(detail.get("createdAt")),
        "issued_at": _iso(detail.get("issuedAt")),
        "not_before": _iso(detail.get("notBefore")),
        "not_after": _iso(detail.get("notAfter")),
        "renewal_status": _renewal(detail.get("renewalSummary")),
        "key_algorithm": detail.get("keyAlgorithm"),
        "in_use": bool(detail.get("inUseResourceCount") or detail.get("isAttached")),
    }


def records_complete(certificate: dict) -> bool:
    """Right after the request the records are missing or fewer than the names; equal records are merged."""
    named = {record["domain_name"] for record in certificate["validation_records"] if record["domain_name"]}
    return certificate["status"] != PENDING or set(certificate["domains"]) <= named


def check_days(option: str, days: int, fail) -> None:
    if not 0 <= days <= MOST_REPLACE_DAYS:
        fail("%s is %d, but has to be between 0 and %d." % (option, days, MOST_REPLACE_DAYS))


def expiring(certificate: dict, days: int) -> bool:
    """Whether a certificate that is in force ends within so many days; 0 days means never."""
    end = certificate["status"] == ISSUED and days and certificate["not_after"]
    if not end:
        return False
    left = datetime.datetime.fromisoformat(end) - datetime.datetime.now(datetime.timezone.utc)
    return left < datetime.timedelta(days=days)


def best(certificates: list, wanted: list, days: int = 0) -> dict | None:
    """The certificate to use for these names: issued before pending, one that lasts, in use before unused, the longest valid first."""
    fitting = [item for item in certificates if set(item["domains"]) == set(wanted) and item["status"] in (ISSUED, PENDING)]
    fitting.sort(
        key=lambda item: (
            item["status"] == ISSUED,
            not expiring(item, days),
            item["in_use"],
            item["not_after"] or "",
            item["created_at"] or "",
        )
    )
    return fitting[-1] if fitting else None


def heir(certificates: list, current: dict | None, days: int) -> dict | None:
    """The pending certificate that is to take the place of one that ends soon."""
    if current is None or not expiring(current, days):
        return None
    return best([item for item in certificates if item["status"] == PENDING], current["domains"])


def is_successor(name: str, base: str) -> bool:
    """Whether a name is C(base) or C(base-2), C(base-3) ..., which is how replacements are called."""
    return bool(re.match(re.escape(base) + r"(-([2-9]|[1-9][0-9]+))?$", name or ""))


def next_name(base: str, taken) -> str:
    """The first free name; names are never used twice, because an old certificate may still be going away."""
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"
