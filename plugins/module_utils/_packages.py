# Copyright (c) 2026 The cloudpress.lightsail authors
# Simplified BSD License (see https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This is a PRIVATE module utility of the collection cloudpress.lightsail. It may change in any release.

"""Packages of WordPress's core, plugins and themes: what a zip holds, and whether it is what is installed."""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import re
import shutil
import zipfile
import zlib

# WordPress reads as much of a file for its header:
# https://developer.wordpress.org/reference/functions/get_file_data/
HEADER_BYTES = 8192


class PackageError(Exception):
    """One sentence for the user."""


def header_line(text: str, name: str) -> str:
    """Return the value of a line such as "Version: 1.2" in the comment at the head of a file, or ""."""
    found = re.search(rf"^[ \t/*#@]*{re.escape(name)}:(.*)$", text[:HEADER_BYTES].replace("\r", "\n"), re.IGNORECASE | re.MULTILINE)
    return re.sub(r"\s*(\*/|\?>).*", "", found[1]).strip() if found else ""


def assigned(text: str, name: str) -> str:
    """Return the text that is assigned to a variable of PHP, or ""."""
    found = re.search(rf"\${name}\s*=\s*['\"]([^'\"]+)", text)
    return found[1] if found else ""


def head(path: str) -> str:
    with open(path, "rb") as stream:
        return stream.read(HEADER_BYTES).decode("utf-8", "replace")


def main_text(texts: dict[str, str]) -> str | None:
    """Return the text of the file in a plugin's directory that WordPress takes for the plugin."""
    return next((text for _name, text in sorted(texts.items()) if header_line(text, "Plugin Name")), None)


def numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def crc(path: str) -> int:
    value = 0
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            value = zlib.crc32(block, value)
    return value


def tree(directory: str, prefix: str = "") -> dict[str, int]:
    """Return the checksum of every file below a directory."""
    found = {}
    for folder, _folders, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            found[prefix + os.path.relpath(path, directory)] = crc(path) if os.path.exists(path) else -1
    return found


def open_zip(path: str, named: str, wanted: str = "") -> tuple[zipfile.ZipFile, str]:
    """Open a zip all of whose paths stay in its own folder, and return it with its SHA-256."""
    found = sha256(path)
    if wanted and wanted.lower() != found:
        raise PackageError(f"{named} has the SHA-256 {found}, not {wanted.lower()}.")
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise PackageError(f"{named} is no zip file.") from error
    for name in archive.namelist():
        if name.startswith("/") or "\\" in name or ".." in name.split("/"):
            raise PackageError(f"{named} holds the path {name}, which leads out of its own folder.")
    return archive, found


def owner_ids(owner: str, group: str) -> tuple[int, int]:
    uid = int(owner) if owner.isdigit() else pwd.getpwnam(owner).pw_uid
    return uid, int(group) if group.isdigit() else grp.getgrnam(group).gr_gid


def own(path: str, owner: str, group: str, directory_mode: str, file_mode: str) -> None:
    """Give a directory and all below it the owner and the modes of the tree that it goes to."""
    uid, gid = owner_ids(owner, group)
    for folder, _folders, names in os.walk(path):
        for one, mode in [(folder, directory_mode), *((os.path.join(folder, name), file_mode) for name in names)]:
            os.chown(one, uid, gid)
            # after chown, which clears setgid
            os.chmod(one, int(mode, 8))


def remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


class Package:
    """A zip and what it is: the kind (core, plugin or theme), the folder's name, version, needed PHP and the checksums of its files."""

    def __init__(self, named: str, path: str, wanted: str = "") -> None:
        self.named = named
        self.archive, _found = open_zip(path, named, wanted)
        infos = [info for info in self.archive.infolist() if info.filename.split("/", 1)[0] != "__MACOSX"]
        tops = {info.filename.split("/", 1)[0] for info in infos}
        inside = [(info.filename.split("/", 1)[1], info.CRC) for info in infos if "/" in info.filename]
        self.files = {name: checksum for name, checksum in inside if name and not name.endswith("/")}
        if len(tops) != 1 or not self.files:
            raise PackageError(f"{named} does not contain exactly one folder, as a WordPress package does.")
        self.slug = tops.pop()
        self.kind, text = self._recognise()
        if self.kind == "core":
            self.version, self.needs_php = assigned(text, "wp_version"), assigned(text, "required_php_version")
        else:
            self.version, self.needs_php = header_line(text, "Version"), header_line(text, "Requires PHP")

    def _read(self, name: str) -> str:
        return self.archive.read(f"{self.slug}/{name}").decode("utf-8", "replace")

    def _recognise(self) -> tuple[str, str]:
        if {"wp-includes/version.php", "wp-admin/index.php", "wp-load.php"} <= self.files.keys():
            return "core", self._read("wp-includes/version.php")
        if "style.css" in self.files and header_line(self._read("style.css"), "Theme Name"):
            return "theme", self._read("style.css")
        text = main_text({name: self._read(name) for name in self.files if re.fullmatch(r"[^/]+\.php", name)})
        if text is None:
            raise PackageError(f"{self.named} is no package of WordPress's core, of a plugin or of a theme.")
        return "plugin", text

    def items(self) -> list[str]:
        """Return what is put in place as a whole. Of a core package that is everything but content, which belongs to the site."""
        if self.kind != "core":
            return [""]
        loose = [name for name in self.files if "/" not in name and name != "wp-config.php"]
        return ["wp-admin", "wp-includes", *loose]


class Installed:
    """What is on this host."""

    def __init__(self, root: str, content: str, version: str) -> None:
        self.root, self.content, self.core_version = root, content, version

    def place(self, package: Package) -> str:
        return self.root if package.kind == "core" else os.path.join(self.content, f"{package.kind}s", package.slug)

    def version(self, package: Package) -> str | None:
        """Return the version that is there, None when there is none."""
        if package.kind == "core":
            return self.core_version
        place = self.place(package)
        if package.kind == "theme":
            style = os.path.join(place, "style.css")
            return header_line(head(style), "Version") if os.path.isfile(style) else None
        names = os.listdir(place) if os.path.isdir(place) else []
        text = main_text({name: head(os.path.join(place, name)) for name in names if name.endswith(".php") and os.path.isfile(os.path.join(place, name))})
        return None if text is None else header_line(text, "Version")

    def same(self, package: Package) -> bool:
        """Whether the files of the package are those that are there."""
        place = self.place(package)
        if package.kind != "core":
            return tree(place) == package.files
        wanted = {name: value for name, value in package.files.items() if not name.startswith("wp-content/") and name != "wp-config.php"}
        have = {**tree(f"{place}/wp-admin", "wp-admin/"), **tree(f"{place}/wp-includes", "wp-includes/")}
        for name in package.items():
            if os.path.isfile(os.path.join(place, name)):
                have[name] = crc(os.path.join(place, name))
        return have == wanted
