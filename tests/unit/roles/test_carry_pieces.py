# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a wp-config.php goes along to another host: the owner's constants and code do, what belongs to the old host
stays behind by its name.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

FILES = Path(__file__).resolve().parents[3] / "roles" / "wordpress_carry" / "files"
PHP = shutil.which("php")
pytestmark = pytest.mark.skipif(PHP is None, reason="needs a php on PATH")
PLACES = ["/opt/old", "/opt/old/site", "/old/content"]
GUARD = "if(defined('WP_CLI')){$_SERVER['HTTP_HOST']='127.0.0.1';}"


def run(code, **values):
    begin = "$request = array(); $in = json_decode( stream_get_contents( STDIN ), true );"
    code = f"{begin} require '{FILES}/pieces.php'; {code}"
    done = subprocess.run(
        [PHP, "-d", "display_errors=stderr", "-r", code],
        input=json.dumps(values),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def pieces(text, constants=None, from_request=(), places=PLACES, cache_is_bound=False):
    return run(
        "echo json_encode( cloudpress_pieces( $in['text'], $in['constants'], $in['from_request'], $in['places'],"
        " $in['image'], $in['bound'] ) );",
        text=text,
        constants=constants or {},
        from_request=list(from_request),
        places=places,
        image=[GUARD],
        bound=cache_is_bound,
    )


CONFIG = r"""<?php
/** The sample's comment. */
define( 'DB_NAME', 'old' );
$cmd = 'tail -n 1 /opt/old/credentials.log';
$db_password = trim( shell_exec( $cmd ) );
define( 'DB_PASSWORD', $db_password );
define( 'DB_CHARSET', 'utf8' );
define( 'AUTH_KEY', 'salt; with } braces' );
$table_prefix = 'shop_';
define( 'WP_DEBUG', false );
if ( ! defined( 'WP_POST_REVISIONS' ) ) {
	define( 'WP_POST_REVISIONS', 7 );
}
define( 'FS_METHOD', 'direct' );
if ( defined( 'WP_CLI' ) ) {
	$_SERVER['HTTP_HOST'] = '127.0.0.1';
}
define( 'WP_HOME', 'http://' . $_SERVER['HTTP_HOST'] . '/' );
define( 'COOKIE_DOMAIN', $_SERVER['HTTP_HOST'] );
define( 'WPCACHEHOME', '/opt/old/site/wp-content/plugins/cache/' );
define( 'LIST_OF', array( 'a' => 1 ) );
// The load balancer says it.
if ( isset( $_SERVER['HTTP_X_FORWARDED_PROTO'] ) && 'https' === $_SERVER['HTTP_X_FORWARDED_PROTO'] ) {
	$_SERVER['HTTPS'] = 'on';
} else {
	$_SERVER['SHOP'] = 'no';
}
function shop_cents( $euros ) { return $euros * 100; /* ; } */ }
require_once __DIR__ . '/keys.php';
@ini_set( 'memory_limit', '300M' );
ini_set( 'error_log', '/opt/old/php.log' );
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
add_filter( 'x', 'y' );
"""
CONSTANTS = {
    "DB_NAME": "old",
    "DB_PASSWORD": "secret",
    "DB_CHARSET": "utf8",
    "AUTH_KEY": "salt; with } braces",
    "WP_DEBUG": False,
    "WP_POST_REVISIONS": 7,
    "FS_METHOD": "direct",
    "WP_HOME": "http://nobody/",
    "COOKIE_DOMAIN": "nobody",
    "WPCACHEHOME": "/opt/old/site/wp-content/plugins/cache/",
    "LIST_OF": {"a": 1},
    "FROM_KEYS": "from the other file",
    "ABSPATH": "/opt/old/site/",
}


def test_a_file_that_an_owner_has_worked_on():
    found = pieces(CONFIG, CONSTANTS, ["WP_HOME", "COOKIE_DOMAIN"])
    assert found["constants"] == {
        "DB_CHARSET": "utf8",
        "WP_DEBUG": False,
        "WP_POST_REVISIONS": 7,
        "FROM_KEYS": "from the other file",
    }
    assert found["secrets"] == {"AUTH_KEY": "salt; with } braces"}
    assert list(found["raw"]) == ["LIST_OF"]
    code = found["code"]
    assert code.startswith("define( 'COOKIE_DOMAIN', $_SERVER['HTTP_HOST'] );\nif ( isset(")
    assert (
        "$_SERVER['SHOP'] = 'no';\n}\nfunction shop_cents( $euros ) { return $euros * 100; /* ; } */ }\n@ini_set("
        in code
    )
    assert not any(
        word in code for word in ("shell_exec", "$cmd", "WP_CLI", "ABSPATH", "keys.php", "error_log", "add_filter")
    )
    behind = found["behind"]
    for name in ("DB_NAME", "DB_PASSWORD", "FS_METHOD", "WP_HOME", "WPCACHEHOME"):
        assert [line for line in behind if line.startswith(f"{name},")], name
    assert [line for line in behind if "loads another file" in line] and [
        line for line in behind if "must-use plugin" in line
    ]
    assert [line for line in behind if "a directory of the old host" in line and "WPCACHEHOME" not in line] == [
        "the code in line 31, which names a directory of the old host"
    ]
    assert not any("secret" in line or "salt" in line for line in behind)


def test_a_literal_address_goes_along():
    assert pieces("<?php define( 'WP_HOME', 'https://shop.example' );", {"WP_HOME": "https://shop.example"})[
        "constants"
    ] == {"WP_HOME": "https://shop.example"}


def test_what_these_roles_wrote_does_not_go_along():
    text = (
        "<?php\n/* BEGIN cloudpress constants (managed by Ansible, changes here are overwritten) */\n"
        "define( 'DISABLE_WP_CRON', true );\n"
        "/* END cloudpress constants */\ndefine( 'MINE', 1 );\nrequire_once ABSPATH . 'wp-settings.php';\n"
    )
    assert pieces(text, {"DISABLE_WP_CRON": True, "MINE": 1})["constants"] == {"MINE": 1}


def test_a_cache_that_is_bound_to_the_old_host_is_off():
    text = "<?php define( 'WP_CACHE', true );"
    assert pieces(text, {"WP_CACHE": True})["constants"] == {"WP_CACHE": True}
    found = pieces(text, {"WP_CACHE": True}, cache_is_bound=True)
    assert found["constants"] == {} and found["behind"][0].startswith("WP_CACHE, because advanced-cache.php")


def test_between_hosts_of_one_kind_directories_stay():
    text = "<?php define( 'WPCACHEHOME', '/opt/old/site/cache/' );\nini_set( 'error_log', '/opt/old/php.log' );"
    found = pieces(text, {"WPCACHEHOME": "/opt/old/site/cache/"}, places=[])
    assert (
        found["constants"] == {"WPCACHEHOME": "/opt/old/site/cache/"}
        and "error_log" in found["code"]
        and found["behind"] == []
    )


@pytest.mark.parametrize(
    "statement",
    [
        "$x = array( 'a' => array( 1, 2 ), 'b' => function () { return ';'; } );",
        "if ( true ): $_SERVER['A'] = 1; elseif ( false ): foreach ( array() as $b ): endforeach; "
        "else: $_SERVER['C'] = 2; endif;",
        "if ( true ) $_SERVER['A'] = 1; else $_SERVER['A'] = 2;",
        "try { $a = 1; } catch ( Exception $e ) { $a = 2; } finally { $a = 3; }",
        'putenv( "A={$_SERVER[\'B\']}" . "${x}" );',
        "class Shop_Thing { const X = 1; public function y() { return array( 'z' => '}' ); } }",
        "foreach ( array( 'A', 'B' ) as $shop ) { define( $shop, 1 ); }",
        "switch ( $_SERVER['A'] ) { case 1: break; default: $_SERVER['B'] = 1; }",
        "do { $i = 1; } while ( false );",
        "define( 'A', $_SERVER['X'] ) || define( 'B', 2 );",
        "$f = fn( $x ) => $x + 1;",
        "while ( false ) { }",
    ],
)
def test_code_is_taken_as_it_stands_and_alone(statement):
    found = pieces(f"<?php\n{statement}\n$after = 1;\nrequire_once ABSPATH . 'wp-settings.php';")
    assert found["code"] == f"{statement}\n$after = 1;"
    done = subprocess.run([PHP, "-l"], input=f"<?php\n{found['code']}", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


STATEMENTS = st.lists(
    st.sampled_from(
        [
            "$_SERVER['A'] = 'x;y}';",
            "if ( true ) { $_SERVER['B'] = 1; }",
            "function f%d() { return '{'; }",
            "putenv( 'A=b' ); // }",
            "define( 'LEFT', 1 );",
            "$table_prefix = 'x_';",
            "# comment ; }",
            "/* { */",
        ]
    ),
    max_size=8,
)


@given(STATEMENTS)
@settings(max_examples=40, deadline=None)
def test_no_statement_is_lost_and_none_is_made(statements):
    statements = [text.replace("%d", str(number)) for number, text in enumerate(statements)]
    found = pieces("<?php\n" + "\n".join(statements) + "\nrequire_once ABSPATH . 'wp-settings.php';")
    kept = [text.split(" //")[0] for text in statements if not text.startswith(("define", "$table_prefix", "#", "/*"))]
    assert found["code"] == "\n".join(kept)
