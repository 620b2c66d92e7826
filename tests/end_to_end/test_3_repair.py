"""What an owner, an accident or a stranger breaks, the next run repairs; what it cannot repair it says."""

from __future__ import annotations

import re
import time

import pytest

# Minutes each, and each has to stand on the one before: make test-all.
pytestmark = pytest.mark.slow

SITE = "https://www.cloudpress-rehearsal.com"

DAMAGES = {
    "a DNS record": lambda cloud: _drop_record(cloud, "www.cloudpress-rehearsal.com"),
    "session persistence": lambda cloud: cloud.client().update_load_balancer_attribute(
        loadBalancerName="rehearsal-lb", attributeName="SessionStickinessEnabled", attributeValue="false"),
    "a static IP": lambda cloud: cloud.client().detach_static_ip(staticIpName="rehearsal-web-2-ip"),
    "the firewall": lambda cloud: cloud.client().open_instance_public_ports(
        instanceName="rehearsal-web-1", portInfo={"fromPort": 80, "toPort": 80, "protocol": "tcp"}),
    "access to the bucket": lambda cloud: cloud.client().set_resource_access_for_bucket(
        resourceName="rehearsal-web-2", bucketName="rehearsal-cloudpress-rehearsal-com-media", access="deny"),
    "a constant in wp-config.php": lambda cloud: cloud.ssh("rehearsal-web-1", "sed -i /DISALLOW_FILE_MODS/d /bitnami/wordpress/wp-config.php"),
    "the cron timer": lambda cloud: cloud.ssh("rehearsal-web-2", "rm /etc/cron.d/*wordpress* /etc/cron.d/*cloudpress* 2>/dev/null || true"),
}


def _drop_record(cloud, name):
    client = cloud.client(region="us-east-1")
    for entry in client.get_domain(domainName="cloudpress-rehearsal.com")["domain"]["domainEntries"]:
        if entry["name"] == name and entry["type"] == "A":
            client.delete_domain_entry(domainName="cloudpress-rehearsal.com", domainEntry=entry)


def test_what_was_damaged_by_hand_is_repaired_by_the_next_run_and_nothing_else(cloud):
    for damage in DAMAGES.values():
        damage(cloud)
    run = cloud.play()
    assert run.status == 0, run.output[-6000:]
    assert run.outcome == "published"
    assert len(DAMAGES) <= run.changed <= len(DAMAGES) + 3, re.findall(r"TASK.*\n(?:changed.*\n)+", run.output)
    assert cloud.play().changed == 0


def test_a_dead_node_costs_a_few_errors_at_most_and_the_api_tells(cloud):
    cloud.client().stop_instance(instanceName="rehearsal-web-2")
    # Two failed checks, each after the interval (30 s, scaled to 0.6 s) and up to its time-out of 5 s.
    deadline = time.monotonic() + 2 * (0.6 + 5) + 3
    served = 0
    while served < 8:
        assert time.monotonic() < deadline, "visitors still get errors"
        served = served + 1 if cloud.visit(f"{SITE}/").status == 200 else 0
    assert _health(cloud)["rehearsal-web-2"] in ("unhealthy", "unused")
    assert [cloud.visit(f"{SITE}/").status for _ in range(12)] == [200] * 12
    run = cloud.play()
    assert run.status == 0 and run.outcome == "published", run.output[-4000:]
    assert _health(cloud) == {"rehearsal-web-1": "healthy", "rehearsal-web-2": "healthy"}


def _health(cloud):
    summary = cloud.client().get_load_balancer(loadBalancerName="rehearsal-lb")["loadBalancer"]["instanceHealthSummary"]
    return {row["instanceName"]: row["instanceHealth"] for row in summary}


def test_a_deleted_primary_comes_back_from_the_golden_snapshot_with_all_content(cloud):
    before = re.findall(r"Day \d+ on the ridge", cloud.visit(f"{SITE}/").text)
    cloud.client().delete_instance(instanceName="rehearsal-web-1", forceDeleteAddOns=True)
    run = cloud.play()
    assert run.status == 0 and run.outcome == "published", run.output[-6000:]
    assert re.findall(r"Day \d+ on the ridge", cloud.visit(f"{SITE}/").text) == before
    assert _health(cloud) == {"rehearsal-web-1": "healthy", "rehearsal-web-2": "healthy"}


def test_a_deleted_database_stops_the_run_with_the_way_back(cloud):
    client = cloud.client()
    client.delete_relational_database(relationalDatabaseName="rehearsal-db", finalRelationalDatabaseSnapshotName="rehearsal-db-last")
    deadline = time.monotonic() + 120
    while "rehearsal-db" in [row["name"] for row in client.get_relational_databases()["relationalDatabases"]]:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    run = cloud.play()
    assert run.status != 0
    assert run.mutating == []
    assert "restore it from the snapshot rehearsal-db-last" in " ".join(run.output.split())
