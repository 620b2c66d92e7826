# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_lb and lightsail_lb_info against the local control plane."""

from __future__ import annotations

import pytest

CERTIFICATE = {"domain": "example.com", "alternative_names": ["www.example.com"]}


def balance(lab, **arguments):
    unpredictable = ("validation_records", "instance_health_summary")
    return lab.cycle("lightsail_lb", "load_balancer", unpredictable=unpredictable, name="lb-1", **arguments)


@pytest.fixture
def nodes(lab):
    for number in (1, 2, 3):
        lab.run("lightsail_instance", name=f"web-{number}", zone="eu-central-1a", blueprint_id="wordpress_ls_1_0", bundle_id="nano_3_0")


@pytest.fixture
def zone(lab):
    lab.delegated_zone("example.com")


def test_life(lab):
    made = balance(lab, tags={"a": "b"})
    balancer = made["load_balancer"]
    assert made["actions"] == ["CreateLoadBalancer"]
    assert balancer["state"] == "active" and balancer["protocol"] == "HTTP" and balancer["instance_port"] == 80
    assert balancer["dns_name"].endswith(".eu-central-1.elb.amazonaws.com") and balancer["tags"] == {"a": "b"}
    assert balancer["certificate_status"] is None and balancer["validation_records"] == [] and balancer["targets"] == []
    gone = balance(lab, state="absent")
    assert gone["load_balancer"] is None and gone["actions"] == ["DeleteLoadBalancer"]


def test_a_delete_whose_answer_was_lost_is_awaited_though_no_state_tells_of_it(lab, cloud, short_pauses):
    lab.run("lightsail_lb", name="lb-1")
    cloud.time_scale(0.05)
    cloud.fault("DeleteLoadBalancer", "lost-answer")
    gone = lab.run("lightsail_lb", name="lb-1", state="absent")
    assert gone["changed"] and any("lost" in str(warning) for warning in gone["warnings"])


def test_attributes(lab):
    made = balance(lab, health_check_path="/healthz", session_stickiness=True, cookie_seconds=3600)
    assert made["load_balancer"]["session_stickiness"] and made["load_balancer"]["cookie_seconds"] == 3600
    assert made["load_balancer"]["health_check_path"] == "/healthz"
    assert balance(lab, health_check_path="/")["actions"] == ["UpdateLoadBalancerAttribute"]
    off = balance(lab, session_stickiness=False)
    assert off["diff"]["before"] == {"name": "lb-1", "session_stickiness": True} and off["diff"]["after"]["session_stickiness"] is False
    balance(lab, cookie_seconds=86400)
    balance(lab, tags={"x": "y"})
    for kind in ("ipv4", "ipv6", "dualstack"):
        assert balance(lab, ip_address_type=kind)["actions"] == ["SetIpAddressType"]
    assert not lab.run("lightsail_lb", name="lb-1")["changed"]


@pytest.mark.parametrize(("arguments", "words"), [(dict(health_check_path="healthz"), "begin with '/'"), (dict(cookie_seconds=0), "604800")])
def test_refused_before_anything(lab, arguments, words):
    assert words in lab.fail("lightsail_lb", name="lb-1", **arguments)
    assert not lab.mutations


def test_port_cannot_change(lab):
    lab.run("lightsail_lb", name="lb-1")
    for check in (True, False):
        message = lab.fail("lightsail_lb", check=check, name="lb-1", instance_port=8080)
        assert "80" in message and "8080" in message and not lab.mutations


def test_targets(lab, nodes):
    made = balance(lab, targets=["web-2", "web-1"], wait_for_healthy=True)
    assert made["load_balancer"]["targets"] == ["web-1", "web-2"]
    assert {item["instance_health"] for item in made["load_balancer"]["instance_health_summary"]} == {"healthy"}
    assert not lab.run("lightsail_lb", name="lb-1", targets=["web-1"], purge_targets=False)["changed"]
    assert balance(lab, targets=["web-3"], purge_targets=False)["load_balancer"]["targets"] == ["web-1", "web-2", "web-3"]
    moved = balance(lab, targets=["web-1", "web-3"])
    assert moved["actions"] == ["DetachInstancesFromLoadBalancer"]
    assert [item["instance_name"] for item in moved["load_balancer"]["instance_health_summary"]] == ["web-1", "web-3"]
    swapped = balance(lab, targets=["web-2"], wait_for_healthy=True)
    assert swapped["actions"] == ["AttachInstancesToLoadBalancer", "DetachInstancesFromLoadBalancer"]
    assert balance(lab, targets=[])["load_balancer"]["targets"] == []


def test_stopped_instance_is_no_target(lab, nodes):
    lab.run("lightsail_instance", name="web-1", state="stopped")
    assert "web-1 is stopped" in lab.fail("lightsail_lb", name="lb-1", targets=["web-1"])
    assert "web-9" in lab.fail("lightsail_lb", name="lb-1", targets=["web-9"])


def test_certificate_never_blocks(lab):
    wish = dict(certificate=CERTIFICATE, https_redirect=True, tls_policy="TLS-FS-1-2-Res-2019-08")
    pending = balance(lab, **wish)["load_balancer"]
    assert pending["certificate_name"] == "lb-1-tls" and pending["certificate_status"] == "PENDING_VALIDATION"
    assert not pending["certificate_attached"] and pending["https_redirect_pending"] and not pending["https_redirection_enabled"]
    assert sorted(record["domain_name"] for record in pending["validation_records"]) == ["example.com", "www.example.com"]

    lab.delegated_zone("example.com")
    lab.prove(pending)
    lab.cloud.wait_until(
        lambda: lab.run("lightsail_lb_info", names=["lb-1"])["load_balancers"][0]["tls_certificates"][0]["status"] == "ISSUED"
    )
    attached = balance(lab, **wish)
    balancer = attached["load_balancer"]
    assert balancer["certificate_status"] == "ISSUED" and balancer["certificate_attached"] and balancer["protocol"] == "HTTP_HTTPS"
    assert balancer["https_redirection_enabled"] and not balancer["https_redirect_pending"]
    assert balancer["tls_policy_name"] == "TLS-FS-1-2-Res-2019-08"
    assert attached["actions"] == ["AttachLoadBalancerTlsCertificate", "UpdateLoadBalancerAttribute", "UpdateLoadBalancerAttribute"]

    off = balance(lab, https_redirect=False)
    assert off["actions"] == ["UpdateLoadBalancerAttribute"] and off["load_balancer"]["certificate_name"] == "lb-1-tls"


def test_wait_for_certificate(lab, zone):
    lab.prove(lab.run("lightsail_lb", name="lb-1", certificate=CERTIFICATE)["load_balancer"])
    done = lab.run("lightsail_lb", name="lb-1", certificate=CERTIFICATE, wait_for_certificate=True, https_redirect=True)
    assert done["load_balancer"]["certificate_attached"] and done["load_balancer"]["https_redirection_enabled"]


def test_other_domains_bring_another_certificate(lab, zone):
    lab.prove(lab.run("lightsail_lb", name="lb-1", certificate=CERTIFICATE)["load_balancer"])
    lab.run("lightsail_lb", name="lb-1", certificate=CERTIFICATE, wait_for_certificate=True)
    more = dict(domain="example.com", alternative_names=["www.example.com", "shop.example.net"])
    pending = lab.run("lightsail_lb", name="lb-1", certificate=more)["load_balancer"]
    # The old one stays in use until the new one can take its place.
    assert pending["certificate_name"] == "lb-1-tls-2" and pending["protocol"] == "HTTP_HTTPS" and not pending["certificate_attached"]
    lab.delegated_zone("example.net")
    lab.prove(pending)
    done = lab.run("lightsail_lb", name="lb-1", certificate=more, wait_for_certificate=True)
    assert done["actions"] == ["AttachLoadBalancerTlsCertificate", "DeleteLoadBalancerTlsCertificate"]
    certificates = lab.run("lightsail_lb_info", names=["lb-1"])["load_balancers"][0]["tls_certificates"]
    assert [(item["name"], item["in_use"]) for item in certificates] == [("lb-1-tls-2", True)]
    assert not lab.run("lightsail_lb", name="lb-1", certificate=more)["changed"]


def test_timed_out_certificate_is_replaced(lab):
    lab.run("lightsail_lb", name="lb-1", certificate=CERTIFICATE)
    lab.out_of_time("lb-1-tls")
    replaced = balance(lab, certificate=CERTIFICATE)
    assert replaced["load_balancer"]["certificate_name"] == "lb-1-tls-2"
    assert replaced["load_balancer"]["certificate_status"] == "PENDING_VALIDATION"


def test_what_is_about_to_end_is_replaced(lab, zone):
    lab.prove(lab.run("lightsail_lb", name="lb-1", certificate=CERTIFICATE)["load_balancer"])
    lab.run("lightsail_lb", name="lb-1", certificate=CERTIFICATE, wait_for_certificate=True)
    lab.ends_in("lb-1-tls", 10)
    assert not lab.run("lightsail_lb", name="lb-1", certificate=dict(CERTIFICATE, replace_days=9))["changed"]
    lab.cloud.time_scale(1)
    pending = balance(lab, certificate=CERTIFICATE)
    balancer = pending["load_balancer"]
    assert pending["actions"] == ["CreateLoadBalancerTlsCertificate"] and balancer["certificate_successor"] == "lb-1-tls-2"
    assert (balancer["certificate_name"], balancer["certificate_attached"], balancer["protocol"]) == ("lb-1-tls", True, "HTTP_HTTPS")
    lab.cloud.time_scale(0.001)
    done = lab.run("lightsail_lb", name="lb-1", certificate=CERTIFICATE, wait_for_certificate=True)
    assert done["actions"] == ["AttachLoadBalancerTlsCertificate", "DeleteLoadBalancerTlsCertificate"]
    assert done["load_balancer"]["certificate_name"] == "lb-1-tls-2" and done["load_balancer"]["certificate_successor"] is None
    assert not lab.run("lightsail_lb", name="lb-1", certificate=CERTIFICATE)["changed"]


def test_certificate_name_that_something_else_has(lab):
    lab.run("lightsail_static_ip", name="taken")
    made = lab.run("lightsail_lb", name="lb-1", certificate=dict(CERTIFICATE, name="taken"))
    assert made["load_balancer"]["certificate_name"] == "taken-2"


def test_lost_answers(lab):
    for operation in ("CreateLoadBalancer", "CreateLoadBalancerTlsCertificate"):
        lab.cloud.fault(operation, "lost-answer")
    made = lab.run("lightsail_lb", name="lb-1", certificate=CERTIFICATE, tags={"a": "b"})
    assert made["load_balancer"]["certificate_name"] == "lb-1-tls"


def test_a_target_that_could_not_be_detached_is_not_waited_for(lab, nodes, short_pauses):
    lab.run("lightsail_lb", name="lb-1", targets=["web-1"])
    lab.cloud.fault("DetachInstancesFromLoadBalancer", "throttle", times=1000)
    assert "AWS answered ThrottlingException" in lab.fail("lightsail_lb", name="lb-1", targets=[], wait_timeout=20)


def test_check_mode_on_nothing(lab):
    predicted = lab.run(
        "lightsail_lb", check=True, name="lb-1", targets=["web-9"], certificate=CERTIFICATE, https_redirect=True, wait_for_healthy=True
    )
    assert predicted["changed"] and not lab.mutations
    assert predicted["load_balancer"]["targets"] == ["web-9"] and predicted["load_balancer"]["dns_name"] is None
    assert predicted["load_balancer"]["certificate_status"] == "PENDING_VALIDATION"


def test_ordered_without_a_wait(lab):
    """What a playbook does that starts slow things early; the attributes are set, whenever that is."""
    lab.cloud.time_scale(0.05)
    wish = dict(name="lb-1", health_check_path="/healthz", session_stickiness=True, cookie_seconds=60)
    assert lab.run("lightsail_lb", wait=False, **wish)["load_balancer"]["dns_name"]
    lab.cloud.time_scale(0.001)
    assert not lab.run("lightsail_lb", **wish)["changed"]
    assert lab.run("lightsail_lb", name="lb-1", state="absent", wait=False)["changed"]


@pytest.mark.parametrize("error", ["throttle", "500"])
@pytest.mark.parametrize("operation", ["GetLoadBalancer", "CreateLoadBalancer", "UpdateLoadBalancerAttribute", "CreateLoadBalancerTlsCertificate"])
def test_passing_faults_are_ridden_out(lab, operation, error):
    lab.cloud.fault(operation, error, times=2)
    made = lab.run("lightsail_lb", name="lb-1", session_stickiness=True, certificate=CERTIFICATE, tags={"a": "b"})
    assert made["load_balancer"]["session_stickiness"] and made["load_balancer"]["certificate_name"] == "lb-1-tls"


def test_unhealthy_targets_are_named_when_time_is_up(lab, nodes):
    lab.cloud.admin("health", instance="web-1", health="unhealthy", reason="Instance.ResponseCodeMismatch")
    # Attached before, so that the time is spent on waiting for its health also on a busy machine.
    lab.run("lightsail_lb", name="lb-1", targets=["web-1"])
    message = lab.fail("lightsail_lb", name="lb-1", targets=["web-1"], wait_for_healthy=True, wait_timeout=2)
    assert "web-1 unhealthy (Instance.ResponseCodeMismatch)" in message


def test_info(lab):
    lab.run("lightsail_lb", name="lb-1", tags={"site": "x"}, certificate=CERTIFICATE)
    lab.run("lightsail_lb", name="lb-2")
    assert [item["name"] for item in lab.run("lightsail_lb_info")["load_balancers"]] == ["lb-1", "lb-2"]
    for filtered in (dict(names=["lb-1", "absent"]), dict(filters={"site": "x"})):
        found = lab.run("lightsail_lb_info", **filtered)["load_balancers"]
        assert [item["name"] for item in found] == ["lb-1"]
        assert found[0]["certificate_name"] is None and len(found[0]["validation_records"]) == 2
