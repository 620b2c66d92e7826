# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wp_config on files that load WordPress anywhere: in conditions, functions, other files, however nested.

Whatever the place, PHP must see every asked value at the moment at which WordPress is loaded, and any number of runs is as good as one.
"""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.cloudpress.lightsail.plugins.modules import wp_config
from tests.unit.plugins.modules.test_wp_config import PHP, Module
from tests.unit.plugins.modules.test_wp_config_corpus import serialized

LOAD = "require_once ABSPATH . 'wp-settings.php'"
DATABASE = "define( 'DB_NAME', 'n' ); define( 'DB_USER', 'u' ); define( 'DB_PASSWORD', 'p' ); define( 'DB_HOST', 'localhost' );\n$table_prefix = 'wp_';\n"
ABSPATH = "if ( ! defined( 'ABSPATH' ) ) { define( 'ABSPATH', __DIR__ . '/' ); }\n"

# Takes the place of WordPress: prints the constants that are defined when it is loaded, and the warnings of PHP before that.
SETTINGS = r"""<?php
$values = array();
foreach ( get_defined_constants( true )['user'] as $name => $value ) { $values[ $name ] = base64_encode( serialize( $value ) ); }
ob_end_clean();
echo json_encode( array( 'values' => $values, 'twice' => $GLOBALS['twice'] ) );
exit;
"""
READ = r"""
error_reporting( 0 );
foreach ( $_SERVER as $name => $value ) { unset( $_SERVER[ $name ] ); }
$_SERVER['HTTP_HOST'] = $_SERVER['SERVER_NAME'] = 'www.example.com'; $_SERVER['REQUEST_URI'] = '/'; $_SERVER['REQUEST_METHOD'] = 'GET';
$twice = array();
set_error_handler( function ( $level, $text ) {
	if ( preg_match( '/Constant (\w+) already defined/', $text, $found ) ) { $GLOBALS['twice'][] = $found[1]; }
	return true;
} );
define( 'ABSPATH', $argv[1] . '/' );
chdir( $argv[1] );
ob_start();
require $argv[2];
"""


def at_load(config: Path, root: Path | None = None) -> dict:
    """What PHP, which knows nothing of the module, sees when it comes to WordPress."""
    root = root or config.parent
    (root / "wp-settings.php").write_text(SETTINGS)
    done = subprocess.run([PHP, "-r", READ, "--", str(root), str(config)], capture_output=True, check=True)
    return json.loads(done.stdout)


def value(config: Path, name: str, root: Path | None = None) -> bytes | None:
    found = at_load(config, root)["values"].get(name)
    return None if found is None else base64.b64decode(found)


@pytest.fixture
def web(tmp_path):
    (tmp_path / "web").mkdir()
    return tmp_path / "web"


def run(path: Path, **wish) -> dict:
    """Run until nothing changes, which must be after the first time."""
    predicted = wp_config.run(Module(path, check_mode=True, backup=False, **wish))
    result = wp_config.run(Module(path, backup=False, **wish))
    assert (predicted["changed"], predicted["constants"], predicted["path"]) == (result["changed"], result["constants"], result["path"])
    after = Path(result["path"]).read_bytes()
    for _again in range(3):
        assert not wp_config.run(Module(path, backup=False, **wish))["changed"]
        assert Path(result["path"]).read_bytes() == after
    return result


def refused(path: Path, **wish) -> str:
    before = path.read_bytes()
    with pytest.raises(wp_config.WpConfigError) as error:
        wp_config.run(Module(path, backup=False, **wish))
    assert path.read_bytes() == before
    return str(error.value)


WISH = {"constants": {"DB_HOST": "ls-0.example.com:3306", "WP_HOME": "https://www.example.com", "DISALLOW_FILE_MODS": True}}


def sees_the_wish(path: Path, root: Path | None = None) -> None:
    assert {name: value(path, name, root) for name in WISH["constants"]} == {name: serialized(value) for name, value in WISH["constants"].items()}
    assert at_load(path, root)["twice"] == []


def test_wordpress_loaded_in_a_condition(web):
    path = web / "wp-config.php"
    path.write_text(f"<?php\n{DATABASE}{ABSPATH}if ( file_exists( ABSPATH . 'wp-settings.php' ) ) {{\n\t{LOAD};\n}}\n")
    assert run(path, **WISH)["constants"] == {"DB_HOST": "edited", "WP_HOME": "added", "DISALLOW_FILE_MODS": "added"}
    sees_the_wish(path)


@pytest.mark.parametrize("label", ["case 'a' ? 'a' : 'b':", "case '' ?: ( 1 ? 'a' : 'b' );", "case [ 'x' => false ? 1 : 'a' ]['x']:"])
def test_wordpress_loaded_in_a_case_whose_expression_has_colons(web, label):
    path = web / "wp-config.php"
    path.write_text(f"<?php\n{DATABASE}{ABSPATH}switch ( 'a' ):\n{label}\n{LOAD};\nendswitch;\n")
    run(path, **WISH)
    sees_the_wish(path)


def test_constants_that_earlier_runs_added_again_and_again_are_edited_once(web):
    block = "/* BEGIN cloudpress constants (managed by Ansible, changes here are overwritten) */\n"
    block += "define( 'WP_HOME', 'http://old.example' );\n/* END cloudpress constants */\n"
    path = web / "wp-config.php"
    path.write_text(f"<?php\n{DATABASE}{ABSPATH}if ( true ) {{\n{block}\n{block}\n\t{LOAD};\n}}\n")
    run(path, constants={"WP_HOME": "https://www.example.com"})
    assert value(path, "WP_HOME") == serialized("https://www.example.com")
    assert path.read_text().count("WP_HOME") == 2


def test_a_constant_in_a_file_that_is_included_is_refused_with_the_name_of_that_file(web):
    path, other = web / "wp-config.php", web / "wp-config-hosting.php"
    other.write_text("<?php\ndefine( 'WP_HOME', 'http://old.example' ); define( 'DISALLOW_FILE_MODS', false );\n")
    path.write_text(
        f"<?php\ninclude( 'wp-config-hosting.php' );\n{DATABASE}defined( 'WP_HOME' ) || define( 'WP_HOME', 'http://default.example' );\n{ABSPATH}{LOAD};\n"
    )
    words = refused(path, **WISH)
    assert "something else defines it" in words and str(other) in words and str(path) in words and words.endswith("Remove that definition, then run again.")
    run(path, constants={"DB_HOST": "new"})
    assert value(path, "DB_HOST") == serialized("new") and value(path, "WP_HOME") == serialized("http://old.example")


@pytest.mark.parametrize("end", ["header( 'Location: https://www.example.com' . $_SERVER['REQUEST_URI'], true, 301 ); exit;", "die( 'no such site' );"])
@pytest.mark.parametrize(
    "known", ["isset( $_SERVER['HTTP_HOST'] ) && $_SERVER['HTTP_HOST'] !== 'www.example.com'", "'www.example.com' !== ( $_SERVER['HTTP_HOST'] ?? '' )"]
)
def test_a_site_that_turns_other_host_names_away(web, known, end):
    path = web / "wp-config.php"
    path.write_text(f"<?php\nif ( {known} ) {{\n\t{end}\n}}\n{DATABASE}{ABSPATH}{LOAD};\n")
    run(path, **WISH)
    sees_the_wish(path)


@pytest.mark.parametrize("named", ["the file that points", "the file that is pointed to"])
def test_a_file_that_only_points_to_another_one(web, named):
    private = web.parent / "private"
    private.mkdir()
    pointer, path = web / "wp-config.php", private / "wp-config.php"
    pointer.write_text(f"<?php\n{ABSPATH}require_once dirname( __DIR__ ) . '/private/wp-config.php';\n")
    path.write_text(f"<?php\n{DATABASE}{LOAD};\n")
    before = pointer.read_bytes()
    result = run(pointer if named == "the file that points" else path, root=str(web), **WISH)
    assert result["path"] == str(path) and pointer.read_bytes() == before
    sees_the_wish(pointer, web)


def test_a_file_that_has_the_settings_and_leaves_the_loading_to_another_one(web):
    path = web / "wp-config.php"
    (web / "start.php").write_text(f"<?php\nif ( true ) {{ {LOAD}; }}\n")
    path.write_text(f"<?php\n{DATABASE}{ABSPATH}require __DIR__ . '/start.php';\ndefine( 'WP_HOME', 'late' );\n")
    assert run(path, **WISH)["path"] == str(path)
    sees_the_wish(path)


def test_a_file_that_is_taken_in_the_place_of_the_rest_is_the_one_that_is_edited(web):
    path, local = web / "wp-config.php", web / "local.php"
    local.write_text(f"<?php\n{DATABASE}{LOAD};\n")
    path.write_text("<?php\nif ( is_file( __DIR__ . '/local.php' ) ) {\n\trequire __DIR__ . '/local.php';\n\treturn;\n}\nexit( 'no settings' );\n")
    assert run(path, **WISH)["path"] == str(local)
    sees_the_wish(path)


def test_definitions_in_two_files_on_the_way_are_refused_with_both_names(web):
    path, other = web / "wp-config.php", web / "other.php"
    other.write_text(f"<?php\n{DATABASE}{LOAD};\n")
    path.write_text(f"<?php\n{ABSPATH}define( 'WP_HOME', 'http://old.example' );\nrequire 'other.php';\n")
    words = refused(path, **WISH)
    assert f"{path} defines WP_HOME" in words and f"{other} defines DB_HOST" in words and "run again" in words


def test_a_file_whose_target_is_gone_is_refused_with_its_name(web):
    path = web / "wp-config.php"
    path.write_text("<?php\nrequire_once dirname( __DIR__ ) . '/private/wp-config.php';\n")
    words = refused(path, **WISH)
    assert str(path) in words and f"{web.parent}/private/wp-config.php" in words


def test_values_of_the_web_only_are_read_back_as_the_web_sees_them(web):
    path, other = web / "wp-config.php", web / "web-only.php"
    other.write_text("<?php\ndefine( 'DB_HOST', '127.0.0.1' );\n")
    path.write_text(f"<?php\nif ( PHP_SAPI !== 'cli' ) {{ require __DIR__ . '/web-only.php'; }}\n{DATABASE}{ABSPATH}{LOAD};\n")
    words = refused(path, constants={"DB_HOST": "new"})
    assert "DB_HOST has another value" in words and str(other) in words


# --- Generated files ---------------------------------------------------------------------------------------------------------------------------------

NAMES = ["DB_HOST", "WP_HOME", "FS_METHOD", "DISALLOW_FILE_MODS"]
LOADS = [
    LOAD + ";",
    'require( ABSPATH . "wp-settings.php" ) ;',
    "/** Loads WordPress. */\ninclude_once ABSPATH.'wp-settings.php';",
    '$dir = ABSPATH; require "{$dir}wp-settings.php";',
    "$name = 'settings'; require ABSPATH . \"wp-{$name}.php\";",
    "require /* here */ __DIR__ . '/wp-settings.php'; // 'DB_HOST'",
    "file_exists( ABSPATH . 'wp-load.php' ) || " + LOAD + ";",
    "defined( 'ABSPATH' ) && " + LOAD + ";",
    "defined( 'ABSPATH' ) and " + LOAD + ";",
    "defined( 'ABSPATH' ) ? " + LOAD + " : die();",
    "! defined( 'ABSPATH' ) ? die() : ( " + LOAD + " );",
    "$done = @" + LOAD + ";",
    "if ( defined( 'ABSPATH' ) ) " + LOAD + ";",
    "if ( ! defined( 'ABSPATH' ) ) die(); else " + LOAD + ";",
    "if ( ! defined( 'ABSPATH' ) ):\n die();\nelse:\n " + LOAD + ";\nendif;",
    "if ( ! defined( 'ABSPATH' ) ) { die(); } elseif ( false ) { require 'a.php'; } else { " + LOAD + "; }",
    "for ( $i = 0; $i < 1; $i++ ) " + LOAD + ";",
]
# what may stand around the loading; %d makes names differ
AROUND = [
    "if ( file_exists( ABSPATH . 'wp-settings.php' ) ) {\n%s\n}",
    "if ( is_readable( ABSPATH . 'wp-settings.php' ) ):\n%s\nendif;",
    "if ( false ) { $x = 1; } elseif ( true ) { %s } else { die(); }",
    # PHP takes an else: right after an if {} for that one's
    'if ( false ): $x = "{$x}"; elseif ( true ): %s $x = 2; else: die(); endif;',
    'if ( true ) {\n%s\n} else {\n\tdie( "no {$x} ${x}" );\n}',
    "switch ( 1 ) {\ncase 2: die();\ncase 1:\n%s\nbreak;\ndefault: die();\n}",
    "switch ( 'a' ):\ncase 'a' ? 'a' : 'b':\n%s\nendswitch;",
    "try { %s } catch ( Exception $e ) { die( $e ); } finally { $y = 1; }",
    "foreach ( array( 1 ) as $one ) { %s }",
    "foreach ( [ 1 ] as $one ):\n%s\nendforeach;",
    "while ( true ) { %s break; }",
    "do { %s } while ( false );",
    "{ %s }",
    "function load_%d() {\n%s\n}\nload_%d();",
    "( function () { %s } )();",
    "$load = function () { %s }; $load();",
    "array_map( function ( $unused ) {\n%s\n}, array( 1 ) );",
    "if ( true ) { $f = function () { return 1; }; %s }",
]
# what may do so only at the top of the file
OUTSIDE = [
    "%s",
    "load();\nfunction load() {\n%s\n}",
    "class Load { const DB_HOST = 'in a class'; static function run() { %s } }\nLoad::run();",
    "if ( true ) { load( 'x' ); }\nfunction load( $x ) { %s }",
    "function first() { second(); }\nfunction second() { %s }\n$x = 1;\nfirst(\n);",
]
FILLERS = [
    "",
    "// require_once ABSPATH . 'wp-settings.php'; define( 'DB_HOST', 'comment' );",
    "/* That's all, stop editing! if ( { */",
    "$text = <<<TEXT\ndefine( 'WP_HOME', 'heredoc' ); } {$_SERVER['HTTP_HOST']}\nTEXT;",
    "$text = <<<'TEXT'\nrequire_once ABSPATH . 'wp-settings.php'; }\nTEXT;",
    "if ( ! isset( $never ) ) { $never = array( '}' => '{' ); } else { $never = null; }",
    "if ( isset( $no ) ): define( 'FS_METHOD', 'branch' ); endif;",
    "if ( isset( $no ) ) define( 'WP_HOME', 'branch' ); else $no = null;",
    "$call = function () { return array( 'a' => 1 ); };",
    "switch ( 3 ) { case 1: define( 'FS_METHOD', 'case' ); break; }",
    "?>\n<?php",
    "do { $z = 1; } while ( false );",
]
DEFINITIONS = [
    "define( '%s', 'old' );",
    "defined( '%s' ) || define( '%s', 'old' );",
    "if ( ! defined( '%s' ) ) { define( '%s', 'old' ); }",
    "if ( ! defined( '%s' ) ): define( '%s', 'old' ); endif;",
    "if ( ! defined( '%s' ) ) define( '%s', 'old' );",
    "define( '%s', getenv( 'NONE' ) ?: \"a {$_SERVER['REQUEST_URI']}\" );",
    "\\define( \"%s\", <<<'V'\nold\nV\n);",
]
TAILS = ["", "\n", "\n?>", "\n?>\n<p>define( 'DB_HOST', 'html' );</p>\n", "\ndefine( 'DB_HOST', 'late' );\n", "\nfunction last() { return 1; }"]

definitions = st.builds(lambda text, name: text.replace("%s", name), st.sampled_from(DEFINITIONS), st.sampled_from(NAMES))
pieces = st.lists(st.sampled_from(FILLERS) | definitions, max_size=2)


@st.composite
def files(draw):
    body = "\n".join([*draw(pieces), draw(st.sampled_from(LOADS))])
    for level, around in enumerate([*draw(st.lists(st.sampled_from(AROUND), max_size=2)), draw(st.sampled_from(OUTSIDE))]):
        after = draw(st.lists(st.sampled_from(FILLERS), max_size=1))
        body = "\n".join([*draw(pieces), around.replace("%d", str(level)).replace("%s", body + "\n"), *after])
    text = "\n".join(["<?php", *draw(pieces), ABSPATH, body]) + draw(st.sampled_from(TAILS))
    data = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()
    wish = draw(st.dictionaries(st.sampled_from(NAMES), st.text("'\"\\$?>{ \rü", max_size=6) | st.booleans(), min_size=1))
    return b"\xef\xbb\xbf" * draw(st.booleans()) + data, wish


def check_one(case):
    data, wish = case
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "wp-config.php"
        path.write_bytes(data)
        run(path, constants=wish)
        seen = at_load(path)["values"]
        text = path.read_bytes().decode()
        assert {name: base64.b64decode(seen[name]) for name in wish} == {name: serialized(value) for name, value in wish.items()}, text
        assert text.count("BEGIN cloudpress constants") <= 1, text


quick = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@settings(quick, max_examples=15)
@given(files())
def test_generated_files_that_load_wordpress_anywhere(case):
    check_one(case)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@settings(quick, max_examples=1000, derandomize=False, print_blob=True)
@given(files())
def test_many_generated_files_that_load_wordpress_anywhere(case):
    check_one(case)
