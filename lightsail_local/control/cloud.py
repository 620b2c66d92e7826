# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud: what all handlers share. Knows no resource family and no HTTP."""

from __future__ import annotations

import logging
import secrets
import threading
import uuid
from typing import Any, Sequence

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from ..certificates import CertificateAuthority
from ..clock import Clock
from ..data_plane.base import DataPlane
from ..store import Store
from . import catalogue_data, names
from .engine import Engine
from .registry import HANDLERS, tell
from .request import GLOBAL, HOME_REGION, SUPPORT_ACCOUNT, Record, Request, operation_view
from .watcher import Watcher

log = logging.getLogger(__name__)

ACCOUNT_ID = "123456789012"
ACCESS_KEY_ID = "LIGHTSAILLOCAL000001"

# How long an answer waits for the data plane when AWS would report the thing as done at once.
ANSWER_WAIT_SECONDS = 20.0

# Types that share no name space with the others: S3's is its own and global, a certificate of a load balancer is found
# through its load balancer. Guess for the latter: it is checked against the common name space when it is made.
UNNAMED_TYPES = {"Subdomain", "ContactMethod", "ExportSnapshotRecord", "CloudFormationStackRecord"}


class Cloud:
    """State, clock, data plane and jobs, under one lock. Handlers run with the lock held."""

    def __init__(
        self, store: Store, clock: Clock, data_plane: DataPlane, ca: CertificateAuthority, variants: Sequence[str] = ()
    ) -> None:
        self.store = store
        self.clock = clock
        self.data_plane = data_plane
        self.ca = ca
        # Words for what is not on record of the hosts that are sold; see docs/lightsail_local.md.
        self.variants = tuple(variants)
        self.lock = threading.RLock()
        self.names_lock = threading.Lock()
        self.engine = Engine(self)
        self.watcher = Watcher(self)
        self._make_account()

    # -- life ----------------------------------------------------------------------------------------------------
    def start(self) -> None:
        self.data_plane.start()
        self.engine.start()
        self.watcher.start()
        with self.lock:
            self.data_plane.keep_addresses(
                [
                    address
                    for record in self.resources.values()
                    for address in (record.get("public_ip"), record.get("ip_address"))
                    if address
                ]
            )
            tell("cloud started", self, {})
            names.changed(self)

    def stop(self) -> None:
        self.watcher.stop()
        self.engine.stop()
        with self.lock:
            self.store.save()
        self.data_plane.stop()

    def reset(self) -> None:
        """Forget everything, remove all hosts; the cloud stays up, with its keys."""
        self.engine.forget()
        with self.lock:
            self.store.forget()
        self.data_plane.reset()
        with self.lock:
            names.changed(self)

    def _make_account(self) -> None:
        """Keys that belong to the cloud itself; made once, kept over a reset, so that clients stay set up."""
        account = self.store.data["account"]
        if account:
            return
        key = ed25519.Ed25519PrivateKey.generate()
        account.update(
            {
                "id": ACCOUNT_ID,
                "access_key_id": ACCESS_KEY_ID,
                "secret_access_key": secrets.token_urlsafe(30),
                "user_ca_private": key.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
                ).decode(),
                "user_ca_public": key.public_key()
                .public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
                .decode()
                + " lightsail-local-user-ca",
                # RDS puts a name of account and Region between the database's and the Region's.
                "endpoint_id": "c" + secrets.token_hex(6)[:11],
            }
        )
        self.store.save()

    @property
    def account(self) -> dict[str, Any]:
        return self.store.data["account"]

    # -- one API call --------------------------------------------------------------------------------------------
    def call(self, operation: str, region: str, params: dict[str, Any], inject_failure: str | None = None) -> Any:
        """Runs the handler; returns the answer in the model's shape, or raises ApiError."""
        handler = HANDLERS[operation]
        request = Request(self, operation.partition(":")[2] or operation, region, params)
        request.inject_failure = inject_failure
        if handler.before is not None:
            request.extra = handler.before(request)
        with self.lock:
            before = len(self.store.data["operations"]), len(self.store.data["tasks"])
            answer = handler.function(request)
            if not operation.startswith("Get") or before != (
                len(self.store.data["operations"]),
                len(self.store.data["tasks"]),
            ):
                self.store.save()
            self.engine.watch(request.wait_for)
            # What the answer says of operations is what is true now: a clock that is due at once must not turn
            # Started into Succeeded on the way out.
            answer = _finish(answer or {})
        failure = self.engine.wait(request.wait_for, ANSWER_WAIT_SECONDS) if request.wait_for else None
        if failure is not None:
            self._fail_operations(answer, failure)
        return answer

    def _fail_operations(self, answer: Any, message: str) -> None:
        """AWS reports these as done at once; here the data plane could not do it."""
        failed = [*answer.get("operations", []), *([answer["operation"]] if "operation" in answer else [])]
        change = {"status": "Failed", "isTerminal": True, "errorCode": "OperationFailed", "errorDetails": message}
        ids = {operation["id"] for operation in failed}
        for operation in failed:
            operation.update(change)
        with self.lock:
            for operation in self.store.data["operations"]:
                if operation["id"] in ids:
                    operation.update(change)
            self.store.save()

    # -- records -------------------------------------------------------------------------------------------------
    @property
    def resources(self) -> dict[str, Record]:
        return self.store.data["resources"]

    @staticmethod
    def new_uuid() -> str:
        return str(uuid.uuid4())

    @staticmethod
    def new_id(prefix: str) -> str:
        return f"{prefix}-{secrets.token_hex(6)}"

    def new_record(
        self, type: str, region: str, name: str, zone: str | None, tags: list[Record] | None, **members: Any
    ) -> Record:
        record_id = self.new_id(type.lower())
        record: Record = {
            "id": record_id,
            "type": type,
            "region": region,
            "zone": zone or "all",
            "name": name,
            "arn": f"arn:aws:lightsail:{region}:{ACCOUNT_ID}:{type}/{self.new_uuid()}",
            "support_code": f"{SUPPORT_ACCOUNT}/i-{secrets.token_hex(9)[:17]}",
            "created_at": self.clock.now(),
            "tags": [dict(tag) for tag in tags or []],
            **members,
        }
        self.resources[record_id] = record
        return record

    def record(self, record_id: str) -> Record | None:
        return self.resources.get(record_id)

    def remove(self, record: Record) -> None:
        self.resources.pop(record["id"], None)

    def find(self, type: str, region: str, name: str) -> Record | None:
        for record in self.resources.values():
            if record["type"] == type and record["region"] == region and record["name"] == name:
                return record
        return None

    def all(self, type: str, region: str | None = None) -> list[Record]:
        """Oldest first."""
        return [
            record
            for record in self.resources.values()
            if record["type"] == type and (region is None or record["region"] == region)
        ]

    def names(self, region: str) -> dict[str, Record]:
        """Names in use in a Region. Zones belong to us-east-1's names."""
        regions = {HOME_REGION, GLOBAL} if region in (HOME_REGION, GLOBAL) else {region}
        return {
            record["name"]: record
            for record in self.resources.values()
            if record["region"] in regions and record["type"] not in UNNAMED_TYPES
        }

    def quota(self, name: str) -> int:
        return int(self.store.data["quotas"].get(name, catalogue_data.load("quotas")["quotas"][name]))

    def common_view(self, record: Record, *, tags: bool = True) -> Record:
        """The members that nearly every resource's shape has."""
        view = {
            "name": record["name"],
            "arn": record["arn"],
            "supportCode": record["support_code"],
            "createdAt": record["created_at"],
            "location": {"availabilityZone": record["zone"], "regionName": record["region"]},
            "resourceType": record["type"],
        }
        if tags:
            view["tags"] = [dict(tag) for tag in record["tags"]]
        return view


def _finish(answer: Any) -> Any:
    """Operation records as they go out."""
    if isinstance(answer, dict):
        if "operation" in answer and isinstance(answer["operation"], dict):
            answer = {**answer, "operation": operation_view(answer["operation"])}
        if isinstance(answer.get("operations"), list):
            answer = {
                **answer,
                "operations": [operation_view(item) for item in answer["operations"]],
            }
    return answer
