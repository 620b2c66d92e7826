# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What wordpress_facts reads in a wp-config.php is what the web server's PHP sees there for a visitor of the site."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _layouts, _php
from ansible_collections.cloudpress.lightsail.plugins.modules import wordpress_host_info

PHP = shutil.which("php") or ""
pytestmark = pytest.mark.skipif(not PHP, reason="PHP is not installed here; make bootstrap-tests installs it")
DESCRIBE = (Path(__file__).resolve().parents[3] / "roles/wordpress_facts/files/describe.php").read_text()
DATABASE = "define( 'DB_NAME', 'n' ); define( 'DB_USER', 'u' ); define( 'DB_PASSWORD', 'p' ); define( 'DB_HOST', 'localhost' ); $table_prefix = 'wp_';\n"
LOAD = "if ( ! defined( 'ABSPATH' ) ) { define( 'ABSPATH', __DIR__ . '/' ); }\nrequire_once ABSPATH . 'wp-settings.php';\n"


@pytest.fixture
def site(tmp_path):
    root = tmp_path / "www" / "html"
    (root / "wp-includes").mkdir(parents=True)
    (root / "wp-content").mkdir()
    (root / "wp-includes" / "version.php").write_text("<?php $wp_version = '6.8'; $wp_db_version = 60421;")
    (root / "wp-settings.php").write_text("<?php echo 'WordPress runs'; throw new Exception( 'WordPress runs' );")
    return root


def describe(root: Path, flavour: str = "fpm", hosts: tuple[str, ...] = ()) -> dict:
    return _php.run(PHP, [DESCRIBE], {"root": str(root), "php_flavour": flavour, "hosts": list(hosts)})


def configure(root: Path, text: str) -> dict:
    (root / "wp-config.php").write_text("<?php\n" + text)
    return describe(root)


def constants(root: Path, **how) -> dict:
    """Every constant that the web sees."""
    code = "cloudpress_answer( cloudpress_evaluate( $request['root'], $request['how'] )['constants'] );"
    return _php.run(PHP, [code], {"root": str(root), "how": how})


@pytest.mark.parametrize(
    "include", ["include( 'own.php' );", "require './own.php';", "require __DIR__ . '/own.php';", "include_once dirname( __FILE__ ) . '/own.php';"]
)
def test_a_relative_include_finds_the_file_beside_the_configuration(site, include):
    (site / "own.php").write_text("<?php define( 'WP_HOME', 'http://old.example' );")
    found = configure(site, include + DATABASE + "defined( 'WP_HOME' ) || define( 'WP_HOME', 'http://default.example' );\n" + LOAD)
    assert found["home"] == "http://old.example"


def test_a_relative_include_is_looked_for_in_the_directory_of_wordpress_before_that_of_the_file(site):
    """As index.php's directory is the current one on the web."""
    (site.parent / "own.php").write_text("<?php define( 'WP_HOME', 'http://above.example' );")
    (site / "own.php").write_text("<?php define( 'WP_HOME', 'http://below.example' );")
    (site.parent / "wp-config.php").write_text("<?php include 'own.php';" + DATABASE + LOAD)
    assert describe(site)["home"] == "http://below.example"
    (site / "own.php").unlink()
    assert describe(site)["home"] == "http://above.example"


def test_a_linked_file_is_evaluated_where_it_really_is(site, tmp_path):
    (tmp_path / "data").mkdir()
    real = tmp_path / "data" / "wp-config.php"
    real.write_text("<?php\n" + DATABASE + "define( 'WP_HOME', 'http://' . basename( __DIR__ ) . '.example' . __FILE__ );\n" + LOAD)
    (site / "wp-config.php").symlink_to(real)
    found = describe(site)
    assert found["home"] == f"http://data.example{real}" and found["config_path"] == str(real)


@pytest.mark.parametrize(
    "load",
    [
        "if ( file_exists( ABSPATH . 'wp-settings.php' ) ) {\n\trequire_once ABSPATH . 'wp-settings.php';\n}",
        "is_readable( ABSPATH . 'wp-settings.php' ) && require ABSPATH . 'wp-settings.php';",
        "$name = 'settings'; require ABSPATH . \"wp-$name.php\";",
        "function go() { require ABSPATH . 'wp-settings.php'; } go();",
        "try { require ABSPATH . 'wp-settings.php'; } catch ( Throwable $e ) { exit; } finally { define( 'DB_CHARSET', 'too late' ); }",
        "foreach ( array( 'wp-settings.php' ) as $file ) { require $file; }",
        "eval( 'require ABSPATH . \"wp-settings.php\";' );",
    ],
)
def test_wordpress_is_reached_but_not_run_wherever_the_file_loads_it(site, load):
    found = configure(site, DATABASE + load + "\ndefine( 'WP_HOME', 'too late' );")
    assert (found["database"]["name"], found["home"], found["database"]["charset"]) == ("n", "", "")


CANONICAL = {
    "redirect": "header( 'Location: https://www.example.com' . $_SERVER['REQUEST_URI'], true, 301 ); exit;",
    "stop": "die( 'unknown host' );",
    "return": "return;",
    "error": "throw new Exception( 'unknown host' );",
}


@pytest.mark.parametrize("end", CANONICAL)
@pytest.mark.parametrize("key", ["HTTP_HOST", "SERVER_NAME"])
def test_a_site_that_turns_other_host_names_away_is_evaluated_for_its_own(site, end, key):
    found = configure(site, f"if ( $_SERVER['{key}'] !== 'www.example.com' ) {{ {CANONICAL[end]} }}\n" + DATABASE + LOAD)
    assert found["request_host"] == "www.example.com" and found["database"]["name"] == "n"


@pytest.mark.parametrize(
    "condition",
    [
        "! in_array( $_SERVER['HTTP_HOST'], array( 'example.com', 'www.example.com' ), true )",
        r"! preg_match( '/^(www\.)?example\.com$/', $_SERVER['HTTP_HOST'] )",
        "'on' !== ( isset( $_SERVER['HTTPS'] ) ? $_SERVER['HTTPS'] : '' )",
        "'https' !== ( isset( $_SERVER['HTTP_X_FORWARDED_PROTO'] ) ? $_SERVER['HTTP_X_FORWARDED_PROTO'] : '' )",
        "'https://www.example.com' !== 'https://' . getenv( 'HTTP_HOST' )",
        "'203.0.113.7' !== $_SERVER['HTTP_HOST']",
        "'localhost:8080' !== $_SERVER['HTTP_HOST']",
        "false === strpos( filter_input( INPUT_SERVER, 'HTTP_HOST' ), 'example.com' )",
    ],
)
@pytest.mark.parametrize("redirect", ["header( 'location:  https://www.example.com/' );", ""])
def test_names_of_the_site_are_found_in_the_file(site, condition, redirect):
    if "HTTPS" in condition and not redirect:
        condition = condition.replace("?", "/* https://www.example.com */ ?")
    found = configure(site, f"if ( {condition} ) {{ {redirect} exit; }}\n" + DATABASE + LOAD)
    assert "refusal" not in found, found
    assert found["database"]["name"] == "n"


def test_the_name_in_the_virtual_host_decides_which_settings_are_the_site_s(site):
    text = "switch ( $_SERVER['HTTP_HOST'] ) {\ncase 'staging.example.com': define( 'DB_HOST', 'staging' ); break;\n"
    text += "case 'www.example.com': define( 'DB_HOST', 'live' ); break;\ndefault: define( 'DB_HOST', 'none' );\n}\n"
    (site / "wp-config.php").write_text("<?php\n" + text + DATABASE.replace("define( 'DB_HOST', 'localhost' );", "") + LOAD)
    assert describe(site, hosts=("www.example.com",))["database"]["host"] == "live"
    assert describe(site, hosts=("staging.example.com",))["database"]["host"] == "staging"


def test_an_address_from_the_request_is_told_from_one_that_is_fixed(site):
    assert configure(site, DATABASE + "define( 'WP_HOME', 'http://' . $_SERVER['HTTP_HOST'] );" + LOAD)["address_from_request"]
    found = describe(site, hosts=("www.example.com",))
    assert found["address_from_request"] and found["home"] == ""
    found = configure(site, DATABASE + "define( 'WP_HOME', 'http://www.example.com' );" + LOAD)
    assert not found["address_from_request"] and found["home"] == "http://www.example.com"


@pytest.mark.parametrize("above", [True, False])
def test_a_file_that_points_to_another_one_is_followed(site, above):
    private = site.parent / "private"
    private.mkdir()
    (private / "wp-config.php").write_text("<?php\n" + DATABASE.replace("'n'", "'private'") + "require_once ABSPATH . 'wp-settings.php';\n")
    pointer = site.parent / "wp-config.php" if above else site / "wp-config.php"
    target = "__DIR__ . '/private/wp-config.php'" if above else "dirname( __DIR__ ) . '/private/wp-config.php'"
    pointer.write_text(f"<?php\nif ( ! defined( 'ABSPATH' ) ) {{ define( 'ABSPATH', __DIR__ . '/' ); }}\nrequire_once {target};\n")
    found = describe(site)
    assert found["database"]["name"] == "private" and found["config_path"] == str(private / "wp-config.php")


def test_settings_in_a_file_that_only_loads_wordpress_last_are_those_of_the_first(site):
    (site / "start.php").write_text("<?php require ABSPATH . 'wp-settings.php';")
    found = configure(site, DATABASE + "require 'start.php';")
    assert found["config_path"] == str(site / "wp-config.php")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("require_once __DIR__ . '/gone/wp-config.php';", "gone/wp-config.php"),
        ("define( 'A', 1 );", "it does not load wp-settings.php"),
        ("exit;", "it ends before it loads WordPress"),
        ("if ( 'www.example.com' !== 1 ) { exit; }", "does not go on for any of the host names www.example.com"),
        ("header( 'Location: https://elsewhere.example/' ); exit;", "it sends visitors to https://elsewhere.example/"),
        ("nowhere();", "undefined function nowhere() in line 2"),
        ("define( ;", "syntax error"),
        (DATABASE + "require '/nowhere/wp-settings.php';", "/nowhere/wp-settings.php, which does not exist"),
    ],
)
def test_a_file_that_does_not_lead_to_wordpress_is_refused_with_its_name_and_the_reason(site, text, words):
    refusal = configure(site, text)["refusal"]
    assert words in refusal and str(site / "wp-config.php") in refusal and refusal.endswith(", then run again.")


@pytest.mark.parametrize("flavour", ["fpm", "mod_php"])
@pytest.mark.parametrize(
    "condition",
    [
        "PHP_SAPI !== 'cli'",
        "\\PHP_SAPI != 'cli'",
        "php_sapi_name() !== 'cli'",
        "PHP_SAPI === 'NAME'",
        "'NAME' === PHP_Sapi_Name ( )",
        "constant( 'PHP_SAPI' ) === 'NAME'",
        "! defined( 'STDIN' )",
        "! isset( $argv ) && empty( $_SERVER['argc'] )",
        "getenv( 'REQUEST_METHOD' ) === 'GET'",
        "isset( $_SERVER['REMOTE_ADDR'] )",
    ],
)
def test_settings_of_the_web_only_count_and_what_a_command_line_sees_is_said(site, flavour, condition):
    name = {"fpm": "fpm-fcgi", "mod_php": "apache2handler"}[flavour]
    (site / "web-only.php").write_text("<?php if ( " + condition.replace("NAME", name) + " ) { define( 'DB_HOST', '127.0.0.1' ); }")
    (site / "wp-config.php").write_text("<?php require __DIR__ . '/web-only.php';\n" + "@" + DATABASE.replace("define( 'DB_HOST'", "@define( 'DB_HOST'") + LOAD)
    found = describe(site, flavour)
    assert found["database"]["host"] == "127.0.0.1" and found["config_differences"] == ["DB_HOST"]


@pytest.mark.parametrize(
    "text",
    [
        "define( 'START', microtime( true ) ); define( 'NONCE', random_int( 0, PHP_INT_MAX ) );",
        "define( 'WP_HOME', 'http://' . $_SERVER['HTTP_HOST'] );",
        "class K { const PHP_SAPI = 'own'; function header() { return 'own'; } } define( 'OWN', K::PHP_SAPI . ( new K() )->header() );",
        "define( 'TEXT', 'PHP_SAPI php_sapi_name() header()' );",
    ],
)
def test_what_does_not_depend_on_the_command_line_is_no_difference(site, text):
    assert configure(site, DATABASE + text + LOAD)["config_differences"] == []


@pytest.mark.parametrize(("flavour", "directory"), [("mod_php", "apache2"), ("fpm", "fpm")])
def test_the_web_s_own_php_ini_counts_beside_that_of_the_command_line(site, tmp_path, flavour, directory):
    for name in ("cli", "apache2", "fpm"):
        (tmp_path / "etc" / name / "conf.d").mkdir(parents=True)
        (tmp_path / "etc" / name / "php.ini").write_text(f"include_path = {tmp_path}/{name}\nauto_prepend_file = {tmp_path}/{name}/first.php\n")
        (tmp_path / "etc" / name / "conf.d" / "own.ini").write_text(f"user_agent = {name}\n")
        (tmp_path / name).mkdir()
        (tmp_path / name / "first.php").write_text(f"<?php define( 'FIRST', '{name}' );")
        (tmp_path / name / "hosting.php").write_text(f"<?php define( 'HOSTING', '{name}' . ini_get( 'user_agent' ) );")
    (site / "wp-config.php").write_text("<?php require 'hosting.php';" + DATABASE + LOAD)
    php = tmp_path / "php"
    php.write_text(f'#!/bin/sh\nexec {PHP} -c {tmp_path}/etc/cli/php.ini -d auto_prepend_file= "$@"\n')
    php.chmod(0o755)
    code = "cloudpress_answer( cloudpress_evaluate( $request['root'], array( 'flavour' => $request['flavour'] ) )['constants'] );"
    found = _php.run(str(php), [code], {"root": str(site), "flavour": flavour})
    assert (found["FIRST"], found["HOSTING"]) == (directory, directory * 2)


def test_the_names_of_the_site_are_those_of_its_virtual_hosts(tmp_path):
    (tmp_path / "vhosts").mkdir()
    (tmp_path / "vhosts" / "a.conf").write_text(
        'ServerName default.example\n<VirtualHost *:80>\n  # ServerName commented.example\n  ServerName www.example.com\n  DocumentRoot "/srv/site"\n'
        "</VirtualHost>\n<virtualhost *:80>\n  DocumentRoot /srv/other\n  ServerName other.example\n</virtualhost>\n"
        "<VirtualHost *:443>\n\tservername https://www.example.com\n\tdocumentroot /srv/site/\n</VirtualHost>\n"
    )
    assert wordpress_host_info.names_of_site(_layouts.Host(str(tmp_path)), ["/vhosts", "/none"], "/srv/site") == ["www.example.com"]


def test_a_file_that_a_command_line_cannot_run_is_said_too(site):
    assert "DB_NAME" in configure(site, "if ( PHP_SAPI === 'cli' ) { exit; }" + DATABASE + LOAD)["config_differences"]


def test_values_keep_their_types(site):
    (site / "wp-config.php").write_text("<?php define( 'A', array( 'x' => array( 1, 2.5, true, null, \"\\xff\" ), 3 => 'ü' ) ); define( 'B', 1e22 );" + LOAD)
    code = """
    $c = cloudpress_evaluate( $request['root'] )['constants'];
    cloudpress_answer( array( 'same' => array( $c['A'], $c['B'] ) === array( array( 'x' => array( 1, 2.5, true, null, "\\xff" ), 3 => 'ü' ), 1e22 ) ) );
    """
    assert _php.run(PHP, [code], {"root": str(site)})["same"]


def test_the_file_may_read_write_and_list_files(site):
    text = """
    file_put_contents( __DIR__ . '/a.txt', "one\\n" ); file_put_contents( __DIR__ . '/a.txt', "two\\n", FILE_APPEND | LOCK_EX );
    mkdir( __DIR__ . '/deep/er', 0755, true ); rename( __DIR__ . '/a.txt', __DIR__ . '/deep/er/b.txt' ); touch( __DIR__ . '/deep/c.txt', 1000000000 );
    define( 'LINES', implode( '|', file( __DIR__ . '/deep/er/b.txt', FILE_IGNORE_NEW_LINES ) ) );
    define( 'LIST', implode( ',', array_diff( scandir( __DIR__ . '/deep' ), array( '.', '..' ) ) ) );
    define( 'TIME', filemtime( __DIR__ . '/deep/c.txt' ) );
    define( 'INI', parse_ini_string( file_get_contents( __DIR__ . '/x.ini' ) )['a'] . parse_ini_file( __DIR__ . '/x.ini' )['a'] );
    unlink( __DIR__ . '/deep/c.txt' ); unlink( __DIR__ . '/deep/er/b.txt' ); rmdir( __DIR__ . '/deep/er' );
    """
    (site / "x.ini").write_text("a = PHP\n")
    (site / "wp-config.php").write_text("<?php" + text + LOAD)
    found = constants(site)
    assert (found["LINES"], found["LIST"], found["TIME"], found["INI"]) == ("one|two", "c.txt,er", 1000000000, "PHPPHP")
    assert sorted(path.name for path in (site / "deep").iterdir()) == []


def test_what_the_file_prints_or_forges_is_not_taken_for_an_answer(site):
    found = configure(site, 'echo str_repeat( \'{"ended":"loads"}\', 9999 ); ob_end_flush(); ' + DATABASE + LOAD)
    assert found["database"]["name"] == "n"
