#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lightsail_disk
short_description: Manage block storage disks in Amazon Lightsail
version_added: 0.1.0
description:
  - Creates disks, empty or from a snapshot, attaches them to instances, moves them, detaches and deletes them.
  - Partitions and file systems are not touched; a disk that was attached is a device on the instance and nothing more.
  - Disks are billed by size until they are deleted, attached or not. A disk outlives the instance it is attached to.
author:
  - The cloudpress.lightsail authors (@cloudpress)
extends_documentation_fragment:
  - cloudpress.lightsail.aws
  - cloudpress.lightsail.tags
  - cloudpress.lightsail.wait
  - cloudpress.lightsail.attributes
options:
  name:
    description: Name of the disk. Names are unique in a region, across all kinds of resources.
    type: str
    required: true
  state:
    description:
      - V(present) creates the disk if it does not exist.
      - V(absent) detaches and deletes it with all that is on it. Automatic snapshots go with it; manual snapshots stay.
    type: str
    choices: [present, absent]
    default: present
  zone:
    description:
      - Availability zone, for example V(eu-central-1a). Required to create a disk.
      - A disk can be attached to instances of its own zone only.
    type: str
    aliases: [availability_zone]
  size_gb:
    description:
      - Size in GB, from 8 to 16000. Required to create a disk, unless O(from_snapshot) or O(from_disk) tells it.
      - A disk cannot grow. Take a snapshot and create a larger disk from it.
    type: int
  from_snapshot:
    description:
      - Name of the manual disk snapshot to create the disk from. The module waits until it can be used.
      - Acts only when the disk is created, since Lightsail does not tell later what a disk was made from.
    type: str
  from_disk:
    description:
      - Name of the disk of whose automatic snapshot O(auto_snapshot) to create the disk.
      - Acts only when the disk is created.
    type: str
  auto_snapshot:
    description: The automatic snapshot of O(from_disk). Either its date, for example V(2026-11-24), or V(latest).
    type: str
  instance_name:
    description:
      - The instance to attach the disk to. A disk that is attached elsewhere is detached there first.
      - An empty string detaches it. When this is not set, the attachment is left alone.
    type: str
  path:
    description:
      - The device that the instance shows it as, for example V(/dev/xvdf).
      - When this is not set, a disk that is attached anew becomes the first free one of V(/dev/xvdf) to V(/dev/xvdz).
    type: str
  stop_instance:
    description:
      - Whether an instance that runs may be stopped to detach the disk, because AWS detaches disks only from stopped
        instances. It is started again afterwards.
      - Without this, such a change is refused. File systems should be unmounted first.
      - Meanwhile the disk bears the tag C(cloudpress:start-again) with the name of the instance. When a run does not get to
        start it, the next run for this disk does, whatever else it changes. The module neither compares nor shows this tag.
    type: bool
    default: false
  auto_snapshot_time:
    description:
      - When AWS takes a snapshot every day, as a full hour in UTC, for example V(06:00). It keeps the newest seven.
      - An empty string switches automatic snapshots off. When this is not set, they are left alone.
    type: str
seealso:
  - module: cloudpress.lightsail.lightsail_disk_info
  - module: cloudpress.lightsail.lightsail_instance
  - module: cloudpress.lightsail.lightsail_snapshot
  - name: CreateDisk in the Lightsail API
    description: The API operation behind this module.
    link: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateDisk.html
"""

EXAMPLES = r"""
- name: Create a disk and attach it
  cloudpress.lightsail.lightsail_disk:
    name: blog-uploads
    zone: eu-central-1a
    size_gb: 64
    instance_name: blog-1
    auto_snapshot_time: "03:00"
    tags:
      cloudpress:site: blog
  register: uploads

- name: Make a file system on it
  community.general.filesystem:
    dev: "{{ uploads.disk.path }}"
    fstype: ext4
  delegate_to: blog-1

- name: Move it to another instance of the same zone
  cloudpress.lightsail.lightsail_disk:
    name: blog-uploads
    instance_name: blog-2
    stop_instance: true

- name: Create a larger one from a snapshot
  cloudpress.lightsail.lightsail_disk:
    name: blog-uploads-2
    zone: eu-central-1b
    size_gb: 128
    from_snapshot: blog-uploads-20261124

- name: Create one as it was last night
  cloudpress.lightsail.lightsail_disk:
    name: blog-uploads-yesterday
    zone: eu-central-1a
    from_disk: blog-uploads
    auto_snapshot: latest

- name: Delete it
  cloudpress.lightsail.lightsail_disk:
    name: blog-uploads
    state: absent
    stop_instance: true
"""

RETURN = r"""
disk:
  description: The disk. V(null) when it does not exist. In check mode, what only AWS can know is V(null).
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
      sample: blog-uploads
    state:
      description: Its state.
      type: str
      returned: always
      sample: in-use
    size_in_gb:
      description: Its size.
      type: int
      returned: always
      sample: 64
    iops:
      description: Input and output operations per second that it can do.
      type: int
      returned: always
      sample: 192
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
    path:
      description: The device that the instance shows it as.
      type: str
      returned: when attached
      sample: /dev/xvdf
    is_system_disk:
      description: Whether an instance boots from it, which no disk of this module is.
      type: bool
      returned: always
      sample: false
    add_ons:
      description: Automatic snapshots, when they are switched on.
      type: list
      elements: dict
      returned: when there are some
      sample: [{name: AutoSnapshot, status: Enabled, snapshot_time_of_day: '03:00', next_snapshot_time_of_day: '03:00'}]
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:lightsail:eu-central-1:123456789012:Disk/3d6bb4cc-8d3c-4b0a-9b68-2c4d0f1e6a57
    created_at:
      description: When it was created.
      type: str
      returned: always
      sample: '2026-11-24T05:12:31.402000+00:00'
    location:
      description: Its zone and region.
      type: dict
      returned: always
      sample: {availability_zone: eu-central-1a, region_name: eu-central-1}
    support_code:
      description: Code to tell AWS support.
      type: str
      returned: always
      sample: 123456789012/vol-0f2f88b32fd5b2a11
    resource_type:
      description: The kind of resource.
      type: str
      returned: always
      sample: Disk
    attachment_state:
      description: V(attached) or V(detached).
      type: str
      returned: always
      sample: attached
    gb_in_use:
      description: How much of it is used; AWS no longer tells it of new disks.
      type: int
      returned: when AWS tells it
      sample: 2
    auto_mount_status:
      description: How mounting it went, in Lightsail for Research.
      type: str
      returned: when AWS tells it
      sample: NotMounted
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
  sample: [CreateDisk, EnableAddOn, AttachDisk]
"""

import re
import string

from ansible_collections.cloudpress.lightsail.plugins.module_utils._add_ons import AUTO_SNAPSHOT, AutoSnapshots
from ansible_collections.cloudpress.lightsail.plugins.module_utils._catalogue import check_zone
from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import AwsFailure, Failure, LightsailModule
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option, Resource
from ansible_collections.cloudpress.lightsail.plugins.module_utils._start_again import StartAgain

SMALLEST = 8
LARGEST = 16000
PATHS = ["/dev/xvd" + letter for letter in string.ascii_lowercase[5:]]


class Disk(StartAgain, AutoSnapshots, Resource):
    kind = "disk"
    options = (
        Option("zone", lambda raw: raw["location"]["availabilityZone"], immutable=True, hint="create another disk from a snapshot"),
        Option("size_gb", "sizeInGb", immutable=True, hint="take a snapshot and create another disk from it"),
        AUTO_SNAPSHOT,
        Option("instance_name", lambda raw: raw.get("attachedTo") or "", apply="attach"),
        Option("path", "path", wanted=lambda resource: resource.wanted_path, apply="attach"),
    )
    unknown = ("arn", "created_at", "iops", "support_code")
    required_to_create = ("zone", "size_gb")
    automatic_source = "from_disk"
    wanted_path = None

    def read(self):
        answer = self.call("GetDisk", diskName=self.name, missing_ok=True)
        return answer and self.take_mark(answer["disk"])

    def ready(self, current):
        if current["state"] == "error":
            self.fail("The disk %s is in state error; delete it and create it again." % self.name)
        # While it is being attached or detached AWS names the instance already, or still.
        attached = bool(current.get("attachedTo")) == bool(current.get("isAttached"))
        return current["state"] in ("available", "in-use") and attached and self.add_ons_ready(current)

    # -- before anything is changed

    def check_wishes(self, current):
        params = self.params
        self.check_auto_snapshot_time()
        if params["path"] is not None and not re.match(r"/dev/[a-z]+$", params["path"]):
            self.fail("path is %r; it must be a device such as '/dev/xvdf'." % params["path"])
        if current is None and (params["from_snapshot"] or params["from_disk"]):
            self.check_source()
        if params["size_gb"] is not None and not SMALLEST <= params["size_gb"] <= LARGEST:
            self.fail("size_gb is %s; it must be between %d and %d." % (params["size_gb"], SMALLEST, LARGEST))
        if params["instance_name"]:
            self.check_instance(current or {})
        self.check_detachable(current)

    def check_offers(self, new):
        check_zone(self)

    def check_source(self):
        """The size that it needs, also while it is being made. In check mode it may not be there yet."""
        snapshot, disk = self.params["from_snapshot"], self.params["from_disk"]
        if snapshot:
            answer = self.call("GetDiskSnapshot", diskSnapshotName=snapshot, subject=snapshot, missing_ok=self.check_mode)
            needed = answer["diskSnapshot"]["sizeInGb"] if answer else None
        else:
            answer = self.call("GetDisk", diskName=disk, subject=disk, missing_ok=self.check_mode)
            needed = answer["disk"]["sizeInGb"] if answer else None
            if answer:
                self.find_automatic()
        if self.params["size_gb"] is None:
            self.params["size_gb"] = needed or SMALLEST
        elif needed and self.params["size_gb"] < needed:
            self.fail("size_gb is %s; the snapshot %s needs at least %d." % (self.params["size_gb"], snapshot or "of " + disk, needed))

    def check_instance(self, current):
        """What AttachDisk would refuse, and the path. In check mode the instance may not be there yet."""
        name = self.params["instance_name"]
        answer = self.call("GetInstance", instanceName=name, subject=name, missing_ok=self.check_mode)
        others = [d for d in answer["instance"]["hardware"]["disks"] if d.get("name") != self.name] if answer else []
        taken = [d.get("path") for d in others]
        stays = current.get("attachedTo") == name
        free = next((path for path in PATHS if path not in taken), None)
        self.wanted_path = self.params["path"] or (current.get("path") if stays else free)
        zone = current["location"]["availabilityZone"] if current else self.params["zone"]
        if answer and zone and zone != answer["instance"]["location"]["availabilityZone"]:
            self.fail(
                "The disk %s is in %s and cannot be attached to the instance %s in %s."
                % (self.name, zone, name, answer["instance"]["location"]["availabilityZone"])
            )
        if self.wanted_path in taken:
            self.fail("The instance %s has another disk at %s." % (name, self.wanted_path))

    def check_detachable(self, current):
        """AWS detaches only from stopped instances."""
        holder = (current or {}).get("attachedTo")
        if not holder or self.params["stop_instance"]:
            return
        stays = self.params["state"] == "present" and self.params["instance_name"] in (None, holder)
        if stays and self.wanted_path in (None, current.get("path")):
            return
        if self.power(holder) not in ("stopped", "stopping", "gone"):
            self.fail(
                "The disk %s is attached to %s, which is running, and AWS detaches disks only from stopped instances; stop it, "
                "or set stop_instance." % (self.name, holder)
            )

    # -- changes

    def create(self):
        params = self.params
        request = dict(diskName=self.name, availabilityZone=params["zone"], sizeInGb=params["size_gb"], tags=self.tag_list())
        if params["from_snapshot"]:
            self.wait_for_snapshot(params["from_snapshot"])
            self.new("CreateDiskFromSnapshot", diskSnapshotName=params["from_snapshot"], **request)
        elif params["from_disk"]:
            request.update(self.automatic_moment())
            self.new("CreateDiskFromSnapshot", sourceDiskName=params["from_disk"], **request)
        else:
            self.new("CreateDisk", **request)

    def wait_for_snapshot(self, name):
        def check():
            state = self.call("GetDiskSnapshot", diskSnapshotName=name, subject=name)["diskSnapshot"]["state"]
            if state == "error":
                self.fail("The disk %s cannot be created: the snapshot %s is in state error." % (self.name, name))
            return state == "completed", state

        self.module.poll(check, "the snapshot %s to be completed" % name)

    def attach(self, current, changes):
        wanted = changes.get("instance_name", current.get("attachedTo") or "")
        if current.get("attachedTo"):
            self.detach(current["attachedTo"])
        if wanted:
            self.wait_power(wanted, "running", "stopped")
            self.act("AttachDisk", diskName=self.name, instanceName=wanted, diskPath=self.wanted_path)

    def detach(self, holder):
        try:
            if self.params["stop_instance"] and self.power(holder) not in ("stopped", "stopping", "gone"):
                self.stop(holder)
            self.wait_power(holder, "stopped", "gone")
            self.act("DetachDisk", wait=True, diskName=self.name)
            self.wait_detached()
        finally:
            self.start_again()

    def wait_detached(self):
        def check():
            found = self.read()
            return found is None or not found.get("attachedTo"), found and self.state_of(found)

        self.module.poll(check, "the disk %s to be detached" % self.name)

    def stop(self, holder):
        if self.left_stopped != holder:
            self.start_again()  # the disk can name one
        self.remember(holder)
        self.switch("StopInstance", holder, "stopping", "stopped")

    def start_again(self, *dummy):
        holder = self.left_stopped
        if not holder:
            return
        if self.wait_power(holder, "stopped", "pending", "running", "gone") == "stopped":
            try:
                self.switch("StartInstance", holder, "pending", "running")
            except AwsFailure as failure:
                # No AwsFailure: whoever looks whether AWS has done it looks at the disk, which tells nothing of this.
                words = "It had been stopped to detach the disk %s and is still stopped; the next run starts it." % self.name
                raise Failure("%s %s" % (failure.msg, words), **failure.details) from failure
            if self.params["wait"]:
                self.wait_power(holder, "running")
        self.forget()

    def switch(self, operation, instance, *done):
        """Start or stop it. In the states `done` AWS has done it, though the answer was lost."""
        try:
            self.act(operation, instanceName=instance, subject=instance)
        except AwsFailure as failure:
            if not (failure.answer_lost and self.power(instance) in done):
                raise
            self.note_lost(failure)

    def power(self, instance):
        answer = self.call("GetInstance", instanceName=instance, subject=instance, missing_ok=True)
        return answer["instance"]["state"]["name"] if answer else "gone"

    def wait_power(self, instance, *states):
        def check():
            state = self.power(instance)
            if state in ("shutting-down", "terminated") or (state == "gone" and state not in states):
                self.fail("The instance %s is being deleted." % instance)
            return state in states, state

        return self.module.poll(check, "the instance %s to be %s" % (instance, " or ".join(states)))

    def absent(self):
        self.check_detachable(self.read())
        super().absent()

    def delete(self, current):
        if current.get("attachedTo"):
            self.detach(current["attachedTo"])
        self.start_again()
        # Without the flag AWS refuses as soon as automatic snapshots are switched on.
        self.act("DeleteDisk", diskName=self.name, forceDeleteAddOns=True, missing_ok=True)

    # -- predictions

    def predict(self, current, changes):
        predicted = super().predict(current, changes)
        for option in ("auto_snapshot_time", "instance_name", "start_again"):
            predicted.pop(option, None)
        if "auto_snapshot_time" in changes:
            predicted["add_ons"] = None  # AWS names the time of the next one
        if "zone" in changes:
            predicted.pop("zone")
            predicted["location"] = {"availability_zone": changes["zone"], "region_name": changes["zone"][:-1]}
        holder = changes.get("instance_name", (current or {}).get("attachedTo") or "")
        predicted.update(state="in-use" if holder else "available", is_attached=bool(holder), is_system_disk=False)
        predicted["attachment_state"] = "attached" if holder else "detached"
        if holder:
            predicted["attached_to"] = holder
        else:
            predicted.pop("attached_to", None)
            predicted.pop("path", None)
        return predicted


def main():
    module = LightsailModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            zone=dict(type="str", aliases=["availability_zone"]),
            size_gb=dict(type="int"),
            from_snapshot=dict(type="str"),
            from_disk=dict(type="str"),
            auto_snapshot=dict(type="str"),
            instance_name=dict(type="str"),
            path=dict(type="str"),
            stop_instance=dict(type="bool", default=False),
            auto_snapshot_time=dict(type="str"),
        ),
        mutually_exclusive=[("from_snapshot", "from_disk")],
        required_together=[("from_disk", "auto_snapshot")],
        required_by={"path": ["instance_name"]},
        shapes={
            "name": "ResourceName",
            "zone": "NonEmptyString",
            "from_snapshot": "ResourceName",
            "instance_name": "ResourceName?",
            "path": "NonEmptyString",
            "auto_snapshot_time": "TimeOfDay?",
        },
        tags=True,
        wait=True,
        supports_check_mode=True,
    )
    module.run(Disk(module))


if __name__ == "__main__":
    main()
