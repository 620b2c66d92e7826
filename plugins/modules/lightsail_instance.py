#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_instance
short_description: Manage instances in Amazon Lightsail
version_added: 1.0.0
description:
  - Creates instances from a blueprint or from a snapshot, starts, stops, reboots and deletes them, and manages their firewall.
  - An instance is billed from its creation to its deletion, also while it is stopped.
  - Zone, blueprint, plan and key pair cannot be changed in Lightsail. Where they differ from what is wanted, the module fails.
  - An instance without a static IP gets another public address each time it is started.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.tags
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
attributes:
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: partial
    details:
      - O(state=rebooted) reboots every time.
options:
  name:
    description: Name of the instance. Names are unique in a region, across all kinds of resources.
    type: str
    required: true
  state:
    description:
      - V(present) creates the instance if it does not exist and leaves its power alone.
      - V(running) and V(stopped) do the same and then start or stop it.
      - V(rebooted) does the same and then reboots it, or starts it if it was stopped.
      - V(absent) deletes it and its disk for good. Automatic snapshots go with it; manual snapshots and a static IP stay.
    type: str
    choices: [present, absent, running, stopped, rebooted]
    default: present
  zone:
    description: Availability zone, for example V(eu-central-1a). Required to create an instance.
    type: str
    aliases: [availability_zone]
  blueprint_id:
    description: What to install, for example V(wordpress). Either this or O(from_snapshot) is required to create an instance.
    type: str
  bundle_id:
    description:
      - The plan, for example V(small_3_0). Required to create an instance.
      - From a snapshot, its disk must be at least as large as the one of the instance that the snapshot was taken of.
    type: str
  from_snapshot:
    description:
      - Name of the manual instance snapshot to create the instance from. The module waits until it can be used.
      - Acts only when the instance is created, since Lightsail does not tell later what an instance was made from.
    type: str
  key_pair_name:
    description:
      - Key pair whose private key opens the instance by SSH. The region's default key pair when it is not set.
    type: str
  user_data:
    description:
      - Script that runs as root at the first boot. Acts only when the instance is created.
    type: str
  ip_address_type:
    description:
      - Kinds of addresses. Changing from or to V(ipv6) changes the plan as well and is refused.
    type: str
    choices: [dualstack, ipv4, ipv6]
  public_ports:
    description:
      - The complete firewall of the public address. Everything that is not listed is closed, SSH as well.
      - When this is not set, the firewall is left alone; a new instance has the rules of its blueprint. An instance from a
        snapshot does not inherit the rules of its source.
      - A rule without O(public_ports[].cidrs), O(public_ports[].ipv6_cidrs) and O(public_ports[].cidr_list_aliases) is open to
        the world.
    type: list
    elements: dict
    suboptions:
      from_port:
        description: First port, or the ICMP type.
        type: int
      to_port:
        description: Last port, or the ICMP code. The first port when it is not set.
        type: int
      protocol:
        description: The protocol; V(all) needs no ports.
        type: str
        choices: [tcp, udp, all, icmp, icmpv6]
        default: tcp
      cidrs:
        description: IPv4 addresses or networks that may connect.
        type: list
        elements: str
      ipv6_cidrs:
        description: IPv6 addresses or networks that may connect.
        type: list
        elements: str
      cidr_list_aliases:
        description: Lists of addresses kept by AWS; V(lightsail-connect) is the SSH client in the browser.
        type: list
        elements: str
  auto_snapshot_time:
    description:
      - When AWS takes a snapshot every day, as a full hour in UTC, for example V(06:00). It keeps the newest seven.
      - An empty string switches automatic snapshots off. When this is not set, they are left alone.
    type: str
  host_keys:
    description:
      - Whether to return the SSH host keys that Lightsail has seen on the instance, and with O(wait=true) to wait until there
        are some, which takes a minute or two after the first boot.
      - With them the first connection needs no trust on first use.
    type: bool
    default: false
seealso:
  - module: cloudpress.lightsail.lightsail_instance_info
  - module: cloudpress.lightsail.lightsail_static_ip
  - module: cloudpress.lightsail.lightsail_snapshot
  - name: CreateInstances in the Lightsail API
    description: The API operation behind this module.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateInstances.html
"""

EXAMPLES = r"""
- name: Create a WordPress instance that accepts SSH from one network only
  cloudpress.lightsail.lightsail_instance:
    name: blog-1
    zone: eu-central-1a
    blueprint_id: wordpress
    bundle_id: small_3_0
    key_pair_name: owner
    public_ports:
      - from_port: 22
        cidrs: [203.0.113.0/24]
      - from_port: 80
      - from_port: 443
    host_keys: true
    tags:
      cloudpress:site: blog
  register: primary

- name: Add it to the inventory
  ansible.builtin.add_host:
    name: "{{ primary.instance.name }}"
    ansible_host: "{{ primary.instance.public_ip_address }}"
    ansible_user: "{{ primary.instance.username }}"

- name: Create a second instance from a snapshot, in another zone
  cloudpress.lightsail.lightsail_instance:
    name: blog-2
    zone: eu-central-1b
    bundle_id: small_3_0
    from_snapshot: blog-1-golden-20261124

- name: Stop it
  cloudpress.lightsail.lightsail_instance:
    name: blog-2
    state: stopped

- name: Delete it
  cloudpress.lightsail.lightsail_instance:
    name: blog-2
    state: absent
"""

RETURN = r"""
instance:
  description: The instance. V(null) when it does not exist. In check mode, what only AWS can know is V(null).
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
      sample: blog-1
    state:
      description: Its state, as code and name.
      type: dict
      returned: always
      sample: {code: 16, name: running}
    public_ip_address:
      description: Its public IPv4 address.
      type: str
      returned: when running, unless it has IPv6 only
      sample: 192.0.2.17
    private_ip_address:
      description: Its private IPv4 address, which it keeps.
      type: str
      returned: always
      sample: 172.26.4.11
    ipv6_addresses:
      description: Its IPv6 addresses.
      type: list
      elements: str
      returned: unless it has IPv4 only
      sample: ['2001:db8::17']
    is_static_ip:
      description: Whether the public address is a static IP.
      type: bool
      returned: always
      sample: false
    username:
      description: The user to log in as by SSH.
      type: str
      returned: always
      sample: bitnami
    blueprint_id:
      description: What it was made from.
      type: str
      returned: always
      sample: wordpress
    bundle_id:
      description: Its plan.
      type: str
      returned: always
      sample: small_3_0
    ssh_key_name:
      description: Its key pair.
      type: str
      returned: always
      sample: owner
    location:
      description: Its zone and region.
      type: dict
      returned: always
      sample: {availability_zone: eu-central-1a, region_name: eu-central-1}
    networking:
      description: Its traffic allowance and open ports, as the API shows them.
      type: dict
      returned: always
    public_ports:
      description: Its firewall in the form of O(public_ports).
      type: list
      elements: dict
      returned: when O(public_ports) is set
      sample:
        - {from_port: 22, to_port: 22, protocol: tcp, cidrs: [203.0.113.0/24], ipv6_cidrs: [], cidr_list_aliases: []}
    add_ons:
      description: Its add-ons, of which C(AutoSnapshot) is the only one.
      type: list
      elements: dict
      returned: when there are any
      sample:
        - {name: AutoSnapshot, status: Enabled, snapshot_time_of_day: '06:00', next_snapshot_time_of_day: '06:00'}
    host_keys:
      description: Its SSH host keys; a line for C(known_hosts) is the address, the algorithm and the key.
      type: list
      elements: dict
      returned: when O(host_keys=true)
      contains:
        algorithm:
          description: The algorithm.
          type: str
          returned: always
          sample: ssh-ed25519
        public_key:
          description: The key in Base64, without the algorithm.
          type: str
          returned: always
          sample: AAAAC3NzaC1lZDI1NTE5AAAAIJx0e2FtcGxlLWtleS1vbmx5LWZvci1kb2N1bWVudGF0
        fingerprint_sha256:
          description: Its fingerprint.
          type: str
          returned: always
          sample: SHA256:1zTZkLbPdjzPNZ3p6gL1m0k4kR7pmwBmWbSEIL2Jzlk
        witnessed_at:
          description: When Lightsail saw it.
          type: str
          returned: always
          sample: '2026-11-24T05:14:02+00:00'
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:lightsail:eu-central-1:123456789012:Instance/1f2e3d4c-5b6a-4798-8897-a6b5c4d3e2f1
    created_at:
      description: When it was created.
      type: str
      returned: always
      sample: '2026-11-24T05:12:31.402000+00:00'
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
  sample: [CreateInstances, PutInstancePublicPorts]
"""

import re

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LEAVING, LightsailModule, Option, Resource, snake
from ansible_collections.cloudpress.lightsail.plugins.module_utils._instance import (
    host_keys,
    normal_ports,
    port_infos,
    same_power,
    spelled_out,
    without_unused,
)

CODES = {"running": 16, "stopped": 80}
RECREATE = "take a snapshot and create another instance from it"


def auto_snapshot_time(raw):
    """Of the add-on; empty while it is off or on its way to be."""
    times = [a.get("snapshotTimeOfDay") for a in raw.get("addOns") or [] if a["name"] == "AutoSnapshot" and a["status"] in ("Enabled", "Enabling")]
    return times[0] if times else ""


class Instance(Resource):
    kind = "instance"
    options = (
        Option("zone", lambda raw: raw["location"]["availabilityZone"], immutable=True, hint=RECREATE),
        Option("blueprint_id", "blueprintId", immutable=True, hint="create another instance"),
        Option("bundle_id", "bundleId", immutable=True, hint=RECREATE),
        Option("key_pair_name", "sshKeyName", immutable=True, hint="add keys to ~/.ssh/authorized_keys on the instance", key="ssh_key_name"),
        Option("ip_address_type", "ipAddressType", apply="set_address_type"),
        Option("auto_snapshot_time", auto_snapshot_time, apply="set_auto_snapshot", key="auto_snapshot_time"),
        Option("public_ports", "publicPorts", wanted=lambda r: r.wanted_ports, apply="set_ports"),
        Option("state", lambda raw: raw["state"]["name"], wanted=lambda r: r.wanted_power, same=same_power, apply="set_power", key="power"),
    )
    unknown = (
        "arn", "blueprint_id", "created_at", "ipv6_addresses", "private_ip_address", "public_ip_address", "ssh_key_name",
        "support_code", "username",
    )
    required_to_create = ("zone", "bundle_id")
    current_kind = None  # of addresses

    @property
    def wanted_ports(self):
        rules = normal_ports(self.params["public_ports"])
        return rules if rules is None else spelled_out(rules, self.params["ip_address_type"] or self.current_kind or "dualstack")

    @property
    def wanted_power(self):
        return {"running": "running", "stopped": "stopped", "rebooted": "running"}.get(self.params["state"])

    def get(self):
        answer = self.call("GetInstance", instanceName=self.name, missing_ok=True)
        return answer and answer["instance"]

    def read(self):
        found = self.get()
        if self.params["state"] == "absent" or found is None:
            return found
        if found["state"]["name"] in LEAVING:
            # It is being deleted: the name becomes free for a new one, and until then this one is not there any more.
            if not self.check_mode:
                self.wait_gone(self.get)
            return None
        if self.params["public_ports"] is not None:
            states = self.call("GetInstancePortStates", instanceName=self.name)["portStates"]
            rules = normal_ports([snake(port) for port in states if port.get("state", "open") == "open"])
            self.current_kind = found.get("ipAddressType")
            found["publicPorts"] = without_unused(rules, self.current_kind)
        return found

    def ready(self, current):
        name = current["state"]["name"]
        if name in LEAVING:
            self.fail("The instance %s is %s; somebody else deletes it." % (self.name, name))
        # `running` comes before the address does, and without an address nobody can use it.
        address = current.get("ipv6Addresses") if current.get("ipAddressType") == "ipv6" else current.get("publicIpAddress")
        return name == "stopped" or (name == "running" and bool(address))

    def check_wishes(self, current):
        params = self.params
        dummy = self.wanted_ports  # refuses bad rules
        if not re.match(r"([01]\d|2[0-3]):00$|$", params["auto_snapshot_time"] or ""):
            self.fail("auto_snapshot_time is %r; it must be a full hour in UTC such as '06:00'." % params["auto_snapshot_time"])
        if current is None and not (params["blueprint_id"] or params["from_snapshot"]):
            self.fail("The instance %s does not exist and cannot be created without blueprint_id or from_snapshot." % self.name)
        kinds = {params["ip_address_type"], (current or {}).get("ipAddressType")}
        if current is not None and None not in kinds and len(kinds) == 2 and "ipv6" in kinds:
            self.fail(
                "The instance %s has ip_address_type %r and %r is wanted; that changes its plan and price and is not done by this module."
                % (self.name, current["ipAddressType"], params["ip_address_type"])
            )

    def create(self):
        params = self.params
        request = dict(
            instanceNames=[self.name],
            availabilityZone=params["zone"],
            bundleId=params["bundle_id"],
            userData=params["user_data"] or None,
            keyPairName=params["key_pair_name"],
            ipAddressType=params["ip_address_type"],
            tags=self.tag_list(),
        )
        if params["from_snapshot"]:
            self.wait_for_snapshot(params["from_snapshot"])
            self.new("CreateInstancesFromSnapshot", instanceSnapshotName=params["from_snapshot"], **request)
        else:
            self.new("CreateInstances", blueprintId=params["blueprint_id"], **request)

    def wait_for_snapshot(self, name):
        def check():
            state = self.call("GetInstanceSnapshot", instanceSnapshotName=name, subject=name)["instanceSnapshot"]["state"]
            if state == "error":
                self.fail("The instance %s cannot be created: the snapshot %s is in state error." % (self.name, name))
            return state == "available", state

        self.module.poll(check, "the snapshot %s to be available" % name)

    def set_address_type(self, current, changes):
        self.act("SetIpAddressType", resourceType="Instance", resourceName=self.name, ipAddressType=changes["ip_address_type"])

    def set_ports(self, current, changes):
        self.act("PutInstancePublicPorts", instanceName=self.name, portInfos=port_infos(changes["public_ports"]))

    def set_auto_snapshot(self, current, changes):
        wanted = changes["auto_snapshot_time"]
        if wanted:
            request = dict(addOnType="AutoSnapshot", autoSnapshotAddOnRequest=dict(snapshotTimeOfDay=wanted))
            self.act("EnableAddOn", resourceName=self.name, addOnRequest=request)
        else:
            self.act("DisableAddOn", resourceName=self.name, addOnType="AutoSnapshot")

    def set_power(self, current, changes):
        wanted = changes["state"]
        self.act("StartInstance" if wanted == "running" else "StopInstance", instanceName=self.name)
        if self.params["wait"]:
            self.wait_power(wanted)

    def wait_power(self, wanted):
        def check():
            found = self.get()
            if found is None:
                self.fail("The instance %s vanished while it was to become %s." % (self.name, wanted))
            state = found["state"]["name"]
            return state == wanted and self.ready(found), state

        self.module.poll(check, "the instance %s to be %s" % (self.name, wanted))

    def delete(self, current):
        if current["state"]["name"] in LEAVING:
            return  # somebody else was faster; what is left is to wait
        # Without the flag AWS refuses as soon as automatic snapshots are switched on.
        self.act("DeleteInstance", instanceName=self.name, forceDeleteAddOns=True, missing_ok=True)

    def rebooted(self):
        found = self.get()
        self.present()
        if found is None or found["state"]["name"] != "running":
            return  # it has just been started
        self.changed = True
        if not self.check_mode:
            self.act("RebootInstance", instanceName=self.name)
            if self.params["wait"]:
                self.wait_power("running")

    running = stopped = Resource.present

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        if "auto_snapshot_time" in changes:
            predicted.pop("auto_snapshot_time")
            predicted["add_ons"] = None  # AWS names the time of the next one
        if changes.keys() & {"public_ports", "ip_address_type"} and current:
            predicted["networking"] = None  # AWS words it in its own way; public_ports says the same
        power = predicted.pop("power", None) or (None if current else "running")
        if power:
            predicted["state"] = {"code": CODES[power], "name": power}
        if "zone" in changes:
            predicted.pop("zone")
            predicted["location"] = {"availability_zone": changes["zone"], "region_name": changes["zone"][:-1]}
        return predicted

    def finish(self, shown, before, after):
        if self.params["host_keys"] and shown is not None:
            running = (shown.get("state") or {}).get("name") == "running"
            shown["host_keys"] = self.host_keys(shown["created_at"]) if running and shown.get("arn") else None
        super().finish(shown, before, after)

    def host_keys(self, created_at):
        wait = self.params["wait"] and not self.check_mode
        keys = host_keys(self.module, self.name, created_at, self.module.seconds_left() if wait else 0)
        if wait and not keys:
            self.fail(
                "Gave up after %d seconds (wait_timeout) waiting for SSH host keys of the instance %s to be witnessed."
                % (self.params["wait_timeout"], self.name)
            )
        return keys


def main():
    port = dict(
        from_port=dict(type="int"),
        to_port=dict(type="int"),
        protocol=dict(type="str", choices=["tcp", "udp", "all", "icmp", "icmpv6"], default="tcp"),
        cidrs=dict(type="list", elements="str"),
        ipv6_cidrs=dict(type="list", elements="str"),
        cidr_list_aliases=dict(type="list", elements="str"),
    )
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent", "running", "stopped", "rebooted"], default="present"),
            zone=dict(type="str", aliases=["availability_zone"]),
            blueprint_id=dict(type="str"),
            bundle_id=dict(type="str"),
            from_snapshot=dict(type="str"),
            key_pair_name=dict(type="str", no_log=False),
            user_data=dict(type="str", no_log=True),
            ip_address_type=dict(type="str", choices=["dualstack", "ipv4", "ipv6"]),
            public_ports=dict(type="list", elements="dict", options=port),
            auto_snapshot_time=dict(type="str"),
            host_keys=dict(type="bool", default=False, no_log=False),
        ),
        mutually_exclusive=[("blueprint_id", "from_snapshot")],
        tags=True,
        wait=True,
        supports_check_mode=True,
    )
    module.run(Instance(module))


if __name__ == "__main__":
    main()
