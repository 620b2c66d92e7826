# SPDX-License-Identifier: GPL-3.0-or-later
"""The narrow interface between control plane and data plane.

Control decides, the data plane obeys. Every method blocks until the thing is done; control calls them from worker
threads, several at a time, but never two at a time for the same id. All ids are opaque, unique strings of [a-z0-9-],
chosen by control and stable over down and up. A failure raises DataPlaneError with one sentence: that sentence becomes
`errorDetails` of the failed operation, so it is read by people.

Calls that set something (`set_*`, `put_*`) carry the complete wish, replace the earlier one, and may be repeated.
Deleting something that is not there is no error, so that half-made things can always be removed. A call that `down`
cut short is repeated at the next `up`: a create that finds a half-made thing of its id removes or finishes it.
"""

from __future__ import annotations

import abc
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Sequence

if TYPE_CHECKING:
    from ..certificates import CertificateAuthority


class DataPlaneError(Exception):
    """What the data plane could not do, as one sentence for people."""


NO_DISKS = "This local Lightsail has real hosts, which have no block storage disks. The data plane none has them."


class DataPlane(abc.ABC):
    """What control asks for.

    `keeps_history`: whether a database can be had as it was at an earlier moment. `network_index` is this cloud's share of the
    address space (172.26.N.0/24, 198.18.N.0/24); without hosts the addresses lead nowhere.
    """

    keeps_history: ClassVar[bool] = False

    def __init__(self, state_dir: Path, network_index: int, ca: CertificateAuthority) -> None:
        self.state_dir = Path(state_dir)
        self.network_index = network_index
        self.ca = ca

    # -- the cloud as a whole ------------------------------------------------------------------------------------
    @abc.abstractmethod
    def start(self) -> None:
        """Bring up networks and service parts, and whatever was running when the cloud went down."""

    @abc.abstractmethod
    def stop(self) -> None:
        """Stop everything, keep disks."""

    @abc.abstractmethod
    def reset(self) -> None:
        """Remove everything; the cloud itself stays up."""

    @abc.abstractmethod
    def status(self) -> dict[str, Any]:
        """{"parts": [{"name", "kind", "address", "running"}], "resolver": ip or None, "s3_endpoint": url or None}"""

    # -- public addresses ----------------------------------------------------------------------------------------
    @abc.abstractmethod
    def allocate_address(self) -> str:
        """A public address that nobody has. Control calls this inside API calls: it must be quick."""

    @abc.abstractmethod
    def release_address(self, ip: str) -> None:
        """The address may be given to somebody else."""

    def keep_addresses(self, addresses: list[str]) -> None:
        """After start(): these are taken. A data plane that remembers by itself need not listen."""

    # -- instances -----------------------------------------------------------------------------------------------
    @abc.abstractmethod
    def create_instance(
        self,
        id: str,
        *,
        name: str,
        private_ip: str | None = None,
        public_ip: str | None,
        source: dict[str, str],
        user_data: str,
        authorized_keys: list[str],
        user_ca: str,
        zone: str | None = None,
        variants: Sequence[str] = (),
        first_boot_seconds: float = 2.0,
        ssh_seconds: float = 0,
        host_keys_seconds: float = 0,
    ) -> dict[str, str]:
        """Make and boot it. Returns {"private_ip": ip}.

        `source` is {"snapshot": id} or {"image": layout}: lightsail (when it is left out), bitnami, bitnami_b. A snapshot knows its own.
        `user_ca` is the public key whose certificates the host's sshd accepts (TrustedUserCAKeys): access details
        work through it.
        `variants` are words for what is not on record of the layout lightsail: install-again, config-0640, schema-dash, no-redirect.
        It returns when the machine runs: WordPress is there `first_boot_seconds` later or more (layout lightsail), SSH `ssh_seconds`
        later, and host_keys() answers after `host_keys_seconds`.
        """

    @abc.abstractmethod
    def start_instance(self, id: str, public_ip: str | None) -> None: ...

    @abc.abstractmethod
    def stop_instance(self, id: str) -> None: ...

    @abc.abstractmethod
    def reboot_instance(self, id: str) -> None: ...

    @abc.abstractmethod
    def delete_instance(self, id: str) -> None: ...

    @abc.abstractmethod
    def set_public_address(self, id: str, ip: str | None) -> None: ...

    @abc.abstractmethod
    def set_firewall(self, id: str, rules: list[dict[str, Any]]) -> None:
        """rules: [{"protocol", "from_port", "to_port", "cidrs": [...]}]; they act on the public address only."""

    @abc.abstractmethod
    def host_keys(self, id: str) -> list[dict[str, str]]:
        """[{"algorithm", "public_key"}], public_key without the algorithm word; [] until this machine's first boot made them."""

    @abc.abstractmethod
    def set_instance_role(self, id: str, credentials: dict[str, str] | None) -> None:
        """The role of the instance's metadata service: {"access_key_id", "secret_access_key", "token"}.

        Without credentials the role is there all the same, with ones that no bucket knows. `token` is optional: left out, it follows
        from the access key (session_token), as it does for keys of the same access_key_id in set_bucket_access.
        """

    @abc.abstractmethod
    def create_instance_snapshot(self, snapshot_id: str, instance_id: str) -> None: ...

    @abc.abstractmethod
    def delete_instance_snapshot(self, snapshot_id: str) -> None: ...

    def set_instance_certificate(self, id: str, certificate: str, key: str) -> None:
        """What SetupInstanceHttps installs for the web server of the instance itself."""
        raise DataPlaneError("The hosts of this local Lightsail do not have the tool that sets up HTTPS on an instance.")

    # -- disks: a data plane that has none says so, and the operation is Failed with that sentence --------------------
    def create_disk(self, id: str, *, size: int, snapshot_id: str | None = None) -> None:
        """`size` in GB; with a snapshot its content comes first."""
        raise DataPlaneError(NO_DISKS)

    def delete_disk(self, id: str) -> None: ...

    def attach_disk(self, id: str, instance_id: str, path: str) -> None:
        raise DataPlaneError(NO_DISKS)

    def detach_disk(self, id: str) -> None: ...

    def create_disk_snapshot(self, snapshot_id: str, source_id: str) -> None:
        """Of a disk, or of the system disk of an instance."""
        raise DataPlaneError(NO_DISKS)

    def delete_disk_snapshot(self, snapshot_id: str) -> None: ...

    # -- databases -----------------------------------------------------------------------------------------------
    @abc.abstractmethod
    def create_database(
        self,
        id: str,
        *,
        endpoint_name: str,
        master_username: str,
        master_password: str,
        database_name: str,
        snapshot_id: str | None = None,
        public_ip: str | None = None,
    ) -> dict[str, Any]:
        """A MySQL server that requires TLS, with a certificate for endpoint_name. Returns {"address": ip, "port": 3306}."""

    @abc.abstractmethod
    def start_database(self, id: str) -> None: ...

    @abc.abstractmethod
    def stop_database(self, id: str) -> None: ...

    @abc.abstractmethod
    def reboot_database(self, id: str) -> None: ...

    @abc.abstractmethod
    def delete_database(self, id: str) -> None: ...

    @abc.abstractmethod
    def set_database_password(self, id: str, password: str) -> None: ...

    @abc.abstractmethod
    def set_database_public(self, id: str, ip: str | None) -> None: ...

    @abc.abstractmethod
    def set_database_parameters(self, id: str, parameters: dict[str, str]) -> None:
        """Parameters to apply now; control holds back static ones until the reboot that applies them."""

    @abc.abstractmethod
    def create_database_snapshot(self, snapshot_id: str, database_id: str) -> None: ...

    @abc.abstractmethod
    def delete_database_snapshot(self, snapshot_id: str) -> None: ...

    def database_log(self, id: str) -> list[tuple[float, str]]:
        """Moment and text of each line of the server's error log, oldest first; must be quick."""
        return []

    # -- buckets -------------------------------------------------------------------------------------------------
    @abc.abstractmethod
    def create_bucket(self, name: str, region: str) -> None: ...

    @abc.abstractmethod
    def delete_bucket(self, name: str) -> None:
        """With all that is in it."""

    @abc.abstractmethod
    def bucket_is_empty(self, name: str) -> bool: ...

    @abc.abstractmethod
    def set_bucket_access(self, name: str, *, public_read: bool, allow_public_overrides: bool, keys: list[dict[str, str]]) -> None:
        """The complete wish: who may read, and all keys ({"access_key_id", "secret_access_key"}) that may read and write."""

    @abc.abstractmethod
    def set_bucket_rules(self, name: str, *, versioning: str, cors: list[dict[str, Any]]) -> None:
        """versioning is NeverEnabled, Enabled or Suspended; cors are rules in the words of the API, the first that fits is used."""

    # -- load balancers ------------------------------------------------------------------------------------------
    @abc.abstractmethod
    def put_load_balancer(self, id: str, spec: dict[str, Any]) -> None:
        """spec: {"dns_name", "public_ip", "instance_port", "health_path", "health_interval_s", "sticky": bool,
        "cookie_seconds", "redirect_https": bool, "certificate": {"cert_pem", "key_pem"} or None,
        "targets": [{"id", "private_ip", "draining": bool}]}"""

    @abc.abstractmethod
    def delete_load_balancer(self, id: str) -> None: ...

    @abc.abstractmethod
    def load_balancer_health(self, id: str) -> dict[str, dict[str, str | None]]:
        """{instance id: {"state": initial|healthy|unhealthy, "reason": an InstanceHealthReason or None}}; must be quick."""

    # -- distributions -------------------------------------------------------------------------------------------
    @abc.abstractmethod
    def put_distribution(self, id: str, spec: dict[str, Any]) -> None:
        """spec: {"domain_name", "public_ip", "aliases": [...], "certificate": {"cert_pem", "key_pem"} or None,
        "enabled": bool, "origin": {"kind": "bucket|instance|load_balancer", "host": name, "region",
        "protocol": "http-only|https-only", "private": bool, "timeout_s"}, "default_behavior",
        "behaviors": [{"path", "behavior"}],
        "error_pages": [{"code", "answer", "path", "seconds"}], "settings": {"default_ttl", "minimum_ttl", "maximum_ttl", "methods",
        "cookies", "headers", "query_strings"}, "default_root_object", "minimum_tls"}. In settings, methods and cached_methods are
        such as "GET,HEAD", cookies and headers are {"option": none|allow-list|all|default, "names": [...]},
        query_strings is {"option": bool, "names": [...]}.

        Without a certificate of its own the distribution serves its domain_name with one from the CA."""

    @abc.abstractmethod
    def delete_distribution(self, id: str) -> None: ...

    @abc.abstractmethod
    def reset_cache(self, id: str) -> None: ...

    # -- names ---------------------------------------------------------------------------------------------------
    @abc.abstractmethod
    def put_dns(self, spec: dict[str, Any]) -> None:
        """The complete picture, replaces the earlier one. spec:

        {"zones": {"example.com": [{"name", "type", "target", "is_alias", "ttl"}]},   authoritative (Lightsail zones); names
                                                                             are fully qualified, no trailing dots; alias
                                                                             records come with the address as target
         "delegated": ["example.com"],      zones whose parent points at our name servers; others do not resolve
         "names": {"ls-x.y.region.rds.amazonaws.com": ip, ...},              names of the cloud itself
         "external": {"example.org": [records as in zones]}}                 zones that an owner runs elsewhere
        """

    @abc.abstractmethod
    def lookup(self, name: str, type: str) -> list[str]:
        """What a client of the resolver sees: targets without trailing dots; [] when there is nothing."""
