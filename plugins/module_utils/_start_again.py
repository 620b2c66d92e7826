# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An instance that is stopped for a while and has to be started again, whatever happens to the run. Private to the collection."""

from __future__ import annotations

from ansible_collections.cloudpress.lightsail.plugins.module_utils._core import AwsFailure, Failure, tag_dict
from ansible_collections.cloudpress.lightsail.plugins.module_utils._resource import Option

TAG = "cloudpress:start-again"


class StartAgain:
    """For a Resource that has start_again(): a tag of the resource names the instance from before it is stopped until after its start.

    read() gives what it has read to take_mark(). A run that finds a mark calls start_again() after all other changes.
    """

    left_stopped = ""  # the instance

    def take_mark(self, raw):
        """The resource without the mark, which is neither compared nor shown."""
        tags = raw.get("tags") or []
        self.left_stopped = tag_dict(tags).get(TAG, "")
        return dict(raw, tags=[tag for tag in tags if tag["key"] != TAG])

    def remember(self, instance):
        if self.left_stopped != instance:
            self.act("TagResource", resourceName=self.name, tags=[{"key": TAG, "value": instance}])
            self.left_stopped = instance

    def forget(self):
        if not self.left_stopped:
            return
        try:
            self.act("UntagResource", resourceName=self.name, tagKeys=[TAG])
            self.left_stopped = ""
        except AwsFailure as failure:
            self.read()
            if self.left_stopped:
                # No AwsFailure: whoever looks whether AWS has done it compares what was wanted, which the mark is no part of.
                raise Failure(failure.msg, **failure.details) from failure
            self.note_lost(failure)

    def all_options(self):
        options = super().all_options()
        if self.left_stopped:
            options.append(Option("start_again", lambda raw: self.left_stopped, wanted=lambda resource: "", apply="start_again"))
        return options
