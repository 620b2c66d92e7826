# SPDX-License-Identifier: GPL-3.0-or-later
"""How to get into an instance: access details with a certificate of the cloud's user CA, host keys, and small settings."""

from __future__ import annotations

import base64
import hashlib
import logging
import time
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import SSHCertificateBuilder, SSHCertificateType

from ..data_plane.base import DataPlaneError
from . import catalogue_data, errors, key_pair, names
from .instance import need_instance
from .instance_state import TYPE, address_changed
from .registry import operation
from .request import Record, Request

log = logging.getLogger(__name__)

# How long a certificate is good for; expiresAt tells. Guess.
VALID_SECONDS = 600


def _ask_host_keys(request: Request) -> list[dict[str, str]]:
    """Without the lock: the data plane looks into the host. Only after this boot and the time that witnessing takes."""
    cloud = request.cloud
    with cloud.lock:
        record = need_instance(request)
        if record["state"] != "running" or record["booted_at"] is None:
            return []
        if cloud.clock.now() < record["booted_at"] + cloud.clock.resource("host keys"):
            return []
        record_id = record["id"]
    try:
        return cloud.data_plane.host_keys(record_id)
    except DataPlaneError as error:
        log.warning("host keys of %s: %s", record_id, error)
        return []  # not witnessed yet, as far as a client can tell


def _host_key_view(algorithm: str, public: str, witnessed: float) -> dict[str, Any]:
    blob = base64.b64decode(public)
    sha256 = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    sha1 = base64.b64encode(hashlib.sha1(blob).digest()).decode().rstrip("=")
    return {
        "algorithm": algorithm,
        "publicKey": public,
        "witnessedAt": witnessed,
        "fingerprintSHA1": f"SHA1:{sha1}",
        "fingerprintSHA256": f"SHA256:{sha256}",
    }


def _certificate(request: Request, record: Record) -> tuple[str, str, float]:
    """(private key PEM, certificate line, end) of a key pair made for this answer only."""
    private, public = key_pair.generate_rsa()
    public_key = serialization.load_ssh_public_key(public.encode())
    ca = serialization.load_ssh_private_key(request.cloud.account["user_ca_private"].encode(), password=None)
    assert isinstance(public_key, rsa.RSAPublicKey) and isinstance(ca, ed25519.Ed25519PrivateKey)
    now = int(time.time())
    ends = now + VALID_SECONDS
    certificate = (
        SSHCertificateBuilder()
        .public_key(public_key)
        .serial(now)
        .type(SSHCertificateType.USER)
        .key_id(f"{request.cloud.account['id']}/{record['name']}".encode())
        .valid_principals([record["username"].encode()])
        .valid_after(now - 60)
        .valid_before(ends)
    )
    for extension in (b"permit-agent-forwarding", b"permit-port-forwarding", b"permit-pty", b"permit-user-rc"):
        certificate = certificate.add_extension(extension, b"")
    return private, certificate.sign(ca).public_bytes().decode(), float(ends)


@operation(before=_ask_host_keys)
def GetInstanceAccessDetails(request: Request) -> dict[str, Any]:
    record = need_instance(request)
    if record["state"] != "running":
        raise errors.wrong_state(
            f"The instance {record['name']} is {record['state']}; access details exist when it is running."
        )
    if request.get("protocol", "ssh") == "rdp":
        raise errors.not_emulated("GetInstanceAccessDetails with protocol rdp")
    known = {item["publicKey"]: item for item in record["host_keys"]}
    if request.extra:
        now = request.cloud.clock.now()
        record["host_keys"] = [
            known.get(item["public_key"]) or _host_key_view(item["algorithm"], item["public_key"], now)
            for item in request.extra
        ]
    private, certificate, ends = _certificate(request, record)
    return {
        "accessDetails": {
            "certKey": certificate,
            "privateKey": private,
            "expiresAt": ends,
            "ipAddress": record["public_ip"],
            "ipv6Addresses": record["ipv6"] or None,
            "protocol": "ssh",
            "instanceName": record["name"],
            "username": record["username"],
            "hostKeys": record["host_keys"],
        }
    }


@operation
def DeleteKnownHostKeys(request: Request) -> dict[str, Any]:
    record = need_instance(request)
    record["host_keys"] = []  # they are witnessed anew at the next look
    return {"operations": [request.record_operation(TYPE, record["name"], zone=record["zone"])]}


@operation
def UpdateInstanceMetadataOptions(request: Request) -> dict[str, Any]:
    record = need_instance(request)
    for option in ("httpTokens", "httpEndpoint", "httpPutResponseHopLimit", "httpProtocolIpv6"):
        if request.get(option) is not None:
            record["metadata"][option] = request[option]
    if not 1 <= record["metadata"]["httpPutResponseHopLimit"] <= 64:
        raise errors.invalid("httpPutResponseHopLimit must be between 1 and 64.")
    if record["state"] == "running":
        record["metadata"]["state"] = "pending"
    request.start(
        "instance.metadata_options", record["id"], {"id": record["id"]}, resource="metadata options applied"
    )
    return {"operation": request.record_operation(TYPE, record["name"], zone=record["zone"])}


def _swap_bundle(request: Request, record: Record, wanted: str) -> None:
    """To IPv6 only and back is another bundle of the same size, which has to be accepted (model)."""
    name = record["name"]
    offer = catalogue_data.sold_as(request.region, record["bundle_id"], ipv6_only=wanted == "ipv6")
    if offer is None:
        raise errors.invalid(f"There is no bundle of the size of {record['bundle_id']} for the IP address type {wanted}.")
    if not request.get("acceptBundleUpdate"):
        raise errors.invalid(
            f"The IP address type {wanted} changes the bundle of the instance {name} to {offer['bundleId']}. Set acceptBundleUpdate to true."
        )
    if record["state"] not in ("running", "stopped"):
        raise errors.wrong_state(f"The instance {name} is {record['state']}; its IP address type can be set when it is running or stopped.")
    # Guess: the user guide says that instances with IPv6 only cannot have a static IP, not what happens to one.
    if any(item["attached_to"] == name for item in request.all("StaticIp")):
        raise errors.wrong_state(f"The instance {name} has a static IP. Detach it first.")
    record["bundle_id"] = offer["bundleId"]
    dynamic = record["public_ip"]
    needs = wanted != "ipv6" and record["state"] == "running"
    record["public_ip"] = request.cloud.data_plane.allocate_address() if needs else None
    address_changed(request, record, release=dynamic)
    names.changed(request.cloud, request)


@operation
def SetIpAddressType(request: Request) -> dict[str, Any]:
    type_ = request["resourceType"]
    if type_ not in (TYPE, "LoadBalancer", "Distribution"):
        raise errors.invalid(f"The IP address type of a {type_} cannot be set.")
    record = request.need(type_, request["resourceName"])
    wanted = request["ipAddressType"]
    if wanted == record["ip_address_type"]:
        return {"operations": [request.record_operation(type_, record["name"], zone=record["zone"])]}
    if type_ == "Distribution" and wanted == "ipv6":
        raise errors.invalid("The IP address type of a distribution is ipv4 or dualstack.")
    if type_ == TYPE and "ipv6" in (wanted, record["ip_address_type"]):
        if type_ != TYPE:
            raise errors.invalid(f"The IP address type of a {type_} cannot be ipv6.")
        _swap_bundle(request, record, wanted)
    record["ip_address_type"] = wanted
    if type_ == TYPE:
        if wanted == "ipv4":
            record["ipv6"] = []
        elif not record["ipv6"]:
            record["ipv6"] = ["2001:db8:0:0:" + ":".join(record["id"][-8:].lower()[i : i + 2] for i in (0, 2, 4, 6))]
    return {"operations": [request.record_operation(type_, record["name"], zone=record["zone"])]}
