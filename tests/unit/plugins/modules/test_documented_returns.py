# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RETURN documents every key that a module returns: seen from what all modules of AWS return in scenarios.py, in check mode as well."""

from __future__ import annotations

import importlib

import botocore.session
import pytest
import yaml
from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from tests.unit.plugins.modules.scenarios import SCENARIOS, Stage, module_of, name_of
from tests.unit.plugins.modules.specs import MODULES, PREFIX, spec_of

# What Ansible itself documents as common return values, and what the fragment of the connection does.
COMMON = {"changed", "diff", "failed", "invocation", "msg", "resource_actions", "warnings", "deprecations"}
AWS = [name for name in MODULES if spec_of(name).aws]


def documented(name):
    return yaml.safe_load(importlib.import_module(PREFIX + name).RETURN)


def undocumented(value, entries, path=""):
    """Paths of keys that the entries do not have. Where an entry has no `contains`, its sample has to have the keys, or it has free ones."""
    for key, item in value.items():
        where = f"{path}.{key}" if path else key
        entry = entries.get(key)
        if entry is None:
            yield where
            continue
        contains = entry.get("contains")
        for one in item if isinstance(item, list) else [item]:
            if contains and isinstance(one, dict):
                yield from undocumented(one, contains, where)


def missing(name, result):
    entries = documented(name)
    return set(undocumented({key: value for key, value in result.items() if key not in COMMON}, entries))


@pytest.mark.parametrize("name", sorted({module_of(scenario) for scenario in SCENARIOS}))
def test_every_returned_key_is_documented(lab, cloud, name, record_property):
    stage, found, runs = Stage(lab), {}, 0
    info = name + "_info"
    for scenario in SCENARIOS:
        if module_of(scenario) != name:
            continue
        cloud.admin("reset")
        lab.modules._seen = 0
        stage.prepare(scenario)
        for result in (stage.run(scenario[1], check=True), stage.run(scenario[1])):
            runs += 1
            for key in missing(name, result):
                found.setdefault(key, name_of(scenario))
        options = {"type": scenario[1][1].get("type", "instance")} if name == "lightsail_snapshot" and not callable(scenario[1]) else {}
        options = dict(options, zone="example.com") if name == "lightsail_dns_record" else options
        for key in missing(info, lab.modules(info, **options)):
            found.setdefault(f"{info}: {key}", name_of(scenario))
    record_property("documented results", runs)
    assert found == {}


# What these modules show is the API's own structure: (key of the result, shapes, members that are shown under another name).
WHOLE = {
    "lightsail_alarm": ("alarm", ["Alarm"], ()),
    "lightsail_bucket": ("bucket", ["Bucket"], ()),
    "lightsail_cdn": ("distribution", ["LightsailDistribution"], ()),
    "lightsail_contact_method": ("contact_method", ["ContactMethod"], ()),
    "lightsail_database": ("database", ["RelationalDatabase"], ()),
    "lightsail_disk": ("disk", ["Disk"], ()),
    "lightsail_dns_zone": ("zone", ["Domain"], ("domainEntries",)),
    "lightsail_instance": ("instance", ["Instance"], ()),
    "lightsail_key_pair": ("key_pair", ["KeyPair"], ()),
    "lightsail_lb": ("load_balancer", ["LoadBalancer"], ("configurationOptions",)),
    "lightsail_snapshot": ("snapshot", ["InstanceSnapshot", "RelationalDatabaseSnapshot", "DiskSnapshot"], ()),
    "lightsail_static_ip": ("static_ip", ["StaticIp"], ()),
}


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_every_member_that_aws_can_tell_is_documented(name):
    """Also those that the local Lightsail does not tell."""
    key, shapes, hidden = WHOLE[name]
    model = botocore.session.get_session().get_service_model("lightsail")
    members = {member for shape in shapes for member in model.shape_for(shape).members} - set(hidden)
    assert set(camel_dict_to_snake_dict(dict.fromkeys(members))) - set(documented(name)[key]["contains"]) == set()
