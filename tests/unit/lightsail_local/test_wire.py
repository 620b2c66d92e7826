# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol: signatures, validation, errors, faults, the log."""

from __future__ import annotations

import http.client
import re
import time
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from lightsail_local import wire_model
from lightsail_local.control.registry import HANDLERS


def code(caught):
    return caught.value.response["Error"]["Code"]


def test_another_access_key_is_refused(cloud):
    with pytest.raises(ClientError) as caught:
        cloud.client(aws_access_key_id="AKIAIOSFODNN7EXAMPLE").get_instances()
    assert code(caught) == "UnrecognizedClientException"


def test_a_session_token_is_not_ours(cloud):
    with pytest.raises(ClientError) as caught:
        cloud.client(aws_session_token="token").get_instances()
    assert code(caught) == "UnrecognizedClientException"


def test_another_secret_is_refused(cloud):
    with pytest.raises(ClientError) as caught:
        cloud.client(aws_secret_access_key="wrong").get_instances()
    assert code(caught) == "InvalidSignatureException"


def test_unsigned_is_refused(cloud):
    connection = http.client.HTTPConnection("127.0.0.1", cloud.daemon.port)
    connection.request("POST", "/", b"{}", {"X-Amz-Target": "Lightsail_20161128.GetInstances"})
    response = connection.getresponse()
    assert response.status == 400
    assert b"MissingAuthenticationToken" in response.read()


def test_admin_paths_need_the_header(cloud):
    connection = http.client.HTTPConnection("127.0.0.1", cloud.daemon.port)
    connection.request("POST", "/_local/reset", b"{}")
    assert connection.getresponse().status == 403


@pytest.mark.parametrize("name", ["!!", "a", "-ab", "ab-", "a b"])
def test_bad_resource_names(cloud, name):
    with pytest.raises(ClientError, match="is not a valid resource name. Resource names must be at least 2") as caught:
        cloud.client().allocate_static_ip(staticIpName=name)
    assert code(caught) == "InvalidInputException"


def test_enum_pattern_and_maximum_are_checked(cloud):
    client = cloud.client()
    with pytest.raises(ClientError, match="portInfo.protocol is 'sctp'; it must be one of: tcp"):
        client.open_instance_public_ports(
            instanceName="one", portInfo={"fromPort": 1, "toPort": 1, "protocol": "sctp"}
        )
    with pytest.raises(ClientError, match="bucketName does not match"):
        client.create_bucket(bucketName="UPPER", bundleId="small_1_0")
    with pytest.raises(ClientError, match="at most 65535"):
        client.create_load_balancer(loadBalancerName="lb", instancePort=70000)


def test_error_bodies_have_the_inner_code(cloud):
    with pytest.raises(ClientError) as caught:
        cloud.client().get_static_ip(staticIpName="nobody")
    assert code(caught) == "NotFoundException"
    assert caught.value.response["Error"]["Message"] == "The StaticIp does not exist: nobody"
    assert caught.value.response["code"] == "DoesNotExist"


def test_what_is_not_emulated_says_so_at_once(cloud):
    started = time.monotonic()
    with pytest.raises(ClientError, match="CreateContainerService is not emulated") as caught:
        cloud.client().create_container_service(serviceName="box", power="nano", scale=1)
    assert code(caught) == "InvalidInputException"
    assert time.monotonic() - started < 2


def test_lists_of_what_is_not_emulated_are_empty(cloud):
    """Tools that look through an account read them all."""
    client = cloud.client()

    def answer(call):
        return {key: value for key, value in call().items() if key != "ResponseMetadata"}

    assert answer(client.get_container_services) == {"containerServices": []}
    assert answer(client.get_container_service_powers) == {"powers": []}
    assert answer(client.is_vpc_peered) == {"isPeered": False}
    with pytest.raises(ClientError, match="The ContainerService does not exist: box") as caught:
        client.get_container_services(serviceName="box")
    assert code(caught) == "NotFoundException"


def test_an_answer_with_an_unknown_key_is_a_mistake_of_ours():
    shape = wire_model.services()["Lightsail_20161128"].model.shape_for("StaticIp")
    assert wire_model.serialise({"name": "ip", "isAttached": False, "attachedTo": None}, shape) == {
        "name": "ip",
        "isAttached": False,
    }
    for wrong in ({"nmae": "ip"}, {"name": 1}, {"isAttached": "yes"}, {"resourceType": "Nonsense"}):
        with pytest.raises(wire_model.NotInModel):
            wire_model.serialise(wrong, shape)


def test_handlers_are_operations_of_the_model():
    known = {name for service in wire_model.services().values() for name in service.model.operation_names}
    # An operation that both services have is registered with the name of its service.
    assert {name.rpartition(":")[2] for name in HANDLERS} <= known


def test_the_documentation_lists_what_is_not_emulated():
    page = (Path(__file__).resolve().parents[3] / "docs" / "lightsail_local.md").read_text()
    table = page.partition("**Not emulated at all.**")[2].partition("\n|---|---|\n")[2].partition("\n\n")[0]
    model = wire_model.services()["Lightsail_20161128"].model
    assert set(re.findall(r"`(\w+)`", table)) == {name for name in model.operation_names if name not in HANDLERS}


def test_pages_are_small_and_tokens_opaque(cloud):
    client = cloud.client()
    first = client.get_blueprints(includeInactive=True)
    bundles = client.get_bundles()
    assert len(bundles["bundles"]) == 20
    rest = client.get_bundles(pageToken=bundles["nextPageToken"])
    assert {item["bundleId"] for item in rest["bundles"]}.isdisjoint(item["bundleId"] for item in bundles["bundles"])
    assert first["blueprints"]
    with pytest.raises(ClientError, match="page token is not valid"):
        client.get_blueprints(pageToken=bundles["nextPageToken"])


def test_throttling_is_ridden_out_by_a_client_that_retries(cloud):
    cloud.fault("GetInstances", "throttle", times=2)
    with pytest.raises(ClientError) as caught:
        cloud.client().get_instances()
    assert code(caught) == "ThrottlingException"
    assert cloud.client(config=Config(retries={"max_attempts": 3, "mode": "standard"})).get_instances()["instances"] == []
    assert [call["outcome"] for call in cloud.calls()] == ["ThrottlingException", "ThrottlingException", "ok"]


def test_500_after_n_calls(cloud):
    cloud.fault("GetInstances", "500", after=1)
    client = cloud.client()
    client.get_instances()
    with pytest.raises(ClientError) as caught:
        client.get_instances()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    client.get_instances()


def test_any_error_class_can_be_ordered(cloud):
    cloud.fault("CreateInstances", "InsufficientInstanceCapacity", message="There is not enough capacity.")
    with pytest.raises(ClientError, match="not enough capacity") as caught:
        cloud.client().create_instances(
            instanceNames=["one"], availabilityZone="eu-central-1a", blueprintId="wordpress_ls_1_0", bundleId="small_3_0"
        )
    assert code(caught) == "InsufficientInstanceCapacity"


def test_lost_answer_did_its_work(cloud):
    cloud.fault("AllocateStaticIp", "lost-answer")
    with pytest.raises(ConnectionClosedError):
        cloud.client().allocate_static_ip(staticIpName="ip")
    assert cloud.client().get_static_ip(staticIpName="ip")
    with pytest.raises(ClientError, match="Some names are already in use: ip"):
        cloud.client().allocate_static_ip(staticIpName="ip")


def test_timeout_does_no_work(cloud):
    cloud.fault("AllocateStaticIp", "timeout", seconds=5)
    config = Config(retries={"max_attempts": 0}, read_timeout=0.3)
    with pytest.raises(ReadTimeoutError):
        cloud.client(config=config).allocate_static_ip(staticIpName="ip")
    assert cloud.client().get_static_ips()["staticIps"] == []


def test_the_log_tells_reading_from_changing_and_keeps_no_secret(cloud):
    client = cloud.client()
    client.get_instances()
    client.allocate_static_ip(staticIpName="ip")
    client.create_relational_database(
        relationalDatabaseName="db",
        relationalDatabaseBlueprintId="mysql_8_0",
        relationalDatabaseBundleId="micro_2_0",
        masterDatabaseName="wordpress",
        masterUsername="dbmasteruser",
        masterUserPassword="very-secret",
    )
    calls = cloud.calls()
    assert [(call["operation"], call["mutating"], call["region"], call["outcome"]) for call in calls] == [
        ("GetInstances", False, "eu-central-1", "ok"),
        ("AllocateStaticIp", True, "eu-central-1", "ok"),
        ("CreateRelationalDatabase", True, "eu-central-1", "ok"),
    ]
    assert "very-secret" not in str(calls)


def test_the_log_tells_what_a_client_adds_to_its_user_agent(cloud):
    cloud.client(config=Config(user_agent_extra="my.tool")).get_instances()
    assert cloud.calls()[0]["agent"] == "my.tool"


def test_route_53_lists_and_checks_are_reading(cloud):
    client = cloud.client("route53domains")
    client.check_domain_availability(DomainName="shop.example")
    client.list_domains()
    assert cloud.mutating_calls() == []
