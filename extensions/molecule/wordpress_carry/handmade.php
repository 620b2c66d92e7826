<?php
// What an owner does in the browser.

$_SERVER['HTTP_HOST'] = '127.0.0.1';
define( 'DISABLE_WP_CRON', true );
require $request['root'] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';
update_option( 'active_plugins', array( 'handmade/handmade.php' ) );
update_option( 'handmade_greeting', "gr\u{FC}ezi \u{1F389}" );
update_option( 'blogname', "Handmade shop \u{1F389}" );
update_option( 'permalink_structure', '/%postname%/' );
update_option( 'widget_text', array( 2 => array( 'title' => 'Opening hours', 'text' => 'nine to five' ), '_multiwidget' => 1 ) );
update_option( 'rewrite_rules', '' );
if ( ! username_exists( 'ann' ) ) {
	wp_insert_user( array( 'user_login' => 'ann', 'user_pass' => 'pass of Ann', 'role' => 'editor', 'user_email' => 'ann@example.com' ) );
}
if ( ! get_page_by_path( 'long-tale', OBJECT, 'post' ) ) {
	wp_insert_post( array( 'post_title' => 'A long tale', 'post_name' => 'long-tale', 'post_status' => 'publish', 'post_content' => 'Once. [handmade]' ) );
}
$menu = wp_create_nav_menu( 'Main' );
if ( ! is_wp_error( $menu ) ) {
	wp_update_nav_menu_item( $menu, 0, array( 'menu-item-title' => 'Tale', 'menu-item-url' => '/long-tale/', 'menu-item-status' => 'publish' ) );
}
cloudpress_answer( array( 'changed' => true ) );
