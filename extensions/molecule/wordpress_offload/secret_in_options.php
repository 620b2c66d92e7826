<?php
// Prints in how many rows of the options the secret of the access key stands.
error_reporting( 0 );
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require '/opt/bitnami/wordpress/wp-load.php';
echo "\n", $wpdb->get_var( $wpdb->prepare( "SELECT COUNT(*) FROM $wpdb->options WHERE INSTR(option_value, %s) > 0", AS3CF_AWS_SECRET_ACCESS_KEY ) );
