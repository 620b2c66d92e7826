# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One step of a target, taken four times: in check mode, for real, again in check mode, again for real. See README.md of the targets."""

from __future__ import annotations

import json
import urllib.request

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """The only argument is the module with its arguments; the result is that of the real run.

    With `changed: false` beside the module all four must find nothing to do: another spelling of what is there already, for example.
    The calls that change something are counted by the local Lightsail, not by the module.
    """

    def run(self, tmp=None, task_vars=None):
        arguments = dict(self._task.args)
        changes = arguments.pop("changed", True)
        if len(arguments) != 1:
            raise AnsibleActionFail(f"four_times takes one module with its arguments, and not {sorted(arguments)}.")
        ((module, options),) = arguments.items()
        connection = task_vars["lightsail_connection"]
        self._calls_count = module.split(".")[-1].startswith(("lightsail_", "route53_"))
        if self._calls_count:
            options = connection | (options or {})
        predicted = self._once("In check mode", module, options, task_vars, changes, True)
        real = self._once("For real", module, options, task_vars, changes, False)
        if real.get("diff") != predicted.get("diff"):
            raise AnsibleActionFail(f"The diff is not what check mode predicted: {json.dumps([predicted.get('diff'), real.get('diff')])}")
        self._once("Again in check mode", module, options, task_vars, False, True)
        self._once("Again for real", module, options, task_vars, False, False)
        return real

    def _once(self, when, module, options, task_vars, changes, check_mode):
        before = len(self._mutating(task_vars))
        # From the task the module learns of check mode and diff mode.
        self._task.check_mode, self._task.diff = check_mode, True
        result = self._execute_module(module_name=module, module_args=options, task_vars=task_vars)
        called = self._mutating(task_vars)[before:]
        diff = result.get("diff") or {}
        wrong = {
            "the module failed": result.get("failed"),
            f"changed is not {changes}": result.get("changed") is not changes,
            f"the diff does not say that changed is {changes}": (diff.get("before") != diff.get("after")) is not changes,
            f"calls that change something: {called}": bool(called) is not (changes and not check_mode and self._calls_count),
            f"these are the calls, and not actions: {called}": not check_mode and called != result.get("actions", called),
        }
        for problem, there in wrong.items():
            if there:
                raise AnsibleActionFail(f"{when}, {problem}. {json.dumps(result, default=str)}")
        return result

    @staticmethod
    def _mutating(task_vars):
        url = task_vars["lightsail_connection"]["endpoint_url"] + "/_local/calls"
        with urllib.request.urlopen(urllib.request.Request(url, b"{}", {"X-Lightsail-Local": "1"}), timeout=30) as answer:
            return [call["operation"] for call in json.load(answer) if call["mutating"]]
