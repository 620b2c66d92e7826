<?php
// The database's passwords and WordPress's salts, new for this host. As root; the root password comes on standard input.
mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );
$root   = trim( stream_get_contents( STDIN ) );
$random = function ( $length, $alphabet ) {
	$text = '';
	while ( strlen( $text ) < $length ) {
		$text .= $alphabet[ random_int( 0, strlen( $alphabet ) - 1 ) ];
	}
	return $text;
};
$plain  = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
$user   = bin2hex( random_bytes( 32 ) );
$config = '/bitnami/wordpress/wp-config.php';
$text   = file_get_contents( $config );
$text   = str_replace( "define( 'DB_PASSWORD', 'made-at-first-boot' );", "define( 'DB_PASSWORD', '$user' );", $text, $count );
$count === 1 || exit( 'wp-config.php has no place for the password' );
$text = preg_replace_callback(
	'/put your unique phrase here/',
	function () use ( $random, $plain ) {
		return $random( 64, $plain . '!@#%^&*()-_ []{}<>~`+=,.;:/?|' );
	},
	$text
);
file_put_contents( $config, $text );
$db = new mysqli( 'localhost', 'root', '', '', 0, '/opt/bitnami/mariadb/tmp/mysql.sock' );
$db->query( "ALTER USER 'bn_wordpress'@'localhost' IDENTIFIED BY '$user'" );
$db->query( "ALTER USER 'bn_wordpress'@'127.0.0.1' IDENTIFIED BY '$user'" );
$db->query( "ALTER USER 'root'@'localhost' IDENTIFIED BY '$root'" );
