<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Asks this host for pages as the load balancer does, and tells of each its status and whether it came to its end. A JSON request on
// stdin, JSON as the answer.

$request = json_decode( stream_get_contents( STDIN ), true );
$pages   = array();
foreach ( $request['paths'] as $path ) {
	$answer = '';
	$socket = @fsockopen( '127.0.0.1', 80, $number, $text, 5 );
	if ( $socket ) {
		stream_set_timeout( $socket, 60 );
		fwrite( $socket, "GET $path HTTP/1.0\r\nHost: {$request['host']}\r\nX-Forwarded-Proto: {$request['scheme']}\r\nUser-Agent: cloudpress\r\nConnection: close\r\n\r\n" );
		$answer = (string) stream_get_contents( $socket );
		fclose( $socket );
	}
	$body  = trim( (string) substr( (string) strstr( $answer, "\r\n\r\n" ), 4 ) );
	$whole = null !== json_decode( $body ) || (bool) preg_match( '/<\/(?:html|rss|feed|urlset|sitemapindex)>(?:\s*<!--.*-->)*$/is', $body );
	$pages[ $path ] = array( 'status' => preg_match( '/^HTTP\/\S+ (\d+)/', $answer, $m ) ? (int) $m[1] : 0, 'whole' => $whole );
}
echo json_encode( $pages, JSON_UNESCAPED_SLASHES ), "\n";
