# SPDX-License-Identifier: GPL-3.0-or-later
"""Which share of the address space is this cloud's: 172.26.N.0/24 and 198.18.N.0/24, free on this machine."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
from pathlib import Path

INDICES = range(0, 250)


class NoNetwork(Exception):
    """One sentence."""


def registry_path() -> Path:
    """Shared by all clouds of this user, whatever their state directory: a cloud that is down keeps its share."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "lightsail-local-networks.json"


def _in_use() -> set[int]:
    """Shares that the machine already has addresses or routes in."""
    taken: set[int] = set()
    for command in (["ip", "-o", "-4", "addr"], ["ip", "-o", "-4", "route", "show", "table", "all"]):
        try:
            output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout
        except (OSError, subprocess.SubprocessError):
            continue
        taken.update(int(match) for match in re.findall(r"\b(?:172\.26|198\.18)\.(\d{1,3})\.\d{1,3}", output))
    return taken


def claim(state_dir: Path) -> int:
    """This cloud's share: the one it had, or a free one."""
    path = registry_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        try:
            owners: dict[str, str] = json.loads(file.read() or "{}")
        except ValueError:
            owners = {}
        # Somebody who removed a state directory has given its share back.
        owners = {index: owner for index, owner in owners.items() if Path(owner).exists()}
        mine = str(Path(state_dir).resolve())
        had = [int(index) for index, owner in owners.items() if owner == mine]
        if had:
            return had[0]
        taken = _in_use() | {int(index) for index in owners}
        for index in INDICES:
            if index not in taken:
                owners[str(index)] = mine
                file.seek(0)
                file.truncate()
                json.dump(owners, file, indent=1)
                return index
    raise NoNetwork("No network of the form 172.26.N.0/24 and 198.18.N.0/24 is free on this machine.")
