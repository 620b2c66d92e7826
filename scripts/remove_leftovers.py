# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remove what runs of the local Lightsail left on this machine when they were ended from outside.

A cloud whose state directory is gone is removed altogether: containers, snapshots, namespaces, bridge. A cloud whose state directory is
there but whose process is not has its hosts stopped; `lightsail-local up` starts them again. A cloud that runs is left alone.
Needs the standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

LABEL = "lightsail-local"
SETTINGS = Path("/run/lightsail-local/containers.conf")


def run(*command: str) -> str:
    """Run a command and return what it printed; that nothing was there to remove is no failure."""
    environment = dict(os.environ)
    if SETTINGS.exists():
        environment["CONTAINERS_CONF"] = str(SETTINGS)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120, env=environment)
    return done.stdout


def known_clouds() -> dict[str, Path]:
    """Return the tag and the state directory of each cloud that the registry of networks knows and whose directory exists."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    try:
        owners = json.loads((Path(base) / "lightsail-local-networks.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    paths = [Path(owner) for owner in owners.values()]
    return {hashlib.sha256(str(path).encode()).hexdigest()[:8]: path for path in paths if path.is_dir()}


def is_running(state: Path) -> bool:
    """Say whether a process holds the cloud's lock, as it does all the time that it works."""
    try:
        with (state / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def tags_on_this_machine() -> set[str]:
    """Return the tags of all clouds that have a container, a namespace or a bridge here."""
    found = set(run("podman", "ps", "--all", "--filter", f"label={LABEL}", "--format", '{{index .Labels "' + LABEL + '"}}').split())
    namespaces = Path("/run/netns")
    if namespaces.is_dir():
        found |= {m[1] for m in (re.match(r"lsl-([0-9a-f]{8})-", p.name) for p in namespaces.iterdir()) if m}
    links = run("ip", "-o", "link", "show", "type", "bridge")
    return found | set(re.findall(r"\blsl([0-9a-f]{8})\b", links))


def containers(tag: str, *options: str) -> list[str]:
    """Return the identifiers of a cloud's containers."""
    return run("podman", "ps", *options, "--filter", f"label={LABEL}={tag}", "--format", "{{.ID}}").split()


def remove(tag: str) -> None:
    """Remove a cloud of which nothing else is left."""
    for container in containers(tag, "--all"):
        run("podman", "rm", "--force", "--time", "0", container)
    for image in run("podman", "image", "ls", "--filter", f"reference=localhost/lightsail-local-{tag}/*", "--format", "{{.Repository}}:{{.Tag}}").split():
        run("podman", "image", "rm", "--force", image)
    for namespace in sorted(Path("/run/netns").glob(f"lsl-{tag}-*")):
        run("ip", "netns", "del", namespace.name)
    bridge = f"lsl{tag}"
    run("ip", "link", "del", bridge)
    run("iptables", "-D", "FORWARD", "-i", bridge, "-o", bridge, "-j", "ACCEPT")


def main() -> None:
    """Look at each cloud that has left something on this machine."""
    if not shutil.which("podman") or os.getuid() != 0:
        return
    known = known_clouds()
    for tag in sorted(tags_on_this_machine()):
        state = known.get(tag)
        if state is None:
            print(f"remove-leftovers: cloud {tag}: its state directory is gone, so its hosts are removed", flush=True)
            remove(tag)
        elif not is_running(state):
            alive = containers(tag)
            if alive:
                print(f"remove-leftovers: cloud in {state}: it is down, so its {len(alive)} running hosts are stopped", flush=True)
                run("podman", "stop", "--time", "10", *alive)


if __name__ == "__main__":
    main()
