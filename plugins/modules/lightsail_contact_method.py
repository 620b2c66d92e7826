#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_contact_method
short_description: Manage where Amazon Lightsail notifies
version_added: 0.1.0
description:
  - Sets the email address and the phone number to which the alarms of a region send their notifications. There is one of each at most.
  - An email address gets a mail first, and nothing else until its owner has followed the link in it.
  - Another address replaces the one that is there, and has to be verified anew.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.tags
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
options:
  protocol:
    description: How to notify. V(SMS) exists in some regions only.
    type: str
    choices: [Email, SMS]
    required: true
  state:
    description: Whether there is to be a contact method of this protocol.
    type: str
    choices: [present, absent]
    default: present
  endpoint:
    description:
      - The email address, or the phone number with a plus sign and the country code, for example V(+15555550100).
      - Another one than there is means that the old contact method is deleted first. Its tags are kept, unless the run is
        interrupted just then; give O(tags) as well to be sure of them.
      - Required to create a contact method.
    type: str
seealso:
  - module: cloudpress.lightsail.lightsail_contact_method_info
  - module: cloudpress.lightsail.lightsail_alarm
  - name: CreateContactMethod in the Lightsail API
    description: The API operation behind this module.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateContactMethod.html
"""

EXAMPLES = r"""
- name: Send notifications to an address
  cloudpress.lightsail.lightsail_contact_method:
    protocol: Email
    endpoint: admin@example.com
  register: contact

- name: Remind its owner of the mail
  ansible.builtin.debug:
    msg: Follow the link in the mail from AWS.
  when: contact.contact_method.status == 'PendingVerification'

- name: Send nothing any more
  cloudpress.lightsail.lightsail_contact_method:
    protocol: Email
    state: absent
"""

RETURN = r"""
contact_method:
  description: The contact method. V(null) when it does not exist. In check mode, what only AWS can know is V(null).
  returned: success
  type: dict
  contains:
    protocol:
      description: How it notifies.
      type: str
      returned: always
      sample: Email
    contact_endpoint:
      description: Where it notifies.
      type: str
      returned: always
      sample: admin@example.com
    status:
      description: V(Valid) when it can be used; V(PendingVerification) until the owner of an address has confirmed it.
      type: str
      returned: always
      sample: PendingVerification
    name:
      description: Its name, which AWS gives.
      type: str
      returned: always
      sample: Email
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:lightsail:eu-central-1:123456789012:ContactMethod/b0c9d1a1-1d63-4a5b-9a0c-7d6c3ed4a0a5
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
      sample: ContactMethod
    support_code:
      description: Code to tell AWS support.
      type: str
      returned: always
      sample: 123456789012/example
    tags:
      description: Its tags.
      type: dict
      returned: always
      sample: {}
actions:
  description: The changing API operations that were called, in their order.
  returned: success
  type: list
  elements: str
  sample: [CreateContactMethod]
"""

import functools
import re

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource

FORMS = {
    "Email": (r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$", "an email address"),
    "SMS": (r"\+[1-9][0-9]{1,14}$", "a phone number with plus sign and country code, such as '+15555550100'"),
}


class ContactMethod(Resource):
    kind = "contact method"
    name_option = "protocol"
    options = (Option("endpoint", "contactEndpoint", apply="replace"),)
    unknown = ("arn", "created_at", "name", "status", "support_code")
    required_to_create = ("endpoint",)

    def read(self):
        answer = self.call("GetContactMethods", protocols=[self.name], missing_ok=True)
        return next(iter((answer or {}).get("contactMethods") or []), None)

    def check_wishes(self, current):
        endpoint, (form, words) = self.params["endpoint"], FORMS[self.name]
        if endpoint is not None and not re.match(form, endpoint):
            self.fail("endpoint is %r; it must be %s." % (endpoint, words))

    def create(self):
        self.new("CreateContactMethod", protocol=self.name, contactEndpoint=self.params["endpoint"], tags=self.tag_list())

    def replace(self, current, changes):
        tags = current.get("tags") or None
        self.act("DeleteContactMethod", protocol=self.name, missing_ok=True)
        make = functools.partial(self.act, "CreateContactMethod", protocol=self.name, contactEndpoint=changes["endpoint"], tags=tags)
        self.make_anew(make, tags)

    def call(self, operation, **request):
        if operation in ("TagResource", "UntagResource"):
            request["resourceArn"] = self.read()["arn"]  # its name alone does not tell it from other resources
        return super().call(operation, **request)

    def delete(self, current):
        self.act("DeleteContactMethod", protocol=self.name, missing_ok=True)

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        if current is None:
            predicted.update(name=None, protocol=self.name)
        elif "endpoint" in changes:
            predicted.update(dict.fromkeys(self.unknown))
        return predicted


def main():
    module = LightsailModule(
        argument_spec=dict(
            protocol=dict(type="str", choices=["Email", "SMS"], required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            endpoint=dict(type="str"),
        ),
        shapes={"endpoint": "StringMax256"},
        tags=True,
        wait=True,
        supports_check_mode=True,
    )
    module.run(ContactMethod(module))


if __name__ == "__main__":
    main()
