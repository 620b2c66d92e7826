<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the database of a WordPress holds: how much, whether it is more than an installation makes, and the pages by which a copy is judged.
// Plugins and themes are not loaded.

define( 'SHORTINIT', true );
$_SERVER['HTTP_HOST'] = '127.0.0.1';
mysqli_report( MYSQLI_REPORT_OFF );
require $request['root'] . '/wp-load.php';

$own    = $wpdb->get_var( "SELECT COUNT(*) FROM {$wpdb->prefix}posts WHERE ID > 3 AND post_status <> 'auto-draft' AND post_type NOT IN ('revision', 'wp_navigation', 'wp_global_styles', 'wp_template')" );
$users  = $wpdb->get_var( "SELECT COUNT(*) FROM {$wpdb->prefix}users" );
$bytes  = $wpdb->get_var( 'SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()' );
$active = @unserialize( (string) $wpdb->get_var( "SELECT option_value FROM {$wpdb->prefix}options WHERE option_name = 'active_plugins'" ) );
$themes = $wpdb->get_col( "SELECT DISTINCT option_value FROM {$wpdb->prefix}options WHERE option_name IN ('template', 'stylesheet')" );
$posts  = $wpdb->get_col( "SELECT ID FROM {$wpdb->prefix}posts WHERE post_status = 'publish' AND post_type IN ('post', 'page') AND post_password = '' ORDER BY ID DESC LIMIT 8" );
$home   = $wpdb->get_var( "SELECT option_value FROM {$wpdb->prefix}options WHERE option_name = 'home'" );
if ( null === $users ) {
	cloudpress_fail( 'WordPress in ' . $request['root'] . ' does not get into its database: ' . $wpdb->last_error );
}
cloudpress_answer(
	array(
		'own'            => (int) $own,
		'users'          => (int) $users,
		'bytes'          => (int) $bytes,
		'active_plugins' => is_array( $active ) ? array_values( $active ) : array(),
		'active_themes'  => $themes,
		'posts'          => array_map( 'intval', $posts ),
		'home'           => (string) $home,
	)
);
