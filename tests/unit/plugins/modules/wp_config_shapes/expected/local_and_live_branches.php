<?php
if ( isset( $_SERVER['HTTP_HOST'] ) && preg_match( '/\.test$/', $_SERVER['HTTP_HOST'] ) ) {
	define( 'DB_HOST', 'ls-0.example.com:3306' );
	define( 'DB_NAME', 'dev' );
	define( 'DB_PASSWORD', 'it\'s $1 & \\1 / \\\\ ?> // ends with \\' );
} elseif ( getenv( 'STAGING' ) ) {
	define( 'DB_HOST', 'ls-0.example.com:3306' );
	define( 'DB_NAME', 'staging' );
	define( 'DB_PASSWORD', 'it\'s $1 & \\1 / \\\\ ?> // ends with \\' );
} else {
	define( 'DB_HOST', 'ls-0.example.com:3306' );
	define( 'DB_NAME', 'live' );
	define( 'DB_PASSWORD', 'it\'s $1 & \\1 / \\\\ ?> // ends with \\' );
}
if ( ! defined( 'WP_HOME' ) ) {
	define( 'WP_HOME', 'https://www.example.com' );
}
$table_prefix = 'wp_';
defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
/* BEGIN cloudpress constants (managed by Ansible, changes here are overwritten) */
defined( 'DB_HOST' ) || define( 'DB_HOST', 'ls-0.example.com:3306' );
defined( 'DB_PASSWORD' ) || define( 'DB_PASSWORD', 'it\'s $1 & \\1 / \\\\ ?> // ends with \\' );
define( 'DISALLOW_FILE_MODS', true );
define( 'WP_POST_REVISIONS', 7 );
/* END cloudpress constants */

require_once ABSPATH . 'wp-settings.php';
