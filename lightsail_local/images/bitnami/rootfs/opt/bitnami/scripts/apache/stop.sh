#!/bin/bash
# Stop apache and wait until it has ended.
pidfile=/opt/bitnami/apache/var/run/httpd.pid
pid=$(cat "$pidfile" 2>/dev/null) || exit 0
kill -TERM "$pid" 2>/dev/null
for _ in {1..600}; do kill -0 "$pid" 2>/dev/null || { rm -f "$pidfile"; exit 0; }; sleep 0.1; done
exit 1
