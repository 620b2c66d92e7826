# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts of several generations: each is moved, or refused in one sentence before a byte is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab import MARK, SCHEMA, message
from layouts import layout

BITNAMI = layout().name == "bitnami"
CONFIG, STATE = layout().config, layout().state
POST = f'wp_insert_post(array("post_title" => "{MARK}", "post_status" => "publish", "post_content" => "\U0001f389"));'


@pytest.mark.skipif(not BITNAMI, reason="a generation of Bitnami's")
def test_the_generation_before_with_mysql(empty_lab):
    lab = empty_lab
    lab.host({"image": "bitnami_b"})
    lab.empty_database()
    lab.here((Path(__file__).parent / "mysql.sql").read_text())
    lab.php(POST)
    assert lab.state() == "old"
    status, output = lab.move()
    assert status == 0, message(output)
    assert lab.state() == "new"
    assert lab.there(f"SELECT f + 0e0, HEX(b), h, s, v FROM {SCHEMA}.t_mysql WHERE id = 500") == ["1234567.75\t00FF275C0A1A\t9\t1\tä-9"]
    assert lab.there(f"SELECT event_name, status FROM information_schema.events WHERE event_schema = '{SCHEMA}'") == ["ev\tENABLED"]
    # the old database stays as it is, for its administrator too, also after a restart
    lab.shell("/opt/bitnami/ctlscript.sh restart mysql")
    assert lab.here("SELECT @@read_only, @@super_read_only;") == ["1\t1"]
    assert lab.move()[0] == 0 and lab.result()["state"] == "already_moved"


@pytest.fixture(scope="module")
def plain_lab(empty_lab):
    """The snapshot "plain" holds a site as it comes, with one post."""
    empty_lab.host()
    empty_lab.php(POST)
    empty_lab.snapshot("plain")
    return empty_lab


def a_define(name: str, value: str) -> str:
    """The command that replaces a constant's line by another."""
    return f"sed -i \"s#^define( *'{name}'.*#{value}#\""


@pytest.mark.parametrize(
    ("shape", "edit"),
    [
        ("the socket in DB_HOST", a_define("DB_HOST", f"define( 'DB_HOST', 'localhost:{layout().socket}' );")),
        ("localhost", a_define("DB_HOST", "define( 'DB_HOST', 'localhost' );")),
        ("a port", a_define("DB_HOST", "define( 'DB_HOST', '127.0.0.1:3306' );")),
        ("constants from the environment", a_define("DB_NAME", f"define( 'DB_NAME', getenv( 'NOBODY' ) ?: '' . '{layout().schema}' );")),
        ("windows line endings", "sed -i 's/$/\\r/'"),
        ("const", a_define("DB_USER", f"const DB_USER = '{layout().database_user}';")),
    ],
)
def test_shapes_of_wp_config(plain_lab, shape, edit):
    lab = plain_lab
    lab.host({"snapshot": "plain"})
    lab.empty_database()
    lab.shell(f"{edit} {CONFIG}; {layout().restart_php}")
    assert lab.state() == "old"
    status, output = lab.move()
    assert status == 0, message(output)
    assert lab.state() == "new"


@pytest.mark.parametrize(
    ("what", "change", "words"),
    [
        ("a network of sites", "sed -i \"s#^/\\* That's all#define( 'MULTISITE', true );\\n&#\" CONFIG", "network of sites"),
        ("a broken wp-config.php", "sed -i '2i define( ;' CONFIG", "cannot be evaluated"),
        ("no wp-config.php", "mv CONFIG /root/kept", "no wp-config.php"),
        ("no WordPress", f"mv {layout().root} {layout().root}-other", "There is no WordPress"),
        ("an image that nobody knows", "mv /opt/bitnami /opt/other 2>/dev/null || mv /opt/aws /opt/other", "none of the WordPress images"),
        ("an administrator whose password nobody knows", "rm -f /home/bitnami/bitnami_application_password", "wordpress_database_source_user"),
    ],
)
def test_refused_before_a_byte_is_changed(plain_lab, what, change, words):
    lab = plain_lab
    lab.host({"snapshot": "plain"})
    lab.empty_database()
    secret = what.startswith("an administrator")
    if secret:
        # SET PASSWORD would leave the login by the socket beside it, which Debian's MariaDB has.
        lab.here("ALTER USER root@localhost IDENTIFIED VIA mysql_native_password USING PASSWORD('changed-by-the-owner');")
    lab.shell(change.replace("CONFIG", CONFIG))
    # what a move may touch: configuration, PHP's settings, its own directory
    places = "/opt /etc/php /var/www /var/lib/cloudpress /bitnami/wordpress"
    places += "".join(f" -not -path '*/{name}/*'" for name in ("data", "tmp", "logs", "run"))
    look = f"find {places} -type f -newer /root/before 2>/dev/null || true"
    lab.shell("sleep 1; touch /root/before")
    status, output = lab.move()
    assert status != 0 and words in message(output), output
    assert lab.shell(look).split() in ([], [f"{STATE}/move.lock"])
    assert not lab.there(f"SELECT 1 FROM information_schema.schemata WHERE schema_name = '{SCHEMA}'")
    if secret:
        status, output = lab.move(wordpress_database_source_user="root", wordpress_database_source_password="changed-by-the-owner")
        assert status == 0, message(output)
        assert lab.state() == "new"
