<?php
define( 'DB_HOST', 'first' );
define( 'DB_HOST', 'first' );
@define( 'DB_HOST', 'third' );
define( 'DB_PASSWORD', 'DB_PASSWORD' );
// define( 'DB_PASSWORD', 'DB_PASSWORD' );
define( 'WP_HOME', 'http://x.example' ); define( 'WP_HOME', 'http://y.example' );
define( 'DB_NAME', 'n' ); define( 'DB_USER', 'u' );
$table_prefix = 'wp_';
defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php';
define( 'DB_HOST', 'too late' );
