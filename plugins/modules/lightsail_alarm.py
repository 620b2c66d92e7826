#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_alarm
short_description: Manage metric alarms in Amazon Lightsail
version_added: 0.1.0
description:
  - Creates, changes and deletes alarms that watch one metric of an instance, a load balancer or a managed database.
  - An alarm shows a banner in the console. It also sends mail or text messages, if there is a contact method of that protocol
    in the region (M(cloudpress.lightsail.lightsail_contact_method)).
  - What is not given is left as it is; the API itself would set it back to its default.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.tags
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
options:
  name:
    description: Name of the alarm. Names are unique in a region, across all kinds of resources.
    type: str
    required: true
  state:
    description: Whether the alarm is to exist.
    type: str
    choices: [present, absent]
    default: present
  resource_name:
    description: The instance, load balancer or database to watch. Required to create an alarm.
    type: str
  metric_name:
    description:
      - The metric to watch, for example V(StatusCheckFailed) or V(CPUUtilization) of an instance, V(UnhealthyHostCount) of a
        load balancer, V(FreeStorageSpace) of a database. Required to create an alarm.
      - A metric of a resource can have two alarms.
    type: str
  comparison_operator:
    description: How the metric is compared with O(threshold). Required to create an alarm.
    type: str
    choices:
      - GreaterThanOrEqualToThreshold
      - GreaterThanThreshold
      - LessThanThreshold
      - LessThanOrEqualToThreshold
  threshold:
    description: What the metric is compared with. Required to create an alarm.
    type: float
  evaluation_periods:
    description: How many of the newest periods of five minutes are looked at, from 1 to 288. Required to create an alarm.
    type: int
  datapoints_to_alarm:
    description: In how many of them the comparison has to be true. A new alarm without this wants all of them.
    type: int
  treat_missing_data:
    description:
      - What a period without data counts as. A new alarm without this has V(missing).
      - An instance that is stopped has no data, so V(breaching) tells of it.
    type: str
    choices: [breaching, notBreaching, ignore, missing]
  contact_protocols:
    description: How to notify. An empty list leaves the banner only.
    type: list
    elements: str
    choices: [Email, SMS]
  notification_triggers:
    description: The states that notify; V(ALARM) must be one of them.
    type: list
    elements: str
    choices: [OK, ALARM, INSUFFICIENT_DATA]
  notification_enabled:
    description: Whether it notifies at all. A new alarm without this does.
    type: bool
seealso:
  - module: cloudpress.lightsail.lightsail_alarm_info
  - module: cloudpress.lightsail.lightsail_contact_method
  - name: PutAlarm in the Lightsail API
    description: The API operation behind this module.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_PutAlarm.html
"""

EXAMPLES = r"""
- name: Tell by mail when a web server does not answer for ten minutes
  cloudpress.lightsail.lightsail_alarm:
    name: blog-1-down
    resource_name: blog-1
    metric_name: StatusCheckFailed
    comparison_operator: GreaterThanOrEqualToThreshold
    threshold: 1
    evaluation_periods: 2
    treat_missing_data: breaching
    contact_protocols: [Email]

- name: Tell when a node leaves the load balancer, and when it is back
  cloudpress.lightsail.lightsail_alarm:
    name: blog-nodes
    resource_name: blog
    metric_name: HealthyHostCount
    comparison_operator: LessThanThreshold
    threshold: 2
    evaluation_periods: 3
    datapoints_to_alarm: 2
    contact_protocols: [Email]
    notification_triggers: [ALARM, OK]

- name: Be quiet during maintenance
  cloudpress.lightsail.lightsail_alarm:
    name: blog-nodes
    notification_enabled: false

- name: Delete it
  cloudpress.lightsail.lightsail_alarm:
    name: blog-nodes
    state: absent
"""

RETURN = r"""
alarm:
  description: The alarm. V(null) when it does not exist. In check mode, what only AWS can know is V(null).
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
      sample: blog-1-down
    state:
      description: V(OK), V(ALARM), or V(INSUFFICIENT_DATA), which a new alarm has until it is evaluated.
      type: str
      returned: always
      sample: INSUFFICIENT_DATA
    monitored_resource_info:
      description: What it watches.
      type: dict
      returned: always
      sample: {name: blog-1, resource_type: Instance, arn: "arn:aws:lightsail:eu-central-1:123456789012:Instance/6a1c"}
    metric_name:
      description: The metric.
      type: str
      returned: always
      sample: StatusCheckFailed
    statistic:
      description: Which statistic of the metric.
      type: str
      returned: always
      sample: Sum
    unit:
      description: The unit of the metric.
      type: str
      returned: always
      sample: Count
    period:
      description: Seconds that a data point covers.
      type: int
      returned: always
      sample: 300
    comparison_operator:
      description: How it is compared.
      type: str
      returned: always
      sample: GreaterThanOrEqualToThreshold
    threshold:
      description: With what it is compared.
      type: float
      returned: always
      sample: 1.0
    evaluation_periods:
      description: How many periods are looked at.
      type: int
      returned: always
      sample: 2
    datapoints_to_alarm:
      description: How many of them have to breach.
      type: int
      returned: always
      sample: 2
    treat_missing_data:
      description: What a period without data counts as.
      type: str
      returned: always
      sample: breaching
    contact_protocols:
      description: How it notifies.
      type: list
      elements: str
      returned: always
      sample: [Email]
    notification_triggers:
      description: Which states notify.
      type: list
      elements: str
      returned: always
      sample: [ALARM]
    notification_enabled:
      description: Whether it notifies.
      type: bool
      returned: always
      sample: true
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:lightsail:eu-central-1:123456789012:Alarm/0f3e8e6a-4dd4-4a8a-8b7e-6a9c1f0f6a11
    created_at:
      description: When it was created.
      type: str
      returned: always
      sample: '2026-11-24T05:12:31.402000+00:00'
    location:
      description: Its region; there is no zone.
      type: dict
      returned: always
      sample: {availability_zone: all, region_name: eu-central-1}
    resource_type:
      description: The kind of resource.
      type: str
      returned: always
      sample: Alarm
    support_code:
      description: Code to tell AWS support.
      type: str
      returned: always
      sample: 123456789012/example
    tags:
      description: Its tags.
      type: dict
      returned: always
      sample: {"cloudpress:site": blog}
actions:
  description: The changing API operations that were called, in their order.
  returned: success
  type: list
  elements: str
  sample: [PutAlarm]
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, same_set
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource

MOST_PERIODS = 288
# option: member of the API, which PutAlarm takes and GetAlarms gives
SETTINGS = {
    "metric_name": "metricName",
    "comparison_operator": "comparisonOperator",
    "threshold": "threshold",
    "evaluation_periods": "evaluationPeriods",
    "datapoints_to_alarm": "datapointsToAlarm",
    "treat_missing_data": "treatMissingData",
    "contact_protocols": "contactProtocols",
    "notification_triggers": "notificationTriggers",
    "notification_enabled": "notificationEnabled",
}
LISTS = ("contact_protocols", "notification_triggers")


class Alarm(Resource):
    kind = "alarm"
    options = (
        Option("resource_name", lambda raw: raw["monitoredResourceInfo"]["name"], apply="put"),
        *(Option(name, member, same=same_set if name in LISTS else None, apply="put") for name, member in SETTINGS.items()),
    )
    unknown = ("arn", "created_at", "support_code")
    required_to_create = ("resource_name", "metric_name", "comparison_operator", "threshold", "evaluation_periods")

    def read(self):
        answer = self.call("GetAlarms", alarmName=self.name, missing_ok=True)
        # Nobody documented whether an unknown name is an error or an empty list.
        return next(iter((answer or {}).get("alarms") or []), None)

    def check_wishes(self, current):
        params = self.params
        triggers = params["notification_triggers"]
        if triggers is not None and "ALARM" not in triggers:
            self.fail("notification_triggers is %s; ALARM must be one of them." % triggers)
        periods = params["evaluation_periods"]
        if periods is not None and not 1 <= periods <= MOST_PERIODS:
            self.fail("evaluation_periods is %d; it must be between 1 and %d." % (periods, MOST_PERIODS))
        if periods is None:
            periods = (current or {}).get("evaluationPeriods", MOST_PERIODS)
        points = params["datapoints_to_alarm"]
        if points is None:
            points = (current or {}).get("datapointsToAlarm", 1)
        if not 1 <= points <= periods:
            self.fail("datapoints_to_alarm is %d; it must be between 1 and evaluation_periods, which is %d." % (points, periods))

    def request(self, current):
        """Complete, because PutAlarm sets what it is not told back to its default."""
        request = {member: current.get(member) for member in SETTINGS.values()}
        request.update({member: self.params[name] for name, member in SETTINGS.items() if self.params[name] is not None})
        resource = self.params["resource_name"] or current["monitoredResourceInfo"]["name"]
        return dict(request, alarmName=self.name, monitoredResourceName=resource)

    def create(self):
        self.new("PutAlarm", tags=self.tag_list(), **self.request({}))

    def put(self, current, changes):
        self.act("PutAlarm", **self.request(current))

    def delete(self, current):
        self.act("DeleteAlarm", alarmName=self.name, missing_ok=True)

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        predicted.pop("resource_name", None)
        if changes.keys() - {"tags"}:
            predicted["state"] = None  # it is evaluated anew
        if "resource_name" in changes:
            predicted["monitored_resource_info"] = None
        if "metric_name" in changes:
            predicted.update(statistic=None, unit=None)
        return predicted


def main():
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            resource_name=dict(type="str"),
            metric_name=dict(type="str"),
            comparison_operator=dict(
                type="str",
                choices=["GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"],
            ),
            threshold=dict(type="float"),
            evaluation_periods=dict(type="int"),
            datapoints_to_alarm=dict(type="int"),
            treat_missing_data=dict(type="str", choices=["breaching", "notBreaching", "ignore", "missing"]),
            contact_protocols=dict(type="list", elements="str", choices=["Email", "SMS"]),
            notification_triggers=dict(type="list", elements="str", choices=["OK", "ALARM", "INSUFFICIENT_DATA"]),
            notification_enabled=dict(type="bool"),
        ),
        shapes={"name": "ResourceName", "resource_name": "ResourceName", "metric_name": "MetricName"},
        tags=True,
        wait=True,
        supports_check_mode=True,
    )
    module.run(Alarm(module))


if __name__ == "__main__":
    main()
