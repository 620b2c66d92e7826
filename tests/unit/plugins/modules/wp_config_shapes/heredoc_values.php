<?php
define( 'DB_NAME', <<<NAME
wordpress
NAME
);
define( 'DB_USER', <<<'USER'
define( 'DB_HOST', 'in a nowdoc' );
USER
);
define( 'DB_PASSWORD', <<<"PASS"
  a "quoted" $
  PASS . 'and more' );
define(
	'DB_HOST',   // where it is
	/* on this machine */ 'localhost' /* for now */
);
$banner = <<<HTML
<p>define( 'WP_HOME', 'in a heredoc' );</p>
{$_SERVER['REQUEST_METHOD']}
HTML;
$table_prefix = 'wp_';
defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php';
