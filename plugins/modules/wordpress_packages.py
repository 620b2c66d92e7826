#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wordpress_packages
short_description: Put other versions of WordPress's core, plugins and themes in place, and take them back
version_added: 0.1.0
description:
  - Puts the content of zip files in the place of what is installed. What was there is moved aside, and every move is written down before it is
    made, so that it can be taken back after a crash too.
  - What a zip holds is seen from it. Only what is there is updated, and a package whose files are in place already changes nothing.
  - In check mode, and before anything is changed, it refuses what does not fit.
author: The cloudpress.lightsail authors (@cloudpress)
options:
  state:
    description:
      - V(present) puts the packages in place. V(restored) takes everything back. V(forgotten) removes what was moved aside.
    type: str
    choices: [present, restored, forgotten]
    default: present
  directory:
    description: Directory in which the module works, for root alone to write.
    type: path
    required: true
  packages:
    description: The packages. One that was given wins over one that is offered.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What the package is called in messages.
        type: str
        required: true
      path:
        description: The zip on this host.
        type: path
        required: true
      sha256:
        description: SHA-256 of the zip.
        type: str
        default: ""
      offered:
        description: Whether WordPress offers it, so that nobody asked for it by name.
        type: bool
        default: false
  root:
    description: WordPress's directory.
    type: path
  content_path:
    description: WordPress's directory of content.
    type: path
  version:
    description: WordPress's version.
    type: str
    default: ""
  php_version:
    description: PHP's version. Packages that need a newer one are refused.
    type: str
    default: ""
  active_plugins:
    description: The active plugins as WordPress knows them, each by folder and file.
    type: list
    elements: str
    default: []
  owner:
    description: Owner of the files.
    type: str
  group:
    description: Group of the files.
    type: str
  directory_mode:
    description: Mode of the directories, in octal.
    type: str
    default: "0755"
  file_mode:
    description: Mode of the files, in octal.
    type: str
    default: "0644"
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Returns details on what has changed, or possibly needs changing in check mode, when in diff mode.
    support: none
"""

EXAMPLES = r"""
- name: Put the packages in place
  cloudpress.lightsail.wordpress_packages:
    directory: "{{ wordpress_facts.state_dir }}/update"
    packages:
      - name: woocommerce.9.4.zip
        path: /var/tmp/woocommerce.9.4.zip
        sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    root: "{{ wordpress_facts.root }}"
    content_path: "{{ wordpress_facts.content_path }}"
    version: "{{ wordpress_facts.version }}"
    php_version: "{{ wordpress_facts.php_version }}"
    owner: "{{ wordpress_facts.tree.owner }}"
    group: "{{ wordpress_facts.tree.group }}"
  become: true
"""

RETURN = r"""
changes:
  description: What is updated, or would be in check mode.
  returned: with O(state=present)
  type: list
  elements: dict
  sample: [{kind: plugin, name: woocommerce, from: "9.3", to: "9.4"}]
interrupted:
  description: Whether an update before this run was not ended.
  returned: success
  type: bool
"""

import json
import os
import subprocess

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _packages
from ansible_collections.cloudpress.lightsail.plugins.module_utils._packages import PackageError


def check_php(package, php_version):
    if package.needs_php and php_version and _packages.numbers(php_version) < _packages.numbers(package.needs_php):
        raise PackageError(f"{package.named} needs PHP {package.needs_php}, and this host has {php_version}.")


def check_active(package, active_plugins):
    for active in active_plugins if package.kind == "plugin" else []:
        folder, _slash, file = active.partition("/")
        if folder == package.slug and file not in package.files:
            raise PackageError(f"{package.named} has no file {file}, which the active plugin {folder} is started by; WordPress would switch it off.")


def plan(wanted):
    """Return what is to be put in place: pairs of package and the version that is there."""
    installed = _packages.Installed(wanted["root"], wanted["content_path"], wanted["version"])
    found, named = [], {}
    for given in sorted(wanted["packages"], key=lambda package: package["offered"]):
        package = _packages.Package(given["name"], given["path"], given["sha256"])
        key = f"{package.kind} {package.slug}"
        before = installed.version(package)
        if before is None:
            raise PackageError(f"{package.named} is the {key}, which is not installed on this host; only what is there is updated.")
        if key in named:
            if given["offered"]:
                continue
            raise PackageError(f"{package.named} and {named[key]} are both packages of the {key}.")
        named[key] = package.named
        check_php(package, wanted["php_version"])
        check_active(package, wanted["active_plugins"])
        if not installed.same(package):
            found.append((package, before))
    return installed, found


def told(found):
    return [
        {"kind": package.kind, "name": "wordpress" if package.kind == "core" else package.slug, "from": before, "to": package.version}
        for package, before in found
    ]


class Work:
    """The directory in which what was moved is written down."""

    def __init__(self, directory):
        self.directory = directory
        self.path = os.path.join(directory, "journal.json")

    def moves(self):
        try:
            with open(self.path, encoding="utf-8") as stream:
                return json.load(stream)
        except FileNotFoundError:
            return []

    def _write(self, moves):
        with open(f"{self.path}.new", "w", encoding="utf-8") as stream:
            json.dump(moves, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(f"{self.path}.new", self.path)

    def move(self, source, target):
        self._write([*self.moves(), [source, target]])
        os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
        _move(source, target)

    def apply(self, wanted, installed, found):
        new, old = os.path.join(self.directory, "new"), os.path.join(self.directory, "old")
        for left in (new, old):
            _packages.remove(left)
        os.makedirs(new, mode=0o755)
        pairs = []
        for package, _before in found:
            staged = os.path.join(new, package.kind)
            package.archive.extractall(staged)
            place = installed.place(package)
            pairs += [(os.path.join(staged, package.slug, item).rstrip("/"), os.path.join(place, item).rstrip("/")) for item in package.items()]
        if wanted["owner"] and wanted["group"]:
            _packages.own(new, wanted["owner"], wanted["group"], wanted["directory_mode"], wanted["file_mode"])
        for source, target in pairs:
            if os.path.lexists(target):
                self.move(target, old + target)
            self.move(source, target)

    def restore(self):
        for before, after in reversed(self.moves()):
            # the last move of a crash may not have been made, or the one of a crash of this
            if os.path.lexists(after) and not os.path.lexists(before):
                _move(after, before)

    def forget(self):
        _packages.remove(self.directory)


def _move(source, target):
    # unlike shutil.move, mv keeps owners when it has to copy to another file system
    done = subprocess.run(["mv", "-T", source, target], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise PackageError(f"{source} could not be moved to {target}: {done.stdout.decode('utf-8', 'replace').strip()[:300]}.")


def run(wanted, check_mode):
    work = Work(wanted["directory"])
    interrupted = bool(work.moves())
    if wanted["state"] == "present":
        installed, found = plan(wanted)
        if found and not check_mode:
            work.apply(wanted, installed, found)
        return {"changed": bool(found), "changes": told(found), "interrupted": interrupted}
    changed = interrupted if wanted["state"] == "restored" else os.path.isdir(work.directory)
    if not check_mode:
        if wanted["state"] == "restored":
            work.restore()
        work.forget()
    return {"changed": changed, "interrupted": interrupted}


def main():
    package = {
        "name": {"type": "str", "required": True},
        "path": {"type": "path", "required": True},
        "sha256": {"type": "str", "default": ""},
        "offered": {"type": "bool", "default": False},
    }
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "restored", "forgotten"], "default": "present"},
            "directory": {"type": "path", "required": True},
            "packages": {"type": "list", "elements": "dict", "default": [], "options": package},
            "root": {"type": "path"},
            "content_path": {"type": "path"},
            "version": {"type": "str", "default": ""},
            "php_version": {"type": "str", "default": ""},
            "active_plugins": {"type": "list", "elements": "str", "default": []},
            "owner": {"type": "str"},
            "group": {"type": "str"},
            "directory_mode": {"type": "str", "default": "0755"},
            "file_mode": {"type": "str", "default": "0644"},
        },
        required_if=[("state", "present", ("root", "content_path"))],
        required_together=[("owner", "group")],
        supports_check_mode=True,
    )
    os.umask(0o022)
    try:
        module.exit_json(**run(module.params, module.check_mode))
    except (PackageError, OSError, KeyError) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
