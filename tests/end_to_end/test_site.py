"""A site on the local Lightsail, from the plan to a repaired ruin. The tests build on each other."""

from __future__ import annotations

import re
import time

import pytest

SITE = "https://www.cloudpress-rehearsal.com"
NODES = ["rehearsal-web-1", "rehearsal-web-2"]



def test_check_mode_names_everything_and_touches_nothing(cloud):
    run = cloud.play("playbooks/site.yml", "--check")
    assert run.status == 0, run.output[-4000:]
    assert run.mutating == []
    for name in [*NODES, "rehearsal-db", "rehearsal-lb", "rehearsal-cdn", "rehearsal-key", "-media", "cloudpress-rehearsal.com"]:
        assert name in run.output
    assert re.search(r"together: USD \d+\.\d\d a month", run.output)


def test_a_site_above_the_cost_limit_is_refused_before_anything_is_made(cloud):
    run = cloud.play("playbooks/site.yml", "-e", "site_monthly_cost_limit=10")
    assert run.status != 0
    assert "more than site_monthly_cost_limit" in " ".join(run.output.split())
    assert run.mutating == []


def test_one_command_builds_a_published_site(cloud):
    run = cloud.play()
    assert run.status == 0, run.output[-6000:]
    assert run.outcome == "published"
    print(f"built in {run.seconds:.0f} s")


def test_the_second_run_changes_nothing(cloud):
    run = cloud.play()
    assert run.status == 0, run.output[-4000:]
    assert run.mutating == []
    assert run.changed == 0, re.findall(r"TASK.*\n(?:changed.*\n)+", run.output)
    print(f"second run in {run.seconds:.0f} s")


def test_a_visitor_gets_https_and_plain_http_leads_to_it(cloud):
    assert cloud.visit(f"{SITE}/").status == 200
    plain = cloud.visit(SITE.replace("https", "http") + "/")
    assert plain.status in (301, 302) and plain.headers["location"].startswith(SITE)
    other = cloud.visit("https://cloudpress-rehearsal.com/")
    assert other.status == 301 and other.headers["location"].startswith(SITE)


def test_both_nodes_serve_and_a_cookie_keeps_a_visitor_on_one(cloud):
    seen = [cloud.visit(f"{SITE}/").cookies for _ in range(8)]
    assert all(seen)
    assert len({tuple(sorted(cookies.items())) for cookies in seen}) >= 2
    mine = seen[0]
    for _ in range(6):
        again = cloud.visit(f"{SITE}/", cookies=mine).cookies
        assert not again or again == mine


def test_no_page_shows_a_url_of_the_design_phase(cloud):
    front = cloud.visit(f"{SITE}/").text
    pages = {f"{SITE}/", f"{SITE}/about/", *re.findall(rf'href="({SITE}/2026/[^"#?]+)"', front)}
    assert len(pages) > 4
    for page in pages:
        answer = cloud.visit(page)
        assert answer.status == 200, page
        assert not re.search(r"https?://(127\.0\.0\.1|\d+\.\d+\.\d+\.\d+)", answer.text), page


def test_media_come_from_the_cdn_and_the_second_fetch_is_a_hit(cloud):
    front = cloud.visit(f"{SITE}/").text
    media = re.findall(r'https://media\.cloudpress-rehearsal\.com/[^" ]+\.jpg', front)
    assert media
    first, second = cloud.visit(media[0]), cloud.visit(media[0])
    assert first.status == second.status == 200
    assert first.body == second.body and first.body[:2] == b"\xff\xd8"
    assert "hit" in second.headers["x-cache"].lower()


def test_the_bucket_shows_nothing_to_strangers(cloud):
    name = "rehearsal-cloudpress-rehearsal-com-media"
    front = cloud.visit(f"{SITE}/").text
    path = re.search(r"https://media\.cloudpress-rehearsal\.com(/[^\" ]+\.jpg)", front)[1]
    assert cloud.visit(f"https://{name}.s3.eu-central-1.amazonaws.com{path}").status == 403


@pytest.mark.parametrize("node", NODES)
def test_a_node_talks_tls_to_the_managed_database_as_a_limited_user_and_has_no_other(cloud, node):
    php = ("require \"/opt/bitnami/wordpress/wp-load.php\"; global $wpdb; echo $wpdb->get_row(\"SHOW STATUS LIKE \\\"Ssl_cipher\\\"\", ARRAY_N)[1],"
           " \" \", DB_HOST, \" \", implode(\";\", $wpdb->get_col(\"SHOW GRANTS\"));")
    script = f"echo {_base64('<?php ' + php)} | base64 -d > /tmp/ask.php && runuser -u daemon -- /opt/bitnami/php/bin/php /tmp/ask.php; rm -f /tmp/ask.php"
    said = cloud.ssh(node, script)
    assert "TLS_" in said and ".rds.amazonaws.com" in said
    assert not re.search(r"GRANT (?!USAGE)[^;]* ON \*\.\*", said)
    assert cloud.ssh(node, "pgrep -c mariadbd || true").strip() == "0"


def test_nodes_share_files_and_salts_but_not_their_identity(cloud):
    def of_each(command):
        return [cloud.ssh(node, command).strip() for node in NODES]

    salts = of_each("grep -E \"_(KEY|SALT)\" /bitnami/wordpress/wp-config.php | sha256sum")
    core = of_each("cd /opt/bitnami/wordpress && find wp-includes wp-admin -type f | sort | xargs sha256sum | sha256sum")
    assert salts[0] == salts[1] and core[0] == core[1]
    for command in ("hostname", "cat /etc/machine-id", "cat /etc/ssh/ssh_host_ed25519_key.pub"):
        first, second = of_each(command)
        assert first != second, command


def _base64(text):
    import base64

    return base64.b64encode(text.encode()).decode()


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
    deadline = time.monotonic() + 60
    while _health(cloud)["rehearsal-web-2"] == "healthy" and time.monotonic() < deadline:
        time.sleep(0.5)
    assert _health(cloud)["rehearsal-web-2"] in ("unhealthy", "unused")
    assert [cloud.visit(f"{SITE}/").status for _ in range(6)] == [200] * 6
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


def test_teardown_needs_the_name_and_leaves_bucket_and_foreign_things(cloud):
    refused = cloud.play("playbooks/teardown.yml")
    assert refused.status != 0 and refused.mutating == []
    client = cloud.client()
    client.allocate_static_ip(staticIpName="somebody-elses")
    run = cloud.play("playbooks/teardown.yml", "-e", "site_teardown_confirm=rehearsal")
    assert run.status == 0, run.output[-4000:]
    assert client.get_instances()["instances"] == []
    assert client.get_load_balancers()["loadBalancers"] == []
    assert [row["name"] for row in client.get_static_ips()["staticIps"]] == ["somebody-elses"]
    assert [row["name"] for row in client.get_buckets()["buckets"]] == ["rehearsal-cloudpress-rehearsal-com-media"]
