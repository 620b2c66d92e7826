# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from .helpers import load_balancer, make_instances, make_load_balancer, make_zone


def health(cloud):
    return {
        item["instanceName"]: (item["instanceHealth"], item.get("instanceHealthReason"))
        for item in load_balancer(cloud)["instanceHealthSummary"]
    }


def certificate(cloud, name="cert"):
    found = cloud.client().get_load_balancer_tls_certificates(loadBalancerName="lb")["tlsCertificates"]
    return next(item for item in found if item["name"] == name)


def test_targets_come_and_go_slowly(cloud):
    client = make_load_balancer(cloud)
    make_instances(cloud, "one", "two")
    cloud.time_scale(0.05)
    operations = client.attach_instances_to_load_balancer(loadBalancerName="lb", instanceNames=["one", "two"])["operations"]
    assert [(item["resourceName"], item["operationDetails"], item["status"]) for item in operations] == [
        ("lb", "one", "Started"),
        ("one", "lb", "Started"),
        ("lb", "two", "Started"),
        ("two", "lb", "Started"),
    ]
    assert {item["location"]["availabilityZone"] for item in operations} == {"all"}
    assert health(cloud)["one"] == ("initial", "Lb.RegistrationInProgress")
    cloud.wait_until(lambda: health(cloud)["one"] == ("healthy", None))
    cloud.time_scale(0.005)
    operations = client.detach_instances_from_load_balancer(loadBalancerName="lb", instanceNames=["one"])["operations"]
    assert health(cloud)["one"] == ("draining", "Instance.DeregistrationInProgress")
    with pytest.raises(ClientError, match="is being detached"):
        client.attach_instances_to_load_balancer(loadBalancerName="lb", instanceNames=["one"])
    assert not client.get_operation(operationId=operations[0]["id"])["operation"]["isTerminal"]
    cloud.wait_until(lambda: "one" not in health(cloud))
    assert client.get_operation(operationId=operations[0]["id"])["operation"]["isTerminal"]


def test_a_stopped_target_is_unused_and_a_deleted_one_gone(cloud):
    client = make_load_balancer(cloud)
    make_instances(cloud, "one", "two")
    client.attach_instances_to_load_balancer(loadBalancerName="lb", instanceNames=["one", "two"])
    cloud.wait_until(lambda: health(cloud)["one"][0] == "healthy")
    client.stop_instance(instanceName="one")
    assert health(cloud)["one"] == ("unused", "Instance.InvalidState")
    client.delete_instance(instanceName="two")
    assert set(health(cloud)) == {"one"}
    cloud.wait_until(lambda: client.get_instance_state(instanceName="one")["state"]["name"] == "stopped")
    client.detach_instances_from_load_balancer(loadBalancerName="lb", instanceNames=["one"])
    cloud.wait_until(lambda: not health(cloud))
    with pytest.raises(ClientError, match="not in a running state"):
        client.attach_instances_to_load_balancer(loadBalancerName="lb", instanceNames=["one"])


def test_health_as_a_test_wishes_it(cloud):
    client = make_load_balancer(cloud)
    make_instances(cloud, "one")
    client.attach_instances_to_load_balancer(loadBalancerName="lb", instanceNames=["one"])
    cloud.admin("health", instance="one", health="unhealthy", reason="Instance.ResponseCodeMismatch")
    cloud.wait_until(lambda: health(cloud)["one"] == ("unhealthy", "Instance.ResponseCodeMismatch"))


def test_attributes_are_strings(cloud):
    client = make_load_balancer(cloud)

    def update(name, value):
        return client.update_load_balancer_attribute(loadBalancerName="lb", attributeName=name, attributeValue=value)

    operation = update("SessionStickinessEnabled", "true")["operations"][0]
    assert (operation["operationDetails"], operation["status"]) == ("SessionStickinessEnabled", "Succeeded")
    update("SessionStickiness_LB_CookieDurationSeconds", "3600")
    update("HealthCheckPath", "/health")
    found = load_balancer(cloud)
    assert found["configurationOptions"]["SessionStickinessEnabled"] == "true"
    assert found["configurationOptions"]["SessionStickiness_LB_CookieDurationSeconds"] == "3600"
    assert found["healthCheckPath"] == "/health"
    for name, value, text in (
        ("HealthCheckPath", "health", "The HealthCheckPath value is not valid. HealthCheckPath must begin with a '/'"),
        ("HttpsRedirectionEnabled", "true", "needs an attached certificate"),
        ("SessionStickiness_LB_CookieDurationSeconds", "0", "from 1 to 604800"),
        ("SessionStickinessEnabled", "yes", "must be true or false"),
    ):
        with pytest.raises(ClientError, match=text):
            update(name, value)


def test_certificate_waits_for_its_records(cloud):
    zone = make_zone(cloud, delegated=False)
    cloud.time_scale(0.2)
    client = cloud.client()
    operations = client.create_load_balancer(
        loadBalancerName="lb",
        instancePort=80,
        certificateName="cert",
        certificateDomainName="shop.example",
        certificateAlternativeNames=["www.shop.example", "shop.example"],
    )["operations"]
    assert [(item["operationType"], item["resourceType"], item["status"]) for item in operations] == [
        ("CreateLoadBalancer", "LoadBalancer", "Started"),
        ("CreateLoadBalancerTlsCertificate", "LoadBalancerTlsCertificate", "Succeeded"),
        ("CreateLoadBalancerTlsCertificate", "LoadBalancer", "Succeeded"),
    ]
    assert certificate(cloud)["domainValidationRecords"] == []
    cloud.time_scale(0.005)
    records = cloud.wait_until(lambda: certificate(cloud)["domainValidationRecords"])
    assert [item["domainName"] for item in records] == ["shop.example", "www.shop.example"]
    assert all(item["name"].endswith(".") and item["value"].endswith(".acm-validations.aws.") for item in records)
    cloud.wait_until(lambda: certificate(cloud)["domainValidationRecords"][0]["dnsRecordCreationState"]["code"] == "SUCCEEDED")
    assert certificate(cloud)["status"] == "PENDING_VALIDATION" and not {"notBefore", "notAfter", "issuedAt"} & set(certificate(cloud))
    with pytest.raises(ClientError, match="only an issued certificate"):
        client.attach_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="cert")
    names = {item["name"] for item in zone.get_domain(domainName="shop.example")["domain"]["domainEntries"] if item["type"] == "CNAME"}
    assert names == {item["name"].rstrip(".") for item in records}
    cloud.admin("domain", name="shop.example", registrant="elsewhere")
    cloud.admin("delegate", name="shop.example")
    cloud.wait_until(lambda: certificate(cloud)["status"] == "ISSUED")
    found = certificate(cloud)
    assert found["notBefore"] <= found["issuedAt"] < found["notAfter"]
    assert lives(found) == 198
    assert found["subjectAlternativeNames"] == ["shop.example", "www.shop.example"]
    assert (found["issuer"], found["subject"]) == ("Amazon", "CN=shop.example")


def lives(found):
    """Days, as ACM's certificates since February 2026."""
    return round((found["notAfter"] - found["notBefore"]).total_seconds() / 86400)


def test_a_certificate_of_a_distribution_shows_its_dates_once_it_is_issued(cloud):
    zone = make_zone(cloud)

    def read():
        return zone.get_certificates(certificateName="media")["certificates"][0]["certificateDetail"]

    cloud.time_scale(0.02)
    zone.create_certificate(certificateName="media", domainName="media.shop.example")
    assert not {"notBefore", "notAfter", "issuedAt"} & set(read())
    cloud.wait_until(lambda: read()["status"] == "ISSUED")
    assert read()["notBefore"] <= read()["issuedAt"] < read()["notAfter"] and lives(read()) == 198


def test_https_with_a_certificate(cloud):
    make_zone(cloud)
    client = make_load_balancer(cloud)
    client.create_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="cert", certificateDomainName="shop.example")
    cloud.wait_until(lambda: certificate(cloud)["status"] == "ISSUED")
    client.attach_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="cert")
    client.update_load_balancer_attribute(loadBalancerName="lb", attributeName="HttpsRedirectionEnabled", attributeValue="true")
    found = load_balancer(cloud)
    assert (found["protocol"], found["publicPorts"], found["httpsRedirectionEnabled"]) == ("HTTP_HTTPS", [80, 443], True)
    (balancer,) = cloud.daemon.cloud.data_plane.load_balancers.values()
    assert balancer["spec"]["certificate"]["cert_pem"].startswith("-----BEGIN CERTIFICATE-----")
    with pytest.raises(ClientError, match="is in use"):
        client.delete_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="cert")
    client.create_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="other", certificateDomainName="shop.example")
    with pytest.raises(ClientError, match="maximum number of certificates"):
        client.create_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="third", certificateDomainName="shop.example")
    with pytest.raises(ClientError, match="The resource type, LoadBalancerTlsCertificate, is not taggable."):
        client.tag_resource(resourceName="cert", tags=[{"key": "a", "value": "b"}])
    assert certificate(cloud, "other")["domainValidationRecords"] == [] or certificate(cloud, "other")["domainValidationRecords"][0][
        "name"
    ] == certificate(cloud)["domainValidationRecords"][0]["name"]
    client.delete_load_balancer(loadBalancerName="lb")
    cloud.wait_until(lambda: client.get_active_names()["activeNames"] == [])


def test_a_certificate_that_is_not_there_is_named_as_aws_names_it(cloud):
    """The words that AWS's own CloudFormation handlers look for."""
    client = make_load_balancer(cloud)
    with pytest.raises(ClientError, match="The LoadBalancerTlsCert does not exist"):
        client.delete_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="nobody")
    with pytest.raises(ClientError, match="The Certificate does not exist"):
        cloud.client(region="us-east-1").delete_certificate(certificateName="nobody")


def test_a_failed_domain(cloud):
    client = make_load_balancer(cloud)
    client.create_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="cert", certificateDomainName="x.amazonaws.com")
    found = certificate(cloud)
    assert (found["status"], found["failureReason"]) == ("FAILED", "INVALID_PUBLIC_DOMAIN")


def test_certificates_a_year_count_also_when_they_are_gone(cloud):
    cloud.admin("quota", name="certificates_per_year", value=1)
    client = cloud.client(region="us-east-1")
    client.create_certificate(certificateName="cert", domainName="shop.example")
    client.delete_certificate(certificateName="cert")
    with pytest.raises(ClientError, match="you've requested too many certificates for your account"):
        client.create_certificate(certificateName="cert", domainName="shop.example")
    cloud.admin("reset")
    client.create_certificate(certificateName="cert", domainName="shop.example")
