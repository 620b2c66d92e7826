// Runs after bucket.php of the role: tries to write, by the instance's role, to the bucket of the other host.
error_reporting( 0 );
try {
	( new Cloudpress_Bucket( 'molecule-offload-keys', $argv[1], Cloudpress_Bucket::keys( 'role' ) ) )->prove_delivery( '', '', false, array() );
	echo 'written';
} catch ( Exception $error ) {
	echo $error->getMessage();
}
