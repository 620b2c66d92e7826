# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policies of docs/policies against the code. What a whole life really calls is compared in tests/end_to_end."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.unit.plugins.modules.specs import PLUGINS, READING, module_path, named_operations, operations_of

ROOT = Path(__file__).resolve().parents[2]
# They give access to more than they tell, so the policy for reading does without; docs/aws.md says which options need them.
SECRETS = {"GetInstanceAccessDetails", "GetRelationalDatabaseMasterUserPassword"}


def statements(name):
    """{Sid: {service: operations}} of a policy file."""
    policy = json.loads((ROOT / "docs" / "policies" / (name + ".json")).read_text(encoding="utf-8"))
    assert policy["Version"] == "2012-10-17"
    found = {}
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow" and statement["Action"] == sorted(set(statement["Action"]))
        services = found.setdefault(statement["Sid"], {})
        for action in statement["Action"]:
            service, dummy, operation = action.partition(":")
            services.setdefault(service, set()).add(operation)
    return found


def called_modules():
    """Modules that playbooks and roles call."""
    text = "".join(path.read_text(encoding="utf-8") for where in ("playbooks", "roles") for path in (ROOT / where).rglob("*.yml"))
    return {name for name in re.findall(r"cloudpress\.lightsail\.(\w+):\n", text) if module_path(name).is_file()}


def allowed(name, service):
    return set().union(*(services.get(service, set()) for services in statements(name).values()))


def test_every_action_is_an_operation():
    for name in ("site", "read-only"):
        assert allowed(name, "lightsail") <= operations_of("lightsail")
        assert allowed(name, "route53domains") <= operations_of("route53domains")


def test_the_site_is_allowed_nothing_that_its_modules_do_not_do():
    lightsail = (name for name in called_modules() if name.startswith("lightsail_"))
    named = set().union(*(named_operations(module_path(name)) for name in lightsail))
    # What waits name is in the core.
    assert allowed("site", "lightsail") - named <= {"GetOperation"}
    assert allowed("site", "route53domains") <= named_operations(module_path("route53_domain"))


def test_reading_is_all_that_info_modules_and_the_inventory_do():
    plugins = [*(PLUGINS / "modules").glob("*_info.py"), PLUGINS / "inventory" / "lightsail.py"]
    lightsail = [path for path in plugins if not path.stem.startswith("route53_")]
    named = {operation for path in lightsail for operation in named_operations(path) if operation.startswith(READING)}
    assert allowed("read-only", "lightsail") == named - SECRETS
    registrar = {operation for path in plugins if path not in lightsail for operation in named_operations(path)}
    assert allowed("read-only", "route53domains") == {operation for operation in registrar if operation.startswith(READING)}


def test_the_documentation_names_every_statement_and_what_reading_leaves_out():
    text = (ROOT / "docs" / "aws.md").read_text(encoding="utf-8")
    assert not [sid for sid in statements("site") if f"`{sid}`" not in text]
    assert not [operation for operation in SECRETS if f"`{operation}`" not in text]
