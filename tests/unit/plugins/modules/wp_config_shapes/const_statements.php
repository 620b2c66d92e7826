<?php
const DB_NAME = 'modern', DB_USER = 'modern';
const DB_PASSWORD = 'p' . 'q';
const DB_HOST = 'localhost';
const WP_HOME = 'http://modern.example';
final class Settings { const DB_HOST = 'not this one'; public static function define( $a, $b ) { return $a . $b; } }
Settings::define( 'DB_HOST', 'nor this one' );
$table_prefix = 'wp_';
defined( 'ABSPATH' ) or define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php';
