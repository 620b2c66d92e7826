#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_database_info
short_description: Get managed databases in Amazon Lightsail
version_added: 0.1.0
description:
  - Lists the managed databases of a region, sorted by name, if wanted with the password of the master user.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.attributes.info_module
options:
  names:
    description: Return only databases of these names. Names that do not exist are left out.
    type: list
    elements: str
  filters:
    description: Return only databases that bear all of these tags. A null value asks for the key alone.
    type: dict
  master_password:
    description:
      - Whether to return the master user's password as well. Set C(no_log=true) on the task then.
    type: bool
    default: false
seealso:
  - module: cloudpress.lightsail.lightsail_database
"""

EXAMPLES = r"""
- name: Find the database of a site
  cloudpress.lightsail.lightsail_database_info:
    filters:
      cloudpress:site: blog
  register: found

- name: Read the password of its master user
  cloudpress.lightsail.lightsail_database_info:
    names: [blog-database]
    master_password: true
  register: with_password
  no_log: true
"""

RETURN = r"""
databases:
  description:
    - The databases; each as in RV(cloudpress.lightsail.lightsail_database#module:database).
    - With O(master_password=true) each has C(master_user_password) as well, which is V(null) while AWS has not made one yet.
  returned: success
  type: list
  elements: dict
  sample:
    - name: blog-database
      state: available
      master_endpoint: {address: ls-0a1b2c3d4e5f60718293a4b5c6d7e8f901234567.c9akciq32rbq.eu-central-1.rds.amazonaws.com, port: 3306}
      master_username: dbmasteruser
      tags: {"cloudpress:site": blog}
"""

import time

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule, has_tags, snake

# Right after a database is made, its password may not be the current one yet.
PASSWORD_SECONDS = 60


def master_password(module, name, available):
    give_up = time.monotonic() + (PASSWORD_SECONDS if available else 0)
    pause = 0.5
    while True:
        answer = module.call("GetRelationalDatabaseMasterUserPassword", relationalDatabaseName=name, subject=name, missing_ok=True)
        if answer and answer.get("masterUserPassword"):
            return answer["masterUserPassword"]
        if time.monotonic() + pause > give_up:
            return None
        time.sleep(pause)
        pause = min(pause * 2, 10)


def find(module):
    names = module.params["names"]
    if names is not None and len(names) == 1:
        answer = module.call("GetRelationalDatabase", relationalDatabaseName=names[0], subject=names[0], missing_ok=True)
        found = [answer["relationalDatabase"]] if answer else []
    else:
        found = [d for d in module.call_all("GetRelationalDatabases", "relationalDatabases") if names is None or d["name"] in names]
    databases = [snake(d) for d in sorted(found, key=lambda d: d["name"]) if has_tags(d, module.params["filters"])]
    if module.params["master_password"]:
        for database in databases:
            database["master_user_password"] = master_password(module, database["name"], database["state"] == "available")
    return {"databases": databases}


def main():
    module = LightsailModule(
        argument_spec=dict(
            names=dict(type="list", elements="str"),
            filters=dict(type="dict"),
            master_password=dict(type="bool", default=False, no_log=False),
        ),
        supports_check_mode=True,
    )
    module.run(lambda: find(module))


if __name__ == "__main__":
    main()
