# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command asks of the daemon: paths under /_local/. Not part of AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .control import contact_method, names, offers, registrar_world
from .control.errors import ApiError
from .control.registry import HANDLERS
from .wire_faults import KINDS
from .wire_model import services

if TYPE_CHECKING:
    from .daemon import Daemon


class Admin:
    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon

    def handle(self, command: str, arguments: dict[str, Any]) -> tuple[int, Any]:
        method = getattr(self, "do_" + command.replace("-", "_"), None)
        if method is None:
            return 404, {"error": f"There is no command {command}."}
        try:
            return 200, method(arguments)
        except (ValueError, KeyError, TypeError) as error:
            return 400, {"error": str(error) or type(error).__name__}
        except ApiError as error:
            return 400, {"error": error.message}

    def do_status(self, arguments: dict[str, Any]) -> dict[str, Any]:
        daemon = self.daemon
        plane = daemon.cloud.data_plane.status()
        with daemon.cloud.lock:
            resources = [
                {
                    "type": record["type"],
                    "name": record["name"],
                    "region": record["region"],
                    "state": record.get("state") or record.get("status"),
                    "address": record.get("public_ip") or record.get("ip_address") or record.get("address"),
                }
                for record in daemon.cloud.resources.values()
            ]
            pending = len(daemon.cloud.engine.tasks)
        return {
            "running": True,
            **{key: value for key, value in daemon.description().items() if key != "secret_access_key"},
            "state_dir": str(daemon.state_dir),
            "parts": plane["parts"],
            "resolver": plane["resolver"],
            "s3_endpoint": plane["s3_endpoint"],
            "resources": resources,
            "pending_jobs": pending,
            "faults": daemon.faults.list(),
        }

    def do_resolve(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """A DNS name as a client sees it, or the name of an instance or static IP."""
        name = arguments["name"]
        cloud = self.daemon.cloud
        addresses = cloud.data_plane.lookup(names.plain(name), "A") if "." in name else []
        if not addresses:
            with cloud.lock:
                for record in cloud.resources.values():
                    if record["name"] == name:
                        address = record.get("public_ip") or record.get("ip_address") or record.get("address")
                        addresses = [address] if address else []
        return {"name": name, "addresses": addresses}

    def do_calls(self, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        return self.daemon.calls.list()

    def do_forget_calls(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.daemon.calls.clear()
        return {}

    def do_fault(self, arguments: dict[str, Any]) -> dict[str, Any]:
        operation, error = arguments["operation"], arguments["error"]
        known = {name.rpartition(":")[2] for name in HANDLERS}
        known |= {name for service in services().values() if service.whole for name in service.model.operation_names}
        if operation != "*" and operation not in known:
            raise ValueError(f"There is no operation {operation}.")
        if error not in KINDS and not error[:1].isupper():
            raise ValueError(f"The error must be one of {', '.join(KINDS)}, or the name of an error class.")
        self.daemon.faults.add(
            operation,
            error,
            int(arguments.get("times") or 1),
            int(arguments.get("after") or 0),
            arguments.get("message"),
            arguments.get("seconds"),
        )
        return {}

    def do_clear_faults(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.daemon.faults.clear()
        return {}

    def do_reset(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.daemon.cloud.reset()
        self.daemon.calls.clear()
        return {}

    def do_down(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.daemon.stop_requested.set()
        return {}

    def do_time_scale(self, arguments: dict[str, Any]) -> dict[str, Any]:
        scale = float(arguments["scale"])
        if scale < 0:
            raise ValueError("The time scale cannot be negative.")
        self.daemon.clock.scale = scale
        self.daemon.write_description(ready=True)
        return {}

    def do_quota(self, arguments: dict[str, Any]) -> dict[str, Any]:
        cloud = self.daemon.cloud
        with cloud.lock:
            cloud.quota(arguments["name"])  # refuses unknown names
            cloud.store.data["quotas"][arguments["name"]] = int(arguments["value"])
            cloud.store.save()
        return {}

    def do_sell(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """What is sold, or no longer: kind, id and sold."""
        with self.daemon.cloud.lock:
            offers.change(self.daemon.cloud, arguments["kind"], arguments["id"], bool(arguments["sold"]))
        return {}

    def do_domain(self, arguments: dict[str, Any]) -> dict[str, Any]:
        with self.daemon.cloud.lock:
            return registrar_world.declare(
                self.daemon.cloud, arguments["name"], arguments["registrant"], arguments.get("records")
            )

    def do_delegate(self, arguments: dict[str, Any]) -> dict[str, Any]:
        with self.daemon.cloud.lock:
            return registrar_world.delegate(self.daemon.cloud, arguments["name"], bool(arguments.get("undelegate")))

    def do_confirm(self, arguments: dict[str, Any]) -> dict[str, Any]:
        with self.daemon.cloud.lock:
            return contact_method.confirm(self.daemon.cloud, arguments["region"])

    def do_health(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """With data plane none only: real targets have real health."""
        cloud = self.daemon.cloud
        forced = getattr(cloud.data_plane, "forced_health", None)
        if forced is None:
            raise ValueError("The health of real targets cannot be set; stop their web server instead.")
        with cloud.lock:
            record = next(
                (item for item in cloud.resources.values() if item["type"] == "Instance" and item["name"] == arguments["instance"]),
                None,
            )
        if record is None:
            raise ValueError(f"There is no instance {arguments['instance']}.")
        forced[record["id"]] = {"state": arguments["health"], "reason": arguments.get("reason")}
        return {}
