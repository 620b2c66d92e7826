# SPDX-License-Identifier: GPL-3.0-or-later
"""Buckets, their access keys, and instances that have access through their role."""

from __future__ import annotations

import json
import re
import secrets
import string
from typing import TYPE_CHECKING, Any

from . import catalogue_data, errors, tags
from .registry import Job, listens, operation
from .request import SUPPORT_ACCOUNT, Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "Bucket"
MONTH = 30 * 86400.0
CORS_OCTETS = 64 * 1024


def view(cloud: Cloud, record: Record, connected: bool = False, cors: bool = False) -> dict[str, Any]:
    ready = record["state"] == "OK"
    answer = {
        **cloud.common_view(record),
        "url": f"https://{record['name']}.s3.{record['region']}.amazonaws.com",
        "bundleId": record["bundle_id"],
        "accessRules": {"getObject": record["get_object"], "allowPublicOverrides": record["allow_public_overrides"]},
        "objectVersioning": record["versioning"],
        "ableToUpdateBundle": _able_to_update(cloud, record),
        "readonlyAccessAccounts": list(record["readonly_accounts"]),
        "state": {"code": "OK"} if ready else {"code": "Unknown", "message": "The bucket is being made."},
        "accessLogConfig": dict(record["access_log"] or {"enabled": False}),
        # Only with includeConnectedResources (model); an empty list otherwise.
        "resourcesReceivingAccess": [],
    }
    if connected:
        names = [cloud.record(instance_id) for instance_id in record["connected"]]
        answer["resourcesReceivingAccess"] = [
            {"name": instance["name"], "resourceType": "Instance"} for instance in names if instance
        ]
    if cors:
        answer["cors"] = record["cors"] or {"rules": []}
    return answer


def _able_to_update(cloud: Cloud, record: Record) -> bool:
    """Once per billing month."""
    changed = record["bundle_changed_at"]
    return changed is None or cloud.clock.now() - changed > MONTH


def _in_effect(cloud: Cloud, record: Record, holder: str) -> bool:
    """Whether what was granted to an access key or an instance has reached S3 by now."""
    return bool(record.get("in_effect_at", {}).get(holder, 0) <= cloud.clock.now())


def grant(request: Request, record: Record, holder: str, resource: str) -> None:
    """The API says at once that it is granted; S3 knows it later."""
    delay = request.cloud.clock.resource(resource)
    record.setdefault("in_effect_at", {})[holder] = request.cloud.clock.now() + delay
    if delay:
        request.start("bucket.authority", f"{record['id']}/{holder}", {"id": record["id"]}, resource=resource)


def keys_of(cloud: Cloud, record: Record) -> list[dict[str, str]]:
    """Everything that may read and write: the bucket's own keys and the roles of connected instances."""
    keys = [
        {"access_key_id": key["access_key_id"], "secret_access_key": key["secret_access_key"]}
        for key in record["keys"]
        if _in_effect(cloud, record, key["access_key_id"])
    ]
    for instance_id in record["connected"]:
        instance = cloud.record(instance_id)
        if instance and instance["role"] and _in_effect(cloud, record, instance_id):
            keys.append(dict(instance["role"]))
    return keys


class _BucketJob(Job):
    @property
    def record(self) -> Record | None:
        return self.cloud.record(self.args["id"])

    def put_access(self) -> None:
        with self.cloud.lock:
            record = self.record
            if record is None:
                return
            public = record["get_object"] == "public"
            overrides = record["allow_public_overrides"]
            keys = keys_of(self.cloud, record)
            name = record["name"]
        self.cloud.data_plane.set_bucket_access(
            name, public_read=public, allow_public_overrides=overrides, keys=keys
        )

    def put_rules(self) -> None:
        with self.cloud.lock:
            record = self.record
            if record is None:
                return
            name, versioning, cors = record["name"], record["versioning"], list((record["cors"] or {}).get("rules") or [])
        self.cloud.data_plane.set_bucket_rules(name, versioning=versioning, cors=cors)


class Authority(_BucketJob):
    """Do nothing until the change takes effect, then pass it on to S3."""

    kind = "bucket.authority"

    def ended(self, result: dict[str, Any]) -> None:
        if self.record is not None:
            self.cloud.engine.submit("bucket.access", self.args["id"], {"id": self.args["id"]}, [], 0.0, 0.0)


class Create(_BucketJob):
    kind = "bucket.create"

    def run(self) -> None:
        self.cloud.data_plane.create_bucket(self.args["name"], self.args["region"])
        self.put_access()
        self.put_rules()

    def operations_ended(self, result: dict[str, Any]) -> None:
        if self.record is not None:
            self.record["state"] = "OK"

    def failed(self, message: str) -> None:
        if self.record is not None:
            self.cloud.remove(self.record)


class Access(_BucketJob):
    kind = "bucket.access"

    def run(self) -> None:
        self.put_access()


class Rules(_BucketJob):
    kind = "bucket.rules"

    def run(self) -> None:
        self.put_rules()


class Delete(_BucketJob):
    kind = "bucket.delete"

    def run(self) -> None:
        self.cloud.data_plane.delete_bucket(self.args["name"])


def new_key(created_at: float) -> dict[str, Any]:
    """20 characters of [A-Z0-9]; the secret is shown once."""
    letters = string.ascii_uppercase + string.digits
    return {
        "access_key_id": "AKIA" + "".join(secrets.choice(letters) for _ in range(16)),
        "secret_access_key": secrets.token_hex(20),
        "created_at": created_at,
    }


def _access_changed(request: Request, record: Record) -> None:
    request.start("bucket.access", record["id"], {"id": record["id"]}, wait=True)


def _done(request: Request, record: Record, details: str | None = None) -> Record:
    return request.record_operation(TYPE, record["name"], details=details)


def _bundle(bundle_id: str) -> str:
    bundle = catalogue_data.bucket_bundle(bundle_id)
    if bundle is None or not bundle["isActive"]:
        raise errors.invalid(f"The bucket bundle {bundle_id} is not available.")
    return bundle_id


@operation
def CreateBucket(request: Request) -> dict[str, Any]:
    name = request["bucketName"]
    if "--" in name:
        raise errors.invalid(f"The bucket name {name} is not valid: it must not contain two hyphens in a row.")
    bundle_id = _bundle(request["bundleId"])
    tags.check(request.get("tags"))
    request.claim_names(name)
    if any(record["name"] == name for record in request.cloud.all(TYPE)):
        raise errors.name_taken(name)  # S3's name space is one for all Regions
    request.check_quota(
        "buckets", len(request.cloud.all(TYPE)), 1, "Sorry, you've reached the maximum number of buckets for your account."
    )
    record = request.new(
        TYPE,
        name,
        bundle_id=bundle_id,
        bundle_changed_at=None,
        get_object="private",
        allow_public_overrides=False,
        versioning="Enabled" if request.get("enableObjectVersioning") else "NeverEnabled",
        readonly_accounts=[],
        access_log=None,
        cors=None,
        keys=[],
        connected=[],
        state="creating",
    )
    record["support_code"] = f"{SUPPORT_ACCOUNT}/{name}"
    started = request.record_operation(TYPE, name, status="Started")
    request.start(
        "bucket.create",
        record["id"],
        {"id": record["id"], "name": name, "region": request.region},
        operations=[started],
        operation="CreateBucket",
        resource="bucket ready",
    )
    return {"bucket": view(request.cloud, record), "operations": [started]}


@operation
def GetBuckets(request: Request) -> dict[str, Any]:
    name = request.get("bucketName")
    # Details of one bucket only: in a list the flags are not honoured (model).
    connected = bool(name and request.get("includeConnectedResources"))
    cors = bool(name and request.get("includeCors"))
    records = [request.need(TYPE, name)] if name else request.all(TYPE)
    answer = request.page(records, "buckets", lambda record: view(request.cloud, record, connected, cors))
    answer["accountLevelBpaSync"] = {
        "status": "InSync",
        "lastSyncedAt": request.cloud.clock.now(),
        "bpaImpactsLightsail": False,
    }
    return answer


def _check_log(request: Request, log: dict[str, Any]) -> None:
    """The model's words: needed when logging is switched on, to be omitted when it is switched off, same account and Region."""
    if not log["enabled"]:
        if log.get("destination") or log.get("prefix"):
            raise errors.invalid("destination and prefix should be omitted when the access log is disabled.")
    elif not log.get("destination"):
        raise errors.invalid("destination is required when the access log is enabled.")
    else:
        request.need(TYPE, log["destination"])


@operation
def UpdateBucket(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["bucketName"])
    rules, versioning, accounts = (request.get(name) for name in ("accessRules", "versioning", "readonlyAccessAccounts"))
    log, cors = request.get("accessLogConfig"), request.get("cors")
    # All of it is checked before any of it is done.
    if versioning not in (None, "Enabled", "Suspended"):
        raise errors.invalid(f"versioning is {versioning}; it must be Enabled or Suspended.")
    if any(not re.fullmatch(r"\d{12}", account) for account in accounts or []):
        raise errors.invalid("readonlyAccessAccounts must be account ids of 12 digits.")
    if log is not None:
        _check_log(request, log)
    if cors is not None and len(json.dumps(cors)) > CORS_OCTETS:
        raise errors.invalid(f"The CORS rules have more than {CORS_OCTETS} characters.")
    if any(not rule[member] for rule in (cors or {}).get("rules") or [] for member in ("allowedMethods", "allowedOrigins")):
        raise errors.invalid("Each CORS rule must identify at least one origin and one method.")
    if rules is not None:
        # Replaces the pair: what is not sent falls back to the default (guess).
        record["get_object"] = rules.get("getObject", "private")
        record["allow_public_overrides"] = rules.get("allowPublicOverrides", False)
    if versioning is not None:
        record["versioning"] = versioning
    if accounts is not None:
        record["readonly_accounts"] = list(accounts)
    if log is not None:
        record["access_log"] = dict(log)
    if cors is not None:
        record["cors"] = {"rules": [dict(rule) for rule in cors.get("rules") or []]}
    if rules is not None:
        _access_changed(request, record)
    if versioning is not None or cors is not None:
        request.start("bucket.rules", record["id"], {"id": record["id"]}, wait=True)
    return {"bucket": view(request.cloud, record, cors=True), "operations": [_done(request, record)]}


@operation
def UpdateBucketBundle(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["bucketName"])
    bundle_id = _bundle(request["bundleId"])
    if not _able_to_update(request.cloud, record):
        raise errors.invalid(f"The bundle of the bucket {record['name']} can be changed once per billing month only.")
    if bundle_id == record["bundle_id"]:
        raise errors.invalid(f"The bucket {record['name']} has the bundle {bundle_id} already.")
    record["bundle_id"] = bundle_id
    record["bundle_changed_at"] = request.cloud.clock.now()
    return {"operations": [_done(request, record)]}


def _look_inside(request: Request) -> bool:
    with request.cloud.lock:
        record = request.need(TYPE, request["bucketName"])
        if record["state"] != "OK":
            return True
    return request.cloud.data_plane.bucket_is_empty(record["name"])


@operation(before=_look_inside)
def DeleteBucket(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["bucketName"])
    cloud = request.cloud
    reasons = []
    if not request.extra:
        reasons.append("has objects")
    if record["keys"]:
        reasons.append("has access keys")
    if record["connected"]:
        reasons.append("has instances with access")
    if any(
        item["origin"]["name"] == record["name"] and item["origin"]["resourceType"] == TYPE
        for item in cloud.all("Distribution")
    ):
        reasons.append("is the origin of a distribution")
    if reasons and not request.get("forceDelete"):
        raise errors.invalid(
            f"The bucket {record['name']} cannot be deleted because it {' and '.join(reasons)}. "
            "Set forceDelete to true to delete it all the same."
        )
    cloud.remove(record)
    request.start("bucket.delete", record["id"], {"id": record["id"], "name": record["name"]}, wait=True)
    return {"operations": [_done(request, record)]}


# -- access keys ---------------------------------------------------------------------------------------------------
@operation
def CreateBucketAccessKey(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["bucketName"])
    request.check_quota(
        "bucket_access_keys",
        len(record["keys"]),
        1,
        f"The bucket {record['name']} has the maximum number of access keys already.",
    )
    key = new_key(request.cloud.clock.now())
    record["keys"].append(key)
    grant(request, record, key["access_key_id"], "bucket access key")
    _access_changed(request, record)
    answer = {
        "accessKeyId": key["access_key_id"],
        "secretAccessKey": key["secret_access_key"],
        "status": "Active",
        "createdAt": key["created_at"],
    }
    return {"accessKey": answer, "operations": [_done(request, record)]}


@operation
def GetBucketAccessKeys(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["bucketName"])
    return {
        "accessKeys": [
            {
                "accessKeyId": key["access_key_id"],
                "status": "Active",
                "createdAt": key["created_at"],
                "lastUsed": {"region": "N/A", "serviceName": "N/A"},
            }
            for key in record["keys"]
        ]
    }


@operation
def DeleteBucketAccessKey(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["bucketName"])
    wanted = request["accessKeyId"]
    kept = [key for key in record["keys"] if key["access_key_id"] != wanted]
    if len(kept) == len(record["keys"]):
        raise errors.not_found("AccessKey", wanted)
    record["keys"] = kept
    record.get("in_effect_at", {}).pop(wanted, None)
    _access_changed(request, record)
    return {"operations": [_done(request, record)]}


# -- access by role ------------------------------------------------------------------------------------------------
def _role_changed(request: Request, instance: Record) -> None:
    buckets = [bucket for bucket in request.cloud.all(TYPE) if instance["id"] in bucket["connected"]]
    if buckets and not instance["role"]:
        key = new_key(request.cloud.clock.now())
        instance["role"] = {"access_key_id": key["access_key_id"], "secret_access_key": key["secret_access_key"]}
    elif not buckets:
        instance["role"] = None
    request.start("instance.role", instance["id"], {"id": instance["id"]}, wait=True)


@operation
def SetResourceAccessForBucket(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["bucketName"])
    instance = request.need("Instance", request["resourceName"])
    if instance["state"] not in ("running", "stopped"):
        raise errors.wrong_state(
            f"The instance {instance['name']} is {instance['state']}; access to a bucket can be set when it is running "
            "or stopped."
        )
    allow = request["access"] == "allow"
    if allow and instance["id"] not in record["connected"]:
        record["connected"].append(instance["id"])
        grant(request, record, instance["id"], "bucket authority")
    elif not allow and instance["id"] in record["connected"]:
        record["connected"].remove(instance["id"])
        record.get("in_effect_at", {}).pop(instance["id"], None)
    _role_changed(request, instance)
    _access_changed(request, record)
    return {"operations": [_done(request, record, details=instance["name"])]}


@listens("instance deleted")
def _instance_deleted(cloud: Cloud, instance: Record) -> None:
    """Access belongs to the resource, not to its name: a new one of the same name does not have it."""
    for record in cloud.all(TYPE):
        if instance["id"] in record["connected"]:
            record["connected"].remove(instance["id"])
            cloud.engine.submit("bucket.access", record["id"], {"id": record["id"]}, [], 0.0, 0.0)
