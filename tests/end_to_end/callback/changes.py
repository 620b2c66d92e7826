# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write every change of a run to the file that CHANGES names: "host: task", or "host: task: item"."""

from __future__ import annotations

import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: changes
type: notification
short_description: Write what a run changed to a file
description: [One line for each change.]
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "changes"

    def __init__(self):
        super().__init__()
        self.names = {}

    def v2_playbook_on_task_start(self, task, is_conditional):
        self.names[task._uuid] = task.get_name().split(" : ")[-1]  # its variables are filled in only here

    def v2_playbook_on_handler_task_start(self, task):
        self.v2_playbook_on_task_start(task, False)

    def v2_runner_on_ok(self, result):
        if "results" not in result._result:
            self._write(result, None)

    def v2_runner_item_on_ok(self, result):
        self._write(result, self._get_item_label(result._result))

    def _write(self, result, item):
        if result._result.get("changed"):
            words = [result._host.get_name(), self.names[result._task._uuid], *([item] if isinstance(item, str) else [])]
            with open(os.environ["CHANGES"], "a", encoding="utf-8") as log:
                log.write(": ".join(words) + "\n")
