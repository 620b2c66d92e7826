# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks, as ACM does, whether the validation records of pending certificates can be found by name."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from . import validation

if TYPE_CHECKING:
    from .cloud import Cloud

log = logging.getLogger(__name__)

# However fast the clock: looking more often costs the machine without telling anything new.
SHORTEST_PAUSE = 0.25


class Watcher:
    """Sleeps while no certificate is pending; poked when names change."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._poked = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="certificates", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._poked.set()
        if self._thread:
            self._thread.join(timeout=30)

    def poke(self) -> None:
        self._poked.set()

    def _run(self) -> None:
        while not self._stopping:
            pending = False
            try:
                pending = validation.look(self.cloud)
            except Exception:  # the next look may work; without this thread no certificate would ever be issued
                log.exception("looking for validation records failed")
                pending = True
            pause = max(SHORTEST_PAUSE, self.cloud.clock.resource("certificate check")) if pending else None
            self._poked.wait(pause)
            self._poked.clear()
            if not self._stopping and pending is not None:
                # A burst of changes is one change.
                threading.Event().wait(0.02)
