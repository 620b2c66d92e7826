# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_bucket_access against the local control plane."""

from __future__ import annotations

import pytest

NAME = "example-media-7f3a"


@pytest.fixture
def bucket(lab):
    lab.run("lightsail_bucket", name=NAME)
    for number in (1, 2, 3):
        lab.run("lightsail_instance", name=f"web-{number}", zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="nano_3_0")


def access(lab, **arguments):
    return lab.cycle("lightsail_bucket_access", "bucket_access", bucket=NAME, **arguments)


def test_instances(lab, bucket):
    assert access(lab, instances=["web-1"])["bucket_access"]["instances"] == ["web-1"]
    assert access(lab, instances=["web-2"])["bucket_access"]["instances"] == ["web-1", "web-2"]
    moved = access(lab, instances=["web-3", "web-2"], purge=True)
    assert moved["bucket_access"]["instances"] == ["web-2", "web-3"]
    assert moved["diff"]["before"] == {"bucket": NAME, "instances": ["web-1", "web-2"]}
    assert access(lab, instances=["web-2", "web-1"], state="absent")["bucket_access"]["instances"] == ["web-3"]
    shown = lab.run("lightsail_bucket_info", names=[NAME])["buckets"][0]["resources_receiving_access"]
    assert [item["name"] for item in shown] == ["web-3"]
    assert access(lab, instances=[], purge=True)["bucket_access"]["instances"] == []


def test_accounts(lab, bucket):
    one, other, third = "111122223333", "444455556666", "777788889999"
    assert access(lab, readonly_accounts=[one, other])["bucket_access"]["readonly_access_accounts"] == [one, other]
    assert not lab.run("lightsail_bucket_access", bucket=NAME, readonly_accounts=[other])["changed"]
    assert not lab.run("lightsail_bucket_access", bucket=NAME, readonly_accounts=[other, one], purge=True)["changed"]
    given = access(lab, instances=["web-1"], purge=True)
    assert given["bucket_access"]["readonly_access_accounts"] == [one, other], "accounts that are not spoken of stay"
    moved = access(lab, readonly_accounts=[third], purge=True)
    assert moved["diff"]["before"] == {"bucket": NAME, "readonly_accounts": [one, other]}
    assert moved["diff"]["after"] == {"bucket": NAME, "readonly_accounts": [third]}
    gone = access(lab, readonly_accounts=[third, one], state="absent")["bucket_access"]
    assert gone["readonly_access_accounts"] == [] and gone["instances"] == ["web-1"]
    access(lab, readonly_accounts=[one])
    assert access(lab, state="absent")["bucket_access"]["readonly_access_accounts"] == []
    assert lab.run("lightsail_bucket_access_info", buckets=[NAME])["bucket_access"][0]["readonly_access_accounts"] == []


@pytest.mark.parametrize(("given", "words"), [(["1"], "12 digits"), (["111122223333"] * 11, "at most 10")])
def test_accounts_that_cannot_be_are_refused_before_anything_is_asked(lab, bucket, given, words):
    lab.cloud.forget_calls()
    assert words in lab.fail("lightsail_bucket_access", bucket=NAME, readonly_accounts=given)
    assert lab.cloud.calls() == []


def test_keys_are_left_alone_unless_asked_for(lab, bucket):
    result = access(lab, instances=["web-1"])
    assert result["bucket_access"]["access_keys"] == [] and result["bucket_access"]["new_key"] is None


def first_key(lab):
    predicted = lab.run("lightsail_bucket_access", check=True, bucket=NAME, bucket_key="present")
    assert predicted["changed"] and not lab.mutations and predicted["bucket_access"]["new_key"] is None
    made = lab.run("lightsail_bucket_access", bucket=NAME, bucket_key="present")
    assert made["changed"] and lab.mutations == ["CreateBucketAccessKey"]
    return made["bucket_access"]["new_key"]


def ids(result):
    return [key["access_key_id"] for key in result["bucket_access"]["access_keys"]]


def test_rotation(lab, bucket):
    first = first_key(lab)
    assert len(first["access_key_id"]) == 20 and first["secret_access_key"]
    again = lab.run("lightsail_bucket_access", bucket=NAME, bucket_key="present")
    assert not again["changed"] and again["bucket_access"]["new_key"] is None and ids(again) == [first["access_key_id"]]
    assert not lab.run("lightsail_bucket_access", bucket=NAME, bucket_key="present", bucket_key_id=first["access_key_id"])["changed"]

    second = lab.run("lightsail_bucket_access", bucket=NAME, bucket_key="rotated", bucket_key_id=first["access_key_id"])
    assert lab.mutations == ["CreateBucketAccessKey"]
    assert ids(second) == [first["access_key_id"], second["bucket_access"]["new_key"]["access_key_id"]]

    # Both places are taken: the one in use stays.
    third = lab.run("lightsail_bucket_access", bucket=NAME, bucket_key="rotated", bucket_key_id=first["access_key_id"])
    assert lab.mutations == ["DeleteBucketAccessKey", "CreateBucketAccessKey"]
    new = third["bucket_access"]["new_key"]["access_key_id"]
    assert ids(third) == [first["access_key_id"], new]

    kept = access(lab, bucket_key_id=new, purge_bucket_keys=True)
    assert ids(kept) == [new]


def test_a_lost_key_is_replaced_in_the_second_place(lab, bucket):
    first = first_key(lab)
    made = lab.run("lightsail_bucket_access", bucket=NAME, bucket_key="present", bucket_key_id="AKIAUNKNOWNUNKNOWN00")
    assert lab.mutations == ["CreateBucketAccessKey"] and first["access_key_id"] in ids(made)


def test_purge_never_deletes_all(lab, bucket):
    first_key(lab)
    message = lab.fail("lightsail_bucket_access", bucket=NAME, bucket_key_id="AKIAUNKNOWNUNKNOWN00", purge_bucket_keys=True)
    assert "no access key AKIAUNKNOWNUNKNOWN00" in message and not lab.mutations


def test_absent(lab, bucket):
    key = first_key(lab)["access_key_id"]
    lab.run("lightsail_bucket_access", bucket=NAME, instances=["web-1"])
    one = access(lab, bucket_key_id=key, state="absent")
    assert ids(one) == [] and one["bucket_access"]["instances"] == ["web-1"]
    first_key(lab)
    everything = access(lab, state="absent")
    assert ids(everything) == [] and everything["bucket_access"]["instances"] == []


def test_no_secret_in_the_list(lab, bucket):
    secret = first_key(lab)["secret_access_key"]
    again = lab.run("lightsail_bucket_access", bucket=NAME, bucket_key="present")
    assert secret not in str(again)


def test_lost_answer_leaves_no_key_behind(lab, bucket):
    lab.cloud.fault("CreateBucketAccessKey", "lost-answer")
    made = lab.run("lightsail_bucket_access", bucket=NAME, bucket_key="present")
    assert ids(made) == [made["bucket_access"]["new_key"]["access_key_id"]]


def test_without_bucket(lab):
    assert "does not exist" in lab.fail("lightsail_bucket_access", bucket="absent-one", instances=["web-1"])
    predicted = lab.run("lightsail_bucket_access", check=True, bucket="absent-one", instances=["web-1"])
    assert predicted["changed"] and predicted["bucket_access"]["instances"] == ["web-1"]
    gone = lab.run("lightsail_bucket_access", bucket="absent-one", state="absent")
    assert not gone["changed"] and gone["bucket_access"] is None
