# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_instance and lightsail_instance_info, against the local control plane."""

from __future__ import annotations

import boto3
import pytest

MODULE = "lightsail_instance"
INFO = "lightsail_instance_info"
BLOG = dict(name="blog-1", zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="small_3_0")


@pytest.fixture
def blog(modules):
    modules(MODULE, **BLOG)
    modules.mutating()
    return modules


def test_create_and_delete(modules):
    created = modules.cycle(MODULE, "instance", **BLOG, tags={"cloudpress:site": "blog"})
    assert created["actions"] == ["CreateInstances"]
    instance = created["instance"]
    assert instance["state"]["name"] == "running" and instance["public_ip_address"] and instance["private_ip_address"]
    assert instance["username"] == "admin" and instance["tags"] == {"cloudpress:site": "blog"}
    assert created["diff"]["before"] == {}
    assert created["diff"]["after"] == dict(BLOG, tags={"cloudpress:site": "blog"})

    removed = modules.cycle(MODULE, "instance", name="blog-1", state="absent")
    assert removed["actions"] == ["DeleteInstance"] and removed["instance"] is None


def test_every_option_at_once(modules, cloud):
    cloud.client().create_key_pair(keyPairName="owner")
    created = modules.cycle(
        MODULE,
        "instance",
        **BLOG,
        key_pair_name="owner",
        ip_address_type="ipv4",
        user_data="#!/bin/sh\ntrue",
        metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 2},
        auto_snapshot_time="06:00",
        public_ports=[{"from_port": 22, "cidrs": ["203.0.113.9"]}, {"from_port": 443}],
        state="stopped",
        tags={"a": "b"},
    )
    assert created["actions"] == [
        "CreateInstances", "UpdateInstanceMetadataOptions", "EnableAddOn", "PutInstancePublicPorts", "StopInstance",
    ]
    assert created["instance"]["state"]["name"] == "stopped"
    call = next(c for c in cloud.calls() if c["operation"] == "CreateInstances")
    assert call["parameters"]["userData"] and call["parameters"]["keyPairName"] == "owner"


def test_power(blog):
    stopped = blog.cycle(MODULE, "instance", ("public_ip_address",), name="blog-1", state="stopped")
    assert stopped["actions"] == ["StopInstance"] and stopped["instance"].get("public_ip_address") is None
    assert stopped["diff"]["before"]["state"] == "running" and stopped["diff"]["after"]["state"] == "stopped"
    assert blog(MODULE, name="blog-1")["changed"] is False  # present leaves the power alone
    started = blog.cycle(MODULE, "instance", name="blog-1", state="running")
    assert started["actions"] == ["StartInstance"] and started["instance"]["public_ip_address"]


def test_reboot_is_never_idempotent_and_starts_what_is_stopped(blog):
    for dummy in range(2):
        assert blog(MODULE, name="blog-1", state="rebooted", check=True)["changed"] is True
        assert blog.mutating() == []
        assert blog(MODULE, name="blog-1", state="rebooted")["actions"] == ["RebootInstance"]
        blog.mutating()
    blog(MODULE, name="blog-1", state="stopped")
    assert blog(MODULE, name="blog-1", state="rebooted")["actions"] == ["StartInstance"]


def test_the_firewall_is_compared_as_a_set(blog):
    ports = [{"from_port": 80}, {"from_port": 22, "cidrs": ["203.0.113.0/24", "198.51.100.7"]}, {"from_port": 8, "to_port": -1, "protocol": "icmp"}]
    closed = blog.cycle(MODULE, "instance", name="blog-1", public_ports=ports)
    assert closed["actions"] == ["PutInstancePublicPorts"]
    assert {(p["protocol"], p["from_port"]) for p in closed["diff"]["before"]["public_ports"]} == {("tcp", 22), ("tcp", 80), ("tcp", 443)}
    reordered = [ports[2], dict(ports[1], cidrs=["198.51.100.7/32", "203.0.113.0/24"]), dict(ports[0], to_port=80)]
    assert blog(MODULE, name="blog-1", public_ports=reordered)["changed"] is False
    assert blog(MODULE, name="blog-1")["changed"] is False
    narrowed = blog.cycle(MODULE, "instance", name="blog-1", public_ports=[{"from_port": 22, "ipv6_cidrs": ["2001:db8::/32"]}])
    assert narrowed["instance"]["public_ports"][0]["cidrs"] == []


def test_bad_rules_are_refused_before_anything_happens(modules):
    failure = modules(MODULE, **BLOG, public_ports=[{"from_port": 22, "cidrs": ["203.0.113.0/99"]}], fails=True)
    assert failure["msg"] == "public_ports: '203.0.113.0/99' is not an IPv4 address or network."
    assert modules.mutating() == []


def test_automatic_snapshots(blog):
    switched_on = blog.cycle(MODULE, "instance", name="blog-1", auto_snapshot_time="06:00")
    assert switched_on["actions"] == ["EnableAddOn"]
    assert switched_on["instance"]["add_ons"][0]["snapshot_time_of_day"] == "06:00"
    assert blog.cycle(MODULE, "instance", name="blog-1", auto_snapshot_time="07:00")["actions"] == ["EnableAddOn"]
    assert blog(MODULE, name="blog-1")["changed"] is False
    assert blog.cycle(MODULE, "instance", name="blog-1", auto_snapshot_time="")["actions"] == ["DisableAddOn"]
    assert "full hour" in blog(MODULE, name="blog-1", auto_snapshot_time="06:30", fails=True)["msg"]
    blog(MODULE, name="blog-1", auto_snapshot_time="06:00")
    assert blog(MODULE, name="blog-1", state="absent")["changed"] is True  # AWS refuses that unless it is told to take them along


def test_tags_are_merged_or_purged(blog):
    assert blog.cycle(MODULE, "instance", name="blog-1", tags={"a": "1", "b": "2"})["actions"] == ["TagResource"]
    kept = blog.cycle(MODULE, "instance", name="blog-1", tags={"c": "3"}, purge_tags=False)
    assert kept["instance"]["tags"] == {"a": "1", "b": "2", "c": "3"}
    purged = blog.cycle(MODULE, "instance", name="blog-1", tags={"c": "4"})
    assert purged["actions"] == ["TagResource", "UntagResource"] and purged["instance"]["tags"] == {"c": "4"}
    assert blog(MODULE, name="blog-1")["instance"]["tags"] == {"c": "4"}


@pytest.mark.parametrize(
    "option, current, wanted",
    [
        ("zone", "eu-central-1a", "eu-central-1b"),
        ("blueprint_id", "wordpress_ls_1_0", "debian_12"),
        ("bundle_id", "small_3_0", "large_3_0"),
        ("key_pair_name", "LightsailDefaultKeyPair", "other"),
        ("ip_address_type", "dualstack", "ipv6"),
    ],
)
def test_drift_that_cannot_be_changed_is_an_error(blog, option, current, wanted):
    failure = blog(MODULE, fails=True, name="blog-1", **{option: wanted})
    assert repr(current) in failure["msg"] and repr(wanted) in failure["msg"] and option in failure["msg"]
    assert blog.mutating() == []


def test_the_kind_of_addresses_can_change(blog):
    assert blog.cycle(MODULE, "instance", ("ipv6_addresses",), name="blog-1", ip_address_type="ipv4")["actions"] == ["SetIpAddressType"]


def test_metadata_options_that_are_not_set_are_left_alone(blog):
    changed = blog.cycle(MODULE, "instance", name="blog-1", metadata_options={"http_tokens": "optional"})
    assert changed["actions"] == ["UpdateInstanceMetadataOptions"] and changed["instance"]["metadata_options"]["state"] == "applied"
    assert changed["diff"]["before"]["metadata_options"]["http_tokens"] == "required"
    all_of_it = dict(http_endpoint="disabled", http_put_response_hop_limit=3, http_protocol_ipv6="enabled")
    found = blog.cycle(MODULE, "instance", name="blog-1", metadata_options=all_of_it)["instance"]["metadata_options"]
    assert found == dict(all_of_it, http_tokens="optional", state="applied")
    assert "from 1 to 64" in blog(MODULE, name="blog-1", metadata_options={"http_put_response_hop_limit": 65}, fails=True)["msg"]


def test_ipv6_only_and_back_with_the_plan_of_the_same_size(blog):
    blog("lightsail_static_ip", name="ip", instance_name="blog-1")
    blog.mutating()
    wishes = dict(name="blog-1", ip_address_type="ipv6", accept_bundle_update=True)
    assert "has a static IP" in blog(MODULE, **wishes, check=True, fails=True)["msg"] and blog.mutating() == []
    blog("lightsail_static_ip", name="ip", instance_name="")
    changed = blog.cycle(MODULE, "instance", **wishes, bundle_id="small_ipv6_3_0")
    assert changed["actions"] == ["SetIpAddressType"] and changed["instance"]["bundle_id"] == "small_ipv6_3_0"
    back = blog.cycle(MODULE, "instance", name="blog-1", ip_address_type="dualstack", accept_bundle_update=True)
    assert back["instance"]["bundle_id"] == "small_3_0" and back["instance"]["public_ip_address"]


def test_the_plan_of_a_later_generation(blog, cloud):
    def make_it_old():
        with cloud.daemon.cloud.lock:
            cloud.daemon.cloud.find("Instance", cloud.region, "blog-1")["bundle_id"] = "small_2_0"

    make_it_old()
    assert "'small_2_0' and 'small_3_0' is wanted" in blog(MODULE, name="blog-1", bundle_id="small_3_0", fails=True)["msg"]
    wishes = dict(name="blog-1", bundle_id="small_3_0", accept_bundle_update=True)
    assert blog.cycle(MODULE, "instance", **wishes)["actions"] == ["TagResource", "StopInstance", "StartInstance", "UntagResource"]
    make_it_old()
    blog(MODULE, name="blog-1", state="stopped")
    blog.mutating()
    assert "set state to running" in blog(MODULE, **wishes, fails=True)["msg"]
    assert blog.cycle(MODULE, "instance", **wishes, state="running")["actions"] == ["StartInstance"]
    for wrong in ("large_3_0", "small_2_0", "small_ipv6_3_0"):
        assert repr(wrong) in blog(MODULE, name="blog-1", bundle_id=wrong, accept_bundle_update=True, fails=True)["msg"]


@pytest.mark.parametrize(
    ("next_run", "actions", "power"),
    [
        ({"bundle_id": "small_3_0", "accept_bundle_update": True}, ["StartInstance", "UntagResource"], "running"),
        ({"tags": {"a": "b"}}, ["StartInstance", "UntagResource"], "running"),
        ({"tags": {"a": "c"}, "state": "running"}, ["StartInstance", "TagResource", "UntagResource"], "running"),
        ({"state": "stopped"}, ["UntagResource"], "stopped"),
        ({"state": "absent"}, ["DeleteInstance"], None),
    ],
)
def test_a_new_plan_that_was_left_half_way(blog, cloud, next_run, actions, power):
    with cloud.daemon.cloud.lock:
        cloud.daemon.cloud.find("Instance", cloud.region, "blog-1")["bundle_id"] = "small_2_0"
    blog(MODULE, name="blog-1", tags={"a": "b"})
    cloud.fault("StartInstance", "AccessDeniedException", times=50)
    blog(MODULE, name="blog-1", bundle_id="small_3_0", accept_bundle_update=True, fails=True)
    cloud.admin("clear_faults")
    done = blog.cycle(MODULE, "instance", name="blog-1", **next_run)
    assert done["actions"] == actions
    assert (done["instance"] and done["instance"]["state"]["name"]) == power


def test_from_an_automatic_snapshot(blog, cloud):
    cloud.time_scale(1e-6)
    blog(MODULE, name="blog-1", auto_snapshot_time="06:00")
    cloud.wait_until(lambda: blog("lightsail_snapshot_info", source="blog-1", automatic=True)["auto_snapshots"])
    blog(MODULE, name="blog-1", auto_snapshot_time="")
    date = blog("lightsail_snapshot_info", source="blog-1", automatic=True)["auto_snapshots"][-1]["date"]
    wishes = dict(zone="eu-central-1b", bundle_id="small_3_0", from_instance="blog-1")
    blog.mutating()
    for name, which in (("of-a-day", date), ("of-latest", "latest")):
        made = blog.cycle(MODULE, "instance", name=name, **wishes, auto_snapshot=which)
        assert made["actions"] == ["CreateInstancesFromSnapshot"] and made["instance"]["blueprint_id"] == "wordpress_ls_1_0"
    failure = blog(MODULE, name="no", **wishes, auto_snapshot="2020-01-01", check=True, fails=True)
    assert "There is no automatic snapshot of blog-1 of 2020-01-01; there is: " in failure["msg"]


@pytest.mark.parametrize(
    "missing, sentence",
    [("zone", "without zone"), ("bundle_id", "without bundle_id"), ("blueprint_id", "without blueprint_id, from_snapshot or from_instance")],
)
def test_what_is_missing_is_named(modules, missing, sentence):
    for check in (True, False):
        failure = modules(MODULE, check=check, fails=True, **{k: v for k, v in BLOG.items() if k != missing})
        assert sentence in failure["msg"]
    assert modules.mutating() == []


def test_from_a_snapshot_that_is_still_being_taken(blog):
    blog("lightsail_snapshot", name="golden", source="blog-1", wait=False)
    blog.mutating()
    clone = dict(name="blog-2", zone="eu-central-1b", bundle_id="small_3_0", from_snapshot="golden")
    created = blog.cycle(MODULE, "instance", **clone)
    assert created["actions"] == ["CreateInstancesFromSnapshot"]
    assert created["instance"]["blueprint_id"] == "wordpress_ls_1_0" and created["instance"]["location"]["availability_zone"] == "eu-central-1b"


def test_the_disks_of_a_snapshot_get_names(blog):
    blog("lightsail_disk", name="data", zone="eu-central-1a", size_gb=8, instance_name="blog-1", path="/dev/xvdf")
    blog("lightsail_snapshot", name="golden", source="blog-1")
    blog.mutating()
    clone = dict(name="blog-2", zone="eu-central-1b", bundle_id="small_3_0", from_snapshot="golden", disk_names={"/dev/xvdf": "new-data"})
    blog.cycle(MODULE, "instance", **clone)
    found = blog("lightsail_disk_info", names=["new-data"])["disks"][0]
    assert (found["attached_to"], found["path"], found["size_in_gb"]) == ("blog-2", "/dev/xvdf", 8)


def test_from_a_snapshot_that_does_not_exist(modules):
    failure = modules(MODULE, name="blog-2", zone="eu-central-1b", bundle_id="small_3_0", from_snapshot="golden", fails=True)
    assert "golden" in failure["msg"] and failure["error"]["code"] == "NotFoundException"


def test_host_keys_are_waited_for(modules):
    created = modules(MODULE, **BLOG, host_keys=True)
    keys = created["instance"]["host_keys"]
    assert keys and all(k["algorithm"] and k["public_key"] for k in keys)
    again = modules(MODULE, **BLOG, host_keys=True)
    assert again["changed"] is False and again["instance"]["host_keys"] == keys
    found = modules(INFO, names=["blog-1"], host_keys=True)["instances"][0]
    assert found["host_keys"] == keys
    assert "PRIVATE" not in str(created) + str(again) + str(found)


def test_without_waiting_the_next_run_finishes(modules):
    first = modules(MODULE, **BLOG, wait=False)
    assert first["changed"] is True and first["instance"]["state"]["name"] in ("pending", "running")
    second = modules(MODULE, **BLOG)
    assert second["changed"] is False and second["instance"]["public_ip_address"]


def test_a_lost_answer_is_adopted_by_tags(modules, cloud):
    cloud.fault("CreateInstances", "lost-answer")
    created = modules(MODULE, **BLOG, tags={"cloudpress:site": "blog"})
    assert created["changed"] is True and created["instance"]["state"]["name"] == "running"
    assert len(modules(INFO)["instances"]) == 1


def test_a_failed_operation_ends_the_wait_with_its_reason(modules, cloud):
    cloud.fault("CreateInstances", "failed-operation")
    failure = modules(MODULE, **BLOG, fails=True)
    assert "CreateInstance of blog-1 failed: " in failure["msg"] and failure["changed"] is True


def test_giving_up_names_the_last_state(modules, cloud):
    cloud.time_scale(1)
    failure = modules(MODULE, **BLOG, wait_timeout=1, fails=True)
    assert failure["msg"].startswith("Gave up after 1 seconds (wait_timeout) waiting for ") and "last state: " in failure["msg"]


def test_info_filters_by_name_and_tag(modules):
    for number, site in ((1, "blog"), (2, "blog"), (3, "shop")):
        modules(MODULE, **dict(BLOG, name="web-%d" % number), tags={"site": site}, wait=False)
    modules.mutating()

    def names(**params):
        return [i["name"] for i in modules(INFO, **params)["instances"]]

    assert names() == ["web-1", "web-2", "web-3"]
    assert names(filters={"site": "blog"}) == ["web-1", "web-2"] and names(filters={"site": None}) == names()
    assert names(names=["web-3", "none"]) == ["web-3"] and names(names=["none"]) == [] and names(names=["web-1"], filters={"site": "shop"}) == []
    assert modules.mutating() == []


def test_choices_are_those_of_the_service():
    model = boto3.client("lightsail", region_name="eu-central-1").meta.service_model
    assert set(model.shape_for("IpAddressType").enum) == {"dualstack", "ipv4", "ipv6"}
    assert set(model.shape_for("HttpTokens").enum) == {"optional", "required"}
    assert set(model.shape_for("HttpEndpoint").enum) == set(model.shape_for("HttpProtocolIpv6").enum) == {"enabled", "disabled"}
    assert set(model.shape_for("NetworkProtocol").enum) == {"tcp", "all", "udp", "icmp", "icmpv6"}
