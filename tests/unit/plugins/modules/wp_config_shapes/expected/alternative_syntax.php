<?php
if ( getenv( 'LIVE' ) ):
	define( 'DB_HOST', 'ls-0.example.com:3306' );
else:
	define( 'DB_HOST', 'ls-0.example.com:3306' );
endif;
foreach ( array( 'DB_NAME' => 'n', 'DB_USER' => 'u' ) as $name => $value ):
	define( $name, $value );
endforeach;
DEFINE ( "DB_PASSWORD" , 'it\'s $1 & \\1 / \\\\ ?> // ends with \\' ) ;
\define( 'WP_HOME', 'https://www.example.com' );
$table_prefix = 'wp_';
if ( ! defined( 'ABSPATH' ) ): define( 'ABSPATH', __DIR__ . '/' ); endif;
/* BEGIN cloudpress constants (managed by Ansible, changes here are overwritten) */
defined( 'DB_HOST' ) || define( 'DB_HOST', 'ls-0.example.com:3306' );
define( 'DISALLOW_FILE_MODS', true );
define( 'WP_POST_REVISIONS', 7 );
/* END cloudpress constants */

require ABSPATH . "wp-settings.php";
