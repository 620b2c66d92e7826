# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PHP's limits, rules of the web server and cron entries go along to another host, and what stays behind is named."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _carry_plan, _cron

IMAGE = {
    "memory_limit": ["128M", "256M"],
    "upload_max_filesize": ["2M"],
    "post_max_size": ["8M"],
    "max_execution_time": ["30"],
}
PLACES = [
    ("/opt/old/site", "/srv/www"),
    ("/old/content", "/srv/www/wp-content"),
    ("/opt/old/php/bin/php", "/usr/bin/php"),
]


# -- PHP's settings


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ({"memory_limit": "512M"}, {"memory_limit": "128M"}, {"memory_limit": "512M"}),
        # what the image ships is the image's; the new one has its own
        ({"memory_limit": "256M"}, {"memory_limit": "128M"}, {}),
        ({"memory_limit": "256m"}, {"memory_limit": "128M"}, {}),
        ({"memory_limit": "268435456"}, {"memory_limit": "128M"}, {}),
        # but an upload that worked shall work
        ({"upload_max_filesize": "2M"}, {"upload_max_filesize": "1M"}, {"upload_max_filesize": "2M"}),
        ({"upload_max_filesize": "2M"}, {"upload_max_filesize": "80M"}, {}),
        ({"upload_max_filesize": "64M"}, {"upload_max_filesize": "80M"}, {"upload_max_filesize": "64M"}),
        # 0 and -1 mean none
        ({"max_execution_time": "30"}, {"max_execution_time": "0"}, {}),
        ({"max_execution_time": "0"}, {"max_execution_time": "30"}, {"max_execution_time": "0"}),
        ({"memory_limit": "-1"}, {"memory_limit": "128M"}, {"memory_limit": "-1"}),
        ({"post_max_size": "8M"}, {}, {"post_max_size": "8M"}),
        ({"date.timezone": "Europe/Berlin"}, {"date.timezone": "UTC"}, {"date.timezone": "Europe/Berlin"}),
        ({"date.timezone": ""}, {"date.timezone": "UTC"}, {}),
        ({"error_log": "/x"}, {"error_log": "/y"}, {}),
    ],
)
def test_limits_go_along_that_are_the_owner_s_or_would_be_missed(source, target, expected):
    assert _carry_plan.php_settings(source, target, IMAGE) == expected


SIZES = st.sampled_from(["-1", "0", "1", "30", "2M", "8M", "128M", "1G", "2048k"])


@given(
    source=st.dictionaries(st.sampled_from(sorted(IMAGE)), SIZES),
    target=st.dictionaries(st.sampled_from(sorted(IMAGE)), SIZES),
)
def test_what_went_along_is_in_effect_and_goes_along_no_more(source, target):
    settings = _carry_plan.php_settings(source, target, IMAGE)
    assert _carry_plan.php_settings(source, {**target, **settings}, IMAGE) == {}
    for name, value in re.findall(r"^(\S+) = \"?([^\"\n]*)\"?$", _carry_plan.ini_text(settings), re.MULTILINE):
        assert settings[name] == value


def test_no_settings_make_no_file():
    assert _carry_plan.ini_text({}) == ""


# -- paths


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/opt/old/site/wp-cron.php", "/srv/www/wp-cron.php"),
        ('"/opt/old/site"', '"/srv/www"'),
        ("cd /opt/old/site && /opt/old/php/bin/php x", "cd /srv/www && /usr/bin/php x"),
        ("/opt/old/site-backup/x", "/opt/old/site-backup/x"),
        ("/mnt/opt/old/site/x", "/mnt/opt/old/site/x"),
        ("/old/content/uploads", "/srv/www/wp-content/uploads"),
    ],
)
def test_paths_of_the_old_host_become_those_of_the_new_one(text, expected):
    assert _carry_plan.moved(text, PLACES) == expected


# -- rules

RULES = """# kept beside the site
<Directory "/opt/old/site">
  RewriteEngine On
  RewriteRule ^old$ /new [R=301,L]
  php_value memory_limit 1G
</Directory>
<Directory /old/content/uploads/private>
  Require all denied
</Directory>
<Directory "/opt/old/other">
  Require all granted
</Directory>
"""


def test_rules_for_the_site_s_directories_go_along():
    text, behind = _carry_plan.rules({"/opt/old/htaccess.conf": RULES}, PLACES, "/srv/www", False, "/opt/old")
    assert '<Directory "/srv/www">\n  RewriteOptions InheritDownBefore' in text and "^old$ /new" in text
    assert "<Directory /srv/www/wp-content/uploads/private>" in text
    assert "php_value" not in text and "/opt/old" not in text
    assert behind == ["rules in /opt/old/htaccess.conf for /opt/old/other"]


def test_rules_outside_of_a_directory_are_named():
    text, behind = _carry_plan.rules({"/x.conf": "# a comment\nRedirect /a /b\n"}, PLACES, "/srv/www", True, "/opt/old")
    assert (text, behind) == ("", ["rules in /x.conf outside of <Directory>"])


# -- cron

CRONTAB = """# the shop
MAILTO="shop@example.com"
PATH=/opt/old/php/bin:/bin
17 4 * * 1-5 /opt/old/php/bin/php /opt/old/site/wp-cron.php 2>&1
@daily /home/me/report --what=100\\%
0 3 * * * /opt/old/letsencrypt/lego renew
*/5 * * jan sun /opt/old/ctl restart
"""
USERS = {"root": "root", "old": "new"}


def test_entries_of_the_owner_go_along_and_others_are_named():
    files, behind = _carry_plan.cron({"login": _cron.entries(CRONTAB, "old")}, USERS, PLACES, "/opt/old")
    assert files == {
        "cloudpress-carried-login": _carry_plan.CRON_HEADER
        + 'MAILTO="shop@example.com"\n17 4 * * 1-5 new /usr/bin/php /srv/www/wp-cron.php 2>&1\n'
        + "@daily new /home/me/report --what=100\\%\n"
    }
    assert [line.split(":")[0] for line in behind] == [
        "PATH of the cron entry of old, because it names /opt/old",
        "PATH of the cron entry of old, because it names /opt/old",
        "cron entry of old, because it renews a certificate",
        "cron entry of old, because it names files of the old image",
    ]


def test_entries_of_a_user_that_is_not_there_are_named():
    files, behind = _carry_plan.cron({"d-x": _cron.entries("* * * * * backup /bin/true\n")}, USERS, PLACES, "/opt/old")
    assert files == {} and "a user that the target does not have" in behind[0]


WORD = st.text(alphabet="abcXYZ/._-%=\\\"' *1", min_size=1, max_size=20).filter(lambda text: text.strip() == text)
TIMES = st.one_of(
    st.sampled_from(["@daily", "@reboot"]),
    st.lists(st.sampled_from(["*", "1-5", "*/7", "0,30", "mon"]), min_size=5, max_size=5).map(" ".join),
)
ENTRY = st.fixed_dictionaries({"user": st.sampled_from(["root", "me"]), "times": TIMES, "command": WORD})


@given(
    st.lists(ENTRY, max_size=5),
    st.dictionaries(st.sampled_from(["MAILTO", "PATH", "SHELL"]), st.sampled_from(["", "x", "/bin:/usr/bin", "a b"])),
)
def test_a_crontab_that_is_written_reads_as_it_was(wanted, variables):
    wanted = [{**entry, "variables": variables} for entry in wanted]
    assert _cron.entries(_cron.system_crontab(wanted)) == wanted


def test_what_was_a_part_of_the_language_is_no_missing_function():
    assert _carry_plan.missing_functions(["array_find", "die", "exit", "strlen"], ["strlen"]) == ["array_find"]
