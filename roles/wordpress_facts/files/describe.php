<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs as the web server's user. Answers what wp-config.php says of this WordPress, without secrets; with "refusal" when these roles do
// not work on it.

error_reporting( 0 );
$root = $request['root'];
$how  = array( 'flavour' => $request['php_flavour'], 'hosts' => $request['hosts'] );

function cloudpress_refuse( $reason ) {
	cloudpress_answer( array( 'refusal' => $reason ) );
}
if ( null === cloudpress_config_path( $root ) ) {
	cloudpress_refuse( "WordPress in $root has no wp-config.php, so it is not installed." );
}
try {
	$config = cloudpress_evaluate( $root, $how );
} catch ( Throwable $error ) {
	cloudpress_refuse( 'The wp-config.php of this host cannot be evaluated: ' . $error->getMessage() . '. Mend ' . realpath( cloudpress_config_path( $root ) ) . ', then run again.' );
}
$constants = $config['constants'];
$settings  = realpath( $config['settings'] );
if ( realpath( "$root/wp-settings.php" ) !== $settings ) {
	cloudpress_refuse( "{$config['path']} loads " . ( $settings ? "$settings, which is another WordPress than" : "{$config['settings']}, which does not exist, and not" ) . " the one in $root. Mend it, then run again." );
}
if ( ! empty( $constants['MULTISITE'] ) || ( ! empty( $constants['WP_ALLOW_MULTISITE'] ) && isset( $constants['DOMAIN_CURRENT_SITE'] ) ) ) {
	cloudpress_refuse( "WordPress in $root is a network of sites (multisite); these roles run single sites only." );
}
if ( ! isset( $constants['DB_NAME'], $constants['DB_USER'], $constants['DB_HOST'], $config['table_prefix'] ) ) {
	cloudpress_refuse( $config['path'] . ' names no database, so WordPress is not installed.' );
}
require "$root/wp-includes/version.php";

function cloudpress_address( array $config, $name ) {
	return isset( $config['constants'][ $name ] ) && ! in_array( $name, $config['from_request'], true ) ? (string) $config['constants'][ $name ] : '';
}
cloudpress_answer(
	array(
		'config_path'          => cloudpress_settings_file( $config ),
		'config_differences'   => cloudpress_differences( $root, $config, $how ),
		'request_host'         => $config['host'],
		'content_path'         => realpath( isset( $constants['WP_CONTENT_DIR'] ) ? $constants['WP_CONTENT_DIR'] : "$root/wp-content" ),
		'version'              => $wp_version,
		'database_version'     => (int) $wp_db_version,
		'table_prefix'         => $config['table_prefix'],
		'multisite'            => false,
		'home'                 => cloudpress_address( $config, 'WP_HOME' ),
		'siteurl'              => cloudpress_address( $config, 'WP_SITEURL' ),
		'address_from_request' => in_array( 'WP_HOME', $config['from_request'], true ),
		'database'             => array( 'name' => $constants['DB_NAME'], 'user' => $constants['DB_USER'], 'charset' => isset( $constants['DB_CHARSET'] ) ? $constants['DB_CHARSET'] : '' )
			+ cloudpress_database_host( $constants['DB_HOST'] ),
		'database_tls'         => isset( $constants['MYSQL_CLIENT_FLAGS'] ) && ( $constants['MYSQL_CLIENT_FLAGS'] & MYSQLI_CLIENT_SSL ) !== 0,
		'php_version'          => PHP_VERSION,
		'php_ini'              => (string) php_ini_loaded_file(),
	)
);
