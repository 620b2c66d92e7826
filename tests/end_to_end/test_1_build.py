"""A site is planned, built by one command, and looked at as a visitor and as its owner."""

from __future__ import annotations

import base64
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


def test_a_misspelt_variable_is_refused_with_the_right_name(cloud):
    run = cloud.play("playbooks/site.yml", "-e", "site_web_node_cuont=3")
    assert run.status != 0 and run.mutating == []
    assert "did you mean site_web_node_count?" in " ".join(run.output.split())


def test_a_resource_of_our_name_that_is_not_ours_is_refused(cloud):
    client = cloud.client()
    client.create_key_pair(keyPairName="rehearsal-key")
    run = cloud.play()
    assert run.status != 0 and run.mutating == []
    assert "does not bear the tag cloudpress:site=rehearsal" in " ".join(run.output.split())
    client.delete_key_pair(keyPairName="rehearsal-key")


def test_a_second_run_while_one_is_going_is_refused(cloud):
    going = cloud.start("playbooks/site.yml", "--tags", "start", "-e", "site_pause_for_design=true")
    lock = cloud.state / "sites" / "rehearsal" / "run.lock"
    deadline = time.monotonic() + 60
    while not lock.exists() or lock.read_text().split()[0] != str(going.pid):
        assert time.monotonic() < deadline and going.poll() is None
        time.sleep(0.1)
    refused = cloud.play("playbooks/site.yml", "--check")
    assert going.wait(timeout=300) == 0
    assert refused.status != 0
    assert "is working on site rehearsal" in " ".join(refused.output.split())


def test_a_pause_for_design_ends_with_its_outcome_and_costs_only_the_primary(cloud):
    run = cloud.play("playbooks/site.yml", "-e", "site_pause_for_design=true", "-e", '{"site_design_tasks": []}')
    assert run.status == 0, run.output[-6000:]
    assert run.outcome == "awaiting_design"
    assert cloud.client().get_load_balancers()["loadBalancers"] == []
    address = re.search(r"http://([0-9.]+)/wp-admin/", run.output)[1]
    assert cloud.visit(f"http://{address}/", address=address).status == 200


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
    assert len({node_of(cookies) for cookies in seen}) == 2
    mine = seen[0]
    for _ in range(6):
        again = cloud.visit(f"{SITE}/", cookies=mine).cookies
        assert not again or node_of(again) == node_of(mine)


def node_of(cookies):
    """Return the part of the load balancer's cookie that stands for the node; what follows is the time."""
    return cookies["AWSALB"].split("|")[0]


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
    return base64.b64encode(text.encode()).decode()
