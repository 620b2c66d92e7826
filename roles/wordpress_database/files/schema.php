<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is in the present database, what of it MySQL cannot hold, and how the text of tables and code is adapted. Never rows.

class Refusal extends Exception {}

// What MySQL 8 knows; MariaDB's other modes are left out, and those of them that change the meaning of code are refused.
const SQL_MODES      = array( 'ALLOW_INVALID_DATES', 'ANSI_QUOTES', 'ERROR_FOR_DIVISION_BY_ZERO', 'HIGH_NOT_PRECEDENCE', 'IGNORE_SPACE', 'NO_AUTO_VALUE_ON_ZERO', 'NO_BACKSLASH_ESCAPES', 'NO_DIR_IN_CREATE', 'NO_ENGINE_SUBSTITUTION', 'NO_UNSIGNED_SUBTRACTION', 'NO_ZERO_DATE', 'NO_ZERO_IN_DATE', 'ONLY_FULL_GROUP_BY', 'PAD_CHAR_TO_FULL_LENGTH', 'PIPES_AS_CONCAT', 'REAL_AS_FLOAT', 'STRICT_ALL_TABLES', 'STRICT_TRANS_TABLES', 'ANSI', 'TRADITIONAL' );
const FOREIGN_MODES  = array( 'ORACLE', 'SIMULTANEOUS_ASSIGNMENT', 'EMPTY_STRING_IS_NULL', 'MSSQL', 'DB2', 'MAXDB', 'POSTGRESQL' );
const FOREIGN_TYPES  = array( 'uuid', 'inet4', 'inet6', 'vector', 'xmltype' );
const KNOWN_ENGINES  = array( 'innodb', 'myisam', 'aria', 'memory', 'archive', 'csv', 'rocksdb' );
const GENERATED      = "extra REGEXP '(STORED|VIRTUAL|PERSISTENT) GENERATED'";

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

function quoted( mysqli $connection, $text ) {
	return "'" . $connection->real_escape_string( $text ) . "'";
}

// ---------------------------------------------------------------- what is there

function inventory( mysqli $source, $schema ) {
	$in     = quoted( $source, $schema );
	$tables = rows( $source, "SELECT table_name AS name, engine AS engine, IFNULL(data_length + index_length, 0) AS bytes, table_type AS type FROM information_schema.tables WHERE table_schema = $in ORDER BY table_name" );
	$base   = array_values( array_filter( $tables, function ( $table ) { return in_array( $table['type'], array( 'BASE TABLE', 'SYSTEM VERSIONED' ), true ); } ) );
	if ( ! $base ) {
		throw new Refusal( "The present database $schema holds no table, so there is nothing to move." );
	}
	$code = array_merge(
		rows( $source, "SELECT 'trigger' AS kind, trigger_name AS name, action_statement AS body, sql_mode AS mode FROM information_schema.triggers WHERE trigger_schema = $in" ),
		rows( $source, "SELECT LOWER(routine_type) AS kind, routine_name AS name, routine_definition AS body, sql_mode AS mode FROM information_schema.routines WHERE routine_schema = $in" ),
		rows( $source, "SELECT 'event' AS kind, event_name AS name, event_definition AS body, sql_mode AS mode FROM information_schema.events WHERE event_schema = $in" )
	);
	$columns = function ( $condition ) use ( $source, $in ) {
		return array_column( rows( $source, "SELECT DISTINCT table_name AS name FROM information_schema.columns WHERE table_schema = $in AND ($condition)" ), 'name' );
	};
	$names   = array_column( $base, 'name' );
	// MariaDB's dump holds the values of generated columns, which MySQL refuses to load; every dump rounds FLOAT to six digits; and the
	// programs that dump take names for one that differ in case or accents only
	$by_row  = $columns( GENERATED . " OR data_type = 'float'" );
	foreach ( rows( $source, "SELECT GROUP_CONCAT(HEX(table_name)) AS names FROM information_schema.tables WHERE table_schema = $in GROUP BY CONVERT(table_name USING utf8mb4) COLLATE utf8mb4_general_ci HAVING COUNT(*) > 1" ) as $row ) {
		$by_row = array_merge( $by_row, array_map( 'hex2bin', explode( ',', $row['names'] ) ) );
	}
	return array(
		'tables'    => $names,
		'engines'   => array_column( $base, 'engine', 'name' ),
		'views'     => array_column( array_filter( $tables, function ( $table ) { return 'VIEW' === $table['type']; } ), 'name' ),
		'by_row'    => array_values( array_unique( array_intersect( $names, $by_row ) ) ),
		'sizes'     => array_map( 'intval', array_column( $base, 'bytes', 'name' ) ),
		'bytes'     => (int) array_sum( array_column( $base, 'bytes' ) ),
		'version'   => cell( $source, 'SELECT VERSION()' ),
		'collation' => cell( $source, "SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = $in" ),
		'triggers'  => count( array_filter( $code, function ( $one ) { return in_array( $one['kind'], array( 'trigger', 'function' ), true ); } ) ),
		'events'    => array_column( rows( $source, "SELECT event_name AS name FROM information_schema.events WHERE event_schema = $in AND status = 'ENABLED'" ), 'name' ),
		'foreign'   => foreign_parts( $source, $in, $tables, $code ),
		'code'      => $code,
	);
}

// Parts that MySQL does not have, each by name
function foreign_parts( mysqli $source, $in, array $tables, array $code ) {
	$found = array();
	foreach ( $tables as $table ) {
		if ( in_array( $table['type'], array( 'SEQUENCE', 'SYSTEM VERSIONED', 'TEMPORARY SEQUENCE' ), true ) ) {
			$found[] = "{$table['name']} is of type {$table['type']}";
		} elseif ( null !== $table['engine'] && 'VIEW' !== $table['type'] && ! in_array( strtolower( $table['engine'] ), KNOWN_ENGINES, true ) ) {
			$found[] = "table {$table['name']} is of engine {$table['engine']}";
		}
	}
	$types = "'" . implode( "', '", FOREIGN_TYPES ) . "'";
	foreach ( rows( $source, "SELECT table_name AS t, column_name AS c, data_type AS d FROM information_schema.columns WHERE table_schema = $in AND data_type IN ($types)" ) as $column ) {
		$found[] = "column {$column['c']} of table {$column['t']} is of type {$column['d']}";
	}
	foreach ( $code as $one ) {
		$modes = array_intersect( explode( ',', (string) $one['mode'] ), FOREIGN_MODES );
		if ( $modes ) {
			$found[] = "{$one['kind']} {$one['name']} was written for the mode " . implode( ', ', $modes );
		}
		if ( ! in_array( $one['kind'], array( 'trigger', 'procedure', 'function', 'event' ), true ) ) {
			$found[] = "{$one['name']} is a {$one['kind']}";
		}
	}
	return $found;
}

// Code that names its own schema would still speak to the old one
function bound_to( array $code, $schema ) {
	$name = '/(?<![\w$`.])(?:`' . preg_quote( str_replace( '`', '``', $schema ), '/' ) . '`|' . preg_quote( $schema, '/' ) . ')\s*\.\s*[\w`]/i';
	return array_values( array_filter( $code, function ( $one ) use ( $name ) { return preg_match( $name, (string) $one['body'] ); } ) );
}

// Two values that the present collation tells apart may be one under the collation that takes its place
function collisions( mysqli $source, $schema, array $known, array $names ) {
	$in    = quoted( $source, $schema );
	$keys  = array();
	$ours  = array_flip( array_column( rows( $source, 'SHOW COLLATION' ), 'Collation' ) );
	$found = array();
	foreach ( rows( $source, "SELECT s.table_name AS t, s.index_name AS k, s.column_name AS c, s.sub_part AS part, c.collation_name AS collation FROM information_schema.statistics s JOIN information_schema.columns c ON c.table_schema = s.table_schema AND c.table_name = s.table_name AND c.column_name = s.column_name WHERE s.table_schema = $in AND s.non_unique = 0 ORDER BY s.table_name, s.index_name, s.seq_in_index" ) as $row ) {
		$mapped = null === $row['collation'] ? null : map_collation( $row['collation'], $known );
		$change = null !== $mapped && $mapped !== $row['collation'] && isset( $ours[ $mapped ] );
		$column = identifier( $row['c'] );
		if ( null !== $row['part'] ) {
			$column = "LEFT($column, {$row['part']})";
		}
		$keys[ $row['t'] ][ $row['k'] ][] = array( $change, $column . ( $change ? " COLLATE $mapped" : '' ), $row['c'] );
	}
	foreach ( array_intersect_key( $keys, array_flip( $names ) ) as $table => $indexes ) {
		foreach ( $indexes as $index => $columns ) {
			if ( ! array_filter( array_column( $columns, 0 ) ) ) {
				continue;
			}
			$group   = implode( ', ', array_column( $columns, 1 ) );
			$present = implode( ' AND ', array_map( function ( $column ) { return identifier( $column[2] ) . ' IS NOT NULL'; }, $columns ) );
			if ( cell( $source, 'SELECT 1 FROM ' . identifier( $table ) . " WHERE $present GROUP BY $group HAVING COUNT(*) > 1 LIMIT 1" ) ) {
				$found[] = "the unique index $index of table $table";
			}
		}
	}
	return $found;
}

// Rows that do not fit into one packet of the target. In a dump each byte of a BLOB is two characters.
function long_rows( mysqli $source, $schema, $limit, array $names ) {
	$in     = quoted( $source, $schema );
	$tables = array();
	foreach ( rows( $source, "SELECT table_name AS t, column_name AS c, data_type AS d FROM information_schema.columns WHERE table_schema = $in AND data_type IN ('longtext', 'mediumtext', 'longblob', 'mediumblob', 'json') AND NOT " . GENERATED ) as $row ) {
		$tables[ $row['t'] ][] = 'IFNULL(LENGTH(' . identifier( $row['c'] ) . '), 0)' . ( false === strpos( $row['d'], 'blob' ) ? '' : ' * 2' );
	}
	$found = array();
	foreach ( array_intersect_key( $tables, array_flip( $names ) ) as $table => $lengths ) {
		$longest = (int) cell( $source, 'SELECT MAX(' . implode( ' + ', $lengths ) . ') FROM ' . identifier( $table ) );
		if ( $longest + 1000000 > $limit ) {
			$found[ $table ] = $longest + 1000000;
		}
	}
	return $found;
}

// ---------------------------------------------------------------- adapting the text of tables and code

function map_collation( $name, array $known ) {
	$candidates = array( $name );
	if ( preg_match( '/^(?:(utf8mb4|utf8mb3|utf8|utf16|utf32|ucs2)_)?uca1400_(?:nopad_)?(?:(\w+?)_)?(a[is]_c[is])$/', $name, $m ) ) {
		$charset = '' !== $m[1] ? $m[1] : 'utf8mb4';
		if ( 'as_cs' === $m[3] ) {
			$candidates[] = "{$charset}_0900_as_cs";
		}
		if ( '' !== $m[2] ) {
			$candidates[] = "{$charset}_{$m[2]}_ci";
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

// A pattern that begins with this passes over the comments of tables and partitions
const NOT_IN_COMMENTS = "/COMMENT ?= ?'(?:[^'\\\\]|''|\\\\.)*'(*SKIP)(*F)|";

// Options of a table or partition that MySQL's InnoDB does not know, or that mean something else there: a row format of MyISAM would
// make InnoDB shorten keys
function adapt_options( $line ) {
	$foreign = ' (?:PAGE_CHECKSUM|TRANSACTIONAL)=\d+| `?PAGE_COMPRESS(?:ED|ION_LEVEL)`?=\'?\w+\'?| `?ENCRYPT(?:ED|ION_KEY_ID)`?=\'?\w+\'?| ROW_FORMAT=(?:FIXED|PAGE)';
	if ( preg_match( NOT_IN_COMMENTS . 'ENGINE ?= ?(?:Aria|MyISAM|ROCKSDB)\b/', $line ) ) {
		$foreign .= '| ROW_FORMAT=\w+| KEY_BLOCK_SIZE=\d+| (?:DATA|INDEX) DIRECTORY ?= ?\'(?:[^\'\\\\]|\'\'|\\\\.)*\'';
	}
	return preg_replace( NOT_IN_COMMENTS . "(?:$foreign)/", '', $line );
}

// In MySQL the names of CHECKs are one set for a whole schema. MariaDB calls the first unnamed one of each table CONSTRAINT_1; without a
// name MySQL finds its own
function free_names_of_checks( $text ) {
	$line = '/^  CONSTRAINT (`(?:[^`]|``)+`) CHECK /m';
	preg_match_all( $line, $text, $found );
	$count = array_count_values( array_map( 'strtolower', $found[1] ) );
	return preg_replace_callback(
		$line,
		function ( $m ) use ( $count ) {
			return preg_match( '/^`CONSTRAINT_\d+`$/i', $m[1] ) || $count[ strtolower( $m[1] ) ] > 1 ? '  CHECK ' : $m[0];
		},
		$text
	);
}

// $mapping receives the collations that were replaced; $default holds the collation that the source means where it names a character set only
function transform_text( $text, array $known, array &$mapping = array(), array $default = array() ) {
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
			return $m[1] . implode( ',', array_intersect( explode( ',', $m[2] ), SQL_MODES ) ) . $m[3];
		},
		$text
	);
	$text = preg_replace_callback(
		'/^(?:\) ENGINE=| ?\(?PARTITION | SUBPARTITION ).*$/m',
		function ( $line ) {
			return preg_replace( NOT_IN_COMMENTS . 'ENGINE( ?= ?)(?:Aria|MyISAM|ROCKSDB)\b/', 'ENGINE$1InnoDB', adapt_options( $line[0] ) );
		},
		$text
	);
	$text = preg_replace( '/^(  (?:PRIMARY |UNIQUE |FULLTEXT |SPATIAL )?KEY [^\']*?) KEY_BLOCK_SIZE=\d+/m', '$1', $text );
	$text = free_names_of_checks( $text );
	// an event waits until everything is compared; then it is enabled
	$text = preg_replace( '/^(.*?\bEVENT `(?:[^`]|``)+` ON SCHEDULE .*? ON COMPLETION (?:NOT )?PRESERVE )ENABLE\b/m', '$1DISABLE', $text );
	$text = preg_replace( '/^(  (?:UNIQUE |FULLTEXT |SPATIAL )?KEY `.*) IGNORED(,?)$/m', '$1 INVISIBLE$2', $text );
	// MySQL takes a default for text, and a default that is a function, only as an expression
	$column = '/^(  `(?:[^`]|``)+` ';
	$text   = preg_replace( $column . '(?:tiny|medium|long)?(?:text|blob)\b.*? DEFAULT )([xb]?\'(?:[^\'\\\\]|\'\'|\\\\.)*\'|-?[\d.]\w*)/mi', '$1($2)', $text );
	// MariaDB writes bytes as they are, which are no text that MySQL would take
	$text   = preg_replace_callback(
		$column . '(?:var)?binary\(\d+\)[^\']*? DEFAULT )\'((?:[^\'\\\\]|\'\'|\\\\.)*)\'/m',
		function ( $m ) {
			$bytes = preg_replace_callback(
				'/\'\'|\\\\(.)/s',
				function ( $e ) {
					$escapes = array( '0' => "\0", 'b' => "\x08", 'n' => "\n", 'r' => "\r", 't' => "\t", 'Z' => "\x1a" );
					return isset( $e[1] ) ? ( isset( $escapes[ $e[1] ] ) ? $escapes[ $e[1] ] : $e[1] ) : "'";
				},
				$m[2]
			);
			return $m[1] . ( '' === $bytes ? "''" : '0x' . bin2hex( $bytes ) );
		},
		$text
	);
	$text   = preg_replace( $column . '[^\']*? DEFAULT )(?!current_timestamp\b|NULL\b|nextval\b)([a-z_]\w*(\((?:[^()\'`]|\'(?:[^\'\\\\]|\'\'|\\\\.)*\'|`[^`]*`|(?3))*\)))/mi', '$1($2)', $text );
	$text   = preg_replace_callback(
		'/^(?:\) ENGINE=.* DEFAULT CHARSET=|  `(?:[^`]|``)+` .*? CHARACTER SET )(\w+)(?! COLLATE|\w)/m',
		function ( $m ) use ( $default ) {
			return $m[0] . ( isset( $default[ $m[1] ] ) ? ( ')' === $m[0][0] ? ' COLLATE=' : ' COLLATE ' ) . $default[ $m[1] ] : '' );
		},
		$text
	);
	$unknown = array();
	$text    = preg_replace_callback(
		'/(\bCOLLATE[ =]|\bcollation_connection\s*=\s*|\bSET NAMES \w+ COLLATE )(\w+)/i',
		function ( $m ) use ( $known, &$unknown, &$mapping ) {
			$mapped = '@' === $m[2][0] ? $m[2] : map_collation( $m[2], $known );
			if ( null === $mapped ) {
				$unknown[ $m[2] ] = true;
				return $m[0];
			}
			if ( $mapped !== $m[2] ) {
				$mapping[ $m[2] ] = $mapped;
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

// The schema's own name stands in the dump where code was made under another default collation
function rename_schema( $text, $from, $to ) {
	return preg_replace( '/^(\/\*![0-9]{5} ALTER DATABASE |ALTER DATABASE )' . preg_quote( identifier( $from ), '/' ) . ' /m', '${1}' . strtr( identifier( $to ), array( '\\' => '\\\\', '$' => '\\$' ) ) . ' ', $text );
}

// A view whose definer does not exist any more is shown with the schema's name before each table and column
function rename_schema_in_views( $text, $from, $to ) {
	return preg_replace_callback(
		"/'(?:[^'\\\\]|''|\\\\.)*'|`(?:[^`]|``)*`(?:\\.`(?:[^`]|``)*`)*/s",
		function ( $m ) use ( $from, $to ) {
			$start = identifier( $from ) . '.';
			return 0 === strpos( $m[0], $start ) ? identifier( $to ) . '.' . substr( $m[0], strlen( $start ) ) : $m[0];
		},
		$text
	);
}

// Views come last: they may call functions, which come after the tables
function split_views( $text ) {
	$at = strpos( $text, "\n--\n-- Final view structure for view" );
	return false === $at ? array( $text, '' ) : array( substr( $text, 0, $at + 1 ), substr( $text, $at + 1 ) );
}

// One statement after the other, as the client would send them
function statements( $text ) {
	$delimiter = ';';
	$statement = '';
	foreach ( preg_split( '/(?<=\n)/', $text ) as $line ) {
		if ( '' === trim( $statement ) ) {
			$statement = '';
			if ( preg_match( '/^\s*$|^--(?:\s|$)/', $line ) ) {
				continue;
			}
			if ( preg_match( '/^DELIMITER (\S+)/', $line, $m ) ) {
				$delimiter = $m[1];
				continue;
			}
		}
		$statement .= $line;
		$end        = rtrim( $statement );
		if ( substr( $end, -strlen( $delimiter ) ) === $delimiter ) {
			$end       = rtrim( substr( $end, 0, -strlen( $delimiter ) ) );
			$statement = '';
			// MariaDB's own comments are empty statements elsewhere
			if ( ! preg_match( '/^\/\*M!.*\*\/$/s', $end ) ) {
				yield $end;
			}
		}
	}
}

// What to do about a statement that MySQL refuses, by the number of its error
const CURES = array(
	1049 => 'it refers to another schema, which does not move along; drop it',
	1054 => 'it refers to a column that does not exist any more; correct or drop it',
	1064 => 'it uses syntax that MySQL does not have; change or drop it',
	1071 => 'shorten the index, for example to the first 191 characters of a column',
	1075 => 'make the AUTO_INCREMENT column the first of an index',
	1118 => 'change some of its VARCHAR columns to TEXT',
	1146 => 'it refers to a table that does not exist any more; restore the table, or drop what refers to it',
	1170 => 'give the index a length, such as UNIQUE KEY (name(191)), or change the column to VARCHAR',
	1305 => 'it calls a function that MySQL does not have; change or drop it',
	1356 => 'it refers to a table, column or function that does not exist any more; correct or drop it',
	1425 => 'declare the column with at most 30 decimals',
	1822 => 'create an index on the columns that the foreign key refers to',
	1824 => 'it refers to a table that does not exist any more; drop the foreign key',
	3780 => 'give both columns of the foreign key the same type',
	6125 => 'make the key that the foreign key refers to UNIQUE, or drop the foreign key',
);

// What a statement makes, in words
function made_by( $statement ) {
	if ( preg_match( '/\b(TABLE|VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT) (?:IF (?:NOT )?EXISTS )?(`(?:[^`]|``)+`)/', $statement, $m ) ) {
		return strtolower( $m[1] ) . ' ' . str_replace( '``', '`', substr( $m[2], 1, -1 ) );
	}
	return strtok( $statement, "\n" );
}
