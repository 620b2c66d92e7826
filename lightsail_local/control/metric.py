# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics. A number is told only when it follows from what the cloud knows; for all else the list of points is empty.

What is known: the status checks of an instance since it booted, and the healthy and unhealthy targets of a load balancer now.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from botocore.utils import parse_timestamp

from . import catalogue_data, errors
from .load_balancer import ask_health, health_summary
from .registry import operation
from .request import HOME_REGION, Record, Request

if TYPE_CHECKING:
    from .cloud import Cloud

# From when to when something had a value.
Span = tuple[float, float, float]

GRANULARITY = 60  # status checks and databases in the model; the same for load balancers is a guess
MOST_POINTS = 1440  # CloudWatch's limit of GetMetricStatistics, which lies below


def about(kind: str, metric: str) -> dict[str, Any] | None:
    return catalogue_data.load("metrics")["metrics"].get(kind, {}).get(metric)


def spans(cloud: Cloud, record: Record, metric: str, health: dict[str, Any]) -> list[Span]:
    now = cloud.clock.now()
    if record["type"] == "Instance" and metric.startswith("StatusCheckFailed"):
        # Hosts that run pass; one that is stopped has no checks.
        return [(record["booted_at"], now, 0.0)] if record["state"] == "running" else []
    if record["type"] == "LoadBalancer" and metric in ("HealthyHostCount", "UnhealthyHostCount"):
        wanted = "healthy" if metric == "HealthyHostCount" else "unhealthy"
        states = [item["instanceHealth"] for item in health_summary(cloud, record, health.get(record["id"], {}))]
        return [(now, now, float(states.count(wanted)))] if states else []
    return []


def _point(start: float, end: float, known: list[Span]) -> dict[str, float] | None:
    """All statistics of one period, or None when nothing is known of it."""
    values: list[float] = []
    for since, until, value in known:
        covered = min(end, until) - max(start, since)
        if covered >= 0 and since < end and until >= start:
            values += [value] * max(1, math.floor(covered / GRANULARITY))
    if not values:
        return None
    return {
        "average": sum(values) / len(values),
        "maximum": max(values),
        "minimum": min(values),
        "sampleCount": float(len(values)),
        "sum": sum(values),
    }


def _moments(request: Request) -> range:
    start, end = (parse_timestamp(request[name]).timestamp() for name in ("startTime", "endTime"))
    period = request["period"]
    if start >= end:
        raise errors.invalid("The startTime must be before the endTime.")
    if period % 60:
        raise errors.invalid(f"The period is {period}; it must be a multiple of 60.")
    first = int(start // period) * period
    moments = range(first, math.ceil(end), period)
    if len(moments) > MOST_POINTS:
        raise errors.invalid(f"The request asks for {len(moments)} data points; at most {MOST_POINTS} are allowed.")
    return moments


def _answer(request: Request, record: Record) -> dict[str, Any]:
    metric = request["metricName"]
    moments = _moments(request)
    unit = (about(record["type"], metric) or {}).get("unit")
    points = []
    if unit == request["unit"]:  # CloudWatch has no data in another unit than the published one
        known = spans(request.cloud, record, metric, request.extra or {})
        names = [word[0].lower() + word[1:] for word in request["statistics"]]
        for moment in moments:
            point = _point(moment, moment + request["period"], known)
            if point is not None:
                points.append({**{key: point[key] for key in names}, "timestamp": moment, "unit": unit})
    return {"metricName": metric, "metricData": points}


@operation
def GetInstanceMetricData(request: Request) -> dict[str, Any]:
    return _answer(request, request.need("Instance", request["instanceName"]))


@operation
def GetRelationalDatabaseMetricData(request: Request) -> dict[str, Any]:
    return _answer(request, request.need("RelationalDatabase", request["relationalDatabaseName"]))


@operation(before=ask_health)
def GetLoadBalancerMetricData(request: Request) -> dict[str, Any]:
    return _answer(request, request.need("LoadBalancer", request["loadBalancerName"]))


@operation
def GetDistributionMetricData(request: Request) -> dict[str, Any]:
    if request.region != HOME_REGION:
        raise errors.distribution_only_in_us_east_1()
    record = request.find("Distribution", request["distributionName"])
    if record is None:  # another class than everywhere else, as with all calls of distributions
        raise errors.invalid(f"Requested resource not found: {request['distributionName']}", "DoesNotExist")
    return _answer(request, record)


@operation
def GetBucketMetricData(request: Request) -> dict[str, Any]:
    return _answer(request, request.need("Bucket", request["bucketName"]))
