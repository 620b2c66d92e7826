# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from .helpers import make_instances


def exports(client):
    return client.get_export_snapshot_records()["exportSnapshotRecords"]


def test_a_snapshot_is_exported_and_becomes_a_stack(cloud):
    client = cloud.client()
    make_instances(cloud, "web")
    client.create_instance_snapshot(instanceName="web", instanceSnapshotName="web-1")
    with pytest.raises(ClientError, match="The snapshot web-1 is pending and cannot be exported yet"):
        client.export_snapshot(sourceSnapshotName="web-1")
    cloud.wait_until(lambda: client.get_instance_snapshots()["instanceSnapshots"][0]["state"] == "available")
    pair = client.export_snapshot(sourceSnapshotName="web-1")["operations"]
    assert [(item["operationType"], item["resourceType"]) for item in pair] == [
        ("ExportSnapshot", "ExportSnapshotRecord"),
        ("ExportSnapshot", "InstanceSnapshot"),
    ]
    cloud.wait_until(lambda: exports(client)[0]["state"] == "Succeeded")
    (record,) = exports(client)
    assert record["destinationInfo"]["service"] == "Aws::EC2::Image" and record["sourceInfo"]["fromResourceName"] == "web"
    assert record["name"] not in client.get_active_names()["activeNames"]

    entry = {"sourceName": record["name"], "instanceType": "t3.small", "portInfoSource": "DEFAULT", "availabilityZone": "eu-central-1a"}
    with pytest.raises(ClientError, match="instances has 2 entries; it must have one"):
        client.create_cloud_formation_stack(instances=[entry, entry])
    with pytest.raises(ClientError, match="The ExportSnapshotRecord does not exist: nothing"):
        client.create_cloud_formation_stack(instances=[{**entry, "sourceName": "nothing"}])
    cloud.time_scale(1)
    client.create_cloud_formation_stack(instances=[entry])
    with pytest.raises(ClientError, match="Please wait for it to complete"):
        client.create_cloud_formation_stack(instances=[entry])
    (stack,) = client.get_cloud_formation_stack_records()["cloudFormationStackRecords"]
    assert stack["state"] == "Started" and stack["sourceInfo"][0]["name"] == record["name"] and "destinationInfo" not in stack


def test_snapshots_of_disks_are_exported_too(cloud):
    client = cloud.client()
    with pytest.raises(ClientError, match="The Snapshot does not exist: nothing"):
        client.export_snapshot(sourceSnapshotName="nothing")
    make_instances(cloud, "web")
    client.create_disk_snapshot(instanceName="web", diskSnapshotName="system-1")
    cloud.wait_until(lambda: client.get_disk_snapshots()["diskSnapshots"][0]["state"] == "completed")
    client.export_snapshot(sourceSnapshotName="system-1")
    cloud.wait_until(lambda: exports(client)[0]["state"] == "Succeeded")
    assert exports(client)[0]["sourceInfo"]["diskSnapshotInfo"] == {"sizeInGb": 60}
    assert exports(client)[0]["sourceInfo"]["fromResourceName"] == "web"
