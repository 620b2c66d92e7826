<?php
/** Settings of this site, as the image's first boot wrote them. */

// ** Database ** //
define( 'DB_NAME', 'bitnami_wordpress' );
define( 'DB_USER', 'bn_wordpress' );
define( 'DB_PASSWORD', '5f0c6a1d2e3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5' );
define( 'DB_HOST', '127.0.0.1:3306' );
define( 'DB_CHARSET', 'utf8' );
define( 'DB_COLLATE', '' );

define( 'AUTH_KEY',         'a2v#) $w[7Q\'x"z\\' );
define( 'NONCE_SALT',       '/* not a comment */ // nor this' );

$table_prefix = 'wp_';
define( 'WP_DEBUG', false );

/* Values of the image stand between this line and the next comment. */
define( 'FS_METHOD', 'direct' );
/**
 * The address follows the request's Host.
 */
if ( defined( 'WP_CLI' ) ) {
	$_SERVER['HTTP_HOST'] = '127.0.0.1';
}

define( 'WP_HOME', 'http://' . $_SERVER['HTTP_HOST'] . '/' );
define( 'WP_SITEURL', 'http://' . $_SERVER['HTTP_HOST'] . '/' );
define( 'WP_AUTO_UPDATE_CORE', 'minor' );
/* That's all, stop editing! */

if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}

/** Loads WordPress. */
require_once ABSPATH . 'wp-settings.php';

/**
 * Pingbacks off, by the image.
 */
if ( !defined( 'WP_CLI' ) ) {
	add_filter("wp_headers", function($headers) {
		unset($headers["X-Pingback"]);
		return $headers;
	});
}
