"""A site is removed; what is not its own stays: another site, foreign records, the media."""

from __future__ import annotations

import pytest

# Minutes each, and each has to stand on the one before: make test-all.
pytestmark = pytest.mark.slow

SECOND = ["-e", "site_name=second", "-e", "site_domain=second-rehearsal.com", "-e", "site_static_ips=none", "-e", "site_domain_register=false"]


def test_a_second_site_waits_for_the_delegation_of_a_domain_registered_elsewhere(cloud):
    cloud.command("domain", "second-rehearsal.com", "--registrant", "elsewhere")
    run = cloud.play("playbooks/site.yml", *SECOND)
    assert run.status == 0 and run.outcome == "awaiting_delegation", run.output[-6000:]
    zone = cloud.client(region="us-east-1").get_domain(domainName="second-rehearsal.com")["domain"]
    for entry in zone["domainEntries"]:
        assert entry["type"] != "NS" or entry["target"].rstrip(".") in run.output


def test_the_same_command_publishes_it_once_the_owner_has_delegated(cloud):
    cloud.command("delegate", "second-rehearsal.com")
    run = cloud.play("playbooks/site.yml", *SECOND)
    assert run.status == 0 and run.outcome == "published", run.output[-6000:]
    assert cloud.visit("https://www.second-rehearsal.com/").status == 200


def test_teardown_needs_the_name_of_the_site(cloud):
    run = cloud.play("playbooks/teardown.yml")
    assert run.status != 0 and run.mutating == []
    assert "site_teardown_confirm=rehearsal" in " ".join(run.output.split())


def test_teardown_leaves_the_other_site_foreign_records_and_the_media(cloud):
    client, dns = cloud.client(), cloud.client(region="us-east-1")
    dns.create_domain_entry(domainName="cloudpress-rehearsal.com", domainEntry={
        "name": "mail.cloudpress-rehearsal.com", "type": "MX", "target": "10 mx.example.net"})
    run = cloud.play("playbooks/teardown.yml", "-e", "site_teardown_confirm=rehearsal")
    assert run.status == 0, run.output[-4000:]
    assert sorted(row["name"] for row in client.get_instances()["instances"]) == ["second-web-1", "second-web-2"]
    assert [row["name"] for row in client.get_load_balancers()["loadBalancers"]] == ["second-lb"]
    assert client.get_static_ips()["staticIps"] == []
    assert "rehearsal-cloudpress-rehearsal-com-media" in [row["name"] for row in client.get_buckets()["buckets"]]
    entries = dns.get_domain(domainName="cloudpress-rehearsal.com")["domain"]["domainEntries"]
    assert [entry["name"] for entry in entries if entry["type"] not in ("NS", "SOA")] == ["mail.cloudpress-rehearsal.com"]
    assert any(row["name"].startswith("rehearsal-final-") for row in client.get_instance_snapshots()["instanceSnapshots"])
    assert cloud.visit("https://www.second-rehearsal.com/").status == 200


def test_a_second_teardown_finds_nothing_to_do(cloud):
    run = cloud.play("playbooks/teardown.yml", "-e", "site_teardown_confirm=rehearsal")
    assert run.status == 0, run.output[-4000:]
    assert run.changed == 0
