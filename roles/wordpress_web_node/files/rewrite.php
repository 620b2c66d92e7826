<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Replaces the addresses that a site had while it was designed, in all text of all its tables. Serialized values are walked as
// text and their lengths corrected; they are never unserialized, so no class of a plugin is needed and none is run.

class Cloudpress_Rewriter {
	private $patterns = array();
	public $opaque    = 0;

	/**
	 * @param string $url   Where everything shall point, for example https://www.example.com
	 * @param array  $hosts Hosts whose URLs are replaced, whether http or https.
	 */
	public function __construct( $url, array $hosts ) {
		$own = strtolower( parse_url( $url, PHP_URL_HOST ) );
		foreach ( $hosts as $host ) {
			$name    = preg_quote( $host, '~' );
			$schemes = strtolower( $host ) === $own ? 'http' : 'https?';
			// not part of a longer name, no other port
			$end = '(?::80|:443)?(?![\w-]|\.\w|:\d|%3A\d)';
			$this->patterns[] = array( "~$schemes://$name$end~i", $url );
			$this->patterns[] = array( "~$schemes:\\\\/\\\\/$name$end~i", str_replace( '/', '\\/', $url ) );
			$this->patterns[] = array( "~$schemes%3A%2F%2F$name$end~i", rawurlencode( $url ) );
			if ( strtolower( $host ) !== $own ) {
				$this->patterns[] = array( "~(?<=[\"'\\s(=])//$name$end~i", preg_replace( '~^https?:~', '', $url ) );
			}
		}
	}

	public function rewrite( $text ) {
		if ( preg_match( '/^(?:[aOCs]:\d+:|N;|[bid]:)/', $text ) ) {
			$at  = 0;
			$new = $this->value( $text, $at );
			if ( null !== $new && $at === strlen( $text ) ) {
				return $new;
			}
		}
		return $this->plain( $text );
	}

	private function plain( $text ) {
		foreach ( $this->patterns as $pattern ) {
			$new = preg_replace_callback( $pattern[0], function () use ( $pattern ) { return $pattern[1]; }, $text );
			// a limit of the expression engine must not cost the text
			$text = null === $new ? $text : $new;
		}
		return $text;
	}

	// One serialized value at $at; null if it is none. $at moves behind it.
	private function value( $text, &$at ) {
		if ( preg_match( '/\G(?:N;|[bidRr]:[^;]*;)/A', $text, $m, 0, $at ) ) {
			$at += strlen( $m[0] );
			return $m[0];
		}
		if ( preg_match( '/\Gs:(\d+):"/A', $text, $m, 0, $at ) ) {
			$start  = $at + strlen( $m[0] );
			$string = substr( $text, $start, (int) $m[1] );
			if ( '";' !== substr( $text, $start + (int) $m[1], 2 ) ) {
				return null;
			}
			$at     = $start + (int) $m[1] + 2;
			$string = $this->rewrite( $string );
			return 's:' . strlen( $string ) . ':"' . $string . '";';
		}
		if ( preg_match( '/\GE:\d+:"[^"]*";/A', $text, $m, 0, $at ) ) {
			$at += strlen( $m[0] );
			return $m[0];
		}
		if ( preg_match( '/\GC:\d+:"[^"]*":(\d+):\{/A', $text, $m, 0, $at ) ) {
			// a class's own format: nobody else can tell where its lengths are
			$end = $at + strlen( $m[0] ) + (int) $m[1];
			if ( '}' !== substr( $text, $end, 1 ) ) {
				return null;
			}
			$this->opaque++;
			$whole = substr( $text, $at, $end + 1 - $at );
			$at    = $end + 1;
			return $whole;
		}
		if ( preg_match( '/\G(?:a|O:\d+:"[^"]*"):(\d+):\{/A', $text, $m, 0, $at ) ) {
			$new = $m[0];
			$at += strlen( $m[0] );
			for ( $i = 0; $i < (int) $m[1]; $i++ ) {
				if ( ! preg_match( '/\G(?:i:-?\d+;|s:(\d+):")/A', $text, $k, 0, $at ) ) {
					return null;
				}
				// keys stay: plugins look them up
				$length = isset( $k[1] ) ? strlen( $k[0] ) + (int) $k[1] + 2 : strlen( $k[0] );
				$new   .= substr( $text, $at, $length );
				$at    += $length;
				$part   = $this->value( $text, $at );
				if ( null === $part ) {
					return null;
				}
				$new .= $part;
			}
			if ( '}' !== substr( $text, $at, 1 ) ) {
				return null;
			}
			$at++;
			return $new . '}';
		}
		return null;
	}
}

// All text columns of all tables with the site's prefix. Returns how many values of which column were (or would be) replaced.
function cloudpress_rewrite_tables( mysqli $database, $prefix, Cloudpress_Rewriter $rewriter, array $hosts, $check ) {
	$report  = array( 'columns' => array(), 'values' => 0, 'skipped' => array() );
	$name    = function ( $text ) { return '`' . str_replace( '`', '``', $text ) . '`'; };
	$quote   = function ( $text ) use ( $database ) { return "'" . $database->real_escape_string( $text ) . "'"; };
	$like    = $quote( addcslashes( $prefix, '_%\\' ) . '%' );
	$columns = array();
	$keys    = array();
	foreach ( $database->query( "SELECT c.table_name AS t, c.column_name AS c, c.data_type AS d, c.column_key AS k, c.extra AS e FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' AND c.table_name LIKE $like ORDER BY c.table_name, c.ordinal_position" )->fetch_all( MYSQLI_ASSOC ) as $column ) {
		if ( 'PRI' === $column['k'] ) {
			$keys[ $column['t'] ][] = $column['c'];
		}
		if ( preg_match( '/^(?:char|varchar|tinytext|text|mediumtext|longtext|json)$/', $column['d'] ) && ! preg_match( '/(?:STORED|VIRTUAL) GENERATED/i', $column['e'] ) ) {
			$columns[ $column['t'] ][] = $column['c'];
		}
	}
	$database->begin_transaction();
	foreach ( $columns as $table => $texts ) {
		$conditions = array();
		foreach ( $texts as $text ) {
			foreach ( $hosts as $host ) {
				$conditions[] = $name( $text ) . ' LIKE ' . $quote( '%' . addcslashes( $host, '_%\\' ) . '%' );
			}
		}
		$wanted = array_values( array_unique( array_merge( isset( $keys[ $table ] ) ? $keys[ $table ] : array(), $texts ) ) );
		$rows   = $database->query( 'SELECT ' . implode( ', ', array_map( $name, $wanted ) ) . ' FROM ' . $name( $table ) . ' WHERE ' . implode( ' OR ', $conditions ) );
		while ( $row = $rows->fetch_assoc() ) {
			$set = array();
			foreach ( $texts as $text ) {
				$new = null === $row[ $text ] ? null : $rewriter->rewrite( $row[ $text ] );
				if ( $new === $row[ $text ] ) {
					continue;
				}
				$set[] = $name( $text ) . ' = ' . $quote( $new );
				$column = "$table.$text";
				$report['columns'][ $column ] = isset( $report['columns'][ $column ] ) ? $report['columns'][ $column ] + 1 : 1;
				$report['values']++;
			}
			if ( ! $set || $check ) {
				continue;
			}
			$where = array();
			foreach ( isset( $keys[ $table ] ) ? $keys[ $table ] : $wanted as $key ) {
				$where[] = null === $row[ $key ] ? $name( $key ) . ' IS NULL' : $name( $key ) . ' = BINARY ' . $quote( $row[ $key ] );
			}
			$database->query( 'UPDATE ' . $name( $table ) . ' SET ' . implode( ', ', $set ) . ' WHERE ' . implode( ' AND ', $where ) );
			if ( 0 === $database->affected_rows ) {
				$report['skipped'][] = $table;
			}
		}
	}
	$database->commit();
	$report['skipped'] = array_values( array_unique( $report['skipped'] ) );
	$report['opaque']  = $rewriter->opaque;
	return $report;
}
