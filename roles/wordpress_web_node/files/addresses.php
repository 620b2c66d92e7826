<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs after rewrite.php, as the web server's user, inside WordPress: replaces the addresses of the design phase, once.

// What the metadata service says is the address under which the site was designed; a static IP may have replaced it since.
function cloudpress_metadata_address() {
	$context = stream_context_create( array( 'http' => array( 'method' => 'PUT', 'header' => 'X-aws-ec2-metadata-token-ttl-seconds: 60', 'timeout' => 1 ) ) );
	$token   = @file_get_contents( 'http://169.254.169.254/latest/api/token', false, $context );
	if ( false === $token ) {
		return array();
	}
	$context = stream_context_create( array( 'http' => array( 'header' => "X-aws-ec2-metadata-token: $token", 'timeout' => 1 ) ) );
	$address = @file_get_contents( 'http://169.254.169.254/latest/meta-data/public-ipv4', false, $context );
	return false !== $address && filter_var( trim( $address ), FILTER_VALIDATE_IP, FILTER_FLAG_IPV4 ) ? array( trim( $address ) ) : array();
}

function cloudpress_rewrite( array $request ) {
	global $wpdb;
	$url   = rtrim( $request['url'], '/' );
	$hosts = array_merge( array( '127.0.0.1', 'localhost', parse_url( $url, PHP_URL_HOST ) ), $request['hosts'], cloudpress_metadata_address() );
	foreach ( $wpdb->get_col( "SELECT option_value FROM $wpdb->options WHERE option_name IN ('siteurl', 'home')" ) as $address ) {
		$hosts[] = (string) parse_url( $address, PHP_URL_HOST );
	}
	$hosts = array_values( array_unique( array_filter( array_map( 'strtolower', $hosts ) ) ) );
	sort( $hosts );
	// nodes that share the database do this one after the other, each for the hosts that it knows
	$wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK( %s, 300 )', 'cloudpress_rewrite_' . md5( DB_NAME . $wpdb->prefix ) ) );
	$was  = $wpdb->get_var( "SELECT option_value FROM $wpdb->options WHERE option_name = 'cloudpress_rewritten'" );
	$old  = $was ? json_decode( $was, true ) : array();
	// every host that is asked for has been dealt with
	if ( $old && $old['url'] === $url && ! array_diff( $hosts, $old['hosts'] ) ) {
		return array( 'changed' => false, 'url' => $url, 'hosts' => $old['hosts'], 'values' => 0, 'columns' => array(), 'skipped' => array(), 'left' => array() );
	}
	$hosts = array_values( array_unique( array_merge( $hosts, $old && $old['url'] === $url ? $old['hosts'] : array() ) ) );
	sort( $hosts );
	$mark = json_encode( array( 'url' => $url, 'hosts' => $hosts ) );
	mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );
	$report = cloudpress_rewrite_tables( $wpdb->dbh, $wpdb->prefix, new Cloudpress_Rewriter( $url, $hosts ), $hosts, $request['check'] );
	if ( ! $request['check'] ) {
		wp_cache_flush();
		delete_option( 'cloudpress_rewritten' );
		add_option( 'cloudpress_rewritten', $mark, '', 'no' );
	}
	return array( 'changed' => true, 'url' => $url, 'hosts' => $hosts ) + $report;
}

$_SERVER['HTTP_HOST']      = parse_url( $request['url'], PHP_URL_HOST );
$_SERVER['REQUEST_URI']    = '/';
$_SERVER['REQUEST_METHOD'] = 'GET';
require $request['root'] . '/wp-load.php';
try {
	$answer = cloudpress_rewrite( $request );
} catch ( Throwable $error ) {
	cloudpress_fail( 'The addresses could not be rewritten, nothing was changed: ' . $error->getMessage() . '.' );
}
cloudpress_answer( $answer );
