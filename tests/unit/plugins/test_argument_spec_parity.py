# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options equal those of amazon.aws: names, types, aliases, defaults, environment variables.

They are recorded in amazon_aws_options.json. Where amazon.aws is installed, as in the PyPI package `ansible`, the record is compared with
the real thing as well.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _core
from tests.unit.plugins.modules.specs import MODULES, spec_of

RECORDED = json.loads((Path(__file__).parent / "amazon_aws_options.json").read_text(encoding="utf-8"))


def plain(option):
    """An option as AnsibleModule sees it: what is left out has a default."""
    fallback = option.get("fallback")
    return dict(
        type=option.get("type", "str"),
        aliases=sorted(option.get("aliases", [])),
        default=option.get("default"),
        no_log=option.get("no_log"),
        environment=list(fallback[1]) if fallback else [],
    )


@pytest.mark.parametrize("module", [name for name in MODULES if spec_of(name).aws])
def test_options_equal_those_of_amazon_aws(module):
    options = spec_of(module).options
    assert {name: plain(options[name]) for name in RECORDED["options"]} == RECORDED["options"]


def test_the_record_is_what_is_installed():
    theirs = pytest.importorskip("ansible_collections.amazon.aws.plugins.module_utils.modules").aws_argument_spec()
    assert {name: plain(option) for name, option in theirs.items()} == RECORDED["options"]


def test_tags_equal_those_of_amazon_aws():
    fragment = pytest.importorskip("ansible_collections.amazon.aws.plugins.doc_fragments.tags").ModuleDocFragment.DOCUMENTATION
    for name, option in _core.tags_argument_spec().items():
        assert name + ":" in fragment
        assert all(alias in fragment for alias in option.get("aliases", []))
