<?php define('WP_CACHE', true); // Added by a cache plugin
/* That's all, stop editing! Said once too early. */
define( 'DB_NAME', 'blog' ); define( 'DB_USER', 'blog' ); define( 'DB_PASSWORD', 'x' ); define( 'DB_HOST', 'localhost' );
$s = "define( 'DB_HOST', 'in a string' );"; // define( 'DB_HOST', 'in a comment' );
/* That's all, stop editing! */
if ( ! defined( 'ABSPATH' ) ) define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php'; ?>
