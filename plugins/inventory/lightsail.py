# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: lightsail
short_description: Instances of Amazon Lightsail as inventory
version_added: 0.1.0
description:
  - Reads the instances of one or more regions and makes hosts of them, all in the group C(lightsail).
  - Each host has the variable C(lightsail), which is the instance as M(cloudpress.lightsail.lightsail_instance_info) returns it.
    C(ansible_host) is its address and C(ansible_user) the user that its image was made with.
  - Lightsail witnesses the SSH host keys of its instances at their first boot. With O(known_hosts_file), they are written
    down, so that no key has to be trusted on first use.
  - The name of the file has to end in C(lightsail.yml) or C(lightsail.yaml).
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws.plugins
  - constructed
  - inventory_cache
options:
  plugin:
    description: Has to be V(cloudpress.lightsail.lightsail).
    type: str
    required: true
    choices: [cloudpress.lightsail.lightsail]
  regions:
    description:
      - The regions to read. They are read at the same time.
      - When this is not set, it is the one of E(AWS_REGION), E(AWS_DEFAULT_REGION) or the AWS configuration files.
    type: list
    elements: str
    default: []
  filters:
    description: Take only instances that bear all of these tags. A V(null) value asks for the key alone.
    type: dict
    default: {}
  states:
    description: Take only instances in these states. Those that are stopped have no public address, unless they have a static IP.
    type: list
    elements: str
    default: [running]
  hostnames:
    description:
      - What hosts are called. The first entry for which an instance has something is used.
      - An entry is V(name), V(public_ip_address), V(private_ip_address), V(ipv6_address), or V(tag:KEY) for the value of a tag.
    type: list
    elements: str
    default: [name]
  use_private_address:
    description: Whether C(ansible_host) is the private address, for a controller that is in the same network.
    type: bool
    default: false
  known_hosts_file:
    description:
      - A file to write the hosts' keys to, in the format of OpenSSH. It is replaced as a whole.
      - SSH has to be told to use it, see the examples.
    type: path
"""

EXAMPLES = r"""
# The instances of one site, with their host keys (web.lightsail.yml)
plugin: cloudpress.lightsail.lightsail
regions: [eu-central-1]
filters:
  cloudpress:site: example
known_hosts_file: ~/.ssh/known_hosts_example
compose:
  ansible_ssh_common_args: "'-o UserKnownHostsFile=~/.ssh/known_hosts_example -o StrictHostKeyChecking=yes'"

---
# Groups by zone and by a tag, all states, cached for an hour (all.lightsail.yml)
plugin: cloudpress.lightsail.lightsail
regions: [eu-central-1, us-east-1]
states: [running, stopped, pending]
hostnames: ['tag:hostname', name]
keyed_groups:
  - key: lightsail.location.availability_zone
    prefix: zone
  - key: lightsail.tags['role'] | default('none')
    prefix: role
groups:
  wordpress: lightsail.blueprint_id is match('wordpress')
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/ansible-lightsail
cache_timeout: 3600
"""

import os
import tempfile

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import (
    HAS_BOTO3,
    OLDEST_BOTO3,
    RETRIES,
    describe_error,
    has_tags,
    snake,
)
from ansible_collections.cloudpress.lightsail.plugins.module_utils._parallel import at_once

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    # Reported when the plugin is used, by HAS_BOTO3.
    pass

GROUP = "lightsail"
WORDS = {
    "name": lambda instance: instance.get("name"),
    "public_ip_address": lambda instance: instance.get("public_ip_address"),
    "private_ip_address": lambda instance: instance.get("private_ip_address"),
    "ipv6_address": lambda instance: next(iter(instance.get("ipv6_addresses") or []), None),
}


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "cloudpress.lightsail.lightsail"

    def verify_file(self, path):
        return super().verify_file(path) and path.endswith(("lightsail.yml", "lightsail.yaml"))

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache=cache)
        if not HAS_BOTO3:
            raise AnsibleError("The inventory plugin %s needs boto3 >= %s on the controller." % (self.NAME, OLDEST_BOTO3))
        self._read_config_data(path)
        self._check_hostnames()
        instances = self._instances(self.get_cache_key(path), cache)
        self.inventory.add_group(GROUP)
        addresses = {}
        for instance in sorted(instances, key=lambda item: (item["name"], item["location"]["region_name"])):
            self._add(instance, addresses)
        if self.get_option("known_hosts_file"):
            self._write_known_hosts(instances, addresses)

    # -- reading

    def _instances(self, key, cache):
        use_cache = self.get_option("cache")
        if cache and use_cache:
            try:
                return self._cache[key]
            except KeyError:
                # Expired, or the first time.
                pass
        # In the order of the option, whatever answers first.
        regions = list(dict.fromkeys(self.get_option("regions"))) or [None]
        instances = [instance for found in at_once(self._read_region, regions) for instance in found]
        if use_cache:
            self._cache[key] = instances
        return instances

    def _client(self, region):
        keys = {name: self.get_option(name) for name in ("access_key", "secret_key", "session_token")}
        profile = self.get_option("profile")
        # As in the modules: keys from the environment yield to a profile that was written down, and win over one from there.
        if profile and keys["access_key"] and profile in (os.environ.get("AWS_PROFILE"), os.environ.get("AWS_DEFAULT_PROFILE")):
            profile = None
        if profile:
            keys = dict.fromkeys(keys)
        session = boto3.session.Session(
            profile_name=profile or None,
            aws_access_key_id=keys["access_key"],
            aws_secret_access_key=keys["secret_key"],
            aws_session_token=keys["session_token"],
        )
        # AWS_REGION is Ansible's habit; boto3 itself reads only AWS_DEFAULT_REGION.
        region = region or os.environ.get("AWS_REGION") or None
        config = Config(retries=RETRIES, connect_timeout=10, read_timeout=60, user_agent_extra="cloudpress.lightsail")
        return session.client("lightsail", region_name=region, endpoint_url=self.get_option("endpoint_url") or None, config=config)

    def _read_region(self, region):
        operation = "GetInstances"
        try:
            client = self._client(region)
            found, token = [], {}
            while True:
                answer = client.get_instances(**token)
                found.extend(answer["instances"])
                if not answer.get("nextPageToken"):
                    break
                token = {"pageToken": answer["nextPageToken"]}
            found = [raw for raw in found if has_tags(raw, self.get_option("filters")) and raw["state"]["name"] in self.get_option("states")]
            instances = [dict(snake(raw), tags=snake(raw).get("tags", {})) for raw in found]
            if self.get_option("known_hosts_file"):
                operation = "GetInstanceAccessDetails"
                # The answers also have private keys; only the host keys are kept.
                keys = at_once(lambda instance: self._host_keys(client, instance), instances)
                instances = [dict(instance, host_keys=its) for instance, its in zip(instances, keys)]
        except (BotoCoreError, ClientError, ValueError) as error:
            raise AnsibleParserError(describe_error(error, operation, "in %s" % region if region else "").msg) from error
        return instances

    @staticmethod
    def _host_keys(client, instance):
        if instance["state"]["name"] != "running":
            return []
        details = client.get_instance_access_details(instanceName=instance["name"], protocol="ssh")["accessDetails"]
        keys = [{"algorithm": key["algorithm"], "public_key": key["publicKey"]} for key in details.get("hostKeys") or []]
        return sorted((key for key in keys if key["algorithm"] != "x509-cert"), key=lambda key: key["algorithm"])

    # -- hosts

    def _check_hostnames(self):
        for entry in self.get_option("hostnames"):
            if entry not in WORDS and not entry.startswith("tag:"):
                raise AnsibleParserError(
                    "hostnames has the unknown entry '%s'; possible are %s and tag:KEY." % (entry, ", ".join(sorted(WORDS)))
                )

    def _hostname(self, instance):
        for entry in self.get_option("hostnames"):
            found = instance["tags"].get(entry[len("tag:"):]) if entry.startswith("tag:") else WORDS[entry](instance)
            if found:
                return found
        return instance["name"]

    def _address(self, instance):
        if self.get_option("use_private_address"):
            return instance.get("private_ip_address")
        if instance.get("ip_address_type") == "ipv6":
            return WORDS["ipv6_address"](instance)
        # Not the IPv6 address of one that has both: the controller may have IPv4 only, and a stopped instance keeps it.
        return instance.get("public_ip_address")

    def _add(self, instance, addresses):
        host = self._hostname(instance)
        where = (instance["location"]["region_name"], instance["name"])
        if host in self.inventory.hosts and (self.inventory.get_host(host).vars.get("lightsail") or instance) is not instance:
            self.display.warning(
                "Two instances are called '%s' in the inventory; the one named %s in %s is left out. Choose other hostnames."
                % (host, where[1], where[0])
            )
            return
        self.inventory.add_host(host, group=GROUP)
        self.inventory.set_variable(host, "lightsail", instance)
        address = self._address(instance)
        if address:
            addresses[where] = address
            self.inventory.set_variable(host, "ansible_host", address)
        if instance.get("username"):
            self.inventory.set_variable(host, "ansible_user", instance["username"])
        strict, known = self.get_option("strict"), self.inventory.get_host(host).get_vars()
        self._set_composite_vars(self.get_option("compose"), known, host, strict=strict)
        known = self.inventory.get_host(host).get_vars()
        self._add_host_to_composed_groups(self.get_option("groups"), known, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), known, host, strict=strict)

    # -- host keys

    def _write_known_hosts(self, instances, addresses):
        lines = []
        for instance in instances:
            where = (instance["location"]["region_name"], instance["name"])
            if where not in addresses:
                continue
            if not instance.get("host_keys") and instance["state"]["name"] == "running":
                self.display.warning("Lightsail has not witnessed host keys of the instance %s yet; SSH will refuse it." % instance["name"])
            lines += ["%s %s %s\n" % (addresses[where], key["algorithm"], key["public_key"]) for key in instance.get("host_keys") or []]
        path, text = self.get_option("known_hosts_file"), "".join(sorted(lines))
        try:
            self._replace(path, text)
        except OSError as error:
            raise AnsibleParserError("The host keys could not be written to %s: %s." % (path, error.strerror)) from error

    @staticmethod
    def _replace(path, text):
        """Written beside and moved, so that an ssh that reads it meanwhile sees the old or the new file."""
        if os.path.exists(path):
            with open(path, encoding="utf-8") as known:
                if known.read() == text:
                    return
        directory = os.path.dirname(os.path.abspath(path))
        os.makedirs(directory, mode=0o700, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=directory, prefix=".known_hosts-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as new:
                new.write(text)
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            raise
