<?php define('WP_CACHE', true); // Added by a cache plugin
/* That's all, stop editing! Said once too early. */
define( 'DB_NAME', 'blog' ); define( 'DB_USER', 'blog' ); define( 'DB_PASSWORD', 'it\'s $1 & \\1 / \\\\ ?> // ends with \\' ); define( 'DB_HOST', 'ls-0.example.com:3306' );
$s = "define( 'DB_HOST', 'in a string' );"; // define( 'DB_HOST', 'in a comment' );
/* That's all, stop editing! */
if ( ! defined( 'ABSPATH' ) ) define( 'ABSPATH', __DIR__ . '/' );
/* BEGIN cloudpress constants (managed by Ansible, changes here are overwritten) */
define( 'DISALLOW_FILE_MODS', true );
define( 'WP_HOME', 'https://www.example.com' );
define( 'WP_POST_REVISIONS', 7 );
/* END cloudpress constants */

require_once ABSPATH . 'wp-settings.php'; ?>
