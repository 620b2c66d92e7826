#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_static_ip
short_description: Manage static IP addresses in Amazon Lightsail
version_added: 0.1.0
description:
  - Allocates static IPv4 addresses, attaches them to instances, moves them, detaches and releases them.
  - A static IP that is attached costs nothing; one that is not attached is billed after an hour.
  - Attaching replaces the instance's present public address. Deleting an instance detaches its static IP and keeps it.
  - Static IPs have no tags in Lightsail. A region has five of them unless AWS raises the quota.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
options:
  name:
    description: Name of the static IP.
    type: str
    required: true
  state:
    description:
      - V(present) allocates the address if it does not exist.
      - V(absent) detaches and releases it. The address itself is then lost for good.
    type: str
    choices: [present, absent]
    default: present
  instance_name:
    description:
      - The instance to attach the address to. An address that is attached elsewhere is detached there first, which leaves that instance with
        another address; O(move=false) refuses that.
      - An instance that has another static IP already, or IPv6 only, is refused before anything is detached.
      - An empty string detaches it. When this is not set, the attachment is left alone.
    type: str
  move:
    description: Whether an address that is attached to another instance may be taken away from there.
    type: bool
    default: true
seealso:
  - module: cloudpress.lightsail.lightsail_instance
  - name: AttachStaticIp in the Lightsail API
    description: The API operation behind the attachment.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_AttachStaticIp.html
"""

EXAMPLES = r"""
- name: Allocate an address and attach it to an instance
  cloudpress.lightsail.lightsail_static_ip:
    name: blog-1-address
    instance_name: blog-1
  register: address

- name: Show the address
  ansible.builtin.debug:
    var: address.static_ip.ip_address

- name: Move it to another instance
  cloudpress.lightsail.lightsail_static_ip:
    name: blog-1-address
    instance_name: blog-2

- name: Detach it and keep it
  cloudpress.lightsail.lightsail_static_ip:
    name: blog-1-address
    instance_name: ""

- name: Give it back
  cloudpress.lightsail.lightsail_static_ip:
    name: blog-1-address
    state: absent
"""

RETURN = r"""
static_ip:
  description: The static IP. V(null) when it does not exist.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
      sample: blog-1-address
    ip_address:
      description: The address. V(null) in check mode when it would be allocated.
      type: str
      returned: always
      sample: 192.0.2.17
    is_attached:
      description: Whether it is attached to an instance.
      type: bool
      returned: always
      sample: true
    attached_to:
      description: The instance it is attached to.
      type: str
      returned: when attached
      sample: blog-1
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:lightsail:eu-central-1:123456789012:StaticIp/8d5b9a2e-9a55-4d5b-8a1b-4e40a7c5c1f0
    created_at:
      description: When it was allocated.
      type: str
      returned: always
      sample: '2026-11-24T05:12:31.402000+00:00'
    location:
      description: Its region.
      type: dict
      returned: always
      sample: {availability_zone: all, region_name: eu-central-1}
    resource_type:
      description: The kind of resource.
      type: str
      returned: always
      sample: StaticIp
    support_code:
      description: Code to tell AWS support.
      type: str
      returned: always
      sample: 123456789012/192.0.2.17
actions:
  description: The changing API operations that were called, in their order.
  returned: success
  type: list
  elements: str
  sample: [AllocateStaticIp, AttachStaticIp]
"""

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LightsailModule
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource


class StaticIp(Resource):
    kind = "static IP"
    key = "static_ip"
    taggable = False
    options = (Option("instance_name", lambda raw: raw.get("attachedTo") or "", apply="attach"),)
    unknown = ("arn", "created_at", "ip_address", "support_code")

    def read(self):
        answer = self.call("GetStaticIp", staticIpName=self.name, missing_ok=True)
        return answer and answer["staticIp"]

    def check_wishes(self, current):
        """Before an address is taken away from an instance: whether it can be attached to the other one."""
        instance, now = self.params["instance_name"], (current or {}).get("attachedTo")
        if not instance or now == instance:
            return
        if now and not self.params["move"]:
            self.fail("The static IP %s is attached to %s; set move to take it away from there and attach it to %s." % (self.name, now, instance))
        found = self.call("GetInstance", instanceName=instance, subject=instance, missing_ok=True)
        if found is None:
            if self.check_mode:
                return  # it may be made by the same play
            self.fail("The static IP %s cannot be attached to the instance %s, which does not exist." % (self.name, instance))
        if found["instance"].get("ipAddressType") == "ipv6":
            self.fail("The static IP %s cannot be attached to the instance %s, which has IPv6 only." % (self.name, instance))
        if found["instance"].get("isStaticIp"):
            other = next((ip["name"] for ip in self.call_all("GetStaticIps", "staticIps") if ip.get("attachedTo") == instance), "another one")
            self.fail("The static IP %s cannot be attached to the instance %s, which has the static IP %s; detach that first." % (
                self.name, instance, other))

    def create(self):
        self.new("AllocateStaticIp", staticIpName=self.name)

    def attach(self, current, changes):
        instance = changes["instance_name"]
        if instance:
            # Before anything is detached: the instance must exist, and AWS refuses one that is still pending.
            self.wait_for_instance(instance)
        if current.get("attachedTo"):
            # AWS documents that an address is detached before it is attached elsewhere.
            self.act("DetachStaticIp", staticIpName=self.name)
        if instance:
            self.act("AttachStaticIp", staticIpName=self.name, instanceName=instance)
        self.wait_attached(instance)

    def wait_for_instance(self, instance):
        def check():
            state = self.call("GetInstance", instanceName=instance, subject=instance)["instance"]["state"]["name"]
            if state in ("shutting-down", "terminated"):
                self.fail("The static IP %s cannot be attached to %s, which is being deleted." % (self.name, instance))
            return state in ("running", "stopped"), state

        self.module.poll(check, "the instance %s to be running or stopped" % instance)

    def wait_attached(self, instance):
        def check():
            now = (self.read() or {}).get("attachedTo") or ""
            return now == instance, "attached to %s" % now if now else "not attached"

        if self.params["wait"]:
            self.module.poll(check, "the static IP %s to be %s" % (self.name, "attached to " + instance if instance else "detached"))

    def delete(self, current):
        if current.get("attachedTo"):
            self.act("DetachStaticIp", staticIpName=self.name, missing_ok=True)
        self.act("ReleaseStaticIp", staticIpName=self.name, missing_ok=True)

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        attached_to = changes.get("instance_name", (current or {}).get("attachedTo"))
        predicted.pop("instance_name", None)
        predicted.pop("attached_to", None)
        predicted.update({"attached_to": attached_to} if attached_to else {}, is_attached=bool(attached_to))
        return predicted


def main():
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            instance_name=dict(type="str"),
            move=dict(type="bool", default=True),
        ),
        shapes={"name": "ResourceName", "instance_name": "ResourceName?"},
        wait=True,
        supports_check_mode=True,
    )
    module.run(StaticIp(module))


if __name__ == "__main__":
    main()
