# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_static_ip, against the local control plane."""

from __future__ import annotations

import pytest

MODULE = "lightsail_static_ip"


@pytest.fixture
def instances(modules):
    for name in ("web-1", "web-2"):
        modules("lightsail_instance", name=name, zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="small_3_0")
    return modules


def test_allocate_and_release(modules):
    created = modules.cycle(MODULE, "static_ip", name="address-1")
    assert created["actions"] == ["AllocateStaticIp"]
    assert created["static_ip"]["ip_address"] and created["static_ip"]["is_attached"] is False
    assert created["diff"]["before"] == {} and created["diff"]["after"] == {"name": "address-1"}

    removed = modules.cycle(MODULE, "static_ip", name="address-1", state="absent")
    assert removed["actions"] == ["ReleaseStaticIp"] and removed["static_ip"] is None


def test_attach_move_detach_release(instances):
    created = instances.cycle(MODULE, "static_ip", name="address-1", instance_name="web-1")
    assert created["actions"] == ["AllocateStaticIp", "AttachStaticIp"]
    address = created["static_ip"]["ip_address"]
    instance = instances("lightsail_instance", name="web-1")["instance"]
    assert instance["public_ip_address"] == address and instance["is_static_ip"] is True

    moved = instances.cycle(MODULE, "static_ip", name="address-1", instance_name="web-2")
    assert moved["actions"] == ["DetachStaticIp", "AttachStaticIp"]
    assert moved["diff"]["before"]["instance_name"] == "web-1" and moved["diff"]["after"]["instance_name"] == "web-2"
    assert moved["static_ip"]["ip_address"] == address

    assert instances(MODULE, name="address-1")["changed"] is False  # without the option the attachment is left alone

    detached = instances.cycle(MODULE, "static_ip", name="address-1", instance_name="")
    assert detached["actions"] == ["DetachStaticIp"] and detached["static_ip"]["is_attached"] is False

    instances(MODULE, name="address-1", instance_name="web-1")
    removed = instances.cycle(MODULE, "static_ip", name="address-1", state="absent")
    assert removed["actions"] == ["DetachStaticIp", "ReleaseStaticIp"]


def test_a_missing_instance_costs_the_present_one_nothing(instances):
    instances(MODULE, name="address-1", instance_name="web-1")
    failure = instances(MODULE, name="address-1", instance_name="web-9", fails=True)
    assert failure["msg"] == "The static IP address-1 cannot be attached to the instance web-9, which does not exist."
    assert instances(MODULE, name="address-1", instance_name="web-9", check=True)["changed"] is True  # it may be made by the same play
    assert instances(MODULE, name="address-1")["static_ip"]["attached_to"] == "web-1"


def test_an_address_is_not_taken_away_for_nothing(instances):
    for name, instance in (("address-1", "web-1"), ("address-2", "web-2")):
        instances(MODULE, name=name, instance_name=instance)
    instances("lightsail_instance", name="web-6", zone="eu-central-1a", blueprint_id="debian_12", bundle_id="small_ipv6_3_0", ip_address_type="ipv6")
    instances.mutating()
    for check in (True, False):
        wishes = dict(name="address-1", check=check, fails=True)
        assert "which has the static IP address-2; detach that first" in instances(MODULE, instance_name="web-2", **wishes)["msg"]
        assert "which has IPv6 only" in instances(MODULE, instance_name="web-6", **wishes)["msg"]
        assert "is attached to web-1; set move" in instances(MODULE, instance_name="web-6", move=False, **wishes)["msg"]
    assert instances.mutating() == []
    assert instances(MODULE, name="address-1", instance_name="web-1", move=False)["changed"] is False


def test_a_lost_answer_is_adopted(modules, cloud):
    cloud.fault("AllocateStaticIp", "lost-answer")
    result = modules(MODULE, name="address-1")
    assert result["changed"] is True and result["static_ip"]["ip_address"]
    assert any("lost" in str(warning) for warning in result["warnings"])


def test_a_name_in_use_by_something_else_is_an_error(instances):
    failure = instances(MODULE, name="web-1", fails=True)
    assert "already in use" in failure["msg"] and failure["error"]["code"] == "InvalidInputException"


@pytest.mark.parametrize("kind", ["throttle", "500"])
def test_transient_faults_are_ridden_out(modules, cloud, kind):
    cloud.fault("AllocateStaticIp", kind, times=2)
    cloud.fault("GetStaticIp", kind, times=1)
    assert modules(MODULE, name="address-1")["changed"] is True


def test_a_lasting_fault_is_one_sentence(modules, cloud):
    cloud.fault("AllocateStaticIp", "throttle", times=6)
    failure = modules(MODULE, name="address-1", aws_config={"retries": {"total_max_attempts": 2, "mode": "standard"}}, fails=True)
    assert failure["msg"].startswith("Failed to allocate static ip address-1 (AllocateStaticIp): AWS answered Throttling")
    assert failure["changed"] is False and failure["response_metadata"]["request_id"]


def test_bad_credentials_are_told(modules):
    failure = modules(MODULE, name="address-1", access_key="AKIAREALREALREALREAL", secret_key="not-the-one", fails=True)
    assert failure["error"]["code"] == "UnrecognizedClientException" and "Check the access key" in failure["msg"]
