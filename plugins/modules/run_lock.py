#!/usr/bin/python
# Copyright (c) 2026 CloudPress contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: run_lock
short_description: Let only one run of a playbook work on a thing at a time
description:
  - Takes a lock that belongs to the C(ansible-playbook) process and ends with it, so that nothing has to be cleaned up after a crash.
  - The lock is known to the machine that runs Ansible only.
author: CloudPress contributors (@cloudpress)
version_added: 0.1.0
attributes:
  check_mode:
    support: full
    description: Can run in check mode, where it looks for another run but takes no lock.
  diff_mode:
    support: none
    description: The lock is no state that could be compared.
options:
  path:
    description: File that holds the lock.
    type: path
    required: true
  what:
    description: What is locked, for the message.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse a second run on the same site
  cloudpress.lightsail.run_lock:
    path: ~/.cloudpress/shop/run.lock
    what: site shop
  delegate_to: localhost
"""

RETURN = r"""
pid:
  description: Process that holds the lock.
  returned: success
  type: int
  sample: 4242
"""

import os

from ansible.module_utils.basic import AnsibleModule


def stat_fields(pid):
    """Return (parent pid, start time) of a process from /proc, or None when it is gone (proc(5))."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as handle:
            fields = handle.read().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), fields[19]


def playbook_pid():
    """Return the outermost ancestor that runs Ansible: workers are forks of it and end with their task."""
    found = pid = os.getpid()
    while pid > 1:
        fields = stat_fields(pid)
        if not fields:
            break
        with open(f"/proc/{pid}/cmdline", "rb") as handle:
            command = handle.read().split(b"\0")[:3]
        if any(os.path.basename(word).startswith(b"ansible") for word in command):
            found = pid
        pid = fields[0]
    return found


def holder(path):
    """Return the pid of a live process that holds the lock, or None."""
    try:
        with open(path, encoding="ascii") as handle:
            pid, started = handle.read().split()
    except (OSError, ValueError):
        return None
    fields = stat_fields(int(pid))
    return int(pid) if fields and fields[1] == started else None


def main():
    module = AnsibleModule(
        argument_spec={"path": {"type": "path", "required": True}, "what": {"type": "str", "required": True}},
        supports_check_mode=True,
    )
    path, what = module.params["path"], module.params["what"]
    own = playbook_pid()
    if not module.check_mode:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        stale = holder(path)
        if stale is None or stale == own:
            temporary = f"{path}.{own}"
            with open(temporary, "w", encoding="ascii") as handle:
                handle.write(f"{own} {stat_fields(own)[1]}\n")
            if stale is None:
                # link() fails if another run was faster; what lies there and is dead is removed first.
                if os.path.exists(path):
                    os.unlink(path)
                try:
                    os.link(temporary, path)
                except FileExistsError:
                    pass
            os.unlink(temporary)
    current = holder(path)
    if current not in (None, own):
        module.fail_json(msg=f"Another run (process {current}) is working on {what}: wait until it has ended. Nothing was changed.")
    module.exit_json(changed=False, pid=current or own)


if __name__ == "__main__":
    main()
