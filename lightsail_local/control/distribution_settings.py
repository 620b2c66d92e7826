# SPDX-License-Identifier: GPL-3.0-or-later
"""Cache settings of distributions: what the service fills in, and its rules."""

from __future__ import annotations

from typing import Any

from . import errors

ALL_METHODS = "GET,HEAD,OPTIONS,PUT,PATCH,POST,DELETE"
ALLOWED_METHODS = ("GET,HEAD", "GET,HEAD,OPTIONS", ALL_METHODS)
CACHED_METHODS = ("GET,HEAD", "GET,HEAD,OPTIONS")
MAX_BEHAVIORS = 25
MAX_NAMES = 10

# What Terraform's acceptance tests pin because the service fills it in otherwise.
DEFAULTS: dict[str, Any] = {
    "defaultTTL": 86400,
    "minimumTTL": 0,
    "maximumTTL": 31536000,
    "allowedHTTPMethods": ALL_METHODS,
    "cachedHTTPMethods": "GET,HEAD",
    "forwardedCookies": {"option": "none", "cookiesAllowList": []},
    "forwardedHeaders": {"option": "default", "headersAllowList": []},
    "forwardedQueryStrings": {"option": False, "queryStringsAllowList": []},
}


def _methods(text: str, allowed: tuple[str, ...], name: str) -> str:
    """Compared as sets: the order of the words is not documented as fixed."""
    words = {word.strip().upper() for word in text.split(",")}
    for choice in allowed:
        if words == set(choice.split(",")):
            return choice
    raise errors.invalid(f"{name} is {text}; it must be one of: {' | '.join(allowed)}.")


def read_settings(given: dict[str, Any]) -> dict[str, Any]:
    settings = {key: given.get(key, value) for key, value in DEFAULTS.items()}
    settings["allowedHTTPMethods"] = _methods(settings["allowedHTTPMethods"], ALLOWED_METHODS, "allowedHTTPMethods")
    settings["cachedHTTPMethods"] = _methods(settings["cachedHTTPMethods"], CACHED_METHODS, "cachedHTTPMethods")
    minimum, default, maximum = (settings[key] for key in ("minimumTTL", "defaultTTL", "maximumTTL"))
    if minimum < 0 or maximum < 1 or default < 1:
        # A field report of 2026 and Terraform both found that defaultTTL 0 cannot be set.
        raise errors.invalid("defaultTTL and maximumTTL must be at least 1, minimumTTL at least 0.")
    if not minimum <= default <= maximum:
        raise errors.invalid("The TTLs must be in the order minimumTTL, defaultTTL, maximumTTL.")
    for key, names_key in (("forwardedCookies", "cookiesAllowList"), ("forwardedHeaders", "headersAllowList")):
        settings[key] = _forward(key, names_key, settings[key])
    if settings["forwardedHeaders"]["option"] == "all" and minimum != 0:
        raise errors.invalid("minimumTTL must be 0 when all headers are forwarded.")
    strings = settings["forwardedQueryStrings"]
    allow_list = list(strings.get("queryStringsAllowList") or [])
    _check_count("forwardedQueryStrings", allow_list)
    settings["forwardedQueryStrings"] = {"option": bool(strings.get("option")), "queryStringsAllowList": allow_list}
    return settings


def _forward(key: str, names_key: str, given: dict[str, Any]) -> dict[str, Any]:
    option = given.get("option", "none")
    allow_list = list(given.get(names_key) or [])
    _check_count(key, allow_list)
    if option == "allow-list" and not allow_list:
        raise errors.invalid(f"{key} has the option allow-list but no {names_key}.")
    if key == "forwardedHeaders" and option == "none":
        option = "default"  # comes back like this
    return {"option": option, names_key: allow_list}


def _check_count(key: str, names: list[str]) -> None:
    if len(names) > MAX_NAMES:
        raise errors.invalid(f"{key} can have at most {MAX_NAMES} names.")


def read_behaviors(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(given) > MAX_BEHAVIORS:
        raise errors.invalid(f"A distribution can have at most {MAX_BEHAVIORS} behaviors per path.")
    paths = [item.get("path") for item in given]
    if len(set(paths)) != len(paths) or not all(paths):
        raise errors.invalid("Every cache behavior needs a path of its own.")
    return [{"path": item["path"], "behavior": item.get("behavior", "cache")} for item in given]


def settings_spec(settings: dict[str, Any]) -> dict[str, Any]:
    """As the data plane wants them."""
    return {
        "default_ttl": settings["defaultTTL"],
        "minimum_ttl": settings["minimumTTL"],
        "maximum_ttl": settings["maximumTTL"],
        "methods": settings["allowedHTTPMethods"],
        "cached_methods": settings["cachedHTTPMethods"],
        "cookies": {
            "option": settings["forwardedCookies"]["option"],
            "names": settings["forwardedCookies"]["cookiesAllowList"],
        },
        "headers": {
            "option": settings["forwardedHeaders"]["option"],
            "names": settings["forwardedHeaders"]["headersAllowList"],
        },
        "query_strings": {
            "option": settings["forwardedQueryStrings"]["option"],
            "names": settings["forwardedQueryStrings"]["queryStringsAllowList"],
        },
    }
