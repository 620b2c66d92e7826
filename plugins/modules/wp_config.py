#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wp_config
short_description: Edit the constants of a wp-config.php
description:
  - Sets, adds and removes constants of WordPress's C(wp-config.php), and keeps blocks of PHP in it.
  - The file is read with PHP's own tokenizer on the managed host, never with regular expressions. Existing C(define()) and
    C(const) statements are edited where they stand. Missing constants are added to one marked block that stands before
    the statement that loads C(wp-settings.php), because what comes after it is defined too late. That statement may be part of a
    condition, a loop, a function, or of any other.
  - If the file points to another one that has the settings, that one is edited. A constant that is defined in one of the two is edited there.
  - All other bytes stay as they are, including comments, order and line endings. Owner, group, mode, access control lists and a
    symbolic link to the file are kept. A byte order mark is removed, because PHP would send it to every visitor.
  - The new text must pass C(php -l), and PHP must read back every wished value from it as a web request, as a request without
    C(Host), behind a proxy and under WP-CLI, before the file is replaced by an atomic rename. It is read back once more afterwards.
  - Where a fixed value takes the place of a computed one, assignments that only prepared it with a command or a file (C(shell_exec),
    C(file_get_contents) and the like) are removed, because they would take the site down once that command or file is gone. They stay
    if their variable is used anywhere else.
  - A constant that another file or a computed name defines first cannot be changed here. The module names that file and changes nothing.
  - PHP reads the file as the web server does, with the web's C(php.ini) and SAPI, as far as a command line can. If the file redirects or stops for
    unknown host names, it is read for the site's own name. Settings of a PHP-FPM pool, variables of a virtual host and C(.user.ini) are not seen.
  - The module is given the values of secrets, but neither returns nor shows them.
version_added: 0.1.0
author:
  - Contributors to cloudpress.lightsail (@cloudpress)
attributes:
  check_mode:
    support: full
    description: Can run in check_mode and return changed status prediction without modifying the target.
  diff_mode:
    support: full
    description: Will return details on what has changed when in diff mode. Values of secrets are masked.
  idempotent:
    support: full
    description: When run twice in a row outside check mode with the same arguments, the second run makes no change.
  platform:
    support: full
    platforms: posix
    description: Target OS families that can be operated against.
options:
  path:
    description:
      - The C(wp-config.php), or a symbolic link to it.
    type: path
    required: true
  constants:
    description:
      - Names and values of constants. Strings, integers, floats and booleans keep their type in PHP, so quote what shall be
        a string.
      - Values whose name looks like that of a secret (password, key, salt, secret, token) are treated as in O(secrets).
    type: dict
    default: {}
  secrets:
    description:
      - As O(constants), for values that must not be seen in output or logs.
    type: dict
    default: {}
  raw:
    description:
      - Names of constants and the PHP expression that gives their value, for example C(MYSQLI_CLIENT_SSL) or an array.
    type: dict
    default: {}
  absent:
    description:
      - Names of constants whose definition is removed.
    type: list
    elements: str
    default: []
  blocks:
    description:
      - Names and PHP text of marked blocks, without C(<?php). They are placed before the statement that loads C(wp-settings.php).
      - A block with empty text is removed. Blocks that are not named stay.
    type: dict
    default: {}
  php:
    description:
      - The PHP to read the file with. Without it, the one on C(PATH).
    type: path
  web_user:
    description:
      - The file is evaluated as this user when the module runs as root, because that is who evaluates it for visitors.
      - Without it, as the user who has the name of the file's group, if there is one. An empty string evaluates it as the current user.
    type: str
  root:
    description:
      - WordPress's directory, C(ABSPATH) in the file. It may be one level below that of the file.
      - Without it, the directory of O(path), or the one below it that holds WordPress.
    type: path
  backup:
    description:
      - Keep the previous file, with mode 600.
    type: bool
    default: true
  backup_dir:
    description:
      - Directory for O(backup). It is made with mode 700. It must be outside the web root, where a copy that does not end in C(.php)
        would be sent to visitors as plain text.
    type: path
    default: /var/backups/wp_config
seealso:
  - name: Editing wp-config.php
    description: WordPress's description of the constants.
    link: https://developer.wordpress.org/advanced-administration/wordpress/wp-config/
"""

EXAMPLES = r"""
- name: Point WordPress at the shared database
  cloudpress.lightsail.wp_config:
    path: /srv/www/wordpress/wp-config.php
    constants:
      DB_HOST: db.example.com:3306
      DB_USER: wordpress
    secrets:
      DB_PASSWORD: "{{ vault_database_password }}"
    raw:
      MYSQL_CLIENT_FLAGS: MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT

- name: Fix the address of the site and recognise HTTPS behind a load balancer
  cloudpress.lightsail.wp_config:
    path: /srv/www/wordpress/wp-config.php
    constants:
      WP_HOME: https://www.example.com
      WP_SITEURL: https://www.example.com
    blocks:
      proxy: |
        if ( isset( $_SERVER['HTTP_X_FORWARDED_PROTO'] ) && 'https' === $_SERVER['HTTP_X_FORWARDED_PROTO'] ) {
            $_SERVER['HTTPS'] = 'on';
        }
  register: result

- name: Say what happened to one constant
  ansible.builtin.debug:
    msg: "WP_HOME: {{ result.constants.WP_HOME }}"

- name: Remove a constant
  cloudpress.lightsail.wp_config:
    path: /srv/www/wordpress/wp-config.php
    absent:
      - WP_DEBUG_LOG
"""

RETURN = r"""
path:
  description: The real path of the file that is edited, which is the one that O(path) points to if that has the settings.
  returned: always
  type: str
  sample: /srv/www/wordpress/wp-config.php
constants:
  description: What was done to each constant named in the options.
  returned: always
  type: dict
  sample:
    DB_HOST: edited
    MYSQL_CLIENT_FLAGS: added
    WP_HOME: unchanged
blocks:
  description: What was done to each block named in the options.
  returned: always
  type: dict
  sample:
    proxy: added
backup_file:
  description: Where the previous file is kept.
  returned: when the file was changed and O(backup=true)
  type: str
  sample: /var/backups/wp_config/wp-config.php.20250101T120000Z.1f3a
"""

import base64
import datetime
import glob
import grp
import hashlib
import json
import os
import pwd
import re
import shutil
import struct
import subprocess
import tempfile

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils._wp_config_php import HELPER

SECRET_NAME = re.compile(r"PASSWORD|PASSWD|SECRET|SALT|TOKEN|(^|_)KEY($|_)|CREDENTIAL|^AS3CF_SETTINGS$", re.I)
NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
BLOCK_NAME = re.compile(r"^[A-Za-z0-9_.-]+$")
CONSTANTS_BLOCK = "constants"
BOM = b"\xef\xbb\xbf"


class WpConfigError(Exception):
    """One sentence for the user."""


def b64(data):
    return base64.b64encode(data).decode("ascii")


def literal(value):
    """The value as PHP text. In single quotes PHP knows two escapes only, so this is complete."""
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, (int, float)):
        return repr(value).encode("ascii")
    return b"'" + value.encode("utf-8").replace(b"\\", b"\\\\").replace(b"'", b"\\'") + b"'"


def tagged(value):
    if isinstance(value, bool):
        return ["b", value]
    if isinstance(value, int):
        return ["i", value]
    if isinstance(value, float):
        return ["f", struct.pack(">d", value).hex()]
    return ["s", b64(value.encode("utf-8"))]


def whole_lines(text, start, end):
    """Widen to full lines, if nothing else stands on them."""
    line_start = text.rfind(b"\n", 0, start) + 1
    line_end = text.find(b"\n", end)
    line_end = len(text) if line_end < 0 else line_end + 1
    if not text[line_start:start].strip() and not text[end:line_end].strip():
        return line_start, line_end
    return start, end


class Php:
    def __init__(self, binary, user=None):
        self.binary = binary
        self.identity = {}
        if user and os.geteuid() == 0:
            try:
                entry = pwd.getpwnam(user)
            except KeyError:
                entry = None
            if entry is not None:
                self.identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": os.getgrouplist(user, entry.pw_gid)}

    def _run(self, arguments, data, identity):
        try:
            return subprocess.run(
                [self.binary] + arguments, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/", timeout=60, check=False, **identity
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise WpConfigError("PHP (%s) could not be run: %s." % (self.binary, error))

    def ask(self, request):
        done = self._run(
            ["-d", "display_errors=0", "-d", "log_errors=0", "-d", "opcache.enable_cli=0", "-r", HELPER], json.dumps(request).encode("ascii"), self.identity
        )
        answer = done.stdout.rpartition(b"\x1e")[2]
        try:
            return json.loads(answer.decode("utf-8"))
        except ValueError:
            raise WpConfigError(
                "PHP (%s) could not read the file: %s"
                % (self.binary, done.stderr.decode("utf-8", "replace").strip()[-500:] or "exit status %d." % done.returncode)
            )

    def lint(self, source):
        done = self._run(["-d", "display_errors=1", "-d", "log_errors=0", "-d", "html_errors=0", "-l"], source, {})
        if done.returncode != 0:
            lines = [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.strip() and "Errors parsing" not in line]
            return lines[0] if lines else "exit status %d" % done.returncode
        return None


class WpConfig:
    """One reading of the file and the edits that lead from it to the wish."""

    def __init__(self, php, path, source, at=None, reason=""):
        """at: the line by which PHP comes to the loading of WordPress; reason: why it does not come there."""
        self.php, self.path, self.at, self.reason = php, path, at, reason
        self.warnings = []
        self.actions = {}
        self.block_actions = {}
        self.source = source
        if source.startswith(BOM):
            self.source = source[len(BOM) :]
            self.warnings.append("A byte order mark was removed from %s; PHP sends it to visitors before every page." % path)
        self.eol = b"\r\n" if self.source.count(b"\r\n") * 2 > self.source.count(b"\n") else b"\n"

    def _scan(self, expressions):
        result = self.php.ask(
            {
                "action": "scan",
                "source": b64(self.source),
                "at": self.at,
                "expressions": dict((name, b64(text.encode("utf-8"))) for name, text in expressions.items()),
            }
        )
        if result.get("parse"):
            raise WpConfigError("%s is not valid PHP already before any change: %s." % (self.path, result["parse"]))
        if result["require"] is None and self.reason and "wp-settings.php" not in self.reason:
            raise WpConfigError("%s cannot be evaluated: %s. Mend the file, then run again." % (self.path, self.reason.rstrip(".")))
        if result["require"] is None:
            raise WpConfigError("%s does not load wp-settings.php, so it is not the wp-config.php that WordPress uses; name that one in path." % self.path)
        if not result["require"]["statement"]:
            raise WpConfigError(
                "In %s the loading of wp-settings.php stands in <?= ... ?>, where no statement can be placed before it; write <?php in its place." % self.path
            )
        self.nested = result["require"]["nested"]
        for name, normal in (result["normal"] or {}).items():
            if normal is None:
                raise WpConfigError("The value given for %s is not one PHP expression." % name)
        return result

    def change(self, values, raw, absent, blocks):
        """Return the new text."""
        scan = self._scan(raw)
        edits, missing = [], []
        self.replaced = []
        for name in sorted(set(values) | set(raw)):
            text = raw[name].strip().encode("utf-8") if name in raw else literal(values[name])
            normal = scan["normal"][name] if name in raw else None
            wish = None if name in raw else tagged(values[name])
            missing.extend(self._set(scan, name, text, normal, wish, edits))
        for name in absent:
            self._remove(scan, name, edits)
        inserts = self._constants_block(scan, missing, edits)
        for name, text in blocks.items():
            inserts += self._block(scan, name, text, edits)
        if inserts:
            edits.append(self._insertion(scan, inserts))
        result = self.source
        for start, end, text in sorted(edits, key=lambda edit: (edit[0], edit[1]), reverse=True):
            result = result[:start] + text + result[end:]
        return self._without_orphans(result)

    def _without_orphans(self, text):
        """The text without the assignments that only prepared values which are not computed any more."""
        if not self.replaced:
            return text
        spans = self.php.ask({"action": "orphans", "source": b64(text), "values": [b64(value) for value in self.replaced]})
        for start, end, line in sorted(spans, reverse=True):
            self.warnings.append("%s, line %d: this statement only prepared the computed value, and was removed." % (self.path, line))
            start, end = whole_lines(text, start, end)
            text = text[:start] + text[end:]
        return text

    def _set(self, scan, name, text, normal, wish, edits):
        limit = scan["require"]["start"]
        places = [found for found in scan["found"] if found["name"] == name and found["at"] < limit]
        late = [found for found in scan["found"] if found["name"] == name and found["at"] >= limit]
        for found in late:
            self.warnings.append("%s, line %d: %s is defined after WordPress has been loaded and has no effect there." % (self.path, found["line"], name))
        sure, action = False, "unchanged"
        for found in places:
            if sure:
                self.warnings.append("%s, line %d: a second definition of %s has no effect, PHP keeps the first." % (self.path, found["line"], name))
                continue
            value = found["value"]
            same = value["normal"] == normal if normal is not None else value["literal"] and value["value"] == wish
            if not same:
                if not value["literal"]:
                    self.replaced.append(self.source[value["start"] : value["end"]])
                if not value["literal"] and wish is not None:
                    self.warnings.append("%s, line %d: the computed value of %s was replaced by a fixed one." % (self.path, found["line"], name))
                edits.append((value["start"], value["end"], text))
                action = "edited"
            sure = found["sure"]
        self.actions[name] = action
        if sure:
            return []
        if not places:
            self.actions[name] = "added"
            return [b"define( '" + name.encode("ascii") + b"', " + text + b" );"]
        # defined in branches only: whoever does not come along there gets the value from the block
        if action == "unchanged":
            self.actions[name] = "added"
        return [b"defined( '" + name.encode("ascii") + b"' ) || define( '" + name.encode("ascii") + b"', " + text + b" );"]

    def _remove(self, scan, name, edits):
        self.actions[name] = "unchanged"
        for found in scan["found"]:
            if found["name"] != name:
                continue
            if found["statement"] is None:
                raise WpConfigError(
                    "%s, line %d: the definition of %s is part of a larger statement and cannot be removed safely." % (self.path, found["line"], name)
                )
            start, end = self._whole_lines(*found["statement"])
            if not found["value"]["literal"]:
                self.replaced.append(self.source[found["value"]["start"] : found["value"]["end"]])
            edits.append((start, end, b""))
            self.actions[name] = "removed"

    def _whole_lines(self, start, end):
        return whole_lines(self.source, start, end)

    def _markers(self, scan, name):
        begin, end = b"/* BEGIN cloudpress " + name.encode("ascii") + b" ", b"/* END cloudpress " + name.encode("ascii") + b" */"
        opened = None
        for comment in scan["comments"]:
            text = base64.b64decode(comment["text"])
            if text.startswith(begin):
                opened = comment
            elif text == end and opened is not None:
                return opened, comment
        return None

    def _lines(self, name, body):
        begin = b"/* BEGIN cloudpress " + name.encode("ascii") + b" (managed by Ansible, changes here are overwritten) */"
        lines = [begin] + body + [b"/* END cloudpress " + name.encode("ascii") + b" */"]
        return self.eol.join(lines) + self.eol

    def _constants_block(self, scan, missing, edits):
        if not missing:
            return b""
        markers = self._markers(scan, CONSTANTS_BLOCK)
        if markers is not None and markers[1]["end"] <= scan["require"]["anchor"]:
            at = self._whole_lines(markers[1]["start"], markers[1]["end"])[0]
            edits.append((at, at, self.eol.join(missing) + self.eol))
            return b""
        return self._lines(CONSTANTS_BLOCK, missing)

    def _block(self, scan, name, text, edits):
        body = [line.rstrip("\r").encode("utf-8") for line in text.strip("\r\n").split("\n")] if text.strip() else None
        wanted = self._lines(name, body) if body is not None else b""
        markers = self._markers(scan, name)
        self.block_actions[name] = "unchanged"
        if markers is None:
            if wanted:
                self.block_actions[name] = "added"
            return wanted
        start, end = self._whole_lines(markers[0]["start"], markers[1]["end"])
        placed = end <= scan["require"]["anchor"]
        if wanted and placed:
            if self.source[start:end] != wanted:
                edits.append((start, end, wanted))
                self.block_actions[name] = "edited"
            return b""
        edits.append((start, end, b""))
        self.block_actions[name] = "edited" if wanted else "removed"
        return wanted

    def _insertion(self, scan, inserts):
        at = scan["require"]["anchor"]
        line_start = self.source.rfind(b"\n", 0, at) + 1
        if self.source[line_start:at].strip():
            return at, at, self.eol + inserts
        return line_start, line_start, inserts + self.eol

    def masked(self, source, secrets, changed):
        """The text for a diff, with the values of secrets hidden, those that change marked as such."""
        scan = self.php.ask({"action": "scan", "source": b64(source), "at": None, "expressions": {}})
        result = source
        for found in sorted(scan["found"], key=lambda item: item["value"]["start"], reverse=True):
            if SECRET_NAME.search(found["name"]) or found["name"] in secrets:
                mark = b"********" + (b" (%s)" % changed if self.actions.get(found["name"]) == "edited" else b"")
                result = result[: found["value"]["start"]] + b"'" + mark + b"'" + result[found["value"]["end"] :]
        return result.decode("utf-8", "replace")


class Place:
    """The wp-config.php of a WordPress, and the file that has the settings: that one, or one that it points to."""

    def __init__(self, php, path, root, wished):
        self.php, self.root, self.at = php, root, None
        found = php.ask({"action": "look", "path": path, "root": root})
        self.path, self.reason, way = found["path"], found["reason"], found["way"] or {}
        self.file = self._holder(way, wished, found["holder"]) if way else os.path.realpath(path)
        if way:
            self.at = {"line": way[self.file]["line"], "function": way[self.file]["function"]}

    @staticmethod
    def _holder(way, wished, settings):
        """Which of the files on the way to WordPress is edited: the one that defines what is wished, else the one with the other settings."""
        owners = dict((file, sorted(wished & set(found["names"]))) for file, found in way.items())
        owners = dict((file, names) for file, names in owners.items() if names)
        if len(owners) > 1:
            raise WpConfigError(
                "%s. Move these definitions into one of the files, then run again."
                % "; ".join("%s defines %s" % (file, ", ".join(names)) for file, names in owners.items())
            )
        return next(iter(owners), settings)

    def _ask(self, source, before, values, raw, absent, thorough):
        return self.php.ask(
            {
                "action": "check",
                "path": self.path,
                "root": self.root,
                "file": self.file,
                "source": b64(source),
                "before": b64(before),
                "expect": dict((name, tagged(value)) for name, value in values.items()),
                "expressions": dict((name, b64(text.encode("utf-8"))) for name, text in raw.items()),
                "absent": absent,
                "thorough": thorough,
            }
        )

    def check(self, source, before, values, raw, absent, thorough, nested=False):
        """PHP reads the wished constants back from the text, or WpConfigError."""
        answer = self._ask(source, before, values, raw, absent, thorough)
        if not answer:
            return
        if "error" in answer:
            if self.reason and nested:
                answer["error"] += ", because the statement that loads it is part of a larger statement, which does not run it"
            raise WpConfigError(
                "%s cannot be evaluated as %s: %s. Mend the file, then run again." % (self.path, answer["situation"], answer["error"].rstrip("."))
            )
        by = "%s, which it loads" % answer["by"] if answer["by"] else "a computed name, a condition or auto_prepend_file"
        raise WpConfigError(
            "%s %s when %s is evaluated as %s: something else defines it (%s). Nothing was changed. Remove that definition, then run again."
            % (answer["name"], answer["what"], self.path, answer["situation"], by)
        )


def find_php(wanted):
    if wanted:
        return wanted
    found = shutil.which("php")
    if found:
        return found
    raise WpConfigError("No PHP was found on the host; name it in the option php.")


def find_root(wanted, link):
    """WordPress's directory. WordPress takes a wp-config.php from one level above it too."""
    directory = os.path.dirname(link)
    if wanted:
        return wanted
    if not os.path.exists(os.path.join(directory, "wp-load.php")):
        below = sorted(glob.glob(os.path.join(glob.escape(directory), "*", "wp-load.php")))
        if len(below) == 1:
            return os.path.dirname(below[0])
    return directory


def find_web_user(wanted, real):
    """Whom PHP runs as for visitors. That the file's group is that user's is a guess, true of Lightsail's images."""
    if wanted is not None:
        return wanted
    try:
        return pwd.getpwnam(grp.getgrgid(os.stat(real).st_gid).gr_name).pw_name
    except KeyError:
        return ""


def keep_from_visitors(directory, roots):
    for root in roots:
        if (os.path.realpath(directory) + "/").startswith(os.path.realpath(root).rstrip("/") + "/"):
            raise WpConfigError("The backup_dir %s is inside %s, from where the web server would hand the copy to visitors." % (directory, root))


def back_up(real, directory, source):
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    target = os.path.join(directory, "%s.%s.%s" % (os.path.basename(real), stamp, hashlib.sha256(source).hexdigest()[:8]))
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(stream.fileno(), 0o600)
            stream.write(source)
            os.fsync(stream.fileno())
    except OSError as error:
        raise WpConfigError("The backup %s could not be written: %s. %s was not changed." % (target, error.strerror or error, real))
    return target


def replace(real, source, text):
    """Atomic, so that no request ever reads half a file; copystat carries mode, ACL and SELinux label over."""
    directory = os.path.dirname(real)
    status = os.stat(real)
    descriptor, temporary = tempfile.mkstemp(prefix=".wp-config.", suffix=".php", dir=directory)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chown(temporary, status.st_uid, status.st_gid)
        shutil.copystat(real, temporary)
        os.utime(temporary)
        with open(real, "rb") as stream:
            if stream.read() != source:
                raise OSError("someone else changed it in the meantime, run again")
        os.rename(temporary, real)
    except OSError as error:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise WpConfigError("%s could not be replaced: %s." % (real, error))
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def validate_value(name, value):
    if not isinstance(value, (str, bool, int, float)):
        raise WpConfigError("The value of %s must be a string, a number or a boolean; give anything else as an expression in raw." % name)
    if isinstance(value, str) and "\0" in value:
        raise WpConfigError("The value of %s contains a NUL byte." % name)
    if isinstance(value, int) and not -(2**63) < value < 2**63:
        raise WpConfigError("The value of %s, %d, is beyond PHP's integers (64 bits); quote it to set a string." % (name, value))
    if isinstance(value, float) and not abs(value) < float("inf"):
        raise WpConfigError("The value of %s, %s, is no number that PHP can be given as text; use raw with NAN or INF." % (name, value))


def validate(values, raw, absent, blocks):
    for name in list(values) + list(raw) + list(absent):
        if not NAME.match(str(name)):
            raise WpConfigError("%r is not the name of a PHP constant." % (name,))
    for name, value in values.items():
        validate_value(name, value)
    for name, value in raw.items():
        if not isinstance(value, str) or not value.strip():
            raise WpConfigError("The value of %s in raw must be the text of a PHP expression." % name)
    for name, value in blocks.items():
        if not BLOCK_NAME.match(name) or name == CONSTANTS_BLOCK:
            raise WpConfigError("%r cannot be the name of a block." % name)
        if not isinstance(value, str):
            raise WpConfigError("The block %s must be text." % name)
        if "<?" in value or "?>" in value:
            raise WpConfigError("The block %s must be PHP without the tags <?php and ?>." % name)
    for one, other in ((values, raw), (values, absent), (raw, absent)):
        both = sorted(set(one) & set(other))
        if both:
            raise WpConfigError("%s is given twice with different meaning." % both[0])


def run(module):
    parameters = module.params
    doubled = sorted(set(parameters["constants"]) & set(parameters["secrets"]))
    if doubled:
        raise WpConfigError("%s is given in constants and in secrets." % doubled[0])
    values = dict(parameters["constants"], **parameters["secrets"])
    raw, absent, blocks = parameters["raw"], parameters["absent"], parameters["blocks"]
    validate(values, raw, absent, blocks)
    hidden = set(parameters["secrets"]) | set(name for name in values if SECRET_NAME.search(name))
    for name in hidden:
        if isinstance(values[name], str) and len(values[name]) > 3:
            module.no_log_values.add(values[name])

    link = os.path.abspath(parameters["path"])
    root = find_root(parameters["root"], link)
    if not os.access(link, os.R_OK):
        raise WpConfigError("%s cannot be read: %s." % (link, "Permission denied" if os.path.exists(link) else "No such file or directory"))
    php = Php(find_php(parameters["php"]), find_web_user(parameters["web_user"], os.path.realpath(link)))
    place = Place(php, link, root, set(values) | set(raw) | set(absent))
    real = place.file
    try:
        with open(real, "rb") as stream:
            source = stream.read()
    except OSError as error:
        raise WpConfigError("%s cannot be read: %s." % (real, error.strerror or error))
    if parameters["backup"]:
        keep_from_visitors(parameters["backup_dir"], (os.path.dirname(os.path.realpath(link)), os.path.dirname(link), root))
    config = WpConfig(php, real, source, place.at, place.reason)
    text = config.change(values, raw, absent, blocks)
    if text != source:
        fault = php.lint(text)
        if fault:
            raise WpConfigError("The new text of %s would not be valid PHP (%s); nothing was changed." % (real, fault))
    # text that was there before has been through all situations when it was written; that nothing else defines the constants is still to be seen
    place.check(text, source, values, raw, absent, text != source, config.nested)

    result = {"changed": text != source, "path": real, "constants": config.actions, "blocks": config.block_actions}
    for warning in config.warnings:
        if result["changed"]:
            module.warn(warning)
    if not result["changed"]:
        return result
    if module._diff:
        result["diff"] = {
            "before_header": real,
            "after_header": real,
            "before": config.masked(source, hidden, b"old"),
            "after": config.masked(text, hidden, b"new"),
        }
    if module.check_mode:
        return result
    if parameters["backup"]:
        result["backup_file"] = back_up(real, parameters["backup_dir"], source)
    replace(real, source, text)
    with open(real, "rb") as stream:
        place.check(stream.read(), source, values, raw, absent, False)
    return result


def main():
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "constants": {"type": "dict", "default": {}},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "raw": {"type": "dict", "default": {}},
            "absent": {"type": "list", "elements": "str", "default": []},
            "blocks": {"type": "dict", "default": {}},
            "php": {"type": "path"},
            "web_user": {"type": "str"},
            "root": {"type": "path"},
            "backup": {"type": "bool", "default": True},
            "backup_dir": {"type": "path", "default": "/var/backups/wp_config"},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except WpConfigError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
