# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Automatic snapshots of what can have them, for the modules of disks and the like. Private to the collection."""

from __future__ import annotations

import re

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import Option


def auto_snapshot_time(raw):
    """Of the add-on; empty while it is off or on its way to be."""
    add_ons = [item for item in raw.get("addOns") or [] if item["name"] == "AutoSnapshot" and item["status"] in ("Enabled", "Enabling")]
    return add_ons[0].get("snapshotTimeOfDay", "") if add_ons else ""


def automatic_snapshots(module, source, region=None):
    """Of an instance or disk, the newest first. [] also when there is no such thing."""
    answer = module.call("GetAutoSnapshots", region=region, missing_ok=True, subject=source, resourceName=source)
    return sorted(answer["autoSnapshots"] if answer else [], key=lambda item: item["date"], reverse=True)


class AutoSnapshots:
    """For a Resource with the option auto_snapshot_time: AUTO_SNAPSHOT belongs to its options.

    To be made from an automatic snapshot it has an option that names the source, and auto_snapshot: a date, or "latest".
    """

    automatic_source = "from_instance"  # the option
    automatic_region = None  # of the source, when it is another one

    def check_auto_snapshot_time(self):
        wanted = self.params["auto_snapshot_time"]
        if not re.match(r"([01]\d|2[0-3]):00$|$", wanted or ""):
            self.fail("auto_snapshot_time is %r; it must be a full hour in UTC such as '06:00'." % wanted)

    def set_auto_snapshot(self, current, changes):
        wanted = changes["auto_snapshot_time"]
        if wanted:
            request = dict(addOnType="AutoSnapshot", autoSnapshotAddOnRequest=dict(snapshotTimeOfDay=wanted))
            self.act("EnableAddOn", resourceName=self.name, addOnRequest=request)
        else:
            self.act("DisableAddOn", resourceName=self.name, addOnType="AutoSnapshot")

    def find_automatic(self):
        """Whether the automatic snapshot that is wanted can be used, and its status."""
        source, date = self.params[self.automatic_source], self.params["auto_snapshot"]
        there = automatic_snapshots(self.module, source, self.automatic_region)
        found = [item for item in there if date in ("latest", item["date"]) and item["status"] in ("Success", "InProgress")]
        if not found:
            self.fail("There is no automatic snapshot of %s of %s; there is: %s." % (
                source, date, ", ".join(item["date"] for item in there) or "none"))
        return any(item["status"] == "Success" for item in found), found[0]["status"]

    def automatic_moment(self):
        """Waits until it can be used, and gives the parameter that names it."""
        self.module.poll(self.find_automatic, "the automatic snapshot of %s to be taken" % self.params[self.automatic_source])
        date = self.params["auto_snapshot"]
        return dict(useLatestRestorableAutoSnapshot=True) if date == "latest" else dict(restoreDate=date)


AUTO_SNAPSHOT = Option("auto_snapshot_time", auto_snapshot_time, apply="set_auto_snapshot", key="auto_snapshot_time")
