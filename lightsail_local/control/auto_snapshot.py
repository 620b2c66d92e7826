# SPDX-License-Identifier: GPL-3.0-or-later
"""Automatic snapshots: one a day at the hour that the add-on names, the newest seven are kept.

The days are those of the cloud's clock: with a time scale of 0.02 one takes half an hour. The first snapshot comes when the hour
comes, as far away as the scale says; each bears a date of its own, so that dates may run ahead of the calendar.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from . import errors, snapshots
from .registry import Job, listens, operation
from .request import Record, Request
from .snapshots import automatic

if TYPE_CHECKING:
    from .cloud import Cloud

KEPT = 7  # user guide
DAY = 86400
# However fast the clock: a copy of a disk takes the machine some seconds.
SHORTEST_DAY = 1.0


def plan(cloud: Cloud, record: Record) -> None:
    """Call with the lock held when the add-on has changed. An earlier plan of this resource is forgotten."""
    record["auto_plan"] = cloud.new_id("plan")
    hours = [item["snapshotTimeOfDay"] for item in record["add_ons"] if item["status"] != "Disabling"]
    if hours:
        hour, minute = hours[0].split(":")
        until = (int(hour) * 3600 + int(minute) * 60 - cloud.clock.now()) % DAY
        _wait(cloud, record, until * cloud.clock.scale)


def _wait(cloud: Cloud, record: Record, seconds: float) -> None:
    args = {"id": record["id"], "plan": record["auto_plan"]}
    cloud.engine.submit("auto_snapshot.wait", f"auto-{record['id']}", args, [], 0.0, seconds)


class Wait(Job):
    kind = "auto_snapshot.wait"

    def ended(self, result: dict[str, Any]) -> None:
        record = self.cloud.record(self.args["id"])
        if record is None or record.get("auto_plan") != self.args["plan"]:
            return
        _wait(self.cloud, record, max(SHORTEST_DAY, DAY * self.cloud.clock.scale))
        if not any(item["status"] == "InProgress" for item in automatic(record)):
            _take(self.cloud, record)


def _next_date(cloud: Cloud, taken: list[Record]) -> str:
    today = datetime.datetime.fromtimestamp(cloud.clock.now(), datetime.timezone.utc).date()
    if taken:
        today = max(today, datetime.date.fromisoformat(taken[-1]["date"]) + datetime.timedelta(days=1))
    return today.isoformat()


def _take(cloud: Cloud, record: Record) -> None:
    kind = snapshots.kind_of(source=record["type"])
    assert kind is not None
    members = kind.members(cloud, record)
    item: Record = {
        "data": cloud.new_id("auto"),
        "date": _next_date(cloud, automatic(record)),
        "created_at": cloud.clock.now(),
        "status": "InProgress",
        "members": members,
    }
    automatic(record).append(item)
    args = {"id": record["id"], "type": kind.type, "data": item["data"], "disks": members.get("disks", [])}
    cloud.engine.submit("auto_snapshot.take", record["id"], args, [], 0.0, cloud.clock.resource(kind.clock))


class Take(Job):
    kind = "auto_snapshot.take"

    @property
    def of(self) -> snapshots.Kind:
        kind = snapshots.kind_of(type=self.args["type"])
        assert kind is not None
        return kind

    def run(self) -> None:
        snapshots.take(self.cloud.data_plane, self.of, self.args["data"], self.args["id"], self.args["disks"])

    def _set(self, status: str) -> None:
        record = self.cloud.record(self.args["id"])
        if record is None:  # it was deleted meanwhile
            snapshots.forget(self.cloud, self.of, self.args["data"], self.args["disks"])
            return
        for item in automatic(record):
            if item["data"] == self.args["data"]:
                item["status"] = status
        for item in [item for item in automatic(record) if item["status"] == "Success"][:-KEPT]:
            drop(self.cloud, record, item)

    def ended(self, result: dict[str, Any]) -> None:
        self._set("Success")

    def failed(self, message: str) -> None:
        self._set("Failed")


def drop(cloud: Cloud, record: Record, item: Record) -> None:
    automatic(record).remove(item)
    kind = snapshots.kind_of(source=record["type"])
    assert kind is not None
    snapshots.forget(cloud, kind, item["data"], item["members"].get("disks", []))


@listens("instance deleted")
@listens("disk deleted")
def _gone(cloud: Cloud, record: Record) -> None:
    """They go with what they are of (user guide)."""
    for item in list(automatic(record)):
        drop(cloud, record, item)


def need_resource(request: Request) -> Record:
    for kind in snapshots.KINDS:
        record = request.find(kind.source, request["resourceName"])
        if record is not None:
            return record
    raise errors.not_found("Resource", request["resourceName"])


@operation
def GetAutoSnapshots(request: Request) -> dict[str, Any]:
    record = need_resource(request)
    items = [
        {
            "date": item["date"],
            "createdAt": item["created_at"],
            "status": item["status"],
            "fromAttachedDisks": [{"path": disk["path"], "sizeInGb": disk["size"]} for disk in item["members"].get("disks", [])],
        }
        for item in reversed(automatic(record))  # newest first (CLI sample)
    ]
    return {"resourceName": record["name"], "resourceType": record["type"], "autoSnapshots": items}


@operation
def DeleteAutoSnapshot(request: Request) -> dict[str, Any]:
    record = need_resource(request)
    date = request["date"]
    found = [item for item in automatic(record) if item["date"] == date]
    if not found:
        raise errors.not_found("AutoSnapshot", f"{record['name']} {date}")
    if found[0]["status"] == "InProgress":
        raise errors.wrong_state(f"The automatic snapshot of {record['name']} of {date} is being taken and cannot be deleted yet.")
    drop(request.cloud, record, found[0])
    # Details and place as in the CLI sample.
    return {"operations": [request.record_operation(record["type"], record["name"], details=f"DeleteAutoSnapshot-{date}", zone=request.region)]}
