# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that MariaDB and MySQL spell differently: defaults of columns and floating-point numbers.

SHOW CREATE TABLE is the only place where both servers give a default whole: information_schema shows bytes above 127 as question marks
(MariaDB 10.11), or ends at the first NUL (MySQL 9.7).
"""

from __future__ import annotations

import re
import struct
from decimal import Decimal, InvalidOperation

_TOKEN = re.compile(rb"/\*.*?\*/|'(?:[^'\\]|''|\\.)*'|`(?:[^`]|``)*`|\"(?:[^\"\\]|\"\"|\\.)*\"|[\w$.@\x80-\xff]+|\s+|.", re.DOTALL)
# What may follow a default in the definition of a column.
_AFTER_DEFAULT = (b"ON", b"COMMENT", b"CHECK", b"CONSTRAINT", b"INVISIBLE", b"VISIBLE", b"COLUMN_FORMAT", b"STORAGE", b"REFERENCES", b"AUTO_INCREMENT")
_ESCAPES = {b"0": b"\0", b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"Z": b"\x1a"}
_STRING = re.compile(rb"(?:_\w+\s*)?('(?:[^'\\]|''|\\.)*')", re.DOTALL)
_NUMBERS = ("tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year")
_BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")
_NOW = re.compile(rb"(?:current_timestamp|now|localtime|localtimestamp)(?:\((\d?)\))?", re.IGNORECASE)
# Powers of two from which a value is scaled, the most usual first. From one to the next it has at most 31 digits before the point.
_STEP = 100
_SPANS = {"float": (-60, 40, -160), "double": (-60, *range(40, 1000, _STEP), *range(-160, -1070, -_STEP), -1080)}


def default_clauses(create: bytes) -> dict[str, bytes | None]:
    """Return for each column of a statement of SHOW CREATE TABLE the text behind DEFAULT, None without one."""
    clauses, definition, depth = {}, [], 0

    def end():
        words = [token for token in definition if token.strip()]
        if words and words[0].startswith(b"`"):
            clauses[words[0][1:-1].replace(b"``", b"`").decode("utf-8", "replace")] = _clause(definition)
        del definition[:]

    for token in _TOKEN.findall(create[create.index(b"(") + 1 :]):
        if token == b"(":
            depth += 1
        elif token == b")":
            depth -= 1
        if depth < 0:
            break
        if token == b"," and depth == 0:
            end()
        else:
            definition.append(token)
    end()
    return clauses


def _clause(definition: list[bytes]) -> bytes | None:
    depth, found = 0, None
    for token in definition:
        if token == b"(":
            depth += 1
        elif token == b")":
            depth -= 1
        word = token.upper()
        if depth == 0 and found is None:
            if word == b"DEFAULT":
                found = b""
        elif found is not None:
            # MySQL writes what older versions do not know as a comment
            if depth == 0 and (word in _AFTER_DEFAULT or word.startswith(b"/*")):
                break
            found += token
    return None if found is None else found.strip()


def default_value(kind: str, column_type: str, clause: bytes | None) -> str:
    """Return the value of a default in words that are the same on every server; an expression is only known as one.

    `kind` is the column's type without length, `column_type` the whole of it.
    """
    if clause is None or clause.upper() == b"NULL":
        return "NULL"
    value = _literal(clause)
    if value is None and clause.startswith(b"(") and clause.endswith(b")"):
        # MySQL takes a default for text as an expression only
        value = _literal(clause[1:-1].strip())
    if value is None:
        now = _NOW.fullmatch(clause)
        return "current_timestamp(%s)" % (now[1] or b"0").decode() if now else "an expression"
    if kind in _BYTES:
        length = re.fullmatch(r"binary\((\d+)\)", column_type)
        return "0x" + value.ljust(int(length.group(1)) if length else 0, b"\0").hex()
    text = value.decode("utf-8", "replace")
    if kind == "bit":
        return str(int.from_bytes(value, "big") if clause[:1] in b"bB" else int(text))
    try:
        if kind in _NUMBERS:
            return str(Decimal(text).normalize() + 0)
        if kind == "float":
            return repr(struct.unpack("f", struct.pack("f", float(text)))[0])
        if kind == "double":
            return repr(float(text))
    except (InvalidOperation, ValueError, OverflowError):
        pass
    return "'%s'" % text


def _literal(clause: bytes) -> bytes | None:
    """The bytes of a literal, or None for an expression. A bit string is its number in bytes."""
    string = _STRING.fullmatch(clause)
    if string:
        return re.sub(rb"''|\\(.)", lambda m: b"'" if m[1] is None else _ESCAPES.get(m[1], m[1]), string[1][1:-1], flags=re.DOTALL)
    bits = re.fullmatch(rb"[bB]'([01]*)'", clause)
    if bits:
        return int(bits[1] or b"0", 2).to_bytes(8, "big")
    digits = re.fullmatch(rb"(?:0x([0-9A-Fa-f]*)|[xX]'([0-9A-Fa-f]*)')", clause)
    if digits:
        return bytes.fromhex((digits[1] or digits[2] or b"").decode())
    return clause if re.fullmatch(rb"[-+]?[\d.]+(?:[eE][-+]?\d+)?", clause) else None


def float_text(name: str, kind: str) -> str:
    """Return SQL that is the same text for the same FLOAT or DOUBLE on every server.

    As text a FLOAT has six digits only, servers differ in when they write an exponent, and MySQL 9.7 drops the last digit of a long one.
    A factor that is a power of two changes no digit, and a DECIMAL(65,30) holds them all and has no exponent.
    """
    number = "(%s + 0e0)" % name
    cases = []
    for low in _SPANS[kind]:
        # in two steps, as 2 to the power of 1060 is no DOUBLE
        factor = "POW(2, %d) * POW(2, %d)" % (-low // 2, -low - -low // 2)
        scaled = "CAST(%s * %s AS DECIMAL(65,30))" % (number, factor)
        # beyond 1023 there is nothing to keep out, and what is smaller than the last span is 0
        below = " AND ABS(%s) < POW(2, %d)" % (number, low + _STEP) if low + _STEP < 1024 else ""
        cases.append("WHEN ABS(%s) >= POW(2, %d)%s THEN CONCAT('%d:', %s)" % (number, low, below, low, scaled))
    return "CAST(CASE %s ELSE %s END AS BINARY)" % (" ".join(cases), number)
