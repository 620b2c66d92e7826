# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make this working tree importable under its collection name, however pytest was started."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _link_collection() -> Path:
    """Return a directory that holds ansible_collections/cloudpress/lightsail.

    Under ansible-test the tree already lies in such a place. In a clone a link is made, as scripts/bootstrap does; two
    pytest workers may both try, so an existing link is no error.
    """
    if ROOT.parts[-3:] == ("ansible_collections", "cloudpress", "lightsail"):
        return ROOT.parents[2]
    base = ROOT / ".cache"
    link = base / "ansible_collections" / "cloudpress" / "lightsail"
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to(ROOT)
    except FileExistsError:
        pass
    return base


for _path in (str(ROOT), str(_link_collection())):
    if _path not in sys.path:
        sys.path.insert(0, _path)
