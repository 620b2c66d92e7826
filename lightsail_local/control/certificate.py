# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for distributions. In other Regions than us-east-1 they can be made, but serve nothing here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from . import errors, tags, validation
from .registry import operation
from .request import Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "Certificate"
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253})[A-Za-z0-9]")


def in_use(cloud: Cloud, record: Record) -> int:
    return sum(1 for item in cloud.all("Distribution") if item["certificate_id"] == record["id"])


def detail(cloud: Cloud, record: Record) -> dict[str, Any]:
    answer = {
        "arn": record["arn"],
        "name": record["name"],
        "domainName": record["domain"],
        "status": record["status"],
        "subjectAlternativeNames": list(record["alternatives"]),
        "domainValidationRecords": [
            {
                "domainName": item["domain"],
                # Nested here, flat with certificates of load balancers (model).
                "resourceRecord": {"name": item["name"], "type": "CNAME", "value": item["value"]},
                "dnsRecordCreationState": item["creation"],
                "validationStatus": item["status"],
            }
            for item in (record["validation"] if record["shown"] else [])
        ],
        "requestFailureReason": record["failure_reason"],
        "inUseResourceCount": in_use(cloud, record),
        "keyAlgorithm": "RSA-2048",
        "createdAt": record["created_at"],
        "eligibleToRenew": "INELIGIBLE",
        "tags": [dict(tag) for tag in record["tags"]],
        "supportCode": record["support_code"],
    }
    if record["status"] == "ISSUED":
        answer.update(
            serialNumber=record["serial"],
            issuedAt=record["issued_at"],
            issuerCA="Amazon",
            notBefore=record["not_before"],
            notAfter=record["not_after"],
            eligibleToRenew="ELIGIBLE" if in_use(cloud, record) else "INELIGIBLE",
        )
    return answer


def summary(cloud: Cloud, record: Record, details: bool) -> dict[str, Any]:
    return {
        "certificateArn": record["arn"],
        "certificateName": record["name"],
        "domainName": record["domain"],
        "certificateDetail": detail(cloud, record) if details else None,
        "tags": [dict(tag) for tag in record["tags"]],
    }


@operation
def CreateCertificate(request: Request) -> dict[str, Any]:
    name = request["certificateName"]
    if not NAME.fullmatch(name):
        raise errors.invalid(
            f"{name} is not a valid resource name. Resource names must be at least 2 characters long and contain "
            "only alphanumerics, -, _, and ."
        )
    tags.check(request.get("tags"))
    domains = validation.check_domains(
        request["domainName"], request.get("subjectAlternativeNames", []), wildcards=False
    )
    request.claim_names(name)
    validation.check_quotas(request)
    record = request.new(TYPE, name, **validation.new_members(request, domains))
    validation.start(request, record)
    return {
        "certificate": summary(request.cloud, record, True),
        "operations": [request.record_operation(TYPE, name)],
    }


@operation
def GetCertificates(request: Request) -> dict[str, Any]:
    name = request.get("certificateName")
    statuses = request.get("certificateStatuses")
    records = [
        record
        for record in request.all(TYPE)
        if name in (None, record["name"]) and (not statuses or record["status"] in statuses)
    ]
    # An unknown name gives an empty list. Details also when a name is given, as Terraform relies on.
    details = bool(name or request.get("includeCertificateDetails"))
    return request.page(records, "certificates", lambda record: summary(request.cloud, record, details))


@operation
def DeleteCertificate(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["certificateName"])
    if in_use(request.cloud, record):
        raise errors.invalid(f"The certificate {record['name']} is in use. Detach it from its distribution first.")
    request.cloud.remove(record)
    return {"operations": [request.record_operation(TYPE, record["name"])]}
