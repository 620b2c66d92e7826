#!/bin/bash
# First boot: the database's schema, user and password, wp-config.php, and an installed WordPress.
# The words after it are variants of what is not on record. It may run again, over what an earlier run made.
set -e
umask 022
schema=wordpress mode=0440
[[ " $* " == *" schema-dash "* ]] && schema=wordpress-db
[[ " $* " == *" config-0640 "* ]] && mode=0640
config=/var/www/wp-config.php credentials=/opt/aws/wordpress/credentials.log
password=$(openssl rand -hex 12)

# A guess: the database's name for its user, and what stands before the password, which is the last line.
systemctl start mariadb
mysql <<SQL
CREATE DATABASE IF NOT EXISTS \`$schema\` CHARACTER SET utf8mb4;
CREATE OR REPLACE USER 'wordpress'@'localhost' IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON \`$schema\`.* TO 'wordpress'@'localhost';
SQL
new=$(mktemp -p /opt/aws/wordpress)
printf 'WordPress administrator: user\nPassword of the administrator and of the database:\n%s\n' "$password" > "$new"
chown admin:www-data "$new"
chmod 0440 "$new"
mv "$new" $credentials

new=$(mktemp -p /var/www)
php /usr/lib/lightsail/wp-config.php.make "$schema" > "$new"
chown admin:www-data "$new"
chmod $mode "$new"
mv "$new" $config
# `wp core install` does nothing where WordPress is installed already; nor does this.
printf '%s' "$password" | setpriv --reuid www-data --regid www-data --clear-groups php /usr/lib/lightsail/install.php
