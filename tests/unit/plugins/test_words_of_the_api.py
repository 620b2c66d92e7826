# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words that modules take from the API, compared with botocore's model: an enum that grows or a misspelling shows here."""

from __future__ import annotations

import botocore.session
import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _buckets, _certificates, _distributions
from ansible_collections.cloudpress.lightsail.plugins.modules import lightsail_lb

MODEL = botocore.session.get_session().get_service_model("lightsail")
CDN = _distributions.argument_spec()


def enum(shape):
    return set(MODEL.shape_for(shape).enum)


@pytest.mark.parametrize(
    ("choices", "shape"),
    [
        (CDN["origin"]["options"]["protocol_policy"]["choices"], "OriginProtocolPolicyEnum"),
        (CDN["default_behavior"]["choices"], "BehaviorEnum"),
        (CDN["behaviors"]["options"]["behavior"]["choices"], "BehaviorEnum"),
        (CDN["settings"]["options"]["forwarded_cookies"]["options"]["option"]["choices"], "ForwardValues"),
        (CDN["settings"]["options"]["forwarded_headers"]["options"]["option"]["choices"], "ForwardValues"),
        (CDN["viewer_minimum_tls"]["choices"], "ViewerMinimumTlsProtocolVersionEnum"),
        ([*CDN["ip_address_type"]["choices"], "ipv6"], "IpAddressType"),  # which a distribution cannot be
    ],
)
def test_choices_are_those_of_the_api(choices, shape):
    assert set(choices) == enum(shape)


def test_bucket_access():
    assert {rules["getObject"] for rules in _buckets.ACCESS_RULES.values()} == enum("AccessType")


def test_every_status_of_a_certificate_is_known():
    known = {*_certificates.DEAD, _certificates.PENDING, _certificates.ISSUED}
    assert known == enum("CertificateStatus")
    # UNKNOWN says nothing and is waited out.
    assert known | {"UNKNOWN"} == enum("LoadBalancerTlsCertificateStatus")
    assert set(_certificates.HOPELESS) <= enum("LoadBalancerTlsCertificateFailureReason")


def test_load_balancer():
    attributes = {attribute for dummy, attribute, dummy2 in lightsail_lb.LoadBalancer.attributes}
    assert attributes | {"HttpsRedirectionEnabled", "TlsPolicyName"} == enum("LoadBalancerAttributeName")
    assert {"healthy", "draining"} <= enum("InstanceHealthState")


def test_members_of_settings():
    members = MODEL.shape_for("CacheSettings").members
    assert {member for dummy, member in _distributions.SCALARS} | {item[1] for item in _distributions.FORWARDED} == set(members)
    for dummy, member, dummy2, names in _distributions.FORWARDED:
        assert set(members[member].members) == {"option", names}
