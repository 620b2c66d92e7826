# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as a user gets it: built from a clean clone, installed beside what README.md names and nothing else."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDED = re.findall(r"'([^']+)'", re.search(r"pip install (.*)", (ROOT / "README.md").read_text(encoding="utf-8")).group(1))


def run(argv: list[str], **kwargs) -> subprocess.CompletedProcess:
    """Run a command; a failure shows all that it said."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=3000, **kwargs)
    assert done.returncode == 0, f"{' '.join(map(str, argv))} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="session")
def tarball(tmp_path_factory) -> Path:
    output = tmp_path_factory.mktemp("build")
    run([str(ROOT / "scripts" / "build"), str(output)])
    (made,) = output.glob("cloudpress-lightsail-*.tar.gz")
    return made


@pytest.fixture(scope="session")
def names(tarball) -> set[str]:
    with tarfile.open(tarball) as archive:
        return {member.name for member in archive.getmembers()}


@pytest.fixture(scope="session")
def bare_python() -> Path:
    """A virtual environment with what README.md tells to install and what that needs, nothing else; kept between runs."""
    constraints = ROOT / "requirements" / "constraints.txt"
    key = hashlib.sha256(constraints.read_bytes() + repr((NEEDED, sys.version)).encode()).hexdigest()[:16]
    home = ROOT / ".cache" / f"bare-{key}"
    python = home / "bin" / "python"
    if not (home / "complete").exists():
        for old in home.parent.glob("bare-*"):
            shutil.rmtree(old, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(home)])
        run([str(python), "-m", "pip", "install", "-q", "--no-input", "-c", str(constraints), *NEEDED])
        (home / "complete").touch()
    return python


class Installed:
    """The installed collection, with commands that see it and nothing of this clone."""

    def __init__(self, python: Path, base: Path, tarball: Path) -> None:
        self.python = python
        self.work = base / "work"
        self.work.mkdir()
        self.collections = base / "collections"
        self.path = self.collections / "ansible_collections" / "cloudpress" / "lightsail"
        self.env = {
            "PATH": f"{python.parent}:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(base / "home"),
            "LANG": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        }
        (base / "home").mkdir()
        self.run("ansible-galaxy", "collection", "install", "--offline", "-p", str(self.collections), str(tarball))

    def run(self, command: str, *arguments: str, **env: str) -> subprocess.CompletedProcess:
        program = self.python.parent / command
        return run([str(program) if program.exists() else command, *arguments], cwd=self.work, env=self.env | env)


@pytest.fixture(scope="session")
def installed(bare_python, tarball, tmp_path_factory) -> Installed:
    return Installed(bare_python, tmp_path_factory.mktemp("installed"), tarball)


def oldest_core() -> str:
    text = (ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8")
    return re.search(r'^requires_ansible: ">=(\d+\.\d+)', text, re.MULTILINE).group(1)


@pytest.fixture(scope="session", params=["pinned", "oldest"])
def installed_with_hosts(request, tarball, tmp_path_factory) -> Installed:
    """Installed beside a Python that has the shipped local Lightsail too, as its documentation says; on the oldest ansible-core as well."""
    base = tmp_path_factory.mktemp("hosts")
    python = base / "python" / "bin" / "python"
    run([sys.executable, "-m", "venv", str(python.parents[1])])
    run([str(python), "-m", "pip", "install", "-q", "--no-input", "-c", str(ROOT / "requirements" / "constraints.txt"), *NEEDED])
    if request.param == "oldest":
        run([str(python), "-m", "pip", "install", "-q", "--no-input", f"ansible-core=={oldest_core()}.*"])
        assert f"[core {oldest_core()}." in run([str(python.parent / "ansible"), "--version"]).stdout
    installed = Installed(python, base, tarball)
    installed.run("python", "-m", "pip", "install", "-q", "--no-input", str(installed.path))
    return installed
