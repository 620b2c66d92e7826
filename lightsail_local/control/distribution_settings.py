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


# -- error pages ---------------------------------------------------------------------------------------------------
# As CloudFront's documentation lists them.
ERROR_CODES = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
SECONDS_OF_ERRORS = 10  # the default (model)


def read_error_pages(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    pages = []
    for page in given:
        code, path, answer = page.get("errorCode"), page.get("responsePagePath"), page.get("responseCode")
        if code not in ERROR_CODES:
            raise errors.invalid(f"The errorCode {code} is not valid; it must be one of: {', '.join(map(str, ERROR_CODES))}.")
        if bool(path) != bool(answer):
            raise errors.invalid(f"The response for the error {code} needs both responsePagePath and responseCode, or neither.")
        if path and not path.startswith("/"):
            raise errors.invalid(f"The responsePagePath {path} must begin with a forward slash (/).")
        if answer and answer not in ("200", *map(str, ERROR_CODES)):
            raise errors.invalid(f"The responseCode {answer} is not valid.")
        seconds = page.get("errorCachingMinTTL", SECONDS_OF_ERRORS)
        if seconds < 0:
            raise errors.invalid("errorCachingMinTTL must not be negative.")
        pages.append({**page, "errorCachingMinTTL": seconds})
    if len({page["errorCode"] for page in pages}) != len(pages):
        raise errors.invalid("Every errorCode can have one custom error response only.")
    return pages


# -- web application firewall; kept, not carried out -----------------------------------------------------------------
# Rule groups by bundle (model, CreateDistribution), and what those need that are configured.
WAF_RULES = {
    "medium": {"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesAnonymousIpList"},
    "large": {
        "AWSManagedRulesAdminProtectionRuleSet",
        "AWSManagedRulesSQLiRuleSet",
        "AWSManagedRulesLinuxRuleSet",
        "AWSManagedRulesUnixRuleSet",
        "AWSManagedRulesWindowsRuleSet",
        "AWSManagedRulesPHPRuleSet",
        "AWSManagedRulesWordPressRuleSet",
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesATPRuleSet",
        "AWSManagedRulesACFPRuleSet",
        "AWSManagedRulesBotControlRuleSet",
    },
}
WAF_CONFIGURED = {
    "AWSManagedRulesATPRuleSet": "atpConfig",
    "AWSManagedRulesACFPRuleSet": "acfpConfig",
    "AWSManagedRulesBotControlRuleSet": "botControlConfig",
}


def has_waf(bundle_id: str) -> bool:
    return bundle_id.split("_")[0] in WAF_RULES


def read_waf(
    bundle_id: str, now: dict[str, Any] | None, enable: bool | None, rules: list[dict[str, Any]] | None
) -> dict[str, Any] | None:
    """What the firewall is like after the request: off forgets the rules; rules can be given while it is on (model)."""
    enabled = bool((now or {}).get("isWafEnabled")) if enable is None else enable
    if enabled and not has_waf(bundle_id):
        raise errors.invalid(f"WAF is available only for distributions that use the medium_1_0 or large_1_0 bundle, not {bundle_id}.")
    if rules and not enabled:
        raise errors.invalid("wafRules can be specified only when WAF is enabled for the distribution.")
    if not enabled:
        return {"isWafEnabled": False, "wafRules": []} if has_waf(bundle_id) else None
    kept = list((now or {}).get("wafRules") or []) if rules is None else [_read_rule(bundle_id, rule) for rule in rules]
    if len({rule["name"] for rule in kept}) != len(kept):
        raise errors.invalid("Every WAF rule group can be specified once only.")
    return {"isWafEnabled": True, "wafRules": kept}


def _read_rule(bundle_id: str, rule: dict[str, Any]) -> dict[str, Any]:
    name = rule["name"]
    allowed = WAF_RULES["medium"] | (WAF_RULES["large"] if bundle_id.startswith("large") else set())
    if name not in allowed:
        raise errors.invalid(f"The WAF rule group {name} is not available for the bundle {bundle_id}.")
    for group, member in WAF_CONFIGURED.items():
        if (group == name) != bool(rule.get(member)):
            raise errors.invalid(f"{member} is required when the name is {group}, and only then.")
    for config in (rule.get("atpConfig") or {}, rule.get("acfpConfig") or {}):
        for member in ("loginPath", "creationPath", "registrationPagePath"):
            if member in config and not (config[member].startswith("/") and len(config[member]) <= 256):
                raise errors.invalid(f"{member} must start with a forward slash (/) and contain from 1 to 256 characters.")
        inspection = config.get("responseInspection") or {}
        success, failure = (inspection.get(member) or [] for member in ("successCodes", "failureCodes"))
        if config and not all(1 <= len(codes) <= 10 and all(0 <= code <= 999 for code in codes) for codes in (success, failure)):
            raise errors.invalid("successCodes and failureCodes must contain from 1 to 10 status codes from 0 to 999.")
        if set(success) & set(failure):
            raise errors.invalid("A status code cannot be in both successCodes and failureCodes.")
    return dict(rule)
