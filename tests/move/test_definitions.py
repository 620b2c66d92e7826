# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people's tables are like: it is moved, or refused with what to do about it while the site still runs."""

from __future__ import annotations

import pytest
import yaml
from lab import ENDPOINT, MARK, SCHEMA, message
from layouts import layout

# The definer of a view that is gone, names of CHECKs that MariaDB gives to each table, row formats that would shorten keys, tables
# that the owner has put elsewhere, comments that look like options, dates that are none
MOVED = """
CREATE TABLE v_base (a int, `odd``name` int);
INSERT INTO v_base VALUES (1, 2);
CREATE USER cpanel_user@localhost;
GRANT ALL ON `{schema}`.* TO cpanel_user@localhost;
CREATE DEFINER='cpanel_user'@'localhost' VIEW v_report AS SELECT a, `odd``name`, '`{schema}`.`a`' AS quoted FROM v_base;
CREATE DEFINER='cpanel_user'@'localhost' SQL SECURITY INVOKER VIEW v_both AS
  SELECT one.a FROM v_base one JOIN (SELECT a FROM v_report) two ON one.a = two.a;
CREATE VIEW v_plain AS SELECT a FROM v_both;
DROP USER cpanel_user@localhost;
CREATE TABLE k1 (a int, b int, CHECK (a < b), CONSTRAINT mine CHECK (a > 0));
CREATE TABLE k2 (a int, b int, CHECK (a < b), CHECK (b < 9), CONSTRAINT Mine CHECK (a > 1), CONSTRAINT own CHECK (a <> 7));
INSERT INTO k1 VALUES (1, 2);
CREATE TABLE c1 (id int PRIMARY KEY, k varchar(200) NOT NULL, KEY k (k)) ENGINE=MyISAM ROW_FORMAT=COMPACT DEFAULT CHARSET=utf8mb4;
CREATE TABLE c2 (id int PRIMARY KEY, k varchar(200), UNIQUE KEY k (k)) ENGINE=Aria ROW_FORMAT=PAGE DEFAULT CHARSET=utf8mb4
  COMMENT='ENGINE=MyISAM ROW_FORMAT=FIXED it''s \\\\';
CREATE TABLE c3 (id int PRIMARY KEY, k varchar(100), KEY k (k) KEY_BLOCK_SIZE=2048 COMMENT 'a KEY_BLOCK_SIZE=1') ENGINE=MyISAM KEY_BLOCK_SIZE=1024
  PACK_KEYS=1 CHECKSUM=1 DELAY_KEY_WRITE=1 AVG_ROW_LENGTH=100 MAX_ROWS=1000;
INSERT INTO c3 VALUES (1, 'x');
CREATE TABLE d1 (id int PRIMARY KEY, d date, t datetime);
SET sql_mode = 'ALLOW_INVALID_DATES';
INSERT INTO d1 VALUES (1, '2023-02-31', '2023-02-30 01:02:03'), (2, '2023-00-00', '0000-00-00 00:00:00');
"""
REFUSED = [
    # what, how it is undone, what is named, what to do
    (
        "CREATE TABLE x (code int, KEY code (code)); CREATE TABLE x2 (code int, CONSTRAINT x2_fk FOREIGN KEY (code) REFERENCES x (code));",
        "DROP TABLE x2, x",
        ("table x2", "make the key that the foreign key refers to UNIQUE"),
    ),
    ("CREATE TABLE x (t text, UNIQUE KEY t (t));", "DROP TABLE x", ("table x", "UNIQUE KEY (name(191))")),
    (
        "CREATE TABLE x (" + ", ".join(f"c{i} varchar(255)" for i in range(250)) + ") ENGINE=MyISAM DEFAULT CHARSET=latin1;",
        "DROP TABLE x",
        ("table x", "change some of its VARCHAR columns to TEXT"),
    ),
    ("CREATE TABLE x (a int); CREATE VIEW xv AS SELECT a FROM x; DROP TABLE x;", "DROP VIEW xv", ("view xv", "x' doesn't exist", "Correct or drop")),
    (
        "CREATE TABLE x (a int, b int); CREATE VIEW xv AS SELECT b FROM x; ALTER TABLE x DROP COLUMN b;",
        "DROP VIEW xv; DROP TABLE x",
        ("view xv", "Correct or drop"),
    ),
    ("CREATE TABLE x (d decimal(65,38));", "DROP TABLE x", ("table x", "at most 30 decimals")),
    (
        "CREATE TABLE x (id int PRIMARY KEY, v text) CHARSET utf8mb4; INSERT INTO x VALUES (1, 'ok'), (7, _utf8mb4 0x61EDA08062);",
        "DROP TABLE x",
        ("column v of table x", "surrogate", "id = 7"),
    ),
    (
        "CREATE TABLE x (k varchar(9) PRIMARY KEY, v varchar(9)) CHARSET ucs2; INSERT INTO x VALUES ('ü', _ucs2 0xD8000061);",
        "DROP TABLE x",
        ("column v of table x", "surrogate", "k = 0xc3bc"),
    ),
    (
        "CREATE TABLE x (v varchar(9)) CHARSET cp1250; INSERT INTO x VALUES (CONVERT(0x6181 USING cp1250));",
        "DROP TABLE x",
        ("column v of table x", "no character of cp1250"),
    ),
    (
        "CREATE TABLE x (id int PRIMARY KEY, a int CHECK (a > 0)); SET check_constraint_checks = 0; INSERT INTO x VALUES (5, -1);",
        "DROP TABLE x",
        ("table x", "CHECK a", "id = 5"),
    ),
]
# MariaDB 11.5 and newer keep later times; on Debian's it cannot be
LATE = ("CREATE TABLE x (id int PRIMARY KEY, expires timestamp NULL); INSERT INTO x VALUES (2, '2040-06-01 12:00:00');", "DROP TABLE x")


@pytest.fixture(scope="module")
def moved(empty_lab):
    lab = empty_lab
    lab.host()
    lab.php(f'wp_insert_post(array("post_title" => "{MARK}", "post_status" => "publish"));')
    said = lab.here(MOVED.format(schema=lab.layout.schema))
    assert not said, said
    # a collation that MySQL lacks, in wp-config.php as in the tables
    lab.shell(f"sed -i \"s/define( *'DB_COLLATE'.*/define( 'DB_COLLATE', 'utf8mb4_nopad_bin' );/\" $(readlink -f {lab.layout.config})")
    lab.empty_database()
    status, output = lab.move()
    assert status == 0, output
    return lab


def test_what_mysql_spells_otherwise_is_moved(moved):
    assert moved.there(f"SELECT * FROM {SCHEMA}.v_report") == [f"1\t2\t`{moved.layout.schema}`.`a`"]
    assert moved.there(f"SELECT * FROM {SCHEMA}.v_plain") == ["1"]
    assert moved.there(f"SELECT d, t FROM {SCHEMA}.d1 ORDER BY id") == ["2023-02-31\t2023-02-30 01:02:03", "2023-00-00\t0000-00-00 00:00:00"]


def test_keys_of_converted_tables_keep_their_length(moved):
    query = f"SELECT table_name, sub_part FROM information_schema.statistics WHERE table_schema = '{SCHEMA}' AND index_name = 'k' ORDER BY 1"
    assert moved.there(query) == ["c1\tNULL", "c2\tNULL", "c3\tNULL"]
    comment = f"SELECT table_comment FROM information_schema.tables WHERE table_schema = '{SCHEMA}' AND table_name = 'c2'"
    assert moved.there(comment) == ["ENGINE=MyISAM ROW_FORMAT=FIXED it's \\\\"]


def test_each_check_still_refuses(moved):
    query = f"SELECT table_name FROM information_schema.table_constraints WHERE constraint_type = 'CHECK' AND table_schema = '{SCHEMA}'"
    assert sorted(name for name in moved.there(query) if name in ("k1", "k2")) == ["k1"] * 2 + ["k2"] * 4


def test_clients_on_the_command_line_get_in_over_verified_tls_without_being_told(moved):
    lab = moved
    lab.shell("umask 077; cat > /root/password", input=lab.php("echo DB_PASSWORD;"))
    dump, client = lab.layout.mysqldump.split()[-2], lab.layout.mysql.split()[-2]
    account = f"MYSQL_PWD=$(cat /root/password) {{}} --user=wordpress --host={ENDPOINT}"
    assert "CREATE TABLE `wp_posts`" in lab.shell(f"{account.format(dump)} --no-tablespaces {SCHEMA}")
    assert lab.shell(f"{account.format(client)} --batch --skip-column-names -e \"SHOW STATUS LIKE 'Ssl_cipher'\"").split()[1].startswith("TLS")
    # it is verified: with the authorities of somebody else nobody gets in
    other = lab.shell(f"{account.format(client)} --ssl-ca=/etc/ssl/certs/ISRG_Root_X1.pem -e 'SELECT 1' 2>&1", check=False)
    assert "certificate" in other.lower(), other
    for config in lab.shell("find / -xdev -path '*/.wp-cli/config.yml' -o -xdev -path '*/wp-cli/conf/wp-cli.yml'").split():
        assert yaml.safe_load(lab.shell(f"cat {config}"))["db export"]["defaults"] is True


def test_db_collate_is_what_the_tables_have_got(moved):
    assert moved.php("echo DB_COLLATE;") == "utf8mb4_bin"
    assert moved.php("require_once ABSPATH . 'wp-admin/includes/upgrade.php'; echo $wpdb->get_var('SELECT @@collation_connection');") == "utf8mb4_bin"


@pytest.fixture(scope="module")
def standing(moved):
    """A host whose site is not moved; refusals leave nothing behind."""
    moved.host()
    moved.php(f'wp_insert_post(array("post_title" => "{MARK}", "post_status" => "publish"));')
    moved.empty_database()
    return moved


def refused(lab, what, undo, *arguments, **variables):
    """The reason, from a run during which the site never stopped."""
    said = lab.here(what)
    assert not said, said
    statuses = []
    status, output = lab.move(*arguments, on_line=lambda line: statuses.append(lab.visit()[0]) if line.startswith("TASK") else None, **variables)
    lab.here(undo)
    assert status != 0 and set(statuses) == {200} and lab.state() == "old", output
    assert not lab.there(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{SCHEMA}'")
    assert lab.shell(f"ls -A {lab.layout.state}/move 2>/dev/null || true") == ""
    return message(output)


@pytest.mark.parametrize(("what", "undo", "named"), REFUSED, ids=[named[0] + ", " + named[1] for _what, _undo, named in REFUSED])
def test_refused_with_the_cure_while_the_site_runs(standing, what, undo, named):
    reason = refused(standing, what, undo)
    assert [words for words in named if words not in reason] == [], reason


def test_times_that_timestamp_does_not_hold_in_mysql(standing):
    said = standing.here(LATE[0], check=False)
    standing.here(LATE[1])
    if said:
        pytest.skip("this MariaDB does not store them either")
    reason = refused(standing, *LATE)
    assert "column expires of table x" in reason and "id = 2" in reason and "DATETIME" in reason, reason


def test_a_damaged_table_is_repaired_only_when_told_so(standing):
    lab = standing
    make = "CREATE TABLE wp_statistics (id int AUTO_INCREMENT PRIMARY KEY, v varchar(200)) ENGINE=MyISAM; " + "INSERT INTO wp_statistics (v) VALUES ('x');" * 3
    lab.here(make + " INSERT INTO wp_statistics (v) SELECT REPEAT('y', 200) FROM wp_posts p, wp_options o LIMIT 300; FLUSH TABLES;")
    data = lab.shell(f"find / -xdev -path '*{lab.layout.schema}/wp_statistics.MYD' 2>/dev/null").strip()
    lab.shell(f"truncate -s 10000 {data}")
    reason = refused(lab, "FLUSH TABLES;", "")
    assert "table wp_statistics" in reason and "wordpress_database_repair_tables" in reason, reason
    status, output = lab.move("--check", wordpress_database_repair_tables=True)
    assert status == 0 and "Would repair table wp_statistics" in output, output
    lab.here("FLUSH TABLES")
    assert lab.here("CHECK TABLE wp_statistics")[-1].split("\t")[-1] != "OK", "check mode repaired it"
    status, output = lab.move(wordpress_database_repair_tables=True)
    assert status == 0 and "Repaired table wp_statistics" in output, output
    kept = lab.there(f"SELECT COUNT(*), MIN(v) FROM {SCHEMA}.wp_statistics")[0].split("\t")
    assert 3 <= int(kept[0]) < 300 and kept[1] == "x", kept


@pytest.mark.skipif(layout().schema == SCHEMA, reason="the schema keeps its name")
def test_no_name_of_the_old_schema_is_left(moved):
    assert not moved.there(
        f"SELECT table_name FROM information_schema.views WHERE table_schema = '{SCHEMA}' AND view_definition LIKE '%`{moved.layout.schema}`.`v\\_%'"
    )
