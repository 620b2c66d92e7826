#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wordpress_tls_leftovers
short_description: Remove what a host did about HTTPS before a load balancer took over
version_added: 0.1.0
description:
  - Removes redirects to HTTPS and to another host name from virtual hosts, as AWS's guided workflow ("Set up your website") and Bitnami's
    C(bncert) write them. Behind a load balancer that ends TLS they loop, and answer health checks with 301.
  - Removes renewals of certificates from the crontabs of the system and of users, and switches off timers that renew. They fail behind a
    load balancer, and some stop the web server to do so.
author: The cloudpress.lightsail authors (@cloudpress)
options:
  config_dirs:
    description: Directories with the web server's virtual hosts, files C(*.conf).
    type: list
    elements: path
    default: []
  except_files:
    description: Files in them that are left alone.
    type: list
    elements: path
    default: []
  users:
    description: Users whose crontabs are looked through.
    type: list
    elements: str
    default: []
  test:
    description: Commands, each a list of words, that fail when the web server's configuration is wrong. Then everything is put back.
    type: list
    elements: list
    default: []
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Returns details on what has changed, or possibly needs changing in check mode, when in diff mode.
    support: full
"""

EXAMPLES = r"""
- name: Remove what bncert left
  cloudpress.lightsail.wordpress_tls_leftovers:
    config_dirs: [/etc/apache2/sites-available]
    users: [root]
  become: true
"""

RETURN = r"""
removed:
  description: What was removed, or would be, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["redirects from /etc/apache2/sites-available/wordpress.conf"]
virtual_hosts_changed:
  description: Whether the web server has to read its configuration again.
  returned: success
  type: bool
  sample: true
"""

import glob
import os
import re
import subprocess

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _config_files, _cron

# bncert marks its blocks.
MARKED = re.compile(
    r"^[ \t]*# BEGIN: Enable (HTTP to HTTPS|non-www to www|www to non-www) redirection.*?# END: Enable \1 redirection[^\n]*\n?", re.DOTALL | re.MULTILINE
)
SECTION = re.compile(r"^\s*<(/?)VirtualHost\b([^>]*)>", re.IGNORECASE)
CONDITION = re.compile(r"^\s*RewriteCond\s", re.IGNORECASE)
RULE = re.compile(r"^\s*RewriteRule\s+(?P<pattern>\"[^\"]*\"|\S+)\s+\"?(?P<target>[^\s\"]+)", re.IGNORECASE)
# What tells that the visitor's connection to this server is not encrypted. X-Forwarded-Proto is another thing: it knows the load balancer.
NOT_HTTPS = re.compile(
    r"%\{HTTPS\}\"?\s+\"?(!=?\s*\"?\^?on\b|=?\s*\^?off\b)|%\{SERVER_PORT\}\"?\s+\"?(!=?\^?443|=?\^?80)(?!\d)|"
    r"%\{REQUEST_SCHEME\}\"?\s+\"?(!=?\^?https\b|=?\^?http\b)",
    re.IGNORECASE,
)
FORWARDED = re.compile(r"X[-_]Forwarded[-_]|CloudFront", re.IGNORECASE)
TO_HTTPS = re.compile(r"https://(%\{(SERVER_NAME|HTTP_HOST)\}|[\w.-]+)", re.IGNORECASE)
# The same page of the same host, as certbot writes it without asking for the scheme: on port 80 that is always a redirect to HTTPS.
SAME_HOST = r"https://%\{(SERVER_NAME|HTTP_HOST)\}"
SAME_PAGE = re.compile(SAME_HOST + r"/?%\{REQUEST_URI\}$", re.IGNORECASE)
SAME_PATH = re.compile(SAME_HOST + r"/?\$1$", re.IGNORECASE)
WHOLE_PATH = re.compile(r"^\"?\^?(/\??)?\(\.\*\)\$?\"?$")
# All of a site, not one page that has moved.
STATUS = r"(\s+(permanent|temp|30\d))?\s+"
REDIRECT = re.compile(
    rf"^\s*(Redirect{STATUS}\"?/\"?|Redirect(Permanent|Temp)\s+\"?/\"?|RedirectMatch{STATUS}\"?\^?(/\??)?\(?\.\*\)?\$?\"?)\s+\"?https://\S+\s*$", re.IGNORECASE
)
REDIRECT_HERE = re.compile(rf"^\s*Redirect{STATUS}\"?https://\S+\s*$", re.IGNORECASE)
LOCATION = re.compile(r"^\s*<(/?)Location(?:Match)?\b\s*\"?([^\">]*)", re.IGNORECASE)
TIMER = re.compile(r"certbot|letsencrypt|le-cert|bncert|\blego\b|\bacme\b", re.IGNORECASE)


def only_redirects(rule, conditions, plain):
    """Whether a rule of mod_rewrite does no more than send visitors to HTTPS. `plain` says that it is one of port 80."""
    found = RULE.match(rule)
    if not found or any(FORWARDED.search(condition) for condition in conditions):
        return False
    target = found["target"]
    if plain and (SAME_PAGE.match(target) or (SAME_PATH.match(target) and WHOLE_PATH.match(found["pattern"]))):
        return True
    return bool(TO_HTTPS.match(target)) and any(NOT_HTTPS.search(condition) for condition in conditions)


def without_redirects(text):
    """Return the text of a file of virtual hosts without what redirects visitors to HTTPS."""
    kept, before, plain, location = [], [], False, ""
    for line in MARKED.sub("", text).splitlines(keepends=True):
        section, place = SECTION.match(line), LOCATION.match(line)
        if section:
            plain = not section[1] and ":80" in section[2] and ":443" not in section[2]
        if place:
            location = "" if place[1] else place[2].strip()
        # A rule goes with the conditions before it; comments may stand between them.
        if CONDITION.match(line) or (before and (not line.strip() or line.lstrip().startswith("#"))):
            before.append(line)
            continue
        conditions = [item for item in before if CONDITION.match(item)]
        redirect = plain and (REDIRECT.match(line) or (location == "/" and REDIRECT_HERE.match(line)))
        if only_redirects(line, conditions, plain):
            kept += [item for item in before if item not in conditions]
        elif not redirect:
            kept += [*before, line]
        else:
            kept += before
        before = []
    return "".join(kept + before)


def without_renewals(text):
    """Return a crontab without entries that renew certificates; comments stay."""
    return "".join(line for line in text.splitlines(keepends=True) if line.lstrip().startswith("#") or not _cron.RENEWAL.search(line))


def shown(text):
    return text.encode(errors="surrogateescape").decode(errors="replace")


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def virtual_hosts(wanted):
    """Return path and cleaned text of every file that holds a redirect."""
    found = {}
    for directory in wanted["config_dirs"]:
        for path in sorted(glob.glob(f"{directory}/*.conf")):
            if path in wanted["except_files"] or os.path.islink(path):
                continue
            text = read(path)
            if without_redirects(text) != text:
                found[path] = ("file", without_redirects(text))
    return found


def system_crontabs():
    """Return path and cleaned text, or None for a file of which nothing would be left, of the system's crontabs that renew."""
    found = {}
    for path in ["/etc/crontab", *sorted(glob.glob("/etc/cron.d/*"))]:
        text = read(path) if os.path.isfile(path) else ""
        kept = without_renewals(text)
        if kept != text:
            entries = [line for line in kept.splitlines() if line.strip() and not line.lstrip().startswith("#") and not re.match(r"\s*\w+\s*=", line)]
            found[path] = ("file", kept) if entries or path == "/etc/crontab" else None
    return found


def user_crontabs(users):
    """Return user, present and cleaned text of the crontabs that renew."""
    found = []
    for user in users:
        there, text = _cron.crontab(user, "-l")
        if there and without_renewals(text) != text:
            found.append((user, text, without_renewals(text)))
    return found


def timers():
    """Return the timers that renew and are switched on."""
    command = ["systemctl", "list-unit-files", "--type=timer", "--state=enabled", "--no-legend", "--no-pager"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except FileNotFoundError:
        return []
    names = [line.split()[0] for line in done.stdout.decode(errors="replace").splitlines() if line.strip()]
    return [name for name in names if TIMER.search(name)]


def main():
    module = AnsibleModule(
        argument_spec={
            "config_dirs": {"type": "list", "elements": "path", "default": []},
            "except_files": {"type": "list", "elements": "path", "default": []},
            "users": {"type": "list", "elements": "str", "default": []},
            "test": {"type": "list", "elements": "list", "default": []},
        },
        supports_check_mode=True,
    )
    hosts, tables, users, clocks = virtual_hosts(module.params), system_crontabs(), user_crontabs(module.params["users"]), timers()
    try:
        differences = _config_files.apply(hosts, module.params["test"], module.check_mode)
        differences += _config_files.apply(tables, [], module.check_mode)
    except _config_files.Refused as error:
        module.fail_json(msg=f"Without its redirects the web server's configuration is not accepted, so that it was left as it was: {error}")
    removed = [f"redirects from {path}" for path in hosts] + [f"renewals from {path}" for path in tables]
    for user, before, after in users:
        header = f"crontab of {user}"
        differences.append({"before_header": header, "after_header": header, "before": shown(before), "after": shown(after)})
        removed.append(f"renewals from the {header}")
        done, said = (True, "") if module.check_mode else _cron.crontab(user, "-", text=after)
        if not done:
            module.fail_json(msg=f"The {header} could not be written: {said.strip()}")
    for name in clocks:
        removed.append(f"the timer {name}")
        differences.append({"before_header": name, "after_header": name, "before": "enabled\n", "after": "disabled\n"})
        if not module.check_mode:
            module.run_command(["systemctl", "disable", "--now", name], check_rc=True)
    module.exit_json(changed=bool(removed), removed=removed, virtual_hosts_changed=bool(hosts), diff=differences)


if __name__ == "__main__":
    main()
