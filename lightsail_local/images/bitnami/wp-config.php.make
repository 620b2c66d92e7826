<?php
// Prints wp-config.php in the shape that Bitnami ships (facts 1.6): the stock sample, WP_HOME from the Host header, and a
// block after wp-settings.php, so that the file does not end with the require.
$text    = file_get_contents( '/opt/bitnami/wordpress/wp-config-sample.php' );
$replace = array(
	"'database_name_here'"            => "'bitnami_wordpress'",
	"'username_here'"                 => "'bn_wordpress'",
	"'password_here'"                 => "'made-at-first-boot'",
	"define( 'DB_HOST', 'localhost' )" => "define( 'DB_HOST', '127.0.0.1:3306' )",
);
foreach ( $replace as $from => $to ) {
	$text = str_replace( $from, $to, $text, $count );
	if ( 1 !== $count ) {
		fwrite( STDERR, "wp-config-sample.php has $from $count times\n" );
		exit( 1 );
	}
}
$before = <<<'PHP'
define( 'FS_METHOD', 'direct' );
/**
 * The WP_SITEURL and WP_HOME options are configured to access from any hostname or IP address.
 * If you want to access only from an specific domain, you can modify them. For example:
 *  define('WP_HOME','http://example.com');
 *  define('WP_SITEURL','http://example.com');
 *
 */
if ( defined( 'WP_CLI' ) ) {
	$_SERVER['HTTP_HOST'] = '127.0.0.1';
}

define( 'WP_HOME', 'http://' . $_SERVER['HTTP_HOST'] . '/' );
define( 'WP_SITEURL', 'http://' . $_SERVER['HTTP_HOST'] . '/' );
define( 'WP_AUTO_UPDATE_CORE', 'minor' );

PHP;
$after = <<<'PHP'

/**
 * Disable pingback.ping xmlrpc method to prevent WordPress from participating in DDoS attacks
 */
if ( !defined( 'WP_CLI' ) ) {
	// remove x-pingback HTTP header
	add_filter("wp_headers", function($headers) {
		unset($headers["X-Pingback"]);
		return $headers;
	});
	// disable pingbacks
	add_filter( "xmlrpc_methods", function( $methods ) {
		unset( $methods["pingback.ping"] );
		return $methods;
	});
}

PHP;
$stop  = "/* That's all, stop editing! Happy publishing. */";
$parts = explode( $stop, $text );
if ( count( $parts ) !== 2 ) {
	fwrite( STDERR, "wp-config-sample.php has no line to stop editing at\n" );
	exit( 1 );
}
echo $parts[0], $before, $stop, rtrim( $parts[1] ), "\n", $after;
