# SPDX-License-Identifier: GPL-3.0-or-later
"""One real WordPress host, alone, without API: for working on roles.

    python -m lightsail_local.data_plane.hosts.try [NAME] [--state DIR] [--snapshot-of NAME] [--database NAME]
    python -m lightsail_local.data_plane.hosts.try --down [--state DIR]

Prints how to reach it. A second call with another name makes another host; --snapshot-of clones one that runs.
"""

from __future__ import annotations

import argparse
import subprocess
import time
import zlib
from pathlib import Path

from ... import images
from ...certificates import CertificateAuthority
from . import HostsDataPlane


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default="web1")
    parser.add_argument("--state", type=Path, default=Path("/var/tmp/lightsail-try"))
    parser.add_argument("--snapshot-of", metavar="NAME", help="clone this host")
    parser.add_argument("--database", metavar="NAME", help="make a MySQL server of this name instead of a host")
    parser.add_argument("--image", default="lightsail", help="lightsail, bitnami, or bitnami_b (Bitnami's generation before, with MySQL)")
    parser.add_argument("--down", action="store_true", help="remove everything")
    options = parser.parse_args()
    state = options.state.resolve()
    state.mkdir(parents=True, exist_ok=True)
    # Far from what `lightsail-local up` takes.
    plane = HostsDataPlane(state, 200 + zlib.crc32(str(state).encode()) % 50, CertificateAuthority(state / "ca"))
    if options.down:
        plane.remove()
        print("gone")
        return
    images.ensure(print, {*images.NEEDED, options.image})
    plane.start()
    key = state / "key"
    if not key.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = key.with_suffix(".pub").read_text(encoding="ascii")
    began = time.monotonic()
    if options.database:
        name = f"{options.database}.example.eu-central-1.rds.amazonaws.com"
        made = plane.create_database(
            options.database,
            endpoint_name=name,
            master_username="dbmasteruser",
            master_password="local-Master.1",
            database_name="dbmaster",
        )
        plane.put_dns({"zones": {}, "delegated": [], "external": {}, "names": {**plane.names.spec()["names"], name: made["address"]}})
        print(f"database {name} {made['address']}:3306, dbmasteruser / local-Master.1, CA {state}/ca/rds-ca.pem")
        print(f"up in {time.monotonic() - began:.1f} s")
        return
    source = {"image": options.image}
    if options.snapshot_of:
        snapshot = f"{options.snapshot_of}-{int(time.time())}"
        plane.create_instance_snapshot(snapshot, options.snapshot_of)
        print(f"snapshot in {time.monotonic() - began:.1f} s")
        source = {"snapshot": snapshot}
    address = plane.allocate_address()
    made = plane.create_instance(options.name, name=options.name, public_ip=address, source=source, user_data="", authorized_keys=[public], user_ca=public)
    print(f"{options.name}: private {made['private_ip']}, public {address}, up in {time.monotonic() - began:.1f} s")
    login = "admin" if plane.instances.image(options.name) == "lightsail" else "bitnami"
    print(f"ssh -i {key} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null {login}@{address}")


if __name__ == "__main__":
    main()
