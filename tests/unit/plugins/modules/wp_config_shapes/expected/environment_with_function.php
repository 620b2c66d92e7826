<?php
// A container image: every value comes from the environment, through a function of the file's own.
if (!function_exists('from_environment')) {
	function from_environment($name, $default) {
		if ($file = getenv($name . '_FILE')) {
			return rtrim(file_get_contents($file), "\r\n");
		}
		elseif (($value = getenv($name)) !== false) {
			return $value;
		}
		return $default;
	}
}
define( 'DB_NAME', from_environment('WORDPRESS_DB_NAME', 'wordpress') );
define( 'DB_USER', from_environment('WORDPRESS_DB_USER', 'username') );
define( 'DB_PASSWORD', 'it\'s $1 & \\1 / \\\\ ?> // ends with \\' );
define( 'DB_HOST', 'ls-0.example.com:3306' );
define( 'WP_DEBUG', !!from_environment('WORDPRESS_DEBUG', '') );
$table_prefix = from_environment('WORDPRESS_TABLE_PREFIX', 'wp_');
if (isset($_SERVER['HTTP_X_FORWARDED_PROTO']) && strpos($_SERVER['HTTP_X_FORWARDED_PROTO'], 'https') !== false) {
	$_SERVER['HTTPS'] = 'on';
}
if ($extra = from_environment('WORDPRESS_CONFIG_EXTRA', '')) {
	eval($extra);
}
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
/* BEGIN cloudpress constants (managed by Ansible, changes here are overwritten) */
define( 'DISALLOW_FILE_MODS', true );
define( 'WP_HOME', 'https://www.example.com' );
define( 'WP_POST_REVISIONS', 7 );
/* END cloudpress constants */

require_once ABSPATH . 'wp-settings.php';
