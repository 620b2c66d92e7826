# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts as Lightsail makes them from wordpress_ls_1_0: systemd, mod_php, /var/www; and what is not on record, as variants."""

from __future__ import annotations

import json
import subprocess
import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "eu-central-1"
ROLE = {"access_key_id": "ASIAROLEOFTHENODE001", "secret_access_key": "secret-of-the-role"}
HTTPS = "curl -sk -o /dev/null -w '%{http_code}' https://127.0.0.1/"
HTTP = "curl -s -o /dev/null -w '%{http_code} %{redirect_url}' http://127.0.0.1"
PASSWORD = "tail -n 1 application_credentials"


@pytest.fixture
def make_node(make_host, plane):
    """make_node(variant, ...) boots a host that the test is alone with."""
    hosts = []

    def make(*variants: str, source: dict[str, str] | None = None, **wishes):
        host = make_host(source or {"image": "lightsail"}, variants=list(variants), **{"first_boot_seconds": 0, **wishes})
        hosts.append(host)
        return host

    yield make
    for host in hosts:
        plane.delete_instance(host.id)


def ready(host):
    host.ssh("cloud-init status --wait")
    return host


def test_layout_is_lightsails(node):
    assert node.ssh("id -un; id -u; sudo id -u; cat /proc/1/comm; . /etc/os-release; echo $ID $VERSION_ID").split() == [
        "admin",
        "1000",
        "0",
        "systemd",
        "debian",
        "12",
    ]
    paths = {
        "/var/www/html": "admin www-data 2775",
        "/var/www/html/wp-load.php": "admin www-data 664",
        "/var/www/html/wp-content/plugins": "admin www-data 2775",
        "/var/www/html/wp-content/uploads": "admin www-data 2775",
        "/var/www/wp-config.php": "admin www-data 440",
        "/opt/aws/wordpress/credentials.log": "admin www-data 440",
    }
    assert dict(line.split("=") for line in node.ssh("stat -c '%n=%U %G %a' " + " ".join(paths)).splitlines()) == paths
    node.ssh("test ! -e /var/www/html/wp-config.php && test ! -e /var/www/html/index.html")
    assert node.ssh("ls /opt/aws/wordpress").split() == ["LICENSE.txt", "NOTICE.txt", "credentials.log", "install_wordpress.sh"]
    assert node.ssh("readlink application_credentials").strip() == "/opt/aws/wordpress/credentials.log"
    assert node.ssh('for one in rsync sendmail certbot wp unattended-upgrade; do sudo sh -c "command -v $one"; done; true') == ""
    assert node.ssh("php -r 'echo PHP_VERSION;'").startswith("8.2.")
    modules = {"curl", "gd", "imagick", "intl", "mbstring", "mysqli", "xml", "zip", "Zend OPcache"}
    assert modules <= set(node.ssh("php -m").splitlines())
    assert "10.11" in node.ssh("sudo mysql -N -e 'SELECT version()'")
    assert node.ssh("sudo apache2ctl -M | grep -E 'mpm_|php|rewrite'").split() == ["mpm_prefork_module", "(shared)", "php_module", "(shared)"]


def test_every_unit_is_up_and_the_machine_is_its_own(node):
    assert node.ssh("systemctl is-system-running --wait").strip() == "running"
    assert node.ssh("systemctl --failed --no-legend") == ""
    assert set(node.ssh("systemctl is-enabled apache2 mariadb ssh cron lightsail-memory-config").split()) == {"enabled"}
    assert node.ssh("hostname").strip() == "ip-" + node.private_ip.replace(".", "-")


def test_wp_config_holds_no_password(node):
    text = node.ssh("cat /var/www/wp-config.php")
    password = node.ssh(PASSWORD).strip()
    assert len(password) >= 16 and password not in text and "put your unique phrase" not in text
    assert "$cmd = 'tail -n 1 /opt/aws/wordpress/credentials.log';" in text and "shell_exec( $cmd )" in text
    assert "define('WP_SITEURL', 'http://' . $_SERVER['HTTP_HOST'] . '/');" in text and "define('WP_HOME'" in text
    assert node.php("echo DB_PASSWORD, ' ', DB_NAME, ' ', get_userdata(1)->user_login;").split() == [password, "wordpress", "user"]


def test_port_80_redirects_everything_and_443_serves(node):
    assert node.ssh(f"{HTTP}/a?b=c") == "301 https://127.0.0.1/a?b=c"
    assert node.ssh(f"{HTTP}/ -H 'X-Forwarded-Proto: https'").startswith("301 ")
    assert node.ssh(HTTPS) == "200"
    assert "snakeoil" in node.ssh("grep -h SSLCertificateFile /etc/apache2/sites-enabled/*")
    # .htaccess is off: pretty links answer 404.
    node.php("update_option('permalink_structure', '/%postname%/'); flush_rewrite_rules();")
    assert node.ssh(f"{HTTPS}hello-world/") == "404"
    node.php("update_option('permalink_structure', '');")


def test_the_memory_service_overwrites_at_every_boot(make_node, plane):
    host = ready(make_node())
    files = "/etc/apache2/mods-available/mpm_prefork.conf /etc/mysql/mariadb.conf.d/90-lightsail-memory.cnf /etc/php/8.2/apache2/conf.d/90-lightsail-memory.ini"
    before = host.ssh(f"cat {files}")
    assert "MaxRequestWorkers       10" in before and "innodb_buffer_pool_size = 256M" in before  # 2 GB
    host.ssh(f"echo | sudo tee {files}; sudo touch /run/marker /root/kept")
    keys, secret = plane.host_keys(host.id), host.ssh(PASSWORD)
    plane.reboot_instance(host.id)
    ready(host)
    assert host.ssh(f"cat {files}") == before
    assert host.ssh("sudo ls /run/marker /root/kept 2> /dev/null || true").split() == ["/root/kept"]
    assert (plane.host_keys(host.id), host.ssh(PASSWORD)) == (keys, secret)
    began = time.monotonic()
    plane.stop_instance(host.id)
    assert time.monotonic() - began < 5
    plane.start_instance(host.id, host.public_ip)
    ready(host)
    assert host.ssh(HTTPS) == "200"


def test_wordpress_comes_some_time_after_the_machine(make_node):
    host = make_node(first_boot_seconds=4)
    assert host.ssh("cloud-init status").strip() == "status: running"
    until = time.monotonic() + 10
    while not host.ssh(f"{HTTP}/", check=False).startswith("301"):
        assert time.monotonic() < until, "port 80 answers long before WordPress is there"
    assert host.ssh("test -e /var/www/wp-config.php || sudo test -s /opt/aws/wordpress/credentials.log || echo none").strip() == "none"
    ready(host)
    host.ssh("test -e /var/lib/cloud/instance/boot-finished")
    assert host.ssh(HTTPS) == "200"


def test_ssh_and_host_keys_may_come_late(make_node, plane):
    began = time.monotonic()
    host = make_node(ssh_seconds=3, host_keys_seconds=2)
    assert time.monotonic() - began < 3 and plane.host_keys(host.id) == []
    with pytest.raises(AssertionError):
        host.ssh("true", options=("-o", "ConnectTimeout=1"))
    while subprocess.run(["ssh-keyscan", "-T", "1", host.public_ip], capture_output=True, check=False).stdout == b"":
        assert time.monotonic() - began < 20
    assert time.monotonic() - began >= 3 and len(plane.host_keys(host.id)) == 3


def test_user_data_runs_in_dash(node):
    assert node.ssh("sudo cat /root/shell").strip() == "/usr/bin/dash"


@pytest.fixture(scope="module")
def shot(node, plane):
    plane.create_instance_snapshot("shot-of-node", node.id)
    yield {"snapshot": "shot-of-node"}
    plane.delete_instance_snapshot("shot-of-node")


def test_a_clone_is_a_new_machine_with_the_same_site(node, shot, make_node, plane):
    clone = ready(make_node(source=shot, user_data="touch /root/cloned\n"))
    unique = "cat /etc/machine-id /etc/hostname /etc/ssh/ssh_host_ed25519_key.pub"
    assert not set(clone.ssh(unique).split()[:-1]) & set(node.ssh(unique).split()[:-1]) - {"ssh-ed25519"}
    assert clone.ssh(PASSWORD) == node.ssh(PASSWORD), "the installation does not run again"
    assert clone.ssh("cat /var/www/wp-config.php") == node.ssh("cat /var/www/wp-config.php")
    assert clone.ssh("sudo ls /root/cloned; systemctl is-system-running --wait").split() == ["/root/cloned", "running"]
    assert clone.ssh(HTTPS) == "200"


def test_variant_install_again(node, shot, make_node):
    clone = ready(make_node("install-again", source=shot))
    assert clone.ssh(PASSWORD) != node.ssh(PASSWORD)
    assert clone.ssh("cat /var/www/wp-config.php") != node.ssh("cat /var/www/wp-config.php")
    assert clone.ssh(HTTPS) == "200"


def test_variants_of_config_schema_and_port_80(make_node):
    host = ready(make_node("config-0640", "schema-dash", "no-redirect"))
    assert host.ssh("stat -c %a /var/www/wp-config.php").strip() == "640"
    assert host.php("echo DB_NAME;") == "wordpress-db"
    assert host.ssh(f"{HTTP}/").strip() == "200"


def test_the_role_has_a_token_and_is_good_with_it_only(node, plane):
    name = "role-of-test"
    plane.create_bucket(name, REGION)
    token = node.ssh("curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token")

    def get(path: str) -> str:
        return node.ssh(f"curl -s -H 'X-aws-ec2-metadata-token: {token}' http://169.254.169.254/latest/meta-data/{path}")

    def write(**changes: str | None) -> str:
        """S3's verdict on a write with what the metadata says."""
        keys = json.loads(get("iam/security-credentials/AmazonLightsailInstanceRole"))
        signed = {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"], "aws_session_token": keys["Token"], **changes}
        s3 = boto3.client(
            "s3",
            region_name=REGION,
            endpoint_url=plane.status()["s3_endpoint"],
            verify=str(plane.ca.root_path),
            config=Config(retries={"max_attempts": 1}, signature_version="s3v4"),
            **signed,
        )
        try:
            s3.put_object(Bucket=name, Key="a b/ü+(1).txt", Body=b"text", ContentType="text/plain")
            link = s3.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "a b/ü+(1).txt"})
            assert subprocess.run(["curl", "-s", "--cacert", str(plane.ca.root_path), link], capture_output=True, check=True).stdout == b"text"
            assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=name, Prefix="a b/")["Contents"]] == ["a b/ü+(1).txt"]
        except ClientError as error:
            return error.response["Error"]["Code"] + f" {error.response['ResponseMetadata']['HTTPStatusCode']}"
        return "written"

    assert get("placement/availability-zone") == "eu-central-1b" and get("placement/region") == REGION
    assert write() == "AccessDenied 403", "not granted"
    plane.set_instance_role(node.id, ROLE)
    assert write() == "AccessDenied 403", "the bucket has not been told yet"
    plane.set_bucket_access(name, public_read=False, allow_public_overrides=False, keys=[ROLE])
    assert write() == "written"
    assert write(aws_session_token=None) == write(aws_session_token="of somebody else") == "AccessDenied 403"
    assert write(aws_secret_access_key="wrong") == "SignatureDoesNotMatch 403"
    plane.set_bucket_access(name, public_read=False, allow_public_overrides=False, keys=[])
    assert write() == "AccessDenied 403"
    plane.set_instance_role(node.id, None)
    assert write() == "AccessDenied 403"
    plane.delete_bucket(name)
