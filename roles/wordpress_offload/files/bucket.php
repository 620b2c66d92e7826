<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// A view of the bucket that does not depend on the plugin, so that it can bear witness: signed requests (AWS signature version 4)
// with the keys or the instance's role, and anonymous ones as a visitor makes them.

class Cloudpress_Bucket {
	private $host;
	private $region;
	private $keys;
	private $until;

	// A refusal is no verdict for so many seconds: access to a bucket arrives late, and that of a fresh bucket or key later still.
	public function __construct( $bucket, $region, array $keys, $patience = 0 ) {
		$this->until  = microtime( true ) + $patience;
		$this->host   = "$bucket.s3.$region.amazonaws.com";
		$this->region = $region;
		$this->keys   = $keys;
	}

	// Keys as the plugin finds them: constants before the instance's role.
	public static function keys( $credentials ) {
		if ( 'keys' === $credentials ) {
			if ( ! defined( 'AS3CF_AWS_ACCESS_KEY_ID' ) || ! defined( 'AS3CF_AWS_SECRET_ACCESS_KEY' ) ) {
				throw new Exception( 'wp-config.php holds no access key for the bucket, and none was given' );
			}
			return array( AS3CF_AWS_ACCESS_KEY_ID, AS3CF_AWS_SECRET_ACCESS_KEY, '' );
		}
		foreach ( array( 'AS3CF_AWS_ACCESS_KEY_ID', 'DBI_AWS_ACCESS_KEY_ID', 'AWS_ACCESS_KEY_ID' ) as $stray ) {
			if ( defined( $stray ) ) {
				throw new Exception( "wp-config.php defines $stray, which beats the instance's role; remove it" );
			}
		}
		$base  = 'http://169.254.169.254/latest';
		$token = self::metadata( "$base/api/token", 'PUT', 'X-aws-ec2-metadata-token-ttl-seconds: 300' );
		$role  = trim( self::metadata( "$base/meta-data/iam/security-credentials/", 'GET', "X-aws-ec2-metadata-token: $token" ) );
		$found = json_decode( self::metadata( "$base/meta-data/iam/security-credentials/$role", 'GET', "X-aws-ec2-metadata-token: $token" ), true );
		if ( empty( $found['AccessKeyId'] ) ) {
			throw new Exception( "the instance's metadata hold no credentials of its role ($role)" );
		}
		return array( $found['AccessKeyId'], $found['SecretAccessKey'], isset( $found['Token'] ) ? (string) $found['Token'] : '' );
	}

	private static function metadata( $url, $method, $header ) {
		$answer = @file_get_contents( $url, false, stream_context_create( array( 'http' => array( 'method' => $method, 'header' => $header, 'timeout' => 3 ) ) ) );
		if ( false === $answer ) {
			throw new Exception( "the instance's metadata ($url) give no answer, so the role cannot be used" );
		}
		return $answer;
	}

	public static function path( $key ) {
		return '/' . implode( '/', array_map( 'rawurlencode', explode( '/', $key ) ) );
	}

	private function request( $method, $key, $body = '', array $headers = array() ) {
		$now     = gmdate( 'Ymd\THis\Z' );
		$day     = substr( $now, 0, 8 );
		$headers = array_merge( $headers, array( 'host' => $this->host, 'x-amz-content-sha256' => hash( 'sha256', $body ), 'x-amz-date' => $now ) );
		if ( '' !== $this->keys[2] ) {
			$headers['x-amz-security-token'] = $this->keys[2];
		}
		ksort( $headers );
		$canonical = '';
		$lines     = array();
		foreach ( $headers as $name => $value ) {
			$canonical .= "$name:$value\n";
			$lines[]    = "$name: $value";
		}
		$signed    = implode( ';', array_keys( $headers ) );
		$scope     = "$day/{$this->region}/s3/aws4_request";
		$text      = "AWS4-HMAC-SHA256\n$now\n$scope\n" . hash( 'sha256', "$method\n" . self::path( $key ) . "\n\n$canonical\n$signed\n" . hash( 'sha256', $body ) );
		$secret    = 'AWS4' . $this->keys[1];
		foreach ( array( $day, $this->region, 's3', 'aws4_request' ) as $part ) {
			$secret = hash_hmac( 'sha256', $part, $secret, true );
		}
		$lines[] = "authorization: AWS4-HMAC-SHA256 Credential={$this->keys[0]}/$scope, SignedHeaders=$signed, Signature=" . hash_hmac( 'sha256', $text, $secret );
		$handle  = self::handle( "https://{$this->host}" . self::path( $key ), $lines );
		if ( 'HEAD' === $method ) {
			curl_setopt( $handle, CURLOPT_NOBODY, true );
		} else {
			curl_setopt( $handle, CURLOPT_CUSTOMREQUEST, $method );
			if ( '' !== $body ) {
				curl_setopt( $handle, CURLOPT_POSTFIELDS, $body );
			}
		}
		return $handle;
	}

	private static function handle( $url, array $lines ) {
		$handle = curl_init( $url );
		curl_setopt_array( $handle, array( CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTPHEADER => $lines, CURLOPT_CONNECTTIMEOUT => 10, CURLOPT_TIMEOUT => 60 ) );
		return $handle;
	}

	private static function perform( $handle ) {
		$body   = curl_exec( $handle );
		$status = curl_getinfo( $handle, CURLINFO_RESPONSE_CODE );
		if ( 0 === $status ) {
			throw new Exception( curl_getinfo( $handle, CURLINFO_EFFECTIVE_URL ) . ' could not be reached: ' . curl_error( $handle ) );
		}
		return array( $status, (string) $body );
	}

	// Waits before the next try: 1, 2, 4, 8 and then 10 seconds. False when the time for tries is over.
	private function wait( &$pause ) {
		$left = $this->until - microtime( true );
		if ( $left <= 0 ) {
			return false;
		}
		$pause = min( 10, $pause ? 2 * $pause : 1 );
		usleep( (int) ( 1000000 * min( $pause, $left ) ) );
		return true;
	}

	private function refused() {
		return new Exception( "this host has no access to the bucket ({$this->host}): S3 answers 403; give it access (lightsail_bucket_access)" );
	}

	// The sizes that the bucket tells of some keys; null for a key that it does not hold, false where it refuses
	private function sizes( array $keys ) {
		$many    = curl_multi_init();
		$handles = array();
		$sizes   = array();
		foreach ( $keys as $key ) {
			$handles[ $key ] = $this->request( 'HEAD', (string) $key );
			curl_multi_add_handle( $many, $handles[ $key ] );
		}
		do {
			curl_multi_exec( $many, $running );
			curl_multi_select( $many, 1 );
		} while ( $running > 0 );
		foreach ( $handles as $key => $handle ) {
			$status = curl_getinfo( $handle, CURLINFO_RESPONSE_CODE );
			if ( 0 === $status ) {
				throw new Exception( "the bucket ({$this->host}) could not be reached: " . curl_error( $handle ) );
			}
			$sizes[ $key ] = 403 === $status ? false : ( 200 === $status ? (int) curl_getinfo( $handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD ) : null );
			curl_multi_remove_handle( $many, $handle );
		}
		curl_multi_close( $many );
		return $sizes;
	}

	// Of key => size or null, the keys that the bucket does not hold in that size, asked for sixteen at a time.
	public function missing( array $wanted ) {
		$missing = array();
		foreach ( array_chunk( $wanted, 16, true ) as $chunk ) {
			$pause = 0;
			$sizes = $this->sizes( array_keys( $chunk ) );
			while ( $refused = array_keys( $sizes, false, true ) ) {
				if ( ! $this->wait( $pause ) ) {
					throw $this->refused();
				}
				$sizes = $this->sizes( $refused ) + $sizes;
			}
			foreach ( $chunk as $key => $size ) {
				if ( null === $sizes[ $key ] || ( null !== $size && $sizes[ $key ] !== $size ) ) {
					$missing[] = (string) $key;
				}
			}
		}
		return $missing;
	}

	// Puts an object and removes it: media that are sent before that works would be lost to the plugin.
	public function prove_access( $prefix, $acls ) {
		list( $key ) = $this->put( $prefix, $acls );
		self::perform( $this->request( 'DELETE', $key ) );
	}

	private function put( $prefix, $acls ) {
		$key   = $prefix . 'cloudpress-' . bin2hex( random_bytes( 8 ) ) . '.txt';
		$text  = bin2hex( random_bytes( 16 ) );
		$pause = 0;
		do {
			list( $status, $body ) = self::perform( $this->request( 'PUT', $key, $text, $acls ? array( 'x-amz-acl' => 'public-read' ) : array() ) );
		} while ( 403 === $status && $this->wait( $pause ) );
		if ( 200 !== $status ) {
			throw 403 === $status ? $this->refused() : new Exception( "a test object could not be put into the bucket: status $status " . trim( strip_tags( substr( $body, 0, 300 ) ) ) );
		}
		return array( $key, $text );
	}

	// A visitor's way to a new object: put it, fetch it anonymously through the delivery host, remove it. Each try has an object of its
	// own, because a distribution keeps a refusal for a while.
	public function prove_delivery( $host, $prefix, $acls, array $address ) {
		$host  = '' === $host ? $this->host : $host;
		$pause = 0;
		do {
			list( $key, $text ) = $this->put( $prefix, $acls );
			$handle = self::handle( "https://$host" . self::path( $key ), array() );
			if ( $address ) {
				curl_setopt( $handle, CURLOPT_RESOLVE, array( "$host:443:" . implode( ',', $address ) ) );
			}
			try {
				list( $status, $body ) = self::perform( $handle );
			} finally {
				self::perform( $this->request( 'DELETE', $key ) );
			}
		} while ( 403 === $status && $this->wait( $pause ) );
		if ( 200 !== $status || $body !== $text ) {
			throw new Exception( "visitors would not get the media: a test object fetched through https://$host answers status $status" );
		}
	}
}

// Addresses of a name from a given DNS server, for a name that the host's own resolver does not know yet.
function cloudpress_resolve( $name, $server ) {
	if ( '' === $server ) {
		return array();
	}
	$question = '';
	foreach ( explode( '.', $name ) as $label ) {
		$question .= chr( strlen( $label ) ) . $label;
	}
	$socket = fsockopen( 'udp://' . $server, 53, $number, $text, 3 );
	stream_set_timeout( $socket, 3 );
	fwrite( $socket, "\x0c\x50\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00$question\x00\x00\x01\x00\x01" );
	$answer = (string) fread( $socket, 4096 );
	fclose( $socket );
	$found = array();
	$at    = 12 + strlen( $question ) + 5;
	for ( $i = strlen( $answer ) > 12 ? unpack( 'n', $answer, 6 )[1] : 0; $i > 0 && $at < strlen( $answer ); $i-- ) {
		while ( ord( $answer[ $at ] ) > 0 && ord( $answer[ $at ] ) < 192 ) {
			$at += ord( $answer[ $at ] ) + 1;
		}
		$at    += ord( $answer[ $at ] ) >= 192 ? 2 : 1;
		$record = unpack( 'ntype/nclass/Nttl/nlength', $answer, $at );
		if ( 1 === $record['type'] ) {
			$found[] = implode( '.', array_map( 'ord', str_split( substr( $answer, $at + 10, 4 ) ) ) );
		}
		$at += 10 + $record['length'];
	}
	if ( ! $found ) {
		throw new Exception( "the DNS server $server knows no address of $name" );
	}
	return $found;
}
