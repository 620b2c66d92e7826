# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: columns
author: The cloudpress.lightsail authors (@cloudpress)
version_added: 0.1.0
short_description: Lines of text with aligned columns
description:
  - Writes a list of dictionaries as lines for people, one value under the other.
  - Numbers with a fraction are written with two digits after the point, as prices are.
  - A list is written with commas between its values.
positional: keys
options:
  _input:
    description: The rows.
    type: list
    elements: dict
    required: true
  keys:
    description: Keys of the values, in the order of the columns.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
# -> ['database  shop-db     15.00', 'bucket    shop-media  1.00']
lines: >-
  {{ [{'kind': 'database', 'name': 'shop-db', 'monthly': 15.0}, {'kind': 'bucket', 'name': 'shop-media', 'monthly': 1.0}]
     | cloudpress.lightsail.columns(['kind', 'name', 'monthly']) }}
"""

RETURN = r"""
_value:
  description: One text for each row.
  type: list
  elements: str
"""


def text(value):
    """Return a value as people write it."""
    if isinstance(value, (list, tuple)):
        return ", ".join(text(element) for element in value)
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def columns(rows, keys):
    """Return one line for each row, the values of keys aligned; the last column is not padded."""
    cells = [[text(row[key]) for key in keys] for row in rows]
    widths = [max((len(line[index]) for line in cells), default=0) for index in range(len(keys))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells]


class FilterModule:
    """Filters that write for people."""

    def filters(self):
        return {"columns": columns}
