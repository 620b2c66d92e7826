# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from .helpers import instance_state, make_bucket, make_instances


def plane(cloud):
    return cloud.daemon.cloud.data_plane


def read(cloud, name="media-bucket", **options):
    return cloud.client().get_buckets(bucketName=name, **options)["buckets"][0]


def test_defaults_and_access_rules(cloud):
    client = make_bucket(cloud)
    bucket = read(cloud)
    assert bucket["accessRules"] == {"getObject": "private", "allowPublicOverrides": False}
    assert (bucket["objectVersioning"], bucket["state"]) == ("NeverEnabled", {"code": "OK"})
    assert bucket["url"] == "https://media-bucket.s3.eu-central-1.amazonaws.com"
    client.update_bucket(bucketName="media-bucket", accessRules={"getObject": "private", "allowPublicOverrides": True}, versioning="Enabled")
    assert read(cloud)["accessRules"]["allowPublicOverrides"] is True
    assert plane(cloud).buckets["media-bucket"]["allow_public_overrides"] is True
    assert read(cloud)["objectVersioning"] == "Enabled"


def test_names_are_global(cloud):
    make_bucket(cloud)
    with pytest.raises(ClientError, match="already in use"):
        cloud.client(region="eu-west-1").create_bucket(bucketName="media-bucket", bundleId="small_1_0")
    with pytest.raises(ClientError, match="two hyphens"):
        cloud.client().create_bucket(bucketName="media--bucket", bundleId="small_1_0")


def test_two_keys_and_the_secret_once(cloud):
    client = make_bucket(cloud)
    key = client.create_bucket_access_key(bucketName="media-bucket")["accessKey"]
    assert len(key["accessKeyId"]) == 20
    client.create_bucket_access_key(bucketName="media-bucket")
    with pytest.raises(ClientError, match="maximum number of access keys"):
        client.create_bucket_access_key(bucketName="media-bucket")
    assert all("secretAccessKey" not in item for item in client.get_bucket_access_keys(bucketName="media-bucket")["accessKeys"])
    assert len(plane(cloud).buckets["media-bucket"]["keys"]) == 2
    client.delete_bucket_access_key(bucketName="media-bucket", accessKeyId=key["accessKeyId"])
    assert len(plane(cloud).buckets["media-bucket"]["keys"]) == 1


def test_access_by_role_ends_with_the_instance(cloud):
    client = make_bucket(cloud)
    make_instances(cloud, "one")
    client.set_resource_access_for_bucket(bucketName="media-bucket", resourceName="one", access="allow")
    assert read(cloud)["resourcesReceivingAccess"] == []
    connected = read(cloud, includeConnectedResources=True)["resourcesReceivingAccess"]
    assert connected == [{"name": "one", "resourceType": "Instance"}]
    (instance,) = plane(cloud).instances.values()
    cloud.wait_until(lambda: instance["role"] in plane(cloud).buckets["media-bucket"]["keys"])
    with pytest.raises(ClientError, match="has instances with access"):
        client.delete_bucket(bucketName="media-bucket")
    client.delete_instance(instanceName="one")
    cloud.wait_until(lambda: client.get_instances()["instances"] == [])
    make_instances(cloud, "one")
    assert read(cloud, includeConnectedResources=True)["resourcesReceivingAccess"] == []
    assert plane(cloud).buckets["media-bucket"]["keys"] == []


def test_access_needs_an_instance_that_exists_for_good(cloud):
    cloud.time_scale(0.05)
    client = make_bucket(cloud)
    client.create_instances(
        instanceNames=["one"], availabilityZone="eu-central-1a", blueprintId="wordpress_ls_1_0", bundleId="small_3_0"
    )
    assert instance_state(cloud, "one") == "pending"
    with pytest.raises(ClientError, match="is pending"):
        client.set_resource_access_for_bucket(bucketName="media-bucket", resourceName="one", access="allow")


def test_bundle_once_a_month(cloud):
    client = make_bucket(cloud)
    client.update_bucket_bundle(bucketName="media-bucket", bundleId="medium_1_0")
    assert read(cloud)["ableToUpdateBundle"] is False
    with pytest.raises(ClientError, match="once per billing month"):
        client.update_bucket_bundle(bucketName="media-bucket", bundleId="small_1_0")


def test_delete_needs_force_when_it_has_objects(cloud):
    client = make_bucket(cloud)
    plane(cloud).buckets["media-bucket"]["objects"] = 3
    with pytest.raises(ClientError, match="has objects"):
        client.delete_bucket(bucketName="media-bucket")
    client.delete_bucket(bucketName="media-bucket", forceDelete=True)
    with pytest.raises(ClientError, match="The Bucket does not exist"):
        client.get_buckets(bucketName="media-bucket")


def test_cors_and_access_log(cloud):
    client = make_bucket(cloud)
    make_bucket(cloud, "logs-bucket")
    rule = {"allowedMethods": ["GET"], "allowedOrigins": ["*"]}
    client.update_bucket(
        bucketName="media-bucket",
        cors={"rules": [rule]},
        accessLogConfig={"enabled": True, "destination": "logs-bucket", "prefix": "media/"},
    )
    assert plane(cloud).buckets["media-bucket"]["cors"] == [rule]
    assert "cors" not in read(cloud) and read(cloud, includeCors=True)["cors"] == {"rules": [rule]}
    assert read(cloud)["accessLogConfig"]["prefix"] == "media/"
    for wrong, text in (
        ({"accessLogConfig": {"enabled": True}}, "destination is required"),
        ({"accessLogConfig": {"enabled": True, "destination": "nobodys"}}, "nobodys"),
        ({"accessLogConfig": {"enabled": False, "prefix": "x"}}, "should be omitted"),
        ({"cors": {"rules": [dict(rule, allowedOrigins=[])]}}, "at least one origin"),
        ({"cors": {"rules": [dict(rule, allowedMethods=["PATCH"])]}}, "DELETE"),
        ({"cors": {"rules": [rule] * 21}}, "at most 20"),
        ({"cors": {"rules": [dict(rule, allowedOrigins=["x" * 65537])]}}, "more than"),
    ):
        with pytest.raises(ClientError, match=text):
            client.update_bucket(bucketName="media-bucket", versioning="Enabled", **wrong)
    assert read(cloud)["objectVersioning"] == "NeverEnabled"  # all or nothing
    client.update_bucket(bucketName="media-bucket", cors={"rules": []}, accessLogConfig={"enabled": False})
    assert read(cloud, includeCors=True)["cors"] == {"rules": []} and read(cloud)["accessLogConfig"] == {"enabled": False}
