# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wp_config on a DB_PASSWORD that is read from a file by a command: the lines that read it go together with it, and nothing else does."""

from __future__ import annotations

import pytest

from ansible_collections.cloudpress.lightsail.plugins.modules import wp_config
from tests.unit.plugins.modules.test_wp_config import Module, apply, php_value

FILE = """<?php
define( 'DB_NAME', 'wordpress' );
{before}
define( 'DB_PASSWORD', {value} );
{after}
$table_prefix = 'wp_';
if ( ! defined( 'ABSPATH' ) ) {{
	define( 'ABSPATH', __DIR__ . '/' );
}}
require_once ABSPATH . 'wp-settings.php';
"""
LOG = "/etc/credentials.log"


def edited(tmp_path, before, value, after=""):
    """The file after DB_PASSWORD was set, without the line that sets it."""
    path = tmp_path / "web" / "wp-config.php"
    path.parent.mkdir(exist_ok=True)
    path.write_text(FILE.format(before=before, value=value, after=after))
    path.chmod(0o440)
    result = apply(path, secrets={"DB_PASSWORD": "new"})
    assert result["constants"]["DB_PASSWORD"] == "edited" and php_value(path, "DB_PASSWORD") == "new"
    return path.read_text()


GONE = {
    "a command in a variable": (f"$cmd = 'tail -n 1 {LOG}';", "trim( shell_exec( $cmd ) )"),
    "the output of a command": (f"$db_password = trim( shell_exec( 'tail -n 1 {LOG}' ) );", "$db_password"),
    "a command and its output": (f"$cmd = 'tail -n 1 {LOG}';\n$db_password = shell_exec($cmd);\n$db_password = trim($db_password);", "$db_password"),
    "a path, a command and its output": (f"$log = '{LOG}';\n$cmd = \"tail -n 1 $log\";\n$password = `$cmd`;", "rtrim( $password )"),
    "lines of a file": (f"$lines = file( '{LOG}' );\n$last = end( $lines );", "trim( $last )"),
    "the second argument of exec": (f"@exec( 'tail -n 1 {LOG}', $out );", "$out[0]"),
}


@pytest.mark.parametrize("shape", GONE)
def test_lines_that_read_the_password_go_with_it(tmp_path, shape):
    text = edited(tmp_path, *GONE[shape])
    expected = FILE.format(before="", value="'new'", after="").replace("'wordpress' );\n\n", "'wordpress' );\n", 1)
    assert text == expected


STAYS = {
    "is used for another constant": (f"$cmd = 'tail -n 1 {LOG}';", "trim( shell_exec( $cmd ) )", "define( 'OTHER', $cmd );"),
    "is used in a text": (f"$cmd = 'tail -n 1 {LOG}';", "trim( shell_exec( $cmd ) )", "define( 'OTHER', \"by ${cmd}\" );"),
    "is used in a function": ("$pw = shell_exec( 'true' );", "trim( (string) $pw )", "function pw() { global $pw; return $pw; }"),
    "may be used by name": ("$pw = shell_exec( 'true' );", "trim( (string) $pw )", "define( 'OTHER', count( compact( 'pw' ) ) );"),
    "is assigned under a condition too": ("$pw = shell_exec( 'true' );\nif ( true ) { $pw = 'x'; }", "trim( (string) $pw )", ""),
    "comes from no command and no file": ("$pw = 'plain';", "$pw . 'text'", ""),
}


@pytest.mark.parametrize("reason", STAYS)
def test_a_line_stays_whose_variable(tmp_path, reason):
    before, value, after = STAYS[reason]
    assert edited(tmp_path, before, value, after) == FILE.format(before=before, value="'new'", after=after)


def test_removing_the_constant_removes_its_helper_lines_and_says_so(tmp_path):
    path = tmp_path / "web" / "wp-config.php"
    path.parent.mkdir()
    path.write_text(FILE.format(before=f"$cmd = 'tail {LOG}';", value="shell_exec( $cmd )", after=""))
    result = apply(path, absent=["DB_PASSWORD"])
    assert "$cmd" not in path.read_text() and "shell_exec" not in path.read_text()
    assert any("line 3: this statement only prepared the computed value" in warning for warning in result["warnings"])


def test_a_file_one_level_above_wordpress_is_evaluated_for_wordpress_and_keeps_its_mode(tmp_path):
    (tmp_path / "www" / "html").mkdir(parents=True)
    (tmp_path / "www" / "html" / "wp-load.php").write_text("<?php\n")
    path = tmp_path / "www" / "wp-config.php"
    # stops any WordPress that is not in html
    path.write_text("<?php\nif ( basename( ABSPATH ) !== 'html' ) { exit; }\nrequire_once ABSPATH . 'wp-settings.php';\n")
    path.chmod(0o440)
    with pytest.raises(wp_config.WpConfigError, match="it ends before it loads WordPress"):
        wp_config.run(Module(path, constants={"A": 1}, root=str(tmp_path / "elsewhere")))
    assert wp_config.run(Module(path, constants={"A": 1}))["changed"]
    assert path.stat().st_mode & 0o777 == 0o440


def test_a_backup_inside_of_wordpress_below_the_file_is_refused(tmp_path):
    (tmp_path / "www" / "html" / "backup").mkdir(parents=True)
    (tmp_path / "www" / "html" / "wp-load.php").write_text("<?php\n")
    path = tmp_path / "www" / "wp-config.php"
    path.write_text("<?php\nrequire_once ABSPATH . 'wp-settings.php';\n")
    with pytest.raises(wp_config.WpConfigError, match="hand the copy to visitors"):
        wp_config.run(Module(path, constants={"A": 1}, backup_dir=str(tmp_path / "www" / "html" / "backup")))
