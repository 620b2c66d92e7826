<?php
// Answers what visitors get: the URL of every file of every attachment, and the SHA-256 of the file that was uploaded.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require $request['root'] . '/wp-load.php';
$found = array();
foreach ( get_posts( array( 'post_type' => 'attachment', 'numberposts' => -1 ) ) as $post ) {
	$file = get_attached_file( $post->ID, true );
	foreach ( array_merge( array( 'full' ), array_keys( (array) ( wp_get_attachment_metadata( $post->ID, true )['sizes'] ?? array() ) ) ) as $size ) {
		$image   = wp_attachment_is_image( $post->ID ) ? wp_get_attachment_image_src( $post->ID, $size ) : array( wp_get_attachment_url( $post->ID ) );
		$found[] = array( 'url' => $image[0], 'sha256' => hash_file( 'sha256', dirname( $file ) . '/' . rawurldecode( wp_basename( $image[0] ) ) ) );
	}
}
cloudpress_answer( array( 'media' => $found ) );
