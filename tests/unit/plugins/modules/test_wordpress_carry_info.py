# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host has is found by looking, and what an earlier run brought does not count."""

from __future__ import annotations

import shutil

import pytest

from ansible_collections.cloudpress.lightsail.plugins.modules import wordpress_carry_info as info

PHP = shutil.which("php")
pytestmark = pytest.mark.skipif(PHP is None, reason="needs a php on PATH")
LIMITS = {"memory_limit": ["512M"], "upload_max_filesize": ["80M"], "max_input_vars": ["1000"]}


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A function that makes a host with these files and describes it as wordpress_facts does."""
    monkeypatch.setenv("PHPRC", "")
    monkeypatch.setenv("PHP_INI_SCAN_DIR", "")

    def make(name, files):
        base = tmp_path / name
        files = {
            "root/wp-includes/version.php": "<?php $required_php_version = '7.2.24';",
            "root/wp-content/index.php": "",
            **files,
        }
        files = {"php/php.ini": "memory_limit = 512M\nupload_max_filesize = 80M\n", "php/conf.d/10.ini": "", **files}
        for path, text in files.items():
            (base / path).parent.mkdir(parents=True, exist_ok=True)
            (base / path).write_text(text)
        return {
            "root": f"{base}/root",
            "content_path": f"{base}/root/wp-content",
            "php": PHP,
            "php_flavour": "mod_php",
            "php_ini_dirs": [f"{base}/php/conf.d"],
            "php_fpm": {"program": "", "pool_dir": ""},
            "web_server": {"config_dirs": [f"{base}/vhosts"]},
            "renewal_users": [],
            "login": f"login-of-{name}",
            "web_user": "web",
            "image": {
                "mark": f"{base}/image",
                "virtual_hosts": ["shipped.conf"],
                "htaccess_files": [f"{base}/htaccess.conf"],
                "php": LIMITS,
            },
        }

    return make


def test_limits_come_from_the_web_s_files_and_not_from_an_earlier_run(host):
    source = info.look(host("old", {"php/conf.d/99.ini": "max_input_vars = 5000\nupload_max_filesize = 123M\n"}))
    assert (source["php"]["max_input_vars"], source["php"]["memory_limit"]) == ("5000", "512M")
    fresh = host("new", {})
    first = info.plan(source, info.look(fresh), fresh)
    assert first["php"].splitlines()[1:] == ["max_input_vars = 5000", "upload_max_filesize = 123M"]
    again = host("new", {"php/conf.d/" + info.INI_NAME: first["php"]})
    assert info.plan(source, info.look(again), again)["php"] == first["php"]


def test_files_of_the_owner_are_named(host):
    old = host(
        "old",
        {
            "root/google1.html": "x",
            "root/index.php": "x",
            "root/wp-config.php": "left alone",
            "root/wp-content/plugins/shop/shop.php": "<?php",
            "root/wp-content/mu-plugins/own.php": "<?php",
            "vhosts/own.conf": "<VirtualHost *:80>\n</VirtualHost>",
            "vhosts/shipped.conf": "<VirtualHost *:80>\n</VirtualHost>",
        },
    )
    with open(f"{old['content_path']}/advanced-cache.php", "w", encoding="utf-8") as file:
        file.write(f"<?php define( 'X', '{old['root']}' );")
    found = info.look(old)
    assert found["in_root"] == ["google1.html"] and found["plugins"] == ["shop"] and found["must_use"] == ["own.php"]
    assert [path.rsplit("/", 1)[1] for path in found["virtual_hosts"]] == ["own.conf"]
    assert found["bound"] == [f"{old['content_path']}/advanced-cache.php"] and found["drop_ins"] == [
        "advanced-cache.php"
    ]
    assert found["files"] == 7 and found["required_php"] == "7.2.24" and not found["content_elsewhere"]
    new = host("new", {})
    plan = info.plan(found, info.look(new), new)
    assert [line for line in plan["behind"] if line.startswith("virtual hosts in ")] == [
        f"virtual hosts in {found['virtual_hosts'][0]}"
    ]
    assert len(plan["doubts"]) == 1


def test_rules_are_given_the_directories_of_the_target(host):
    old, new = host("old", {}), host("new", {})
    with open(old["image"]["htaccess_files"][0], "w", encoding="utf-8") as file:
        file.write(f'<Directory "{old["root"]}/wp-content/private">\n  Require all denied\n</Directory>\n')
    plan = info.plan(info.look(old), info.look(new), new)
    assert f'<Directory "{new["root"]}/wp-content/private">' in plan["rules"] and old["root"] not in plan["rules"]


def test_a_crontab_that_both_images_have_is_the_image_s(host):
    old, new = host("old", {}), host("new", {})
    entry = {"user": "root", "times": "@daily", "command": "/bin/true", "variables": {}}
    source = {**info.look(old), "crontabs": {"d-php": [entry], "d-shop": [entry]}}
    plan = info.plan(source, {**info.look(new), "cron_files": ["php"]}, new)
    assert list(plan["cron"]) == ["cloudpress-carried-d-shop"]
    assert "/etc/cron.d/php, which the target has of its own" in plan["behind"]
