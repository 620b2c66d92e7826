# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directories become equal whatever is in them, nothing is left half way, and what the source says is not believed
beyond its directories.

The program that reads on the source is the real one; it runs on this machine instead of behind SSH.
"""

from __future__ import annotations

import contextlib
import getpass
import grp
import io
import json
import os
import random
import socket
import stat
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _carry, _carry_agent
from ansible_collections.cloudpress.lightsail.plugins.modules import wordpress_carry_files as carry

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core 2.18
    from tests.unit.plugins.conftest import patch_module_args

USER, GROUP = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
NAMES = [
    "plain.php",
    "-rf",
    "ünï 表.txt",
    "two\nlines",
    os.fsdecode(b"latin-\xe4"),
    ".hidden",
    "a'b\"c",
    "space at end ",
    "\t",
]


@pytest.fixture(autouse=True)
def here(monkeypatch):
    monkeypatch.setattr(_carry, "agent_command", lambda source: [sys.executable, "-c", _carry.BOOT])


def carried(source, target, check=False, exclude=(), fails=False, **more):
    arguments = {
        "source": {"address": "192.0.2.1", "user": "admin", "directory": "/nowhere"},
        "trees": [{"source": str(source), "target": str(target), "exclude": list(exclude)}],
        "owner": USER,
        "group": GROUP,
        "directory_mode": "2775",
        "file_mode": "0664",
        "_ansible_check_mode": check,
        **more,
    }
    output = io.StringIO()
    with patch_module_args(arguments), contextlib.redirect_stdout(output), pytest.raises(SystemExit):
        carry.main()
    result = json.loads(output.getvalue())
    assert bool(result.get("failed")) == fails, result
    return result


def state(root):
    return [
        [path, kind, size, time, more]
        for path, kind, size, time, _mode, more in _carry_agent.entries(str(root), hashes=True)
        if kind != "o"
    ]


def without_times(entries):
    return [[path, kind, size, time if kind == "f" else 0, more] for path, kind, size, time, more in entries]


def equal(source, target):
    return without_times(state(source)) == without_times(state(target))


@pytest.fixture
def site(tmp_path):
    """A directory with all that directories of sites hold."""
    source = tmp_path / "source"
    (source / "deep" / "er").mkdir(parents=True)
    (source / "empty").mkdir()
    for number, name in enumerate(NAMES):
        (source / "deep" / name).write_bytes(os.urandom(number * 1000))
    with open(source / "sparse", "wb") as file:
        file.truncate(30_000_000)
        file.seek(15_000_000)
        file.write(b"x")
    (source / "link").symlink_to("deep/plain.php")
    (source / "broken").symlink_to("nowhere")
    (source / "absolute").symlink_to(source / "deep")
    (source / "outside").symlink_to("/etc/hostname")
    os.mkfifo(source / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(source / "socket"))
    return source


def test_everything_comes_and_a_second_run_changes_nothing(site, tmp_path):
    target = tmp_path / "target"
    check = carried(site, target, check=True)
    assert check["changed"] and not target.exists()
    first = carried(site, target)
    assert first["changed"] and first["compared"] == first["files"] == check["files"] == len(NAMES) + 1
    assert first["copied"] == check["copied"]
    assert [path.rsplit("/", 1)[1] for path in first["skipped"]] == ["pipe", "socket"]
    assert first["outside"] == [f"{site}/broken -> nowhere", f"{site}/outside -> /etc/hostname"] or first[
        "outside"
    ] == [f"{site}/outside -> /etc/hostname"]
    assert os.readlink(target / "absolute") == str(target / "deep")
    assert os.stat(target / "sparse").st_blocks * 512 < 5_000_000
    (site / "absolute").unlink()
    (target / "absolute").unlink()
    assert equal(site, target)
    second = carried(site, target)
    assert not second["changed"] and second["copied"] == 0


def test_only_what_changed_comes_again(site, tmp_path):
    target = tmp_path / "target"
    carried(site, target)
    (site / "deep" / "plain.php").write_text("new")
    (site / "deep" / "-rf").unlink()
    (target / "only here").write_text("x")
    os.rename(site / "empty", site / "renamed")
    result = carried(site, target)
    assert result["copied"] == 1 and result["deleted"] == 3
    assert (target / "deep" / "plain.php").read_text() == "new"
    assert not (target / "only here").exists() and (target / "renamed").is_dir() and not (target / "empty").exists()
    assert not carried(site, target)["changed"]


def test_a_file_becomes_a_directory_and_the_other_way_round(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "one").mkdir(parents=True)
    (source / "one" / "inside").write_text("x")
    (source / "two").write_text("y")
    (source / "three").symlink_to("two")
    (target / "two" / "full").mkdir(parents=True)
    (target / "two" / "full" / "file").write_text("z")
    (target / "one").symlink_to("/etc")
    (target / "three").mkdir()
    carried(source, target)
    assert equal(source, target)
    assert not carried(source, target)["changed"]


def test_content_that_differs_without_a_sign_is_found(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / "file").write_text("right")
    carried(source, target)
    times = os.stat(source / "file").st_mtime_ns
    (target / "file").write_text("wrong")
    os.utime(target / "file", ns=(times, times))
    assert carried(source, target, checksums=False)["changed"] is False
    assert carried(source, target)["changed"]
    assert (target / "file").read_text() == "right"


def test_modes_are_the_target_s_and_what_was_closed_stays_closed(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "dir").mkdir(parents=True, mode=0o700)
    for name, mode in {"page.php": 0o644, "key": 0o600, "tool": 0o755, "closed tool": 0o750}.items():
        (source / name).write_text(name)
        (source / name).chmod(mode)
    carried(source, target)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in target.iterdir()}
    assert modes == {"dir": 0o2775, "page.php": 0o664, "key": 0o660, "tool": 0o775, "closed tool": 0o770}
    (target / "key").chmod(0o664)
    assert carried(source, target)["changed"]
    assert stat.S_IMODE((target / "key").stat().st_mode) == 0o660


def test_what_is_left_alone_is_neither_copied_nor_deleted(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    for root, text in ((source, "theirs"), (target, "ours")):
        (root / "wp-content").mkdir(parents=True)
        (root / "wp-content" / "x").write_text(text)
        (root / "wp-config.php").write_text(text)
    (source / "index.php").write_text("x")
    carried(source, target, exclude=["wp-config.php", "wp-content"])
    assert (target / "wp-config.php").read_text() == (target / "wp-content" / "x").read_text() == "ours"
    assert (target / "index.php").read_text() == "x"


def test_a_run_that_was_killed_is_taken_up(site, tmp_path, monkeypatch):
    target = tmp_path / "target"
    receive, calls = carry.Carrier.receive, []

    def die(self, agent, full, time, mode):
        calls.append(full)
        if len(calls) == 4:
            with open(self.temporary(full), "wb") as file:
                file.write(b"half")
            raise KeyboardInterrupt
        receive(self, agent, full, time, mode)

    monkeypatch.setattr(carry.Carrier, "receive", die)
    wanted = {
        "source": {},
        "trees": [{"source": str(site), "target": str(target), "exclude": []}],
        "owner": USER,
        "group": GROUP,
    }
    with pytest.raises(KeyboardInterrupt):
        carry.Carrier({**wanted, "directory_mode": "2775", "file_mode": "0664"}, False).make_equal()
    monkeypatch.undo()
    monkeypatch.setattr(_carry, "agent_command", lambda source: [sys.executable, "-c", _carry.BOOT])
    result = carried(site, target)
    assert result["copied"] == result["files"] - 3
    assert not [
        name for _root, _dirs, names in os.walk(target) for name in names if name.startswith(_carry_agent.TEMPORARY)
    ]


def test_an_empty_source_deletes_nothing(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    (target / "index.php").write_text("x")
    assert "nothing deleted" in carried(source, target, fails=True)["msg"]
    assert (target / "index.php").exists()


def test_a_source_that_breaks_off_is_said_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(
        _carry, "agent_command", lambda source: ["sh", "-c", "echo 'Permission denied (publickey).' >&2; exit 255"]
    )
    said = carried(tmp_path, tmp_path / "target", fails=True)["msg"]
    assert "admin@192.0.2.1 broke off: Permission denied (publickey)" in said


@pytest.mark.parametrize(
    "lines",
    [
        [[0, "../evil", "f", 1, 1, 0o644, ""]],
        [[0, "/etc/evil", "f", 1, 1, 0o644, ""]],
        [[0, "link", "l", 0, 1, 0o777, "/etc"], [0, "link/evil", "f", 1, 1, 0o644, ""]],
        [[0, "a//b", "f", 1, 1, 0o644, ""]],
    ],
)
def test_a_source_that_leads_out_of_its_directory_is_not_believed(tmp_path, monkeypatch, lines):
    text = "".join(json.dumps(line) + "\n" for line in [*lines, None])
    (tmp_path / "lines").write_text(text)
    monkeypatch.setattr(_carry, "agent_command", lambda source: ["sh", "-c", f"cat {tmp_path}/lines; cat >/dev/null"])
    assert "below none of its directories" in carried(tmp_path, tmp_path / "target", fails=True)["msg"]
    assert not (tmp_path / "target").exists()


def test_the_program_of_the_source_names_no_file_and_no_secret_in_its_command():
    command = _carry.ssh_command({"address": "192.0.2.1", "port": 22, "user": "admin", "directory": "/root/carry"})
    assert "StrictHostKeyChecking=yes" in command and "UserKnownHostsFile=/root/carry/known_hosts" in command
    assert command[-2:] == ["--", "192.0.2.1"]


KINDS = st.recursive(
    st.one_of(st.binary(max_size=20), st.sampled_from(["-> x", "-> ../y"])),
    lambda below: st.dictionaries(st.sampled_from(["a", "b", "-c", "d\n", "é"]), below, max_size=3),
    max_leaves=8,
)
TREES = st.dictionaries(st.sampled_from(["a", "b", "-c", "d\n", "é"]), KINDS, max_size=4)


def make(root, tree):
    os.makedirs(root, exist_ok=True)
    for name, value in tree.items():
        path = os.path.join(root, name)
        if isinstance(value, dict):
            make(path, value)
        elif isinstance(value, str):
            os.symlink(value[3:], path)
        else:
            with open(path, "wb") as file:
                file.write(value)
            time = random.randrange(10**9, 10**10)
            os.utime(path, ns=(time, time))


@given(source=TREES, target=TREES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_directory_becomes_any_other(tmp_path_factory, source, target):
    root = tmp_path_factory.mktemp("any")
    make(root / "source", {**source, "always": b"x"})
    make(root / "target", target)
    carried(root / "source", root / "target")
    assert equal(root / "source", root / "target")
    assert not carried(root / "source", root / "target")["changed"]
