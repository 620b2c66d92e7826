// Runs after bucket.php of the role: takes the object of one URL away and cuts that of another short, as somebody may who tidies the bucket.
$ask     = new ReflectionMethod( 'Cloudpress_Bucket', 'request' );
$perform = new ReflectionMethod( 'Cloudpress_Bucket', 'perform' );
$ask->setAccessible( true );
$perform->setAccessible( true );
$bucket = new Cloudpress_Bucket( $request['bucket'], $request['region'], Cloudpress_Bucket::keys( 'role' ) );
$keys   = array();
foreach ( array( array( 'DELETE', '' ), array( 'PUT', 'short' ) ) as $number => $damage ) {
	$keys[]     = rawurldecode( ltrim( parse_url( $request['urls'][ $number ], PHP_URL_PATH ), '/' ) );
	$statuses[] = $perform->invoke( null, $ask->invoke( $bucket, $damage[0], $keys[ $number ], $damage[1] ) )[0];
}
cloudpress_answer( array( 'changed' => true, 'statuses' => $statuses, 'missing' => $bucket->missing( array_fill_keys( $keys, null ) ) ) );
