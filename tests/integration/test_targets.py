# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each integration target as a playbook of its own, on an empty local Lightsail without hosts: what ansible-test does, side by side."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
TARGETS = ROOT / "tests" / "integration" / "targets"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
# The longest first, so that no worker is left with it when the others are done.
NAMES = sorted(
    (path.parents[1].name for path in TARGETS.glob("*/tasks/main.yml") if not path.parents[1].name.startswith("setup_")),
    key=lambda name: -(TARGETS / name / "tasks" / "main.yml").stat().st_size,
)
# Fast, never instant: what does not wait must fail.
TIME_SCALE = "0.001"
# Seconds; the longest target takes 41 on a quiet machine of 2 cores. A module that waits for what never comes would wait for half an hour.
LIMIT = 400


def run(*command: str, **environment: str) -> str:
    try:
        done = subprocess.run(
            [BIN / command[0], *command[1:]],
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=LIMIT,
        )
    except subprocess.TimeoutExpired as late:
        raise AssertionError(f"not over after {LIMIT} s; so far:\n{(late.stdout or b'').decode()}") from None
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="session")
def connection(tmp_path_factory, worker_id):
    """A file with the variable lightsail_connection, which leads to this worker's own cloud."""
    state = tmp_path_factory.mktemp("cloud")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTSAIL_LOCAL_STATE", str(state))
        patch.setenv("PATH", f"{BIN}:{os.environ['PATH']}")
        for name in [name for name in os.environ if name.startswith(("AWS_", "ANSIBLE_"))]:
            patch.delenv(name)
        run("lightsail-local", "up", "--data-plane", "none", "--port", "0", "--time-scale", TIME_SCALE)
        try:
            done = subprocess.run([ROOT / "scripts" / "integration-config"], stdout=subprocess.PIPE, check=True)
            (state / "connection.yml").write_bytes(done.stdout)
            yield state / "connection.yml"
        finally:
            run("lightsail-local", "down")


def test_every_module_has_a_target_or_works_on_hosts_in_a_role_that_molecule_runs():
    roles = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "roles").rglob("*.yml"))
    on_hosts = {name for name in MODULES if name.startswith(("wordpress_", "syncthing")) and f"cloudpress.lightsail.{name}:" in roles}
    assert set(MODULES) - on_hosts == set(NAMES) - {"inventory", "community_aws", "input_kinds", "wordpress_php"}


@pytest.mark.parametrize("target", NAMES)
def test_target(connection, tmp_path, target):
    run("lightsail-local", "reset")
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "roles": [target]}
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(json.dumps([play]), encoding="utf-8")
    run(
        "ansible-playbook",
        "--inventory=localhost,",
        f"--extra-vars=@{connection}",
        f"--extra-vars=ansible_python_interpreter={sys.executable}",
        str(playbook),
        ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".cache"),
        ANSIBLE_ROLES_PATH=str(TARGETS),
        ANSIBLE_PIPELINING="1",
        ANSIBLE_NOCOLOR="1",
    )
    left = json.loads(run("lightsail-local", "status", "--json"))["resources"]
    assert not left, "the target did not remove what it made"
