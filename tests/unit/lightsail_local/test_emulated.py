# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from pathlib import Path

import botocore
import pytest

from lightsail_local import emulated
from lightsail_local.control.registry import HANDLERS

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_is_what_the_code_says():
    page = (ROOT / "docs" / "emulated_operations.md").read_text()
    if f"botocore {botocore.__version__}," not in page:
        pytest.skip("the page is of another botocore, which has other operations")
    assert page == emulated.page(), "run: lightsail-local operations > docs/emulated_operations.md"


def test_every_handler_is_on_the_page():
    assert sum(entry["emulated"] for entry in emulated.operations()) == len(HANDLERS)


def test_nothing_is_left_out_without_a_reason():
    assert [entry["operation"] for entry in emulated.operations() if not entry["emulated"] and entry["why_not"] == "not done yet"] == []


def test_every_comment_about_a_guess_is_on_the_page():
    """Independently of how the page is made: each file that has the word shows up with each of its guesses."""
    told = {module for entry in emulated.operations() for module, name, text in entry["guesses"]}
    told |= {module for module, name, text in emulated.shared_guesses()}
    have = {path.stem for path in (ROOT / "lightsail_local" / "control").glob("*.py") if re.search(r"\bguess\b", path.read_text(), re.I)}
    assert have - told == set()
