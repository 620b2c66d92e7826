# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options equal those of amazon.aws: names, types, aliases, defaults, environment variables.

They are recorded in amazon_aws_options.json. In make test-all, the record is compared with the real thing, as the PyPI package `ansible`
carries it.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _core
from tests.unit.plugins.modules.specs import MODULES, spec_of

PACKAGE = "ansible==12.3.0"  # amazon.aws 10
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


@pytest.fixture(scope="module")
def amazon_aws(tmp_path_factory):
    """A function that imports a part of amazon.aws, unpacked from the wheel that has a hundred collections."""
    folder = tmp_path_factory.mktemp("amazon_aws")
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), PACKAGE]
    subprocess.run(download, check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith("ansible_collections/amazon/aws/")])
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield lambda name: importlib.import_module("ansible_collections.amazon.aws.plugins." + name)


@pytest.mark.slow
def test_the_record_is_what_amazon_aws_has(amazon_aws):
    theirs = amazon_aws("module_utils.modules").aws_argument_spec()
    assert {name: plain(option) for name, option in theirs.items()} == RECORDED["options"]


@pytest.mark.slow
def test_tags_equal_those_of_amazon_aws(amazon_aws):
    theirs = yaml.safe_load(amazon_aws("doc_fragments.tags").ModuleDocFragment.DOCUMENTATION)["options"]
    assert {name: plain(option) for name, option in _core.tags_argument_spec().items()} == {name: plain(option) for name, option in theirs.items()}
