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


# -- CORS: (member of a rule in the option, in the API); all but the first and the last are sets

CORS_SETS = (
    ("allowed_methods", "allowedMethods"),
    ("allowed_origins", "allowedOrigins"),
    ("allowed_headers", "allowedHeaders"),
    ("expose_headers", "exposeHeaders"),
)


def cors_rule(given):
    """A rule with its lists sorted and without what is empty, so that two that say the same are equal."""
    rule = {name: given.get(name) for name in ("id", "max_age_seconds")}
    rule.update((name, sorted(set(given.get(name) or []))) for name, dummy in CORS_SETS)
    return {name: value for name, value in sorted(rule.items()) if value not in (None, "", [])}


def cors_rules(raw):
    """The rules of a bucket in the words of the option. Their order counts: the first that fits is used."""
    found = (raw.get("cors") or {}).get("rules") or []
    members = dict(CORS_SETS, id="id", max_age_seconds="maxAgeSeconds")
    return [cors_rule({name: rule.get(member) for name, member in members.items()}) for rule in found]


def api_cors(rules):
    members = dict(CORS_SETS, id="id", max_age_seconds="maxAgeSeconds")
    return {"rules": [{members[name]: value for name, value in rule.items()} for rule in rules]}


def same_cors(current, wanted):
    """A rule without an identifier equals one to which the service has given one."""
    if len(current) != len(wanted):
        return False
    return all({k: v for k, v in one.items() if k != "id" or "id" in other} == other for one, other in zip(current, wanted))


# -- showing


def access_log(raw):
    """Where accesses are logged, in the words of the option."""
    found = raw.get("accessLogConfig") or {}
    return {name: found[name] for name in ("enabled", "destination", "prefix") if found.get(name) is not None} or {"enabled": False}


def represent_bucket(raw):
    """A bucket as results show it."""
    if raw is None:
        return None
    shown = snake(raw)
    shown["access"] = access_word(raw)
    shown["access_log_config"] = access_log(raw)
    if "cors" in raw:
        shown["cors"] = cors_rules(raw)
    shown.setdefault("tags", {})
    for key in ("resources_receiving_access", "readonly_access_accounts"):
        shown.setdefault(key, [])
    return shown
