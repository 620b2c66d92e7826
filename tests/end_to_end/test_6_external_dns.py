"""The owner runs DNS elsewhere, sets the records that a run names, and repeats the command."""

from __future__ import annotations

import re

import pytest

# A site of its own takes minutes: make test-all.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

DOMAIN = "elsewhere-rehearsal.com"
SITE = ["-e", f"site_domain={DOMAIN}", "-e", "site_dns=external", "-e", "site_domain_register=false", "-e", "site_static_ips=none"]


@pytest.fixture(scope="module")
def outside(make_cloud):
    """A cloud in whose world the domain is registered at another registrar, whose DNS knows it and has no records."""
    cloud = make_cloud("hosts")
    cloud.command("domain", DOMAIN, "--registrant", "elsewhere")
    return cloud


@pytest.fixture(scope="module")
def asked(outside):
    """The first run, and the records that it asks for."""
    run = outside.play("playbooks/site.yml", *SITE, timeout=1700)
    told = run.output.partition("Set these records where the DNS of")[2].partition("then repeat the same command")[0]
    return run, re.findall(r"- (\S+) +(CNAME|ALIAS) +(\S+)", told)


def test_the_first_run_names_the_records_to_set_and_makes_no_zone(outside, asked):
    run, records = asked
    assert run.status == 0, run.output[-6000:]
    assert run.outcome == "awaiting_certificate"
    named = {name: kind for name, kind, dummy in records}
    assert named[DOMAIN] == "ALIAS" and named[f"www.{DOMAIN}"] == named[f"media.{DOMAIN}"] == "CNAME"
    assert len([value for dummy, dummy_kind, value in records if "acm-validations" in value]) == 3  # www, apex, media
    assert outside.client(region="us-east-1").get_domains()["domains"] == []


def test_without_the_records_a_repeated_run_changes_nothing_and_asks_again(outside, asked):
    run = outside.play("playbooks/site.yml", *SITE, timeout=1700)
    assert (run.status, run.outcome, run.changed, run.mutating) == (0, "awaiting_certificate", 0, []), run.output[-6000:]


def test_with_the_validation_records_only_the_run_asks_for_the_addresses(outside, asked, tmp_path):
    _set_records(outside, tmp_path, [record for record in asked[1] if "acm-validations" in record[2]])
    run = outside.play("playbooks/site.yml", *SITE, timeout=1700)
    assert (run.status, run.outcome) == (0, "awaiting_delegation"), run.output[-6000:]
    assert f"www.{DOMAIN}" in run.output.partition("Set these records")[2]


def test_with_all_records_the_same_command_publishes_the_site(outside, asked, tmp_path):
    _set_records(outside, tmp_path, asked[1])
    run = outside.play("playbooks/site.yml", *SITE, timeout=1700)
    assert (run.status, run.outcome) == (0, "published"), run.output[-6000:]
    assert outside.visit(f"https://www.{DOMAIN}/").status == 200
    assert outside.visit(f"https://{DOMAIN}/").headers["location"] == f"https://www.{DOMAIN}/"
    assert f"https://media.{DOMAIN}/" in outside.visit(f"https://www.{DOMAIN}/").text
    assert outside.client(region="us-east-1").get_domains()["domains"] == []


def _set_records(cloud, directory, records):
    """Do what the owner does at another DNS provider."""
    file = directory / "records"
    file.write_text("".join(f"{' '.join(record)}\n" for record in records))
    cloud.command("domain", DOMAIN, "--registrant", "elsewhere", "--records", str(file))
