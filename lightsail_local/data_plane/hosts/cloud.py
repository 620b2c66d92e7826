# SPDX-License-Identifier: GPL-3.0-or-later
"""What all parts of one cloud share: its tag, its records, its network, its images, and how a container of it is run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from ... import images
from ..base import DataPlaneError
from . import podman
from .network import RESOLVER, Network
from .records import Records, write

if TYPE_CHECKING:
    from ...certificates import CertificateAuthority

LABEL = "lightsail-local"


class Cloud:
    def __init__(self, state_dir: Path, index: int, ca: CertificateAuthority) -> None:
        self.state_dir = Path(state_dir).resolve()
        # The state directory is what makes a cloud; its hash in every name lets clouds run side by side.
        self.tag = hashlib.sha256(str(self.state_dir).encode()).hexdigest()[:8]
        self.directory = self.state_dir / "hosts"
        # Certificates' keys, passwords in user data: nobody else's business.
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        self.records = Records(self.directory)
        self.network = Network(self.tag, index, self.records)
        self.ca = ca

    def image(self, name: str) -> str:
        image = images.tag(name)
        if not podman.image_exists(image):
            images.ensure(names=[name])
        return image

    def container(self, name: str) -> str:
        return f"lsl-{self.tag}-{name}"

    def snapshot_image(self, kind: str, id: str) -> str:
        return f"localhost/lightsail-local-{self.tag}/{kind}:{id}"

    @property
    def resolv_conf(self) -> Path:
        path = self.directory / "resolv.conf"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, f"nameserver {self.network.service(RESOLVER)}\noptions timeout:2 attempts:2\n")
        return path

    def run(self, name: str, image: str, command: list[str], *, hostname: str, options: list[str] = (), systemd: bool = False) -> None:
        """Make and start a container in the namespace of the same name."""
        podman.run(
            "run",
            "--detach",
            "--name",
            self.container(name),
            "--label",
            f"{LABEL}={self.tag}",
            "--network",
            f"ns:{self.network.path(name)}",
            "--hostname",
            hostname,
            "--no-hosts",
            f"--systemd={'always' if systemd else 'false'}",
            "--restart=no",
            "--pull=never",
            "--volume",
            f"{self.resolv_conf}:/etc/resolv.conf:ro",
            *options,
            image,
            *command,
        )

    def containers(self) -> list[str]:
        text = podman.run("ps", "--all", "--filter", f"label={LABEL}={self.tag}", "--format", "{{.Names}}")
        return text.split()

    def snapshots(self) -> list[str]:
        text = podman.run("image", "ls", "--format", "json", "--filter", f"reference=localhost/lightsail-local-{self.tag}/*")
        return sorted({name for image in json.loads(text or "[]") for name in image.get("Names") or []})

    def start_container(self, name: str) -> None:
        podman.run("start", self.container(name))

    def stop_container(self, name: str, seconds: int = 30) -> None:
        podman.run("stop", "--ignore", "--time", str(seconds), self.container(name))

    def remove_container(self, name: str) -> None:
        podman.remove(self.container(name))

    def pid(self, name: str) -> int:
        return podman.process(self.container(name))

    def commit(self, name: str, kind: str, snapshot: str) -> None:
        """A copy of the disk as it is at one moment: the host is frozen meanwhile, as a volume snapshot is one moment too."""
        podman.run("commit", "--quiet", "--pause", self.container(name), self.snapshot_image(kind, snapshot), timeout=1800)

    def remove_snapshot(self, kind: str, snapshot: str) -> None:
        # Instances made from it keep the layers they need; podman only forgets the name then.
        image = self.snapshot_image(kind, snapshot)
        if podman.image_exists(image):
            podman.run("untag", image)
            podman.run("image", "prune", "--force", "--filter", f"label={LABEL}={self.tag}", check=False)

    def image_label(self, image: str) -> str:
        """Which recipe an image comes from; a snapshot's image has the label of the host's that it was taken of."""
        return podman.run("image", "inspect", "--format", '{{index .Labels "lightsail-local-image"}}', image).strip()

    def missing(self, kind: str, id: str) -> DataPlaneError:
        return DataPlaneError(f"there is no {kind} {id} on this local cloud")
