# SPDX-License-Identifier: GPL-3.0-or-later
"""What snapshots of instances and of disks share: manual and automatic ones, and copies, also between Regions.

The data plane keeps copies of disks. A copy of a snapshot is another record for the same one, which stays until the last record
that needs it is gone: `data` names it, in records of manual snapshots and in the lists of automatic ones.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import errors
from .registry import Job, operation
from .request import Record, Request

if TYPE_CHECKING:
    from ..data_plane.base import DataPlane
    from .cloud import Cloud


class Kind:
    """Snapshots of one type of resource; each family makes its own.

    members: what a snapshot's record has from its source; take, delete: what the data plane does; clock: how long it takes;
    usable: the state in the end.
    """

    def __init__(
        self,
        type: str,
        source: str,
        *,
        members: Callable[[Cloud, Record], Record],
        take: Callable[[DataPlane, str, str], None],
        delete: Callable[[DataPlane, str], None],
        clock: str,
        usable: str,
    ) -> None:
        self.type = type
        self.source = source
        self.members = members
        self.take = take
        self.delete = delete
        self.clock = clock
        self.usable = usable
        KINDS.append(self)


KINDS: list[Kind] = []


def kind_of(**wanted: str) -> Kind | None:
    """By `type` or by `source`."""
    return next((kind for kind in KINDS if all(getattr(kind, key) == value for key, value in wanted.items())), None)


def data_of(record: Record) -> str:
    return str(record.get("data", record["id"]))


def _in_use(cloud: Cloud, data: str) -> bool:
    return any(
        (kind_of(type=record["type"]) and data_of(record) == data)
        or any(item["data"] == data for item in record.get("auto_snapshots", []))
        for record in cloud.resources.values()
    )


def automatic(resource: Record) -> list[Record]:
    """Oldest first: {data, date, created_at, status, members}."""
    return resource.setdefault("auto_snapshots", [])


def disk_of(data: str, number: int) -> str:
    """The copy of a disk that was attached to the instance."""
    return f"{data}-disk-{number}"


def take(plane: DataPlane, kind: Kind, data: str, source_id: str, disks: list[Record]) -> None:
    kind.take(plane, data, source_id)
    for number, disk in enumerate(disks):
        plane.create_disk_snapshot(disk_of(data, number), disk["id"])


def forget(cloud: Cloud, kind: Kind, data: str, disks: list[Record]) -> None:
    """Call when a record that needs it has just gone."""
    if not _in_use(cloud, data):
        cloud.engine.submit("snapshot.forget", data, {"type": kind.type, "data": data, "disks": len(disks)}, [], 0.0, 0.0)


class Forget(Job):
    kind = "snapshot.forget"

    def run(self) -> None:
        kind = kind_of(type=self.args["type"])
        assert kind is not None
        kind.delete(self.cloud.data_plane, self.args["data"])
        for number in range(self.args["disks"]):
            self.cloud.data_plane.delete_disk_snapshot(disk_of(self.args["data"], number))


# -- what others ask -----------------------------------------------------------------------------------------------


def check_idle(resource: Record) -> None:
    """A manual snapshot cannot be made while an automatic one is (user guide; the text is a guess)."""
    if any(item["status"] == "InProgress" for item in automatic(resource)):
        raise errors.wrong_state(
            f"An automatic snapshot of {resource['name']} is being created. Please wait for it to complete before trying again."
        )


def to_restore(request: Request, type: str, by_name: str, by_source: str) -> tuple[str, str, Record]:
    """(how to call it, disk of the data plane, members) of the manual or automatic snapshot that a request names."""
    kind = kind_of(type=type)
    assert kind is not None
    if bool(request.get(by_name)) == bool(request.get(by_source)):
        raise errors.invalid(f"Give either {by_name} or {by_source}; exactly one of the two.")
    if request.get(by_source):
        source = request.need(kind.source, request[by_source])
        auto = need_auto(request, source)
        return f"of {source['name']} of {auto['date']}", auto["data"], auto["members"]
    if request.get("restoreDate") or request.get("useLatestRestorableAutoSnapshot"):
        raise errors.invalid(f"restoreDate and useLatestRestorableAutoSnapshot go with {by_source} only.")
    snapshot = request.need(type, request[by_name])
    if snapshot["state"] != kind.usable:
        raise errors.wrong_state(f"The snapshot {snapshot['name']} is {snapshot['state']}, not {kind.usable}.")
    return snapshot["name"], data_of(snapshot), snapshot


def need_auto(request: Request, resource: Record) -> Record:
    """The one that restoreDate or useLatestRestorableAutoSnapshot of the request names."""
    date, latest = request.get("restoreDate"), bool(request.get("useLatestRestorableAutoSnapshot"))
    if bool(date) == latest:
        raise errors.invalid("Give either restoreDate or useLatestRestorableAutoSnapshot; exactly one of the two.")
    if date:
        try:
            datetime.date.fromisoformat(date)
        except ValueError as error:
            raise errors.invalid(f"The restore date {date} is not valid; it is written as 2026-11-24.") from error
    good = [item for item in automatic(resource) if item["status"] == "Success" and date in (None, item["date"])]
    if not good:
        raise errors.not_found("AutoSnapshot", f"{resource['name']} {date or 'latest'}")
    return good[-1]


# -- copies --------------------------------------------------------------------------------------------------------


def _source(request: Request) -> tuple[Kind, str, Record]:
    """(kind, disk of the data plane, members of the new record)."""
    cloud, region = request.cloud, request["sourceRegion"]
    name, resource = request.get("sourceSnapshotName"), request.get("sourceResourceName")
    if bool(name) == bool(resource):
        raise errors.invalid("Give either sourceSnapshotName or sourceResourceName; exactly one of the two.")
    if name:
        if request.get("restoreDate") or request.get("useLatestRestorableAutoSnapshot"):
            raise errors.invalid("restoreDate and useLatestRestorableAutoSnapshot go with sourceResourceName only.")
        for kind in KINDS:
            found = cloud.find(kind.type, region, name)
            if found is not None:
                if found["state"] != kind.usable:
                    raise errors.wrong_state(f"The snapshot {name} is {found['state']}, not {kind.usable}.")
                kept = ("id", "type", "region", "zone", "name", "arn", "support_code", "created_at", "tags", "state", "data")
                return kind, data_of(found), {key: value for key, value in found.items() if key not in kept}
        raise errors.not_found("Snapshot", name)
    for kind in KINDS:
        found = cloud.find(kind.source, region, resource or "")
        if found is not None:
            auto = need_auto(request, found)
            return kind, auto["data"], {**auto["members"], "is_from_auto_snapshot": True}
    raise errors.not_found("Resource", resource or "")


@operation
def CopySnapshot(request: Request) -> dict[str, Any]:
    name = request["targetSnapshotName"]
    kind, data, members = _source(request)
    request.claim_names(name)
    record = request.new(kind.type, name, **{**members, "state": "pending", "data": data})
    origin = request.get("sourceSnapshotName") or request["sourceResourceName"]
    copied = request.record_operation(kind.type, name, details=f"{request['sourceRegion']}:{origin}", status="Started")
    request.start(
        "snapshot.copy",
        record["id"],
        {"id": record["id"]},
        operations=[copied],
        operation=request.name,
        resource=kind.clock,
    )
    return {"operations": [copied]}


class Copy(Job):
    kind = "snapshot.copy"

    def ended(self, result: dict[str, Any]) -> None:
        record = self.cloud.record(self.args["id"])
        if record is not None:
            kind = kind_of(type=record["type"])
            assert kind is not None
            record["state"] = kind.usable

    def failed(self, message: str) -> None:
        record = self.cloud.record(self.args["id"])
        if record is not None:
            record["state"] = "error"
