# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration files are one change: all are in force, or none is."""

from __future__ import annotations

import os
import stat

import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _config_files
from ansible_collections.cloudpress.lightsail.plugins.modules import config_files


@pytest.fixture
def place(tmp_path):
    (tmp_path / "old.conf").write_text("old\n")
    (tmp_path / "old.conf").chmod(0o640)
    (tmp_path / "image.conf").symlink_to("../available/image.conf")
    return tmp_path


def wanted(place):
    return {
        f"{place}/old.conf": ("file", "new\n"),
        f"{place}/site/new.conf": ("file", "site\n"),
        f"{place}/on.conf": ("link", f"{place}/site/new.conf"),
        f"{place}/image.conf": None,
    }


def look(place):
    found = {}
    for path in sorted(place.rglob("*")):
        if path.is_symlink() or path.is_file():
            found[str(path.relative_to(place))] = os.readlink(path) if path.is_symlink() else path.read_text()
    return found


BEFORE = {"old.conf": "old\n", "image.conf": "../available/image.conf"}


def test_files_links_and_absences_are_written_once(place):
    judged = place / "judged"
    command = ["sh", "-c", f'test "$(cat {place}/old.conf)" = new && echo judged >> {judged}']
    assert len(_config_files.apply(wanted(place), [command], check=False)) == 4
    assert look(place) == {"judged": "judged\n", "old.conf": "new\n", "on.conf": f"{place}/site/new.conf", "site/new.conf": "site\n"}
    assert stat.S_IMODE((place / "old.conf").stat().st_mode) == 0o640
    assert stat.S_IMODE((place / "site/new.conf").stat().st_mode) == 0o644
    # nothing to do, and the program is not asked again
    assert _config_files.apply(wanted(place), [command], check=False) == []
    assert judged.read_text() == "judged\n"


def test_check_mode_says_the_same_and_changes_nothing(place):
    differences = _config_files.apply(wanted(place), [["false"]], check=True)
    assert {row["after_header"]: (row["before"], row["after"]) for row in differences} == {
        f"{place}/old.conf": ("old\n", "new\n"),
        f"{place}/site/new.conf": ("", "site\n"),
        f"{place}/on.conf": ("", f"link to {place}/site/new.conf\n"),
        f"{place}/image.conf": ("link to ../available/image.conf\n", ""),
    }
    assert look(place) == BEFORE


def test_what_the_program_refuses_is_taken_back_with_its_words(place):
    with pytest.raises(_config_files.Refused, match="Syntax error on line 3"):
        _config_files.apply(wanted(place), [["true"], ["sh", "-c", "echo 'Syntax error\non line 3'; exit 1"]], check=False)
    assert look(place) == BEFORE
    assert stat.S_IMODE((place / "old.conf").stat().st_mode) == 0o640


def test_what_an_aborted_run_left_is_no_obstacle(place):
    (place / "on.conf.new").symlink_to("nowhere")
    (place / "old.conf.new").write_text("half")
    _config_files.apply(wanted(place), [], check=False)
    assert look(place) == {"old.conf": "new\n", "on.conf": f"{place}/site/new.conf", "site/new.conf": "site\n"}


def test_the_file_behind_a_link_is_written_and_the_link_stays(place):
    (place / "linked.conf").symlink_to("old.conf")
    assert _config_files.apply({f"{place}/linked.conf": ("file", "new\n")}, [], check=False)[0]["after_header"] == f"{place}/old.conf"
    assert (place / "linked.conf").is_symlink() and (place / "old.conf").read_text() == "new\n"


def test_bytes_that_are_no_text_stay_as_they_are(place):
    (place / "old.conf").write_bytes(b"# caf\xe9\nold\n")
    text = config_files.with_line(f"{place}/old.conf", "Include x")
    differences = _config_files.apply({f"{place}/old.conf": ("file", text)}, [], check=False)
    assert (place / "old.conf").read_bytes() == b"# caf\xe9\nold\n\nInclude x\n"
    differences[0]["after"].encode()


def test_a_line_is_added_once(place):
    path = place / "old.conf"
    path.write_text(config_files.with_line(str(path), 'Include "x"'))
    assert path.read_text() == 'old\n\nInclude "x"\n'
    assert config_files.with_line(str(path), 'Include "x"') == path.read_text()
    assert config_files.with_line(f"{place}/absent.conf", 'Include "x"') == 'Include "x"\n'
