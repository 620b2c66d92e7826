# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of tables, views and code is adapted to the database here, and nothing else of it is touched."""

from __future__ import annotations

import os
import socket
import stat
import sys
import threading

import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _carry
from ansible_collections.cloudpress.lightsail.plugins.modules import wordpress_carry_database as database

MARIADB = {
    "utf8mb4_general_ci",
    "utf8mb4_unicode_520_ci",
    "utf8mb4_bin",
    "utf8mb3_general_ci",
    "utf8mb3_unicode_520_ci",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("utf8mb4_general_ci", "utf8mb4_general_ci"),
        ("utf8mb4_0900_ai_ci", "utf8mb4_unicode_520_ci"),
        ("utf8mb4_0900_as_cs", "utf8mb4_bin"),
        ("utf8mb4_0900_bin", "utf8mb4_bin"),
        ("utf8mb4_de_pb_0900_ai_ci", "utf8mb4_unicode_520_ci"),
        ("utf8mb4_uca1400_ai_ci", "utf8mb4_unicode_520_ci"),
        ("utf8_general_ci", "utf8mb3_general_ci"),
        ("klingon_ci", None),
    ],
)
def test_a_collation_that_is_unknown_here_is_replaced_by_the_nearest(name, expected):
    assert database.near_collation(name, MARIADB) == expected


def test_the_newer_order_is_taken_where_it_is_known():
    assert database.near_collation("utf8mb4_0900_ai_ci", {*MARIADB, "utf8mb4_uca1400_ai_ci"}) == "utf8mb4_uca1400_ai_ci"


DUMP = """/*M!999999\\- enable the sandbox mode */
-- MySQL dump 10.13
/*!40101 SET NAMES utf8mb4 */;
SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '';
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;

--
-- Table structure for table `wp_posts`
--
CREATE TABLE `wp_posts` (
  `a` text COLLATE utf8mb4_0900_ai_ci COMMENT 'DEFINER of all'
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
/*!50003 CREATE*/ /*!50017 DEFINER=`ro``ot`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1 */;;
/*!50003 SET collation_connection  = utf8mb4_0900_ai_ci */ ;

--
-- Final view structure for view `v`
--
/*!50013 DEFINER=root@localhost SQL SECURITY DEFINER */
"""


def test_definers_and_collations_are_those_of_this_host():
    replaced = {}
    text = database.adapt(DUMP, MARIADB, "`wp`@`localhost`", replaced)
    assert replaced == {"utf8mb4_0900_ai_ci": "utf8mb4_unicode_520_ci"}
    assert "sandbox" not in text and "GTID" not in text and "0900" not in text and "root" not in text
    assert text.count("DEFINER=`wp`@`localhost`") == 2 and "COMMENT 'DEFINER of all'" in text


def test_a_collation_without_a_like_is_an_error_in_a_sentence():
    with pytest.raises(_carry.CarryError, match="knows no collation like klingon_ci"):
        database.adapt("CREATE TABLE a (b text COLLATE klingon_ci)", MARIADB, "x", {})


def test_views_come_apart_with_the_settings_of_the_dump():
    tables, views = database.split_views(DUMP)
    assert tables.endswith("utf8mb4_0900_ai_ci */ ;\n\n") and "view" not in tables
    assert views.startswith("/*!40101 SET NAMES utf8mb4 */;\n/*!40101 SET @OLD_SQL_MODE") and "Final view" in views
    assert database.split_views("CREATE TABLE a (b int);") == ("CREATE TABLE a (b int);", "")


def test_a_password_stands_in_a_file_of_root_s_alone(tmp_path):
    path = tmp_path / "source.cnf"
    path.write_text("older")
    path.chmod(0o644)
    database.option_file(str(path), {"user": "wp", "password": 'a"b\\c#d', "socket": None})
    assert path.read_text() == '[client]\nuser="wp"\npassword="a\\"b\\\\c#d"\n[client-mariadb]\nskip-ssl\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_a_connection_is_led_to_the_database_and_back(tmp_path, monkeypatch, kind):
    """Through the real program of the source, which runs on this machine."""
    monkeypatch.setattr(_carry, "agent_command", lambda source: [sys.executable, "-c", _carry.BOOT])
    monkeypatch.chdir(tmp_path)
    server = socket.socket(socket.AF_UNIX) if kind == "unix" else socket.socket()
    server.bind("there" if kind == "unix" else ("127.0.0.1", 0))
    server.listen(1)

    def answer():
        peer, _address = server.accept()
        with peer:
            peer.sendall(b"hello " + peer.recv(100) + os.urandom(0) + b"x" * 1_000_000)

    threading.Thread(target=answer, daemon=True).start()
    there = {"socket": str(tmp_path / "there") if kind == "unix" else "", "host": "127.0.0.1", "port": 0}
    there["port"] = server.getsockname()[1] if kind == "tcp" else 0
    wanted = {
        "source": {"address": "x", "user": "y", "directory": str(tmp_path)},
        "source_database": there,
        "target_database": {"schema": "s"},
    }
    here, client = socket.socketpair()
    request = {"do": "lead", **there}
    threading.Thread(target=database.Databases(wanted).lead_one, args=(here, request), daemon=True).start()
    client.sendall(b"world")
    client.settimeout(20)
    found = b""
    while piece := client.recv(65536):
        found += piece
    assert found == b"hello world" + b"x" * 1_000_000
