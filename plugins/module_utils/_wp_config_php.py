# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the module wp_config that PHP runs, because only PHP knows what in wp-config.php is code.

Private to the collection; may change at any time.
"""

from __future__ import annotations

from ansible_collections.cloudpress.lightsail.plugins.module_utils._wp_config_evaluate import EVALUATE

# Runs on the host's own PHP: one JSON request on stdin, one JSON answer on stdout, so that no value is ever on a command line.
HELPER = (
    EVALUATE
    + r"""
error_reporting(0);
$request = json_decode(stream_get_contents(STDIN), true);

function cp_tokens($source, $flags = 0) {
    $tokens = array(); $offset = 0; $line = 1;
    foreach (token_get_all($source, $flags) as $token) {
        $text = is_array($token) ? $token[1] : $token;
        $id = is_array($token) ? $token[0] : 0;
        $line = is_array($token) ? $token[2] : $line;
        $tokens[] = array('id' => $id, 'text' => $text, 'start' => $offset, 'end' => $offset + strlen($text), 'line' => $line);
        $offset += strlen($text); $line += cp_breaks($text);
    }
    return $tokens;
}
// PHP takes a carriage return alone for the end of a line too
function cp_breaks($text) { return preg_match_all('/\r\n?|\n/', $text); }
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
// Whether the name of a construct is followed by a colon (if: else: endif;), and where that stands.
function cp_colon($tokens, $i) {
    $next = cp_next($tokens, $i);
    if ($next > 0 && $tokens[$next]['text'] === '(') { $next = cp_next($tokens, cp_close($tokens, $next)); }
    return $next > 0 && $tokens[$next]['text'] === ':' ? $next : -1;
}
// The end of "case ...:", whose expression may have colons of its own.
function cp_label_end($tokens, $i) {
    for ($depth = 0, $choices = 0, $i++; $i < count($tokens); $i++) {
        if (cp_opens($tokens[$i])) { $depth++; } elseif (cp_closes($tokens[$i])) { $depth--; }
        if ($depth !== 0 || $tokens[$i]['id'] !== 0) { continue; }
        if ($tokens[$i]['text'] === '?') { $choices++; }
        if ($tokens[$i]['text'] === ';' || ($tokens[$i]['text'] === ':' && $choices-- === 0)) { return $i; }
    }
    return -1;
}
// The blocks and the statements of the file. Each token is in one block: of the file, or of braces, of if: endif;, of one case of a switch.
function cp_outline($tokens) {
    $blocks = array(array('parent' => -1, 'kind' => 'file', 'guard' => '')); $of = array(); $statements = array();
    $colons = array(); $guards = array(); $label = -1;
    $stack = array(array('block' => 0, 'start' => null, 'depth' => 0, 'pending' => ''));
    $enders = array(T_ENDIF, T_ENDFOREACH, T_ENDFOR, T_ENDWHILE, T_ENDSWITCH, T_ENDDECLARE);
    $open = function ($kind, $guard) use (&$blocks, &$stack) {
        $blocks[] = array('parent' => $stack[count($stack) - 1]['block'], 'kind' => $kind, 'guard' => $guard);
        $stack[] = array('block' => count($blocks) - 1, 'start' => null, 'depth' => 0, 'pending' => '');
    };
    $end = function ($at) use (&$statements, &$stack) {
        $top = &$stack[count($stack) - 1];
        if ($top['start'] !== null) { $statements[] = array('start' => $top['start'], 'end' => $at, 'block' => $top['block']); }
        $top['start'] = null; $top['pending'] = '';
    };
    foreach ($tokens as $i => $t) {
        $top = &$stack[count($stack) - 1];
        $of[$i] = $top['block']; $id = $t['id']; $text = $t['text']; $word = strtolower($text);
        if (cp_silent($t) || $i <= $label) { continue; }
        if (in_array($id, array(T_OPEN_TAG, T_OPEN_TAG_WITH_ECHO), true)) { continue; }
        if ($id === T_CLOSE_TAG) { if ($top['depth'] === 0) { $end($i - 1); } continue; }
        $p = cp_prev($tokens, $i); $n = cp_next($tokens, $i);
        $before = $p < 0 ? '' : $tokens[$p]['text']; $follows = $n < 0 ? '' : $tokens[$n]['text'];
        $member = in_array($before, array('->', '::', '?->'), true);
        if (in_array($id, array(T_ELSE, T_ELSEIF), true) && cp_colon($tokens, $i) > 0) {
            $end($p); array_pop($stack); $colons[cp_colon($tokens, $i)] = ''; continue;
        }
        if (in_array($id, $enders, true)) { $end($p); array_pop($stack); continue; }
        $kind = $blocks[$top['block']]['kind'];
        if (($id === T_CASE && $kind !== 'class') || ($id === T_DEFAULT && in_array($follows, array(':', ';'), true))) {
            $end($p); array_pop($stack); $open($kind, ''); $label = cp_label_end($tokens, $i); continue;
        }
        if ($top['start'] === null && $text !== '}') { $top['start'] = $i; }
        if (in_array($id, array(T_IF, T_ELSEIF, T_FOREACH, T_FOR, T_WHILE, T_SWITCH, T_DECLARE), true) && $follows === '(') {
            $close = cp_close($tokens, $n); $body = cp_next($tokens, $close);
            $guard = $id === T_IF && $i === $top['start'] ? cp_text($tokens, $n, $close) : '';
            if (cp_colon($tokens, $i) > 0) { $colons[cp_colon($tokens, $i)] = $guard; } else { $guards[$body] = $guard; }
        }
        if ($id === T_FUNCTION && !$member && strtolower($before) !== 'use') { $top['pending'] = 'function'; }
        if ($id !== 0 && $id !== T_STRING && !$member && in_array($word, array('class', 'interface', 'trait', 'enum', 'match'), true)) {
            $top['pending'] = $word === 'match' ? 'match' : 'class'; }
        if ($id === T_NAMESPACE && $i === $top['start']) { $top['pending'] = 'namespace'; }
        if ($id === T_CURLY_OPEN || $id === T_DOLLAR_OPEN_CURLY_BRACES) { $open('text', ''); continue; }
        if (($id === 0 && ($text === '(' || $text === '[')) || $text === '#[') { $top['depth']++; continue; }
        if ($id === 0 && ($text === ')' || $text === ']')) { $top['depth']--; continue; }
        if ($id === 0 && $text === ':' && isset($colons[$i])) { $open('block', $colons[$i]); continue; }
        if ($id === 0 && $text === '{') {
            $kind = $top['pending'] !== '' ? $top['pending'] :
                ($member || $before === '$' || ($p >= 0 && $tokens[$p]['id'] === T_VARIABLE) || $before === ']' ? 'text' : 'block');
            $top['pending'] = '';
            $open($kind, isset($guards[$i]) ? $guards[$i] : ''); continue;
        }
        if ($id === 0 && $text === '}') {
            $end($p); $kind = $blocks[$stack[count($stack) - 1]['block']]['kind']; array_pop($stack);
            unset($top); $top = &$stack[count($stack) - 1];
            $first = $top['start'] === null ? '' : strtolower($tokens[$top['start']]['text']);
            $whole = $top['depth'] === 0 && ($kind === 'namespace' || ($kind === 'block' && !in_array(strtolower($follows), array('else', 'elseif', 'catch',
                'finally'), true) && !($first === 'do' && strtolower($follows) === 'while')) || ($kind === 'function' && in_array($first, array('function',
                '#[', 'static'), true) && !in_array($follows, array(';', '(', ')', ','), true))
                || ($kind === 'class' && in_array($first, array('class', 'abstract', 'final', 'interface', 'trait', 'enum', 'readonly', '#['), true)));
            // an alternative that comes with a colon belongs to the construct around it
            $next = in_array(strtolower($follows), array('else', 'elseif'), true) && cp_colon($tokens, $n) > 0;
            if ($whole || ($next && $top['depth'] === 0 && $kind === 'block')) { $end($i); }
            continue;
        }
        if ($id === 0 && $text === ';' && $top['depth'] === 0 && (!in_array(strtolower($follows), array('else', 'elseif'), true) ||
            cp_colon($tokens, $n) > 0)) { $end($i); }
    }
    return array('blocks' => $blocks, 'of' => $of, 'statements' => $statements, 'guards' => $guards);
}
function cp_within($blocks, $inner, $outer) {
    for (; $inner >= 0; $inner = $blocks[$inner]['parent']) { if ($inner === $outer) { return true; } }
    return false;
}
// whether statements of the block run where they stand: not when a function is called, and not as part of an expression
function cp_runs($blocks, $block) {
    for (; $block >= 0; $block = $blocks[$block]['parent']) {
        if (!in_array($blocks[$block]['kind'], array('file', 'block', 'namespace'), true)) { return false; }
    }
    return true;
}
// the innermost statement that holds the token and runs where it stands
function cp_statement($outline, $i, $around = null) {
    $best = null;
    foreach ($outline['statements'] as $s) {
        if ($s['start'] <= $i && $i <= $s['end'] && cp_runs($outline['blocks'], $s['block']) && ($best === null || $s['start'] > $best['start'])
            && ($around === null || cp_within($outline['blocks'], $around, $s['block']))) { $best = $s; }
    }
    return $best;
}
// The tokens at which WordPress is loaded. $at: the line, and the function called there, by which PHP came to it when the file was evaluated.
function cp_loads($tokens, $outline, $at) {
    $includes = array(T_REQUIRE, T_REQUIRE_ONCE, T_INCLUDE, T_INCLUDE_ONCE);
    $loads = array(); $others = array();
    foreach ($tokens as $i => $t) {
        if (!in_array($t['id'], $includes, true) || !cp_runs($outline['blocks'], $outline['of'][$i])) { continue; }
        if ($at !== null && $t['line'] <= $at['line']) { $others[] = $i; }
        for ($k = $i + 1, $depth = 0; $k < count($tokens) && $depth >= 0; $k++) {
            if ($depth === 0 && ($tokens[$k]['text'] === ';' || $tokens[$k]['id'] === T_CLOSE_TAG)) { break; }
            if (cp_opens($tokens[$k])) { $depth++; } elseif (cp_closes($tokens[$k])) { $depth--; }
            if (in_array($tokens[$k]['id'], array(T_CONSTANT_ENCAPSED_STRING, T_ENCAPSED_AND_WHITESPACE), true) &&
                substr(trim($tokens[$k]['text'], "'\""), -15) === 'wp-settings.php') { $loads[] = $i; break; }
        }
    }
    if ($at === null) { return $loads; }
    // the outermost of the statements on the line; a call can stand on any of its lines
    $spans = function ($s) use ($tokens, $at) { return $tokens[$s['start']]['line'] <= $at['line'] && $at['line'] <= $tokens[$s['end']]['line'] +
        cp_breaks($tokens[$s['end']]['text']); };
    foreach ($loads as $i) { if ($spans(cp_statement($outline, $i))) { return $loads; } }
    if (in_array($at['function'], array('require', 'require_once', 'include', 'include_once'), true) && $others) {
        $i = end($others);
        if ($spans(cp_statement($outline, $i))) { return array($i); }
    }
    $best = null;
    foreach ($outline['statements'] as $s) {
        if (!cp_runs($outline['blocks'], $s['block']) || !$spans($s)) { continue; }
        if ($best === null || ($s['start'] >= $best['start'] && $s['end'] <= $best['end'])) { $best = $s; }
    }
    return $best === null ? $loads : array($best['start']);
}
function cp_scan($source, $at = null) {
    $tokens = cp_tokens($source);
    $outline = cp_outline($tokens);
    $blocks = $outline['blocks']; $of = $outline['of'];
    $starts = array(); foreach ($outline['statements'] as $s) { $starts[$s['start']] = $s; }
    $loads = cp_loads($tokens, $outline, $at);
    $found = array(); $comments = array(); $require = null;
    if ($loads) {
        $statement = cp_statement($outline, $loads[0]);
        foreach ($loads as $i) {
            while ($statement !== null && !cp_within($blocks, $of[$i], $statement['block'])) {
                $statement = cp_statement($outline, $loads[0], $blocks[$statement['block']]['parent']);
            }
        }
        if ($statement !== null) {
            // with the comment that describes it, if one stands right before it
            $anchor = $tokens[$statement['start']]['start'];
            for ($c = $statement['start'] - 1; $c >= 0 && cp_silent($tokens[$c]); $c--) { if ($tokens[$c]['id'] === T_DOC_COMMENT) {
                $anchor = $tokens[$c]['start']; break; } }
            $p = cp_prev($tokens, $statement['start']);
            $require = array('start' => $tokens[end($loads)]['start'], 'anchor' => $anchor, 'nested' => $loads[0] !== $statement['start'],
                'statement' => $p < 0 || $tokens[$p]['id'] !== T_OPEN_TAG_WITH_ECHO);
        }
    }
    // whether the code in the block before this place always runs before WordPress is loaded
    $certain = function ($block, $i) use ($blocks, $of, $loads) {
        foreach ($loads as $load) { if ($i > $load || !cp_within($blocks, $of[$load], $block)) { return false; } }
        return true;
    };
    foreach ($tokens as $i => $t) {
        if (in_array($t['id'], array(T_COMMENT, T_DOC_COMMENT), true)) { $comments[] = array('text' => base64_encode($t['text']),
            'start' => $t['start'], 'end' => $t['end']); continue; }
        $p = cp_prev($tokens, $i);
        $b = $p < 0 ? null : $tokens[$p];
        if ($t['id'] === T_CONST && $blocks[$of[$i]]['kind'] !== 'class' && ($b === null || strtolower($b['text']) !== 'use')) {
            $k = $i; $first = count($found);
            do {
                $n = cp_next($tokens, $k); $eq = cp_next($tokens, $n); $v = cp_next($tokens, $eq);
                if ($n < 0 || $eq < 0 || $v < 0 || $tokens[$eq]['text'] !== '=') { break; }
                $k = cp_expression_end($tokens, $v, array(',', ';'));
                if ($k < 0) { break; }
                $found[] = array('name' => $tokens[$n]['text'], 'line' => $t['line'], 'at' => $t['start'], 'sure' => $certain($of[$i], $i),
                    'value' => cp_value($tokens, $v, $k, $source), 'statement' => null);
            } while ($tokens[$k]['text'] === ',');
            if ($k > 0 && count($found) === $first + 1 && $tokens[$k]['text'] === ';') { $found[$first]['statement'] = array($t['start'],
                $tokens[$k]['end']); }
            continue;
        }
        if (strtolower(ltrim($t['text'], '\\')) !== 'define' || $t['id'] === 0 || $t['id'] === T_CONSTANT_ENCAPSED_STRING) { continue; }
        $head = $i;
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
        $fresh = isset($starts[$head]);
        $quoted = '\\\\?defined \( [\'"]' . preg_quote($name, '/') . '[\'"] \)'; $self = '/^\( ! ' . $quoted . ' \)$/i';
        $block = $of[$head];
        $sure = $fresh && ($certain($block, $head) || (preg_match($self, $blocks[$block]['guard']) && $certain($blocks[$block]['parent'], $head)));
        if (!$fresh && isset($outline['guards'][$head])) { $sure = preg_match($self, $outline['guards'][$head]) && $certain($block, $head); }
        if (!$fresh && $b !== null && in_array(strtolower($b['text']), array('||', 'or'), true)) {
            $statement = cp_statement($outline, $head);
            $sure = $statement !== null && $statement['block'] === $block && $certain($block, $head) && preg_match('/^' . $quoted . '$/i',
                cp_text($tokens, $statement['start'], cp_prev($tokens, $p)));
        }
        $semi = cp_next($tokens, $close);
        $found[] = array('name' => $name, 'line' => $t['line'], 'at' => $t['start'], 'sure' => (bool) $sure,
            'value' => cp_value($tokens, $comma + 1, $end, $source),
            'statement' => $fresh && $semi > 0 && $tokens[$semi]['text'] === ';' ? array($tokens[$head]['start'], $tokens[$semi]['end']) : null);
    }
    return array('found' => $found, 'comments' => $comments, 'require' => $require);
}
// The statements that only prepared a value that is not computed any more, such as DB_PASSWORD read from a file by a command. They would
// go on running, and take the site down once the file or the command is gone. Nothing is removed whose variable is used anywhere else.
function cp_risky($tokens, $from, $to) {
    $calls = array('shell_exec', 'exec', 'system', 'passthru', 'popen', 'proc_open', 'file_get_contents', 'file', 'fopen', 'fgets', 'readfile',
        'parse_ini_file', 'stream_get_contents');
    for ($i = $from; $i <= $to; $i++) {
        if ($tokens[$i]['text'] === '`') { return true; }
        $n = cp_next($tokens, $i);
        if ($tokens[$i]['id'] !== 0 && $n > 0 && $tokens[$n]['text'] === '(' && in_array(strtolower(ltrim($tokens[$i]['text'], '\\')), $calls, true)) {
            return true; }
    }
    return false;
}
function cp_variables($tokens, $from, $to) {
    $names = array();
    for ($i = $from; $i <= $to; $i++) { if ($tokens[$i]['id'] === T_VARIABLE) { $names[] = $tokens[$i]['text']; } }
    return array_unique($names);
}
// statements at the top of the file that give a variable its value: $name = ...;  and exec(..., $name);
function cp_assignments($tokens) {
    $found = array(); $depth = 0;
    $enders = array(T_ENDIF, T_ENDFOREACH, T_ENDFOR, T_ENDWHILE, T_ENDSWITCH);
    for ($i = 0; $i < count($tokens); $i++) {
        $t = $tokens[$i];
        if (cp_silent($t)) { continue; }
        if (cp_opens($t)) { $depth++; continue; }
        if (cp_closes($t) || in_array($t['id'], $enders, true)) { $depth--; continue; }
        if (in_array($t['id'], array(T_IF, T_FOREACH, T_FOR, T_WHILE, T_SWITCH), true)) {
            $after = cp_next($tokens, cp_close($tokens, cp_next($tokens, $i)));
            if ($after > 0 && $tokens[$after]['text'] === ':') { $depth++; }
        }
        $p = cp_prev($tokens, $i); $b = $p < 0 ? null : $tokens[$p];
        $fresh = $b === null || ($b['id'] === 0 && in_array($b['text'], array(';', '}'), true)) || in_array($b['id'], array(T_OPEN_TAG, T_CLOSE_TAG), true);
        if ($depth !== 0 || !$fresh) { continue; }
        $h = $t['text'] === '@' ? cp_next($tokens, $i) : $i; $t = $tokens[$h];
        $n = cp_next($tokens, $h); $name = null;
        if ($t['id'] === T_VARIABLE && $n > 0 && in_array($tokens[$n]['text'], array('=', '.=', '??='), true)) {
            $name = $t['text'];
        } elseif (strtolower(ltrim($t['text'], '\\')) === 'exec' && $n > 0 && $tokens[$n]['text'] === '(') {
            $comma = cp_expression_end($tokens, $n + 1, array(','));
            $v = $comma > 0 ? cp_next($tokens, $comma) : -1;
            if ($v > 0 && $tokens[$v]['id'] === T_VARIABLE) { $name = $tokens[$v]['text']; }
        }
        if ($name === null) { continue; }
        $end = cp_expression_end($tokens, $i, array(';'));
        if ($end > 0 && $tokens[$end]['text'] === ';') { $found[] = array('name' => $name, 'from' => $i, 'to' => $end); }
    }
    return $found;
}
function cp_orphans($source, $values) {
    $tokens = cp_tokens($source);
    foreach ($tokens as $i => $t) {
        // variables by computed names: nobody knows what is used
        if (in_array(strtolower($t['text']), array('compact', 'extract', 'get_defined_vars', '$globals'), true) && $t['id'] !== 0) { return array(); }
        if ($t['text'] === '$' && $t['id'] === 0) { return array(); }
    }
    $statements = cp_assignments($tokens);
    $risky = array(); $queue = array(); $needs = array();
    foreach ($values as $value) {
        $of = cp_tokens('<?php ' . $value . ';');
        $danger = cp_risky($of, 0, count($of) - 1);
        foreach (cp_variables($of, 0, count($of) - 1) as $name) { $queue[] = $name; if ($danger) { $risky[$name] = true; } }
    }
    foreach ($statements as $s) {
        foreach (cp_variables($tokens, $s['from'], $s['to']) as $name) { if ($name !== $s['name']) { $needs[$s['name']][] = $name; } }
    }
    // what a variable is made of, and whether a command or a file is among it
    $reach = function ($name, $seen = array()) use (&$reach, &$risky, $statements, $needs, $tokens) {
        if (isset($risky[$name])) { return true; }
        if (isset($seen[$name])) { return false; }
        $seen[$name] = true;
        foreach ($statements as $s) { if ($s['name'] === $name && cp_risky($tokens, $s['from'], $s['to'])) { return true; } }
        foreach (isset($needs[$name]) ? $needs[$name] : array() as $other) { if ($reach($other, $seen)) { return true; } }
        return false;
    };
    $gone = array();
    for ($again = true; $again;) {
        $again = false;
        foreach (array_unique($queue) as $name) {
            if (isset($gone[$name]) || in_array($name, array('$table_prefix', '$this'), true) || !$reach($name)) { continue; }
            $mine = array_filter($statements, function ($s) use ($name) { return $s['name'] === $name; });
            $used = !$mine;
            foreach ($tokens as $i => $t) {
                if (!($t['id'] === T_VARIABLE && $t['text'] === $name) && !($t['id'] === T_STRING_VARNAME && '$' . $t['text'] === $name)) { continue; }
                $inside = false;
                foreach ($statements as $s) {
                    if ($i >= $s['from'] && $i <= $s['to'] && ($s['name'] === $name || isset($gone[$s['name']]))) { $inside = true; }
                }
                $used = $used || !$inside;
            }
            if ($used) { continue; }
            $gone[$name] = $mine; $again = true;
            foreach (isset($needs[$name]) ? $needs[$name] : array() as $other) { $queue[] = $other; $risky[$other] = true; }
        }
    }
    $spans = array();
    foreach ($gone as $mine) {
        foreach ($mine as $s) { $spans[] = array($tokens[$s['from']]['start'], $tokens[$s['to']]['end'], $tokens[$s['from']]['line']); }
    }
    return $spans;
}
function cp_normal($expression) {
    $tokens = cp_tokens('<?php ' . $expression . "\n;");
    $end = cp_expression_end($tokens, 1, array(';', ','));
    $last = count($tokens) - 1;
    if ($end !== $last || $last < 2) { return null; }
    $from = cp_next($tokens, 0);
    return base64_encode(cp_text($tokens, $from, $last - 1));
}
// Where the file, evaluated as the web does, comes to WordPress: the files on the way, and the lines in them.
function cp_look($request) {
    $try = function ($path) use ($request) {
        try { return cloudpress_evaluate($request['root'], array('path' => $path)); } catch (Throwable $e) { return $e->getMessage(); } };
    // WordPress's own file may point to the one that was named
    $own = cloudpress_config_path($request['root']); $path = $own; $run = null;
    if ($own !== null && realpath($own) !== realpath($request['path'])) {
        $run = $try($own);
        if (is_string($run) || !in_array(realpath($request['path']), array_column($run['chain'], 'file'), true)) { $run = null; }
    }
    if ($run === null) { $path = $request['path']; $run = $try($path); }
    if (is_string($run)) { return array('path' => $path, 'reason' => $run, 'way' => array()); }
    $way = array();
    foreach ($run['chain'] as $step) { if (!isset($way[$step['file']])) { $way[$step['file']] = array('line' => $step['line'], 'function' => $step['function'],
        'names' => array_column(cp_scan((string) file_get_contents($step['file']))['found'], 'name')); } }
    return array('path' => $path, 'reason' => '', 'way' => $way, 'holder' => cloudpress_settings_file($run));
}
// Evaluates the new text in its place, in each situation.
function cp_check($request) {
    $texts = array('sources' => array($request['file'] => base64_decode($request['source'])));
    $before = array('sources' => array($request['file'] => base64_decode($request['before'])));
    $how = array('path' => $request['path'], 'expressions' => array_map('base64_decode', $request['expressions']));
    try { $run = cloudpress_evaluate($request['root'], $how + $texts); } catch (Throwable $e) {
        return array('situation' => 'a web request', 'error' => $e->getMessage()); }
    $answer = cp_compare($request, $run, 'a web request');
    $proxy = array('HTTP_X_FORWARDED_PROTO' => 'https', 'HTTP_CLOUDFRONT_FORWARDED_PROTO' => 'https') + $run['server'];
    $situations = array('a request without Host' => array('server' => array()), 'a request through a proxy' => array('server' => $proxy),
        'WP-CLI' => array('web' => false, 'wp_cli' => true));
    foreach ($request['thorough'] && !$answer ? $situations : array() as $situation => $special) {
        $run = cloudpress_evaluate_once($request['path'], $request['root'], $special + $how + $texts);
        if ($run['ended'] !== 'loads') {
            // a file that always stops there may go on doing so
            $old = cloudpress_evaluate_once($request['path'], $request['root'], $special + $how + $before);
            if ($run['ended'] === $old['ended'] && $run['reason'] === $old['reason']) { continue; }
            return array('situation' => $situation, 'error' => cloudpress_reason($run, realpath($request['path'])));
        }
        $answer = $answer ? $answer : cp_compare($request, $run, $situation);
    }
    return $answer ? $answer : new stdClass();
}
// what is not as it was wished, and the other file that says so, if one does
function cp_compare($request, $run, $situation) {
    $wrong = array();
    foreach ($request['expect'] as $name => $wish) {
        if (!array_key_exists($name, $run['constants'])) { $wrong[$name] = 'is not defined'; }
        elseif (cp_tagged($run['constants'][$name]) !== $wish) { $wrong[$name] = 'has another value'; }
    }
    foreach ($request['expressions'] as $name => $expression) {
        if (!array_key_exists($name, $run['constants'])) { $wrong[$name] = 'is not defined'; }
        elseif ($run['constants'][$name] !== $run['wanted'][$name]) { $wrong[$name] = 'has another value'; }
    }
    foreach ($request['absent'] as $name) { if (array_key_exists($name, $run['constants'])) { $wrong[$name] = 'is still defined'; } }
    foreach ($wrong as $name => $what) {
        $by = '';
        foreach ($run['files'] as $file) {
            $names = $file === $request['file'] ? array() : array_column(cp_scan((string) @file_get_contents($file))['found'], 'name');
            if ($by === '' && in_array($name, $names, true)) { $by = $file; }
        }
        return array('situation' => $situation, 'name' => $name, 'what' => $what, 'by' => $by);
    }
    return null;
}
if ($request['action'] === 'scan') {
    try { cp_tokens(base64_decode($request['source']), TOKEN_PARSE); } catch (Throwable $e) {
        echo "\x1e", json_encode(array('parse' => $e->getMessage() . ' in line ' . $e->getLine())); exit;
    }
    $answer = cp_scan(base64_decode($request['source']), $request['at']);
    $answer['normal'] = new stdClass();
    foreach ($request['expressions'] as $name => $expression) { $answer['normal']->$name = cp_normal(base64_decode($expression)); }
} elseif ($request['action'] === 'orphans') {
    $answer = cp_orphans(base64_decode($request['source']), array_map('base64_decode', $request['values']));
} else {
    $answer = $request['action'] === 'look' ? cp_look($request) : cp_check($request);
}
echo "\x1e", json_encode($answer);
"""
)
