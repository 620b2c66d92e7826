#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wordpress_php
short_description: Run PHP on a WordPress host and return its answer
version_added: 0.1.0
description:
  - Runs PHP code on the host and returns what it answers, whatever WordPress, its plugins or PHP print before or after.
  - In the code the array C($request) holds O(request) and O(secrets), and C($request['check']) says whether Ansible runs in check mode.
  - The code ends with C(cloudpress_answer\( array\(...\) \)), or with C(cloudpress_fail\( 'The reason.' \)), which fails the task.
    An exception, a fatal error or an early end fails the task too, with PHP's or WordPress's own words.
  - The function C(cloudpress_evaluate), given the directory of a WordPress, evaluates its C(wp-config.php) as the web server does for a visitor, in a
    process of its own, and returns an array with its C(constants) and its C(table_prefix).
  - Code and request go to PHP through standard input. No part of them stands in a command line or in a file.
author: The cloudpress.lightsail authors (@cloudpress)
options:
  code:
    description:
      - The PHP code, as text or as a list of texts.
      - Several parts run one after the other as one program. Each may begin with an opening tag.
    type: raw
    required: true
  php:
    description: The PHP program for the command line.
    type: path
    default: /usr/bin/php
  user:
    description:
      - The user as whom PHP runs. Any user but the one of the task needs O(ignore:become=true).
      - By default the user of the task.
    type: str
  request:
    description: What the code is asked, as C($request).
    type: dict
    default: {}
  secrets:
    description: The same for values that must not be seen in output or logs. They are merged into C($request).
    type: dict
    default: {}
  timeout:
    description: Seconds after which PHP is stopped and the task fails.
    type: int
    default: 600
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: partial
    details: The code runs in check mode too. It reads C($request['check']) and then changes nothing.
  diff_mode:
    description: Returns details on what has changed, or possibly needs changing in check mode, when in diff mode.
    support: partial
    details: The code answers with C(diff), if it knows one.
"""

EXAMPLES = r"""
- name: Ask WordPress for its title
  cloudpress.lightsail.wordpress_php:
    php: "{{ wordpress_facts.php }}"
    user: "{{ wordpress_facts.web_user }}"
    request:
      root: "{{ wordpress_facts.root }}"
    code: |
      require $request['root'] . '/wp-load.php';
      cloudpress_answer( array( 'title' => get_option( 'blogname' ) ) );
  become: true
  register: title
"""

RETURN = r"""
answer:
  description: What the code answered.
  returned: success
  type: dict
  sample: {title: A blog}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _php


def main():
    module = AnsibleModule(
        argument_spec={
            # A text for an option of type list would be taken apart at its commas.
            "code": {"type": "raw", "required": True},
            "php": {"type": "path", "default": "/usr/bin/php"},
            "user": {"type": "str"},
            "request": {"type": "dict", "default": {}},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "timeout": {"type": "int", "default": 600},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    code = wanted["code"] if isinstance(wanted["code"], list) else [wanted["code"]]
    if not all(isinstance(part, str) for part in code):
        module.fail_json(msg="code is neither a text nor a list of texts: give PHP code.")
    request = {**wanted["request"], **wanted["secrets"], "check": module.check_mode}
    try:
        answer = _php.run(wanted["php"], code, request, wanted["user"], wanted["timeout"])
    except _php.PhpError as error:
        module.fail_json(msg=str(error))
    diff = {"diff": answer["diff"]} if "diff" in answer else {}
    module.exit_json(changed=bool(answer.get("changed", False)), answer=answer, **diff)


if __name__ == "__main__":
    main()
