# SPDX-License-Identifier: GPL-3.0-or-later
"""One API call on its way through a handler, with the helpers that most handlers need."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import errors

if TYPE_CHECKING:
    from .cloud import Cloud

Record = dict[str, Any]

# Small, so that clients which forget to page are found out early. AWS's page sizes are not documented for most calls.
PAGE_SIZE = 20

# The name space that zones live in: calls go to us-east-1, the resource says "global".
GLOBAL = "global"
HOME_REGION = "us-east-1"

# A support code begins with the AWS account that hosts the servers, not with the owner's account (sample); the digits are made up.
SUPPORT_ACCOUNT = "210987654321"


class Request:
    """`params` as validated; `extra` is what the handler's `before` brought."""

    def __init__(self, cloud: Cloud, operation: str, region: str, params: dict[str, Any]) -> None:
        self.cloud = cloud
        self.name = operation
        self.region = region
        self.params = params
        self.extra: Any = None
        self.wait_for: list[str] = []  # tasks to see done before the answer goes out
        self.inject_failure: str | None = None

    # -- input ---------------------------------------------------------------------------------------------------
    def __getitem__(self, name: str) -> Any:
        return self.params[name]

    def get(self, name: str, default: Any = None) -> Any:
        value = self.params.get(name)
        return default if value is None else value

    # -- finding -------------------------------------------------------------------------------------------------
    def find(self, type: str, name: str) -> Record | None:
        return self.cloud.find(type, self.region, name)

    def need(self, type: str, name: str) -> Record:
        record = self.find(type, name)
        if record is None:
            raise errors.not_found(type, name)
        return record

    def all(self, type: str) -> list[Record]:
        return self.cloud.all(type, self.region)

    def claim_names(self, *names: str, region: str | None = None) -> None:
        """Names are unique per Region and account across all types."""
        taken = self.cloud.names(region or self.region)
        twice = {name for name in names if names.count(name) > 1}
        clash = [name for name in names if name in taken or name in twice]
        if clash:
            raise errors.name_taken(*dict.fromkeys(clash))

    def check_quota(self, name: str, have: int, wanted: int, message: str) -> None:
        if have + wanted > self.cloud.quota(name):
            raise errors.quota(message)

    # -- making --------------------------------------------------------------------------------------------------
    def new(self, type: str, name: str, zone: str | None = None, region: str | None = None, **members: Any) -> Record:
        """A record with what all resources have; stored at once."""
        return self.cloud.new_record(type, region or self.region, name, zone, self.get("tags"), **members)

    def record_operation(
        self,
        resource_type: str,
        name: str,
        *,
        type: str | None = None,
        details: str | None = None,
        status: str = "Succeeded",
        zone: str | None = None,
        region: str | None = None,
    ) -> Record:
        """One operation record, by default already Succeeded and of the API call's own name."""
        now = self.cloud.clock.now()
        operation = {
            "id": self.cloud.new_uuid(),
            "resourceName": name,
            "resourceType": resource_type,
            "createdAt": now,
            "location": {"availabilityZone": zone or "all", "regionName": region or self.region},
            "isTerminal": status != "Started",
            "operationDetails": details,
            "operationType": type or self.name,
            "status": status,
            "statusChangedAt": now,
            "_region": HOME_REGION if region == GLOBAL else (region or self.region),
        }
        self.cloud.store.data["operations"].append(operation)
        return operation

    def start(
        self,
        kind: str,
        key: str,
        args: dict[str, Any] | None = None,
        *,
        operations: list[Record] | None = None,
        operation: str | None = None,
        resource: str | None = None,
        wait: bool = False,
    ) -> None:
        """Starts a job. `operation` and `resource` name clocks; without one that clock is due at once.

        With `wait` the answer goes out only when the job has run (unless the resource is still busy with earlier
        jobs): for what AWS reports as done at once, such as firewall rules.
        """
        cloud = self.cloud
        arguments = dict(args or {})
        if self.inject_failure:
            arguments["inject_failure"] = self.inject_failure
        busy = cloud.engine.busy(key)
        task = cloud.engine.submit(
            kind,
            key,
            arguments,
            operations or [],
            cloud.clock.operation(operation) if operation else 0.0,
            cloud.clock.resource(resource) if resource else 0.0,
        )
        if wait and not busy:
            self.wait_for.append(task["id"])

    # -- answering -----------------------------------------------------------------------------------------------
    def page(self, items: list[Any], key: str, view: Callable[[Any], Any] | None = None) -> dict[str, Any]:
        """One page of items under `key`, with an opaque token for the next. Each that is on the page is shown by `view`."""
        start = 0
        token = self.params.get("pageToken")
        if token:
            try:
                decoded = json.loads(base64.urlsafe_b64decode(token.encode()))
                if decoded["operation"] != self.name:
                    raise ValueError
                start = int(decoded["start"])
            except (ValueError, KeyError, TypeError) as error:
                raise errors.invalid("The page token is not valid.") from error
        shown = items[start : start + PAGE_SIZE]
        answer: dict[str, Any] = {key: [view(item) for item in shown] if view else shown}
        if start + PAGE_SIZE < len(items):
            token_out = json.dumps({"operation": self.name, "start": start + PAGE_SIZE})
            answer["nextPageToken"] = base64.urlsafe_b64encode(token_out.encode()).decode()
        return answer


def operation_view(operation: Record) -> Record:
    return {key: value for key, value in operation.items() if not key.startswith("_")}
