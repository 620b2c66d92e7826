# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""However the move is interrupted, the site serves its old content, or after a repeat its new content; never neither."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time

import pytest
from lab import ENDPOINT, MASTER, PASSWORD, SCHEMA, message

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
ROWS = []


# ---------------------------------------------------------------- what happens to a move


class Move:
    """A run of the playbook, and a thread that does something to it at one moment."""

    def __init__(self, lab):
        self.lab = lab
        self.process = None

    def at_work(self, phase: str) -> bool:
        """Whether the phase's own process runs on the host."""
        action = PHASES[phase][1]
        if action is None:
            wanted = "--batch" if phase == "compare" else "wp_config"
        else:
            wanted = f"[[:space:]]{action}[[:space:]]"
        return bool(self.lab.shell(f"pgrep -f -- '{wanted}' || true").strip())

    def run(self, when: str, phase: str, act, **variables) -> tuple[int, str]:
        title, lines, done = PHASES[phase][0], [], False
        self.process = self.lab.begin(**variables)
        helper = None
        for line in self.process.stdout:
            lines.append(line)
            if not done and line.startswith("TASK") and title in line:
                done = True
                if when == "before":
                    act(self)
                else:
                    helper = threading.Thread(target=self._in_the_middle, args=(phase, act))
                    helper.start()
        status = self.process.wait()
        if helper:
            helper.join()
        assert done, "the moment never came: " + "".join(lines)[-3000:]
        return status, "".join(lines)

    def _in_the_middle(self, phase: str, act) -> None:
        while self.process.poll() is None:
            if self.at_work(phase):
                if phase == "copy":
                    # some rows are there
                    while self.process.poll() is None and not self.lab.there(f"SELECT 1 FROM {SCHEMA}.filler LIMIT 1"):
                        time.sleep(0.05)
                act(self)
                return
            time.sleep(0.02)


def kill_playbook(move: Move) -> None:
    os.killpg(move.process.pid, signal.SIGKILL)


def kill_dump(move: Move) -> None:
    move.lab.shell("pkill -KILL -f -- '--no-create-info --skip-triggers'")


def kill_import(move: Move) -> None:
    move.lab.shell("pkill -KILL -f -- '[[:space:]]copy_database[[:space:]]'")


def kill_connections(move: Move) -> None:
    for number in move.lab.there("SELECT id FROM information_schema.processlist WHERE user = 'wordpress'"):
        subprocess.run(["true"], check=True)
        try:
            move.lab.there(f"KILL {number}")
        except Exception:
            pass  # it has ended by itself


def cut_network(move: Move) -> None:
    move.lab.cut(True)


def fill_disk(move: Move) -> None:
    move.lab.shell("dd if=/dev/zero of=/opt/bitnami/cloudpress/filler bs=64k 2>/dev/null || true")


def change_password(move: Move) -> None:
    move.lab.plane.set_database_password("db", "Another-one.2")


def squat(move: Move) -> None:
    move.lab.there(f"CREATE DATABASE IF NOT EXISTS {SCHEMA}; CREATE TABLE {SCHEMA}.somebodys (i INT); INSERT INTO {SCHEMA}.somebodys VALUES (1)")


def kill_source(move: Move) -> None:
    move.lab.shell("pkill -KILL -f 'mariadb/sbin/(mysqld|mariadbd)'")


def mend(lab) -> None:
    lab.cut(False)
    lab.shell("rm -f /opt/bitnami/cloudpress/filler")
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
    lab.shell("mkdir -p /opt/bitnami/cloudpress")
    subprocess.run(["nsenter", "-t", str(lab.pid()), "-m", "mount", "-t", "tmpfs", "-o", "size=96m", "small", "/opt/bitnami/cloudpress"], check=True)
    return lab


@pytest.mark.parametrize(("what", "when", "phase", "act"), CASES, ids=[f"{what}, {when} {phase}".replace(" ", "-") for what, when, phase, act in CASES])
def test_never_neither(ready, what, when, phase, act):
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
    ROWS.append((what, f"{when} {phase}", after, finally_, time.monotonic() - began, reason))
    # only whoever is killed cannot open the site again; then the repeat does
    assert after in ("old", "new") or (killed and after == "closed"), reason
    assert again == 0, message(more)
    assert finally_ == "new"
    assert lab.there(f"SELECT COUNT(*) FROM {SCHEMA}.filler") == ["40000"]


def test_a_repeat_that_cannot_go_on_opens_the_old_site(ready):
    """Killed while the site is closed, and then the target is gone: the old content comes back, without it."""
    lab = ready
    Move(lab).run("amid", "copy", kill_playbook)
    assert lab.state() == "closed"
    lab.cut(True)
    status, output = lab.move()
    assert status != 0 and "is undone" in message(output), output
    assert lab.state() == "old" and lab.here("SELECT @@read_only;") == ["0"]
    ROWS.append(("SIGKILL, then a repeat without network", "amid copy", "closed", "old", 0, message(output)))


def test_once_visitors_may_have_written_there_is_no_way_back(ready):
    """Killed after the site was opened on the target, and then the target is gone: what was written there must not be lost."""
    lab = ready
    Move(lab).run("before", "open", kill_playbook)
    lab.shell('sed -i \'s/"stage":"moving"/"stage":"opened"/\' /opt/bitnami/cloudpress/database.json')
    lab.cut(True)
    status, output = lab.move()
    assert status != 0 and "not turned back" in message(output), output
    assert ENDPOINT in lab.shell("cat /opt/bitnami/wordpress/wp-config.php")
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


def test_the_later_of_two_runs_takes_over_or_is_refused(ready):
    """Never do two work at once."""
    lab = ready
    answers = []

    def second(move: Move) -> None:
        answers.append(lab.move())

    first, output = Move(lab).run("amid", "copy", second)
    statuses = sorted([first, answers[0][0]])
    reasons = [message(text) for status, text in ((first, output), answers[0]) if status]
    ROWS.append(("a second run at the same time", "amid copy", "-", lab.state(), 0, "; ".join(reasons)))
    assert statuses[0] == 0 or lab.move()[0] == 0
    assert lab.state() == "new"
    assert all("another run" in reason.lower() for reason in reasons), reasons


@pytest.fixture(scope="module", autouse=True)
def table():
    yield
    print(f"\n\n{'interruption':38}{'when':18}{'right after':13}{'after a repeat':16}{'seconds':>8}  what the run said")
    for what, when, after, again, seconds, reason in ROWS:
        print(f"{what:38}{when:18}{after:13}{again:16}{seconds:8.0f}  {reason[:150]}")
    wrong = [row for row in ROWS if row[3] not in ("new", "old")]
    print(f"{len(ROWS)} interruptions, {len(wrong)} with neither the old nor the new content; the target was {ENDPOINT.split('.')[0]}")
