# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Distributions between the API's shape and the modules'. Private to the collection; may change at any time."""

from __future__ import annotations

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import snake

# (option, member of the API's CacheSettings)
SCALARS = (
    ("default_ttl", "defaultTTL"),
    ("minimum_ttl", "minimumTTL"),
    ("maximum_ttl", "maximumTTL"),
    ("allowed_http_methods", "allowedHTTPMethods"),
    ("cached_http_methods", "cachedHTTPMethods"),
)
# (option, member, name of the list in the option, name of the list in the API)
FORWARDED = (
    ("forwarded_cookies", "forwardedCookies", "cookies_allow_list", "cookiesAllowList"),
    ("forwarded_headers", "forwardedHeaders", "headers_allow_list", "headersAllowList"),
    ("forwarded_query_strings", "forwardedQueryStrings", "query_strings_allow_list", "queryStringsAllowList"),
)


# Headers that a distribution can forward, in the spelling of the API.
HEADERS = (
    "Accept", "Accept-Charset", "Accept-Datetime", "Accept-Encoding", "Accept-Language", "Authorization", "CloudFront-Forwarded-Proto",
    "CloudFront-Is-Desktop-Viewer", "CloudFront-Is-Mobile-Viewer", "CloudFront-Is-SmartTV-Viewer", "CloudFront-Is-Tablet-Viewer",
    "CloudFront-Viewer-Country", "Host", "Origin", "Referer",
)
MOST_BEHAVIORS = 25
MOST_NAMES = 10
# (option, member) of one error page
ERROR_PAGE = (
    ("error_code", "errorCode"),
    ("response_code", "responseCode"),
    ("page_path", "responsePagePath"),
    ("caching_seconds", "errorCachingMinTTL"),
)
# The codes for which CloudFront can deliver a page, as its documentation lists them.
ERROR_CODES = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
# Rule groups by plan, as the documentation of CreateDistribution lists them.
WAF_MEDIUM = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesAnonymousIpList")
WAF_CONFIGURED = {
    "AWSManagedRulesATPRuleSet": "login",
    "AWSManagedRulesACFPRuleSet": "sign_up",
    "AWSManagedRulesBotControlRuleSet": "bot_inspection",
}
WAF_LARGE = WAF_MEDIUM + (
    "AWSManagedRulesAdminProtectionRuleSet", "AWSManagedRulesSQLiRuleSet", "AWSManagedRulesLinuxRuleSet", "AWSManagedRulesUnixRuleSet",
    "AWSManagedRulesWindowsRuleSet", "AWSManagedRulesPHPRuleSet", "AWSManagedRulesWordPressRuleSet", "AWSManagedRulesAmazonIpReputationList",
) + tuple(sorted(WAF_CONFIGURED))


def argument_spec():
    behavior = dict(type="str", choices=["cache", "dont-cache"])
    methods = ["GET,HEAD", "GET,HEAD,OPTIONS", "GET,HEAD,OPTIONS,PUT,PATCH,POST,DELETE"]
    words = dict(type="str", choices=["none", "allow-list", "all"], required=True)
    names = dict(type="list", elements="str")
    settings = dict(
        default_ttl=dict(type="int"),
        minimum_ttl=dict(type="int"),
        maximum_ttl=dict(type="int"),
        allowed_http_methods=dict(type="str", choices=methods),
        cached_http_methods=dict(type="str", choices=methods[:2]),
        forwarded_cookies=dict(type="dict", options=dict(option=words, cookies_allow_list=names)),
        forwarded_headers=dict(type="dict", options=dict(option=words, headers_allow_list=names)),
        forwarded_query_strings=dict(
            type="dict", options=dict(option=dict(type="bool", required=True), query_strings_allow_list=names)
        ),
    )
    origin = dict(
        name=dict(type="str", required=True),
        region=dict(type="str"),
        protocol_policy=dict(type="str", choices=["http-only", "https-only"]),
        ip_address_type=dict(type="str", choices=["dualstack", "ipv4", "ipv6"]),
        response_timeout=dict(type="int"),
        private_access=dict(type="bool"),
    )
    error_page = dict(
        error_code=dict(type="int", choices=list(ERROR_CODES), required=True),
        response_code=dict(type="int"),
        page_path=dict(type="str"),
        caching_seconds=dict(type="int", default=10),
    )
    codes = dict(type="list", elements="int", required=True)
    payload = dict(type="str", choices=["json", "form"], required=True)
    path = dict(type="str", required=True)
    rule = dict(
        name=dict(type="str", choices=list(WAF_LARGE), required=True),
        login=dict(
            type="dict",
            options=dict(
                path=path,
                payload=payload,
                username_field=path,
                password_field=dict(path, no_log=False),
                success_codes=codes,
                failure_codes=codes,
            ),
        ),
        sign_up=dict(
            type="dict", options=dict(path=path, page_path=path, payload=payload, success_codes=codes, failure_codes=codes)
        ),
        bot_inspection=dict(type="str", choices=["common", "targeted"]),
    )
    waf = dict(enabled=dict(type="bool", required=True), rules=dict(type="list", elements="dict", options=rule))
    return dict(
        name=dict(type="str", required=True),
        state=dict(type="str", choices=["present", "absent"], default="present"),
        bundle_id=dict(type="str"),
        origin=dict(type="dict", options=origin),
        default_behavior=behavior,
        behaviors=dict(type="list", elements="dict", options=dict(path=dict(type="str", required=True), behavior=dict(behavior, required=True))),
        settings=dict(type="dict", options=settings),
        default_root_object=dict(type="str"),
        error_pages=dict(type="list", elements="dict", options=error_page),
        waf=dict(type="dict", options=waf),
        viewer_minimum_tls=dict(type="str", choices=["TLSv1.1_2016", "TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021"]),
        ip_address_type=dict(type="str", choices=["dualstack", "ipv4"]),
        certificate_name=dict(type="str"),
        enabled=dict(type="bool"),
        reset_cache=dict(type="bool", default=False),
    )


# -- origin

ORIGIN = (
    ("name", "name"),
    ("region", "regionName"),
    ("protocol_policy", "protocolPolicy"),
    ("response_timeout", "responseTimeout"),
    ("ip_address_type", "ipAddressType"),
)


def origin_of(raw):
    """The origin in the words of the option; members that the API left out are left out here too."""
    origin = raw.get("origin") or {}
    found = {"name": origin.get("name"), "region": origin.get("regionName")}
    for option, member in ORIGIN[2:]:
        if origin.get(member) is not None:
            found[option] = origin[member]
    found["private_access"] = bool(origin.get("isPrivateOriginAccessEnabled"))
    return found


def api_origin(origin):
    return {member: origin[option] for option, member in ORIGIN if origin.get(option) is not None}


def behaviors_of(raw):
    return sorted(({"path": b["path"], "behavior": b["behavior"]} for b in raw.get("cacheBehaviors") or []), key=lambda b: b["path"])


# -- settings


def _forwarded(option, names):
    # The service accepts and returns `default` for headers where its model has only `none`.
    return {"option": "none" if option == "default" else option, "names": sorted(names or [])}


def settings_of(raw):
    """The settings in the words of the option, with lists sorted."""
    found, settings = {}, raw.get("cacheBehaviorSettings") or {}
    for option, member in SCALARS:
        if settings.get(member) is not None:
            found[option] = settings[member]
    for option, member, names, api_names in FORWARDED:
        if settings.get(member):
            value = _forwarded(settings[member].get("option"), settings[member].get(api_names))
            found[option] = {"option": value["option"], names: value["names"]}
    return found


def merged_settings(current, given):
    """What is given over what is there, because an update replaces everything."""
    wanted = dict(current)
    for option, dummy in SCALARS:
        if given.get(option) is not None:
            wanted[option] = given[option]
    for option, dummy, names, dummy2 in FORWARDED:
        if given.get(option) is not None:
            value = _forwarded(given[option].get("option"), given[option].get(names))
            wanted[option] = {"option": value["option"], names: value["names"]}
    return wanted


def api_settings(settings):
    request = {member: settings[option] for option, member in SCALARS if option in settings}
    for option, member, names, api_names in FORWARDED:
        if option in settings:
            request[member] = {"option": settings[option]["option"]}
            if settings[option][names]:
                request[member][api_names] = settings[option][names]
    return request


# -- error pages


def error_pages_of(raw):
    pages = [{option: page.get(member) for option, member in ERROR_PAGE} for page in raw.get("customErrorResponses") or []]
    return sorted((plain_page(page) for page in pages), key=lambda page: page["error_code"])


def plain_page(page):
    """Without what is not set; the API has the code of the answer as text."""
    page = {option: value for option, value in page.items() if value not in (None, "")}
    if "response_code" in page:
        page["response_code"] = int(page["response_code"])
    return dict(page, caching_seconds=page.get("caching_seconds", 10))


def api_error_pages(pages):
    members = dict(ERROR_PAGE)
    return [{members[option]: str(value) if option == "response_code" else value for option, value in page.items()} for page in pages]


# -- web application firewall

# (option, member) of what a rule group looks at; the codes are in an object of their own
LOGIN = (("path", "loginPath"), ("payload", "payloadType"), ("username_field", "usernameField"), ("password_field", "passwordField"))
SIGN_UP = (("path", "creationPath"), ("page_path", "registrationPagePath"), ("payload", "payloadType"))
PAYLOADS = (("json", "JSON"), ("form", "FORM_ENCODED"))


def waf_of(raw):
    waf = raw.get("waf") or {}
    if not waf.get("isWafEnabled"):
        return {"enabled": False, "rules": []}
    return {"enabled": True, "rules": sorted((_rule_of(rule) for rule in waf.get("wafRules") or []), key=lambda rule: rule["name"])}


def _rule_of(raw):
    rule = {"name": raw["name"]}
    for option, member, members in (("login", "atpConfig", LOGIN), ("sign_up", "acfpConfig", SIGN_UP)):
        given = raw.get(member)
        if given:
            rule[option] = {name: given.get(its) for name, its in members}
            rule[option]["payload"] = dict((b, a) for a, b in PAYLOADS).get(given.get("payloadType"))
            inspection = given.get("responseInspection") or {}
            rule[option].update((name + "_codes", sorted(inspection.get(name + "Codes") or [])) for name in ("success", "failure"))
    if raw.get("botControlConfig"):
        rule["bot_inspection"] = raw["botControlConfig"].get("inspectionLevel", "").lower()
    return rule


def plain_waf(waf):
    """As given, sorted, without what is not set."""
    rules = [{name: value for name, value in rule.items() if value is not None} for rule in waf["rules"] or []]
    for rule in rules:
        for option in ("login", "sign_up"):
            if option in rule:
                rule[option] = dict(rule[option], **{name: sorted(rule[option][name]) for name in ("success_codes", "failure_codes")})
    return {"enabled": waf["enabled"], "rules": sorted(rules, key=lambda rule: rule["name"])}


def api_waf_rules(rules):
    return [_api_rule(rule) for rule in rules]


def _api_rule(rule):
    raw = {"name": rule["name"]}
    for option, member, members in (("login", "atpConfig", LOGIN), ("sign_up", "acfpConfig", SIGN_UP)):
        if option in rule:
            given = rule[option]
            raw[member] = {its: given[name] for name, its in members}
            raw[member]["payloadType"] = dict(PAYLOADS)[given["payload"]]
            raw[member]["responseInspection"] = {"successCodes": given["success_codes"], "failureCodes": given["failure_codes"]}
    if "bot_inspection" in rule:
        raw["botControlConfig"] = {"inspectionLevel": rule["bot_inspection"].upper()}
    return raw


# -- what no distribution can have, as sentences


def mistakes(params):
    """What the argument spec cannot refuse."""
    origin = params["origin"] or {}
    timeout = origin.get("response_timeout")
    if timeout is not None and not 1 <= timeout <= 60:
        yield "origin.response_timeout is %d, but has to be between 1 and 60." % timeout
    behaviors = params["behaviors"] or []
    if len(behaviors) > MOST_BEHAVIORS:
        yield "behaviors has %d entries, but can have at most %d." % (len(behaviors), MOST_BEHAVIORS)
    paths = [item["path"] for item in behaviors]
    for path in sorted(set(paths)):
        if not path or paths.count(path) > 1:
            yield "behaviors names the path '%s' %s." % (path, "twice" if path else "but a path cannot be empty")
    yield from _mistakes_of_settings(params["settings"] or {})
    yield from _mistakes_of_pages(params["error_pages"] or [])
    yield from _mistakes_of_waf(params["waf"] or {})


def _mistakes_of_settings(settings):
    for option, least in (("default_ttl", 1), ("minimum_ttl", 0), ("maximum_ttl", 1)):
        if settings.get(option) is not None and settings[option] < least:
            yield "settings.%s is %d, but has to be at least %d." % (option, settings[option], least)
    for option, dummy, names, dummy2 in FORWARDED:
        given = settings.get(option) or {}
        listed = given.get(names) or []
        if len(listed) > MOST_NAMES:
            yield "settings.%s.%s has %d names, but can have at most %d." % (option, names, len(listed), MOST_NAMES)
        if given.get("option") == "allow-list" and not listed:
            yield "settings.%s has the option allow-list, but %s is empty." % (option, names)
        if listed and given.get("option") in ("none", "all", False):
            yield "settings.%s has %s, but its option is %s." % (option, names, str(given["option"]).lower())
    for name in (settings.get("forwarded_headers") or {}).get("headers_allow_list") or []:
        if name not in HEADERS:
            yield "settings.forwarded_headers.headers_allow_list has '%s', but possible are %s." % (name, ", ".join(HEADERS))


def _mistakes_of_pages(pages):
    codes = [page["error_code"] for page in pages]
    for page in pages:
        where = "error_pages for %d" % page["error_code"]
        if codes.count(page["error_code"]) > 1:
            yield "error_pages names the code %d twice." % page["error_code"]
        if (page["page_path"] is None) != (page["response_code"] is None):
            yield "%s: page_path and response_code go together." % where
        if page["page_path"] is not None and not page["page_path"].startswith("/"):
            yield "%s: page_path is '%s', but has to begin with '/'." % (where, page["page_path"])
        if page["response_code"] not in (None, 200) + ERROR_CODES:
            yield "%s: response_code is %d, but has to be 200 or one of %s." % (where, page["response_code"], ", ".join(map(str, ERROR_CODES)))
        if page["caching_seconds"] < 0:
            yield "%s: caching_seconds is %d, but cannot be negative." % (where, page["caching_seconds"])


def _mistakes_of_waf(waf):
    if waf.get("rules") and not waf["enabled"]:
        yield "waf has rules, but is not enabled."
    names = [rule["name"] for rule in waf.get("rules") or []]
    for rule in waf.get("rules") or []:
        if names.count(rule["name"]) > 1:
            yield "waf.rules names %s twice." % rule["name"]
        needed = WAF_CONFIGURED.get(rule["name"])
        for option in ("login", "sign_up", "bot_inspection"):
            if (rule[option] is not None) != (option == needed):
                yield "waf.rules: %s %s %s." % (rule["name"], "needs" if option == needed else "does not take", option)
        given = rule["login"] or rule["sign_up"] or {}
        for option in ("path", "page_path"):
            if option in given and not (given[option].startswith("/") and len(given[option]) <= 256):
                yield "waf.rules: %s of %s has to begin with '/' and have at most 256 characters." % (option, rule["name"])
        for option in ("success_codes", "failure_codes"):
            if option in given and not (1 <= len(given[option]) <= 10 and all(0 <= code <= 999 for code in given[option])):
                yield "waf.rules: %s of %s has to have 1 to 10 codes from 0 to 999." % (option, rule["name"])
        if set(given.get("success_codes", [])) & set(given.get("failure_codes", [])):
            yield "waf.rules: a code of %s is both a success and a failure." % rule["name"]


# -- showing


def usable_certificate(raw):
    """The name of the certificate, if its domains are switched on as well; else what is wrong, so that it is attached again."""
    name = raw.get("certificateName") or ""
    if name and not raw.get("alternativeDomainNames"):
        return "%s without its domains" % name
    return name


def represent_distribution(raw):
    if raw is None:
        return None
    shown = snake(raw)
    shown.setdefault("certificate_name", None)
    shown.setdefault("alternative_domain_names", [])
    shown.setdefault("cache_behaviors", [])
    if "cache_behavior_settings" in shown:
        shown["cache_behavior_settings"] = settings_of(raw)
    if "customErrorResponses" in raw:
        shown["custom_error_responses"] = error_pages_of(raw)
    shown["waf"] = waf_of(raw)
    shown.setdefault("tags", {})
    return shown
