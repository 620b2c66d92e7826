# SPDX-License-Identifier: GPL-3.0-or-later
"""PHP is asked in one way, and its answer is found whatever is printed around it."""

from __future__ import annotations

import shutil

import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _php

PHP = shutil.which("php") or ""
pytestmark = pytest.mark.skipif(not PHP, reason="PHP is not installed here; make bootstrap-tests installs it")


def run(*code: str, **request: object) -> dict:
    return _php.run(PHP, list(code), request)


def test_the_request_arrives_and_the_answer_returns_whole() -> None:
    text = "quotes ' \" \\ umlaut ä newline\n <?php ?> \x1e"
    assert run("cloudpress_answer( array( 'text' => $request['text'], 'n' => 1, 'none' => null ) );", text=text) == {"text": text, "n": 1, "none": None}


def test_an_empty_answer_is_a_dictionary() -> None:
    assert run("cloudpress_answer( array() );") == {}


@pytest.mark.parametrize(
    "noise",
    [
        "echo 'Deprecated: something is old in /x.php on line 3';",
        'echo "{\\"answer\\": {\\"forged\\": 1}}\\n";',
        "ob_start(); echo 'kept back';",
        "trigger_error( 'old', E_USER_DEPRECATED );",
        "register_shutdown_function( function () { echo 'printed after the answer'; } );",
        "echo str_repeat( \"x\", 300000 );",
        "echo \"\\xff\\xfe\\x00\";",
    ],
)
def test_what_else_is_printed_does_not_hide_the_answer(noise: str) -> None:
    assert run(noise, "cloudpress_answer( array( 'ok' => true ) );") == {"ok": True}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("cloudpress_fail( 'There is no bucket.' );", "There is no bucket."),
        ("throw new Exception( 'It broke' );", "It broke"),
        ("nowhere();", "Call to undefined function nowhere()"),
        ("this is no PHP", "syntax error"),
        ("echo '<style>p{}</style><h1>Error establishing a database connection</h1>'; exit( 1 );", "Error establishing a database connection"),
        ("exit( 3 );", "exit status 3"),
    ],
)
def test_no_answer_is_an_error_with_the_reason(code: str, reason: str) -> None:
    with pytest.raises(_php.PhpError, match=reason.replace("(", r"\(").replace(")", r"\)")):
        run(code)


def test_parts_may_each_begin_with_an_opening_tag() -> None:
    assert run("<?php\nfunction two() { return 2; }\n", "<?php\n// comment\ncloudpress_answer( array( 'two' => two() ) );") == {"two": 2}


def test_code_runs_in_the_global_scope_as_wordpress_needs_it() -> None:
    assert run("$wp = 7; function seen() { global $wp; return $wp; } cloudpress_answer( array( 'wp' => seen() ) );") == {"wp": 7}


def test_php_that_does_not_end_is_stopped() -> None:
    with pytest.raises(_php.PhpError, match="within 1 seconds"):
        _php.run(PHP, ["while ( true ) { usleep( 1000 ); }"], {}, timeout=1)


def test_a_missing_program_is_named() -> None:
    with pytest.raises(_php.PhpError, match="/nowhere/php is not on this host"):
        _php.run("/nowhere/php", ["cloudpress_answer( array() );"], {})
