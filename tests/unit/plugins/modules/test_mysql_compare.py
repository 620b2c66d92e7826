# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mysql_compare against a real server: does it see what a failed copy looks like?"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pymysql
import pytest
from pymysql.constants import CLIENT

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _mysql_values
from ansible_collections.cloudpress.lightsail.plugins.modules import mysql_compare

SERVER = shutil.which("mariadbd", path=os.environ.get("PATH", "") + ":/usr/sbin")
pytestmark = pytest.mark.skipif(SERVER is None, reason="needs a MariaDB server")
# mariadb-install-db needs more than the server's package.
SYSTEM_TABLES = [Path("/usr/share/mysql") / f"mysql_system_tables{part}.sql" for part in ("", "_data")]

CONTENT = """
CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a LONGTEXT, b LONGBLOB, d DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00');
INSERT INTO t (a, b, d) VALUES ('one\\nline', 0x00FF0A0D, '2020-01-01'), ('🎉 VALUES (1)', NULL, '0000-00-00'), ('x', '', '2021-02-03');
CREATE TABLE `odd ``name` (k VARCHAR(20) PRIMARY KEY, v INT, g INT AS (v + 1) STORED) {collation};
INSERT INTO `odd ``name` (k, v) VALUES ('B', 1), ('a', 2), ('C', 3);
CREATE TABLE twins (v INT);
INSERT INTO twins VALUES (1), (1), (2);
CREATE TABLE nothing (id INT AUTO_INCREMENT PRIMARY KEY);
CREATE TABLE `dots.and-dashes` (`a.b` INT, w VARCHAR(9), x VARCHAR(9), f FLOAT, KEY (w));
INSERT INTO `dots.and-dashes` VALUES (1, 'a', 'bc', 1234567.8), (2, NULL, 'b', 0), (3, 'N', '', NULL);
CREATE VIEW seen AS SELECT id FROM t;
CREATE TRIGGER after_t AFTER INSERT ON t FOR EACH ROW INSERT INTO twins VALUES (9);
CREATE PROCEDURE p(n INT) SELECT 1;
CREATE FUNCTION f(n INT) RETURNS INT DETERMINISTIC RETURN n;
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM twins;
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    base = tmp_path_factory.mktemp("db")
    user = ["--user=root"] if os.geteuid() == 0 else []
    (base / "data").mkdir()
    begin = "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n"
    command = [SERVER, "--no-defaults", f"--datadir={base}/data", *user]
    tables = begin + "".join(path.read_text() for path in SYSTEM_TABLES)
    subprocess.run([*command, "--bootstrap"], input=tables.encode(), check=True, stderr=subprocess.DEVNULL)
    process = subprocess.Popen([*command, f"--socket={base}/s", "--skip-networking", f"--pid-file={base}/pid"], stderr=subprocess.DEVNULL)
    defaults = base / "client.cnf"
    defaults.write_text(f"[client]\nuser=root\nsocket={base}/s\n")
    for _ in range(100):
        if (base / "s").exists():
            break
        time.sleep(0.1)
    yield defaults
    process.terminate()
    process.wait()


@pytest.fixture
def sql(server):
    def run(text):
        with pymysql.connect(read_default_file=str(server), charset="utf8mb4", client_flag=CLIENT.MULTI_STATEMENTS, autocommit=True) as connection:
            with connection.cursor() as cursor:
                cursor.execute(text)
                while cursor.nextset():
                    pass

    for name, collation in (("a", "COLLATE utf8mb4_bin"), ("b", "COLLATE utf8mb4_general_ci")):
        # the default collation of both is general_ci, whatever the server's is
        run(
            f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; USE {name};"
            + CONTENT.format(collation=collation)
        )
    return run


@pytest.fixture
def compare(server):
    def run(**extra):
        parameters = {"source_defaults_file": str(server), "target_defaults_file": str(server), "collations": {}, "ignore_tables": [], "compare_rows": True}
        parameters.update({"source_schema": "a", "target_schema": "b"}, **extra)
        return mysql_compare.run(parameters, pymysql)

    return run


def test_equal_whatever_the_order(sql, compare):
    result = compare(collations={"utf8mb4_bin": "utf8mb4_general_ci"})
    assert result["equal"], result["differences"]
    assert result["tables"] == {"t": 3, "odd `name": 3, "twins": 3, "nothing": 0, "dots.and-dashes": 3}
    assert result["rows"] == 12


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE b.t SET b = '' WHERE id = 2", "table t: the 3 rows differ in content; row with id = 2 differs in b"),
        ("UPDATE b.t SET a = NULL, d = '2020-01-02' WHERE id = 1", "table t: the 3 rows differ in content; row with id = 1 differs in a, d"),
        ("DELETE FROM b.t WHERE id = 3", "table t: 3 rows in the source, 2 in the target; row with id = 3 is missing in the target"),
        ("INSERT INTO b.nothing VALUES (7)", "table nothing: 0 rows in the source, 1 in the target; row with id = 7 is missing in the source"),
        (
            "UPDATE b.`odd ``name` SET k = 'A' WHERE k = 'a'",
            "table odd `name: the 3 rows differ in content; row with k = a is missing in the target; row with k = A is missing in the source",
        ),
        # without a primary key
        ("DELETE FROM b.twins WHERE v = 2", "table twins: 3 rows in the source, 2 in the target"),
    ],
)
def test_different_rows_are_named(sql, compare, change, words):
    sql(change)
    found = compare(collations={"utf8mb4_bin": "utf8mb4_general_ci"})["differences"]
    assert [sorted(what.split("; ")) for what in found] == [sorted(words.split("; "))]


def test_one_row_among_thousands_is_named(sql, compare):
    for name in ("a", "b"):
        sql(
            f"USE {name}; CREATE TABLE many (x INT, y VARBINARY(9), z FLOAT, PRIMARY KEY (x, y));"
            " INSERT INTO many SELECT seq, 'k', seq / 7 FROM seq_1_to_30000;"
        )
    sql("UPDATE b.many SET z = z + 1 WHERE x = 23456; DELETE FROM a.many WHERE x = 77;")
    result = compare(collations={"utf8mb4_bin": "utf8mb4_general_ci"})
    words = result["differences"][0].split("; ")
    assert words[0] == "table many: 29999 rows in the source, 30000 in the target"
    assert sorted(words[1:]) == ["row with x = 23456, y = 6B differs in z", "row with x = 77, y = 6B is missing in the source"]


def test_without_rows_only_definitions_are_compared(sql, compare):
    sql("DELETE FROM b.t; ALTER TABLE b.twins MODIFY v BIGINT; ALTER TABLE a.nothing AUTO_INCREMENT = 99;")
    result = compare(collations={"utf8mb4_bin": "utf8mb4_general_ci"}, compare_rows=False)
    assert result["differences"] == ["column twins.v: type is int in the source, bigint in the target"]
    assert result["tables"] == {} and result["rows"] == result["bytes"] == 0


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
        ("DROP EVENT b.e", None, "event e: missing"),
        ("DROP TRIGGER b.after_t; USE b; CREATE TRIGGER after_t AFTER INSERT ON t FOR EACH ROW SET @a = 1", None, "trigger t.after_t: text"),
        ("DROP PROCEDURE b.p; CREATE PROCEDURE b.p(n BIGINT) SELECT 1", None, "procedure p: parameters"),
        ("DROP FUNCTION b.f; CREATE FUNCTION b.f(n INT) RETURNS INT DETERMINISTIC RETURN 7", None, "function f: text"),
        ("ALTER EVENT b.e ON SCHEDULE EVERY 2 DAY", None, "event e: schedule"),
        ("ALTER TABLE b.t MODIFY a LONGTEXT COLLATE utf8mb4_unicode_ci", "t", "column t.a: collation is"),
        ("ALTER TABLE b.t COLLATE utf8mb4_unicode_ci, MODIFY a LONGTEXT COLLATE utf8mb4_general_ci", "t", "table t: collation is"),
        ("ALTER TABLE b.twins MODIFY v BIGINT", "twins", "column twins.v: type is int in the source, bigint in the target"),
        ("ALTER TABLE b.twins MODIFY v INT NOT NULL", "twins", "column twins.v: nullable"),
        ("ALTER TABLE b.twins ALTER v SET DEFAULT 5", "twins", "column twins.v: default"),
        *(
            (f"ALTER TABLE a.nothing ADD c {kind} DEFAULT {here}; ALTER TABLE b.nothing ADD c {kind} DEFAULT {there}", "nothing", f"default is {shown}")
            for kind, here, there, shown in (
                ("VARCHAR(9)", "'x(1)'", "'x(2)'", "'x(1)'"),
                ("BINARY(3)", "x'ff00fe'", "x'ff00ff'", "0xff00fe"),
                ("TIME(3)", "'1:2:3'", "'1:2:3.5'", "'01:02:03.000'"),
                ("DATETIME(3)", "now(3)", "(now(3) + interval 1 day)", "current_timestamp(3)"),
            )
        ),
        ("ALTER TABLE b.`dots.and-dashes` DROP KEY w", "dots.and-dashes", "index dots.and-dashes.w: missing"),
        ("UPDATE b.`dots.and-dashes` SET w = 'ab', x = 'c' WHERE `a.b` = 1", "dots.and-dashes", "differ in content"),
        ("UPDATE b.`dots.and-dashes` SET w = 'N' WHERE `a.b` = 2", "dots.and-dashes", "differ in content"),
        ("UPDATE b.`dots.and-dashes` SET f = 1234568 WHERE `a.b` = 1", "dots.and-dashes", "differ in content"),
        # NULL is no number
        ("UPDATE b.`dots.and-dashes` SET f = 0 WHERE `a.b` = 3", "dots.and-dashes", "differ in content"),
    ],
)
def test_differences_are_seen(sql, compare, change, table, words):
    sql(change)
    result = compare(collations={"utf8mb4_bin": "utf8mb4_general_ci"})
    assert not result["equal"]
    assert len(result["differences"]) == 1 and words in result["differences"][0]
    assert result["different_tables"] == ([table] if table else [])


def test_ignored_table(sql, compare):
    sql("DELETE FROM b.t WHERE id = 3")
    result = compare(ignore_tables=["t"], collations={"utf8mb4_bin": "utf8mb4_general_ci"})
    assert result["equal"]


def test_errors_are_sentences(sql, compare, tmp_path):
    with pytest.raises(mysql_compare.CompareError, match="The target has no schema absent"):
        compare(target_schema="absent")
    with pytest.raises(mysql_compare.CompareError, match="no option file"):
        compare(target_defaults_file=str(tmp_path / "none"))
    nobody = tmp_path / "nobody.cnf"
    nobody.write_text("[client]\nhost=127.0.0.1\nport=1\nprotocol=tcp\n")
    with pytest.raises(mysql_compare.CompareError, match="The target could not be read to its end: 2003 Can't connect"):
        compare(target_defaults_file=str(nobody))
    nobody.write_text("[client]\nhost=127.0.0.1\nport=1\nssl-ca=/nonexistent/ca.pem\n")
    with pytest.raises(mysql_compare.CompareError, match="The target could not be read to its end: .*No such file"):
        compare(target_defaults_file=str(nobody))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("host=db\npassword=very secret", "must have a group"),
        ("[client\npassword=very secret", "must have a group"),
        ("[client]\nport=very secret", "has a port that is not a number"),
    ],
)
def test_an_option_file_that_is_none_is_refused_without_its_content(tmp_path, text, sentence):
    path = tmp_path / "client.cnf"
    path.write_text(text)
    with pytest.raises(mysql_compare.CompareError, match=sentence) as refused:
        mysql_compare.read_login("target", str(path))
    assert str(path) in str(refused.value) and "very secret" not in str(refused.value)


def test_an_option_file_is_read_as_the_clients_read_it(tmp_path):
    path = tmp_path / "client.cnf"
    path.write_text(
        '!include /etc/other.cnf\n# not this\n[mysqld]\nuser=mysql\n[client]\nuser = wp  # the reader\npassword="a\\\\b\\"c\\sd#e;f%é" # secret\n'
        "host='db.example.com'\nport=3307\nsocket=/run/s\nprotocol=tcp\nssl_ca=/etc/ca.pem\nssl-verify-server-cert\n"
    )
    assert mysql_compare.read_login("target", str(path)) == {
        "host": "db.example.com",
        "port": 3307,
        "user": "wp",
        "password": 'a\\b"c d#e;f%é'.encode(),
        "unix_socket": None,
        "ssl_ca": "/etc/ca.pem",
        "ssl_verify_cert": True,
        "ssl_verify_identity": True,
    }


def test_the_account_of_the_option_file_is_the_one_that_logs_in(sql, compare, server, tmp_path):
    password = 'p\\w"é#;%'
    sql(f"CREATE OR REPLACE USER reader@localhost IDENTIFIED BY '{password.replace(chr(92), chr(92) * 2)}'; GRANT ALL ON *.* TO reader@localhost")
    quoted = password.replace("\\", "\\\\").replace('"', '\\"')
    path = tmp_path / "client.cnf"
    path.write_text(f'[client]\nuser=reader\npassword="{quoted}"\nsocket={Path(server).parent}/s\n')
    assert compare(source_defaults_file=str(path), target_schema="a")["equal"]
    path.write_text(f"[client]\nuser=reader\npassword=another\nsocket={Path(server).parent}/s\n")
    with pytest.raises(mysql_compare.CompareError, match="The source could not be read to its end: 1045 Access denied"):
        compare(source_defaults_file=str(path), target_schema="a")


def test_a_server_that_is_gone_ends_the_comparison(tmp_path, monkeypatch):
    """The driver would wait for its answer as long as TCP does."""
    monkeypatch.setattr(mysql_compare, "LOOK", 0.2)
    path = tmp_path / "client.cnf"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        path.write_text(f"[client]\nhost=127.0.0.1\nport={silent.getsockname()[1]}\n")
        began = time.monotonic()
        with pytest.raises(mysql_compare.CompareError, match="does not answer any more"):
            mysql_compare.Side("target", str(path), "a", pymysql)._query("SELECT 1")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("kind", "there", "here"),
    [
        # what MariaDB 10.11 and MySQL 9.7 show of the same default
        ("binary(16)", "'" + "\\0" * 16 + "'", "'" + "\\0" * 16 + "'"),
        ("binary(3)", b"'\xff\\0\xfe'", "0xFF00FE"),
        ("varchar(40)", "'rgba(0,0,0,0.5)'", "'rgba(0,0,0,0.5)'"),
        ("text", "'it''s'", "(_utf8mb4'it\\'s')"),
        ("int", "1", "'1'"),
        ("decimal(10,3)", "1.000", "'1'"),
        ("float", "0.000039", "'3.9e-5'"),
        ("double", "0.0000001", "'1e-7'"),
        ("bit(9)", "b'101'", "b'000000101'"),
        ("blob", "x'00ff'", "(0x00ff)"),
        ("datetime", "current_timestamp()", "CURRENT_TIMESTAMP"),
        ("timestamp(2)", "current_timestamp(2)", "CURRENT_TIMESTAMP(2)"),
        ("char(36)", "uuid()", "(uuid())"),
        ("int", "NULL", None),
        # a column that is not shown
        ("int", "7", "'7' /*!80023 INVISIBLE */"),
    ],
)
def test_a_default_is_its_value_however_it_is_spelt(kind, there, here):
    values = []
    for spelling in (there, here):
        default = b"" if spelling is None else b" DEFAULT " + (spelling if isinstance(spelling, bytes) else spelling.encode())
        create = b"CREATE TABLE `t` (\n  `a``b` " + kind.encode() + b" NOT NULL" + default + b" COMMENT 'DEFAULT 7, `x`',\n  KEY `k` (`a``b`)\n)"
        clauses = _mysql_values.default_clauses(create)
        assert list(clauses) == ["a`b"]
        values.append(_mysql_values.default_value(kind.split("(")[0], kind, clauses["a`b"]))
    assert values[0] == values[1]
