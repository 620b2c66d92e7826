// Runs after bucket.php of the role: takes the object of one URL away and cuts that of another short, as somebody may who tidies the bucket.
$request = new ReflectionMethod( 'Cloudpress_Bucket', 'request' );
$perform = new ReflectionMethod( 'Cloudpress_Bucket', 'perform' );
$request->setAccessible( true );
$perform->setAccessible( true );
$bucket = new Cloudpress_Bucket( $argv[1], $argv[2], Cloudpress_Bucket::keys( 'role' ) );
$keys   = array();
foreach ( array( array( 'DELETE', '' ), array( 'PUT', 'short' ) ) as $number => $damage ) {
	$keys[]     = rawurldecode( ltrim( parse_url( $argv[ 3 + $number ], PHP_URL_PATH ), '/' ) );
	$statuses[] = $perform->invoke( null, $request->invoke( $bucket, $damage[0], $keys[ $number ], $damage[1] ) )[0];
}
echo implode( ' ', array_merge( $statuses, $bucket->missing( array_fill_keys( $keys, null ) ) ) );
