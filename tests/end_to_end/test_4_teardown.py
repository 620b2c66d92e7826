"""A site is removed; what is not its own stays."""

from __future__ import annotations


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
