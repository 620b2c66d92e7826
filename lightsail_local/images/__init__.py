# SPDX-License-Identifier: GPL-3.0-or-later
"""How the images of the local Lightsail are made: from Debian's own packages, once, and kept by podman.

Each image has a directory here: packages.txt (what Debian installs), rootfs/ (files laid over it), customize.sh (run inside
the tree). The tag is a hash of all that, so a changed recipe is a new image and an unchanged one is never built twice.
mmdebstrap is asked without naming a mirror: it takes the machine's own apt settings for reaching Debian.
"""

from __future__ import annotations

import concurrent.futures
import fcntl
import hashlib
import os
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Callable, Iterable

from ..data_plane.base import DataPlaneError
from ..data_plane.hosts import podman

HERE = Path(__file__).parent
Progress = Callable[[str], None]

# name: (Debian suite, what a person is told)
IMAGES = {
    "lightsail": ("bookworm", "WordPress host"),
    "bitnami": ("trixie", "WordPress host of Bitnami's"),
    "database": ("sid", "MySQL server"),
    "services": ("trixie", "load balancer, CDN, DNS and object storage"),
    # Not to run, but what Debian's mirrors hold for the hosts above: indexes, and the packages named with what they need.
    "archive_bookworm": ("bookworm", "packages for WordPress hosts"),
    "archive_trixie": ("trixie", "packages for Bitnami's hosts"),
}
ARCHIVES = tuple(name for name in IMAGES if name.startswith("archive_"))

# What a cloud that starts has to have. Bitnami's hosts are not sold any more: whoever wants one waits for its image then.
NEEDED = ("lightsail", "database", "services", *ARCHIVES)

# Made on demand, by their convert.sh, from one image and a look at another: {name: (from, at, what a person is told)}
VARIANTS = {
    "bitnami_b": ("bitnami", "database", "WordPress host of Bitnami's generation before, with MySQL"),
}


class ImageError(Exception):
    """An image could not be made; the text says which and why."""


def _parts(name: str) -> list[tuple[str, bytes]]:
    """What the recipe consists of: each path with its mode and content. Directories count too: an empty one is in no clone."""
    parts = []
    for path in sorted(path for path in (HERE / name).rglob("*") if "__pycache__" not in path.parts):
        content = os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        parts.append((f"{path.relative_to(HERE)} {stat.filemode(path.lstat().st_mode)[:4]}", content))
    return parts


def tag(name: str) -> str:
    """The image's full name; changes when anything of its recipe does."""
    if name in VARIANTS:
        digest = hashlib.sha256("\0".join([*(tag(part) for part in VARIANTS[name][:2]), (HERE / name / "convert.sh").read_text()]).encode())
        return f"localhost/lightsail-local/{name}:{digest.hexdigest()[:16]}"
    # What is asked of mmdebstrap counts too, but not how this file is written.
    command = [part.replace(str(HERE), "") for part in _command(name, IMAGES[name][0], Path("tree.tar"))]
    digest = hashlib.sha256("\0".join(command).encode())
    own = [("archive.py", (HERE / "archive.py").read_bytes())] if name in ARCHIVES else []
    for part, content in _parts(name) + own:
        digest.update(part.encode() + b"\0" + content + b"\0")
    return f"localhost/lightsail-local/{name}:{digest.hexdigest()[:16]}"


def packages(name: str) -> list[str]:
    return _listed(HERE / name / "packages.txt")


def _listed(path: Path) -> list[str]:
    lines = path.read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def ensure(progress: Progress = lambda line: None, names: Iterable[str] = NEEDED) -> dict[str, str]:
    """Build what is missing, two at a time; returns {name: image}. Safe to call from several processes at once."""
    wanted = {name: tag(name) for name in names}
    for name in set(wanted) & set(VARIANTS):
        ensure(progress, VARIANTS[name][:2])
    missing = [name for name, image in wanted.items() if not podman.image_exists(image)]
    if missing:
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            for future in [pool.submit(_build, name, wanted[name], progress) for name in missing]:
                future.result()
    return wanted


def superseded() -> list[str]:
    """Images of earlier recipes. Another clone of another version may want them still; it would build them again."""
    wanted = {tag(name) for name in (*IMAGES, *VARIANTS)}
    there = podman.run("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference=localhost/lightsail-local/*:*").split()
    return sorted(set(there) - wanted)


def prune() -> tuple[list[str], list[str]]:
    """Remove the images of earlier recipes that no container or snapshot is made of; returns those removed and those still in use."""
    removed, used = [], []
    for image in superseded():
        try:
            podman.run("image", "rm", image)
            removed.append(image)
        except DataPlaneError:
            used.append(image)
    return removed, used


def _build(name: str, image: str, progress: Progress) -> None:
    if name in VARIANTS:
        _convert(name, image, progress)
        return
    if not shutil.which("mmdebstrap"):
        raise ImageError("mmdebstrap is not installed, and no image can be made without it: apt-get install mmdebstrap")
    # One lock per image: a second cloud that starts meanwhile waits and then finds it made.
    lock_path = Path(tempfile.gettempdir()) / f".lightsail-local-image-{name}-{os.getuid()}.lock"
    with open(lock_path, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if podman.image_exists(image):
            return
        suite, what = IMAGES[name]
        began = time.monotonic()
        progress(f"building the {name} image ({what}, Debian {suite}, {len(packages(name))} packages and what they need) ...")
        # Beside podman's own storage: /tmp is a small RAM disk on many machines.
        with tempfile.TemporaryDirectory(prefix="lightsail-local-", dir="/var/tmp") as work:
            tree = Path(work) / "tree.tar"
            log = Path(work) / "log"
            status = _watch(_command(name, suite, tree), log, lambda line: progress(f"the {name} image, {line}"))
            if status:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
                raise ImageError(f"The {name} image could not be made; mmdebstrap ended with {status}:\n{tail}")
            progress(f"importing the {name} image ({tree.stat().st_size // 2**20} MB, {time.monotonic() - began:.0f} s so far) ...")
            podman.run("import", "--quiet", "--change", "LABEL lightsail-local-image=" + name, str(tree), image)
        progress(f"made the {name} image in {time.monotonic() - began:.0f} s")


def _watch(command: list[str], log: Path, say: Progress, every: float = 20) -> int:
    """Run a command that takes minutes into a log; say every so often how long it has run and what it last did. Returns its status."""
    began = time.monotonic()
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        while True:
            try:
                return process.wait(timeout=every)
            except subprocess.TimeoutExpired:
                lines = log.read_text(errors="replace").split("\n")
                last = next((line.split("\r")[-1].strip() for line in reversed(lines) if line.strip()), "no word yet")
                say(f"{time.monotonic() - began:.0f} s: {last[:100]}")


def _convert(name: str, image: str, progress: Progress) -> None:
    source, other, what = VARIANTS[name]
    container = image.replace("/", "-").replace(":", "-")
    lock_path = Path(tempfile.gettempdir()) / f".lightsail-local-image-{name}-{os.getuid()}.lock"
    with open(lock_path, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if podman.image_exists(image):
            return
        progress(f"building the {name} image ({what}) ...")
        podman.remove(container)
        look = ["--mount", f"type=image,source={tag(other)},destination=/mnt/database"]
        script = (HERE / name / "convert.sh").read_text(encoding="utf-8")
        try:
            run = ("run", "--name", container, "--interactive", "--network=none", "--entrypoint=[]", *look, tag(source), "/bin/bash", "-s")
            podman.run(*run, input=script)
            podman.run("commit", "--quiet", "--change", "LABEL lightsail-local-image=" + name, container, image)
        finally:
            podman.remove(container)


APT = (
    'Acquire::Languages "none"',
    'APT::Install-Recommends "false"',
    # A mirror may lag behind, and then its sid index is "expired"; the signature is checked all the same.
    'Acquire::Check-Valid-Until "false"',
)


def _command(name: str, suite: str, tree: Path) -> list[str]:
    if name in ARCHIVES:
        # No system at all; apt's settings alone are laid into the tree, and cleaning up would miss what the hook has removed.
        command = ["mmdebstrap", "--mode=root", "--variant=custom", "--format=tar", "--skip=cleanup"]
        command += [f"--aptopt={option}" for option in APT]
        return [*command, f'--customize-hook=python3 {HERE}/archive.py "$1" {shlex.join(packages(name))}', suite, str(tree)]
    recipe = HERE / name
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=tar", f"--include={','.join(packages(name))}"]
    command += [f"--aptopt={option}" for option in APT]
    for option in (
        "path-exclude=/usr/share/man/*",
        "path-exclude=/usr/share/locale/*",
        "path-exclude=/usr/share/doc/*",
        "path-include=/usr/share/doc/*/copyright",
        "path-exclude=/usr/share/icons/*",
    ):
        command.append(f"--dpkgopt={option}")
    if (recipe / "rootfs").is_dir():
        command.append(f'--customize-hook=cp -r --preserve=mode --no-preserve=ownership {recipe}/rootfs/. "$1/"')
    command += [
        '--customize-hook=mkdir -p "$1/tmp/recipe"',
        f'--customize-hook=cp -r {recipe}/. "$1/tmp/recipe/"',
    ]
    # Files of another suite, for what this one has too old: unpacked beside, and customize.sh takes what it wants.
    for extra in sorted(recipe.glob("unpacked-*.txt")):
        beside = ["mmdebstrap", "--mode=root", "--variant=extract", "--format=directory", f"--include={','.join(_listed(extra))}"]
        beside += [f"--aptopt={option}" for option in APT]
        beside.append(extra.stem.removeprefix("unpacked-"))
        command.append(f'--customize-hook={shlex.join(beside)} "$1/tmp/recipe/unpacked"')
    command += [
        '--customize-hook=chroot "$1" /bin/bash /tmp/recipe/customize.sh /tmp/recipe',
        '--customize-hook=rm -rf "$1/tmp/recipe" "$1/var/lib/apt/lists"/*',
        suite,
        str(tree),
    ]
    return command
