<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs after bucket.php, as the web server's user, inside WordPress: activates the plugin, sends what is not in the bucket yet,
// proves that everything is there, and only then flips the switches.

const CLOUDPRESS_PLUGIN  = 'amazon-s3-and-cloudfront/wordpress-s3.php';
const CLOUDPRESS_PRIMARY = '__as3cf_primary';

// The plugin must have been loaded by WordPress, so activation is a run of its own. And the process that is the first to see another bucket forgets
// the region and asks S3 for it, which a Lightsail role need not be allowed to; until it knows, it takes no media (plugin 3.2.11, bucket_changed()).
// So one process after activation has nothing else to do. An active plugin has seen the bucket when this function runs.
function cloudpress_activate( array $request ) {
	if ( is_plugin_active( CLOUDPRESS_PLUGIN ) ) {
		return false;
	}
	if ( is_plugin_active( 'amazon-s3-and-cloudfront-pro/amazon-s3-and-cloudfront-pro.php' ) ) {
		throw new Exception( 'The Pro version of the plugin is active, which excludes this one; deactivate it first' );
	}
	if ( ! $request['check'] ) {
		$result = activate_plugin( CLOUDPRESS_PLUGIN );
		if ( is_wp_error( $result ) ) {
			throw new Exception( 'The plugin could not be activated: ' . $result->get_error_message() );
		}
		$load = '$_SERVER["HTTP_HOST"] = ' . var_export( $_SERVER['HTTP_HOST'], true ) . '; require ' . var_export( ABSPATH . 'wp-load.php', true ) . ';';
		exec( escapeshellarg( PHP_BINARY ) . ' -r ' . escapeshellarg( $load ) . ' 2>&1', $output, $status );
		if ( 0 !== $status ) {
			throw new Exception( 'WordPress does not load with the plugin: ' . implode( ' ', array_slice( $output, -3 ) ) );
		}
	}
	return true;
}

// The switches that all nodes share. What wp-config.php fixes must not be in the option, secrets least of all.
function cloudpress_switches( array $wanted, array $fixed, $check ) {
	$option = get_option( 'tantan_wordpress_s3' );
	$option = is_array( $option ) ? $option : array();
	$new    = array_merge( array_diff_key( $option, array_flip( $fixed ), array_flip( array( 'access-key-id', 'secret-access-key', 'domain', 'virtual-host', 'cloudfront' ) ) ), $wanted );
	if ( $new === $option ) {
		return false;
	}
	if ( ! $check ) {
		update_option( 'tantan_wordpress_s3', $new );
	}
	return true;
}

function cloudpress_has_table() {
	global $wpdb;
	$table = $wpdb->prefix . 'as3cf_items';
	return $table === $wpdb->get_var( $wpdb->prepare( 'SHOW TABLES LIKE %s', $wpdb->esc_like( $table ) ) );
}

function cloudpress_pending() {
	global $wpdb;
	$without = cloudpress_has_table() ? " AND NOT EXISTS (SELECT 1 FROM {$wpdb->prefix}as3cf_items i WHERE i.source_type = 'media-library' AND i.source_id = p.ID)" : '';
	return array_map( 'intval', $wpdb->get_col( "SELECT p.ID FROM $wpdb->posts p WHERE p.post_type = 'attachment'$without ORDER BY p.ID" ) );
}

// Saving an attachment's own metadata again is what makes the plugin offload it. It waits silently for missing sizes, so those are made.
function cloudpress_send( $id ) {
	$file = get_attached_file( $id, true );
	if ( ! $file || ! file_exists( $file ) ) {
		return 'its file is not on this host';
	}
	if ( wp_attachment_is_image( $id ) && function_exists( 'wp_get_missing_image_subsizes' ) && wp_get_missing_image_subsizes( $id ) ) {
		wp_update_image_subsizes( $id );
	}
	$metadata = wp_get_attachment_metadata( $id, true );
	wp_update_attachment_metadata( $id, is_array( $metadata ) ? $metadata : array() );
	return null;
}

// Every object that the plugin's table promises: key => its file below the uploads
function cloudpress_objects( array $request ) {
	global $wpdb;
	$files = array();
	foreach ( $wpdb->get_results( "SELECT source_id, bucket, path, source_path, original_path, original_source_path, extra_info FROM {$wpdb->prefix}as3cf_items WHERE source_type = 'media-library'", ARRAY_A ) as $row ) {
		if ( $row['bucket'] !== $request['bucket'] ) {
			throw new Exception( "Attachment {$row['source_id']} is recorded in the bucket '{$row['bucket']}', not in {$request['bucket']}; its row in {$wpdb->prefix}as3cf_items has to be corrected or removed" );
		}
		$files[ $row['path'] ]          = $row['source_path'];
		$files[ $row['original_path'] ] = $row['original_source_path'];
		$extra  = maybe_unserialize( $row['extra_info'] );
		$folder = false === strpos( $row['path'], '/' ) ? '' : substr( $row['path'], 0, strrpos( $row['path'], '/' ) + 1 );
		foreach ( isset( $extra['objects'] ) && is_array( $extra['objects'] ) ? $extra['objects'] : array() as $name => $object ) {
			if ( CLOUDPRESS_PRIMARY !== $name && ! empty( $object['source_file'] ) ) {
				$name                     = wp_basename( $object['source_file'] );
				$files[ $folder . $name ] = dirname( $row['source_path'] ) . "/$name";
			}
		}
	}
	unset( $files[''] );
	return $files;
}

// The size that each object must have: that of its file. Without files, and once media are served from the bucket and the files here may be
// older than the objects, any size will do.
function cloudpress_sizes( array $files, $known ) {
	$uploads = wp_upload_dir( null, false )['basedir'];
	return array_map(
		function ( $file ) use ( $uploads, $known ) {
			return $known && is_file( "$uploads/$file" ) ? filesize( "$uploads/$file" ) : null;
		},
		$files
	);
}

function cloudpress_offload( array $request ) {
	$changed  = false;
	$failures = array();
	$fixed    = array_keys( defined( 'AS3CF_SETTINGS' ) ? (array) ( is_array( AS3CF_SETTINGS ) ? AS3CF_SETTINGS : maybe_unserialize( AS3CF_SETTINGS ) ) : array() );
	$keys     = Cloudpress_Bucket::keys( $request['credentials'] );
	$bucket   = new Cloudpress_Bucket( $request['bucket'], $request['region'], $keys, (int) $request['authority_seconds'] );
	$option   = get_option( 'tantan_wordpress_s3' );
	$serving  = is_array( $option ) && ! empty( $option['serve-from-s3'] );
	$domain   = $request['delivery_domain'];
	$wanted   = array(
		'use-yearmonth-folders'  => (bool) get_option( 'uploads_use_yearmonth_folders' ),
		'delivery-provider'      => '' === $domain ? 'storage' : 'aws',
		'enable-delivery-domain' => '' !== $domain,
		'delivery-domain'        => $domain,
	);
	$off      = array( 'serve-from-s3' => false, 'remove-local-file' => false );
	// while a promise is unproven nothing is served from the bucket; what is served already stays so
	$now      = $serving && $request['serve'] ? array( 'serve-from-s3' => true, 'remove-local-file' => ! empty( $option['remove-local-file'] ) ) : $off;
	$moving   = ! $serving || ! is_array( $option ) || ( isset( $option['delivery-domain'] ) ? $option['delivery-domain'] : '' ) !== $domain;
	$first    = $moving && $serving && $request['serve'] ? array() : $wanted + $now;
	if ( $first ) {
		$changed = cloudpress_switches( $first, $fixed, $request['check'] );
	}

	$pending = cloudpress_pending();
	if ( $request['backfill'] && $pending ) {
		$changed = true;
		if ( ! $request['check'] ) {
			$bucket->prove_access( $request['prefix'], $request['acls'] );
		}
		foreach ( $request['check'] ? array() : $pending as $number => $id ) {
			try {
				$reason = cloudpress_send( $id );
			} catch ( Throwable $error ) {
				$reason = $error->getMessage();
			}
			if ( null !== $reason ) {
				$failures[ $id ] = $reason;
			}
			if ( 0 === $number % 50 ) {
				wp_cache_flush();
			}
		}
		if ( ! $request['check'] ) {
			$pending = cloudpress_pending();
		}
	}
	$objects  = cloudpress_has_table() ? cloudpress_objects( $request ) : array();
	$removing = $request['remove_local'] && empty( $option['remove-local-file'] );
	$missing  = $bucket->missing( cloudpress_sizes( $objects, $moving || $removing ) );
	$counts  = wp_count_attachments();
	$report  = array(
		'pending'     => count( $pending ),
		'objects'     => count( $objects ),
		'missing'     => array_slice( $missing, 0, 20 ),
		'failures'    => array_slice( $failures, 0, 20, true ),
		'attachments' => array_sum( (array) $counts ),
		'serving'     => $now['serve-from-s3'],
	);
	if ( $request['serve'] && ! $request['check'] ) {
		if ( $missing ) {
			throw new Exception( count( $missing ) . " objects that WordPress counts on are not in the bucket as they are here (the first is $missing[0]); media are not served from it" );
		}
		if ( $pending && $request['backfill'] ) {
			$id = $pending[0];
			throw new Exception( count( $pending ) . " attachments could not be sent to the bucket (the first is number $id: " . ( isset( $failures[ $id ] ) ? $failures[ $id ] : 'the plugin did not take it' ) . '); media are not served from it' );
		}
		if ( $moving ) {
			$bucket->prove_delivery( $domain, $request['prefix'], $request['acls'], '' === $domain ? array() : cloudpress_resolve( $domain, $request['resolver'] ) );
		}
		$changed           = cloudpress_switches( $wanted + array( 'serve-from-s3' => true, 'remove-local-file' => $request['remove_local'] ), $fixed, false ) || $changed;
		$report['serving'] = true;
	}
	return array( 'changed' => $changed ) + $report;
}

$_SERVER += array( 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET' );
$_SERVER['HTTP_HOST']   = '' !== $request['home'] ? parse_url( $request['home'], PHP_URL_HOST ) : '127.0.0.1';
$_SERVER['SERVER_NAME'] = $_SERVER['HTTP_HOST'];
require $request['root'] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/admin.php';
try {
	$answer = 'activate' === $request['action'] ? array( 'changed' => cloudpress_activate( $request ) ) : cloudpress_offload( $request );
} catch ( Throwable $error ) {
	cloudpress_fail( rtrim( ucfirst( $error->getMessage() ), '. ' ) . '.' );
}
cloudpress_answer( $answer );
