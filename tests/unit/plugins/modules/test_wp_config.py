# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wp_config against real PHP: the inputs on which editors of wp-config.php are known to fail."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from ansible_collections.cloudpress.lightsail.plugins.modules import wp_config

PHP = shutil.which("php") or "php"

BITNAMI = b"""<?php
/**
 * The base configuration for WordPress
 * That's all, stop editing! is what the last comment says.
 */

// ** Database settings ** //
/** The name of the database for WordPress */
define( 'DB_NAME', 'bitnami_wordpress' );

/** Database username */
define( 'DB_USER', 'bn_wordpress' );

/** Database password */
define( 'DB_PASSWORD', 'old-secret-value' );

/** Database hostname */
define( 'DB_HOST', '127.0.0.1:3306' );

define( 'DB_CHARSET', 'utf8' );
define( 'DB_COLLATE', '' );
define( 'AUTH_KEY',         'put $your \\'unique\\' phrase here' );
$table_prefix = 'wp_';
define( 'WP_DEBUG', false );

define( 'FS_METHOD', 'direct' );
if ( defined( 'WP_CLI' ) ) {
	$_SERVER['HTTP_HOST'] = '127.0.0.1';
}

define( 'WP_HOME', 'http://' . $_SERVER['HTTP_HOST'] . '/' );
define( 'WP_SITEURL', 'http://' . $_SERVER['HTTP_HOST'] . '/' );
define( 'WP_AUTO_UPDATE_CORE', 'minor' );
/* That's all, stop editing! Happy publishing. */

/** Absolute path to the WordPress directory. */
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}

/** Sets up WordPress vars and included files. */
require_once ABSPATH . 'wp-settings.php';

/**
 * Disable pingback.ping xmlrpc method
 */
if ( !defined( 'WP_CLI' ) ) {
	// remove x-pingback HTTP header
	add_filter("wp_headers", function($headers) {
		unset($headers["X-Pingback"]);
		return $headers;
	});
}
"""


def small(lines: str) -> bytes:
    return ("<?php\n" + lines + "\nrequire_once ABSPATH . 'wp-settings.php';\n").encode()


class Module:
    """What run() needs of AnsibleModule."""

    def __init__(self, path, check_mode=False, diff=True, **params):
        self.params = dict(
            {
                "path": str(path),
                "constants": {},
                "secrets": {},
                "raw": {},
                "absent": [],
                "blocks": {},
                "php": None,
                "web_user": "",
                "root": None,
                "backup": True,
            },
            backup_dir=str(path.parent.parent / "backups"),
        )
        self.params.update(params)
        self.check_mode, self._diff = check_mode, diff
        self.warnings, self.no_log_values = [], set()

    def warn(self, text):
        self.warnings.append(text)


@pytest.fixture
def place(tmp_path):
    (tmp_path / "web").mkdir()

    def put(data: bytes):
        path = tmp_path / "web" / "wp-config.php"
        path.write_bytes(data)
        path.chmod(0o640)
        return path

    return put


def apply(path, **params):
    module = Module(path, **params)
    result = wp_config.run(module)
    result["warnings"] = module.warnings
    again = wp_config.run(Module(path, **params))
    assert params.get("check_mode") or not again["changed"], "a second run must change nothing"
    return result


def php_value(path, name):
    """The constant as a PHP that knows nothing of the module sees it."""
    (path.parent / "wp-settings.php").write_text("<?php\n")
    code = (
        "$_SERVER['HTTP_HOST']='h.invalid'; define('ABSPATH', $argv[1]); function add_filter() {}"
        "ob_start(); require $argv[2]; ob_end_clean(); echo json_encode(base64_encode(serialize(constant($argv[3]))));"
    )
    out = subprocess.run([PHP, "-r", code, "--", str(path.parent) + "/", str(path), name], capture_output=True, check=True).stdout
    decode = "echo unserialize(base64_decode(json_decode(stream_get_contents(STDIN))));"
    return subprocess.run([PHP, "-r", decode], input=out, capture_output=True, check=True).stdout.decode()


def test_bitnami_file_keeps_every_other_byte(place):
    path = place(BITNAMI)
    result = apply(
        path,
        constants={"DB_HOST": "ls-0.example.com:3306", "WP_HOME": "https://www.example.com", "DISALLOW_FILE_MODS": True, "FS_METHOD": "direct"},
        secrets={"DB_PASSWORD": "p'a\\ss$1"},
        raw={"MYSQL_CLIENT_FLAGS": "MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT"} if has_mysqli() else {"MYSQL_CLIENT_FLAGS": "1 | 2"},
    )
    new = path.read_bytes()
    assert (
        result["constants"]["DB_HOST"] == "edited" and result["constants"]["DISALLOW_FILE_MODS"] == "added" and result["constants"]["FS_METHOD"] == "unchanged"
    )
    old_lines, new_lines = BITNAMI.split(b"\n"), new.split(b"\n")
    assert [line for line in old_lines if line not in new_lines] == [
        b"define( 'DB_PASSWORD', 'old-secret-value' );",
        b"define( 'DB_HOST', '127.0.0.1:3306' );",
        b"define( 'WP_HOME', 'http://' . $_SERVER['HTTP_HOST'] . '/' );",
    ]
    assert new.index(b"DISALLOW_FILE_MODS") < new.index(b"/** Sets up WordPress vars")
    assert new.endswith(BITNAMI[BITNAMI.index(b"/** Sets up WordPress vars") :])
    assert php_value(path, "DB_PASSWORD") == "p'a\\ss$1"
    assert any("computed value of WP_HOME" in warning for warning in result["warnings"])
    assert path.stat().st_mode & 0o777 == 0o640


def has_mysqli() -> bool:
    return b"mysqli" in subprocess.run([PHP, "-m"], capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    "value",
    [
        "abc\\",
        "a\\\\b",
        "\\1",
        "it's",
        "$x ${y} {$z}",
        "a & b / c \\ d",
        "# ; ?> <?php",
        "new\nline",
        "crlf\r\nline",
        "ümläut 🎉",
        "",
        " ",
        "'",
        "\\'",
        "// x",
        "%s%d",
        '"',
    ],
)
def test_awkward_values_survive(place, value):
    path = place(BITNAMI)
    apply(path, secrets={"DB_PASSWORD": value}, constants={"NEW_ONE": value})
    assert php_value(path, "DB_PASSWORD") == value
    assert php_value(path, "NEW_ONE") == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *[(True, b"true"), (False, b"false"), ("false", b"'false'")],
        *[(0, b"0"), (-3, b"-3"), ("0", b"'0'")],
        *[(1.5, b"1.5"), (0.1, b"0.1"), (1e22, b"1e+22")],
    ],
)
def test_types_are_kept(place, value, text):
    path = place(small("define('X', 'y');"))
    apply(path, constants={"X": value})
    assert b"define('X', " + text + b");" in path.read_bytes()


def test_equal_text_of_other_type_is_a_change(place):
    path = place(small("define('WP_DEBUG', 'false');"))
    assert apply(path, constants={"WP_DEBUG": False})["changed"]


def test_first_of_two_definitions_counts(place):
    path = place(small("define('X', 'a');\ndefine('X', 'b');"))
    result = apply(path, constants={"X": "c"})
    assert path.read_bytes() == small("define('X', 'c');\ndefine('X', 'b');")
    assert any("second definition" in warning for warning in result["warnings"])


def test_identical_definitions_only_first_is_edited(place):
    path = place(small("define('X', 'a');\ndefine('X', 'a');"))
    apply(path, constants={"X": "b"})
    assert path.read_bytes() == small("define('X', 'b');\ndefine('X', 'a');")


@pytest.mark.parametrize("comment", ["// define('X', 'no');", "# define('X', 'no');", "/* define('X', 'no'); */", "$s = \"define('X', 'no');\";"])
def test_comments_and_strings_are_no_definitions(place, comment):
    path = place(small(comment + "\ndefine('X', 'a');"))
    apply(path, constants={"X": "b"})
    assert path.read_bytes() == small(comment + "\ndefine('X', 'b');")


def test_comment_text_inside_a_value(place):
    path = place(small("// x\ndefine('X', 'p// x');"))
    apply(path, constants={"X": "q// x"})
    assert path.read_bytes() == small("// x\ndefine('X', 'q// x');")


@pytest.mark.parametrize(
    "line",
    [
        "if (!defined('X')) { define('X', %s); }",
        "if ( ! defined( 'X' ) ) define('X', %s);",
        "if ( ! defined( 'X' ) ):\n define('X', %s);\nendif;",
        "defined('X') || define('X', %s);",
        "defined('X') or define( \"X\" , %s , true );",
        "\\define('X', %s);",
        "@define  (  'X'  ,\n  %s  /* why */ );",
        "const X = %s;",
        "const A = 1, X = %s, B = 2;",
        "$a = 1; define('X', %s); $b = 2;",
    ],
)
def test_spellings_are_edited_in_place(place, line):
    if "true )" in line:
        line = line.replace(" , true", "")
    path = place(small(line % "'old'"))
    apply(path, constants={"X": "new"})
    assert path.read_bytes() == small(line % "'new'")


@pytest.mark.parametrize(
    "value", ["'a' . 'b'", "getenv('NOPE') ?: 'x'", "true ? 'a' : 'b'", "<<<EOT\nold\nEOT", "<<<'EOT'\nold\nEOT", 'implode(",", array("a", "b"))']
)
def test_any_value_is_replaced_whole(place, value):
    path = place(small("define('X', " + value + "\n);\n$after = 1;"))
    apply(path, constants={"X": "new"})
    assert path.read_bytes() == small("define('X', 'new'\n);\n$after = 1;")


def test_definition_in_a_branch_only(place):
    path = place(small("if ( defined( 'WP_CLI' ) ) {\n\tdefine('X', 'cli');\n}"))
    apply(path, constants={"X": "both"})
    text = path.read_bytes()
    assert b"\tdefine('X', 'both');" in text and b"defined( 'X' ) || define( 'X', 'both' );" in text
    assert php_value(path, "X") == "both"


def test_both_branches_are_edited(place):
    path = place(small("if ( $a ) {\n\tdefine('X', 'one');\n} else {\n\tdefine('X', 'two');\n}"))
    apply(path, constants={"X": "same"})
    assert path.read_bytes().count(b"'same'") == 3


def test_class_members_and_methods_are_not_constants(place):
    text = "class Y { const X = 'in class'; function define($a, $b) {} }\n$y = new Y(); $y->define('X', 'method');"
    path = place(small(text))
    apply(path, constants={"X": "real"})
    assert text.encode() in path.read_bytes()
    assert php_value(path, "X") == "real"


def test_carriage_returns_stay(place):
    path = place(BITNAMI.replace(b"\n", b"\r\n"))
    apply(path, constants={"DB_HOST": "x", "NEW_ONE": "y"}, blocks={"code": "$a = 1;\n$b = 2;"})
    text = path.read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n")
    assert text.replace(b"\r\n", b"\n").replace(b"DB_HOST', 'x'", b"DB_HOST', '127.0.0.1:3306'").startswith(BITNAMI[: BITNAMI.index(b"/** Sets up")])


def test_no_closing_newline_and_closing_tag(place):
    path = place(b"<?php\nrequire_once ABSPATH . 'wp-settings.php';\n?>")
    apply(path, constants={"X": "y"})
    assert path.read_bytes().endswith(b"require_once ABSPATH . 'wp-settings.php';\n?>")
    assert php_value(path, "X") == "y"


def test_byte_order_mark_is_removed(place):
    path = place(b"\xef\xbb\xbf" + BITNAMI)
    result = apply(path, constants={"DB_HOST": "127.0.0.1:3306"})
    assert path.read_bytes() == BITNAMI
    assert any("byte order mark" in warning for warning in result["warnings"])


def test_definition_after_the_load_is_too_late(place):
    path = place(small("") + b"define('X', 'late');\n")
    result = apply(path, constants={"X": "now"})
    assert path.read_bytes().endswith(b"define('X', 'late');\n")
    assert any("after WordPress has been loaded" in warning for warning in result["warnings"])
    assert php_value(path, "X") == "now"


def test_defined_by_an_included_file(place):
    path = place(small("require __DIR__ . '/extra.php';"))
    (path.parent / "extra.php").write_text("<?php\ndefine('X', 'theirs');\n")
    before = path.read_bytes()
    with pytest.raises(wp_config.WpConfigError, match="something else defines it"):
        wp_config.run(Module(path, constants={"X": "ours"}))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<?php\ndefine('A', 1);\n", "does not load wp-settings.php"),
        (b"<?php\nif ($x) require 'wp-settings.php';\n", "larger statement"),
        (b"<?php\ndefine('A', ;\nrequire 'wp-settings.php';\n", "not valid PHP already"),
        (small("exit;"), "cannot be evaluated"),
        (small("nope();"), "cannot be evaluated"),
    ],
)
def test_refusals_change_nothing(place, data, message):
    path = place(data)
    with pytest.raises(wp_config.WpConfigError, match=message):
        wp_config.run(Module(path, constants={"X": "y"}))
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    "params",
    [
        {"raw": {"X": "1); evil("}},
        {"raw": {"X": "1; evil()"}},
        {"raw": {"X": ""}},
        {"constants": {"X Y": "1"}},
        {"constants": {"X": [1]}},
        {"constants": {"X": 2**63}},
        {"constants": {"X": float("inf")}},
        {"constants": {"X": "1"}, "raw": {"X": "1"}},
        {"constants": {"X": "1"}, "secrets": {"X": "1"}},
        {"constants": {"X": "1"}, "absent": ["X"]},
        {"blocks": {"a b": "x"}},
        {"blocks": {"a": "?> x"}},
    ],
)
def test_bad_wishes_are_refused(place, params):
    path = place(small("define('X', 1);"))
    with pytest.raises(wp_config.WpConfigError):
        wp_config.run(Module(path, **params))
    assert path.read_bytes() == small("define('X', 1);")


def test_raw_expressions(place):
    path = place(small("define('FLAGS', 1|2);"))
    assert not apply(path, raw={"FLAGS": "1 | 2"})["changed"]
    apply(path, raw={"FLAGS": "1 | 4", "LIST": "array( 'a' => true, 'b' => 'x' )"})
    assert b"define('FLAGS', 1 | 4);" in path.read_bytes()


def test_symlink_mode_and_backup(place, tmp_path):
    path = place(BITNAMI)
    (tmp_path / "link").mkdir()
    link = tmp_path / "link" / "wp-config.php"
    link.symlink_to(path)
    result = apply(link, constants={"DB_HOST": "x"})
    assert link.is_symlink() and path.stat().st_mode & 0o777 == 0o640
    assert result["path"] == str(path)
    with open(result["backup_file"], "rb") as stream:
        assert stream.read() == BITNAMI
    assert os.stat(result["backup_file"]).st_mode & 0o777 == 0o600
    assert sorted(os.listdir(path.parent)) == ["wp-config.php"]


def test_without_a_backup_nothing_is_changed(place, tmp_path):
    path, in_the_way = place(BITNAMI), tmp_path / "a file"
    in_the_way.write_text("")
    with pytest.raises(wp_config.WpConfigError, match="The backup .*/a file/backups/wp-config.php.* could not be written: Not a directory. .* was not changed"):
        wp_config.run(Module(path, constants={"DB_HOST": "x"}, backup_dir=str(in_the_way / "backups")))
    assert path.read_bytes() == BITNAMI


def test_backup_inside_the_web_root_is_refused(place):
    path = place(BITNAMI)
    with pytest.raises(wp_config.WpConfigError, match="hand the copy to visitors"):
        wp_config.run(Module(path, constants={"DB_HOST": "x"}, backup_dir=str(path.parent / "old")))


def test_check_mode_and_masked_diff(place):
    path = place(BITNAMI)
    result = apply(path, check_mode=True, constants={"DB_HOST": "new-host"}, secrets={"DB_PASSWORD": "brand-new-secret"})
    assert path.read_bytes() == BITNAMI and result["changed"]
    text = result["diff"]["before"] + result["diff"]["after"]
    assert "old-secret-value" not in text and "brand-new-secret" not in text and "unique" not in text
    assert "new-host" in result["diff"]["after"]


def test_removal(place):
    path = place(small("$a = 1;\ndefine('X', 'a');\n$b = 2;"))
    assert apply(path, absent=["X", "Y"])["constants"] == {"X": "removed", "Y": "unchanged"}
    assert path.read_bytes() == small("$a = 1;\n$b = 2;")
    path = place(small("defined('X') || define('X', 'a');"))
    with pytest.raises(wp_config.WpConfigError, match="cannot be removed safely"):
        wp_config.run(Module(path, absent=["X"]))


def test_blocks(place):
    path = place(BITNAMI)
    assert apply(path, blocks={"proxy": "$_SERVER['HTTPS'] = 'on';\n"})["blocks"] == {"proxy": "added"}
    apply(path, blocks={"other": "$other = 1;"}, constants={"NEW_ONE": 1})
    assert apply(path, blocks={"proxy": "$_SERVER['HTTPS'] = 'on'; // again"})["blocks"] == {"proxy": "edited"}
    text = path.read_bytes()
    assert text.count(b"BEGIN cloudpress") == 3 and text.index(b"again") < text.index(b"/** Sets up")
    assert apply(path, blocks={"proxy": "", "other": ""})["blocks"] == {"proxy": "removed", "other": "removed"}
    apply(path, absent=["NEW_ONE"])
    assert b"$other" not in path.read_bytes()


def test_block_that_is_not_valid_php(place):
    path = place(BITNAMI)
    with pytest.raises(wp_config.WpConfigError, match="would not be valid PHP"):
        wp_config.run(Module(path, blocks={"x": "if ("}))
    assert path.read_bytes() == BITNAMI
