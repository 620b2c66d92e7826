#!/bin/bash
# Turns a plain Debian tree into a host as Lightsail makes from wordpress_ls_1_0 (facts lightsail-2026.md, sections 2 and 3).
# Runs inside the tree. $1 is the recipe's directory there; $1/unpacked holds the packages of another suite.
set -e
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
umask 022

# -- login ---------------------------------------------------------------------------------------------------------------
useradd --uid 1000 --user-group --groups adm,sudo --create-home --shell /bin/bash admin
usermod --password '*' admin
ln -s /opt/aws/wordpress/credentials.log /home/admin/application_credentials
chown -h admin:admin /home/admin/application_credentials
chmod 0440 /etc/sudoers.d/90-cloud-init-users
chmod 0755 /usr/bin/cloud-init /usr/lib/lightsail/{boot,identity,final,memory-config} /opt/aws/wordpress/install_wordpress.sh
rm -f /etc/ssh/ssh_host_* /etc/machine-id
touch /etc/machine-id
# MariaDB's package asks for rsync and works without; the real host has none.
systemctl disable rsync.service
rm -f /usr/bin/rsync /usr/bin/rsync-ssl /etc/init.d/rsync /lib/systemd/system/rsync.service

# -- systemd --------------------------------------------------------------------------------------------------------------
# user@ hangs a reboot over SSH for half a minute (tried); the others are work that nobody wants on a host of minutes.
systemctl mask user@.service user-runtime-dir@.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer dpkg-db-backup.timer logrotate.timer phpsessionclean.timer systemd-udev-trigger.service
systemctl enable cloud-init.service cloud-final.service lightsail-memory-config.service ssh.service apache2.service mariadb.service cron.service

# -- web server ------------------------------------------------------------------------------------------------------------
a2enmod -q ssl
a2ensite -q default-ssl
grep -q DocumentRoot /etc/apache2/sites-available/default-ssl.conf
[ -e /etc/apache2/mods-enabled/mpm_prefork.load ]
[ ! -e /etc/apache2/mods-enabled/rewrite.load ]
make-ssl-cert generate-default-snakeoil --force-overwrite

# -- WordPress: its own files without the package's links; wp-config.php comes at first boot ----------------------------------
root=/var/www/html other=$1/unpacked
rm -rf $root
rm -f "$other/usr/share/wordpress/wp-config.php" "$other/usr/share/wordpress/.htaccess"
# A theme's link is absolute.
rm -rf "$other/var/lib/wordpress/wp-content/themes"
cp -rL "$other/usr/share/wordpress" $root
cp -rL "$other/var/lib/wordpress/wp-content/." $root/wp-content/
mkdir -p $root/wp-content/{uploads,plugins,themes}
grep -q '6\.[89]\|[7-9]\.' $root/wp-includes/version.php
chown -R admin:www-data $root
find $root -type d -exec chmod 2775 {} +
find $root -type f -exec chmod 0664 {} +
/usr/lib/lightsail/memory-config
apache2ctl -t
