# SPDX-License-Identifier: GPL-3.0-or-later
"""Key pairs: created (the private half is shown once) or imported, and the default pair of each Region, made lazily."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from . import errors, tags
from .registry import operation
from .request import SUPPORT_ACCOUNT, Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

DEFAULT_NAME = "LightsailDefaultKeyPair"


def generate_rsa() -> tuple[str, str]:
    """(private key as PEM, public key as one OpenSSH line)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    return private, public


def _colons(digest: str) -> str:
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def fingerprint(public: str, private_pem: str | None = None) -> str:
    """As EC2 computes them: SHA-1 of the private key in DER for made pairs, MD5 of the public one for imported pairs.

    ed25519 keys: base64 of SHA-256, as EC2. Guess: that Lightsail does the same.
    """
    key = serialization.load_ssh_public_key(public.encode())
    if private_pem:
        private = serialization.load_pem_private_key(private_pem.encode(), password=None)
        der = private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return _colons(hashlib.sha1(der).hexdigest())
    if isinstance(key, ed25519.Ed25519PublicKey):
        blob = base64.b64decode(public.split()[1])
        return base64.b64encode(hashlib.sha256(blob).digest()).decode()
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return _colons(hashlib.md5(der).hexdigest())


def default_pair(cloud: Cloud, region: str) -> Record:
    """Kept outside of the names: it exists once per Region whether shown or not."""
    pairs = cloud.account.setdefault("default_key_pairs", {})
    if region not in pairs:
        private, public = generate_rsa()
        pairs[region] = {
            "id": f"keypair-default-{region}",
            "type": "KeyPair",
            "region": region,
            "zone": "all",
            "name": DEFAULT_NAME,
            "arn": f"arn:aws:lightsail:{region}:{cloud.account['id']}:KeyPair/{cloud.new_uuid()}",
            "support_code": f"{SUPPORT_ACCOUNT}/{DEFAULT_NAME}",
            "created_at": cloud.clock.now(),
            "tags": [],
            "public_key": public,
            "private_key": private,
            "fingerprint": fingerprint(public, private),
        }
    return pairs[region]


def public_key(request: Request, name: str | None) -> str:
    """The key that a new instance gets; refuses unknown names."""
    if name is None or name == DEFAULT_NAME:
        return default_pair(request.cloud, request.region)["public_key"]
    return request.need("KeyPair", name)["public_key"]


def view(cloud: Cloud, record: Record) -> dict[str, Any]:
    return {**cloud.common_view(record), "fingerprint": record["fingerprint"]}


def _create(request: Request, public: str, print_: str) -> Record:
    name = request["keyPairName"]
    tags.check(request.get("tags"))
    if name == DEFAULT_NAME:
        raise errors.name_taken(name)
    request.claim_names(name)
    record = request.new("KeyPair", name, public_key=public, fingerprint=print_)
    record["support_code"] = f"{SUPPORT_ACCOUNT}/{name}"
    return record


@operation
def CreateKeyPair(request: Request) -> dict[str, Any]:
    private, public = generate_rsa()
    record = _create(request, public, fingerprint(public, private))
    return {
        "keyPair": view(request.cloud, record),
        "publicKeyBase64": public,  # the name says base64; samples show the plain text
        "privateKeyBase64": private,
        "operation": request.record_operation("KeyPair", record["name"]),
    }


def _read_public(text: str) -> str:
    """One OpenSSH line, given as such or in base64 once more: both are seen in public scripts."""
    for candidate in (text.strip(), _decoded(text)):
        if candidate:
            try:
                key = serialization.load_ssh_public_key(candidate.encode())
            except (ValueError, TypeError, binascii.Error):
                continue
            except Exception as error:  # cryptography: UnsupportedAlgorithm, for key types that it does not know
                raise errors.invalid(f"The public key is not supported: {error}") from error
            if not isinstance(key, (rsa.RSAPublicKey, ed25519.Ed25519PublicKey)):
                raise errors.invalid("The public key is not supported: it must be of the type RSA or ED25519.")  # guide; the text is a guess
            return " ".join(candidate.split()[:2])
    raise errors.invalid("The public key is not valid: it must be an OpenSSH public key.")


def _decoded(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode().strip()
    except (ValueError, binascii.Error):
        return ""


@operation
def ImportKeyPair(request: Request) -> dict[str, Any]:
    public = _read_public(request["publicKeyBase64"])
    record = _create(request, public, fingerprint(public))
    return {"operation": request.record_operation("KeyPair", record["name"])}


@operation
def GetKeyPair(request: Request) -> dict[str, Any]:
    name = request["keyPairName"]
    if name == DEFAULT_NAME:
        return {"keyPair": view(request.cloud, default_pair(request.cloud, request.region))}
    return {"keyPair": view(request.cloud, request.need("KeyPair", name))}


@operation
def GetKeyPairs(request: Request) -> dict[str, Any]:
    records = request.all("KeyPair")
    if request.get("includeDefaultKeyPair"):
        records = [default_pair(request.cloud, request.region), *records]
    return request.page(records, "keyPairs", lambda record: view(request.cloud, record))


@operation
def DownloadDefaultKeyPair(request: Request) -> dict[str, Any]:
    record = default_pair(request.cloud, request.region)
    return {
        "publicKeyBase64": record["public_key"],
        "privateKeyBase64": record["private_key"],
        "createdAt": record["created_at"],
    }


@operation
def DeleteKeyPair(request: Request) -> dict[str, Any]:
    name = request["keyPairName"]
    cloud = request.cloud
    if name == DEFAULT_NAME:
        record = default_pair(cloud, request.region)
        if request.get("expectedFingerprint") != record["fingerprint"]:
            raise errors.invalid("Deleting the default key pair needs its fingerprint as expectedFingerprint.")
        del cloud.account["default_key_pairs"][request.region]
    else:
        record = request.need("KeyPair", name)
        expected = request.get("expectedFingerprint")
        if expected and expected != record["fingerprint"]:
            raise errors.invalid(f"The fingerprint of the key pair {name} is not the expected one.")
        cloud.remove(record)  # instances keep the public key
    return {"operation": request.record_operation("KeyPair", name)}
