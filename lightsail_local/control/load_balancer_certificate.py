# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of load balancers: each belongs to one, at most two each; there is no detach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors, tags, validation
from .load_balancer import CERTIFICATE, TYPE, certificates, need, refresh
from .registry import Job, operation
from .request import Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud


def view(cloud: Cloud, record: Record) -> dict[str, Any]:
    issued = record["status"] == "ISSUED"
    answer = {
        **cloud.common_view(record, tags=False),  # none in the sample, and not taggable
        "loadBalancerName": record["load_balancer_name"],
        "isAttached": record["attached"],
        "status": record["status"],
        "domainName": record["domain"],
        "subjectAlternativeNames": list(record["alternatives"]),
        "domainValidationRecords": [
            {
                "name": item["name"],
                "type": "CNAME",
                "value": item["value"],
                "validationStatus": item["status"],
                "domainName": item["domain"],
                "dnsRecordCreationState": item["creation"],
            }
            for item in (record["validation"] if record["shown"] else [])
        ],
        "failureReason": record["failure_reason"],
        "keyAlgorithm": "RSA-2048",
        "subject": f"CN={record['domain']}",
    }
    if issued:
        answer.update(
            issuedAt=record["issued_at"],
            issuer="Amazon",
            notBefore=record["not_before"],
            notAfter=record["not_after"],
            serial=record["serial"],
            signatureAlgorithm="SHA256WITHRSA",
            renewalSummary={},
        )
    return answer


def new_certificate(request: Request, balancer: Record, name: str, domains: list[str]) -> list[Record]:
    """The record and its pair of operations, both Succeeded at once while the certificate is pending."""
    record = request.new(
        CERTIFICATE,
        name,
        load_balancer_id=balancer["id"],
        load_balancer_name=balancer["name"],
        attached=False,
        **validation.new_members(request, domains),
    )
    validation.start(request, record)
    return _pair(request, balancer, name, type_="CreateLoadBalancerTlsCertificate")


def _pair(
    request: Request, balancer: Record, name: str, *, type_: str | None = None, turned: bool = False
) -> list[Record]:
    pair = [
        request.record_operation(CERTIFICATE, name, details=balancer["name"], type=type_),
        request.record_operation(TYPE, balancer["name"], details=name, type=type_),
    ]
    return pair[::-1] if turned else pair


def _need_certificate(request: Request, balancer: Record) -> Record:
    name = request["certificateName"]
    for record in certificates(request.cloud, balancer):
        if record["name"] == name and not record.get("deleting"):
            return record
    raise errors.not_found(CERTIFICATE, name)


@operation
def CreateLoadBalancerTlsCertificate(request: Request) -> dict[str, Any]:
    balancer = need(request)
    tags.check(request.get("tags"))
    domains = validation.check_domains(
        request["certificateDomainName"], request.get("certificateAlternativeNames", []), wildcards=False
    )
    request.claim_names(request["certificateName"])
    request.check_quota(
        "certificates_per_load_balancer",
        len(certificates(request.cloud, balancer)),
        1,
        f"The load balancer {balancer['name']} has the maximum number of certificates already.",
    )
    validation.check_quotas(request)
    return {"operations": new_certificate(request, balancer, request["certificateName"], domains)}


@operation
def GetLoadBalancerTlsCertificates(request: Request) -> dict[str, Any]:
    balancer = need(request)
    return {"tlsCertificates": [view(request.cloud, record) for record in certificates(request.cloud, balancer)]}


@operation
def AttachLoadBalancerTlsCertificate(request: Request) -> dict[str, Any]:
    balancer = need(request)
    record = _need_certificate(request, balancer)
    if record["status"] != "ISSUED":
        raise errors.wrong_state(
            f"The certificate {record['name']} is {record['status']}; only an issued certificate can be attached."
        )
    for other in certificates(request.cloud, balancer):
        other["attached"] = other is record  # attaching another one replaces the first
    refresh(request.cloud, balancer, request)
    return {"operations": _pair(request, balancer, record["name"], turned=True)}


class Delete(Job):
    kind = "load_balancer.delete_certificate"

    def run(self) -> None:
        with self.cloud.lock:
            record = self.cloud.record(self.args["id"])
            balancer = self.cloud.record(self.args["load_balancer_id"])
            attached = bool(record and record["attached"])
            if record is not None:
                record["attached"] = False
        if attached and balancer is not None:
            with self.cloud.lock:
                refresh(self.cloud, balancer)

    def operations_ended(self, result: dict[str, Any]) -> None:
        record = self.cloud.record(self.args["id"])
        if record is not None:
            self.cloud.remove(record)


@operation
def DeleteLoadBalancerTlsCertificate(request: Request) -> dict[str, Any]:
    balancer = need(request)
    record = _need_certificate(request, balancer)
    if record["attached"]:
        if not request.get("force"):
            raise errors.invalid(f"The certificate {record['name']} is in use by {balancer['name']}. Set force to true.")
        if balancer["redirect_https"]:
            raise errors.invalid("Switch HTTPS redirection off before the certificate in use is deleted.")
    record["deleting"] = True
    # Without details, unlike all other pairs (sample).
    operations = [
        request.record_operation(type_, name, status="Started") for type_, name in ((CERTIFICATE, record["name"]), (TYPE, balancer["name"]))
    ]
    request.start(
        "load_balancer.delete_certificate",
        record["id"],
        {"id": record["id"], "load_balancer_id": balancer["id"]},
        operations=operations,
        operation=request.name,
    )
    return {"operations": operations}
