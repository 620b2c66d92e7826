# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults to order: the next calls of an operation go wrong in a chosen way."""

from __future__ import annotations

import threading
from typing import Any

KINDS = ("throttle", "500", "timeout", "lost-answer", "failed-operation")


class Faults:
    """`items` lives in the store, so that an ordered fault survives down and up."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self._lock = threading.Lock()

    def add(
        self,
        operation: str,
        error: str,
        times: int = 1,
        after: int = 0,
        message: str | None = None,
        seconds: float | None = None,
    ) -> None:
        with self._lock:
            self._store.data["faults"].append(
                {
                    "operation": operation,
                    "error": error,
                    "times": times,
                    "after": after,
                    "message": message,
                    "seconds": seconds,
                }
            )

    def clear(self) -> None:
        with self._lock:
            self._store.data["faults"].clear()

    def list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(item) for item in self._store.data["faults"]]

    def take(self, operation: str) -> dict[str, Any] | None:
        """The fault for this call, if any; counts it. `*` stands for every operation."""
        with self._lock:
            for item in self._store.data["faults"]:
                if item["operation"] not in (operation, "*"):
                    continue
                if item["after"] > 0:
                    item["after"] -= 1
                    continue
                item["times"] -= 1
                if item["times"] <= 0:
                    self._store.data["faults"].remove(item)
                return dict(item)
        return None
