"""A published site stays published, however a later run ends: to a visitor media, addresses and nodes are what they were.

Each case breaks something, and has a run fail at it. What is looked at is the same before the run
and after it.
"""

from __future__ import annotations

import base64
import re
import time

import pytest

pytestmark = pytest.mark.timeout(1800)  # for a machine that does other things too

SITE = "https://www.cloudpress-rehearsal.com"
HOSTS = ("www.cloudpress-rehearsal.com", "cloudpress-rehearsal.com", "media.cloudpress-rehearsal.com")
WEB_1, WEB_2 = "rehearsal-web-1", "rehearsal-web-2"
BUCKET = "rehearsal-cloudpress-rehearsal-com-media"
# Pages other than the front page come to a broken end; the checks of the load balancer ask for a file.
BROKEN = base64.b64encode(b'<?php add_action("template_redirect", function () { if (is_front_page()) { status_header(503); } });').decode()


def seen(cloud):
    """Return what visitors see, and what decides it: media, addresses, nodes."""
    front = cloud.visit(f"{SITE}/")
    media = sorted(set(re.findall(r'(?:src|srcset|href)="(https?://[^" ]+/wp-content/uploads/[^" ]+\.jpg)', front.text)))
    assert media
    nodes = [WEB_1, WEB_2] if WEB_2 in _nodes(cloud) else [WEB_1]
    return {
        "front page": (front.status, media),
        "first picture": _picture(cloud, media[0]),
        "plain http": cloud.visit(SITE.replace("https", "http") + "/").headers.get("location"),
        "addresses": {host: _resolves(cloud, host) for host in HOSTS},
        "switches": cloud.php(nodes[-1], """$s = get_option("tantan_wordpress_s3");
            foreach (["serve-from-s3", "enable-delivery-domain", "delivery-provider", "delivery-domain", "remove-local-file", "copy-to-s3"] as $name)
                echo $name, "=", json_encode($s[$name] ?? null), " "; echo home_url(), " ", site_url();"""),
        "wp-config.php": {node: cloud.ssh(node, f"sha256sum {cloud.layout.config}") for node in nodes},
        "targets": _health(cloud),
        "open ports": {node: sorted(row["fromPort"] for row in cloud.client().get_instance_port_states(instanceName=node)["portStates"]) for node in nodes},
    }


def _picture(cloud, url):
    try:
        return cloud.visit(url).status if _resolves(cloud, url.split("/")[2]) else "no address"
    except OSError as error:
        return type(error).__name__


def _resolves(cloud, host):
    done = cloud.command("resolve", host, check=False).split()
    return done[0] if done else ""


def _nodes(cloud):
    return sorted(row["name"] for row in cloud.client().get_instances()["instances"] if row["name"].startswith("rehearsal-web-"))


def _health(cloud):
    summary = cloud.client().get_load_balancer(loadBalancerName="rehearsal-lb")["loadBalancer"]["instanceHealthSummary"]
    return {row["instanceName"]: row["instanceHealth"] for row in summary}


def _until(holds, seconds=120):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)


# ---------------------------------------------------------------- what is broken, so that a run has to call what is refused

def another_port(cloud):
    cloud.client().open_instance_public_ports(instanceName=WEB_1, portInfo={"fromPort": 8080, "toPort": 8080, "protocol": "tcp"})


def no_other_port(cloud):
    cloud.client().close_instance_public_ports(instanceName=WEB_1, portInfo={"fromPort": 8080, "toPort": 8080, "protocol": "tcp"})


def no_access_to_the_bucket(cloud):
    cloud.client().set_resource_access_for_bucket(resourceName=WEB_2, bucketName=BUCKET, access="deny")


def a_public_database(cloud):
    client = cloud.client()
    client.update_relational_database(relationalDatabaseName="rehearsal-db", publiclyAccessible=True, applyImmediately=True)
    _until(lambda: client.get_relational_database(relationalDatabaseName="rehearsal-db")["relationalDatabase"]["state"] == "available")


def no_proof_of_the_domain(cloud):
    dns, domain = cloud.client(region="us-east-1"), "cloudpress-rehearsal.com"
    for entry in dns.get_domain(domainName=domain)["domain"]["domainEntries"]:
        if "acm-validations" in entry["target"]:
            dns.delete_domain_entry(domainName=domain, domainEntry=entry)


def another_cache(cloud):
    cloud.client(region="us-east-1").update_distribution(distributionName="rehearsal-cdn", defaultCacheBehavior={"behavior": "dont-cache"})
    _until(lambda: cloud.distribution()["status"] == "Deployed")


def no_php_for_the_command_line(cloud):
    cloud.ssh(WEB_1, f"mv {cloud.layout.php} {cloud.layout.php}-away")


def php_for_the_command_line(cloud):
    cloud.ssh(WEB_1, f"mv {cloud.layout.php}-away {cloud.layout.php}")


def one_node_less(cloud):
    cloud.client().delete_instance(instanceName=WEB_2, forceDeleteAddOns=True)
    _until(lambda: _nodes(cloud) == [WEB_1])


def a_run(cloud):
    run = cloud.play("playbooks/site.yml", timeout=1700)
    assert (run.status, run.outcome) == (0, "published"), run.output[-6000:]


def a_node_that_differs(cloud):
    cloud.ssh(WEB_2, f"echo \"<?php\" > {cloud.layout.content}/plugins/stray.php")


def nodes_that_are_equal(cloud):
    cloud.ssh(WEB_2, f"rm {cloud.layout.content}/plugins/stray.php")


def a_front_page_that_answers_503(cloud):
    place = f"{cloud.layout.content}/mu-plugins"
    for node in (WEB_1, WEB_2):
        cloud.ssh(node, f"mkdir -p {place} && echo {BROKEN} | base64 -d > {place}/broken.php")


def a_front_page_that_answers(cloud):
    for node in (WEB_1, WEB_2):
        cloud.ssh(node, f"rm {cloud.layout.content}/mu-plugins/broken.php")


def no_record_of_the_media_host(cloud):
    """A look-up of the media host fails."""
    dns, domain = cloud.client(region="us-east-1"), "cloudpress-rehearsal.com"
    for entry in dns.get_domain(domainName=domain)["domain"]["domainEntries"]:
        if entry["name"] == f"media.{domain}":
            dns.delete_domain_entry(domainName=domain, domainEntry=entry)


def a_record_of_the_media_host(cloud):
    domain = "cloudpress-rehearsal.com"
    cloud.client(region="us-east-1").create_domain_entry(domainName=domain, domainEntry={
        "name": f"media.{domain}", "type": "A", "isAlias": True, "target": cloud.distribution()["domainName"]})


def a_certificate_that_nobody_issues(cloud):
    """The media host's certificate is lost, and the records that would prove its successor are not there."""
    no_proof_of_the_domain(cloud)
    client = cloud.client(region="us-east-1")
    client.detach_certificate_from_distribution(distributionName="rehearsal-cdn")
    _until(lambda: cloud.distribution()["status"] == "Deployed")
    client.delete_certificate(certificateName="rehearsal-media-cert")


def nothing(_cloud):
    pass


# To a run of an owner who runs the DNS elsewhere, a look-up that fails or a certificate that is not issued is no failure of a call: what does not
# hold is told by the verification.
EXTERNAL = ("-e", "site_dns=external")
SLOW = pytest.mark.slow
# stage, what is broken, which call is refused, how it is put right where no run does, arguments
CASES = [
    pytest.param("start", another_cache, "UpdateDistribution", nothing, (), marks=SLOW),
    pytest.param("primary", another_port, "PutInstancePublicPorts", no_other_port, (), marks=SLOW),
    pytest.param("design", no_access_to_the_bucket, "SetResourceAccessForBucket", nothing, (), marks=SLOW),
    pytest.param("database", a_public_database, "UpdateRelationalDatabase", nothing, (), marks=SLOW),
    pytest.param("cdn", no_record_of_the_media_host, "CreateDomainEntry", a_record_of_the_media_host, ()),
    pytest.param("domain", no_proof_of_the_domain, "CreateDomainEntry", nothing, (), marks=SLOW),
    pytest.param("converge", no_php_for_the_command_line, "", php_for_the_command_line, (), marks=SLOW),
    pytest.param("nodes", one_node_less, "CreateInstancesFromSnapshot", a_run, (), marks=SLOW),
    pytest.param("publish", a_node_that_differs, "", nodes_that_are_equal, (), marks=SLOW),
    pytest.param("verify", a_front_page_that_answers_503, "", a_front_page_that_answers, (), marks=SLOW),
    pytest.param("verify", no_record_of_the_media_host, "", a_record_of_the_media_host, EXTERNAL),
    pytest.param("verify", a_certificate_that_nobody_issues, "", nothing, EXTERNAL, marks=SLOW),
]


@pytest.mark.parametrize(("stage", "damage", "refused", "repair", "arguments"), CASES)
def test_nothing_is_taken_back_by_a_run_that_fails(cloud, stage, damage, refused, repair, arguments):
    damage(cloud)
    before = seen(cloud)
    if refused:
        cloud.command("fault", refused, "--error", "OperationFailureException", "--message", "Not today.", "--times", "999")
    run = cloud.play("playbooks/site.yml", *arguments)
    cloud.command("fault", "--clear")
    after = seen(cloud)
    repair(cloud)
    said = " ".join(run.output.split())
    print(f"{stage}, {damage.__name__}: exit status {run.status}, outcome {run.outcome or 'none'}, {run.seconds:.0f} s")
    assert after == before, run.output[-4000:]
    assert run.status == 2 and f"The run stopped in the stage {stage} of site rehearsal" in said, run.output[-4000:]


@pytest.mark.slow
def test_the_next_run_repairs_what_the_cases_left(cloud):
    a_run(cloud)
    assert "https://media.cloudpress-rehearsal.com/" in cloud.visit(f"{SITE}/").text
