# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones, entries, delegation, registrations."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from .helpers import CONTACT, make_load_balancer, make_zone


def lookup(cloud, name, kind="A"):
    return cloud.daemon.cloud.data_plane.lookup(name, kind)


def entries(client, kind, zone="shop.example"):
    return [item for item in client.get_domain(domainName=zone)["domain"]["domainEntries"] if item["type"] == kind]


def add(client, name, kind, target, **options):
    entry = {"name": name, "type": kind, "target": target, **options}
    return client.create_domain_entry(domainName="shop.example", domainEntry=entry)


def test_domain_calls_live_in_us_east_1(cloud):
    text = "Domain-related APIs are only available in the us-east-1 Region"
    with pytest.raises(ClientError, match=text) as caught:
        cloud.client().get_domains()
    assert caught.value.response["code"] == "UnsupportedOperation"


def test_a_zone_starts_with_ns_and_soa(cloud):
    client = make_zone(cloud, delegated=False)
    domain = client.get_domain(domainName="shop.example")["domain"]
    assert domain["location"] == {"availabilityZone": "all", "regionName": "global"}
    assert len(entries(client, "NS")) == 4
    assert len(entries(client, "SOA")) == 1
    assert not any(entry["target"].endswith(".") for entry in entries(client, "NS"))


def test_nothing_resolves_until_the_owner_delegates(cloud):
    client = make_zone(cloud, delegated=False)
    cloud.admin("domain", name="shop.example", registrant="elsewhere", records=["@ A 192.0.2.9", "www CNAME shop.example"])
    add(client, "shop.example", "A", "192.0.2.1")
    assert lookup(cloud, "www.shop.example") == ["192.0.2.9"]
    assert cloud.admin("delegate", name="shop.example")["delegated"] is True
    cloud.wait_until(lambda: lookup(cloud, "shop.example") == ["192.0.2.1"])
    cloud.admin("delegate", name="shop.example", undelegate=True)
    cloud.wait_until(lambda: lookup(cloud, "shop.example") == ["192.0.2.9"])


def test_entries_are_normalised_and_checked(cloud):
    client = make_zone(cloud)
    add(client, "*.shop.example", "CNAME", "Shop.example.")
    (cname,) = entries(client, "CNAME")
    assert (cname["name"], cname["target"]) == ("\\052.shop.example", "Shop.example")
    add(client, "shop.example", "TXT", '"v=spf1 -all"')
    add(client, "shop.example", "A", "192.0.2.1")
    assert lookup(cloud, "any.shop.example") == ["192.0.2.1"]
    for arguments, text in (
        (("shop.example", "TXT", "bare"), "Target should be enclosed in quotation marks"),
        (("shop.example", "A", "192.0.2.1"), "identical record"),
        (("shop.example", "CNAME", "x.example"), "apex"),
        (("other.example", "A", "192.0.2.1"), "not within the domain"),
        (("www", "A", "192.0.2.1"), "not within the domain"),
        (("shop.example", "MX", "mail.shop.example"), "MX target"),
        (("shop.example", "A", "::1"), "not a valid IPv4"),
        (("shop.example", "CAA", "x"), "not a record type"),
    ):
        with pytest.raises(ClientError, match=text):
            add(client, *arguments)


def test_update_returns_a_list_and_delete_wants_it_to_exist(cloud):
    client = make_zone(cloud)
    add(client, "www.shop.example", "A", "192.0.2.1")
    (entry,) = entries(client, "A")
    assert len(client.update_domain_entry(domainName="shop.example", domainEntry={**entry, "target": "192.0.2.2"})["operations"]) == 1
    assert lookup(cloud, "www.shop.example") == ["192.0.2.2"]
    wrong = {"name": "www.shop.example", "type": "A", "target": "192.0.2.9"}
    with pytest.raises(ClientError, match="does not exist"):
        client.delete_domain_entry(domainName="shop.example", domainEntry=wrong)
    client.delete_domain_entry(domainName="shop.example", domainEntry={**wrong, "target": "192.0.2.2", "isAlias": False})
    assert lookup(cloud, "www.shop.example") == []


def test_alias_leads_to_the_address_behind(cloud):
    client = make_zone(cloud)
    make_load_balancer(cloud)
    name = cloud.client().get_load_balancer(loadBalancerName="lb")["loadBalancer"]["dnsName"]
    add(client, "shop.example", "A", name, isAlias=True)
    assert lookup(cloud, "shop.example") == lookup(cloud, name) != []


def test_an_alias_and_values_do_not_share_a_name_and_a_type(cloud):
    """As in a zone of Route 53."""
    client = make_zone(cloud)
    balancer = make_load_balancer(cloud).get_load_balancer(loadBalancerName="lb")["loadBalancer"]["dnsName"]
    add(client, "shop.example", "A", "192.0.2.1")
    with pytest.raises(ClientError, match="shop.example has other records of type A, so it cannot have an alias of that type"):
        add(client, "shop.example", "A", balancer, isAlias=True)
    add(client, "shop.example", "AAAA", balancer, isAlias=True)
    with pytest.raises(ClientError, match="shop.example has an alias of type AAAA, so it cannot have other records of that type"):
        add(client, "shop.example", "AAAA", "2001:db8::1")
    # One that is alone may become the other in place.
    (entry,) = entries(client, "A")
    client.update_domain_entry(domainName="shop.example", domainEntry={**entry, "target": balancer, "isAlias": True})
    assert [item["isAlias"] for item in entries(client, "A")] == [True]


def register(client, name="shop.example", **options):
    arguments = {"AdminContact": CONTACT, "RegistrantContact": CONTACT, "TechContact": CONTACT, **options}
    return client.register_domain(DomainName=name, DurationInYears=1, **arguments)["OperationId"]


def wait(cloud, client, operation_id):
    return cloud.wait_until(
        lambda: (lambda item: item if item["Status"] in ("SUCCESSFUL", "FAILED") else None)(
            client.get_operation_detail(OperationId=operation_id)
        )
    )


def test_registration_takes_a_while_and_delegates_by_itself(cloud):
    client = cloud.client("route53domains")
    assert client.check_domain_availability(DomainName="shop.example")["Availability"] == "AVAILABLE"
    cloud.time_scale(0.01)
    operation_id = register(client)
    assert client.get_operation_detail(OperationId=operation_id)["Status"] in ("SUBMITTED", "IN_PROGRESS")
    with pytest.raises(ClientError, match="not found in"):
        client.get_domain_detail(DomainName="shop.example")
    with pytest.raises(ClientError) as caught:
        register(client)
    assert caught.value.response["Error"]["Code"] == "DuplicateRequest"
    assert caught.value.response["requestId"] == operation_id
    assert wait(cloud, client, operation_id)["Status"] == "SUCCESSFUL"
    assert client.check_domain_availability(DomainName="shop.example")["Availability"] == "UNAVAILABLE"
    zones = cloud.client(region="us-east-1")
    zones.create_domain(domainName="shop.example")
    detail = client.get_domain_detail(DomainName="shop.example")
    assert {item["Name"] for item in detail["Nameservers"]} == {item["target"] for item in entries(zones, "NS")}
    info = zones.get_domain(domainName="shop.example")["domain"]["registeredDomainDelegationInfo"]
    assert info["nameServersUpdateState"]["code"] == "SUCCEEDED"


def test_name_servers_by_hand(cloud):
    zones = cloud.client(region="us-east-1")
    zones.create_domain(domainName="shop.example")
    client = cloud.client("route53domains")
    wait(cloud, client, register(client))
    add(zones, "shop.example", "A", "192.0.2.1")
    assert lookup(cloud, "shop.example") == []
    servers = [{"Name": item["target"] + "."} for item in entries(zones, "NS")]
    operation_id = client.update_domain_nameservers(DomainName="shop.example", Nameservers=servers)["OperationId"]
    assert wait(cloud, client, operation_id)["Type"] == "UPDATE_NAMESERVER"
    cloud.wait_until(lambda: lookup(cloud, "shop.example") == ["192.0.2.1"])


def test_the_registrar_refuses(cloud):
    client = cloud.client("route53domains")
    for call, code in (
        (lambda: client.check_domain_availability(DomainName="shop.nosuchtld"), "UnsupportedTLD"),
        (lambda: register(client, AdminContact={**CONTACT, "PhoneNumber": "030 1234"}), "InvalidInput"),
        (lambda: register(client, Consent={"MaxPrice": 1.0, "Currency": "USD"}), "InvalidInput"),
        (lambda: client.get_operation_detail(OperationId="nope"), "InvalidInput"),
        (lambda: client.transfer_domain_to_another_aws_account(DomainName="x.example", AccountId="123456789013"), "InvalidInput"),
    ):
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["Error"]["Code"] == code
    cloud.admin("domain", name="taken.example", registrant="elsewhere")
    with pytest.raises(ClientError, match="not available"):
        register(client, "taken.example")
