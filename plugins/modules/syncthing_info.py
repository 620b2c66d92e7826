#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: syncthing_info
short_description: Ask Syncthing on a host how far it is
version_added: 0.1.0
description:
  - Says whether the other nodes are connected, and whether this node has all that they have, and they what it has.
author: The cloudpress.lightsail authors (@cloudpress)
options:
  homes:
    description: Directory in which each instance has a directory of its own, as in M(cloudpress.lightsail.syncthing).
    type: path
    required: true
  seconds:
    description: How long to ask again while RV(together) is not true.
    type: int
    default: 0
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Returns details on what has changed, or possibly needs changing in check mode, when in diff mode.
    support: none
seealso:
  - module: cloudpress.lightsail.syncthing
"""

EXAMPLES = r"""
- name: Await that all nodes have the same files
  cloudpress.lightsail.syncthing_info:
    homes: /var/lib/shared-files
    seconds: 60
  become: true
  register: files
  failed_when: not files.together
"""

RETURN = r"""
device_id:
  description: The identity of this node; empty when it has none.
  returned: success
  type: str
copied:
  description: Directories of other instances' identities, which came with a copied disk.
  returned: success
  type: list
  elements: str
problem:
  description: Why Syncthing could not be asked; empty when it was.
  returned: success
  type: str
peers:
  description:
    - The other nodes, each with C(name), C(device_id), C(connected), C(behind) (files of this node that it still needs)
      and C(extra) (files that it still has and this node has not).
  returned: success
  type: list
  elements: dict
directories:
  description:
    - The shared directories, each with C(id), C(path), C(state), C(behind) (files that this node still needs), C(own)
      (files of its own that a mere receiver does not share), C(errors) (their number) and C(error) (the first),
      C(files) and C(bytes).
  returned: success
  type: list
  elements: dict
together:
  description: Whether all other nodes are connected and nobody is behind.
  returned: success
  type: bool
line:
  description: The same for people.
  returned: success
  type: str
  sample: in step with shop-web-2, 41 files
"""

import time

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _syncthing


def look(node):
    """Return the other nodes and the directories as Syncthing sees them."""
    config = node.ask("GET", "config")
    own = node.id()
    connections = node.ask("GET", "system/connections")["connections"]
    directories = []
    for folder in config["folders"]:
        status = node.ask("GET", "db/status", folder=folder["id"])
        errors = max(status.get("errors", 0), status.get("pullErrors", 0))
        found = node.ask("GET", "folder/errors", folder=folder["id"])["errors"] if errors else None
        directories.append(
            {
                "id": folder["id"],
                "path": folder["path"],
                "receive_only": folder["type"] == "receiveonly",
                "state": status["state"],
                "behind": status.get("needTotalItems", 0),
                "own": status.get("receiveOnlyTotalItems", 0),
                "errors": errors,
                "error": f"{found[0]['path']}: {found[0]['error']}" if found else status.get("error", ""),
                "files": status["localFiles"],
                "bytes": status["localBytes"],
            }
        )
    peers = []
    for device in config["devices"]:
        if device["deviceID"] == own:
            continue
        behind = extra = 0
        for folder in config["folders"]:
            completion = node.ask("GET", "db/completion", folder=folder["id"], device=device["deviceID"])
            behind += completion["needItems"]
            extra += completion["needDeletes"]
            # Before it has told what it has, or while it does not share the directory, its number says nothing.
            if completion.get("remoteState", "valid") != "valid":
                behind = max(behind, 1)
        connected = bool(connections.get(device["deviceID"], {}).get("connected"))
        peers.append(
            {
                "name": device["name"],
                "device_id": device["deviceID"],
                "connected": connected,
                "behind": behind,
                "extra": extra,
            }
        )
    return sorted(peers, key=lambda peer: peer["name"]), sorted(directories, key=lambda directory: directory["id"])


def is_together(peers, directories):
    # Between two looks of Syncthing at the disk it is "scanning", and behind nothing.
    quiet = all(
        one["state"] in ("idle", "scanning", "scan-waiting") and not one["behind"] and not one["errors"]
        for one in directories
    )
    return (
        bool(directories)
        and quiet
        and all(peer["connected"] and not peer["behind"] and not peer["extra"] for peer in peers)
    )


def words(peers, directories):
    """Return the same as one line."""
    lost = [peer["name"] for peer in peers if not peer["connected"]]
    waits = [(peer["name"], peer["behind"] + peer["extra"]) for peer in peers if peer["connected"]]
    late = [f"{name} ({count})" for name, count in waits if count]
    wrong = [
        f"{one['id']} ({one['error'] or one['state']})"
        for one in directories
        if one["state"] in ("error", "unknown") or one["errors"]
    ]
    behind = sum(one["behind"] for one in directories)
    parts = [f"not connected with {', '.join(lost)}"] if lost else []
    parts += [f"lacks {behind} files"] if behind else []
    parts += [f"changes are on their way to {', '.join(late)}"] if late else []
    parts += wrong
    names = ", ".join(peer["name"] for peer in peers)
    files = sum(one["files"] for one in directories)
    if not directories:
        return "shares no directory"
    return "; ".join(parts) or f"in step with {names or 'nobody'}, {files} files"


def state_of(homes):
    """Return all that is known of Syncthing on this host."""
    found = {
        "device_id": "",
        "copied": [],
        "problem": "",
        "peers": [],
        "directories": [],
        "together": False,
        "line": "",
    }
    try:
        node = _syncthing.Node(homes, "root")
        found["copied"] = node.others()
        if node.exists():
            found["device_id"] = node.id()
            found["peers"], found["directories"] = look(node)
            found["together"] = is_together(found["peers"], found["directories"])
            found["line"] = words(found["peers"], found["directories"])
        else:
            found["problem"] = "Syncthing has no identity on this host"
    except _syncthing.Problem as problem:
        found["problem"] = str(problem)
    return {**found, "line": found["line"] or found["problem"]}


def main():
    module = AnsibleModule(
        argument_spec={"homes": {"type": "path", "required": True}, "seconds": {"type": "int", "default": 0}},
        supports_check_mode=True,
    )
    until = time.monotonic() + module.params["seconds"]
    while True:
        found = state_of(module.params["homes"])
        if found["together"] or time.monotonic() >= until:
            module.exit_json(changed=False, **found)
        time.sleep(0.5)


if __name__ == "__main__":
    main()
