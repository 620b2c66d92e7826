#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wordpress_carry_database
short_description: Copy a schema of another host's database into this host's own
version_added: 0.1.0
description:
  - Leads a socket on this host over SSH to the database of the other host, and copies a schema from there with the
    programs of this host.
  - The step V(open) makes the socket, and the option files with which both databases are reached. The step V(copy)
    copies the schema, or some of its tables. The step V(grant) says what WordPress's account may do with it. The step
    V(close) ends the way and removes the option files.
  - Rows are never changed on their way. In the text of tables, views and code, collations that the database here does
    not know are replaced, and definers become WordPress's account.
  - Passwords stand in option files with the mode 0600 only, and nothing is written on the other host.
author: The cloudpress.lightsail authors (@cloudpress)
options:
  step:
    description: What to do.
    type: str
    choices: [open, copy, grant, close]
    required: true
  source:
    description: The other host, as in M(cloudpress.lightsail.wordpress_carry_files).
    type: dict
    required: true
    suboptions:
      address:
        description: Its address.
        type: str
        required: true
      port:
        description: The port of its SSH.
        type: int
        default: 22
      user:
        description: A user there who has sudo without a password.
        type: str
        required: true
      directory:
        description: Directory on this host with the key and the known hosts, in which the socket and the option files
          are made.
        type: path
        required: true
  source_database:
    description:
      - How the database of the other host is reached from there, with O(source_database.socket) or
        O(source_database.host) and O(source_database.port).
      - An administrator is tried first, over the socket, without a password and with those in
        O(source_database.password_files).
    type: dict
    default: {}
    suboptions:
      name:
        description: The schema.
        type: str
      user:
        description: WordPress's account there.
        type: str
      password:
        description: Its password.
        type: str
      host:
        description: Host of the database.
        type: str
      port:
        description: Its port.
        type: int
        default: 3306
      socket:
        description: Its socket; empty if it is on another host.
        type: str
      password_files:
        description: Files on the other host with the administrator's password.
        type: list
        elements: path
        default: []
  target_database:
    description: The database of this host.
    type: dict
    required: true
    suboptions:
      socket:
        description: Its socket.
        type: path
        required: true
      password_files:
        description: Files with the administrator's password; none if the socket lets root in.
        type: list
        elements: path
        default: []
      client:
        description: The program C(mysql) or C(mariadb).
        type: path
        required: true
      dump:
        description: The program C(mysqldump) or C(mariadb-dump).
        type: path
        required: true
      schema:
        description: The schema that is made here.
        type: str
        required: true
      user:
        description: WordPress's account.
        type: str
        required: true
  tables:
    description: With V(copy), the tables to copy. Empty copies the whole schema, and what it held here before is gone.
    type: list
    elements: str
    default: []
  writable:
    description: With V(grant), whether WordPress's account may write.
    type: bool
    default: false
attributes:
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying the target.
    support: full
    details: Nothing is done in check mode.
  diff_mode:
    description: Returns details on what has changed, or possibly needs changing in check mode, when in diff mode.
    support: none
"""

EXAMPLES = r"""
- name: Copy the site's database
  cloudpress.lightsail.wordpress_carry_database:
    step: copy
    source: {address: 172.26.1.2, user: admin, directory: /root/carry}
    source_database: {name: wordpress}
    target_database:
      socket: /run/mysqld/mysqld.sock
      client: /usr/bin/mariadb
      dump: /usr/bin/mariadb-dump
      schema: carried
      user: wordpress
  become: true
"""

RETURN = r"""
source_defaults_file:
  description: The option file that leads to the source.
  returned: success
  type: str
  sample: /root/carry/source.cnf
target_defaults_file:
  description: The option file that leads to the administrator of this host's database.
  returned: success
  type: str
  sample: /root/carry/target.cnf
exists:
  description: Whether the schema is here already. With V(open).
  returned: success
  type: bool
  sample: false
collations:
  description: Collations that are replaced, from that of the source to that of this host. With V(open).
  returned: success
  type: dict
  sample: {utf8mb4_0900_ai_ci: utf8mb4_unicode_520_ci}
bytes:
  description: Size of the source's schema. With V(open).
  returned: success
  type: int
  sample: 5242880
tables:
  description: The tables that were copied. With V(copy).
  returned: success
  type: list
  elements: str
  sample: [wp_options]
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import threading

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _carry
from ansible_collections.cloudpress.lightsail.plugins.module_utils._carry import CarryError

QUOTED = r"'(?:[^'\\]|''|\\.)*'"
NAMED = r"`(?:[^`]|``)*`"
DEFINER = re.compile(rf"\bDEFINER ?= ?(?:{NAMED}|{QUOTED}|\w+)@(?:{NAMED}|{QUOTED}|[\w.%]+)")
COLLATION = re.compile(r"(\bCOLLATE[ =]|\bcollation_connection\s*=\s*|\bSET NAMES \w+ COLLATE )(\w+)", re.IGNORECASE)
# Statements of a dump that are no business of the database here.
FOREIGN = re.compile(
    r"^(?:/\*M?!999999.*|/\*!\d+ SET @@GLOBAL\..*|SET @@(?:GLOBAL|SESSION)\.(?:GTID_PURGED|SQL_LOG_BIN).*"
    r"|SET @MYSQLDUMP_TEMP_LOG_BIN.*)\n",
    re.MULTILINE,
)
# Collations of MySQL that MariaDB lacks, by what follows the character set: equal letters and order first, then the
# nearest.
NEAREST = (
    (re.compile(r"^utf8mb4_0900_as_cs$|^utf8mb4_.*_as_cs$"), ("utf8mb4_bin",)),
    (re.compile(r"^utf8mb4_0900_bin$"), ("utf8mb4_bin",)),
    (re.compile(r"^utf8mb4_0900_\w+$"), ("utf8mb4_uca1400_ai_ci", "utf8mb4_unicode_520_ci")),
    (
        re.compile(r"^utf8mb4_(?:uca1400_)?(?:\w+_)?(?:0900|uca1400)?_?\w*$"),
        ("utf8mb4_unicode_520_ci", "utf8mb4_unicode_ci"),
    ),
    (re.compile(r"^utf8(?:mb3)?_\w+$"), ("utf8mb3_unicode_520_ci", "utf8_unicode_520_ci")),
)
START = (
    "SET SESSION time_zone = '+00:00', sql_mode = 'NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0, unique_checks = 0;"
)
FLOAT = "data_type = 'float' AND extra NOT REGEXP 'GENERATED'"


def identifier(name):
    return "`" + name.replace("`", "``") + "`"


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def near_collation(name, known):
    """Return the collation that takes the place of one that the database here does not know, None if there is none."""
    if name in known or name.startswith("@"):
        return name
    spelled = name.replace("utf8mb3_", "utf8_") if name.startswith("utf8mb3_") else name.replace("utf8_", "utf8mb3_", 1)
    if spelled in known:
        return spelled
    # MariaDB lists the names of some without their character set
    for pattern, candidates in NEAREST:
        if pattern.match(name):
            return next((candidate for candidate in candidates if candidate in known), None)
    return None


def adapt(text, known, account, replaced):
    """Return the text of tables, views or code for the database here, and note the collations that are replaced."""
    text = DEFINER.sub(lambda match: f"DEFINER={account}", FOREIGN.sub("", text))

    def collation(match):
        wanted = near_collation(match.group(2), known)
        if wanted is None:
            raise CarryError(
                f"The database of this host knows no collation like {match.group(2)}; "
                "convert the tables that use it first."
            )
        if wanted != match.group(2):
            replaced[match.group(2)] = wanted
        return match.group(1) + wanted

    return COLLATION.sub(collation, text)


def split_views(text):
    """Return a dump of definitions in two: tables, and views, which may call functions that come after the tables."""
    start = text.find("\n--\n-- Final view structure for view")
    if start < 0:
        return text, ""
    settings = re.findall(r"^/\*M?!\d+ SET .*\*/;$", text[: text.find(" structure for ")], re.MULTILINE)
    return text[: start + 1], "\n".join([*settings, text[start + 1 :]])


def option_file(path, options):
    """Write an option file of the MySQL clients, readable by root alone."""
    lines = [
        f'{name}="' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for name, value in options.items() if value
    ]
    # Newer clients of MariaDB's want TLS also where a socket leads to a server without it.
    _carry.private_file(path, "\n".join(["[client]", *lines, "[client-mariadb]", "skip-ssl", ""]))


class Databases:
    def __init__(self, wanted):
        self.wanted, self.source, self.here, self.there = (
            wanted,
            wanted["source"],
            wanted["target_database"],
            wanted["source_database"],
        )
        directory = self.source["directory"]
        self.socket, self.pid = f"{directory}/source.sock", f"{directory}/source.pid"
        self.files = {"source": f"{directory}/source.cnf", "target": f"{directory}/target.cnf"}
        self.schema = self.here["schema"]

    # -- the way

    def start_way(self):
        """Leave a process behind that leads each connection to the socket over SSH. It ends when the socket is gone."""
        self.end_way()
        listener = socket.socket(socket.AF_UNIX)
        mask = os.umask(0o177)
        listener.bind(self.socket)
        os.umask(mask)
        listener.listen(16)
        # Ansible removes its files once this module has ended.
        _carry.program()
        child = os.fork()
        if child:
            _carry.private_file(self.pid, str(child))
            listener.close()
            return
        # The child: no thread and nothing of Ansible's is open in it.
        try:
            os.setsid()
            null = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(null, number)
            self.lead_on(listener)
        finally:
            os._exit(0)

    def lead_on(self, listener):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        listener.settimeout(2)
        request = {"do": "lead", "socket": self.there["socket"], "host": self.there["host"], "port": self.there["port"]}
        while os.path.exists(self.socket):
            try:
                connection, _peer = listener.accept()
            except socket.timeout:
                continue
            connection.settimeout(None)
            threading.Thread(target=self.lead_one, args=(connection, request), daemon=True).start()

    def lead_one(self, connection, request):
        with connection, _carry.Agent(self.source, request) as agent:

            def outwards():
                try:
                    while True:
                        piece = connection.recv(65536)
                        if not piece:
                            break
                        agent.process.stdin.write(piece)
                        agent.process.stdin.flush()
                    agent.process.stdin.close()
                except (OSError, ValueError):
                    agent.process.kill()

            threading.Thread(target=outwards, daemon=True).start()
            try:
                while True:
                    piece = os.read(agent.output.fileno(), 65536)
                    if not piece:
                        break
                    connection.sendall(piece)
            finally:
                # Closing alone would not reach a peer for which the other thread still waits.
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                agent.process.kill()

    def end_way(self):
        """End the way of this run, or what a killed run left; return whether there was one."""
        there = os.path.exists(self.socket)
        for path in (self.socket, self.pid, *self.files.values()):
            if os.path.exists(path):
                os.unlink(path)
        return there

    # -- questions

    def client(self, side, *words, schema=None):
        return [
            self.here["client"],
            f"--defaults-file={self.files[side]}",
            "--default-character-set=utf8mb4",
            *words,
            *([schema] if schema else []),
        ]

    def ask(self, side, query, schema=None):
        """Return the rows of a query, lists of text."""
        done = subprocess.run(
            self.client(side, "--batch", "--skip-column-names", schema=schema),
            input=query.encode("utf-8", "surrogateescape"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            raise CarryError(
                f"The database of the {side} says: {done.stderr.decode(errors='replace').strip().rstrip('.')}."
            )
        return [line.split("\t") for line in done.stdout.decode("utf-8", "surrogateescape").splitlines()]

    def sign_in(self, side, logins):
        """Write the option file of the first login that works."""
        said = []
        for user, password in logins:
            place = {"socket": self.socket if side == "source" else self.here["socket"]}
            option_file(self.files[side], {**place, "user": user, "password": password})
            try:
                self.ask(side, "SELECT 1")
                return
            except CarryError as error:
                said.append(f"{user}: {error}")
        raise CarryError(f"Nobody gets into the database of the {side}: {' '.join(dict.fromkeys(said))}")

    def administrators(self, contents):
        return [("root", ""), *[("root", text.decode(errors="replace").strip()) for text in contents.values() if text]]

    def known(self):
        """Return the collations that the database here knows."""
        names = {row[0] for row in self.ask("target", "SHOW COLLATION")}
        try:
            # MariaDB's newer ones are listed without the character set
            names |= {
                row[0]
                for row in self.ask(
                    "target", "SELECT full_collation_name FROM information_schema.collation_character_set_applicability"
                )
            }
        except CarryError:
            pass
        return names

    def account(self):
        """Return WordPress's account as the definer of views and code."""
        return f"{identifier(self.here['user'])}@{identifier(self.hosts()[0])}"

    def hosts(self):
        found = [
            row[0]
            for row in self.ask(
                "target",
                f"SELECT host FROM mysql.user WHERE user = {quoted(self.here['user'])} "
                "ORDER BY host = 'localhost' DESC, host",
            )
        ]
        if not found:
            raise CarryError(
                f"The database of this host has no account {self.here['user']}, which wp-config.php names."
            )
        return found

    # -- steps

    def open(self):
        self.start_way()
        local = bool(self.there["socket"])
        files = (
            _carry.contents(self.source, self.there["password_files"]) if local and self.there["password_files"] else {}
        )
        self.sign_in(
            "source",
            [*(self.administrators(files) if local else []), (self.there["user"], self.there["password"] or "")],
        )
        mine = {}
        for path in self.here["password_files"]:
            with open(path, "rb") as file:
                mine[path] = file.read()
        self.sign_in("target", self.administrators(mine))
        name = quoted(self.there["name"])
        collations = {
            row[0]
            for row in self.ask(
                "source",
                "SELECT DISTINCT collation_name FROM information_schema.columns "
                f"WHERE table_schema = {name} AND collation_name IS NOT NULL "
                "UNION SELECT DISTINCT table_collation FROM information_schema.tables "
                f"WHERE table_schema = {name} AND table_collation IS NOT NULL",
            )
        }
        known = self.known()
        nearest = {collation: near_collation(collation, known) for collation in sorted(collations)}
        lost = [collation for collation, wanted in nearest.items() if wanted is None]
        if lost:
            raise CarryError(
                f"The database of this host knows no collation like {', '.join(lost)}; "
                "convert the tables that use it first."
            )
        size = self.ask(
            "source",
            "SELECT IFNULL(SUM(data_length + index_length), 0) FROM information_schema.tables "
            f"WHERE table_schema = {name}",
        )
        return {
            "changed": False,
            "exists": bool(
                self.ask(
                    "target",
                    f"SELECT 1 FROM information_schema.tables WHERE table_schema = {quoted(self.schema)} LIMIT 1",
                )
            ),
            "collations": {collation: wanted for collation, wanted in nearest.items() if wanted != collation},
            "bytes": int(float(size[0][0])),
        }

    def dump_command(self, *options, tables=()):
        command = [self.here["dump"], f"--defaults-file={self.files['source']}", "--default-character-set=utf8mb4"]
        command += [
            "--single-transaction",
            "--quick",
            "--hex-blob",
            "--no-tablespaces",
            "--max-allowed-packet=1G",
            "--tz-utc",
        ]
        said = subprocess.run([self.here["dump"], "--version"], stdout=subprocess.PIPE, check=False).stdout
        if b"MariaDB" not in said:
            command += ["--set-gtid-purged=OFF", "--column-statistics=0"]
        return [*command, *options, "--", self.there["name"], *tables]

    def dump(self, *options, tables=()):
        """Return the text of a dump without rows."""
        done = subprocess.run(
            self.dump_command(*options, tables=tables), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False
        )
        text = done.stdout.decode("utf-8", "surrogateescape")
        if done.returncode or "-- Dump completed" not in text[-300:]:
            raise CarryError(
                f"The dump of the source is not complete: {done.stderr.decode(errors='replace').strip().rstrip('.')}."
            )
        if re.search(r"^-- insufficient privileges to SHOW CREATE", text, re.MULTILINE):
            raise CarryError(
                "The account of the source's database may not read all routines; "
                "let an administrator in over its socket."
            )
        return text

    def load(self, text):
        done = subprocess.run(
            self.client("target", "--max-allowed-packet=1G", schema=self.schema),
            input=text.encode("utf-8", "surrogateescape"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            raise CarryError(
                "The database of this host does not take the copy: "
                f"{done.stderr.decode(errors='replace').strip().rstrip('.')}."
            )

    def load_rows(self, command):
        """Lead what one program writes to the client here, untouched."""
        client = self.client("target", "--max-allowed-packet=1G", "--binary-mode", schema=self.schema)
        complaint = _carry.pipe(command, client)
        if complaint is not None:
            raise CarryError(f"The rows did not come whole: {complaint}.")

    def by_row(self, tables):
        """Return the tables of which a dump would round values: FLOAT is written with six digits."""
        found = self.ask(
            "source",
            "SELECT DISTINCT table_name FROM information_schema.columns "
            f"WHERE table_schema = {quoted(self.there['name'])} AND {FLOAT}",
        )
        return [row[0] for row in found if row[0] in tables]

    def insert_by_row(self, table):
        """Copy a table with statements that the source writes with all digits."""
        columns = self.ask(
            "source",
            "SELECT column_name, data_type FROM information_schema.columns WHERE "
            f"table_schema = {quoted(self.there['name'])} AND table_name = {quoted(table)} "
            "AND extra NOT REGEXP 'GENERATED' ORDER BY ordinal_position",
        )
        values = [value_of(identifier(name), kind) for name, kind in columns]
        names = ", ".join(identifier(name) for name, _kind in columns)
        head = quoted(f"INSERT INTO {identifier(table)} ({names}) VALUES (")
        query = (
            f"SET SESSION time_zone = '+00:00'; SELECT {quoted(START)}; "
            f"SELECT CONCAT({head}, CONCAT_WS(', ', {', '.join(values)}), ');') FROM {identifier(table)}"
        )
        self.load_rows(
            self.client(
                "source",
                "--batch",
                "--skip-column-names",
                "--raw",
                "--quick",
                f"--execute={query}",
                schema=self.there["name"],
            )
        )

    def copy(self):
        name = quoted(self.there["name"])
        kinds = "table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')"
        present = [
            row[0]
            for row in self.ask(
                "source", f"SELECT table_name FROM information_schema.tables WHERE table_schema = {name} AND {kinds}"
            )
        ]
        if not present:
            raise CarryError(f"The schema {self.there['name']} of the source holds no table.")
        known, account, replaced = self.known(), self.account(), {}
        some = [table for table in self.wanted["tables"] if table in present]
        if self.wanted["tables"]:
            gone = [table for table in self.wanted["tables"] if table not in present]
            self.load(
                "SET foreign_key_checks = 0;" + "".join(f"DROP TABLE IF EXISTS {identifier(table)};" for table in gone)
            )
        else:
            self.make_schema(known, replaced)
            # Views are made only where their definer may read what they call.
            self.grant()
        tables = some if self.wanted["tables"] else present
        by_row = self.by_row(tables)
        plain = [table for table in tables if table not in by_row]
        views = ""
        if tables:
            text = self.dump("--no-data", "--skip-triggers", tables=some if self.wanted["tables"] else ())
            text, views = split_views(adapt(text, known, account, replaced))
            self.load("SET foreign_key_checks = 0;\n" + text)
        if plain:
            self.load_rows(self.dump_command("--no-create-info", "--skip-triggers", tables=plain))
        for table in by_row:
            self.insert_by_row(table)
        code = self.dump("--no-data", "--no-create-info", "--triggers", "--routines", "--events", "--add-drop-trigger")
        self.load(adapt(code, known, account, replaced))
        if views:
            self.load(views)
        return {"changed": True, "tables": sorted(tables), "collations": replaced}

    def make_schema(self, known, replaced):
        ((default,),) = self.ask(
            "source",
            "SELECT default_collation_name FROM information_schema.schemata "
            f"WHERE schema_name = {quoted(self.there['name'])}",
        )
        wanted = near_collation(default, known) or "utf8mb4_unicode_520_ci"
        if wanted != default:
            replaced[default] = wanted
        schema = identifier(self.schema)
        self.ask(
            "target",
            f"DROP DATABASE IF EXISTS {schema}; "
            f"CREATE DATABASE {schema} CHARACTER SET {wanted.split('_')[0]} COLLATE {wanted}",
        )

    def grant(self):
        rights = (
            "ALL PRIVILEGES"
            if self.wanted["writable"]
            else "SELECT, EXECUTE, SHOW VIEW, CREATE TEMPORARY TABLES, LOCK TABLES"
        )
        # In a grant the name is a pattern.
        on = identifier(self.schema.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%"))
        accounts = [f"{quoted(self.here['user'])}@{quoted(host)}" for host in self.hosts()]
        before = [self.ask("target", f"SHOW GRANTS FOR {account}") for account in accounts]
        for account in accounts:
            self.ask("target", f"GRANT {rights} ON {on}.* TO {account}")
            if not self.wanted["writable"]:
                self.ask(
                    "target", f"REVOKE ALL PRIVILEGES ON {on}.* FROM {account}; GRANT {rights} ON {on}.* TO {account}"
                )
        return {"changed": before != [self.ask("target", f"SHOW GRANTS FOR {account}") for account in accounts]}

    def close(self):
        self.end_way()
        return {"changed": False}


def value_of(name, kind):
    """SQL for a value as SQL that makes the same value again."""
    if kind == "float":
        text = f"{name} + 0e0"
    elif kind in ("tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "double", "year"):
        text = name
    elif kind == "bit":
        text = f"{name} + 0"
    elif kind in ("date", "time", "datetime", "timestamp"):
        text = f"QUOTE({name})"
    elif kind.endswith(("binary", "blob")) or kind in ("geometry", "point", "linestring", "polygon"):
        text = f"CONCAT('x''', HEX({name}), '''')"
    else:
        text = f"CONCAT('_utf8mb4 x''', HEX(CONVERT({name} USING utf8mb4)), '''')"
    return f"IFNULL({text}, 'NULL')"


def main():
    module = AnsibleModule(
        argument_spec={
            "step": {"type": "str", "choices": ["open", "copy", "grant", "close"], "required": True},
            "source": {"type": "dict", "required": True, "options": _carry.SOURCE_OPTIONS},
            "source_database": {
                "type": "dict",
                "default": {},
                "options": {
                    "name": {"type": "str"},
                    "user": {"type": "str"},
                    "password": {"type": "str", "no_log": True},
                    "host": {"type": "str"},
                    "port": {"type": "int", "default": 3306},
                    "socket": {"type": "str"},
                    "password_files": {"type": "list", "elements": "path", "default": [], "no_log": False},
                },
            },
            "target_database": {
                "type": "dict",
                "required": True,
                "options": {
                    "socket": {"type": "path", "required": True},
                    "password_files": {"type": "list", "elements": "path", "default": [], "no_log": False},
                    "client": {"type": "path", "required": True},
                    "dump": {"type": "path", "required": True},
                    "schema": {"type": "str", "required": True},
                    "user": {"type": "str", "required": True},
                },
            },
            "tables": {"type": "list", "elements": "str", "default": []},
            "writable": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    databases = Databases(module.params)
    answer = {"changed": False}
    if not module.check_mode:
        try:
            answer = getattr(databases, module.params["step"])()
        except CarryError as error:
            if module.params["step"] == "open":
                databases.end_way()
            module.fail_json(msg=" ".join(str(error).split()))
    module.exit_json(
        source_defaults_file=databases.files["source"], target_defaults_file=databases.files["target"], **answer
    )


if __name__ == "__main__":
    main()
