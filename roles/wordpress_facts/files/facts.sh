# shellcheck shell=bash
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Finds a Bitnami WordPress. $1 is the PHP that reads its configuration. Nothing is assumed: the layouts differ by age.

first() { for candidate in "$@"; do if [ -e "$candidate" ]; then printf %s "$candidate"; return; fi; done; }
json() { printf '"%s":"%s"' "$1" "$(printf %s "$2" | sed 's/[\\"]/\\&/g')"; }
refuse() { printf '\n{"refusal":"%s"}\n' "$1"; exit 0; }

if [ ! -d /opt/bitnami ]; then
  refuse "This host has no /opt/bitnami, so it is not a Bitnami image; these roles know no other."
fi
wp_load=$(first /opt/bitnami/wordpress/wp-load.php /opt/bitnami/apps/wordpress/htdocs/wp-load.php)
if [ -z "$wp_load" ]; then
  refuse "There is no WordPress in /opt/bitnami/wordpress or /opt/bitnami/apps/wordpress/htdocs on this host."
fi
php=$(first /opt/bitnami/php/bin/php)
if [ -z "$php" ]; then
  refuse "There is no PHP in /opt/bitnami/php on this host."
fi
python=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
case "$python" in
  "") refuse "This host has no python3, which Ansible needs." ;;
  2.* | 3.[0-8]) refuse "This host has Python $python; these roles need 3.9 or newer (Debian 11 or newer), so start from a newer image." ;;
esac
if [ -e /opt/bitnami/common/bin/openssl ]; then approach=B; else approach=A; fi
user=daemon
if ! id "$user" >/dev/null 2>&1; then user=www-data; fi
server=$(first /opt/bitnami/mariadb /opt/bitnami/mysql)
apache=$(first /opt/bitnami/apache /opt/bitnami/apache2)
known=$(
  printf '{'
  json approach "$approach"; printf ,
  json root "$(dirname "$wp_load")"; printf ,
  json php "$php"; printf ,
  json python "$python"; printf ,
  json mysql_client "$(first "$server"/bin/mariadb "$server"/bin/mysql /usr/bin/mariadb /usr/bin/mysql)"; printf ,
  json mysqldump "$(first "$server"/bin/mariadb-dump "$server"/bin/mysqldump /usr/bin/mariadb-dump /usr/bin/mysqldump)"; printf ,
  json database_service "$(if [ -n "$server" ]; then basename "$server"; fi)"; printf ,
  json database_socket "$(first "$server"/tmp/mysql.sock)"; printf ,
  json service_control "$(first /opt/bitnami/ctlscript.sh)"; printf ,
  json apache "$apache"; printf ,
  json web_user "$user"; printf ,
  json web_group "$(id -gn "$user")"; printf ,
  json hostname "$(hostname)"; printf ,
  json os "$(. /etc/os-release 2>/dev/null; printf %s "$ID $VERSION_ID")"; printf ,
  marker=$(cat /opt/bitnami/cloudpress/database.json 2>/dev/null)
  printf '"database_marker":%s' "${marker:-null}"
  printf '}'
)
cd /
exec runuser -u "$user" -- env CLOUDPRESS_KNOWN="$known" "$php" -d display_errors=0 -r "$1"
