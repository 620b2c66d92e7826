<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The steps of the move that happen on the host, as root: php -r ... ACTION CODE_OF_EVALUATE_PHP, with a JSON request on stdin.
// Prints one line of JSON. A failure is {"error": "one sentence"} and exit status 1. Secrets come through stdin and live in files of
// mode 600 below BASE/move, which is removed at the end.

const BASE   = '/opt/bitnami/cloudpress';
const WORK   = BASE . '/move';
const MARKER = BASE . '/database.json';
// MariaDB says so in its version, MySQL does not
const MARIADB = '/MariaDB/i';

class Refusal extends Exception {}

umask( 077 );
mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );
ini_set( 'display_errors', 'stderr' );

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
		$words = trim( html_entity_decode( strip_tags( $output ) ) . ' ' . $errors );
		throw new Refusal( 'WordPress could not be run: ' . substr( '' === $words ? "exit status $status" : $words, 0, 600 ) );
	}
	return $answer;
}

function wp_config( array $facts ) {
	$code = $GLOBALS['evaluate'] . '
		error_reporting( 0 );
		$request = json_decode( stream_get_contents( STDIN ), true );
		cloudpress_evaluate( $request["root"], array( "HTTP_HOST" => "127.0.0.1", "REQUEST_URI" => "/" ) );
		echo "\x1e", json_encode( array( "name" => DB_NAME, "user" => DB_USER, "password" => DB_PASSWORD ) + cloudpress_database_host( DB_HOST ) );';
	return as_web_user( $facts, $code, array( 'root' => $facts['root'] ) );
}

function read_json( $path ) {
	return is_readable( $path ) ? (array) json_decode( file_get_contents( $path ), true ) : array();
}

function write_file( $path, $text, $mode ) {
	$temporary = "$path.new";
	file_put_contents( $temporary, $text );
	chmod( $temporary, $mode );
	rename( $temporary, $path );
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

function rows( mysqli $connection, $query ) {
	return $connection->query( $query )->fetch_all( MYSQLI_ASSOC );
}

function cell( mysqli $connection, $query ) {
	$row = $connection->query( $query )->fetch_row();
	return $row ? $row[0] : null;
}

function variable( mysqli $connection, $name ) {
	$row = $connection->query( "SHOW GLOBAL VARIABLES LIKE '$name'" )->fetch_row();
	return $row ? $row[1] : null;
}

function identifier( $name ) {
	return '`' . str_replace( '`', '``', $name ) . '`';
}

function plan() {
	$plan = read_json( WORK . '/plan.json' );
	if ( ! $plan ) {
		throw new Refusal( 'The move was interrupted; run again, it starts over where that is safe.' );
	}
	return $plan;
}

// ---------------------------------------------------------------- connections

function connect_target( array $target, $user, $password ) {
	$connection = mysqli_init();
	$connection->options( MYSQLI_OPT_CONNECT_TIMEOUT, 15 );
	$connection->ssl_set( null, null, $target['ca_file'], null, null );
	try {
		$connection->real_connect( $target['host'], $user, $password, null, $target['port'], null, MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT );
	} catch ( mysqli_sql_exception $error ) {
		throw new Refusal( "The database {$target['host']}:{$target['port']} could not be reached over verified TLS as $user: " . $error->getMessage() . '.' );
	}
	$connection->set_charset( 'utf8mb4' );
	return $connection;
}

function is_local( array $config ) {
	return null !== $config['socket'] || in_array( $config['host'], array( 'localhost', '127.0.0.1', '::1', '' ), true );
}

// An administrator sees every trigger and routine and can hold back writers. Failing that, WordPress's own account must do.
function source_logins( array $facts, array $config ) {
	$logins = array();
	$socket = null !== $config['socket'] ? $config['socket'] : $facts['database_socket'];
	if ( is_local( $config ) && '' !== $socket ) {
		$logins[] = array( 'user' => 'root', 'password' => '', 'socket' => $socket, 'admin' => true );
		foreach ( array( '/home/bitnami/bitnami_application_password', '/root/bitnami_application_password' ) as $file ) {
			if ( is_readable( $file ) ) {
				$logins[] = array( 'user' => 'root', 'password' => trim( file_get_contents( $file ) ), 'socket' => $socket, 'admin' => true );
			}
		}
	}
	$logins[] = array( 'user' => $config['user'], 'password' => $config['password'], 'socket' => $config['socket'], 'host' => $config['host'], 'port' => $config['port'], 'admin' => false );
	return $logins;
}

function connect_source( array $login, $schema ) {
	$connection = mysqli_init();
	$connection->options( MYSQLI_OPT_CONNECT_TIMEOUT, 15 );
	$host = ! empty( $login['socket'] ) ? 'localhost' : $login['host'];
	$connection->real_connect( $host, $login['user'], $login['password'], $schema, isset( $login['port'] ) ? $login['port'] : 0, empty( $login['socket'] ) ? null : $login['socket'] );
	$connection->set_charset( 'utf8mb4' );
	return $connection;
}

function find_source( array $facts, array $config ) {
	$reason = '';
	foreach ( source_logins( $facts, $config ) as $login ) {
		try {
			return array( $login, connect_source( $login, $config['name'] ) );
		} catch ( mysqli_sql_exception $error ) {
			$reason = $error->getMessage();
		}
	}
	throw new Refusal( "The present database {$config['name']} could not be opened with the account in wp-config.php: $reason." );
}

// ---------------------------------------------------------------- TLS of PHP

// WordPress core cannot name a CA; PHP takes it from openssl.cafile. The file holds the system's roots too, because it serves all of PHP.
function install_tls( array $facts, $authority ) {
	$changed = false;
	$bundle  = BASE . '/ca-bundle.pem';
	$present = ini_get( 'openssl.cafile' );
	$roots   = '/etc/ssl/certs/ca-certificates.crt';
	if ( $present && $present !== $bundle && is_readable( $present ) ) {
		$roots = $present;
	} elseif ( ! is_readable( $roots ) ) {
		$roots = openssl_get_cert_locations()['default_cert_file'];
	}
	$system = is_readable( $roots ) ? file_get_contents( $roots ) : '';
	$wanted = array(
		BASE . '/database-ca.pem' => rtrim( $authority ) . "\n",
		$bundle                   => rtrim( $system ) . "\n" . rtrim( $authority ) . "\n",
	);
	if ( '' !== $facts['php_ini_dir'] ) {
		$wanted[ $facts['php_ini_dir'] . '/zz-cloudpress.ini' ] = "; the system's roots and the database's, see the role wordpress_database\nopenssl.cafile = $bundle\n";
	} else {
		$text = file_get_contents( $facts['php_ini'] );
		$line = "openssl.cafile = $bundle";
		$new  = preg_replace( '/^\s*openssl\.cafile\s*=.*$/m', $line, $text, -1, $count );
		$wanted[ $facts['php_ini'] ] = $count ? $new : rtrim( $text ) . "\n\n[openssl]\n$line\n";
	}
	foreach ( $wanted as $path => $text ) {
		if ( ! is_readable( $path ) || file_get_contents( $path ) !== $text ) {
			write_file( $path, $text, 0644 );
			$changed = true;
		}
	}
	return $changed;
}

// ---------------------------------------------------------------- services and the site as a visitor sees it

function control( array $facts, $verb, $service ) {
	list( $status, $output, $errors ) = run( array( $facts['service_control'], $verb, $service ) );
	if ( 0 !== $status ) {
		throw new Refusal( "ctlscript.sh could not $verb $service: " . substr( trim( "$output $errors" ), 0, 300 ) );
	}
}

function web_processes() {
	$found = 0;
	foreach ( glob( '/proc/[0-9]*/comm' ) as $file ) {
		$found += preg_match( '/^(php-fpm|httpd|apache2)/', (string) @file_get_contents( $file ) );
	}
	return $found;
}

function visit( array $facts, $path ) {
	$socket = @fsockopen( '127.0.0.1', 80, $number, $text, 5 );
	if ( ! $socket ) {
		return array( 0, '' );
	}
	stream_set_timeout( $socket, 30 );
	$host  = '' !== $facts['home'] ? parse_url( $facts['home'], PHP_URL_HOST ) : '127.0.0.1';
	$proto = '' !== $facts['home'] ? parse_url( $facts['home'], PHP_URL_SCHEME ) : 'http';
	fwrite( $socket, "GET $path HTTP/1.0\r\nHost: $host\r\nX-Forwarded-Proto: $proto\r\nUser-Agent: cloudpress\r\nConnection: close\r\n\r\n" );
	$answer = stream_get_contents( $socket );
	fclose( $socket );
	return array( preg_match( '/^HTTP\/\S+ (\d+)/', $answer, $m ) ? (int) $m[1] : 0, $answer );
}

// ---------------------------------------------------------------- the steps

function prepare( array $request ) {
	$facts  = $request['facts'];
	$target = $request['target'];
	$marker = read_json( MARKER );
	$config = wp_config( $facts );
	$there  = $config['host'] === $target['host'] && $config['port'] === $target['port'] && $config['name'] === $target['schema'];
	if ( ! is_dir( BASE ) ) {
		mkdir( BASE, 0755, true );
		chmod( BASE, 0755 );
	}
	$changed = $request['apply'] ? install_tls( $facts, $target['ca'] ) : false;
	if ( $there ) {
		$open = $marker && 'moving' === $marker['stage'] && $marker['host'] === $target['host'];
		if ( $changed && ! $open ) {
			control( $facts, 'restart', 'php-fpm' );
		}
		if ( ! $marker && $request['apply'] ) {
			$marker  = mark( array( 'stage' => 'done', 'host' => $target['host'], 'port' => $target['port'], 'schema' => $target['schema'] ) );
			$changed = true;
		}
		return array( 'changed' => $changed, 'stage' => $open ? 'switched' : 'done', 'user' => $config['user'], 'marker' => $marker );
	}
	if ( $marker && 'done' === $marker['stage'] ) {
		throw new Refusal(
			"The database of this host was moved to {$marker['host']} before and is not moved again; wp-config.php names {$config['host']}."
			. ' If the database was restored under another name, set DB_HOST with the role wordpress_config.'
		);
	}
	if ( ! is_dir( WORK ) ) {
		mkdir( WORK, 0700 );
	}
	write_file( WORK . '/ca.pem', $target['ca'], 0600 );
	$target['ca_file'] = WORK . '/ca.pem';
	list( $login, $source ) = find_source( $facts, $config );
	$inventory   = inventory( $source, $config['name'] );
	$destination = connect_target( $target, $target['user'], $target['password'] );
	inspect_target( $destination, $target, $marker, $inventory );
	$free = disk_free_space( WORK );
	if ( $free < 2 * $inventory['bytes'] + 50e6 ) {
		throw new Refusal( sprintf( 'The dump of %d MB needs twice that on the disk of the host, where %d MB are free.', $inventory['bytes'] / 1e6, $free / 1e6 ) );
	}
	$baseline = array();
	foreach ( array( '/', '/wp-login.php' ) as $path ) {
		$baseline[ $path ] = visit( $facts, $path )[0];
	}
	option_file(
		WORK . '/source.cnf',
		array( 'user' => $login['user'], 'password' => $login['password'] )
			+ ( empty( $login['socket'] ) ? array( 'host' => $login['host'], 'port' => (string) $login['port'], 'protocol' => 'tcp' ) : array( 'socket' => $login['socket'] ) )
	);
	$mariadb = preg_match( MARIADB, run( array( $facts['mysql_client'], '--version' ) )[1] );
	option_file(
		WORK . '/target.cnf',
		array( 'user' => $target['user'], 'password' => $target['password'], 'host' => $target['host'], 'port' => (string) $target['port'], 'protocol' => 'tcp', 'ssl-ca' => $target['ca_file'] )
			+ ( $mariadb ? array( 'ssl-verify-server-cert' => null ) : array( 'ssl-mode' => 'VERIFY_IDENTITY' ) )
	);
	write_file( WORK . '/plan.json', json_encode( compact( 'facts', 'target', 'config', 'login', 'inventory', 'baseline' ) + array( 'application' => $request['application'] ) ), 0600 );
	return array(
		'changed'  => $changed,
		'stage'    => 'fresh',
		'tables'   => count( $inventory['tables'] ),
		'bytes'    => $inventory['bytes'],
		'source'   => $inventory['version'],
		'schema'   => $config['name'],
		'admin'    => $login['admin'],
		'baseline' => $baseline,
	);
}

function inventory( mysqli $source, $schema ) {
	$quoted = "'" . $source->real_escape_string( $schema ) . "'";
	$tables = rows( $source, "SELECT table_name AS name, engine, table_collation AS collation, IFNULL(data_length + index_length, 0) AS bytes, table_type AS type FROM information_schema.tables WHERE table_schema = $quoted" );
	foreach ( $tables as $table ) {
		if ( in_array( $table['type'], array( 'SEQUENCE', 'SYSTEM VERSIONED', 'TEMPORARY SEQUENCE' ), true ) ) {
			throw new Refusal( "{$table['name']} is of type {$table['type']}, which MySQL does not have; it must be removed or replaced before the move." );
		}
	}
	$columns = rows( $source, "SELECT table_name AS t, column_name AS c, data_type AS d FROM information_schema.columns WHERE table_schema = $quoted AND data_type IN ('uuid', 'inet4', 'inet6', 'vector', 'xmltype')" );
	if ( $columns ) {
		$column = $columns[0];
		throw new Refusal( "Column {$column['c']} of table {$column['t']} is of type {$column['d']}, which MySQL does not have; it must be changed before the move." );
	}
	$base = array_values( array_filter( $tables, function ( $table ) { return 'BASE TABLE' === $table['type']; } ) );
	if ( ! $base ) {
		throw new Refusal( "The present database $schema holds no table, so there is nothing to move." );
	}
	$generated = "extra REGEXP '(STORED|VIRTUAL|PERSISTENT) GENERATED'";
	return array(
		'tables'    => array_column( $base, 'name' ),
		// MariaDB's dump holds the values of generated columns, which MySQL refuses to load
		'generated' => array_column( rows( $source, "SELECT DISTINCT table_name AS name FROM information_schema.columns WHERE table_schema = $quoted AND $generated" ), 'name' ),
		'bytes'     => (int) array_sum( array_column( $base, 'bytes' ) ),
		'version'   => cell( $source, 'SELECT VERSION()' ),
		'collation' => cell( $source, "SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = $quoted" ),
		'triggers'  => (int) cell( $source, "SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = $quoted" ),
		'functions' => (int) cell( $source, "SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = $quoted AND routine_type = 'FUNCTION'" ),
	);
}

function inspect_target( mysqli $destination, array $target, array $marker, array $inventory ) {
	$quoted = "'" . $destination->real_escape_string( $target['schema'] ) . "'";
	$held   = (int) cell( $destination, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = $quoted" );
	// what an interrupted move of this host left there may be replaced; anything else is somebody's
	$ours = $marker && in_array( $marker['stage'], array( 'moving', 'rolled_back' ), true ) && $marker['host'] === $target['host'] && $marker['schema'] === $target['schema'];
	if ( $held > 0 && ! $ours ) {
		throw new Refusal( "The schema {$target['schema']} on {$target['host']} already holds $held tables. Nothing is overwritten: empty it, or name another schema." );
	}
	$code = $inventory['triggers'] + $inventory['functions'];
	if ( $code > 0 && 'ON' === variable( $destination, 'log_bin' ) && 'ON' !== variable( $destination, 'log_bin_trust_function_creators' ) ) {
		throw new Refusal( "The site has $code triggers or functions; set the parameter log_bin_trust_function_creators of the managed database to 1, without which it refuses them." );
	}
	if ( '1' === variable( $destination, 'lower_case_table_names' ) ) {
		$lower = array_map( 'strtolower', $inventory['tables'] );
		if ( count( array_unique( $lower ) ) < count( $lower ) ) {
			throw new Refusal( 'Two tables differ in upper and lower case only, which the managed database does not keep apart.' );
		}
	}
}

function quiesce() {
	$plan  = plan();
	$facts = $plan['facts'];
	$stage = read_json( MARKER );
	$since = isset( $stage['stage'], $stage['since'] ) && 'moving' === $stage['stage'] ? $stage['since'] : microtime( true );
	mark( array( 'stage' => 'moving', 'host' => $plan['target']['host'], 'port' => $plan['target']['port'], 'schema' => $plan['target']['schema'], 'since' => $since ) );
	control( $facts, 'stop', 'apache' );
	control( $facts, 'stop', 'php-fpm' );
	for ( $i = 0; web_processes() > 0; $i++ ) {
		if ( $i > 150 ) {
			throw new Refusal( 'Apache or PHP did not stop within 30 seconds.' );
		}
		usleep( 200000 );
	}
	$held = false;
	if ( $plan['login']['admin'] ) {
		$source = connect_source( $plan['login'], $plan['config']['name'] );
		// WordPress's account may not write from here on, wherever it comes from; it stays so, lest a forgotten host splits the site in two
		$source->query( 'SET GLOBAL read_only = ON' );
		$held  = true;
		$query = "SELECT CONCAT(user, '@', host) AS client FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND db = '" . $source->real_escape_string( $plan['config']['name'] ) . "'";
		for ( $i = 0; $clients = rows( $source, $query ); $i++ ) {
			if ( $i > 50 ) {
				throw new Refusal( 'The present database is still in use by ' . implode( ', ', array_column( $clients, 'client' ) ) . '; stop what writes there first.' );
			}
			usleep( 200000 );
		}
	}
	return array( 'changed' => true, 'read_only' => $held );
}

function dump() {
	$plan    = plan();
	$program = $plan['facts']['mysqldump'];
	$mariadb = preg_match( MARIADB, run( array( $program, '--version' ) )[1] );
	$common  = array( $program, '--defaults-file=' . WORK . '/source.cnf', '--default-character-set=utf8mb4', '--single-transaction', '--quick', '--no-tablespaces', '--max-allowed-packet=1G', '--tz-utc' );
	if ( ! $mariadb ) {
		$common = array_merge( $common, array( '--set-gtid-purged=OFF', '--column-statistics=0' ) );
	}
	// three files, so that no text is ever replaced where rows are
	$files = array(
		'schema' => array( '--no-data', '--skip-triggers' ),
		'data'   => array( '--no-create-info', '--skip-triggers', '--hex-blob', '--extended-insert', '--no-autocommit' ),
		'code'   => array( '--no-data', '--no-create-info', '--triggers', '--routines', '--events' ),
	);
	foreach ( $plan['inventory']['generated'] as $table ) {
		$files['data'][] = "--ignore-table={$plan['config']['name']}.$table";
	}
	$start = microtime( true );
	foreach ( $files as $name => $options ) {
		$path = WORK . "/$name.sql";
		list( $status, , $errors ) = run( array_merge( $common, $options, array( $plan['config']['name'] ) ), null, $path );
		if ( 0 !== $status ) {
			throw new Refusal( "The dump of the present database failed: $errors" );
		}
		$file = fopen( $path, 'r' );
		fseek( $file, -min( 200, filesize( $path ) ), SEEK_END );
		if ( false === strpos( fread( $file, 200 ), '-- Dump completed' ) ) {
			throw new Refusal( "The dump of the present database ($name) is not complete." );
		}
		fclose( $file );
	}
	return array( 'changed' => true, 'seconds' => microtime( true ) - $start, 'bytes' => filesize( WORK . '/data.sql' ) );
}

function map_collation( $name, array $known ) {
	$candidates = array( $name );
	if ( preg_match( '/^(?:(utf8mb4|utf8mb3|utf8|utf16|utf32|ucs2)_)?uca1400_.*?(as_cs)?$/', $name, $m ) ) {
		$charset = isset( $m[1] ) && '' !== $m[1] ? $m[1] : 'utf8mb4';
		if ( isset( $m[2] ) ) {
			$candidates[] = "{$charset}_0900_as_cs";
		}
		// the one that WordPress itself chooses
		$candidates[] = "{$charset}_unicode_520_ci";
		$candidates[] = "{$charset}_0900_ai_ci";
	}
	$candidates[] = str_replace( 'nopad_', '', $name );
	foreach ( $candidates as $candidate ) {
		foreach ( array( $candidate, str_replace( 'utf8mb3_', 'utf8_', $candidate ), preg_replace( '/^utf8_/', 'utf8mb3_', $candidate ) ) as $spelling ) {
			if ( isset( $known[ $spelling ] ) ) {
				return $spelling;
			}
		}
	}
	return null;
}

function transform_text( $text, array $known ) {
	$text = preg_replace( '/\A\/\*M?!999999\\\\- enable the sandbox mode \*\/\s*\n/', '', $text );
	// whoever imports becomes the definer; the old ones do not exist on the target
	$account = '(?:`(?:[^`]|``)*`|\'[^\']*\'|[\w%.-]+)';
	$text    = preg_replace_callback(
		'/^(?:CREATE|\/\*![0-9]{5}).*$/m',
		function ( $line ) use ( $account ) {
			$line = preg_replace( "/\bDEFINER=$account@$account ?/", '', $line[0] );
			return preg_replace( '/\/\*![0-9]{5,6} *\*\/ ?/', '', $line );
		},
		$text
	);
	$text = preg_replace_callback(
		'/^(\/\*![0-9]{5} SET sql_mode\s*=\s*\')([^\']*)(\')/m',
		function ( $m ) {
			return $m[1] . implode( ',', array_diff( explode( ',', $m[2] ), array( 'NO_AUTO_CREATE_USER', '' ) ) ) . $m[3];
		},
		$text
	);
	$text = preg_replace_callback(
		'/^\) ENGINE=.*$/m',
		function ( $line ) {
			$line = preg_replace( '/ENGINE=(?:Aria|MyISAM)\b/', 'ENGINE=InnoDB', $line[0] );
			return preg_replace( '/ (?:PAGE_CHECKSUM|TRANSACTIONAL)=\d+| `?PAGE_COMPRESSED`?=\'?\w+\'?| ROW_FORMAT=(?:FIXED|PAGE)/', '', $line );
		},
		$text
	);
	// MySQL takes a default for text only as an expression
	$text    = preg_replace( '/^(  `(?:[^`]|``)+` (?:tiny|medium|long)?(?:text|blob)\b.*? DEFAULT )(\'(?:[^\'\\\\]|\'\'|\\\\.)*\')/m', '$1($2)', $text );
	$unknown = array();
	$text    = preg_replace_callback(
		'/(\bCOLLATE[ =]|\bcollation_connection\s*=\s*|\bSET NAMES \w+ COLLATE )(\w+)/i',
		function ( $m ) use ( $known, &$unknown ) {
			$mapped = '@' === $m[2][0] ? $m[2] : map_collation( $m[2], $known );
			if ( null === $mapped ) {
				$unknown[ $m[2] ] = true;
				return $m[0];
			}
			return $m[1] . $mapped;
		},
		$text
	);
	if ( $unknown ) {
		throw new Refusal( 'The managed database does not know the collation ' . implode( ', ', array_keys( $unknown ) ) . '; convert the tables that use it first.' );
	}
	return $text;
}

function transform() {
	$plan        = plan();
	$target      = $plan['target'];
	$destination = connect_target( $target, $target['user'], $target['password'] );
	$known       = array_flip( array_column( rows( $destination, 'SHOW COLLATION' ), 'Collation' ) );
	foreach ( array( 'schema', 'code' ) as $name ) {
		write_file( WORK . "/$name.ready.sql", transform_text( file_get_contents( WORK . "/$name.sql" ), $known ), 0600 );
	}
	// again, because time has passed since the look at the target
	inspect_target( $destination, $target, read_json( MARKER ), $plan['inventory'] );
	$schema    = identifier( $target['schema'] );
	$collation = preg_match( '/^utf8mb4_/', $plan['inventory']['collation'] ) ? map_collation( $plan['inventory']['collation'], $known ) : null;
	$collation = null === $collation ? 'utf8mb4_unicode_520_ci' : $collation;
	$destination->query( "DROP DATABASE IF EXISTS $schema" );
	$destination->query( "CREATE DATABASE $schema CHARACTER SET utf8mb4 COLLATE $collation" );

	$application = $plan['application'];
	$account     = "'" . $destination->real_escape_string( $application['user'] ) . "'@'" . $destination->real_escape_string( $application['host'] ) . "'";
	$password    = "'" . $destination->real_escape_string( $application['password'] ) . "'";
	$destination->query( "CREATE USER IF NOT EXISTS $account IDENTIFIED BY $password REQUIRE SSL" );
	$destination->query( "ALTER USER $account IDENTIFIED BY $password REQUIRE SSL" );
	// in a grant the name is a pattern, in which _ stands for any character, unless partial revokes are on
	$pattern = 'ON' === variable( $destination, 'partial_revokes' ) ? $target['schema'] : addcslashes( $target['schema'], '_%' );
	$destination->query( 'GRANT ALL PRIVILEGES ON ' . identifier( $pattern ) . ".* TO $account" );
	connect_target( $target, $application['user'], $application['password'] )->select_db( $target['schema'] );
	return array( 'changed' => true );
}

function import() {
	$plan    = plan();
	$command = array( $plan['facts']['mysql_client'], '--defaults-file=' . WORK . '/target.cnf', '--default-character-set=utf8mb4', '--max-allowed-packet=1G', '--binary-mode', $plan['target']['schema'] );
	$start   = microtime( true );
	foreach ( array( 'schema.ready', 'data', 'code.ready' ) as $name ) {
		if ( 'code.ready' === $name ) {
			copy_generated( $plan );
		}
		$file  = fopen( WORK . "/$name.sql", 'r' );
		$first = fgets( $file );
		if ( ! preg_match( '/^\/\*M?!999999\\\\-/', $first ) ) {
			rewind( $file );
		}
		list( $status, , $errors ) = run( $command, $file );
		if ( 0 !== $status ) {
			throw new Refusal( "The managed database refused the $name: " . substr( $errors, 0, 600 ) );
		}
	}
	return array( 'changed' => true, 'seconds' => microtime( true ) - $start );
}

// Tables with generated columns go row by row, without these columns. Before the triggers are there.
function copy_generated( array $plan ) {
	if ( ! $plan['inventory']['generated'] ) {
		return;
	}
	$target      = $plan['target'];
	$source      = connect_source( $plan['login'], $plan['config']['name'] );
	$destination = connect_target( $target, $target['user'], $target['password'] );
	$destination->select_db( $target['schema'] );
	$source->query( "SET SESSION time_zone = '+00:00', sql_mode = ''" );
	$destination->query( "SET SESSION time_zone = '+00:00', sql_mode = 'NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0" );
	$schema = "'" . $source->real_escape_string( $plan['config']['name'] ) . "'";
	foreach ( $plan['inventory']['generated'] as $table ) {
		$name    = "'" . $source->real_escape_string( $table ) . "'";
		$columns = rows( $source, "SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_schema = $schema AND table_name = $name AND extra NOT REGEXP '(STORED|VIRTUAL|PERSISTENT) GENERATED' ORDER BY ordinal_position" );
		$list    = implode( ', ', array_map( 'identifier', array_column( $columns, 'name' ) ) );
		$binary  = array();
		$select  = array();
		foreach ( $columns as $column ) {
			$raw      = (bool) preg_match( '/blob|binary|bit|geometry|point|line|polygon/', $column['type'] );
			$binary[] = $raw;
			$select[] = $raw ? 'HEX(' . identifier( $column['name'] ) . ')' : identifier( $column['name'] );
		}
		$result = $source->query( 'SELECT ' . implode( ', ', $select ) . ' FROM ' . identifier( $table ), MYSQLI_USE_RESULT );
		$batch  = array();
		$length = 0;
		$destination->begin_transaction();
		do {
			$row = $result->fetch_row();
			if ( $row ) {
				foreach ( $row as $i => $value ) {
					$row[ $i ] = null === $value ? 'NULL' : ( $binary[ $i ] ? "x'$value'" : "'" . $destination->real_escape_string( $value ) . "'" );
				}
				$batch[] = '(' . implode( ', ', $row ) . ')';
				$length += strlen( end( $batch ) );
			}
			if ( $batch && ( ! $row || $length > 1000000 ) ) {
				$destination->query( 'INSERT INTO ' . identifier( $table ) . " ($list) VALUES " . implode( ', ', $batch ) );
				$batch  = array();
				$length = 0;
			}
		} while ( $row );
		$destination->commit();
	}
}

// WordPress itself, as the web server runs it, on the new database, before any visitor comes
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

function finish( array $request ) {
	$facts  = $request['facts'];
	$marker = read_json( MARKER );
	$plan   = read_json( WORK . '/plan.json' );
	if ( ! $request['summary'] && $plan ) {
		// a run that was interrupted after the switch has compared, but its numbers are lost
		$request['summary'] = array( 'tables' => count( $plan['inventory']['tables'] ), 'bytes' => $plan['inventory']['bytes'] );
	}
	$answer = prove( $facts, array( 'time' => gmdate( 'c' ), 'host' => $request['target']['host'] ) + $request['summary'] );
	try {
		control( $facts, 'start', 'php-fpm' );
		control( $facts, 'start', 'apache' );
		foreach ( array( '/', '/wp-login.php' ) as $path ) {
			$usual = isset( $plan['baseline'][ $path ] ) ? $plan['baseline'][ $path ] : 0;
			for ( $i = 0; $i < 100; $i++ ) {
				list( $status, $text ) = visit( $facts, $path );
				if ( 200 === $status || ( $status > 0 && $status < 500 && $status === $usual ) ) {
					continue 2;
				}
				usleep( 300000 );
			}
			throw new Refusal( "After the move the site answers $path with status $status; it runs on the managed database, so nothing was turned back. Run again once that is mended." );
		}
	} catch ( Refusal $refusal ) {
		// visitors may have written already: going back would lose it
		return array( 'error' => $refusal->getMessage(), 'opened' => true );
	}
	$outage = isset( $marker['since'] ) ? round( microtime( true ) - $marker['since'], 1 ) : null;
	$marker = mark( array( 'stage' => 'done', 'host' => $request['target']['host'], 'port' => $request['target']['port'], 'schema' => $request['target']['schema'], 'moved_at' => gmdate( 'c' ), 'outage_seconds' => $outage ) + $request['summary'] );
	cleanup( $request );
	return array( 'changed' => true, 'opened' => true, 'marker' => $marker, 'outage_seconds' => $outage, 'cipher' => $answer['cipher'], 'version' => $answer['version'] );
}

// Back to where it was. Only before the first visitor has come to the new database.
function rollback( array $request ) {
	$facts = $request['facts'];
	$plan  = read_json( WORK . '/plan.json' );
	$path  = $facts['config_path'];
	if ( ! empty( $request['backup_file'] ) && is_readable( $request['backup_file'] ) ) {
		$status    = stat( $path );
		$temporary = dirname( $path ) . '/.wp-config.rollback.php';
		file_put_contents( $temporary, file_get_contents( $request['backup_file'] ) );
		chown( $temporary, $status['uid'] );
		chgrp( $temporary, $status['gid'] );
		chmod( $temporary, $status['mode'] & 07777 );
		rename( $temporary, $path );
	}
	if ( $plan && $plan['login']['admin'] ) {
		connect_source( $plan['login'], $plan['config']['name'] )->query( 'SET GLOBAL read_only = OFF' );
	}
	control( $facts, 'start', 'php-fpm' );
	control( $facts, 'start', 'apache' );
	if ( read_json( MARKER ) ) {
		mark( array( 'stage' => 'rolled_back' ) );
	}
	cleanup( array( 'keep_dump' => false ) );
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

// ---------------------------------------------------------------- the request

// without an action this is a library, for tests
if ( ! isset( $argv[2] ) ) {
	return;
}
$action   = $argv[1];
$evaluate = $argv[2];
$request  = (array) json_decode( stream_get_contents( STDIN ), true );
set_error_handler(
	function ( $level, $text ) {
		if ( error_reporting() & $level & ~( E_DEPRECATED | E_USER_DEPRECATED ) ) {
			throw new Refusal( $text );
		}
		return true;
	}
);
try {
	$answer = $action( $request );
} catch ( Throwable $error ) {
	if ( 'prepare' === $action && is_dir( WORK ) ) {
		cleanup( array() );
	}
	$answer = array( 'error' => rtrim( preg_replace( '/\s+/', ' ', $error->getMessage() ), '. ' ) . '.' );
}
echo json_encode( $answer, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE ), "\n";
exit( isset( $answer['error'] ) ? 1 : 0 );
