# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


def test_an_address_is_made_verified_and_deleted(cloud):
    client = cloud.client()
    client.create_contact_method(protocol="Email", contactEndpoint="ada@example.com", tags=[{"key": "a"}])
    (found,) = client.get_contact_methods()["contactMethods"]
    assert set(found) == {
        "contactEndpoint", "status", "protocol", "name", "arn", "createdAt", "location", "resourceType", "supportCode", "tags",
    }  # fmt: skip
    assert (found["status"], found["contactEndpoint"], found["protocol"]) == ("PendingVerification", "ada@example.com", "Email")
    assert client.send_contact_method_verification(protocol="Email")["operations"][0]["resourceType"] == "ContactMethod"
    cloud.admin("confirm", region=cloud.region)
    assert client.get_contact_methods(protocols=["Email"])["contactMethods"][0]["status"] == "Valid"
    with pytest.raises(ClientError, match="verified already"):
        client.send_contact_method_verification(protocol="Email")
    assert client.get_contact_methods(protocols=["SMS"])["contactMethods"] == []
    client.tag_resource(resourceName="Email", resourceArn=found["arn"], tags=[{"key": "b", "value": "2"}])
    assert client.get_contact_methods()["contactMethods"][0]["tags"][1] == {"key": "b", "value": "2"}
    client.delete_contact_method(protocol="Email")
    with pytest.raises(client.exceptions.NotFoundException, match="The ContactMethod does not exist: Email"):
        client.delete_contact_method(protocol="Email")


def test_one_of_each_kind_in_a_region(cloud):
    ireland = cloud.client(region="eu-west-1")
    ireland.create_contact_method(protocol="SMS", contactEndpoint="+15555550100")
    ireland.create_contact_method(protocol="Email", contactEndpoint="ada@example.com")
    assert [item["status"] for item in ireland.get_contact_methods()["contactMethods"]] == ["Valid", "PendingVerification"]
    with pytest.raises(ClientError, match="of the protocol Email in this Region already"):
        ireland.create_contact_method(protocol="Email", contactEndpoint="grace@example.com")
    cloud.client().create_contact_method(protocol="Email", contactEndpoint="grace@example.com")
    ireland.allocate_static_ip(staticIpName="Email")  # in nobody's name space


@pytest.mark.parametrize(
    ("protocol", "endpoint", "sentence"),
    [
        ("SMS", "+15555550100", "SMS is not supported in the Region eu-central-1"),
        ("Email", "nobody", "nobody is not an email address"),
        ("Fax", "1", "must be one of"),
    ],
)
def test_create_refuses(cloud, protocol, endpoint, sentence):
    with pytest.raises(ClientError, match=sentence):
        cloud.client().create_contact_method(protocol=protocol, contactEndpoint=endpoint)


def test_a_phone_number_has_a_form(cloud):
    with pytest.raises(ClientError, match="E.164"):
        cloud.client(region="us-east-1").create_contact_method(protocol="SMS", contactEndpoint="0555 550100")
