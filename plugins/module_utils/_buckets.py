# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the bucket modules share. Private to the collection; may change at any time."""

from __future__ import annotations

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import snake

# The API has two switches, of which one is ignored when the other is `public`; users think in three settings.
ACCESS_RULES = {
    "private": {"getObject": "private", "allowPublicOverrides": False},
    "objects": {"getObject": "private", "allowPublicOverrides": True},
    "public": {"getObject": "public", "allowPublicOverrides": False},
}


def access_word(raw):
    rules = raw.get("accessRules") or {}
    if rules.get("getObject") == "public":
        return "public"
    return "objects" if rules.get("allowPublicOverrides") else "private"


def represent_bucket(raw):
    """A bucket as results show it."""
    if raw is None:
        return None
    shown = snake(raw)
    shown["access"] = access_word(raw)
    shown.setdefault("tags", {})
    for key in ("resources_receiving_access", "readonly_access_accounts"):
        shown.setdefault(key, [])
    return shown
