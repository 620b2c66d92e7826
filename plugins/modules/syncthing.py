#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: syncthing
short_description: Share directories between nodes with Syncthing
version_added: 0.1.0
description:
  - Gives this host an identity of Syncthing, with settings that meet nobody but the nodes, and connects it with them.
  - The identity belongs to one instance. On a copy of that instance's disk it is not used, and a new one is made.
  - Directories below the shared ones into which the user may not write are given to the user's group.
  - Syncthing itself has to be installed, and is started by others. It is asked over a Unix socket in its own directory.
author: The cloudpress.lightsail authors (@cloudpress)
options:
  homes:
    description: Directory in which each instance has a directory of its own for identity, settings and notes.
    type: path
    required: true
  user:
    description: The user as whom Syncthing runs.
    type: str
    required: true
  name:
    description: Name of this node, for people.
    type: str
    required: true
  address:
    description: Address at which this node listens for the others.
    type: str
    required: true
  nodes:
    description:
      - All nodes that share the directories; this node may be among them. Others are forgotten.
      - Without it only the identity is made.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the node, for people.
        type: str
        required: true
      address:
        description: Address at which the node listens.
        type: str
        required: true
      device_id:
        description: Its identity, as RV(device_id) of this module tells it.
        type: str
        required: true
  directories:
    description: The directories that are shared. Others are left as they are on each node, and shared no more.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: The directory's name, the same on every node.
        type: str
        required: true
      path:
        description: The directory on this node.
        type: path
        required: true
      ignore:
        description: Patterns of what is not shared, as in C(.stignore).
        type: list
        elements: str
        default: []
  receive_only:
    description:
      - V(true) takes over what the other nodes have and tells them nothing of this node's own.
      - When a directory that was set to V(true) is set to V(false), what this node alone has in it is removed first.
    type: bool
    default: false
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Returns details on what has changed, or possibly needs changing in check mode, when in diff mode.
    support: full
seealso:
  - module: cloudpress.lightsail.syncthing_info
  - name: Syncthing
    description: Its documentation.
    link: https://docs.syncthing.net
"""

EXAMPLES = r"""
- name: Have an identity
  cloudpress.lightsail.syncthing:
    homes: /var/lib/shared-files
    user: nobody
    name: shop-web-1
    address: 172.26.0.10
  become: true
  register: own

- name: Share a directory with another node
  cloudpress.lightsail.syncthing:
    homes: /var/lib/shared-files
    user: nobody
    name: shop-web-1
    address: 172.26.0.10
    nodes:
      - {name: shop-web-2, address: 172.26.0.11, device_id: "{{ id_of_web_2 }}"}
      - {name: shop-web-1, address: 172.26.0.10, device_id: "{{ own.device_id }}"}
    directories:
      - {id: uploads, path: /srv/uploads}
  become: true
"""

RETURN = r"""
device_id:
  description: The identity of this node; empty in check mode when it has none yet.
  returned: success
  type: str
  sample: O5LN3IF-WPVVQYN-XVN4LS4-KD3TOCN-3WPE7XK-UOJMXH6-TVLWCNC-IPQNAQP
home:
  description: The directory of identity, settings and notes of this instance.
  returned: success
  type: str
  sample: /var/lib/shared-files/i-0123456789abcdef0
"""

import os
import pwd
import stat
import time

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _syncthing

IGNORE_HEADER = "// Written by Ansible (cloudpress.lightsail.syncthing); changes here are overwritten.\n"


def ignore_text(patterns):
    return IGNORE_HEADER + "".join(f"{pattern}\n" for pattern in patterns)


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def write_as(user, path, text):
    owner = pwd.getpwnam(user)
    new = f"{path}.new"
    with open(new, "w", encoding="utf-8") as file:
        file.write(text)
    os.chown(new, owner.pw_uid, owner.pw_gid)
    os.chmod(new, 0o644)
    os.replace(new, path)


def closed_directories(path, user, check_mode):
    """Give directories into which the user may not write to the user's group, and return them.

    Somebody who laid one there by hand kept others out, and so the files of the other nodes. The user may move things
    about meanwhile, so that what was opened is what is changed, and no symbolic link is followed.
    """
    owner = pwd.getpwnam(user)
    found = []
    for place, _directories, _files, opened in os.fwalk(path, follow_symlinks=False):
        state = os.fstat(opened)
        mode = stat.S_IMODE(state.st_mode)
        if state.st_uid == owner.pw_uid or (state.st_gid == owner.pw_gid and mode & stat.S_IRWXG == stat.S_IRWXG):
            continue
        found.append(place)
        if not check_mode:
            os.fchown(opened, -1, owner.pw_gid)
            os.fchmod(opened, mode | stat.S_IRWXG)
    return found


def try_again(node, id):
    """Have Syncthing fetch at once what it failed to write, for which it would wait longer and longer."""
    for paused in (True, False):
        node.ask("PATCH", f"config/folders/{id}", {"paused": paused})


def stop_receiving(node, present, wanted):
    """Remove what this node alone has in directories in which it was a mere receiver."""
    now = {folder["id"]: folder["type"] for folder in wanted["folders"]}
    for folder in present["folders"]:
        if folder["type"] == "receiveonly" and now.get(folder["id"]) == "sendreceive":
            node.ask("POST", "db/revert", folder=folder["id"])
            until = time.monotonic() + 300
            while True:
                status = node.ask("GET", "db/status", folder=folder["id"])
                if status["state"] == "idle" and not status.get("receiveOnlyTotalItems"):
                    break
                if time.monotonic() > until:
                    raise _syncthing.Problem(
                        f"The directory {folder['id']} still has files that no other node has, after 300 s."
                    )
                time.sleep(0.2)


def settle(module, node):
    """Make settings, files of patterns and API agree with what is wanted; return the differences."""
    options = module.params
    directories = options["directories"]
    for directory in directories:
        if not os.path.isdir(directory["path"]):
            raise _syncthing.Problem(f"{directory['path']} is no directory on this host.")
    ignores = {
        os.path.join(directory["path"], ".stignore"): ignore_text(directory["ignore"]) for directory in directories
    }
    differences = [
        {"before_header": path, "after_header": path, "before": read(path) or "", "after": text}
        for path, text in ignores.items()
        if read(path) != text
    ]
    closed = {}
    for directory in directories:
        closed[directory["id"]] = closed_directories(directory["path"], options["user"], module.check_mode)
        if closed[directory["id"]]:
            opened = "".join(
                f"{place} is open to the group of {options['user']}\n" for place in closed[directory["id"]]
            )
            differences.append(
                {"before_header": directory["path"], "after_header": directory["path"], "before": "", "after": opened}
            )
    node.await_answer()
    present = node.ask("GET", "config")
    wanted = _syncthing.wanted_config(
        present, node.id(), options["address"], options["nodes"], directories, options["receive_only"]
    )
    other = _syncthing.normal(present) != _syncthing.normal(wanted)
    if other:
        header = node.config
        before, after = _syncthing.summary(present), _syncthing.summary(wanted)
        differences.append({"before_header": header, "after_header": header, "before": before, "after": after})
    if module.check_mode or not differences:
        return differences
    # Before the directory is shared, so that nothing is told that is not to be.
    for path, text in ignores.items():
        if read(path) != text:
            write_as(options["user"], path, text)
    if other:
        stop_receiving(node, present, wanted)
        node.ask("PUT", "config", wanted)
        again = node.ask("GET", "config")
        if _syncthing.normal(again) != _syncthing.normal(
            _syncthing.wanted_config(
                again, node.id(), options["address"], options["nodes"], directories, options["receive_only"]
            )
        ):
            raise _syncthing.Problem("Syncthing did not keep the settings it was given.")
    for directory in directories:
        if closed[directory["id"]]:
            try_again(node, directory["id"])
        node.ask("POST", "db/scan", folder=directory["id"])
    return differences


def main():
    module = AnsibleModule(
        argument_spec={
            "homes": {"type": "path", "required": True},
            "user": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "address": {"type": "str", "required": True},
            "nodes": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "name": {"type": "str", "required": True},
                    "address": {"type": "str", "required": True},
                    "device_id": {"type": "str", "required": True},
                },
            },
            "directories": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "id": {"type": "str", "required": True},
                    "path": {"type": "path", "required": True},
                    "ignore": {"type": "list", "elements": "str", "default": []},
                },
            },
            "receive_only": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    options = module.params
    try:
        node = _syncthing.Node(options["homes"], options["user"])
        made = not node.exists()
        differences = [{"before": "", "after": f"an identity in {node.home}\n"}] if made else []
        if made and not module.check_mode:
            node.make(options["name"], options["address"])
        if options["nodes"] is not None and node.exists():
            differences += settle(module, node)
        identity = node.id() if node.exists() else ""
    except _syncthing.Problem as problem:
        module.fail_json(msg=str(problem))
    module.exit_json(changed=bool(differences), device_id=identity, home=node.home, diff=differences)


if __name__ == "__main__":
    main()
