# Copyright (c) 2026 The cloudpress.lightsail authors
# Simplified BSD License (see https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This is a PRIVATE module utility of the collection cloudpress.lightsail. It may change in any release.

"""The layout of WordPress packaged by Lightsail (blueprint wordpress_ls_1_0): Debian, systemd, Apache with mod_php.

Known from AWS's user guide and from scripts of people who run such hosts.
"""

from __future__ import annotations

NAME = "lightsail"
MARK = "/opt/aws/wordpress"

_ROOT = "/var/www/html"
_LOGIN = "admin"
_WEB_USER = "www-data"
_APACHE = "/etc/apache2"
_CREDENTIALS = f"{MARK}/credentials.log"
# Without them permalinks are not rewritten, and visitors' addresses are the load balancer's.
_MODULES = ("rewrite", "remoteip")


def describe(host) -> dict:
    if not host.exists(f"{_ROOT}/wp-load.php"):
        raise host.Refusal(f"There is no WordPress in {_ROOT} on this host.")
    versions = [path.split("/")[3] for path in host.matching("/etc/php/*/apache2")]
    loaded = host.matching(f"{_APACHE}/mods-enabled/php*.load")
    if not versions or not loaded or not host.exists("/usr/bin/php"):
        raise host.Refusal("Apache on this host has no PHP (mod_php), or there is no /usr/bin/php.")
    # /etc/apache2/mods-enabled/php8.2.load
    enabled = loaded[-1].rsplit("/php", 1)[1][: -len(".load")]
    version = enabled if enabled in versions else versions[-1]
    missing = [module for module in _MODULES if not host.exists(f"{_APACHE}/mods-enabled/{module}.load")]
    return {
        "generation": "",
        "login": _LOGIN,
        "root": _ROOT,
        "tree": {
            "owner": host.ownership(f"{_ROOT}/wp-content")["owner"],
            "group": _WEB_USER,
            "directory_mode": "2775",
            "file_mode": "0664",
        },
        "php": "/usr/bin/php",
        "php_flavour": "mod_php",
        "php_ini_dirs": [f"/etc/php/{version}/apache2/conf.d", f"/etc/php/{version}/cli/conf.d"],
        "php_fpm": {"program": "", "pool_dir": ""},
        "web_user": _WEB_USER,
        "web_group": host.group_of(_WEB_USER),
        "web_server": {
            "config_file": f"{_APACHE}/sites-available/000-cloudpress.conf",
            "includes": [],
            "config_dirs": [f"{_APACHE}/sites-available", f"{_APACHE}/conf-available"],
            "drop_in_dir": f"{_APACHE}/conf-enabled",
            "enabled_link": f"{_APACHE}/sites-enabled/000-cloudpress.conf",
            "replaces": [f"{_APACHE}/sites-enabled/000-default.conf"],
            "directory_index_needed": True,
            # A variable of Debian's envvars, by which its virtual hosts name their logs.
            "log_dir": "${APACHE_LOG_DIR}",
            "remoteip_module": "enabled",
            "modules_missing": missing,
            # Read after the modules' own files, one of which lightsail-memory-config writes at every boot.
            "mpm_config_dir": f"{_APACHE}/conf-enabled",
            "mpm_config": f"{_APACHE}/mods-available/mpm_prefork.conf",
        },
        "mysql_client": host.first("/usr/bin/mariadb", "/usr/bin/mysql"),
        "mysqldump": host.first("/usr/bin/mariadb-dump", "/usr/bin/mysqldump"),
        "mysql_client_config": "/etc/mysql/conf.d/zz-cloudpress.cnf",
        "wp_cli_configs": [
            {"path": f"{home}/.wp-cli/config.yml", "owner": user}
            for user, home in (("root", "/root"), (_LOGIN, f"/home/{_LOGIN}"), (_WEB_USER, "/var/www"))
            if host.has_user(user)
        ],
        "database_service": "mariadb",
        "database_config_file": host.first("/etc/mysql/mariadb.conf.d/50-server.cnf"),
        "database_socket": "/run/mysqld/mysqld.sock",
        # root comes in over the socket, without a password
        "database_password_files": [],
        "database_running": host.database_runs(),
        "database_enabled": host.exists("/etc/systemd/system/multi-user.target.wants/mariadb.service"),
        "commands": {
            "web_server_test": [["apache2ctl", "-t"]],
            "web_server_reload": [["systemctl", "reload", "apache2"]],
            "web_server_restart": [["systemctl", "restart", "apache2"]],
            "web_server_modules": [["a2enmod", "-q", *missing]] if missing else [],
            "site_stop": [["systemctl", "stop", "apache2"]],
            "site_start": [["systemctl", "start", "apache2"]],
            # mod_php lives in Apache; a graceful restart empties its cache of code
            "php_restart": [["systemctl", "reload", "apache2"]],
            "database_start": [["systemctl", "start", "mariadb"]],
            "database_stop": [["systemctl", "stop", "mariadb"]],
            "database_off": [["systemctl", "disable", "--now", "mariadb"]],
        },
        "supervisor": {},
        "credentials_file": _CREDENTIALS,
        "error_logs": ["/var/log/apache2/error.log"],
        "renewal_users": [user for user in ("root", _LOGIN, _WEB_USER) if host.has_user(user)],
        "state_dir": "/var/lib/cloudpress",
        # What the image ships, by which the owner's own things are told from it.
        "image": {
            "mark": MARK,
            "virtual_hosts": ["000-default.conf", "default-ssl.conf"],
            "htaccess_files": [],
            # Debian's values; the memory limit is set by the memory of the bundle at every boot.
            "php": {
                "memory_limit": ["128M", "256M"],
                "upload_max_filesize": ["2M"],
                "post_max_size": ["8M"],
                "max_execution_time": ["30"],
                "max_input_time": ["60"],
                "max_input_vars": ["1000"],
                "max_file_uploads": ["20"],
            },
            # Statements of wp-config.php that are the image's, without white space.
            "config": [],
        },
    }


def unfinished(host) -> str:
    """install_wordpress.sh runs minutes after the instance is up; port 80 answers long before it has ended."""
    if not host.read(_CREDENTIALS).strip():
        return f"{_CREDENTIALS} is empty, so WordPress is not installed yet"
    if not host.first(f"{_ROOT}/wp-config.php", "/var/www/wp-config.php"):
        return "there is no wp-config.php yet"
    return ""
