# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs of databases, HTTPS on an instance itself, the profile: calls that no module makes."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from .helpers import instance_state, make_database, make_instances, make_zone

SETUP = {"instanceName": "web", "emailAddress": "ada@example.com", "domainNames": ["shop.example"], "certificateProvider": "LetsEncrypt"}


def test_streams_and_lines_of_a_log(cloud):
    client = cloud.client()
    make_database(cloud)
    assert client.get_relational_database_log_streams(relationalDatabaseName="db")["logStreams"] == ["audit", "error", "general", "slowquery"]
    arguments = {"relationalDatabaseName": "db", "logStreamName": "error"}
    assert client.get_relational_database_log_events(**arguments)["resourceLogEvents"] == []
    (record,) = (item for item in cloud.daemon.cloud.resources.values() if item["type"] == "RelationalDatabase")
    cloud.daemon.cloud.data_plane.logs[record["id"]] = [(1_700_000_000.0 + number, f"line {number}") for number in range(45)]

    def read(**options):
        answer = client.get_relational_database_log_events(**arguments, **options)
        numbers = [int(event["message"].split()[1]) for event in answer["resourceLogEvents"]]
        return numbers, answer["nextBackwardToken"], answer["nextForwardToken"]

    newest, back, forward = read()
    assert newest == list(range(25, 45))
    assert read(pageToken=forward)[0] == []
    older, back, forward = read(pageToken=back)
    assert older == list(range(5, 25)) and read(pageToken=forward)[0] == newest
    assert read(startFromHead=True)[0] == list(range(20))
    assert read(startTime=1_700_000_010, endTime=1_700_000_012)[0] == [10, 11, 12]
    arguments["logStreamName"] = "general"
    assert read()[0] == []
    arguments["logStreamName"] = "gossip"
    with pytest.raises(ClientError, match="There is no log stream gossip"):
        read()


def history(cloud):
    return cloud.client().get_setup_history(resourceName="web")["setupHistory"]


def test_https_on_an_instance_needs_names_that_lead_to_it(cloud):
    client = cloud.client()
    make_instances(cloud, "web")
    assert history(cloud) == []
    # At launch only AWS's own browser client gets in.
    with pytest.raises(ClientError, match="must have the ports 22 open"):
        client.setup_instance_https(**SETUP)
    client.open_instance_public_ports(instanceName="web", portInfo={"fromPort": 22, "toPort": 22, "protocol": "tcp"})
    (operation,) = client.setup_instance_https(**SETUP)["operations"]
    assert (operation["operationType"], operation["resourceType"], operation["status"]) == ("SetupInstanceHttps", "Instance", "Started")
    cloud.wait_until(lambda: history(cloud)[0]["status"] == "failed")
    (entry,) = history(cloud)
    assert entry["operationId"] == operation["id"] and entry["request"]["domainNames"] == ["shop.example"]
    assert "The challenge for shop.example failed: it leads to nothing" in entry["executionDetails"][0]["standardError"]
    assert client.get_operation(operationId=operation["id"])["operation"]["status"] == "Failed"

    address = client.get_instance(instanceName="web")["instance"]["publicIpAddress"]
    make_zone(cloud).create_domain_entry(domainName="shop.example", domainEntry={"name": "shop.example", "type": "A", "target": address})
    for _ in range(5):
        client.setup_instance_https(**SETUP)
    cloud.wait_until(lambda: [entry["status"] for entry in history(cloud)] == ["succeeded"] * 5)
    (instance,) = cloud.daemon.cloud.data_plane.instances.values()
    assert instance["certificate"].startswith("-----BEGIN CERTIFICATE-----")


def test_https_on_an_instance_refuses(cloud):
    client = cloud.client()
    make_instances(cloud, "web")
    make_instances(cloud, "other", blueprintId="debian_12")
    with pytest.raises(ClientError, match="The blueprint debian_12 of the instance other does not support this"):
        client.setup_instance_https(**{**SETUP, "instanceName": "other"})
    with pytest.raises(ClientError, match="emailAddress does not match"):
        client.setup_instance_https(**{**SETUP, "emailAddress": "nobody"})
    client.close_instance_public_ports(instanceName="web", portInfo={"fromPort": 443, "toPort": 443, "protocol": "tcp"})
    with pytest.raises(ClientError, match="must have the ports 22 and 443 open"):
        client.setup_instance_https(**SETUP)
    client.stop_instance(instanceName="web")
    cloud.wait_until(lambda: instance_state(cloud, "web") == "stopped")
    with pytest.raises(ClientError, match="The instance web is stopped, not running"):
        client.setup_instance_https(**SETUP)


def test_the_profile_is_an_ordinary_one(cloud):
    assert cloud.client().get_profile()["profileType"] == "Lightsailor"
