# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The argument specifications that modules really have, taken at the moment in which AnsibleModule is given them."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _core

PREFIX = "ansible_collections.cloudpress.lightsail.plugins.modules."
MODULES = sorted(path.stem for path in (Path(_core.__file__).resolve().parents[1] / "modules").glob("*.py"))
SAMPLES = {"str": "example", "path": "/nonexistent/example", "int": 1, "float": 1.0, "bool": True, "dict": {}, "raw": "example"}


class Taken(Exception):
    pass


@functools.lru_cache(maxsize=None)
def spec_of(name):
    """argument_spec, the rules about combinations, and for modules of AWS the shapes."""
    found = SimpleNamespace(shapes={}, aws=False, rules={})

    def take(self, argument_spec, **rules):
        found.options, found.rules, found.aws = argument_spec, rules, isinstance(self, _core.LightsailModule)
        found.shapes = getattr(self, "shapes", {})
        raise Taken

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Taken):
        patch.setattr(AnsibleModule, "__init__", take)
        importlib.import_module(PREFIX + name).main()
    return found


def sample(option):
    """A value that the option takes."""
    if option.get("choices"):
        value = option["choices"][0]
    elif option.get("type") == "list":
        return [sample(dict(option, type=option.get("elements", "str"), elements=None))]
    elif option.get("options"):
        return complete(option["options"], option, {})
    else:
        value = SAMPLES[option.get("type") or "str"]
    return [value] if option.get("type") == "list" else value


def complete(options, rules, given):
    """The given values, and others that the specification asks for beside them."""
    values = {name: sample(option) for name, option in options.items() if option.get("required")} | given
    seen = {name: option.get("default") for name, option in options.items()} | values
    wanted = set()
    for name, value, others, *dummy in rules.get("required_if") or ():
        wanted |= set(others) if seen.get(name) == value else set()
    for group in rules.get("required_one_of") or ():
        wanted |= set() if set(group) & set(values) else {group[0]}
    for group in rules.get("required_together") or ():
        wanted |= set(group) if set(group) & set(values) else set()
    for name, others in (rules.get("required_by") or {}).items():
        wanted |= set(others) if name in values else set()
    missing = {name: sample(options[name]) for name in wanted - set(values)}
    return complete(options, rules, values | missing) if missing else values
