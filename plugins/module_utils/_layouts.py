# Copyright (c) 2026 The cloudpress.lightsail authors
# Simplified BSD License (see https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This is a PRIVATE module utility of the collection cloudpress.lightsail. It may change in any release.

"""Which kind of WordPress host this is. Each layout is one file, and names of a layout stand nowhere else.

A layout has: NAME; MARK, the directory by which its hosts are known; describe(host), which returns the description or raises
Refusal; and unfinished(host), which says what the first boot has not done yet, or "".
"""

from __future__ import annotations

import glob
import grp
import os
import pwd
import stat
import subprocess

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _layout_bitnami, _layout_lightsail

LAYOUTS = (_layout_lightsail, _layout_bitnami)
DATABASE_SERVERS = ("mysqld", "mariadbd")


class Refusal(Exception):
    """These roles do not work on this host; the text is one sentence that says why."""


class Host:
    """The host as layouts look at it. `base` is another place of its root directory, for tests."""

    Refusal = Refusal

    def __init__(self, base: str = "") -> None:
        self.base = base

    def exists(self, path: str) -> bool:
        return os.path.lexists(self.base + path)

    def first(self, *paths: str) -> str:
        """Return the first of the paths that exists, or ""."""
        return next((path for path in paths if os.path.exists(self.base + path)), "")

    def matching(self, pattern: str) -> list[str]:
        """Return the paths that match, in order."""
        return sorted(path[len(self.base) :] for path in glob.glob(self.base + pattern))

    def read(self, path: str) -> str:
        """Return the text of a file, "" when it cannot be read."""
        try:
            with open(self.base + path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def ownership(self, path: str) -> dict[str, str]:
        """Return owner, group and mode of a file or directory."""
        found = os.stat(self.base + path)
        return {"owner": user_name(found.st_uid), "group": group_name(found.st_gid), "mode": f"{stat.S_IMODE(found.st_mode):04o}"}

    def group_of(self, user: str) -> str:
        """Return the name of a user's own group."""
        try:
            return group_name(pwd.getpwnam(user).pw_gid)
        except KeyError:
            return user

    def has_user(self, user: str) -> bool:
        try:
            return bool(pwd.getpwnam(user))
        except KeyError:
            return False

    def runs(self, *names: str) -> bool:
        """Whether a process of one of these names runs."""
        return any(self.read(path).strip() in names for path in self.matching("/proc/[0-9]*/comm"))

    def database_runs(self) -> bool:
        return self.runs(*DATABASE_SERVERS)


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def layout_of(host: Host):
    """Return the layout of this host, or raise Refusal."""
    for layout in LAYOUTS:
        if host.exists(layout.MARK):
            return layout
    marks = " nor ".join(layout.MARK for layout in LAYOUTS)
    raise Refusal(
        f"This host has neither {marks}, so it was made from none of the WordPress images of Lightsail that these roles know: "
        "start from the blueprint WordPress of Lightsail, or from a snapshot of such an instance."
    )


def describe(host: Host) -> dict:
    """Return what is known of this host without asking WordPress, or raise Refusal."""
    layout = layout_of(host)
    return {"layout": layout.NAME, **layout.describe(host)}


def unfinished(host: Host) -> str:
    """Return what the first boot of this host has not done yet, or ""."""
    if host.first("/usr/bin/cloud-init"):
        status = subprocess.run(["cloud-init", "status"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, timeout=60)
        if any(word in status.stdout.decode() for word in ("running", "not started", "not run")):
            return "cloud-init is at work"
    try:
        return layout_of(host).unfinished(host)
    except Refusal:
        return ""
