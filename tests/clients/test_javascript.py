# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AWS SDK for JavaScript."""

from __future__ import annotations

import shutil

import pytest

from .conftest import HERE, run

pytestmark = pytest.mark.slow


def test_the_sdk_for_javascript_makes_and_removes_a_site(cloud, javascript):
    # Node looks for packages beside the file.
    story = shutil.copy(HERE / "javascript" / "story.mjs", javascript)
    assert run(["node", story], env=cloud.env).stdout == "story told\n"
    left = {(call["operation"], call["outcome"]) for call in cloud.calls() if call["outcome"] == "InternalFailure"}
    assert not left
