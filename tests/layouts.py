# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of hosts as the tests see them, written down once more: what the collection finds by looking is compared with this."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """Where a host has its things, and how its owner works with them."""

    name: str
    blueprint: str
    login: str
    root: str
    config: str
    content: str
    web_user: str
    php: str
    state: str
    # The port by which an untouched host serves WordPress; port 80 of the other kind leads there.
    scheme: str
    schema: str
    database_user: str
    # SQL as the database's administrator: the client with its options, for a shell.
    mysql: str
    mysqldump: str
    socket: str
    restart_php: str
    start_database: str
    # Prints the administrator's password of WordPress.
    password: str
    # The file in which the image tells its owner user and password.
    credentials: str
    owner: str
    directory_mode: str


LAYOUTS = {
    "lightsail": Layout(
        name="lightsail",
        blueprint="wordpress_ls_1_0",
        login="admin",
        root="/var/www/html",
        config="/var/www/wp-config.php",
        content="/var/www/html/wp-content",
        web_user="www-data",
        php="/usr/bin/php",
        state="/var/lib/cloudpress",
        scheme="https",
        schema="wordpress",
        database_user="wordpress",
        mysql="mariadb --user=root",
        mysqldump="mariadb-dump --user=root",
        socket="/run/mysqld/mysqld.sock",
        restart_php="systemctl reload apache2",
        start_database="systemctl enable --now mariadb",
        password="tail -n 1 /opt/aws/wordpress/credentials.log",
        credentials="/opt/aws/wordpress/credentials.log",
        owner="admin:www-data",
        directory_mode="2775",
    ),
    "bitnami": Layout(
        name="bitnami",
        blueprint="wordpress",
        login="bitnami",
        root="/opt/bitnami/wordpress",
        config="/bitnami/wordpress/wp-config.php",
        content="/bitnami/wordpress/wp-content",
        web_user="daemon",
        php="/opt/bitnami/php/bin/php",
        state="/opt/bitnami/cloudpress",
        scheme="http",
        schema="bitnami_wordpress",
        database_user="bn_wordpress",
        mysql="env MYSQL_PWD=$(cat /home/bitnami/bitnami_application_password) /opt/bitnami/mariadb/bin/mysql --user=root",
        mysqldump="env MYSQL_PWD=$(cat /home/bitnami/bitnami_application_password) /opt/bitnami/mariadb/bin/mysqldump --user=root",
        socket="/opt/bitnami/mariadb/tmp/mysql.sock",
        restart_php="/opt/bitnami/ctlscript.sh restart php-fpm",
        start_database="mv /etc/monit/conf.d/mariadb.conf.disabled /etc/monit/conf.d/mariadb.conf && /opt/bitnami/ctlscript.sh start mariadb",
        password="cat /home/bitnami/bitnami_application_password",
        credentials="/home/bitnami/bitnami_credentials",
        owner="bitnami:daemon",
        directory_mode="775",
    ),
}


def layout() -> Layout:
    """The layout that this run is about: that of the environment variable CLOUDPRESS_LAYOUT, lightsail by default."""
    return LAYOUTS[os.environ.get("CLOUDPRESS_LAYOUT", "lightsail")]
