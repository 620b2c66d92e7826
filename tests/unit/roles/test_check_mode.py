# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a playbook in check mode leaves on the machine that runs it: nothing. No key, no known_hosts, no lock, no directory, no report."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
# Stands in for ssh, since there are no hosts: it notes how it was called, and reaches nobody.
SSH = """#!/bin/sh
for argument in "$@"; do printf '%s\\n' "$argument"; done >> "$SSH_LOG"
exit 255
"""

# ansible-test and the versions of the collection's own tests have no playbooks of a clone at hand.
pytestmark = pytest.mark.skipif("LIGHTSAIL_LOCAL_PYTHON" in os.environ, reason="the playbooks need the local Lightsail of this process")


class Controller:
    """The machine of the operator: a home, and elsewhere what Ansible keeps for itself."""

    def __init__(self, path, cloud):
        self.path, self.cloud = path / "machine", cloud
        (self.path / "home").mkdir(parents=True)
        self.elsewhere = path / "ansible"
        self.elsewhere.mkdir()
        (self.elsewhere / "ssh").write_text(SSH)
        (self.elsewhere / "ssh").chmod(0o755)

    def contents(self):
        """What lies there: path -> kind, mode, content; of folders the time of the last change too, which a file that came and went leaves behind."""
        found = {}
        for path in sorted(self.path.rglob("*")):
            state = path.lstat()
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else state.st_mtime_ns
            found[str(path.relative_to(self.path))] = (oct(state.st_mode), content)
        return found

    def run(self, playbook, *arguments):
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
        environment = {
            **ours,
            "HOME": str(self.path / "home"),
            "ANSIBLE_HOME": str(self.elsewhere),
            # Ansible's own sockets are below the home otherwise, whatever its home is.
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.elsewhere / "cp"),
            "ANSIBLE_SSH_EXECUTABLE": str(self.elsewhere / "ssh"),
            "ANSIBLE_NOCOLOR": "1",
            "SSH_LOG": str(self.elsewhere / "ssh.log"),
            "LIGHTSAIL_LOCAL_STATE": str(self.cloud.daemon.state_dir),
        }
        # Nobody answers at that port, so that no name is asked of the machine's own resolver.
        site = ["-e", f"site_state_directory={self.path}/home/.cloudpress/rehearsal", "-e", "site_resolver=127.0.0.1:9"]
        command = [BIN / "ansible-playbook", f"playbooks/{playbook}.yml", *site, *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)

    def ssh(self):
        """The arguments of ssh, of all calls."""
        log = self.elsewhere / "ssh.log"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def controller(cloud, tmp_path):
    return Controller(tmp_path, cloud)


def test_site_in_check_mode_writes_nothing_on_a_fresh_controller(controller, cloud):
    before = controller.contents()
    cloud.forget_calls()
    done = controller.run("site", "--check")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert "together: USD" in done.stdout and cloud.mutating_calls() == []
    assert controller.contents() == before


def test_site_in_check_mode_writes_nothing_where_there_are_nodes_and_knows_them_by_their_witnessed_keys(controller, cloud):
    client = cloud.client()
    ours = [{"key": "cloudpress:site", "value": "rehearsal"}]
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHaSw601QLuAPAILOu5mzYiHEjI06gxucUPArdc/9DHt"
    client.import_key_pair(keyPairName="rehearsal-key", publicKeyBase64=key)
    client.tag_resource(resourceName="rehearsal-key", tags=ours)
    client.create_instances(
        instanceNames=["rehearsal-web-1"], availabilityZone="eu-central-1a", blueprintId="wordpress_ls_1_0", bundleId="small_3_0",
        keyPairName="rehearsal-key", tags=ours
    )
    details = cloud.wait_until(lambda: client.get_instance(instanceName="rehearsal-web-1")["instance"]["state"]["name"] == "running") and (
        lambda: client.get_instance_access_details(instanceName="rehearsal-web-1")["accessDetails"]
    )
    witnessed = [(item["algorithm"], item["publicKey"]) for item in cloud.wait_until(lambda: details().get("hostKeys"))]
    before = controller.contents()
    done = controller.run("site", "--check")
    assert controller.contents() == before
    assert "Pin the host keys" in done.stdout, done.stdout[-3000:]
    assert "rehearsal-web-1" in done.stdout
    arguments = controller.ssh()
    assert "StrictHostKeyChecking=yes" in arguments, done.stdout[-3000:]
    (known,) = {argument for argument in arguments if argument.startswith("KnownHostsCommand=")}
    for algorithm, public in witnessed:
        assert f"rehearsal-web-1 {algorithm} {public}" in known
    # What ssh runs prints a line for each key.
    words = subprocess.run(["sh", "-c", known.removeprefix("KnownHostsCommand=").replace("%%", "%")], capture_output=True, text=True, check=True)
    assert sorted(words.stdout.splitlines()) == sorted(f"rehearsal-web-1 {algorithm} {public}" for algorithm, public in witnessed)


@pytest.mark.parametrize("playbook", ["verify", "update", "scale", "teardown"])
def test_the_other_playbooks_in_check_mode_write_nothing_either(controller, playbook):
    before = controller.contents()
    done = controller.run(playbook, "--check", "-e", "site_teardown_confirm=rehearsal")
    assert "PLAY RECAP" in done.stdout
    assert controller.contents() == before


def test_a_report_in_check_mode_is_not_written(controller, tmp_path):
    """The role itself, by an author of playbooks of their own; nobody answers, which the report would say."""
    play = tmp_path / "play.yml"
    play.write_text(
        "- hosts: localhost\n  gather_facts: false\n  roles:\n    - role: cloudpress.lightsail.site_verify\n"
        f"      site_verify_url: https://127.0.0.1:9\n      site_verify_directory: {controller.path}/home\n"
    )
    before = controller.contents()
    done = controller.run(f"../{os.path.relpath(play.with_suffix(''), ROOT)}", "--check")
    assert "The site fails these checks" in done.stdout
    assert controller.contents() == before
