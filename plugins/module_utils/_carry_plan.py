# Copyright (c) 2026 The cloudpress.lightsail authors
# Simplified BSD License (see https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This is a PRIVATE module utility of the collection cloudpress.lightsail. It may change in any release.

"""What of a WordPress host beside files and database goes along to another host, in which form, and what cannot: from
looks at both.
"""

from __future__ import annotations

import re

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _cron

# Limits that a site misses when the new host's are lower. The memory limit is not among them: images set it by the
# host's memory.
_GENEROUS = (
    "upload_max_filesize",
    "post_max_size",
    "max_execution_time",
    "max_input_time",
    "max_input_vars",
    "max_file_uploads",
)
# The value that means no limit.
_UNLIMITED = {"memory_limit": -1, "post_max_size": 0, "max_execution_time": 0, "max_input_time": -1}
_LIMITS = ("memory_limit", *_GENEROUS)
# Settings of the owner's that hold on any host.
_PLAIN = ("date.timezone", "short_open_tag", "session.gc_maxlifetime", "pcre.backtrack_limit", "default_socket_timeout")
# Settings that are named when they differ, and stay behind: they speak of files, or of what a host allows.
_NAMED = ("auto_prepend_file", "auto_append_file", "disable_functions", "open_basedir", "include_path")
_SECTION = re.compile(
    r"^[ \t]*<Directory\s+\"?([^\">]+?)\"?\s*>.*?^[ \t]*</Directory>[ \t]*$", re.IGNORECASE | re.DOTALL | re.MULTILINE
)
# PHP is no part of Apache everywhere.
_PHP_LINE = re.compile(r"^\s*php_(?:admin_)?(?:value|flag)\b", re.IGNORECASE)
WRITTEN = "Written by Ansible (cloudpress.lightsail.wordpress_carry)"
INI_HEADER = f"; {WRITTEN}: limits of the host from which this site was carried.\n"
CONF_HEADER = (
    "# Written by Ansible (cloudpress.lightsail.wordpress_carry): rules of the host from which this site was carried.\n"
)
CRON_HEADER = f"# {WRITTEN}: entries of the host from which this site was carried.\n"


def size(text: str) -> int:
    """Return a number as PHP reads it: 64M is 67108864."""
    found = re.match(r"\s*([+-]?\d+)\s*([kmg]?)", text.lower())
    return int(found[1]) << {"": 0, "k": 10, "m": 20, "g": 30}[found[2]] if found else 0


def lower(name: str, one: str, other: str) -> bool:
    """Whether the first value of a limit allows less than the second."""
    first, second, none = size(one), size(other), _UNLIMITED.get(name)
    if none is not None and (first == none or second == none):
        return first != none
    return first < second


def php_settings(source: dict, target: dict, image: dict) -> dict[str, str]:
    """Return the settings of PHP that go along.

    source, target: the values of both hosts by name; image: for each limit the values that the source's image ships.
    """
    found = {}
    for name in _LIMITS:
        there, here = source.get(name), target.get(name)
        if there is None or there == here:
            continue
        owners = name in image and all(size(there) != size(value) for value in image[name])
        if owners or (name in _GENEROUS and (here is None or lower(name, here, there))):
            found[name] = there
    for name in _PLAIN:
        if source.get(name) and source[name] != target.get(name, ""):
            found[name] = source[name]
    return found


def ini_text(settings: dict[str, str]) -> str:
    """Return settings as an ini file, "" for none."""
    lines = [
        f'{name} = "{value}"' if re.search(r"[^\w.+-]", value) else f"{name} = {value}"
        for name, value in sorted(settings.items())
    ]
    return INI_HEADER + "".join(f"{line}\n" for line in lines) if lines else ""


def moved(text: str, places: list[tuple[str, str]]) -> str:
    """Return text with paths of the source as those of the target. A path ends where a name ends."""
    for old, new in sorted(places, key=lambda place: -len(place[0])):
        text = re.sub(rf"(?<![\w./-]){re.escape(old)}(?![\w.-])", new.replace("\\", "\\\\"), text)
    return text


def rules(
    files: dict[str, str], places: list[tuple[str, str]], root: str, mod_php: bool, mark: str
) -> tuple[str, list[str]]:
    """Return rules that the source keeps beside the site's directories, as a file of Apache's, and what of them stays
    behind.

    files: path and text of these files; places: pairs of a path there and here; root: the root of WordPress on the
    target; mark: the directory that is the old layout's.
    """
    sections, behind = [], []
    for path, text in files.items():
        rest = _SECTION.sub("", text)
        if any(line.strip() and not line.lstrip().startswith("#") for line in rest.splitlines()):
            behind.append(f"rules in {path} outside of <Directory>")
        for found in _SECTION.finditer(text):
            section = moved(found.group(0), places)
            directory = moved(found.group(1), places).rstrip("/")
            if mark in section or not (directory == root or directory.startswith(root + "/")):
                behind.append(f"rules in {path} for {found.group(1)}")
                continue
            if not mod_php:
                section = "\n".join(line for line in section.splitlines() if not _PHP_LINE.match(line))
            if directory == root and re.search(r"^\s*Rewrite(Rule|Cond)", section, re.IGNORECASE | re.MULTILINE):
                # A file .htaccess there, and a later section for the same directory, would replace them.
                section = re.sub(r"(<Directory[^>]*>)", r"\1\n  RewriteOptions InheritDownBefore", section, count=1)
            sections.append(section)
    return CONF_HEADER + "".join(f"\n{section}\n" for section in sections) if sections else "", behind


def cron(
    crontabs: dict[str, list[dict]], users: dict[str, str], places: list[tuple[str, str]], mark: str
) -> tuple[dict[str, str], list[str]]:
    """Return entries of the source's crontabs as files of /etc/cron.d, name and text, and what of them stays behind.

    crontabs: entries by the name of the crontab; users: of the source and of the target; mark: the directory that is
    the old layout's.
    """
    files, behind = {}, []
    for name, entries in crontabs.items():
        kept = []
        for entry in entries:
            line = f"{entry['times']} {entry['command']}"
            if _cron.RENEWAL.search(entry["command"]):
                behind.append(f"cron entry of {entry['user']}, because it renews a certificate: {line}")
                continue
            variables = {key: moved(value, places) for key, value in entry["variables"].items()}
            moved_entry = {
                "user": users.get(entry["user"], ""),
                "times": entry["times"],
                "command": moved(entry["command"], places),
                "variables": {key: value for key, value in variables.items() if mark not in value},
            }
            bound = sorted(set(variables) - set(moved_entry["variables"]))
            if not moved_entry["user"]:
                behind.append(f"cron entry of {entry['user']}, a user that the target does not have: {line}")
            elif mark in moved_entry["command"]:
                behind.append(f"cron entry of {entry['user']}, because it names files of the old image: {line}")
            else:
                kept.append(moved_entry)
                of = f"of the cron entry of {entry['user']}, because it names {mark}: {line}"
                behind += [f"{key} {of}" for key in bound]
        if kept:
            files["cloudpress-carried-" + re.sub(r"[^A-Za-z0-9_-]", "-", name)] = CRON_HEADER + _cron.system_crontab(
                kept
            )
    return files, behind


# Parts of the language that are functions too in newer versions (PHP 8.4, 8.5).
CONSTRUCTS = {"clone", "die", "exit"}


def missing_functions(there, here):
    """Return the functions of the source's PHP that code may call there and not here."""
    return sorted(set(there) - set(here) - CONSTRUCTS)


def lacking(source: dict, target: dict) -> list[str]:
    """Return what the source has and this way of carrying does not bring, in words."""
    found = [
        f"PHP's extension {name}, which the target does not have"
        for name in source["extensions"]
        if name not in target["extensions"]
    ]
    found += [
        f"PHP's setting {name} = {source['php'][name]}"
        for name in _NAMED
        if source["php"].get(name) and source["php"][name] != target["php"].get(name, "")
    ]
    found += [f"virtual hosts in {path}" for path in source["virtual_hosts"]]
    packages = [name for name in source["packages"] if name not in target["installed"]]
    if packages:
        found.append(f"packages that the target does not have: {', '.join(packages)}")
    return found
