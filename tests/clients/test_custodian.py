# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cloud Custodian: it lists and filters instances, databases and load balancers. It has no action that deletes or stops them."""

from __future__ import annotations

import json
import subprocess

import pytest

from .conftest import run

pytestmark = pytest.mark.slow


@pytest.fixture
def site(cloud):
    client = cloud.client("eu-central-1")
    cloud.command("quota", "instances", "30")  # more than a page
    where = {"availabilityZone": "eu-central-1a", "blueprintId": "wordpress_ls_1_0", "bundleId": "small_3_0"}
    client.create_instances(instanceNames=[f"web-{number}" for number in range(25)], **where, tags=[{"key": "site", "value": "shop"}])
    client.create_load_balancer(loadBalancerName="lb", instancePort=80)
    client.create_relational_database(
        relationalDatabaseName="db",
        relationalDatabaseBlueprintId="mysql_8_0",
        relationalDatabaseBundleId="micro_2_0",
        masterDatabaseName="wordpress",
        masterUsername="owner",
    )
    where = {"availabilityZone": "us-east-1a", "blueprintId": "wordpress_ls_1_0", "bundleId": "nano_3_0"}
    cloud.client("us-east-1").create_instances(instanceNames=["far"], **where)
    cloud.settle(client)
    cloud.settle(cloud.client("us-east-1"))
    client.stop_instance(instanceName="web-7")
    cloud.settle(client)
    return cloud


def policies(tmp_path, *items):
    path = tmp_path / "policies.yml"  # JSON is YAML
    path.write_text(json.dumps({"policies": [{"name": f"policy-{item['resource']}", **item} for item in items]}))
    return path


def names(tmp_path, region, resource):
    directory = tmp_path / "out" / region if (tmp_path / "out" / region).is_dir() else tmp_path / "out"
    return {item["name"] for item in json.loads((directory / f"policy-{resource}" / "resources.json").read_text())}


def test_it_lists_and_filters_in_every_region(site, custodian, tmp_path):
    path = policies(
        tmp_path,
        {
            "resource": "lightsail-instance",
            "filters": [
                {"type": "value", "key": "state.name", "value": "running"},
                {"type": "value", "key": "createdAt", "value_type": "age", "value": 1, "op": "less-than"},
            ],
        },
        {"resource": "lightsail-db", "filters": [{"backupRetentionEnabled": True}, {"publiclyAccessible": False}]},
        {"resource": "lightsail-elb", "filters": [{"state": "active"}]},
    )
    run([custodian, "validate", path], env=site.env)
    run([custodian, "run", "-s", tmp_path / "out", "--region", "all", path], env=site.env)
    instances = {f"web-{number}" for number in range(25)} - {"web-7"}
    assert names(tmp_path, "eu-central-1", "lightsail-instance") == instances
    assert names(tmp_path, "us-east-1", "lightsail-instance") == {"far"}
    assert names(tmp_path, "eu-central-1", "lightsail-db") == {"db"}
    assert names(tmp_path, "eu-central-1", "lightsail-elb") == {"lb"}
    calls = site.calls()
    assert {"GetCallerIdentity", "DescribeRegions", "GetInstances"} <= {call["operation"] for call in calls}
    assert {call["outcome"] for call in calls} == {"ok"}


def test_the_account_is_the_clouds(site, custodian, tmp_path):
    """Custodian asks STS for it, and writes it into what it hands on."""
    path = policies(tmp_path, {"resource": "lightsail-instance", "filters": [{"name": "web-1"}]})
    run([custodian, "run", "-s", tmp_path / "out", path], env=site.env)
    metadata = json.loads((tmp_path / "out" / "policy-lightsail-instance" / "metadata.json").read_text())
    assert metadata["config"]["account_id"] == "123456789012"


def test_an_action_of_another_service_fails_with_its_error(site, custodian, tmp_path):
    """Metrics go to CloudWatch, which is no part of the local cloud: told at once."""
    action = {"type": "put-metric", "key": "length(@)", "namespace": "site", "metric_name": "instances"}
    path = policies(tmp_path, {"resource": "lightsail-instance", "actions": [action]})
    done = subprocess.run(
        [custodian, "run", "-s", tmp_path / "out", path], env=site.env, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60
    )
    assert done.returncode
    assert "(UnknownOperationException) when calling the PutMetricData operation: PutMetricData of monitoring is not a part" in done.stderr
    assert [call["outcome"] for call in site.calls() if call["operation"] == "PutMetricData"] == ["UnknownOperationException"]
