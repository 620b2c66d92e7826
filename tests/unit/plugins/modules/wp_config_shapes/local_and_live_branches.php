<?php
if ( isset( $_SERVER['HTTP_HOST'] ) && preg_match( '/\.test$/', $_SERVER['HTTP_HOST'] ) ) {
	define( 'DB_HOST', 'localhost' );
	define( 'DB_NAME', 'dev' );
	define( 'DB_PASSWORD', 'dev' );
} elseif ( getenv( 'STAGING' ) ) {
	define( 'DB_HOST', 'staging-db' );
	define( 'DB_NAME', 'staging' );
	define( 'DB_PASSWORD', 'staging' );
} else {
	define( 'DB_HOST', 'live-db' );
	define( 'DB_NAME', 'live' );
	define( 'DB_PASSWORD', 'live' );
}
if ( ! defined( 'WP_HOME' ) ) {
	define( 'WP_HOME', ( empty( $_SERVER['HTTPS'] ) ? 'http://' : 'https://' ) . ( isset( $_SERVER['HTTP_HOST'] ) ? $_SERVER['HTTP_HOST'] : 'localhost' ) );
}
$table_prefix = 'wp_';
defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php';
