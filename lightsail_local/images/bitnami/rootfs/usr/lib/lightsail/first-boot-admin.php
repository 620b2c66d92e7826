<?php
// The WordPress administrator's password, on standard input. Run as the web user.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
$password             = trim( stream_get_contents( STDIN ) );
$done                 = false;
register_shutdown_function(
	function () use ( &$done ) {
		exit( $done ? 0 : 1 ); // WordPress ends with 0 also when it has no database.
	}
);
// No cron run and no cache of rewrite rules: only the user's row is touched.
define( 'WP_INSTALLING', true );
require '/opt/bitnami/wordpress/wp-load.php';
wp_set_password( $password, 1 );
$done = wp_check_password( $password, get_userdata( 1 )->user_pass );
