# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_alarm, lightsail_contact_method and their info modules, against the local control plane."""

from __future__ import annotations

import pytest

MODULE = "lightsail_alarm"
ALARM = dict(
    name="web-down",
    resource_name="web-1",
    metric_name="StatusCheckFailed",
    comparison_operator="GreaterThanOrEqualToThreshold",
    threshold=1,
    evaluation_periods=2,
)


@pytest.fixture
def instances(modules):
    for name in ("web-1", "web-2"):
        modules("lightsail_instance", name=name, zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="nano_3_0")
    return modules


def test_create_and_delete(instances):
    made = instances.cycle(MODULE, "alarm", tags={"a": "1"}, contact_protocols=["Email"], **ALARM)
    assert made["actions"] == ["PutAlarm"]
    assert made["alarm"]["monitored_resource_info"]["name"] == "web-1" and made["alarm"]["unit"] == "Count"
    assert made["alarm"]["tags"] == {"a": "1"} and made["alarm"]["treat_missing_data"] == "missing"
    tagged = instances.cycle(MODULE, "alarm", name="web-down", tags={"a": "2"}, unpredictable=("state",))  # it is evaluated when its time comes
    assert tagged["actions"] == ["TagResource"]
    assert instances.cycle(MODULE, "alarm", name="web-down", state="absent")["actions"] == ["DeleteAlarm"]


@pytest.mark.parametrize(
    "change",
    [
        dict(resource_name="web-2"),
        dict(metric_name="CPUUtilization"),
        dict(comparison_operator="LessThanThreshold"),
        dict(threshold=0.5),
        dict(evaluation_periods=12),
        dict(datapoints_to_alarm=1),
        dict(treat_missing_data="breaching"),
        dict(contact_protocols=["Email", "SMS"]),
        dict(notification_triggers=["OK", "ALARM"]),
        dict(notification_enabled=False),
    ],
    ids=lambda change: next(iter(change)),
)
def test_one_option_is_changed_and_the_others_stay(instances, change):
    before = instances(MODULE, contact_protocols=["Email"], **ALARM)["alarm"]
    made = instances.cycle(MODULE, "alarm", name="web-down", **change)
    assert made["actions"] == ["PutAlarm"]
    follows = {"state", "statistic", "unit", "monitored_resource_info"}
    kept = {key: value for key, value in before.items() if key not in follows | set(change)}
    assert {key: made["alarm"][key] for key in kept} == kept


def test_the_order_of_lists_means_nothing(instances):
    instances(MODULE, contact_protocols=["Email", "SMS"], notification_triggers=["ALARM", "OK"], **ALARM)
    again = instances(MODULE, contact_protocols=["SMS", "Email"], notification_triggers=["OK", "ALARM"], **ALARM)
    assert again["changed"] is False


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"evaluation_periods": 289}, "evaluation_periods is 289; it must be between 1 and 288."),
        ({"datapoints_to_alarm": 3}, "datapoints_to_alarm is 3; it must be between 1 and evaluation_periods, which is 2."),
        ({"notification_triggers": ["OK"]}, "notification_triggers is ['OK']; ALARM must be one of them."),
        ({"threshold": None}, "The alarm web-down does not exist and cannot be created without threshold."),
        ({"metric_name": "RequestCount"}, "The metric RequestCount is not available for web-1"),
        ({"resource_name": "nobody"}, "The Resource does not exist: nobody"),
    ],
)
def test_bad_wishes_are_refused(instances, wishes, sentence):
    assert sentence in instances(MODULE, fails=True, **dict(ALARM, **wishes))["msg"]
    assert instances("lightsail_alarm_info")["alarms"] == []


def test_fewer_periods_than_data_points_that_are_set_already(instances):
    instances(MODULE, **ALARM)
    refused = instances(MODULE, name="web-down", evaluation_periods=1, fails=True)["msg"]
    assert refused == "datapoints_to_alarm is 2; it must be between 1 and evaluation_periods, which is 1."


def test_info(instances):
    instances(MODULE, tags={"site": "blog"}, **ALARM)
    instances(MODULE, **dict(ALARM, name="a-second", resource_name="web-2"))
    everything = instances("lightsail_alarm_info")["alarms"]
    assert [alarm["name"] for alarm in everything] == ["a-second", "web-down"]
    for wish in (dict(names=["web-down", "nothing"]), dict(resource_name="web-1"), dict(filters={"site": "blog"})):
        assert [alarm["name"] for alarm in instances("lightsail_alarm_info", **wish)["alarms"]] == ["web-down"]


def test_a_contact_method_is_made_replaced_and_deleted(modules, cloud):
    name = "lightsail_contact_method"
    made = modules.cycle(name, "contact_method", protocol="Email", endpoint="ada@example.com", tags={"a": "1"})
    assert made["actions"] == ["CreateContactMethod"] and made["contact_method"]["status"] == "PendingVerification"
    cloud.admin("confirm", region=cloud.region)
    assert modules.cycle(name, "contact_method", protocol="Email", tags={"b": "2"})["actions"] == ["TagResource", "UntagResource"]
    assert modules("lightsail_contact_method_info")["contact_methods"][0]["status"] == "Valid"
    other = modules.cycle(name, "contact_method", protocol="Email", endpoint="grace@example.com")
    assert other["actions"] == ["DeleteContactMethod", "CreateContactMethod"]
    assert other["contact_method"]["status"] == "PendingVerification" and other["contact_method"]["tags"] == {"b": "2"}
    assert modules("lightsail_contact_method_info", protocols=["SMS"])["contact_methods"] == []
    assert modules.cycle(name, "contact_method", protocol="Email", state="absent")["actions"] == ["DeleteContactMethod"]


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"protocol": "Email", "endpoint": "nobody"}, "endpoint is 'nobody'; it must be an email address."),
        ({"protocol": "SMS", "endpoint": "0555"}, "endpoint is '0555'; it must be a phone number with plus sign and country code"),
        ({"protocol": "SMS", "endpoint": "+15555550100"}, "SMS is not supported in the Region eu-central-1"),
        ({"protocol": "Email"}, "The contact method Email does not exist and cannot be created without endpoint."),
    ],
)
def test_bad_contact_methods_are_refused(modules, wishes, sentence):
    assert sentence in modules("lightsail_contact_method", fails=True, **wishes)["msg"]
