# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the module wp_config that PHP runs, because only PHP knows what in wp-config.php is code.

Private to the collection; may change at any time.
"""

from __future__ import annotations

# Runs on the host's own PHP: one JSON request on stdin, one JSON answer on stdout, so that no value is ever on a command line.
HELPER = r"""
error_reporting(0);
$request = json_decode(stream_get_contents(STDIN), true);

function cp_tokens($source, $flags = 0) {
    $tokens = array(); $offset = 0; $line = 1;
    foreach (token_get_all($source, $flags) as $token) {
        $text = is_array($token) ? $token[1] : $token;
        $id = is_array($token) ? $token[0] : 0;
        $tokens[] = array('id' => $id, 'text' => $text, 'start' => $offset, 'end' => $offset + strlen($text), 'line' => $line);
        $offset += strlen($text); $line += substr_count($text, "\n");
    }
    return $tokens;
}
function cp_silent($token) { return in_array($token['id'], array(T_WHITESPACE, T_COMMENT, T_DOC_COMMENT), true); }
function cp_next($tokens, $i) { for ($i++; $i < count($tokens); $i++) { if (!cp_silent($tokens[$i])) { return $i; } } return -1; }
function cp_prev($tokens, $i) { for ($i--; $i >= 0; $i--) { if (!cp_silent($tokens[$i])) { return $i; } } return -1; }
function cp_opens($t) { return in_array($t['text'], array('(', '[', '{', '${'), true) && ($t['id'] === 0 || $t['id'] === T_CURLY_OPEN ||
    $t['id'] === T_DOLLAR_OPEN_CURLY_BRACES); }
function cp_closes($t) { return $t['id'] === 0 && in_array($t['text'], array(')', ']', '}'), true); }
function cp_close($tokens, $open) {
    $depth = 0;
    for ($i = $open; $i < count($tokens); $i++) {
        if (cp_opens($tokens[$i])) { $depth++; } elseif (cp_closes($tokens[$i])) { if (--$depth === 0) { return $i; } }
    }
    return -1;
}
function cp_text($tokens, $from, $to) {
    $parts = array();
    for ($i = $from; $i <= $to; $i++) { if (!cp_silent($tokens[$i])) { $parts[] = $tokens[$i]['text']; } }
    return implode(' ', $parts);
}
// end of the expression that starts at $from: index of the first token at depth 0 whose text is in $ends
function cp_expression_end($tokens, $from, $ends) {
    $depth = 0;
    for ($i = $from; $i < count($tokens); $i++) {
        $t = $tokens[$i];
        if ($depth === 0 && ($t['id'] === 0 && in_array($t['text'], $ends, true) || $t['id'] === T_CLOSE_TAG)) { return $i; }
        if (cp_opens($t)) { $depth++; } elseif (cp_closes($t)) { $depth--; if ($depth < 0) { return -1; } }
    }
    return -1;
}
function cp_tagged($value) {
    if (is_string($value)) { return array('s', base64_encode($value)); }
    if (is_bool($value)) { return array('b', $value); }
    if (is_int($value)) { return array('i', $value); }
    if (is_float($value)) { return array('f', bin2hex(pack('E', $value))); }
    return array('x', gettype($value));
}
function cp_value($tokens, $from, $to, $source) {
    $from = cp_silent($tokens[$from]) ? cp_next($tokens, $from) : $from;
    $last = cp_prev($tokens, $to);
    $literal = true; $previous = '';
    for ($i = $from; $i <= $last; $i++) {
        $t = $tokens[$i];
        $plain = cp_silent($t) || in_array($t['id'], array(T_CONSTANT_ENCAPSED_STRING, T_LNUMBER, T_DNUMBER, T_START_HEREDOC,
            T_ENCAPSED_AND_WHITESPACE, T_END_HEREDOC), true)
            || ($t['id'] === T_STRING && in_array(strtolower($t['text']), array('true', 'false', 'null'), true)) || ($t['id'] === 0 && $t['text'] === '-');
        if (!$plain) { $literal = false; break; }
    }
    $text = substr($source, $tokens[$from]['start'], $tokens[$last]['end'] - $tokens[$from]['start']);
    $value = null;
    if ($literal) {
        try { $value = cp_tagged(eval('return ' . $text . "\n;")); } catch (Throwable $e) { $literal = false; }
    }
    return array('start' => $tokens[$from]['start'], 'end' => $tokens[$last]['end'], 'literal' => $literal, 'value' => $value,
        'normal' => base64_encode(cp_text($tokens, $from, $last)));
}
function cp_scan($source) {
    $tokens = cp_tokens($source);
    $found = array(); $comments = array(); $require = null;
    $stack = array(); $pending = null; $condition = ''; $colons = array();
    $enders = array(T_ENDIF, T_ENDFOREACH, T_ENDFOR, T_ENDWHILE, T_ENDSWITCH);
    foreach ($tokens as $i => $t) {
        $p = cp_prev($tokens, $i);
        $before = $p < 0 ? null : $tokens[$p];
        $fresh = $before === null || ($before['id'] === 0 && in_array($before['text'], array(';', '{', '}'), true)) || in_array($before['id'],
            array(T_OPEN_TAG, T_CLOSE_TAG), true);
        if (in_array($t['id'], array(T_COMMENT, T_DOC_COMMENT), true)) { $comments[] = array('text' => base64_encode($t['text']),
            'start' => $t['start'], 'end' => $t['end'], 'depth' => count($stack)); continue; }
        $memberish = $before !== null && in_array($before['text'], array('->', '::', '?->'), true);
        if (in_array(strtolower($t['text']), array('class', 'interface', 'trait', 'enum'), true) && $t['id'] !== 0 && !$memberish &&
            $t['id'] !== T_STRING) { $pending = 'class'; continue; }
        if ($t['id'] === T_FUNCTION) { $pending = 'function'; continue; }
        if ($t['id'] === T_NAMESPACE) { $pending = 'block'; continue; }
        if (in_array($t['id'], array(T_IF, T_FOREACH, T_FOR, T_WHILE, T_SWITCH), true)) {
            $open = cp_next($tokens, $i); $close = cp_close($tokens, $open); $after = cp_next($tokens, $close);
            $condition = $t['id'] === T_IF && $fresh ? cp_text($tokens, $open, $close) : '';
            if ($after > 0 && $tokens[$after]['text'] === ':') { $stack[] = array('block', $condition); $colons[] = $after; }
            continue;
        }
        if (in_array($t['id'], $enders, true)) { array_pop($stack); continue; }
        if ($t['text'] === '{' || $t['id'] === T_CURLY_OPEN || $t['id'] === T_DOLLAR_OPEN_CURLY_BRACES) {
            $guard = $before !== null && $before['text'] === ')' ? $condition : '';
            $stack[] = array($pending === null ? 'block' : $pending, $pending === null ? $guard : ''); $pending = null; $condition = ''; continue;
        }
        if ($t['id'] === 0 && $t['text'] === '}') { array_pop($stack); continue; }
        if ($t['id'] === 0 && $t['text'] === ';') { $pending = null; }
        $kinds = array(); foreach ($stack as $entry) { $kinds[] = $entry[0]; }
        if (in_array($t['id'], array(T_REQUIRE, T_REQUIRE_ONCE, T_INCLUDE, T_INCLUDE_ONCE), true) && $require === null && !array_intersect($kinds,
            array('class', 'function'))) {
            $end = cp_expression_end($tokens, $i, array(';'));
            for ($k = $i; $end > 0 && $k < $end; $k++) {
                if ($tokens[$k]['id'] === T_CONSTANT_ENCAPSED_STRING && substr(trim($tokens[$k]['text'], "'\""), -15) === 'wp-settings.php') {
                    // with the comment that describes it, if one stands right before it
                    $start = $t['start'];
                    for ($c = $i - 1; $c >= 0 && cp_silent($tokens[$c]); $c--) { if ($tokens[$c]['id'] === T_DOC_COMMENT) {
                        $start = $tokens[$c]['start']; break; } }
                    $require = array('start' => $t['start'],
                        'end' => $tokens[$end]['id'] === T_CLOSE_TAG ? $tokens[$end]['start'] : $tokens[$end]['end'], 'anchor' => $start,
                        'statement' => $fresh);
                    break;
                }
            }
            continue;
        }
        if ($t['id'] === T_CONST && !in_array('class', $kinds, true)) {
            $k = $i; $items = array(); $first = count($found);
            do {
                $n = cp_next($tokens, $k); $eq = cp_next($tokens, $n); $v = cp_next($tokens, $eq);
                if ($n < 0 || $eq < 0 || $v < 0 || $tokens[$eq]['text'] !== '=') { break; }
                $k = cp_expression_end($tokens, $v, array(',', ';'));
                if ($k < 0) { break; }
                $found[] = array('name' => $tokens[$n]['text'], 'kind' => 'const', 'line' => $t['line'], 'at' => $t['start'],
                    'unconditional' => count($stack) === 0, 'guarded' => false, 'value' => cp_value($tokens, $v, $k, $source), 'statement' => null);
            } while ($tokens[$k]['text'] === ',');
            if ($k > 0 && count($found) === $first + 1 && $tokens[$k]['text'] === ';') { $found[$first]['statement'] = array($t['start'],
                $tokens[$k]['end']); }
            continue;
        }
        if (strtolower(ltrim($t['text'], '\\')) !== 'define' || $t['id'] === 0 || $t['id'] === T_CONSTANT_ENCAPSED_STRING) { continue; }
        $head = $i; $b = $before;
        if ($b !== null && $b['id'] === T_NS_SEPARATOR) { $head = $p; $p = cp_prev($tokens, $head); $b = $p < 0 ? null : $tokens[$p]; }
        if ($b !== null && (in_array($b['id'], array(T_OBJECT_OPERATOR, T_DOUBLE_COLON, T_FUNCTION, T_NEW), true) || $b['text'] === '?->')) { continue; }
        if ($b !== null && $b['text'] === '@') { $head = $p; $p = cp_prev($tokens, $head); $b = $p < 0 ? null : $tokens[$p]; }
        $open = cp_next($tokens, $i);
        if ($open < 0 || $tokens[$open]['text'] !== '(') { continue; }
        $n = cp_next($tokens, $open); $comma = cp_next($tokens, $n);
        if ($n < 0 || $comma < 0 || $tokens[$n]['id'] !== T_CONSTANT_ENCAPSED_STRING || $tokens[$comma]['text'] !== ',') { continue; }
        $name = eval('return ' . $tokens[$n]['text'] . ';');
        $close = cp_close($tokens, $open);
        $end = cp_expression_end($tokens, $comma + 1, array(',', ')'));
        if ($end < 0) { continue; }
        $fresh = $b === null || in_array($p, $colons, true) || ($b['id'] === 0 && in_array($b['text'], array(';', '{', '}'), true)) ||
            in_array($b['id'], array(T_OPEN_TAG, T_CLOSE_TAG), true);
        $quoted = preg_quote($name, '/'); $self = '/^\( ! \\\\?defined \( [\'"]' . $quoted . '[\'"] \) \)$/i';
        $guarded = false;
        if ($fresh && count($stack) === 1) { $guarded = (bool) preg_match($self, $stack[0][1]); }
        if (!$fresh && count($stack) === 0 && $b['text'] === ')') { $guarded = (bool) preg_match($self, $condition); }
        if (!$fresh && count($stack) === 0 && in_array(strtolower($b['text']), array('||', 'or'), true)) {
            $s = $p; while ($s > 0) { $q = cp_prev($tokens, $s); if ($q < 0 || $tokens[$q]['id'] === T_OPEN_TAG || ($tokens[$q]['id'] === 0 &&
                in_array($tokens[$q]['text'], array(';', '{', '}'), true))) { break; } $s = $q; }
            $guarded = (bool) preg_match('/^\\\\?defined \( [\'"]' . $quoted . '[\'"] \)$/i', cp_text($tokens, $s, cp_prev($tokens, $p)));
        }
        $semi = cp_next($tokens, $close);
        $found[] = array('name' => $name, 'kind' => 'define', 'line' => $t['line'], 'at' => $t['start'], 'unconditional' => $fresh &&
            count($stack) === 0, 'guarded' => $guarded,
            'value' => cp_value($tokens, $comma + 1, $end, $source),
            'statement' => $fresh && $semi > 0 && $tokens[$semi]['text'] === ';' ? array($tokens[$head]['start'], $tokens[$semi]['end']) : null);
    }
    return array('found' => $found, 'comments' => $comments, 'require' => $require);
}
function cp_normal($expression) {
    $tokens = cp_tokens('<?php ' . $expression . "\n;");
    $end = cp_expression_end($tokens, 1, array(';', ','));
    $last = count($tokens) - 1;
    if ($end !== $last || $last < 2) { return null; }
    $from = cp_next($tokens, 0);
    return base64_encode(cp_text($tokens, $from, $last - 1));
}
// Evaluates the file as WordPress would, up to the statement that loads WordPress itself.
function cp_check($cp_request) {
    foreach ($cp_request['server'] as $cp_key => $cp_value) { $_SERVER[$cp_key] = $cp_value; }
    unset($_SERVER['argv'], $_SERVER['argc']);
    if ($cp_request['cli']) { define('WP_CLI', true); }
    if (!defined('ABSPATH')) { define('ABSPATH', $cp_request['abspath']); }
    $cp_code = '';
    $cp_require = cp_scan(base64_decode($cp_request['source']))['require'];
    foreach (cp_tokens(base64_decode($cp_request['source'])) as $cp_token) {
        if ($cp_token['start'] === $cp_require['start']) { $cp_code .= 'return;'; }
        if ($cp_token['start'] >= $cp_require['start'] && $cp_token['start'] < $cp_require['end']) { continue; }
        if ($cp_token['id'] === T_DIR) { $cp_code .= var_export(dirname($cp_request['path']), true); }
        elseif ($cp_token['id'] === T_FILE) { $cp_code .= var_export($cp_request['path'], true); }
        else { $cp_code .= $cp_token['text']; }
    }
    $cp_code = preg_match('/^<\?php\s/', $cp_code) ? substr($cp_code, 5) : '?>' . $cp_code;
    ob_start();
    try { eval($cp_code); } catch (Throwable $cp_error) { ob_end_clean();
        return array('error' => $cp_error->getMessage() . ' in line ' . $cp_error->getLine()); }
    $cp_printed = ob_get_clean();
    $cp_wrong = array();
    foreach ($cp_request['expect'] as $cp_name => $cp_wish) {
        if (!defined($cp_name)) { $cp_wrong[$cp_name] = 'is not defined'; continue; }
        if (isset($cp_wish['expression'])) {
            try { $cp_wanted = eval('return ' . base64_decode($cp_wish['expression']) . "\n;"); } catch (Throwable $cp_error) {
                return array('error' => $cp_name . ': ' . $cp_error->getMessage()); }
            if (constant($cp_name) !== $cp_wanted) { $cp_wrong[$cp_name] = 'has another value'; }
        } elseif (cp_tagged(constant($cp_name)) !== $cp_wish['value']) { $cp_wrong[$cp_name] = 'has another value'; }
    }
    foreach ($cp_request['absent'] as $cp_name) { if (defined($cp_name)) { $cp_wrong[$cp_name] = 'is still defined'; } }
    return array('wrong' => $cp_wrong ? $cp_wrong : new stdClass(), 'printed' => strlen($cp_printed));
}
if ($request['action'] === 'scan') {
    try { cp_tokens(base64_decode($request['source']), TOKEN_PARSE); } catch (Throwable $e) {
        echo "\x1e", json_encode(array('parse' => $e->getMessage() . ' in line ' . $e->getLine())); exit;
    }
    $answer = cp_scan(base64_decode($request['source']));
    $answer['normal'] = new stdClass();
    foreach ($request['expressions'] as $name => $expression) { $answer['normal']->$name = cp_normal(base64_decode($expression)); }
} else {
    // a fatal error or an exit in the file still has to give an answer
    register_shutdown_function(function () { if (empty($GLOBALS['cp_done'])) { while (ob_get_level()) { ob_end_clean(); } $e = error_get_last();
        echo "\x1e", json_encode(array('error' => $e ? $e['message'] : 'it ends before it loads WordPress')); } });
    $answer = cp_check($request);
}
$GLOBALS['cp_done'] = true;
echo "\x1e", json_encode($answer);
"""
