"""A site of Bitnami's nodes moves to the WordPress that Lightsail sells today, and back, while visitors hammer it."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
from layouts import LAYOUTS
from visitors import SITE, Visitors

# Minutes each, and each has to stand on the one before: make test-all.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

HERE = Path(__file__).parent
INVENTORY = HERE.parents[1] / "inventories"
DESIGN = [str(INVENTORY / "sample_design/blog.yml"), str(HERE / "design/banner.yml")]
NODES = [f"rehearsal-web-{number}" for number in (1, 2, 3)]
RENEW = "playbooks/renew.yml"
# Runs on Bitnami's newer PHP, and on no older one.
PICKY = "<?php if ( PHP_VERSION_ID < 80400 ) { function_of_a_newer_php(); }"


def wish(cloud, **more):
    path = cloud.state / "wish.json"
    path.write_text(json.dumps({"site_web_node_count": 3, "site_design_tasks": DESIGN, **more}))
    return "-e", f"@{path}"


def said(run):
    return " ".join(run.output.split())


def nodes(cloud):
    """Return blueprint, bundle and zone of each instance."""
    return {row["name"]: (row["blueprintId"], row["bundleId"], row["location"]["availabilityZone"]) for row in cloud.client().get_instances()["instances"]}


def is_of(cloud, layout):
    """From now on the nodes are reached as hosts of this layout."""
    cloud.layout = LAYOUTS[layout]


def php_versions(cloud):
    return {cloud.php(node, "echo PHP_VERSION;").split(".", 2)[1] for node in NODES}


@pytest.fixture(scope="module")
def old_site(bitnami_cloud):
    """A published site of three Bitnami nodes, in a world that sells no such node any more."""
    cloud = bitnami_cloud
    run = cloud.play("playbooks/site.yml", *wish(cloud), timeout=1500)
    assert run.status == 0 and run.outcome == "published", run.output[-6000:]
    cloud.command("retire", "blueprint", cloud.layout.blueprint)
    cloud.wish = []
    return cloud


def test_check_mode_says_what_is_renewed_and_what_it_costs_and_changes_nothing(old_site):
    run = old_site.play(RENEW, "--check", *wish(old_site))
    assert run.status == 0 and run.mutating == [] and run.changed == 0, run.output[-4000:]
    assert re.search(r"blueprint wordpress_ls_1_0 +rehearsal-web-1, rehearsal-web-2, rehearsal-web-3", run.output), run.output[-4000:]
    assert re.search(r"rehearsal-spare exists beside them, USD [0-9.]+ a month", said(run))


def test_a_plugin_that_is_fatal_on_the_new_php_stops_it_with_the_old_nodes_serving(old_site):
    place, before = f"{old_site.layout.content}/mu-plugins", nodes(old_site)
    for node in NODES:
        old_site.ssh(node, f"echo {base64.b64encode(PICKY.encode()).decode()} | base64 -d > {place}/picky.php")
    with Visitors(old_site) as visitors:
        run = old_site.play(RENEW, *wish(old_site), timeout=1500)
    print(f"stopped after {run.seconds:.0f} s; {visitors}")
    for node in NODES:
        old_site.ssh(node, f"rm {place}/picky.php")
    assert run.status != 0 and "The old nodes serve as before" in said(run), run.output[-6000:]
    assert "function_of_a_newer_php" in said(run) or "is answered with status 200 by" in said(run)
    assert visitors.failed == [] and {name: nodes(old_site)[name] for name in before} == before


def test_the_nodes_are_renewed_without_a_failed_request(old_site):
    old_php = php_versions(old_site)
    with Visitors(old_site) as visitors:
        run = old_site.play(RENEW, *wish(old_site), timeout=1700)
    print(f"renewal of three nodes: {run.seconds:.0f} s; {visitors}")
    assert run.status == 0 and run.outcome == "published", run.output[-8000:]
    assert visitors.failed == [] and visitors.served > 100
    assert set(nodes(old_site)) == set(NODES) and {row[0] for row in nodes(old_site).values()} == {"wordpress_ls_1_0"}
    is_of(old_site, "lightsail")
    assert php_versions(old_site).isdisjoint(old_php)


def test_the_site_is_what_it_was_and_a_second_run_changes_nothing(old_site):
    front = old_site.visit(f"{SITE}/")
    media = re.findall(r'https://media\.cloudpress-rehearsal\.com/[^" ]+\.jpg', front.text)
    assert front.status == 200 and media and old_site.visit(media[0]).body[:2] == b"\xff\xd8"
    assert old_site.visit(f"{SITE}/about/").status == 200
    for playbook in ("playbooks/site.yml", RENEW):
        run = old_site.play(playbook, *wish(old_site))
        assert (run.status, run.changed, run.mutating) == (0, 0, []), (sorted(run.changes), run.output[-3000:])


def test_bundle_and_zones_change_by_the_same_way(old_site):
    more = {"site_web_bundle": "medium_3_0", "site_zones": ["eu-central-1b"], "site_renew_spare": True}
    with Visitors(old_site) as visitors:
        run = old_site.play(RENEW, *wish(old_site, **more), timeout=1700)
    print(f"another bundle and zone for three nodes: {run.seconds:.0f} s; {visitors}")
    assert run.status == 0 and run.outcome == "published", run.output[-8000:]
    assert visitors.failed == []
    assert nodes(old_site) == dict.fromkeys(NODES, ("wordpress_ls_1_0", "medium_3_0", "eu-central-1b"))


def test_the_way_back_brings_the_old_nodes(old_site):
    with Visitors(old_site) as visitors:
        run = old_site.play(RENEW, *wish(old_site), "-e", "site_renew_back=true", timeout=1700)
    print(f"way back: {run.seconds:.0f} s; {visitors}")
    assert run.status == 0 and run.outcome == "published", run.output[-8000:]
    assert visitors.failed == [] and {row[0] for row in nodes(old_site).values()} == {LAYOUTS["bitnami"].blueprint}
    is_of(old_site, "bitnami")
    site = old_site.play("playbooks/site.yml", *wish(old_site))
    assert (site.status, site.changed, site.mutating) == (0, 0, []), (sorted(site.changes), site.output[-3000:])
