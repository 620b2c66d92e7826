#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_instance
short_description: Manage instances in Amazon Lightsail
version_added: 0.1.0
description:
  - Creates instances from a blueprint or from a snapshot, starts, stops, reboots and deletes them, and manages their firewall.
  - An instance is billed from its creation to its deletion, also while it is stopped.
  - Zone, blueprint and key pair cannot be changed in Lightsail, the plan only as O(accept_bundle_update) says. Where they differ from what is
    wanted, the module fails.
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
      - V(rebooted) does the same and then reboots it, or starts it if it was stopped. V(restarted) is another word for it.
      - V(absent) deletes it and its disk for good. Automatic snapshots go with it; manual snapshots and a static IP stay.
    type: str
    choices: [present, absent, running, stopped, rebooted, restarted]
    default: present
  zone:
    description: Availability zone, for example V(eu-central-1a). Required to create an instance.
    type: str
    aliases: [availability_zone]
  blueprint_id:
    description:
      - What to install, for example V(wordpress). Either this, O(from_snapshot) or O(from_instance) is required to create an instance.
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
  from_instance:
    description:
      - Name of the instance of whose automatic snapshot O(auto_snapshot) to create the instance.
      - Acts only when the instance is created.
    type: str
  auto_snapshot:
    description: The automatic snapshot of O(from_instance). Either its date, for example V(2026-11-24), or V(latest).
    type: str
  disk_names:
    description:
      - Names for the disks that were attached to the instance of the snapshot, by their path, for example V(/dev/xvdf). They are made
        with the instance and attached to it.
      - Acts only when the instance is created from a snapshot.
    type: dict
  accept_bundle_update:
    description:
      - Whether the plan may be changed in the two ways that Lightsail knows, both within the same size.
      - With it O(ip_address_type) changes from or to V(ipv6), to the plan of the same size for that kind of addresses, which has another price.
      - With it O(bundle_id) may be the plan of the same size of a later generation. The instance is stopped for it if it runs, and then started.
      - Meanwhile the instance bears the tag C(cloudpress:start-again). When a run does not get to start it, the next run does, unless it wants
        it stopped. The module neither compares nor shows this tag.
    type: bool
    default: false
  metadata_options:
    description:
      - How the metadata service answers on the instance. What is not set is left alone.
    type: dict
    suboptions:
      http_tokens:
        description: Whether a session token is needed, which is known as version 2 of the service.
        type: str
        choices: [optional, required]
      http_endpoint:
        description: Whether the service answers at all. Access to buckets by the instance itself needs it.
        type: str
        choices: [enabled, disabled]
      http_put_response_hop_limit:
        description: How many network hops a session token may travel, from 1 to 64. Containers on the instance need 2.
        type: int
      http_protocol_ipv6:
        description: Whether the service answers on its IPv6 address as well.
        type: str
        choices: [enabled, disabled]
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
      - Kinds of addresses. Changing from or to V(ipv6) changes the plan as well and needs O(accept_bundle_update=true).
    type: str
    choices: [dualstack, ipv4, ipv6]
  public_ports:
    description:
      - The complete firewall of the public address. Everything that is not listed is closed, SSH as well.
      - When this is not set, the firewall is left alone; a new instance has the rules of its blueprint. An instance from a
        snapshot does not inherit the rules of its source.
      - A rule without O(public_ports[].cidrs), O(public_ports[].ipv6_cidrs) and O(public_ports[].cidr_list_aliases) is open to
        the world. A rule with nothing but empty lists would let nobody in; it is refused.
    type: list
    elements: dict
    suboptions:
      from_port:
        description: First port, or the ICMP type.
        type: int
      to_port:
        description:
          - Last port, or the ICMP code. V(-1) means all codes.
          - When it is not set, the first port, or all codes of the ICMP type; so V(8) of V(icmp) is ping.
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
    blueprint_id: wordpress_ls_1_0
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

- name: Have an instance as it was at the last automatic snapshot beside the present one
  cloudpress.lightsail.lightsail_instance:
    name: blog-1-rescued
    zone: eu-central-1a
    bundle_id: small_3_0
    from_instance: blog-1
    auto_snapshot: latest

- name: Let the metadata service answer to session tokens only
  cloudpress.lightsail.lightsail_instance:
    name: blog-1
    metadata_options:
      http_tokens: required

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
      sample: admin
    blueprint_id:
      description: What it was made from.
      type: str
      returned: always
      sample: wordpress_ls_1_0
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
    metadata_options:
      description: How its metadata service answers.
      type: dict
      returned: always
      sample:
        {state: applied, http_tokens: optional, http_endpoint: enabled, http_put_response_hop_limit: 1, http_protocol_ipv6: disabled}
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
    blueprint_name:
      description: The name of what was installed.
      type: str
      returned: always
      sample: WordPress
    hardware:
      description: Processors, memory and disks.
      type: dict
      returned: always
      sample: {cpu_count: 2, ram_size_in_gb: 2.0, disks: []}
    ip_address_type:
      description: The kinds of addresses.
      type: str
      returned: always
      sample: dualstack
    resource_type:
      description: The kind of resource.
      type: str
      returned: always
      sample: Instance
    support_code:
      description: Code to tell AWS support.
      type: str
      returned: always
      sample: 123456789012/i-0f2f88b32fd5b2a11
    instance_status:
      description: How AWS finds the instance itself.
      type: dict
      returned: when AWS tells it
      sample: {status: ok}
    system_status:
      description: How AWS finds what the instance runs on.
      type: dict
      returned: when AWS tells it
      sample: {status: ok}
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

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict

from ansible_collections.cloudpress.lightsail.plugins.module_utils._add_ons import AUTO_SNAPSHOT, AutoSnapshots
from ansible_collections.cloudpress.lightsail.plugins.module_utils._catalogue import check_instance_offers
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import LEAVING, AwsFailure, LightsailModule, snake
from ansible_collections.cloudpress.lightsail.plugins.module_utils._instance import (
    host_keys,
    normal_ports,
    port_infos,
    refuse_nobody,
    same_power,
    spelled_out,
    without_unused,
)
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource
from ansible_collections.cloudpress.lightsail.plugins.module_utils._start_again import StartAgain

CODES = {"running": 16, "stopped": 80}
RECREATE = "take a snapshot and create another instance from it"


def metadata_options(raw):
    return {key: value for key, value in snake(raw.get("metadataOptions") or {}).items() if key != "state"}


def size(bundle_id):
    """small_2_0, small_3_0 and small_ipv6_3_0 are of the same size; what differs is the generation and the kind of addresses."""
    return re.sub(r"(_ipv6)?(_\d+)*$", "", bundle_id)


def generation(bundle_id):
    return [int(number) for number in re.findall(r"_(\d+)", bundle_id)]


class Instance(StartAgain, AutoSnapshots, Resource):
    kind = "instance"
    unknown = (
        "arn", "blueprint_id", "created_at", "ipv6_addresses", "private_ip_address", "public_ip_address", "ssh_key_name",
        "support_code", "username",
    )
    required_to_create = ("zone", "bundle_id")
    current_kind = None  # of addresses
    current_metadata = None

    @property
    def options(self):
        return (
            Option("zone", lambda raw: raw["location"]["availabilityZone"], immutable=True, hint=RECREATE),
            Option("blueprint_id", "blueprintId", immutable=True, hint="create another instance"),
            Option("key_pair_name", "sshKeyName", immutable=True, hint="add keys to ~/.ssh/authorized_keys on the instance", key="ssh_key_name"),
            Option("ip_address_type", "ipAddressType", apply="set_address_type"),
            Option("bundle_id", "bundleId", immutable=not self.params["accept_bundle_update"], hint=RECREATE, apply="set_bundle"),
            Option("metadata_options", metadata_options, wanted=lambda r: r.wanted_metadata, apply="set_metadata"),
            AUTO_SNAPSHOT,
            Option("public_ports", "publicPorts", wanted=lambda r: r.wanted_ports, apply="set_ports"),
            Option("state", lambda raw: raw["state"]["name"], wanted=lambda r: r.wanted_power, same=same_power, apply="set_power", key="power"),
        )

    @property
    def wanted_metadata(self):
        given = {name: value for name, value in (self.params["metadata_options"] or {}).items() if value is not None}
        return dict(self.current_metadata or {}, **given) if given else None

    @property
    def wanted_ports(self):
        refuse_nobody(self.params["public_ports"])
        rules = normal_ports(self.params["public_ports"])
        return rules if rules is None else spelled_out(rules, self.params["ip_address_type"] or self.current_kind or "dualstack")

    @property
    def wanted_power(self):
        return {"running": "running", "stopped": "stopped", "rebooted": "running", "restarted": "running"}.get(self.params["state"])

    def get(self):
        answer = self.call("GetInstance", instanceName=self.name, missing_ok=True)
        return answer and self.take_mark(answer["instance"])

    def read(self):
        found = self.get()
        if self.params["state"] == "absent" or found is None:
            return found
        if found["state"]["name"] in LEAVING:
            # It is being deleted: the name becomes free for a new one, and until then this one is not there any more.
            if not self.check_mode:
                self.wait_gone(self.get)
            return None
        self.current_metadata = metadata_options(found)
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
        if (current.get("metadataOptions") or {}).get("state") == "pending" or not self.add_ons_ready(current):
            return False
        # `running` comes before the address does, and without an address nobody can use it.
        address = current.get("ipv6Addresses") if current.get("ipAddressType") == "ipv6" else current.get("publicIpAddress")
        return name == "stopped" or (name == "running" and bool(address))

    def check_wishes(self, current):
        params = self.params
        dummy = self.wanted_ports  # refuses bad rules
        self.check_auto_snapshot_time()
        limit = (params["metadata_options"] or {}).get("http_put_response_hop_limit")
        if limit is not None and not 1 <= limit <= 64:
            self.fail("metadata_options: http_put_response_hop_limit is %d; it must be from 1 to 64." % limit)
        if current is not None:
            return self.check_bundle(current)
        if not (params["blueprint_id"] or params["from_snapshot"] or params["from_instance"]):
            self.fail("The instance %s does not exist and cannot be created without blueprint_id, from_snapshot or from_instance." % self.name)
        if params["from_instance"]:
            self.find_automatic()

    def check_offers(self, new):
        check_instance_offers(self, new)

    def crosses(self, current):
        """Whether the kind of addresses is to change between IPv6 only and others."""
        kinds = {self.params["ip_address_type"] or current.get("ipAddressType"), current.get("ipAddressType")}
        return len(kinds) == 2 and "ipv6" in kinds

    def check_bundle(self, current):
        """AWS changes the plan only within the same size, to another kind of addresses or to a later generation."""
        params, present = self.params, current["bundleId"]
        if self.crosses(current):
            if not params["accept_bundle_update"]:
                self.fail(
                    "The instance %s has ip_address_type %r and %r is wanted, which changes its plan and price; set accept_bundle_update to allow that."
                    % (self.name, current["ipAddressType"], params["ip_address_type"])
                )
            if params["ip_address_type"] == "ipv6" and current.get("isStaticIp"):
                self.fail("The instance %s has a static IP, which one with IPv6 only cannot have; detach it first." % self.name)
        wanted = params["bundle_id"]
        if wanted in (None, present) or not params["accept_bundle_update"]:
            return
        same_kind = ("_ipv6_" in wanted) == ((params["ip_address_type"] or current.get("ipAddressType")) == "ipv6")
        if size(wanted) != size(present) or not same_kind or generation(wanted) < generation(present):
            self.fail(
                "The instance %s cannot be changed like that: bundle_id is %r and %r is wanted; accept_bundle_update is for plans of the same "
                "size only, for the same kind of addresses as ip_address_type, and not of an earlier generation."
                % (self.name, present, wanted)
            )
        stays_stopped = self.wanted_power != "running" and not self.left_stopped
        if not self.crosses(current) and current["state"]["name"] in ("stopped", "stopping") and stays_stopped:
            self.fail("The plan of the instance %s changes when it is started; set state to running." % self.name)

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
        if params["disk_names"] and not params["blueprint_id"]:
            names = [dict(originalDiskPath=path, newDiskName=name) for path, name in sorted(params["disk_names"].items())]
            request["attachedDiskMapping"] = {self.name: names}
        if params["from_snapshot"]:
            self.wait_for_snapshot(params["from_snapshot"])
            self.new("CreateInstancesFromSnapshot", instanceSnapshotName=params["from_snapshot"], **request)
        elif params["from_instance"]:
            request.update(self.automatic_moment())
            self.new("CreateInstancesFromSnapshot", sourceInstanceName=params["from_instance"], **request)
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
        accept = True if self.crosses(current) else None
        request = dict(resourceType="Instance", resourceName=self.name, acceptBundleUpdate=accept)
        self.act("SetIpAddressType", ipAddressType=changes["ip_address_type"], **request)

    def set_bundle(self, current, changes):
        """After the kind of addresses, which may have brought the wanted plan already."""
        found = self.get()
        if found["bundleId"] == changes["bundle_id"]:
            return
        if found["state"]["name"] != "stopped":
            self.stop_for_a_while()
            self.wait_power("stopped")
        self.act("StartInstance", instanceName=self.name, attributeUpdates=dict(bundleId=changes["bundle_id"]))
        if self.params["wait"] or self.wanted_power == "stopped":
            self.wait_power("running")
        self.forget()

    def stop_for_a_while(self):
        self.remember(self.name)
        try:
            self.act("StopInstance", instanceName=self.name)
        except AwsFailure:
            if not same_power(self.get()["state"]["name"], "stopped"):
                self.forget()
            raise

    def start_again(self, *dummy):
        """What an earlier run stopped for its new plan, unless it is to be stopped now, or has been started meanwhile."""
        if self.wanted_power is None and self.get()["state"]["name"] == "stopped":
            self.act("StartInstance", instanceName=self.name)
            if self.params["wait"]:
                self.wait_power("running")
        self.forget()

    def set_metadata(self, current, changes):
        camel = snake_dict_to_camel_dict(changes["metadata_options"])
        self.act("UpdateInstanceMetadataOptions", instanceName=self.name, **camel)

    def set_ports(self, current, changes):
        self.act("PutInstancePublicPorts", instanceName=self.name, portInfos=port_infos(changes["public_ports"]))

    def set_power(self, current, changes):
        wanted = changes["state"]
        if "bundle_id" in changes and same_power(self.get()["state"]["name"], wanted):
            return  # it has been started for its new plan
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

    restarted = rebooted
    running = stopped = Resource.present

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        if "auto_snapshot_time" in changes:
            predicted.pop("auto_snapshot_time")
            predicted["add_ons"] = None  # AWS names the time of the next one
        if "metadata_options" in changes:
            predicted["metadata_options"] = dict(changes["metadata_options"], state="applied") if current else None
        if current and self.crosses(current):
            predicted.update(dict.fromkeys(("bundle_id", "public_ip_address", "ipv6_addresses")))  # AWS chooses them
        if current and "bundle_id" in changes:
            predicted.update(bundle_id=changes["bundle_id"], hardware=None, networking=None, public_ip_address=None)
        if changes.keys() & {"public_ports", "ip_address_type"} and current:
            predicted["networking"] = None  # AWS words it in its own way; public_ports says the same
        if predicted.pop("start_again", None) is not None and not self.wanted_power:
            predicted["power"] = "running"
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
    metadata = dict(
        http_tokens=dict(type="str", choices=["optional", "required"]),
        http_endpoint=dict(type="str", choices=["enabled", "disabled"]),
        http_put_response_hop_limit=dict(type="int"),
        http_protocol_ipv6=dict(type="str", choices=["enabled", "disabled"]),
    )
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent", "running", "stopped", "rebooted", "restarted"], default="present"),
            zone=dict(type="str", aliases=["availability_zone"]),
            blueprint_id=dict(type="str"),
            bundle_id=dict(type="str"),
            from_snapshot=dict(type="str"),
            from_instance=dict(type="str"),
            auto_snapshot=dict(type="str"),
            disk_names=dict(type="dict"),
            accept_bundle_update=dict(type="bool", default=False),
            metadata_options=dict(type="dict", options=metadata),
            key_pair_name=dict(type="str", no_log=False),
            user_data=dict(type="str", no_log=True),
            ip_address_type=dict(type="str", choices=["dualstack", "ipv4", "ipv6"]),
            public_ports=dict(type="list", elements="dict", options=port),
            auto_snapshot_time=dict(type="str"),
            host_keys=dict(type="bool", default=False, no_log=False),
        ),
        mutually_exclusive=[("blueprint_id", "from_snapshot", "from_instance")],
        required_together=[("from_instance", "auto_snapshot")],
        shapes={
            "name": "ResourceName",
            "blueprint_id": "NonEmptyString",
            "bundle_id": "NonEmptyString",
            "from_snapshot": "ResourceName",
            "from_instance": "ResourceName",
            "key_pair_name": "ResourceName",
            "public_ports.from_port": "Port",
            "public_ports.to_port": "Port",
            "auto_snapshot_time": "TimeOfDay?",
        },
        tags=True,
        wait=True,
        supports_check_mode=True,
    )
    module.run(Instance(module))


if __name__ == "__main__":
    main()
