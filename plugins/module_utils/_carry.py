# Copyright (c) 2026 The cloudpress.lightsail authors
# Simplified BSD License (see https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This is a PRIVATE module utility of the collection cloudpress.lightsail. It may change in any release.

"""The target's way to the source of a carried WordPress: SSH with a key and a host key of its own, and a program that
only reads there.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import shlex
import subprocess

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _carry_agent

# The program comes on standard input, with its length before it.
BOOT = (
    "import os\n"
    "def take(n):\n"
    " b=b''\n"
    " while len(b)<n:b+=os.read(0,n-len(b)) or os._exit(1)\n"
    " return b\n"
    "exec(compile(take(int(take(9))),'carried','exec'),{'__name__':'carried'})"
)
SOURCE_OPTIONS = {
    "address": {"type": "str", "required": True},
    "port": {"type": "int", "default": 22},
    "user": {"type": "str", "required": True},
    "directory": {"type": "path", "required": True},
}


class CarryError(Exception):
    """One sentence for the user."""


@functools.lru_cache(maxsize=None)
def program():
    """Return the text of the agent, also when this runs from a zip file, which may be gone later."""
    text = _carry_agent.__loader__.get_source(_carry_agent.__name__).encode()
    return b"%09d" % len(text) + text


def ssh_command(source):
    """Return the words of SSH up to the command. `source` is as SOURCE_OPTIONS says; its directory holds the key and
    the known hosts.
    """
    directory = source["directory"]
    options = {
        "BatchMode": "yes",
        "ConnectTimeout": "15",
        "ServerAliveInterval": "15",
        "ServerAliveCountMax": "8",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": f"{directory}/known_hosts",
        "GlobalKnownHostsFile": "/dev/null",
        "UpdateHostKeys": "no",
        "LogLevel": "ERROR",
    }
    words = ["ssh", "-F", "none", "-T", "-i", f"{directory}/key", "-p", str(source["port"]), "-l", source["user"]]
    for name, value in options.items():
        words += ["-o", f"{name}={value}"]
    return [*words, "--", source["address"]]


def agent_command(source):
    """Return the command that runs the agent on the source as root. No secret and no name of a file stands in it."""
    return [*ssh_command(source), "sudo -n python3 -c " + shlex.quote(BOOT)]


class Agent:
    """One run of the agent; use it in a `with`. What it writes is read from `output`."""

    def __init__(self, source, request, command=None):
        self.source, self.request = source, request
        self.command = command or agent_command(source)

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.output = self.process.stdout
        try:
            self.process.stdin.write(program() + json.dumps(self.request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self.fail()
        return self

    def say(self, values):
        try:
            for value in values:
                self.process.stdin.write(json.dumps(value).encode() + b"\n")
            self.process.stdin.close()
        except BrokenPipeError:
            self.fail()

    def line(self):
        line = self.output.readline()
        if not line.endswith(b"\n"):
            self.fail()
        return json.loads(line)

    def bytes(self, count):
        found = self.output.read(count)
        if len(found) < count:
            self.fail()
        return found

    def fail(self):
        """Raise CarryError with what SSH or the source said."""
        self.process.kill()
        said = self.process.stderr.read().decode(errors="replace").strip().splitlines()
        raise CarryError(
            f"The source {self.source['user']}@{self.source['address']} broke off: "
            f"{said[-1].rstrip('.') if said else 'it said nothing'}. Run again; what has been carried is kept."
        )

    def __exit__(self, kind, value, trace):
        if kind is not None:
            self.process.kill()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except OSError:
                pass
        self.process.wait()


def contents(source, paths):
    """Return the contents of small files of the source in bytes, None for those that are not there."""
    with Agent(source, {"do": "contents", "paths": list(paths)}) as agent:
        return {path: None if text is None else base64.b64decode(text) for path, text in agent.line().items()}


def private_file(path, text):
    """Write a file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)


def pipe(writer, reader):
    """Lead what one program writes to another, untouched. Return what the one that failed complains of, or None."""
    with subprocess.Popen(writer, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as source:
        with subprocess.Popen(reader, stdin=source.stdout, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as sink:
            source.stdout.close()
            said = sink.stderr.read().decode(errors="replace").strip()
        complaints = source.stderr.read().decode(errors="replace").strip()
    return (said or complaints).rstrip(".") if sink.returncode or source.returncode else None
