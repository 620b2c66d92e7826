# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options equal those of amazon.aws. Runs where amazon.aws is installed, as in the PyPI package `ansible`."""

from __future__ import annotations

import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _core


def plain(option):
    """An option as AnsibleModule sees it: what is left out has a default."""
    fallback = option.get("fallback")
    return dict(
        type=option.get("type", "str"),
        aliases=sorted(option.get("aliases", [])),
        default=option.get("default"),
        no_log=option.get("no_log"),
        fallback=fallback and (fallback[0].__name__, list(fallback[1])),
    )


def test_options_equal_those_of_amazon_aws():
    theirs = pytest.importorskip("ansible_collections.amazon.aws.plugins.module_utils.modules").aws_argument_spec()
    ours = _core.aws_argument_spec()
    assert {name: plain(option) for name, option in ours.items()} == {name: plain(option) for name, option in theirs.items()}


def test_tags_equal_those_of_amazon_aws():
    fragment = pytest.importorskip("ansible_collections.amazon.aws.plugins.doc_fragments.tags").ModuleDocFragment.DOCUMENTATION
    for name, option in _core.tags_argument_spec().items():
        assert name + ":" in fragment
        assert all(alias in fragment for alias in option.get("aliases", []))
