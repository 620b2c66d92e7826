# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot be carried is refused in one sentence before anything changes."""

from __future__ import annotations

import json

import pytest

HERE = {
    "sealed_to": "",
    "root": "/srv/www",
    "content_path": "/srv/www/wp-content",
    "state_dir": "/srv/state",
    "web_server": {},
}
THERE = {**HERE, "version": "6.8", "login": "old"}
FOUND = {"identity": "SHA256:old", "bytes": 10**9, "required_php": "7.2.24", "content_elsewhere": False}
OURS = {"identity": "SHA256:new", "bytes": 10**8, "free": 10**10, "php_version": "8.2.1"}


def case(there=None, here=None, found=None, ours=None, content=None, marker=None, reach=None, **settings):
    return {
        "wordpress_carry_source": "old",
        "wordpress_facts": {**HERE, **(here or {})},
        "__wordpress_carry_there": {**THERE, **(there or {})},
        "__wordpress_carry_source_info": {"found": {**FOUND, **(found or {})}},
        "__wordpress_carry_info": {"found": {**OURS, **(ours or {})}},
        "__wordpress_carry_source_content": {"answer": {"bytes": 5_000_000}},
        "__wordpress_carry_content": {"answer": {"own": 0, "users": 1, **(content or {})}},
        "__wordpress_carry_marker": marker or {},
        "__wordpress_carry_done": False,
        "__wordpress_carry_address": "192.0.2.7",
        "__wordpress_carry_port": 22,
        "__wordpress_carry_reach": reach or {"rc": 0, "stderr": ""},
        **settings,
    }


OTHER, LIVE = {"source": "SHA256:other", "stage": "carried"}, {"source": "SHA256:old", "stage": "live"}
CASES = [
    (case(), None),
    (case(found={"identity": "SHA256:new"}), "old is this host itself"),
    (case(there={"sealed_to": "db.example"}), "uses the managed database db.example, so it is a node of a site"),
    (case(there={"sealed_to": "db.example"}, wordpress_carry_database=False), None),
    (case(here={"sealed_to": "db.example"}), "This host uses the managed database db.example"),
    (
        case(reach={"rc": 1, "stderr": "Traceback\nTimeoutError: timed out\n"}),
        "old cannot be reached at port 22 of 192.0.2.7 from this host (TimeoutError: timed out)",
    ),
    (case(found={"required_php": "8.3"}), "WordPress 6.8 on old needs PHP 8.3, and this host has 8.2.1"),
    (case(found={"required_php": ""}), None),
    (case(found={"content_elsewhere": True}), "(WP_CONTENT_DIR), not in wp-content"),
    (case(marker=OTHER), "carried to from another source than old"),
    (case(marker=OTHER, wordpress_carry_overwrite=True), None),
    (case(marker=LIVE, wordpress_carry_live=False), "This host is live since it was carried to"),
    (case(content={"own": 3}), "This host has 3 posts, pages or media of its own and 1 users, so it is not fresh"),
    (case(content={"users": 2}), "so it is not fresh"),
    (case(content={"own": 3}, marker={"source": "SHA256:old", "stage": "carrying"}), None),
    (case(content={"own": 3}, wordpress_carry_overwrite=True), None),
    (case(ours={"free": 10**9}), "The copy needs 1110 MB, and this host has 1000 MB free"),
]


@pytest.fixture(scope="module")
def said(attempts):

    return attempts("wordpress_carry", "refuse", [settings for settings, _words in CASES], result="went on")


@pytest.mark.parametrize("number", range(len(CASES)))
def test_one_sentence_says_why_nothing_is_carried(said, number):
    words = CASES[number][1]
    if words is None:
        assert said[number] == "went on"
    else:
        assert words in said[number] and said[number].endswith(" Nothing was changed."), said[number]
        assert "\n" not in said[number] and "  " not in json.dumps(said[number])
