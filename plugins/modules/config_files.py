#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: config_files
short_description: Write configuration files that only work together
version_added: 0.1.0
description:
  - Writes, links and removes several configuration files as one change, then lets the program that reads them judge them.
  - When the program does not accept them, everything is put back as it was, and the task fails with what the program said.
author: The cloudpress.lightsail authors (@cloudpress)
options:
  files:
    description: The text of each file, by its path. A new file has the mode 0644; the mode of one that exists stays.
    type: dict
    default: {}
  lines:
    description: A line that a file has to have, by the file's path. It is added at the end.
    type: dict
    default: {}
  links:
    description: The target of each symbolic link, by its path.
    type: dict
    default: {}
  absent:
    description: Files and links that must not exist.
    type: list
    elements: path
    default: []
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
- name: Answer the health check
  cloudpress.lightsail.config_files:
    files:
      /etc/apache2/conf-available/health.conf: "Alias /health /srv/health.txt\n"
    links:
      /etc/apache2/conf-enabled/health.conf: ../conf-available/health.conf
    test:
      - [apachectl, -t]
  become: true
"""

RETURN = r"""
paths:
  description: What was changed, or would be.
  returned: success
  type: list
  elements: str
  sample: [/etc/apache2/conf-available/health.conf]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _config_files


def with_line(path, line):
    """Return the text of the file with the line in it."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
    except FileNotFoundError:
        text = ""
    return text if line in text.splitlines() else f"{text.rstrip()}\n\n{line}\n".lstrip()


def main():
    module = AnsibleModule(
        argument_spec={
            "files": {"type": "dict", "default": {}},
            "lines": {"type": "dict", "default": {}},
            "links": {"type": "dict", "default": {}},
            "absent": {"type": "list", "elements": "path", "default": []},
            "test": {"type": "list", "elements": "list", "default": []},
        },
        supports_check_mode=True,
    )
    wanted = {path: ("file", text) for path, text in module.params["files"].items()}
    wanted.update({path: ("file", with_line(path, line)) for path, line in module.params["lines"].items()})
    wanted.update({path: ("link", target) for path, target in module.params["links"].items()})
    wanted.update({path: None for path in module.params["absent"]})
    relative = [path for path in wanted if not path.startswith("/")]
    if relative:
        module.fail_json(msg=f"{relative[0]} is no absolute path: give paths that start with a slash. Nothing was changed.")
    try:
        differences = _config_files.apply(wanted, module.params["test"], module.check_mode)
    except _config_files.Refused as error:
        module.fail_json(msg=f"The new configuration is not accepted and was taken back: {error}")
    except OSError as error:
        module.fail_json(msg=f"{error.filename} could not be written: {error.strerror}.")
    module.exit_json(changed=bool(differences), paths=[row["after_header"] for row in differences], diff=differences)


if __name__ == "__main__":
    main()
