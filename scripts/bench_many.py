# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List an account with 1,000 instances, with the info module and with the inventory plugin: all of them, in as many calls as there are pages.

The cloud is one of its own, without hosts, and is removed at the end. It ends with exit status 1 when an instance is missing or a call
is too many.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
INSTANCES = 1000
AT_ONCE = 50  # names in one call


class Cloud:
    def __init__(self, state: Path) -> None:
        self.state = state
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
        self.environment = mine | {"LIGHTSAIL_LOCAL_STATE": str(state), "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache"), "ANSIBLE_NOCOLOR": "1"}
        self.run("lightsail-local", "up", "--data-plane", "none", "--port", "0", "--time-scale", "0")
        details = json.loads((state / "cloud.json").read_text())
        keys = {"aws_access_key_id": details["access_key_id"], "aws_secret_access_key": details["secret_access_key"]}
        self.client = boto3.client("lightsail", region_name="eu-central-1", endpoint_url=details["endpoint"], **keys)
        self.environment |= {
            "AWS_ENDPOINT_URL_LIGHTSAIL": details["endpoint"],
            "AWS_ACCESS_KEY_ID": details["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": details["secret_access_key"],
            "AWS_REGION": "eu-central-1",
        }

    def run(self, *command: str) -> str:
        words = [str(BIN / command[0]), *command[1:]]
        # Where no ansible.cfg is.
        done = subprocess.run(words, cwd=self.state.parent, env=self.environment, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            sys.exit(f"{done.stdout}\nbench: {' '.join(command)} ended with exit status {done.returncode}")
        return done.stdout

    def calls(self) -> list:
        return [call["operation"] for call in json.loads(self.run("lightsail-local", "calls", "--json"))]


def fill(cloud: Cloud) -> int:
    """Make the instances; return how many pages they are."""
    cloud.run("lightsail-local", "quota", "instances", str(INSTANCES))
    names = [f"web-{number:04}" for number in range(INSTANCES)]
    for start in range(0, INSTANCES, AT_ONCE):
        cloud.client.create_instances(
            instanceNames=names[start : start + AT_ONCE], availabilityZone="eu-central-1a", blueprintId="wordpress", bundleId="nano_3_0"
        )
    # Making them is work for the same process, which would be measured as well.
    for name in names[-AT_ONCE:]:
        while cloud.client.get_instance_state(instanceName=name)["state"]["name"] != "running":
            time.sleep(1)
    page = cloud.client.get_instances()["instances"]
    return math.ceil(INSTANCES / len(page))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        cloud = Cloud(Path(folder) / "cloud")
        try:
            pages = fill(cloud)
            source = Path(folder) / "many.lightsail.yml"
            source.write_text("plugin: cloudpress.lightsail.lightsail\nregions: [eu-central-1]\nstates: [running, pending]\n")
            module = ["ansible", "localhost", "-m", "cloudpress.lightsail.lightsail_instance_info", "-c", "local"]
            listings = {
                "lightsail_instance_info": ([*module, "-e", f"ansible_python_interpreter={sys.executable}"], "instances"),
                "inventory plugin": (["ansible-inventory", "-i", str(source), "--list"], "hosts"),
            }
            print(f"{INSTANCES} instances on {pages} pages")
            right = True
            for what, (command, kind) in listings.items():
                before = len(cloud.calls())
                started = time.monotonic()
                output = cloud.run(*command)
                seconds = time.monotonic() - started
                calls = cloud.calls()[before:]
                answer = json.loads(output[output.index("{") :])
                found = len(answer["instances"] if kind == "instances" else answer["_meta"]["hostvars"])
                right = right and found == INSTANCES and calls == ["GetInstances"] * pages
                print(f"{what:28}{seconds:8.1f} s  {found} instances, {len(calls)} API calls ({', '.join(sorted(set(calls)))})")
        finally:
            cloud.run("lightsail-local", "reset")
            cloud.run("lightsail-local", "down")
    if not right:
        sys.exit("bench: an instance is missing, or there were other calls than one for each page.")


if __name__ == "__main__":
    main()
