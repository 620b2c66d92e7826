# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only the web server sees is looked at before visitors are let in, and until then nobody gets a page of the new database."""

from __future__ import annotations

import threading
import time

import pytest
from lab import ENDPOINT, MARK, SCHEMA, message
from layouts import layout

BITNAMI = layout().name == "bitnami"
ROOT, CONFIG = layout().root, layout().config
OLD = "<?php define( 'DB_HOST', '127.0.0.1' );"


def web_only(setting: str, value: str) -> str:
    """The command that sets what PHP sees in the web only."""
    if BITNAMI:
        return f"echo 'php_admin_value[{setting}] = {value}' >> /opt/bitnami/php/etc/php-fpm.d/www.conf; /opt/bitnami/ctlscript.sh restart php-fpm"
    return f"echo '{setting} = {value}' > $(ls -d /etc/php/*/apache2/conf.d | head -1)/zzz-owner.ini; systemctl restart apache2"


def a_variable_of_the_web_server() -> str:
    """The command after which wp-config.php takes other constants where Apache sets a variable."""
    place, restart = "/etc/apache2/conf-enabled/zz-owner.conf", "systemctl restart apache2"
    if BITNAMI:
        place, restart = "/opt/bitnami/apache/conf/vhosts/zz-owner.conf", "/opt/bitnami/ctlscript.sh restart apache"
    condition = f"if ( isset( $_SERVER['OWNER_PLACE'] ) ) {{ require '{ROOT}/web-only.php'; }}"
    return f"echo 'SetEnv OWNER_PLACE web' > {place}; sed -i \"2i {condition}\" $(readlink -f {CONFIG}); {restart}".replace("$_SERVER", "\\$_SERVER")


@pytest.fixture(scope="module")
def site(empty_lab):
    empty_lab.host()
    empty_lab.php(f'wp_insert_post(array("post_title" => "{MARK}", "post_status" => "publish"));')
    empty_lab.snapshot("site")
    return empty_lab


@pytest.fixture
def lab(site):
    site.host({"snapshot": "site"})
    site.empty_database()
    return site


def leftovers(lab) -> str:
    return lab.shell("find /etc /opt /var/www /var/lib -name '*cloudpress-move*' -not -path '*/data/*' 2>/dev/null || true").strip()


def visitor(lab, statuses: list) -> tuple[threading.Thread, threading.Event]:
    """Visits until told to stop, and notes each status."""
    end = threading.Event()

    def visit():
        while not end.is_set():
            # a busy machine answers late, which is not a closed site
            statuses.append(lab.visit(timeout=60)[0])
            time.sleep(0.02)

    thread = threading.Thread(target=visit)
    thread.start()
    return thread, end


@pytest.mark.parametrize(
    ("what", "change", "words"),
    [
        ("a variable of the web server", a_variable_of_the_web_server(), "for the web only"),
        ("authorities of the web server's PHP alone", web_only("openssl.cafile", "/etc/ssl/certs/ISRG_Root_X1.pem"), "does not reach the managed database"),
    ],
)
def test_what_only_the_web_sees_takes_the_move_back(lab, what, change, words):
    names = "array( 'DB_HOST', 'DB_NAME', 'DB_USER', 'DB_PASSWORD' )"
    old = f"foreach ( {names} as $name ) printf( 'define( %s, %s );', var_export( $name, true ), var_export( constant( $name ), true ) );"
    lab.shell(f"cat > {ROOT}/web-only.php", input="<?php error_reporting( 0 ); define( 'MYSQL_CLIENT_FLAGS', 0 ); " + lab.php(old))
    # the mark of an earlier move says nothing of this one
    lab.php('add_option("cloudpress_moved", wp_json_encode(array("time" => "2025-01-01T00:00:00+00:00")));')
    lab.shell(change)
    assert lab.state() == "old"
    statuses = []
    thread, end = visitor(lab, statuses)
    status, output = lab.move()
    end.set()
    thread.join()
    assert status != 0 and words in message(output) and "runs on its old database again" in message(output), output
    assert set(statuses) <= {200, 0, 503}, set(statuses)
    assert lab.state() == "old" and leftovers(lab) == ""
    assert not lab.there(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{SCHEMA}'")


# what a pool of PHP-FPM sets is seen through the web only, see above
@pytest.mark.parametrize("first", [False, pytest.param(True, marks=pytest.mark.skipif(BITNAMI, reason="a setting of the pool"))])
def test_a_branch_by_sapi_is_refused_while_the_site_runs(lab, first):
    lab.shell(f"cat > {ROOT}/web-only.php", input=OLD)
    if first:
        lab.shell(web_only("auto_prepend_file", f"{ROOT}/web-only.php"))
    else:
        lab.shell(f"sed -i \"2i if ( PHP_SAPI !== 'cli' ) {{ require '{ROOT}/web-only.php'; }}\" $(readlink -f {CONFIG}); {layout().restart_php}")
    statuses = []
    status, output = lab.move(on_line=lambda line: statuses.append(lab.visit()[0]) if line.startswith("TASK") else None)
    assert status != 0 and "DB_HOST" in message(output), output
    assert set(statuses) == {200} and lab.state() == "old"
    assert not lab.there(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{SCHEMA}'")


def test_visitors_wait_at_the_gate(lab):
    statuses = []
    thread, end = visitor(lab, statuses)
    status, output = lab.move()
    end.set()
    thread.join()
    assert status == 0, output
    changes = [now for before, now in zip([None, *statuses], statuses) if now != before]
    print(f"a visitor sees {changes}")
    assert set(statuses) == {200, 0, 503} and changes[-2:] == [503, 200], changes
    assert lab.state() == "new" and leftovers(lab) == ""


def test_a_password_before_the_site_does_not_bar_the_look(lab):
    if BITNAMI:
        place, start = "/opt/bitnami/apache/conf/vhosts/zz-owner.conf", "/opt/bitnami/ctlscript.sh restart apache"
    else:
        place, start = "/etc/apache2/conf-enabled/zz-owner.conf", "systemctl restart apache2"
        lab.shell("a2enmod -q auth_basic authn_file authz_user")
    lab.shell("printf 'owner:%s\\n' $(openssl passwd -apr1 secret) > /var/users")
    lab.shell(f"cat > {place}; {start}", input="<Location />\nAuthType Basic\nAuthName x\nAuthUserFile /var/users\nRequire valid-user\n</Location>\n")
    assert lab.visit()[0] == 401
    status, output = lab.move()
    assert status == 0, output
    assert lab.visit()[0] == 401 and leftovers(lab) == "" and ENDPOINT in lab.shell(f"cat {CONFIG}")
