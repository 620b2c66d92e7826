<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Puts other versions of WordPress's core, plugins and themes in the place of those on this host, as root, and takes them back. What
// was there is moved aside, and every move is written down before it is made, so that it can be taken back after a crash too. A JSON
// request on stdin, JSON as the answer: "look" compares the packages with what is installed, "apply" puts them in place, "restore"
// takes everything back, "forget" removes what was moved aside.

const BASE    = '/opt/bitnami/cloudpress/update';
const JOURNAL = BASE . '/journal.json';

class Refusal extends Exception {}

ini_set( 'display_errors', 'stderr' );
umask( 022 );

function run( array $command ) {
	$pipes   = array();
	$process = proc_open( $command, array( array( 'file', '/dev/null', 'r' ), array( 'pipe', 'w' ), array( 'redirect', 1 ) ), $pipes, '/' );
	$output  = stream_get_contents( $pipes[1] );
	if ( 0 !== proc_close( $process ) ) {
		throw new Refusal( implode( ' ', $command ) . ' failed: ' . substr( trim( $output ), 0, 300 ) );
	}
}

// the value of a line such as "Version: 1.2" in the comment at the head of a file
function header_line( $text, $name ) {
	return preg_match( '/^[ \t\/*#@]*' . preg_quote( $name, '/' ) . ':(.*)$/mi', str_replace( "\r", "\n", substr( $text, 0, 8192 ) ), $m ) ? trim( preg_replace( '/\s*(?:\*\/|\?>).*/', '', $m[1] ) ) : '';
}

function constant_in( $text, $name ) {
	return preg_match( '/\$' . $name . '\s*=\s*[\'"]([^\'"]+)/', $text, $m ) ? $m[1] : '';
}

// ---------------------------------------------------------------- packages

// the file in a plugin's directory that WordPress takes for the plugin
function main_file( array $texts, $header ) {
	foreach ( $texts as $name => $text ) {
		if ( '' !== header_line( $text, $header ) ) {
			return $name;
		}
	}
	return null;
}

function open_package( array $package ) {
	$named = $package['name'];
	$hash  = hash_file( 'sha256', $package['path'] );
	if ( ! empty( $package['sha256'] ) && $package['sha256'] !== $hash ) {
		throw new Refusal( "$named has the SHA-256 $hash, not {$package['sha256']}" );
	}
	$zip = new ZipArchive();
	if ( true !== $zip->open( $package['path'] ) ) {
		throw new Refusal( "$named is no zip file" );
	}
	$files = array();
	$tops  = array();
	for ( $i = 0; $i < $zip->numFiles; $i++ ) {
		$entry = $zip->statIndex( $i );
		$name  = $entry['name'];
		if ( preg_match( '#(^/|\\\\|(^|/)\.\.(/|$))#', $name ) ) {
			throw new Refusal( "$named holds the path $name, which leads out of its own folder" );
		}
		$parts            = explode( '/', $name, 2 );
		$tops[ $parts[0] ] = true;
		if ( isset( $parts[1] ) && '' !== $parts[1] && '/' !== substr( $name, -1 ) ) {
			$files[ $parts[1] ] = sprintf( '%08x', $entry['crc'] );
		}
	}
	unset( $tops['__MACOSX'] );
	if ( 1 !== count( $tops ) || ! $files ) {
		throw new Refusal( "$named does not hold one folder, as a package of WordPress does" );
	}
	$slug  = (string) key( $tops );
	$read  = function ( $name ) use ( $zip, $slug ) { return (string) $zip->getFromName( "$slug/$name" ); };
	$found = array( 'zip' => $zip, 'name' => $named, 'slug' => $slug, 'files' => $files );
	if ( isset( $files['wp-includes/version.php'], $files['wp-admin/index.php'], $files['wp-load.php'] ) ) {
		$text = $read( 'wp-includes/version.php' );
		return $found + array( 'kind' => 'core', 'to' => constant_in( $text, 'wp_version' ), 'php' => constant_in( $text, 'required_php_version' ) );
	}
	if ( isset( $files['style.css'] ) && '' !== header_line( $read( 'style.css' ), 'Theme Name' ) ) {
		$text = $read( 'style.css' );
		return $found + array( 'kind' => 'theme', 'to' => header_line( $text, 'Version' ), 'php' => header_line( $text, 'Requires PHP' ) );
	}
	$texts = array();
	foreach ( $files as $name => $crc ) {
		if ( preg_match( '#^[^/]+\.php$#', $name ) ) {
			$texts[ $name ] = $read( $name );
		}
	}
	$main = main_file( $texts, 'Plugin Name' );
	if ( null === $main ) {
		throw new Refusal( "$named is no package of WordPress's core, of a plugin or of a theme" );
	}
	return $found + array( 'kind' => 'plugin', 'to' => header_line( $texts[ $main ], 'Version' ), 'php' => header_line( $texts[ $main ], 'Requires PHP' ) );
}

// ---------------------------------------------------------------- what is installed

function place( array $facts, array $package ) {
	return 'core' === $package['kind'] ? $facts['root'] : "{$facts['content_path']}/{$package['kind']}s/{$package['slug']}";
}

function installed_version( array $facts, array $package ) {
	if ( 'core' === $package['kind'] ) {
		return $facts['version'];
	}
	$place = place( $facts, $package );
	if ( 'theme' === $package['kind'] ) {
		return is_file( "$place/style.css" ) ? header_line( file_get_contents( "$place/style.css" ), 'Version' ) : null;
	}
	$texts = array();
	foreach ( glob( "$place/*.php" ) as $path ) {
		$texts[ basename( $path ) ] = file_get_contents( $path, false, null, 0, 8192 );
	}
	$main = main_file( $texts, 'Plugin Name' );
	return null === $main ? null : header_line( $texts[ $main ], 'Version' );
}

function tree( $directory, $prefix = '' ) {
	$hashes = array();
	if ( is_dir( $directory ) ) {
		foreach ( new RecursiveIteratorIterator( new RecursiveDirectoryIterator( $directory, FilesystemIterator::SKIP_DOTS ) ) as $file ) {
			$hashes[ $prefix . substr( $file->getPathname(), strlen( $directory ) + 1 ) ] = hash_file( 'crc32b', $file->getPathname() );
		}
	}
	return $hashes;
}

// what of a core package goes into WordPress's directory: everything but content, which belongs to the site
function core_items( array $package ) {
	$loose = array_filter( array_keys( $package['files'] ), function ( $name ) { return false === strpos( $name, '/' ) && 'wp-config.php' !== $name; } );
	return array_merge( array( 'wp-admin', 'wp-includes' ), array_values( $loose ) );
}

function same( array $facts, array $package ) {
	$place = place( $facts, $package );
	if ( 'core' !== $package['kind'] ) {
		return tree( $place ) == $package['files'];
	}
	$wanted = array_filter( $package['files'], function ( $name ) { return 0 !== strpos( $name, 'wp-content/' ) && 'wp-config.php' !== $name; }, ARRAY_FILTER_USE_KEY );
	$have   = tree( "$place/wp-admin", 'wp-admin/' ) + tree( "$place/wp-includes", 'wp-includes/' );
	foreach ( array_diff( core_items( $package ), array( 'wp-admin', 'wp-includes' ) ) as $name ) {
		$have += is_file( "$place/$name" ) ? array( $name => hash_file( 'crc32b', "$place/$name" ) ) : array();
	}
	return $have == $wanted;
}

// ---------------------------------------------------------------- the plan

// the zip files that were brought here: those that were given first, as they win
function packages( array $request ) {
	$packages = array();
	foreach ( $request['given'] as $package ) {
		$sha256     = strtolower( $package['sha256'] );
		$packages[] = array( 'name' => basename( $package['path'] ), 'path' => BASE . "/packages/$sha256.zip", 'sha256' => $sha256 );
	}
	foreach ( $request['offered'] as $offer ) {
		$packages[] = array( 'name' => "{$offer['name']} {$offer['to']}", 'path' => BASE . "/packages/{$offer['name']}.zip" );
	}
	return $packages;
}

function plan( array $request ) {
	$facts = $request['facts'];
	$plan  = array();
	$named = array();
	foreach ( packages( $request ) as $package ) {
		$package = open_package( $package ) + array( 'offered' => ! isset( $package['sha256'] ) );
		$key     = "{$package['kind']} {$package['slug']}";
		$from    = installed_version( $facts, $package );
		if ( null === $from ) {
			throw new Refusal( "{$package['name']} is the {$package['kind']} {$package['slug']}, which is not installed on {$facts['hostname']}; only what is there is updated" );
		}
		if ( isset( $named[ $key ] ) && $package['offered'] ) {
			continue;
		}
		if ( isset( $named[ $key ] ) ) {
			throw new Refusal( "{$package['name']} and {$named[ $key ]} are both packages of the $key" );
		}
		$named[ $key ] = $package['name'];
		if ( '' !== $package['php'] && version_compare( PHP_VERSION, $package['php'], '<' ) ) {
			throw new Refusal( "{$package['name']} needs PHP {$package['php']}, and {$facts['hostname']} has " . PHP_VERSION );
		}
		foreach ( $request['active_plugins'] as $active ) {
			list( $folder, $file ) = explode( '/', "$active/", 2 );
			if ( 'plugin' === $package['kind'] && $folder === $package['slug'] && ! isset( $package['files'][ rtrim( $file, '/' ) ] ) ) {
				throw new Refusal( "{$package['name']} has no file " . rtrim( $file, '/' ) . ", which the active plugin {$package['slug']} is started by; WordPress would switch it off" );
			}
		}
		if ( ! same( $facts, $package ) ) {
			$plan[ $key ] = $package + array( 'from' => $from );
		}
	}
	return $plan;
}

function told( array $plan ) {
	$changes = array();
	foreach ( $plan as $package ) {
		$changes[] = array( 'kind' => $package['kind'], 'name' => 'core' === $package['kind'] ? 'wordpress' : $package['slug'], 'from' => $package['from'], 'to' => $package['to'] );
	}
	return $changes;
}

// ---------------------------------------------------------------- moves

function journal() {
	return is_file( JOURNAL ) ? json_decode( file_get_contents( JOURNAL ), true ) : array();
}

function move( $from, $to, array &$moves ) {
	$moves[] = array( $from, $to );
	file_put_contents( JOURNAL . '.new', json_encode( $moves ) );
	rename( JOURNAL . '.new', JOURNAL );
	if ( ! is_dir( dirname( $to ) ) ) {
		mkdir( dirname( $to ), 0755, true );
	}
	run( array( 'mv', '-T', $from, $to ) );
}

function apply( array $facts, array $plan ) {
	$moves = array();
	$new   = BASE . '/new';
	run( array( 'rm', '-rf', $new, BASE . '/old' ) );
	mkdir( $new, 0755, true );
	$owner = fileowner( $facts['root'] );
	$pairs = array();
	foreach ( $plan as $package ) {
		$staged = "$new/{$package['kind']}";
		$items  = 'core' === $package['kind'] ? core_items( $package ) : array( '' );
		if ( ! $package['zip']->extractTo( $staged ) ) {
			throw new Refusal( "{$package['name']} could not be unpacked; is the disk full?" );
		}
		foreach ( $items as $item ) {
			$pairs[] = array( rtrim( "$staged/{$package['slug']}/$item", '/' ), rtrim( place( $facts, $package ) . "/$item", '/' ) );
		}
	}
	// the owner and modes of the tree that is there (Bitnami's: PHP may write, others may read)
	run( array( 'chown', '-R', "$owner:{$facts['web_group']}", $new ) );
	run( array( 'find', $new, '-type', 'd', '-exec', 'chmod', '0775', '{}', '+' ) );
	run( array( 'find', $new, '-type', 'f', '-exec', 'chmod', '0664', '{}', '+' ) );
	foreach ( $pairs as $pair ) {
		list( $from, $to ) = $pair;
		if ( file_exists( $to ) ) {
			move( $to, BASE . "/old$to", $moves );
		}
		move( $from, $to, $moves );
	}
}

function restore() {
	foreach ( array_reverse( journal() ) as $move ) {
		list( $from, $to ) = $move;
		// the last move of a crash may not have been made, or the one of a crash of this
		if ( file_exists( $to ) && ! file_exists( $from ) ) {
			run( array( 'mv', '-T', $to, $from ) );
		}
	}
}

function forget() {
	run( array( 'rm', '-rf', BASE ) );
}

// ---------------------------------------------------------------- the request

$request = json_decode( stream_get_contents( STDIN ), true );
set_error_handler(
	function ( $level, $text ) {
		if ( error_reporting() & $level & ~E_DEPRECATED ) {
			throw new Refusal( $text );
		}
		return true;
	}
);
try {
	switch ( $request['action'] ) {
		case 'look':
			$answer = array( 'changes' => told( plan( $request ) ), 'interrupted' => (bool) journal() );
			break;
		case 'apply':
			$plan   = plan( $request );
			$answer = array( 'changes' => told( $plan ) );
			apply( $request['facts'], $plan );
			break;
		case 'restore':
			$answer = array( 'changed' => (bool) journal() );
			restore();
			forget();
			break;
		case 'forget':
			$answer = array();
			forget();
			break;
	}
} catch ( Throwable $error ) {
	$answer = array( 'error' => rtrim( preg_replace( '/\s+/', ' ', $error->getMessage() ), '. ' ) . '.' );
}
echo json_encode( $answer, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE ), "\n";
exit( isset( $answer['error'] ) ? 1 : 0 );
