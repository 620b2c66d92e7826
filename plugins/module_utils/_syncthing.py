# Copyright (c) 2026 The cloudpress.lightsail authors
# Simplified BSD License (see https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This is a PRIVATE module utility of the collection cloudpress.lightsail. It may change in any release.

"""Syncthing on this host: its identity, its settings before its first start, and its API over a Unix socket.

The API is that of Syncthing 1.12 and newer (https://docs.syncthing.net/dev/rest.html).
"""

from __future__ import annotations

import base64
import copy
import hashlib
import http.client
import json
import os
import pwd
import re
import socket
import ssl
import subprocess
import time
import urllib.parse
import xml.etree.ElementTree

PORT = 22000
# cloud-init's note is another one on a copy of an instance's disk from its first boot on; a host without cloud-init has
# its machine's id.
INSTANCE_FILES = ("/var/lib/cloud/data/instance-id", "/etc/machine-id")
# Nobody but the nodes is asked for anything, and nothing but the nodes' files is told to anybody.
OPTIONS = {
    "globalAnnounceEnabled": False,
    "localAnnounceEnabled": False,
    "relaysEnabled": False,
    "natEnabled": False,
    "startBrowser": False,
    "crashReportingEnabled": False,
    "urAccepted": -1,
    "autoUpgradeIntervalH": 0,
    # A node that comes back is met again within seconds.
    "reconnectionIntervalS": 5,
    # Small hosts: one folder at a time is read, by one process at low priority.
    "maxFolderConcurrency": 1,
    "setLowPriority": True,
}
FOLDER = {
    "filesystemType": "basic",
    "fsWatcherEnabled": True,
    # What whole seconds allow; Syncthing 1.19 takes no fraction.
    "fsWatcherDelayS": 1,
    # Modes are not carried: nothing becomes executable.
    "ignorePerms": True,
    # The watcher sees changes; this finds what it missed.
    "rescanIntervalS": 600,
    "hashers": 1,
    "order": "newestFirst",
    # Of two changes at once the older one stays beside the newer, as *.sync-conflict-*.
    "maxConflicts": -1,
}
DEVICE = {"compression": "metadata", "autoAcceptFolders": False, "introducer": False}


class Problem(Exception):
    """What is wrong, as one sentence."""


def instance(base: str = "") -> str:
    """Return what tells this instance from a copy of its disk."""
    for path in INSTANCE_FILES:
        try:
            with open(base + path, encoding="ascii") as file:
                found = file.read().strip()
        except OSError:
            continue
        if re.match(r"^[A-Za-z0-9-]+$", found):
            return found
    raise Problem(f"Neither {' nor '.join(INSTANCE_FILES)} says which instance this is.")


def device_id(certificate: str) -> str:
    """Return the name by which a certificate (PEM) is known: its hash with check digits, as Syncthing writes it."""
    text = base64.b32encode(hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).digest()).decode().rstrip("=")
    parts = [text[start : start + 13] for start in range(0, 52, 13)]
    checked = "".join(part + _check_digit(part) for part in parts)
    return "-".join(checked[start : start + 7] for start in range(0, 56, 7))


def _check_digit(text: str) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    factor, total = 1, 0
    for letter in text:
        addend = factor * letters.index(letter)
        total += addend // 32 + addend % 32
        factor = 3 - factor
    return letters[-total % 32]


class Node:
    """Syncthing of this host, in `homes`/<instance>."""

    def __init__(self, homes: str, user: str, program: str = "/usr/bin/syncthing") -> None:
        self.homes, self.user, self.program = homes, user, program
        self.home = os.path.join(homes, instance())
        self.config = os.path.join(self.home, "config.xml")
        self.socket = os.path.join(self.home, "api")

    def exists(self) -> bool:
        return os.path.exists(self.config)

    def others(self) -> list[str]:
        """Return the identities that a copied disk brought along."""
        if not os.path.isdir(self.homes):
            return []
        paths = (os.path.join(self.homes, name) for name in sorted(os.listdir(self.homes)))
        return [path for path in paths if path != self.home and os.path.exists(os.path.join(path, "config.xml"))]

    def id(self) -> str:
        with open(os.path.join(self.home, "cert.pem"), encoding="ascii") as file:
            return device_id(file.read())

    def make(self, name: str, address: str) -> None:
        """An identity, and settings that are right before the first start. Whole or not at all."""
        owner = pwd.getpwnam(self.user)
        new = f"{self.home}.new"
        subprocess.run(["rm", "-rf", new], check=True)
        os.makedirs(new, mode=0o700)
        command = [self.program, "generate", f"--home={new}", "--no-default-folder", "--skip-port-probing"]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, env={**os.environ, "HOME": new}
        )
        if done.returncode:
            raise Problem(
                f"Syncthing makes no identity: {' '.join(done.stdout.decode(errors='replace').split())[-300:]}"
            )
        path = os.path.join(new, "config.xml")
        tree = xml.etree.ElementTree.parse(path)
        root = tree.getroot()
        for kind, wanted in (
            ("gui", {"address": self.socket, "unixSocketPermissions": "0600"}),
            ("options", {**OPTIONS, "listenAddress": listen(address)}),
        ):
            section = root.find(kind)
            for key, value in wanted.items():
                for old in section.findall(key):
                    section.remove(old)
                xml.etree.ElementTree.SubElement(section, key).text = (
                    str(value).lower() if isinstance(value, bool) else str(value)
                )
        for device in root.findall("device"):
            device.set("name", name)
        tree.write(path)
        for directory, _directories, files in os.walk(new):
            os.chown(directory, owner.pw_uid, owner.pw_gid)
            for file in files:
                os.chown(os.path.join(directory, file), owner.pw_uid, owner.pw_gid)
                os.chmod(os.path.join(directory, file), 0o600)
        os.chmod(new, 0o700)
        os.rename(new, self.home)

    # -- the API -------------------------------------------------------------------------------------------------
    def key(self) -> str:
        return xml.etree.ElementTree.parse(self.config).getroot().findtext("gui/apikey", "")

    def ask(self, method: str, path: str, body=None, **query: str):
        """Return Syncthing's answer. Raises Problem when it does not answer, or refuses."""
        connection = _UnixConnection(self.socket)
        url = f"/rest/{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        try:
            connection.request(
                method,
                url,
                None if body is None else json.dumps(body),
                {"X-API-Key": self.key(), "Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise Problem(f"Syncthing on this host does not answer: {error}") from None
        finally:
            connection.close()
        if answer.status != 200:
            raise Problem(f"Syncthing answers {method} {path} with {answer.status}: {' '.join(text.split())[:300]}")
        return json.loads(text) if text.strip() else None

    def await_answer(self, seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while True:
            try:
                self.ask("GET", "system/ping")
                return
            except Problem:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def listen(address: str) -> str:
    return f"tcp://{address}:{PORT}"


def wanted_config(
    present: dict, own: str, address: str, nodes: list[dict], directories: list[dict], receive: bool
) -> dict:
    """Return the settings as they should be; what is not our affair stays as it is."""
    wanted = copy.deepcopy(present)
    wanted["options"].update(OPTIONS, listenAddresses=[listen(address)])
    devices = {device["deviceID"]: device for device in present["devices"]}
    wanted["devices"] = []
    for node in sorted(nodes, key=lambda node: node["device_id"]):
        device = {**devices.get(node["device_id"], {"deviceID": node["device_id"]}), **DEVICE, "name": node["name"]}
        if node["device_id"] != own:
            network = f"{node['address']}/32"
            device.update(addresses=[listen(node["address"])], allowedNetworks=[network])
        wanted["devices"].append(device)
    folders = {folder["id"]: folder for folder in present["folders"]}
    wanted["folders"] = []
    for directory in sorted(directories, key=lambda directory: directory["id"]):
        old = folders.get(directory["id"], {"id": directory["id"]})
        members = {device["deviceID"]: device for device in old.get("devices", [])}
        folder = {
            **old,
            **FOLDER,
            "label": directory["id"],
            "path": directory["path"],
            "type": "receiveonly" if receive else "sendreceive",
        }
        folder["devices"] = [members.get(id, {"deviceID": id}) for id in sorted(node["device_id"] for node in nodes)]
        wanted["folders"].append(folder)
    return wanted


def normal(config: dict) -> dict:
    """Return the settings in one order, as Syncthing keeps its own."""
    config = copy.deepcopy(config)
    config["devices"].sort(key=lambda device: device["deviceID"])
    config["folders"].sort(key=lambda folder: folder["id"])
    for folder in config["folders"]:
        folder["devices"].sort(key=lambda device: device["deviceID"])
    return config


def summary(config: dict) -> str:
    """Return the settings that this collection makes, for people."""
    lines = [f"listen {address}" for address in config["options"]["listenAddresses"]]
    lines += [f"{key} {config['options'].get(key)}" for key in sorted(OPTIONS)]
    names = {device["deviceID"]: device.get("name", "") for device in config["devices"]}
    for device in config["devices"]:
        lines.append(f"node {device.get('name')} {device['deviceID']} {' '.join(device.get('addresses') or [])}")
    for folder in config["folders"]:
        members = " ".join(sorted(names.get(device["deviceID"], device["deviceID"]) for device in folder["devices"]))
        own = " ".join(f"{key}={folder.get(key)}" for key in sorted(FOLDER))
        lines.append(f"directory {folder['id']} {folder['path']} {folder.get('type')} {own} with {members}")
    return "\n".join(lines) + "\n"
