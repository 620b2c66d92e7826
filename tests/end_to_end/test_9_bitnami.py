"""A site from a snapshot of one's own, of a host that AWS makes no more: its nodes are Bitnami's, and it is published like any other."""

from __future__ import annotations

import re
import subprocess
import time

import pytest

pytestmark = pytest.mark.timeout(1800)  # for a machine that does other things too

SITE = "https://www.cloudpress-rehearsal.com"
NODES = ["rehearsal-web-1", "rehearsal-web-2"]
SNAPSHOT = "journal-2025"


@pytest.fixture(scope="module")
def old_world(bitnami_cloud):
    """A cloud that sold Bitnami's WordPress once, and has a snapshot of one."""
    cloud, client = bitnami_cloud, bitnami_cloud.client()
    cloud.wish = ["-e", f"site_from_snapshot={SNAPSHOT}"]
    client.create_instances(instanceNames=["journal"], availabilityZone="eu-central-1a", blueprintId=cloud.layout.blueprint, bundleId="small_3_0")
    _until(lambda: client.get_instance(instanceName="journal")["instance"]["state"]["name"] == "running")
    address = client.get_instance(instanceName="journal")["instance"]["publicIpAddress"]
    _until(lambda: _answers(cloud, address))
    _until(_first_boots_have_ended)
    client.create_instance_snapshot(instanceName="journal", instanceSnapshotName=SNAPSHOT)
    _until(lambda: client.get_instance_snapshot(instanceSnapshotName=SNAPSHOT)["instanceSnapshot"]["state"] == "available")
    client.delete_instance(instanceName="journal", forceDeleteAddOns=True)
    cloud.command("retire", "blueprint", cloud.layout.blueprint)
    return cloud


def test_a_snapshot_of_a_bitnami_host_becomes_a_published_site_of_bitnami_hosts(old_world):
    run = old_world.play()
    assert (run.status, run.outcome) == (0, "published"), run.output[-6000:]
    print(f"built in {run.seconds:.0f} s")
    assert "CreateInstances" not in run.mutating
    # it has neither triggers nor functions
    assert "UpdateRelationalDatabaseParameters" not in run.mutating
    for node in NODES:
        assert old_world.ssh(node, f"test -d /opt/bitnami/wordpress && hostname && stat -c %U {old_world.layout.config}")
        assert old_world.client().get_instance(instanceName=node)["instance"]["blueprintId"] == old_world.layout.blueprint
    assert {row["name"] for row in old_world.client().get_instances()["instances"]} == set(NODES)


def test_visitors_get_its_pages_and_its_media_from_the_cdn(old_world):
    front = old_world.visit(f"{SITE}/")
    assert front.status == 200
    media = re.findall(r'https://media\.cloudpress-rehearsal\.com/[^" ]+\.jpg', front.text)
    assert media and old_world.visit(media[0]).body[:2] == b"\xff\xd8"
    assert old_world.visit(f"{SITE}/about/").status == 200


def test_the_second_run_changes_nothing_with_the_snapshot_gone(old_world):
    old_world.client().delete_instance_snapshot(instanceSnapshotName=SNAPSHOT)
    run = old_world.play()
    assert (run.status, run.changed, run.mutating) == (0, 0, []), run.output[-4000:]


def _answers(cloud, address):
    try:
        return cloud.visit_host(address).status == 200
    except OSError:
        return False


def _first_boots_have_ended():
    """They set the passwords, while a site answers already. A snapshot from before their end has half of them."""
    listed = subprocess.run(["podman", "ps", "--filter", "name=-i-instance-", "--format", "{{.Names}}"], capture_output=True, text=True, check=True)
    names = listed.stdout.split()
    look = ["test", "!", "-e", "/opt/bitnami/.blueprint"]
    return bool(names) and all(subprocess.run(["podman", "exec", name, *look], capture_output=True, check=False).returncode == 0 for name in names)


def _until(holds, seconds=120):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)
