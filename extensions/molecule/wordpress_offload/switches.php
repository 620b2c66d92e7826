<?php
// Prints the switches that are in the database.
error_reporting( 0 );
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require '/opt/bitnami/wordpress/wp-load.php';
$option = get_option( 'tantan_wordpress_s3' );
echo "\n", json_encode( array( $option['serve-from-s3'], $option['remove-local-file'] ) );
