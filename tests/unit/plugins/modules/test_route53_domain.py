# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""route53_domain, against the local control plane and a name server of the test's own."""

from __future__ import annotations

import socket
import struct
import threading

import pytest

MODULE = "route53_domain"
OWNER = dict(
    first_name="Ada",
    last_name="Example",
    address_line1="Example Street 1",
    city="Berlin",
    country_code="DE",
    zip_code="10115",
    phone_number="+49.301234567",
    email="ada@example.com",
)
ORDER = dict(name="example.com", state="registered", register=True, max_price=20, contacts={"owner": OWNER})
SERVERS = ["ns-1.awsdns-01.com", "ns-2.awsdns-02.net", "ns-3.awsdns-03.org", "ns-4.awsdns-04.co.uk"]


class NameServer:
    """Answers each question for NS with `names`."""

    def __init__(self):
        self.names = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(512)
            except OSError:
                return
            answers = b""
            for name in self.names:
                data = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
                answers += b"\xc0\x0c" + struct.pack(">HHIH", 2, 1, 60, len(data)) + data
            self.socket.sendto(query[:2] + struct.pack(">HHHHH", 0x8180, 1, len(self.names), 0, 0) + query[12:] + answers, peer)


@pytest.fixture
def dns():
    server = NameServer()
    yield server
    server.socket.close()


@pytest.fixture
def domain(modules, dns):
    """The module, asking the test's name server."""

    def run(check=False, fails=False, **params):
        return modules(MODULE, check=check, fails=fails, resolver=dns.address, **params)

    run.modules, run.dns, run.mutating = modules, dns, modules.mutating
    run.cycle = lambda **params: modules.cycle(MODULE, "domain", resolver=dns.address, **params)
    return run


def test_a_free_domain_has_a_price(domain):
    found = domain(name="Example.com.")["domain"]
    assert (found["name"], found["registered"], found["availability"]) == ("example.com", False, "AVAILABLE")
    assert found["price"] > 0 and found["currency"] == "USD" and found["delegated"] is None
    assert domain.mutating() == []


def test_a_domain_of_somebody_else(domain, cloud):
    cloud.admin("domain", name="example.com", registrant="elsewhere")
    domain.dns.names = SERVERS
    found = domain(name="example.com", name_servers=list(reversed(SERVERS)))["domain"]
    assert found["registered"] is False and found["availability"] == "UNAVAILABLE" and found["price"] is None
    assert found["delegated"] is True and found["seen_name_servers"] == SERVERS
    assert domain(name="example.com", name_servers=SERVERS[:2])["domain"]["delegated"] is False
    failure = domain(**ORDER, fails=True)
    assert failure["msg"] == "The domain example.com is not registered in this account and cannot be registered: it is UNAVAILABLE."
    assert domain.mutating() == []


def test_nothing_is_bought_without_an_order(domain):
    failure = domain(name="example.com", state="registered", fails=True)
    assert "only with register=true and max_price" in failure["msg"]
    failure = domain(**dict(ORDER, max_price=1), fails=True)
    assert "costs" in failure["msg"] and "not within 1.0 USD" in failure["msg"]
    failure = domain(**dict(ORDER, currency="EUR"), fails=True)
    assert "not within 20.0 EUR" in failure["msg"]
    assert "max_price" in domain(name="example.com", state="registered", register=True, fails=True)["msg"]
    assert domain.mutating() == []


@pytest.mark.parametrize(
    "contacts, sentence",
    [
        ({"tech": OWNER}, "needs contacts.owner"),
        ({"owner": dict(OWNER, email="")}, "contacts.owner needs email"),
        ({"owner": OWNER, "admin": dict(OWNER, mail="x")}, "unknown member mail"),
        ({"owner": dict(OWNER, phone_number=49.301234567)}, "quote it"),
    ],
)
def test_contacts_are_checked_before_the_order(domain, contacts, sentence):
    assert sentence in domain(**dict(ORDER, contacts=contacts), fails=True)["msg"]
    assert domain.mutating() == []


def test_register_once(domain, cloud):
    ordered = domain.cycle(**ORDER, unpredictable=("availability", "price"))
    assert ordered["actions"] == ["RegisterDomain"]
    found = ordered["domain"]
    assert found["registered"] is True and found["auto_renew"] is True and len(found["name_servers"]) == 4 and found["expires_at"]
    call = next(c for c in cloud.calls() if c["operation"] == "RegisterDomain")
    assert call["parameters"]["DurationInYears"] == 1 and call["parameters"]["AdminContact"] == call["parameters"]["RegistrantContact"]


def test_register_with_name_servers_and_no_renewal(domain):
    ordered = domain.cycle(**ORDER, name_servers=SERVERS, auto_renew=False)
    assert ordered["actions"] == ["RegisterDomain", "UpdateDomainNameservers"]
    assert ordered["domain"]["name_servers"] == SERVERS and ordered["domain"]["auto_renew"] is False


def test_name_servers_and_renewal_of_a_domain_that_is_ours(domain, cloud):
    cloud.admin("domain", name="example.com", registrant="owner")
    assert domain(name="example.com", name_servers=SERVERS)["changed"] is False  # checked only reads
    changed = domain.cycle(name="example.com", state="registered", name_servers=[s.upper() + "." for s in SERVERS])
    assert changed["actions"] == ["UpdateDomainNameservers"]
    renewal = domain.cycle(name="example.com", state="registered", auto_renew=False)
    assert renewal["actions"] == ["DisableDomainAutoRenew"]


def test_an_order_that_is_under_way_is_not_given_twice(domain, cloud):
    cloud.time_scale(0.02)
    first = domain(**ORDER, wait=False)
    assert first["domain"]["registered"] is False and first["domain"]["registration_pending"] is True
    assert domain(name="example.com")["domain"]["registration_pending"] is True
    second = domain(**ORDER)
    assert second["domain"]["registered"] is True and second["actions"] == []
    assert [c for c in domain.mutating() if c == "RegisterDomain"] == ["RegisterDomain"]


def test_a_lost_answer_is_not_a_second_order(domain, cloud):
    cloud.time_scale(0.02)
    cloud.fault("RegisterDomain", "lost-answer")
    assert domain(**ORDER)["domain"]["registered"] is True


def test_a_name_server_that_does_not_answer_is_told(modules, cloud):
    cloud.admin("domain", name="example.com", registrant="owner")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        found = modules(MODULE, name="example.com", resolver=f"127.0.0.1:{silent.getsockname()[1]}")["domain"]
    assert found["delegated"] is False and "no answer in time" in found["dns_error"]


@pytest.fixture
def own(domain, cloud):
    """The module for a domain of this account."""
    domain(**ORDER)
    domain.mutating()

    def cycle(**params):
        return domain.cycle(name="example.com", state="registered", **params)

    return cycle


def test_lock_privacy_and_tags(own, domain):
    assert own(transfer_lock=False)["actions"] == ["DisableDomainTransferLock"]
    assert own(transfer_lock=True)["domain"]["status"] == ["clientTransferProhibited"]
    assert own(privacy=False)["domain"]["privacy"] is False
    assert own(auto_renew=False)["actions"] == ["DisableDomainAutoRenew"]
    assert own(tags={"a": "1", "b": "2"})["domain"]["tags"] == {"a": "1", "b": "2"}
    changed = own(tags={"a": "3"})
    assert changed["actions"] == ["UpdateTagsForDomain", "DeleteTagsForDomain"] and changed["domain"]["tags"] == {"a": "3"}
    assert own(tags={"c": "4"}, purge_tags=False)["domain"]["tags"] == {"a": "3", "c": "4"}
    found = domain(name="example.com", state="registered")
    assert not found["changed"] and found["domain"]["privacy"] is False and "tags" not in found["domain"]


def test_several_changes_are_ordered_one_after_the_other(domain, cloud):
    domain(**ORDER)
    domain.mutating()
    wish = dict(name="example.com", state="registered", name_servers=SERVERS, privacy=False, transfer_lock=False, wait=False)
    assert domain(**wish)["actions"] == ["UpdateDomainNameservers", "UpdateDomainContactPrivacy", "DisableDomainTransferLock"]
    # The last one may still be under way; it is waited for, not ordered again.
    assert domain(**dict(wish, wait=True))["actions"] == []


def test_contacts_are_changed_on_request_only_and_never_shown(own, domain):
    moved = dict(OWNER, city="Bonn", email="new@example.com")
    assert not domain(name="example.com", state="registered", contacts={"owner": moved})["changed"]
    wish = dict(contacts={"owner": moved, "tech": dict(OWNER, first_name="Bob")}, update_contacts=True)
    made = own(**wish)
    assert made["actions"] == ["UpdateDomainContact"] and "Bonn" not in str(made["diff"]) and "Bonn" not in str(made["domain"])
    contacts = domain.modules.cloud.client("route53domains").get_domain_detail(DomainName="example.com")
    assert contacts["RegistrantContact"]["City"] == "Bonn" and contacts["TechContact"]["FirstName"] == "Bob"
    assert contacts["AdminContact"]["City"] == "Berlin"
    message = domain(name="example.com", state="registered", contacts={"owner": {"city": "Bonn"}}, update_contacts=True, fails=True)["msg"]
    assert "contacts.owner needs" in message
