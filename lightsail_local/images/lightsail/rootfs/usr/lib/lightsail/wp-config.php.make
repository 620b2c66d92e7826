<?php
// Prints wp-config.php in the shape of Lightsail's hosts: no literal password, and an address taken from the request.
$text    = file_get_contents( '/var/www/html/wp-config-sample.php' );
$replace = array(
	"'database_name_here'"                           => "'" . $argv[1] . "'",
	"'username_here'"                                => "'wordpress'",
	"define( 'DB_PASSWORD', 'password_here' );"      => <<<'PHP'
$cmd = 'tail -n 1 /opt/aws/wordpress/credentials.log';
$db_password = trim( shell_exec( $cmd ) );
define( 'DB_PASSWORD', $db_password );
PHP,
	"/* That's all, stop editing! Happy publishing. */" => <<<'PHP'
define('WP_SITEURL', 'http://' . $_SERVER['HTTP_HOST'] . '/');
define('WP_HOME', 'http://' . $_SERVER['HTTP_HOST'] . '/');

/* That's all, stop editing! Happy publishing. */
PHP,
);
foreach ( $replace as $from => $to ) {
	$text = str_replace( $from, $to, $text, $count );
	if ( 1 !== $count ) {
		fwrite( STDERR, "wp-config-sample.php has $from $count times\n" );
		exit( 1 );
	}
}
$letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!@#%^&*()-_ []{}<>~`+=,.;:/?|';
echo preg_replace_callback(
	'/put your unique phrase here/',
	function () use ( $letters ) {
		$text = '';
		while ( strlen( $text ) < 64 ) {
			$text .= $letters[ random_int( 0, strlen( $letters ) - 1 ) ];
		}
		return $text;
	},
	$text
);
