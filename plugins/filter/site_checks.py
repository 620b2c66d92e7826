# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: site_checks
author: The cloudpress.lightsail authors (@cloudpress)
version_added: 0.1.0
short_description: Judge what a site promises
description: Compares what a visitor saw and what the nodes said with what a published site promises.
options:
  _input:
    description:
      - RV(ignore:observed) with C(url), C(other_host), C(media_host), C(certificate_days), C(pages) (answers of
        M(cloudpress.lightsail.http_probe) for the site, its plain HTTP URL and the other name), C(media) (two answers for one medium),
        C(bucket) (the answers for the same medium asked of the bucket itself), C(targets) (health of the load balancer's targets) and
        C(nodes) (what each node said, by name, or C(unreachable) and why).
    type: dict
    required: true
"""

EXAMPLES = r"""
checks: "{{ observed | cloudpress.lightsail.site_checks }}"
"""

RETURN = r"""
_value:
  description: One entry for each promise, with name, part (what of the site it is about), ok and a line for people.
  type: list
  elements: dict
"""


# Minutes that a due event of WordPress may wait; cron comes by every minute.
CRON_MINUTES = 15
# Share of the database's connections that may be in use.
CONNECTIONS = 0.8


def said(answer):
    """Return what came back from a URL, in words."""
    location = answer.get("headers", {}).get("location", "")
    return f"{answer['url']} answers {answer.get('status', answer.get('error'))} {location}".strip()


def check(name, part, holds, line):
    return {"name": name, "part": part, "ok": bool(holds), "line": line}


def location(answer):
    return answer.get("headers", {}).get("location", "")


def certificate(name, part, answer, observed):
    days = answer.get("certificate_days_left", 0)
    return check(name, part, days >= int(observed["certificate_days"]), f"the certificate of {answer['url']} is valid for {days} days")


def resolved(name, part, answer):
    return check(name, part, answer.get("address"), f"{answer['url']} is at {answer.get('address') or 'no address: ' + answer.get('error', '')}")


def site_checks(observed):
    """Return the judgement of every promise as a list of {name, part, ok, line}."""
    url, media, nodes = observed["url"], observed["media"], observed["nodes"]
    front, plain = observed["pages"][:2]
    checks = [
        resolved("site name", "names", front),
        check("front page", "load balancer", front.get("status") == 200, said(front)),
        certificate("certificate", "load balancer", front, observed),
        check("plain HTTP", "load balancer", location(plain).startswith("https://"), said(plain)),
    ]
    if observed["other_host"]:
        checks.append(check("other name", "load balancer", location(observed["pages"][2]).startswith(url), said(observed["pages"][2])))
    if media:
        from_cdn = media[0]["url"].startswith(f"https://{observed['media_host']}/")
        cached = media[1].get("headers", {}).get("x-cache", "nothing")
        checks.append(resolved("media name", "names", media[0]))
        checks.append(check("media host", "distribution", from_cdn and media[0].get("status") == 200, said(media[0])))
        checks.append(certificate("media certificate", "distribution", media[0], observed))
        checks.append(check("media cache", "distribution", cached.lower().startswith("hit"), f"the second fetch says x-cache: {cached}"))
    for answer in observed.get("bucket", []):
        checks.append(check("private bucket", "bucket", answer.get("status") == 403, said(answer)))
    for target in observed["targets"]:
        name, health = target["instance_name"], target["instance_health"]
        checks.append(check(f"{name} target", name, health == "healthy", f"{name} is {health} at the load balancer"))
    talking = {name: node for name, node in nodes.items() if "home" in node}
    for name, node in sorted(nodes.items()):
        if name in talking:
            checks += node_checks(name, node, url, observed["media_host"])
        else:
            checks.append(check(f"{name} answers", name, False, f"{name} cannot be asked: {node.get('unreachable', 'it does not run')}"))
    return checks + fleet_checks(dict(sorted(talking.items())))


def node_checks(name, node, url, media_host):
    """Return the judgement of what one node said of itself."""
    transport = node["database_cipher"] or "plain text"
    local = "on" if node["local_database"] else "off"
    locked = "locked" if node["file_mods_locked"] else "open"
    views = "off" if node["page_view_cron_off"] else "on"
    timer = "on" if node["cron_entry"] else "off"
    late = node["cron_seconds_late"] // 60
    checks = [
        check(f"{name} URL", name, node["home"] == url and node["site_url"] == url, f"{name} believes to be {node['home']}"),
        check(
            f"{name} database",
            name,
            node["database_cipher"] and not node["local_database"],
            f"{name} uses {node['database_host']} over {transport}, its local database is {local}",
        ),
        check(f"{name} locks", name, node["file_mods_locked"], f"{name}: file modifications {locked}"),
        check(
            f"{name} cron",
            name,
            node["page_view_cron_off"] and node["cron_entry"] and late < CRON_MINUTES,
            f"{name}: cron by page views {views}, by the clock {timer}, the oldest due event waits for {late} minutes",
        ),
        check(
            f"{name} media",
            name,
            node["offloaded"] == node["attachments"],
            f"{name} knows {node['offloaded']} of {node['attachments']} media in the bucket",
        ),
        check(f"{name} own URL", name, node["self_fetch"] == "200", f"{name} fetching {url} gets {node['self_fetch']}"),
    ]
    if "shared_files" in node:
        shared = node["shared_files"]
        checks.append(check(f"{name} shared files", name, shared["together"], f"{name}, files that plugins write: {shared['line']}"))
    if "public_port" in node:
        closed = "closed" if node["public_port"] == "closed" else "open"
        checks.append(check(f"{name} public port", name, closed == "closed", f"{name}: port 80 of its public address is {closed}"))
    if "upload" in node:
        answer = node["upload"]
        holds = answer.get("status") == 200 and (not media_host or answer["url"].startswith(f"https://{media_host}/"))
        checks.append(check(f"{name} upload", name, holds, f"a picture uploaded on {name}: {said(answer)}"))
    return checks


def fleet_checks(nodes):
    """Return the judgement of the nodes together: the same site, the same database, each a host of its own."""
    checks = []
    if not nodes:
        return checks
    first, reference = next(iter(nodes.items()))
    for name, node in nodes.items():
        parts = [part for part in reference["manifest"] if node["manifest"].get(part) != reference["manifest"][part] and part != "total"]
        if node["php"] != reference["php"]:
            parts.append(f"PHP ({node['php']} and {reference['php']})")
        if name != first:
            line = f"{name} differs from {first} in {', '.join(parts)}" if parts else f"{name} runs the same site as {first}"
            checks.append(check(f"{name} drift", name, not parts, line))
        twins = [other for other, its in nodes.items() if other != name and its["identity"] == node["identity"]]
        if twins:
            checks.append(check(f"{name} identity", name, False, f"{name} has the machine id or host key of {', '.join(twins)}"))
    servers = sorted({node["database_server"][0] for node in nodes.values()})
    checks.append(check("one database", "database", len(servers) == 1, f"the nodes use the database server {' and '.join(servers)}"))
    used, allowed = (max(node["database_connections"][i] for node in nodes.values()) for i in (0, 1))
    checks.append(check("database connections", "database", used <= CONNECTIONS * allowed, f"{used} of {allowed} connections are in use"))
    return checks


class FilterModule:
    """Filters that judge a site."""

    def filters(self):
        return {"site_checks": site_checks}
