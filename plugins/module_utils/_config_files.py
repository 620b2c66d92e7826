# Copyright (c) 2026 The cloudpress.lightsail authors
# Simplified BSD License (see https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This is a PRIVATE module utility of the collection cloudpress.lightsail. It may change in any release.

"""Several configuration files as one change: all are written and accepted by the program that reads them, or none is changed."""

from __future__ import annotations

import os
import subprocess

_LONGEST_REASON = 400


class Refused(Exception):
    """The program does not accept the new configuration, which was taken back; the text is what it said."""


def _read(path: str) -> tuple[str, str] | None:
    """Return what is at a path: ("link", target), ("file", text), or None."""
    if os.path.islink(path):
        return "link", os.readlink(path)
    if os.path.isfile(path):
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return "file", file.read()
    return None


def _put(path: str, wanted: tuple[str, str] | None) -> None:
    """Bring a path to what is wanted. Owner and mode of a file that is there are somebody's decision and stay."""
    present = os.stat(path) if os.path.isfile(path) and not os.path.islink(path) else None
    if wanted is None:
        if os.path.lexists(path):
            os.unlink(path)
        return
    kind, value = wanted
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    temporary = f"{path}.new"
    if os.path.lexists(temporary):
        os.unlink(temporary)
    if kind == "link":
        os.symlink(value, temporary)
    else:
        with open(temporary, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(value)
        os.chmod(temporary, present.st_mode & 0o7777 if present else 0o644)
        if present:
            os.chown(temporary, present.st_uid, present.st_gid)
    os.replace(temporary, path)


def _shown(state: tuple[str, str] | None) -> str:
    if state is None:
        return ""
    # bytes that are no UTF-8 are kept in the file, but cannot be shown
    return f"link to {state[1]}\n" if state[0] == "link" else state[1].encode(errors="surrogateescape").decode(errors="replace")


def apply(wanted: dict[str, tuple[str, str] | None], commands: list[list[str]], check: bool) -> list[dict]:
    """Bring all paths to what is wanted, let the commands judge it, and return the differences.

    wanted: path to ("file", text), ("link", target) or None for nothing there. Raises Refused, with all taken back, when a command fails.
    """
    # What is written to a link is meant for the file behind it.
    wanted = {os.path.realpath(path) if state and state[0] == "file" else path: state for path, state in wanted.items()}
    before = {path: _read(path) for path in wanted}
    changed = {path: state for path, state in wanted.items() if before[path] != state}
    differences = [{"before_header": path, "after_header": path, "before": _shown(before[path]), "after": _shown(state)} for path, state in changed.items()]
    if check or not changed:
        return differences
    for path, state in changed.items():
        _put(path, state)
    for command in commands:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            for path in changed:
                _put(path, before[path])
            raise Refused(" ".join(done.stdout.decode(errors="replace").split())[-_LONGEST_REASON:])
    return differences
