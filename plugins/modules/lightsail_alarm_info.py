#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_alarm_info
short_description: Get metric alarms in Amazon Lightsail
version_added: 0.1.0
description:
  - Lists alarms and their states by name.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  names:
    description: Return only alarms of these names. Names that do not exist are left out.
    type: list
    elements: str
  resource_name:
    description: Return only alarms of the instance, load balancer or database of this name.
    type: str
  filters:
    description: Return only alarms that bear all of these tags. A null value asks for the key alone.
    type: dict
seealso:
  - module: cloudpress.lightsail.lightsail_alarm
"""

EXAMPLES = r"""
- name: Get the alarms of a site
  cloudpress.lightsail.lightsail_alarm_info:
    filters:
      cloudpress:site: blog
  register: found

- name: Fail when one is raised
  ansible.builtin.assert:
    that: found.alarms | selectattr('state', 'equalto', 'ALARM') | length == 0
"""

RETURN = r"""
alarms:
  description: The alarms, by name; each as in RV(cloudpress.lightsail.lightsail_alarm#module:alarm).
  returned: success
  type: list
  elements: dict
  sample:
    - name: blog-1-down
      state: OK
      metric_name: StatusCheckFailed
      monitored_resource_info: {name: blog-1, resource_type: Instance}
      tags: {"cloudpress:site": blog}
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, has_tags, snake


def find(module):
    names, resource, filters = (module.params[option] for option in ("names", "resource_name", "filters"))
    found = [
        alarm
        for alarm in module.call_all("GetAlarms", "alarms", monitoredResourceName=resource)
        if (names is None or alarm["name"] in names) and has_tags(alarm, filters)
    ]
    return {"alarms": [snake(alarm) for alarm in sorted(found, key=lambda alarm: alarm["name"])]}


def main():
    module = LightsailModule(
        argument_spec=dict(names=dict(type="list", elements="str"), resource_name=dict(type="str"), filters=dict(type="dict")),
        supports_check_mode=True,
    )
    module.run(lambda: find(module))


if __name__ == "__main__":
    main()
