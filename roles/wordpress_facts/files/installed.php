<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whether WordPress has its tables. Without this constant an empty database leads to the installer instead of an answer.

define( 'WP_INSTALLING', true );
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require $request['root'] . '/wp-load.php';
cloudpress_answer( array( 'installed' => is_blog_installed() ) );
