<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What of wp-config.php goes along to another host: values of constants, $table_prefix and the owner's own code. What belongs to the old host stays
// behind, and is named without its value.

// Constants that say how the old host is laid out, or how it reaches its database.
const CLOUDPRESS_OLD = array( 'ABSPATH', 'DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST', 'FS_METHOD', 'FS_CHMOD_DIR', 'FS_CHMOD_FILE', 'FTP_BASE', 'FTP_CONTENT_DIR', 'FTP_PLUGIN_DIR', 'FTP_HOST', 'FTP_USER', 'FTP_PASS', 'FTP_SSL', 'FTP_PUBKEY', 'FTP_PRIKEY', 'WP_TEMP_DIR', 'WP_CONTENT_DIR', 'WP_PLUGIN_DIR', 'WPMU_PLUGIN_DIR', 'MYSQL_CLIENT_FLAGS', 'MYSQL_SSL_CA', 'MYSQL_SSL_CERT', 'MYSQL_SSL_KEY', 'WP_CLI' );

function cloudpress_tokens( $text ) {
	$tokens = array();
	$line   = 1;
	foreach ( token_get_all( $text ) as $token ) {
		$one      = is_array( $token ) ? array( 'id' => $token[0], 'text' => $token[1], 'line' => $token[2] ) : array( 'id' => 0, 'text' => $token, 'line' => $line );
		$line     = $one['line'] + substr_count( $one['text'], "\n" );
		$tokens[] = $one;
	}
	return $tokens;
}

function cloudpress_is_silent( array $token ) {
	return in_array( $token['id'], array( T_WHITESPACE, T_COMMENT, T_DOC_COMMENT, T_OPEN_TAG, T_CLOSE_TAG ), true );
}

function cloudpress_next( array $tokens, $i ) {
	for ( ++$i; isset( $tokens[ $i ] ) && cloudpress_is_silent( $tokens[ $i ] ); ++$i );
	return $i;
}

// The statements at the top of the file, each a list of tokens that begins and ends with one that counts.
function cloudpress_statements( $text ) {
	$tokens  = cloudpress_tokens( $text );
	$blocks  = array( T_IF, T_FOREACH, T_FOR, T_WHILE, T_SWITCH, T_TRY, T_FUNCTION, T_CLASS, T_DECLARE, T_INTERFACE, T_TRAIT, T_NAMESPACE );
	$ends    = array( T_ENDIF, T_ENDFOREACH, T_ENDFOR, T_ENDWHILE, T_ENDSWITCH );
	$goes_on = array( T_ELSE, T_ELSEIF, T_CATCH, T_FINALLY );
	$found   = array();
	for ( $i = cloudpress_next( $tokens, -1 ); isset( $tokens[ $i ] ); $i = cloudpress_next( $tokens, $i ) ) {
		$start = $i;
		$first = $tokens[ $i ];
		$depth = 0;
		$block = in_array( $first['id'], $blocks, true ) || '{' === $first['text'];
		for ( ; isset( $tokens[ $i ] ); ++$i ) {
			$token = $tokens[ $i ];
			if ( in_array( $token['text'], array( '(', '[', '{', '${' ), true ) && T_CONSTANT_ENCAPSED_STRING !== $token['id'] || T_CURLY_OPEN === $token['id'] ) {
				++$depth;
			} elseif ( 0 === $token['id'] && in_array( $token['text'], array( ')', ']', '}' ), true ) ) {
				--$depth;
				$next = cloudpress_next( $tokens, $i );
				$then = isset( $tokens[ $next ] ) ? $tokens[ $next ] : array( 'id' => 0, 'text' => '' );
				if ( ')' === $token['text'] && ':' === $then['text'] && $block && 0 === $depth ) {
					// if ( ... ): up to endif;
					$alternative = 1;
					for ( $i = $next; isset( $tokens[ $i ] ) && $alternative; ++$i ) {
						if ( in_array( $tokens[ $i ]['id'], $ends, true ) ) {
							--$alternative;
						} elseif ( $i > $next && in_array( $tokens[ $i ]['id'], array( T_IF, T_FOREACH, T_FOR, T_WHILE, T_SWITCH ), true ) && cloudpress_has_colon( $tokens, $i ) ) {
							++$alternative;
						}
					}
					--$i;
					$block = false;
				} elseif ( '}' === $token['text'] && 0 === $depth && $block && ! in_array( $then['id'], $goes_on, true ) ) {
					break;
				}
			} elseif ( 0 === $depth && ( ( 0 === $token['id'] && ';' === $token['text'] ) || T_INLINE_HTML === $token['id'] || T_HALT_COMPILER === $token['id'] ) ) {
				$next = cloudpress_next( $tokens, $i );
				if ( $block && isset( $tokens[ $next ] ) && in_array( $tokens[ $next ]['id'], $goes_on, true ) ) {
					continue;
				}
				break;
			}
		}
		$found[] = array_slice( $tokens, $start, min( $i, count( $tokens ) - 1 ) - $start + 1 );
	}
	return $found;
}

function cloudpress_has_colon( array $tokens, $i ) {
	$depth = 0;
	for ( $i = cloudpress_next( $tokens, $i ); isset( $tokens[ $i ] ); ++$i ) {
		$depth += '(' === $tokens[ $i ]['text'] ? 1 : ( ')' === $tokens[ $i ]['text'] ? -1 : 0 );
		if ( 0 === $depth ) {
			$next = cloudpress_next( $tokens, $i );
			return isset( $tokens[ $next ] ) && ':' === $tokens[ $next ]['text'];
		}
	}
	return false;
}

function cloudpress_text( array $statement ) {
	return implode( '', array_column( $statement, 'text' ) );
}

// Without white space and comments.
function cloudpress_plain( array $statement ) {
	return implode( '', array_column( array_filter( $statement, function ( $token ) { return ! cloudpress_is_silent( $token ); } ), 'text' ) );
}

function cloudpress_variables( array $statement ) {
	$found = array();
	foreach ( $statement as $token ) {
		if ( T_VARIABLE === $token['id'] ) {
			$found[] = $token['text'];
		} elseif ( T_STRING_VARNAME === $token['id'] ) {
			$found[] = '$' . $token['text'];
		}
	}
	return array_values( array_unique( $found ) );
}

// Names of the constants that a statement defines.
function cloudpress_defines( array $statement ) {
	$plain = cloudpress_plain( $statement );
	preg_match_all( '/(?<![\w>$])define\([\'"](\w+)[\'"],/i', $plain, $calls );
	preg_match_all( '/^const(\w+)=|,(\w+)=/', 0 === strpos( $plain, 'const' ) ? $plain : '', $constants );
	return array_values( array_unique( array_filter( array_merge( $calls[1], $constants[1], $constants[2] ), 'strlen' ) ) );
}

// Whether a statement does nothing but define one constant.
function cloudpress_only_defines( array $statement ) {
	$plain = cloudpress_plain( $statement );
	return 1 === count( cloudpress_defines( $statement ) ) && preg_match( '/^(@?\\\\?define\(|const\w|(\\\\?defined\([\'"]\w+[\'"]\)(\|\||or)@?\\\\?define\()|if\(!\\\\?defined\([\'"]\w+[\'"]\)\)(\{define\([^{}]*\);\}|define\(.*\);)$)/i', $plain )
		&& ! preg_match( '/^if\(.*\)\{.*define\(.*define\(/', $plain );
}

function cloudpress_names_place( $text, array $places ) {
	foreach ( $places as $place ) {
		if ( '' !== $place && preg_match( '#(?<![\w.-])' . preg_quote( rtrim( $place, '/' ), '#' ) . '(?![\w.-])#', $text ) ) {
			return true;
		}
	}
	return false;
}

// The pieces of a file whose constants are these.
function cloudpress_pieces( $text, array $constants, array $from_request, array $places, array $image, $cache_is_bound = false ) {
	$behind = array();
	$ours   = array();
	// what these roles wrote is made anew on the other host
	$text = preg_replace_callback(
		'#^[ \t]*/\* BEGIN cloudpress (\S+) .*?/\* END cloudpress \1 \*/[^\n]*\n?#ms',
		function ( $found ) use ( &$ours ) {
			foreach ( cloudpress_statements( "<?php\n" . $found[0] ) as $statement ) {
				$ours = array_merge( $ours, cloudpress_defines( $statement ) );
			}
			return '';
		},
		$text
	);
	$kept    = array();
	$dropped = array();
	$bound   = array();
	$named   = array();
	$after   = false;
	foreach ( cloudpress_statements( $text ) as $statement ) {
		$plain = cloudpress_plain( $statement );
		$line  = $statement[0]['line'];
		if ( T_INLINE_HTML === $statement[0]['id'] ) {
			if ( '' !== trim( $plain ) ) {
				$behind[] = "text outside of PHP in line $line";
			}
		} elseif ( preg_match( '/wp-settings\.php/', $plain ) ) {
			$after = true;
		} elseif ( $after ) {
			if ( ! preg_match( '/X-Pingback.*pingback\.ping/s', $plain ) ) {
				$behind[] = "the code in line $line, which runs after WordPress has been loaded: make it a must-use plugin";
			}
		} elseif ( in_array( $plain, $image, true ) || preg_match( '/^\$table_prefix=/', $plain ) || preg_match( '/^if\(!\\\\?defined\([\'"]ABSPATH[\'"]\)\)/', $plain ) ) {
			$dropped[] = $statement;
		} elseif ( cloudpress_only_defines( $statement ) ) {
			list( $name ) = cloudpress_defines( $statement );
			$address      = in_array( $name, array( 'WP_HOME', 'WP_SITEURL' ), true );
			$from_visit   = in_array( $name, $from_request, true ) && ! $address && ! in_array( $name, CLOUDPRESS_OLD, true );
			if ( $from_visit && ! cloudpress_names_place( $plain, $places ) ) {
				$kept[] = $statement;
			} else {
				$dropped[] = $statement;
				if ( $from_visit ) {
					$behind[] = "$name, which names a directory of the old host";
				}
			}
		} elseif ( preg_match( '/(?<![\w$>])(include|require)(_once)?\b/i', cloudpress_text( $statement ) ) ) {
			$dropped[] = $statement;
			$behind[]  = "the code in line $line, which loads another file; the constants defined there go along";
		} else {
			if ( preg_match( '/__(DIR|FILE)__/', $plain ) || cloudpress_names_place( $plain, $places ) ) {
				$bound[ count( $kept ) ] = "the code in line $line, which names a directory of the old host";
			}
			$kept[] = $statement;
		}
	}
	// Assignments that only prepare what stays behind, such as a password that is read from a file.
	do {
		$again = false;
		$of    = $dropped ? array_merge( ...array_map( 'cloudpress_variables', $dropped ) ) : array();
		foreach ( $kept as $i => $statement ) {
			if ( ! preg_match( '/^@?(\$\w+)\s*=(?!=)/', cloudpress_plain( $statement ), $found ) || ! in_array( $found[1], $of, true ) || '$_' === substr( $found[1], 0, 2 ) ) {
				continue;
			}
			$others = array_diff_key( $kept, array( $i => 1 ) );
			if ( ! $others || ! in_array( $found[1], array_merge( ...array_values( array_map( 'cloudpress_variables', $others ) ) ), true ) ) {
				$dropped[] = $statement;
				unset( $kept[ $i ] );
				$again = true;
				break;
			}
		}
	} while ( $again );
	foreach ( array_intersect_key( $bound, $kept ) as $i => $what ) {
		$behind[] = $what;
		unset( $kept[ $i ] );
	}
	foreach ( $kept as $statement ) {
		$named = array_merge( $named, cloudpress_defines( $statement ) );
	}
	$values  = array();
	$secrets = array();
	$raw     = array();
	foreach ( $constants as $name => $value ) {
		$written = is_scalar( $value ) || null === $value ? (string) $value : var_export( $value, true );
		if ( in_array( $name, $named, true ) || in_array( $name, $ours, true ) || 0 === strpos( $name, 'CLOUDPRESS_' ) ) {
			continue;
		}
		if ( in_array( $name, CLOUDPRESS_OLD, true ) || ( in_array( $name, array( 'WP_HOME', 'WP_SITEURL' ), true ) && in_array( $name, $from_request, true ) ) ) {
			if ( ! in_array( $name, array( 'ABSPATH', 'WP_CLI' ), true ) ) {
				$behind[] = "$name, which belongs to the old host";
			}
		} elseif ( in_array( $name, $from_request, true ) ) {
			$behind[] = "$name, which another file computes from the request";
		} elseif ( cloudpress_names_place( $written, $places ) ) {
			$behind[] = "$name, which names a directory of the old host";
		} elseif ( 'WP_CACHE' === $name && $cache_is_bound ) {
			$behind[] = 'WP_CACHE, because advanced-cache.php names directories of the old host: switch the cache off and on again in its plugin';
		} elseif ( is_array( $value ) || null === $value ) {
			$raw[ $name ] = var_export( $value, true );
		} elseif ( ! is_scalar( $value ) ) {
			$behind[] = "$name, which is an object";
		} elseif ( is_string( $value ) && ( preg_match( '/PASS|SECRET|SALT|TOKEN|(^|_)KEY($|_)|CREDENTIAL|SETTINGS|LICEN[SC]E/i', $name ) ) ) {
			$secrets[ $name ] = $value;
		} else {
			$values[ $name ] = $value;
		}
	}
	return array(
		'constants' => (object) $values,
		'secrets'   => (object) $secrets,
		'raw'       => (object) $raw,
		'code'      => implode( "\n", array_map( 'cloudpress_text', $kept ) ),
		'behind'    => array_values( array_unique( $behind ) ),
	);
}

if ( isset( $request['root'] ) ) {
	$run    = cloudpress_evaluate( $request['root'], array( 'hosts' => $request['hosts'] ) );
	$file   = cloudpress_settings_file( $run );
	$pieces = cloudpress_pieces( (string) file_get_contents( $file ), $run['constants'], $run['from_request'], $request['places'], $request['image'], $request['cache_is_bound'] );
	cloudpress_answer(
		$pieces + array(
			'table_prefix' => $run['table_prefix'],
			'login'        => array( 'user' => (string) $run['constants']['DB_USER'], 'password' => (string) $run['constants']['DB_PASSWORD'] ),
		)
	);
}
