# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests at the same time. Private to the collection; may change at any time."""

from __future__ import annotations

import concurrent.futures

# Requests under way at once, to all regions and within each; more of them would be throttled.
MOST_AT_ONCE = 8


def at_once(function, arguments):
    """The results in the order of the arguments; the first failure counts."""
    if len(arguments) < 2:
        return [function(argument) for argument in arguments]
    with concurrent.futures.ThreadPoolExecutor(min(len(arguments), MOST_AT_ONCE)) as pool:
        return list(pool.map(function, arguments))
