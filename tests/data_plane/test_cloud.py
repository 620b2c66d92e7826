# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud as a whole: it goes down and comes back, recovers from a crash, leaves nothing behind, and is not alone."""

from __future__ import annotations

import os
import subprocess
import time

import boto3

from lightsail_local.data_plane.hosts import HostsDataPlane, podman
from lightsail_local.data_plane.hosts.cloud import LABEL


def listening() -> set[str]:
    """Sockets that listen on the machine itself: those of this process, and all that are not on loopback only."""
    lines = subprocess.run(["ss", "-lntupH"], capture_output=True, text=True, check=True).stdout.splitlines()
    mine = f"pid={os.getpid()},"
    return {line.split()[4] for line in lines if mine in line or not line.split()[4].startswith(("127.", "[::1]"))}


def left(plane: HostsDataPlane) -> list[str]:
    containers = podman.run("ps", "--all", "--quiet", "--filter", f"label={LABEL}={plane.cloud.tag}").split()
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    return [
        *containers,
        *plane.cloud.snapshots(),
        *plane.cloud.network.namespaces(),
        *(line for line in links.splitlines() if plane.cloud.tag in line),
    ]


def instance(plane: HostsDataPlane, id: str, key, source: dict[str, str] | None = None) -> str:
    address = plane.allocate_address()
    public = key.with_suffix(".pub").read_text()
    plane.create_instance(id, name=id, public_ip=address, source=source or {"image": "bitnami"}, user_data="", authorized_keys=[public], user_ca=public)
    return address


def status(address: str) -> str:
    return subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-m", "5", "-w", "%{http_code}", f"http://{address}/"], capture_output=True, text=True, check=False
    ).stdout


def test_down_up_crash_and_reset(make_cloud, key):
    before = listening()
    plane = make_cloud()
    began = time.monotonic()
    plane.start()
    print(f"empty cloud up in {time.monotonic() - began:.1f} s")
    first, second = instance(plane, "one", key), instance(plane, "two", key, {"image": "lightsail"})
    plane.create_instance_snapshot("shot", "one")
    name = "db.x.eu-central-1.rds.amazonaws.com"
    plane.create_database("db", endpoint_name=name, master_username="m", master_password="Secret-1.", database_name="d")
    plane.create_bucket("kept-over-down", "eu-central-1")
    pair = {"access_key_id": "AKIAKEPTOVERDOWN0001", "secret_access_key": "secret"}
    plane.set_bucket_access("kept-over-down", public_read=False, allow_public_overrides=False, keys=[pair])

    def s3():
        return boto3.client(
            "s3",
            endpoint_url=plane.status()["s3_endpoint"],
            verify=str(plane.ca.root_path),
            region_name="eu-central-1",
            aws_access_key_id=pair["access_key_id"],
            aws_secret_access_key=pair["secret_access_key"],
        )

    s3().put_object(Bucket="kept-over-down", Key="k", Body=b"v")
    plane.put_load_balancer(
        "lb",
        {
            "dns_name": "lb.eu-central-1.elb.amazonaws.com",
            "public_ip": plane.allocate_address(),
            "instance_port": 80,
            "health_path": "/",
            "health_interval_s": 1,
            "sticky": False,
            "cookie_seconds": 60,
            "redirect_https": False,
            "certificate": None,
            "targets": [],
        },
    )
    plane.put_dns({"zones": {}, "delegated": [], "external": {}, "names": {name: "198.18.0.77"}})
    plane.stop_instance("two")
    keys = plane.host_keys("one")
    assert {part["name"]: part["running"] for part in plane.status()["parts"]} == {
        "resolver": True,
        "archive": True,
        "name-servers": True,
        "s3": True,
        "one": True,
        "two": False,
        "db": True,
        "lb": True,
    }
    assert listening() == before, "nothing of the cloud may listen on the machine"

    # Down and up, in another process's place.
    plane.stop()
    assert not plane.cloud.network.namespaces()
    plane = HostsDataPlane(plane.state_dir, plane.network_index, plane.ca)
    began = time.monotonic()
    plane.start()
    print(f"cloud of five parts up again in {time.monotonic() - began:.1f} s")
    assert (status(first), status(second)) == ("200", "000")
    assert plane.host_keys("one") == keys
    assert s3().get_object(Bucket="kept-over-down", Key="k")["Body"].read() == b"v"
    assert plane.lookup(name, "A") == ["198.18.0.77"]
    assert "SYSTEM" not in plane.databases._sql("db", "SHOW DATABASES")

    # Killed: the daemon is gone (its sockets with it), containers half made, a namespace that nobody remembers.
    for id in ("one", "two"):
        plane.instances.metadata.forget(id)
    plane.cloud.network.attach("i-ghost", plane.cloud.network.service(200))
    plane.cloud.run("i-ghost", plane.cloud.image("services"), ["/bin/sleep", "1000"], hostname="ghost")
    plane.cloud.remove_container("dns")
    subprocess.run(["ip", "link", "del", plane.cloud.network.bridge], check=True)
    plane = HostsDataPlane(plane.state_dir, plane.network_index, plane.ca)
    plane.start()
    assert status(first) == "200"
    assert "i-ghost" not in str(left(plane))
    assert plane.lookup(name, "A") == ["198.18.0.77"]
    plane.start_instance("two", second)
    assert plane.instances.image("two") == "lightsail" and plane.host_keys("two")
    third = instance(plane, "three", key, {"snapshot": "shot"})
    assert status(third) == "200"

    plane.reset()
    assert sorted(part["name"] for part in plane.status()["parts"]) == ["archive", "name-servers", "resolver", "s3"]
    assert not plane.cloud.snapshots()
    plane.remove()
    assert left(plane) == []


def test_two_clouds_side_by_side(plane, make_cloud, web, key):
    other = make_cloud()
    other.start()
    address = instance(other, web.id, key)  # the same id as one of the first cloud
    assert (status(address), status(web.public_ip)) == ("200", "200")
    assert other.host_keys(web.id) != plane.host_keys(web.id)
    other.remove()
    assert left(other) == []
    assert status(web.public_ip) == "200"
