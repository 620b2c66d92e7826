<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The paths of pages that visitors know, as WordPress writes them.

$_SERVER['HTTP_HOST'] = $request['host'];
// It runs no events and asks nobody about updates.
define( 'DISABLE_WP_CRON', true );
require $request['root'] . '/wp-load.php';
$paths = array( '/', '/wp-login.php', '/?feed=rss2' );
foreach ( $request['posts'] as $id ) {
	$parts   = wp_parse_url( get_permalink( $id ) );
	$paths[] = ( isset( $parts['path'] ) ? $parts['path'] : '/' ) . ( isset( $parts['query'] ) ? "?{$parts['query']}" : '' );
}
foreach ( array_slice( get_terms( array( 'taxonomy' => 'category', 'number' => 3 ) ), 0, 3 ) as $term ) {
	$parts   = wp_parse_url( get_term_link( $term ) );
	$paths[] = ( isset( $parts['path'] ) ? $parts['path'] : '/' ) . ( isset( $parts['query'] ) ? "?{$parts['query']}" : '' );
}
cloudpress_answer( array( 'paths' => array_values( array_unique( $paths ) ) ) );
