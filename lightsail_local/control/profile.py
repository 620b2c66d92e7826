# SPDX-License-Identifier: GPL-3.0-or-later
"""The account's profile: one that is in no partner program."""

from __future__ import annotations

from typing import Any

from .registry import operation
from .request import Request


@operation
def GetProfile(request: Request) -> dict[str, Any]:
    return {"profileType": "Lightsailor"}
