#!/bin/bash
# Turns a plain Debian tree into a Bitnami-like WordPress host. Runs inside the tree (facts/bitnami-wordpress.md, section 1,
# "Approach A": components under /opt/bitnami, data under /bitnami). $1 is the recipe's directory inside the tree.
set -e
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
umask 022

# -- users ---------------------------------------------------------------------------------------------------------------
useradd --uid 1000 --user-group --groups sudo --create-home --shell /bin/bash bitnami
usermod --password '*' bitnami
getent passwd mysql > /dev/null || useradd --system --user-group --home-dir /nonexistent --shell /usr/sbin/nologin mysql
echo daemon > /etc/cron.deny
chmod 0440 /etc/sudoers.d/bitnami
# Interactive shells only: over "ssh host command" the components are not on the path (facts 1.4).
echo '. /etc/profile.d/bitnami.sh' >> /home/bitnami/.bashrc
rm -f /etc/ssh/ssh_host_* /etc/machine-id
touch /etc/machine-id

# -- components: real ones under /opt/bitnami, none on the system's path, as on the real host -------------------------------
cd /opt/bitnami
ln -s apache apache2
ln -s /usr/lib/apache2/modules apache/modules
mkdir -p apache/{logs,var/run,htdocs,conf/bitnami/certs} php/{etc/conf.d,logs,tmp,var/run,var/log} mariadb/{bin,logs,tmp,sbin} /bitnami/mariadb
echo '<html><body><h1>It works!</h1></body></html>' > apache/htdocs/index.html
ln -s httpd apache/bin/apachectl
# While its programs are where its installer looks for them
mariadb-install-db --basedir=/usr --no-defaults --user=mysql --datadir=/bitnami/mariadb/data --skip-test-db \
    --auth-root-authentication-method=socket --auth-root-socket-user=root > /tmp/install-db.log 2>&1 \
    || { cat /tmp/install-db.log >&2; exit 1; }
for file in /usr/bin/mariadb* /usr/bin/mysql*; do mv "$file" mariadb/bin/; done
mv /usr/sbin/mariadbd mariadb/sbin/mariadbd
rm -f /usr/sbin/mysqld
ln -s mariadbd mariadb/sbin/mysqld
ln -sf mariadb-admin mariadb/bin/mysqladmin
ln -sf mariadb-dump mariadb/bin/mysqldump
ln -sf mariadb mariadb/bin/mysql
mkdir -p /etc/mysql
ln -sf /opt/bitnami/mariadb/conf/my.cnf /etc/mysql/my.cnf
chown -R mysql:mysql mariadb/{logs,tmp}
rm -f /usr/bin/php /usr/bin/phar /usr/bin/phar.phar /usr/bin/php8.4-cli
cp /usr/lib/php/8.4/php.ini-production php/etc/php.ini
for file in /etc/php/8.4/fpm/conf.d/*.ini; do cp -L "$file" php/etc/conf.d/; done
cat >> php/etc/php.ini <<'INI'

; Bitnami's settings for WordPress
memory_limit = 512M
post_max_size = 80M
upload_max_filesize = 80M
max_execution_time = 300
expose_php = Off
date.timezone = UTC
session.save_path = "/opt/bitnami/php/tmp"
upload_tmp_dir = "/opt/bitnami/php/tmp"
mysqli.default_socket = "/opt/bitnami/mariadb/tmp/mysql.sock"
pdo_mysql.default_socket = "/opt/bitnami/mariadb/tmp/mysql.sock"
opcache.interned_strings_buffer = 16
INI
chown -R daemon:daemon php/tmp php/logs
chmod 0755 ctlscript.sh scripts/*/*.sh php/bin/php php/sbin/php-fpm apache/bin/httpd /usr/bin/gonit /usr/sbin/lightsail-init \
    /usr/lib/lightsail/identity /usr/lib/lightsail/bitnami-first-boot

# -- WordPress: Debian's package without its links and without its own configuration ---------------------------------------
rm -f /usr/share/wordpress/wp-config.php /usr/share/wordpress/.htaccess
cp -rL /usr/share/wordpress wordpress
mkdir -p /bitnami/wordpress
mv wordpress/wp-content /bitnami/wordpress/wp-content
cp -rL /var/lib/wordpress/wp-content/. /bitnami/wordpress/wp-content/
mkdir -p /bitnami/wordpress/wp-content/uploads
rm -rf /usr/share/wordpress /var/lib/wordpress
/opt/bitnami/php/bin/php "$1/wp-config.php.make" > /bitnami/wordpress/wp-config.php
ln -s /bitnami/wordpress/wp-config.php wordpress/wp-config.php
ln -s /bitnami/wordpress/wp-content wordpress/wp-content

# -- the database and an installed site, with passwords that the first boot replaces ----------------------------------------
setsid mariadb/sbin/mysqld --defaults-file=/opt/bitnami/mariadb/conf/my.cnf --skip-networking --user=mysql &
for _ in {1..300}; do mariadb/bin/mysqladmin -u root ping > /dev/null 2>&1 && break; sleep 0.2; done
mariadb/bin/mysql -u root <<'SQL'
CREATE DATABASE bitnami_wordpress;
CREATE USER 'bn_wordpress'@'localhost' IDENTIFIED BY 'made-at-first-boot';
CREATE USER 'bn_wordpress'@'127.0.0.1' IDENTIFIED BY 'made-at-first-boot';
GRANT ALL ON bitnami_wordpress.* TO 'bn_wordpress'@'localhost';
GRANT ALL ON bitnami_wordpress.* TO 'bn_wordpress'@'127.0.0.1';
SQL
/opt/bitnami/php/bin/php "$1/install.php"
mariadb/bin/mysqladmin -u root shutdown
wait
rm -f mariadb/tmp/* mariadb/logs/*

# -- ownership (facts 1.2): tree bitnami:daemon 775/664, wp-config.php 640 --------------------------------------------------
chown -R bitnami:daemon wordpress /bitnami/wordpress
chown -h root:root wordpress/wp-config.php wordpress/wp-content
find wordpress /bitnami/wordpress -type d -exec chmod 0775 {} +
find wordpress /bitnami/wordpress -type f -exec chmod 0664 {} +
chmod 0640 /bitnami/wordpress/wp-config.php
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=example.com -keyout apache/conf/bitnami/certs/server.key \
    -out apache/conf/bitnami/certs/server.crt 2> /dev/null
chmod 0600 apache/conf/bitnami/certs/server.key
touch .blueprint
apache/bin/httpd -t

# -- Bitnami's components are no packages: `apt-get upgrade` never touches them, and dpkg does not know them -------------------
python3 - <<'PY'
import pathlib
import re

ours = re.compile(r"(php|libphp|libapache2|apache2|mariadb-(client|server)|wordpress)")
dpkg = pathlib.Path("/var/lib/dpkg")
for name in ("status", "status-old"):
    path = dpkg / name
    if path.exists():
        entries = path.read_text().strip().split("\n\n")
        path.write_text("".join(entry + "\n\n" for entry in entries if not ours.match(entry.removeprefix("Package: "))))
for path in (dpkg / "info").iterdir():
    if ours.match(path.name):
        path.unlink()
PY
apt-get check > /tmp/apt-check.log 2>&1 || { cat /tmp/apt-check.log >&2; exit 1; }
rm -f /tmp/apt-check.log /tmp/install-db.log
