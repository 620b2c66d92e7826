"""A site whose build fails in every stage, one after the other, and is published by repeating one command."""

from __future__ import annotations

import base64
from collections import Counter

import pytest
from layouts import layout

# About one build and ten shorter runs: make test-all.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

SITE = "https://www.cloudpress-rehearsal.com"
# Applied to the front page only, so that the health check, and with it publishing, still succeeds.
BROKEN_FRONT = base64.b64encode(
    b'<?php add_action("template_redirect", function () { if (is_front_page()) { status_header(500); exit; } });').decode()
LAYOUT = layout()
MU_PLUGIN = f"{LAYOUT.content}/mu-plugins/broken-front.php"


def refuse(operation):
    """Have the API refuse an operation for good."""
    return (lambda cloud: cloud.command("fault", operation, "--error", "OperationFailureException", "--message", "Not today.", "--times", "999"),
            lambda cloud: cloud.command("fault", "--clear"))


def on(nodes, damage, repair):
    """Break something on hosts."""
    return tuple(lambda cloud, command=command: [cloud.ssh(node, command) for node in nodes] for command in (damage, repair))


BOTH = ("rehearsal-web-1", "rehearsal-web-2")
FAILURES = {
    "start": ("Start the distribution", *refuse("CreateDistribution")),
    "primary": ("Attach the static IP: rehearsal-web-1", *refuse("AllocateStaticIp")),
    "design": ("Attach the bucket to the nodes", *refuse("SetResourceAccessForBucket")),
    "database": ("Have the database available", *refuse("UpdateRelationalDatabaseParameters")),
    "domain": ("Make the DNS zone", *refuse("CreateDomain")),
    "cdn": ("Point the media host at the distribution", *refuse("CreateDomainEntry")),
    "converge": ("", *on(BOTH[:1], f"mv {LAYOUT.php} {LAYOUT.php}-away", f"mv {LAYOUT.php}-away {LAYOUT.php}")),
    "nodes": ("Start the missing nodes side by side", *refuse("CreateInstancesFromSnapshot")),
    "publish": ("Balance the load over healthy nodes", *refuse("AttachInstancesToLoadBalancer")),
    "verify": ("", *on(BOTH, f"mkdir -p $(dirname {MU_PLUGIN}) && echo {BROKEN_FRONT} | base64 -d > {MU_PLUGIN}", f"rm {MU_PLUGIN}")),
}


@pytest.fixture(scope="module")
def broken(make_cloud):
    return make_cloud("hosts")


@pytest.mark.parametrize("stage", FAILURES)
def test_a_failure_says_its_stage_and_how_to_go_on(broken, stage):
    task, damage, repair = FAILURES[stage]
    damage(broken)
    run = broken.play("playbooks/site.yml", timeout=1700)
    repair(broken)
    said = " ".join(run.output.split())
    assert run.status == 2, run.output[-6000:]
    assert f'The run stopped in the stage {stage} of site rehearsal, at the task "{task}' in said, run.output[-6000:]
    assert "repeat the same command: it goes on from here and makes nothing twice" in said


def test_the_last_repetition_publishes_the_site_and_the_next_changes_nothing(broken):
    run = broken.play("playbooks/site.yml", timeout=1700)
    assert (run.status, run.outcome) == (0, "published"), run.output[-6000:]
    assert broken.visit(f"{SITE}/").status == 200
    again = broken.play("playbooks/site.yml", timeout=1700)
    assert (again.status, again.changed, again.mutating) == (0, 0, []), again.output[-6000:]


def test_nothing_was_made_twice(broken):
    made = Counter(call["operation"] for call in broken.calls() if call["outcome"] == "ok")
    once = ("ImportKeyPair", "CreateInstances", "CreateBucket", "CreateRelationalDatabase", "CreateLoadBalancer", "CreateDistribution", "CreateDomain",
            "RegisterDomain", "CreateInstancesFromSnapshot", "CreateLoadBalancerTlsCertificate", "CreateCertificate")
    assert {operation: made[operation] for operation in once} == dict.fromkeys(once, 1)
    assert made["AllocateStaticIp"] == 2
    assert made["CreateInstanceSnapshot"] == 2  # clean slate and golden


def test_a_node_that_does_not_answer_stops_the_run_in_words_and_not_the_site(broken):
    broken.ssh("rehearsal-web-2", "pkill -o -x sshd")
    run = broken.play("playbooks/site.yml", timeout=1700)
    assert run.status == 2 and run.mutating == []
    assert 'stopped in the stage primary of site rehearsal, at the task "Await SSH"' in " ".join(run.output.split()), run.output[-6000:]
    assert broken.visit(f"{SITE}/").status == 200
    broken.client().reboot_instance(instanceName="rehearsal-web-2")
    assert broken.play("playbooks/site.yml", timeout=1700).outcome == "published"
