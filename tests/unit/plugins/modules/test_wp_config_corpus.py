# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wp_config on the shapes of wp-config.php that are met in the wild, and on generated ones.

Of every file four things must be true afterwards: it parses; PHP itself, which knows nothing of the module, sees every asked value; every byte that
is not a value asked for or the marked block is what it was; a second run changes nothing. The same files go through a rewrite by lines, as guides and
playbooks do it, to see that the corpus is one that a wrong rewriter fails on.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.cloudpress.lightsail.plugins.modules import wp_config
from tests.unit.plugins.modules.test_wp_config import PHP, Module

SHAPES = sorted((Path(__file__).parent / "wp_config_shapes").glob("*.php"))
WISH = {
    "DB_HOST": "ls-0.example.com:3306",
    "DB_PASSWORD": "it's $1 & \\1 / \\\\ ?> // ends with \\",
    "WP_HOME": "https://www.example.com",
    "DISALLOW_FILE_MODS": True,
    "WP_POST_REVISIONS": 7,
}
BLOCK = re.compile(rb"/\* BEGIN cloudpress constants .*?/\* END cloudpress constants \*/(?:\r?\n){2}", re.DOTALL)

READ_BACK = r"""
error_reporting(0);
$_SERVER['HTTP_HOST'] = 'host.invalid'; $_SERVER['REQUEST_METHOD'] = 'GET';
define('ABSPATH', $argv[1]);
function add_filter() {}
ob_start(); require $argv[2]; ob_end_clean();
$values = array();
foreach (array_slice($argv, 3) as $name) { $values[$name] = defined($name) ? base64_encode(serialize(constant($name))) : null; }
echo json_encode($values);
"""


def serialized(value) -> bytes:
    """The value as PHP's serialize() writes it."""
    if isinstance(value, bool):
        return b"b:%d;" % value
    if isinstance(value, int):
        return b"i:%d;" % value
    data = value.encode()
    return b's:%d:"%s";' % (len(data), data)


def wrong_values(path: Path, wish: dict) -> list[str]:
    """Names that a PHP which evaluates the file does not see with the asked value; all of them if it does not parse."""
    (path.parent / "wp-settings.php").write_text("<?php\n")
    done = subprocess.run([PHP, "-d", "display_errors=0", "-r", READ_BACK, "--", f"{path.parent}/", str(path), *wish], capture_output=True, check=False)
    if done.returncode:
        return ["(does not parse)"]
    seen = json.loads(done.stdout)
    return [name for name, value in wish.items() if seen[name] is None or base64.b64decode(seen[name]) != serialized(value)]


def rewrite_by_lines(data: bytes, wish: dict) -> bytes:
    """What ansible.builtin.lineinfile and sed recipes do: replace the line with the define, else add one before "stop editing"."""
    text = data.decode("utf-8", "surrogateescape")
    for name, value in wish.items():
        php = str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int) else f"'{value}'"
        line = f"define( '{name}', {php} );"
        text, found = re.subn(rf"(?m)^\s*define\(\s*'{name}'.*$", lambda match, line=line: line, text)  # type: ignore[misc]
        if not found:
            text = re.sub(r"(?m)^(/\* That's all)", lambda match, line=line: line + "\n" + match[1], text)  # type: ignore[misc]
    return text.encode("utf-8", "surrogateescape")


def variants(data: bytes):
    yield "LF", data
    yield "CRLF", data.replace(b"\n", b"\r\n")
    yield "byte order mark", b"\xef\xbb\xbf" + data
    yield "no newline at the end", data.rstrip(b"\n")
    yield "not UTF-8", data.replace(b"<?php\n", b"<?php\n// caf\xe9\n", 1).replace(b"<?php define", b"<?php /* caf\xe9 */ define", 1)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.stem)
def test_shapes_met_in_the_wild_become_exactly_what_is_expected(shape, tmp_path):
    expected = (shape.parent / "expected" / shape.name).read_bytes()
    for (variant, data), (_same, wanted) in zip(variants(shape.read_bytes()), variants(expected)):
        path = tmp_path / "wp-config.php"
        path.write_bytes(data)
        result = wp_config.run(Module(path, constants=WISH, backup=False))
        after = path.read_bytes()
        assert result["changed"], variant
        assert after == wanted.removeprefix(b"\xef\xbb\xbf"), variant
        assert not wrong_values(path, WISH), variant
        assert not wp_config.run(Module(path, constants=WISH, backup=False))["changed"], variant
        assert path.read_bytes() == after, variant


def test_a_rewrite_by_lines_breaks_the_same_shapes(tmp_path, capsys):
    failed = []
    for shape in SHAPES:
        path = tmp_path / "wp-config.php"
        path.write_bytes(rewrite_by_lines(shape.read_bytes(), WISH))
        wrong = wrong_values(path, WISH)
        if wrong:
            failed.append(f"{shape.stem}: {', '.join(wrong)}")
    with capsys.disabled():
        print(f"\nwp-config.php by lines: wrong in {len(failed)} of {len(SHAPES)} shapes; by wp_config: wrong in 0")
    assert len(failed) > len(SHAPES) // 2, "the shapes are too easy to tell a right rewriter from a wrong one"


# --- Generated files ---------------------------------------------------------------------------------------------------------------------------------

NAMES = ["DB_HOST", "DB_PASSWORD", "WP_HOME", "FS_METHOD", "DISALLOW_FILE_MODS"]

FILLERS = [
    "// define( 'DB_HOST', 'comment' );",
    "# define('DB_PASSWORD', 'comment');",
    "/* define( 'WP_HOME', 'comment' );\n * That's all, stop editing! */",
    "/** require_once ABSPATH . 'wp-settings.php'; */",
    "$a = \"define( 'DB_HOST', 'string' ); // \\\" x\";",
    "$b = 'define( \\'WP_HOME\\', 1 ); ?> <?php /*';",
    "$c = <<<TEXT\ndefine( 'FS_METHOD', 'heredoc' ); {$a} ${b}\nTEXT;",
    "$d = <<<'TEXT'\nrequire_once ABSPATH . 'wp-settings.php'; {$\nTEXT;",
    "class K%d { const DB_HOST = 'class'; function define( $x, $y ) { return \"{$x}${y}\"; } }",
    "if ( false ) { $e = array( 'define' => array( 1, 2 ) ); }",
    "define( 'OTHER_%d', array( 'DB_HOST' => \"a)b\", 'x' => ( 1 + 2 ) ) );",
    "?>\n<?php",
    "$table_prefix = 'wp_'; $g = function ( $h ) use ( $table_prefix ) { return [ $h, '}' ]; };",
    "for ( $i = 0; $i < 2; $i++ ): endfor;",
    "",
    "\t  ",
]

# value as PHP text; whether const may have it (a constant expression)
VALUES = [
    ("'localhost'", True),
    ("'it\\'s \\\\'", True),
    ('"a\\tb\\x41 \\$x"', True),
    ("'a' . \"b\" . ( 'c' )", True),
    ("<<<'EOT'\n'); // x\nEOT", True),
    ("<<<EOT\ntext , ( [\nEOT", True),
    ("true", True),
    ("NULL", True),
    ("-1", True),
    ("1 + 2 * ( 3 )", True),
    ("getenv( 'NOT_SET' ) ?: 'x, y'", False),
    ("isset( $_SERVER['HTTP_HOST'] ) ? \"http://{$_SERVER['HTTP_HOST']}/\" : 'z'", False),
    ("implode( ',', array( 'a', [ ')' ][0] ) )", False),
]

# head, tail, is it certain to be defined there, does it take any expression
SPELLINGS = [
    ("define( '{n}', ", " );", True, True),
    ('define("{n}",', ");", True, True),
    ("DEFINE ( '{n}' , ", " ) ;", True, True),
    ("\\define('{n}', ", ");", True, True),
    ("@define( '{n}', ", " );", True, True),
    ("define(\n\t'{n}', // 'DB_HOST',\n\t", "\n);", True, True),
    ("define( /* 'x', */ '{n}' /* , */, ", " /* ) */ );", True, True),
    ("$t = 1; define( '{n}', ", " ); $u = 2;", True, True),
    ("const {n} = ", ";", True, False),
    ("if ( ! defined( '{n}' ) ) {{\n\tdefine( '{n}', ", " );\n}}", True, True),
    ("if ( !defined('{n}') ) define('{n}', ", ");", True, True),
    ("defined( '{n}' ) || define( '{n}', ", " );", True, True),
    ("defined( '{n}' ) or define( '{n}', ", " );", True, True),
    ("if ( getenv( 'NOT_SET' ) ) {{ define( '{n}', ", " ); }}", False, True),
    ("$f = function () {{ define( '{n}', ", " ); }};", False, True),
    ("if ( true ):\n define( '{n}', ", " ); endif;", False, True),
]

REQUIRES = [
    "require_once ABSPATH . 'wp-settings.php';",
    'require_once( ABSPATH . "wp-settings.php" );',
    "/** Loads WordPress. */\nrequire ABSPATH.'wp-settings.php' ;",
    "if ( ! defined( 'ABSPATH' ) ) {\n\tdefine( 'ABSPATH', __DIR__ . '/' );\n}\n\nrequire_once dirname( __FILE__ ) . '/wp-settings.php';",
]
TAILS = ["", "\n", "\n?>", " ?>\n", "\ndefine( 'AFTER', 1 );\n", "\n// define( 'DB_HOST', 'late' );\n"]

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20) | st.text("'\"\\$&/?>{}<#*;,()1a\n\r ", max_size=14)
values = texts | st.booleans() | st.integers(1 - 2**63, 2**63 - 1)


@st.composite
def definitions(draw):
    head, tail, certain, anything = draw(st.sampled_from(SPELLINGS))
    name = draw(st.sampled_from(NAMES))
    value = draw(st.sampled_from([text for text, constant in VALUES if anything or constant]))
    return name, head.format(n=name), value, tail.format(n=name), certain


@st.composite
def files(draw):
    """The file as a list of (text, definition or None), and the wish."""
    parts: list = []
    for number, part in enumerate(draw(st.lists(st.sampled_from(FILLERS) | definitions(), max_size=9))):
        parts.append((part.replace("%d", str(number)), None) if isinstance(part, str) else ("", part))
    wish = draw(st.dictionaries(st.sampled_from(NAMES), values, min_size=1))
    return parts, draw(st.sampled_from(REQUIRES)), draw(st.sampled_from(TAILS)), draw(st.sampled_from(["\n", "\r\n"])), draw(st.booleans()), wish


def php_text(value) -> str:
    if isinstance(value, (bool, int)):
        return str(value).lower()
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def assemble(parts, require, tail, eol):
    return "\n".join(["<?php", *(text if what is None else "".join(what[1:4]) for text, what in parts), require]).replace("\n", eol) + tail.replace("\n", eol)


def allowed(parts, require, tail, eol, wish) -> re.Pattern:
    """What may come out beside the block: the file itself, but for the values asked for, up to the definition that is certain to count."""

    def same(text):
        return re.escape(text.replace("\n", eol).encode())

    pattern, settled = [same("<?php\n")], set()
    for text, what in parts:
        if what is None:
            pattern.append(same(text + "\n"))
            continue
        name, head, value, end, certain = what
        wanted = same(value)
        if name in wish and name not in settled:
            wanted = b"(?:" + wanted + b"|" + re.escape(php_text(wish[name]).encode()) + b")"
            if certain:
                settled.add(name)
        pattern.append(same(head) + wanted + same(end) + same("\n"))
    pattern.append(same(require + tail))
    return re.compile(b"".join(pattern), re.DOTALL)


def check_one(case):
    parts, require, tail, eol, bom, wish = case
    before = assemble(parts, require, tail, eol).encode()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "wp-config.php"
        path.write_bytes(b"\xef\xbb\xbf" * bom + before)
        wp_config.run(Module(path, constants=wish, backup=False))
        after = path.read_bytes()
        assert not wrong_values(path, wish)
        assert allowed(parts, require, tail, eol, wish).fullmatch(BLOCK.sub(b"", after, count=1)), after.decode(errors="replace")
        assert not wp_config.run(Module(path, constants=wish, backup=False))["changed"]
        assert path.read_bytes() == after


quick = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@settings(quick, max_examples=40)
@given(files())
def test_generated_files_keep_every_byte_but_the_values(case):
    check_one(case)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(quick, max_examples=1500, derandomize=False, print_blob=True)
@given(files())
def test_many_generated_files_keep_every_byte_but_the_values(case):
    check_one(case)
