<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reads every PHP file of plugins, themes and must-use plugins as this host's PHP does, all in one process. Answers what it cannot parse, by path
// below the directory of content, and which files call functions that PHP does not have here.

$content = $request['content'];
$missing = array_flip( $request['missing'] );
$errors  = array();
$calls   = array();
$count   = 0;

function cloudpress_code_files( $content ) {
	foreach ( array( 'plugins', 'themes', 'mu-plugins' ) as $directory ) {
		if ( ! is_dir( "$content/$directory" ) ) {
			continue;
		}
		$found = new RecursiveIteratorIterator( new RecursiveDirectoryIterator( "$content/$directory", FilesystemIterator::SKIP_DOTS ), RecursiveIteratorIterator::LEAVES_ONLY, RecursiveIteratorIterator::CATCH_GET_CHILD );
		foreach ( $found as $file ) {
			if ( 'php' === strtolower( $file->getExtension() ) && $file->isFile() ) {
				yield $file->getPathname();
			}
		}
	}
	foreach ( (array) glob( "$content/*.php" ) as $file ) {
		yield $file;
	}
}

foreach ( cloudpress_code_files( $content ) as $file ) {
	++$count;
	$path = substr( $file, strlen( $content ) + 1 );
	try {
		$tokens = token_get_all( (string) @file_get_contents( $file ), TOKEN_PARSE );
	} catch ( Throwable $error ) {
		$errors[ $path ] = $error->getMessage() . ' in line ' . $error->getLine();
		continue;
	}
	$before = '';
	foreach ( $missing ? $tokens : array() as $i => $token ) {
		$text = is_array( $token ) ? $token[1] : $token;
		if ( is_array( $token ) && in_array( $token[0], array( T_WHITESPACE, T_COMMENT, T_DOC_COMMENT ), true ) ) {
			continue;
		}
		$name = strtolower( ltrim( $text, '\\' ) );
		if ( is_array( $token ) && isset( $missing[ $name ] ) && ! in_array( strtolower( $before ), array( '->', '?->', '::', 'function', 'new', '&' ), true ) ) {
			for ( $next = $i + 1; isset( $tokens[ $next ] ) && is_array( $tokens[ $next ] ) && T_WHITESPACE === $tokens[ $next ][0]; $next++ );
			if ( isset( $tokens[ $next ] ) && '(' === $tokens[ $next ] ) {
				$calls[ $name ][ $path ] = true;
			}
		}
		$before = $text;
	}
}
cloudpress_answer( array( 'count' => $count, 'errors' => (object) $errors, 'calls' => (object) array_map( 'array_keys', $calls ) ) );
