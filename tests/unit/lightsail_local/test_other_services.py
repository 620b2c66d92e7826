# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients ask of other services than Lightsail, and the protocols that these speak."""

from __future__ import annotations

import io

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import RpcV2CBORParser
from hypothesis import example, given
from hypothesis import strategies as st

from lightsail_local.wire_protocols import cbor, from_cbor

from .helpers import make_bucket, make_instances, make_zone

# One call of each protocol that AWS has, with the error code that this protocol has for a call that does not exist.
ELSEWHERE = [
    ("sqs", "list_queues", "UnknownOperationException"),  # JSON 1.0
    ("acm", "list_certificates", "UnknownOperationException"),  # JSON 1.1
    ("cloudwatch", "list_metrics", "UnknownOperationException"),  # CBOR
    ("lambda", "list_functions", "UnknownOperationException"),  # REST and JSON
    ("rds", "describe_db_instances", "InvalidAction"),  # forms and XML
    ("ec2", "describe_instances", "InvalidAction"),  # EC2's own
    ("sts", "get_session_token", "InvalidAction"),  # of a service that answers other calls
    ("route53", "list_hosted_zones", "InvalidAction"),  # REST and XML
    ("s3", "list_buckets", "NotImplemented"),
]


@pytest.mark.parametrize("service, call, code", ELSEWHERE)
def test_what_is_no_part_of_the_cloud_says_so_in_its_own_protocol(cloud, service, call, code):
    with pytest.raises(ClientError, match="is not a part of the local Lightsail") as caught:
        getattr(cloud.client(service), call)()
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert [call["outcome"] for call in cloud.calls()] == ["UnknownOperationException"]


def test_an_object_is_refused_with_its_body(cloud):
    with pytest.raises(ClientError, match="PUT /media-bucket/key of s3 is not a part") as caught:
        cloud.client("s3").put_object(Bucket="media-bucket", Key="key", Body=b"x" * 100_000)
    assert caught.value.response["Error"]["Code"] == "NotImplemented"


def test_who_is_calling(cloud):
    answer = cloud.client("sts").get_caller_identity()
    account = cloud.daemon.cloud.account["id"]
    assert answer["Account"] == account and answer["Arn"] == f"arn:aws:iam::{account}:user/lightsail-local"
    make_bucket(cloud)
    assert cloud.client().get_buckets()["buckets"][0]["arn"].split(":")[4] == account
    assert cloud.client("iam").list_account_aliases()["AccountAliases"] == []


@pytest.mark.parametrize(
    "service, call, wrong_key, wrong_secret",
    [
        ("sts", "get_caller_identity", ("InvalidClientTokenId", 403), ("SignatureDoesNotMatch", 403)),
        ("iam", "list_account_aliases", ("InvalidClientTokenId", 403), ("SignatureDoesNotMatch", 403)),
        ("ec2", "describe_regions", ("AuthFailure", 401), ("SignatureDoesNotMatch", 403)),
        ("resourcegroupstaggingapi", "get_resources", ("UnrecognizedClientException", 400), ("InvalidSignatureException", 400)),
        ("lightsail", "get_instances", ("UnrecognizedClientException", 400), ("InvalidSignatureException", 400)),
    ],
)
def test_each_service_has_its_words_for_keys_that_are_not_the_clouds(cloud, service, call, wrong_key, wrong_secret):
    for options, expected in (({"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE"}, wrong_key), ({"aws_secret_access_key": "x"}, wrong_secret)):
        with pytest.raises(ClientError) as caught:
            getattr(cloud.client(service, **options), call)()
        response = caught.value.response
        assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == expected


def test_regions_are_those_that_lightsail_has(cloud):
    client = cloud.client("ec2")
    names = {region["name"] for region in cloud.client().get_regions()["regions"]}
    filters = [{"Name": "opt-in-status", "Values": ["opt-in-not-required", "opted-in"]}]
    assert {region["RegionName"] for region in client.describe_regions(Filters=filters)["Regions"]} == names
    assert {region["RegionName"] for region in client.describe_regions(RegionNames=["us-east-1"], AllRegions=True)["Regions"]} == {"us-east-1"}
    assert client.describe_regions(Filters=[{"Name": "opt-in-status", "Values": ["not-opted-in"]}])["Regions"] == []


def tagged(client, **filters):
    pages = client.get_paginator("get_resources").paginate(**filters)
    found = [item for page in pages for item in page["ResourceTagMappingList"]]
    return {item["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in item["Tags"]} for item in found}


def test_tags_of_resources_are_those_of_lightsail(cloud):
    client = cloud.client("resourcegroupstaggingapi")
    make_instances(cloud, "one", tags=[{"key": "site", "value": "shop"}, {"key": "only"}])
    make_instances(cloud, "two")
    make_bucket(cloud)
    one, two = (cloud.client().get_instance(instanceName=name)["instance"]["arn"] for name in ("one", "two"))
    bucket = cloud.client().get_buckets()["buckets"][0]["arn"]
    assert tagged(client) == {one: {"site": "shop", "only": ""}}
    assert client.tag_resources(ResourceARNList=[two, bucket], Tags={"site": "blog"})["FailedResourcesMap"] == {}
    assert tagged(client, TagFilters=[{"Key": "site", "Values": ["blog"]}]) == {two: {"site": "blog"}, bucket: {"site": "blog"}}
    assert set(tagged(client, ResourceTypeFilters=["lightsail:Bucket"])) == {bucket}
    assert set(tagged(client, ResourceTypeFilters=["lightsail"], PaginationConfig={"PageSize": 1})) == {one, two, bucket}
    assert tagged(client, ResourceTypeFilters=["ec2:instance"]) == {}
    assert set(tagged(client, ResourceARNList=[one, "arn:aws:lightsail:eu-central-1:123456789012:Instance/gone"])) == {one}
    assert client.get_tag_keys()["TagKeys"] == ["only", "site"]
    assert client.get_tag_values(Key="site")["TagValues"] == ["blog", "shop"]
    assert cloud.client().get_instance(instanceName="two")["instance"]["tags"] == [{"key": "site", "value": "blog"}]
    assert client.untag_resources(ResourceARNList=[two], TagKeys=["site"])["FailedResourcesMap"] == {}
    assert set(tagged(client)) == {one, bucket}


def test_what_cannot_be_tagged_is_told_one_by_one(cloud):
    client = cloud.client("resourcegroupstaggingapi")
    make_instances(cloud, "one")
    arn = cloud.client().get_instance(instanceName="one")["instance"]["arn"]
    gone = "arn:aws:lightsail:eu-central-1:123456789012:Instance/gone"
    failed = client.tag_resources(ResourceARNList=[arn, gone], Tags={"a": "b"})["FailedResourcesMap"]
    assert list(failed) == [gone] and failed[gone]["StatusCode"] == 400
    assert set(client.tag_resources(ResourceARNList=[arn], Tags={"aws:a": "b"})["FailedResourcesMap"]) == {arn}
    assert tagged(client) == {arn: {"a": "b"}}
    with pytest.raises(ClientError) as caught:
        client.get_resources(ResourceARNList=[arn], TagFilters=[{"Key": "a"}])
    assert caught.value.response["Error"]["Code"] == "InvalidParameterException"
    with pytest.raises(ClientError) as caught:
        client.get_resources(PaginationToken="nonsense")
    assert caught.value.response["Error"]["Code"] == "PaginationTokenExpiredException"


def test_tags_of_a_zone_are_told_in_its_home_region(cloud):
    make_zone(cloud, "shop.example", delegated=False)
    arn = cloud.client(region="us-east-1").get_domain(domainName="shop.example")["domain"]["arn"]
    client = cloud.client("resourcegroupstaggingapi", region="us-east-1")
    client.tag_resources(ResourceARNList=[arn], Tags={"a": "b"})
    assert tagged(client) == {arn: {"a": "b"}}
    assert tagged(cloud.client("resourcegroupstaggingapi")) == {}


VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_what_is_written_as_cbor_is_read_as_it_was(value):
    written = cbor(value)
    assert from_cbor(written) == value
    assert RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(written))) == value


@given(st.binary())
@example(b"\x5b" + b"\xff" * 8)  # bytes, a text, a list and a map that say to be longer than any memory
@example(b"\x7b" + b"\xff" * 8)
@example(b"\x9b" + b"\xff" * 8)
@example(b"\xbb" + b"\xff" * 8)
def test_what_is_no_cbor_is_a_value_error_and_nothing_else(data):
    try:
        from_cbor(data)
    except (ValueError, TypeError, RecursionError):  # what the wire answers with SerializationException
        pass
