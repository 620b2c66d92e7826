<?php
// Uploads a small picture as an author does ("make"), or removes it again ("remove"). Run as the web server's user.
require $request['root'] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/image.php';
if ($request['action'] === 'remove') {
    cloudpress_answer(['removed' => (bool) wp_delete_attachment($request['id'], true)]);
}
$picture = base64_decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==');
$file = wp_upload_bits('cloudpress-verify-' . gethostname() . '-' . time() . '.png', null, $picture);
if ($file['error']) {
    cloudpress_fail('A picture could not be uploaded: ' . $file['error']);
}
$id = wp_insert_attachment(['post_mime_type' => 'image/png', 'post_title' => 'Verification', 'post_status' => 'inherit'], $file['file']);
wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $file['file']));
cloudpress_answer(['id' => $id, 'url' => wp_get_attachment_url($id)]);
