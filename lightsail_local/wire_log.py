# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of API calls: in memory and, one JSON line each, on disk."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

KEPT = 20000

READING = ("Get", "Is", "Download")
# Other services have other words for reading.
READING_ELSEWHERE = ("Get", "List", "Check", "View", "Describe", "GET ", "HEAD ")


def is_mutating(service: str, operation: str) -> bool:
    return not operation.startswith(READING if service == "lightsail" else READING_ELSEWHERE)


class CallLog:
    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._items: list[dict[str, Any]] = []
        if path is not None and path.exists():
            for line in path.read_text().splitlines()[-KEPT:]:
                try:
                    self._items.append(json.loads(line))
                except ValueError:
                    continue  # a line that was cut off when the machine went down

    def add(self, time: float, service: str, operation: str, region: str, outcome: str, parameters: Any, agent: str = "") -> None:
        item = {
            "time": round(time, 3),
            "service": service,
            "operation": operation,
            "region": region,
            "mutating": is_mutating(service, operation),
            "outcome": outcome,
            "parameters": parameters,
            "agent": agent,
        }
        with self._lock:
            self._items.append(item)
            del self._items[:-KEPT]
            if self._path is not None:
                with self._path.open("a") as file:
                    file.write(json.dumps(item) + "\n")

    def list(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._items)

    def clear(self) -> None:
        with self._lock:
            self._items.clear()
            if self._path is not None:
                self._path.unlink(missing_ok=True)
