# Copyright (c) 2026 The cloudpress.lightsail authors
# Simplified BSD License (see https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This is a PRIVATE module utility of the collection cloudpress.lightsail. It may change in any release.

"""The layout of WordPress packaged by Bitnami, in its generations: A (with Debian's programs beside it) and B (all in one tree).

AWS makes no new instance from that blueprint since 2026-11-19, but from snapshots of such instances.
"""

from __future__ import annotations

import os

NAME = "bitnami"
MARK = "/opt/bitnami"

_SUPERVISORS = ("/etc/monit/conf.d", "/etc/gonit/conf.d", f"{MARK}/gonit/conf.d")
_PASSWORD_FILES = ("/home/bitnami/bitnami_application_password", "/root/bitnami_application_password")
_LOGIN = "bitnami"


def describe(host) -> dict:
    load = host.first(f"{MARK}/wordpress/wp-load.php", f"{MARK}/apps/wordpress/htdocs/wp-load.php")
    if not load:
        raise host.Refusal(f"There is no WordPress in {MARK}/wordpress or {MARK}/apps/wordpress/htdocs on this host.")
    root = os.path.dirname(load)
    php = host.first(f"{MARK}/php/bin/php")
    if not php:
        raise host.Refusal(f"There is no PHP in {MARK}/php on this host.")
    server = host.first(f"{MARK}/mariadb", f"{MARK}/mysql")
    service = os.path.basename(server)
    database_config = host.first(f"{server}/conf/my.cnf", f"{server}/my.cnf")
    apache = host.first(f"{MARK}/apache", f"{MARK}/apache2")
    vhosts = host.first(f"{apache}/conf/vhosts")
    user = "daemon" if host.has_user("daemon") else "www-data"
    state_dir = f"{MARK}/cloudpress"
    control = f"{MARK}/ctlscript.sh"
    entries = [entry for name in ("mariadb", "mysql") for place in _SUPERVISORS for entry in host.matching(f"{place}/{name}.conf")]
    ini_dir = host.first(f"{MARK}/php/etc/conf.d")
    pool_dir = host.first(f"{MARK}/php/etc/php-fpm.d")
    pid_file = f"{MARK}/php/var/run/php-fpm.pid"
    # A reload lets visitors' requests end only once PHP-FPM has been told so in a file of ours.
    graceful = host.exists(f"{pool_dir}/zz-cloudpress.conf") and host.exists(pid_file)
    return {
        "generation": "B" if host.exists(f"{MARK}/common/bin/openssl") else "A",
        "login": _LOGIN,
        "root": root,
        "tree": {
            "owner": host.ownership(f"{root}/wp-content")["owner"],
            "group": host.group_of(user),
            "directory_mode": "0775",
            "file_mode": "0664",
        },
        "php": php,
        "php_flavour": "fpm",
        "php_ini_dirs": [ini_dir] if ini_dir else [],
        "php_fpm": {"program": host.first(f"{MARK}/php/sbin/php-fpm"), "pool_dir": pool_dir},
        "web_user": user,
        "web_group": host.group_of(user),
        "web_server": {
            "config_file": f"{vhosts}/00_cloudpress.conf" if vhosts else f"{state_dir}/apache.conf",
            "includes": [] if vhosts else [f"{apache}/conf/httpd.conf"],
            "config_dirs": [path for path in (vhosts, host.first(f"{apache}/conf/bitnami")) if path],
            "drop_in_dir": vhosts,
            "enabled_link": "",
            "replaces": [],
            "directory_index_needed": False,
            "log_dir": "",
            "remoteip_module": "modules/mod_remoteip.so" if host.exists(f"{apache}/modules/mod_remoteip.so") else "",
            "modules_missing": [],
            "mpm_config_dir": "",
            "mpm_config": "",
        },
        "mysql_client": host.first(f"{server}/bin/mariadb", f"{server}/bin/mysql", "/usr/bin/mariadb", "/usr/bin/mysql"),
        "mysqldump": host.first(f"{server}/bin/mariadb-dump", f"{server}/bin/mysqldump", "/usr/bin/mariadb-dump", "/usr/bin/mysqldump"),
        # Clients of the stack read the server's file, and Debian's are led to it.
        "mysql_client_config": database_config,
        "wp_cli_configs": [{"path": path, "owner": "root"} for path in [f"{MARK}/wp-cli/conf/wp-cli.yml"] if host.exists(path)],
        "database_service": service,
        "database_config_file": database_config,
        "database_socket": f"{server}/tmp/mysql.sock" if server else "",
        "database_password_files": [path for path in _PASSWORD_FILES if host.exists(path)],
        "database_running": host.database_runs(),
        "database_enabled": bool(entries),
        "commands": {
            "web_server_test": [[f"{apache}/bin/httpd", "-t"]],
            "web_server_reload": [[f"{apache}/bin/httpd", "-k", "graceful"]],
            "web_server_restart": [[control, "restart", "apache"]],
            "web_server_modules": [],
            "site_stop": [[control, "stop", "apache"], [control, "stop", "php-fpm"]],
            "site_start": [[control, "start", "php-fpm"], [control, "start", "apache"]],
            "php_restart": [["pkill", "-USR2", "-F", pid_file]] if graceful else [[control, "restart", "php-fpm"]],
            "database_start": [[control, "start", service]],
            "database_stop": [[control, "stop", service]],
            # The supervisor would start it again at the next boot.
            "database_off": [[control, "stop", service], *(["mv", entry, f"{entry}.disabled"] for entry in entries)],
        },
        # Where systemd runs it starts our services too.
        "supervisor": {} if host.exists("/run/systemd/system") else {"directory": host.first(*_SUPERVISORS), "control": [control]},
        "credentials_file": "/home/bitnami/bitnami_credentials",
        "error_logs": [f"{apache}/logs/error_log", f"{MARK}/php/logs/php-fpm.log"],
        "renewal_users": [name for name in ("root", _LOGIN, user) if host.has_user(name)],
        "state_dir": state_dir,
        # What the image ships, by which the owner's own things are told from it.
        "image": {
            "mark": MARK,
            "virtual_hosts": ["00_status-vhost.conf", "wordpress-vhost.conf", "wordpress-https-vhost.conf", "bitnami.conf", "bitnami-ssl.conf", "php-fpm.conf"],
            "htaccess_files": [*host.matching(f"{vhosts}/htaccess/*.conf"), *host.matching(f"{os.path.dirname(root)}/conf/htaccess.conf")],
            # Of the images of the last years.
            "php": {
                "memory_limit": ["256M", "512M"],
                "upload_max_filesize": ["40M", "80M"],
                "post_max_size": ["40M", "80M"],
                "max_execution_time": ["30", "120", "300"],
                "max_input_time": ["60"],
                "max_input_vars": ["1000"],
                "max_file_uploads": ["20"],
            },
            # Statements of wp-config.php that are the image's, without white space.
            "config": ["if(defined('WP_CLI')){$_SERVER['HTTP_HOST']='127.0.0.1';}"],
        },
    }


def unfinished(host) -> str:
    """The first boot makes the passwords, then writes them down for the owner."""
    return ""
