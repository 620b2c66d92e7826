<?php
# Settings of a hosting company
define( 'DB_NAME', 'wp_acme' );
define( 'DB_USER', 'acme' );
define( 'DB_PASSWORD', 'k&/\\1' );
define( 'DB_HOST', '127.0.0.1:3306' );
define( 'DB_HOST_SLAVE', '127.0.0.1:3306' );
$table_prefix = 'wp_';
define( 'HOST_CLUSTER', '0' ); define( 'HOST_ALLOWED', array( 'a.example', "b.example" ) );
$host_domains = array ( 0 => 'acme.example', );
$memcached_servers = array ( 'default' => array ( 0 => 'unix:///tmp/memcached.sock', ), );
define( 'WP_CRON_LOCK_TIMEOUT', 60 * 2 );
define( 'AS3CF_SETTINGS', serialize( array(
	'provider' => 'aws',
	'use-server-roles' => true,
) ) );
if ( file_exists( dirname( __FILE__ ) . '/wp-config-local.php' ) && getenv( 'LOCAL' ) ) {
	require_once dirname( __FILE__ ) . '/wp-config-local.php';
}
if ( ! defined('ABSPATH') ) define('ABSPATH', dirname(__FILE__) . '/');
require_once(ABSPATH . 'wp-settings.php');
$_host_hooks = null; if ( false ) { }
