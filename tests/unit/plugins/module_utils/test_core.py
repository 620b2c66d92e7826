# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the core that need no API. What needs one is tested with the modules, against the local Lightsail."""

from __future__ import annotations

import datetime

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _core, _instance


def client_error(code="InvalidInputException", message="No.", inner=None, retries=0):
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"RequestId": "r-1", "RetryAttempts": retries}}
    if inner:
        response["code"] = inner
    return ClientError(response, "CreateInstances")


def test_an_error_is_one_sentence_with_code_and_request_id():
    failure = _core.describe_error(client_error("AccessDeniedException", "You may\n not.", "Denied"), "CreateInstances", "web-1")
    assert failure.msg == (
        "Failed to create instances web-1 (CreateInstances): AWS answered AccessDeniedException (Denied): You may not."
        " The IAM identity in use is not allowed to do this; grant it the Lightsail action of that name."
    )
    assert failure.details["error"] == {"code": "AccessDeniedException", "message": "You may not.", "inner_code": "Denied"}
    assert failure.details["response_metadata"]["request_id"] == "r-1"
    assert {"boto3_version", "botocore_version"} <= set(failure.details)


def test_errors_without_an_answer_say_what_to_do():
    failure = _core.describe_error(EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "GetInstance", "web-1")
    assert failure.answer_lost and "check the network" in failure.msg
    assert "access_key" in _core.describe_error(NoCredentialsError(), "GetInstance").msg


def test_refused_credentials_name_the_endpoint_that_refused_them():
    failure = _core.describe_error(client_error("UnrecognizedClientException", "Invalid."), "GetRegions", endpoint="http://127.0.0.1:9")
    assert failure.msg.endswith("answers the same. Asked was http://127.0.0.1:9.")
    assert "Asked was" not in _core.describe_error(client_error("AccessDeniedException"), "GetRegions", endpoint="http://127.0.0.1:9").msg


def test_kinds_of_failure_are_told_apart():
    assert _core.describe_error(client_error("NotFoundException"), "GetInstance").not_found
    assert _core.describe_error(client_error(message="Requested resource not found"), "GetDistributions").not_found
    taken = _core.describe_error(client_error(message="Some names are already in use: web-1"), "CreateInstances")
    assert taken.name_taken and not taken.answer_lost and not taken.not_found
    assert _core.describe_error(client_error(message="Some names are already in use: web-1", retries=1), "CreateInstances").answer_lost


def test_snake_shows_tags_as_a_dict_and_times_with_offset():
    time = datetime.datetime(2026, 11, 24, 5, 12, 31, tzinfo=datetime.timezone.utc)
    raw = {"bundleId": "small_3_0", "createdAt": time, "tags": [{"key": "Team", "value": "web"}, {"key": "alone"}], "hostKeys": [{"fingerprintSHA256": "x"}]}
    assert _core.snake(raw) == {
        "bundle_id": "small_3_0",
        "created_at": "2026-11-24T05:12:31+00:00",
        "host_keys": [{"fingerprint_sha256": "x"}],
        "tags": {"Team": "web", "alone": ""},
    }
    assert _core.snake(None) is None


@pytest.mark.parametrize(
    "current, wanted, purge, expected",
    [
        ({"a": "1"}, None, True, ({}, [])),
        ({"a": "1", "b": "2"}, {"a": "1"}, True, ({}, ["b"])),
        ({"a": "1", "b": "2"}, {"a": "1"}, False, ({}, [])),
        ({"aws:x": "1"}, {}, True, ({}, [])),
        ({}, {"n": 1, "yes": True, "none": None}, True, ({"n": "1", "yes": "true", "none": ""}, [])),
    ],
)
def test_tags_are_compared_with_purge(current, wanted, purge, expected):
    assert _core.compare_tags(current, wanted, purge) == expected


def test_a_filter_without_a_value_asks_for_the_key():
    raw = {"tags": [{"key": "site", "value": "blog"}]}
    assert _core.has_tags(raw, {"site": None}) and _core.has_tags(raw, {"site": "blog"}) and _core.has_tags(raw, None)
    assert not _core.has_tags(raw, {"site": "shop"}) and not _core.has_tags({}, {"site": None})


def port(first, last=None, protocol="tcp", **lists):
    return dict(from_port=first, to_port=last, protocol=protocol, **lists)


def test_firewall_rules_are_compared_as_what_they_mean():
    wanted = _instance.normal_ports([port(443), port(22, cidrs=["203.0.113.7", "198.51.100.9/24"])])
    current = _instance.normal_ports(
        [
            port(22, 22, cidrs=["198.51.100.0/24", "203.0.113.7/32"]),
            port(443, 443, cidrs=["0.0.0.0/0"], ipv6_cidrs=["::/0"]),
        ]
    )
    assert _instance.spelled_out(wanted, "dualstack") == current
    assert _instance.spelled_out(wanted, "ipv4") == _instance.without_unused(current, "ipv4") != current
    only_4 = _instance.normal_ports([port(443, 443, cidrs=["0.0.0.0/0"])])
    assert _instance.spelled_out(only_4, "dualstack") != current[1:]  # IPv6 is open and was not asked for


def test_a_rule_never_becomes_open_to_the_world_by_dropping_its_networks():
    only_6 = _instance.normal_ports([port(22, ipv6_cidrs=["2001:db8::/32"])])
    with pytest.raises(_core.Failure, match="no networks of the kind"):
        _instance.spelled_out(only_6, "ipv4")


@pytest.mark.parametrize(
    "rule, sentence",
    [
        (port(22, cidrs=["203.0.113.0/33"]), "not an IPv4 address"),
        (port(22, ipv6_cidrs=["203.0.113.0/24"]), "not an IPv6 address"),
        (port(None), "needs from_port"),
        (port(80, 22), "not a range"),
    ],
)
def test_bad_firewall_rules_are_refused_in_a_sentence(rule, sentence):
    with pytest.raises(_core.Failure, match=sentence):
        _instance.normal_ports([rule])


def test_empty_lists_are_not_sent():
    assert _instance.port_infos(_instance.normal_ports([port(22), port(None, protocol="all", cidrs=["192.0.2.1"])])) == [
        {"fromPort": 0, "toPort": 65535, "protocol": "all", "cidrs": ["192.0.2.1/32"]},
        {"fromPort": 22, "toPort": 22, "protocol": "tcp"},
    ]


def test_an_error_of_the_caller_is_not_a_lost_answer():
    assert not _core.describe_error(NoCredentialsError(), "CreateInstances").answer_lost
    assert not _core.describe_error(client_error("ServiceException", retries=5), "CreateInstances").refused
    assert _core.describe_error(client_error(retries=1), "CreateInstances").refused
