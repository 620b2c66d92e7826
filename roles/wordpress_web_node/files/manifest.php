<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs as the web server's user: a fingerprint of the files and constants of this node. Two nodes whose
// fingerprints are equal run the same site.

function cloudpress_tree( $directory, callable $wanted ) {
	$hashes = array();
	if ( is_dir( $directory ) ) {
		$files = new RecursiveIteratorIterator( new RecursiveDirectoryIterator( $directory, FilesystemIterator::SKIP_DOTS ) );
		foreach ( $files as $file ) {
			$path = substr( $file->getPathname(), strlen( $directory ) );
			if ( $file->isFile() && $wanted( $path ) ) {
				$hashes[] = "$path " . hash_file( 'sha256', $file->getPathname() );
			}
		}
	}
	sort( $hashes );
	return hash( 'sha256', implode( "\n", $hashes ) );
}

function cloudpress_loose( $directory ) {
	$hashes = array();
	foreach ( glob( "$directory/*.php" ) as $file ) {
		if ( 'wp-config.php' !== basename( $file ) ) {
			$hashes[] = basename( $file ) . ' ' . hash_file( 'sha256', $file );
		}
	}
	return hash( 'sha256', implode( "\n", $hashes ) );
}

function cloudpress_manifest( array $request ) {
	$root    = $request['root'];
	$content = $request['content_path'];
	$all     = function () { return true; };
	$config    = cloudpress_evaluate( $root );
	$constants = $config['constants'];
	unset( $constants['ABSPATH'] );
	ksort( $constants );
	// nodes that came to their configuration on different ways may have its lines in another order
	$lines = array_filter( array_map( 'trim', file( cloudpress_settings_file( $config ) ) ) );
	sort( $lines );
	$parts = array(
		'core'       => hash( 'sha256', cloudpress_loose( $root ) . cloudpress_tree( "$root/wp-admin", $all ) . cloudpress_tree( "$root/wp-includes", $all ) ),
		'plugins'    => cloudpress_tree( "$content/plugins", $all ),
		'themes'     => cloudpress_tree( "$content/themes", $all ),
		'mu_plugins' => cloudpress_tree( "$content/mu-plugins", $all ),
		'drop_ins'   => cloudpress_loose( $content ),
		'constants'  => hash( 'sha256', serialize( $constants ) ),
		'wp_config'  => hash( 'sha256', implode( "\n", $lines ) ),
	);
	return $parts + array( 'total' => hash( 'sha256', implode( "\n", $parts ) ) );
}

cloudpress_answer( cloudpress_manifest( $request ) );
