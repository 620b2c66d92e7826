# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""However the move is interrupted, the site serves its old content, or after a repeat its new content; never neither."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
import time

import pytest
from lab import ENDPOINT, MASTER, PASSWORD, SCHEMA, message

from lightsail_local.data_plane.base import DataPlaneError

# The beginning of a phase is the title of its first task; its middle is when its process is at work on the host.
PHASES = {
    "look": ("Look at both databases", "prepare"),
    "rehearse": ("Rehearse with everything but the rows", "rehearse"),
    "close": ("Stop the site and hold back writers", "quiesce"),
    "copy": ("Copy tables, rows and code", "copy_database"),
    "compare": ("Compare every row of both databases", None),
    "switch": ("Point WordPress at the managed database", None),
    "open": ("Open the site on the managed database", "finish"),
    "report": ("Report what was moved", None),
}
# What the managed database says when a long phase is in its middle.
UNDER_WAY = {
    "copy": f"SELECT 1 FROM {SCHEMA}.filler LIMIT 1",
    "compare": f"SELECT 1 FROM information_schema.processlist WHERE user = '{MASTER}'",
}


# ---------------------------------------------------------------- what happens to a move


class Move:
    """A run of the playbook, and a thread that does something to it at one moment."""

    def __init__(self, lab):
        self.lab = lab
        self.process = None
        self.acted = False

    @contextlib.contextmanager
    def at_work(self, phase: str):
        """While the phase's own process runs on the host; False if the move ends before that."""
        action = PHASES[phase][1]
        # a module comes through stdin: what shows is that it is root; the brackets keep pgrep's own shell out
        wanted = f"[[:space:]]{action}[[:space:]]" if action else "[B]ECOME-SUCCESS"
        # a step may be over before it is seen from here, so the host itself looks, and holds it; copy and compare are long and have to get on
        found = f"pgrep -f -- '{wanted}'" if phase in UNDER_WAY else f"pkill -STOP -f -- '{wanted}'"
        look = f"for i in {{1..100}}; do if {found} >/dev/null; then echo found; exit; fi; sleep 0.01; done"
        while self.process.poll() is None and not self.lab.shell(look).strip():
            pass
        while self.process.poll() is None and not self.under_way(phase):
            time.sleep(0.05)
        try:
            yield self.process.poll() is None
        finally:
            self.lab.shell(f"pkill -CONT -f -- '{wanted}' || true")

    def under_way(self, phase: str) -> bool:
        try:
            return phase not in UNDER_WAY or bool(self.lab.there(UNDER_WAY[phase]))
        except DataPlaneError:
            return False  # the table is not made yet

    def run(self, when: str, phase: str, act, **variables) -> tuple[int, str]:
        title, lines, done = PHASES[phase][0], [], False
        self.process = self.lab.begin(**variables)
        helper = None
        for line in self.process.stdout:
            lines.append(line)
            if not done and line.startswith("TASK") and title in line:
                done = True
                if when == "before":
                    self._act(act)
                else:
                    helper = threading.Thread(target=self._in_the_middle, args=(phase, act))
                    helper.start()
        status = self.process.wait()
        if helper:
            helper.join()
        assert self.acted, "the moment never came: " + "".join(lines)[-3000:]
        return status, "".join(lines)

    def _act(self, act) -> None:
        self.acted = True
        act(self)

    def _in_the_middle(self, phase: str, act) -> None:
        with self.at_work(phase) as working:
            if working:
                self._act(act)


def kill_playbook(move: Move) -> None:
    os.killpg(move.process.pid, signal.SIGKILL)


def kill_dump(move: Move) -> None:
    move.lab.shell("pkill -KILL -f -- '--no-create-info --skip-triggers'")


def kill_import(move: Move) -> None:
    move.lab.shell("pkill -KILL -f -- '[[:space:]]copy_database[[:space:]]'")


def kill_connections(move: Move) -> None:
    for number in move.lab.there("SELECT id FROM information_schema.processlist WHERE user = 'wordpress'"):
        with contextlib.suppress(DataPlaneError):  # it has ended by itself
            move.lab.there(f"KILL {number}")


def cut_network(move: Move) -> None:
    move.lab.cut(True)


def fill_disk(move: Move) -> None:
    move.lab.shell(f"dd if=/dev/zero of={move.lab.layout.state}/filler bs=64k 2>/dev/null || true")


def change_password(move: Move) -> None:
    move.lab.plane.set_database_password("db", "Another-one.2")


def squat(move: Move) -> None:
    move.lab.there(f"CREATE DATABASE IF NOT EXISTS {SCHEMA}; CREATE TABLE {SCHEMA}.somebodys (i INT); INSERT INTO {SCHEMA}.somebodys VALUES (1)")


def kill_source(move: Move) -> None:
    move.lab.shell("pkill -KILL -x '(mysqld|mariadbd)'")


def mend(lab) -> None:
    lab.cut(False)
    lab.shell(f"rm -f {lab.layout.state}/filler")
    lab.plane.set_database_password("db", PASSWORD)
    lab.there(f"DROP TABLE IF EXISTS {SCHEMA}.somebodys") if lab.there(f"SELECT 1 FROM information_schema.schemata WHERE schema_name = '{SCHEMA}'") else None


# ---------------------------------------------------------------- the matrix

CASES = [
    ("SIGKILL of ansible-playbook", when, phase, kill_playbook) for phase in PHASES for when in ("before", "amid") if when == "before" or phase != "report"
]
CASES += [
    ("SIGKILL of the dump", "amid", "copy", kill_dump),
    ("SIGKILL of the import", "amid", "copy", kill_import),
    ("connections of the import killed", "amid", "copy", kill_connections),
    ("SIGKILL of the old database", "amid", "copy", kill_source),
    *(("network to the target cut", when, phase, cut_network) for phase in ("look", "rehearse", "copy", "compare", "open") for when in ("before",)),
    ("network to the target cut", "amid", "copy", cut_network),
    ("network to the target cut", "amid", "compare", cut_network),
    *(("disk full", "before", phase, fill_disk) for phase in ("rehearse", "close", "copy", "switch", "open")),
    *(("password changed", "before", phase, change_password) for phase in ("look", "rehearse", "copy", "compare")),
    *(("somebody's table in the schema", "before", phase, squat) for phase in ("look", "rehearse", "copy")),
]


@pytest.fixture
def note(record_property):
    """Puts a line into the table that conftest.py prints at the end."""
    return lambda *row: record_property("interruption", row)


@pytest.fixture(scope="module")
def filled_lab(prepared_lab):
    """A copy that takes a few seconds."""
    lab = prepared_lab
    lab.host({"snapshot": "prepared"})
    lab.here(
        "CREATE TABLE filler (id int AUTO_INCREMENT PRIMARY KEY, t longtext, KEY (t(50)));"
        " INSERT INTO filler (t) SELECT REPEAT(CONCAT(SHA1(seq), '\\n'), 60) FROM seq_1_to_40000;"
    )
    lab.snapshot("filled")
    return lab


@pytest.fixture
def ready(filled_lab):
    """The old site, on a host whose own disk is small enough to be filled."""
    lab = filled_lab
    lab.cut(False)
    # a case that ends on the new database uses the host up
    lab.host({"snapshot": "filled"})
    lab.empty_database()
    lab.shell(f"mkdir -p {lab.layout.state}")
    subprocess.run(["nsenter", "-t", str(lab.pid()), "-m", "mount", "-t", "tmpfs", "-o", "size=96m", "small", lab.layout.state], check=True)
    return lab


@pytest.mark.parametrize(("what", "when", "phase", "act"), CASES, ids=[f"{what}, {when} {phase}".replace(" ", "-") for what, when, phase, act in CASES])
def test_never_neither(ready, note, what, when, phase, act):
    lab = ready
    began = time.monotonic()
    status, output = Move(lab).run(when, phase, act)
    killed = act is kill_playbook
    if killed:
        # what it had started on the host ends by itself, or is waited for by the repeat
        time.sleep(1)
    after, reason = lab.state(), "" if status <= 0 else message(output)
    mend(lab)
    again, more = lab.move()
    finally_ = lab.state()
    note(what, f"{when} {phase}", after, finally_, time.monotonic() - began, reason)
    # only whoever is killed cannot open the site again; then the repeat does
    assert after in ("old", "new") or (killed and after == "closed"), reason
    if act is fill_disk:
        assert re.search(lab.layout.state + r"/\S+ could not be written: No space left on device", reason), reason
    assert again == 0, message(more)
    assert finally_ == "new"
    assert lab.there(f"SELECT COUNT(*) FROM {SCHEMA}.filler") == ["40000"]


@pytest.mark.parametrize(("when", "phase", "words"), [("amid", "copy", "is undone"), ("before", "open", "runs on its old database again")])
def test_a_repeat_without_the_target_opens_the_old_site(ready, note, when, phase, words):
    """Killed while the site is closed, also after the switch, and then the target is gone: the old content comes back, without it."""
    lab, began = ready, time.monotonic()
    Move(lab).run(when, phase, kill_playbook)
    assert lab.state() == "closed"
    lab.cut(True)
    status, output = lab.move()
    assert status != 0 and words in message(output), output
    assert lab.state() == "old" and lab.here("SELECT @@read_only;") == ["0"]
    note("SIGKILL, then a repeat without network", f"{when} {phase}", "closed", "old", time.monotonic() - began, message(output))


def test_once_visitors_may_have_written_there_is_no_way_back(ready):
    """Killed after the site was opened on the target, and then the target is gone: what was written there must not be lost."""
    lab = ready
    Move(lab).run("before", "open", kill_playbook)
    lab.shell(f'sed -i \'s/"stage":"moving"/"stage":"opened"/\' {lab.layout.state}/database.json')
    lab.cut(True)
    status, output = lab.move()
    assert status != 0 and "not turned back" in message(output), output
    assert ENDPOINT in lab.shell(f"cat {lab.layout.config}")
    lab.cut(False)
    assert lab.move()[0] == 0
    assert lab.state() == "new"


def test_a_wrong_password_and_a_wrong_name_are_refused(ready):
    lab = ready
    for variables, words in (
        ({"wordpress_database_master_password": "wrong"}, f"as {MASTER}"),
        ({"wordpress_database_host": "127.0.0.9"}, "could not be reached"),
        ({"wordpress_database_master_user": "nobody"}, "as nobody"),
    ):
        status, output = lab.move(**variables)
        assert status != 0 and words in message(output)
        assert lab.state() == "old"


def test_the_later_of_two_runs_takes_over_or_is_refused(ready, note):
    """Never do two work at once."""
    lab, began = ready, time.monotonic()
    answers = []

    def second(move: Move) -> None:
        answers.append(lab.move())

    first, output = Move(lab).run("amid", "copy", second)
    statuses = sorted([first, answers[0][0]])
    reasons = [message(text) for status, text in ((first, output), answers[0]) if status]
    after = lab.state()
    assert statuses[0] == 0 or lab.move()[0] == 0
    note("a second run at the same time", "amid copy", after, lab.state(), time.monotonic() - began, "; ".join(reasons))
    assert lab.state() == "new"
    assert all("another run" in reason.lower() for reason in reasons), reasons
