# SPDX-License-Identifier: GPL-3.0-or-later
"""A host is known by what is on it; one of no known layout is refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.cloudpress.lightsail.plugins.module_utils import _layouts

KEYS = {
    *("layout", "generation", "login", "root", "tree", "php", "php_flavour", "php_ini_dirs", "php_fpm", "web_user", "web_group", "web_server", "mysql_client"),
    *("mysqldump", "database_service", "mysql_client_config", "wp_cli_configs", "database_config_file", "database_socket", "database_password_files"),
    *("database_running", "database_enabled", "commands"),
    *("supervisor", "credentials_file", "renewal_users", "state_dir", "image", "error_logs"),
}
LIGHTSAIL = [
    "/opt/aws/wordpress/credentials.log",
    "/var/www/html/wp-load.php",
    "/var/www/html/wp-content/",
    "/etc/php/8.2/apache2/conf.d/",
    "/etc/php/8.2/cli/conf.d/",
    "/etc/apache2/mods-enabled/php8.2.load",
    "/usr/bin/php",
    "/usr/bin/mariadb",
    "/usr/bin/mariadb-dump",
    "/etc/systemd/system/multi-user.target.wants/mariadb.service",
]
BITNAMI_A = [
    "/opt/bitnami/wordpress/wp-load.php",
    "/opt/bitnami/wordpress/wp-content/",
    "/opt/bitnami/php/bin/php",
    "/opt/bitnami/php/sbin/php-fpm",
    "/opt/bitnami/php/etc/conf.d/",
    "/opt/bitnami/php/etc/php-fpm.d/",
    "/opt/bitnami/mariadb/bin/mariadb",
    "/opt/bitnami/mariadb/bin/mariadb-dump",
    "/opt/bitnami/apache/conf/vhosts/",
    "/opt/bitnami/apache/conf/bitnami/",
    "/opt/bitnami/apache/modules/mod_remoteip.so",
    "/opt/bitnami/ctlscript.sh",
    "/etc/monit/conf.d/mariadb.conf",
]
BITNAMI_B = [
    "/opt/bitnami/apps/wordpress/htdocs/wp-load.php",
    "/opt/bitnami/apps/wordpress/htdocs/wp-content/",
    "/opt/bitnami/common/bin/openssl",
    "/opt/bitnami/php/bin/php",
    "/opt/bitnami/mysql/bin/mysql",
    "/opt/bitnami/mysql/bin/mysqldump",
    "/opt/bitnami/apache2/conf/httpd.conf",
    "/opt/bitnami/ctlscript.sh",
    "/etc/monit/conf.d/mysql.conf",
]


def host(root: Path, paths: list[str]) -> _layouts.Host:
    """A host on which these files are; a path that ends with a slash is a directory."""
    for path in paths:
        place = root / path.strip("/")
        if path.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("text\n", encoding="utf-8")
    return _layouts.Host(str(root))


@pytest.mark.parametrize("paths", [LIGHTSAIL, BITNAMI_A, BITNAMI_B])
def test_every_layout_describes_the_same_things(tmp_path: Path, paths: list[str]) -> None:
    found = _layouts.describe(host(tmp_path, paths))
    assert set(found) == KEYS
    assert set(found["commands"]) == {
        *("web_server_test", "web_server_reload", "web_server_restart", "web_server_modules"),
        *("site_stop", "site_start", "php_restart", "database_start", "database_stop", "database_off"),
    }
    assert all(isinstance(word, str) and word for commands in found["commands"].values() for command in commands for word in command)
    assert set(found["web_server"]) == {
        *("config_file", "includes", "config_dirs", "enabled_link", "replaces", "directory_index_needed"),
        *("remoteip_module", "modules_missing", "mpm_config_dir", "mpm_config", "log_dir", "drop_in_dir"),
    }


def test_the_host_that_lightsail_packages(tmp_path: Path) -> None:
    found = _layouts.describe(host(tmp_path, LIGHTSAIL))
    assert (found["layout"], found["root"], found["login"], found["web_user"]) == ("lightsail", "/var/www/html", "admin", "www-data")
    assert found["php_flavour"] == "mod_php"
    assert found["php_ini_dirs"] == ["/etc/php/8.2/apache2/conf.d", "/etc/php/8.2/cli/conf.d"]
    assert (found["mysql_client"], found["database_enabled"]) == ("/usr/bin/mariadb", True)
    assert found["commands"]["web_server_modules"] == [["a2enmod", "-q", "rewrite", "remoteip"]]


def test_a_module_that_is_enabled_is_not_enabled_again(tmp_path: Path) -> None:
    found = _layouts.describe(host(tmp_path, [*LIGHTSAIL, *(f"/etc/apache2/mods-enabled/{name}.load" for name in ("rewrite", "remoteip"))]))
    assert found["web_server"]["modules_missing"] == []
    assert found["commands"]["web_server_modules"] == []


def test_the_php_that_apache_loads_is_the_one_described(tmp_path: Path) -> None:
    found = _layouts.describe(host(tmp_path, [*LIGHTSAIL, "/etc/php/8.4/apache2/conf.d/"]))
    assert found["php_ini_dirs"][0] == "/etc/php/8.2/apache2/conf.d"


@pytest.mark.parametrize(("paths", "generation", "root"), [(BITNAMI_A, "A", "/opt/bitnami/wordpress"), (BITNAMI_B, "B", "/opt/bitnami/apps/wordpress/htdocs")])
def test_the_generations_of_bitnami(tmp_path: Path, paths: list[str], generation: str, root: str) -> None:
    found = _layouts.describe(host(tmp_path, paths))
    assert (found["layout"], found["generation"], found["root"], found["php_flavour"]) == ("bitnami", generation, root, "fpm")


def test_a_server_without_a_place_for_vhosts_gets_a_line(tmp_path: Path) -> None:
    server = _layouts.describe(host(tmp_path, BITNAMI_B))["web_server"]
    assert (server["config_file"], server["includes"]) == ("/opt/bitnami/cloudpress/apache.conf", ["/opt/bitnami/apache2/conf/httpd.conf"])


def test_the_supervisor_of_the_local_database_is_told_too(tmp_path: Path) -> None:
    found = _layouts.describe(host(tmp_path, BITNAMI_A))
    assert found["database_enabled"]
    assert found["commands"]["database_off"][-1] == ["mv", "/etc/monit/conf.d/mariadb.conf", "/etc/monit/conf.d/mariadb.conf.disabled"]


@pytest.mark.parametrize(
    ("paths", "sentence"),
    [
        (["/var/www/html/wp-load.php", "/etc/apache2/apache2.conf", "/usr/bin/php"], "neither /opt/aws/wordpress nor /opt/bitnami"),
        ([], "neither /opt/aws/wordpress nor /opt/bitnami"),
        (["/opt/aws/wordpress/credentials.log"], "There is no WordPress in /var/www/html"),
        ([path for path in LIGHTSAIL if "php8.2" not in path], "has no PHP"),
        ([path for path in LIGHTSAIL if path != "/usr/bin/php"], "has no PHP"),
        (["/opt/bitnami/ctlscript.sh"], "There is no WordPress in /opt/bitnami"),
        ([path for path in BITNAMI_A if "/php/" not in path], "There is no PHP in /opt/bitnami/php"),
    ],
)
def test_a_host_that_does_not_fit_is_refused_in_one_sentence(tmp_path: Path, paths: list[str], sentence: str) -> None:
    with pytest.raises(_layouts.Refusal) as refusal:
        _layouts.describe(host(tmp_path, paths))
    assert sentence in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_the_first_boot_has_ended_when_the_credentials_and_the_configuration_are_there(tmp_path: Path) -> None:
    (tmp_path / "opt/aws/wordpress").mkdir(parents=True)
    fresh = _layouts.Host(str(tmp_path))
    assert "credentials.log is empty" in _layouts.unfinished(fresh)
    host(tmp_path, LIGHTSAIL)
    assert "wp-config.php" in _layouts.unfinished(fresh)
    host(tmp_path, ["/var/www/wp-config.php"])
    assert _layouts.unfinished(fresh) == ""
