# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mysql_compare against a real server: does it see what a failed copy looks like?"""

from __future__ import annotations

import os
import shutil
import subprocess
import time

import pytest

from ansible_collections.cloudpress.lightsail.plugins.modules import mysql_compare

SERVER = shutil.which("mariadbd", path=os.environ.get("PATH", "") + ":/usr/sbin")
INSTALL = shutil.which("mariadb-install-db")
CLIENT, DUMP = shutil.which("mariadb"), shutil.which("mariadb-dump")
pytestmark = pytest.mark.skipif(not all((SERVER, INSTALL, CLIENT, DUMP)), reason="needs a MariaDB server and its client")

CONTENT = """
CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a LONGTEXT, b LONGBLOB, d DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00');
INSERT INTO t (a, b, d) VALUES ('one\\nline', 0x00FF0A0D, '2020-01-01'), ('🎉 VALUES (1)', NULL, '0000-00-00'), ('x', '', '2021-02-03');
CREATE TABLE `odd ``name` (k VARCHAR(20) PRIMARY KEY, v INT, g INT AS (v + 1) STORED) {collation};
INSERT INTO `odd ``name` (k, v) VALUES ('B', 1), ('a', 2), ('C', 3);
CREATE TABLE twins (v INT);
INSERT INTO twins VALUES (1), (1), (2);
CREATE TABLE nothing (id INT AUTO_INCREMENT PRIMARY KEY);
CREATE VIEW seen AS SELECT id FROM t;
CREATE TRIGGER after_t AFTER INSERT ON t FOR EACH ROW INSERT INTO twins VALUES (9);
CREATE PROCEDURE p() SELECT 1;
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    base = tmp_path_factory.mktemp("db")
    user = ["--user=root"] if os.geteuid() == 0 else []
    subprocess.run(
        [INSTALL, "--no-defaults", f"--datadir={base}/data", "--auth-root-authentication-method=normal", "--skip-test-db", *user],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    process = subprocess.Popen(
        [SERVER, "--no-defaults", f"--datadir={base}/data", f"--socket={base}/s", "--skip-networking", f"--pid-file={base}/pid", *user],
        stderr=subprocess.DEVNULL,
    )
    defaults = base / "client.cnf"
    defaults.write_text(f"[client]\nuser=root\nsocket={base}/s\n")
    for _ in range(100):
        if subprocess.run([CLIENT, f"--defaults-file={defaults}", "-e", "SELECT 1"], capture_output=True, check=False).returncode == 0:
            break
        time.sleep(0.1)
    yield defaults
    process.terminate()
    process.wait()


@pytest.fixture
def sql(server):
    def run(text):
        subprocess.run([CLIENT, f"--defaults-file={server}", "--default-character-set=utf8mb4"], input=text.encode(), check=True)

    for name, collation in (("a", "COLLATE utf8mb4_bin"), ("b", "COLLATE utf8mb4_general_ci")):
        run(f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4; USE {name};" + CONTENT.format(collation=collation))
    return run


@pytest.fixture
def compare(server):
    def run(**extra):
        parameters = {"source_defaults_file": str(server), "target_defaults_file": str(server), "client": CLIENT, "dump": DUMP, "ignore_tables": []}
        parameters.update({"source_schema": "a", "target_schema": "b"}, **extra)
        return mysql_compare.run(parameters)

    return run


def test_equal_whatever_the_order(sql, compare):
    result = compare()
    assert result["equal"], result["differences"]
    assert result["tables"] == {"t": 3, "odd `name": 3, "twins": 3, "nothing": 0}
    assert result["rows"] == 9


@pytest.mark.parametrize(
    ("change", "table", "words"),
    [
        ("UPDATE b.t SET b = 0x00FF0A0C WHERE id = 1", "t", "differ in content"),
        ("UPDATE b.t SET a = 'one\\nlinE' WHERE id = 1", "t", "differ in content"),
        ("UPDATE b.t SET b = '' WHERE id = 2", "t", "differ in content"),
        ("DELETE FROM b.t WHERE id = 3", "t", "3 rows in the source, 2 in the target"),
        ("INSERT INTO b.nothing VALUES (1)", "nothing", "0 rows in the source, 1 in the target"),
        ("DELETE FROM b.twins WHERE v = 2; INSERT INTO b.twins VALUES (1)", "twins", "differ in content"),
        ("UPDATE b.`odd ``name` SET v = 7 WHERE k = 'a'", "odd `name", "differ in content"),
        ("DROP TABLE b.nothing", "nothing", "missing in the target"),
        ("CREATE TABLE b.more (i INT)", "more", "missing in the source"),
        ("ALTER TABLE a.t AUTO_INCREMENT = 50", "t", "next number is 50"),
        ("DROP VIEW b.seen", None, "view seen: missing"),
        ("DROP TRIGGER b.after_t", None, "trigger t.after_t: missing"),
        ("DROP PROCEDURE b.p", None, "procedure p: missing"),
    ],
)
def test_differences_are_seen(sql, compare, change, table, words):
    sql(change)
    result = compare()
    assert not result["equal"]
    assert len(result["differences"]) == 1 and words in result["differences"][0]
    assert result["different_tables"] == ([table] if table else [])


def test_ignored_table(sql, compare):
    sql("DELETE FROM b.t WHERE id = 3")
    result = compare(ignore_tables=["t"])
    assert not result["different_tables"]


def test_errors_are_sentences(sql, compare, tmp_path):
    with pytest.raises(mysql_compare.CompareError, match="could not be read to its end"):
        compare(target_schema="absent")
    with pytest.raises(mysql_compare.CompareError, match="no option file"):
        compare(target_defaults_file=str(tmp_path / "none"))
