<?php
// Fills a fresh WordPress with what real sites have: posts, pages, comments, users, pictures, 4-byte characters, and
// absolute URLs of the design phase in content and in serialized options. Does nothing when it has run before.
$url = $request['url'];
$_SERVER['HTTP_HOST'] = parse_url($url, PHP_URL_HOST);
require $request['root'] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/image.php';
require_once ABSPATH . 'wp-admin/includes/file.php';
require_once ABSPATH . 'wp-admin/includes/media.php';
if (get_option('sample_blog')) {
    cloudpress_answer(['changed' => false]);
}
update_option('blogname', 'Mountain Journal 🏔');
global $wp_rewrite;
$wp_rewrite->set_permalink_structure('/%year%/%monthnum%/%postname%/');
$authors = [];
foreach (['anna' => 'Anna Müller', 'jose' => 'José Ñandú', 'yuki' => '山田 ゆき'] as $login => $name) {
    $authors[] = wp_insert_user(['user_login' => $login, 'user_pass' => wp_generate_password(24), 'user_email' => "$login@example.net",
        'display_name' => $name, 'role' => 'author']);
}
$pictures = [];
foreach (['sunrise' => [230, 140, 60], 'lake' => [40, 110, 190], 'forest' => [30, 120, 60]] as $name => [$red, $green, $blue]) {
    $image = imagecreatetruecolor(1600, 1000);
    for ($line = 0; $line < 1000; $line++) {
        $shade = imagecolorallocate($image, (int) min(255, $red + $line / 20), (int) min(255, $green + $line / 20), (int) min(255, $blue + $line / 20));
        imageline($image, 0, $line, 1600, $line, $shade);
    }
    $file = wp_tempnam("$name.jpg");
    imagejpeg($image, $file, 85);
    $id = media_handle_sideload(['name' => "$name.jpg", 'tmp_name' => $file], 0, ucfirst($name));
    if (is_wp_error($id)) {
        cloudpress_fail($id->get_error_message());
    }
    $pictures[] = $id;
}
for ($number = 1; $number <= 24; $number++) {
    $picture = $pictures[$number % 3];
    $source = str_replace(home_url(), $url, wp_get_attachment_image_url($picture, 'large'));
    $post = wp_insert_post(['post_title' => "Day $number on the ridge " . ['🥾', '🏕', '🦅'][$number % 3], 'post_status' => 'publish',
        'post_author' => $authors[$number % 3], 'post_date' => gmdate('Y-m-d H:i:s', strtotime('2026-01-01') + $number * 86400),
        'post_content' => "<!-- wp:paragraph --><p>We slept badly, ate “Käsespätzle” and saw 10 % of the 𝒱alley. <a href=\"$url/about/\">About us</a></p><!-- /wp:paragraph -->\n"
            . "<!-- wp:image {\"id\":$picture} --><figure class=\"wp-block-image\"><img src=\"$source\" alt=\"\" class=\"wp-image-$picture\"/></figure><!-- /wp:image -->"]);
    set_post_thumbnail($post, $picture);
    for ($comment = 0; $comment < $number % 4; $comment++) {
        wp_insert_comment(['comment_post_ID' => $post, 'comment_author' => 'Reader ' . $comment, 'comment_author_email' => "r$comment@example.net",
            'comment_content' => "It's \"great\" — C:\\temp\\ and 🎿 too", 'comment_approved' => 1]);
    }
}
wp_insert_post(['post_type' => 'page', 'post_title' => 'About', 'post_name' => 'about', 'post_status' => 'publish',
    'post_content' => "<p>Read the <a href=\"$url/\">journal</a>.</p>"]);
update_option('sample_links', ['home' => "$url/", 'nested' => ['logo' => wp_get_attachment_url($pictures[0]), 'count' => 3, 'text' => "ü 🏔 $url/about/"]]);
update_option('sample_blog', 1);
flush_rewrite_rules();
cloudpress_answer(['changed' => true]);
