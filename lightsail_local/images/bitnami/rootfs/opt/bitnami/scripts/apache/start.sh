#!/bin/bash
# Start Apache; returns when it is up (apachectl returns before the pid file is written).
/opt/bitnami/apache/bin/httpd -k start || exit 1
for _ in {1..100}; do [ -s /opt/bitnami/apache/var/run/httpd.pid ] && exit 0; sleep 0.05; done
exit 1
