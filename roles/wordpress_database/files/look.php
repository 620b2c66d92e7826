<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What can be known of the present database's tables and rows while the site still runs: damage, and values that MySQL does not store.
// Nothing is changed, but damaged tables where told so.

// So many findings are named, and the rest counted
const NAMED = 5;

function first_of( array $findings ) {
	$more = count( $findings ) - NAMED;
	return implode( '; ', array_slice( $findings, 0, NAMED ) ) . ( $more > 0 ? "; and $more more" : '' );
}

// ---------------------------------------------------------------- tables

// What CHECK TABLE or REPAIR TABLE says is wrong
function complaints( mysqli $source, $statement ) {
	$found = array();
	foreach ( rows( $source, $statement ) as $row ) {
		$row = array_change_key_case( $row );
		// after an upgrade of the server; such a table can be read
		if ( 'error' === strtolower( $row['msg_type'] ) && ! preg_match( '/upgrade required|rebuild required/i', $row['msg_text'] ) ) {
			$found[] = rtrim( $row['msg_text'], '.' );
		}
	}
	return array_unique( $found );
}

// InnoDB looks after its tables itself: its thorough check takes as long as the move, and it has no REPAIR TABLE
function is_innodb( $engine ) {
	// a table that is known to be damaged has none in information_schema
	return 'innodb' === strtolower( (string) $engine );
}

function check_table( mysqli $source, $table, $engine ) {
	return complaints( $source, 'CHECK TABLE ' . identifier( $table ) . ( is_innodb( $engine ) ? ' QUICK' : '' ) );
}

// Returns what was repaired, or would be, by table
function see_that_tables_are_whole( mysqli $source, array $inventory, $repair, $apply ) {
	$damaged  = array();
	$repaired = array();
	foreach ( $inventory['engines'] as $table => $engine ) {
		$what = check_table( $source, (string) $table, $engine );
		if ( ! $what ) {
			continue;
		}
		if ( $repair && ! is_innodb( $engine ) ) {
			if ( ! $apply ) {
				$repaired[ $table ] = "table $table (" . first_of( $what ) . ')';
				continue;
			}
			$told = implode( ', ', array_column( rows( $source, 'REPAIR TABLE ' . identifier( $table ) ), 'Msg_text' ) );
			$what = check_table( $source, (string) $table, $engine );
			if ( ! $what ) {
				$repaired[ $table ] = "table $table ($told)";
				continue;
			}
		}
		$damaged[] = "table $table (" . first_of( $what ) . ')';
	}
	if ( $damaged ) {
		throw new Refusal(
			'The present database is damaged: ' . first_of( $damaged ) . '. ' . ( $repair
				? 'REPAIR TABLE does not help; restore these tables from a backup.'
				: 'Restore these tables from a backup, or set wordpress_database_repair_tables to true, which runs REPAIR TABLE and may lose the damaged rows.' )
		);
	}
	return $repaired;
}

// A view whose definer is gone is moved like any other; the account that imports it becomes its definer
function see_that_views_work( mysqli $source, array $inventory ) {
	$broken = array();
	foreach ( $inventory['views'] as $view ) {
		$what = array_filter(
			complaints( $source, 'CHECK TABLE ' . identifier( $view ) ),
			function ( $text ) { return ! preg_match( '/specified as a definer|^(?:Corrupt|Operation failed)$/i', $text ); }
		);
		if ( $what ) {
			$broken[] = "view $view (" . first_of( $what ) . ')';
		}
	}
	if ( $broken ) {
		throw new Refusal( 'The present database has views that do not work: ' . first_of( $broken ) . '. Correct or drop them before the move.' );
	}
}

// ---------------------------------------------------------------- rows

// For each table the conditions that are true for a row that MySQL would refuse or change: column, condition, words
function doubts_of_rows( mysqli $source, $schema, array $inventory ) {
	$in      = quoted( $source, $schema );
	$mariadb = (bool) preg_match( MARIADB, $inventory['version'] );
	$doubts  = array();
	$columns = "SELECT table_name AS t, column_name AS c, data_type AS d, character_set_name AS s FROM information_schema.columns WHERE table_schema = $in AND NOT " . GENERATED;
	foreach ( rows( $source, $columns ) as $row ) {
		$name = identifier( $row['c'] );
		if ( 'timestamp' === $row['d'] && $mariadb ) {
			$doubts[ $row['t'] ][] = array( $row['c'], "$name > '2038-01-19 03:14:07'", 'a time after 2038-01-19 03:14:07 UTC, where TIMESTAMP ends in MySQL; change the column to DATETIME, or the value' );
		} elseif ( null === $row['s'] || in_array( $row['s'], array( 'ascii', 'latin1', 'binary' ), true ) ) {
			// no text, or each byte is a character
			continue;
		} elseif ( ! preg_match( '/^(?:utf|ucs)/', $row['s'] ) ) {
			$again                 = "CONVERT(CONVERT($name USING utf8mb4) USING {$row['s']})";
			$doubts[ $row['t'] ][] = array( $row['c'], "CAST($name AS BINARY) <> CAST($again AS BINARY)", "bytes that are no character of {$row['s']}; correct the value" );
		} elseif ( $mariadb ) {
			$doubts[ $row['t'] ][] = array( $row['c'], "CAST(CONVERT($name USING utf8mb4) AS BINARY) REGEXP '\\\\xED[\\\\xA0-\\\\xBF]'", 'half of a surrogate pair, which is no character, and where MySQL would cut the text; remove it' );
		}
	}
	if ( $mariadb ) {
		foreach ( rows( $source, "SELECT table_name AS t, constraint_name AS n, check_clause AS k FROM information_schema.check_constraints WHERE constraint_schema = $in" ) as $row ) {
			$doubts[ $row['t'] ][] = array( null, "NOT ({$row['k']})", "what its own CHECK {$row['n']} forbids, so that MySQL refuses the row; correct the row or drop the CHECK" );
		}
	}
	// views have columns too
	return array_intersect_key( $doubts, array_flip( $inventory['tables'] ) );
}

function name_of_row( mysqli $source, $schema, $table, $condition ) {
	$in  = quoted( $source, $schema );
	$key = array_column( rows( $source, "SELECT column_name AS name FROM information_schema.statistics WHERE table_schema = $in AND table_name = " . quoted( $source, $table ) . " AND index_name = 'PRIMARY' ORDER BY seq_in_index" ), 'name' );
	if ( ! $key ) {
		return '';
	}
	$row = rows( $source, 'SELECT ' . implode( ', ', array_map( 'identifier', $key ) ) . ' FROM ' . identifier( $table ) . " WHERE $condition LIMIT 1" );
	if ( ! $row ) {
		return '';
	}
	$words = array();
	foreach ( $row[0] as $name => $value ) {
		$words[] = "$name = " . ( preg_match( '/^[\x20-\x7e]{0,60}$/D', (string) $value ) ? $value : '0x' . substr( bin2hex( $value ), 0, 60 ) );
	}
	return ' (row with ' . implode( ', ', $words ) . ')';
}

function see_that_rows_fit( mysqli $source, $schema, array $inventory ) {
	$source->query( "SET SESSION time_zone = '+00:00', sql_mode = ''" );
	$found = array();
	foreach ( doubts_of_rows( $source, $schema, $inventory ) as $table => $doubts ) {
		// one look at the table for all of its columns
		$sums = array_map( function ( $doubt ) { return "IFNULL(MAX($doubt[1]), 0)"; }, $doubts );
		$hits = $source->query( 'SELECT ' . implode( ', ', $sums ) . ' FROM ' . identifier( $table ) )->fetch_row();
		foreach ( array_keys( array_filter( $hits ) ) as $i ) {
			list( $column, $condition, $words ) = $doubts[ $i ];
			$found[] = ( null === $column ? "the table $table" : "the column $column of table $table" ) . " holds $words" . name_of_row( $source, $schema, $table, $condition );
		}
	}
	if ( $found ) {
		throw new Refusal( 'MySQL does not store all rows of the present database as they are: ' . first_of( $found ) . '.' );
	}
}
