<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a host that joins has to know and what is in no fact: the password and the collation of wp-config.php.

$constants = cloudpress_evaluate( $request['root'] )['constants'];
cloudpress_answer(
	array(
		'password' => $constants['DB_PASSWORD'],
		'collate'  => empty( $constants['DB_COLLATE'] ) ? null : $constants['DB_COLLATE'],
	)
);
