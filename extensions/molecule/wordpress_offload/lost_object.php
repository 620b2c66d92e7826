// Runs after bucket.php of the role: takes the object of a URL away, as somebody may who tidies the bucket.
$request = new ReflectionMethod( 'Cloudpress_Bucket', 'request' );
$perform = new ReflectionMethod( 'Cloudpress_Bucket', 'perform' );
$request->setAccessible( true );
$perform->setAccessible( true );
$bucket = new Cloudpress_Bucket( $argv[1], $argv[2], Cloudpress_Bucket::keys( 'role' ) );
$key    = rawurldecode( ltrim( parse_url( $argv[3], PHP_URL_PATH ), '/' ) );
echo $perform->invoke( null, $request->invoke( $bucket, 'DELETE', $key ) )[0], ' ', implode( ' ', $bucket->missing( array( $key ) ) );
