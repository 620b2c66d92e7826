# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is hard to move is moved, what cannot be moved is refused before the site is stopped, and what went wrong is found."""

from __future__ import annotations

import re

import pytest
from lab import SCHEMA, message
from layouts import layout


def test_moved_and_found_equal(lab):
    before = lab.php('echo md5(serialize($wpdb->get_results("SELECT * FROM {$wpdb->posts} ORDER BY ID")));')
    status, output = lab.move("--check")
    assert status == 0 and "would be moved" in output
    assert lab.state() == "old" and not lab.there(f"SELECT 1 FROM information_schema.tables WHERE table_schema = '{SCHEMA}'")
    status, output = lab.move()
    assert status == 0, output
    # it works or not, as the case may be, which only its caller knows
    assert "Look at procedure p_mixed: " in output
    result = lab.result()
    assert result["state"] == "moved" and result["tables"] > 25 and result["mb_per_second"] > 0 and result["tls_cipher"].startswith("TLS")
    print(f"{result['rows']} rows of {result['tables']} tables, {result['bytes'] / 1e6:.0f} MB, outage {result['outage_seconds']} s")
    assert lab.state() == "new"
    assert lab.php('echo md5(serialize($wpdb->get_results("SELECT * FROM {$wpdb->posts} ORDER BY ID")));') == before
    status, output = lab.move()
    assert status == 0 and re.search(r"changed=0 ", output) and lab.result()["state"] == "already_moved"


@pytest.fixture(scope="module")
def refused_lab(prepared_lab):
    """One host for all refusals, as they leave nothing behind."""
    prepared_lab.host({"snapshot": "prepared"})
    prepared_lab.empty_database()
    prepared_lab.here("SET GLOBAL max_allowed_packet = 128 * 1048576")
    return prepared_lab


@pytest.mark.parametrize(
    ("what", "named"),
    [
        ("CREATE TABLE x (i int, u uuid);", "column u of table x is of type uuid"),
        ("CREATE TABLE x (a inet6);", "column a of table x is of type inet6"),
        ("CREATE SEQUENCE x;", "x is of type SEQUENCE"),
        ("CREATE TABLE x (i int) WITH SYSTEM VERSIONING;", "x is of type SYSTEM VERSIONED"),
        ("CREATE TABLE x (a int, b int AUTO_INCREMENT, PRIMARY KEY (a, b)) ENGINE=MyISAM;", "table x"),
        ("CREATE TABLE x (j varchar(50) CHECK (JSON_COMPACT(j) <> ''));", "table x"),
        ("CREATE VIEW x AS SELECT SFORMAT('{}', 1) AS y;", "view x"),
        ("DELIMITER //\nCREATE PROCEDURE x() BEGIN FOR i IN (SELECT 1) DO SET @a = 1; END FOR; END//", "procedure x"),
        ("SET sql_mode = ORACLE;\nDELIMITER //\nCREATE PROCEDURE x AS BEGIN NULL; END//", "procedure x was written for the mode ORACLE"),
        (
            "CREATE TABLE x (s varchar(9) COLLATE utf8mb4_uca1400_nopad_ai_ci, UNIQUE KEY one (s)); INSERT INTO x VALUES ('a'), ('a ');",
            "the unique index one of table x",
        ),
        # what MySQL takes, but with GTIDs refuses to run, because MEMORY is not transactional
        ("CREATE TABLE x (i int); CREATE TRIGGER x_counts AFTER INSERT ON x FOR EACH ROW INSERT INTO t_memory VALUES (1);", "trigger x_counts of table x"),
        ("CREATE TABLE x (i int) ENGINE=MEMORY; CREATE TRIGGER x_logs BEFORE DELETE ON x FOR EACH ROW INSERT INTO t_parts VALUES (1, 1);", "trigger x_logs of"),
        (
            "CREATE PROCEDURE x() INSERT INTO t_memory VALUES (1); CREATE TABLE x (i int, v int AS (i + 1) STORED);"
            " CREATE TRIGGER x_calls BEFORE UPDATE ON x FOR EACH ROW CALL x();",
            "trigger x_calls of table x",
        ),
        (
            "DELIMITER //\nCREATE FUNCTION x(a int, b text) RETURNS int BEGIN INSERT INTO t_memory VALUES (a); DELETE FROM t_parts; RETURN 1; END//",
            "function x, but refuses to run it",
        ),
        ("CREATE TABLE x (b longblob); INSERT INTO x VALUES (REPEAT('x', 40000000));", "The table x holds a row"),
    ],
)
def test_refused_by_name_before_the_site_is_stopped(refused_lab, what, named):
    lab = refused_lab
    lab.here(what)
    statuses = []
    status, output = lab.move(on_line=lambda line: statuses.append(lab.visit()[0]) if line.startswith("TASK") else None)
    for kind in ("TABLE", "VIEW", "PROCEDURE", "FUNCTION", "SEQUENCE"):
        lab.here(f"DROP {kind} IF EXISTS x;")
    assert status != 0 and named in message(output), output
    assert set(statuses) == {200} and lab.state() == "old"
    assert not lab.there(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{SCHEMA}'")
    assert not lab.there("SELECT user FROM mysql.user WHERE user = 'wordpress'")
    assert lab.shell(f"ls -A {lab.layout.state}/move 2>/dev/null || true") == ""


@pytest.mark.skipif(layout().schema == SCHEMA, reason="the schema keeps its name")
def test_code_that_names_a_schema_that_gets_another_name_is_refused(refused_lab):
    schema = refused_lab.layout.schema
    refused_lab.here(f"CREATE PROCEDURE x() SELECT * FROM {schema}.wp_posts;")
    status, output = refused_lab.move()
    refused_lab.here("DROP PROCEDURE x;")
    assert status != 0 and f"procedure x names its schema {schema}" in message(output), output


@pytest.fixture(scope="module")
def copied_lab(prepared_lab):
    """Moved, and with a way to compare again."""
    lab = prepared_lab
    lab.host({"snapshot": "prepared"})
    lab.empty_database()
    status, output = lab.move()
    assert status == 0, output
    return lab


@pytest.mark.parametrize(
    ("plant", "undo", "found"),
    [
        (
            "UPDATE t_huge SET b = INSERT(b, 9999999, 1, CHAR(ORD(SUBSTR(b, 9999999, 1)) ^ 1)) WHERE id = 1",
            "UPDATE t_huge SET b = INSERT(b, 9999999, 1, CHAR(ORD(SUBSTR(b, 9999999, 1)) ^ 1)) WHERE id = 1",
            "table t_huge: the 2 rows differ in content; row with id = 1 differs in b",
        ),
        (
            "DELETE FROM `order`",
            "INSERT INTO `order` VALUES (1, 2, 3, 'x')",
            "table order: 1 rows in the source, 0 in the target; row with group = 1 is missing in the target",
        ),
        (
            "DROP TRIGGER tr_after",
            "CREATE TRIGGER tr_after AFTER INSERT ON t_twins FOR EACH ROW INSERT INTO t_inserted VALUES (1)",
            "trigger t_twins.tr_after: missing in the target",
        ),
        (
            "ALTER TABLE t_myisam MODIFY k varchar(50) COLLATE utf8mb4_bin NOT NULL",
            "ALTER TABLE t_myisam MODIFY k varchar(50) COLLATE utf8mb4_0900_as_cs NOT NULL",
            "column t_myisam.k: collation is utf8mb4_uca1400_as_cs in the source, utf8mb4_bin in the target",
        ),
        (
            "ALTER TABLE shop_customers AUTO_INCREMENT = 90002",
            "ALTER TABLE shop_customers AUTO_INCREMENT = 95000",
            "table shop_customers: next number is 95000 in the source, 90002 in the target",
        ),
    ],
)
def test_planted_faults_are_found(copied_lab, plant, undo, found):
    copied_lab.there(f"USE {SCHEMA}; {plant}")
    result = copied_lab.compare()
    copied_lab.there(f"USE {SCHEMA}; {undo}")
    # the role's own proof has written an option, and WordPress works on
    differences = [what for what in result["differences"] if "wp_options" not in what]
    assert differences == [found]
