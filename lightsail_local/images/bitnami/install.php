<?php
// Installs WordPress as Bitnami's image does: administrator "user", pretty links, known to itself as 127.0.0.1.
$_SERVER['HTTP_HOST']       = '127.0.0.1';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
define( 'WP_INSTALLING', true );
// Over the socket: the build must not open a port. wp-config.php's own define comes second and only warns.
define( 'DB_HOST', 'localhost:/opt/bitnami/mariadb/tmp/mysql.sock' );
// WordPress ends with exit status 0 also when it fails.
register_shutdown_function(
	function () use ( &$installed ) {
		exit( $installed ? 0 : 1 );
	}
);
// Two functions that WordPress lets be replaced: no mail from an image build.
function wp_new_blog_notification() {}
require '/opt/bitnami/wordpress/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
// Set before the installer asks for it, as it would try the links over HTTP.
add_filter( 'pre_option_permalink_structure', fn() => '/%year%/%monthnum%/%day%/%postname%/' );
wp_install( "User's blog", 'user', 'user@example.com', true, '', 'made-at-first-boot', 'en_US' );
remove_all_filters( 'pre_option_permalink_structure' );
update_option( 'permalink_structure', '/%year%/%monthnum%/%day%/%postname%/' );
$installed = get_option( 'siteurl' );
fwrite( STDERR, 'WordPress ' . $GLOBALS['wp_version'] . " installed at $installed, theme " . get_option( 'stylesheet' ) . "\n" );
