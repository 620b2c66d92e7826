<?php
// Written by Ansible (cloudpress.lightsail.wordpress_web_node); changes here are overwritten.
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs WordPress's due events, from cron on every node. A lock in the shared database, held by the connection until this process
// ends, lets one node through at a time; WordPress's own lock is not atomic.

if ( 'cli' !== PHP_SAPI ) {
	exit( 1 );
}
$_SERVER['HTTP_HOST']       = '127.0.0.1';
$_SERVER['SERVER_NAME']     = '127.0.0.1';
$_SERVER['REQUEST_URI']     = '/wp-cron.php';
$_SERVER['REQUEST_METHOD']  = 'GET';
$_SERVER['REMOTE_ADDR']     = '127.0.0.1';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.0';

// WordPress takes over hooks that are set before it is loaded; at this one it has its database and no plugin yet
$wp_filter = array(
	'muplugins_loaded' => array(
		0 => array(
			array(
				'accepted_args' => 0,
				'function'      => function () {
					global $wpdb;
					if ( '1' !== (string) $wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK( %s, 0 )', 'cloudpress_cron_' . md5( DB_NAME . $wpdb->prefix ) ) ) ) {
						exit( 0 );
					}
				},
			),
		),
	),
);
set_time_limit( 900 );
chdir( $argv[1] );
require $argv[1] . '/wp-cron.php';
