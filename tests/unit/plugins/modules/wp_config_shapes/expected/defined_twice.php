<?php
define( 'DB_HOST', 'ls-0.example.com:3306' );
define( 'DB_HOST', 'first' );
@define( 'DB_HOST', 'third' );
define( 'DB_PASSWORD', 'it\'s $1 & \\1 / \\\\ ?> // ends with \\' );
// define( 'DB_PASSWORD', 'DB_PASSWORD' );
define( 'WP_HOME', 'https://www.example.com' ); define( 'WP_HOME', 'http://y.example' );
define( 'DB_NAME', 'n' ); define( 'DB_USER', 'u' );
$table_prefix = 'wp_';
defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
/* BEGIN cloudpress constants (managed by Ansible, changes here are overwritten) */
define( 'DISALLOW_FILE_MODS', true );
define( 'WP_POST_REVISIONS', 7 );
/* END cloudpress constants */

require_once ABSPATH . 'wp-settings.php';
define( 'DB_HOST', 'too late' );
