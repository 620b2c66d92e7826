<?php
define('DB_NAME',       'shop');
define('DB_USER',       'shop');
define('DB_PASSWORD',   "pa\$\$'word");
define('DB_HOST',       'localhost');
define('WP_HOME',       'http://shop.example');   # no slash
define('WP_SITEURL',    WP_HOME);
$table_prefix =         'shop_';
if ( ! defined( 'ABSPATH' ) ) { define( 'ABSPATH', __DIR__ . '/' ); }
require_once ABSPATH . 'wp-settings.php';
