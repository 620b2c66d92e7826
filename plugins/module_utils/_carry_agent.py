# Copyright (c) 2026 The cloudpress.lightsail authors
# Simplified BSD License (see https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This is a PRIVATE module utility of the collection cloudpress.lightsail. It may change in any release.

"""What is done on the source of a carried WordPress. It lists and sends files, reads others, and leads to its database.

The target sends this file over SSH and Python runs it there, so that nothing is left on the source. It stands alone:
the standard library, no import of the collection. The request is one line of JSON on standard input. Names of files
are text with surrogate escapes, which JSON keeps.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import socket
import stat
import struct
import sys
import threading

CHUNK = 1 << 20
# In the place of a length: the file cannot be read any more.
GONE = 0xFFFFFFFF
# Names that this collection gives to files on their way.
TEMPORARY = ".cloudpress-carry."


def digest(path):
    """Return the SHA-256 of a file's content, "" when it cannot be read."""
    found = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            for chunk in iter(lambda: file.read(CHUNK), b""):
                found.update(chunk)
    except OSError:
        return ""
    return found.hexdigest()


def entries(root, exclude=(), hashes=False):
    """Yield what is below a directory, as [path, kind, size, mtime in ns, mode, more].

    Kinds: f a file, with its SHA-256 if asked for; d a directory; l a symbolic link, with its target; o anything else.
    exclude: relative paths that are left out with all that is below them.
    """
    left_out = set(exclude)
    stack = [""]
    while stack:
        directory = stack.pop()
        try:
            with os.scandir(os.path.join(root, directory) if directory else root) as found:
                names = sorted(entry.name for entry in found)
        except (FileNotFoundError, NotADirectoryError):
            if not directory:
                raise
            continue
        below = []
        for name in names:
            path = f"{directory}/{name}" if directory else name
            if path in left_out or name.startswith(TEMPORARY):
                continue
            full = os.path.join(root, path)
            try:
                status = os.lstat(full)
                kind, more = "o", ""
                if stat.S_ISREG(status.st_mode):
                    kind, more = "f", digest(full) if hashes else ""
                elif stat.S_ISDIR(status.st_mode):
                    kind = "d"
                    below.append(path)
                elif stat.S_ISLNK(status.st_mode):
                    kind, more = "l", os.readlink(full)
            except FileNotFoundError:
                continue
            size = status.st_size if kind == "f" else 0
            yield [path, kind, size, status.st_mtime_ns, stat.S_IMODE(status.st_mode), more]
        stack.extend(reversed(below))


def write_line(stdout, value):
    stdout.write(json.dumps(value).encode() + b"\n")


def send_list(request, _stdin, stdout):
    """Write the entries of each tree, one a line, with the number of the tree before; null at the end."""
    for number, tree in enumerate(request["trees"]):
        for entry in entries(tree["root"], tree["exclude"], request.get("hashes", False)):
            write_line(stdout, [number, *entry])
    write_line(stdout, None)


def send_files(request, stdin, stdout):
    """Write files: a line of JSON, then pieces, each with its length before it, and a length of 0. null at the end.

    An archive says the size of a file before its content, but files of a site that serves grow meanwhile.
    """
    lines = io.BufferedReader(stdin)
    wanted = [json.loads(lines.readline()) for dummy in range(request["count"])]
    for number, path in wanted:
        try:
            with open(os.path.join(request["roots"][number], path), "rb") as file:
                status = os.fstat(file.fileno())
                write_line(stdout, [number, path, status.st_size, status.st_mtime_ns, stat.S_IMODE(status.st_mode)])
                for piece in iter(lambda: file.read(CHUNK), b""):
                    stdout.write(struct.pack(">I", len(piece)) + piece)
                stdout.write(struct.pack(">I", 0))
        except OSError:
            write_line(stdout, [number, path, -1, 0, 0])
    write_line(stdout, None)


def send_contents(request, _stdin, stdout):
    """Write the contents of small files, null for those that are not there."""
    found = {}
    for path in request["paths"]:
        try:
            with open(path, "rb") as file:
                found[path] = base64.b64encode(file.read(CHUNK)).decode()
        except OSError:
            found[path] = None
    write_line(stdout, found)


def lead(request, stdin, stdout):
    """Lead standard input and output to a socket: the path of one, or host and port."""
    if request.get("socket"):
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(request["socket"])
    else:
        peer = socket.create_connection((request["host"], request["port"]), timeout=30)
        peer.settimeout(None)

    def inwards():
        while True:
            piece = os.read(stdin.fileno(), 65536)
            if not piece:
                break
            peer.sendall(piece)
        peer.shutdown(socket.SHUT_WR)

    threading.Thread(target=inwards, daemon=True).start()
    for piece in iter(lambda: peer.recv(65536), b""):
        stdout.write(piece)
        stdout.flush()


def serve(stdin, stdout):
    request = json.loads(stdin.readline())
    {"list": send_list, "files": send_files, "contents": send_contents, "lead": lead}[request["do"]](
        request, stdin, stdout
    )
    stdout.flush()


if __name__ == "carried":
    # Unbuffered: what follows the request belongs to whom it is led to.
    serve(open(sys.stdin.fileno(), "rb", buffering=0, closefd=False), open(sys.stdout.fileno(), "wb", closefd=False))
