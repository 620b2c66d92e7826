# SPDX-License-Identifier: GPL-3.0-or-later
"""Distributions: what is kept, for how long, and what the origin gets to see."""

from __future__ import annotations

import json
import subprocess
import time

import boto3
import pytest

REGION = "eu-central-1"
NAME = "d0123456789abc.cloudfront.net"
BUCKET = "cdn-of-test"
KEY = {"access_key_id": "AKIATESTCDN000000001", "secret_access_key": "secret-of-the-bucket"}
SETTINGS = {
    "default_ttl": 86400,
    "minimum_ttl": 0,
    "maximum_ttl": 31536000,
    "methods": "GET,HEAD,OPTIONS,PUT,PATCH,POST,DELETE",
    "cookies": {"option": "none", "cookiesAllowList": []},
    "headers": {"option": "default", "headersAllowList": []},
    "query_strings": {"option": False, "queryStringsAllowList": []},
}


class Distribution:
    def __init__(self, plane, id: str, origin: dict) -> None:
        self.plane, self.id, self.address = plane, id, plane.allocate_address()
        self.spec = {
            "domain_name": NAME,
            "public_ip": self.address,
            "aliases": [],
            "certificate": None,
            "enabled": True,
            "origin": origin,
            "default_behavior": "cache",
            "behaviors": [],
            "settings": SETTINGS,
            "default_root_object": "",
        }

    def put(self, **changes) -> None:
        self.spec = {**self.spec, **changes}
        self.plane.put_distribution(self.id, self.spec)

    def get(self, path: str, *options: str, name: str = NAME, scheme: str = "https") -> tuple[int, dict[str, str], str]:
        port = 443 if scheme == "https" else 80
        done = subprocess.run(
            ["curl", "-s", "-i", "--cacert", str(self.plane.ca.root_path), "--resolve", f"{name}:{port}:{self.address}", *options, f"{scheme}://{name}{path}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"curl ended with {done.returncode} {done.stderr}"
        head, _, body = done.stdout.replace("\r", "").partition("\n\n")
        lines = head.splitlines()
        return int(lines[0].split()[1]), {line.split(":")[0].lower(): line.split(": ", 1)[1] for line in lines[1:] if ": " in line}, body


@pytest.fixture(scope="module")
def s3(plane):
    plane.create_bucket(BUCKET, REGION)
    plane.set_bucket_access(BUCKET, public_read=False, allow_public_overrides=False, keys=[KEY])
    yield boto3.client(
        "s3",
        region_name=REGION,
        endpoint_url=plane.status()["s3_endpoint"],
        verify=str(plane.ca.root_path),
        aws_access_key_id=KEY["access_key_id"],
        aws_secret_access_key=KEY["secret_access_key"],
    )
    plane.delete_bucket(BUCKET)


@pytest.fixture(scope="module")
def media(plane, s3):
    origin = {"kind": "bucket", "host": f"{BUCKET}.s3.{REGION}.amazonaws.com", "region": REGION, "protocol": "https-only", "private": True, "timeout_s": 30}
    media = Distribution(plane, "cdn-1", origin)
    media.put()
    yield media
    plane.delete_distribution("cdn-1")


@pytest.fixture(scope="module")
def site(plane, web):
    web.ssh(
        'echo \'<?php header("Cache-Control: max-age=60"); echo json_encode([getallheaders(), $_SERVER["REQUEST_URI"], microtime(true), $_SERVER["REQUEST_METHOD"]]);\' > /opt/bitnami/wordpress/echo.php'
    )
    web.ssh("mkdir -p /opt/bitnami/wordpress/wp-content/c && echo '<?php echo microtime(true);' > /opt/bitnami/wordpress/wp-content/c/t.php")
    origin = {"kind": "instance", "host": web.public_ip, "region": REGION, "protocol": "http-only", "private": False, "timeout_s": 30}
    site = Distribution(plane, "cdn-2", origin)
    site.put()
    yield site
    plane.delete_distribution("cdn-2")


def test_a_private_bucket_through_the_cdn(media, s3):
    s3.put_object(Bucket=BUCKET, Key="wp-content/uploads/b (1) ü+&.jpg", Body=b"one", ContentType="image/jpeg", CacheControl="max-age=31536000")
    path = "/wp-content/uploads/b%20(1)%20%C3%BC+&.jpg"
    status, headers, body = media.get(path)
    assert (status, body, headers["x-cache"], headers["content-type"]) == (200, "one", "Miss from cloudfront", "image/jpeg")
    status, headers, body = media.get(path)
    assert (status, body, headers["x-cache"]) == (200, "one", "Hit from cloudfront") and "age" in headers
    assert headers["cache-control"] == "max-age=31536000" and "x-accel-expires" not in headers and "x-cdn-time" not in headers
    s3.put_object(Bucket=BUCKET, Key="wp-content/uploads/b (1) ü+&.jpg", Body=b"two")
    assert media.get(path)[2] == "one"
    media.plane.reset_cache("cdn-1")
    assert media.get(path)[2] == "two"


def test_missing_and_http_and_foreign_names(media):
    assert media.get("/missing.jpg")[0] in (403, 404)
    status, headers, _ = media.get("/a?b", scheme="http")
    assert (status, headers["location"]) == (301, f"https://{NAME}/a?b")
    assert media.get("/", "-k", name="foreign.example.com")[0] == 403


def test_without_private_access_a_private_bucket_stays_closed(media, s3):
    s3.put_object(Bucket=BUCKET, Key="p.txt", Body=b"p")
    media.put(origin={**media.spec["origin"], "private": False})
    media.plane.reset_cache("cdn-1")
    assert media.get("/p.txt")[0] == 403
    media.put(origin={**media.spec["origin"], "private": True})
    media.plane.reset_cache("cdn-1")
    assert media.get("/p.txt")[0] == 200


def test_own_name_and_certificate(media, plane):
    cert, key = plane.ca.issue(["media.example.com"])
    media.put(aliases=["media.example.com"], certificate={"cert_pem": cert, "key_pem": key})
    assert media.get("/p.txt", name="media.example.com")[0] == 200
    assert media.get("/p.txt")[0] == 200


def test_root_object_and_disabled(media, s3):
    s3.put_object(Bucket=BUCKET, Key="index.html", Body=b"root")
    media.put(default_root_object="index.html")
    assert media.get("/")[2] == "root"
    media.put(enabled=False)
    assert media.get("/")[0] == 403
    media.put(enabled=True)


def test_error_pages(media, s3):
    s3.put_object(Bucket=BUCKET, Key="errors/not (here).html", Body=b"not here")
    page = {"code": 404, "answer": 200, "path": "/errors/not (here).html", "seconds": 1}
    media.put(error_pages=[page, {"code": 403, "answer": None, "path": None, "seconds": 0}])
    for _ in range(2):  # fetched, then kept
        status, _, body = media.get("/never-there.txt?x=1")
        assert (status, body) == (200, "not here")
    assert media.get("/p.txt")[2] == "p"
    # The error is kept for as long as the page's setting says, and no longer.
    s3.put_object(Bucket=BUCKET, Key="never-there.txt", Body=b"there now")
    time.sleep(1.5)
    assert media.get("/never-there.txt")[2] == "there now"
    media.put(error_pages=[{**page, "answer": 404, "path": "/neither.html"}])
    assert media.get("/really-not.txt")[0] == 404
    media.put(error_pages=[])
    assert media.get("/still-not.txt")[0] == 404 and "not here" not in media.get("/still-not.txt")[2]


def seen(answer) -> tuple[dict[str, str], str, float, str]:
    headers, uri, when, method = json.loads(answer[2])
    return {name.lower(): value for name, value in headers.items()}, uri, when, method


def test_what_the_origin_sees(site, web):
    headers, uri, _, _ = seen(site.get("/echo.php?a=1", "-H", "Cookie: x=1", "-H", "Accept-Language: de", "-u", "u:p"))
    assert uri == "/echo.php" and headers["user-agent"] == "Amazon CloudFront" and headers["host"] == web.public_ip
    assert not {"cookie", "accept-language", "authorization", "x-forwarded-proto", "cloudfront-forwarded-proto", "x-cdn-behavior"} & set(headers)
    allow = {
        **SETTINGS,
        "cookies": {"option": "allow-list", "cookiesAllowList": ["wp_*"]},
        "headers": {"option": "allow-list", "headersAllowList": ["Host", "CloudFront-Forwarded-Proto"]},
        "query_strings": {"option": True, "queryStringsAllowList": ["b"]},
    }
    site.put(settings=allow)
    headers, uri, _, _ = seen(site.get("/echo.php?a=1&b=2", "-H", "Cookie: x=1; wp_a=2; y=3"))
    assert (uri, headers["cookie"], headers["host"], headers["cloudfront-forwarded-proto"]) == ("/echo.php?b=2", "wp_a=2", NAME, "https")
    # What is forwarded is part of the key, what is not is not.
    first = seen(site.get("/echo.php?b=3&a=1"))[2]
    assert seen(site.get("/echo.php?b=3&a=2"))[2] == first
    assert seen(site.get("/echo.php?b=4"))[2] != first
    assert seen(site.get("/echo.php?b=3", "-H", "Cookie: wp_a=9"))[2] != first
    site.put(settings=SETTINGS)


def test_behaviours_and_lifetimes(site):
    site.put(default_behavior="dont-cache", behaviors=[{"path": "wp-content/*", "behavior": "cache"}])
    headers, uri, first, method = seen(site.get("/echo.php?x=1", "-H", "Cookie: a=1", "-X", "POST", "-d", "data"))
    assert (uri, headers["cookie"], headers["host"], method) == ("/echo.php?x=1", "a=1", NAME, "POST")
    assert seen(site.get("/echo.php"))[2] != seen(site.get("/echo.php"))[2]
    path = "/wp-content/c/t.php"
    assert site.get(path)[2] == site.get(path)[2], "default lifetime"
    site.put(settings={**SETTINGS, "maximum_ttl": 0, "default_ttl": 0})
    site.plane.reset_cache("cdn-2")
    assert site.get(path)[2] != site.get(path)[2]
    site.put(settings={**SETTINGS, "methods": "GET,HEAD"})
    assert site.get(path, "-X", "POST")[0] == 403
    assert site.get(path, "-I")[0] == 200


def test_an_origin_that_is_not_there(site, plane, web):
    site.put(default_behavior="dont-cache", origin={**site.spec["origin"], "host": "gone.example.com"})
    status, headers, _ = site.get("/x")
    assert status in (502, 504) and headers["x-cache"] == "Error from cloudfront"
    site.put(origin={**site.spec["origin"], "host": web.public_ip})
    assert site.get("/echo.php")[0] == 200
