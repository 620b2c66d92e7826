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
        C(targets) (health of the load balancer's targets) and C(nodes) (what each node said, by name).
    type: dict
    required: true
"""

EXAMPLES = r"""
checks: "{{ observed | cloudpress.lightsail.site_checks }}"
"""

RETURN = r"""
_value:
  description: One entry for each promise, with name, ok and a line for people.
  type: list
  elements: dict
"""


def said(answer):
    """Return what came back from a URL, in words."""
    location = answer.get("headers", {}).get("location", "")
    return f"{answer['url']} answers {answer.get('status', answer.get('error'))} {location}".strip()


def check(name, holds, line):
    return {"name": name, "ok": bool(holds), "line": line}


def site_checks(observed):
    """Return the judgement of every promise as a list of {name, ok, line}."""
    url, pages, media = observed["url"], observed["pages"], observed["media"]
    front, plain = pages[0], pages[1]
    days = front.get("certificate_days_left", 0)
    checks = [
        check("front page", front.get("status") == 200, said(front)),
        check("certificate", days >= observed["certificate_days"], f"the certificate of {url} is valid for {days} days"),
        check("plain HTTP", plain.get("headers", {}).get("location", "").startswith("https://"), said(plain)),
    ]
    if observed["other_host"]:
        location = pages[2].get("headers", {}).get("location", "")
        checks.append(check("other name", location.startswith(url), said(pages[2])))
    if media:
        from_cdn = media[0]["url"].startswith(f"https://{observed['media_host']}/")
        cached = media[1].get("headers", {}).get("x-cache", "nothing")
        checks.append(check("media host", from_cdn and media[0].get("status") == 200, said(media[0])))
        checks.append(check("media cache", cached.lower().startswith("hit"), f"the second fetch says x-cache: {cached}"))
    for target in observed["targets"]:
        name, health = target["instance_name"], target["instance_health"]
        checks.append(check(f"{name} target", health == "healthy", f"{name} is {health} at the load balancer"))
    for name, node in sorted(observed["nodes"].items()):
        checks += node_checks(name, node, url)
    return checks


def node_checks(name, node, url):
    """Return the judgement of what one node said of itself."""
    transport = node["database_cipher"] or "plain text"
    local = "on" if node["local_database"] else "off"
    locked = "locked" if node["file_mods_locked"] else "open"
    cron = "off" if node["page_view_cron_off"] else "on"
    return [
        check(f"{name} URL", node["home"] == url and node["site_url"] == url, f"{name} believes to be {node['home']}"),
        check(
            f"{name} database",
            node["database_cipher"] and not node["local_database"],
            f"{name} uses {node['database_host']} over {transport}, its local database is {local}",
        ),
        check(
            f"{name} locks",
            node["file_mods_locked"] and node["page_view_cron_off"],
            f"{name}: file modifications {locked}, cron by page views {cron}",
        ),
        check(
            f"{name} media",
            node["offloaded"] == node["attachments"],
            f"{name} knows {node['offloaded']} of {node['attachments']} media in the bucket",
        ),
        check(f"{name} own URL", node["self_fetch"] == "200", f"{name} fetching {url} gets {node['self_fetch']}"),
    ]


class FilterModule:
    """Filters that judge a site."""

    def filters(self):
        return {"site_checks": site_checks}
