# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of Debian's archive that hosts may want, as a tree: archive.py TREE PACKAGE...

A hook of mmdebstrap. Whatever apt asks of a mirror is laid below TREE/archive/<the mirror's name>/, byte by byte as
Debian signed it, and the rest of TREE is removed. Files are fetched by apt's own helper, as mmdebstrap reaches Debian.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import urllib.parse
from pathlib import Path


def ask(*command: str) -> list[str]:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def main(tree: Path, packages: list[str]) -> None:
    # mmdebstrap keeps apt's settings for the tree apart from the machine's.
    os.environ["APT_CONFIG"] = os.environ["MMDEBSTRAP_APT_CONFIG"]
    archive = tree / "archive"

    def fetch(uri: str) -> Path:
        parts = urllib.parse.urlsplit(uri)
        path = archive / str(parts.hostname) / urllib.parse.unquote(parts.path).lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["/usr/lib/apt/apt-helper", "download-file", uri, str(path)], check=True, stdout=subprocess.DEVNULL
        )
        return path

    indexes = [
        line.split()
        for line in ask(
            "apt-get", "indextargets", "--format", "$(URI) $(REPO_URI)dists/$(RELEASE)/", "Created-By: Packages"
        )
    ]
    for release in sorted({release for _, release in indexes}):
        fetch(release + "InRelease")
    for uri, _ in indexes:
        # The one compression that apt asks for first.
        path = fetch(uri + ".xz")
        by_hash = path.parent / "by-hash" / "SHA256"
        by_hash.mkdir(parents=True, exist_ok=True)
        os.link(path, by_hash / hashlib.sha256(path.read_bytes()).hexdigest())
    for line in ask("apt-get", "--yes", "--print-uris", "--no-install-recommends", "install", *packages):
        if line.startswith("'"):
            fetch(line.split("'")[1])
    for path in tree.iterdir():
        if path != archive and path.name not in ("dev", "proc", "sys"):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
