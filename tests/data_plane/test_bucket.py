# SPDX-License-Identifier: GPL-3.0-or-later
"""Buckets: who may do what, and the same name from everywhere."""

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "eu-central-1"
KEY = {"access_key_id": "AKIATESTBUCKET000001", "secret_access_key": "secret-of-the-bucket"}


@pytest.fixture(scope="module")
def bucket(plane):
    plane.create_bucket("media-of-test", REGION)
    plane.create_bucket("other-of-test", REGION)
    plane.set_bucket_access("media-of-test", public_read=False, allow_public_overrides=False, keys=[KEY])
    yield "media-of-test"
    plane.delete_bucket("media-of-test")
    plane.delete_bucket("other-of-test")


@pytest.fixture(scope="module")
def client(plane):
    """From the controller, as AWS_ENDPOINT_URL_S3 has it."""

    def make(secret: str = KEY["secret_access_key"]):
        return boto3.client(
            "s3",
            region_name=REGION,
            endpoint_url=plane.status()["s3_endpoint"],
            aws_access_key_id=KEY["access_key_id"],
            aws_secret_access_key=secret,
            verify=str(plane.ca.root_path),
            config=Config(retries={"max_attempts": 1}),
        )

    return make


def code(call) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.response["Error"]["Code"]


def test_keys_are_good_for_their_bucket_only(bucket, client):
    s3 = client()
    s3.put_object(Bucket=bucket, Key="a/b c.txt", Body=b"text", ContentType="text/plain", CacheControl="max-age=31536000")
    assert s3.get_object(Bucket=bucket, Key="a/b c.txt")["Body"].read() == b"text"
    assert s3.head_object(Bucket=bucket, Key="a/b c.txt")["CacheControl"] == "max-age=31536000"
    assert code(lambda: s3.put_object(Bucket="other-of-test", Key="x", Body=b"")) == "AccessDenied"
    assert code(lambda: s3.delete_bucket(Bucket=bucket)) == "AccessDenied"
    assert code(lambda: client("wrong").list_objects_v2(Bucket=bucket)) == "SignatureDoesNotMatch"


def test_the_name_leads_there_from_a_host_and_is_trusted(bucket, client, web, plane):
    def status(path: str = "a/b%20c.txt", bucket: str = bucket) -> str:
        return web.ssh(f"curl -s -o /dev/null -w '%{{http_code}}' https://{bucket}.s3.{REGION}.amazonaws.com/{path}")

    client().put_object(Bucket=bucket, Key="a/b c.txt", Body=b"text")
    assert status() == "403"
    # PHP's streams and WordPress's own HTTP client trust it too.
    url = f"https://{bucket}.s3.{REGION}.amazonaws.com/a/b%20c.txt"
    assert "403" in web.php(f"$r = wp_remote_get('{url}'); echo is_wp_error($r) ? $r->get_error_message() : $r['response']['code'];")
    assert "403" in web.php(f"@file_get_contents('{url}'); echo $http_response_header[0];")
    plane.set_bucket_access(bucket, public_read=True, allow_public_overrides=False, keys=[KEY])
    assert status() == "200" and status("missing") == "404" and status("") == "403"
    plane.set_bucket_access(bucket, public_read=False, allow_public_overrides=False, keys=[])
    assert status() == "403"
    assert code(lambda: client().list_objects_v2(Bucket=bucket)) == "InvalidAccessKeyId"
    plane.set_bucket_access(bucket, public_read=False, allow_public_overrides=False, keys=[KEY])


def test_single_objects_can_be_public(bucket, client, web, plane):
    def status(key: str) -> str:
        return web.ssh(f"curl -s -o /dev/null -w '%{{http_code}}' https://{bucket}.s3.{REGION}.amazonaws.com/{key}")

    s3 = client()
    plane.set_bucket_access(bucket, public_read=False, allow_public_overrides=True, keys=[KEY])
    s3.put_object(Bucket=bucket, Key="open.txt", Body=b"1", ACL="public-read")
    s3.put_object(Bucket=bucket, Key="closed.txt", Body=b"1")
    assert (status("open.txt"), status("closed.txt")) == ("200", "403")
    plane.set_bucket_access(bucket, public_read=False, allow_public_overrides=False, keys=[KEY])
    assert status("open.txt") == "403"


def test_versions_are_kept_and_other_sites_let_in(plane, client, web):
    name, url = "rules-of-test", f"https://rules-of-test.s3.{REGION}.amazonaws.com/a"
    plane.create_bucket(name, REGION)
    plane.set_bucket_access(name, public_read=True, allow_public_overrides=False, keys=[KEY])
    s3 = client()

    def write() -> int:
        for text in (b"one", b"two"):
            s3.put_object(Bucket=name, Key="a", Body=text)
        return len(s3.list_object_versions(Bucket=name)["Versions"])

    def allowed(origin: str, options: str = "", what: str = "origin") -> str:
        head = web.ssh(f"curl -s -o /dev/null -D - -H 'Origin: {origin}' {options} {url}")
        return "".join(line.split(": ")[1].strip() for line in head.splitlines() if line.lower().startswith(f"access-control-allow-{what}"))

    def preflight(method: str) -> str:
        """What a browser asks before it does more than read."""
        return allowed("https://a.example", f"-X OPTIONS -H 'Access-Control-Request-Method: {method}'", "methods")

    assert write() == 1 and allowed("https://a.example") == ""
    rule = {"id": "one", "allowedMethods": ["GET"], "allowedOrigins": ["https://a.example"], "maxAgeSeconds": 60}
    plane.set_bucket_rules(name, versioning="Enabled", cors=[rule])
    assert write() == 3
    assert (allowed("https://a.example"), allowed("https://b.example")) == ("https://a.example", "")
    assert "GET" in preflight("GET") and "DELETE" not in preflight("DELETE")
    plane.set_bucket_rules(name, versioning="Suspended", cors=[])
    assert allowed("https://a.example") == ""
    before = len(s3.list_object_versions(Bucket=name)["Versions"])
    assert write() <= before + 1
    plane.delete_bucket(name)
    plane.create_bucket(name, REGION)
    assert plane.bucket_is_empty(name)
    plane.delete_bucket(name)


def test_empty_or_not(bucket, client, plane):
    assert plane.bucket_is_empty("other-of-test")
    client().put_object(Bucket=bucket, Key="x", Body=b"1")
    assert not plane.bucket_is_empty(bucket)


def test_delete_takes_what_is_inside(plane, client):
    plane.create_bucket("short-lived-one", REGION)
    plane.set_bucket_access("short-lived-one", public_read=False, allow_public_overrides=False, keys=[KEY])
    for number in range(3):
        client().put_object(Bucket="short-lived-one", Key=f"k{number}", Body=b"1")
    plane.delete_bucket("short-lived-one")
    plane.delete_bucket("short-lived-one")
    plane.create_bucket("short-lived-one", REGION)
    assert plane.bucket_is_empty("short-lived-one")
    plane.delete_bucket("short-lived-one")
