# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs real modules against a real local control plane: the fixture `modules`.

    result = modules("lightsail_static_ip", name="one")                    # runs it; fails the test when the module fails
    result = modules("lightsail_static_ip", name="one", check=True)        # in check mode; diff mode is always on
    result = modules("lightsail_static_ip", name="!", fails=True)          # has to fail; the result is the failure (None: may fail)
    modules.mutating()                                                     # mutating API operations since the last question
    modules.cycle("lightsail_static_ip", "static_ip", name="one")          # check, real, check again, repeat, with all assertions
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import re
from unittest import mock

import pytest
from ansible.module_utils import basic

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core 2.18

    def patch_module_args(arguments):
        return mock.patch.object(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())


PREFIX = "ansible_collections.cloudpress.lightsail.plugins.modules."


class Modules:
    def __init__(self, cloud):
        self.cloud = cloud
        self._seen = 0

    def __call__(self, name, /, check=False, fails=False, **params):
        module = importlib.import_module(PREFIX + name)
        arguments = dict(params, _ansible_check_mode=check, _ansible_diff=True, _ansible_module_name=name)
        output = io.StringIO()
        with patch_module_args(arguments), contextlib.redirect_stdout(output), pytest.raises(SystemExit):
            module.main()
        result = json.loads(output.getvalue())
        if result.get("failed") and not fails and re.search(r"does not know .*; boto3 [\d.]+ does", result["msg"]):
            pytest.skip(result["msg"])  # the run with the oldest SDK
        assert fails is None or bool(result.get("failed")) == fails, result.get("msg", result)
        return result

    def mutating(self):
        calls = self.cloud.calls()
        fresh, self._seen = calls[self._seen :], len(calls)
        return [call["operation"] for call in fresh if call["mutating"]]

    def cycle(self, name, key, /, unpredictable=(), **params):
        """What every option has to stand: check mode changes nothing and predicts what happens; a repetition does nothing."""
        self.mutating()
        predicted = self(name, check=True, **params)
        assert predicted["changed"] is True
        assert self.mutating() == []
        real = self(name, **params)
        assert real["changed"] is True
        assert self.mutating() == real["actions"] != []
        assert predicted["diff"]["before"] == real["diff"]["before"]
        assert predicted["diff"]["after"] == real["diff"]["after"] != real["diff"]["before"]
        if real[key] is None:
            assert predicted[key] is None
        else:
            known = {k: v for k, v in predicted[key].items() if v is not None and k not in unpredictable}
            assert {k: real[key].get(k) for k in known} == known
        for check in (True, False):
            again = self(name, check=check, **params)
            assert again["changed"] is False and again["actions"] == []
            assert again["diff"]["before"] == again["diff"]["after"]
            assert self.mutating() == []
        return real


@pytest.fixture
def modules(cloud, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO"))]:
        monkeypatch.delenv(name)
    for name, value in cloud.aws_env.items():
        monkeypatch.setenv(name, value)
    return Modules(cloud)
