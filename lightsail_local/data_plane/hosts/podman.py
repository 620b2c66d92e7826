# SPDX-License-Identifier: GPL-3.0-or-later
"""A thin runner for podman: settings of our own, and errors as sentences.

The settings are the ones that work on most machines (measured): runc instead of crun, because crun fails on hybrid cgroups;
small default limits, because a machine without CAP_SYS_RESOURCE cannot raise them. podman's networks are not used at all:
the addresses are set up in network.py, so nothing of the machine's own podman configuration matters, nor is it changed.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from ..base import DataPlaneError

SETTINGS = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
log_driver = "k8s-file"
log_size_max = 1048576
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
[network]
network_backend = "netavark"
"""


@functools.lru_cache(maxsize=1)
def _settings_file() -> str:
    # Root only, so that nobody else can lay a file there first.
    directory = Path(tempfile.gettempdir() if os.getuid() else "/run") / "lightsail-local"
    directory.mkdir(mode=0o700, exist_ok=True)
    path = directory / "containers.conf"
    if not path.exists() or path.read_text(encoding="ascii") != SETTINGS:
        new = path.with_name(f"{path.name}.{os.getpid()}")
        new.write_text(SETTINGS, encoding="ascii")
        os.replace(new, path)
    return str(path)


def environment() -> dict[str, str]:
    return {**os.environ, "CONTAINERS_CONF": _settings_file(), "LC_ALL": "C.UTF-8"}


def run(*arguments: str, check: bool = True, input: str | None = None, timeout: float = 600) -> str:
    """Run podman, return what it printed. A failure is a DataPlaneError that carries podman's last line."""
    try:
        done = subprocess.run(
            ["podman", *arguments],
            env=environment(),
            input=input,
            # podman must not read the daemon's standard input.
            stdin=None if input is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError:
        raise DataPlaneError("podman is not installed: apt-get install podman runc") from None
    except subprocess.TimeoutExpired:
        raise DataPlaneError(f"podman {arguments[0]} did not end within {timeout:.0f} s") from None
    if check and done.returncode:
        lines = [line for line in done.stderr.strip().splitlines() if "level=warning" not in line] or ["no message"]
        raise DataPlaneError(f"podman {arguments[0]} failed: {lines[-1]}")
    return done.stdout


def image_exists(image: str) -> bool:
    try:
        return bool(run("image", "ls", "--quiet", "--filter", f"reference={image}").strip())
    except DataPlaneError as error:
        raise DataPlaneError(str(error)) from None


def inspect(container: str) -> dict[str, Any] | None:
    """What podman knows of a container, or None if there is no such."""
    text = run("container", "inspect", container, check=False)
    found = json.loads(text) if text.strip() else []
    return found[0] if found else None


def process(container: str) -> int:
    """The container's first process on the machine; 0 when it does not run."""
    text = run("container", "inspect", "--format", "{{.State.Pid}}", container, check=False).strip()
    pid = int(text) if text.isdigit() else 0
    return pid if pid and Path(f"/proc/{pid}").exists() else 0


def remove(container: str) -> None:
    """At once, without asking its processes; no error when it is not there."""
    run("rm", "--force", "--ignore", "--time", "0", container)
