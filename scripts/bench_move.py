# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure how fast a database is moved, against a bare `mysqldump | mysql` between the same two servers in the same run.

Both take turns, because the machine may be busy with other things; the best of each counts. The cloud is one of its own and is removed
at the end. Numbers are of this machine; what can be compared elsewhere is their ratio.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "move")]

import lab as move_lab  # noqa: E402

# A site's two large tables: long posts, and many short rows with two more indexes.
FILL = """
SET SESSION sql_mode = '';
CREATE TABLE big_posts LIKE wp_posts; CREATE TABLE big_meta LIKE wp_postmeta;
INSERT INTO big_posts (post_content, post_title, post_name, post_date)
  SELECT REPEAT(CONCAT(MD5(seq), ' it''s text ', SHA1(seq), '\\n'), 45), CONCAT('title ', seq), CONCAT('post-', seq), '2020-01-01' + INTERVAL seq MINUTE
  FROM seq_1_to_{posts};
INSERT INTO big_meta (post_id, meta_key, meta_value) SELECT seq DIV 10, CONCAT('_key_', seq % 37), CONCAT(MD5(seq), ' value ', seq) FROM seq_1_to_{meta};
"""
# What a person would type, on the host; the password is in a file.
PIPE = "set -o pipefail; {dump} --socket={socket} --single-transaction --quick --hex-blob {schema} | {client} --defaults-file=/root/target.cnf bare"


def pipe(lab: move_lab.Lab) -> float:
    lab.there("DROP DATABASE IF EXISTS bare; CREATE DATABASE bare CHARACTER SET utf8mb4")
    began = time.monotonic()
    there = lab.layout
    client = there.mysql.rsplit(" ", 1)[0].rsplit(" ", 1)[-1]
    lab.shell(PIPE.format(dump=there.mysqldump, socket=there.socket, schema=there.schema, client=client))
    seconds = time.monotonic() - began
    lab.there("DROP DATABASE bare")
    return seconds


def role(lab: move_lab.Lab) -> tuple[float, float, dict]:
    """Seconds of the copy, seconds until it was compared, and the role's report."""
    moments = {}

    def note(line: str) -> None:
        found = re.match(r"TASK \[(?:.* : )?(.*)\]", line)
        if found:
            moments[found[1]] = time.monotonic()

    status, output = lab.move(on_line=note)
    if status:
        sys.exit(move_lab.message(output))
    began = moments["Copy tables, rows and code"]
    return moments["Remember the copy"] - began, moments["Point WordPress at the managed database"] - began, lab.result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000, help="size of the dump (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="how often both are measured (default %(default)s)")
    options = parser.parse_args()
    lab = move_lab.Lab()
    try:
        lab.host()
        lab.here(FILL.format(posts=options.megabytes * 200, meta=options.megabytes * 2400))
        lab.snapshot("full")
        pipes, copies, wholes = [], [], []
        for number in range(options.rounds):
            lab.host({"snapshot": "full"})
            lab.empty_database()
            lab.write_target_options()
            pipes.append(pipe(lab))
            copy, whole, report = role(lab)
            copies.append(copy)
            wholes.append(whole)
            megabytes = report["mb_per_second"] * copy
            print(
                f"round {number + 1}: pipe {pipes[-1]:.1f} s, role's copy {copy:.1f} s, with verification {whole:.1f} s,"
                f" outage {report['outage_seconds']} s, {report['mb_per_second']} MB/s, {report['rows']} rows, {report['bytes'] / 1e6:.0f} MB",
                flush=True,
            )
        print(f"{'bare mysqldump | mysql':42}{min(pipes):8.1f} s  {megabytes / min(pipes):.1f} MB/s")
        print(f"{'role wordpress_database, the copy':42}{min(copies):8.1f} s  throughput {min(pipes) / min(copies):.2f} of the pipe's (wanted: 0.90)")
        print(f"{'the same, verification included':42}{min(wholes):8.1f} s  {min(wholes) / min(pipes):.2f} of the pipe's time (wanted: at most 1.60)")
    finally:
        lab.close()


if __name__ == "__main__":
    main()
