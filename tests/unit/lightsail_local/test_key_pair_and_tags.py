# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import subprocess

import pytest
from botocore.exceptions import ClientError

from .helpers import make_instances

PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8ANVAlMkJcVR7UMs9dn7gsSf6gd7BmVmNMmUYTtzKQ owner@example"


@pytest.mark.parametrize("encode", [str, lambda text: base64.b64encode(text.encode()).decode()])
def test_import_takes_text_and_base64(cloud, encode):
    client = cloud.client()
    client.import_key_pair(keyPairName="owner", publicKeyBase64=encode(PUBLIC))
    make_instances(cloud, "one", keyPairName="owner")
    (instance,) = cloud.daemon.cloud.data_plane.instances.values()
    assert instance["authorized_keys"] == [" ".join(PUBLIC.split()[:2])]


def test_import_refuses_what_is_no_key(cloud):
    with pytest.raises(ClientError, match="public key is not valid"):
        cloud.client().import_key_pair(keyPairName="owner", publicKeyBase64="hello")


def test_private_key_is_shown_once_and_the_default_pair_on_request(cloud, tmp_path):
    client = cloud.client()
    made = client.create_key_pair(keyPairName="made")
    path = tmp_path / "key"
    path.write_text(made["privateKeyBase64"])
    path.chmod(0o600)
    shown = subprocess.run(["ssh-keygen", "-y", "-f", path], capture_output=True, text=True, check=True).stdout
    assert shown.split()[:2] == made["publicKeyBase64"].split()[:2]
    assert [item["name"] for item in client.get_key_pairs()["keyPairs"]] == ["made"]
    both = client.get_key_pairs(includeDefaultKeyPair=True)["keyPairs"]
    assert [item["name"] for item in both] == ["LightsailDefaultKeyPair", "made"]
    assert client.download_default_key_pair()["privateKeyBase64"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    with pytest.raises(ClientError, match="expectedFingerprint"):
        client.delete_key_pair(keyPairName="LightsailDefaultKeyPair")
    client.delete_key_pair(keyPairName="made")


def test_tags_merge_and_go(cloud):
    client = cloud.client()
    make_instances(cloud, "one", tags=[{"key": "a", "value": "1"}, {"key": "only"}])

    def read():
        return client.get_instance(instanceName="one")["instance"]["tags"]

    assert read() == [{"key": "a", "value": "1"}, {"key": "only"}]
    client.tag_resource(resourceName="one", tags=[{"key": "a", "value": "2"}, {"key": "b", "value": "3"}])
    client.untag_resource(resourceName="one", tagKeys=["only", "never-there"])
    assert read() == [{"key": "a", "value": "2"}, {"key": "b", "value": "3"}]
    client.allocate_static_ip(staticIpName="ip")
    with pytest.raises(ClientError, match="The resource type, StaticIp, is not taggable."):
        client.tag_resource(resourceName="ip", tags=[{"key": "a"}])
    with pytest.raises(ClientError, match="at most 50 tags"):
        client.tag_resource(resourceName="one", tags=[{"key": f"k{number}"} for number in range(50)])


def test_quota_of_static_ips(cloud):
    client = cloud.client()
    for number in range(5):
        client.allocate_static_ip(staticIpName=f"ip-{number}")
    with pytest.raises(ClientError, match="Sorry, you have reached the maximum number of static IP addresses."):
        client.allocate_static_ip(staticIpName="ip-5")
    cloud.admin("quota", name="static_ips", value=6)
    client.allocate_static_ip(staticIpName="ip-5")


def test_catalogue_differs_by_region(cloud):
    def ids(region):
        pages = cloud.client(region=region).get_paginator("get_bundles").paginate()
        return {item["bundleId"] for page in pages for item in page["bundles"]}

    assert "nano_3_0" in ids("eu-central-1")
    assert "nano_3_1" in ids("ap-south-1") and "nano_3_0" not in ids("ap-south-1")
    assert "nano_3_2" in ids("ap-southeast-2")
    regions = cloud.client().get_regions(includeRelationalDatabaseAvailabilityZones=True)["regions"]
    assert all(item["relationalDatabaseAvailabilityZones"] for item in regions)
    assert all(item["availabilityZones"] == [] for item in regions)
