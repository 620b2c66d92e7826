# SPDX-License-Identifier: GPL-3.0-or-later
"""Alarms on metrics. They are evaluated when they are read; nobody is notified."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from . import errors, metric, tags
from .load_balancer import ask_health
from .registry import Job, operation
from .request import Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

TYPE = "Alarm"
MONITORED = ("Instance", "LoadBalancer", "RelationalDatabase")  # model; the user guide adds distributions, the enum has none of their metrics
PER_METRIC = 2  # model
PERIOD = 300  # seconds; model
PERIODS = range(1, 288 + 1)  # model: five minutes to a day

COMPARE = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def view(record: Record, common: dict[str, Any]) -> dict[str, Any]:
    about = metric.about(record["monitored"]["resourceType"], record["settings"]["metricName"]) or {}
    return {
        **common,
        "monitoredResourceInfo": dict(record["monitored"]),
        **record["settings"],
        "period": PERIOD,
        # Guess: of the most useful statistics the one that CloudWatch's consoles show first.
        "statistic": "Average" if "Average" in about["statistics"] else about["statistics"][-1],
        "unit": about["unit"],
        "state": record["state"],
    }


def _evaluate(cloud: Cloud, record: Record, health: dict[str, Any]) -> None:
    """Guess: the present value stands for all evaluation periods, since older ones are not kept."""
    if not record["evaluating"]:
        return
    settings = record["settings"]
    source = cloud.record(record["monitored_id"])
    known = metric.spans(cloud, source, settings["metricName"], health) if source is not None else []
    if known:
        breaching = COMPARE[settings["comparisonOperator"]](known[-1][2], settings["threshold"])
        record["state"] = "ALARM" if breaching else "OK"
    elif settings["treatMissingData"] != "ignore":
        record["state"] = {"breaching": "ALARM", "notBreaching": "OK"}.get(settings["treatMissingData"], "INSUFFICIENT_DATA")


class Evaluate(Job):
    """A new alarm has insufficient data until its first evaluation."""

    kind = "alarm.evaluate"

    def ended(self, result: dict[str, Any]) -> None:
        record = self.cloud.record(self.args["id"])
        if record is not None:
            record["evaluating"] = True


def _settings(request: Request) -> dict[str, Any]:
    periods = request["evaluationPeriods"]
    points = request.get("datapointsToAlarm", periods)  # guess for the default: all of them
    triggers = request.get("notificationTriggers", ["ALARM"])
    if periods not in PERIODS:
        raise errors.invalid(f"evaluationPeriods is {periods}; it must be between {PERIODS[0]} and {PERIODS[-1]}.")
    if not 1 <= points <= periods:
        raise errors.invalid(f"datapointsToAlarm is {points}; it must be between 1 and evaluationPeriods, which is {periods}.")
    if "ALARM" not in triggers:
        raise errors.invalid("notificationTriggers must have ALARM.")
    return {
        "metricName": request["metricName"],
        "comparisonOperator": request["comparisonOperator"],
        "threshold": float(request["threshold"]),
        "evaluationPeriods": periods,
        "datapointsToAlarm": points,
        "treatMissingData": request.get("treatMissingData", "missing"),
        "contactProtocols": request.get("contactProtocols", []),
        "notificationTriggers": triggers,
        "notificationEnabled": request.get("notificationEnabled", True),
    }


def _monitored(request: Request, name: str) -> Record:
    for kind in MONITORED:
        record = request.find(kind, name)
        if record is not None:
            return record
    other = request.cloud.names(request.region).get(name)
    if other is not None:
        raise errors.invalid(f"{name} is a {other['type']}; alarms can monitor instances, load balancers and databases.")
    raise errors.not_found("Resource", name)


@operation
def PutAlarm(request: Request) -> dict[str, Any]:
    """Creates, or overwrites all of an existing one but its state and its tags."""
    name = request["alarmName"]
    monitored = _monitored(request, request["monitoredResourceName"])
    settings = _settings(request)
    if metric.about(monitored["type"], settings["metricName"]) is None:
        raise errors.invalid(f"The metric {settings['metricName']} is not available for {monitored['name']}, which is a {monitored['type']}.")
    same = [
        item
        for item in request.all(TYPE)
        if item["monitored_id"] == monitored["id"] and item["settings"]["metricName"] == settings["metricName"] and item["name"] != name
    ]
    if len(same) >= PER_METRIC:
        raise errors.quota(f"Sorry, you've reached the maximum of {PER_METRIC} alarms for the metric {settings['metricName']}.")
    record = request.find(TYPE, name)
    if record is None:
        tags.check(request.get("tags"))
        request.claim_names(name)
        record = request.new(TYPE, name, state="INSUFFICIENT_DATA", evaluating=False)
        request.start("alarm.evaluate", record["id"], {"id": record["id"]}, resource="alarm evaluated")
    record.update(
        settings=settings,
        monitored_id=monitored["id"],
        monitored={"arn": monitored["arn"], "name": monitored["name"], "resourceType": monitored["type"]},
    )
    return _done(request, name)


def _done(request: Request, name: str) -> dict[str, Any]:
    return {"operations": [request.record_operation(TYPE, name)]}


@operation(before=ask_health)
def GetAlarms(request: Request) -> dict[str, Any]:
    found = [request.need(TYPE, request["alarmName"])] if request.get("alarmName") else request.all(TYPE)
    wanted = request.get("monitoredResourceName")
    found = [record for record in found if wanted in (None, record["monitored"]["name"])]
    for record in found:
        _evaluate(request.cloud, record, request.extra)
    return request.page([view(record, request.cloud.common_view(record)) for record in found], "alarms")


@operation
def DeleteAlarm(request: Request) -> dict[str, Any]:
    request.cloud.remove(request.need(TYPE, request["alarmName"]))
    return _done(request, request["alarmName"])


@operation
def TestAlarm(request: Request) -> dict[str, Any]:
    """Shows a banner in the console and notifies; the state stays (guess), so here nothing is to be seen of it."""
    return _done(request, request.need(TYPE, request["alarmName"])["name"])
