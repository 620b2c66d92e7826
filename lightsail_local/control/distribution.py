# SPDX-License-Identifier: GPL-3.0-or-later
"""Distributions: us-east-1 only; every change rolls out for minutes, and meanwhile there is no other."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

from . import catalogue_data, errors, names, subdomain, tags, validation
from .distribution_settings import has_waf, read_behaviors, read_error_pages, read_settings, read_waf, settings_spec
from .registry import Job, listens, operation, tell
from .request import HOME_REGION, Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "Distribution"
MONTH = 30 * 86400.0
ORIGIN_TYPES = ("Instance", "LoadBalancer", "Bucket")
DEFAULT_TLS = "TLSv1.2_2021"  # guess


def view(cloud: Cloud, record: Record, *, listed: bool = False) -> dict[str, Any]:
    certificate = cloud.record(record["certificate_id"]) if record["certificate_id"] else None
    origin = record["origin"]
    answer = {
        **cloud.common_view(record),
        "alternativeDomainNames": list(record["aliases"]),
        "status": record["status"],
        "isEnabled": record["enabled"],
        "domainName": record["domain_name"],
        "bundleId": record["bundle_id"],
        "certificateName": certificate["name"] if certificate else None,
        "origin": {
            **origin,
            "isPrivateOriginAccessEnabled": record["private_origin"] if origin["resourceType"] == "Bucket" else None,
        },
        "originPublicDNS": _origin_host(cloud, record),
        "defaultCacheBehavior": record["default_behavior"],
        "cacheBehaviorSettings": record["settings"],
        "cacheBehaviors": record["behaviors"],
        "ableToUpdateBundle": _able_to_update(cloud, record),
        "ipAddressType": record["ip_address_type"],
        "viewerMinimumTlsProtocolVersion": record["minimum_tls"],
    }
    if not listed:  # omitted in list mode (model)
        answer["defaultRootObject"] = record["root_object"]
        answer["customErrorResponses"] = [dict(page) for page in record["error_responses"] or []]
    if has_waf(record["bundle_id"]):
        answer["waf"] = dict(record.get("waf") or {"isWafEnabled": False, "wafRules": []})
    led = subdomain.of_distribution(cloud, record)
    if led or record.get("subdomain_failure"):
        answer["subdomain"] = _subdomain_view(record, led)
    return answer


def _subdomain_view(record: Record, led: Record | None) -> dict[str, Any]:
    if led is None:
        return {**record["subdomain_failure"], "state": "Error"}
    return {"name": led["name"], "state": {"ATTACHED": "Attached"}.get(led["state"], "Attaching")}


def _able_to_update(cloud: Cloud, record: Record) -> bool:
    changed = record["bundle_changed_at"]
    return changed is None or cloud.clock.now() - changed > MONTH


def _origin_resource(cloud: Cloud, record: Record) -> Record | None:
    origin = record["origin"]
    return cloud.find(origin["resourceType"], origin["regionName"], origin["name"])


def _origin_host(cloud: Cloud, record: Record) -> str | None:
    origin = record["origin"]
    if origin["resourceType"] == "Bucket":
        return f"{origin['name']}.s3.{origin['regionName']}.amazonaws.com"
    resource = _origin_resource(cloud, record)
    if resource is None:
        return None
    if origin["resourceType"] == "LoadBalancer":
        return resource["dns_name"]
    return names.instance_name(resource) if resource["public_ip"] else None


def _spec(cloud: Cloud, record: Record) -> dict[str, Any]:
    origin = record["origin"]
    kind = {"Bucket": "bucket", "LoadBalancer": "load_balancer", "Instance": "instance"}[origin["resourceType"]]
    certificate = cloud.record(record["certificate_id"]) if record["certificate_id"] else None
    aliases, led = list(record["aliases"]), subdomain.serving(cloud, record)
    if led is not None:
        aliases, certificate = [f"{led['name']}.{subdomain.PARENT}"], led
    return {
        "domain_name": record["domain_name"],
        "public_ip": record["public_ip"],
        "aliases": aliases,
        "certificate": validation.material(certificate) if aliases else None,
        "enabled": record["enabled"],
        "origin": {
            "kind": kind,
            "host": _origin_host(cloud, record) or "",
            "region": origin["regionName"],
            "protocol": origin["protocolPolicy"],
            "private": record["private_origin"],
            "timeout_s": origin["responseTimeout"],
        },
        "default_behavior": record["default_behavior"]["behavior"],
        "behaviors": record["behaviors"],
        "settings": settings_spec(record["settings"]),
        "default_root_object": record["root_object"] or "",
        "error_pages": [
            {
                "code": page["errorCode"],
                "answer": int(page["responseCode"]) if page.get("responseCode") else None,
                "path": page.get("responsePagePath"),
                "seconds": page["errorCachingMinTTL"],
            }
            for page in record["error_responses"] or []
        ],
        "minimum_tls": record["minimum_tls"],
    }


class _DistributionJob(Job):
    @property
    def record(self) -> Record | None:
        return self.cloud.record(self.args["id"])


class Put(_DistributionJob):
    kind = "distribution.put"

    def run(self) -> None:
        with self.cloud.lock:
            record = self.record
            if record is None:
                return
            spec = _spec(self.cloud, record)
        self.cloud.data_plane.put_distribution(self.args["id"], spec)
        if not self.args.get("quiet"):
            names.publish(self.cloud)

    def ended(self, result: dict[str, Any]) -> None:
        if self.record is not None and not self.args.get("quiet"):
            self.record["status"] = "Deployed"

    def failed(self, message: str) -> None:
        self.ended({})


class CreateWithSubdomain(Put):
    """Once it is deployed, the subdomain is made; if that cannot be, the distribution stays, and its subdomain is Error (model)."""

    kind = "distribution.create_with_subdomain"

    def ended(self, result: dict[str, Any]) -> None:
        super().ended(result)
        record = self.record
        if record is None:
            return
        name = self.args["subdomain"]
        try:
            subdomain.make(Request(self.cloud, "CreateSubdomain", HOME_REGION, {"subdomainName": name}), name, record)
        except errors.ApiError as error:
            record["subdomain_failure"] = {"name": name, "errorCode": error.code, "errorDetails": error.message}


class Delete(_DistributionJob):
    kind = "distribution.delete"

    def run(self) -> None:
        self.cloud.data_plane.delete_distribution(self.args["id"])
        self.cloud.data_plane.release_address(self.args["public_ip"])

    def ended(self, result: dict[str, Any]) -> None:
        record = self.record
        if record is not None:
            self.cloud.remove(record)
            tell("distribution deleted", self.cloud, record)
        names.changed(self.cloud)

    def failed(self, message: str) -> None:
        if self.record is not None:
            self.record["status"] = "Deployed"  # so that deleting can be tried again


class ResetCache(_DistributionJob):
    kind = "distribution.reset_cache"

    def run(self) -> None:
        self.cloud.data_plane.reset_cache(self.args["id"])

    def ended(self, result: dict[str, Any]) -> None:
        if self.record is not None and self.record["cache_reset"]:
            self.record["cache_reset"]["status"] = "Completed"


def _home(request: Request) -> None:
    if request.region != HOME_REGION:
        raise errors.distribution_only_in_us_east_1()


def _need(request: Request) -> Record:
    _home(request)
    name = request.get("distributionName")
    record = request.find(TYPE, name) if name else None
    if record is None:
        # InvalidInputException, unlike all others (CloudFormation's handler matches this text).
        raise errors.invalid(f"Requested resource not found: {name}", "DoesNotExist")
    return record


def _changeable(record: Record) -> None:
    if record["status"] != "Deployed":
        raise errors.wrong_state(
            f"The distribution {record['name']} is {record['status']}. Please wait for it to complete before trying again."
        )


def _read_origin(request: Request, origin: dict[str, Any], private: bool) -> dict[str, Any]:
    name, region = origin.get("name"), origin.get("regionName")
    if not name or not region:
        raise errors.invalid("The origin needs a name and a regionName.")
    cloud = request.cloud
    resource = next(
        (found for type_ in ORIGIN_TYPES if (found := cloud.find(type_, region, name)) is not None), None
    )
    if resource is None:
        raise errors.not_found("Resource", name)
    kind = resource["type"]
    if kind == "Instance" and not any(ip["attached_to"] == name for ip in cloud.all("StaticIp", region)):
        raise errors.invalid(f"The instance {name} needs a static IP to be the origin of a distribution.")
    if kind == "LoadBalancer" and not resource["targets"]:
        raise errors.invalid(f"The load balancer {name} needs at least one instance to be the origin of a distribution.")
    if private and kind != "Bucket":
        raise errors.invalid("Private origin access can be enabled when the origin is a bucket.")
    protocol = origin.get("protocolPolicy", "https-only" if kind == "Bucket" else "http-only")
    if kind == "Bucket" and protocol != "https-only":
        raise errors.invalid("The protocol policy of a bucket as the origin must be https-only.")
    timeout = origin.get("responseTimeout", 30)
    if not 1 <= timeout <= 60:
        raise errors.invalid(f"The response timeout of the origin is {timeout}; it must be from 1 to 60 seconds.")
    return {
        "name": name,
        "resourceType": kind,
        "regionName": region,
        "protocolPolicy": protocol,
        "responseTimeout": timeout,
        "ipAddressType": origin.get("ipAddressType", "ipv4"),
    }


def _bundle(bundle_id: str | None) -> str:
    bundle = catalogue_data.distribution_bundle(bundle_id or "")
    if bundle is None or not bundle["isActive"]:
        raise errors.invalid(f"The distribution bundle {bundle_id} is not available.")
    return bundle["bundleId"]


def _certificate(request: Request, name: str) -> Record:
    certificate = request.cloud.find("Certificate", HOME_REGION, name)
    if certificate is None:
        raise errors.not_found("Certificate", name)
    if certificate["status"] != "ISSUED":
        raise errors.wrong_state(f"The certificate {name} is {certificate['status']}; it must be issued first.")
    return certificate


def _start_put(request: Request, record: Record) -> Record:
    record["status"] = "InProgress"
    started = request.record_operation(TYPE, record["name"], status="Started")
    wished = request.get("subdomainName")
    request.start(
        "distribution.create_with_subdomain" if wished else "distribution.put",
        record["id"],
        {"id": record["id"], "subdomain": wished},
        operations=[started],
        operation="CreateDistribution" if request.name == "CreateDistribution" else "UpdateDistribution",
        resource="distribution deployed",
    )
    return started


@operation
def CreateDistribution(request: Request) -> dict[str, Any]:
    _home(request)
    cloud = request.cloud
    name = request["distributionName"]
    tags.check(request.get("tags"))
    if any(not tag.get("value") for tag in request.get("tags", [])):
        # Terraform's tests call it a validation bug; TagResource takes them.
        raise errors.invalid("The value of a tag must not be empty.")
    if request.get("ipAddressType") == "ipv6":
        raise errors.invalid("The IP address type of a distribution is ipv4 or dualstack.")
    bundle_id = _bundle(request["bundleId"])
    private = bool(request.get("enablePrivateOriginAccess"))
    origin = _read_origin(request, request["origin"], private)
    settings = read_settings(request.get("cacheBehaviorSettings", {}))
    behaviors = read_behaviors(request.get("cacheBehaviors", []))
    pages = read_error_pages(request.get("customErrorResponses", []))
    waf = read_waf(bundle_id, None, request.get("enableWaf"), request.get("wafRules"))
    certificate = _certificate(request, request["certificateName"]) if request.get("certificateName") else None
    request.claim_names(name)
    request.check_quota(
        "distributions",
        len(cloud.all(TYPE)),
        1,
        "Sorry, you've reached the maximum number of distributions for your account.",
    )
    letters = string.ascii_lowercase + string.digits
    record = request.new(
        TYPE,
        name,
        domain_name="d" + "".join(secrets.choice(letters) for _ in range(13)) + ".cloudfront.net",
        public_ip=cloud.data_plane.allocate_address(),
        status="InProgress",
        enabled=True,
        bundle_id=bundle_id,
        bundle_changed_at=None,
        origin=origin,
        private_origin=private,
        default_behavior=dict(request["defaultCacheBehavior"]),
        settings=settings,
        behaviors=behaviors,
        # A certificate given here does not make its names known to the distribution; only the Attach call does
        # (tf#36885, #38677).
        certificate_id=certificate["id"] if certificate else None,
        aliases=[],
        minimum_tls=request.get("viewerMinimumTlsProtocolVersion", DEFAULT_TLS),
        ip_address_type=request.get("ipAddressType", "dualstack"),
        root_object=request.get("defaultRootObject"),
        error_responses=pages,
        waf=waf,
        cache_reset=None,
    )
    started = _start_put(request, record)
    return {"distribution": view(cloud, record), "operation": started}


@operation
def GetDistributions(request: Request) -> dict[str, Any]:
    _home(request)
    if request.get("distributionName"):
        return {"distributions": [view(request.cloud, _need(request))]}
    return request.page(
        [view(request.cloud, record, listed=True) for record in request.all(TYPE)], "distributions"
    )


@operation
def UpdateDistribution(request: Request) -> dict[str, Any]:
    record = _need(request)
    _changeable(record)
    cloud = request.cloud
    wish: Record = {}
    private = request.get("enablePrivateOriginAccess")
    if private is not None and request.get("origin") is None:
        raise errors.invalid("enablePrivateOriginAccess must be given together with origin.")
    if request.get("origin") is not None:
        wish["private_origin"] = record["private_origin"] if private is None else private
        wish["origin"] = _read_origin(request, request["origin"], bool(wish["private_origin"]))
    if request.get("defaultCacheBehavior") is not None:
        wish["default_behavior"] = dict(request["defaultCacheBehavior"])
    if request.get("cacheBehaviorSettings") is not None:
        wish["settings"] = read_settings(request["cacheBehaviorSettings"])  # replaces the whole object
    if request.get("cacheBehaviors") is not None:
        wish["behaviors"] = read_behaviors(request["cacheBehaviors"])
    if request.get("isEnabled") is not None:
        wish["enabled"] = request["isEnabled"]
    if request.get("viewerMinimumTlsProtocolVersion") is not None:
        wish["minimum_tls"] = request["viewerMinimumTlsProtocolVersion"]
    if request.get("defaultRootObject") is not None:
        wish["root_object"] = request["defaultRootObject"] or None
    if request.get("customErrorResponses") is not None:
        wish["error_responses"] = read_error_pages(request["customErrorResponses"])
    if request.get("enableWaf") is not None or request.get("wafRules") is not None:
        wish["waf"] = read_waf(record["bundle_id"], record.get("waf"), request.get("enableWaf"), request.get("wafRules"))
    if request.get("useDefaultCertificate"):
        wish.update(certificate_id=None, aliases=[])
    elif request.get("certificateName"):
        certificate = _certificate(request, request["certificateName"])
        if certificate["id"] != record["certificate_id"]:
            wish.update(certificate_id=certificate["id"], aliases=[])  # as with CreateDistribution
    record.update(wish)
    return {"operation": _start_put(request, cloud.resources[record["id"]])}


@operation
def UpdateDistributionBundle(request: Request) -> dict[str, Any]:
    record = _need(request)
    _changeable(record)
    bundle_id = _bundle(request.get("bundleId"))
    if not _able_to_update(request.cloud, record):
        raise errors.invalid(f"The bundle of the distribution {record['name']} can be changed once per billing month only.")
    if bundle_id == record["bundle_id"]:
        raise errors.invalid(f"The distribution {record['name']} has the bundle {bundle_id} already.")
    waf = record.get("waf")
    if waf and waf["isWafEnabled"]:
        read_waf(bundle_id, None, True, waf["wafRules"])  # guess: what the new bundle does not have is refused
    record.update(bundle_id=bundle_id, bundle_changed_at=request.cloud.clock.now())
    return {"operation": _start_put(request, record)}


@operation
def AttachCertificateToDistribution(request: Request) -> dict[str, Any]:
    record = _need(request)
    _changeable(record)
    certificate = _certificate(request, request["certificateName"])
    if subdomain.of_distribution(request.cloud, record):
        raise errors.invalid(f"The distribution {record['name']} is associated with a subdomain, so it cannot have a certificate.")
    for other in request.cloud.all(TYPE):
        clash = set(other["aliases"]) & set(certificate["alternatives"])
        if other["id"] != record["id"] and clash:
            raise errors.invalid(
                f"The domain name {sorted(clash)[0]} is in use by another distribution and cannot be used by {record['name']}."
            )
    if record["certificate_id"] == certificate["id"] and record["aliases"]:
        raise errors.invalid(f"The certificate {certificate['name']} is attached to {record['name']} already.")
    record.update(certificate_id=certificate["id"], aliases=list(certificate["alternatives"]))
    return {"operation": _start_put(request, record)}


@operation
def DetachCertificateFromDistribution(request: Request) -> dict[str, Any]:
    record = _need(request)
    _changeable(record)
    if record["certificate_id"] is None:
        raise errors.invalid(f"The distribution {record['name']} has no certificate attached.")
    record.update(certificate_id=None, aliases=[])
    return {"operation": _start_put(request, record)}


@operation
def DeleteDistribution(request: Request) -> dict[str, Any]:
    record = _need(request)
    _changeable(record)
    record["status"] = "InProgress"
    started = request.record_operation(TYPE, record["name"], status="Started")
    request.start(
        "distribution.delete",
        record["id"],
        {"id": record["id"], "public_ip": record["public_ip"]},
        operations=[started],
        operation="DeleteDistribution",
        resource="distribution deleted",
    )
    return {"operation": started}


@operation
def ResetDistributionCache(request: Request) -> dict[str, Any]:
    record = _need(request)
    now = request.cloud.clock.now()
    record["cache_reset"] = {"status": "InProgress", "createTime": now}
    request.start("distribution.reset_cache", record["id"], {"id": record["id"]}, resource="cache reset", wait=True)
    return {
        "status": "InProgress",
        "createTime": now,
        "operation": request.record_operation(TYPE, record["name"]),
    }


@operation
def GetDistributionLatestCacheReset(request: Request) -> dict[str, Any]:
    _home(request)
    if not request.get("distributionName"):
        raise errors.invalid("distributionName must be given.")
    return dict(_need(request)["cache_reset"] or {})


def _refresh(cloud: Cloud, record: Record) -> None:
    """The origin's address changed, not the distribution: no new roll-out."""
    cloud.engine.submit("distribution.put", record["id"], {"id": record["id"], "quiet": True}, [], 0.0, 0.0)


@listens("subdomain changed")
def _subdomain_changed(cloud: Cloud, record: Record) -> None:
    _refresh(cloud, record)


@listens("instance running")
@listens("instance address changed")
def _instance_changed(cloud: Cloud, instance: Record) -> None:
    for record in cloud.all(TYPE):
        if record["origin"]["resourceType"] == "Instance" and _origin_resource(cloud, record) is instance:
            _refresh(cloud, record)


@listens("cloud started")
def _cloud_started(cloud: Cloud, nothing: Record) -> None:
    for record in cloud.all(TYPE):
        _refresh(cloud, record)
