<?php
const DB_NAME = 'modern', DB_USER = 'modern';
const DB_PASSWORD = 'it\'s $1 & \\1 / \\\\ ?> // ends with \\';
const DB_HOST = 'ls-0.example.com:3306';
const WP_HOME = 'https://www.example.com';
final class Settings { const DB_HOST = 'not this one'; public static function define( $a, $b ) { return $a . $b; } }
Settings::define( 'DB_HOST', 'nor this one' );
$table_prefix = 'wp_';
defined( 'ABSPATH' ) or define( 'ABSPATH', __DIR__ . '/' );
/* BEGIN cloudpress constants (managed by Ansible, changes here are overwritten) */
define( 'DISALLOW_FILE_MODS', true );
define( 'WP_POST_REVISIONS', 7 );
/* END cloudpress constants */

require_once ABSPATH . 'wp-settings.php';
