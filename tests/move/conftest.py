# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The move of a database between real servers. All of it takes minutes, so it runs in make test-all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.slow)
        item.add_marker(pytest.mark.timeout(3600))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of interruptions, whichever process had them."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, []) if isinstance(report, pytest.TestReport)]
    rows = [row for report in reports if report.when == "call" for name, row in report.user_properties if name == "interruption"]
    if not rows:
        return
    terminalreporter.write_line(f"\n{'interruption':40}{'when':18}{'right after':13}{'after a repeat':16}{'seconds':>8}  what the run said")
    for what, when, after, again, seconds, reason in sorted(rows):
        terminalreporter.write_line(f"{what:40}{when:18}{after:13}{again:16}{seconds:8.0f}  {reason[:150]}")
    wrong = [row for row in rows if row[3] not in ("new", "old")]
    terminalreporter.write_line(f"{len(rows)} interruptions, {len(wrong)} with neither the old nor the new content in the end")


@pytest.fixture(scope="session")
def empty_lab():
    """A managed database, and no host yet."""
    if os.geteuid():
        if os.environ.get("CI"):
            pytest.fail("the tests of the move need root, and CI has it: something is wrong with this run", pytrace=False)
        pytest.skip("needs root (network namespaces, containers)")
    import lab

    made = lab.Lab()
    yield made
    made.close()


@pytest.fixture(scope="session")
def prepared_lab(empty_lab):
    """The snapshot "prepared" holds a site that is hard to move."""
    import lab

    empty_lab.host()
    empty_lab.here(lab.TORTURE.read_text())
    empty_lab.php(f'wp_insert_post(array("post_title" => "{lab.MARK}", "post_status" => "publish", "post_content" => "\U0001f389"));')
    empty_lab.snapshot("prepared")
    return empty_lab


@pytest.fixture
def lab(prepared_lab):
    """A fresh host with that site, and an empty managed database."""
    prepared_lab.cut(False)
    prepared_lab.host({"snapshot": "prepared"})
    prepared_lab.empty_database()
    return prepared_lab
