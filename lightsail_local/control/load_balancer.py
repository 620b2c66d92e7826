# SPDX-License-Identifier: GPL-3.0-or-later
"""Load balancers: attributes, targets and their health. Certificates are in load_balancer_certificate.py."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

from . import catalogue_data, errors, names, tags, validation
from .registry import Job, listens, operation
from .request import SUPPORT_ACCOUNT, Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

log = logging.getLogger(__name__)

TYPE = "LoadBalancer"
CERTIFICATE = "LoadBalancerTlsCertificate"
# A shorter interval would only cost the machine.
SHORTEST_INTERVAL = 0.2
DEFAULT_POLICY = "TLS-2016-08"


def certificates(cloud: Cloud, record: Record) -> list[Record]:
    return [item for item in cloud.all(CERTIFICATE, record["region"]) if item["load_balancer_id"] == record["id"]]


def attached_certificate(cloud: Cloud, record: Record) -> Record | None:
    return next((item for item in certificates(cloud, record) if item["attached"]), None)


def view(cloud: Cloud, record: Record, health: dict[str, dict[str, Any]]) -> dict[str, Any]:
    https = attached_certificate(cloud, record) is not None
    return {
        **cloud.common_view(record),
        "dnsName": record["dns_name"],
        "state": record["state"],
        "protocol": "HTTP_HTTPS" if https else "HTTP",
        "publicPorts": [80, 443] if https else [80],
        "healthCheckPath": record["health_path"],
        "instancePort": record["instance_port"],
        "instanceHealthSummary": health_summary(cloud, record, health),
        "tlsCertificateSummaries": [
            {"name": item["name"], "isAttached": item["attached"]} for item in certificates(cloud, record)
        ],
        "configurationOptions": {  # strings, all of them
            "SessionStickinessEnabled": "true" if record["sticky"] else "false",
            "SessionStickiness_LB_CookieDurationSeconds": str(record["cookie_seconds"]),
            "HttpsRedirectionEnabled": "true" if record["redirect_https"] else "false",
            "TlsPolicyName": record["tls_policy"],
        },
        "ipAddressType": record["ip_address_type"],
        "httpsRedirectionEnabled": record["redirect_https"],
        "tlsPolicyName": record["tls_policy"],
    }


def health_summary(cloud: Cloud, record: Record, health: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    summary = []
    for instance_id, target in record["targets"].items():
        instance = cloud.record(instance_id)
        state: str
        reason: str | None
        if target["state"] == "draining":
            state, reason = "draining", "Instance.DeregistrationInProgress"
        elif instance is None or instance["state"] != "running":
            state, reason = "unused", "Instance.InvalidState"  # guess for a stopped target
        elif target["state"] == "attaching":
            state, reason = "initial", "Lb.RegistrationInProgress"
        else:
            known = health.get(instance_id) or {"state": "initial", "reason": None}
            state, reason = known["state"], known.get("reason")
            if state == "initial":
                reason = reason or "Lb.InitialHealthChecking"
            elif state == "unhealthy":
                reason = reason or "Instance.FailedHealthChecks"
            elif state == "healthy":
                reason = None
        summary.append({"instanceName": target["name"], "instanceHealth": state, "instanceHealthReason": reason})
    return summary


def _spec(cloud: Cloud, record: Record) -> dict[str, Any]:
    targets = []
    for instance_id, target in record["targets"].items():
        instance = cloud.record(instance_id)
        if instance is not None and instance["private_ip"] and instance["state"] in ("running", "pending", "stopped", "stopping"):
            targets.append(
                {"id": instance_id, "private_ip": instance["private_ip"], "draining": target["state"] == "draining"}
            )
    return {
        "dns_name": record["dns_name"],
        "public_ip": record["public_ip"],
        "instance_port": record["instance_port"],
        "health_path": record["health_path"],
        "health_interval_s": max(SHORTEST_INTERVAL, cloud.clock.resource("load balancer health interval")),
        "sticky": record["sticky"],
        "cookie_seconds": record["cookie_seconds"],
        "redirect_https": record["redirect_https"],
        "certificate": validation.material(attached_certificate(cloud, record)),
        "targets": targets,
    }


class _BalancerJob(Job):
    @property
    def record(self) -> Record | None:
        return self.cloud.record(self.args["id"])

    def put(self) -> None:
        with self.cloud.lock:
            record = self.record
            if record is None or record.get("deleting"):
                return
            spec = _spec(self.cloud, record)
        self.cloud.data_plane.put_load_balancer(self.args["id"], spec)


class Create(_BalancerJob):
    kind = "load_balancer.create"

    def run(self) -> None:
        self.put()
        names.publish(self.cloud)

    def ended(self, result: dict[str, Any]) -> None:
        if self.record is not None:
            self.record["state"] = "active"

    def failed(self, message: str) -> None:
        if self.record is not None:
            self.record["state"] = "failed"


class Put(_BalancerJob):
    kind = "load_balancer.put"

    def run(self) -> None:
        self.put()


class Attach(_BalancerJob):
    kind = "load_balancer.attach"

    def run(self) -> None:
        self.put()

    def operations_ended(self, result: dict[str, Any]) -> None:
        for instance_id in self.args["instances"]:
            target = (self.record or {"targets": {}})["targets"].get(instance_id)
            if target and target["state"] == "attaching":
                target["state"] = "attached"

    def failed(self, message: str) -> None:
        for instance_id in self.args["instances"]:
            if self.record is not None:
                self.record["targets"].pop(instance_id, None)


class Detach(_BalancerJob):
    """Drains first; the operation ends when the target is gone."""

    kind = "load_balancer.detach"

    def run(self) -> None:
        self.put()

    def operations_ended(self, result: dict[str, Any]) -> None:
        if self.record is not None:
            for instance_id in self.args["instances"]:
                self.record["targets"].pop(instance_id, None)
            refresh(self.cloud, self.record)


class Delete(_BalancerJob):
    kind = "load_balancer.delete"

    def run(self) -> None:
        self.cloud.data_plane.delete_load_balancer(self.args["id"])
        self.cloud.data_plane.release_address(self.args["public_ip"])

    def ended(self, result: dict[str, Any]) -> None:
        record = self.record
        if record is not None:
            for certificate in certificates(self.cloud, record):
                self.cloud.remove(certificate)
            self.cloud.remove(record)
        names.changed(self.cloud)

    def failed(self, message: str) -> None:
        if self.record is not None:
            self.record["deleting"] = False  # so that deleting can be tried again


def refresh(cloud: Cloud, record: Record, request: Request | None = None) -> None:
    """Tell the data plane what the load balancer is like now."""
    if request is not None:
        request.start("load_balancer.put", record["id"], {"id": record["id"]}, wait=True)
    else:
        cloud.engine.submit("load_balancer.put", record["id"], {"id": record["id"]}, [], 0.0, 0.0)


def need(request: Request) -> Record:
    record = request.need(TYPE, request["loadBalancerName"])
    if record.get("deleting") and not request.name.startswith("Get"):
        raise errors.wrong_state(f"The load balancer {record['name']} is being deleted.")
    return record


def _check_path(path: str) -> str:
    if not path.startswith("/") or len(path) > 256:
        raise errors.invalid(
            "The HealthCheckPath value is not valid. HealthCheckPath must begin with a '/' and have at most 256 characters."
        )
    return path


def check_policy(name: str) -> str:
    known = [item["name"] for item in catalogue_data.load("tls_policies")["policies"]]
    if name not in known:
        raise errors.invalid(f"The TLS policy {name} does not exist; there are: {', '.join(known)}.")
    return name


@operation
def CreateLoadBalancer(request: Request) -> dict[str, Any]:
    cloud = request.cloud
    name = request["loadBalancerName"]
    certificate_name = request.get("certificateName")
    certificate_domain = request.get("certificateDomainName")
    if bool(certificate_name) != bool(certificate_domain):
        raise errors.invalid("certificateName and certificateDomainName must be given together.")
    if not 0 <= request["instancePort"] <= 65535:
        raise errors.invalid(f"The instance port {request['instancePort']} is not valid.")
    path = _check_path(request.get("healthCheckPath", "/"))
    policy = check_policy(request.get("tlsPolicyName", DEFAULT_POLICY))
    tags.check(request.get("tags"))
    domains = []
    if certificate_name:
        domains = validation.check_domains(
            certificate_domain, request.get("certificateAlternativeNames", []), wildcards=False
        )
    request.claim_names(name, *([certificate_name] if certificate_name else []))
    request.check_quota(
        "load_balancers",
        len(request.all(TYPE)),
        1,
        "Sorry, you've reached the maximum number of load balancers you can create in this Region.",
    )
    if certificate_name:
        validation.check_quotas(request)
    number = secrets.token_hex(16)
    record = request.new(
        TYPE,
        name,
        dns_name=f"{number}-{secrets.randbelow(9 * 10**8) + 10**8}.{request.region}.elb.amazonaws.com",
        public_ip=cloud.data_plane.allocate_address(),
        state="provisioning",
        instance_port=request["instancePort"],
        health_path=path,
        sticky=False,
        cookie_seconds=86400,
        redirect_https=False,
        tls_policy=policy,
        ip_address_type=request.get("ipAddressType", "dualstack"),
        targets={},
    )
    record["support_code"] = (
        f"{SUPPORT_ACCOUNT}/arn:aws:elasticloadbalancing:{request.region}:{SUPPORT_ACCOUNT}:loadbalancer/app/"
        f"{number}/{secrets.token_hex(8)}"
    )
    started = request.record_operation(TYPE, name, status="Started")
    request.start(
        "load_balancer.create",
        record["id"],
        {"id": record["id"]},
        operations=[started],
        operation="CreateLoadBalancer",
        resource="load balancer active",
    )
    operations = [started]
    if certificate_name:
        from .load_balancer_certificate import new_certificate

        operations += new_certificate(request, record, certificate_name, domains)
    return {"operations": operations}


def ask_health(request: Request) -> dict[str, dict[str, Any]]:
    """Without the lock: instance id -> health, of one load balancer or of all."""
    with request.cloud.lock:
        wanted = request.get("loadBalancerName")
        ids = [record["id"] for record in request.all(TYPE) if wanted in (None, record["name"])]
    health: dict[str, dict[str, Any]] = {}
    for balancer_id in ids:
        try:
            health[balancer_id] = request.cloud.data_plane.load_balancer_health(balancer_id)
        except Exception as error:  # what is not known is not healthy; the read must not fail for it
            log.warning("health of %s: %s", balancer_id, error)
            health[balancer_id] = {}
    return health


@operation(before=ask_health)
def GetLoadBalancer(request: Request) -> dict[str, Any]:
    record = need(request)
    return {"loadBalancer": view(request.cloud, record, request.extra.get(record["id"], {}))}


@operation(before=ask_health)
def GetLoadBalancers(request: Request) -> dict[str, Any]:
    views = [view(request.cloud, record, request.extra.get(record["id"], {})) for record in request.all(TYPE)]
    return request.page(views, "loadBalancers")


@operation
def UpdateLoadBalancerAttribute(request: Request) -> dict[str, Any]:
    record = need(request)
    name, value = request["attributeName"], request["attributeValue"]
    https = attached_certificate(request.cloud, record) is not None
    if name == "HealthCheckPath":
        record["health_path"] = _check_path(value)
    elif name == "SessionStickinessEnabled":
        record["sticky"] = _boolean(name, value)
    elif name == "SessionStickiness_LB_CookieDurationSeconds":
        if not value.isdigit() or not 1 <= int(value) <= 604800:
            raise errors.invalid(f"{name} is {value}; it must be a number of seconds from 1 to 604800.")
        record["cookie_seconds"] = int(value)
    elif name == "HttpsRedirectionEnabled":
        if _boolean(name, value) and not https:
            raise errors.invalid("HTTPS redirection needs an attached certificate.")
        record["redirect_https"] = _boolean(name, value)
    else:
        if not https:
            raise errors.invalid("A TLS policy can be set when HTTPS is enabled.")
        record["tls_policy"] = check_policy(value)
    refresh(request.cloud, record, request)
    return {"operations": [request.record_operation(TYPE, record["name"], details=name)]}


def _boolean(name: str, value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise errors.invalid(f"{name} is {value}; it must be true or false.")
    return value.lower() == "true"


def _pairs(request: Request, record: Record, instances: list[Record]) -> list[Record]:
    """Crossed names, and availabilityZone `all` even on the instance's record (CLI sample)."""
    operations = []
    for instance in instances:
        operations.append(
            request.record_operation(TYPE, record["name"], details=instance["name"], status="Started")
        )
        operations.append(
            request.record_operation("Instance", instance["name"], details=record["name"], status="Started")
        )
    return operations


def _instances(request: Request) -> list[Record]:
    if not request["instanceNames"]:
        raise errors.invalid("instanceNames must have at least one name.")
    return [request.need("Instance", name) for name in dict.fromkeys(request["instanceNames"])]


@operation
def AttachInstancesToLoadBalancer(request: Request) -> dict[str, Any]:
    record = need(request)
    instances = _instances(request)
    for instance in instances:
        if instance["state"] != "running":
            raise errors.wrong_state(f"The instance {instance['name']} is not in a running state.")
        target = record["targets"].get(instance["id"])
        if target and target["state"] == "draining":
            raise errors.wrong_state(
                f"The instance {instance['name']} is being detached from {record['name']}. Please wait for it to "
                "complete before trying again."
            )
        if target:
            raise errors.invalid(f"The instance {instance['name']} is attached to {record['name']} already.")
    for instance in instances:
        record["targets"][instance["id"]] = {"name": instance["name"], "state": "attaching"}
    operations = _pairs(request, record, instances)
    request.start(
        "load_balancer.attach",
        record["id"],
        {"id": record["id"], "instances": [instance["id"] for instance in instances]},
        operations=operations,
        operation=request.name,
    )
    return {"operations": operations}


@operation
def DetachInstancesFromLoadBalancer(request: Request) -> dict[str, Any]:
    record = need(request)
    instances = _instances(request)
    for instance in instances:
        target = record["targets"].get(instance["id"])
        if target is None or target["state"] == "draining":
            raise errors.invalid(f"The instance {instance['name']} is not attached to {record['name']}.")
    for instance in instances:
        record["targets"][instance["id"]]["state"] = "draining"
    operations = _pairs(request, record, instances)
    request.start(
        "load_balancer.detach",
        record["id"],
        {"id": record["id"], "instances": [instance["id"] for instance in instances]},
        operations=operations,
        operation=request.name,
    )
    return {"operations": operations}


@operation
def DeleteLoadBalancer(request: Request) -> dict[str, Any]:
    record = need(request)
    record["deleting"] = True
    record["targets"] = {}
    operations = [request.record_operation(TYPE, record["name"])]
    pairs = [
        # Without details, unlike all other pairs (sample).
        request.record_operation(type_, name, type="DeleteLoadBalancerTlsCertificate", status="Started")
        for certificate in certificates(request.cloud, record)
        for type_, name in ((CERTIFICATE, certificate["name"]), (TYPE, record["name"]))
    ]
    request.start(
        "load_balancer.delete",
        record["id"],
        {"id": record["id"], "public_ip": record["public_ip"]},
        operations=pairs,
        resource="load balancer deleted",
        wait=True,
    )
    return {"operations": operations + pairs}


@listens("instance running")
@listens("instance stopped")
def _instance_changed(cloud: Cloud, instance: Record) -> None:
    for record in cloud.all(TYPE, instance["region"]):
        if instance["id"] in record["targets"]:
            refresh(cloud, record)


@listens("instance deleted")
def _instance_deleted(cloud: Cloud, instance: Record) -> None:
    for record in cloud.all(TYPE, instance["region"]):
        if record["targets"].pop(instance["id"], None):
            refresh(cloud, record)


@listens("cloud started")
def _cloud_started(cloud: Cloud, nothing: Record) -> None:
    for record in cloud.all(TYPE):
        refresh(cloud, record)
