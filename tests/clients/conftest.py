# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients that know nothing of the local Lightsail, with what `lightsail-local env` exports and nothing else.

Each is installed once, at a pinned version, into a directory of its own below .cache: their botocore is not ours.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
COMMAND = Path(sys.executable).parent / "lightsail-local"
# Fast, never instant: what does not wait must fail.
TIME_SCALE = "0.001"
# A certificate may stay pending: nobody proves that a name of an example is theirs.
CHANGING = set("pending creating backing-up modifying rebooting starting stopping deleting shutting-down provisioning InProgress detaching".split())


def run(argv: list[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
    """A failure shows all that was said."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=600, **options)
    assert done.returncode == 0, f"{' '.join(map(str, argv))} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


class Cloud:
    def __init__(self, state: Path) -> None:
        self.state = state
        shell = 'eval "$(lightsail-local env)"; exec env -0'
        plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and not name.lower().endswith("_proxy")}
        plain |= {"LIGHTSAIL_LOCAL_STATE": str(state), "PATH": f"{COMMAND.parent}:{os.environ['PATH']}", "HOME": str(state)}
        said = run(["bash", "-c", shell], env=plain).stdout
        self.env = dict(item.split("=", 1) for item in said.split("\0") if item)

    def command(self, *arguments: str) -> str:
        return run([COMMAND, *arguments, "--state", self.state]).stdout

    def calls(self) -> list[dict[str, Any]]:
        return json.loads(self.command("calls", "--json"))

    def client(self, region: str) -> Any:
        """boto3, to prepare what a client is to find."""
        keys = {key.lower(): self.env[key] for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        return boto3.client("lightsail", region_name=region, endpoint_url=self.env["AWS_ENDPOINT_URL_LIGHTSAIL"], **keys)

    def settle(self, client: Any) -> None:
        """Until no operation of the Region is under way any more, and each resource is what it will stay."""
        deadline = time.monotonic() + 60
        while not all(item["isTerminal"] for item in client.get_operations()["operations"]) or self._changing():
            assert time.monotonic() < deadline, "something is still under way"

    def _changing(self) -> bool:
        states = {str(item["state"]) for item in json.loads(self.command("status", "--json"))["resources"]}
        return bool(states & CHANGING)


@pytest.fixture(scope="session")
def _cloud(tmp_path_factory: pytest.TempPathFactory) -> Any:
    state = tmp_path_factory.mktemp("cloud")
    run([COMMAND, "up", "--state", state, "--data-plane", "none", "--port", "0", "--time-scale", TIME_SCALE])
    yield Cloud(state)
    run([COMMAND, "down", "--state", state])


@pytest.fixture
def cloud(_cloud: Cloud) -> Cloud:
    """An empty one."""
    _cloud.command("reset")
    return _cloud


def installed(name: str, key: bytes, install: Callable[[Path], None]) -> Path:
    """A directory with a client in it, created again when its requirements change."""
    home = ROOT / ".cache" / f"client-{name}-{hashlib.sha256(key + sys.version.encode()).hexdigest()[:16]}"
    if not (home / "complete").exists():
        for old in home.parent.glob(f"client-{name}-*"):
            shutil.rmtree(old, ignore_errors=True)
        home.mkdir(parents=True)
        install(home)
        (home / "complete").touch()
    return home


def _python_client(name: str) -> Path:
    pins = HERE / f"{name}.txt"

    def install(home: Path) -> None:
        run([sys.executable, "-m", "venv", home])
        run([home / "bin" / "python", "-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check", "-r", pins])

    return installed(name, pins.read_bytes(), install) / "bin"


@pytest.fixture(scope="session")
def awscli() -> Path:
    return _python_client("awscli")


@pytest.fixture(scope="session")
def custodian() -> Path:
    return _python_client("c7n") / "custodian"


@pytest.fixture(scope="session")
def javascript() -> Path:
    sources = [HERE / "javascript" / name for name in ("package.json", "package-lock.json")]

    def install(home: Path) -> None:
        for source in sources:
            shutil.copy(source, home)
        run(["npm", "ci", "--no-audit", "--no-fund"], cwd=home)

    return installed("javascript", b"".join(source.read_bytes() for source in sources), install)
