# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from .helpers import distribution, make_bucket, make_distribution, make_instances, make_load_balancer, make_zone, wait_deployed


def test_us_east_1_only(cloud):
    with pytest.raises(ClientError) as caught:
        cloud.client().get_distributions()
    assert caught.value.response["code"] == "UnsupportedOperation"


def test_missing_is_invalid_input(cloud):
    with pytest.raises(ClientError, match="Requested resource not found") as caught:
        cloud.client(region="us-east-1").get_distributions(distributionName="cdn")
    assert caught.value.response["Error"]["Code"] == "InvalidInputException"


def test_visitors_always_have_the_old_protocol(cloud):
    make_bucket(cloud)
    with pytest.raises(ClientError, match="ipv4 or dualstack"):
        make_distribution(cloud, ipAddressType="ipv6")
    client = make_distribution(cloud)
    with pytest.raises(ClientError, match="ipv4 or dualstack"):
        client.set_ip_address_type(resourceType="Distribution", resourceName="cdn", ipAddressType="ipv6")


def test_what_the_service_fills_in(cloud):
    make_bucket(cloud)
    make_distribution(cloud, cacheBehaviors=[{"path": "wp-content/*", "behavior": "cache"}])
    found = distribution(cloud)
    assert found["origin"] == {
        "name": "media-bucket",
        "resourceType": "Bucket",
        "regionName": "eu-central-1",
        "protocolPolicy": "https-only",
        "responseTimeout": 30,
        "ipAddressType": "ipv4",
        "isPrivateOriginAccessEnabled": False,
    }
    settings = found["cacheBehaviorSettings"]
    assert (settings["defaultTTL"], settings["forwardedHeaders"]["option"]) == (86400, "default")
    assert found["domainName"].startswith("d") and len(found["domainName"]) == len("d0123456789abc.cloudfront.net")
    assert cloud.admin("resolve", name=found["domainName"])["addresses"]


def test_nothing_else_while_it_rolls_out(cloud):
    make_bucket(cloud)
    client = make_distribution(cloud)
    cloud.time_scale(0.01)
    operation = client.update_distribution(distributionName="cdn", isEnabled=False)["operation"]
    for call in (
        lambda: client.update_distribution(distributionName="cdn", isEnabled=True),
        lambda: client.delete_distribution(distributionName="cdn"),
    ):
        with pytest.raises(ClientError, match="Please wait for it to complete before trying again."):
            call()
    cloud.wait_until(lambda: client.get_operation(operationId=operation["id"])["operation"]["isTerminal"])
    assert distribution(cloud)["status"] == "InProgress"
    wait_deployed(cloud)
    assert distribution(cloud)["isEnabled"] is False


def test_origins(cloud):
    make_instances(cloud, "one")
    make_load_balancer(cloud)
    client = cloud.client(region="us-east-1")

    def create(origin, **options):
        return client.create_distribution(
            distributionName="cdn",
            origin={"regionName": "eu-central-1", **origin},
            defaultCacheBehavior={"behavior": "dont-cache"},
            bundleId="small_1_0",
            **options,
        )

    with pytest.raises(ClientError, match="needs a static IP"):
        create({"name": "one"})
    with pytest.raises(ClientError, match="at least one instance"):
        create({"name": "lb"})
    with pytest.raises(ClientError, match="does not exist: nobody"):
        create({"name": "nobody"})
    cloud.client().allocate_static_ip(staticIpName="ip")
    cloud.client().attach_static_ip(staticIpName="ip", instanceName="one")
    with pytest.raises(ClientError, match="when the origin is a bucket"):
        create({"name": "one"}, enablePrivateOriginAccess=True)
    with pytest.raises(ClientError, match="must not be empty"):
        create({"name": "one"}, tags=[{"key": "only"}])
    create({"name": "one"})
    assert distribution(cloud)["origin"]["protocolPolicy"] == "http-only"


def test_certificate_by_attach_makes_names_known(cloud):
    make_zone(cloud)
    make_bucket(cloud)
    client = make_distribution(cloud)
    client.create_certificate(certificateName="cert", domainName="media.shop.example")
    with pytest.raises(ClientError, match="must be issued first"):
        client.attach_certificate_to_distribution(distributionName="cdn", certificateName="cert")
    cloud.wait_until(
        lambda: client.get_certificates(certificateName="cert")["certificates"][0]["certificateDetail"]["status"] == "ISSUED"
    )
    client.attach_certificate_to_distribution(distributionName="cdn", certificateName="cert")
    wait_deployed(cloud)
    assert distribution(cloud)["alternativeDomainNames"] == ["media.shop.example"]
    assert client.get_certificates(certificateName="cert")["certificates"][0]["certificateDetail"]["inUseResourceCount"] == 1
    with pytest.raises(ClientError, match="is in use"):
        client.delete_certificate(certificateName="cert")
    client.detach_certificate_from_distribution(distributionName="cdn")
    wait_deployed(cloud)
    client.delete_certificate(certificateName="cert")
    assert client.get_certificates(certificateName="cert")["certificates"] == []


def test_private_origin_must_carry_the_origin(cloud):
    make_bucket(cloud)
    client = make_distribution(cloud)
    with pytest.raises(ClientError, match="together with origin"):
        client.update_distribution(distributionName="cdn", enablePrivateOriginAccess=True)
    client.update_distribution(
        distributionName="cdn",
        enablePrivateOriginAccess=True,
        origin={"name": "media-bucket", "regionName": "eu-central-1"},
    )
    wait_deployed(cloud)
    (spec,) = cloud.daemon.cloud.data_plane.distributions.values()
    assert spec["origin"]["private"] is True


def test_cache_reset(cloud):
    make_bucket(cloud)
    client = make_distribution(cloud)
    assert "status" not in client.get_distribution_latest_cache_reset(distributionName="cdn")
    client.reset_distribution_cache(distributionName="cdn")
    cloud.wait_until(
        lambda: client.get_distribution_latest_cache_reset(distributionName="cdn")["status"] == "Completed"
    )


def test_delete_is_slow_and_frees_the_bucket(cloud):
    make_bucket(cloud)
    client = make_distribution(cloud)
    with pytest.raises(ClientError, match="is the origin of a distribution"):
        cloud.client().delete_bucket(bucketName="media-bucket")
    client.delete_distribution(distributionName="cdn")
    cloud.wait_until(lambda: client.get_distributions()["distributions"] == [])
    cloud.client().delete_bucket(bucketName="media-bucket")


def test_the_origin_follows_its_address(cloud):
    make_instances(cloud, "one")
    client = cloud.client()
    for name in ("first", "second"):
        client.allocate_static_ip(staticIpName=name)
    client.attach_static_ip(staticIpName="first", instanceName="one")
    make_distribution(cloud, origin={"name": "one", "regionName": "eu-central-1"})

    def origin():
        (spec,) = cloud.daemon.cloud.data_plane.distributions.values()
        return cloud.daemon.cloud.data_plane.lookup(spec["origin"]["host"], "A")

    client.detach_static_ip(staticIpName="first")
    client.attach_static_ip(staticIpName="second", instanceName="one")
    address = client.get_static_ip(staticIpName="second")["staticIp"]["ipAddress"]
    cloud.wait_until(lambda: origin() == [address])
    assert distribution(cloud)["status"] == "Deployed"


def test_the_same_certificate_again_keeps_the_names(cloud):
    make_zone(cloud)
    make_bucket(cloud)
    client = make_distribution(cloud)
    client.create_certificate(certificateName="cert", domainName="media.shop.example")
    cloud.wait_until(lambda: client.get_certificates(certificateName="cert")["certificates"][0]["certificateDetail"]["status"] == "ISSUED")
    client.update_distribution(distributionName="cdn", certificateName="cert")
    wait_deployed(cloud)
    assert (distribution(cloud)["certificateName"], distribution(cloud)["alternativeDomainNames"]) == ("cert", [])
    client.attach_certificate_to_distribution(distributionName="cdn", certificateName="cert")
    wait_deployed(cloud)
    client.update_distribution(distributionName="cdn", certificateName="cert")
    wait_deployed(cloud)
    assert distribution(cloud)["alternativeDomainNames"] == ["media.shop.example"]


def test_error_pages_and_firewall(cloud):
    make_bucket(cloud)
    page = {"errorCode": 404, "responseCode": "200", "responsePagePath": "/404.html"}
    client = make_distribution(cloud, customErrorResponses=[page])
    assert distribution(cloud)["customErrorResponses"] == [{**page, "errorCachingMinTTL": 10}] and "waf" not in distribution(cloud)
    assert "customErrorResponses" not in client.get_distributions()["distributions"][0]
    common, php = {"name": "AWSManagedRulesCommonRuleSet"}, {"name": "AWSManagedRulesPHPRuleSet"}
    for wrong, text in (
        ({"customErrorResponses": [{**page, "errorCode": 302}]}, "302"),
        ({"customErrorResponses": [{"errorCode": 404, "responseCode": "200"}]}, "both"),
        ({"customErrorResponses": [page, page]}, "one custom error response"),
        ({"enableWaf": True}, "only for distributions"),
        ({"wafRules": [common]}, "only when WAF is enabled"),
    ):
        with pytest.raises(ClientError, match=text):
            client.update_distribution(distributionName="cdn", **wrong)
    client.update_distribution_bundle(distributionName="cdn", bundleId="medium_1_0")
    wait_deployed(cloud)
    assert distribution(cloud)["waf"] == {"isWafEnabled": False, "wafRules": []}
    bots = {**common, "botControlConfig": {"inspectionLevel": "COMMON"}}
    for wrong, text in (([php], "not available for the bundle"), ([common, common], "once only"), ([bots], "only then")):
        with pytest.raises(ClientError, match=text):
            client.update_distribution(distributionName="cdn", enableWaf=True, wafRules=wrong)
    client.update_distribution(distributionName="cdn", enableWaf=True, wafRules=[common])
    wait_deployed(cloud)
    client.update_distribution(distributionName="cdn", isEnabled=False)
    wait_deployed(cloud)
    assert distribution(cloud)["waf"] == {"isWafEnabled": True, "wafRules": [common]}
    client.update_distribution(distributionName="cdn", enableWaf=False)
    wait_deployed(cloud)
    assert distribution(cloud)["waf"] == {"isWafEnabled": False, "wafRules": []}
