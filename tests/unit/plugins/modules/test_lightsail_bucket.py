# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_bucket and lightsail_bucket_info against the local control plane."""

from __future__ import annotations

import pytest

NAME = "example-media-7f3a"


def test_life(lab):
    made = lab.cycle("lightsail_bucket", "bucket", name=NAME, tags={"cloudpress:site": "example"})["bucket"]
    assert made["access"] == "private" and made["bundle_id"] == "small_1_0" and made["object_versioning"] == "NeverEnabled"
    assert made["tags"] == {"cloudpress:site": "example"}
    assert made["url"].startswith("https://example-media-7f3a.s3.eu-central-1.amazonaws.com")
    gone = lab.cycle("lightsail_bucket", "bucket", name=NAME, state="absent")
    assert gone["bucket"] is None and gone["actions"] == ["DeleteBucket"]


def test_create_with_everything(lab):
    made = lab.cycle("lightsail_bucket", "bucket", name=NAME, access="objects", versioning=True, tags={"a": 1})
    assert made["bucket"]["access_rules"] == {"get_object": "private", "allow_public_overrides": True}
    assert made["bucket"]["object_versioning"] == "Enabled"
    assert made["actions"][0] == "CreateBucket"


def test_each_option(lab):
    lab.run("lightsail_bucket", name=NAME)
    for access in ("objects", "public", "private"):
        changed = lab.cycle("lightsail_bucket", "bucket", name=NAME, access=access)
        assert changed["actions"] == ["UpdateBucket"]
        assert changed["diff"]["after"]["access"] == access
    assert lab.cycle("lightsail_bucket", "bucket", name=NAME, versioning=True)["bucket"]["object_versioning"] == "Enabled"
    assert lab.cycle("lightsail_bucket", "bucket", name=NAME, versioning=False)["bucket"]["object_versioning"] == "Suspended"


def test_versioning_that_was_never_on_is_off(lab):
    lab.run("lightsail_bucket", name=NAME)
    assert not lab.run("lightsail_bucket", name=NAME, versioning=False)["changed"]


def test_plan_changes_once_a_month(lab):
    lab.run("lightsail_bucket", name=NAME)
    assert lab.cycle("lightsail_bucket", "bucket", name=NAME, bundle_id="medium_1_0")["actions"] == ["UpdateBucketBundle"]
    for check in (True, False):
        message = lab.fail("lightsail_bucket", check=check, name=NAME, bundle_id="large_1_0")
        assert "medium_1_0" in message and "large_1_0" in message and "one change of plan" in message
        assert not lab.mutations
    assert not lab.run("lightsail_bucket", name=NAME)["changed"]


def test_tags(lab):
    lab.run("lightsail_bucket", name=NAME, tags={"a": "1", "b": "2"})
    kept = lab.cycle("lightsail_bucket", "bucket", name=NAME, tags={"a": "3"}, purge_tags=False)
    assert kept["bucket"]["tags"] == {"a": "3", "b": "2"}
    assert lab.cycle("lightsail_bucket", "bucket", name=NAME, tags={"a": "3"})["bucket"]["tags"] == {"a": "3"}
    assert not lab.run("lightsail_bucket", name=NAME)["changed"]
    assert lab.cycle("lightsail_bucket", "bucket", name=NAME, tags={})["bucket"]["tags"] == {}


def test_delete_in_use_needs_force(lab):
    lab.run("lightsail_bucket", name=NAME)
    lab.run("lightsail_bucket_access", bucket=NAME, bucket_key="present")
    assert NAME in lab.fail("lightsail_bucket", name=NAME, state="absent")
    lab.cycle("lightsail_bucket", "bucket", name=NAME, state="absent", force=True)



def test_lost_answer(lab):
    lab.cloud.fault("CreateBucket", "lost-answer")
    made = lab.run("lightsail_bucket", name=NAME, tags={"a": "b"})
    assert made["changed"] and made["bucket"]["name"] == NAME


def test_foreign_bucket_of_that_name_is_not_adopted_by_a_lost_answer(lab):
    lab.run("lightsail_bucket", name=NAME, tags={"whose": "theirs"})
    assert lab.run("lightsail_bucket", name=NAME)["bucket"]["tags"] == {"whose": "theirs"}


def test_info(lab):
    for number in range(3):
        lab.run("lightsail_bucket", name=f"{NAME}-{number}", tags={"number": number, "site": "x"})
    found = lab.run("lightsail_bucket_info")
    assert [bucket["name"] for bucket in found["buckets"]] == [NAME + "-0", NAME + "-1", NAME + "-2"]
    assert "account_level_bpa_sync" in found
    assert [b["name"] for b in lab.run("lightsail_bucket_info", filters={"number": "1", "site": None})["buckets"]] == [NAME + "-1"]
    assert [b["name"] for b in lab.run("lightsail_bucket_info", names=[NAME + "-2", "absent-one"])["buckets"]] == [NAME + "-2"]
    assert lab.run("lightsail_bucket_info", check=True, names=[])["buckets"] == []


CORS = {"allowed_methods": ["HEAD", "GET"], "allowed_origins": ["https://b.example", "https://a.example"], "max_age_seconds": 60}


def test_cors(lab):
    lab.run("lightsail_bucket", name=NAME)
    made = lab.cycle("lightsail_bucket", "bucket", name=NAME, cors=[CORS, {"allowed_methods": ["GET"], "allowed_origins": ["*"], "id": "all"}])
    assert made["actions"] == ["UpdateBucket"]
    assert made["bucket"]["cors"][0] == {
        "allowed_methods": ["GET", "HEAD"], "allowed_origins": ["https://a.example", "https://b.example"], "max_age_seconds": 60
    }
    assert made["bucket"]["cors"][1]["id"] == "all"
    # The order of rules counts, that of the words in them does not; an identifier that is not given is not compared.
    same = [dict(CORS, allowed_methods=["GET", "HEAD"]), {"allowed_methods": ["GET"], "allowed_origins": ["*"]}]
    assert not lab.run("lightsail_bucket", name=NAME, cors=same)["changed"]
    assert lab.cycle("lightsail_bucket", "bucket", name=NAME, cors=same[::-1])["bucket"]["cors"][1]["max_age_seconds"] == 60
    assert "cors" not in lab.run("lightsail_bucket", name=NAME, access="objects")["bucket"]
    assert lab.cycle("lightsail_bucket", "bucket", name=NAME, cors=[])["bucket"]["cors"] == []


def test_access_log(lab):
    lab.run("lightsail_bucket", name="example-logs-7f3a")
    lab.run("lightsail_bucket", name=NAME)
    wish = {"enabled": True, "destination": "example-logs-7f3a", "prefix": "media/"}
    assert lab.cycle("lightsail_bucket", "bucket", name=NAME, access_log=wish)["bucket"]["access_log_config"] == wish
    assert lab.cycle("lightsail_bucket", "bucket", name=NAME, access_log=dict(wish, prefix=None))["actions"] == ["UpdateBucket"]
    off = lab.cycle("lightsail_bucket", "bucket", name=NAME, access_log={"enabled": False})
    assert off["bucket"]["access_log_config"] == {"enabled": False} and off["diff"]["before"]["access_log"]["destination"]
    assert "example-none-7f3a" in lab.fail("lightsail_bucket", name=NAME, access_log=dict(wish, destination="example-none-7f3a"))


def test_everything_at_once_is_one_call_after_the_create(lab):
    lab.run("lightsail_bucket", name="example-logs-7f3a")
    made = lab.cycle(
        "lightsail_bucket",
        "bucket",
        name=NAME,
        bundle_id="medium_1_0",
        access="objects",
        versioning=True,
        cors=[CORS],
        access_log={"enabled": True, "destination": "example-logs-7f3a"},
    )
    assert made["actions"] == ["CreateBucket", "UpdateBucket"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (dict(name="UPPER"), "name is 'UPPER'; it must"),
        (dict(name="a--b"), "two hyphens in a row"),
        (dict(cors=[CORS] * 21), "at most 20"),
        (dict(cors=[dict(CORS, allowed_origins=[])]), "cors[0].allowed_origins is empty"),
        (dict(cors=[dict(CORS, max_age_seconds=-1)]), "cannot be negative"),
        (dict(cors=[dict(CORS, id="x" * 256)]), "at most 255"),
        (dict(access_log={"enabled": True}), "without a destination"),
        (dict(access_log={"enabled": False, "prefix": "x"}), "not enabled"),
        (dict(access_log={"enabled": True, "destination": "X"}), "access_log.destination is 'X'"),
        (dict(access_log={"enabled": True, "destination": NAME, "prefix": "a b"}), "access_log.prefix is 'a b'"),
    ],
)
def test_refused_before_anything_is_asked(lab, arguments, words):
    lab.cloud.forget_calls()
    said = lab.fail("lightsail_bucket", **dict(dict(name=NAME), **arguments))
    assert words in said or "boto3 1.41.0 does" in said  # which is the release that brought the rules for CORS, too
    assert lab.cloud.calls() == []


def test_info_with_cors(lab):
    lab.run("lightsail_bucket", name=NAME, cors=[CORS])
    assert "cors" not in lab.run("lightsail_bucket_info")["buckets"][0]
    assert lab.run("lightsail_bucket_info", include_cors=True)["buckets"][0]["cors"][0]["max_age_seconds"] == 60
