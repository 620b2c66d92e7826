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
  - Reads every row of two schemas, on two servers or on one, and says which tables differ. It changes nothing.
  - Both are dumped with the same client and the same options at the same time, and the rows are hashed as they come, each by itself.
    So it holds for any pair of server versions and makers, where C(CHECKSUM TABLE) does not, and the order in which the servers
    return rows plays no part, which depends on collations.
  - The lists of tables, views, triggers, routines and events are compared too, and that no C(AUTO_INCREMENT) of the target is behind.
  - Nothing should write to either schema meanwhile.
version_added: 1.0.0
author:
  - Contributors to cloudpress.lightsail (@cloudpress)
attributes:
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
      - Option file of the client with host, user and password for the source, so that these are neither options of this module
        nor on a command line.
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
  client:
    description: The C(mysql) or C(mariadb) client on the managed host.
    type: path
    default: mysql
  dump:
    description: The C(mysqldump) or C(mariadb-dump) on the managed host.
    type: path
    default: mysqldump
  ignore_tables:
    description: Names of tables whose content is not compared.
    type: list
    elements: str
    default: []
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
    source_schema: bitnami_wordpress
    target_defaults_file: /root/target.cnf
    target_schema: wordpress

- name: Look for differences
  cloudpress.lightsail.mysql_compare:
    client: /opt/bitnami/mariadb/bin/mariadb
    dump: /opt/bitnami/mariadb/bin/mariadb-dump
    source_defaults_file: /root/source.cnf
    source_schema: wordpress
    target_defaults_file: /root/target.cnf
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
    - "table wp_options: 131 rows here, 130 rows there"
different_tables:
  description: Names of the tables whose content differs or that one side lacks.
  returned: always
  type: list
  elements: str
  sample:
    - wp_options
tables:
  description: Number of rows of each table of the source.
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
  description: Length of all rows of the source as text.
  returned: always
  type: int
  sample: 52113
"""

import hashlib
import os
import shutil
import tempfile
import threading

# Not run_command: that holds all of a program's output in memory, and a dump may be larger than that.
from subprocess import PIPE, Popen
from subprocess import run as start

from ansible.module_utils.basic import AnsibleModule

INSERT = b"INSERT INTO `"

OBJECTS = (
    "SELECT 'table', table_name, IFNULL(auto_increment, 0) FROM information_schema.tables WHERE table_schema = {schema} AND table_type = 'BASE TABLE'"
    " UNION ALL SELECT 'view', table_name, 0 FROM information_schema.views WHERE table_schema = {schema}"
    " UNION ALL SELECT 'trigger', CONCAT(event_object_table, '.', trigger_name), 0 FROM information_schema.triggers WHERE trigger_schema = {schema}"
    " UNION ALL SELECT LOWER(routine_type), routine_name, 0 FROM information_schema.routines WHERE routine_schema = {schema}"
    " UNION ALL SELECT 'event', event_name, 0 FROM information_schema.events WHERE event_schema = {schema}"
)


class CompareError(Exception):
    """One sentence for the user."""


class Side:
    """One of the two schemas, and what was read of it."""

    def __init__(self, role, defaults_file, schema, client, dump):
        self.role, self.defaults_file, self.schema, self.client, self.dump = role, defaults_file, schema, client, dump
        self.objects = {}
        self.tables = {}
        self.bytes = 0
        self.error = None

    def _environment(self):
        # an inherited MYSQL_PWD or a login path would speak for another server
        return dict((name, value) for name, value in os.environ.items() if not name.startswith("MYSQL")) | {"LC_ALL": "C.UTF-8"}

    def read_objects(self):
        name = "0x" + self.schema.encode("utf-8").hex()
        query = OBJECTS.format(schema="CONVERT(%s USING utf8mb4)" % name)
        # MySQL 8 serves AUTO_INCREMENT from a cache of a day; the variable is unknown to MariaDB, hence the version comment
        query = "/*!80000 SET SESSION information_schema_stats_expiry = 0 */; " + query if not self._is_mariadb_server() else query
        for kind, item, number in (line.split("\t") for line in self._query(query)):
            self.objects[(kind, item)] = int(number)

    def _is_mariadb_server(self):
        return "mariadb" in "".join(self._query("SELECT VERSION()")).lower()

    def _query(self, query):
        done = start(
            [self.client, "--defaults-file=" + self.defaults_file, "--batch", "--skip-column-names", "--default-character-set=utf8mb4"],
            input=query.encode("utf-8"),
            stdout=PIPE,
            stderr=PIPE,
            env=self._environment(),
            check=False,
        )
        if done.returncode != 0:
            raise CompareError("The %s could not be asked: %s" % (self.role, done.stderr.decode("utf-8", "replace").strip()))
        return done.stdout.decode("utf-8", "replace").splitlines()

    def read_rows(self, options, ignored):
        """Sum of the hashes of all rows of each table. A sum does not depend on order, and unlike XOR it counts equal rows."""
        command = [self.dump, "--defaults-file=" + self.defaults_file, *options]
        command += ["--ignore-table=%s.%s" % (self.schema, table) for table in ignored]
        with tempfile.TemporaryFile() as complaints:
            process = Popen(command + [self.schema], stdout=PIPE, stderr=complaints, env=self._environment(), bufsize=1 << 20)
            blake = hashlib.blake2b
            current, count, total = None, 0, 0
            for line in process.stdout:
                if not line.startswith(INSERT):
                    continue
                at = line.index(b" VALUES (")
                head = line[:at]
                if head != current:
                    self._store(current, count, total)
                    current = head
                    count, total = self.tables.get(self._name(head), (0, 0))
                row = line[at:]
                count += 1
                total += int.from_bytes(blake(row, digest_size=16).digest(), "little")
                self.bytes += len(row) - 12
            self._store(current, count, total)
            status = process.wait()
            complaints.seek(0)
            text = complaints.read().decode("utf-8", "replace").strip()
        if status != 0:
            raise CompareError("The %s could not be read to its end: %s" % (self.role, text or "exit status %d" % status))

    @staticmethod
    def _name(head):
        # INSERT INTO `name` or INSERT INTO `name` (`column`, ...): a generated column makes the client write the list
        end = len(INSERT)
        while True:
            end = head.index(b"`", end)
            if head[end : end + 2] != b"``":
                return head[len(INSERT) : end].replace(b"``", b"`").decode("utf-8", "replace")
            end += 2

    def _store(self, head, count, total):
        if head is not None:
            self.tables[self._name(head)] = (count, total)

    def read(self, options, ignored):
        try:
            self.read_objects()
            self.read_rows(options, ignored)
        except (CompareError, OSError, ValueError) as error:
            self.error = str(error)


def dump_options(dump):
    """Each row one line, the same text for the same row from any server. The makers' clients refuse each other's options."""
    version = start([dump, "--version"], stdout=PIPE, check=False).stdout
    options = [
        "--default-character-set=utf8mb4",
        "--no-create-info",
        "--skip-triggers",
        "--skip-opt",
        "--create-options",
        "--quick",
        "--skip-extended-insert",
        "--skip-comments",
        "--single-transaction",
        "--hex-blob",
        "--tz-utc",
        "--no-tablespaces",
        "--max-allowed-packet=1G",
    ]
    return options if b"MariaDB" in version else options + ["--set-gtid-purged=OFF", "--column-statistics=0"]


def compare(source, target, ignored):
    """Return the differences as sentences and the names of the tables concerned."""
    sentences, tables = [], set()
    for key in sorted(set(source.objects) | set(target.objects)):
        kind, name = key
        if kind == "table" and name in ignored:
            continue
        if key not in target.objects or key not in source.objects:
            sentences.append("%s %s: missing in the %s" % (kind, name, "target" if key not in target.objects else "source"))
            if kind == "table":
                tables.add(name)
        elif kind == "table" and target.objects[key] < source.objects[key] > 1:
            sentences.append("table %s: next number is %d in the source, %d in the target" % (name, source.objects[key], target.objects[key]))
            tables.add(name)
    for name in sorted(set(name for kind, name in source.objects if kind == "table") & set(name for kind, name in target.objects if kind == "table")):
        here, there = source.tables.get(name, (0, 0)), target.tables.get(name, (0, 0))
        if here[0] != there[0]:
            sentences.append("table %s: %d rows in the source, %d in the target" % (name, here[0], there[0]))
            tables.add(name)
        elif here[1] != there[1]:
            sentences.append("table %s: the %d rows differ in content" % (name, here[0]))
            tables.add(name)
    return sentences, sorted(tables)


def find(program):
    path = shutil.which(program)
    if path is None:
        raise CompareError("There is no program %s on the host." % program)
    return path


def run(parameters):
    client, dump = find(parameters["client"]), find(parameters["dump"])
    sides = (
        Side("source", parameters["source_defaults_file"], parameters["source_schema"], client, dump),
        Side("target", parameters["target_defaults_file"], parameters["target_schema"] or parameters["source_schema"], client, dump),
    )
    for side in sides:
        if not os.path.exists(side.defaults_file):
            raise CompareError("There is no option file %s for the %s." % (side.defaults_file, side.role))
    ignored = parameters["ignore_tables"]
    options = dump_options(dump)
    threads = [threading.Thread(target=side.read, args=(options, ignored)) for side in sides]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for side in sides:
        if side.error:
            raise CompareError(side.error)
    source, target = sides
    differences, tables = compare(source, target, ignored)
    counts = dict((name, source.tables.get(name, (0, 0))[0]) for kind, name in sorted(source.objects) if kind == "table")
    return {
        "changed": False,
        "equal": not differences,
        "differences": differences,
        "different_tables": tables,
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
            "client": {"type": "path", "default": "mysql"},
            "dump": {"type": "path", "default": "mysqldump"},
            "ignore_tables": {"type": "list", "elements": "str", "default": []},
            "fail_on_difference": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    try:
        result = run(module.params)
    except (CompareError, OSError) as error:
        module.fail_json(msg=str(error))
    if not result["equal"] and module.params["fail_on_difference"]:
        shown = "; ".join(result["differences"][:10])
        more = len(result["differences"]) - 10
        module.fail_json(msg="The two schemas differ: %s%s." % (shown, "; and %d more" % more if more > 0 else ""), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
