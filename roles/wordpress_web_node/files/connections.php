<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// How many connections the database allows, as WordPress's own connection sees it.

$_SERVER['HTTP_HOST'] = '127.0.0.1';
define( 'SHORTINIT', true );
require $request['root'] . '/wp-load.php';
cloudpress_answer( array( 'connections' => (int) $wpdb->get_var( 'SELECT @@max_connections' ) ) );
