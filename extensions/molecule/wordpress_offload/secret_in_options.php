<?php
// Answers in how many rows of the options the secret of the access key stands.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require $request['root'] . '/wp-load.php';
cloudpress_answer( array( 'rows' => (int) $wpdb->get_var( $wpdb->prepare( "SELECT COUNT(*) FROM $wpdb->options WHERE INSTR(option_value, %s) > 0", AS3CF_AWS_SECRET_ACCESS_KEY ) ) ) );
