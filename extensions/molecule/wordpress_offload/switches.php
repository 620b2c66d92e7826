<?php
// Answers the switches that are in the database.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require $request['root'] . '/wp-load.php';
$option = get_option( 'tantan_wordpress_s3' );
cloudpress_answer( array( 'switches' => array( $option['serve-from-s3'], $option['remove-local-file'] ) ) );
