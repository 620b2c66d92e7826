# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make this working tree importable under its collection name, however pytest was started; and a local Lightsail.

The fixture `cloud` is a local Lightsail with data plane `none`, started once, empty for each test:

    def test_something(cloud):
        client = cloud.client("lightsail")                 # boto3
        subprocess.run(..., env=cloud.env)                 # a process that talks to this cloud
        assert cloud.mutating_calls() == []
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import botocore.session
import pytest

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = ("ansible_collections", "cloudpress", "lightsail")


def _link_collection() -> Path:
    """Return a directory that holds ansible_collections/cloudpress/lightsail.

    Under ansible-test the tree already lies in such a place. In a clone a link is made, as scripts/bootstrap does; two
    pytest workers may both try, so an existing link is no error.
    """
    if ROOT.parts[-3:] == COLLECTION:
        return ROOT.parents[2]
    base = ROOT / ".cache"
    link = base / "ansible_collections" / "cloudpress" / "lightsail"
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to(ROOT)
    except FileExistsError:
        pass
    return base


for _path in (str(ROOT), str(_link_collection())):
    if _path not in sys.path:
        sys.path.insert(0, _path)


@pytest.fixture(scope="session", autouse=True)
def models_are_read_once():
    """Each run of a module makes a session of its own, which would read the same megabytes of AWS's models anew: half the time of a test."""
    loader = botocore.session.create_loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", lambda *dummy: loader)
        yield


# Fast, never instant: what does not wait must fail.
TIME_SCALE = 0.001


class LocalCloud:
    """What a test sees of the cloud."""

    region = "eu-central-1"

    def __init__(self, daemon: Any) -> None:
        from lightsail_local.cli import environment_of

        self.daemon = daemon
        self.endpoint = daemon.endpoint
        self.aws_env = environment_of(daemon.description())
        self.access_key = self.aws_env["AWS_ACCESS_KEY_ID"]
        self.secret_key = self.aws_env["AWS_SECRET_ACCESS_KEY"]

    @property
    def env(self) -> dict[str, str]:
        """The environment of a process that talks to this cloud and to no other."""
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BOTO"))}
        return {**mine, **self.aws_env}

    def client(self, service: str = "lightsail", region: str | None = None, **options: Any) -> Any:
        import boto3
        from botocore.config import Config

        options.setdefault("config", Config(retries={"max_attempts": 0}, read_timeout=20))
        return boto3.client(
            service,
            region_name=region or ("us-east-1" if service == "route53domains" else self.region),
            endpoint_url=self.endpoint,
            aws_access_key_id=options.pop("aws_access_key_id", self.access_key),
            aws_secret_access_key=options.pop("aws_secret_access_key", self.secret_key),
            **options,
        )

    # -- what the command does -----------------------------------------------------------------------------------
    def admin(self, command: str, **arguments: Any) -> Any:
        status, document = self.daemon.admin.handle(command, arguments)
        assert status == 200, document
        return document

    def calls(self) -> list[dict[str, Any]]:
        """[{time, operation, region, mutating, outcome, parameters}], oldest first."""
        return self.daemon.calls.list()

    def mutating_calls(self) -> list[str]:
        return [call["operation"] for call in self.calls() if call["mutating"]]

    def forget_calls(self) -> None:
        self.daemon.calls.clear()

    def fault(self, operation: str, error: str, **options: Any) -> None:
        self.admin("fault", operation=operation, error=error, **options)

    def save(self) -> dict[str, Any]:
        """All that the cloud knows, once nothing runs any more: for restore()."""
        cloud = self.daemon.cloud
        self.wait_until(lambda: all(task["phase"] == "ran" for task in list(cloud.store.data["tasks"])))
        with cloud.lock:
            return copy.deepcopy(cloud.store.data)

    def restore(self, saved: dict[str, Any]) -> None:
        self.admin("reset")
        cloud = self.daemon.cloud
        with cloud.lock:
            cloud.store.data.update(copy.deepcopy(saved))

    def time_scale(self, scale: float) -> None:
        """For this test; the fixture sets it back."""
        self.daemon.clock.scale = scale

    @staticmethod
    def wait_until(condition: Any, timeout: float = 20.0) -> Any:
        """The first true value of condition()."""
        deadline = time.monotonic() + timeout
        while True:
            value = condition()
            if value:
                return value
            assert time.monotonic() < deadline, "timed out"
            time.sleep(0.01)


class OtherDaemon:
    """A daemon in a process of its own, with the means of the command: for a Python or an SDK that differs from the one under test."""

    def __init__(self, python: str, state: Path) -> None:
        command = [python, "-m", "lightsail_local", "up", "--state", str(state), "--data-plane", "none", "--port", "0"]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        subprocess.run([*command, "--time-scale", str(TIME_SCALE)], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        self.state = state
        self._description = json.loads((state / "cloud.json").read_text())
        self.endpoint = self._description["endpoint"]
        self.admin = self.calls = self.clock = self

    def description(self) -> dict[str, Any]:
        return self._description

    def handle(self, command: str, arguments: dict[str, Any]) -> tuple[int, Any]:
        address = f"{self.endpoint}/_local/{command}"
        request = urllib.request.Request(address, json.dumps(arguments).encode(), {"X-Lightsail-Local": "1"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)

    def list(self) -> Any:
        return self.handle("calls", {})[1]

    def clear(self) -> None:
        self.handle("forget_calls", {})

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "scale":
            self.handle("time-scale", {"scale": value})
        else:
            super().__setattr__(name, value)

    @property
    def cloud(self) -> Any:
        pytest.skip("looks into the local Lightsail, which is another process in this run")

    def start(self) -> None:
        pass

    def stop(self) -> None:
        self.handle("down", {})


@pytest.fixture(scope="session")
def _local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Any:
    state = tmp_path_factory.mktemp("lightsail-local")
    python = os.environ.get("LIGHTSAIL_LOCAL_PYTHON")
    if python:
        daemon: Any = OtherDaemon(python, state)
    else:
        # Late: the collection's own unit tests also run on Pythons that are too old for the local Lightsail.
        from lightsail_local.daemon import Daemon

        daemon = Daemon(state, port=0, data_plane="none", time_scale=TIME_SCALE)
    daemon.start()
    yield LocalCloud(daemon)
    daemon.stop()


@pytest.fixture
def cloud(_local_cloud: LocalCloud) -> Any:
    """An empty cloud."""
    _local_cloud.daemon.clock.scale = TIME_SCALE
    _local_cloud.admin("reset")
    _local_cloud.admin("clear_faults")
    yield _local_cloud
    _local_cloud.daemon.clock.scale = TIME_SCALE


def pytest_configure(config: pytest.Config) -> None:
    """ansible-test brings a configuration of its own, which knows no marker of ours and has no option to leave tests out."""
    if ROOT.parts[-3:] == COLLECTION:
        config.addinivalue_line("markers", "slow: takes minutes; only in make test-all")
        config.option.markexpr = config.option.markexpr or "not slow"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How much the generated tests ran: what they counted with record_property(what, number)."""
    counts: dict[str, int] = {}
    for reports in terminalreporter.stats.values():
        for report in (report for report in reports if getattr(report, "when", None) == "call"):
            for what, number in report.user_properties:
                counts[what] = counts.get(what, 0) + number
    for what, number in counts.items():
        terminalreporter.write_line(f"{what}: {number}")
