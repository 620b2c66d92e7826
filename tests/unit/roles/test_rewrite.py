# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses in encoded content: every nesting of encodings, what is damaged or opaque, and large values."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

REWRITER = Path(__file__).resolve().parents[3] / "roles/wordpress_web_node/files/rewrite.php"
PHP = shutil.which("php")
pytestmark = pytest.mark.skipif(PHP is None, reason="needs a php on PATH")

NEW = "array('192.0.2.1', '127.0.0.1', 'www.example.com')"
ENCODINGS = r"""
// Each encoding: how a text is put into it, and how one gets it back (false if that fails).
$filler = array('n' => array(1, 2.5, 1.0E+25, -0.0, INF, null, true), 'ü🎉' => 'ü🎉 "q" \\ <b> & 100 % of it + more');
$prefix = 'v1: ü|';
$encodings = array(
    'serialize' => array(function ($t) use ($filler) { return serialize($filler + array('t' => $t, 'z' => array('', array()))); },
        function ($t) { $v = @unserialize($t); return is_array($v) ? $v['t'] : false; }),
    'object' => array(function ($t) {
        return "O:8:\"stdClass\":3:{s:4:\"\0*\0p\";i:1;s:6:\"\0Ab\0pr\";" . serialize($t) . 's:1:"o";O:8:"stdClass":1:{s:1:"r";r:1;}}';
    },
        function ($t) { $v = @unserialize($t); return is_object($v) ? ((array) $v)["\0Ab\0pr"] : false; }),
    'json' => array(function ($t) use ($filler) { return json_encode(array('f' => 'ü "q" \\ /', 't' => $t)); },
        function ($t) { $v = json_decode($t, true); return is_array($v) ? $v['t'] : false; }),
    'json-plain' => array(function ($t) {
        return json_encode(array('t' => $t, 'f' => 'ü "q" \\ /'), JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRETTY_PRINT);
    },
        function ($t) { $v = json_decode($t, true); return is_array($v) ? $v['t'] : false; }),
    'json-hex' => array(function ($t) { return json_encode(array($t), JSON_HEX_TAG | JSON_HEX_AMP | JSON_HEX_QUOT | JSON_HEX_APOS); },
        function ($t) { $v = json_decode($t, true); return is_array($v) ? $v[0] : false; }),
    'url' => array(function ($t) { return 'https://other.example/?a=1&to=' . rawurlencode($t) . '&b=2'; },
        function ($t) { return preg_match('/^https:..other.example.\?a=1&to=([^&]*)&b=2$/', $t, $m) ? rawurldecode($m[1]) : false; }),
    'form' => array(function ($t) { return 'a=1&to=' . urlencode($t) . '&b=2'; },
        function ($t) { return preg_match('/^a=1&to=([^&]*)&b=2$/', $t, $m) ? urldecode($m[1]) : false; }),
    'html' => array(function ($t) { return '<p data-x="' . htmlspecialchars($t, ENT_QUOTES) . '">x</p>'; },
        function ($t) { return preg_match('/^<p data-x="([^"<>]*)">x<.p>$/', $t, $m) ? htmlspecialchars_decode($m[1], ENT_QUOTES) : false; }),
    'slashes' => array('addslashes', 'stripslashes'),
    'base64' => array('base64_encode', function ($t) { return base64_decode($t, true); }),
    'blanks' => array(function ($t) { return " \r\n\t$t \n"; }, function ($t) { return substr($t, 4, -2); }),
    'prefix' => array(function ($t) use ($prefix) { return "$prefix$t"; },
        function ($t) use ($prefix) { return 0 === strpos($t, $prefix) ? substr($t, strlen($prefix)) : false; }),
);
$leaves = array(
    array('http://192.0.2.1/ü🎉?a=1&b="x" http://192.0.2.1', 'https://www.example.com/ü🎉?a=1&b="x" https://www.example.com'),
    array("<a href=\"//192.0.2.1/x\">ü</a>\nHTTPS://127.0.0.1:443/a+b%20c C:\\dir\\new",
        "<a href=\"//www.example.com/x\">ü</a>\nhttps://www.example.com/a+b%20c C:\\dir\\new"),
    array("http://192.0.2.10/ http://192.0.2.1:8080/ 192.0.2.1 https://www.example.com/ü?x>y~", null),
);
"""
NESTINGS = r"""
$chains = array(array());
for ($from = 0, $depth = 0; $depth < $in['depth']; $depth++, $from = $to) {
    for ($to = count($chains), $i = $from; $i < $to; $i++) {
        foreach (array_keys($encodings) as $name) {
            $chains[] = array_merge($chains[$i], array($name));
        }
    }
}
$out = array('cases' => 0, 'rewritten' => 0, 'faults' => array());
foreach ($chains as $chain) {
    foreach ($leaves as list($before, $after)) {
        $text = $before;
        foreach ($chain as $name) {
            $text = false === $text ? false : $encodings[$name][0]($text);
        }
        // JSON takes no bytes that are not UTF-8
        if (!is_string($text)) {
            continue;
        }
        $rewriter = new Cloudpress_Rewriter('https://www.example.com', array('192.0.2.1', '127.0.0.1', 'www.example.com'));
        $new = $decoded = $rewriter->rewrite($text);
        $out['cases']++;
        foreach (array_reverse($chain) as $name) {
            $decoded = false === $decoded ? false : $encodings[$name][1]($decoded);
        }
        $fault = array_keys(array_filter(array(
            'does not decode' => false === $decoded,
            'another value' => $decoded !== (null === $after ? $before : $after),
            'touched without an address' => null === $after && $new !== $text,
            'another result the second time' => $rewriter->rewrite($new) !== $new,
            'something left' => array() !== $rewriter->left,
        )));
        $out['rewritten'] += $new !== $text ? 1 : 0;
        if ($fault) {
            $out['faults'][] = implode(' < ', $chain) . ": $before: " . implode(', ', $fault);
        }
    }
}
"""


def php(code: str, value: object) -> object:
    code = f"require '{REWRITER}'; ini_set('memory_limit', '1G'); $in = json_decode(stream_get_contents(STDIN), true); {code} echo json_encode($out);"
    done = subprocess.run([PHP, "-d", "display_errors=stderr", "-r", code], input=json.dumps(value).encode(), capture_output=True, check=True)
    assert not done.stderr, done.stderr[:2000]
    return json.loads(done.stdout)


def rewrite(text: str) -> tuple[str, dict]:
    new, left = php(f"$r = new Cloudpress_Rewriter('https://www.example.com', {NEW}); $out = array($r->rewrite($in), (object) $r->left);", text)
    return new, left


def test_every_nesting_of_encodings():
    found = php(ENCODINGS + NESTINGS, {"depth": 3})
    print(f"{found['cases']} nested values, {found['rewritten']} rewritten, {len(found['faults'])} faults")
    assert not found["faults"], "\n".join(found["faults"][:20])
    assert found["cases"] > 5000 and found["rewritten"] > 3500


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("&quot;//192.0.2.1/x&quot;", "&quot;//www.example.com/x&quot;"),
        ("http&#58;&#47;&#x2F;192.0.2.1&#038;x", "https&#58;&#47;&#x2F;www.example.com&#038;x"),
        ("http:\\\\/\\\\/192.0.2.1\\\\/x", "https:\\\\/\\\\/www.example.com\\\\/x"),
        ("http%253A%252F%252F192.0.2.1%252Fx", "https%253A%252F%252Fwww.example.com%252Fx"),
        ("http\\u003a\\u002f\\u002f192.0.2.1", "https\\u003a\\u002f\\u002fwww.example.com"),
        ("http:\\x2f\\x2f192.0.2.1/a", "https:\\x2f\\x2fwww.example.com/a"),
        ("http%3A%2F%2F192.0.2.1%3A8080 http&#58;//192.0.2.1&#58;8080", "http%3A%2F%2F192.0.2.1%3A8080 http&#58;//192.0.2.1&#58;8080"),
        ('a|a:1:{i:0;s:16:"http://192.0.2.1";}b|s:16:"http://192.0.2.1";', 'a|a:1:{i:0;s:23:"https://www.example.com";}b|s:23:"https://www.example.com";'),
        ('a:1:{i:0;S:16:"\\68ttp://192.0.2.1";}', 'a:1:{i:0;s:23:"https://www.example.com";}'),
        ('a:3:{i:0;E:8:"Suit:One";i:1;R:1;i:2;s:16:"http://192.0.2.1";}', 'a:3:{i:0;E:8:"Suit:One";i:1;R:1;i:2;s:23:"https://www.example.com";}'),
        ("/go/" + base64.b64encode(b"http://192.0.2.1/").decode(), "/go/" + base64.b64encode(b"https://www.example.com/").decode()),
        (base64.b64encode(b"http://192.0.2.1/").decode().rstrip("="), base64.b64encode(b"https://www.example.com/").decode().rstrip("=")),
        (base64.urlsafe_b64encode(b"http://192.0.2.1/\xff\xfe~~~").decode(), base64.urlsafe_b64encode(b"https://www.example.com/\xff\xfe~~~").decode()),
        (
            base64.encodebytes(b"x" * 50 + b"http://192.0.2.1/" + b"y" * 60).decode(),
            base64.encodebytes(b"x" * 50 + b"https://www.example.com/" + b"y" * 60).decode(),
        ),
        (base64.b64encode(b"http://192.0.2.1:8080/").decode(), base64.b64encode(b"http://192.0.2.1:8080/").decode()),
    ],
)
def test_spellings(before, after):
    assert rewrite(before) == (after, {})


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        ('a:1:{i:0;s:99:"http://192.0.2.1";}', None, {"length": 1}),
        ('s:3:"http://192.0.2.1";', None, {"length": 1}),
        ('a:2:{i:0;s:16:"http://192.0.2.1";i:1;s:9:"htt', None, {"length": 1}),
        ('O:2:"Three":1:{i:0;s:16:"http://192.0.2.1";}', None, {"length": 1}),
        ('s:15:"ü http://192.0.2.1";', None, {"length": 1}),
        (
            '{"a":"a:1:{i:0;s:9:\\"http:\\/\\/192.0.2.1\\";}","b":"http://192.0.2.1"}',
            '{"a":"a:1:{i:0;s:9:\\"http:\\/\\/192.0.2.1\\";}","b":"https://www.example.com"}',
            {"length": 1},
        ),
        ("s:9:&quot;http://192.0.2.1&quot;; http://192.0.2.1", "s:9:&quot;http://192.0.2.1&quot;; https://www.example.com", {"length": 1}),
        (
            'a:2:{i:0;C:3:"Own":16:{http://192.0.2.1}i:1;s:16:"http://192.0.2.1";}',
            'a:2:{i:0;C:3:"Own":16:{http://192.0.2.1}i:1;s:23:"https://www.example.com";}',
            {"class": 1},
        ),
        ('C:3:"Own":9:{no address}', None, {}),
        ('a:1:{s:16:"http://192.0.2.1";i:1;}', None, {"key": 1}),
        ("http:~/~/192.0.2.1/a", None, {"encoding": 1}),
        ('{"u":"' + base64.b64encode(b"http://192.0.2.1/x").decode() + 'x"}', None, {"base64": 1}),
    ],
)
def test_what_cannot_be_rewritten_stays_and_is_named(before, after, left):
    assert rewrite(before) == (before if after is None else after, left)


TABLES = r"""
if (!class_exists('mysqli')) { class mysqli {} define('MYSQLI_ASSOC', 1); }
class Rows {
    public $rows;
    public function __construct($rows) { $this->rows = $rows; }
    public function fetch_all($mode = 0) { return $this->rows; }
    public function fetch_assoc() { return array_shift($this->rows); }
    public function fetch_row() { $row = array_shift($this->rows); return null === $row ? null : array_values($row); }
}
class Fake extends mysqli {
    public $asked = array();
    public $tables;
    public function __construct($tables) { $this->tables = $tables; }
    public function real_escape_string($text): string { return addslashes($text); }
    public function begin_transaction($flags = 0, $name = null): bool { return true; }
    public function commit($flags = 0, $name = null): bool { return true; }
    #[\ReturnTypeWillChange]
    public function query($query, $mode = 0) {
        $this->asked[] = $query;
        if (false !== strpos($query, 'information_schema')) { return new Rows($this->tables['columns']); }
        return new Rows(false !== strpos($query, 'SELECT `blob`') ? $this->tables['blobs'] : $this->tables['rows']);
    }
}
$database = new Fake($in);
$hosts = array('192.0.2.1', 'www.example.com');
$out = array(cloudpress_rewrite_tables($database, 'wp_', new Cloudpress_Rewriter('https://www.example.com', $hosts), $hosts, true), $database->asked);
"""


def test_the_report_names_column_and_kind():
    column = {"t": "wp_x", "d": "longtext", "k": "", "e": ""}
    report, asked = php(
        TABLES,
        {
            "columns": [{**column, "c": "id", "d": "bigint", "k": "PRI"}, {**column, "c": "text"}, {**column, "c": "blob", "d": "longblob"}],
            "rows": [
                {"id": 1, "text": 's:3:"http://192.0.2.1";'},
                {"id": 2, "text": 'C:3:"Own":16:{http://192.0.2.1}'},
                {"id": 3, "text": 's:4:"http://192.0.2.1"; http://192.0.2.1'},
                {"id": 4, "text": None},
            ],
            "blobs": [{"blob": "http://192.0.2.1"}, {"blob": "https://www.example.com 192.0.2.1"}],
        },
    )
    assert report["left"] == {"wp_x.text": {"length": 2, "class": 1}, "wp_x.blob": {"binary": 1}}
    assert (report["values"], report["columns"], report["opaque"]) == (1, {"wp_x.text": 1}, 1)
    # rows in which base64 hides the host are asked for, wherever in a group of three bytes it begins
    for shift in range(3):
        encoded = base64.b64encode(b"-" * shift + b"http://192.0.2.1/a").decode()
        assert any(needle in encoded for query in asked for needle in re.findall(r"AS BINARY\) LIKE '%([^%]+)%'", query)), shift


LARGE = {
    "text": 'str_repeat("<p>$u</p>\\n", $n / 33)',
    "one serialized string": 'serialize(array(str_repeat("$u ", $n / 27)))',
    "many serialized strings": "serialize(array_fill(0, $n / 44, $u))",
    "arrays in arrays": "str_repeat('a:1:{i:0;', $n / 10) . serialize($u) . str_repeat('}', $n / 10)",
    "serialized in JSON": "json_encode(array(serialize(array_fill(0, $n / 54, $u))))",
    "many serialized values in JSON": "json_encode(array_fill(0, $n / 70, serialize(array($u))))",
    "base64": 'base64_encode(str_repeat("$u ", $n / 36))',
    "a truncated value": "substr(serialize(array_fill(0, $n / 44, $u)), 0, -5)",
    "nothing but beginnings": "str_repeat('a:1:{i:0;', $n / 9) . $u",
    "wrong lengths": "str_repeat('s:99999:\\\\\"http://192.0.2.1\\\\\";', $n / 30)",
}


@pytest.mark.parametrize("kind", LARGE)
def test_large_values_take_time_in_proportion(kind):
    """Ten times the size may take 40 times as long, a noisy machine allowed for; what is quadratic takes 100 times."""
    code = f"""
    $u = 'http://192.0.2.1/ü/a?b="c"';
    $out = array();
    foreach (array(1000000, 10000000) as $n) {{
        $text = {LARGE[kind]};
        $r = new Cloudpress_Rewriter('https://www.example.com', {NEW});
        $start = microtime(true);
        $r->rewrite($text);
        $out[] = microtime(true) - $start;
    }}"""
    small, large = php(code, None)
    print(f"{kind}: 1 MB {small:.2f} s, 10 MB {large:.2f} s")
    assert large < max(40 * small, 2)


def test_lengths_are_right_in_large_encoded_values():
    """Many small values in one text are each decoded for themselves; none may be given up for the sum of them."""
    code = f"""
    $r = new Cloudpress_Rewriter('https://www.example.com', {NEW});
    $text = json_encode(array(json_encode(array_fill(0, 20000, serialize(array('http://192.0.2.1'))))));
    $values = json_decode(json_decode($r->rewrite($text), true)[0], true);
    $out = array(count(array_filter($values, function ($v) {{ return unserialize($v) === array('https://www.example.com'); }})), $r->left);"""
    assert php(code, None) == [20000, []]
