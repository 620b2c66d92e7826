<?php
// Installs WordPress for the administrator "user", unless it is installed. The password comes on standard input. Run as the web user.
$_SERVER['HTTP_HOST']       = 'localhost';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
define( 'WP_INSTALLING', true );
$password  = trim( stream_get_contents( STDIN ) );
$installed = false;
// WordPress ends with exit status 0 also when it fails.
register_shutdown_function(
	function () use ( &$installed ) {
		exit( $installed ? 0 : 1 );
	}
);
// A function that WordPress lets be replaced: no mail about a new site.
function wp_new_blog_notification() {}
require '/var/www/html/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
if ( ! is_blog_installed() ) {
	// The installer would try pretty links over HTTP, and find that they answer 404: .htaccess is off.
	add_filter( 'pre_option_permalink_structure', fn() => 'not to be tried' );
	wp_install( 'My WordPress site', 'user', 'user@example.com', true, '', $password, 'en_US' );
	remove_all_filters( 'pre_option_permalink_structure' );
}
$installed = (bool) get_option( 'siteurl' );
