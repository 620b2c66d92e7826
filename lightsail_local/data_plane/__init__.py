# SPDX-License-Identifier: GPL-3.0-or-later
"""Data planes: what obeys the control plane. `none` keeps only state, `hosts` runs real servers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .base import DataPlane, DataPlaneError

if TYPE_CHECKING:
    from ..certificates import CertificateAuthority

KINDS = ("none", "hosts")

__all__ = ["KINDS", "DataPlane", "DataPlaneError", "load"]


def load(kind: str, state_dir: Path, network_index: int, ca: CertificateAuthority) -> DataPlane:
    """The data plane of that kind. Imported late: `hosts` needs things that `none` does not."""
    if kind == "none":
        from .none import NoneDataPlane

        return NoneDataPlane(state_dir, network_index, ca)
    if kind == "hosts":
        from .hosts import HostsDataPlane

        return HostsDataPlane(state_dir, network_index, ca)
    raise DataPlaneError(f"There is no data plane called {kind}; there are: {', '.join(KINDS)}.")
