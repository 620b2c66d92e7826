<?php
define('DB_NAME',       'shop');
define('DB_USER',       'shop');
define('DB_PASSWORD',   'it\'s $1 & \\1 / \\\\ ?> // ends with \\');
define('DB_HOST',       'ls-0.example.com:3306');
define('WP_HOME',       'https://www.example.com');   # no slash
define('WP_SITEURL',    WP_HOME);
$table_prefix =         'shop_';
if ( ! defined( 'ABSPATH' ) ) { define( 'ABSPATH', __DIR__ . '/' ); }
/* BEGIN cloudpress constants (managed by Ansible, changes here are overwritten) */
define( 'DISALLOW_FILE_MODS', true );
define( 'WP_POST_REVISIONS', 7 );
/* END cloudpress constants */

require_once ABSPATH . 'wp-settings.php';
