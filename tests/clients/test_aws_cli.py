# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AWS CLI: every example that its own manual has for Lightsail, and a site's resources from create to delete."""

from __future__ import annotations

import json
import re
import subprocess
import time

import pytest

pytestmark = pytest.mark.slow

EXAMPLE = re.compile(r"^    (aws lightsail (?:.*\\\n)*.*)$", re.M)


class Aws:
    def __init__(self, cloud, bin_directory, region):
        self.env = {**cloud.env, "PATH": f"{bin_directory}:{cloud.env['PATH']}", "AWS_DEFAULT_REGION": region, "AWS_REGION": region}

    def shell(self, line):
        return subprocess.run(["bash", "-c", line], env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def __call__(self, *arguments):
        """What a call answers."""
        done = subprocess.run(
            ["aws", *map(str, arguments)], env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, f"aws {' '.join(map(str, arguments))}: {done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refused(self, *arguments):
        """How a call is refused: the class, and the text."""
        done = subprocess.run(["aws", *arguments], env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        return refusal(done)


def refusal(done):
    found = re.search(r"An error occurred \((\w+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: (.*)", done.stderr)
    assert done.returncode and found, f"{done.returncode}: {done.stdout}{done.stderr}"
    return found.group(1), found.group(2)


# The examples of the manual in the order of a story; all others only read, and come in between.
BEFORE = "stop-instance start-instance reboot-instance create-key-pair delete-key-pair create-disk create-instances allocate-static-ip".split()
BEFORE += "attach-static-ip create-load-balancer attach-instances-to-load-balancer open-instance-public-ports".split()
BEFORE += "create-domain create-domain-entry create-instance-snapshot create-disk-snapshot create-relational-database-snapshot".split()
BEFORE += "create-load-balancer-tls-certificate attach-load-balancer-tls-certificate".split()
AFTER = "detach-static-ip release-static-ip close-instance-public-ports delete-known-host-keys delete-domain-entry delete-domain".split()
AFTER += "delete-load-balancer-tls-certificate delete-load-balancer delete-disk-snapshot delete-instance-snapshot delete-disk".split()
AFTER += "reboot-relational-database stop-relational-database start-relational-database delete-relational-database".split()
AFTER += "delete-relational-database-snapshot delete-instance".split()
# What has to be done before an example that the manual has no example for.
FIRST = {
    "delete-domain-entry": [
        "aws lightsail create-domain-entry --region us-east-1 --domain-name example.com --domain-entry name=123.example.com,type=A,target=192.0.2.0"
    ],
    "delete-disk": [
        "aws lightsail stop-instance --instance-name WordPress_Multisite-1",
        "aws lightsail detach-disk --disk-name Disk-1",
    ],
}
# Examples that cannot succeed today, and how they are refused.
REFUSED = {
    "peer-vpc": ("InvalidInputException", "PeerVpc is not emulated"),
    "unpeer-vpc": ("InvalidInputException", "UnpeerVpc is not emulated"),
    # MySQL 5.6 and the first generation of plans are retired.
    "create-relational-database": ("InvalidInputException", "mysql_5_6 is not available"),
    "create-relational-database-from-snapshot": ("InvalidInputException", "micro_1_0 is not available"),
    # The manual's load balancer has another certificate.
    "attach-load-balancer-tls-certificate": ("NotFoundException", "The LoadBalancerTlsCert does not exist: Certificate2"),
    # There are no automatic snapshots of 2019.
    "copy-snapshot --source-resource-name": ("NotFoundException", "The AutoSnapshot does not exist: WordPress-1 2019-10-14"),
    "delete-auto-snapshot": ("NotFoundException", "The AutoSnapshot does not exist: WordPress-1 2019-10-10"),
}
REGION = "us-west-2"


def prepare(cloud, client):
    """What the manual's examples find, by its names; returns the id of an operation."""
    cloud.command("offer", "blueprint", "wordpress")  # as it was when the examples were written
    where = {"availabilityZone": "us-west-2a", "blueprintId": "wordpress_ls_1_0", "bundleId": "nano_3_0"}
    client.create_instances(instanceNames=["MEAN-1", "MEAN-2", "MEAN-3", "WordPress-1", "WordPress_Multisite-1"], **where)
    client.create_disk(diskName="Disk", availabilityZone="us-west-2a", sizeInGb=8)
    client.create_key_pair(keyPairName="MyKey1")
    kind = {"relationalDatabaseBlueprintId": "mysql_8_0", "relationalDatabaseBundleId": "micro_2_0"}
    for name in ("Database-1", "Database1"):
        client.create_relational_database(relationalDatabaseName=name, **kind, masterDatabaseName="dbmaster", masterUsername="user")
    client.create_load_balancer(loadBalancerName="MyFirstLoadBalancer", instancePort=80)
    cloud.settle(client)
    certificate = {"certificateName": "MyFirstCertificate", "certificateDomainName": "example.com"}
    client.create_load_balancer_tls_certificate(loadBalancerName="MyFirstLoadBalancer", **certificate)
    for instance, name in (
        ("MEAN-1", "MEAN-1-1571075291"),
        ("MEAN-1", "MEAN-1-1571419854"),
        ("WordPress-1", "WordPress-1-1569866208"),
        ("WordPress-1", "WordPress-1-Snapshot-1"),
    ):
        client.create_instance_snapshot(instanceName=instance, instanceSnapshotName=name)
        cloud.settle(client)
    client.create_disk_snapshot(diskName="Disk", diskSnapshotName="Disk-1-1566839161")
    for name in ("Database-Oregon-1-1566839359", "Database-1-1571350042"):
        client.create_relational_database_snapshot(relationalDatabaseName="Database-1", relationalDatabaseSnapshotName=name)
        cloud.settle(client)
    return client.get_operations()["operations"][0]["id"]


def examples(manual):
    """[name of the operation, command line] in the order of the story."""
    order = {name: number - len(BEFORE) for number, name in enumerate(BEFORE)} | {name: number + 1 for number, name in enumerate(AFTER)}
    paths = sorted(manual.glob("*.rst"), key=lambda path: (order.get(path.stem, 0), path.stem))
    assert {*BEFORE, *AFTER} <= {path.stem for path in paths} and len(paths) > 80
    for path in paths:
        for line in EXAMPLE.findall(path.read_text()):
            yield path.stem, re.sub(r"\s*\\\n\s*", " ", line)


def test_every_example_of_the_manual_is_answered(cloud, awscli):
    """In the Region and with the names that the manual has; upper-case protocols and retired plans are among them."""
    aws = Aws(cloud, awscli, REGION)
    client = cloud.client(REGION)
    operation = prepare(cloud, client)
    (manual,) = awscli.parent.glob("lib/python*/site-packages/awscli/examples/lightsail")
    wrong = []
    for name, line in examples(manual):
        for first in FIRST.get(name, []):
            assert aws.shell(first).returncode == 0
            cloud.settle(client)
        done = aws.shell(line.replace("e5700e8a-daf2-4b49-bc01-3EXAMPLE910a", operation))
        expected = next((words for start, words in REFUSED.items() if line.startswith(f"aws lightsail {start} ")), None)
        if expected:
            type, text = refusal(done)
            wrong += [] if type == expected[0] and expected[1] in text else [f"{line}: {type}: {text}"]
        elif done.returncode or not isinstance(json.loads(done.stdout), dict):
            wrong.append(f"{line}: {done.stdout}{done.stderr}")
        if not name.startswith(("get-", "is-")):
            cloud.settle(client)
    assert not wrong, "\n".join(wrong)


def test_what_the_manual_does_not_show(cloud, awscli, tmp_path):
    """Buckets, certificates, distributions, alarms; input from a file, queries, pages, and how a call is refused."""
    aws = Aws(cloud, awscli, "eu-central-1")
    client = cloud.client("eu-central-1")

    def lightsail(*arguments):
        answer = aws("lightsail", *arguments)
        cloud.settle(client)
        return answer

    request = {"availabilityZone": "eu-central-1a", "blueprintId": "wordpress_ls_1_0", "bundleId": "nano_2_0", "instanceNames": ["web.1"]}
    (tmp_path / "request.json").write_text(json.dumps(request))
    assert lightsail("create-instances", "--cli-input-json", f"file://{tmp_path}/request.json")["operations"][0]["operationType"] == "CreateInstance"
    stopped = lightsail("stop-instance", "--instance-name", "web.1")["operations"][0]
    assert stopped["operationDetails"] == ""
    assert lightsail("get-instances", "--query", "instances[].[name, state.name, bundleId]") == [["web.1", "stopped", "nano_2_0"]]
    lightsail("put-instance-public-ports", "--instance-name", "web.1", "--port-infos", "fromPort=0,toPort=65535,protocol=ALL")
    states = lightsail("get-instance-port-states", "--instance-name", "web.1")["portStates"]
    assert [(state["protocol"], state["state"]) for state in states] == [("-1", "open")]

    lightsail("create-bucket", "--bucket-name", "media-of-the-shop", "--bundle-id", "small_1_0")
    key = lightsail("create-bucket-access-key", "--bucket-name", "media-of-the-shop")["accessKey"]
    assert "secretAccessKey" not in lightsail("get-bucket-access-keys", "--bucket-name", "media-of-the-shop")["accessKeys"][0]
    lightsail("set-resource-access-for-bucket", "--resource-name", "web.1", "--bucket-name", "media-of-the-shop", "--access", "allow")
    assert aws.refused("lightsail", "delete-bucket", "--bucket-name", "media-of-the-shop")[0] == "InvalidInputException"
    lightsail("delete-bucket-access-key", "--bucket-name", "media-of-the-shop", "--access-key-id", key["accessKeyId"])

    # A certificate tells its dates once it is issued.
    home = ("--region", "us-east-1")
    cloud.command("domain", "shop.example")
    lightsail("create-domain", "--domain-name", "shop.example", *home)
    cloud.command("delegate", "shop.example")
    lightsail("create-certificate", "--certificate-name", "cert", "--domain-name", "shop.example", *home)
    detail = {}
    deadline = time.monotonic() + 30
    while detail.get("status") != "ISSUED" and time.monotonic() < deadline:
        (found,) = lightsail("get-certificates", "--include-certificate-details", "--certificate-name", "cert", *home)["certificates"]
        detail = found["certificateDetail"]
        assert ("notAfter" in detail) == (detail["status"] == "ISSUED")
    assert detail["notAfter"] - detail["notBefore"] == pytest.approx(198 * 86400, abs=86400)

    origin = "name=media-of-the-shop,regionName=eu-central-1"
    create = ("--distribution-name", "cdn", "--bundle-id", "small_1_0", "--default-cache-behavior", "behavior=cache", "--origin", origin)
    assert aws.refused("lightsail", "create-distribution", *create) == (
        "InvalidInputException",
        "Distribution-related APIs are only available in the us-east-1 Region. Please set your Region configuration to us-east-1 to create, "
        "view, or edit these resources.",
    )
    lightsail("create-distribution", *create, *home)
    lightsail("update-distribution", "--distribution-name", "cdn", "--no-is-enabled", *home)
    lightsail("delete-distribution", "--distribution-name", "cdn", *home)
    lightsail("delete-certificate", "--certificate-name", "cert", *home)
    lightsail("delete-domain", "--domain-name", "shop.example", *home)

    alarm = ("--alarm-name", "alarm", "--metric-name", "CPUUtilization", "--monitored-resource-name", "web.1", "--threshold", "90")
    lightsail("put-alarm", *alarm, "--comparison-operator", "GreaterThanThreshold", "--evaluation-periods", "2")
    assert lightsail("get-alarms", "--query", "alarms[].state") == ["INSUFFICIENT_DATA"]
    lightsail("delete-alarm", "--alarm-name", "alarm")
    assert lightsail("get-container-services") == {"containerServices": []}
    assert lightsail("is-vpc-peered") == {"isPeered": False}

    pages = lightsail("get-bundles", "--query", "length(bundles)", "--output", "text", "--no-paginate")
    assert lightsail("get-bundles", "--query", "length(bundles)") > pages == 20
    first = lightsail("get-bundles", "--max-items", "3")
    rest = lightsail("get-bundles", "--starting-token", first["NextToken"], "--query", "bundles[].bundleId")
    assert len(first["bundles"]) == 3 and first["bundles"][-1]["bundleId"] not in rest

    get = ("lightsail", "get-instance", "--instance-name", "nobody")
    assert aws.refused(*get) == ("NotFoundException", "The Instance does not exist: nobody")
    for region in ("eu-south-1", "mars-1"):
        assert aws.refused(*get, "--region", region) == ("UnrecognizedClientException", "The security token included in the request is invalid.")
    assert aws("sts", "get-caller-identity", "--query", "Account") == "123456789012"
    assert lightsail("delete-instance", "--instance-name", "web.1")["operations"]
    assert lightsail("delete-bucket", "--bucket-name", "media-of-the-shop")["operations"]
    assert lightsail("get-active-names") == {"activeNames": []}
