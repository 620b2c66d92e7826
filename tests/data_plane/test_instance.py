# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances: what a role meets on Bitnami's, and what makes each one a machine of its own, of either kind."""

from __future__ import annotations

import json
import socket
import subprocess
import time

import pytest


def reachable(address: str, port: int, timeout: float = 1.0) -> bool:
    try:
        with socket.create_connection((address, port), timeout):
            return True
    except OSError:
        return False


def test_boots_within_seconds(make_host, plane):
    began = time.monotonic()
    host = make_host()
    print(f"instance up in {time.monotonic() - began:.1f} s")
    assert time.monotonic() - began < 20  # aimed at 8; the margin is for a busy CI machine
    assert host.ssh("id -un; id -u").split() == ["bitnami", "1000"]
    assert host.ssh("sudo id -u").strip() == "0"
    plane.delete_instance(host.id)


def test_layout_is_bitnamis(web):
    links = web.ssh("readlink /opt/bitnami/wordpress/wp-config.php /opt/bitnami/wordpress/wp-content /opt/bitnami/apache2").split()
    assert links == ["/bitnami/wordpress/wp-config.php", "/bitnami/wordpress/wp-content", "apache"]
    paths = {
        "/opt/bitnami/wordpress": "bitnami daemon 775",
        "/opt/bitnami/wordpress/wp-load.php": "bitnami daemon 664",
        "/bitnami/wordpress/wp-content/plugins": "bitnami daemon 775",
        "/bitnami/wordpress/wp-config.php": "bitnami daemon 640",
        "/opt/bitnami/php/var/run/www.sock": "daemon daemon 660",
        "/home/bitnami/bitnami_application_password": "bitnami bitnami 440",
    }
    listed = web.ssh("stat -c '%n=%U %G %a' " + " ".join(paths)).splitlines()
    assert dict(line.split("=") for line in listed) == paths
    for path in (
        "/opt/bitnami/php/bin/php /opt/bitnami/php/etc/php.ini /opt/bitnami/mariadb/bin/mysqldump /opt/bitnami/mariadb/bin/mysql"
        " /opt/bitnami/mariadb/tmp/mysql.sock /opt/bitnami/apache/conf/vhosts/wordpress-vhost.conf"
        " /opt/bitnami/apache/conf/vhosts/wordpress-https-vhost.conf /opt/bitnami/apache/conf/bitnami/bitnami.conf"
        " /opt/bitnami/apache/conf/bitnami/certs/server.crt /opt/bitnami/ctlscript.sh /etc/monit/conf.d/mariadb.conf"
    ).split():
        web.ssh(f"sudo test -e {path}")
    assert web.ssh("cat /etc/cron.deny").split() == ["daemon"]
    # Over "ssh host command" the components are not on the path; under sudo they are (facts 1.4).
    assert web.ssh("command -v mysqldump || echo none").strip() == "none"
    assert web.ssh("sudo sh -c 'command -v mysqldump'").strip() == "/opt/bitnami/mariadb/bin/mysqldump"


def test_wp_config_has_bitnamis_shape(web):
    text = web.ssh("cat /bitnami/wordpress/wp-config.php")
    before, after = text.split("require_once ABSPATH . 'wp-settings.php';")
    assert "add_filter" in after and "define(" not in after.replace("defined(", "")
    assert before.index("'FS_METHOD', 'direct'") < before.index("That's all, stop editing!")
    assert "define( 'WP_HOME', 'http://' . $_SERVER['HTTP_HOST'] . '/' );" in before
    assert "define( 'DB_HOST', '127.0.0.1:3306' );" in before
    assert "put your unique phrase" not in text and "made-at-first-boot" not in text


def test_wordpress_works(web):
    page = subprocess.run(["curl", "-s", "-i", "-H", "Host: www.example.net", f"http://{web.public_ip}/"], capture_output=True, text=True, check=True).stdout
    assert page.startswith("HTTP/1.1 200") and "http://www.example.net" in page
    password = web.ssh("cat bitnami_application_password").strip()
    answer = web.ssh(
        "curl -s -o /dev/null -w '%{http_code} %{redirect_url}' -b wordpress_test_cookie=1"
        f" -d 'log=user&pwd={password}&testcookie=1' http://127.0.0.1/wp-login.php"
    )
    assert answer == "302 http://127.0.0.1/wp-admin/"
    assert "MariaDB" in web.ssh(f"sudo mysql -u root -p{password} -N -e 'SELECT version()'")


def test_service_control(make_host, plane):
    host = make_host()
    control = "sudo /opt/bitnami/ctlscript.sh"
    assert host.ssh(f"{control} status").splitlines() == ["php-fpm already running", "mariadb already running", "apache already running"]
    assert host.ssh(f"{control} restart apache").strip() == "Restarted apache"
    host.ssh(f"{control} stop mariadb && sudo mv /etc/monit/conf.d/mariadb.conf /etc/monit/conf.d/mariadb.conf.disabled")
    assert "mariadb" not in host.ssh(f"{control} restart")
    assert not host.ssh("pgrep mysqld || true").strip()
    # What died is started again; what was stopped is not.
    host.ssh("sudo pkill -9 php-fpm")
    until = time.monotonic() + 15
    while "php-fpm already running" not in host.ssh(f"{control} status"):
        assert time.monotonic() < until
        time.sleep(0.5)
    host.ssh("sudo touch /run/reboot-required")
    plane.reboot_instance(host.id)
    assert not host.ssh("ls /run/reboot-required 2> /dev/null || true"), "what is in /run does not survive a boot"
    assert host.ssh(f"{control} status").splitlines() == ["php-fpm already running", "apache already running"]
    plane.delete_instance(host.id)


def test_no_zombies_and_hardly_any_work_when_idle(web):
    time.sleep(2)
    assert "defunct" not in web.ssh("ps -e -o stat,comm | grep '^Z' | grep -v gonit || true")
    ticks = "awk '{s+=$14+$15} END {print s}' /proc/[0-9]*/stat"
    before = int(web.ssh(ticks))
    time.sleep(5)
    used = (int(web.ssh(ticks)) - before) / 100 / 5
    print(f"idle host: {used * 100:.1f} % of a core, a login included")
    assert used < 0.10


def test_a_clone_is_a_machine_of_its_own(make_host, plane, web):
    web.ssh("echo kept > /bitnami/wordpress/wp-content/uploads/mark")
    began = time.monotonic()
    plane.create_instance_snapshot("snap-1", web.id)
    print(f"snapshot in {time.monotonic() - began:.1f} s")
    clone = make_host({"snapshot": "snap-1"}, user_data="#!/bin/sh\necho ran as $(id -un) >> /root/launched\n")
    assert plane.host_keys(clone.id) and plane.host_keys(clone.id) != plane.host_keys(web.id)
    unique = "cat /etc/machine-id /etc/hostname /var/lib/cloud/data/instance-id"
    assert not set(clone.ssh(unique).split()) & set(web.ssh(unique).split())
    assert clone.ssh("cat /bitnami/wordpress/wp-content/uploads/mark").strip() == "kept"
    # A copy keeps the original's secrets: the database and its password came along.
    assert clone.ssh("cat bitnami_application_password") == web.ssh("cat bitnami_application_password")
    assert "already running" in clone.ssh("sudo /opt/bitnami/ctlscript.sh status mariadb")
    for _ in range(50):
        if clone.ssh("test -e /run/boot-finished && sudo cat /root/launched || true"):
            break
        time.sleep(0.1)
    assert clone.ssh("sudo cat /root/launched").strip() == "ran as root"
    keys = plane.host_keys(clone.id)
    plane.reboot_instance(clone.id)
    assert clone.ssh("sudo cat /root/launched").strip() == "ran as root", "user data runs at first boot only"
    assert plane.host_keys(clone.id) == keys
    plane.delete_instance_snapshot("snap-1")
    assert clone.ssh("true") == ""
    plane.delete_instance(clone.id)


def test_host_keys_are_the_hosts(web, plane):
    scanned = subprocess.run(["ssh-keyscan", web.public_ip], capture_output=True, text=True, check=True).stdout
    theirs = {tuple(line.split()[1:3]) for line in scanned.splitlines() if not line.startswith("#")}
    assert theirs == {(key["algorithm"], key["public_key"]) for key in plane.host_keys(web.id)}


def test_a_certificate_of_the_clouds_ca_opens_the_door(web, user_ca, tmp_path):
    key = tmp_path / "short-lived"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    subprocess.run(["ssh-keygen", "-q", "-s", str(user_ca), "-I", "test", "-n", "bitnami", "-V", "+5m", f"{key}.pub"], check=True)
    host = type(web)(web.plane, web.id, key, web.public_ip, web.private_ip)
    assert host.ssh("id -un").strip() == "bitnami"
    (tmp_path / "short-lived-cert.pub").unlink()
    with pytest.raises(AssertionError, match="Permission denied"):
        host.ssh("id -un")


def test_the_firewall_acts_on_the_public_address_only(make_host, plane):
    host = make_host()
    plane.set_firewall(host.id, [{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidrs": ["0.0.0.0/0"]}])
    assert reachable(host.public_ip, 22) and not reachable(host.public_ip, 80)
    assert reachable(host.private_ip, 80)
    plane.set_firewall(host.id, [{"protocol": "tcp", "from_port": 80, "to_port": 90, "cidrs": ["203.0.113.0/24", "198.18.0.0/16"]}])
    assert reachable(host.public_ip, 80) and not reachable(host.public_ip, 22)
    plane.set_firewall(host.id, [])
    assert not reachable(host.public_ip, 80)
    assert reachable(host.private_ip, 22)
    plane.delete_instance(host.id)


def test_addresses_move(make_host, plane):
    first, second = make_host(), make_host()
    static = plane.allocate_address()
    plane.set_public_address(first.id, static)
    assert first.ssh("hostname", address=static) == first.ssh("hostname", address=first.private_ip)
    assert not reachable(first.public_ip, 22)
    plane.set_public_address(first.id, None)
    plane.set_public_address(second.id, static)
    assert second.ssh("hostname", address=static) == second.ssh("hostname", address=second.private_ip)
    plane.stop_instance(second.id)
    assert not reachable(static, 22)
    fresh = plane.allocate_address()
    plane.start_instance(second.id, fresh)
    assert second.ssh("hostname", address=fresh).strip() == "ip-" + second.private_ip.replace(".", "-")
    for host in (first, second):
        plane.delete_instance(host.id)


def test_the_metadata_service(web, plane):
    token = web.ssh("curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token")

    def get(path: str) -> str:
        return web.ssh(f"curl -s -w ' %{{http_code}}' -H 'X-aws-ec2-metadata-token: {token}' http://169.254.169.254/latest/{path}")

    assert get("meta-data/local-ipv4") == f"{web.private_ip} 200"
    assert get("meta-data/public-ipv4") == f"{web.public_ip} 200"
    role = "meta-data/iam/security-credentials/AmazonLightsailInstanceRole"
    assert get("meta-data/iam/security-credentials/") == "AmazonLightsailInstanceRole 200"
    before = get(role)
    plane.set_instance_role(web.id, {"access_key_id": "ASIALOCAL", "secret_access_key": "secret"})
    assert '"AccessKeyId": "ASIALOCAL"' in get(role) and '"Token": "IQoJ' in get(role)
    plane.set_instance_role(web.id, None)
    # Without a grant it is there all the same; which keys are good is S3's affair.
    without = [json.loads(text.rsplit(" ", 1)[0]) for text in (before, get(role))]
    assert without[0]["AccessKeyId"] == without[1]["AccessKeyId"] != "ASIALOCAL" and without[0]["Token"]
    without = web.ssh("curl -s -o /dev/null -w '%{http_code}' http://169.254.169.254/latest/meta-data/")
    assert without == "401"
    # Only from inside.
    assert not reachable(web.private_ip, 8775)


def test_components_are_out_of_apts_reach(web):
    """Real ones are no Debian packages: no upgrade of the system ever patches them."""
    assert web.ssh("dpkg -l | grep -E '^ii +(php|libphp|apache2|libapache2|mariadb-server|wordpress)' || true") == ""
    assert web.ssh("/opt/bitnami/php/bin/php -r 'echo PHP_MAJOR_VERSION;'") == "8"
    assert web.ssh("sudo apt-get check 2>&1 && dpkg -l openssh-server | grep -c ^ii").splitlines()[-1] == "1"
    assert "php" not in web.ssh("apt-get --simulate upgrade")
