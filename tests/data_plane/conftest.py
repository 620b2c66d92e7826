# SPDX-License-Identifier: GPL-3.0-or-later
"""One cloud of real hosts for all tests of this directory, driven without the API. Needs root and podman, and says so."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest

from lightsail_local import images
from lightsail_local.certificates import CertificateAuthority
from lightsail_local.data_plane.hosts import HostsDataPlane

# Beyond what lightsail_local.networks gives out (0 to 249). A few, so that several runs on one machine do not meet.
INDICES = range(250, 256)
TOOLS = ("podman", "runc", "conmon", "mmdebstrap", "iptables-restore", "ip", "nsenter", "ssh-keygen", "ssh", "curl")


@pytest.fixture(scope="session")
def capable() -> None:
    if os.geteuid():
        if os.environ.get("CI"):
            pytest.fail("the data plane's tests need root, and CI has it: something is wrong with this run", pytrace=False)
        pytest.skip("needs root (network namespaces, containers)")
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        pytest.fail(f"not installed: {', '.join(missing)}; run scripts/bootstrap or make once", pytrace=False)
    images.ensure(lambda line: print(line, flush=True), images.IMAGES)


def make_plane(directory: Path, index: int) -> HostsDataPlane:
    return HostsDataPlane(directory, index, CertificateAuthority(directory / "ca"))


@pytest.fixture(scope="session")
def make_cloud(capable: None):
    """make_cloud() gives an empty cloud. Each place is locked while a run has it, and what a killed run left there is removed."""
    planes, locks = [], []

    def make() -> HostsDataPlane:
        for index in INDICES:
            directory = Path(f"/var/tmp/lightsail-local-tests-{index}")
            directory.mkdir(exist_ok=True)
            lock = open(directory / "lock", "w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            locks.append(lock)
            plane = make_plane(directory, index)
            plane.remove()
            planes.append(plane)
            return plane
        raise AssertionError(f"all of {INDICES} are in use by other test runs")

    yield make
    for plane in planes:
        plane.remove()
    for lock in locks:
        lock.close()


@pytest.fixture(scope="session")
def plane(make_cloud):
    plane = make_cloud()
    plane.start()
    return plane


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


@pytest.fixture(scope="session")
def user_ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "user-ca"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


class Host:
    """An instance as a test sees it: by SSH, as the login of its layout."""

    def __init__(self, plane: HostsDataPlane, id: str, key: Path, public_ip: str | None, private_ip: str) -> None:
        self.plane, self.id, self.key, self.public_ip, self.private_ip = plane, id, key, public_ip, private_ip
        self.lightsail = plane.instances.image(id) == "lightsail"
        self.login = "admin" if self.lightsail else "bitnami"
        self.wordpress = "/var/www/html" if self.lightsail else "/opt/bitnami/wordpress"
        self.config = "/var/www/wp-config.php" if self.lightsail else "/bitnami/wordpress/wp-config.php"
        self.as_web = "sudo -u www-data php" if self.lightsail else "sudo -u daemon /opt/bitnami/php/bin/php"

    def ssh(self, command: str, *, check: bool = True, options: tuple[str, ...] = (), address: str | None = None) -> str:
        done = subprocess.run(
            [
                *("ssh", "-i", str(self.key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"),
                *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-F", "/dev/null"),
                *options,
                f"{self.login}@{address or self.public_ip or self.private_ip}",
                command,
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{command!r} on {self.id} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def php(self, code: str) -> str:
        """PHP inside WordPress, as the web user."""
        script = "<?php $_SERVER['HTTP_HOST']='127.0.0.1'; require '" + self.wordpress + "/wp-load.php'; " + code
        done = subprocess.run(
            [
                *("ssh", "-i", str(self.key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-F", "/dev/null"),
                *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"),
                f"{self.login}@{self.public_ip or self.private_ip}",
                self.as_web,
            ],
            input=script,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def make_host(plane: HostsDataPlane, key: Path, user_ca: Path):
    """make_host(source=...) boots an instance and returns a Host. One of Bitnami's, unless told otherwise: it serves on port 80."""

    def make(source: dict[str, str] | None = None, *, id: str | None = None, public: bool = True, user_data: str = "", **wishes: Any) -> Host:
        id = id or f"i-{uuid.uuid4().hex[:8]}"
        public_ip = plane.allocate_address() if public else None
        made = plane.create_instance(
            id,
            name=id,
            public_ip=public_ip,
            source=source or {"image": "bitnami"},
            user_data=user_data,
            authorized_keys=[key.with_suffix(".pub").read_text()],
            user_ca=user_ca.with_suffix(".pub").read_text(),
            **wishes,
        )
        return Host(plane, id, key, public_ip, made["private_ip"])

    return make


@pytest.fixture(scope="session")
def web(make_host) -> Host:
    """A host of Bitnami's that tests may look at but must leave as it is."""
    return make_host()


@pytest.fixture(scope="session")
def node(make_host) -> Host:
    """Likewise one of Lightsail's own, in another zone, with WordPress installed."""
    host = make_host({"image": "lightsail"}, zone="eu-central-1b", first_boot_seconds=0, user_data="#!/bin/bash\nreadlink /proc/$$/exe > /root/shell\n")
    host.ssh("cloud-init status --wait")
    return host
