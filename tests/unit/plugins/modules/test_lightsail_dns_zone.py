# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""lightsail_dns_zone and lightsail_dns_zone_info against the local control plane."""

from __future__ import annotations

ZONE = "example.com"


def test_life(lab):
    made = lab.cycle("lightsail_dns_zone", "zone", name=ZONE, tags={"cloudpress:site": "example"})["zone"]
    assert len(made["name_servers"]) == 4 and all(".awsdns-" in server for server in made["name_servers"])
    assert made["records"] == [] and made["tags"] == {"cloudpress:site": "example"}
    assert not lab.run("lightsail_dns_zone", name="Example.COM.")["changed"]
    assert lab.cycle("lightsail_dns_zone", "zone", name=ZONE, tags={"a": "b"}, purge_tags=False)["zone"]["tags"] == {
        "cloudpress:site": "example",
        "a": "b",
    }
    lab.cycle("lightsail_dns_zone", "zone", name=ZONE, state="absent")


def test_region_does_not_matter(lab):
    assert lab.run("lightsail_dns_zone", name=ZONE, region="ap-south-1")["changed"]
    assert [zone["name"] for zone in lab.run("lightsail_dns_zone_info", region="eu-west-1")["zones"]] == [ZONE]


def test_delete_with_records_needs_force(lab):
    lab.run("lightsail_dns_zone", name=ZONE)
    lab.run("lightsail_dns_record", zone=ZONE, name="www.example.com", type="A", value="192.0.2.1")
    for check in (True, False):
        assert "holds 1 records" in lab.fail("lightsail_dns_zone", check=check, name=ZONE, state="absent")
    lab.cycle("lightsail_dns_zone", "zone", name=ZONE, state="absent", force=True)


def test_lost_answer(lab):
    lab.cloud.fault("CreateDomain", "lost-answer")
    assert lab.run("lightsail_dns_zone", name=ZONE)["zone"]["name"] == ZONE


def test_info(lab):
    for zone in ("example.com", "example.org"):
        lab.run("lightsail_dns_zone", name=zone, tags={"zone": zone})
    lab.run("lightsail_dns_record", zone="example.org", name="@", type="A", value="192.0.2.1")
    assert [zone["name"] for zone in lab.run("lightsail_dns_zone_info")["zones"]] == ["example.com", "example.org"]
    found = lab.run("lightsail_dns_zone_info", names=["Example.org.", "example.net"])["zones"]
    assert [zone["name"] for zone in found] == ["example.org"]
    assert found[0]["records"] == [{"name": "example.org", "type": "A", "value": "192.0.2.1", "alias": False}]
    assert [zone["name"] for zone in lab.run("lightsail_dns_zone_info", filters={"zone": "example.com"})["zones"]] == ["example.com"]
