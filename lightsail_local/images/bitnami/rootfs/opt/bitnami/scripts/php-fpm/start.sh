#!/bin/bash
# Start PHP-FPM; it returns when the pool is ready.
exec /opt/bitnami/php/sbin/php-fpm --daemonize
