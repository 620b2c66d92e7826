# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes later than the API says: access to a bucket, SSH, host keys, the first boot; and a rehearsal's wishes about them."""

from __future__ import annotations

import time

import pytest

from lightsail_local.clock import RESOURCES, Clock
from lightsail_local.daemon import Daemon

from .helpers import instance_state, make_bucket, make_instances


@pytest.fixture
def durations(cloud, monkeypatch):
    """Seconds as they are, for this test only."""
    found: dict[str, float] = {}
    monkeypatch.setattr(cloud.daemon.clock, "durations", found)
    return found


def keys(cloud):
    return cloud.daemon.cloud.data_plane.buckets["media-bucket"]["keys"]


def allow(cloud, access="allow"):
    return cloud.client().set_resource_access_for_bucket(bucketName="media-bucket", resourceName="one", access=access)


def connected(cloud):
    bucket = cloud.client().get_buckets(bucketName="media-bucket", includeConnectedResources=True)["buckets"][0]
    return [item["name"] for item in bucket["resourcesReceivingAccess"]]


def test_a_duration_is_as_it_is_said_and_the_others_follow_the_scale():
    clock = Clock(0.5, {"bucket authority": 60})
    assert clock.resource("bucket authority") == 60
    assert clock.resource("first boot") == RESOURCES["first boot"][0] / 2
    assert Clock(0).resource("bucket authority") == Clock(0).resource("first boot") == 0


def test_the_default_scale_leaves_a_first_boot_and_a_wait_for_authority():
    from lightsail_local.cli import DEFAULT_SCALE

    clock = Clock(DEFAULT_SCALE)
    assert 2 <= clock.resource("first boot") <= 6
    assert 0.5 <= clock.resource("bucket authority") <= 2


def test_access_to_a_bucket_is_granted_at_once_and_works_later(cloud, durations):
    make_bucket(cloud)
    make_instances(cloud, "one")
    durations["bucket authority"] = 0.6
    granted = time.monotonic()
    (operation,) = allow(cloud)["operations"]
    assert operation["status"] == "Succeeded" and connected(cloud) == ["one"]
    assert keys(cloud) == []
    # Another change of the bucket meanwhile does not hurry it.
    cloud.client().update_bucket(bucketName="media-bucket", accessRules={"getObject": "public"})
    assert keys(cloud) == [] and time.monotonic() - granted < 0.6
    cloud.wait_until(lambda: keys(cloud))
    assert time.monotonic() - granted >= 0.6
    allow(cloud, "deny")
    cloud.wait_until(lambda: keys(cloud) == [])


def test_access_that_is_taken_away_before_it_came_never_comes(cloud, durations):
    make_bucket(cloud)
    make_instances(cloud, "one")
    durations["bucket authority"] = 0.3
    allow(cloud)
    allow(cloud, "deny")
    cloud.wait_until(lambda: not cloud.daemon.store.data["tasks"])
    assert keys(cloud) == [] and connected(cloud) == []


def test_a_bucket_that_is_deleted_meanwhile_is_no_trouble(cloud, durations):
    client = make_bucket(cloud)
    make_instances(cloud, "one")
    durations["bucket authority"] = 0.3
    allow(cloud)
    client.delete_bucket(bucketName="media-bucket", forceDelete=True)
    cloud.wait_until(lambda: not cloud.daemon.store.data["tasks"])
    assert client.get_buckets()["buckets"] == []


def test_an_access_key_is_there_at_once_and_can_be_made_to_work_later(cloud, durations):
    client = make_bucket(cloud)
    first = client.create_bucket_access_key(bucketName="media-bucket")["accessKey"]["accessKeyId"]
    assert [item["access_key_id"] for item in keys(cloud)] == [first]
    durations["bucket access key"] = 0.5
    second = client.create_bucket_access_key(bucketName="media-bucket")["accessKey"]["accessKeyId"]
    assert [item["access_key_id"] for item in keys(cloud)] == [first]
    cloud.wait_until(lambda: {item["access_key_id"] for item in keys(cloud)} == {first, second})


def test_access_comes_after_a_daemon_that_was_down_too(tmp_path, cloud):
    def start():
        daemon = Daemon(tmp_path, data_plane="none", time_scale=0.001, durations={"bucket authority": 1.5})
        daemon.start()
        return daemon, type(cloud)(daemon)

    daemon, other = start()
    try:
        make_bucket(other)
        make_instances(other, "one")
        allow(other)
        assert keys(other) == []
    finally:
        daemon.stop()
    daemon, other = start()
    try:
        buckets = daemon.cloud.data_plane.buckets
        other.wait_until(lambda: buckets.get("media-bucket", {}).get("keys"))
    finally:
        daemon.stop()


def test_a_host_is_told_how_late_it_is_and_where_it_is(cloud, durations, monkeypatch):
    durations.update({"first boot": 7.5, "ssh": 2})
    monkeypatch.setattr(cloud.daemon.cloud, "variants", ("install-again", "no-redirect"))
    told = []
    make = cloud.daemon.cloud.data_plane.create_instance
    monkeypatch.setattr(cloud.daemon.cloud.data_plane, "create_instance", lambda id, **wishes: told.append(wishes) or make(id, **wishes))
    make_instances(cloud, "one", availabilityZone="eu-central-1b")
    (wishes,) = told
    assert (wishes["first_boot_seconds"], wishes["ssh_seconds"], wishes["zone"]) == (7.5, 2, "eu-central-1b")
    assert tuple(wishes["variants"]) == ("install-again", "no-redirect")


def test_host_keys_come_when_a_rehearsal_says(cloud, durations):
    durations["host keys"] = 0.6
    make_instances(cloud, "one")
    assert instance_state(cloud, "one") == "running"

    def found():
        return cloud.client().get_instance_access_details(instanceName="one")["accessDetails"]["hostKeys"]

    assert found() == []
    cloud.wait_until(found)
