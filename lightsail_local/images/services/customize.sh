#!/bin/bash
# Debian's programs as they are; only what they would do by themselves is taken away. Configuration comes with each container.
set -e
rm -rf /etc/nginx/sites-enabled /etc/haproxy/haproxy.cfg /etc/bind/named.conf*
mkdir -p /run/named /var/cache/bind /var/cache/nginx
chown bind:bind /run/named /var/cache/bind
chown www-data:www-data /var/cache/nginx
rm -f /etc/nginx/modules-enabled/*
