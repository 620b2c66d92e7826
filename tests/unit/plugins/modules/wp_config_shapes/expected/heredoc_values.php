<?php
define( 'DB_NAME', <<<NAME
wordpress
NAME
);
define( 'DB_USER', <<<'USER'
define( 'DB_HOST', 'in a nowdoc' );
USER
);
define( 'DB_PASSWORD', 'it\'s $1 & \\1 / \\\\ ?> // ends with \\' );
define(
	'DB_HOST',   // where it is
	/* on this machine */ 'ls-0.example.com:3306' /* for now */
);
$banner = <<<HTML
<p>define( 'WP_HOME', 'in a heredoc' );</p>
{$_SERVER['REQUEST_METHOD']}
HTML;
$table_prefix = 'wp_';
defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
/* BEGIN cloudpress constants (managed by Ansible, changes here are overwritten) */
define( 'DISALLOW_FILE_MODS', true );
define( 'WP_HOME', 'https://www.example.com' );
define( 'WP_POST_REVISIONS', 7 );
/* END cloudpress constants */

require_once ABSPATH . 'wp-settings.php';
