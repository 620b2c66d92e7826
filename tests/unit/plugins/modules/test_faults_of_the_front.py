# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""test_faults.py for buckets, DNS, certificates, load balancers and distributions: every changing call, hit by every fault."""

from __future__ import annotations

import pytest

BUCKET = "example-media-7f3a"
WEB = ("lightsail_instance", dict(name="web-1", zone="eu-central-1a", blueprint_id="wordpress", bundle_id="nano_3_0"))
WEB_2 = ("lightsail_instance", dict(WEB[1], name="web-2"))
MEDIA = ("lightsail_bucket", dict(name=BUCKET))
ZONE = ("lightsail_dns_zone", dict(name="example.com"))
BALANCER = ("lightsail_lb", dict(name="lb-1"))
CERTIFICATE = {"domain": "example.com", "alternative_names": ["www.example.com"]}
WITH_TLS = ("lightsail_lb", dict(name="lb-1", certificate=CERTIFICATE))
ISSUED = ("lightsail_lb", dict(WITH_TLS[1], wait_for_certificate=True))
CDN = ("lightsail_cdn", dict(name="cdn-1", origin={"name": BUCKET, "region": "eu-central-1"}))
TLS = ("lightsail_certificate", dict(name="tls-1", domain="media.example.com"))
TLS_ISSUED = ("lightsail_certificate", dict(TLS[1], wait_for="issued"))
SECURED = ("lightsail_cdn", dict(name="cdn-1", certificate_name="tls-1"))


def record(value, **more):
    return ("lightsail_dns_record", dict(zone="example.com", name="www.example.com", type="A", value=value, **more))


def access(**options):
    return ("lightsail_bucket_access", dict(bucket=BUCKET, **options))


def but(run, **options):
    return (run[0], dict(run[1], **options))


def only(run, **options):
    return (run[0], dict(name=run[1]["name"], **options))


# operation: what is there before ("prove" sets validation records, "delegate" makes the zone the world's), and the run
CASES = {
    "CreateBucket": ([], but(MEDIA, tags={"a": "b"})),
    "UpdateBucket": ([MEDIA], but(MEDIA, access="objects")),
    "UpdateBucketBundle": ([MEDIA], but(MEDIA, bundle_id="medium_1_0")),
    "DeleteBucket": ([MEDIA], but(MEDIA, state="absent")),
    "TagResource": ([MEDIA], but(MEDIA, tags={"a": "b"})),
    "UntagResource": ([but(MEDIA, tags={"a": "b"})], but(MEDIA, tags={})),
    "SetResourceAccessForBucket": ([MEDIA, WEB, WEB_2, access(instances=["web-1"])], access(instances=["web-2"], purge=True)),
    "CreateBucketAccessKey": ([MEDIA], access(bucket_key="present")),
    "DeleteBucketAccessKey": ([MEDIA, access(bucket_key="present")], access(state="absent")),
    "CreateDomain": ([], but(ZONE, tags={"a": "b"})),
    "DeleteDomain": ([ZONE], but(ZONE, state="absent")),
    "CreateDomainEntry": ([ZONE], record(["192.0.2.1", "192.0.2.2"])),
    "UpdateDomainEntry": ([ZONE, record("192.0.2.1")], record("192.0.2.2")),
    "DeleteDomainEntry": ([ZONE, record(["192.0.2.1", "192.0.2.2"])], record(None, state="absent")),
    "CreateCertificate": ([], but(TLS, tags={"a": "b"})),
    "DeleteCertificate": ([TLS], only(TLS, state="absent")),
    "CreateLoadBalancer": ([], but(BALANCER, tags={"a": "b"})),
    "UpdateLoadBalancerAttribute": ([BALANCER], but(BALANCER, session_stickiness=True, cookie_seconds=60)),
    "SetIpAddressType": ([BALANCER], but(BALANCER, ip_address_type="ipv4")),
    "AttachInstancesToLoadBalancer": ([BALANCER, WEB, WEB_2], but(BALANCER, targets=["web-1", "web-2"])),
    "DetachInstancesFromLoadBalancer": ([WEB, but(BALANCER, targets=["web-1"])], but(BALANCER, targets=[])),
    "CreateLoadBalancerTlsCertificate": ([BALANCER], WITH_TLS),
    "AttachLoadBalancerTlsCertificate": (["delegate", WITH_TLS, "prove"], but(ISSUED, https_redirect=True)),
    "DeleteLoadBalancerTlsCertificate": (
        ["delegate", but(WITH_TLS, certificate={"domain": "old.example.net"}), WITH_TLS, "prove"],
        ISSUED,
    ),
    "DeleteLoadBalancer": ([BALANCER], but(BALANCER, state="absent")),
    "CreateDistribution": ([MEDIA], but(CDN, tags={"a": "b"})),
    "UpdateDistribution": ([MEDIA, CDN], but(CDN, enabled=False)),
    "UpdateDistributionBundle": ([MEDIA, CDN], but(CDN, bundle_id="medium_1_0")),
    "AttachCertificateToDistribution": (["delegate", MEDIA, CDN, TLS, "prove", TLS_ISSUED], SECURED),
    "DetachCertificateFromDistribution": (
        ["delegate", MEDIA, CDN, TLS, "prove", TLS_ISSUED, SECURED],
        but(SECURED, certificate_name=""),
    ),
    "DeleteDistribution": ([MEDIA, CDN], only(CDN, state="absent")),
}


@pytest.mark.parametrize("faults", [("lost-answer",), ("throttle", "500")], ids=["lost-answer", "passing"])
@pytest.mark.parametrize("operation", CASES)
def test_the_run_reaches_its_goal(lab, operation, faults):
    before, (module, arguments) = CASES[operation]
    shown = {}
    for step in before:
        if step == "delegate":
            lab.delegated_zone("example.com")
        elif step == "prove":
            lab.prove(shown)
        else:
            result = lab.run(step[0], **step[1])
            shown = result.get("load_balancer") or result.get("certificate") or shown
    for fault in faults:
        lab.cloud.fault(operation, fault)
    done = lab.run(module, **arguments)
    assert done["changed"] and operation in lab.mutations and operation in done["actions"]
    lab.cloud.admin("clear_faults")
    again = lab.run(module, **arguments)
    assert not again["changed"] and again["diff"]["before"] == again["diff"]["after"] and not lab.mutations


READS = {
    "GetBuckets": MEDIA,
    "GetBucketAccessKeys": access(bucket_key="present"),
    "GetDomain": record("192.0.2.1"),
    "GetCertificates": TLS,
    "GetLoadBalancer": BALANCER,
    "GetLoadBalancerTlsCertificates": WITH_TLS,
    "GetDistributions": CDN,
}


@pytest.mark.parametrize("operation", READS)
def test_reading_is_repeated(lab, operation):
    for module, arguments in (MEDIA, ZONE):
        lab.run(module, **arguments)
    for fault in ("throttle", "500", "lost-answer"):
        lab.cloud.fault(operation, fault)
    module, arguments = READS[operation]
    lab.run(module, **arguments)
