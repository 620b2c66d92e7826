<?php
// Uploads an image and a document, as the media library does. The request's word is the first of their names.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require $request['root'] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/admin.php';
$image = imagecreatetruecolor( 1200, 800 );
imagefilledrectangle( $image, 100, 100, 900, 600, imagecolorallocate( $image, 200, 80, 40 ) );
ob_start();
imagejpeg( $image );
foreach ( array( 'picture ü.jpg' => ob_get_clean(), 'paper.pdf' => "%PDF-1.4\n%%EOF\n" ) as $name => $bytes ) {
	$upload = wp_upload_bits( "{$request['word']} $name", null, $bytes );
	$id     = wp_insert_attachment( array( 'post_mime_type' => wp_check_filetype( $upload['file'] )['type'], 'post_title' => $name, 'post_status' => 'inherit' ), $upload['file'] );
	wp_update_attachment_metadata( $id, wp_generate_attachment_metadata( $id, $upload['file'] ) );
}
cloudpress_answer( array( 'changed' => true ) );
