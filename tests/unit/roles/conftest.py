# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first tasks of a role, run with many settings in one playbook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def attempts(tmp_path_factory):
    """attempts("wordpress_offload", "preflight", [{variable: value}]): what the role said to each; `result` (a template) where it did not fail."""

    def run(role, tasks_from, cases, result="", before=(), environment=None):
        directory = tmp_path_factory.mktemp(role)
        tasks = [
            {
                "block": [
                    {"ansible.builtin.include_role": {"name": f"cloudpress.lightsail.{role}", "tasks_from": tasks_from, "public": True}, "vars": case},
                    {"ansible.builtin.set_fact": {"said": "{{ said + [result] }}"}, "vars": {**case, "result": result}},
                ],
                "rescue": [{"ansible.builtin.set_fact": {"said": "{{ said + [ansible_failed_result.msg] }}"}}],
            }
            for case in cases
        ]
        keep = {"ansible.builtin.copy": {"content": "{{ said | to_json }}", "dest": "said.json", "mode": "0600"}}
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {"said": [], "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
            "tasks": [*before, *tasks, keep],
        }
        (directory / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
        # Where the collection is: below ansible-test's ansible_collections, or in a clone.
        collections = ROOT.parents[2] if ROOT.parents[1].name == "ansible_collections" else ROOT / ".cache"
        done = subprocess.run(
            [Path(sys.executable).parent / "ansible-playbook", "-i", "localhost,", "play.yml"],
            cwd=directory,
            env=os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(collections)} | (environment or {}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads((directory / "said.json").read_text(encoding="utf-8"))

    return run
