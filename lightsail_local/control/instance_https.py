# SPDX-License-Identifier: GPL-3.0-or-later
"""SetupInstanceHttps: a certificate made and installed on the instance itself, for sites without a load balancer.

Let's Encrypt looks whether the names lead to the instance (http-01). Here the cloud looks, and its own CA issues.
"""

from __future__ import annotations

from typing import Any

from ..data_plane.base import DataPlaneError
from . import errors
from .registry import Job, operation
from .request import Record, Request

TYPE = "Instance"
KEPT = 5  # model: five of the most recent requests
PORTS = (22, 80, 443)  # user guide: open to everybody
BLUEPRINTS = ("wordpress_ls_1_0", "wordpress")  # user guide; others of Bitnami's may be supported as well


class Setup(Job):
    kind = "instance.https"

    def run(self) -> None:
        cloud, names = self.cloud, self.args["names"]
        with cloud.lock:
            record = cloud.record(self.args["id"])
            address = record["public_ip"] if record else None
        for name in names:
            seen = cloud.data_plane.lookup(name, "A")
            if address not in seen:
                raise DataPlaneError(f"The challenge for {name} failed: it leads to {', '.join(seen) or 'nothing'} and not to {address}.")
        certificate, key = cloud.ca.issue(names, days=90)
        cloud.data_plane.set_instance_certificate(self.args["id"], certificate, key)

    def _end(self, status: str, error: str | None) -> None:
        record = self.cloud.record(self.args["id"])
        for entry in record.get("https_setups", []) if record else []:
            if entry["operationId"] == self.args["operation"]:
                entry.update(status=status)
                entry["details"].update(status=status, standardError=error)

    def ended(self, result: dict[str, Any]) -> None:
        self._end("succeeded", None)

    def failed(self, message: str) -> None:
        self._end("failed", message)


def _check(record: Record, names: list[str]) -> None:
    # Guess: all of these are refused at once rather than in the course of the operation.
    if record["blueprint_id"] not in BLUEPRINTS:
        raise errors.invalid(f"The blueprint {record['blueprint_id']} of the instance {record['name']} does not support this.")
    if record["state"] != "running":
        raise errors.wrong_state(f"The instance {record['name']} is {record['state']}, not running.")
    closed = [port for port in PORTS if not any(_opens(rule, port) for rule in record["ports"])]
    if closed:
        raise errors.invalid(f"The firewall of the instance {record['name']} must have the ports {' and '.join(map(str, closed))} open.")
    if min(len(name) for name in names) > 63:
        raise errors.invalid("At least one of the domain names must have at most 63 characters.")  # model


def _opens(rule: dict[str, Any], port: int) -> bool:
    return "0.0.0.0/0" in rule["cidrs"] and rule["protocol"] in ("tcp", "all") and rule["fromPort"] <= port <= rule["toPort"]


@operation
def SetupInstanceHttps(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["instanceName"])
    names = [name.lower() for name in request["domainNames"]]
    _check(record, names)
    started = request.record_operation(TYPE, record["name"], status="Started", zone=record["zone"])
    entry = {
        "operationId": started["id"],
        "names": request["domainNames"],
        "provider": request["certificateProvider"],
        "status": "inProgress",
        "details": {"dateTime": started["createdAt"], "name": record["name"], "status": "inProgress"},
    }
    record["https_setups"] = [entry, *record.get("https_setups", [])][:KEPT]
    request.start(
        "instance.https",
        record["id"],
        {"id": record["id"], "names": names, "operation": started["id"]},
        operations=[started],
        operation=request.name,
    )
    return {"operations": [started]}


@operation
def GetSetupHistory(request: Request) -> dict[str, Any]:
    record = request.need(TYPE, request["resourceName"])
    common = request.cloud.common_view(record)
    return {
        "setupHistory": [
            {
                "operationId": entry["operationId"],
                "request": {"instanceName": record["name"], "domainNames": entry["names"], "certificateProvider": entry["provider"]},
                "resource": {key: common[key] for key in ("name", "arn", "createdAt", "location", "resourceType")},
                "executionDetails": [dict(entry["details"])],
                "status": entry["status"],
            }
            for entry in record.get("https_setups", [])
        ]
    }
