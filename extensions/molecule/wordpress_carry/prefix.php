<?php
// Renames WordPress's tables, and the two kinds of names that start with the prefix.

define( 'SHORTINIT', true );
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require $request['root'] . '/wp-load.php';
$new = $request['prefix'];
foreach ( $wpdb->get_col( "SHOW TABLES LIKE 'wp\\_%'" ) as $table ) {
	$wpdb->query( "RENAME TABLE `$table` TO `$new" . substr( $table, 3 ) . '`' );
}
$wpdb->query( "UPDATE {$new}options SET option_name = '{$new}user_roles' WHERE option_name = 'wp_user_roles'" );
$wpdb->query( "UPDATE {$new}usermeta SET meta_key = CONCAT('$new', SUBSTRING(meta_key, 4)) WHERE meta_key LIKE 'wp\\_%'" );
cloudpress_answer( array( 'changed' => true ) );
