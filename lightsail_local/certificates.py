# SPDX-License-Identifier: GPL-3.0-or-later
"""Two local certificate authorities: one plays Amazon's (load balancers, distributions, S3), the other RDS's.

The first is trusted by the cloud's hosts, as Amazon's root is by every system; the second is not, as RDS's is not: who talks to a
database has to be given its bundle. Kept in DIR/ca: local-ca.pem and rds-ca.pem (give these to clients), and their keys (mode 0600).
A leaf lives 395 days unless the caller says otherwise; certificates that the API issues live as long as ACM's (control/validation.py).
"""

from __future__ import annotations

import datetime
import ipaddress
import os
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Where distributions keep the roots they trust. The bundle that clients get is these plus the local CA, so that one
# AWS_CA_BUNDLE serves both the local cloud and everything else that the same process fetches.
SYSTEM_ROOTS = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


def _write(path: Path, data: bytes, mode: int) -> None:
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    os.replace(temporary, path)


class CertificateAuthority:
    """Made at first use, found again later."""

    def __init__(self, directory: Path, name: str = "local-ca") -> None:
        self.directory = Path(directory)
        self.name = name
        self.root_path = self.directory / f"{name}.pem"
        self.key_path = self.directory / f"{name}.key"
        self.directory.mkdir(parents=True, exist_ok=True)
        if not (self.root_path.exists() and self.key_path.exists()):
            self._make()
        self._root = x509.load_pem_x509_certificate(self.root_path.read_bytes())
        key = serialization.load_pem_private_key(self.key_path.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{self.key_path} is not a key that this program made; remove {self.directory} to make a new one.")
        self._key = key

    @cached_property
    def databases(self) -> CertificateAuthority:
        """The one that plays RDS's."""
        return CertificateAuthority(self.directory, "rds-ca")

    @property
    def root_pem(self) -> str:
        return self.root_path.read_text()

    def _make(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "lightsail-local"),
                x509.NameAttribute(NameOID.COMMON_NAME, f"lightsail-local {self.name} {os.urandom(4).hex()}"),
            ]
        )
        now = datetime.datetime.now(datetime.timezone.utc)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    key_cert_sign=True,
                    crl_sign=True,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
            .sign(key, hashes.SHA256())
        )
        _write(
            self.key_path,
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
            0o600,
        )
        _write(self.root_path, certificate.public_bytes(serialization.Encoding.PEM), 0o644)

    def issue(self, names: list[str], days: int = 395) -> tuple[str, str]:
        """(certificate PEM including the chain, private key PEM) for these names or addresses; the first is the subject."""
        # RSA-2048 because that is what ACM issues for Lightsail ("keyAlgorithm": "RSA-2048").
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        now = datetime.datetime.now(datetime.timezone.utc)
        alternatives: list[x509.GeneralName] = []
        for name in names:
            try:
                alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
            except ValueError:
                alternatives.append(x509.DNSName(name))
        certificate = (
            x509.CertificateBuilder()
            # A common name has at most 64 characters; endpoint names are longer. Clients look at the alternatives only.
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])]))
            .issuer_name(self._root.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    key_encipherment=True,
                    key_cert_sign=False,
                    crl_sign=False,
                    content_commitment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        chain = certificate.public_bytes(serialization.Encoding.PEM).decode() + self.root_pem
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ).decode()
        return chain, private

    def write_bundle(self, path: Path) -> None:
        """System roots plus the local CA, for AWS_CA_BUNDLE and friends."""
        roots = next((Path(name).read_text() for name in SYSTEM_ROOTS if Path(name).exists()), "")
        _write(Path(path), (roots.rstrip() + "\n" + self.root_pem).lstrip().encode(), 0o644)
