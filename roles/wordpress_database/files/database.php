<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The steps of the move that happen on the host, as root, after schema.php and before step.php, which defines BASE (our directory on the host),
// WORK and MARKER from the description of the host. Secrets live in files of mode 600 below WORK, which is removed at the end.

// MariaDB says so in its version, MySQL does not
const MARIADB = '/MariaDB/i';
// One thread of the server is slower than a dump, and managed servers have two processors or more
const LANES = 3;
// MySQL's number for a statement that GTIDs forbid, because it writes to transactional tables and to others
const MIXED_ENGINES = 1785;
// Seconds without an answer after which the managed database is taken to be gone
const PATIENCE = 60;
// ER_ACCESS_DENIED_ERROR
const ACCESS_DENIED = 1045;

// ER_CANNOT_USER_REFERENCED_AS_DEFINER
const ORPHANS = 4006;

umask( 077 );
mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );

// ---------------------------------------------------------------- small helpers

function run( array $command, $stdin = null, $stdout = null ) {
	$errors  = tmpfile();
	$pipes   = array();
	$process = proc_open(
		$command,
		array(
			0 => array( 'pipe', 'r' ),
			1 => null === $stdout ? array( 'pipe', 'w' ) : array( 'file', $stdout, 'w' ),
			2 => $errors,
		),
		$pipes,
		'/'
	);
	if ( ! is_resource( $process ) ) {
		throw new Refusal( "$command[0] cannot be run on this host." );
	}
	// a program that has seen enough closes its end; why is in its own words
	if ( is_resource( $stdin ) ) {
		@stream_copy_to_stream( $stdin, $pipes[0] );
	} elseif ( null !== $stdin ) {
		@fwrite( $pipes[0], $stdin );
	}
	fclose( $pipes[0] );
	$output = null === $stdout ? stream_get_contents( $pipes[1] ) : '';
	$status = proc_close( $process );
	rewind( $errors );
	return array( $status, $output, trim( stream_get_contents( $errors ) ) );
}

function as_web_user( array $facts, $code, array $request ) {
	list( $status, $output, $errors ) = run(
		array( 'runuser', '-u', $facts['web_user'], '--', $facts['php'], '-d', 'display_errors=stderr', '-r', $code ),
		json_encode( $request )
	);
	$at     = strrpos( $output, "\x1e" );
	$answer = false === $at ? null : json_decode( substr( $output, $at + 1 ), true );
	if ( null === $answer ) {
		$words = html_entity_decode( strip_tags( preg_replace( '/<style\b.*?<\/style>/is', '', $output ) ) ) . ' ' . $errors;
		$words = trim( preg_replace( '/\s+/', ' ', $words ) );
		throw new Refusal( 'WordPress could not be run: ' . substr( '' === $words ? "exit status $status" : $words, 0, 600 ) );
	}
	return $answer;
}

function wp_config( array $facts ) {
	$how = array( 'php' => $facts['php'], 'user' => $facts['web_user'], 'flavour' => $facts['php_flavour'], 'hosts' => array( $facts['request_host'] ) );
	try {
		$constants = cloudpress_evaluate( $facts['root'], $how )['constants'];
	} catch ( Exception $error ) {
		throw new Refusal( 'The wp-config.php of this host cannot be evaluated: ' . $error->getMessage() . ". Mend {$facts['config_path']}, then run again." );
	}
	$constants += array( 'DB_COLLATE' => '' );
	return array( 'name' => $constants['DB_NAME'], 'user' => $constants['DB_USER'], 'password' => $constants['DB_PASSWORD'], 'collate' => $constants['DB_COLLATE'] )
		+ cloudpress_database_host( $constants['DB_HOST'] );
}

function read_json( $path ) {
	return is_readable( $path ) ? (array) json_decode( file_get_contents( $path ), true ) : array();
}

function write_file( $path, $text, $mode ) {
	$temporary = "$path.new";
	try {
		file_put_contents( $temporary, $text );
		chmod( $temporary, $mode );
		rename( $temporary, $path );
	} catch ( Refusal $error ) {
		// PHP's warning names neither the file nor, in words, the reason
		$reason = preg_match( '/errno=\d+ (.+)/', $error->getMessage(), $found ) ? $found[1] : $error->getMessage();
		throw new Refusal( "$path could not be written: $reason" );
	}
}

function mark( array $values ) {
	$marker = array_merge( read_json( MARKER ), $values );
	write_file( MARKER, json_encode( $marker, JSON_UNESCAPED_SLASHES ) . "\n", 0644 );
	return $marker;
}

// In an option file # begins a comment unless quoted, and a backslash escapes.
function option_file( $path, array $options ) {
	$text = "[client]\n";
	foreach ( $options as $name => $value ) {
		$text .= null === $value ? "$name\n" : "$name=\"" . addcslashes( $value, "\\\"" ) . "\"\n";
	}
	write_file( $path, $text, 0600 );
}

// ---------------------------------------------------------------- connections

function connect_target( array $target, $user, $password ) {
	$connection = mysqli_init();
	$connection->options( MYSQLI_OPT_CONNECT_TIMEOUT, 15 );
	// a network that is cut must not hold the move for as long as TCP tries
	$connection->options( MYSQLI_OPT_READ_TIMEOUT, PATIENCE );
	$connection->ssl_set( null, null, $target['ca_file'], null, null );
	try {
		$connection->real_connect( $target['host'], $user, $password, null, $target['port'], null, MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT );
	} catch ( mysqli_sql_exception $error ) {
		throw new Refusal( "The database {$target['host']}:{$target['port']} could not be reached over verified TLS as $user: " . $error->getMessage() . '.', $error->getCode() );
	}
	$connection->set_charset( 'utf8mb4' );
	return $connection;
}

function is_local( array $config ) {
	return null !== $config['socket'] || in_array( $config['host'], array( 'localhost', '127.0.0.1', '::1', '' ), true );
}

// Only an administrator can hold back writers, and sees every trigger and routine
function source_logins( array $facts, array $config, array $given ) {
	$socket = null !== $config['socket'] ? $config['socket'] : $facts['database_socket'];
	$local  = is_local( $config ) && '' !== $socket;
	$place  = $local ? array( 'socket' => $socket ) : array( 'host' => $config['host'], 'port' => $config['port'] );
	$logins = array( array( 'user' => 'root', 'password' => '' ) );
	foreach ( $local ? $facts['database_password_files'] : array() as $file ) {
		if ( is_readable( $file ) ) {
			$logins[] = array( 'user' => 'root', 'password' => trim( file_get_contents( $file ) ) );
		}
	}
	if ( '' !== $given['user'] ) {
		$logins = array( $given );
	}
	$logins[] = array( 'user' => $config['user'], 'password' => $config['password'] );
	return array_map( function ( $login ) use ( $place ) { return $login + $place; }, $logins );
}

function connect_source( array $login, $schema ) {
	$connection = mysqli_init();
	$connection->options( MYSQLI_OPT_CONNECT_TIMEOUT, 15 );
	$host = ! empty( $login['socket'] ) ? 'localhost' : $login['host'];
	$connection->real_connect( $host, $login['user'], $login['password'], $schema, isset( $login['port'] ) ? $login['port'] : 0, empty( $login['socket'] ) ? null : $login['socket'] );
	$connection->set_charset( 'utf8mb4' );
	return $connection;
}

// The old database may have died meanwhile, and what supervises it takes some seconds; without it there is no site
function revive_source( array $plan ) {
	for ( $until = microtime( true ) + PATIENCE;; sleep( 1 ) ) {
		try {
			return connect_source( $plan['login'], $plan['config']['name'] );
		} catch ( mysqli_sql_exception $error ) {
			if ( microtime( true ) > $until ) {
				throw new Refusal( "The present database {$plan['config']['name']} does not answer any more, so that the site cannot be opened on it: " . $error->getMessage() . '. Start it, then run again.' );
			}
			if ( '' !== $plan['facts']['database_service'] && ! empty( $plan['login']['socket'] ) ) {
				foreach ( $plan['facts']['commands']['database_start'] as $command ) {
					run( $command );
				}
			}
		}
	}
}

function find_source( array $facts, array $config, array $given ) {
	$opened  = false;
	$reasons = array();
	foreach ( source_logins( $facts, $config, $given ) as $login ) {
		try {
			$source = connect_source( $login, $config['name'] );
			$opened = true;
			// only an administrator may say so; it changes nothing
			$source->query( 'SET GLOBAL read_only = @@GLOBAL.read_only' );
			return array( $login, $source );
		} catch ( mysqli_sql_exception $error ) {
			$reasons[] = "{$login['user']}: " . $error->getMessage();
		}
	}
	$reasons = implode( '; ', array_unique( $reasons ) );
	throw new Refusal(
		$opened
		? "No administrator of the present database is known, and without one writers cannot be held back ($reasons); give wordpress_database_source_user and wordpress_database_source_password."
		: "The present database {$config['name']} could not be opened: $reasons"
	);
}

// ---------------------------------------------------------------- services and the site as a visitor sees it

// One of the lists of commands of the description, such as site_stop
function control( array $facts, $what ) {
	foreach ( $facts['commands'][ $what ] as $command ) {
		list( $status, $output, $errors ) = run( $command );
		if ( 0 !== $status ) {
			throw new Refusal( implode( ' ', $command ) . ' failed: ' . substr( trim( "$output $errors" ), 0, 300 ) );
		}
	}
}

function web_processes() {
	$found = 0;
	foreach ( glob( '/proc/[0-9]*/comm' ) as $file ) {
		$found += preg_match( '/^(php-fpm|httpd|apache2)/', (string) @file_get_contents( $file ) );
	}
	return $found;
}

// As the load balancer asks, in the way in which WordPress answers on this host: port 80 may redirect everything to https, and then
// with a certificate of the host's own
function visit( array $facts, $path, $header = '' ) {
	$address = ( 'https' === $facts['serves']['scheme'] ? 'ssl' : 'tcp' ) . "://127.0.0.1:{$facts['serves']['port']}";
	$context = stream_context_create( array( 'ssl' => array( 'verify_peer' => false, 'verify_peer_name' => false ) ) );
	$socket  = @stream_socket_client( $address, $number, $text, 5, STREAM_CLIENT_CONNECT, $context );
	if ( ! $socket ) {
		return array( 0, '' );
	}
	stream_set_timeout( $socket, 30 );
	$host  = '' !== $facts['home'] ? parse_url( $facts['home'], PHP_URL_HOST ) : '127.0.0.1';
	$proto = '' !== $facts['home'] ? parse_url( $facts['home'], PHP_URL_SCHEME ) : $facts['serves']['scheme'];
	fwrite( $socket, "GET $path HTTP/1.0\r\nHost: $host\r\nX-Forwarded-Proto: $proto\r\nUser-Agent: cloudpress\r\n{$header}Connection: close\r\n\r\n" );
	// a peer that ends TLS without a farewell is no failure
	$answer = (string) @stream_get_contents( $socket );
	fclose( $socket );
	return array( preg_match( '/^HTTP\/\S+ (\d+)/', $answer, $m ) ? (int) $m[1] : 0, $answer );
}

// ---------------------------------------------------------------- one run at a time

// Held until this process ends, and not handed to what it starts
function hold( $seconds = 15 ) {
	$GLOBALS['lock'] = fopen( BASE . '/move.lock', 'ce' );
	for ( $until = microtime( true ) + $seconds; ! flock( $GLOBALS['lock'], LOCK_EX | LOCK_NB ); usleep( 200000 ) ) {
		if ( microtime( true ) > $until ) {
			throw new Refusal( 'A step of another run of the move is still at work on this host; wait until it has ended, then run again.' );
		}
	}
}

// The plan of this run. A later run takes over, and then this one must not touch anything any more.
function plan( array $request ) {
	hold();
	$plan = read_json( WORK . '/plan.json' );
	if ( ! $plan || ! isset( $request['run'] ) || $plan['run'] !== $request['run'] ) {
		throw new Refusal( 'Another run has taken over the move of this host, so this one ends.' );
	}
	return $plan;
}

// ---------------------------------------------------------------- looking

function prepare( array $request ) {
	$facts  = $request['facts'];
	$target = $request['target'];
	if ( ! is_dir( BASE ) ) {
		mkdir( BASE, 0755, true );
		chmod( BASE, 0755 );
	}
	// a step whose run was killed sees only after a while that the network is gone, and until then the site is closed
	hold( 3 * PATIENCE );
	$marker = read_json( MARKER );
	$config = wp_config( $facts );
	$there  = $config['host'] === $target['host'] && $config['port'] === $target['port'] && $config['name'] === $target['schema'];
	$open   = $marker && in_array( $marker['stage'], array( 'moving', 'opened' ), true );
	if ( $there ) {
		$changed = false;
		$open    = $open && $marker['host'] === $target['host'];
		if ( ! $marker && $request['apply'] ) {
			$marker  = mark( array( 'stage' => 'done', 'host' => $target['host'], 'port' => $target['port'], 'schema' => $target['schema'] ) );
			$changed = true;
		}
		$plan = read_json( WORK . '/plan.json' );
		if ( $open && $plan && $request['apply'] ) {
			$plan['run'] = $request['run'];
			write_file( WORK . '/plan.json', json_encode( $plan ), 0600 );
		}
		return array( 'changed' => $changed, 'stage' => $open ? 'switched' : 'done', 'user' => $config['user'], 'marker' => $marker );
	}
	if ( $marker && 'done' === $marker['stage'] ) {
		throw new Refusal(
			"The database of this host was moved to {$marker['host']} before and is not moved again; wp-config.php names {$config['host']}."
			. ' If the database was restored under another name, set DB_HOST with the role wordpress_config.'
		);
	}
	try {
		return look( $request, $config, $marker );
	} catch ( Exception $refusal ) {
		// an earlier run was interrupted while the site was closed, and this one cannot go on: the site comes first
		if ( $open && $request['apply'] ) {
			restore( $facts );
			throw new Refusal( rtrim( $refusal->getMessage(), '. ' ) . '. The move that was interrupted is undone, the site runs on its old database again.' );
		}
		cleanup( array() );
		throw $refusal;
	}
}

function look( array $request, array $config, array $marker ) {
	$facts  = $request['facts'];
	$target = $request['target'];
	if ( ! is_dir( WORK ) ) {
		mkdir( WORK, 0700 );
	}
	write_file( WORK . '/ca.pem', $target['ca'], 0600 );
	$target['ca_file'] = WORK . '/ca.pem';
	list( $login, $source ) = find_source( $facts, $config, $request['login'] );
	$inventory   = inventory( $source, $config['name'] );
	$destination = connect_target( $target, $target['user'], $target['password'] );
	$known       = array_flip( array_column( rows( $destination, 'SHOW COLLATION' ), 'Collation' ) );
	inspect_target( $destination, $target, $request['application'], $marker, $inventory );
	if ( $inventory['foreign'] ) {
		throw new Refusal( 'MySQL has nothing like what is in the present database: ' . implode( '; ', $inventory['foreign'] ) . '. Change or remove it before the move.' );
	}
	see_that_views_work( $source, $inventory );
	$repaired = see_that_tables_are_whole( $source, $inventory, $request['repair_tables'], $request['apply'] );
	// what was not repaired yet cannot be read
	$readable = $request['apply'] ? $inventory['tables'] : array_values( array_diff( $inventory['tables'], array_keys( $repaired ) ) );
	see_that_rows_fit( $source, $config['name'], array( 'tables' => $readable ) + $inventory );
	$bound = $config['name'] === $target['schema'] ? array() : bound_to( $inventory['code'], $config['name'] );
	if ( $bound ) {
		throw new Refusal( "The {$bound[0]['kind']} {$bound[0]['name']} names its schema {$config['name']}; change that, or move to a schema of the same name (wordpress_database_schema)." );
	}
	$collate = '' === $config['collate'] ? '' : map_collation( $config['collate'], $known );
	if ( null === $collate ) {
		throw new Refusal( "The managed database does not know the collation {$config['collate']}, which DB_COLLATE in wp-config.php names; set DB_COLLATE to an empty string." );
	}
	$collisions = collisions( $source, $config['name'], $known, $readable );
	if ( $collisions ) {
		throw new Refusal( 'The managed database lacks a collation of the site, and in the one that takes its place there are equal values in ' . implode( ', ', $collisions ) . '; change these values or the collation first.' );
	}
	$packet = (int) variable( $destination, 'max_allowed_packet' );
	$long   = long_rows( $source, $config['name'], $packet, $readable );
	if ( $long ) {
		throw new Refusal( sprintf( 'The table %s holds a row that is longer than the managed database takes (%d bytes); set its parameter max_allowed_packet to at least %d.', key( $long ), $packet, ceil( max( $long ) / 1048576 ) * 1048576 ) );
	}
	$free = disk_free_space( WORK );
	if ( $free < 50e6 + ( $request['keep_dump'] ? 2 * $inventory['bytes'] : 0 ) ) {
		throw new Refusal( sprintf( 'The disk of the host has %d MB free, which is too little%s.', $free / 1e6, $request['keep_dump'] ? sprintf( ' to keep a dump of %d MB', $inventory['bytes'] / 1e6 ) : '' ) );
	}
	option_file(
		WORK . '/source.cnf',
		array( 'user' => $login['user'], 'password' => $login['password'] )
			+ ( empty( $login['socket'] ) ? array( 'host' => $login['host'], 'port' => (string) $login['port'], 'protocol' => 'tcp' ) : array( 'socket' => $login['socket'] ) )
	);
	$mariadb = preg_match( MARIADB, run( array( $facts['mysql_client'], '--version' ) )[1] );
	option_file(
		WORK . '/target.cnf',
		array( 'user' => $target['user'], 'password' => $target['password'], 'host' => $target['host'], 'port' => (string) $target['port'], 'protocol' => 'tcp', 'ssl-ca' => $target['ca_file'], 'connect-timeout' => '15' )
			+ ( $mariadb ? array( 'ssl-verify-server-cert' => null ) : array( 'ssl-mode' => 'VERIFY_IDENTITY' ) )
	);
	foreach ( array( 'source', 'target' ) as $side ) {
		// the import uses the client of the host, which may be older than the server
		list( $status, , $errors ) = run( array( $facts['mysql_client'], '--defaults-file=' . WORK . "/$side.cnf", '--execute=SELECT 1' ) );
		if ( 0 !== $status ) {
			throw new Refusal( "The client {$facts['mysql_client']} of the host cannot speak to the $side: $errors" );
		}
	}
	$baseline = array();
	foreach ( array( '/', '/wp-login.php' ) as $path ) {
		$baseline[ $path ] = visit( $facts, $path )[0];
	}
	unset( $inventory['code'] );
	$plan = compact( 'facts', 'target', 'config', 'login', 'inventory', 'baseline' )
		+ array( 'application' => $request['application'], 'keep_dump' => $request['keep_dump'], 'run' => $request['run'] );
	write_file( WORK . '/plan.json', json_encode( $plan ), 0600 );
	return array(
		'changed'  => false,
		'stage'    => 'fresh',
		'tables'   => count( $inventory['tables'] ),
		'bytes'    => $inventory['bytes'],
		'source'   => $inventory['version'],
		'schema'   => $config['name'],
		'baseline' => $baseline,
		'repaired' => array_values( $repaired ),
		// null where wp-config.php may stay as it is
		'collate'  => $collate === $config['collate'] ? null : $collate,
	);
}

// Parameters of the managed database without which it refuses parts of the present one. Without this one MySQL refuses triggers and
// functions of whoever is no administrator, as long as backups are on (error 1419).
function needs( array $request ) {
	$config = wp_config( $request['facts'] );
	$marker = read_json( MARKER );
	if ( $marker && isset( $marker['host'] ) && $config['host'] === $marker['host'] ) {
		return array( 'changed' => false, 'parameters' => (object) array() );
	}
	list( , $source ) = find_source( $request['facts'], $config, $request['login'] );
	$code = inventory( $source, $config['name'] )['triggers'] > 0;
	return array( 'changed' => false, 'parameters' => (object) ( $code ? array( 'log_bin_trust_function_creators' => '1' ) : array() ) );
}

// What this host has made on the target is its own to replace; all else is somebody's
function ours( array $target, array $application ) {
	return "{$target['host']}:{$target['port']}/{$target['schema']}/{$application['user']}@{$application['host']}";
}

function inspect_target( mysqli $destination, array $target, array $application, array $marker, array $inventory ) {
	$in   = quoted( $destination, $target['schema'] );
	$ours = isset( $marker['made'] ) && $marker['made'] === ours( $target, $application );
	$held = array_column( rows( $destination, "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $in AND table_type = 'BASE TABLE'" ), 'name' );
	$more = (int) cell( $destination, "SELECT (SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = $in) + (SELECT COUNT(*) FROM information_schema.events WHERE event_schema = $in) + (SELECT COUNT(*) FROM information_schema.views WHERE table_schema = $in)" );
	if ( ( $held || $more ) && ! $ours || array_diff( $held, $inventory['tables'] ) ) {
		$count = count( $held );
		throw new Refusal( "The schema {$target['schema']} on {$target['host']} already holds $count tables. Nothing is overwritten: empty it, or name another schema." );
	}
	if ( ! $ours && account_exists( $destination, $application ) ) {
		throw new Refusal( "The account {$application['user']}@{$application['host']} exists on {$target['host']} already, and somebody may be using it; name another (wordpress_database_application_user), or drop it." );
	}
	if ( $inventory['triggers'] > 0 && 'ON' === variable( $destination, 'log_bin' ) && 'ON' !== variable( $destination, 'log_bin_trust_function_creators' ) ) {
		throw new Refusal( "The site has {$inventory['triggers']} triggers or functions; set the parameter log_bin_trust_function_creators of the managed database to 1, without which it refuses them." );
	}
	if ( '1' === variable( $destination, 'lower_case_table_names' ) ) {
		$lower = array_map( 'strtolower', $inventory['tables'] );
		if ( count( array_unique( $lower ) ) < count( $lower ) ) {
			throw new Refusal( 'Two tables differ in upper and lower case only, which the managed database does not keep apart.' );
		}
	}
}

// ---------------------------------------------------------------- the text of tables and code

function dump_command( array $plan, array $options ) {
	$program = $plan['facts']['mysqldump'];
	$command = array( $program, '--defaults-file=' . WORK . '/source.cnf', '--default-character-set=utf8mb4', '--single-transaction', '--quick', '--no-tablespaces', '--max-allowed-packet=1G', '--tz-utc' );
	if ( ! preg_match( MARIADB, run( array( $program, '--version' ) )[1] ) ) {
		$options = array_merge( array( '--set-gtid-purged=OFF', '--column-statistics=0' ), $options );
	}
	return array_merge( $command, $options, array( '--', $plan['config']['name'] ) );
}

function dump_ended( $status, $tail, $errors ) {
	if ( 0 !== $status || false === strpos( $tail, '-- Dump completed' ) ) {
		throw new Refusal( 'The dump of the present database is not complete: ' . ( '' === $errors ? "it ended with exit status $status" : $errors ) );
	}
}

// Returns the adapted text of tables, code and views, and the collations that were replaced
function text_of_schema( array $plan, mysqli $destination ) {
	$known   = array_flip( array_column( rows( $destination, 'SHOW COLLATION' ), 'Collation' ) );
	$source  = connect_source( $plan['login'], $plan['config']['name'] );
	$default = array_column( rows( $source, "SHOW COLLATION WHERE `Default` = 'Yes'" ), 'Collation', 'Charset' );
	$mapping = array();
	$texts   = array();
	// three parts, so that no text is ever replaced where rows are
	foreach ( array( 'tables' => array( '--no-data', '--skip-triggers' ), 'code' => array( '--no-data', '--no-create-info', '--triggers', '--routines', '--events' ) ) as $name => $options ) {
		list( $status, $text, $errors ) = run( dump_command( $plan, $options ) );
		dump_ended( $status, substr( $text, -200 ), $errors );
		if ( preg_match( '/^-- insufficient privileges to SHOW CREATE \w+ (.*)$/m', $text, $m ) ) {
			throw new Refusal( "The account {$plan['login']['user']} may not read the routine $m[1] of the present database." );
		}
		$texts[ $name ] = rename_schema( transform_text( $text, $known, $mapping, $default ), $plan['config']['name'], $plan['target']['schema'] );
	}
	list( $texts['tables'], $texts['views'] ) = split_views( $texts['tables'] );
	$texts['views'] = rename_schema_in_views( $texts['views'], $plan['config']['name'], $plan['target']['schema'] );
	return array( $texts, $mapping, $known );
}

function make_schema( array $plan, mysqli $destination, array $known ) {
	$target      = $plan['target'];
	$application = $plan['application'];
	// again, because time has passed since the look at the target
	inspect_target( $destination, $target, $application, read_json( MARKER ), $plan['inventory'] );
	mark( array( 'made' => ours( $target, $application ) ) + read_json( MARKER ) + array( 'stage' => 'fresh' ) );
	$schema    = identifier( $target['schema'] );
	$collation = preg_match( '/^utf8mb4_/', $plan['inventory']['collation'] ) ? map_collation( $plan['inventory']['collation'], $known ) : null;
	$collation = null === $collation ? 'utf8mb4_unicode_520_ci' : $collation;
	$destination->query( "DROP DATABASE IF EXISTS $schema" );
	$destination->query( "CREATE DATABASE $schema CHARACTER SET utf8mb4 COLLATE $collation" );
	make_account( $destination, $target['schema'], $application );
}

// In a grant the name is a pattern, in which _ stands for any character, unless partial revokes are on.
function all_of( mysqli $connection, $schema ) {
	return identifier( 'ON' === variable( $connection, 'partial_revokes' ) ? $schema : addcslashes( $schema, '_%' ) ) . '.*';
}

function account_exists( mysqli $destination, array $application ) {
	return (bool) cell( $destination, 'SELECT COUNT(*) FROM mysql.user WHERE user = ' . quoted( $destination, $application['user'] ) . ' AND host = ' . quoted( $destination, $application['host'] ) );
}

function create_account( mysqli $destination, $account, $password ) {
	try {
		$destination->query( "CREATE USER $account IDENTIFIED BY $password REQUIRE SSL" );
	} catch ( mysqli_sql_exception $error ) {
		if ( ORPHANS !== $error->getCode() ) {
			throw $error;
		}
		throw new Refusal( "The account $account was dropped, and MySQL does not let an administrator of a managed database create it again while triggers, views, routines or events of it are left. Drop these and run again, then create them as $account: " . rtrim( $error->getMessage(), '.' ) . '.' );
	}
}

function make_account( mysqli $destination, $schema, array $application ) {
	$account  = quoted( $destination, $application['user'] ) . '@' . quoted( $destination, $application['host'] );
	$password = quoted( $destination, $application['password'] );
	if ( ! account_exists( $destination, $application ) ) {
		// IF NOT EXISTS is refused for an account that triggers or views name, even if it exists
		create_account( $destination, $account, $password );
	}
	$destination->query( "ALTER USER $account IDENTIFIED BY $password REQUIRE SSL" );
	$destination->query( "REVOKE ALL PRIVILEGES, GRANT OPTION FROM $account" );
	$destination->query( 'GRANT ALL PRIVILEGES ON ' . all_of( $destination, $schema ) . " TO $account" );
}

// Nothing of ours stays on a target that was not moved to. An empty schema of this name is put back.
function remove_schema( array $plan, $keep_schema = true ) {
	$target      = $plan['target'];
	$marker      = read_json( MARKER );
	if ( ! isset( $marker['made'] ) || $marker['made'] !== ours( $target, $plan['application'] ) ) {
		return;
	}
	$destination = connect_target( $target, $target['user'], $target['password'] );
	$schema      = identifier( $target['schema'] );
	$destination->query( "DROP DATABASE IF EXISTS $schema" );
	if ( $keep_schema ) {
		$destination->query( "CREATE DATABASE $schema" );
	}
	$destination->query( 'DROP USER IF EXISTS ' . quoted( $destination, $plan['application']['user'] ) . '@' . quoted( $destination, $plan['application']['host'] ) );
	unset( $marker['made'] );
	write_file( MARKER, json_encode( $marker, JSON_UNESCAPED_SLASHES ) . "\n", 0644 );
}

// As WordPress's account, so that triggers, views and routines get no more rights than it has
function connect_application( array $plan ) {
	$target     = $plan['target'];
	$connection = connect_target( $target, $plan['application']['user'], $plan['application']['password'] );
	$connection->select_db( $target['schema'] );
	$connection->query( "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0" );
	return $connection;
}

function load_text( mysqli $connection, $text ) {
	foreach ( statements( $text ) as $statement ) {
		try {
			$connection->query( $statement );
		} catch ( mysqli_sql_exception $error ) {
			$number = $error->getCode();
			$cure   = isset( CURES[ $number ] ) ? CURES[ $number ] : 'change or drop it';
			throw new Refusal( 'The managed database does not take the ' . made_by( $statement ) . ': ' . rtrim( $error->getMessage(), '.' ) . ". Before the move, $cure." );
		}
	}
}

// Everything but rows, once, while the site still runs: what MySQL does not take is refused now and by its name. It stays until
// end_rehearsal, so that the definitions can be compared.
function rehearse( array $request ) {
	$plan        = plan( $request );
	$destination = connect_target( $plan['target'], $plan['target']['user'], $plan['target']['password'] );
	list( $texts, $mapping, $known ) = text_of_schema( $plan, $destination );
	$plan['schema_was_there'] = (bool) cell( $destination, 'SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ' . quoted( $destination, $plan['target']['schema'] ) );
	write_file( WORK . '/plan.json', json_encode( $plan ), 0600 );
	make_schema( $plan, $destination, $known );
	$loader = connect_application( $plan );
	foreach ( array( 'tables', 'code', 'views' ) as $part ) {
		load_text( $loader, $texts[ $part ] );
	}
	rehearse_code( $loader );
	return array( 'changed' => false, 'doubts' => doubtful_code( $loader ), 'collations' => (object) $mapping );
}

function end_rehearsal( array $request ) {
	$plan = plan( $request );
	remove_schema( $plan, ! empty( $plan['schema_was_there'] ) );
	return array( 'changed' => false );
}

// With GTIDs the server takes code that writes to transactional tables and to others, and refuses to run it. It looks at the tables of
// triggers and functions, whoever calls whom, before it looks for rows; so statements that concern no row show it.
function rehearse_code( mysqli $loader ) {
	$probes = array();
	foreach ( rows( $loader, 'SELECT trigger_name AS name, event_manipulation AS verb, event_object_table AS t FROM information_schema.triggers WHERE trigger_schema = DATABASE()' ) as $row ) {
		$table  = identifier( $row['t'] );
		$column = identifier( cell( $loader, 'SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ' . quoted( $loader, $row['t'] ) . ' AND NOT ' . GENERATED . ' ORDER BY ordinal_position LIMIT 1' ) );
		$verbs  = array(
			'INSERT' => "INSERT INTO $table ($column) SELECT NULL FROM DUAL WHERE FALSE",
			'UPDATE' => "UPDATE $table SET $column = $column WHERE FALSE",
			'DELETE' => "DELETE FROM $table WHERE FALSE",
		);
		$probes[ "trigger {$row['name']} of table {$row['t']}" ] = $verbs[ $row['verb'] ];
	}
	foreach ( rows( $loader, "SELECT r.routine_name AS name, (SELECT COUNT(*) FROM information_schema.parameters p WHERE p.specific_schema = r.routine_schema AND p.specific_name = r.specific_name AND p.routine_type = 'FUNCTION' AND p.ordinal_position > 0) AS n FROM information_schema.routines r WHERE r.routine_schema = DATABASE() AND r.routine_type = 'FUNCTION'" ) as $row ) {
		$probes[ "function {$row['name']}" ] = 'SELECT ' . identifier( $row['name'] ) . '(' . implode( ', ', array_fill( 0, $row['n'], 'NULL' ) ) . ') FROM DUAL WHERE FALSE';
	}
	foreach ( $probes as $what => $statement ) {
		try {
			$loader->query( $statement );
		} catch ( mysqli_sql_exception $error ) {
			// all else is as it was on the old server, such as code that has lost its tables
			if ( MIXED_ENGINES === $error->getCode() ) {
				throw new Refusal( "The managed database takes the $what, but refuses to run it, since tables of different engines are written to: " . rtrim( $error->getMessage(), '.' ) . '. Change or drop it, or convert the tables to InnoDB, before the move.' );
			}
		}
	}
}

// With GTIDs the server refuses a transaction that writes to both kinds of tables. Whether a procedure does so shows only when it runs.
function doubtful_code( mysqli $loader ) {
	$tables = array_column( rows( $loader, "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND engine <> 'InnoDB'" ), 'name' );
	if ( ! $tables || 'ON' !== variable( $loader, 'enforce_gtid_consistency' ) ) {
		return array();
	}
	$names = implode( '|', array_map( function ( $name ) { return preg_quote( $name, '/' ) . '|' . preg_quote( identifier( $name ), '/' ); }, $tables ) );
	$code  = rows( $loader, "SELECT LOWER(routine_type) AS kind, routine_name AS name, routine_definition AS body FROM information_schema.routines WHERE routine_schema = DATABASE() AND routine_type = 'PROCEDURE' UNION ALL SELECT 'event', event_name, event_definition FROM information_schema.events WHERE event_schema = DATABASE()" );
	$found = array();
	foreach ( $code as $one ) {
		if ( preg_match( '/\bSTART\s+TRANSACTION\b|\bautocommit\b/i', $one['body'] ) && preg_match( "/\b(?:INTO|UPDATE|FROM)\s+(?:$names)(?![\w`$])/iu", $one['body'] ) ) {
			$found[] = "{$one['kind']} {$one['name']}";
		}
	}
	return $found;
}

// ---------------------------------------------------------------- closing the site

// Rows written so far by anyone, administrators included, whom read_only does not stop on MariaDB
function writes( mysqli $source ) {
	return array_sum( array_column( rows( $source, "SHOW GLOBAL STATUS WHERE Variable_name IN ('Handler_write', 'Handler_update', 'Handler_delete')" ), 'Value' ) );
}

function quiesce( array $request ) {
	$plan   = plan( $request );
	$facts  = $plan['facts'];
	$marker = read_json( MARKER );
	$source = connect_source( $plan['login'], $plan['config']['name'] );
	if ( wp_config( $facts ) !== $plan['config'] ) {
		throw new Refusal( 'The wp-config.php of this host was changed while the move was being prepared; run again.' );
	}
	if ( ! $marker || 'moving' !== $marker['stage'] ) {
		$marker = array( 'since' => microtime( true ), 'event_scheduler' => variable( $source, 'event_scheduler' ) );
	}
	mark(
		array( 'stage' => 'moving', 'host' => $plan['target']['host'], 'port' => $plan['target']['port'], 'schema' => $plan['target']['schema'] )
		+ array_intersect_key( $marker, array( 'since' => 1, 'event_scheduler' => 1 ) )
	);
	copy( $facts['config_path'], WORK . '/wp-config.php' );
	control( $facts, 'site_stop' );
	for ( $i = 0; web_processes() > 0; $i++ ) {
		if ( $i > 150 ) {
			throw new Refusal( 'The web server or PHP did not stop within 30 seconds.' );
		}
		usleep( 200000 );
	}
	// WordPress's account may not write from here on, wherever it comes from; it stays so, lest a forgotten host splits the site in two
	$source->query( 'SET GLOBAL read_only = ON' );
	if ( null !== variable( $source, 'super_read_only' ) ) {
		$source->query( 'SET GLOBAL super_read_only = ON' );
	}
	$last = (int) cell( $source, 'SELECT MAX(id) FROM information_schema.processlist' );
	// events run with the rights of whoever made them
	if ( 'DISABLED' !== variable( $source, 'event_scheduler' ) ) {
		$source->query( 'SET GLOBAL event_scheduler = OFF' );
	}
	// who came before may be in the middle of something; who comes now cannot write, and administrators are seen by still_quiet
	$query = "SELECT CONCAT(user, '@', host) AS client FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND id <= $last AND db = " . quoted( $source, $plan['config']['name'] );
	for ( $i = 0; $clients = rows( $source, $query ); $i++ ) {
		if ( $i > 50 ) {
			throw new Refusal( 'The present database is still in use by ' . implode( ', ', array_column( $clients, 'client' ) ) . '; stop what writes there first.' );
		}
		usleep( 200000 );
	}
	mark( array( 'writes' => writes( $source ) ) );
	return array( 'changed' => true );
}

// The last look before the switch
function confirm( array $request ) {
	still_quiet( plan( $request ) );
	return array( 'changed' => false );
}

// Nobody has written since the site was closed. Otherwise what was copied is not what is there.
function still_quiet( array $plan ) {
	$marker = read_json( MARKER );
	$source = connect_source( $plan['login'], $plan['config']['name'] );
	if ( 'OFF' === variable( $source, 'read_only' ) ) {
		throw new Refusal( 'The present database was made writable again while it was being moved.' );
	}
	if ( null === variable( $source, 'super_read_only' ) && isset( $marker['writes'] ) && writes( $source ) !== $marker['writes'] ) {
		throw new Refusal( 'An administrator wrote to the present database while it was being moved; stop what does that, and run again.' );
	}
}

// ---------------------------------------------------------------- copying

// One dump and one connection, for some of the tables. The rows of a table stay in order: out of order the server splits its pages.
// A newline stands in no value, so ");" at the end of a line ends a statement. Nothing of it is changed, and the dump must end well.
class Lane {
	public $bytes = 0;
	public $connection;
	public $busy = false;
	public $pipe;
	private $kept;
	private $process;
	private $errors;
	private $buffer = '';
	private $from   = 0;

	public function __construct( array $plan, array $tables, $kept ) {
		$options = array( '--no-create-info', '--skip-triggers', '--hex-blob', '--extended-insert', '--skip-add-locks', '--skip-disable-keys' );
		$command = array_merge( dump_command( $plan, $options ), $tables );
		$this->errors  = tmpfile();
		$this->process = proc_open( $command, array( array( 'file', '/dev/null', 'r' ), array( 'pipe', 'w' ), $this->errors ), $pipes, '/' );
		$this->pipe    = $pipes[1];
		stream_set_blocking( $this->pipe, false );
		stream_set_chunk_size( $this->pipe, 1 << 18 );
		$this->connection = connect_application( $plan );
		$this->kept       = $plan['keep_dump'] ? fopen( $kept, 'w' ) : null;
	}

	// Reads ahead by a few statements while the server works on one
	public function read() {
		if ( strlen( $this->buffer ) > 4 << 20 && false !== strpos( $this->buffer, ");\n" ) || feof( $this->pipe ) ) {
			return false;
		}
		$piece         = (string) fread( $this->pipe, 1 << 18 );
		$this->buffer .= $piece;
		$this->bytes  += strlen( $piece );
		if ( $this->kept ) {
			fwrite( $this->kept, $piece );
		}
		return '' !== $piece;
	}

	public function send() {
		$end = strpos( $this->buffer, ");\n", $this->from );
		if ( false === $end ) {
			$this->from = max( 0, strlen( $this->buffer ) - 2 );
			return false;
		}
		// what stands before the statement are comments and settings of the session, which connect_application makes
		if ( ! preg_match( '/^INSERT INTO (`(?:[^`]|``)+`)/m', $this->buffer, $m, PREG_OFFSET_CAPTURE ) || $m[0][1] > $end ) {
			throw new Refusal( 'The dump of the present database holds something else than rows.' );
		}
		$this->busy = $m[1][0];
		$statement  = substr( $this->buffer, $m[0][1], $end + 1 - $m[0][1] );
		$this->buffer = substr( $this->buffer, $end + 3 );
		$this->from   = 0;
		try {
			$this->connection->query( $statement, MYSQLI_ASYNC );
		} catch ( mysqli_sql_exception $error ) {
			$this->refuse( $error );
		}
		return true;
	}

	public function collect() {
		try {
			$this->connection->reap_async_query();
		} catch ( mysqli_sql_exception $error ) {
			$this->refuse( $error );
		}
		$this->busy = false;
	}

	public function refuse( mysqli_sql_exception $error ) {
		throw new Refusal( "The managed database does not take rows of the table {$this->busy}: " . $error->getMessage() );
	}

	public function has_ended() {
		if ( $this->busy || ! feof( $this->pipe ) || false !== strpos( $this->buffer, ");\n" ) ) {
			return false;
		}
		fclose( $this->pipe );
		$status = proc_close( $this->process );
		rewind( $this->errors );
		dump_ended( $status, $this->buffer, trim( stream_get_contents( $this->errors ) ) );
		return true;
	}
}

// The largest tables first, each to the lane that has least
function lanes( array $plan, $number ) {
	$tables = array_diff_key( $plan['inventory']['sizes'], array_flip( $plan['inventory']['by_row'] ) );
	arsort( $tables );
	$shares = array();
	$loads  = array_fill( 0, $number, 0 );
	foreach ( $tables as $table => $bytes ) {
		$lane             = array_search( min( $loads ), $loads, true );
		$loads[ $lane ]  += $bytes + 1;
		$shares[ $lane ][] = (string) $table;
	}
	$lanes = array();
	foreach ( $shares as $lane => $share ) {
		$lanes[] = new Lane( $plan, $share, WORK . "/rows-$lane.sql" );
	}
	return $lanes;
}

// From the dumps' own output to the target, without a file in between, on all lanes at once
function copy_rows( array $plan, $number ) {
	$lanes = lanes( $plan, $number );
	$total = 0;
	$last  = microtime( true );
	while ( $lanes ) {
		$moved = false;
		foreach ( $lanes as $i => $lane ) {
			$moved = $lane->read() || $moved;
			$moved = ( ! $lane->busy && $lane->send() ) || $moved;
			if ( $lane->has_ended() ) {
				$total += $lane->bytes;
				unset( $lanes[ $i ] );
			}
		}
		$busy = array();
		foreach ( $lanes as $lane ) {
			if ( $lane->busy ) {
				$busy[ $lane->connection->thread_id ] = $lane;
			}
		}
		if ( $busy ) {
			$read   = array_values( array_map( function ( $lane ) { return $lane->connection; }, $busy ) );
			$error  = $read;
			$reject = $read;
			if ( mysqli::poll( $read, $error, $reject, 0, $moved ? 0 : 5000 ) > 0 ) {
				foreach ( $read as $connection ) {
					$busy[ $connection->thread_id ]->collect();
				}
				$moved = true;
			}
		} elseif ( ! $moved ) {
			usleep( 1000 );
		}
		if ( $moved ) {
			$last = microtime( true );
		} elseif ( microtime( true ) - $last > PATIENCE ) {
			throw new Refusal( 'The managed database did not answer for ' . PATIENCE . ' seconds.' );
		}
	}
	return $total;
}

function copy_database( array $request ) {
	$plan        = plan( $request );
	$destination = connect_target( $plan['target'], $plan['target']['user'], $plan['target']['password'] );
	$start       = microtime( true );
	list( $texts, $mapping, $known ) = text_of_schema( $plan, $destination );
	make_schema( $plan, $destination, $known );
	// the same connection for all three: the text's last lines set back what its first have set
	$loader = connect_application( $plan );
	load_text( $loader, $texts['tables'] );
	$bytes = copy_rows( $plan, LANES );
	copy_by_row( $plan, $loader );
	// after the rows, so that no trigger fires
	load_text( $loader, $texts['code'] );
	load_text( $loader, $texts['views'] );
	if ( $plan['keep_dump'] ) {
		foreach ( $texts as $name => $text ) {
			write_file( WORK . "/$name.sql", $text, 0600 );
		}
	}
	return array( 'changed' => true, 'seconds' => microtime( true ) - $start, 'bytes' => $bytes, 'collations' => (object) $mapping );
}

function copy_by_row( array $plan, mysqli $loader ) {
	if ( ! $plan['inventory']['by_row'] ) {
		return;
	}
	$source = connect_source( $plan['login'], $plan['config']['name'] );
	$source->query( "SET SESSION time_zone = '+00:00', sql_mode = ''" );
	$in = quoted( $source, $plan['config']['name'] );
	foreach ( $plan['inventory']['by_row'] as $table ) {
		$columns = rows( $source, "SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_schema = $in AND table_name = " . quoted( $source, $table ) . ' AND NOT ' . GENERATED . ' ORDER BY ordinal_position' );
		$into    = 'INSERT INTO ' . identifier( $table ) . ' (' . implode( ', ', array_map( 'identifier', array_column( $columns, 'name' ) ) ) . ') VALUES ';
		$select  = array();
		$quote   = array();
		foreach ( $columns as $column ) {
			$name = identifier( $column['name'] );
			if ( preg_match( '/blob|binary|geom|point|line|polygon/', $column['type'] ) ) {
				list( $select[], $quote[] ) = array( "HEX($name)", "x'" );
			} elseif ( 'float' === $column['type'] ) {
				// as a double it is printed with all its digits
				list( $select[], $quote[] ) = array( "$name + 0e0", '' );
			} elseif ( 'bit' === $column['type'] ) {
				list( $select[], $quote[] ) = array( "$name + 0", '' );
			} else {
				list( $select[], $quote[] ) = array( $name, "'" );
			}
		}
		$result = $source->query( 'SELECT ' . implode( ', ', $select ) . ' FROM ' . identifier( $table ), MYSQLI_USE_RESULT );
		$batch  = array();
		$length = 0;
		while ( $row = $result->fetch_row() ) {
			foreach ( $row as $i => $value ) {
				$row[ $i ] = null === $value ? 'NULL' : ( "'" === $quote[ $i ] ? quoted( $source, $value ) : $quote[ $i ] . $value . ( '' === $quote[ $i ] ? '' : "'" ) );
			}
			$batch[] = '(' . implode( ', ', $row ) . ')';
			$length += strlen( end( $batch ) );
			if ( $length > 1000000 ) {
				$loader->query( $into . implode( ', ', $batch ) );
				$batch  = array();
				$length = 0;
			}
		}
		if ( $batch ) {
			$loader->query( $into . implode( ', ', $batch ) );
		}
	}
}

// ---------------------------------------------------------------- opening the site

// WordPress itself on the new database, before any visitor comes. Returns what it says of its connection.
function prove( array $facts, array $summary ) {
	$code   = '
		$request = json_decode( stream_get_contents( STDIN ), true );
		$_SERVER += array( "HTTP_HOST" => "127.0.0.1", "SERVER_NAME" => "127.0.0.1", "REQUEST_URI" => "/", "REQUEST_METHOD" => "GET" );
		define( "WP_USE_THEMES", false );
		require $request["root"] . "/wp-load.php";
		global $wpdb;
		$text = json_encode( $request["summary"] );
		delete_option( "cloudpress_moved" );
		add_option( "cloudpress_moved", $text, "", "no" );
		$read = $wpdb->get_var( "SELECT option_value FROM $wpdb->options WHERE option_name = \'cloudpress_moved\'" );
		$tls = $wpdb->get_row( "SHOW SESSION STATUS LIKE \'Ssl_cipher\'", ARRAY_N );
		echo "\x1e", json_encode( array( "written" => $read === $text, "cipher" => $tls ? $tls[1] : "", "version" => $wpdb->get_var( "SELECT VERSION()" ) ) );';
	$answer = as_web_user( $facts, $code, array( 'root' => $facts['root'], 'summary' => $summary ) );
	if ( ! $answer['written'] ) {
		throw new Refusal( 'WordPress could not write to the managed database and read it back.' );
	}
	if ( '' === $answer['cipher'] ) {
		throw new Refusal( 'The connection of WordPress to the managed database is not encrypted.' );
	}
	return $answer;
}

// The same through the web server, which may see what a command line does not: settings of a pool, branches by SAPI, a virtual host's
// variables. Visitors are still held back by the gate.
function prove_on_the_web( array $facts, array $summary, array $target, $header ) {
	$name = '/cloudpress-move-' . bin2hex( random_bytes( 8 ) ) . '.php';
	$code = '<?php
		// Part of the move of the database, removed at its end
		define( "SHORTINIT", true );
		require __DIR__ . "/wp-load.php";
		$moved = $wpdb->get_var( "SELECT option_value FROM {$table_prefix}options WHERE option_name = \'cloudpress_moved\'" );
		$tls   = $wpdb->get_row( "SHOW SESSION STATUS LIKE \'Ssl_cipher\'", ARRAY_N );
		echo "\x1e", json_encode( array( "host" => DB_HOST, "name" => DB_NAME, "moved" => json_decode( (string) $moved, true ), "cipher" => $tls ? $tls[1] : "" ) );';
	write_file( $facts['root'] . $name, $code, 0640 );
	chgrp( $facts['root'] . $name, $facts['web_group'] );
	try {
		// the web server and PHP may need some seconds after their start
		for ( $i = 0, $status = 0; $i < 100 && in_array( $status, array( 0, 502, 503, 504 ), true ); $i++ ) {
			usleep( $i > 0 ? 300000 : 0 );
			list( $status, $text ) = visit( $facts, $name, $header );
		}
	} finally {
		unlink( $facts['root'] . $name );
	}
	$at     = strrpos( $text, "\x1e" );
	$answer = false === $at ? null : json_decode( substr( $text, $at + 1 ), true );
	if ( null === $answer ) {
		$words = substr( trim( preg_replace( '/\s+/', ' ', strip_tags( preg_replace( '/^.*?\r\n\r\n|<(style|script)\b.*?<\/\1>/is', '', $text ) ) ) ), 0, 300 );
		throw new Refusal( "Through the web server WordPress does not reach the managed database (status $status" . ( '' === $words ? '' : ": $words" ) . ').' );
	}
	// an older database may have the mark of an earlier move
	if ( ! isset( $answer['moved']['time'] ) || $answer['moved']['time'] !== $summary['time'] ) {
		throw new Refusal( "Through the web server WordPress uses the database {$answer['name']} on {$answer['host']}, and on the command line {$target['schema']} on {$target['host']}. Something sets DB_HOST for the web only, such as a condition on PHP_SAPI, auto_prepend_file or a variable of the virtual host; remove it." );
	}
	if ( '' === $answer['cipher'] ) {
		throw new Refusal( "Through the web server the connection of WordPress to the managed database is not encrypted. Something sets MYSQL_CLIENT_FLAGS for the web only; remove it." );
	}
}

// As visitors see it
function pages_answer( array $facts, array $plan, $header = '' ) {
	foreach ( array( '/', '/wp-login.php' ) as $path ) {
		$usual = isset( $plan['baseline'][ $path ] ) ? $plan['baseline'][ $path ] : 0;
		for ( $i = 0; $i < 100; $i++ ) {
			list( $status, $text ) = visit( $facts, $path, $header );
			if ( 200 === $status || ( $status > 0 && $status < 500 && $status === $usual ) ) {
				continue 2;
			}
			usleep( 300000 );
		}
		throw new Refusal( "After the move the site answers $path with status $status." );
	}
}

// ---------------------------------------------------------------- the gate: the web server runs, and answers nobody but us

function gate_file( array $facts ) {
	$directory = $facts['web_server']['drop_in_dir'];
	return ( '' === $directory ? BASE : $directory ) . '/zz-cloudpress-move.conf';
}

// A web server without a directory for such files reads it by a line at the end of its own file
function include_gate( array $facts, $wanted ) {
	$line = "\nInclude \"" . gate_file( $facts ) . "\"\n";
	foreach ( '' === $facts['web_server']['drop_in_dir'] ? $facts['web_server']['includes'] : array() as $file ) {
		$present = file_get_contents( $file );
		$text    = str_replace( $line, '', $present ) . ( $wanted ? $line : '' );
		if ( $text !== $present ) {
			write_file( $file, $text, fileperms( $file ) & 07777 );
		}
	}
}

// Returns the header that is let through. Everybody else, the load balancer included, gets 503.
function close_gate( array $facts ) {
	$secret = bin2hex( random_bytes( 16 ) );
	write_file(
		gate_file( $facts ),
		"# Part of the move of the database, removed at its end\n<If \"%{HTTP:X-CloudPress-Move} != '$secret'\">\n    Redirect 503 /\n</If>\n<Else>\n    Require all granted\n</Else>\n",
		0600
	);
	include_gate( $facts, true );
	control( $facts, 'web_server_test' );
	return "X-CloudPress-Move: $secret\r\n";
}

// Leaves nothing of the gate on the disk; a web server that runs has to read its files again
function remove_gate( array $facts ) {
	include_gate( $facts, false );
	foreach ( array_merge( array( gate_file( $facts ) ), glob( $facts['root'] . '/cloudpress-move-*.php' ) ) as $file ) {
		if ( file_exists( $file ) ) {
			unlink( $file );
		}
	}
}

function finish( array $request ) {
	$facts  = $request['facts'];
	$plan   = plan( $request );
	$marker = read_json( MARKER );
	if ( ! $request['summary'] ) {
		// a run that was interrupted after the switch has compared, but its numbers are lost
		$request['summary'] = array( 'tables' => count( $plan['inventory']['tables'] ), 'bytes' => $plan['inventory']['bytes'] );
	}
	if ( 'opened' !== $marker['stage'] ) {
		still_quiet( $plan );
	}
	try {
		$summary = array( 'time' => gmdate( 'c' ), 'host' => $request['target']['host'] ) + $request['summary'];
		$answer  = prove( $facts, $summary );
		if ( 'opened' !== $marker['stage'] ) {
			// a run that was interrupted here has left the web server with a gate whose key is lost
			control( $facts, 'site_stop' );
			$header = close_gate( $facts );
			control( $facts, 'site_start' );
			prove_on_the_web( $facts, $summary, $request['target'], $header );
			pages_answer( $facts, $plan, $header );
			// visitors may write from here on: going back would lose that
			$marker = mark( array( 'stage' => 'opened' ) );
		}
		remove_gate( $facts );
		control( $facts, 'site_start' );
		control( $facts, 'web_server_reload' );
		pages_answer( $facts, $plan );
		$outage = isset( $marker['since'] ) ? round( microtime( true ) - $marker['since'], 1 ) : null;
		$events = connect_application( $plan );
		foreach ( $plan['inventory']['events'] as $event ) {
			$events->query( 'ALTER EVENT ' . identifier( $event ) . ' ENABLE' );
		}
	} catch ( Exception $error ) {
		// no failure of the step: whether visitors have come already decides what is to be done
		return array( 'failure' => rtrim( $error->getMessage(), '. ' ) . '.', 'opened' => 'opened' === $marker['stage'] );
	}
	stay_read_only( $plan );
	$marker     = mark( array( 'stage' => 'done', 'moved_at' => gmdate( 'c' ), 'outage_seconds' => $outage ) + $request['summary'] );
	cleanup( array( 'keep_dump' => $plan['keep_dump'] ) );
	return array( 'changed' => true, 'opened' => true, 'marker' => $marker, 'outage_seconds' => $outage, 'cipher' => $answer['cipher'], 'version' => $answer['version'] );
}

// The old database is read-only already; this keeps it so when it is started again. MariaDB, and MySQL 5.7, keep no settings: their
// file does, see tasks/old_database.yml.
function stay_read_only( array $plan ) {
	if ( preg_match( MARIADB, $plan['inventory']['version'] ) ) {
		return;
	}
	try {
		connect_source( $plan['login'], $plan['config']['name'] )->query( 'SET PERSIST super_read_only = ON' );
	} catch ( mysqli_sql_exception $error ) {
		// MySQL 5.7
	}
}

// Back to where it was. Only before the first visitor has come to the new database.
function rollback( array $request ) {
	plan( $request );
	$marker = read_json( MARKER );
	if ( $marker && 'opened' === $marker['stage'] ) {
		throw new Refusal( 'The site was open on the managed database already, so it is not turned back; run again once that database answers.' );
	}
	return restore( $request['facts'] );
}

function restore( array $facts ) {
	$plan   = read_json( WORK . '/plan.json' );
	$marker = read_json( MARKER );
	$path   = $facts['config_path'];
	$saved  = WORK . '/wp-config.php';
	// first of all room, should the disk be full
	array_map( 'unlink', glob( WORK . '/*.sql' ) );
	if ( file_exists( gate_file( $facts ) ) ) {
		// the web server runs with it, and PHP may keep the code of wp-config.php that is to go
		control( $facts, 'site_stop' );
	}
	remove_gate( $facts );
	if ( is_readable( $saved ) && file_get_contents( $saved ) !== file_get_contents( $path ) ) {
		$status    = stat( $path );
		$temporary = dirname( $path ) . '/.wp-config.rollback.php';
		copy( $saved, $temporary );
		chown( $temporary, $status['uid'] );
		chgrp( $temporary, $status['gid'] );
		chmod( $temporary, $status['mode'] & 07777 );
		rename( $temporary, $path );
	}
	if ( $plan ) {
		$source = revive_source( $plan );
		$source->query( 'SET GLOBAL read_only = OFF' );
		if ( isset( $marker['event_scheduler'] ) && 'ON' === $marker['event_scheduler'] ) {
			$source->query( 'SET GLOBAL event_scheduler = ON' );
		}
	}
	control( $facts, 'site_start' );
	if ( $plan ) {
		try {
			remove_schema( $plan );
		} catch ( Exception $error ) {
			// the next run replaces it
		}
	}
	cleanup( array() );
	try {
		mark( array( 'stage' => 'rolled_back' ) );
	} catch ( Exception $error ) {
		// a full disk; the site is what counts, and the next run finds out by itself
	}
	return array( 'changed' => true );
}

function cleanup( array $request ) {
	foreach ( glob( WORK . '/*' ) as $file ) {
		if ( ! empty( $request['keep_dump'] ) && '.sql' === substr( $file, -4 ) ) {
			continue;
		}
		unlink( $file );
	}
	@rmdir( WORK );
	return array( 'changed' => false );
}

// ---------------------------------------------------------------- long after the move

// What makes WordPress's account another one than the move made; as that account sees it, so no administrator is needed. Returns kind and words.
function problem_of_account( array $target, array $config ) {
	try {
		$connection = connect_target( $target, $config['user'], $config['password'] );
	} catch ( Refusal $refusal ) {
		if ( ACCESS_DENIED === $refusal->getCode() ) {
			return array( 'denied', "{$target['host']} does not let in the account {$config['user']} with the password in wp-config.php." );
		}
		throw $refusal;
	}
	$rights = array();
	foreach ( $connection->query( 'SHOW GRANTS' )->fetch_all() as $row ) {
		$rights[] = preg_replace( '/^GRANT (.*) TO .*?$/', '$1', $row[0] ) . ( false === strpos( $row[0], 'WITH GRANT OPTION' ) ? '' : ' WITH GRANT OPTION' );
	}
	$wanted = array( 'USAGE ON *.*', 'ALL PRIVILEGES ON ' . all_of( $connection, $target['schema'] ) );
	if ( array_diff( $rights, $wanted ) || array_diff( $wanted, $rights ) ) {
		return array( 'rights', "The account {$config['user']} on {$target['host']} has other rights than the schema {$target['schema']}: " . implode( '; ', $rights ) . '.' );
	}
	if ( false === strpos( cell( $connection, 'SHOW CREATE USER CURRENT_USER()' ), ' REQUIRE SSL' ) ) {
		return array( 'rights', "The account {$config['user']} on {$target['host']} may connect without TLS." );
	}
	return array( '', '' );
}

// The account, as the move left it. Only who gives an administrator's password has it mended.
function account( array $request ) {
	$facts   = $request['facts'];
	$target  = $request['target'] + array( 'ca_file' => BASE . '/database-ca.pem' );
	$config  = wp_config( $facts );
	$changed = false;
	if ( ! is_readable( $target['ca_file'] ) ) {
		return array( 'changed' => false, 'kind' => '', 'problem' => '' );
	}
	list( $kind, $problem ) = problem_of_account( $target, $config );
	if ( '' !== $kind && '' !== $target['password'] && $request['apply'] ) {
		$application = array( 'user' => $config['user'], 'password' => $config['password'], 'host' => $request['application_host'] );
		make_account( connect_target( $target, $target['user'], $target['password'] ), $target['schema'], $application );
		list( $kind, $problem ) = problem_of_account( $target, $config );
		if ( '' !== $kind ) {
			throw new Refusal( "$problem It was made anew, and is still so: look at its roles and proxies." );
		}
		$changed = true;
	}
	return array( 'changed' => $changed, 'kind' => $kind, 'problem' => $problem );
}
