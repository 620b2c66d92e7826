# SPDX-License-Identifier: GPL-3.0-or-later
"""What an instance is, and the jobs that change it. Handlers are in instance.py, instance_ports.py, instance_access.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import disk_state, names, registry
from .catalogue_data import blueprint, bundle
from .registry import Job
from .request import Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "Instance"

# EC2's codes. 16 is in samples; the others are EC2's and consistent with it.
STATE_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}


def view(cloud: Cloud, record: Record) -> dict[str, Any]:
    offer = bundle(record["region"], record["bundle_id"]) or {}
    image = blueprint(record["blueprint_id"]) or {"name": record["blueprint_id"]}
    static = any(
        item["attached_to"] == record["name"] for item in cloud.all("StaticIp", record["region"])
    )
    running = record["state"] in ("running", "shutting-down")
    show_public = record["public_ip"] if running or static else None
    size = offer.get("diskSizeInGb", 20)
    answer = {
        **cloud.common_view(record),
        "blueprintId": record["blueprint_id"],
        "blueprintName": image["name"],
        "bundleId": record["bundle_id"],
        "addOns": [dict(item) for item in record["add_ons"]] or None,
        "isStaticIp": static,
        "privateIpAddress": record["private_ip"],
        "publicIpAddress": show_public,
        "ipv6Addresses": record["ipv6"] or None,
        "ipAddressType": record["ip_address_type"],
        "hardware": {
            "cpuCount": offer.get("cpuCount", 2),
            "ramSizeInGb": float(offer.get("ramSizeInGb", 1)),
            "disks": [
                {
                    "createdAt": record["created_at"],
                    "sizeInGb": size,
                    "isSystemDisk": True,
                    "iops": max(100, 3 * size),
                    "path": "/dev/xvda",
                    "attachedTo": record["name"],
                    "attachmentState": "attached",
                },
                *(disk_state.view(cloud, disk) for disk in disk_state.attached(cloud, record)),
            ],
        },
        "networking": {
            "monthlyTransfer": {"gbPerMonthAllocated": offer.get("transferPerMonthInGb", 1024)},
            "ports": [_port_view(record, port) for port in record["ports"]],
        },
        "state": {"code": STATE_CODES[record["state"]], "name": record["state"]},
        "username": record["username"],
        "sshKeyName": record["key_pair"],
        "metadataOptions": dict(record["metadata"]),
    }
    return answer


def read_back(port: dict[str, Any]) -> dict[str, Any]:
    """A rule as answers have it: all protocols are put as `all` and read back as -1 (others)."""
    return {**port, "protocol": "-1"} if port["protocol"] == "all" else port


def _port_view(record: Record, port: dict[str, Any]) -> dict[str, Any]:
    anywhere = "0.0.0.0/0" in port.get("cidrs", []) or "::/0" in port.get("ipv6Cidrs", [])
    dual = record["ip_address_type"] == "dualstack" and "::/0" in port.get("ipv6Cidrs", [])
    return {
        **read_back(port),
        "accessFrom": ("Anywhere (0.0.0.0/0 and ::/0)" if dual else "Anywhere (0.0.0.0/0)") if anywhere else "Custom",
        "accessType": "public",
        "commonName": "",
        "accessDirection": "inbound",
    }


def firewall_rules(record: Record) -> list[dict[str, Any]]:
    """As the data plane wants them: IPv4 only, that is all there is here."""
    rules = []
    for port in record["ports"]:
        cidrs = list(port.get("cidrs", []))
        if port.get("cidrListAliases"):
            # lightsail-connect: the browser client comes from AWS's own addresses, of which there are none here.
            cidrs = cidrs or []
        rules.append(
            {
                "protocol": port["protocol"],
                "from_port": port["fromPort"],
                "to_port": port["toPort"],
                "cidrs": cidrs,
            }
        )
    return rules


class _InstanceJob(Job):
    @property
    def id(self) -> str:
        return self.args["id"]

    @property
    def record(self) -> Record | None:
        return self.cloud.record(self.id)


class Create(_InstanceJob):
    kind = "instance.create"

    def run(self) -> dict[str, Any]:
        cloud = self.cloud
        with cloud.lock:
            record = self.record
            if record is None:
                return {}
            record = dict(record)
            user_ca = cloud.account["user_ca_public"]
        made = cloud.data_plane.create_instance(
            self.id,
            name=record["name"],
            public_ip=record["public_ip"],
            source=record["source"],
            user_data=record["user_data"],
            authorized_keys=record["authorized_keys"],
            user_ca=user_ca,
            zone=record["zone"],
            variants=cloud.variants,
            first_boot_seconds=cloud.clock.resource("first boot"),
            ssh_seconds=cloud.clock.resource("ssh"),
        )
        cloud.data_plane.set_firewall(self.id, firewall_rules(record))
        return {"private_ip": made["private_ip"]}

    def operations_ended(self, result: dict[str, Any]) -> None:
        if self.record is not None and result:
            self.record["private_ip"] = result["private_ip"]

    def ended(self, result: dict[str, Any]) -> None:
        if self.record is not None and self.record["state"] == "pending":
            set_running(self.cloud, self.record)

    def failed(self, message: str) -> None:
        """Guess: an instance that could not be made vanishes, and its name is free again."""
        record = self.record
        if record is not None:
            registry.tell("instance deleted", self.cloud, record)
            self.cloud.remove(record)
            self.cloud.engine.submit(
                "instance.delete", self.id, {"id": self.id, "release": record["public_ip"]}, [], 0.0, 0.0
            )


def set_running(cloud: Cloud, record: Record) -> None:
    record["state"] = "running"
    record["booted_at"] = cloud.clock.now()
    record["host_keys"] = []  # to be witnessed anew after this boot
    names.changed(cloud)
    registry.tell("instance running", cloud, record)


class Start(_InstanceJob):
    kind = "instance.start"

    def run(self) -> None:
        with self.cloud.lock:
            address = self.record["public_ip"] if self.record else None
        self.cloud.data_plane.start_instance(self.id, address)

    def ended(self, result: dict[str, Any]) -> None:
        if self.record is not None and self.record["state"] == "pending":
            set_running(self.cloud, self.record)

    def failed(self, message: str) -> None:
        if self.record is not None:
            self.record["state"] = "stopped"


class Stop(_InstanceJob):
    kind = "instance.stop"

    def run(self) -> None:
        self.cloud.data_plane.stop_instance(self.id)
        if self.args.get("release"):
            # A dynamic address is given back and another one comes at start.
            self.cloud.data_plane.set_public_address(self.id, None)
            self.cloud.data_plane.release_address(self.args["release"])

    def ended(self, result: dict[str, Any]) -> None:
        if self.record is not None and self.record["state"] == "stopping":
            self.record["state"] = "stopped"
            names.changed(self.cloud)

    def failed(self, message: str) -> None:
        if self.record is not None:
            self.record["state"] = "running"


class Reboot(_InstanceJob):
    kind = "instance.reboot"

    def run(self) -> None:
        self.cloud.data_plane.reboot_instance(self.id)

    def ended(self, result: dict[str, Any]) -> None:
        if self.record is not None:
            self.record["booted_at"] = self.cloud.clock.now()
            self.record["host_keys"] = []


class Delete(_InstanceJob):
    kind = "instance.delete"

    def run(self) -> None:
        self.cloud.data_plane.delete_instance(self.id)
        if self.args.get("release"):
            self.cloud.data_plane.release_address(self.args["release"])

    def ended(self, result: dict[str, Any]) -> None:
        if self.record is not None:
            self.cloud.remove(self.record)
        names.changed(self.cloud)

    def failed(self, message: str) -> None:
        if self.record is not None:
            self.record["state"] = "stopped"  # so that deleting can be tried again


class Address(_InstanceJob):
    """Moves the public address; the old dynamic one is free only when nobody answers there any more."""

    kind = "instance.address"

    def run(self) -> None:
        with self.cloud.lock:
            if self.record is None:
                return
            address = self.record["public_ip"]
        self.cloud.data_plane.set_public_address(self.id, address)
        if self.args.get("release"):
            self.cloud.data_plane.release_address(self.args["release"])


def address_changed(request: Request, record: Record, release: str | None) -> None:
    request.start("instance.address", record["id"], {"id": record["id"], "release": release}, wait=True)
    registry.tell("instance address changed", request.cloud, record)


class Firewall(_InstanceJob):
    kind = "instance.firewall"

    def run(self) -> None:
        with self.cloud.lock:
            if self.record is None:
                return
            rules = firewall_rules(self.record)
        self.cloud.data_plane.set_firewall(self.id, rules)


class Role(_InstanceJob):
    """What the metadata service hands out; the bucket family decides who has access to what."""

    kind = "instance.role"

    def run(self) -> None:
        with self.cloud.lock:
            if self.record is None:
                return
            role = self.record["role"]
            disabled = self.record["metadata"]["httpEndpoint"] == "disabled"
        self.cloud.data_plane.set_instance_role(self.id, None if disabled else role)


class MetadataOptions(_InstanceJob):
    kind = "instance.metadata_options"

    def run(self) -> None:
        Role(self.cloud, self.args).run()

    def ended(self, result: dict[str, Any]) -> None:
        if self.record is not None:
            self.record["metadata"]["state"] = "applied"


class AddOnChanged(_InstanceJob):
    kind = "instance.add_on"

    def ended(self, result: dict[str, Any]) -> None:
        if self.record is None:
            return
        for add_on in list(self.record["add_ons"]):
            if add_on["status"] == "Enabling":
                add_on["status"] = "Enabled"
            elif add_on["status"] == "Disabling":
                self.record["add_ons"].remove(add_on)
