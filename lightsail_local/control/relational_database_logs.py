# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs of databases: what the real server wrote to its error log. With data plane none nothing writes any."""

from __future__ import annotations

import base64
import json
from typing import Any

from botocore.utils import parse_timestamp

from . import errors
from .registry import operation
from .request import PAGE_SIZE, Request

TYPE = "RelationalDatabase"
STREAMS = ("audit", "error", "general", "slowquery")  # sample; all but error are off unless parameters turn them on


@operation
def GetRelationalDatabaseLogStreams(request: Request) -> dict[str, Any]:
    request.need(TYPE, request["relationalDatabaseName"])
    return {"logStreams": list(STREAMS)}


def _ask_log(request: Request) -> list[tuple[float, str]]:
    """Without the lock: the lines, oldest first."""
    with request.cloud.lock:
        record = request.find(TYPE, request["relationalDatabaseName"])
    if record is None or request["logStreamName"] != "error":
        return []
    return request.cloud.data_plane.database_log(record["id"])


@operation(before=_ask_log)
def GetRelationalDatabaseLogEvents(request: Request) -> dict[str, Any]:
    """A page of lines in their order, the newest page first unless startFromHead; tokens lead both ways (sample)."""
    request.need(TYPE, request["relationalDatabaseName"])
    if request["logStreamName"] not in STREAMS:
        raise errors.invalid(f"There is no log stream {request['logStreamName']}. There are: {', '.join(STREAMS)}.")
    since, until = (parse_timestamp(request[name]).timestamp() if request.get(name) else None for name in ("startTime", "endTime"))
    lines = [(moment, text) for moment, text in request.extra if (since or 0) <= moment and (until is None or moment <= until)]
    if request.get("pageToken"):
        start = _start(request["pageToken"])
    else:
        start = 0 if request.get("startFromHead") else max(0, len(lines) - PAGE_SIZE)
    return {
        "resourceLogEvents": [{"createdAt": moment, "message": text} for moment, text in lines[start : start + PAGE_SIZE]],
        # Guess: there is always one, and at the end it leads to where one is, as in CloudWatch's logs.
        "nextBackwardToken": _token(max(0, start - PAGE_SIZE)),
        "nextForwardToken": _token(min(len(lines), start + PAGE_SIZE)),
    }


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"line": start}).encode()).decode()


def _start(token: str) -> int:
    try:
        return max(0, int(json.loads(base64.urlsafe_b64decode(token.encode()))["line"]))
    except (ValueError, KeyError, TypeError) as error:
        raise errors.invalid("The page token is not valid.") from error
