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
        response_timeout=dict(type="int"),
        private_access=dict(type="bool"),
    )
    return dict(
        name=dict(type="str", required=True),
        state=dict(type="str", choices=["present", "absent"], default="present"),
        bundle_id=dict(type="str"),
        origin=dict(type="dict", options=origin),
        default_behavior=behavior,
        behaviors=dict(type="list", elements="dict", options=dict(path=dict(type="str", required=True), behavior=dict(behavior, required=True))),
        settings=dict(type="dict", options=settings),
        default_root_object=dict(type="str"),
        viewer_minimum_tls=dict(type="str", choices=["TLSv1.1_2016", "TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021"]),
        ip_address_type=dict(type="str", choices=["dualstack", "ipv4", "ipv6"]),
        certificate_name=dict(type="str"),
        enabled=dict(type="bool"),
        reset_cache=dict(type="bool", default=False),
    )


# -- origin


def origin_of(raw):
    """The origin in the words of the option; members that the API left out are left out here too."""
    origin = raw.get("origin") or {}
    found = {"name": origin.get("name"), "region": origin.get("regionName")}
    for option, member in (("protocol_policy", "protocolPolicy"), ("response_timeout", "responseTimeout")):
        if origin.get(member) is not None:
            found[option] = origin[member]
    found["private_access"] = bool(origin.get("isPrivateOriginAccessEnabled"))
    return found


def api_origin(origin):
    members = {"name": "name", "region": "regionName", "protocol_policy": "protocolPolicy", "response_timeout": "responseTimeout"}
    return {member: origin[option] for option, member in members.items() if origin.get(option) is not None}


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
    shown.setdefault("tags", {})
    return shown
