# SPDX-License-Identifier: GPL-3.0-or-later
"""Doing one thing inside a network namespace: Python 3.11 has no os.setns, so libc is asked."""

from __future__ import annotations

import ctypes
import os
import threading
from pathlib import Path
from typing import Any, Callable

CLONE_NEWNET = 0x40000000
DIRECTORY = Path("/run/netns")


def inside(namespace: str, function: Callable[[], Any]) -> Any:
    """Run `function` in the namespace, on a thread of its own: a thread's namespace is its own affair, and ends with it.

    A socket that is made there belongs to the namespace for good, whichever thread uses it later.
    """
    outcome: list[Any] = []

    def work() -> None:
        try:
            descriptor = os.open(DIRECTORY / namespace, os.O_RDONLY)
            try:
                libc = ctypes.CDLL(None, use_errno=True)
                if libc.setns(descriptor, CLONE_NEWNET):
                    number = ctypes.get_errno()
                    raise OSError(number, os.strerror(number), str(DIRECTORY / namespace))
            finally:
                os.close(descriptor)
            outcome.append((function(), None))
        except BaseException as error:  # handed over to the caller's thread
            outcome.append((None, error))

    thread = threading.Thread(target=work, name=f"in {namespace}")
    thread.start()
    thread.join()
    value, error = outcome[0]
    if error is not None:
        raise error
    return value
