<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What WordPress itself has to say and do about an update, run as the web server's user: "ask" tells the active plugins
// and, if wanted, the versions that are offered; "finish" brings the database's schema to the version of the files.

$failed = array();

function cloudpress_offers() {
	$offers = array();
	$core   = get_site_transient( 'update_core' );
	foreach ( isset( $core->updates ) ? $core->updates : array() as $update ) {
		if ( 'upgrade' === $update->response && ! isset( $offers['core'] ) ) {
			$offers['core'] = array( 'name' => 'wordpress', 'to' => $update->current, 'url' => $update->packages->no_content ? $update->packages->no_content : $update->packages->full );
		}
	}
	foreach ( array( 'plugin' => 'update_plugins', 'theme' => 'update_themes' ) as $kind => $transient ) {
		$updates = get_site_transient( $transient );
		foreach ( isset( $updates->response ) ? $updates->response : array() as $key => $update ) {
			$update = (object) $update;
			$name   = 'plugin' === $kind ? dirname( $key ) : $key;
			if ( '.' !== $name ) {
				$offers[ "$kind $name" ] = array( 'name' => $name, 'to' => $update->new_version, 'url' => isset( $update->package ) ? (string) $update->package : '' );
			}
		}
	}
	return array_values( $offers );
}

// the newest of each kind of content that visitors can see, and the feed
function cloudpress_pages() {
	$pages = array( get_feed_link() );
	foreach ( get_post_types( array( 'public' => true ) ) as $type ) {
		$posts   = 'attachment' === $type ? array() : get_posts( array( 'post_type' => $type, 'numberposts' => 1, 'has_password' => false ) );
		$pages[] = $posts ? get_permalink( $posts[0] ) : '';
	}
	return array_values( array_unique( array_filter( array_map( 'wp_make_link_relative', array_filter( $pages ) ) ) ) );
}

$_SERVER['HTTP_HOST']      = $request['host'];
$_SERVER['REQUEST_URI']    = '/';
$_SERVER['REQUEST_METHOD'] = 'GET';
// as WordPress's own updates: from a cron event, and the schema without plugins
define( 'finish' === $request['action'] ? 'WP_INSTALLING' : 'DOING_CRON', true );
require $request['root'] . '/wp-load.php';

if ( 'finish' === $request['action'] ) {
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	require_once ABSPATH . 'wp-admin/includes/update.php';
	$was = (int) get_option( 'db_version' );
	ob_start();
	if ( $was !== (int) $wp_db_version ) {
		wp_upgrade();
	}
	wp_clean_update_cache();
	ob_end_clean();
	$now = (int) get_option( 'db_version' );
	cloudpress_answer( array( 'changed' => $was !== $now, 'schema_from' => $was, 'schema_to' => $now ) );
} else {
	if ( $request['offers'] ) {
		add_action(
			'http_api_debug',
			function ( $response, $context, $class, $arguments, $url ) use ( &$failed ) {
				if ( is_wp_error( $response ) ) {
					$failed[] = parse_url( $url, PHP_URL_HOST ) . ': ' . $response->get_error_message();
				}
			},
			10,
			5
		);
		array_map( 'delete_site_transient', array( 'update_core', 'update_plugins', 'update_themes' ) );
		wp_version_check( array(), true );
		wp_update_plugins();
		wp_update_themes();
	}
	cloudpress_answer(
		array(
			'active_plugins' => array_values( (array) get_option( 'active_plugins' ) ),
			'offers'         => $request['offers'] ? cloudpress_offers() : array(),
			'failed'         => array_values( array_unique( $failed ) ),
			'pages'          => cloudpress_pages(),
		)
	);
}
