<?php
/**
 * Plugin Name: Shared files
 * Description: Serves a file of another node that has not arrived at this one yet.
 *
 * Written by Ansible (cloudpress.lightsail.wordpress_shared_files); changes here are overwritten.
 * Copyright (c) 2026 The cloudpress.lightsail authors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

if ( ! defined( 'ABSPATH' ) ) {
	return;
}

/** The path of the request below wp-content, or '' if it is for nothing that could be on its way. */
function cloudpress_shared_file( array $directories ) {
	$method  = isset( $_SERVER['REQUEST_METHOD'] ) ? $_SERVER['REQUEST_METHOD'] : '';
	$path    = (string) parse_url( isset( $_SERVER['REQUEST_URI'] ) ? $_SERVER['REQUEST_URI'] : '', PHP_URL_PATH );
	$content = (string) parse_url( WP_CONTENT_URL, PHP_URL_PATH ) . '/';
	$file    = rawurldecode( substr( $path, strlen( $content ) ) );
	if ( ! in_array( $method, array( 'GET', 'HEAD' ), true ) || 0 !== strpos( $path, $content ) ) {
		return '';
	}
	// No directory, nothing hidden, no way out of the directory, no program.
	if ( preg_match( '#(^|/)\.|//|/$|[\x00-\x1f\\\\]|\.ph(p[0-9]*|s|t|tml|ar)(/|$)#i', $file ) ) {
		return '';
	}
	foreach ( $directories as $directory ) {
		if ( 0 === strpos( $file, "$directory/" ) ) {
			return $file;
		}
	}
	return '';
}

/**
 * What the first of the nodes answers that has the file: array( headers, stream ), or null.
 * All are asked at once, and a dead one is not waited for.
 */
function cloudpress_fetch_shared_file( $file, array $nodes ) {
	$path     = implode( '/', array_map( 'rawurlencode', explode( '/', $file ) ) );
	$url      = parse_url( WP_CONTENT_URL, PHP_URL_PATH ) . "/$path";
	$host     = isset( $_SERVER['HTTP_HOST'] ) ? $_SERVER['HTTP_HOST'] : 'localhost';
	$together = curl_multi_init();
	$asked    = array();
	$answer   = null;
	foreach ( $nodes as $number => $node ) {
		$body   = fopen( 'php://temp', 'w+b' );
		$handle = curl_init( "https://{$node['address']}$url" );
		curl_setopt_array(
			$handle,
			array(
				CURLOPT_FILE            => $body,
				CURLOPT_HTTPHEADER      => array( "Host: $host", 'X-CloudPress-Shared-File: 1' ),
				CURLOPT_HEADERFUNCTION  => function ( $handle, $line ) use ( &$asked, $number ) {
					if ( preg_match( '/^(content-type|last-modified|cache-control|expires): *(.*?)\s*$/i', $line, $found ) ) {
						$asked[ $number ]['headers'][ strtolower( $found[1] ) ] = $found[2];
					}
					return strlen( $line );
				},
				CURLOPT_CONNECTTIMEOUT_MS => 2000,
				CURLOPT_TIMEOUT_MS      => 5000,
				CURLOPT_NOSIGNAL        => true,
				CURLOPT_MAXFILESIZE     => 64 * 1024 * 1024,
				// Nobody signs a node's own certificate; the key in it is the one that the node showed when it became one.
				CURLOPT_SSL_VERIFYPEER  => false,
				CURLOPT_SSL_VERIFYHOST  => 0,
				CURLOPT_PINNEDPUBLICKEY => 'sha256//' . $node['web_key'],
				CURLOPT_PROXY           => '',
			)
		);
		$asked[ $number ] = array( 'handle' => $handle, 'body' => $body, 'headers' => array() );
		curl_multi_add_handle( $together, $handle );
	}
	do {
		$status = curl_multi_exec( $together, $running );
		while ( null === $answer && ( $done = curl_multi_info_read( $together ) ) ) {
			foreach ( $asked as $one ) {
				$code = curl_getinfo( $one['handle'], CURLINFO_RESPONSE_CODE );
				if ( $one['handle'] === $done['handle'] && CURLE_OK === $done['result'] && 200 === $code ) {
					$answer = array( $one['headers'], $one['body'] );
				}
			}
		}
		if ( $running && null === $answer ) {
			curl_multi_select( $together, 0.1 );
		}
	} while ( $running && null === $answer && CURLM_OK === $status );
	foreach ( $asked as $one ) {
		curl_multi_remove_handle( $together, $one['handle'] );
	}
	curl_multi_close( $together );
	return $answer;
}

function cloudpress_serve_shared_file() {
	$settings = json_decode( (string) @file_get_contents( '/etc/cloudpress/shared-files.json' ), true );
	$file     = empty( $settings['nodes'] ) ? '' : cloudpress_shared_file( $settings['directories'] );
	if ( '' === $file || ! function_exists( 'curl_multi_init' ) ) {
		return;
	}
	$there = file_exists( WP_CONTENT_DIR . "/$file" );
	if ( isset( $_SERVER['HTTP_X_CLOUDPRESS_SHARED_FILE'] ) ) {
		if ( $there ) {
			// A rule of some plugin leads here; that plugin decides.
			return;
		}
		// Another node asks, and this one has it not: nobody else is asked for it.
		http_response_code( 404 );
		exit;
	}
	$answer = $there ? null : cloudpress_fetch_shared_file( $file, $settings['nodes'] );
	clearstatcache();
	if ( null === $answer && is_file( WP_CONTENT_DIR . "/$file" ) ) {
		// It arrived while this request was on its way. The web server gives it out, by its rules.
		$answer = cloudpress_fetch_shared_file( $file, array( $settings['own'] ) );
	}
	if ( null === $answer ) {
		// WordPress says that there is no such page.
		return;
	}
	list( $headers, $body ) = $answer;
	http_response_code( 200 );
	foreach ( $headers as $name => $value ) {
		header( "$name: $value" );
	}
	header( 'Content-Length: ' . fstat( $body )['size'] );
	rewind( $body );
	if ( 'HEAD' !== $_SERVER['REQUEST_METHOD'] ) {
		fpassthru( $body );
	}
	exit;
}
cloudpress_serve_shared_file();
