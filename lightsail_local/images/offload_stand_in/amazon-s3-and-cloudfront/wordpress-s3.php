<?php
/**
 * Plugin Name: WP Offload Media Lite (stand-in of the local Lightsail)
 * Description: Copies media to a bucket and serves them from a delivery domain. For rehearsals, not for real sites.
 * Version: 3.2.11
 * License: GPL-3.0-or-later
 * Network: True
 */

defined( 'ABSPATH' ) || exit;

const OFFLOAD_STAND_IN_PRIMARY = '__as3cf_primary';

// -- settings: every key of the constant beats the option ----------------------------------------------------------------

function offload_stand_in_settings() {
	$fixed = defined( 'AS3CF_SETTINGS' ) ? AS3CF_SETTINGS : ( defined( 'WPOS3_SETTINGS' ) ? WPOS3_SETTINGS : array() );
	$fixed = is_array( $fixed ) ? $fixed : unserialize( $fixed, array( 'allowed_classes' => false ) );
	$saved = get_site_option( 'tantan_wordpress_s3' );
	$given = array_merge( is_array( $saved ) ? $saved : array(), is_array( $fixed ) ? $fixed : array() );
	if ( offload_stand_in_bucket_changed( $given ) ) {
		$given['region'] = '';
	}
	// As the plugin does: copying and serving are on by default only while no bucket is set.
	$fresh = empty( $given['bucket'] );
	return array_merge(
		array(
			'bucket' => '', 'region' => '', 'use-server-roles' => false, 'use-bucket-acls' => true, 'copy-to-s3' => $fresh,
			'serve-from-s3' => $fresh, 'enable-object-prefix' => true, 'object-prefix' => 'wp-content/uploads/',
			'object-versioning' => true, 'enable-delivery-domain' => false, 'delivery-domain' => '', 'force-https' => false,
			'remove-local-file' => false,
		),
		$given
	);
}

/**
 * As the plugin does (3.2.11, bucket_changed()): the process that first sees another bucket forgets the region for as long as it lives. The plugin
 * then asks S3 for it, which the credentials may not be allowed to; the stand-in does not ask.
 */
function offload_stand_in_bucket_changed( array $given ) {
	static $changed = null;
	if ( null === $changed ) {
		$bucket  = isset( $given['bucket'] ) ? $given['bucket'] : '';
		$known   = get_site_option( 'as3cf_constant_AS3CF_SETTINGS' );
		$changed = $bucket !== ( isset( $known['bucket'] ) ? $known['bucket'] : '' );
		if ( $changed ) {
			update_site_option( 'as3cf_constant_AS3CF_SETTINGS', array_diff_key( $given, array_flip( array( 'access-key-id', 'secret-access-key' ) ) ) );
		}
	}
	return $changed;
}
add_action( 'init', 'offload_stand_in_settings' );

function offload_stand_in_table() {
	global $wpdb;
	return $wpdb->base_prefix . 'as3cf_items';
}

register_activation_hook( __FILE__, 'offload_stand_in_install' );
function offload_stand_in_install() {
	global $wpdb;
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	$table = offload_stand_in_table();
	dbDelta(
		"CREATE TABLE $table (
		id BIGINT(20) NOT NULL AUTO_INCREMENT,
		provider VARCHAR(18) NOT NULL,
		region VARCHAR(255) NOT NULL,
		bucket VARCHAR(255) NOT NULL,
		path VARCHAR(1024) NOT NULL,
		original_path VARCHAR(1024) NOT NULL,
		is_private TINYINT(1) NOT NULL DEFAULT 0,
		source_type VARCHAR(18) NOT NULL,
		source_id BIGINT(20) NOT NULL,
		source_path VARCHAR(1024) NOT NULL,
		original_source_path VARCHAR(1024) NOT NULL,
		extra_info LONGTEXT,
		originator TINYINT UNSIGNED NOT NULL DEFAULT 0,
		is_verified TINYINT(1) NOT NULL DEFAULT 1,
		PRIMARY KEY  (id),
		UNIQUE KEY uidx_source (source_type, source_id)
		) {$wpdb->get_charset_collate()};"
	);
}

function offload_stand_in_item( $id ) {
	global $wpdb;
	return $wpdb->get_row( $wpdb->prepare( 'SELECT * FROM ' . offload_stand_in_table() . " WHERE source_type = 'media-library' AND source_id = %d", $id ), ARRAY_A );
}

// -- the bucket ------------------------------------------------------------------------------------------------------------

function offload_stand_in_credentials( array $settings ) {
	foreach ( array( 'AS3CF_AWS_', 'DBI_AWS_', 'AWS_' ) as $prefix ) {
		if ( defined( $prefix . 'ACCESS_KEY_ID' ) && defined( $prefix . 'SECRET_ACCESS_KEY' ) ) {
			return array( constant( $prefix . 'ACCESS_KEY_ID' ), constant( $prefix . 'SECRET_ACCESS_KEY' ), '' );
		}
	}
	if ( ! empty( $settings['access-key-id'] ) && ! empty( $settings['secret-access-key'] ) ) {
		return array( $settings['access-key-id'], $settings['secret-access-key'], '' );
	}
	if ( ! $settings['use-server-roles'] ) {
		throw new RuntimeException( 'no access key is set and use-server-roles is off' );
	}
	$ask = static function ( $path, $method, $header ) {
		$context = stream_context_create( array( 'http' => array( 'method' => $method, 'header' => $header, 'timeout' => 3 ) ) );
		$answer  = @file_get_contents( "http://169.254.169.254/latest/$path", false, $context );
		if ( false === $answer ) {
			throw new RuntimeException( 'the metadata service hands out no credentials' );
		}
		return $answer;
	};
	$token = 'X-aws-ec2-metadata-token: ' . $ask( 'api/token', 'PUT', 'X-aws-ec2-metadata-token-ttl-seconds: 300' );
	$role  = trim( $ask( 'meta-data/iam/security-credentials/', 'GET', $token ) );
	$keys  = json_decode( $ask( "meta-data/iam/security-credentials/$role", 'GET', $token ), true );
	return array( $keys['AccessKeyId'], $keys['SecretAccessKey'], isset( $keys['Token'] ) ? $keys['Token'] : '' );
}

/** Put (with a file) or delete (without) an object; AWS signature version 4. */
function offload_stand_in_request( array $settings, $key, $file = null ) {
	list( $id, $secret, $session ) = offload_stand_in_credentials( $settings );
	$method  = null === $file ? 'DELETE' : 'PUT';
	$hash    = null === $file ? hash( 'sha256', '' ) : hash_file( 'sha256', $file );
	$host    = "{$settings['bucket']}.s3.{$settings['region']}.amazonaws.com";
	$path    = '/' . implode( '/', array_map( 'rawurlencode', explode( '/', $key ) ) );
	$time    = gmdate( 'Ymd\THis\Z' );
	$day     = substr( $time, 0, 8 );
	$headers = array( 'host' => $host, 'x-amz-content-sha256' => $hash, 'x-amz-date' => $time );
	if ( null !== $file ) {
		$type                     = wp_check_filetype( $file );
		$headers['content-type']  = $type['type'] ? $type['type'] : 'application/octet-stream';
		$headers['cache-control'] = 'max-age=31536000';
		if ( $settings['use-bucket-acls'] ) {
			$headers['x-amz-acl'] = 'public-read';
		}
	}
	if ( '' !== $session ) {
		$headers['x-amz-security-token'] = $session;
	}
	ksort( $headers );
	$lines     = array();
	$canonical = '';
	foreach ( $headers as $name => $value ) {
		$canonical .= "$name:$value\n";
		$lines[]    = "$name: $value";
	}
	$names     = implode( ';', array_keys( $headers ) );
	$scope     = "$day/{$settings['region']}/s3/aws4_request";
	$to_sign   = "AWS4-HMAC-SHA256\n$time\n$scope\n" . hash( 'sha256', "$method\n$path\n\n$canonical\n$names\n$hash" );
	$signature = array_reduce(
		array( $day, $settings['region'], 's3', 'aws4_request' ),
		static function ( $key, $part ) {
			return hash_hmac( 'sha256', $part, $key, true );
		},
		"AWS4$secret"
	);
	$lines[] = "authorization: AWS4-HMAC-SHA256 Credential=$id/$scope, SignedHeaders=$names, Signature=" . hash_hmac( 'sha256', $to_sign, $signature );
	$lines[] = 'expect:';
	$handle  = curl_init( "https://$host$path" );
	curl_setopt_array( $handle, array( CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTPHEADER => $lines, CURLOPT_CONNECTTIMEOUT => 10, CURLOPT_TIMEOUT => 120 ) );
	$stream = null;
	if ( null === $file ) {
		curl_setopt( $handle, CURLOPT_CUSTOMREQUEST, 'DELETE' );
	} else {
		$stream = fopen( $file, 'rb' );
		curl_setopt_array( $handle, array( CURLOPT_UPLOAD => true, CURLOPT_INFILE => $stream, CURLOPT_INFILESIZE => filesize( $file ) ) );
	}
	$body   = curl_exec( $handle );
	$status = curl_getinfo( $handle, CURLINFO_RESPONSE_CODE );
	if ( $stream ) {
		fclose( $stream );
	}
	if ( ! in_array( $status, array( 200, 204 ), true ) ) {
		throw new RuntimeException( "$method $key: " . ( $status ? "status $status " . wp_strip_all_tags( (string) $body ) : curl_error( $handle ) ) );
	}
}

// -- uploads ---------------------------------------------------------------------------------------------------------------

/** Files of an attachment by object name, relative to the uploads folder; null while WordPress is still making sizes. */
function offload_stand_in_files( $id, array $metadata ) {
	$source = get_post_meta( $id, '_wp_attached_file', true );
	if ( ! $source ) {
		return null;
	}
	$folder = false === strpos( $source, '/' ) ? '' : dirname( $source ) . '/';
	$files  = array( OFFLOAD_STAND_IN_PRIMARY => $source );
	if ( ! empty( $metadata['original_image'] ) ) {
		$files['original_image'] = $folder . $metadata['original_image'];
	}
	foreach ( isset( $metadata['sizes'] ) ? $metadata['sizes'] : array() as $name => $size ) {
		$files[ $name ] = $folder . $size['file'];
	}
	if ( ! empty( $metadata['width'] ) && wp_attachment_is_image( $id ) ) {
		foreach ( wp_get_registered_image_subsizes() as $name => $size ) {
			if ( ! isset( $files[ $name ] ) && image_resize_dimensions( $metadata['width'], $metadata['height'], $size['width'], $size['height'], $size['crop'] ) ) {
				return null;
			}
		}
	}
	return $files;
}

add_filter( 'wp_update_attachment_metadata', 'offload_stand_in_upload', 110, 2 );
function offload_stand_in_upload( $metadata, $id ) {
	global $wpdb;
	$settings = offload_stand_in_settings();
	$files    = is_array( $metadata ) && $settings['copy-to-s3'] && $settings['bucket'] && $settings['region'] ? offload_stand_in_files( $id, $metadata ) : null;
	if ( null === $files ) {
		return $metadata;
	}
	$base = trailingslashit( wp_get_upload_dir()['basedir'] );
	$item = offload_stand_in_item( $id );
	if ( ! file_exists( $base . $files[ OFFLOAD_STAND_IN_PRIMARY ] ) ) {
		return $metadata; // In the bucket already and removed here, or lost: either way there is nothing to send.
	}
	$source  = $files[ OFFLOAD_STAND_IN_PRIMARY ];
	$folder  = false === strpos( $source, '/' ) ? '' : dirname( $source ) . '/';
	$version = $settings['object-versioning'] ? gmdate( 'dHis' ) . '/' : '';
	$prefix  = ( $settings['enable-object-prefix'] ? $settings['object-prefix'] : '' ) . $folder . $version;
	if ( $item ) {
		$prefix = substr( $item['path'], 0, strlen( $item['path'] ) - strlen( wp_basename( $item['path'] ) ) );
	}
	$objects = array();
	try {
		foreach ( $files as $name => $file ) {
			$objects[ $name ] = array( 'source_file' => wp_basename( $file ), 'is_private' => false );
			if ( file_exists( $base . $file ) ) {
				offload_stand_in_request( $settings, $prefix . wp_basename( $file ), $base . $file );
			}
		}
	} catch ( RuntimeException $error ) {
		error_log( "offload of attachment $id: " . $error->getMessage() );
		return $metadata;
	}
	$original = isset( $files['original_image'] ) ? $files['original_image'] : $source;
	$row      = array(
		'provider' => 'aws', 'region' => $settings['region'], 'bucket' => $settings['bucket'], 'path' => $prefix . wp_basename( $source ),
		'original_path' => $prefix . wp_basename( $original ), 'is_private' => 0, 'source_type' => 'media-library', 'source_id' => $id,
		'source_path' => $source, 'original_source_path' => $original,
		'extra_info' => serialize( array( 'objects' => $objects, 'private_prefix' => '' ) ), 'originator' => 0, 'is_verified' => 1,
	);
	if ( $item ) {
		$wpdb->update( offload_stand_in_table(), $row, array( 'id' => $item['id'] ) );
	} else {
		$wpdb->insert( offload_stand_in_table(), $row );
	}
	if ( $settings['remove-local-file'] ) {
		foreach ( $files as $file ) {
			wp_delete_file( $base . $file );
		}
	}
	return $metadata;
}

add_action( 'delete_attachment', 'offload_stand_in_delete', 20 );
function offload_stand_in_delete( $id ) {
	global $wpdb;
	$item = offload_stand_in_item( $id );
	if ( ! $item ) {
		return;
	}
	$settings = array_merge( offload_stand_in_settings(), array( 'bucket' => $item['bucket'], 'region' => $item['region'] ) );
	$folder   = substr( $item['path'], 0, strlen( $item['path'] ) - strlen( wp_basename( $item['path'] ) ) );
	$extra    = unserialize( $item['extra_info'], array( 'allowed_classes' => false ) );
	try {
		foreach ( $extra['objects'] as $object ) {
			offload_stand_in_request( $settings, $folder . $object['source_file'] );
		}
	} catch ( RuntimeException $error ) {
		error_log( "removal of attachment $id: " . $error->getMessage() );
	}
	$wpdb->delete( offload_stand_in_table(), array( 'id' => $item['id'] ) );
}

// -- delivery: URLs are rewritten when they are shown, content keeps the local ones -----------------------------------------

function offload_stand_in_url( array $item, $file ) {
	$settings = offload_stand_in_settings();
	$host     = $settings['enable-delivery-domain'] && $settings['delivery-domain'] ? $settings['delivery-domain'] : "{$item['bucket']}.s3.{$item['region']}.amazonaws.com";
	$folder   = substr( $item['path'], 0, strlen( $item['path'] ) - strlen( wp_basename( $item['path'] ) ) );
	$scheme   = $settings['force-https'] || is_ssl() ? 'https' : 'http';
	return "$scheme://$host/" . implode( '/', array_map( 'rawurlencode', explode( '/', $folder . $file ) ) );
}

add_filter( 'wp_get_attachment_url', 'offload_stand_in_attachment_url', 99, 2 );
function offload_stand_in_attachment_url( $url, $id ) {
	$item = offload_stand_in_settings()['serve-from-s3'] ? offload_stand_in_item( $id ) : null;
	return $item ? offload_stand_in_url( $item, wp_basename( $item['path'] ) ) : $url;
}

add_filter( 'wp_calculate_image_srcset', 'offload_stand_in_srcset', 10, 5 );
function offload_stand_in_srcset( $sources, $size, $source, $metadata, $id ) {
	$item = offload_stand_in_settings()['serve-from-s3'] ? offload_stand_in_item( $id ) : null;
	foreach ( $item && is_array( $sources ) ? $sources : array() as $width => $entry ) {
		$sources[ $width ]['url'] = offload_stand_in_url( $item, wp_basename( $entry['url'] ) );
	}
	return $sources;
}

foreach ( array( 'the_content', 'the_excerpt', 'widget_text', 'widget_block_content' ) as $offload_stand_in_filter ) {
	add_filter( $offload_stand_in_filter, 'offload_stand_in_content', 100 );
}
function offload_stand_in_content( $content ) {
	global $wpdb;
	if ( ! is_string( $content ) || ! offload_stand_in_settings()['serve-from-s3'] ) {
		return $content;
	}
	$base = preg_quote( preg_replace( '#^https?:#', '', trailingslashit( wp_get_upload_dir()['baseurl'] ) ), '#' );
	return preg_replace_callback(
		"#(?:https?:)?$base([^\\s\"'<>?\\#]+)#",
		static function ( $found ) use ( $wpdb ) {
			$path   = rawurldecode( $found[1] );
			$source = preg_replace( '/-\d+x\d+(?=\.[A-Za-z0-9]+$)/', '', $path );
			$scaled = preg_replace( '/(\.[A-Za-z0-9]+)$/', '-scaled$1', $source );
			$item   = $wpdb->get_row(
				$wpdb->prepare(
					'SELECT * FROM ' . offload_stand_in_table() . " WHERE source_type = 'media-library' AND (source_path IN (%s, %s, %s) OR original_source_path IN (%s, %s))",
					$path, $source, $scaled, $path, $source
				),
				ARRAY_A
			);
			return $item ? offload_stand_in_url( $item, wp_basename( $path ) ) : $found[0];
		},
		$content
	);
}
