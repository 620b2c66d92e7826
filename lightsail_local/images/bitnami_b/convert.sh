#!/bin/bash
# Turns the WordPress host into one of the generation before: everything in one tree ("approach B" of facts/bitnami-wordpress.md, 1.1),
# with MySQL. Runs as root in a container of the image "bitnami"; the image "database" is at /mnt/database.
set -e
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
umask 022
cd /opt/bitnami
site=/opt/bitnami/apps/wordpress/htdocs old=/opt/bitnami/mariadb
runuser() { setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"; }

# -- the site's content, as MariaDB has it ------------------------------------------------------------------------------------
mkdir -p $old/tmp && chown mysql:mysql $old/tmp
setsid $old/sbin/mysqld --defaults-file=$old/conf/my.cnf --skip-networking --user=mysql &
for _ in {1..300}; do $old/bin/mysqladmin -u root ping > /dev/null 2>&1 && break; sleep 0.2; done
$old/bin/mysqldump -u root --hex-blob --skip-comments bitnami_wordpress | grep -v 'enable the sandbox mode' > /tmp/site.sql
$old/bin/mysqladmin -u root shutdown
wait

# -- where that generation had its things ---------------------------------------------------------------------------------------
rm -rf apache2 && mv apache apache2
mkdir -p apps/wordpress common/bin mysql/{bin,sbin,lib,data,tmp,logs,share}
rm -f wordpress/wp-config.php wordpress/wp-content
mv wordpress $site
mv /bitnami/wordpress/wp-config.php /bitnami/wordpress/wp-content $site/
cp /usr/bin/openssl common/bin/openssl
mv scripts/mariadb scripts/mysql
mv /etc/monit/conf.d/mariadb.conf /etc/monit/conf.d/mysql.conf
grep -rlIE '/bitnami/(mariadb|apache|wordpress)|mariadb' /etc/monit /etc/sudoers.d /etc/profile.d /usr/lib/lightsail /usr/sbin/lightsail-init /usr/bin/gonit \
    ctlscript.sh scripts apache2/conf apache2/bin php/etc | xargs sed -i -E \
    -e "s#/opt/bitnami/wordpress#$site#g; s#(^|[^t])/bitnami/wordpress#\\1$site#g" \
    -e 's#/opt/bitnami/apache([/:" ]|$)#/opt/bitnami/apache2\1#g' -e 's#/opt/bitnami/mariadb#/opt/bitnami/mysql#g; s#mariadb#mysql#g'
chmod 0440 /etc/sudoers.d/*

# -- MySQL, with the libraries it was built with ----------------------------------------------------------------------------------
source=/mnt/database
for program in sbin/mysqld bin/mysql bin/mysqldump bin/mysqladmin; do
    name=${program##*/}
    cp $source/usr/$program mysql/lib/$name.bin
    chroot $source ldd /usr/$program | grep -oE '/[^ ]+\.so[^ ]*' | sort -u | while read -r library; do cp -L "$source$library" mysql/lib/; done
    printf '#!/bin/sh\nexec /opt/bitnami/mysql/lib/ld-linux-x86-64.so.2 --library-path /opt/bitnami/mysql/lib /opt/bitnami/mysql/lib/%s.bin "$@"\n' "$name" \
        > mysql/$program
    chmod 0755 mysql/$program
done
cp -r $source/usr/lib/mysql/plugin mysql/lib/plugin
cp -r $source/usr/share/mysql*/. mysql/share/
chown -R mysql:mysql mysql/data mysql/tmp mysql/logs
chmod 0750 mysql/data
cat > mysql/my.cnf <<'CNF'
[client]
port=3306
socket=/opt/bitnami/mysql/tmp/mysql.sock

[mysqld]
user=mysql
port=3306
bind-address=127.0.0.1
mysqlx=OFF
basedir=/opt/bitnami/mysql
datadir=/opt/bitnami/mysql/data
tmpdir=/opt/bitnami/mysql/tmp
plugin-dir=/opt/bitnami/mysql/lib/plugin
lc-messages-dir=/opt/bitnami/mysql/share
socket=/opt/bitnami/mysql/tmp/mysql.sock
pid-file=/opt/bitnami/mysql/tmp/mysqld.pid
log-error=/opt/bitnami/mysql/logs/mysqld.log
disable-log-bin
max_allowed_packet=64M
innodb_buffer_pool_size=64M
innodb_redo_log_capacity=64M
performance_schema=OFF
secure-file-priv=
CNF
sed -i 's#/conf/my.cnf#/my.cnf#' scripts/mysql/start.sh
rm -rf mariadb /bitnami
mysql/sbin/mysqld --defaults-file=/opt/bitnami/mysql/my.cnf --initialize-insecure
setsid mysql/sbin/mysqld --defaults-file=/opt/bitnami/mysql/my.cnf --skip-networking &
sql() { mysql/bin/mysql --no-defaults --socket=/opt/bitnami/mysql/tmp/mysql.sock -u root "$@"; }
for _ in {1..300}; do sql -e 'SELECT 1' > /dev/null 2>&1 && break; sleep 0.2; done
sql <<'SQL'
CREATE DATABASE bitnami_wordpress CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE USER 'bn_wordpress'@'localhost' IDENTIFIED BY 'made-at-first-boot';
CREATE USER 'bn_wordpress'@'127.0.0.1' IDENTIFIED BY 'made-at-first-boot';
GRANT ALL ON bitnami_wordpress.* TO 'bn_wordpress'@'localhost';
GRANT ALL ON bitnami_wordpress.* TO 'bn_wordpress'@'127.0.0.1';
SQL
sql bitnami_wordpress < /tmp/site.sql
sql -e SHUTDOWN
wait
rm -rf mysql/tmp/* mysql/logs/* /tmp/site.sql mysql/data/auto.cnf

# -- one file, no links, owned as the tree is ------------------------------------------------------------------------------------
chown -R bitnami:daemon $site
chmod 0640 $site/wp-config.php
touch .blueprint
apache2/bin/httpd -t
