#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wordpress_plugin
short_description: Install a plugin of WordPress from a zip on the host
version_added: 0.1.0
description:
  - Puts the plugin in a zip in the place of the one that is there, as a whole or not at all. WordPress need not run for it.
  - The zip has to have a given SHA-256, or each of its files one of the checksums that wordpress.org publishes, or both.
  - Without O(src) it changes nothing and says what is installed.
author: The cloudpress.lightsail authors (@cloudpress)
options:
  directory:
    description: WordPress's directory of plugins.
    type: path
    required: true
  name:
    description: The plugin's folder.
    type: str
    required: true
  main_file:
    description: The plugin's main file, which bears its version.
    type: str
    required: true
  src:
    description: The zip on this host. It is installed even if the same version is there already.
    type: path
  sha256:
    description: SHA-256 of the zip.
    type: str
    default: ""
  checksums:
    description: File with the checksums as wordpress.org publishes them. The zip has to hold exactly these files.
    type: path
  record:
    description: File in which the module keeps what it has installed. It is outside of what visitors can get.
    type: path
    required: true
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
    support: full
"""

EXAMPLES = r"""
- name: Install the plugin
  cloudpress.lightsail.wordpress_plugin:
    directory: "{{ wordpress_facts.content_path }}/plugins"
    name: akismet
    main_file: akismet.php
    src: /var/tmp/akismet.zip
    sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    record: "{{ wordpress_facts.state_dir }}/akismet.json"
    owner: "{{ wordpress_facts.tree.owner }}"
    group: "{{ wordpress_facts.tree.group }}"
  become: true
"""

RETURN = r"""
version:
  description: The version that is installed, empty when there is none.
  returned: success
  type: str
  sample: 3.2.11
sha256:
  description: SHA-256 of the zip that the installed plugin came from, as far as this module installed it.
  returned: success
  type: str
verified:
  description: Whether the installed plugin's files had published checksums.
  returned: success
  type: bool
"""

import contextlib
import hashlib
import json
import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _packages
from ansible_collections.cloudpress.lightsail.plugins.module_utils._packages import PackageError


def read_json(path):
    try:
        with open(path, encoding="utf-8") as stream:
            return json.load(stream)
    except (OSError, ValueError):
        return {}


def installed(wanted):
    """Return what is there."""
    main = os.path.join(wanted["directory"], wanted["name"], wanted["main_file"])
    if not os.path.isfile(main):
        return {"version": "", "sha256": "", "verified": False}
    record = read_json(wanted["record"])
    # "checksums" is how earlier releases wrote it
    verified = record.get("verified", record.get("checksums", False))
    return {"version": _packages.header_line(_packages.head(main), "Version"), "sha256": record.get("sha256", ""), "verified": bool(verified)}


def compare(archive, name, path):
    """The files of the zip are exactly those that wordpress.org lists: {"files": {path: {"sha256": one or a list of several}}}."""
    left = dict(read_json(path).get("files") or {})
    if not left:
        raise PackageError("The checksums of the plugin list no files; it was not installed.")
    for info in archive.infolist():
        inside = info.filename[len(name) + 1 :]
        if not inside or info.is_dir():
            continue
        listed = left.pop(inside, {}).get("sha256", [])
        if hashlib.sha256(archive.read(info)).hexdigest() not in ([listed] if isinstance(listed, str) else listed):
            raise PackageError(f"The plugin's file {inside} is not the one whose checksum was published; it was not installed.")
    if left:
        raise PackageError(f"The plugin's zip lacks {next(iter(left))}, whose checksum was published; it was not installed.")


def opened(wanted):
    """Return the zip and its SHA-256 if all is right with it."""
    name = wanted["name"]
    try:
        archive, found = _packages.open_zip(wanted["src"], "The plugin's zip", wanted["sha256"])
    except PackageError as error:
        raise PackageError(f"{str(error).rstrip('.')}; it was not installed.") from error
    if f"{name}/{wanted['main_file']}" not in archive.namelist():
        raise PackageError(f"The plugin's zip does not hold {name}/{wanted['main_file']}; it was not installed.")
    for inside in archive.namelist():
        if not inside.startswith(f"{name}/"):
            raise PackageError(f"The plugin's zip holds {inside}, outside of its own folder; it was not installed.")
    if wanted["checksums"]:
        compare(archive, name, wanted["checksums"])
    return archive, found


def install(wanted, archive, found):
    """Swap the directories; a run that was interrupted between the two moves is put right by the next."""
    place = os.path.join(wanted["directory"], wanted["name"])
    new, old = (os.path.join(wanted["directory"], f".{wanted['name']}.{end}") for end in ("new", "old"))
    if os.path.isdir(old) and not os.path.exists(place):
        os.rename(old, place)
    for left in (new, old):
        _packages.remove(left)
    os.mkdir(new, 0o755)
    try:
        archive.extractall(new)
        if wanted["owner"] and wanted["group"]:
            _packages.own(f"{new}/{wanted['name']}", wanted["owner"], wanted["group"], wanted["directory_mode"], wanted["file_mode"])
        if os.path.exists(place):
            os.rename(place, old)
        try:
            os.rename(f"{new}/{wanted['name']}", place)
        except OSError:
            if os.path.exists(old):
                os.rename(old, place)
            raise
    finally:
        _packages.remove(new)
    _packages.remove(old)
    os.makedirs(os.path.dirname(wanted["record"]), mode=0o755, exist_ok=True)
    with open(wanted["record"], "w", encoding="utf-8") as stream:
        json.dump({"sha256": found, "verified": bool(wanted["checksums"])}, stream)
        stream.write("\n")


def main():
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "name": {"type": "str", "required": True},
            "main_file": {"type": "str", "required": True},
            "src": {"type": "path"},
            "sha256": {"type": "str", "default": ""},
            "checksums": {"type": "path"},
            "record": {"type": "path", "required": True},
            "owner": {"type": "str"},
            "group": {"type": "str"},
            "directory_mode": {"type": "str", "default": "0755"},
            "file_mode": {"type": "str", "default": "0644"},
        },
        required_together=[("owner", "group")],
        supports_check_mode=True,
    )
    wanted = module.params
    before = installed(wanted)
    if not wanted["src"]:
        module.exit_json(changed=False, **before)
    os.umask(0o022)
    try:
        archive, found = opened(wanted)
        with contextlib.closing(archive):
            if not module.check_mode:
                install(wanted, archive, found)
    except (PackageError, OSError, KeyError) as error:
        module.fail_json(msg=str(error))
    after = before if module.check_mode else installed(wanted)
    module.exit_json(changed=True, diff={"before": f"{before['version']}\n", "after": f"{after['version']}\n"}, **after)


if __name__ == "__main__":
    main()
