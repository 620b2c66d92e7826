// Runs after bucket.php of the role: tries to write, by the instance's role, to the bucket of the other host.
try {
	( new Cloudpress_Bucket( $request['bucket'], $request['region'], Cloudpress_Bucket::keys( 'role' ) ) )->prove_delivery( '', '', false, array() );
} catch ( Exception $error ) {
	cloudpress_answer( array( 'refused' => $error->getMessage() ) );
}
cloudpress_answer( array( 'refused' => '' ) );
