# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that hold for every operation of the families that bring visitors to a site, made from botocore's model."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.model import ListShape, StructureShape

from lightsail_local import wire_model

from .helpers import make_bucket, make_instances, make_load_balancer, make_zone

(MODEL,) = [service.model for service in wire_model.services().values() if service.name == "lightsail"]
FAMILIES = re.compile(r"Bucket|Domain|Subdomain|Distribution|LoadBalancer|Certificate")
OUR_OWN = [name for name in MODEL.operation_names if FAMILIES.search(name)]
METRICS = {"GetBucketMetricData", "GetDistributionMetricData", "GetLoadBalancerMetricData"}
# A price list, which is the same everywhere.
HOME_ONLY = [name for name in OUR_OWN if re.search(r"Domain|Subdomain|Distribution", name) and name not in {*METRICS, "GetDistributionBundles"}]
MAKES = re.compile(r"Create(Bucket|Certificate|Distribution|Domain|LoadBalancer|Subdomain)$")
ABOUT_SOMETHING = [name for name in OUR_OWN if not MAKES.match(name) and name not in METRICS and not name.endswith(("Bundles", "Policies"))]
# Where a text has a form of its own.
WORDS = {
    "BucketName": "nothing-here",
    "DomainName": "nothing.example",
    "ResourceName": "nothing",
    "bundleId": "small_1_0",
    "domainEntry": {"name": "www.nothing.example", "type": "A", "target": "192.0.2.1"},
    "attributeName": "HealthCheckPath",
    "attributeValue": "/",
    "subdomainName": "nothing",
}


def example(shape: Any, name: str = "") -> Any:
    """A value that the model allows: required members only."""
    if name in WORDS:
        return WORDS[name]
    if shape.name in WORDS:
        return WORDS[shape.name]
    if isinstance(shape, StructureShape):
        return {member: example(shape.members[member], member) for member in shape.required_members}
    if isinstance(shape, ListShape):
        return [example(shape.member)]
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "nothing"
    return {"integer": 80, "long": 80, "boolean": True, "timestamp": "2026-11-24T00:00:00Z"}[shape.type_name]


def parameters(operation: str) -> dict[str, Any]:
    shape = MODEL.operation_model(operation).input_shape
    found = example(shape) if shape else {}
    # Not required by the model, but what the call is about.
    for member in ("distributionName", "subdomainName", "bucketName"):
        if shape and member in shape.members and not operation.startswith(("GetDistributions", "GetSubdomains", "GetBuckets")):
            found.setdefault(member, example(shape.members[member], member))
    if operation == "CreateDistribution":
        found["origin"] = {"name": "nothing", "regionName": "eu-central-1"}
    return found


def call(client: Any, operation: str, **more: Any) -> Any:
    method = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower()
    return getattr(client, method)(**{**parameters(operation), **more})


def error(client: Any, operation: str, **more: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        call(client, operation, **more)
    return caught.value.response


def test_there_is_something_to_test():
    assert len(OUR_OWN) > 40 and len(HOME_ONLY) > 20


@pytest.mark.parametrize("operation", HOME_ONLY)
def test_only_in_us_east_1(cloud, operation):
    answer = error(cloud.client(), operation)
    assert (answer["Error"]["Code"], answer["code"]) == ("InvalidInputException", "UnsupportedOperation")


@pytest.mark.parametrize("operation", ABOUT_SOMETHING)
def test_nothing_is_there(cloud, operation):
    """What is not there is said so in the class that AWS has for it; lists are empty."""
    client = cloud.client(region="us-east-1")
    if operation in ("GetBuckets", "GetCertificates", "GetDistributions", "GetDomains", "GetLoadBalancers", "GetSubdomains"):
        (found,) = [value for key, value in call(client, operation).items() if isinstance(value, list)]
        assert found == [] and "nextPageToken" not in call(client, operation)
        return
    if operation == "CheckSubdomainAvailability":
        assert call(client, operation)["available"]
        return
    answer = error(client, operation)
    distributions = "Distribution" in operation
    assert answer["Error"]["Code"] == ("InvalidInputException" if distributions else "NotFoundException")
    assert answer["code"] == "DoesNotExist" and "nothing" in answer["Error"]["Message"]


def test_a_support_code_begins_with_an_account_that_is_not_the_owners(cloud):
    """It is the AWS account that hosts the servers."""
    make_instances(cloud, "web")
    make_bucket(cloud, "nothing")
    make_zone(cloud)
    make_load_balancer(cloud)
    client = cloud.client()
    client.allocate_static_ip(staticIpName="ip")
    client.create_key_pair(keyPairName="owner")
    client.create_disk(diskName="data", availabilityZone="eu-central-1a", sizeInGb=8)
    records = list(cloud.daemon.cloud.resources.values())
    assert len(records) >= 7
    for record in records:
        assert record["arn"].split(":")[4] not in record["support_code"], record["type"]
        assert re.match(r"\d{12}/", record["support_code"])


CREATE = {
    "CreateBucket": ("bucketName", "GetBuckets", "buckets", "buckets"),
    "CreateCertificate": ("certificateName", "GetCertificates", "certificates", "certificates_active"),
    "CreateDistribution": ("distributionName", "GetDistributions", "distributions", "distributions"),
    "CreateDomain": ("domainName", "GetDomains", "domains", "domains"),
    "CreateLoadBalancer": ("loadBalancerName", "GetLoadBalancers", "loadBalancers", "load_balancers"),
    "CreateSubdomain": ("subdomainName", "GetSubdomains", "subdomains", "subdomains"),
}


@pytest.mark.parametrize("operation", CREATE)
def test_pages_names_and_quotas(cloud, operation):
    client = cloud.client(region="us-east-1")
    member, listing, key, quota = CREATE[operation]
    if operation == "CreateDistribution":
        make_bucket(cloud, "nothing")
    for name, value in ((quota, 21), ("certificates_per_year", 100)):
        cloud.admin("quota", name=name, value=value)
    names = [f"thing{number:02d}{'.example' if operation == 'CreateDomain' else ''}" for number in range(21)]
    for name in names:
        made = call(client, operation, **{member: name})
        records = made.get("operations") or [made["operation"]]
        assert all(record["operationType"] and record["status"] in ("Started", "Succeeded") for record in records)
        assert all(record["isTerminal"] == (record["status"] == "Succeeded") for record in records)
    first = getattr(client, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", listing).lower())()
    second = getattr(client, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", listing).lower())(pageToken=first["nextPageToken"])
    assert (len(first[key]), len(second[key])) == (20, 1) and "nextPageToken" not in second
    taken = error(client, operation, **{member: names[0]})
    assert taken["code"] == "NameExists" and names[0] in taken["Error"]["Message"]
    full = error(client, operation, **{member: names[0].replace("thing", "other")})
    assert full["code"] == "LimitExceeded"


def test_names_are_unique_across_types(cloud):
    """In one Region; a load balancer and a static IP, say, cannot bear the same name."""
    client = cloud.client(region="us-east-1")
    client.allocate_static_ip(staticIpName="nothing")
    make_bucket(cloud, "origin-of-test")
    make_instances(cloud, "one")
    client.create_load_balancer(loadBalancerName="lb", instancePort=80)
    for operation, more in (
        ("CreateLoadBalancer", {}),
        ("CreateCertificate", {}),
        ("CreateLoadBalancerTlsCertificate", {"loadBalancerName": "lb"}),
        ("CreateDistribution", {"origin": {"name": "origin-of-test", "regionName": "eu-central-1"}}),
        ("CreateBucket", {"bucketName": "nothing"}),
    ):
        assert error(client, operation, **more)["code"] == "NameExists", operation
    # In another Region it is another name.
    cloud.client().create_load_balancer(loadBalancerName="nothing", instancePort=80)
