<?php
if ( getenv( 'LIVE' ) ):
	define( 'DB_HOST', 'one' );
else:
	define( 'DB_HOST', 'two' );
endif;
foreach ( array( 'DB_NAME' => 'n', 'DB_USER' => 'u' ) as $name => $value ):
	define( $name, $value );
endforeach;
DEFINE ( "DB_PASSWORD" , 'upper case call' ) ;
\define( 'WP_HOME', 'http://a.example' );
$table_prefix = 'wp_';
if ( ! defined( 'ABSPATH' ) ): define( 'ABSPATH', __DIR__ . '/' ); endif;
require ABSPATH . "wp-settings.php";
