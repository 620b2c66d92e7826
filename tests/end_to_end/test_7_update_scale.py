"""A site of three nodes is updated, spared a broken update, grown, shrunk and renewed, while visitors hammer it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import tarfile
import time
import zipfile
from pathlib import Path

import jsonschema
import pytest
from visitors import Visitors

# Minutes each, and each has to stand on the one before: make test-all.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

HERE = Path(__file__).parent
INVENTORY = HERE.parents[1] / "inventories"
DESIGN = [str(INVENTORY / "sample_design/blog.yml"), str(HERE / "design/banner.yml")]


def package(folder: Path, name: str, files: dict) -> dict:
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inner, content in sorted(files.items()):
            archive.writestr(inner, content)
    return {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def banner(folder: Path, version: str, code: str = "") -> dict:
    return package(folder, f"banner-{version}", {
        "banner/banner.php": f"<?php\n/* Plugin Name: Banner\n * Version: {version} */\nrequire __DIR__ . '/head.php';\n",
        "banner/head.php": f"<?php\nadd_action( 'wp_head', function () {{ {code} echo \"<meta name='banner' content='{version}'>\\n\"; }} );\n",
    })


def newer_core(cloud, folder: Path) -> dict:
    """WordPress as the nodes have it, repacked as a release with a higher version, another schema, one file more and one less."""
    parent, name = cloud.layout.root.rsplit("/", 1)
    packed = cloud.ssh("rehearsal-web-1", f"tar -C {parent} -cz --exclude={name}/wp-content --exclude={name}/wp-config.php "
                                          f"--transform s,^{name},wordpress, {name} | base64 -w0")
    files = {}
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(packed))) as archive:
        for member in archive:
            if member.isfile():
                files[member.name] = archive.extractfile(member).read()
    text = files["wordpress/wp-includes/version.php"].decode()
    schema = int(re.search(r"wp_db_version = (\d+)", text)[1])
    text = re.sub(r"(\$wp_version = ')[^']+", r"\g<1>6.8.99", text)
    files["wordpress/wp-includes/version.php"] = text.replace(f"wp_db_version = {schema}", f"wp_db_version = {schema + 1}").encode()
    files["wordpress/wp-includes/new-in-this-release.php"] = b"<?php\n"
    del files["wordpress/wp-includes/images/w-logo-blue-white-bg.png"]
    return package(folder, "wordpress-6.8.99", files)


def offer_kernel(cloud, nodes, version):
    """Have the sources of the operating system on the nodes offer a version of a package that, like a kernel, asks for a boot once upgraded."""
    script = f"""set -e
        mkdir -p /srv/repo/tree/DEBIAN /srv/away && cd /srv/repo
        printf '%s\\n' 'Package: rehearsal-kernel' 'Version: {version}' 'Architecture: all' 'Maintainer: nobody <nobody@example.net>' \\
          'Description: test' > tree/DEBIAN/control
        printf '%s\\n' '#!/bin/sh' '[ -z "$2" ] || touch /run/reboot-required' > tree/DEBIAN/postinst
        chmod 755 tree/DEBIAN/postinst
        dpkg-deb --build tree kernel.deb > /dev/null
        {{ dpkg-deb -f kernel.deb; echo 'Filename: ./kernel.deb'; stat -c 'Size: %s' kernel.deb
           sha256sum kernel.deb | sed 's/^/SHA256: /; s/ kernel.deb//'; }} > Packages
        find /etc/apt -name '*.list' -exec mv {{}} /srv/away/ \\; -o -name '*.sources' -exec mv {{}} /srv/away/ \\;
        echo 'deb [trusted=yes] file:/srv/repo ./' > /etc/apt/sources.list.d/rehearsal.list"""
    for node in nodes:
        cloud.ssh(node, f"echo {base64.b64encode(script.encode()).decode()} | base64 -d | bash")


def kernels(cloud, nodes):
    """Return the installed version of that package on each node, and whether the node still waits for a boot."""
    command = "dpkg-query -W -f \"\\${Version} \" rehearsal-kernel; ls /run/reboot-required 2> /dev/null || true"
    return {node: cloud.ssh(node, command).split() for node in nodes}


def boots(cloud, nodes):
    """Return when each node booted."""
    return {node: cloud.ssh(node, "ps -o lstart= -p 1") for node in nodes}


def asked(cloud, node, code):
    """Return what PHP says on a node with WordPress loaded."""
    script = base64.b64encode(f"<?php require '{cloud.layout.root}/wp-load.php'; {code}".encode()).decode()
    return cloud.ssh(node, f"echo {script} | base64 -d | runuser -u {cloud.layout.web_user} -- {cloud.layout.php}")


def manifests(cloud, nodes):
    """Return one hash of core, plugins, themes and wp-config.php for each node."""
    command = (f"cd {cloud.layout.root} && {{ find . -type f; find wp-content/plugins wp-content/themes -type f; }}"
               f" | sort -u | xargs -d \"\\n\" sha256sum | sha256sum; sort {cloud.layout.config} | sha256sum")
    return {node: cloud.ssh(node, command) for node in nodes}


def health(cloud):
    summary = cloud.client().get_load_balancer(loadBalancerName="rehearsal-lb")["loadBalancer"]["instanceHealthSummary"]
    return {row["instanceName"]: row["instanceHealth"] for row in summary}


def nodes_of(count):
    return [f"rehearsal-web-{number}" for number in range(1, count + 1)]


def wish(cloud, packages, count=3):
    """Return the arguments of a playbook run, by way of a file as an owner would have it."""
    path = cloud.state / "wish.json"
    path.write_text(json.dumps({"site_web_node_count": count, "site_design_tasks": DESIGN, "site_update_offers": False,
                                "site_update_packages": packages}))
    return "-e", f"@{path}"


def said(run):
    return " ".join(run.output.split())


@pytest.fixture(scope="module")
def fleet(own_cloud):
    run = own_cloud.play("playbooks/site.yml", *wish(own_cloud, []), timeout=1500)
    assert run.status == 0 and run.outcome == "published", run.output[-6000:]
    for kind, name in own_cloud.made_of():  # AWS sells nothing of it any more: updated, grown and renewed it is all the same
        own_cloud.command("retire", kind, name)
    return own_cloud


@pytest.fixture(scope="module")
def core(fleet, tmp_path_factory):
    return newer_core(fleet, tmp_path_factory.mktemp("core"))


def verified(cloud, *more):
    """Run verify.yml; return the run, the report, and the names of the checks that fail."""
    run = cloud.play("playbooks/verify.yml", *wish(cloud, []), *more)
    report = json.loads((cloud.state / "sites/rehearsal/report.json").read_text())
    jsonschema.validate(report, json.loads((HERE.parents[1] / "roles/site_verify/files/report.schema.json").read_text()))
    assert run.mutating == [] and run.changed == 0, re.findall(r"TASK.*\n(?:changed.*\n)+", run.output)
    return run, report, [check["name"] for check in report["checks"] if not check["ok"]]


def test_verification_of_a_sound_site_ends_well_and_of_a_damaged_one_does_not(fleet):
    run, report, failing = verified(fleet)
    assert run.status == 0 and failing == [] and report["ok"], run.output[-4000:]
    assert sorted(report["nodes"]) == nodes_of(3) and len({node["identity"] for node in report["nodes"].values()}) == 3
    media = len(fleet.objects("rehearsal-cloudpress-rehearsal-com-media"))
    run, report, failing = verified(fleet, "-e", "site_verify_upload=true")
    assert run.status == 0 and [check["ok"] for check in report["checks"] if check["name"].endswith(" upload")] == [True] * 3, run.output[-4000:]
    assert len(fleet.objects("rehearsal-cloudpress-rehearsal-com-media")) == media
    client = fleet.client()
    client.open_instance_public_ports(instanceName="rehearsal-web-2", portInfo={"fromPort": 80, "toPort": 80, "protocol": "tcp"})
    fleet.ssh("rehearsal-web-2", f"rm /etc/cron.d/cloudpress-wordpress; echo \"<?php\" > {fleet.layout.content}/plugins/stray.php")
    client.stop_instance(instanceName="rehearsal-web-3")
    deadline = time.monotonic() + 60
    while health(fleet)["rehearsal-web-3"] == "healthy":
        assert time.monotonic() < deadline
        time.sleep(0.5)
    run, report, failing = verified(fleet)
    assert run.status != 0 and not report["ok"]
    assert failing == ["rehearsal-web-3 target", "rehearsal-web-2 cron", "rehearsal-web-2 public port", "rehearsal-web-3 answers", "rehearsal-web-2 drift"]
    assert "rehearsal-web-2 differs from rehearsal-web-1 in plugins" in said(run)
    fleet.ssh("rehearsal-web-2", f"rm {fleet.layout.content}/plugins/stray.php")
    repaired = fleet.play("playbooks/site.yml", *wish(fleet, []))
    assert repaired.status == 0 and repaired.outcome == "published", repaired.output[-4000:]


def test_check_mode_says_what_an_update_would_change_and_changes_nothing(fleet, core, tmp_path):
    run = fleet.play("playbooks/update.yml", "--check", *wish(fleet, [core, banner(tmp_path, "2.0")]))
    assert run.status == 0, run.output[-4000:]
    assert run.mutating == [] and run.changed == 0
    assert re.search(r"core +wordpress +6\.8\.\d+ +6\.8\.99", run.output) and re.search(r"plugin +banner +1\.0 +2\.0", run.output)


def test_a_broken_update_stops_at_the_first_node_and_the_site_serves(fleet, tmp_path):
    before = manifests(fleet, nodes_of(3))
    with Visitors(fleet) as visitors:
        # It works for the first visitors of the front page and dies in the middle of every other page: status 200, half a page.
        run = fleet.play("playbooks/update.yml", *wish(fleet, [banner(tmp_path, "6.6.6", "if ( ! is_front_page() ) { flush(); die(); }")]))
    print(f"broken update: stopped after {run.seconds:.0f} s; {visitors}")
    assert run.status != 0
    assert "It was taken back and all nodes serve as before" in said(run) and "does not come to its end" in said(run)
    assert visitors.failed == [] and set(visitors.versions) == {"1.0"} and visitors.served > 50
    assert manifests(fleet, nodes_of(3)) == before
    assert health(fleet) == dict.fromkeys(nodes_of(3), "healthy")
    assert not {"CreateInstancesFromSnapshot", "DeleteInstance"} & set(run.mutating)


def test_a_wrong_checksum_or_an_unknown_plugin_is_refused_before_anything_is_changed(fleet, tmp_path):
    good = banner(tmp_path, "2.0")
    wrong = fleet.play("playbooks/update.yml", *wish(fleet, [{**good, "sha256": "0" * 64}]))
    assert wrong.status != 0 and wrong.mutating == [] and "has the SHA-256" in said(wrong)
    other = package(tmp_path, "stranger", {"stranger/stranger.php": "<?php\n/* Plugin Name: Stranger\n * Version: 1 */\n"})
    unknown = fleet.play("playbooks/update.yml", *wish(fleet, [other]))
    assert unknown.status != 0 and unknown.mutating == [] and "which is not installed" in said(unknown)


OFFER = """<?php
add_filter( 'pre_http_request', function ( $answer, $arguments, $url ) {
    $offer = array( 'slug' => 'amazon-s3-and-cloudfront', 'plugin' => 'amazon-s3-and-cloudfront/wordpress-s3.php', 'new_version' => '9.9',
        'package' => 'https://media.cloudpress-rehearsal.com/offload.zip' );
    $body = array( 'plugins' => strpos( $url, '/plugins/' ) ? array( $offer['plugin'] => $offer ) : array(), 'themes' => array(), 'offers' => array(),
        'translations' => array(), 'no_update' => array() );
    return false === strpos( $url, 'api.wordpress.org' ) ? $answer : array( 'headers' => array(), 'cookies' => array(), 'filename' => null,
        'response' => array( 'code' => 200, 'message' => 'OK' ), 'body' => json_encode( $body ) );
}, 10, 3 );
"""


def test_the_offload_plugin_stays_as_the_site_has_it_whatever_is_offered(fleet, tmp_path):
    place = f"{fleet.layout.content}/mu-plugins"
    fleet.ssh("rehearsal-web-1", f"mkdir {place} && echo {base64.b64encode(OFFER.encode()).decode()} | base64 -d > {place}/offer.php")
    run = fleet.play("playbooks/update.yml", *wish(fleet, []), "-e", "site_update_offers=true", "--check")
    fleet.ssh("rehearsal-web-1", f"rm -r {place}")
    assert run.status == 0 and run.mutating == [], run.output[-4000:]
    assert "To be updated on rehearsal" not in run.output
    newer = package(tmp_path, "offload", {"amazon-s3-and-cloudfront/wordpress-s3.php": "<?php\n/* Plugin Name: Offload\n * Version: 9.9 */\n"})
    refused = fleet.play("playbooks/update.yml", *wish(fleet, [newer]))
    assert refused.status != 0 and refused.mutating == [] and "give it as site_offload_plugin_version" in said(refused)


def test_plugin_and_core_are_updated_on_all_nodes_without_a_failed_request(fleet, core, tmp_path):
    packages = [core, banner(tmp_path, "2.0")]
    schema = int(asked(fleet, "rehearsal-web-1", "echo get_option('db_version');"))
    with Visitors(fleet) as visitors:
        run = fleet.play("playbooks/update.yml", *wish(fleet, packages), timeout=1500)
    print(f"update of core and plugin on three nodes: {run.seconds:.0f} s; {visitors}")
    assert run.status == 0 and run.outcome == "published", run.output[-6000:]
    assert visitors.failed == [] and set(visitors.versions) == {"1.0", "2.0"} and visitors.served > 100
    assert len(set(manifests(fleet, nodes_of(3)).values())) == 1
    for node in nodes_of(3):
        assert asked(fleet, node, "echo $wp_version, ' ', get_option('db_version'), ' ', (int) DISALLOW_FILE_MODS;") == f"6.8.99 {schema + 1} 1"
        assert fleet.ssh(node, f"cd {fleet.layout.root} && stat -c %U:%G:%a wp-load.php wp-includes").split() == [
            f"{fleet.layout.owner}:664", f"{fleet.layout.owner}:{fleet.layout.directory_mode}"]
        assert fleet.ssh(node, f"ls {fleet.layout.root}/wp-includes/new-in-this-release.php /etc/cron.d/cloudpress-wordpress")
    assert health(fleet) == dict.fromkeys(nodes_of(3), "healthy")
    again = fleet.play("playbooks/update.yml", *wish(fleet, packages))
    assert again.status == 0 and again.mutating == [] and again.changed == 0, re.findall(r"TASK.*\n(?:changed.*\n)+", again.output)
    site = fleet.play("playbooks/site.yml", *wish(fleet, packages))
    assert site.status == 0 and site.mutating == [] and site.changed == 0, re.findall(r"TASK.*\n(?:changed.*\n)+", site.output)


SYSTEM = ("-e", "site_update_system=true")


def test_the_operating_system_is_upgraded_and_every_node_booted_without_a_failed_request(fleet):
    offer_kernel(fleet, nodes_of(3), 1)
    for node in nodes_of(3):
        fleet.ssh(node, "apt-get -q update && apt-get -q -y install rehearsal-kernel")
    offer_kernel(fleet, nodes_of(3), 2)
    booted, machine = boots(fleet, nodes_of(3)), fleet.ssh("rehearsal-web-1", "cat /etc/machine-id")
    plan = fleet.play("playbooks/update.yml", "--check", *wish(fleet, []), *SYSTEM)
    assert plan.status == 0 and plan.mutating == [] and plan.changed == 0, plan.output[-4000:]
    assert "operating system: rehearsal-kernel" in said(plan)
    with Visitors(fleet) as visitors:
        run = fleet.play("playbooks/update.yml", *wish(fleet, []), *SYSTEM, timeout=1500)
    print(f"upgrade of the operating system with a boot on three nodes: {run.seconds:.0f} s; {visitors}")
    assert run.status == 0 and run.outcome == "published", run.output[-6000:]
    assert visitors.failed == [] and visitors.served > 100
    assert kernels(fleet, nodes_of(3)) == dict.fromkeys(nodes_of(3), ["2"])
    assert [node for node, time in boots(fleet, nodes_of(3)).items() if time == booted[node]] == []
    # The first is the machine that it was, booted once while no visitor came to it; the others are copies of it.
    assert fleet.ssh("rehearsal-web-1", "cat /etc/machine-id") == machine
    order = ("DetachInstancesFromLoadBalancer", "RebootInstance", "AttachInstancesToLoadBalancer")
    assert tuple(operation for operation in run.mutating if operation in order)[:3] == order and run.mutating.count("RebootInstance") == 1
    assert health(fleet) == dict.fromkeys(nodes_of(3), "healthy")
    again = fleet.play("playbooks/update.yml", *wish(fleet, []), *SYSTEM)
    assert again.status == 0 and again.mutating == [] and again.changed == 0, re.findall(r"TASK.*\n(?:changed.*\n)+", again.output)


def test_an_upgrade_that_stops_before_the_boot_is_finished_by_the_next_run(fleet):
    offer_kernel(fleet, nodes_of(3), 3)
    fleet.command("fault", "RebootInstance", "--error", "OperationFailureException", "--message", "Not today.", "--times", "999")
    with Visitors(fleet) as visitors:
        stopped = fleet.play("playbooks/update.yml", *wish(fleet, []), *SYSTEM)
        fleet.command("fault", "--clear")
        between = kernels(fleet, nodes_of(3))
        run = fleet.play("playbooks/update.yml", *wish(fleet, []), *SYSTEM, timeout=1500)
    print(f"upgrade stopped after {stopped.seconds:.0f} s, finished in {run.seconds:.0f} s; {visitors}")
    assert stopped.status != 0 and "Not today." in said(stopped) and "DeleteInstance" not in stopped.mutating
    assert between == {"rehearsal-web-1": ["3", "/run/reboot-required"], "rehearsal-web-2": ["2"], "rehearsal-web-3": ["2"]}
    assert run.status == 0 and run.outcome == "published", run.output[-6000:]
    assert visitors.failed == []
    assert kernels(fleet, nodes_of(3)) == dict.fromkeys(nodes_of(3), ["3"])
    assert health(fleet) == dict.fromkeys(nodes_of(3), "healthy")


def test_fewer_than_two_nodes_and_unknown_names_are_refused(fleet):
    one = fleet.play("playbooks/scale.yml", *wish(fleet, [], count=1))
    assert one.status != 0 and one.mutating == [] and "a load-balanced site needs 2 or more" in said(one)
    unknown = fleet.play("playbooks/scale.yml", *wish(fleet, []), "-e", "site_scale_replace=rehearsal-web-9")
    assert unknown.status != 0 and unknown.mutating == [] and "site_scale_replace names rehearsal-web-9" in said(unknown)
    every = fleet.play("playbooks/scale.yml", *wish(fleet, []), "-e", json.dumps({"site_scale_replace": nodes_of(3)}))
    assert every.status != 0 and every.mutating == [] and "leave at least one out of site_scale_replace" in said(every)


def test_a_site_grows_and_shrinks_by_number(fleet):
    with Visitors(fleet) as visitors:
        out = fleet.play("playbooks/scale.yml", *wish(fleet, [], count=4))
        assert out.status == 0 and out.outcome == "published", out.output[-6000:]
        assert health(fleet) == dict.fromkeys(nodes_of(4), "healthy")
        assert len(set(manifests(fleet, nodes_of(4)).values())) == 1
        back = fleet.play("playbooks/scale.yml", *wish(fleet, [], count=2))
        assert back.status == 0 and back.outcome == "published", back.output[-6000:]
    print(f"3 to 4 nodes in {out.seconds:.0f} s, 4 to 2 in {back.seconds:.0f} s; {visitors}")
    assert visitors.failed == []
    client = fleet.client()
    assert health(fleet) == dict.fromkeys(nodes_of(2), "healthy")
    assert sorted(row["name"] for row in client.get_instances()["instances"]) == nodes_of(2)
    assert sorted(row["name"] for row in client.get_static_ips()["staticIps"]) == [f"{node}-ip" for node in nodes_of(2)]
    assert back.mutating.index("DetachInstancesFromLoadBalancer") < back.mutating.index("DeleteInstance")
    again = fleet.play("playbooks/scale.yml", *wish(fleet, [], count=2))
    assert again.status == 0 and again.mutating == [] and again.changed == 0, re.findall(r"TASK.*\n(?:changed.*\n)+", again.output)


@pytest.mark.parametrize("node", ["rehearsal-web-2", "rehearsal-web-1"])
def test_any_node_is_replaced_by_another(fleet, node):
    identity = fleet.ssh(node, "cat /etc/machine-id")
    with Visitors(fleet) as visitors:
        run = fleet.play("playbooks/scale.yml", *wish(fleet, [], count=2), "-e", f"site_scale_replace={node}")
    print(f"{node} replaced in {run.seconds:.0f} s; {visitors}")
    assert run.status == 0 and run.outcome == "published", run.output[-6000:]
    assert visitors.failed == []
    assert fleet.ssh(node, "cat /etc/machine-id") != identity
    assert len(set(manifests(fleet, nodes_of(2)).values())) == 1
    assert health(fleet) == dict.fromkeys(nodes_of(2), "healthy")


def test_a_dead_node_is_replaced_and_a_healthy_one_is_not_taken_away_meanwhile(fleet):
    fleet.client().stop_instance(instanceName="rehearsal-web-2")
    deadline = time.monotonic() + 60
    while health(fleet)["rehearsal-web-2"] == "healthy":
        assert time.monotonic() < deadline
        time.sleep(0.5)
    refused = fleet.play("playbooks/scale.yml", *wish(fleet, [], count=2), "-e", "site_scale_replace=rehearsal-web-1")
    assert refused.status != 0 and refused.mutating == [] and "rehearsal-web-2 is not healthy" in said(refused)
    run = fleet.play("playbooks/scale.yml", *wish(fleet, [], count=2), "-e", "site_scale_replace=rehearsal-web-2")
    assert run.status == 0 and run.outcome == "published", run.output[-6000:]
    assert health(fleet) == dict.fromkeys(nodes_of(2), "healthy")
