# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wordpress_offload refuses settings that do not fit together before it looks at the host."""

from __future__ import annotations

import pytest

# What a module returned is another kind of text to Ansible.
RETURNED = {"ansible.builtin.command": "echo example-media", "register": "returned"}
RIGHT = {"bucket": "{{ returned.stdout }}", "region": "eu-central-1", "plugin_zip": "plugin.zip", "plugin_sha256": "0" * 64}
WRONG = {
    "'Example', which cannot be the name of a Lightsail bucket.": {"bucket": "Example"},
    "'europe', which is not the name of a region.": {"region": "europe"},
    "'uploads'; it must be one or more folder names": {"prefix": "uploads"},
    "it must be a host name only, without https://.": {"delivery_domain": "https://media.example.com"},
    "Give the plugin in one way": {"plugin_version": "3.2.11"},
    "'latest', which is not a version like 3.2.11.": {"plugin_version": "latest", "plugin_zip": ""},
    "must be the SHA-256 of the plugin's zip": {"plugin_sha256": "abc"},
    "belong together; one of them is empty.": {"access_key_id": "AKIAIOSFODNN7EXAMPLE"},
}


@pytest.fixture(scope="module")
def said(attempts):
    """The message for each of WRONG."""
    cases = [{f"wordpress_offload_{name}": value for name, value in (RIGHT | case).items()} for case in ({}, *WRONG.values())]
    right, *wrong = attempts("wordpress_offload", "preflight", cases, before=[RETURNED])
    assert right == ""
    return dict(zip(WRONG, wrong))


@pytest.mark.parametrize("words", WRONG)
def test_what_does_not_fit_is_refused_in_one_sentence(said, words):
    assert words in said[words]
