#!/bin/bash
# Start MariaDB; returns when it answers.
setsid /opt/bitnami/mariadb/sbin/mysqld --defaults-file=/opt/bitnami/mariadb/conf/my.cnf --user=mysql > /dev/null 2>&1 &
pid=$!
for _ in {1..900}; do
    kill -0 $pid 2>/dev/null || exit 1
    # A refusal of the password is an answer too.
    /opt/bitnami/mariadb/bin/mysqladmin --no-defaults --socket=/opt/bitnami/mariadb/tmp/mysql.sock ping > /dev/null 2>&1 && exit 0
    sleep 0.1
done
exit 1
