# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules say of themselves: the argument specifications that AnsibleModule is given, and the operations that their source names."""

from __future__ import annotations

import ast
import functools
import importlib
import re
from pathlib import Path
from types import SimpleNamespace

import botocore.session
import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _core

PREFIX = "ansible_collections.cloudpress.lightsail.plugins.modules."
PLUGINS = Path(_core.__file__).resolve().parents[1]
MODULES = sorted(path.stem for path in (PLUGINS / "modules").glob("*.py"))
READING = ("Get", "Is", "Download", "List", "Check", "View")
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
    for name, value, others, *any_of in rules.get("required_if") or ():
        if seen.get(name) == value and not (any_of == [True] and set(others) & set(values)):
            wanted |= set(others[:1] if any_of == [True] else others)
    for group in rules.get("required_one_of") or ():
        wanted |= set() if set(group) & set(values) else {group[0]}
    for group in rules.get("required_together") or ():
        wanted |= set(group) if set(group) & set(values) else set()
    for name, others in (rules.get("required_by") or {}).items():
        wanted |= set(others) if name in values else set()
    missing = {name: sample(options[name]) for name in wanted - set(values)}
    return complete(options, rules, values | missing) if missing else values


# -- operations --------------------------------------------------------------------------------------------------------


def module_path(name):
    return PLUGINS / "modules" / (name + ".py")


def words(path):
    """String constants of a Python file that could be an operation or a part of its name."""
    constants = (node.value for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str) and re.fullmatch(r"(%s)?[A-Z][A-Za-z]*(%s)?[A-Za-z]*", value)}


def used_files(path):
    """A plugin and the files in module_utils that it uses, but for what all resources share, which knows operations on tags only."""
    found = {path}
    imports = "".join(re.findall(r"from \S+module_utils\S* import .*", path.read_text(encoding="utf-8")))
    for name in set(re.findall(r"\b_[a-z_]+\b", imports)):
        other = PLUGINS / "module_utils" / (name + ".py")
        if other.is_file() and name not in ("_core", "_resource"):
            found |= used_files(other)
    return found


@functools.lru_cache(maxsize=None)
def operations_of(service):
    return set(botocore.session.get_session().get_service_model(service).operation_names)


def named_operations(path):
    """The operations that the source of a plugin names, whole or in two pieces."""
    found = set().union(*(words(file) for file in used_files(path)))
    found |= {"TagResource", "UntagResource"} if "tags=True" in path.read_text(encoding="utf-8") else set()
    found |= {word.replace("%s", part) for word in found if "%s" in word for part in found if "%s" not in part}
    found |= {one + other for one in found for other in found}
    return found & (operations_of("route53domains") if path.stem.startswith("route53_") else operations_of("lightsail"))
