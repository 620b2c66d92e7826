<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Evaluates wp-config.php as a request would, up to the statement that loads WordPress. Only PHP knows what the file says: values
// may be computed. wp-config.php cannot simply be loaded: on Bitnami hosts it is a symbolic link, so its __DIR__ is not the
// directory of WordPress, and ABSPATH has to be known before.

function cloudpress_config_path( $root ) {
	$above = dirname( $root );
	if ( file_exists( "$root/wp-config.php" ) ) {
		return "$root/wp-config.php";
	}
	// WordPress looks one level up too, unless another WordPress lives there
	if ( file_exists( "$above/wp-config.php" ) && ! file_exists( "$above/wp-settings.php" ) ) {
		return "$above/wp-config.php";
	}
	return null;
}

function cloudpress_evaluate( $cloudpress_root, $cloudpress_server ) {
	$cloudpress_path = realpath( cloudpress_config_path( $cloudpress_root ) );
	unset( $_SERVER['HTTP_HOST'], $_SERVER['HTTPS'] );
	foreach ( $cloudpress_server as $cloudpress_key => $cloudpress_value ) {
		$_SERVER[ $cloudpress_key ] = $cloudpress_value;
	}
	if ( ! defined( 'ABSPATH' ) ) {
		define( 'ABSPATH', "$cloudpress_root/" );
	}
	$cloudpress_tokens = token_get_all( file_get_contents( $cloudpress_path ) );
	$cloudpress_code   = '';
	for ( $cloudpress_i = 0; $cloudpress_i < count( $cloudpress_tokens ); $cloudpress_i++ ) {
		$cloudpress_token = $cloudpress_tokens[ $cloudpress_i ];
		$cloudpress_text  = is_array( $cloudpress_token ) ? $cloudpress_token[1] : $cloudpress_token;
		if ( is_array( $cloudpress_token ) && in_array( $cloudpress_token[0], array( T_REQUIRE, T_REQUIRE_ONCE, T_INCLUDE, T_INCLUDE_ONCE ), true ) ) {
			$cloudpress_statement = '';
			for ( $cloudpress_j = $cloudpress_i; $cloudpress_j < count( $cloudpress_tokens ) && ';' !== $cloudpress_tokens[ $cloudpress_j ]; $cloudpress_j++ ) {
				$cloudpress_statement .= is_array( $cloudpress_tokens[ $cloudpress_j ] ) ? $cloudpress_tokens[ $cloudpress_j ][1] : $cloudpress_tokens[ $cloudpress_j ];
			}
			if ( false !== strpos( $cloudpress_statement, 'wp-settings.php' ) ) {
				$cloudpress_code .= 'return;';
				$cloudpress_i     = $cloudpress_j;
				continue;
			}
		}
		if ( is_array( $cloudpress_token ) && T_DIR === $cloudpress_token[0] ) {
			$cloudpress_text = var_export( dirname( $cloudpress_path ), true );
		} elseif ( is_array( $cloudpress_token ) && T_FILE === $cloudpress_token[0] ) {
			$cloudpress_text = var_export( $cloudpress_path, true );
		}
		$cloudpress_code .= $cloudpress_text;
	}
	ob_start();
	eval( '?>' . $cloudpress_code );
	ob_end_clean();
	return array( 'path' => $cloudpress_path, 'table_prefix' => isset( $table_prefix ) ? $table_prefix : null );
}

// DB_HOST may be host, host:port, host:/socket, :/socket or [v6]:port
function cloudpress_database_host( $text ) {
	$host   = $text;
	$port   = 3306;
	$socket = null;
	if ( preg_match( '/^(.*?):(\/.*)$/', $text, $m ) ) {
		list( , $host, $socket ) = $m;
	} elseif ( preg_match( '/^(\[[0-9a-fA-F:.]+\]|[^:]*)(?::(\d+))?$/', $text, $m ) ) {
		$host = $m[1];
		$port = isset( $m[2] ) ? (int) $m[2] : 3306;
	}
	return array( 'host' => trim( $host, '[]' ), 'port' => $port, 'socket' => $socket );
}
