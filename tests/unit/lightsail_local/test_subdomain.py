# SPDX-License-Identifier: GPL-3.0-or-later
"""Subdomains of amazonlightsail.com."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from .helpers import distribution, make_bucket, make_distribution

pytest.importorskip("botocore", minversion="1.44")


@pytest.fixture
def client(cloud):
    return cloud.client(region="us-east-1")


def found(client, name):
    return client.get_subdomains(subdomainName=name)["subdomains"][0]


def plane(cloud):
    (spec,) = cloud.daemon.cloud.data_plane.distributions.values()
    return spec


def test_a_name_below_another(cloud, client):
    assert client.check_subdomain_availability(subdomainName="blog.mysite", reserve=True)["reservationExpiresAt"]
    made = client.create_subdomain(subdomainName="blog.mysite", tags=[{"key": "a", "value": "b"}])
    assert made["subdomain"]["state"] == "CREATING" and made["operation"]["status"] == "Started"
    cloud.wait_until(lambda: found(client, "blog.mysite")["state"] == "UNATTACHED")
    blog = found(client, "blog.mysite")
    assert (blog["fqdn"], blog["depth"], blog["parentFqdn"]) == ("blog.mysite.amazonlightsail.com", 2, "mysite.amazonlightsail.com")
    assert blog["tags"] == [{"key": "a", "value": "b"}]
    (top,) = client.get_subdomains()["subdomains"]
    assert (top["subdomainName"], top["state"], [child["subdomainName"] for child in top["children"]]) == ("mysite", "IMPLICIT", ["blog.mysite"])
    assert "arn" not in top and client.check_subdomain_availability(subdomainName="mysite")["available"]
    client.create_subdomain(subdomainName="mysite")
    cloud.wait_until(lambda: found(client, "mysite")["state"] == "UNATTACHED")
    assert not client.check_subdomain_availability(subdomainName="mysite")["available"]
    assert client.delete_subdomain(subdomainName="mysite")["subdomain"]["state"] == "IMPLICIT"
    assert "subdomain" not in client.delete_subdomain(subdomainName="blog.mysite")
    assert client.get_subdomains()["subdomains"] == []


@pytest.mark.parametrize("name", ["a.b.c", "xn--a", "mysite.amazonlightsail.com", "-a", "x" * 40, "www", "Big"])
def test_names_that_cannot_be(client, name):
    with pytest.raises(ClientError, match="subdomain"):
        client.create_subdomain(subdomainName=name)


def test_reservations_and_pages(cloud, client):
    for number in range(5):
        client.check_subdomain_availability(subdomainName=f"held{number}", reserve=True)
    with pytest.raises(ClientError, match="5 active reservations"):
        client.check_subdomain_availability(subdomainName="held9", reserve=True)
    assert "reservationExpiresAt" not in client.check_subdomain_availability(subdomainName="held9")
    for number in range(25):
        client.create_subdomain(subdomainName=f"site{number:02d}")
    first = client.get_subdomains()
    assert len(first["subdomains"]) == 20 and len(client.get_subdomains(pageToken=first["nextPageToken"])["subdomains"]) == 5
    with pytest.raises(ClientError, match="together"):
        client.get_subdomains(subdomainName="site00", pageToken=first["nextPageToken"])
    with pytest.raises(ClientError, match="us-east-1"):
        cloud.client().get_subdomains()


def test_leads_to_a_distribution(cloud, client):
    make_bucket(cloud)
    make_distribution(cloud)
    make_distribution(cloud, "other")
    arn = distribution(cloud)["arn"]
    cloud.time_scale(0.02)  # it must not be there yet when the next call comes
    client.create_subdomain(subdomainName="mysite")
    with pytest.raises(ClientError, match="must be UNATTACHED"):
        client.update_subdomain_association(subdomainName="mysite", action="ASSOCIATE", targetResourceArn=arn)
    cloud.time_scale(0.001)
    cloud.wait_until(lambda: found(client, "mysite")["state"] == "UNATTACHED")
    with pytest.raises(ClientError, match="does not exist"):
        client.update_subdomain_association(subdomainName="mysite", action="ASSOCIATE", targetResourceArn="arn:aws:nothing")
    asked = client.update_subdomain_association(subdomainName="mysite", action="ASSOCIATE", targetResourceArn=distribution(cloud)["arn"])
    assert asked["subdomain"]["state"] == "ATTACHING" and asked["subdomain"]["attachingResource"]["name"] == "cdn"
    cloud.wait_until(lambda: found(client, "mysite")["state"] == "ATTACHED")
    assert distribution(cloud)["subdomain"] == {"name": "mysite", "state": "Attached"}
    name = "mysite.amazonlightsail.com"
    address = cloud.admin("resolve", name=name)["addresses"]
    assert address == cloud.admin("resolve", name=distribution(cloud)["domainName"])["addresses"]
    specs = cloud.daemon.cloud.data_plane.distributions
    cloud.wait_until(lambda: any(spec["aliases"] == [name] and spec["certificate"] for spec in specs.values()))
    with pytest.raises(ClientError, match="disassociate"):
        client.delete_subdomain(subdomainName="mysite")
    client.update_subdomain_association(subdomainName="mysite", action="TRANSFER", targetResourceArn=distribution(cloud, "other")["arn"])
    cloud.wait_until(lambda: found(client, "mysite").get("attachedResource", {}).get("name") == "other")
    assert "subdomain" not in distribution(cloud)
    with pytest.raises(ClientError, match="24-hour"):
        client.update_subdomain_association(subdomainName="mysite", action="TRANSFER", targetResourceArn=distribution(cloud)["arn"])
    client.update_subdomain_association(subdomainName="mysite", action="DISASSOCIATE")
    cloud.wait_until(lambda: found(client, "mysite")["state"] == "UNATTACHED")
    client.delete_subdomain(subdomainName="mysite")


def test_made_with_the_distribution(cloud, client):
    make_bucket(cloud)
    make_distribution(cloud, subdomainName="mysite")
    cloud.wait_until(lambda: distribution(cloud).get("subdomain", {}).get("state") == "Attached")
    client.delete_distribution(distributionName="cdn")
    cloud.wait_until(lambda: found(client, "mysite")["state"] == "UNATTACHED")
    make_distribution(cloud, "next", subdomainName="mysite")
    cloud.wait_until(lambda: "subdomain" in distribution(cloud, "next"))
    assert distribution(cloud, "next")["subdomain"]["state"] == "Error"
