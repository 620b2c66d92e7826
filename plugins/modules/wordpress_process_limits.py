#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wordpress_process_limits
short_description: Limit PHP's processes so that all nodes together leave connections of the database free
version_added: 0.1.0
description:
  - Every process that runs PHP holds a connection of the database. The processes of all nodes together have to leave some free, for
    cron, for whoever repairs the database, and for one more node.
  - Writes a file of its own, which the web server reads after the image's settings. A limit that is low enough, such as one that fits the
    memory, stays.
  - With PHP-FPM a reload lets visitors' requests end.
author: The cloudpress.lightsail authors (@cloudpress)
options:
  flavour:
    description: How the web server runs PHP.
    type: str
    choices: [mod_php, fpm]
    required: true
  path:
    description: The file to write.
    type: path
    required: true
  settings:
    description: With V(mod_php), the file that holds the image's own limit.
    type: path
  program:
    description: With V(fpm), the PHP-FPM program, which says what its settings are.
    type: path
  nodes:
    description: Number of nodes that share the database. With 0 no limit is set.
    type: int
    required: true
  connections:
    description: Connections that the database allows. With 0 no limit is set.
    type: int
    required: true
  test:
    description: Commands, each a list of words, that fail when the configuration is wrong.
    type: list
    elements: list
    default: []
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Returns details on what has changed, or possibly needs changing in check mode, when in diff mode.
    support: full
"""

EXAMPLES = r"""
- name: Let two nodes share 60 connections
  cloudpress.lightsail.wordpress_process_limits:
    flavour: mod_php
    path: /etc/apache2/conf-enabled/zz-limits.conf
    settings: /etc/apache2/mods-available/mpm_prefork.conf
    nodes: 2
    connections: 60
  become: true
"""

RETURN = r"""
room:
  description: Processes that each node may have; 0 when there is no limit.
  returned: success
  type: int
  sample: 27
"""

import math
import os
import re
import subprocess

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _config_files

HEADER = "Written by Ansible (cloudpress.lightsail.wordpress_web_node); changes here are overwritten."
# Fewer cannot serve a page that asks its own site for something.
LEAST = 2


def room_of(nodes, connections):
    """Return how many processes a node may have, 0 for no limit."""
    if not nodes or not connections:
        return 0
    spare = max(5, math.ceil(connections / 10))
    return max(LEAST, (connections - spare) // nodes)


def prefork_text(settings, room):
    """Return the text that lowers Apache's limit, or only the header when the present one is low enough."""
    found = re.findall(r"(?im)^\s*(?:MaxRequestWorkers|MaxClients)\s+(\d+)", settings)
    # Apache's own default
    present = int(found[-1]) if found else 256
    text = f"# {HEADER}\n"
    if not room or present <= room:
        return text
    spare = min(room, 5)
    return (
        f"{text}# was {present}\n<IfModule mpm_prefork_module>\n  StartServers {spare}\n  MinSpareServers 1\n  MaxSpareServers {spare}\n"
        f"  MaxRequestWorkers {room}\n</IfModule>\n"
    )


def fpm_sections(output):
    """Return what "php-fpm -tt" says its settings are, by section: global and its pools."""
    sections, section = {}, ""
    for line in output.splitlines():
        head = re.search(r"NOTICE:\s+\[(.+)\]$", line)
        pair = re.search(r"NOTICE:\s+([\w.]+) = (.*)$", line)
        if head:
            section = head[1]
        elif pair:
            sections.setdefault(section, {})[pair[1]] = pair[2]
    return sections


def fpm_text(sections, before, room):
    """Return the text of our file. `before` is the present one, which remembers the limits that it replaces."""
    text = f"; {HEADER}\n[global]\n; a reload lets visitors' requests end\nprocess_control_timeout = 30s\n"
    for pool, values in sections.items():
        if pool == "global" or "pm.max_children" not in values or not room:
            continue
        was = re.search(rf"(?m)^\[{re.escape(pool)}\]\n; was (\d+)$", before)
        own = int(was[1]) if was else int(values["pm.max_children"])
        if own <= room:
            continue
        text += f"[{pool}]\n; was {own}\npm.max_children = {room}\n"
        if values.get("pm") == "dynamic":
            text += f"pm.start_servers = 1\npm.min_spare_servers = 1\npm.max_spare_servers = {room}\n"
    return text


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def main():
    module = AnsibleModule(
        argument_spec={
            "flavour": {"type": "str", "choices": ["mod_php", "fpm"], "required": True},
            "path": {"type": "path", "required": True},
            "settings": {"type": "path"},
            "program": {"type": "path"},
            "nodes": {"type": "int", "required": True},
            "connections": {"type": "int", "required": True},
            "test": {"type": "list", "elements": "list", "default": []},
        },
        required_if=[("flavour", "mod_php", ["settings"]), ("flavour", "fpm", ["program"])],
        supports_check_mode=True,
    )
    wanted = module.params
    room = room_of(wanted["nodes"], wanted["connections"])
    if wanted["flavour"] == "mod_php":
        text = prefork_text(read(wanted["settings"]), room)
    else:
        if not os.path.exists(wanted["program"]):
            module.fail_json(msg=f"{wanted['program']} is not on this host.")
        done = subprocess.run([wanted["program"], "-tt"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        output = done.stdout.decode(errors="replace")
        if done.returncode:
            module.fail_json(msg=f"PHP-FPM does not accept its configuration: {' '.join(output.split())[:400]}")
        text = fpm_text(fpm_sections(output), read(wanted["path"]), room)
    try:
        differences = _config_files.apply({wanted["path"]: ("file", text)}, wanted["test"], module.check_mode)
    except _config_files.Refused as error:
        module.fail_json(msg=f"The new limit of PHP's processes is not accepted and was taken back: {error}")
    module.exit_json(changed=bool(differences), room=room, diff=differences)


if __name__ == "__main__":
    main()
