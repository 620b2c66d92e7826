# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Automatic snapshots, found to make something from them. Private to the collection."""

from __future__ import annotations


def automatic_snapshots(module, source, region=None):
    """Of an instance or disk, the newest first. [] also when there is no such thing."""
    answer = module.call("GetAutoSnapshots", region=region, missing_ok=True, subject=source, resourceName=source)
    return sorted(answer["autoSnapshots"] if answer else [], key=lambda item: item["date"], reverse=True)


class FromAutoSnapshot:
    """For a Resource that can be made from one: an option names the source, and auto_snapshot the date, or "latest"."""

    automatic_source = "from_instance"  # the option
    automatic_region = None  # of the source, when it is another one

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
