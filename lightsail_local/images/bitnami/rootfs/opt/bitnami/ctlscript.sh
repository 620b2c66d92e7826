#!/bin/bash
# Service control as on a Bitnami host: ctlscript.sh {status,start,stop,restart} [service]
# The services are those with a file in /etc/monit/conf.d; rename it to *.conf.disabled to switch one off for good.
action=$1 service=$2
case $action in
    start | stop | restart | status) ;;
    *) echo "usage: $0 (start|stop|restart|status) [apache|mariadb|php-fpm]" >&2; exit 1 ;;
esac
if [ "$(id -u)" != 0 ]; then
    echo "This script must be run as root: sudo $0 $*" >&2
    exit 1
fi
pid=$(cat /var/run/gonit.pid 2>/dev/null)
if [ -z "$pid" ] || ! kill -0 "$pid" 2>/dev/null; then
    echo "Cannot find any running daemon to contact. If it is running, make sure you are pointing to the right pid file (/var/run/gonit.pid)" >&2
    exit 1
fi
exec /usr/bin/gonit "$action" ${service:+"$service"}
