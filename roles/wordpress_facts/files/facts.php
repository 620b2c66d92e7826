<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs after evaluate.php, as the web server's user. Prints what is known of this WordPress as JSON, without secrets.

error_reporting( 0 );
$known = json_decode( getenv( 'CLOUDPRESS_KNOWN' ), true );
$root  = $known['root'];

function cloudpress_answer( $answer ) {
	$GLOBALS['cloudpress_done'] = true;
	echo "\n", json_encode( $answer, JSON_UNESCAPED_SLASHES ), "\n";
	exit( 0 );
}
register_shutdown_function(
	function () {
		if ( empty( $GLOBALS['cloudpress_done'] ) ) {
			$error = error_get_last();
			while ( ob_get_level() ) {
				ob_end_clean();
			}
			cloudpress_answer( array( 'refusal' => 'The wp-config.php of this host cannot be evaluated: ' . ( $error ? $error['message'] : 'it ends early' ) . '.' ) );
		}
	}
);

if ( null === cloudpress_config_path( $root ) ) {
	cloudpress_answer( array( 'refusal' => "WordPress in $root has no wp-config.php, so it is not installed." ) );
}
try {
	// a host name that no one has shows whether the site's address is taken from the request
	$config = cloudpress_evaluate( $root, array( 'HTTP_HOST' => 'host.invalid', 'SERVER_NAME' => 'host.invalid', 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET', 'SERVER_PORT' => '80' ) );
} catch ( Throwable $error ) {
	cloudpress_answer( array( 'refusal' => 'The wp-config.php of this host cannot be evaluated: ' . $error->getMessage() . '.' ) );
}
if ( ( defined( 'MULTISITE' ) && MULTISITE ) || ( defined( 'WP_ALLOW_MULTISITE' ) && WP_ALLOW_MULTISITE && defined( 'DOMAIN_CURRENT_SITE' ) ) ) {
	cloudpress_answer( array( 'refusal' => "WordPress in $root is a network of sites (multisite); these roles run single sites only." ) );
}
if ( ! defined( 'DB_NAME' ) || ! defined( 'DB_HOST' ) || null === $config['table_prefix'] ) {
	cloudpress_answer( array( 'refusal' => $config['path'] . ' names no database, so WordPress is not installed.' ) );
}
require "$root/wp-includes/version.php";

function cloudpress_address( $name ) {
	$value = defined( $name ) ? (string) constant( $name ) : '';
	return false === strpos( $value, 'host.invalid' ) ? $value : '';
}
function cloudpress_ini_dir() {
	foreach ( array( (string) getenv( 'PHP_INI_SCAN_DIR' ), PHP_CONFIG_FILE_SCAN_DIR ) as $directory ) {
		if ( '' !== $directory && is_dir( $directory ) ) {
			return $directory;
		}
	}
	return '';
}
$database = cloudpress_database_host( DB_HOST );
cloudpress_answer(
	$known + array(
		'config_path'          => $config['path'],
		'content_path'         => realpath( defined( 'WP_CONTENT_DIR' ) ? WP_CONTENT_DIR : "$root/wp-content" ),
		'version'              => $wp_version,
		'database_version'     => (int) $wp_db_version,
		'table_prefix'         => $config['table_prefix'],
		'multisite'            => false,
		'home'                 => cloudpress_address( 'WP_HOME' ),
		'siteurl'              => cloudpress_address( 'WP_SITEURL' ),
		'address_from_request' => defined( 'WP_HOME' ) && '' === cloudpress_address( 'WP_HOME' ),
		'database'             => array( 'name' => DB_NAME, 'user' => DB_USER, 'charset' => defined( 'DB_CHARSET' ) ? DB_CHARSET : '' ) + $database,
		'database_tls'         => defined( 'MYSQL_CLIENT_FLAGS' ) && ( MYSQL_CLIENT_FLAGS & MYSQLI_CLIENT_SSL ) !== 0,
		'php_version'          => PHP_VERSION,
		'php_ini'              => (string) php_ini_loaded_file(),
		'php_ini_dir'          => cloudpress_ini_dir(),
	)
);
