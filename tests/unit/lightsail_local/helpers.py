# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps that many tests begin with."""

from __future__ import annotations

from typing import Any

CONTACT = {
    "FirstName": "Ada",
    "LastName": "Example",
    "ContactType": "PERSON",
    "AddressLine1": "Street 1",
    "City": "Berlin",
    "CountryCode": "DE",
    "ZipCode": "10115",
    "PhoneNumber": "+49.301234567",
    "Email": "ada@example.com",
}


def make_instances(cloud: Any, *names: str, **options: Any) -> list[dict[str, Any]]:
    client = cloud.client()
    arguments = {"availabilityZone": "eu-central-1a", "blueprintId": "wordpress_ls_1_0", "bundleId": "small_3_0", **options}
    operations = client.create_instances(instanceNames=list(names), **arguments)["operations"]
    cloud.wait_until(lambda: all(instance_state(cloud, name) == "running" for name in names))
    return operations


def instance_state(cloud: Any, name: str) -> str:
    return cloud.client().get_instance_state(instanceName=name)["state"]["name"]


def make_database(cloud: Any, name: str = "db", **options: Any) -> None:
    arguments = {
        "relationalDatabaseBlueprintId": "mysql_8_0",
        "relationalDatabaseBundleId": "micro_2_0",
        "masterDatabaseName": "wordpress",
        "masterUsername": "dbmasteruser",
        **options,
    }
    cloud.client().create_relational_database(relationalDatabaseName=name, **arguments)
    cloud.wait_until(lambda: database(cloud, name)["state"] == "available")


def database(cloud: Any, name: str = "db") -> dict[str, Any]:
    return cloud.client().get_relational_database(relationalDatabaseName=name)["relationalDatabase"]


def make_zone(cloud: Any, name: str = "shop.example", delegated: bool = True) -> Any:
    """A zone in us-east-1, pointed at by its owner; returns that client."""
    client = cloud.client(region="us-east-1")
    client.create_domain(domainName=name)
    if delegated:
        cloud.admin("domain", name=name, registrant="elsewhere")
        cloud.admin("delegate", name=name)
    return client


def make_load_balancer(cloud: Any, name: str = "lb", **options: Any) -> Any:
    client = cloud.client()
    client.create_load_balancer(loadBalancerName=name, instancePort=80, **options)
    cloud.wait_until(lambda: load_balancer(cloud, name)["state"] == "active")
    return client


def load_balancer(cloud: Any, name: str = "lb") -> dict[str, Any]:
    return cloud.client().get_load_balancer(loadBalancerName=name)["loadBalancer"]


def make_bucket(cloud: Any, name: str = "media-bucket") -> Any:
    client = cloud.client()
    client.create_bucket(bucketName=name, bundleId="small_1_0")
    cloud.wait_until(lambda: client.get_buckets(bucketName=name)["buckets"][0]["state"]["code"] == "OK")
    return client


def make_distribution(cloud: Any, name: str = "cdn", **options: Any) -> Any:
    client = cloud.client(region="us-east-1")
    arguments = {
        "origin": {"name": "media-bucket", "regionName": "eu-central-1"},
        "defaultCacheBehavior": {"behavior": "cache"},
        "bundleId": "small_1_0",
        **options,
    }
    client.create_distribution(distributionName=name, **arguments)
    wait_deployed(cloud, name)
    return client


def distribution(cloud: Any, name: str = "cdn") -> dict[str, Any]:
    return cloud.client(region="us-east-1").get_distributions(distributionName=name)["distributions"][0]


def wait_deployed(cloud: Any, name: str = "cdn") -> None:
    cloud.wait_until(lambda: distribution(cloud, name)["status"] == "Deployed")
