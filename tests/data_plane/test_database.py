# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases: TLS or nothing, a master user without SUPER, reachable from the hosts only."""

from __future__ import annotations

import socket
import ssl
import time

import pymysql
import pytest

from lightsail_local.data_plane.base import DataPlaneError

ENDPOINT = "ls-0123456789abcdef0123456789abcdef01234567.cabcdefgh.eu-central-1.rds.amazonaws.com"
PASSWORD = "it's $a \\ #pass& word%".replace(" ", "-")


@pytest.fixture(scope="module")
def database(plane):
    began = time.monotonic()
    made = plane.create_database("db-1", endpoint_name=ENDPOINT, master_username="dbmasteruser", master_password=PASSWORD, database_name="dbmaster")
    print(f"database up in {time.monotonic() - began:.1f} s")
    assert time.monotonic() - began < 20  # aimed at 8
    plane.put_dns({"zones": {}, "delegated": [], "external": {}, "names": {ENDPOINT: made["address"]}})
    yield made["address"]
    plane.delete_database("db-1")


@pytest.fixture(scope="module")
def sql(web, plane):
    # The operator's way: the CA given as RDS's bundle is, the name verified.
    web.ssh(f"cat > /tmp/ca.pem <<'END'\n{plane.ca.databases.root_pem}END\n")

    def run(statement: str, password: str = PASSWORD, options: str = "--ssl-ca=/tmp/ca.pem --ssl-verify-server-cert", check: bool = True) -> str:
        quoted = password.replace("\\", "\\\\").replace('"', '\\"')
        web.ssh(f"cat > /tmp/my.cnf <<'END'\n[client]\nuser=dbmasteruser\npassword=\"{quoted}\"\nhost={ENDPOINT}\nEND\n")
        return web.ssh(f"/opt/bitnami/mariadb/bin/mysql --defaults-file=/tmp/my.cnf {options} -N 2>&1 <<'END'\n{statement}\nEND\n", check=check).strip()

    return run


def test_it_is_mysql_over_verified_tls(database, sql):
    version = sql("SELECT VERSION(), @@version_comment, @@require_secure_transport, @@collation_server")
    assert "MariaDB" not in version and "utf8mb4_0900_ai_ci" in version and "\t1\t" in version
    assert "TLS" in sql("SHOW STATUS LIKE 'Ssl_cipher'")
    assert "dbmaster" in sql("SHOW DATABASES")


def test_the_error_log_is_the_servers_own(database, plane):
    log = plane.database_log("db-1")
    assert any("ready for connections" in text for moment, text in log)
    assert [moment for moment, text in log] == sorted(moment for moment, text in log) and time.time() - log[-1][0] < 3600
    assert plane.database_log("nothing") == []


def test_hosts_trust_it_only_with_its_bundle(database, sql, web, plane):
    """As on AWS: RDS's root is in no system's store, Amazon's is."""
    assert "certificate" in sql("SELECT 1", options="--ssl-ca=/etc/ssl/certs/ca-certificates.crt --ssl-verify-server-cert", check=False).lower()
    web.ssh(f"cat > /tmp/local-ca.pem <<'END'\n{plane.ca.root_pem}END\n")
    assert "OK" in web.ssh("openssl verify -CAfile /etc/ssl/certs/ca-certificates.crt /tmp/local-ca.pem")


def test_plain_text_is_refused(database, sql):
    assert "insecure transport" in sql("SELECT 1", options="--skip-ssl", check=False)


def test_the_master_user_is_limited_as_on_rds(database, sql):
    grants = sql("SHOW GRANTS")
    assert "CREATE USER" in grants and "SUPER" not in grants and "FILE" not in grants and "SYSTEM_VARIABLES_ADMIN" not in grants
    assert "1227" in sql("SET GLOBAL max_connections = 10", check=False)
    sql("CREATE DATABASE app; CREATE TABLE app.t (a INT); CREATE USER app IDENTIFIED BY 'App-pass.1' REQUIRE SSL; GRANT ALL ON app.* TO app")
    assert "1227" in sql("CREATE DEFINER='root'@'localhost' VIEW app.v AS SELECT 1", check=False)
    trigger = "CREATE TRIGGER app.tr BEFORE INSERT ON app.t FOR EACH ROW SET NEW.a = 1"
    assert "1419" in sql(trigger, check=False)


def test_parameters(database, sql, plane):
    plane.set_database_parameters("db-1", {"log_bin_trust_function_creators": "1"})
    sql("CREATE DATABASE IF NOT EXISTS trig; CREATE TABLE trig.t (a INT); CREATE TRIGGER trig.tr BEFORE INSERT ON trig.t FOR EACH ROW SET NEW.a = 1")
    plane.set_database_parameters("db-1", {"max_allowed_packet": "134217728", "lower_case_table_names": "0"})
    plane.reboot_database("db-1")
    assert sql("SELECT @@log_bin_trust_function_creators, @@max_allowed_packet").split() == ["1", "134217728"]
    with pytest.raises(DataPlaneError, match="max_connections"):
        plane.set_database_parameters("db-1", {"max_connections": "many"})
    plane.set_database_parameters("db-1", {"max_connections": "60"})


def test_reachable_from_the_hosts_only(database, plane, sql):
    def open_from_here(address: str) -> bool:
        try:
            with socket.create_connection((address, 3306), 1):
                return True
        except OSError:
            return False

    assert not open_from_here(database)
    public = plane.allocate_address()
    plane.set_database_public("db-1", public)
    # A driver that is no relative of the hosts' client; the name verified, though this machine cannot resolve it.
    authority = ssl.create_default_context(cadata=plane.ca.databases.root_pem)
    driver = pymysql.connect(host=ENDPOINT, user="dbmasteruser", password=PASSWORD, ssl=authority, defer_connect=True)
    driver.connect(socket.create_connection((public, 3306), 5))
    with driver, driver.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'Ssl_version'")
        assert cursor.fetchone()[1].startswith("TLSv1.")
    plane.set_database_public("db-1", None)
    assert not open_from_here(public)
    assert sql("SELECT 1") == "1"


def test_password(database, plane, sql):
    plane.set_database_password("db-1", "Another-one.2")
    assert "1045" in sql("SELECT 1", check=False)
    assert sql("SELECT 1", password="Another-one.2") == "1"
    plane.set_database_password("db-1", PASSWORD)


def test_snapshot_and_restore(database, plane, sql):
    sql("CREATE DATABASE keep; CREATE TABLE keep.t (a INT); INSERT INTO keep.t VALUES (7)")
    began = time.monotonic()
    plane.create_database_snapshot("dbsnap-1", "db-1")
    print(f"database snapshot in {time.monotonic() - began:.1f} s")
    sql("INSERT INTO keep.t VALUES (8)")
    other = "ls-ffff456789abcdef0123456789abcdef01234567.cabcdefgh.eu-central-1.rds.amazonaws.com"
    made = plane.create_database(
        "db-2", endpoint_name=other, master_username="dbmasteruser", master_password=PASSWORD, database_name="", snapshot_id="dbsnap-1"
    )
    plane.put_dns({"zones": {}, "delegated": [], "external": {}, "names": {ENDPOINT: made["address"]}})
    # The certificate bears the copy's own name.
    assert "ERROR 2026" in sql("SELECT 1", check=False)
    assert sql("SELECT a FROM keep.t", options="--ssl --skip-ssl-verify-server-cert") == "7"
    plane.put_dns({"zones": {}, "delegated": [], "external": {}, "names": {ENDPOINT: database}})
    assert sql("SELECT a FROM keep.t").split() == ["7", "8"]
    plane.delete_database("db-2")
    plane.delete_database_snapshot("dbsnap-1")


def test_stop_and_start(database, plane, sql):
    plane.stop_database("db-1")
    assert "ERROR 2002" in sql("SELECT 1", check=False) or "ERROR 2013" in sql("SELECT 1", check=False)
    plane.start_database("db-1")
    assert sql("SELECT COUNT(*) FROM keep.t") == "2"


def test_wordpress_of_a_host_uses_it(database, web, sql):
    """The flags of facts 3.3, on the host's own PHP: encrypted and verified, once the bundle is given."""
    password = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")

    def cipher(bundle: str) -> str:
        return web.php(
            f"mysqli_report(MYSQLI_REPORT_OFF); $c = mysqli_init(); {bundle} @mysqli_real_connect($c, '{ENDPOINT}', 'dbmasteruser', '{password}', '',"
            " 3306, null, MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT);"
            " echo mysqli_connect_errno() ? 'refused' : $c->query(\"SHOW STATUS LIKE 'Ssl_cipher'\")->fetch_row()[1];"
        )

    assert cipher("") == "refused"
    assert "TLS_AES" in cipher("$c->ssl_set(null, null, '/tmp/ca.pem', null, null);")
