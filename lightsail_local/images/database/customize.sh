#!/bin/bash
# An initialised, empty server, so that a database starts in seconds.
set -e
groupadd --system mysql
useradd --system --gid mysql --home-dir /nonexistent --shell /usr/sbin/nologin mysql
mkdir -p /rdsdbdata/{db,tmp,log/binlog} /run/mysqld
chown -R mysql:mysql /rdsdbdata /run/mysqld
chmod 0750 /rdsdbdata/db
cat > /tmp/init.sql <<'SQL'
-- As on RDS: the machine's own administrator, from inside only; the owner gets a master user without SUPER.
INSTALL PLUGIN auth_socket SONAME 'auth_socket.so';
CREATE USER 'rdsadmin'@'localhost' IDENTIFIED WITH auth_socket AS 'root';
GRANT ALL ON *.* TO 'rdsadmin'@'localhost' WITH GRANT OPTION;
DROP USER 'root'@'localhost';
SQL
mysqld --no-defaults --user=mysql --datadir=/rdsdbdata/db --initialize-insecure --secure-file-priv= --innodb-redo-log-capacity=128M \
    --log-error-verbosity=1
# A normal start, as plugins cannot be installed while a server is being initialised.
mysqld --no-defaults --user=mysql --datadir=/rdsdbdata/db --socket=/run/mysqld/mysqld.sock --skip-networking --mysqlx=OFF \
    --innodb-redo-log-capacity=128M --secure-file-priv= --disable-log-bin --log-error-verbosity=1 &
for _ in {1..300}; do mysqladmin --no-defaults -S /run/mysqld/mysqld.sock -u root ping > /dev/null 2>&1 && break; sleep 0.2; done
mysql --no-defaults -S /run/mysqld/mysqld.sock -u root < /tmp/init.sql
mysqladmin --no-defaults -S /run/mysqld/mysqld.sock -u rdsadmin shutdown
wait
# The server's identity is made at first start; the self-signed certificates are never used.
rm -f /rdsdbdata/db/auto.cnf /rdsdbdata/db/*.pem /tmp/init.sql
