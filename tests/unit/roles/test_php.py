# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The PHP of the roles, run by real PHP: the replacement of addresses and the adaptation of a dump."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROLES = Path(__file__).resolve().parents[3] / "roles"
PHP = shutil.which("php")
pytestmark = pytest.mark.skipif(PHP is None, reason="needs a php on PATH")


def php(code: str, value: object) -> object:
    code = "$in = json_decode(stream_get_contents(STDIN), true); " + code + " echo json_encode($out);"
    done = subprocess.run([PHP, "-d", "display_errors=stderr", "-r", code], input=json.dumps(value).encode(), capture_output=True, check=True)
    return json.loads(done.stdout)


def rewrite(text: str) -> str:
    code = (
        f"require '{ROLES}/wordpress_web_node/files/rewrite.php';"
        "$out = (new Cloudpress_Rewriter('https://www.example.com', array('192.0.2.1', '127.0.0.1', 'www.example.com')))->rewrite($in);"
    )
    return php(code, text)


def serialized(value: object) -> str:
    return php("$out = serialize($in);", value)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("http://192.0.2.1/a", "https://www.example.com/a"),
        ("HTTPS://192.0.2.1:443/a http://127.0.0.1", "https://www.example.com/a https://www.example.com"),
        ("http://192.0.2.1:80/", "https://www.example.com/"),
        ("see http://192.0.2.1.", "see https://www.example.com."),
        ("http://192.0.2.10/ http://192.0.2.1:8080/ http://192.0.2.1.example/", "http://192.0.2.10/ http://192.0.2.1:8080/ http://192.0.2.1.example/"),
        ("http://www.example.com/ https://www.example.com/", "https://www.example.com/ https://www.example.com/"),
        ('{"u":"http:\\/\\/192.0.2.1\\/x"}', '{"u":"https:\\/\\/www.example.com\\/x"}'),
        ("to=http%3A%2F%2F192.0.2.1%2Fx", "to=https%3A%2F%2Fwww.example.com%2Fx"),
        ('src="//192.0.2.1/x"', 'src="//www.example.com/x"'),
        ("192.0.2.1 is an address", "192.0.2.1 is an address"),
        ("cost $1 http://192.0.2.1/$0", "cost $1 https://www.example.com/$0"),
        ("", ""),
    ],
)
def test_addresses_in_text(before, after):
    assert rewrite(before) == after


@pytest.mark.parametrize(
    "build",
    [
        lambda u: {"a": u + "/ü🎉", "n": [1, 2.5, True, None, u], "http://192.0.2.1/key": 1},
        lambda u: {"nested": serialized({"deep": serialized([u])})},
        lambda u: [json.dumps({"u": u})],
    ],
)
def test_addresses_in_serialized_values(build):
    before = serialized(build("http://192.0.2.1"))
    assert rewrite(before) == serialized(build("https://www.example.com"))


def test_objects_are_not_unserialized():
    before = 'O:9:"Not_There":2:{s:1:"u";s:16:"http://192.0.2.1";s:5:"\0*\0pr";i:5;}'
    assert rewrite(before) == 'O:9:"Not_There":2:{s:1:"u";s:23:"https://www.example.com";s:5:"\0*\0pr";i:5;}'
    own = 'a:1:{i:0;C:3:"Own":16:{http://192.0.2.1}}'
    assert rewrite(own) == own


@pytest.mark.parametrize("broken", ["a:1:{i:0;", "i:5; http://192.0.2.1", "a:1:{x} http://192.0.2.1", "class:3:x http://192.0.2.1"])
def test_what_only_looks_serialized_is_text(broken):
    assert rewrite(broken) == broken.replace("http://192.0.2.1", "https://www.example.com")


KNOWN = ("utf8mb4_unicode_520_ci", "utf8mb4_0900_ai_ci", "utf8mb4_0900_as_cs", "utf8mb4_bin", "utf8mb3_general_ci", "utf8mb4_swedish_ci", "utf8mb4_general_ci")


def schema(code: str, value: object) -> object:
    code = f"require '{ROLES}/wordpress_database/files/schema.php'; try {{ {code} }} catch (Refusal $e) {{ $out = array('refusal' => $e->getMessage()); }}"
    return php(code, value)


def transform(text: str) -> object:
    return schema("$map = array(); $out = transform_text($in[0], array_flip($in[1]), $map, array('utf8mb4' => 'utf8mb4_general_ci'));", [text, list(KNOWN)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/*M!999999\\- enable the sandbox mode */ \nX", "X"),
        ("/*!999999\\- enable the sandbox mode */\nX", "X"),
        ("CREATE DEFINER=`ro``ot`@`local%` PROCEDURE `p`()", "CREATE PROCEDURE `p`()"),
        ("/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t", "/*!50003 CREATE*/ /*!50003 TRIGGER t"),
        ("/*!50013 DEFINER=`a`@`b` SQL SECURITY INVOKER */", "/*!50013 SQL SECURITY INVOKER */"),
        ("  SELECT 'DEFINER=`a`@`b`' AS x", "  SELECT 'DEFINER=`a`@`b`' AS x"),
        (
            ") ENGINE=Aria DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci PAGE_CHECKSUM=1;",
            ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;",
        ),
        (") ENGINE=MyISAM ROW_FORMAT=FIXED COLLATE=utf8mb4_uca1400_as_cs;", ") ENGINE=InnoDB COLLATE=utf8mb4_0900_as_cs;"),
        ("  `k` varchar(5) COLLATE utf8_general_ci NOT NULL,", "  `k` varchar(5) COLLATE utf8mb3_general_ci NOT NULL,"),
        ("  `t` longtext NOT NULL DEFAULT 'it''s \\'x',", "  `t` longtext NOT NULL DEFAULT ('it''s \\'x'),"),
        ("  `v` varchar(9) NOT NULL DEFAULT 'x',", "  `v` varchar(9) NOT NULL DEFAULT 'x',"),
        ("  `v` varchar(9) DEFAULT uuid(),", "  `v` varchar(9) DEFAULT (uuid()),"),
        ("  `v` varchar(9) DEFAULT concat('a)',left(uuid(),3)) COMMENT 'x',", "  `v` varchar(9) DEFAULT (concat('a)',left(uuid(),3))) COMMENT 'x',"),
        ("  `v` int(11) DEFAULT (1 + 2),", "  `v` int(11) DEFAULT (1 + 2),"),
        (
            "  `d` datetime DEFAULT current_timestamp() ON UPDATE current_timestamp(),",
            "  `d` datetime DEFAULT current_timestamp() ON UPDATE current_timestamp(),",
        ),
        ("  KEY `k` (`a`) IGNORED,", "  KEY `k` (`a`) INVISIBLE,"),
        ("  `k` varchar(5) COLLATE utf8mb4_uca1400_swedish_ai_ci,", "  `k` varchar(5) COLLATE utf8mb4_swedish_ci,"),
        # where a server names the character set only, its default collation is meant, which is another one on the target
        (") ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4;", ") ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;"),
        ("  `k` varchar(5) CHARACTER SET utf8mb4 NOT NULL,", "  `k` varchar(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL,"),
        ("  `k` varchar(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,", "  `k` varchar(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,"),
        ("(PARTITION `p0` VALUES LESS THAN (10) ENGINE = Aria,", "(PARTITION `p0` VALUES LESS THAN (10) ENGINE = InnoDB,"),
        (
            "/*!50106 CREATE*/ /*!50117 DEFINER=`r`@`l`*/ /*!50106 EVENT `e` ON SCHEDULE AT 'x' ON COMPLETION NOT PRESERVE ENABLE DO SELECT 'ENABLE' */ ;;",
            "/*!50106 CREATE*/ /*!50106 EVENT `e` ON SCHEDULE AT 'x' ON COMPLETION NOT PRESERVE DISABLE DO SELECT 'ENABLE' */ ;;",
        ),
        (
            "/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION' */ ;",
            "/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION' */ ;",
        ),
    ],
)
def test_dump_is_adapted(before, after):
    assert transform(before).strip() == after.strip()


def test_unknown_collation_is_refused():
    assert "klingon_ci" in transform("  `k` varchar(5) COLLATE klingon_ci,")["refusal"]


def test_statements_of_a_dump():
    text = (
        "/*M!999999\\- enable the sandbox mode */\n-- a comment;\n\n/*!40101 SET NAMES utf8mb4 */;\n/*M!100616 SET NOTE_VERBOSITY=0 */;\nCREATE TABLE `a;b` (\n"
        "  `x` int COMMENT ';'\n) ENGINE=InnoDB;\nDELIMITER ;;\nCREATE TRIGGER t BEGIN\n  -- no; end;\n  SET @a = 1;\nEND ;;\nDELIMITER ;\nDROP VIEW v;\n"
    )
    found = schema("$out = iterator_to_array(statements(transform_text($in, array())), false);", text)
    assert found[0].endswith("SET NAMES utf8mb4 */")
    assert found[1].startswith("CREATE TABLE `a;b`") and found[1].endswith("ENGINE=InnoDB")
    assert found[2].startswith("CREATE TRIGGER") and found[2].endswith("END")
    assert found[3:] == ["DROP VIEW v"]


def test_views_come_after_the_code():
    text = "CREATE TABLE a;\n\n--\n-- Final view structure for view `v`\n--\n\nDROP VIEW v;\n-- Dump completed\n"
    tables, views = schema("$out = split_views($in);", text)
    assert tables.startswith("CREATE TABLE a") and "DROP VIEW v" not in tables and "DROP VIEW v" in views


@pytest.mark.parametrize(
    ("body", "bound"),
    [
        ("SELECT * FROM `site`.`t`", True),
        ("SELECT * FROM site . t", True),
        ("SELECT SITE.t.x", True),
        ("SELECT a.site.x, `my`.`site`, website.t, 'site'", False),
        ("SELECT site FROM t", False),
    ],
)
def test_code_that_names_its_own_schema(body, bound):
    assert bool(schema("$out = bound_to(array(array('body' => $in)), 'site');", body)) is bound


def test_the_schema_is_renamed_where_the_dump_names_it():
    text = "/*!50003 ALTER DATABASE `a$1` CHARACTER SET utf8mb4 */ ;\nINSERT `a$1` ;\n"
    assert schema("$out = rename_schema($in, 'a$1', 'b$0');", text) == text.replace("DATABASE `a$1`", "DATABASE `b$0`")
