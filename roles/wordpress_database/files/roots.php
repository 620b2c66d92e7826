<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Where the authorities stand that PHP trusts now; our own bundle does not count.

$places = array( ini_get( 'openssl.cafile' ), '/etc/ssl/certs/ca-certificates.crt', openssl_get_cert_locations()['default_cert_file'] );
foreach ( $places as $place ) {
	if ( $place && $place !== $request['bundle'] && is_readable( $place ) ) {
		cloudpress_answer( array( 'path' => $place ) );
	}
}
cloudpress_answer( array( 'path' => '' ) );
