# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wordpress_offload refuses settings that do not fit together before it looks at the host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
WRONG = {
    "'Example', which cannot be the name of a Lightsail bucket.": {"bucket": "Example"},
    "'europe', which is not the name of a region.": {"region": "europe"},
    "'uploads'; it must be one or more folder names": {"prefix": "uploads"},
    "it must be a host name only, without https://.": {"delivery_domain": "https://media.example.com"},
    "Give the plugin in one way": {"plugin_version": "3.2.11"},
    "'latest', which is not a version like 3.2.11.": {"plugin_version": "latest", "plugin_zip": ""},
    "must be the SHA-256 of the plugin's zip": {"plugin_sha256": "abc"},
    "belong together; one of them is empty.": {"access_key_id": "AKIAIOSFODNN7EXAMPLE"},
}
PLAY = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    said: []
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - name: Return the name of a bucket, because what a module returned is another kind of text to Ansible
      ansible.builtin.command: echo example-media
      register: returned
    - name: Try each
      ansible.builtin.include_tasks: try.yml
      loop: "{{ cases }}"
    - name: Keep what was said
      ansible.builtin.copy:
        content: "{{ said | to_json }}"
        dest: said.json
        mode: "0600"
"""
TRY = """
- block:
    - ansible.builtin.include_role:
        name: cloudpress.lightsail.wordpress_offload
        tasks_from: preflight
      vars:
        wordpress_offload_bucket: "{{ item.bucket | default(returned.stdout) }}"
        wordpress_offload_region: "{{ item.region | default('eu-central-1') }}"
        wordpress_offload_prefix: "{{ item.prefix | default('wp-content/uploads/') }}"
        wordpress_offload_delivery_domain: "{{ item.delivery_domain | default('') }}"
        wordpress_offload_plugin_zip: "{{ item.plugin_zip | default('plugin.zip') }}"
        wordpress_offload_plugin_version: "{{ item.plugin_version | default('') }}"
        wordpress_offload_plugin_sha256: "{{ item.plugin_sha256 | default('0' * 64) }}"
        wordpress_offload_access_key_id: "{{ item.access_key_id | default('') }}"
    - ansible.builtin.set_fact:
        said: "{{ said + [''] }}"
  rescue:
    - ansible.builtin.set_fact:
        said: "{{ said + [ansible_failed_result.msg] }}"
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """The message for each of WRONG, of one run of the role's first tasks."""
    directory = tmp_path_factory.mktemp("offload")
    (directory / "play.yml").write_text(PLAY, encoding="utf-8")
    (directory / "try.yml").write_text(TRY, encoding="utf-8")
    # Where the collection is: below ansible-test's ansible_collections, or in a clone.
    collections = ROOT.parents[2] if ROOT.parents[1].name == "ansible_collections" else ROOT / ".cache"
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", "localhost,", "-e", json.dumps({"cases": [{}, *WRONG.values()]}), "play.yml"],
        cwd=directory,
        env=os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(collections)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    right, *wrong = json.loads((directory / "said.json").read_text(encoding="utf-8"))
    assert right == ""
    return dict(zip(WRONG, wrong))


@pytest.mark.parametrize("words", WRONG)
def test_what_does_not_fit_is_refused_in_one_sentence(said, words):
    assert words in said[words]
