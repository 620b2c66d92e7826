#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: mysql_compare
short_description: Compare the content of two MySQL or MariaDB schemas row by row
description:
  - Reads every row of two schemas, on two servers or on one, and says what differs. It changes nothing.
  - Each server hashes its own rows, one after the other, and sums the hashes for each table; only the sums are compared. So rows do not
    leave their server, the order in which the servers return them, which depends on collations, plays no part, and it holds for any
    pair of server versions and makers, where C(CHECKSUM TABLE) does not.
  - It speaks to the servers with PyMySQL, which is taken along from the controller, so that nothing has to be installed on the managed
    host.
  - Of a table whose rows differ, the first rows are named by their primary key, with the columns that differ, but not
    with what these hold.
  - Columns, indexes, foreign keys, views, triggers, routines and events are compared too, and that no C(AUTO_INCREMENT) of the target is
    behind. Not compared are definers, the text of views, and whether an event is enabled.
  - Nothing should write to either schema meanwhile.
version_added: 0.1.0
requirements:
  - PyMySQL >= 1.2 on the controller, or on the managed host if the controller has none
author:
  - Contributors to cloudpress.lightsail (@cloudpress)
attributes:
  async:
    support: none
    description: Supports being used with the C(async) keyword.
  check_mode:
    support: full
    description: Can run in check_mode and return changed status prediction without modifying the target.
  diff_mode:
    support: none
    description: Will return details on what has changed when in diff mode.
  idempotent:
    support: full
    description: When run twice in a row outside check mode with the same arguments, the second run makes no change.
  platform:
    support: full
    platforms: posix
    description: Target OS families that can be operated against.
options:
  source_defaults_file:
    description:
      - Option file, as the MySQL clients have it, that tells how to log in to the source, so that this is neither an option of this module
        nor on a command line.
      - Of its group C([client]) these count - C(host), C(port), C(socket), C(user), C(password), C(ssl-ca), C(ssl-cert) and C(ssl-key). With
        C(ssl-ca), the certificate of the server and its name are verified.
    type: path
    required: true
  source_schema:
    description: The schema of the source.
    type: str
    required: true
  target_defaults_file:
    description: As O(source_defaults_file), for the target.
    type: path
    required: true
  target_schema:
    description: The schema of the target. By default the name of O(source_schema).
    type: str
  pymysql:
    description:
      - Directory or zip file on the managed host that holds the package C(pymysql).
      - By default it is the controller's, which is taken along for the time of the task.
    type: path
  collations:
    description:
      - Collations that were replaced on purpose, as a map from the name in the source to the name in the target. Any other difference of
        collations is reported.
    type: dict
    default: {}
  ignore_tables:
    description: Names of tables whose content is not compared.
    type: list
    elements: str
    default: []
  compare_rows:
    description:
      - Compare the rows too. Without them only the definitions are compared, which takes seconds, and not the next number of an
        C(AUTO_INCREMENT).
    type: bool
    default: true
  fail_on_difference:
    description: Fail if anything differs. Otherwise it is only returned.
    type: bool
    default: true
seealso:
  - module: cloudpress.lightsail.wp_config
"""

EXAMPLES = r"""
- name: Prove that the copy is complete
  cloudpress.lightsail.mysql_compare:
    source_defaults_file: /root/source.cnf
    source_schema: shop
    target_defaults_file: /root/target.cnf
    target_schema: wordpress

- name: Look for differences
  cloudpress.lightsail.mysql_compare:
    source_defaults_file: /root/source.cnf
    source_schema: wordpress
    target_defaults_file: /root/target.cnf
    collations:
      utf8mb4_uca1400_ai_ci: utf8mb4_unicode_520_ci
    fail_on_difference: false
  register: result

- name: List the tables that differ
  ansible.builtin.debug:
    msg: "{{ result.differences }}"
"""

RETURN = r"""
equal:
  description: Whether both schemas hold the same.
  returned: always
  type: bool
  sample: true
differences:
  description: What differs, one sentence each.
  returned: always
  type: list
  elements: str
  sample:
    - "table wp_options: 131 rows in the source, 130 in the target; row with option_id = 7 is missing in the target"
different_tables:
  description: Names of the tables whose content or structure differs or that one side lacks.
  returned: always
  type: list
  elements: str
  sample:
    - wp_options
tables:
  description: Number of rows of each table of the source. Empty without O(compare_rows).
  returned: always
  type: dict
  sample:
    wp_options: 131
    wp_posts: 5
rows:
  description: Number of rows of all tables of the source.
  returned: always
  type: int
  sample: 136
bytes:
  description: Length of all values of the source.
  returned: always
  type: int
  sample: 52113
"""

import configparser
import os
import re
import sys
import threading
import traceback

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.cloudpress.lightsail.plugins.module_utils._mysql_values import default_clauses, default_value, float_text

# Each row begins with what it tells of. "schema" is replaced by the schema's name.
STRUCTURE = (
    """SELECT 'table', table_name, IFNULL(auto_increment, 0), IFNULL(table_collation, '') FROM information_schema.tables
     WHERE table_schema = {schema} AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')""",
    """SELECT 'view', table_name FROM information_schema.views WHERE table_schema = {schema}""",
    """SELECT 'column', table_name, column_name, column_type, is_nullable, IFNULL(character_set_name, ''), IFNULL(collation_name, ''), extra
     FROM information_schema.columns WHERE table_schema = {schema} ORDER BY table_name, ordinal_position""",
    """SELECT 'index', table_name, index_name, column_name, IFNULL(sub_part, ''), non_unique, index_type FROM information_schema.statistics
     WHERE table_schema = {schema} ORDER BY table_name, index_name, seq_in_index""",
    """SELECT 'foreign key', k.table_name, k.constraint_name, k.column_name, k.referenced_table_name, k.referenced_column_name, r.update_rule,
     r.delete_rule FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r
     ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
     WHERE k.table_schema = {schema} AND k.referenced_table_name IS NOT NULL ORDER BY k.table_name, k.constraint_name, k.ordinal_position""",
    """SELECT 'trigger', event_object_table, trigger_name, action_timing, event_manipulation, action_order, action_statement
     FROM information_schema.triggers WHERE trigger_schema = {schema}""",
    """SELECT LOWER(routine_type), routine_name, IFNULL(dtd_identifier, ''), is_deterministic, sql_data_access, security_type,
     IFNULL(routine_definition, '') FROM information_schema.routines WHERE routine_schema = {schema}""",
    """SELECT 'parameter', specific_name, LOWER(routine_type), IFNULL(parameter_mode, ''), IFNULL(parameter_name, ''), IFNULL(dtd_identifier, '')
     FROM information_schema.parameters WHERE specific_schema = {schema} ORDER BY specific_name, ordinal_position""",
    """SELECT 'event', event_name, event_type, IFNULL(interval_value, ''), IFNULL(interval_field, ''), IFNULL(execute_at, ''), on_completion,
     event_definition FROM information_schema.events WHERE event_schema = {schema}""",
)
# Of option files: https://dev.mysql.com/doc/refman/8.4/en/option-files.html
ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "r": "\r", "s": " "}
LONG = ("text", "blob")
BYTES = ("binary", "varbinary", "bit")
STRINGS = ("char", "binary", "enum", "set")
SPATIAL = ("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection")
SESSION = ("SET SESSION time_zone = '+00:00'", "SET SESSION sql_mode = ''")
# Rows that are looked at one by one, and rows of a table that are named
GROUP = 200
NAMED = 3
# How often, in seconds, a server that has not answered yet is asked whether it is there; gone is one that fails so many times in a row
LOOK = 15
GONE = 3


class CompareError(Exception):
    """One sentence for the user."""


def identifier(name):
    return "`" + name.replace("`", "``") + "`"


def plain_type(text):
    """MariaDB shows a width of integers and how a column is stored; MySQL does not."""
    text = re.sub(r"\s*/\*M?!.*?\*/", "", text)
    text = re.sub(r"\b((?:tiny|small|medium|big)?int|year)\(\d+\)", r"\1", text)
    return re.sub(r"\b(CHARSET|COLLATE|CHARACTER SET) \w+", "", text, flags=re.IGNORECASE).replace("geomcollection", "geometrycollection").strip()


def plain_charset(text):
    return re.sub(r"^utf8(?=_|$)", "utf8mb3", text)


def hash_of(column, kind):
    """SQL for one value as bytes, the same on any server, so that no two rows give the same text."""
    name = identifier(column)
    if kind.endswith(LONG):
        value = "SHA2(%s, 256)" % name
    elif kind in SPATIAL:
        value = "HEX(%s)" % name
    elif kind == "json":
        value = "SHA2(CAST(%s AS CHAR), 256)" % name
    elif kind.endswith(STRINGS):
        value = "CONCAT(LENGTH(%s), ':', CAST(%s AS BINARY))" % (name, name)
    elif kind in ("float", "double"):
        value = float_text(name, kind)
    elif kind == "bit":
        value = "CAST(%s + 0 AS BINARY)" % name
    else:
        value = "CAST(%s AS BINARY)" % name
    return "IFNULL(%s, 'N')" % value


def digest_of(columns):
    """SQL for the hash of some columns of a row, as hexadecimal digits."""
    return "SHA2(CONCAT_WS(',', %s), 256)" % ", ".join(hash_of(*column) for column in columns)


def number_of(columns):
    """SQL for that hash as a number, which can be summed."""
    return "CAST(CONV(LEFT(%s, 16), 16, 10) AS UNSIGNED)" % digest_of(columns)


def as_text(cell):
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    return "NULL" if cell is None else cell


def read_login(role, path):
    """What of an option file of the MySQL clients tells how to log in, as PyMySQL's connect takes it."""
    if not os.path.exists(path):
        raise CompareError("There is no option file %s for the %s." % (path, role))
    parser = configparser.RawConfigParser(allow_no_value=True, strict=False, delimiters=("=",), comment_prefixes=("#", ";"))
    try:
        with open(path, encoding="utf-8") as stream:
            # a leading line such as "!include" belongs to no group
            parser.read_string("[none]\n" + stream.read())
        items = parser.items("client")
    except (configparser.Error, UnicodeDecodeError):
        # the error would show a line
        raise CompareError("The option file %s for the %s is none: it must have a group [client] with lines name=value." % (path, role)) from None
    options = dict((name.replace("_", "-"), plain_option(value)) for name, value in items)
    login = {"host": options.get("host"), "user": options.get("user"), "unix_socket": options.get("socket")}
    # PyMySQL would encode text as Latin 1
    login["password"] = options.get("password", "").encode("utf-8")
    if options.get("protocol", "").lower() == "tcp":
        login["unix_socket"] = None
    if not options.get("port", "0").isdecimal():
        raise CompareError("The option file %s for the %s has a port that is not a number." % (path, role))
    login["port"] = int(options.get("port", "0"))
    for name in ("ca", "cert", "key"):
        if options.get("ssl-" + name):
            login["ssl_" + name] = options["ssl-" + name]
    if "ssl_ca" in login:
        login["ssl_verify_cert"] = login["ssl_verify_identity"] = True
    return login


def plain_option(value):
    """A value as the clients understand it: quotes around it and escapes are taken away, and a comment behind it."""
    value = re.match(r"""("(\\.|[^"\\])*"|'(\\.|[^'\\])*'|[^#]*)""", value or "").group().strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match.group(1), match.group(1)), value)


class Side:
    """One of the two schemas, and what was read of it."""

    def __init__(self, role, defaults_file, schema, driver):
        self.role, self.schema, self.driver = role, schema, driver
        self.login = read_login(role, defaults_file)
        self.connection = None
        self.objects = {}
        self.columns = {}
        self.keys = {}
        self.tables = {}
        self.bytes = 0
        self.error = None

    def _connect(self, **options):
        # no decoders, as defaults may hold bytes that are no text
        return self.driver.connect(charset="utf8mb4", use_unicode=False, conv={}, autocommit=True, connect_timeout=LOOK, **self.login, **options)

    def _is_there(self):
        try:
            self._connect(read_timeout=LOOK).close()
        except (self.driver.MySQLError, OSError):
            return False
        return True

    def _query(self, *statements):
        """Rows of all statements as lists of text."""
        return [[as_text(cell) for cell in row] for row in self._raw(*statements)]

    def _raw(self, *statements):
        """Rows of all statements as they come, in bytes. A statement may take hours; a server that is gone may not."""
        rows, errors = [], []

        def work():
            try:
                self.connection = self.connection or self._connect()
                with self.connection.cursor() as cursor:
                    for statement in statements:
                        cursor.execute(statement)
                        rows.extend(cursor.fetchall())
            except (self.driver.MySQLError, OSError, ValueError) as error:
                errors.append(error)

        # one that nobody waits for any more must not keep the process
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        missed = 0
        while missed < GONE:
            thread.join(LOOK)
            if not thread.is_alive():
                break
            missed = 0 if self._is_there() else missed + 1
        else:
            raise CompareError("The %s does not answer any more." % self.role)
        for error in errors:
            # one of PyMySQL is a number and a text
            text = " ".join(str(part) for part in error.args) if isinstance(error, self.driver.MySQLError) else str(error)
            raise CompareError("The %s could not be read to its end: %s" % (self.role, text))
        return rows

    def read_structure(self):
        name = "CONVERT(0x%s USING utf8mb4)" % self.schema.encode("utf-8").hex()
        if not self._query("SELECT 1 FROM information_schema.schemata WHERE schema_name = " + name):
            raise CompareError("The %s has no schema %s." % (self.role, self.schema))
        if "mariadb" not in self._query("SELECT VERSION()")[0][0].lower():
            # MySQL 8 serves AUTO_INCREMENT from a cache of a day
            self._query("/*!80000 SET SESSION information_schema_stats_expiry = 0 */")
        for kind, *cells in self._query(*(statement.format(schema=name) for statement in STRUCTURE)):
            getattr(self, "_" + kind.replace(" ", "_"))(*cells)
        self.columns = dict((table, columns) for table, columns in self.columns.items() if ("table", table, table) in self.objects)
        self._read_defaults()

    def _read_defaults(self):
        tables = sorted(self.columns)
        statements = ["SHOW CREATE TABLE %s.%s" % (identifier(self.schema), identifier(table)) for table in tables]
        # without a mode text stands in the statement as it would be sent
        rows = self._raw("SET SESSION sql_mode = ''", *statements)
        for table, row in zip(tables, rows):
            clauses = default_clauses(row[1])
            for name, kind in self.columns[table]:
                known = self.objects[("column", table + "." + name, table)]
                if not known["generated"]:
                    known["default"] = default_value(kind, known["type"], clauses.get(name))

    def _table(self, name, number, collation):
        self.objects[("table", name, name)] = {"next number": int(number), "collation": plain_charset(collation)}

    def _view(self, name):
        self.objects[("view", name, None)] = {"columns": ""}

    def _column(self, table, name, kind, nullable, charset, collation, extra):
        if ("view", table, None) in self.objects:
            self.objects[("view", table, None)]["columns"] += identifier(name)
            return
        extra = extra.lower()
        generated = "generated" in extra.replace("default_generated", "")
        self.columns.setdefault(table, []).append((name, re.match(r"\w+", plain_type(kind)).group()))
        self.objects[("column", table + "." + name, table)] = {
            "position": len(self.columns[table]),
            "type": plain_type(kind),
            "nullable": nullable,
            "character set": plain_charset(charset),
            "collation": plain_charset(collation),
            "auto_increment": "auto_increment" in extra,
            "on update": "on update" in extra,
            "generated": generated,
            "default": "NULL",
        }

    def _index(self, table, name, column, part, non_unique, kind):
        special = kind if kind in ("FULLTEXT", "SPATIAL") else ""
        found = self.objects.setdefault(("index", table + "." + name, table), {"columns": "", "unique": non_unique == "0", "kind": special})
        if name == "PRIMARY":
            self.keys.setdefault(table, []).append(column)
        found["columns"] += identifier(column) + ("(%s)" % part if part and not special else "")

    def _foreign_key(self, table, name, column, to_table, to_column, update, delete):
        rules = "%s, %s" % (update, delete)
        found = self.objects.setdefault(("foreign key", table + "." + name, table), {"columns": "", "rules": rules.replace("RESTRICT", "NO ACTION")})
        found["columns"] += "%s to %s.%s " % (column, to_table, to_column)

    def _trigger(self, table, name, timing, event, order, text):
        self.objects[("trigger", table + "." + name, None)] = {"event": "%s %s" % (timing, event), "order": order, "text": text.strip()}

    def _routine(self, kind, name, returns, deterministic, access, security, text):
        self.objects[(kind, name, None)] = {
            "result": plain_type(returns),
            "properties": "%s, %s, %s" % (deterministic, access, security),
            "parameters": "",
            "text": text.strip(),
        }

    def _procedure(self, *cells):
        self._routine("procedure", *cells)

    def _function(self, *cells):
        self._routine("function", *cells)

    def _parameter(self, routine, kind, mode, name, type_of):
        self.objects[(kind, routine, None)]["parameters"] += "%s %s %s, " % (mode, name, plain_type(type_of))

    def _event(self, name, kind, value, field, at, completion, text):
        self.objects[("event", name, None)] = {"schedule": " ".join((kind, value, field, at)).strip(), "on completion": completion, "text": text.strip()}

    def read_rows(self, columns):
        """Sum of the hashes of all rows of each table. A sum does not depend on order, and unlike XOR it counts equal rows."""
        queries = [*SESSION, "USE " + identifier(self.schema)]
        names = sorted(columns)
        for number, table in enumerate(names):
            length = " + ".join("IFNULL(LENGTH(%s), 0)" % identifier(name) for name, kind in columns[table] if kind not in SPATIAL) or "0"
            queries.append(
                "SELECT %d, COUNT(*), IFNULL(SUM(%s), 0), IFNULL(SUM(%s), 0) FROM %s" % (number, number_of(columns[table]), length, identifier(table))
            )
        for number, count, total, length in self._query(*queries):
            self.tables[names[int(number)]] = (int(count), int(total))
            self.bytes += int(length)

    def read_groups(self, table, columns, key, prefix):
        """Sums as in read_rows, for the rows whose hash of the key begins with prefix, grouped by its next two digits."""
        digest = digest_of(key)
        where = " WHERE LEFT(%s, %d) = '%s'" % (digest, len(prefix), prefix) if prefix else ""
        rows = self._query(
            *SESSION,
            "SELECT LEFT(%s, %d) AS part, COUNT(*), SUM(%s) FROM %s.%s%s GROUP BY part"
            % (digest, len(prefix) + 2, number_of(columns), identifier(self.schema), identifier(table), where),
        )
        return dict((part, (int(count), int(total))) for part, count, total in rows)

    def read_group(self, table, columns, key, prefix):
        """Each row of such a group: the hash of its key, with its key in words and the hashes of its columns."""
        digest = digest_of(key)
        named = ", ".join("LEFT(%s, 100)" % (("HEX(%s)" if kind in BYTES else "%s") % identifier(name)) for name, kind in key)
        hashes = ", ".join(digest_of([column]) for column in columns)
        rows = self._query(
            *SESSION,
            "SELECT %s, %s, %s FROM %s.%s WHERE LEFT(%s, %d) = '%s'"
            % (digest, named, hashes, identifier(self.schema), identifier(table), digest, len(prefix), prefix),
        )
        return dict((row[0], (row[1 : 1 + len(key)], row[1 + len(key) :])) for row in rows)


def both(sides, work):
    """The same on both sides at the same time."""

    def attempt(side):
        try:
            work(side)
        except (CompareError, OSError, ValueError) as error:
            side.error = str(error)

    threads = [threading.Thread(target=attempt, args=(side,)) for side in sides]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for side in sides:
        if side.error:
            raise CompareError(side.error)


def expected(value, attribute, collations):
    """What the source's value should have become."""
    if attribute == "collation":
        return plain_charset(collations.get(value, value))
    if attribute == "text":
        return re.sub(r"\w+", lambda m: collations.get(m.group(), m.group()), value)
    return value


def short(value):
    text = str(value)
    return text if 0 < len(text) <= 60 and "\n" not in text else "another one" if text else "none"


def compare_structure(source, target, ignored, collations, with_numbers=True):
    """Return the differences as sentences and the names of the tables concerned."""
    sentences, tables = [], set()
    alone = set(name for kind, name, dummy in set(source.objects) ^ set(target.objects) if kind == "table")
    for key in sorted(set(source.objects) | set(target.objects), key=lambda key: key[:2]):
        kind, name, table = key
        if table in ignored or (kind != "table" and table in alone):
            continue
        found = []
        if key not in target.objects or key not in source.objects:
            found.append("missing in the %s" % ("target" if key not in target.objects else "source"))
        else:
            for attribute, value in source.objects[key].items():
                there = target.objects[key][attribute]
                if attribute == "next number":
                    if with_numbers and there < value > 1:
                        found.append("next number is %d in the source, %d in the target" % (value, there))
                elif there != expected(value, attribute, collations):
                    found.append("%s is %s in the source, %s in the target" % (attribute, short(value), short(there)))
        sentences += ["%s %s: %s" % (kind, name, what) for what in found]
        if found and table:
            tables.add(table)
    return sentences, tables


def compare_rows(sides):
    """As compare_structure, for the rows."""
    source, target = sides
    sentences, tables = [], set()
    for name in sorted(source.tables):
        here, there = source.tables[name], target.tables[name]
        if here == there:
            continue
        sentence = "table %s: the %d rows differ in content" % (name, here[0])
        if here[0] != there[0]:
            sentence = "table %s: %d rows in the source, %d in the target" % (name, here[0], there[0])
        sentences.append("; ".join([sentence, *different_rows(sides, name)]))
        tables.add(name)
    return sentences, tables


def different_rows(sides, table):
    """Return in words which rows of a table differ, the first of them only. Nothing for a table without a primary key."""
    source, target = sides
    columns = source.columns[table]
    key = [column for name in source.keys.get(table, []) for column in columns if column[0] == name]
    if not key:
        return []
    groups, words = [("", sum(side.tables[table][0] for side in sides))], []
    while groups and len(words) < NAMED:
        prefix, count = groups.pop(0)
        if count > GROUP:
            here, there = answers(sides, lambda side, part=prefix: side.read_groups(table, columns, key, part))
            parts = [part for part in sorted(set(here) | set(there)) if here.get(part) != there.get(part)]
            groups = [(part, here.get(part, (0, 0))[0] + there.get(part, (0, 0))[0]) for part in parts] + groups
        else:
            here, there = answers(sides, lambda side, part=prefix: side.read_group(table, columns, key, part))
            words += [name_row(key, columns, here.get(row), there.get(row)) for row in sorted(set(here) | set(there)) if here.get(row) != there.get(row)]
    return words[:NAMED]


def name_row(key, columns, here, there):
    """A row in words, as what read_group knows of it in the source and in the target."""
    name = "row with " + ", ".join("%s = %s" % (column[0], value) for column, value in zip(key, (here or there)[0]))
    if here is None or there is None:
        return "%s is missing in the %s" % (name, "source" if here is None else "target")
    return "%s differs in %s" % (name, ", ".join(column[0] for column, one, other in zip(columns, here[1], there[1]) if one != other))


def answers(sides, work):
    """What work returns for each of the sides, at the same time."""
    found = {}
    both(sides, lambda side: found.update({side.role: work(side)}))
    return found["source"], found["target"]


def import_pymysql(path):
    if path:
        if not os.path.exists(path):
            raise CompareError("There is nothing at %s, where the option pymysql says that PyMySQL is." % path)
        sys.path.insert(0, path)
    import pymysql

    return pymysql


def run(parameters, driver):
    sides = (
        Side("source", parameters["source_defaults_file"], parameters["source_schema"], driver),
        Side("target", parameters["target_defaults_file"], parameters["target_schema"] or parameters["source_schema"], driver),
    )
    source, target = sides
    ignored = parameters["ignore_tables"]
    both(sides, lambda side: side.read_structure())
    with_rows = parameters["compare_rows"]
    differences, tables = compare_structure(source, target, ignored, parameters["collations"], with_rows)
    # where the columns are not the same the rows cannot be
    common = dict((table, columns) for table, columns in source.columns.items() if target.columns.get(table) == columns and table not in ignored)
    both(sides, lambda side: side.read_rows(common if with_rows else {}))
    more, others = compare_rows(sides)
    counts = dict((name, source.tables[name][0]) for name in sorted(source.tables))
    return {
        "changed": False,
        "equal": not differences + more,
        "differences": differences + more,
        "different_tables": sorted(tables | others),
        "tables": counts,
        "rows": sum(counts.values()),
        "bytes": source.bytes,
    }


def main():
    module = AnsibleModule(
        argument_spec={
            "source_defaults_file": {"type": "path", "required": True},
            "source_schema": {"type": "str", "required": True},
            "target_defaults_file": {"type": "path", "required": True},
            "target_schema": {"type": "str"},
            "pymysql": {"type": "path"},
            "collations": {"type": "dict", "default": {}},
            "ignore_tables": {"type": "list", "elements": "str", "default": []},
            "compare_rows": {"type": "bool", "default": True},
            "fail_on_difference": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    try:
        result = run(module.params, import_pymysql(module.params["pymysql"]))
    except ImportError:
        module.fail_json(msg=missing_required_lib("PyMySQL", reason="(on the controller, which takes it along)"), exception=traceback.format_exc())
    except (CompareError, OSError) as error:
        module.fail_json(msg=str(error))
    if not result["equal"] and module.params["fail_on_difference"]:
        shown = "; ".join(result["differences"][:10])
        more = len(result["differences"]) - 10
        module.fail_json(msg="The two schemas differ: %s%s." % (shown, "; and %d more" % more if more > 0 else ""), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
