# Copyright (c) 2026 The cloudpress.lightsail authors
# Simplified BSD License (see https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This is a PRIVATE module utility of the collection cloudpress.lightsail. It may change in any release.

"""The one way in which PHP is run on a host: code and request on standard input, the answer between two marks.

WordPress, its plugins and PHP's own notices print what they like before and after; a mark that is new for each run finds
the answer among it. Nothing of code or request stands in a command line.
"""

from __future__ import annotations

import base64
import getpass
import html
import json
import re
import secrets
import subprocess

from ansible_collections.cloudpress.lightsail.plugins.module_utils._wp_config_evaluate import EVALUATE

# The code sees $request and answers with one of the two functions. What ends it otherwise becomes the reason: an exception,
# a fatal error, or what WordPress printed before it gave up.
_PRELUDE = r"""<?php
ini_set( 'display_errors', 'stderr' );
$request = json_decode( base64_decode( '%(request)s' ), true );
function cloudpress_say( array $said, $status ) {
    $GLOBALS['cloudpress_said'] = true;
    $json = json_encode( $said, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR );
    file_put_contents( 'php://stdout', "\n%(mark)s{$json}%(mark)s\n" );
    exit( $status );
}
function cloudpress_answer( array $answer ) {
    cloudpress_say( array( 'answer' => (object) $answer ), 0 );
}
function cloudpress_fail( $reason ) {
    cloudpress_say( array( 'error' => (string) $reason ), 1 );
}
set_exception_handler(
    function ( $error ) {
        cloudpress_fail( $error->getMessage() );
    }
);
register_shutdown_function(
    function () {
        $error = error_get_last();
        $fatal = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_RECOVERABLE_ERROR;
        if ( empty( $GLOBALS['cloudpress_said'] ) && $error && ( $error['type'] & $fatal ) ) {
            cloudpress_fail( strtok( $error['message'], "\n" ) );
        }
    }
);
"""
_OPENING = re.compile(r"\A\s*<\?php\b")
_LONGEST_REASON = 600


class PhpError(Exception):
    """PHP gave no answer; the text is the reason."""


def program(code: list[str], request: dict, mark: str) -> str:
    """Return the text that PHP is given: the parts of the code, which may each begin with an opening tag, after what every program has."""
    encoded = base64.b64encode(json.dumps(request).encode()).decode()
    parts = [_PRELUDE % {"request": encoded, "mark": mark}, EVALUATE]
    parts.extend(_OPENING.sub("", part) for part in code)
    return "\n".join(parts) + "\n"


def _reason(output: str, errors: str, status: int) -> str:
    """Return what PHP or WordPress said, as one line of text, when there was no answer."""
    plain = html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"(?is)<(style|script)\b.*?</\1>", " ", output)))
    words = " ".join(f"{plain} {errors}".split())
    return words[:_LONGEST_REASON] or f"it ended with exit status {status} and said nothing"


def run(php: str, code: list[str], request: dict, user: str | None = None, timeout: int = 600) -> dict:
    """Run the code and return its answer; raise PhpError with the reason when there is none.

    php is PHP's program for the command line, user whom it runs as (the present user by default), timeout is in seconds.
    """
    mark = secrets.token_hex(16)
    command = [php, "-d", "memory_limit=1G", "-d", "display_errors=stderr"]
    if user and user != getpass.getuser():
        command = ["runuser", "-u", user, "--", *command]
    try:
        done = subprocess.run(
            command,
            input=program(code, request, mark).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        raise PhpError(f"{error.filename} is not on this host") from error
    except subprocess.TimeoutExpired as error:
        raise PhpError(f"PHP gave no answer within {timeout} seconds") from error
    output, errors = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    parts = output.split(mark)
    if len(parts) < 3:
        raise PhpError(_reason(output, errors, done.returncode))
    said = json.loads(parts[1])
    if "error" in said:
        raise PhpError(" ".join(said["error"].split()) or _reason("", errors, done.returncode))
    return said["answer"]
