# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure how long a site takes: built on an empty cloud, repeated without a change, and repeated in check mode.

The cloud is one of its own and is removed at the end. Numbers are of this machine and of the local Lightsail's time scale; they are
for comparison with an earlier run here, and say nothing about AWS.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATE = ROOT / ".cache" / "bench" / "cloud"
BIN = Path(sys.executable).parent
ENVIRONMENT = os.environ | {"LIGHTSAIL_LOCAL_STATE": str(STATE), "PATH": f"{BIN}:{os.environ['PATH']}", "ANSIBLE_NOCOLOR": "1"}


def run(*command: str) -> tuple[float, str]:
    """Run a command and return its seconds and its output; end with the output when it fails."""
    started = time.monotonic()
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\nbench: {' '.join(command)} ended with exit status {done.returncode}")
    return time.monotonic() - started, done.stdout


def main() -> None:
    """Print one line for each measurement, then what the first run says about its stages."""
    rows: list[tuple[str, float, str]] = []
    stages = None
    seconds, dummy = run("lightsail-local", "up", "--data-plane", "hosts", "--port", "0")
    rows.append(("lightsail-local up", seconds, "images built before are used"))
    try:
        for what, arguments in (("site, from nothing", ()), ("site, repeated", ()), ("site, repeated, --check", ("--check",))):
            before = len(json.loads(run("lightsail-local", "calls", "--json")[1]))
            seconds, output = run("ansible-playbook", "playbooks/site.yml", *arguments)
            calls = json.loads(run("lightsail-local", "calls", "--json")[1])[before:]
            changed = sum(int(number) for number in re.findall(r"changed=(\d+)", output))
            rows.append((what, seconds, f"{len(calls)} API calls, {sum(c['mutating'] for c in calls)} mutating, {changed} tasks changed"))
            if len(rows) == 2:
                stages = re.search(r"seconds +(.+)", output)
    finally:
        run("lightsail-local", "reset")
        run("lightsail-local", "down")
    for what, seconds, note in rows:
        print(f"{what:28}{seconds:8.1f} s  {note}")
    if stages:
        print(f"seconds of each stage: {stages[1].strip()}")


if __name__ == "__main__":
    main()
