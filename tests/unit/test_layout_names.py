# SPDX-License-Identifier: GPL-3.0-or-later
"""A new kind of host is one file: the names of a layout stand in the layouts' files and nowhere else in the collection."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYOUTS = re.compile(r"plugins/module_utils/_layout_\w+\.py$")
# Paths, programs, users and databases by which a layout can be told.
NAMES = re.compile(
    r"/opt/bitnami|/home/bitnami|ctlscript|gonit|bn_wordpress|bitnami_wordpress|/opt/aws|/var/www|www-data|a2en(mod|site)|apache2ctl|APACHE_LOG_DIR"
    r"|\bdaemon\b(?!=True)"  # a user, not a thread
)
FOLDERS = ("plugins", "roles", "playbooks")


def files() -> list[Path]:
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return [path for path in found if not LAYOUTS.search(str(path.relative_to(ROOT)))]


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in files()])
def test_no_name_of_a_layout_stands_outside_its_file(path: Path) -> None:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    assert [f"{number}: {line.strip()}" for number, line in enumerate(lines, 1) if NAMES.search(line)] == []


def test_the_layouts_themselves_are_found() -> None:
    found = [path for path in (ROOT / "plugins").rglob("*.py") if LAYOUTS.search(str(path.relative_to(ROOT)))]
    assert len(found) >= 2
    assert all(NAMES.search(path.read_text(encoding="utf-8")) for path in found)
