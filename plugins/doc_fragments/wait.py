# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for what AWS does in its own time."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until the resource is ready for use, or gone, and not only until AWS has accepted the order.
      - A wait ends at once when the resource reaches a state of failure.
    type: bool
    default: true
  wait_timeout:
    description: How many seconds all waits of one task may take together.
    type: int
    default: 1800
"""
