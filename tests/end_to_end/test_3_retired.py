"""AWS has stopped selling all that the site is made of (since its second run, in test_1_build.py): what stands goes on, what is new is refused."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.timeout(1800)  # for a machine that does other things too


@pytest.fixture(scope="module")
def retired(cloud):
    """What is not sold any more. At the end of this chapter it is sold again."""
    made_of = cloud.made_of()
    for kind, name in made_of:
        cloud.command("retire", kind, name)
    yield dict(made_of)
    for kind, name in made_of:
        cloud.command("offer", kind, name)


def test_the_site_is_verified_and_its_price_is_known(cloud, retired):
    run = cloud.play("playbooks/verify.yml")
    assert (run.status, run.changed, run.mutating) == (0, 0, []), run.output[-4000:]
    assert "- price USD 60.50 a month" in " ".join(run.output.split())
    print(f"verified in {run.seconds:.0f} s")


def test_a_new_site_is_refused_with_what_is_on_offer_and_nothing_is_made(cloud, retired):
    """The inventory of the site that stands, with another name: it asks for what is not sold any more."""
    wish = ["-e", f"site_web_blueprint={retired['blueprint']}", "-e", f"site_web_bundle={retired['bundle']}",
            "-e", f"site_database_blueprint={retired['database-blueprint']}"]
    run = cloud.play("playbooks/site.yml", "-e", "site_name=second", "-e", "site_domain=second-rehearsal.com", "-e", "site_static_ips=none",
                     "-e", "site_domain_register=false", *wish)
    said = " ".join(run.output.split())
    assert run.status == 2 and run.mutating == [] and run.output.count("fatal: ") == 1, run.output[-4000:]
    client = cloud.client()
    offered = {
        "site_web_blueprint": [],  # of many blueprints the refusal names those that fit
        "site_web_bundle": [row["bundleId"] for row in client.get_bundles()["bundles"] if row["isActive"]],
        "site_database_blueprint": [row["blueprintId"] for row in client.get_relational_database_blueprints()["blueprints"]],
    }
    if cloud.layout.name == "bitnami":
        offered["site_web_blueprint"] = ["wordpress_ls_1_0"]
    for option, names in offered.items():
        kind = option.removeprefix("site_web_").removeprefix("site_").replace("_", "-")
        assert f"{option} is {retired[kind]}" in said, said
        assert not names or any(name in said for name in names), (option, said)
        assert retired[kind] not in names
