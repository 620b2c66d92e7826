# SPDX-License-Identifier: GPL-3.0-or-later
"""The process behind `lightsail-local up`: control plane over HTTP on loopback, data plane, admin paths under /_local/."""

from __future__ import annotations

import argparse
import fcntl
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, Sequence

from . import admin, networks, offload_plugin
from .certificates import CertificateAuthority
from .clock import Clock
from .control.cloud import Cloud
from .data_plane import DataPlaneError, load
from .store import StateError, Store
from .wire import Api, Server
from .wire_faults import Faults
from .wire_log import CallLog

log = logging.getLogger(__name__)

ALREADY_THERE = 4  # exit status: somebody else was faster


PROFILE = "lightsail-local"


def write(path: Path, text: str) -> None:
    """Atomic, and for the owner's eyes only."""
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    os.replace(temporary, path)


class Daemon:
    """A cloud that serves. Tests make one in their own process; `main` makes one for a state directory."""

    def __init__(
        self,
        state_dir: Path,
        *,
        port: int = 0,
        data_plane: str = "none",
        time_scale: float = 0.02,
        network_index: int | None = None,
        durations: dict[str, float] | None = None,
        variants: Sequence[str] = (),
    ) -> None:
        self.state_dir = Path(state_dir)
        self.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.kind = data_plane
        self.network_index = network_index if network_index is not None else 0
        self.ca = CertificateAuthority(self.state_dir / "ca")
        self.ca.write_bundle(self.state_dir / "ca.pem")
        self.store = Store(self.state_dir / "state.json")
        plugin = self.state_dir / "offload-plugin.zip"
        self.offload_plugin = {"path": str(plugin), "sha256": offload_plugin.build(plugin)}
        self.clock = Clock(time_scale, durations)
        self.cloud = Cloud(
            self.store, self.clock, load(data_plane, self.state_dir, self.network_index, self.ca), self.ca, variants
        )
        self.calls = CallLog(self.state_dir / "calls.jsonl")
        self.faults = Faults(self.store)
        self.stop_requested = threading.Event()
        self.admin = admin.Admin(self)
        # The port first: a taken one must be told before any host is started.
        self.server = Server(port, Api(self.cloud, self.calls, self.faults), self.admin.handle)

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.write_description(ready=False)
        self.cloud.start()
        self.server.serve_in_thread()
        self.write_description(ready=True)

    def stop(self) -> None:
        self.server.stop()
        self.cloud.stop()
        self.write_description(ready=False, running=False)

    def description(self) -> dict[str, Any]:
        account = self.cloud.account
        return {
            "port": self.port,
            "endpoint": self.endpoint,
            "pid": os.getpid(),
            "data_plane": self.kind,
            "time_scale": self.clock.scale,
            "durations": self.clock.durations,
            "variants": list(self.cloud.variants),
            "account_id": account["id"],
            "access_key_id": account["access_key_id"],
            "secret_access_key": account["secret_access_key"],
            "credentials_file": str(self.state_dir / "credentials"),
            "profile": PROFILE,
            "network_index": self.network_index,
            "ca_bundle": str(self.state_dir / "ca.pem"),
            "local_ca": str(self.ca.root_path),
            "database_ca_bundle": str(self.ca.databases.root_path),
            "offload_plugin": self.offload_plugin,
        }

    def write_description(self, *, ready: bool, running: bool = True) -> None:
        document = self.description()
        if not running:
            document["pid"] = None
        status = self.cloud.data_plane.status() if ready else {}
        document.update(
            ready=ready, resolver=status.get("resolver"), s3_endpoint=status.get("s3_endpoint")
        )
        # The form of ~/.aws/credentials: a key in a variable of the environment would stand in Ansible's command lines.
        keys = (f"aws_{name} = {document[name]}\n" for name in ("access_key_id", "secret_access_key"))
        write(self.state_dir / "credentials", f"[{PROFILE}]\n" + "".join(keys))
        write(self.state_dir / "cloud.json", json.dumps(document, indent=1) + "\n")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="lightsail-local daemon")
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data-plane", required=True)
    parser.add_argument("--time-scale", type=float, required=True)
    parser.add_argument("--durations", type=json.loads, default={})
    parser.add_argument("--variants", nargs="*", default=[])
    options = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"
    )
    options.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (options.state / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print(f"ERROR: another lightsail-local already works in {options.state}.", file=sys.stderr)
        return ALREADY_THERE
    try:
        index = networks.claim(options.state) if options.data_plane == "hosts" else 0
        daemon = Daemon(
            options.state,
            port=options.port,
            data_plane=options.data_plane,
            time_scale=options.time_scale,
            network_index=index,
            durations=options.durations,
            variants=options.variants,
        )
    except (StateError, DataPlaneError, networks.NoNetwork) as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    except ImportError as error:
        print(f"ERROR: the data plane {options.data_plane} cannot be loaded: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"ERROR: cannot listen on 127.0.0.1:{options.port}: {error.strerror}.", file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: daemon.stop_requested.set())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        daemon.start()
    except DataPlaneError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        daemon.cloud.data_plane.stop()
        return 1
    log.info("ready on %s, data plane %s, time scale %s", daemon.endpoint, daemon.kind, daemon.clock.scale)
    daemon.stop_requested.wait()
    log.info("going down")
    daemon.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
