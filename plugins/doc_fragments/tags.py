# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags; the semantics are those of amazon.aws."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  tags:
    description:
      - The tags of the resource, as a dictionary. At most 50; values are compared with regard to case.
      - When this is not set, tags are left alone. An empty dictionary removes all of them, if O(purge_tags=true).
    type: dict
    aliases: [resource_tags]
  purge_tags:
    description:
      - Whether to remove tags that are not in O(tags).
      - Tags whose keys begin with V(aws:) are AWS's own and are never touched.
    type: bool
    default: true
"""
