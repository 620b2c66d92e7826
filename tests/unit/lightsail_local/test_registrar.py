# SPDX-License-Identifier: GPL-3.0-or-later
"""Route 53 Domains beyond what the site needs: every operation of the model."""

from __future__ import annotations

import datetime

import pytest
from botocore.exceptions import ClientError

from lightsail_local.control.registry import HANDLERS, handler_name
from lightsail_local.wire_model import services

from .helpers import CONTACT

OTHER = {**CONTACT, "Email": "bob@example.com"}


@pytest.fixture
def registrar(cloud):
    """A client, and example.com registered in this account by an order."""
    client = cloud.client("route53domains")
    client.register_domain(DomainName="shop.example", DurationInYears=1, **dict.fromkeys(("AdminContact", "RegistrantContact", "TechContact"), CONTACT))
    cloud.wait_until(lambda: client.list_domains()["Domains"])
    return client


@pytest.fixture
def finished(cloud, registrar):
    """Waits for an order and returns how it ended."""

    def wait(answer):
        def detail():
            return registrar.get_operation_detail(OperationId=answer["OperationId"])

        cloud.wait_until(lambda: detail()["Status"] not in ("SUBMITTED", "IN_PROGRESS"))
        return detail()

    return wait


def detail(registrar):
    return registrar.get_domain_detail(DomainName="shop.example")


def test_every_operation_is_there():
    (service,) = [service for service in services().values() if service.name == "route53domains"]
    missing = [name for name in service.model.operation_names if handler_name(service.name, name) not in HANDLERS]
    assert missing == []


def test_the_two_services_mean_something_else_by_delete_domain(cloud, registrar, finished):
    zones = cloud.client(region="us-east-1")
    zones.create_domain(domainName="shop.example")
    assert finished(registrar.delete_domain(DomainName="shop.example"))["Status"] == "SUCCESSFUL"
    assert registrar.list_domains()["Domains"] == [] and zones.get_domain(domainName="shop.example")["domain"]["name"] == "shop.example"
    zones.delete_domain(domainName="shop.example")
    assert registrar.check_domain_availability(DomainName="shop.example")["Availability"] == "AVAILABLE"
    with pytest.raises(ClientError, match="cannot be restored"):
        registrar.restore_domain(DomainName="shop.example")


def test_contacts_and_privacy(registrar, finished):
    done = finished(registrar.update_domain_contact(DomainName="shop.example", TechContact=OTHER))
    assert (done["Type"], done["Status"]) == ("UPDATE_DOMAIN_CONTACT", "SUCCESSFUL")
    found = detail(registrar)
    assert found["TechContact"]["Email"] == "bob@example.com" and found["AdminContact"]["Email"] == CONTACT["Email"]
    with pytest.raises(ClientError, match="must be the same"):
        registrar.update_domain_contact_privacy(DomainName="shop.example", AdminPrivacy=False)
    four = dict.fromkeys(("AdminPrivacy", "RegistrantPrivacy", "TechPrivacy", "BillingPrivacy"), False)
    finished(registrar.update_domain_contact_privacy(DomainName="shop.example", **four))
    assert detail(registrar)["TechPrivacy"] is False
    assert registrar.get_contact_reachability_status(domainName="shop.example")["status"] == "DONE"
    assert registrar.resend_contact_reachability_email(domainName="shop.example")["emailAddress"] == CONTACT["Email"]
    with pytest.raises(ClientError, match="phone number"):
        registrar.update_domain_contact(DomainName="shop.example", TechContact={**OTHER, "PhoneNumber": "030"})


def test_lock_and_signing_keys(registrar, finished):
    assert detail(registrar)["StatusList"] == ["clientTransferProhibited"]
    finished(registrar.disable_domain_transfer_lock(DomainName="shop.example"))
    assert detail(registrar)["StatusList"] == ["ok"] and registrar.list_domains()["Domains"][0]["TransferLock"] is False
    finished(registrar.enable_domain_transfer_lock(DomainName="shop.example"))
    key = {"Algorithm": 13, "Flags": 257, "PublicKey": "oJMRESz5E4gYzS/q6XDrvU1qMPYIjCWzJaOau8XNEZeqCYKD5ar0IRd8KqXXFJkqmVfRvMGPmM1x8fGAa2XhSA=="}
    finished(registrar.associate_delegation_signer_to_domain(DomainName="shop.example", SigningAttributes=key))
    (found,) = detail(registrar)["DnssecKeys"]
    assert found["PublicKey"] == key["PublicKey"]
    finished(registrar.disassociate_delegation_signer_from_domain(DomainName="shop.example", Id=found["Id"]))
    assert detail(registrar)["DnssecKeys"] == []
    with pytest.raises(ClientError, match="no DNSSEC key"):
        registrar.disassociate_delegation_signer_from_domain(DomainName="shop.example", Id="1")


def test_renewal_and_bills(registrar, finished):
    before = detail(registrar)["ExpirationDate"]
    with pytest.raises(ClientError, match="expires in"):
        registrar.renew_domain(DomainName="shop.example", CurrentExpiryYear=before.year + 1)
    with pytest.raises(ClientError, match="consented"):
        registrar.renew_domain(DomainName="shop.example", CurrentExpiryYear=before.year, Consent={"MaxPrice": 0.5, "Currency": "USD"})
    finished(registrar.renew_domain(DomainName="shop.example", CurrentExpiryYear=before.year, DurationInYears=2))
    assert detail(registrar)["ExpirationDate"] - before == datetime.timedelta(days=730)
    year = registrar.get_domain_prices(DomainName="shop.example")["DomainPrice"]["RenewalPrice"]["Price"]
    bills = {bill["Operation"]: bill["Price"] for bill in registrar.view_billing()["BillingRecords"]}
    assert bills == {"REGISTER_DOMAIN": year, "RENEW_DOMAIN": 2 * year}
    assert registrar.view_billing(End=datetime.datetime(2020, 1, 1))["BillingRecords"] == []


def test_transfer_in(cloud, registrar, finished):
    four = dict.fromkeys(("AdminContact", "RegistrantContact", "TechContact"), CONTACT)
    assert registrar.check_domain_transferability(DomainName="blog.example")["Transferability"]["Transferable"] == "UNTRANSFERABLE"
    assert registrar.check_domain_transferability(DomainName="shop.example")["Transferability"]["Transferable"] == "DOMAIN_IN_OWN_ACCOUNT"
    cloud.admin("domain", name="blog.example", registrant="elsewhere")
    assert registrar.check_domain_transferability(DomainName="blog.example")["Transferability"]["Transferable"] == "TRANSFERABLE"
    with pytest.raises(ClientError, match="authorization code"):
        registrar.transfer_domain(DomainName="blog.example", **four)
    assert finished(registrar.transfer_domain(DomainName="blog.example", AuthCode="secret", **four))["Type"] == "TRANSFER_IN_DOMAIN"
    assert registrar.get_domain_detail(DomainName="blog.example")["AutoRenew"] is True
    names = [item["DomainName"] for item in registrar.list_domains(SortCondition={"Name": "DomainName", "SortOrder": "DESC"})["Domains"]]
    assert names == ["shop.example", "blog.example"]
    soon = str(int(datetime.datetime.now().timestamp()) + 500 * 86400)
    late = registrar.list_domains(FilterConditions=[{"Name": "Expiry", "Operator": "GE", "Values": [soon]}])["Domains"]
    assert [item["DomainName"] for item in late] == ["blog.example"]


def test_handing_over_to_another_account(registrar, finished):
    order = registrar.transfer_domain_to_another_aws_account(DomainName="shop.example", AccountId="210987654321")
    assert order["Password"]
    assert registrar.get_operation_detail(OperationId=order["OperationId"])["StatusFlag"] == "PENDING_ACCEPTANCE"
    with pytest.raises(ClientError, match="Another operation"):
        registrar.enable_domain_transfer_lock(DomainName="shop.example")
    registrar.cancel_domain_transfer_to_another_aws_account(DomainName="shop.example")
    assert finished(order)["Status"] == "FAILED"
    for call in (
        lambda: registrar.cancel_domain_transfer_to_another_aws_account(DomainName="shop.example"),
        lambda: registrar.accept_domain_transfer_from_another_aws_account(DomainName="blog.example", Password="x"),
        lambda: registrar.reject_domain_transfer_from_another_aws_account(DomainName="blog.example"),
    ):
        with pytest.raises(ClientError, match="no transfer"):
            call()
    with pytest.raises(ClientError, match="needs no authorization"):
        registrar.resend_operation_authorization(OperationId=order["OperationId"])
    assert registrar.retrieve_domain_auth_code(DomainName="shop.example")["AuthCode"]
    with pytest.raises(ClientError, match="not a .uk domain"):
        registrar.push_domain(DomainName="shop.example", Target="TAG")


def test_suggestions(registrar):
    found = registrar.get_domain_suggestions(DomainName="shop.example", SuggestionCount=5, OnlyAvailable=True)["SuggestionsList"]
    assert len(found) == 5 and all(item["Price"]["Price"] > 0 for item in found)
