# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cloud knows, in one JSON file that is always whole: it survives down, up and a crash of the daemon."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

FORMAT = 1

# Operations stay readable after their resource is gone; how long AWS keeps them is not known. A number keeps the file small.
OPERATIONS_KEPT = 1000


class StateError(Exception):
    """The state file cannot be used, as one sentence."""


def _empty() -> dict[str, Any]:
    return {
        "format": FORMAT,
        "resources": {},  # id -> record of control/
        "operations": [],  # oldest first
        "tasks": [],  # work under way, so that it goes on after down and up
        "registrations": {},  # domain name -> who has it and where it points
        "registrar_operations": [],  # Route 53 Domains
        "account": {},  # keys of the cloud itself, see control/cloud.py
        "quotas": {},  # overrides of the defaults
        "certificates_requested": {},  # Region -> when; they count for a year, also when they are gone
        "subdomain_reservations": {},  # name -> until when
        "faults": [],
        "offers": {},  # kind -> id -> whether it is sold, where that differs from the catalogue
    }


class Store:
    """`data` is a plain structure; whoever changes it holds the cloud's lock and calls save()."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock = threading.Lock()
        self.data = _empty()
        if path is not None and path.exists():
            try:
                loaded = json.loads(path.read_text())
            except (OSError, ValueError) as error:
                raise StateError(f"The state file {path} cannot be read: {error}.") from error
            if loaded.get("format") != FORMAT:
                raise StateError(
                    f"The state file {path} has format {loaded.get('format')}, this version understands {FORMAT}; "
                    "move it away or use another state directory."
                )
            self.data.update(loaded)

    def save(self) -> None:
        """Atomic: write aside, then rename. No fsync: a machine that loses power has lost the hosts as well."""
        del self.data["operations"][:-OPERATIONS_KEPT]
        if self.path is None:
            return
        with self._lock:
            # In one go and without indentation: that is written in C, and every changing call waits for it.
            text = json.dumps(self.data)
            temporary = self.path.with_name(self.path.name + ".new")
            # Master passwords and private keys are in here.
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
            os.replace(temporary, self.path)

    def forget(self) -> None:
        """Everything but the keys of the cloud itself, so that clients need not be set up anew."""
        account = self.data["account"]
        self.data.clear()
        self.data.update(_empty())
        self.data["account"] = account
        self.save()
