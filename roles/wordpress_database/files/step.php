<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs one step of the move, after schema.php and database.php. The request has action, state_dir and
// what the step needs; passwords come beside it, and are put where they belong.

define( 'BASE', $request['state_dir'] );
define( 'WORK', BASE . '/move' );
define( 'MARKER', BASE . '/database.json' );
foreach ( array( 'target' => 'master_password', 'login' => 'source_password', 'application' => 'application_password' ) as $part => $password ) {
	if ( isset( $request[ $part ] ) ) {
		$request[ $part ]['password'] = isset( $request[ $password ] ) ? (string) $request[ $password ] : '';
	}
	unset( $request[ $password ] );
}
if ( isset( $request['target']['port'] ) ) {
	// a number that comes out of a template is text in ansible-core 2.18
	$request['target']['port'] = (int) $request['target']['port'];
}
set_error_handler(
	function ( $level, $text ) {
		if ( error_reporting() & $level & ~( E_DEPRECATED | E_USER_DEPRECATED ) ) {
			throw new Refusal( $text );
		}
		return true;
	}
);
try {
	$answer = $request['action']( $request );
} catch ( Throwable $error ) {
	cloudpress_fail( rtrim( preg_replace( '/\s+/', ' ', $error->getMessage() ), '. ' ) . '.' );
}
cloudpress_answer( $answer );
