#!/usr/bin/python
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wordpress_carry_files
short_description: Make directories of this host equal to those of another host
version_added: 0.1.0
description:
  - Lists the directories on both hosts, gets over SSH what is missing here or has another size or time, and deletes
    what the other host does not have. Then it compares all contents by SHA-256, and gets once more what differs.
  - Both hosts need Python 3.9 and nothing else. The other host is only read.
  - A file takes its place when it has come whole, so that a run that was killed is taken up by the next one.
  - Owners and modes are those that are given. A file that others may not read on the other host is not readable by
    others here, and one that may be executed there may be executed here.
  - Sockets, pipes and devices are skipped, and named.
author: The cloudpress.lightsail authors (@cloudpress)
options:
  source:
    description: The other host.
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
        description: Directory on this host with the private key (C(key)) and the pinned host keys (C(known_hosts)).
        type: path
        required: true
  trees:
    description: Directories, each with its C(source) there, its C(target) here, and relative paths that are left alone
      on both (C(exclude)).
    type: list
    elements: dict
    required: true
    suboptions:
      source:
        description: The directory there.
        type: path
        required: true
      target:
        description: The directory here.
        type: path
        required: true
      exclude:
        description: Relative paths that are neither copied nor deleted.
        type: list
        elements: str
        default: []
  owner:
    description: Owner of all that is below the directories.
    type: str
    required: true
  group:
    description: Its group.
    type: str
    required: true
  directory_mode:
    description: Mode of directories, octal.
    type: str
    required: true
  file_mode:
    description: Mode of files, octal.
    type: str
    required: true
  checksums:
    description: Compare the contents of all files by SHA-256 at the end.
    type: bool
    default: true
attributes:
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Returns details on what has changed, or possibly needs changing in check mode, when in diff mode.
    support: full
    details: Names of up to 1000 files, without contents.
"""

EXAMPLES = r"""
- name: Get the site's files
  cloudpress.lightsail.wordpress_carry_files:
    source: {address: 172.26.1.2, user: admin, directory: /root/carry}
    trees:
      - {source: /srv/old, target: /srv/www, exclude: [wp-config.php]}
    owner: admin
    group: web
    directory_mode: "2775"
    file_mode: "0664"
  become: true
"""

RETURN = r"""
files:
  description: Number of files of the source.
  returned: success
  type: int
  sample: 3120
bytes:
  description: Their length.
  returned: success
  type: int
  sample: 71303168
copied:
  description: Number of files that were got.
  returned: success
  type: int
  sample: 12
copied_bytes:
  description: Their length.
  returned: success
  type: int
  sample: 40960
deleted:
  description: Number of files, directories and links that were deleted here.
  returned: success
  type: int
  sample: 1
skipped:
  description: Sockets, pipes and devices of the source, which are not carried.
  returned: success
  type: list
  elements: str
  sample: [/srv/old/wp-content/cache.sock]
outside:
  description: Symbolic links that lead out of the directories, and where to. They are carried as they are.
  returned: success
  type: list
  elements: str
  sample: ["/srv/old/data -> /mnt/data"]
compared:
  description: Number of files that were compared by SHA-256.
  returned: success
  type: int
  sample: 3120
"""

import grp
import os
import pwd
import shutil
import stat
import struct
import threading

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _carry, _carry_agent
from ansible_collections.cloudpress.lightsail.plugins.module_utils._carry import CarryError

SHOWN = 1000
# How often contents are compared and got again before the source counts as one that is written to.
ROUNDS = 3


def shown(path):
    """A name that is no text, as text."""
    return os.fsencode(path).decode(errors="backslashreplace")


def led(link, trees):
    """Return the target of a symbolic link for this host: what leads into a directory of the source leads into ours."""
    for tree in sorted(trees, key=lambda tree: -len(tree["source"])):
        if link == tree["source"] or link.startswith(tree["source"] + "/"):
            return tree["target"] + link[len(tree["source"]) :]
    return link


def leads_out(path, link, tree, trees):
    """Whether a symbolic link of the source leads out of the directories that are carried."""
    full = os.path.normpath(os.path.join(tree["source"], os.path.dirname(path), link))
    return not any(
        full == root or full.startswith(root + "/") for one in trees for root in (one["source"], one["target"])
    )


def wanted_mode(kind, mode, modes):
    """Return the mode that a file or directory gets here."""
    if kind == "d":
        return modes["directory"]
    wanted = modes["file"] | (mode & 0o111)
    return wanted if mode & 0o004 else wanted & ~0o007


def differences(source, target):
    """Compare two lists, path to [kind, size, mtime, mode, more]; return the paths to make, and those to delete, each
    before what it hides.
    """
    make = [
        path
        for path, (kind, size, time, _mode, more) in source.items()
        if kind != "o" and not same(kind, size, time, more, target.get(path))
    ]
    delete = [
        path
        for path, found in target.items()
        if path not in source or source[path][0] not in (found[0], "o") or (source[path][0] == "o" != found[0])
    ]
    return make, sorted(delete, key=lambda path: -path.count("/"))


def same(kind, size, time, more, found):
    if found is None or found[0] != kind:
        return False
    if kind == "f":
        return (size, time) == (found[1], found[2])
    return kind == "d" or more == found[4]


class Carrier:
    def __init__(self, wanted, check):
        self.wanted, self.check = wanted, check
        self.trees = wanted["trees"]
        self.uid, self.gid = pwd.getpwnam(wanted["owner"]).pw_uid, grp.getgrnam(wanted["group"]).gr_gid
        self.modes = {"directory": int(wanted["directory_mode"], 8), "file": int(wanted["file_mode"], 8)}
        self.changes = []
        self.copied = self.copied_bytes = self.deleted = 0

    # -- lists

    def of_source(self, hashes=False):
        """Return for each tree what the source has, path to [kind, size, mtime, mode, more]."""
        found = [{} for dummy in self.trees]
        trees = [{"root": tree["source"], "exclude": tree["exclude"]} for tree in self.trees]
        with _carry.Agent(self.wanted["source"], {"do": "list", "trees": trees, "hashes": hashes}) as agent:
            for number, path, kind, size, time, mode, more in iter(agent.line, None):
                parent = os.path.dirname(path)
                if not {"", ".", ".."}.isdisjoint(path.split("/")) or (
                    parent and found[number].get(parent, "-")[0] != "d"
                ):
                    raise CarryError(
                        f"The source names {shown(path)!r}, which is below none of its directories. "
                        "Nothing was changed."
                    )
                found[number][path] = [kind, size, time, mode, led(more, self.trees) if kind == "l" else more]
        return found

    def of_target(self, hashes=False):
        found = []
        for tree in self.trees:
            there = os.path.isdir(tree["target"])
            found.append(
                {path: rest for path, *rest in _carry_agent.entries(tree["target"], tree["exclude"], hashes)}
                if there
                else {}
            )
        return found

    def note(self, what, number, path):
        self.changes.append(f"{what} {shown(self.full(number, path))}")

    def full(self, number, path):
        target = self.trees[number]["target"]
        return os.path.join(target, path) if path else target

    # -- changes

    def delete(self, number, path):
        self.note("delete", number, path)
        self.deleted += 1
        if self.check:
            return
        full = self.full(number, path)
        if os.path.isdir(full) and not os.path.islink(full):
            # What is left alone in it keeps it.
            try:
                os.rmdir(full)
            except OSError:
                pass
        else:
            os.unlink(full)

    def own(self, full, kind, mode):
        """Give a file or directory its owner and mode; return whether that changed anything."""
        found = os.lstat(full)
        changed = False
        if (found.st_uid, found.st_gid) != (self.uid, self.gid):
            changed = True
            if not self.check:
                os.chown(full, self.uid, self.gid, follow_symlinks=False)
        # A change of owner takes the bits of setgid away.
        if kind != "l" and (changed or stat.S_IMODE(found.st_mode) != mode):
            changed = True
            if not self.check:
                os.chmod(full, mode)
        return changed

    def temporary(self, full):
        """Return a name for a file on its way; what an earlier run left there goes."""
        name = os.path.join(os.path.dirname(full), _carry_agent.TEMPORARY + str(os.getpid()))
        if os.path.lexists(name):
            os.unlink(name)
        return name

    def link(self, number, path, to):
        full = self.full(number, path)
        self.note("link", number, path)
        if not self.check:
            name = self.temporary(full)
            os.symlink(to, name)
            os.replace(name, full)

    def directory(self, number, path):
        self.note("make", number, path)
        if not self.check:
            os.makedirs(self.full(number, path), exist_ok=True)

    def get(self, files):
        """Get files, pairs of the tree's number and a path, in one stream."""
        self.copied += len(files)
        for number, path in files:
            self.note("get", number, path)
        if self.check or not files:
            return
        request = {"do": "files", "roots": [tree["source"] for tree in self.trees], "count": len(files)}
        with _carry.Agent(self.wanted["source"], request) as agent:
            # The source reads all names before it sends anything.
            agent.say(files)
            asked = set(files)
            for number, path, size, time, mode in iter(agent.line, None):
                if (number, path) not in asked:
                    raise CarryError(f"The source sent {shown(path)!r}, which nobody asked for.")
                if size >= 0:
                    self.receive(agent, self.full(number, path), time, wanted_mode("f", mode, self.modes))

    def receive(self, agent, full, time, mode):
        name = self.temporary(full)
        with open(name, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            while True:
                (length,) = struct.unpack(">I", agent.bytes(4))
                if not length:
                    break
                piece = agent.bytes(length)
                self.copied_bytes += length
                # Holes stay holes.
                if piece.count(0) == length:
                    file.seek(length, os.SEEK_CUR)
                else:
                    file.write(piece)
            file.truncate()
        os.chown(name, self.uid, self.gid)
        os.chmod(name, mode)
        os.utime(name, ns=(time, time))
        os.replace(name, full)

    def remains(self):
        """Remove what a killed run left half way."""
        for tree in self.trees:
            for directory, _names, files in os.walk(tree["target"]):
                for name in files:
                    if name.startswith(_carry_agent.TEMPORARY) and not self.check:
                        os.unlink(os.path.join(directory, name))

    # -- the work

    def make_equal(self):
        source, target = self.of_source(), self.of_target()
        for number, tree in enumerate(self.trees):
            if not source[number]:
                raise CarryError(
                    f"{tree['source']} on the source is empty, so nothing was carried and nothing deleted here."
                )
        self.space(source, target)
        self.remains()
        files = []
        for number, tree in enumerate(self.trees):
            make, delete = differences(source[number], target[number])
            for path in delete:
                self.delete(number, path)
            if not os.path.isdir(tree["target"]):
                self.directory(number, "")
            for path in make:
                kind, more = source[number][path][0], source[number][path][4]
                if kind == "d":
                    self.directory(number, path)
                elif kind == "l":
                    self.link(number, path, more)
                else:
                    files.append((number, path))
        self.get(files)
        self.settle(source)
        return source

    def space(self, source, target):
        """Refuse what does not fit: new bytes of all trees, by file system."""
        need = {}
        for number, tree in enumerate(self.trees):
            at = tree["target"]
            while not os.path.isdir(at):
                at = os.path.dirname(at)
            have = target[number]
            bytes_ = sum(max(0, entry[1] - have.get(path, [0, 0])[1]) for path, entry in source[number].items())
            key = os.stat(at).st_dev
            need[key] = (need.get(key, (0, at))[0] + bytes_, at)
        for bytes_, at in need.values():
            free = shutil.disk_usage(at).free
            if bytes_ > free:
                raise CarryError(
                    f"The files need {bytes_ // 1000000} MB more in {at}, and {free // 1000000} MB are free: "
                    "take a larger bundle, or delete "
                    "what the site does not need, then run again. Nothing was changed."
                )

    def settle(self, source):
        """Give everything that came its owner and mode."""
        for number, of_tree in enumerate(source):
            for path, (kind, _size, _time, mode, _more) in of_tree.items():
                full = self.full(number, path)
                if kind != "o" and os.path.lexists(full) and self.own(full, kind, wanted_mode(kind, mode, self.modes)):
                    self.note("own", number, path)
            if os.path.isdir(self.full(number, "")) and self.own(self.full(number, ""), "d", self.modes["directory"]):
                self.note("own", number, "")

    def both_hashed(self):
        sides = {}
        thread = threading.Thread(target=lambda: sides.update(target=self.of_target(hashes=True)))
        thread.start()
        source = self.of_source(hashes=True)
        thread.join()
        return source, sides["target"]

    def prove(self):
        """Compare all contents; return the number of files. What differs is got again, as long as that helps."""
        for round_ in range(ROUNDS):
            source, target = self.both_hashed()
            wrong = []
            for number, of_tree in enumerate(source):
                for path, entry in of_tree.items():
                    found = target[number].get(path)
                    if entry[0] != "o" and (
                        found is None or found[0] != entry[0] or (entry[0] != "d" and found[4] != entry[4])
                    ):
                        wrong.append((number, path))
                wrong += [(number, path) for path in target[number] if path not in of_tree]
            if not wrong:
                return sum(entry[0] == "f" for of_tree in source for entry in of_tree.values())
            if round_ + 1 == ROUNDS:
                break
            self.get(
                [
                    (number, path)
                    for number, path in wrong
                    if source[number].get(path, "-")[0] == "f" and target[number].get(path, "f")[0] == "f"
                ]
            )
            self.make_equal()
        names = ", ".join(shown(self.full(*one)) for one in wrong[:5])
        raise CarryError(
            f"{len(wrong)} files differ between source and target, because somebody writes to them: {names}. "
            "Hold the source, then run again."
        )


def main():
    tree = {
        "source": {"type": "path", "required": True},
        "target": {"type": "path", "required": True},
        "exclude": {"type": "list", "elements": "str", "default": []},
    }
    module = AnsibleModule(
        argument_spec={
            "source": {"type": "dict", "required": True, "options": _carry.SOURCE_OPTIONS},
            "trees": {"type": "list", "elements": "dict", "required": True, "options": tree},
            "owner": {"type": "str", "required": True},
            "group": {"type": "str", "required": True},
            "directory_mode": {"type": "str", "required": True},
            "file_mode": {"type": "str", "required": True},
            "checksums": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    try:
        carrier = Carrier(module.params, module.check_mode)
        source = carrier.make_equal()
        compared = carrier.prove() if module.params["checksums"] and not module.check_mode else 0
    except CarryError as error:
        module.fail_json(msg=str(error))
    except KeyError as error:
        module.fail_json(msg=f"This host has no user or group of that name: {error.args[0]}.")
    skipped, outside, files, size = [], [], 0, 0
    for number, tree in enumerate(module.params["trees"]):
        for path, (kind, length, _time, _mode, more) in source[number].items():
            at = shown(os.path.join(tree["source"], path))
            files, size = files + (kind == "f"), size + length
            if kind == "o":
                skipped.append(at)
            elif kind == "l" and leads_out(path, more, tree, module.params["trees"]):
                outside.append(f"{at} -> {shown(more)}")
    changes = carrier.changes
    module.exit_json(
        changed=bool(changes),
        files=files,
        bytes=size,
        copied=carrier.copied,
        copied_bytes=carrier.copied_bytes,
        deleted=carrier.deleted,
        skipped=skipped,
        outside=outside,
        compared=compared,
        diff={"before": "", "after": "".join(f"{line}\n" for line in changes[:SHOWN])},
    )


if __name__ == "__main__":
    main()
