
"""The inventory plugin, through ansible-inventory, against the local control plane."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml

from ansible_collections.cloudpress.lightsail.plugins.module_utils._parallel import at_once

COLLECTIONS = next(path for path in sys.path if path and (Path(path) / "ansible_collections" / "cloudpress" / "lightsail").exists())
COMMAND = shutil.which("ansible-inventory", path=str(Path(sys.executable).parent)) or "ansible-inventory"


def plain(item):
    """ansible-core marks what came from outside as not to be templated."""
    return item["__ansible_unsafe"] if set(item) == {"__ansible_unsafe"} else item


@pytest.fixture
def inventory(cloud, tmp_path):
    def run(fails=False, name="site.lightsail.yml", **options):
        source = tmp_path / name
        source.write_text(yaml.safe_dump({"plugin": "cloudpress.lightsail.lightsail", **options}))
        done = subprocess.run(
            [COMMAND, "-i", str(source), "--list"],
            env={
                **cloud.env,
                "ANSIBLE_COLLECTIONS_PATH": COLLECTIONS,
                "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
                "ANSIBLE_INVENTORY_ENABLED": "cloudpress.lightsail.lightsail",
                "HOME": str(tmp_path),
            },
            cwd=tmp_path,  # away from the ansible.cfg of this repository
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stderr
        run.errors = done.stderr
        return done.stderr if fails else json.loads(done.stdout, object_hook=plain)

    return run


@pytest.fixture
def instances(modules):
    made = {}
    for name, zone, site in (("web-1", "eu-central-1a", "x"), ("web-2", "eu-central-1b", "x"), ("other", "eu-central-1a", "y")):
        made[name] = modules(
            "lightsail_instance",
            name=name,
            zone=zone,
            blueprint_id="wordpress_ls_1_0",
            bundle_id="nano_3_0",
            host_keys=True,
            tags={"site": site, "host": name.upper(), "key-only": ""},
        )["instance"]
    modules("lightsail_instance", name="other", state="stopped")
    return made


def test_hosts(inventory, instances):
    found = inventory()
    assert found["lightsail"]["hosts"] == ["web-1", "web-2"]
    variables = found["_meta"]["hostvars"]["web-1"]
    assert variables["ansible_host"] == instances["web-1"]["public_ip_address"]
    assert variables["ansible_user"] == "admin"
    assert variables["lightsail"]["tags"]["site"] == "x" and variables["lightsail"]["blueprint_id"] == "wordpress_ls_1_0"
    assert "host_keys" not in variables["lightsail"]


def test_states_and_filters(inventory, instances):
    assert inventory(states=["stopped"])["lightsail"]["hosts"] == ["other"]
    assert "ansible_host" not in inventory(states=["stopped"])["_meta"]["hostvars"]["other"]
    assert inventory(states=["running", "stopped"], filters={"site": "y"})["lightsail"]["hosts"] == ["other"]
    assert inventory(filters={"site": "x", "key-only": None})["lightsail"]["hosts"] == ["web-1", "web-2"]
    assert not inventory(filters={"site": "z"}).get("lightsail")


def test_regions(inventory, instances):
    assert inventory(regions=["us-east-1", "eu-central-1"])["lightsail"]["hosts"] == ["web-1", "web-2"]
    assert not inventory(regions=["us-east-1"]).get("lightsail")


def test_regions_are_read_at_the_same_time_and_told_in_their_order():
    both = threading.Barrier(2, timeout=20)

    def read(region):
        both.wait()  # ends only if the other one is being read as well
        time.sleep(0.1 if region == "a" else 0)
        return region

    assert at_once(read, ["a", "b"]) == ["a", "b"]

    def fail(region):
        raise ValueError(region)

    with pytest.raises(ValueError, match="a"):
        at_once(fail, ["a", "b"])


def test_more_instances_than_fit_a_page(inventory, modules, cloud, tmp_path):
    cloud.admin("quota", name="instances", value=100)
    client = cloud.client()
    for first in range(0, 45, 15):
        client.create_instances(
            instanceNames=[f"many-{number:02d}" for number in range(first, first + 15)],
            availabilityZone="eu-central-1a",
            blueprintId="wordpress_ls_1_0",
            bundleId="nano_3_0",
        )
    state = lambda number: client.get_instance_state(instanceName=f"many-{number:02d}")["state"]["name"]  # noqa: E731
    cloud.wait_until(lambda: all(state(number) == "running" for number in range(45)))
    cloud.wait_until(lambda: all(client.get_instance_access_details(instanceName=f"many-{n:02d}")["accessDetails"].get("hostKeys") for n in (0, 44)))
    cloud.forget_calls()
    known = tmp_path / "known_hosts"
    assert len(inventory(regions=["us-east-1", "eu-central-1"], known_hosts_file=str(known))["lightsail"]["hosts"]) == 45
    calls = [(call["operation"], call["region"]) for call in cloud.calls()]
    assert calls.count(("GetInstances", "eu-central-1")) == 3 and calls.count(("GetInstances", "us-east-1")) == 1
    assert calls.count(("GetInstanceAccessDetails", "eu-central-1")) == 45
    assert len({line.split()[0] for line in known.read_text().splitlines()}) == 45


def test_stopped_with_a_static_address(inventory, instances, modules, tmp_path):
    """It keeps its address and has no keys to tell: that is no reason for a warning."""
    modules("lightsail_static_ip", name="other-ip", instance_name="other")
    known = tmp_path / "known_hosts"
    found = inventory(states=["running", "stopped"], known_hosts_file=str(known))
    assert found["_meta"]["hostvars"]["other"]["ansible_host"]
    assert "witnessed" not in inventory.errors and found["_meta"]["hostvars"]["other"]["ansible_host"] not in known.read_text()


def test_hostnames_and_addresses(inventory, instances):
    found = inventory(hostnames=["tag:absent", "tag:host", "name"], use_private_address=True)
    assert found["lightsail"]["hosts"] == ["WEB-1", "WEB-2"]
    assert found["_meta"]["hostvars"]["WEB-1"]["ansible_host"] == instances["web-1"]["private_ip_address"]
    assert inventory(hostnames=["public_ip_address"])["lightsail"]["hosts"] == sorted(
        instances[name]["public_ip_address"] for name in ("web-1", "web-2")
    )
    assert "unknown entry 'names'" in inventory(fails=True, hostnames=["names"])


def test_same_name_twice_is_said(inventory, instances):
    assert len(inventory(hostnames=["tag:site"])["lightsail"]["hosts"]) == 1
    assert "Two instances are called 'x'" in " ".join(inventory.errors.split())


def test_constructed(inventory, instances):
    found = inventory(
        compose={"zone_letter": "lightsail.location.availability_zone[-1]"},
        groups={"wordpress": "lightsail.blueprint_id is match('wordpress')"},
        keyed_groups=[{"key": "lightsail.location.availability_zone", "prefix": "zone"}, {"key": "zone_letter", "prefix": "letter"}],
    )
    assert found["_meta"]["hostvars"]["web-2"]["zone_letter"] == "b"
    assert found["wordpress"]["hosts"] == ["web-1", "web-2"]
    assert found["zone_eu_central_1b"]["hosts"] == ["web-2"] == found["letter_b"]["hosts"]


def test_known_hosts(inventory, instances, tmp_path, cloud):
    known = tmp_path / "deep" / "known_hosts"
    inventory(known_hosts_file=str(known))
    lines = known.read_text().splitlines()
    expected = [
        f"{instances[name]['public_ip_address']} {key['algorithm']} {key['public_key']}"
        for name in ("web-1", "web-2")
        for key in instances[name]["host_keys"]
    ]
    assert sorted(expected) == lines and len(lines) >= 2
    assert known.stat().st_mode & 0o077 == 0
    checked = subprocess.run(["ssh-keygen", "-F", instances["web-1"]["public_ip_address"], "-f", str(known)], capture_output=True, check=False)
    assert checked.returncode == 0
    before = known.stat().st_mtime_ns
    inventory(known_hosts_file=str(known))
    assert known.stat().st_mtime_ns == before


def test_cache_keeps_no_private_key(inventory, instances, tmp_path, cloud):
    options = dict(
        known_hosts_file=str(tmp_path / "known_hosts"), cache=True, cache_plugin="ansible.builtin.jsonfile", cache_connection=str(tmp_path / "cache")
    )
    first = inventory(**options)
    cloud.forget_calls()
    (tmp_path / "known_hosts").unlink()
    assert inventory(**options) == first
    assert cloud.calls() == [] and (tmp_path / "known_hosts").exists()
    cached = "".join(path.read_text() for path in (tmp_path / "cache").iterdir())
    assert "web-1" in cached and "PRIVATE" not in cached and "cert_key" not in cached


def test_only_reads(inventory, instances, cloud):
    cloud.forget_calls()
    inventory()
    assert cloud.mutating_calls() == []


def test_errors_are_sentences(inventory, cloud):
    errors = inventory(fails=True, access_key="LIGHTSAILLOCAL000009", secret_key="wrong")
    assert "UnrecognizedClientException" in errors and "Check the access key" in " ".join(errors.split())


def test_file_name(inventory, instances):
    inventory(fails=True, name="site.yml")
    assert inventory(name="lightsail.yaml")["lightsail"]["hosts"]
