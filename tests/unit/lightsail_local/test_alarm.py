# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

from .helpers import instance_state, make_database, make_instances, make_load_balancer

ALARM = {
    "alarmName": "web-down",
    "metricName": "StatusCheckFailed",
    "monitoredResourceName": "web",
    "comparisonOperator": "GreaterThanOrEqualToThreshold",
    "threshold": 1,
    "evaluationPeriods": 2,
}


def put(cloud, **changes):
    return cloud.client().put_alarm(**{**ALARM, **changes})


def alarm(cloud, name="web-down"):
    return cloud.client().get_alarms(alarmName=name)["alarms"][0]


def stop(cloud, name):
    cloud.client().stop_instance(instanceName=name)
    cloud.wait_until(lambda: instance_state(cloud, name) == "stopped")


def test_an_alarm_is_made_overwritten_and_deleted(cloud):
    client = cloud.client()
    make_instances(cloud, "web")
    cloud.time_scale(1)
    made = put(cloud, tags=[{"key": "a", "value": "1"}])["operations"]
    assert [(item["operationType"], item["resourceType"], item["status"]) for item in made] == [("PutAlarm", "Alarm", "Succeeded")]
    found = alarm(cloud)
    assert set(found) == {
        "name", "arn", "createdAt", "location", "resourceType", "supportCode", "monitoredResourceInfo", "comparisonOperator",
        "evaluationPeriods", "period", "threshold", "datapointsToAlarm", "treatMissingData", "statistic", "metricName", "state",
        "unit", "contactProtocols", "notificationTriggers", "notificationEnabled", "tags",
    }  # fmt: skip
    assert found["state"] == "INSUFFICIENT_DATA"
    assert (found["period"], found["statistic"], found["unit"], found["datapointsToAlarm"]) == (300, "Sum", "Count", 2)
    assert (found["treatMissingData"], found["notificationTriggers"], found["notificationEnabled"]) == ("missing", ["ALARM"], True)
    assert found["monitoredResourceInfo"]["resourceType"] == "Instance"
    put(cloud, metricName="CPUUtilization", threshold=80, notificationEnabled=False, tags=[{"key": "b"}])
    changed = alarm(cloud)
    assert (changed["metricName"], changed["unit"], changed["notificationEnabled"]) == ("CPUUtilization", "Percent", False)
    assert (changed["arn"], changed["tags"]) == (found["arn"], found["tags"])
    client.tag_resource(resourceName="web-down", tags=[{"key": "b", "value": "2"}])
    assert {tag["key"] for tag in alarm(cloud)["tags"]} == {"a", "b"}
    assert client.test_alarm(alarmName="web-down", state="ALARM")["operations"][0]["operationType"] == "TestAlarm"
    client.delete_alarm(alarmName="web-down")
    with pytest.raises(client.exceptions.NotFoundException, match="The Alarm does not exist: web-down"):
        client.get_alarms(alarmName="web-down")


@pytest.mark.parametrize(
    ("missing", "state"), [("missing", "INSUFFICIENT_DATA"), ("breaching", "ALARM"), ("notBreaching", "OK"), ("ignore", "OK")]
)
def test_the_state_follows_from_the_instance(cloud, missing, state):
    make_instances(cloud, "web")
    put(cloud, treatMissingData=missing)
    cloud.wait_until(lambda: alarm(cloud)["state"] == "OK")
    stop(cloud, "web")
    assert alarm(cloud)["state"] == state


def test_what_no_number_is_known_of_stays_insufficient(cloud):
    make_instances(cloud, "web")
    put(cloud, metricName="CPUUtilization", threshold=80)
    put(cloud, alarmName="web-up")
    cloud.wait_until(lambda: alarm(cloud, "web-up")["state"] == "OK")
    assert alarm(cloud)["state"] == "INSUFFICIENT_DATA"


def test_unhealthy_targets_raise_an_alarm(cloud):
    make_instances(cloud, "web")
    client = make_load_balancer(cloud)
    client.attach_instances_to_load_balancer(loadBalancerName="lb", instanceNames=["web"])
    put(cloud, metricName="HealthyHostCount", monitoredResourceName="lb", comparisonOperator="LessThanThreshold")
    cloud.wait_until(lambda: alarm(cloud)["state"] == "OK")
    cloud.admin("health", instance="web", health="unhealthy")
    cloud.wait_until(lambda: alarm(cloud)["state"] == "ALARM")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"evaluationPeriods": 289}, "evaluationPeriods is 289; it must be between 1 and 288"),
        ({"datapointsToAlarm": 3}, "datapointsToAlarm is 3; it must be between 1 and evaluationPeriods, which is 2"),
        ({"notificationTriggers": ["OK"]}, "notificationTriggers must have ALARM"),
        ({"metricName": "RequestCount"}, "The metric RequestCount is not available for web"),
        ({"metricName": "Nonsense"}, "must be one of"),
        ({"monitoredResourceName": "nobody"}, "The Resource does not exist: nobody"),
        ({"monitoredResourceName": "ip"}, "ip is a StaticIp; alarms can monitor instances, load balancers and databases"),
        ({"alarmName": "ip"}, "Some names are already in use: ip"),
    ],
)
def test_put_alarm_refuses(cloud, changes, sentence):
    make_instances(cloud, "web")
    cloud.client().allocate_static_ip(staticIpName="ip")
    with pytest.raises(ClientError, match=sentence):
        put(cloud, **changes)


def test_two_alarms_for_a_metric_of_a_resource(cloud):
    make_instances(cloud, "web", "other")
    put(cloud)
    put(cloud, alarmName="second")
    put(cloud, alarmName="second", threshold=2)
    with pytest.raises(ClientError, match="maximum of 2 alarms for the metric StatusCheckFailed"):
        put(cloud, alarmName="third")
    put(cloud, alarmName="third", monitoredResourceName="other")
    client = cloud.client()
    assert [item["name"] for item in client.get_alarms()["alarms"]] == ["web-down", "second", "third"]
    assert [item["name"] for item in client.get_alarms(monitoredResourceName="other")["alarms"]] == ["third"]


def test_alarms_come_in_pages(cloud):
    names = [f"web-{number}" for number in range(11)]
    cloud.admin("quota", name="instances", value=30)
    make_instances(cloud, *names)
    for name in names:
        for kind in ("a", "b"):
            put(cloud, alarmName=f"{name}-{kind}", monitoredResourceName=name)
    first = cloud.client().get_alarms()
    rest = cloud.client().get_alarms(pageToken=first["nextPageToken"])
    assert len(first["alarms"]) + len(rest["alarms"]) == 22 and "nextPageToken" not in rest


def metrics(cloud, call, unit, statistics, seconds=3600, period=300, **names):
    now = int(time.time())
    answer = getattr(cloud.client(), call)(
        **names, startTime=now - seconds, endTime=now + period, period=period, unit=unit, statistics=statistics
    )
    return answer["metricData"]


def test_status_checks_of_an_instance(cloud):
    make_instances(cloud, "web")
    arguments = {"instanceName": "web", "metricName": "StatusCheckFailed"}
    points = metrics(cloud, "get_instance_metric_data", "Count", ["Sum", "Maximum"], **arguments)
    assert len(points) in (1, 2) and all((point["sum"], point["maximum"], point["unit"]) == (0, 0, "Count") for point in points)
    assert "average" not in points[0]
    # Nothing from before it ran, nothing in another unit, nothing of what is not measured, nothing when it is stopped.
    assert metrics(cloud, "get_instance_metric_data", "Percent", ["Sum"], **arguments) == []
    arguments["metricName"] = "CPUUtilization"
    assert metrics(cloud, "get_instance_metric_data", "Percent", ["Average"], **arguments) == []
    stop(cloud, "web")
    arguments["metricName"] = "StatusCheckFailed"
    assert metrics(cloud, "get_instance_metric_data", "Count", ["Sum"], **arguments) == []


def test_hosts_of_a_load_balancer(cloud):
    make_instances(cloud, "web")
    client = make_load_balancer(cloud)
    arguments = {"loadBalancerName": "lb", "metricName": "HealthyHostCount"}
    assert metrics(cloud, "get_load_balancer_metric_data", "Count", ["Average"], **arguments) == []
    client.attach_instances_to_load_balancer(loadBalancerName="lb", instanceNames=["web"])

    def healthy():
        (point,) = metrics(cloud, "get_load_balancer_metric_data", "Count", ["Average"], **arguments)
        return point["average"] == 1

    cloud.wait_until(healthy)


def test_metrics_of_what_nothing_is_measured_of(cloud):
    make_database(cloud)
    cloud.client().create_bucket(bucketName="media-bucket", bundleId="small_1_0")
    database = {"relationalDatabaseName": "db", "metricName": "DatabaseConnections"}
    assert metrics(cloud, "get_relational_database_metric_data", "Count", ["Sum"], **database) == []
    bucket = {"bucketName": "media-bucket", "metricName": "NumberOfObjects"}
    assert metrics(cloud, "get_bucket_metric_data", "Count", ["Average"], period=86400, **bucket) == []
    with pytest.raises(ClientError, match="only available in the us-east-1 Region"):
        metrics(cloud, "get_distribution_metric_data", "None", ["Sum"], distributionName="cdn", metricName="Requests")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"period": 90}, "it must be a multiple of 60"), ({"seconds": -7200}, "before the endTime"), ({"seconds": 90_000, "period": 60}, "at most 1440")],
)
def test_metrics_refuse(cloud, options, sentence):
    make_instances(cloud, "web")
    with pytest.raises(ClientError, match=sentence):
        metrics(cloud, "get_instance_metric_data", "Count", ["Sum"], instanceName="web", metricName="StatusCheckFailed", **options)
