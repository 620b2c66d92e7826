# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of site_verify, as Ansible renders it: JSON that fits its schema, a page with a picture in which what fails is red."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

import jsonschema
import pytest
import yaml

ROLE = Path(__file__).resolve().parents[3] / "roles" / "site_verify"
SCHEMA = json.loads((ROLE / "files" / "report.schema.json").read_text())
NODE = {
    "home": "https://www.shop.example", "site_url": "https://www.shop.example", "wordpress": "6.8", "php": "8.2.1", "hostname": "ip-172-26-0-4",
    "identity": "m1 k1", "database_host": "db:3306", "database_server": ["db", "8.0.40", "wordpress@%"], "database_cipher": "TLS_AES",
    "database_connections": [9, 60], "local_database": False, "file_mods_locked": True, "page_view_cron_off": True, "cron_entry": True,
    "cron_seconds_late": 5, "attachments": 3, "offloaded": 3, "media_url": "https://media.shop.example/<a>.jpg", "self_fetch": "200",
    "public_port": "closed", "manifest": {"total": "a", "core": "b", "plugins": "c", "themes": "d"},
}
PAGE = {"url": "https://www.shop.example/", "address": "192.0.2.1", "status": 200, "certificate_days_left": 300, "headers": {}}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of a site of three nodes of which one says nothing and one lost its cron, judged and rendered by the role's own files."""
    folder = tmp_path_factory.mktemp("report")
    redirect = {**PAGE, "status": 301, "headers": {"location": "https://www.shop.example/"}}
    medium = {**PAGE, "url": "https://media.shop.example/<a>.jpg", "headers": {"x-cache": "Hit from cloudfront"}}
    nodes = {"web-1": NODE, "web-2": {**NODE, "identity": "m2 k2", "cron_entry": False}}
    plays = [
        {"hosts": ",".join(nodes), "gather_facts": False,
         "tasks": [{"ansible.builtin.set_fact": {"site_verify_node": "{{ said[inventory_hostname] }}"}, "vars": {"said": nodes}}]},
        {"hosts": "localhost", "gather_facts": False, "vars_files": [str(ROLE / "vars/main.yml")],
         "vars": {
             **yaml.safe_load((ROLE / "defaults/main.yml").read_text()),
             "site_verify_url": "https://www.shop.example", "site_verify_media_host": "media.shop.example", "site_verify_other_host": "shop.example",
             "site_verify_nodes": ["web-1", "web-2", "web-3"], "site_verify_summary": [{"label": "price", "text": "USD 1 & more"}],
             "site_verify_warnings": ["The certificate <x> ends soon."],
             "site_verify_targets": [{"instance_name": name, "instance_health": "healthy"} for name in nodes],
             "__site_verify_pages": {"answers": [PAGE, redirect, redirect]}, "__site_verify_media": {"answers": [medium, medium]},
             "__site_verify_stranger": {"answers": [{**PAGE, "status": 403}]}},
         "tasks": [{"ansible.builtin.include_tasks": str(ROLE / "tasks/judge.yml")},
                   *({"ansible.builtin.template": {"src": str(ROLE / f"templates/{name}.j2"), "dest": str(folder / name), "mode": "0600"}}
                     for name in ("report.json", "report.html"))]},
    ]
    (folder / "play.yml").write_text(yaml.safe_dump(plays, sort_keys=False))
    (folder / "hosts").write_text(f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}\nweb-1\nweb-2\n")
    command = [Path(sys.executable).parent / "ansible-playbook", "-i", folder / "hosts", folder / "play.yml"]
    done = subprocess.run(command, cwd=ROLE.parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_json_fits_its_schema_and_names_what_fails(report):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    told = json.loads((report / "report.json").read_text())
    jsonschema.validate(told, SCHEMA)
    assert told["ok"] is False and told["nodes"]["web-3"] == {} and told["summary"] == {"price": "USD 1 & more"}
    assert [check["name"] for check in told["checks"] if not check["ok"]] == ["web-2 cron", "web-3 answers"]
    assert told["warnings"] == ["The certificate <x> ends soon."]


def test_the_schema_refuses_what_the_readme_does_not_say(report):
    told = json.loads((report / "report.json").read_text())
    jsonschema.validate(told, SCHEMA)
    for broken in ({**told, "time": "yesterday"}, {**told, "schema": 2}, {**told, "nodes": {"web-1": {"home": "x"}}}, {**told, "checks": []}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, SCHEMA)


def test_the_picture_shows_every_part_and_what_fails_in_red(report):
    text = (report / "report.html").read_text()
    assert "2 of " in text and "USD 1 &amp; more" in text and "<a>.jpg" not in text and "The certificate &lt;x&gt; ends soon." in text
    picture = xml.fromstring(re.search(r"<svg.*?</svg>", text, re.S)[0])
    boxes = {group.findall("text")[0].text: group.get("class") for group in picture.iter("g")}
    assert boxes == {"visitors": "good", "load balancer": "good", "distribution": "good", "database": "good", "bucket": "good",
                     "web-1": "good", "web-2": "bad", "web-3": "bad"}
