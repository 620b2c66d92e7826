# Copyright (c) 2026 CloudPress contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import difflib

DOCUMENTATION = r"""
name: unknown_names
author: CloudPress contributors (@cloudpress)
version_added: 0.1.0
short_description: Variable names that are not known, each with the nearest known one
description:
  - Ansible ignores a misspelt variable; this filter lists them so that a playbook can refuse.
positional: known
options:
  _input:
    description: Names that are set.
    type: list
    elements: str
    required: true
  known:
    description: Names that exist.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
# -> ['site_nmae (did you mean site_name?)']
wrong: "{{ ['site_nmae'] | cloudpress.lightsail.unknown_names(['site_name']) }}"
"""

RETURN = r"""
_value:
  description: One text for each unknown name.
  type: list
  elements: str
"""


def unknown_names(names, known):
    """Return the names not in known, each with a hint at the nearest known one."""
    known = list(known)
    result = []
    for name in sorted(set(names) - set(known)):
        near = difflib.get_close_matches(name, known, n=1)
        result.append(f"{name} (did you mean {near[0]}?)" if near else name)
    return result


class FilterModule:
    """Filters that check variable names."""

    def filters(self):
        return {"unknown_names": unknown_names}
