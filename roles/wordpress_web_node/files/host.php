<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a web node needs outside WordPress: Apache's answer to health checks, visitors' addresses behind the load balancer, PHP's
// processes, the way of mail, the cron entry, the local database off. Runs as root with a JSON request on stdin; brings everything to the wish and says what it
// changed. With "check" it only says so.

const BASE = '/opt/bitnami/cloudpress';

class Refusal extends Exception {}

ini_set( 'display_errors', 'stderr' );
umask( 022 );
$done  = array();
$check = false;

function run( array $command ) {
	$pipes   = array();
	$process = proc_open( $command, array( array( 'file', '/dev/null', 'r' ), array( 'pipe', 'w' ), array( 'redirect', 1 ) ), $pipes, '/' );
	$output  = stream_get_contents( $pipes[1] );
	return array( proc_close( $process ), trim( $output ) );
}

function change( $what, callable $how ) {
	$GLOBALS['done'][] = $what;
	if ( ! $GLOBALS['check'] ) {
		$how();
	}
}

// true when the file was, or would be, written
function keep_file( $path, $text ) {
	if ( is_readable( $path ) && file_get_contents( $path ) === $text ) {
		return false;
	}
	change(
		"wrote $path",
		function () use ( $path, $text ) {
			if ( ! is_dir( dirname( $path ) ) ) {
				mkdir( dirname( $path ), 0755, true );
			}
			// the mode and owner of a file that is there are somebody's decision
			$mode = is_file( $path ) ? fileperms( $path ) & 07777 : 0644;
			file_put_contents( "$path.new", $text );
			chmod( "$path.new", $mode );
			rename( "$path.new", $path );
		}
	);
	return true;
}

function drop_file( $path ) {
	if ( ! file_exists( $path ) ) {
		return false;
	}
	change( "removed $path", function () use ( $path ) { unlink( $path ); } );
	return true;
}

function control( array $facts, $verb, $service ) {
	list( $status, $output ) = run( array( $facts['service_control'], $verb, $service ) );
	if ( 0 !== $status ) {
		throw new Refusal( "ctlscript.sh could not $verb $service: " . substr( $output, 0, 300 ) );
	}
}

// ---------------------------------------------------------------- Apache

function apache_configuration( array $request ) {
	$apache = $request['facts']['apache'];
	$text   = "# Written by Ansible (cloudpress.lightsail.wordpress_web_node); changes here are overwritten.\n\n"
		. "# Answered by Apache alone: the load balancer asks for the address of the node, where WordPress would redirect.\n"
		. "Alias \"{$request['health_path']}\" \"" . BASE . "/health/ok.txt\"\n"
		. '<Directory "' . BASE . "/health\">\n  AllowOverride None\n  Require all granted\n  RewriteEngine Off\n</Directory>\n";
	if ( $request['trusted_proxies'] && ( file_exists( "$apache/modules/mod_remoteip.so" ) ) ) {
		$text .= "\n# Logs, comments and plugins see the visitor, not the load balancer; only what these proxies say is believed.\n"
			. "<IfModule !remoteip_module>\n  LoadModule remoteip_module modules/mod_remoteip.so\n</IfModule>\n"
			. "RemoteIPHeader X-Forwarded-For\n";
		foreach ( $request['trusted_proxies'] as $proxy ) {
			$text .= "RemoteIPInternalProxy $proxy\n";
		}
	}
	return $text;
}

// bncert's redirects to HTTPS and to another host loop behind a load balancer that ends TLS, and answer the health check with 301.
function without_redirects( $text ) {
	return preg_replace( '/^[ \t]*# BEGIN: Enable (HTTP to HTTPS|non-www to www|www to non-www) redirection.*?# END: Enable \1 redirection[^\n]*\n/ms', '', $text );
}

function apache( array $request ) {
	$apache  = $request['facts']['apache'];
	$touched = array();
	keep_file( BASE . '/health/ok.txt', "ok\n" );
	$backup  = array();
	$main    = "$apache/conf/httpd.conf";
	$own     = is_dir( "$apache/conf/vhosts" ) ? "$apache/conf/vhosts/00_cloudpress.conf" : BASE . '/apache.conf';
	$wanted  = array( $own => apache_configuration( $request ) );
	if ( ! is_dir( "$apache/conf/vhosts" ) ) {
		$text            = file_get_contents( $main );
		$line            = "Include \"$own\"\n";
		$wanted[ $main ] = false === strpos( $text, $line ) ? rtrim( $text ) . "\n\n$line" : $text;
	}
	foreach ( array_merge( glob( "$apache/conf/vhosts/*.conf" ), glob( "$apache/conf/bitnami/*.conf" ) ) as $path ) {
		$text = file_get_contents( $path );
		if ( ! isset( $wanted[ $path ] ) && without_redirects( $text ) !== $text ) {
			$wanted[ $path ] = without_redirects( $text );
		}
	}
	foreach ( $wanted as $path => $text ) {
		$backup[ $path ] = is_file( $path ) ? file_get_contents( $path ) : null;
		if ( keep_file( $path, $text ) ) {
			$touched[] = $path;
		}
	}
	if ( ! $touched || $GLOBALS['check'] ) {
		return;
	}
	list( $status, $output ) = run( array( "$apache/bin/httpd", '-t' ) );
	if ( 0 !== $status ) {
		foreach ( $backup as $path => $text ) {
			null === $text ? unlink( $path ) : file_put_contents( $path, $text );
		}
		throw new Refusal( 'Apache does not accept its new configuration, which was taken back: ' . substr( $output, 0, 400 ) );
	}
	// visitors that are being served are served to the end
	if ( 0 !== run( array( "$apache/bin/httpd", '-k', 'graceful' ) )[0] ) {
		control( $request['facts'], 'restart', 'apache' );
	}
}

function prove_health( array $request ) {
	$status = 0;
	for ( $i = 0; $i < 50; $i++ ) {
		$socket = @fsockopen( '127.0.0.1', 80, $number, $text, 2 );
		if ( $socket ) {
			stream_set_timeout( $socket, 10 );
			// as the load balancer asks: by address, over plain HTTP
			fwrite( $socket, "GET {$request['health_path']} HTTP/1.0\r\nHost: {$request['facts']['hostname']}\r\n\r\n" );
			$answer = stream_get_contents( $socket );
			fclose( $socket );
			$status = preg_match( '/^HTTP\/\S+ (\d+)/', $answer, $m ) ? (int) $m[1] : 0;
			if ( 200 === $status && "ok\n" === substr( $answer, -3 ) ) {
				return;
			}
		}
		usleep( 200000 );
	}
	throw new Refusal( "Apache answers the health check {$request['health_path']} with status $status instead of 200; a redirect or rewrite of its own stands before it." );
}

// ---------------------------------------------------------------- PHP

// what PHP-FPM says its settings are, by section: "global" and its pools
function fpm_settings( $program ) {
	list( $status, $output ) = run( array( $program, '-tt' ) );
	if ( 0 !== $status ) {
		throw new Refusal( 'PHP-FPM does not accept its configuration: ' . substr( $output, 0, 400 ) );
	}
	$settings = array();
	$section  = '';
	foreach ( explode( "\n", $output ) as $line ) {
		if ( preg_match( '/NOTICE:\s+\[(.+)\]$/', $line, $m ) ) {
			$section = $m[1];
		} elseif ( preg_match( '/NOTICE:\s+([\w.]+) = (.*)$/', $line, $m ) ) {
			$settings[ $section ][ $m[1] ] = $m[2];
		}
	}
	return $settings;
}

// All processes of all nodes together have to leave connections of the database free: for cron, for whoever repairs it, and for a
// node more. A limit that is low enough already, such as one that fits the memory, stays.
function fpm_configuration( array $request, array $settings, $before ) {
	$text = "; Written by Ansible (cloudpress.lightsail.wordpress_web_node); changes here are overwritten.\n"
		. "[global]\n; a reload lets visitors' requests end\nprocess_control_timeout = 30s\n";
	if ( ! $request['nodes'] || ! $request['connections'] ) {
		return $text;
	}
	$room = (int) floor( ( $request['connections'] - max( 5, ceil( $request['connections'] / 10 ) ) ) / $request['nodes'] );
	foreach ( array_diff_key( $settings, array( 'global' => true ) ) as $pool => $values ) {
		$own = preg_match( '/^\[' . preg_quote( $pool, '/' ) . '\]\n; was (\d+)$/m', $before, $m ) ? (int) $m[1] : (int) $values['pm.max_children'];
		if ( $own <= $room ) {
			continue;
		}
		$children = max( 2, $room );
		$text    .= "[$pool]\n; was $own\npm.max_children = $children\n";
		if ( 'dynamic' === $values['pm'] ) {
			$text .= "pm.start_servers = 1\npm.min_spare_servers = 1\npm.max_spare_servers = $children\n";
		}
	}
	return $text;
}

function php( array $request ) {
	$program = dirname( dirname( $request['facts']['php'] ) ) . '/sbin/php-fpm';
	if ( ! is_file( $program ) ) {
		return;
	}
	$file     = dirname( $request['facts']['php_ini'] ) . '/php-fpm.d/zz-cloudpress.conf';
	$before   = is_file( $file ) ? file_get_contents( $file ) : '';
	$settings = fpm_settings( $program );
	$changed  = keep_file( $file, fpm_configuration( $request, $settings, $before ) );
	if ( $GLOBALS['check'] || ! ( $changed || $request['restart_php'] ) ) {
		return;
	}
	try {
		fpm_settings( $program );
	} catch ( Refusal $refusal ) {
		'' === $before ? unlink( $file ) : file_put_contents( $file, $before );
		throw $refusal;
	}
	$pid = is_file( $settings['global']['pid'] ) ? (int) file_get_contents( $settings['global']['pid'] ) : 0;
	if ( '0s' === $settings['global']['process_control_timeout'] || ! $pid || 0 !== run( array( 'kill', '-USR2', (string) $pid ) )[0] ) {
		control( $request['facts'], 'restart', 'php-fpm' );
	}
}

// ---------------------------------------------------------------- mail

function mail_plugin( array $request ) {
	$directory = "{$request['facts']['content_path']}/mu-plugins";
	$file      = "$directory/cloudpress-mail.php";
	if ( '' === $request['mail_plugin'] ) {
		drop_file( $file );
		return;
	}
	if ( keep_file( $file, $request['mail_plugin'] ) && ! $GLOBALS['check'] ) {
		foreach ( array( $directory => 0775, $file => 0664 ) as $path => $mode ) {
			chown( $path, fileowner( $request['facts']['content_path'] ) );
			chgrp( $path, $request['facts']['web_group'] );
			chmod( $path, $mode );
		}
	}
}

// ---------------------------------------------------------------- cron

function cron( array $request ) {
	$facts = $request['facts'];
	if ( ! $request['cron'] ) {
		drop_file( '/etc/cron.d/cloudpress-wordpress' );
		drop_file( BASE . '/cron.php' );
		return;
	}
	keep_file( BASE . '/cron.php', $request['cron_script'] );
	// Bitnami denies daemon a crontab of its own, so root's entry becomes daemon
	keep_file(
		'/etc/cron.d/cloudpress-wordpress',
		"# Written by Ansible (cloudpress.lightsail.wordpress_web_node). The same on every node: a lock in the database picks the one that runs.\n"
		. "SHELL=/bin/sh\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
		. "* * * * * root runuser -u {$facts['web_user']} -- {$facts['php']} " . BASE . "/cron.php {$facts['root']} >/dev/null 2>&1\n"
	);
}

// renewals of certificates that the load balancer has taken over fail on every node
function renewals() {
	foreach ( array( 'root', 'bitnami', 'daemon' ) as $user ) {
		list( $status, $text ) = run( array( 'crontab', '-u', $user, '-l' ) );
		$kept = 0 === $status ? preg_replace( '/^(?!#).*(?:\/letsencrypt\/|\/bncert\/|\blego\b).*\n?/m', '', "$text\n" ) : "$text\n";
		if ( 0 !== $status || $kept === "$text\n" ) {
			continue;
		}
		change(
			"removed the renewal of certificates from the crontab of $user",
			function () use ( $user, $kept ) {
				$file = tempnam( '/tmp', 'cron' );
				file_put_contents( $file, $kept );
				run( array( 'crontab', '-u', $user, $file ) );
				unlink( $file );
			}
		);
	}
}

// ---------------------------------------------------------------- the local database

function local_database_off( array $facts ) {
	foreach ( array( 'mariadb', 'mysql' ) as $service ) {
		foreach ( array( '/etc/monit/conf.d', '/etc/gonit/conf.d', '/opt/bitnami/gonit/conf.d' ) as $directory ) {
			$file = "$directory/$service.conf";
			if ( is_file( $file ) ) {
				change(
					"switched the local database ($service) off",
					function () use ( $facts, $file, $service ) {
						control( $facts, 'stop', $service );
						rename( $file, "$file.disabled" );
					}
				);
			}
		}
	}
	if ( $GLOBALS['check'] ) {
		return;
	}
	for ( $i = 0; $i < 50; $i++ ) {
		$running = array_filter( glob( '/proc/[0-9]*/comm' ), function ( $file ) { return preg_match( '/^(mysqld|mariadbd)/', (string) @file_get_contents( $file ) ); } );
		if ( ! $running ) {
			return;
		}
		usleep( 200000 );
	}
	throw new Refusal( 'The local database still runs: its entry for the supervisor was not found on this host, so it has to be switched off by hand.' );
}

// ---------------------------------------------------------------- the request

$request = json_decode( stream_get_contents( STDIN ), true );
$check   = $request['check'];
set_error_handler(
	function ( $level, $text ) {
		if ( error_reporting() & $level & ~E_DEPRECATED ) {
			throw new Refusal( $text );
		}
		return true;
	}
);
try {
	$facts = $request['facts'];
	if ( $request['local_database_off'] && ! $check && ( null !== $facts['database']['socket'] || in_array( $facts['database']['host'], array( 'localhost', '127.0.0.1', '::1', '' ), true ) ) ) {
		throw new Refusal( 'WordPress on this host still uses the local database, so that is not switched off; move it first with the role wordpress_database.' );
	}
	php( $request );
	mail_plugin( $request );
	apache( $request );
	cron( $request );
	if ( $request['tls_elsewhere'] ) {
		renewals();
	}
	if ( $request['local_database_off'] ) {
		local_database_off( $facts );
	}
	if ( ! $check ) {
		prove_health( $request );
	}
	$answer = array( 'changed' => (bool) $done, 'changes' => $done );
} catch ( Throwable $error ) {
	$answer = array( 'error' => rtrim( preg_replace( '/\s+/', ' ', $error->getMessage() ), '. ' ) . '.', 'changes' => $done );
}
echo json_encode( $answer, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE ), "\n";
exit( isset( $answer['error'] ) ? 1 : 0 );
