# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that both servers spell differently are equal, and those that differ are not: every type of column, with every kind of default."""

from __future__ import annotations

import random
import struct

import pytest
from lab import SCHEMA
from layouts import layout

pytestmark = pytest.mark.skipif(layout().name != "lightsail", reason="the servers are the same on both layouts")

DEFAULTS = {
    "tinyint": ["0", "-128", "true"],
    "int(5) zerofill": ["7"],
    "bigint": ["-9223372036854775808"],
    "bigint unsigned": ["18446744073709551615"],
    "decimal(10,3)": ["1", "-0.5", "1234567.891"],
    "decimal(65,30)": ["0.1"],
    "float": ["0", "0.000039", "1e-30", "3.4e38", "0.1", "1e20", "16777200"],
    "float(10,7)": ["0.0000000", "1.5"],
    "double": ["0", "1e-7", "1e300", "5e-324", "0.1", "123456789012345680", "1e15", "1e-15"],
    "double(10,4)": ["1.5"],
    "bit(1)": ["b'0'"],
    "bit(9)": ["b'101'"],
    "year": ["2020", "0"],
    "char(3)": ["''", "'a'"],
    "varchar(40)": [
        *("''", "'rgba(0,0,0,0.5)'", "'Home (main)'", "'uuid()'", "'a\\nb'", "'it''s'", "'a\\\\b'", "'NULL'", "'current_timestamp'", "'a, b) DEFAULT 1'"),
        *("'current_timestamp()'", "'%\\\"x'", "'ä🎉'", "'0x41'", "'-- x'", "'\\t'"),
    ],
    "varchar(9) character set latin1": ["'ä'"],
    "varchar(9) character set ucs2": ["'ä'"],
    "binary(16)": ["'" + "\\0" * 16 + "'", "''", "'a'", "x'ff00fe'"],
    "varbinary(9)": ["''", "'\\0'", "x'ff00fe'", "'a\\\\b'", "'0x41'", "'it''s'"],
    "enum('a','it''s','x(y')": ["'it''s'", "'x(y'"],
    "set('a','b')": ["'a,b'", "''"],
    "text": ["'it''s (a)'", "''", "'a\\nb'"],
    "blob": ["x'00ff'"],
    "json": [],
    "date": ["'2020-01-01'", "'0000-00-00'"],
    "datetime": ["'2020-01-01'", "current_timestamp", "'0000-00-00'"],
    "datetime(3)": ["'2020-01-01 01:02:03.5'", "current_timestamp(3)"],
    "timestamp(2)": ["current_timestamp(2)", "'2020-01-01 00:00:01'"],
    "time(3)": ["'1:2:3.5'", "'-10:00:00'"],
}
# What a default becomes, and the table in which; each is another value.
CHANGES = {
    "'rgba(0,0,0,0.5)'": "'rgba(0,0,0,0.6)'",
    "'current_timestamp()'": "'now()'",
    "'a\\nb'": "'anb'",
    "0.000039": "0.0000391",
    "1e300": "1.0000000000000002e300",
    "'" + "\\0" * 16 + "'": "x'00000000000000000000000000000001'",
    "b'101'": "b'100'",
    "1234567.891": "1234567.892",
}


def numbers(count=3000):
    """Pairs of a FLOAT and a DOUBLE as SQL, over their whole range."""
    chance = random.Random(7)
    yield from ("(NULL, NULL)", "(0, 0)", "(1e-45, 5e-324)", "(3.4e38, 1.7976931348623157e308)", "(-1, 2.2250738585072014e-308)", "(0.1, 0.1)")
    for number in range(count):
        if number % 3:
            single = struct.unpack("f", struct.pack("I", chance.getrandbits(32)))[0]
            double = struct.unpack("d", struct.pack("Q", chance.getrandbits(64)))[0]
        else:
            single, double = (chance.uniform(-1, 1) * 10 ** chance.randint(-20, 20) for dummy in "fd")
        if abs(single) < float("inf") and abs(double) < float("inf"):
            yield f"({single!r}, {double!r})"


@pytest.fixture(scope="module")
def moved(prepared_lab):
    lab = prepared_lab
    lab.host()
    lab.empty_database()
    tables = {}
    for kind, defaults in DEFAULTS.items():
        for default in [*defaults, "NULL", None]:
            tables[f"g{len(tables)}"] = (kind, default)
    statements = ["SET sql_mode = ''"]
    for number, (name, (kind, default)) in enumerate(tables.items()):
        statements.append(f"CREATE TABLE {name} (id int AUTO_INCREMENT PRIMARY KEY, c {kind} NULL{'' if default is None else ' DEFAULT ' + default}, w int)")
        if number % 2:
            statements.append(f"INSERT INTO {name} (w) VALUES (1)")
    values = list(numbers())
    statements += ["CREATE TABLE numbers (id int AUTO_INCREMENT PRIMARY KEY, f float, d double)", f"INSERT INTO numbers (f, d) VALUES {', '.join(values)}"]
    lab.here(";\n".join(statements) + ";")
    status, output = lab.move()
    assert status == 0, output
    print(f"{len(tables)} columns and {2 * len(values)} floating-point numbers")
    return lab, tables


def differences(lab):
    # the role's own proof has written an option, and WordPress works on
    return [what for what in lab.compare()["differences"] if "wp_options" not in what]


def test_nothing_differs_after_a_move(moved):
    assert differences(moved[0]) == []


@pytest.mark.parametrize("change", ["d = 5e-324 WHERE id = 2", "f = 0 WHERE id = 1", "d = 0.10000000000000002 WHERE id = 6", "f = 0.10000001 WHERE id = 6"])
def test_the_least_change_of_a_number_is_found(moved, change):
    lab, _tables = moved
    column, row = change.split(" ")[0], change.split(" ")[-1]
    before = {"1": "NULL", "2": "0", "6": "0.1"}[row]
    lab.there(f"UPDATE {SCHEMA}.numbers SET {change}")
    found = differences(lab)
    lab.there(f"UPDATE {SCHEMA}.numbers SET {column} = {before} WHERE id = {row}")
    assert len(found) == 1 and "table numbers: " in found[0]


def test_each_changed_default_is_found(moved):
    lab, tables = moved
    # the default of a text is an expression in MySQL, which ALTER does not take
    changed = {name: CHANGES[default] for name, (kind, default) in tables.items() if default in CHANGES and kind != "text"}
    assert len(changed) >= len(CHANGES)
    for name, default in changed.items():
        lab.there(f"SET sql_mode = ''; ALTER TABLE {SCHEMA}.{name} ALTER c SET DEFAULT {default}")
    assert sorted(what.split(":")[0] for what in differences(lab)) == sorted(f"column {name}.c" for name in changed)
