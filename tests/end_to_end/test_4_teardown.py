"""A site is removed; what is not its own stays: another site, foreign records, the media."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.timeout(1800)  # for a machine that does other things too

SECOND = ["-e", "site_name=second", "-e", "site_domain=second-rehearsal.com", "-e", "site_static_ips=none", "-e", "site_domain_register=false"]


def test_a_second_site_waits_for_the_delegation_of_a_domain_registered_elsewhere(cloud):
    cloud.command("domain", "second-rehearsal.com", "--registrant", "elsewhere")
    run = cloud.play("playbooks/site.yml", *SECOND)
    assert run.status == 0 and run.outcome == "awaiting_delegation", run.output[-6000:]
    zone = cloud.client(region="us-east-1").get_domain(domainName="second-rehearsal.com")["domain"]
    for entry in zone["domainEntries"]:
        assert entry["type"] != "NS" or entry["target"].rstrip(".") in run.output


def test_teardown_needs_the_name_of_the_site(cloud):
    run = cloud.play("playbooks/teardown.yml")
    assert run.status != 0 and run.mutating == []
    assert "site_teardown_confirm=rehearsal" in " ".join(run.output.split())


def test_a_teardown_that_fails_says_where_and_how_to_go_on(cloud):
    cloud.command("fault", "ReleaseStaticIp", "--error", "OperationFailureException", "--message", "Not today.", "--times", "999")
    run = cloud.play("playbooks/teardown.yml", "-e", "site_teardown_confirm=rehearsal")
    cloud.command("fault", "--clear")
    said = " ".join(run.output.split())
    assert run.status == 2 and 'stopped at the task "Release the static IPs"' in said and "repeat the same command" in said, run.output[-4000:]


def test_teardown_leaves_the_other_site_foreign_records_and_the_media(cloud):
    client, dns = cloud.client(), cloud.client(region="us-east-1")
    others = _names(cloud, "second")
    assert len(others) >= 7  # key pair, primary, bucket, database, load balancer, distribution, zone, certificates
    dns.create_domain_entry(domainName="cloudpress-rehearsal.com", domainEntry={
        "name": "mail.cloudpress-rehearsal.com", "type": "MX", "target": "10 mx.example.net"})
    run = cloud.play("playbooks/teardown.yml", "-e", "site_teardown_confirm=rehearsal")
    assert run.status == 0, run.output[-4000:]
    assert _names(cloud, "second") == others
    assert _names(cloud, "rehearsal") == {("buckets", "rehearsal-cloudpress-rehearsal-com-media"), ("domains", "cloudpress-rehearsal.com")}
    entries = dns.get_domain(domainName="cloudpress-rehearsal.com")["domain"]["domainEntries"]
    assert [entry["name"] for entry in entries if entry["type"] not in ("NS", "SOA")] == ["mail.cloudpress-rehearsal.com"]
    assert any(row["name"].startswith("rehearsal-final-") for row in client.get_instance_snapshots()["instanceSnapshots"])
    address = client.get_instance(instanceName="second-web-1")["instance"]["publicIpAddress"]
    assert cloud.visit_host(address).status == 200


def _names(cloud, site):
    """Return what a site has, by the kind of the API; snapshots, which a teardown makes, not counted."""
    client, everywhere = cloud.client(), cloud.client(region="us-east-1")
    kinds = {"keyPairs": client.get_key_pairs, "instances": client.get_instances, "staticIps": client.get_static_ips, "buckets": client.get_buckets,
             "relationalDatabases": client.get_relational_databases, "loadBalancers": client.get_load_balancers,
             "distributions": everywhere.get_distributions, "domains": everywhere.get_domains}
    found = {(kind, row["name"]) for kind, read in kinds.items() for row in read()[kind]}
    found |= {("certificates", row["certificateName"]) for row in everywhere.get_certificates()["certificates"]}
    return {(kind, name) for kind, name in found if name.startswith((f"{site}-", f"cloudpress-{site}"))}


def test_a_second_teardown_finds_nothing_to_do(cloud):
    run = cloud.play("playbooks/teardown.yml", "-e", "site_teardown_confirm=rehearsal")
    assert run.status == 0, run.output[-4000:]
    assert run.changed == 0


def test_a_teardown_removes_the_zone_once_the_foreign_record_has_gone(cloud):
    dns = cloud.client(region="us-east-1")
    dns.delete_domain_entry(domainName="cloudpress-rehearsal.com", domainEntry={
        "name": "mail.cloudpress-rehearsal.com", "type": "MX", "target": "10 mx.example.net"})
    run = cloud.play("playbooks/teardown.yml", "-e", "site_teardown_confirm=rehearsal")
    assert run.status == 0, run.output[-4000:]
    assert run.mutating == ["DeleteDomain"]
    assert "cloudpress-rehearsal.com" not in [zone["name"] for zone in dns.get_domains()["domains"]]


@pytest.mark.slow
def test_the_other_site_is_published_by_the_same_command_once_its_owner_has_delegated(cloud):
    cloud.command("delegate", "second-rehearsal.com")
    run = cloud.play("playbooks/site.yml", *SECOND)
    assert run.status == 0 and run.outcome == "published", run.output[-6000:]
    assert cloud.visit("https://www.second-rehearsal.com/").status == 200
