<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Installs the plugin from a zip on this host, as root. Without a zip it only says what is installed. JSON request on stdin.

const MARKER = '/opt/bitnami/cloudpress/offload.json';
const SLUG   = 'amazon-s3-and-cloudfront';

function installed( array $facts ) {
	$file   = $facts['content_path'] . '/plugins/' . SLUG . '/wordpress-s3.php';
	$marker = is_readable( MARKER ) ? (array) json_decode( file_get_contents( MARKER ), true ) : array();
	if ( ! is_file( $file ) ) {
		return array( 'version' => '', 'sha256' => '', 'checksums' => false );
	}
	preg_match( '/^[ \t*]*Version:\s*(\S+)/mi', file_get_contents( $file, false, null, 0, 8192 ), $m );
	return array(
		'version'   => isset( $m[1] ) ? $m[1] : '',
		'sha256'    => isset( $marker['sha256'] ) ? $marker['sha256'] : '',
		'checksums' => ! empty( $marker['checksums'] ),
	);
}

function own( $path, array $facts ) {
	chown( $path, fileowner( $facts['content_path'] . '/plugins' ) );
	chgrp( $path, $facts['web_group'] );
	chmod( $path, is_dir( $path ) ? 0775 : 0664 );
}

// The files of the zip must be exactly those that wordpress.org lists, {"files": {path: {"sha256": one or a list of several}}}.
function compare( ZipArchive $zip, $list ) {
	$listed = json_decode( (string) file_get_contents( $list ), true );
	if ( empty( $listed['files'] ) ) {
		throw new Exception( 'The checksums of the plugin list no files; it was not installed.' );
	}
	$left = $listed['files'];
	for ( $i = 0; $i < $zip->numFiles; $i++ ) {
		$name = substr( $zip->getNameIndex( $i ), strlen( SLUG ) + 1 );
		if ( '' === $name || '/' === substr( $name, -1 ) ) {
			continue;
		}
		if ( ! isset( $left[ $name ]['sha256'] ) || ! in_array( hash( 'sha256', $zip->getFromIndex( $i ) ), (array) $left[ $name ]['sha256'], true ) ) {
			throw new Exception( "The plugin's file $name is not the one whose checksum was published; it was not installed." );
		}
		unset( $left[ $name ] );
	}
	if ( $left ) {
		throw new Exception( "The plugin's zip lacks " . key( $left ) . ', whose checksum was published; it was not installed.' );
	}
}

function install( array $request ) {
	$facts = $request['facts'];
	$hash  = hash_file( 'sha256', $request['zip'] );
	if ( '' !== $request['sha256'] && $hash !== strtolower( $request['sha256'] ) ) {
		throw new Exception( "The plugin's zip has the SHA-256 $hash, not {$request['sha256']}; it was not installed." );
	}
	$plugins = $facts['content_path'] . '/plugins';
	$new     = "$plugins/." . SLUG . '.new';
	$old     = "$plugins/." . SLUG . '.old';
	foreach ( array( $new, $old ) as $left ) {
		if ( is_dir( $left ) ) {
			exec( 'rm -rf ' . escapeshellarg( $left ) );
		}
	}
	$zip = new ZipArchive();
	if ( true !== $zip->open( $request['zip'] ) || false === $zip->locateName( SLUG . '/wordpress-s3.php' ) ) {
		throw new Exception( "The plugin's zip does not hold " . SLUG . '/wordpress-s3.php; it was not installed.' );
	}
	for ( $i = 0; $i < $zip->numFiles; $i++ ) {
		$name = $zip->getNameIndex( $i );
		if ( 0 !== strpos( $name, SLUG . '/' ) || preg_match( '#(^|/)\.\.(/|$)#', $name ) ) {
			throw new Exception( "The plugin's zip holds $name, outside of its own folder; it was not installed." );
		}
	}
	if ( '' !== $request['checksums'] ) {
		compare( $zip, $request['checksums'] );
	}
	mkdir( $new, 0775 );
	$zip->extractTo( $new );
	$zip->close();
	$files = new RecursiveIteratorIterator( new RecursiveDirectoryIterator( $new, FilesystemIterator::SKIP_DOTS ), RecursiveIteratorIterator::SELF_FIRST );
	foreach ( $files as $file ) {
		own( $file->getPathname(), $facts );
	}
	if ( is_dir( "$plugins/" . SLUG ) ) {
		rename( "$plugins/" . SLUG, $old );
	}
	rename( "$new/" . SLUG, "$plugins/" . SLUG );
	rmdir( $new );
	if ( is_dir( $old ) ) {
		exec( 'rm -rf ' . escapeshellarg( $old ) );
	}
	if ( ! is_dir( dirname( MARKER ) ) ) {
		mkdir( dirname( MARKER ), 0755, true );
	}
	file_put_contents( MARKER, json_encode( array( 'sha256' => $hash, 'checksums' => '' !== $request['checksums'] ) ) . "\n" );
	array_map( 'unlink', array_filter( array( $request['zip'], $request['checksums'] ) ) );
}

$request = json_decode( stream_get_contents( STDIN ), true );
$answer  = array();
umask( 022 );
try {
	if ( ! empty( $request['zip'] ) ) {
		install( $request );
	}
	$answer = installed( $request['facts'] );
} catch ( Throwable $error ) {
	$answer = array( 'error' => $error->getMessage() );
}
echo json_encode( $answer, JSON_UNESCAPED_SLASHES ), "\n";
exit( isset( $answer['error'] ) ? 1 : 0 );
