# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Automatic snapshots of what can have them, for the modules of disks and the like. Private to the collection."""

from __future__ import annotations

import re

from ansible_collections.cloudpress.lightsail.plugins.module_utils._auto_snapshots import FromAutoSnapshot
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option


def auto_snapshot_time(raw):
    """Of the add-on; empty while it is off or on its way to be."""
    add_ons = [item for item in raw.get("addOns") or [] if item["name"] == "AutoSnapshot" and item["status"] in ("Enabled", "Enabling")]
    return add_ons[0].get("snapshotTimeOfDay", "") if add_ons else ""


class AutoSnapshots(FromAutoSnapshot):
    """For a Resource with the option auto_snapshot_time: AUTO_SNAPSHOT belongs to its options, add_ons_ready to what ready() asks for."""

    @staticmethod
    def add_ons_ready(raw):
        """The operation ends before the add-on is on or off."""
        return not any(item["status"] in ("Enabling", "Disabling", "Terminating") for item in raw.get("addOns") or [])

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


AUTO_SNAPSHOT = Option("auto_snapshot_time", auto_snapshot_time, apply="set_auto_snapshot", key="auto_snapshot_time")
