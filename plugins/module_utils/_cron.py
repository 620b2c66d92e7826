# Copyright (c) 2026 The cloudpress.lightsail authors
# Simplified BSD License (see https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This is a PRIVATE module utility of the collection cloudpress.lightsail. It may change in any release.

"""Crontabs: reading them, telling whose entries renew certificates, and writing entries of users as a file of
/etc/cron.d.
"""

from __future__ import annotations

import re
import subprocess

# le-cert-renewal.py is AWS's guided workflow, lego Bitnami's bncert. Who only makes a copy of /etc/letsencrypt does not
# renew.
RENEWAL = re.compile(
    r"le-cert-renewal|/letsencrypt/\S*(lego|renew|generate|certbot)|letsencrypt\s.*\brenew|letsencrypt-auto|/bncert\b"
    r"|\blego\b.*\brenew|\bcertbot(-auto)?\b|\bacme\.sh\b",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"^\s*[\"']?(\w+)[\"']?\s*=\s*(.*?)\s*$")
_TIMES = re.compile(
    r"^\s*(@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)|(?:[\w*/,~-]+\s+){4}[\w*/,~-]+)\s+(.*)$",
    re.IGNORECASE,
)
_NAMED = re.compile(r"^(\S+)\s+(.*)$")


def crontab(user: str, *arguments: str, text: str | None = None) -> tuple[bool, str]:
    """Run crontab for a user; return whether it worked, and what it said."""
    # -u is for root only, also for one's own
    command = ["crontab", "-u", user, *arguments]
    content = None if text is None else text.encode(errors="surrogateescape")
    try:
        done = subprocess.run(command, input=content, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    except FileNotFoundError:
        return False, "There is no program crontab."
    return done.returncode == 0, (done.stdout or done.stderr).decode(errors="surrogateescape")


def entries(text: str, user: str = "") -> list[dict]:
    """Return the entries of a crontab: user, times, command, and the variables that were set before it.

    user: whose crontab it is; "" for a system crontab, in which the entry names the user.
    """
    found = []
    variables: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        times = _TIMES.match(line)
        variable = _VARIABLE.match(line)
        if times:
            command = times[2]
            whose = user
            if not user:
                named = _NAMED.match(command)
                if not named:
                    continue
                whose, command = named[1], named[2]
            found.append(
                {"user": whose, "times": " ".join(times[1].split()), "command": command, "variables": dict(variables)}
            )
        elif variable:
            variables[variable[1]] = variable[2].strip("\"'")
    return found


def system_crontab(wanted: list[dict]) -> str:
    """Return the entries of one crontab as the text of a file of /etc/cron.d. A variable holds from its line on."""
    lines: list[str] = []
    present: dict[str, str] = {}
    for entry in wanted:
        for name, value in entry["variables"].items():
            if present.get(name) != value:
                lines.append(f'{name}="{value}"')
                present[name] = value
        lines.append(f"{entry['times']} {entry['user']} {entry['command']}")
    return "".join(f"{line}\n" for line in lines)
