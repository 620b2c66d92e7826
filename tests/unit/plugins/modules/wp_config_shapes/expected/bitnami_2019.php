<?php
/** An older image: no spaces in the calls, the address computed, a closing tag. */
define('DB_NAME', 'bitnami_wordpress');
define('DB_USER', 'bn_wordpress');
define('DB_PASSWORD', 'it\'s $1 & \\1 / \\\\ ?> // ends with \\');
define('DB_HOST', 'ls-0.example.com:3306');
define('DB_CHARSET', 'utf8');
define('DB_COLLATE', '');
$table_prefix  = 'wp_';
define('WP_DEBUG', false);
/* That's all, stop editing! */
define('FS_METHOD', 'direct');
if ( defined( 'WP_CLI' ) ) { $_SERVER['HTTP_HOST'] = 'localhost'; }
define('WP_SITEURL', 'http://' . $_SERVER['HTTP_HOST'] . '/');
define('WP_HOME', 'https://www.example.com');
if ( !defined('ABSPATH') )
	define('ABSPATH', dirname(__FILE__) . '/');
/* BEGIN cloudpress constants (managed by Ansible, changes here are overwritten) */
define( 'DISALLOW_FILE_MODS', true );
define( 'WP_POST_REVISIONS', 7 );
/* END cloudpress constants */

require_once(ABSPATH . 'wp-settings.php');
define('WP_TEMP_DIR', '/opt/bitnami/apps/wordpress/tmp');
add_filter('wp_headers', 'unset_pingback');
function unset_pingback($headers) { unset($headers['X-Pingback']); return $headers; }
?>
