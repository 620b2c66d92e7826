<?php
// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Replaces the addresses that a site had while it was designed, in all text of all its tables. Serialized values are walked as
// text and their lengths corrected; they are never unserialized, so no class of a plugin is needed and none is run.
//
// JSON, URL encoding and HTML entities leave letters, digits and dots alone. So an address in them is found by its host, however
// often they were applied, and the colon and the slashes of the old address, as they stand there, spell the new one. Only what
// has lengths needs decoding: a serialized value is decoded until its lengths are right, and encoded again the way it was.

class Cloudpress_Rewriter {
	// What could not be rewritten since this was emptied, kind => number:
	// class (a class's own format), key (an array's key or a property's name), length (a serialized value that is damaged),
	// base64 (text that does not decode), encoding (an address in a spelling that is not known), limit (of the expression engine)
	public $left   = array();
	public $opaque = 0;

	private $hosts;
	private $needles = array();
	private $address;
	private $relative;
	private $unknown;
	private $head;
	private $signs;
	private $starts;
	private $run;
	private $rest;
	private $scheme;
	private $starved = false;
	private $passed  = 0;
	private $budget  = 0;

	// How deep one encoding may lie in another one around a serialized value.
	const LAYERS = 8;
	// One character that is not escaped (its class) and one that is, per encoding. What is neither ends the encoded text.
	const TOKENS = array(
		'json' => array( '[^"\\\\]', '\\\\(?:u[dD][89abAB][\da-fA-F]{2}\\\\u[dD][c-fC-F][\da-fA-F]{2}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|["\\\\/\'bfnrt0])' ),
		'html' => array( '[^&<>"]', '&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z]\w{1,30});|&' ),
		'url'  => array( '[^%\s"<>&#]', '%[\da-fA-F]{2}' ),
	);
	// The character by which an encoding is known.
	const MARKS = array( 'json' => '\\', 'html' => '&', 'url' => '%' );

	/**
	 * @param string $url   Where everything shall point, for example https://www.example.com
	 * @param array  $hosts Hosts whose URLs are replaced, whether http or https.
	 */
	public function __construct( $url, array $hosts ) {
		$own          = strtolower( parse_url( $url, PHP_URL_HOST ) );
		$this->hosts  = array_values( array_unique( array_map( 'strtolower', $hosts ) ) );
		$this->scheme = parse_url( $url, PHP_URL_SCHEME );
		$this->rest   = substr( $url, strlen( $this->scheme ) + 3 );
		foreach ( $this->hosts as $host ) {
			$this->needles = array_merge( $this->needles, self::base64_needles( $host, 3 ) );
		}
		$this->needles = array_values( array_unique( $this->needles ) );
		// each may be encoded once or more often, by one encoding or by several
		$back  = '(?:\\\\|%(?:25)*5C|&(?:amp;)*(?:#0*92|#x0*5c);)';
		$start = "(?:&|%(?:25)*26|$back+u0026)(?:amp(?:;|%(?:25)*3B))*";
		$spelt = function ( $char, $names ) use ( $back, $start ) {
			$hex = bin2hex( $char );
			return "(?i:$back*" . preg_quote( $char, '~' ) . "|$back*%(?:25)*$hex|$back*$start(?:(?:\\#|%(?:25)*23)(?:0*" . ord( $char ) . "|x0*$hex)|$names)(?:;|%(?:25)*3B)|$back+(?:u00|x)$hex)";
		};
		$colon  = $spelt( ':', 'colon' );
		$slash  = $spelt( '/', 'sol' );
		$quote  = $spelt( '"', 'quot' );
		$this->signs = array( '/' => $slash, '+' => $spelt( '+', 'plus' ), '=' => $spelt( '=', 'equals' ) );
		$others = implode( '|', array_map( function ( $host ) { return preg_quote( $host, '~' ); }, array_diff( $this->hosts, array( $own ) ) ) );
		$others = '' === $others ? '(*FAIL)' : $others;
		$mine   = in_array( $own, $this->hosts, true ) ? preg_quote( $own, '~' ) : '(*FAIL)';
		// not part of a longer name, no other port
		$end    = "(?:$colon(?:80|443))?(?![\\w-]|\\.\\w|$colon\\d)";
		$before = "^|[\"'\\s(=,]|$quote|" . $spelt( "'", 'apos' ) . "|%(?:25)*(?:28|3D|2C|20|09|0A|0D)|\\+|$back+[nrt]|&nbsp;";

		$this->address  = "~(?|https?($colon)($slash)($slash)(?:$others)|http($colon)($slash)($slash)$mine)$end~i";
		$this->relative = "~(?:$before)\\K($slash)($slash)(?:$others)$end~i";
		$this->unknown  = "~https?(?:[^\\w\\s]|(?<=[\\\\%&\\#;])\\w{1,6}){3,24}?(?:$others)(?![\\w-]|\\.\\w|[^\\w\\s]{0,3}\\d)~i";
		$this->head     = "~(?:a$colon\\d+$colon" . $spelt( '{', 'lcub|lbrace' ) . "|[sSOC]$colon\\d+$colon($quote))~";
		$this->starts = $this->head . 'A';

		// base64 begins behind an escape, also one that is URL-encoded, or where no letter or digit stands
		$behind = '(?<=\\\\[nrtbf])|(?<=\\\\u[\da-fA-F]{4})|(?<=5[Cc][nrtbf])|(?<=5[Cc]u[\da-fA-F]{4})|(?<![A-Za-z\d+\\\\%])';
		for ( $level = 0; $level < 4; $level++ ) {
			$percent = '%' . str_repeat( '25', $level );
			$behind .= "|(?<=$percent" . "[\\da-fA-F]{2})(?<!{$percent}25|5[Cc])";
		}
		$line      = "[A-Za-z\\d+/_-]*+(?:(?:{$this->signs['/']}|{$this->signs['+']})[A-Za-z\\d+/_-]*+)*+";
		$this->run = "~(?:$behind)[A-Za-z\\d]$line(?:(?<=[A-Za-z\\d+/]{60})\\r?\\n(?=[A-Za-z\\d+/])$line)*+{$this->signs['=']}{0,2}~";
	}

	// What base64 makes of a text, wherever it stands in a longer one: the characters that depend on it alone.
	public static function base64_needles( $text, $levels ) {
		$found = array();
		for ( $shift = 0; $shift < 3; $shift++ ) {
			$first = (int) ceil( $shift * 8 / 6 );
			$core  = substr( base64_encode( str_repeat( "\0", $shift ) . $text ), $first, (int) floor( ( $shift + strlen( $text ) ) * 8 / 6 ) - $first );
			// a shorter one stands in too many texts
			if ( strlen( $core ) > 3 ) {
				$found = array_merge( $found, array( $core ), $levels > 1 ? self::base64_needles( $core, $levels - 1 ) : array() );
			}
		}
		return $found;
	}

	public function rewrite( $text ) {
		// so much may be decoded in vain; damaged values could ask for more without end
		$this->budget = 1000000 + 30 * strlen( $text );
		return $this->text( $text );
	}

	private function note( $kind ) {
		$this->left[ $kind ] = isset( $this->left[ $kind ] ) ? $this->left[ $kind ] + 1 : 1;
		$this->opaque       += 'class' === $kind ? 1 : 0;
	}

	private function names_host( $text ) {
		foreach ( $this->hosts as $host ) {
			if ( false !== stripos( $text, $host ) ) {
				return true;
			}
		}
		return false;
	}

	private function hides_host( $text ) {
		if ( strlen( $text ) < 8 ) {
			return false;
		}
		foreach ( $this->needles as $needle ) {
			if ( false !== strpos( $text, $needle ) ) {
				return true;
			}
		}
		return false;
	}

	// A text, in which serialized values may stand anywhere.
	private function text( $text ) {
		if ( ! $this->names_host( $text ) && ! $this->hides_host( $text ) ) {
			return $text;
		}
		$new  = '';
		$done = 0;
		$at   = 0;
		while ( preg_match( $this->head, $text, $m, PREG_OFFSET_CAPTURE, $at ) ) {
			$start = $m[0][1];
			$found = $this->serialized( $text, $start, $m[0][0], isset( $m[1] ) ? $m[1][0] : '' );
			if ( null === $found ) {
				$at = $start + 1;
				continue;
			}
			$new .= $this->plain( substr( $text, $done, $start - $done ) ) . $found[0];
			$done = $at = $found[1];
		}
		return $new . $this->plain( substr( $text, $done ) );
	}

	// What looks like a serialized value at $start: array( new text, where it ends ), or null if it is text.
	private function serialized( $text, $start, $head, $quote ) {
		$end = $this->walk( $text, $start );
		if ( null !== $end ) {
			return array( $this->value( substr( $text, $start, $end - $start ) ), $end );
		}
		$passed = $this->passed;
		$budget = $this->budget;
		for ( $size = 1024; ; $size *= 8 ) {
			$this->starved = false;
			$layers        = $this->peel( substr( $text, $start, $size ), 0 );
			if ( null !== $layers || ! $this->starved || $size >= strlen( $text ) - $start ) {
				break;
			}
		}
		if ( null !== $layers ) {
			$this->budget = $budget;
			$new          = $this->encoded( $layers );
			if ( null !== $new ) {
				return array( $new, $start + strlen( $layers[0][1] ) );
			}
		} elseif ( '{' === substr( $head, -1 ) ? 0 === $passed : $start > 0 && preg_match( '/\w/', $text[ $start - 1 ] ) ) {
			// too little to take it for a damaged value
			return null;
		}
		$end     = $this->damaged( $text, $start, $head, $quote );
		$damaged = substr( $text, $start, $end - $start );
		if ( $this->would_change( $damaged ) ) {
			$this->note( 'length' );
		}
		return array( $damaged, $end );
	}

	private function would_change( $text ) {
		$left   = $this->left;
		$opaque = $this->opaque;
		$same   = $this->plain( $text ) === $text;
		$this->left   = $left;
		$this->opaque = $opaque;
		return ! $same;
	}

	// Where a damaged value ends, as far as its quotes and braces tell.
	private function damaged( $text, $start, $head, $quote ) {
		$at = $start + strlen( $head );
		if ( preg_match( '/^[sS]/', $head ) ) {
			$end = strpos( $text, $quote, $at );
			return false === $end ? strlen( $text ) : $end + strlen( $quote );
		}
		if ( false !== strpos( $head, '%' ) ) {
			return $at + strcspn( $text, " \t\r\n\"'<>&", $at );
		}
		$depth = 0;
		for ( $at = $start; preg_match( '/["{}]/', $text, $m, PREG_OFFSET_CAPTURE, $at ); ) {
			$at = $m[0][1] + 1;
			if ( '"' === $m[0][0] ) {
				if ( ! preg_match( '/"[;:]/', $text, $m, PREG_OFFSET_CAPTURE, $at ) ) {
					break;
				}
				$at = $m[0][1] + 2;
				continue;
			}
			$depth += '{' === $m[0][0] ? 1 : -1;
			if ( $depth < 1 ) {
				return $at;
			}
		}
		return strlen( $text );
	}

	// The encodings around a serialized value at the beginning of $text, from the outermost inwards: array( encoding, what of the
	// text they encode ), and at last array( '', the value ). Null if no sequence of them makes the lengths right.
	private function peel( $text, $depth ) {
		$end = $this->walk( $text, 0 );
		if ( null !== $end ) {
			return array( array( '', substr( $text, 0, $end ) ) );
		}
		if ( $depth >= self::LAYERS ) {
			return null;
		}
		foreach ( self::MARKS as $kind => $mark ) {
			if ( false === strpos( $text, $mark ) || $this->budget < strlen( $text ) ) {
				continue;
			}
			$this->budget -= strlen( $text );
			$inner         = self::decode( $kind, $text );
			if ( $inner === $text || ! preg_match( $this->starts, $inner ) ) {
				continue;
			}
			$layers = $this->peel( $inner, $depth + 1 );
			$length = null === $layers ? null : self::encoded_length( $kind, $text, strlen( $layers[0][1] ) );
			if ( null !== $length ) {
				array_unshift( $layers, array( $kind, substr( $text, 0, $length ) ) );
				return $layers;
			}
		}
		return null;
	}

	// The new text of an encoded value; null if it would not decode to what it shall be.
	private function encoded( array $layers ) {
		list( , $value ) = array_pop( $layers );
		$new             = $this->value( $value );
		if ( $new === $value ) {
			return $layers[0][1];
		}
		foreach ( array_reverse( $layers ) as $layer ) {
			$outer = self::encode( $layer[0], $new, $layer[1] );
			if ( self::decode( $layer[0], $outer ) !== $new ) {
				return null;
			}
			$new = $outer;
		}
		return $new;
	}

	private static function pieces( $kind, $run, $count ) {
		static $patterns = array();
		if ( ! isset( $patterns[ $kind ][ $run ] ) ) {
			list( $raw, $escape )        = self::TOKENS[ $kind ];
			$patterns[ $kind ][ $run ] = "~\\G(?:$raw{1,$run}+|$escape){1,$count}+~";
		}
		return $patterns[ $kind ][ $run ];
	}

	private static function unescape( $kind, $text ) {
		$plus = 'url' === $kind && false === strpos( $text, '%20' );
		return preg_replace_callback( '~' . self::TOKENS[ $kind ][1] . '~', function ( $m ) use ( $kind ) { return self::character( $kind, $m[0] ); }, $plus ? strtr( $text, '+', ' ' ) : $text );
	}

	private static function character( $kind, $token ) {
		if ( 'url' === $kind ) {
			return chr( hexdec( substr( $token, 1 ) ) );
		}
		if ( 'html' === $kind ) {
			return html_entity_decode( $token, ENT_QUOTES | ENT_HTML5, 'UTF-8' );
		}
		$plain = array( 'b' => "\x08", 'f' => "\f", 'n' => "\n", 'r' => "\r", 't' => "\t", '0' => "\0" );
		if ( 'u' !== $token[1] && 'x' !== $token[1] ) {
			return isset( $plain[ $token[1] ] ) ? $plain[ $token[1] ] : $token[1];
		}
		$code = hexdec( substr( $token, 2, 4 ) );
		if ( strlen( $token ) > 6 ) {
			$code = 0x10000 + ( ( $code - 0xD800 ) << 10 ) + hexdec( substr( $token, 8 ) ) - 0xDC00;
			return chr( 0xF0 | $code >> 18 ) . chr( 0x80 | $code >> 12 & 0x3F ) . chr( 0x80 | $code >> 6 & 0x3F ) . chr( 0x80 | $code & 0x3F );
		}
		if ( $code < 0x80 ) {
			return chr( $code );
		}
		// half of a pair alone has such bytes, too: it is only carried
		return $code < 0x800 ? chr( 0xC0 | $code >> 6 ) . chr( 0x80 | $code & 0x3F ) : chr( 0xE0 | $code >> 12 ) . chr( 0x80 | $code >> 6 & 0x3F ) . chr( 0x80 | $code & 0x3F );
	}

	// $text without the encoding, as far as it goes.
	private static function decode( $kind, $text ) {
		$encoded = '';
		$pattern = self::pieces( $kind, 4096, 100 );
		for ( $at = 0; preg_match( $pattern, $text, $m, 0, $at ); $at += strlen( $m[0] ) ) {
			$encoded .= $m[0];
		}
		return self::unescape( $kind, $encoded );
	}

	// How much of $text makes the first $wanted bytes once decoded; null if a character would be cut.
	private static function encoded_length( $kind, $text, $wanted ) {
		$at = 0;
		foreach ( array( array( 4096, 100 ), array( 64, 16 ), array( 4, 4 ), array( 1, 1 ) ) as $size ) {
			$pattern = self::pieces( $kind, $size[0], $size[1] );
			while ( $wanted > 0 && preg_match( $pattern, $text, $m, 0, $at ) ) {
				$length = strlen( self::unescape( $kind, $m[0] ) );
				if ( $length > $wanted ) {
					break;
				}
				$wanted -= $length;
				$at     += strlen( $m[0] );
			}
		}
		return 0 === $wanted ? $at : null;
	}

	// $text encoded with the spellings that $model uses.
	private static function encode( $kind, $text, $model ) {
		$map = array();
		if ( 'json' === $kind ) {
			for ( $code = 0; $code < 32; $code++ ) {
				$map[ chr( $code ) ] = sprintf( '\\u%04x', $code );
			}
			$map = array_merge( $map, array( '"' => '\\"', '\\' => '\\\\', '/' => '\\/', "\n" => '\\n', "\r" => '\\r', "\t" => '\\t' ) );
		} elseif ( 'html' === $kind ) {
			$map = array( '&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;' );
		} else {
			for ( $code = 0; $code < 256; $code++ ) {
				$map[ chr( $code ) ] = rawurlencode( chr( $code ) );
			}
		}
		$spelt = array();
		$raw   = preg_replace_callback(
			'~' . self::TOKENS[ $kind ][1] . '~',
			function ( $m ) use ( $kind, &$spelt ) {
				$char = self::character( $kind, $m[0] );
				if ( $char !== $m[0] && ! isset( $spelt[ $char ] ) ) {
					$spelt[ $char ] = $m[0];
				}
				return '';
			},
			$model
		);
		if ( 'url' === $kind && false !== strpos( $raw, '+' ) && ! isset( $spelt[' '] ) ) {
			$spelt[' '] = '+';
			$raw        = str_replace( '+', '', $raw );
		}
		foreach ( '' === $raw ? array() : str_split( count_chars( $raw, 3 ) ) as $char ) {
			$map[ $char ] = $char;
		}
		// numbers as keys of an array are whole numbers in PHP
		foreach ( $spelt as $char => $token ) {
			$map[ $char ] = $token;
		}
		return strtr( $text, $map );
	}

	private function value( $text ) {
		if ( ! $this->names_host( $text ) && ! $this->hides_host( $text ) ) {
			return $text;
		}
		$new = '';
		$this->walk( $text, 0, $new );
		return $new;
	}

	// Behind the serialized value at $at, or null if there is none. With $new, its new text is appended there.
	// NO_START_OPT: PCRE would look through all of the text for a quote that a pattern needs, once per element.
	private function walk( $text, $at, &$new = null ) {
		$rewrite      = null !== $new;
		$copied       = $at;
		$size         = strlen( $text );
		$this->passed = 0;
		// per open array or object: how many keys and values are to come
		$open = array();
		$top  = -1;
		do {
			if ( $top >= 0 && 0 === $open[ $top ] ) {
				if ( '}' !== substr( $text, $at, 1 ) ) {
					$this->starved = $this->starved || $at >= $size;
					return null;
				}
				$at++;
				unset( $open[ $top-- ] );
				continue;
			}
			$key = $top >= 0 && 0 === $open[ $top ] % 2;
			if ( $top >= 0 ) {
				$open[ $top ]--;
			}
			if ( preg_match( '/(*NO_START_OPT)\G([sS]):(\d{1,18}):"/', $text, $m, 0, $at ) ) {
				$start  = $at + strlen( $m[0] );
				$length = (int) $m[2];
				$string = null;
				if ( 'S' === $m[1] ) {
					// each character may be \ and two hexadecimal digits
					if ( ! preg_match( '/(*NO_START_OPT)\G(?:[^"\\\\]|\\\\[\da-fA-F]{2})*+/', $text, $s, 0, $start ) ) {
						return null;
					}
					$string = preg_replace_callback( '/\\\\(..)/', function ( $c ) { return chr( hexdec( $c[1] ) ); }, $s[0] );
					if ( strlen( $string ) !== $length ) {
						return null;
					}
					$length = strlen( $s[0] );
				}
				if ( $start + $length + 2 > $size || '";' !== substr( $text, $start + $length, 2 ) ) {
					$this->starved = $this->starved || $start + $length + 2 > $size;
					return null;
				}
				if ( $rewrite ) {
					$string = null === $string ? substr( $text, $start, $length ) : $string;
					if ( $key ) {
						// keys stay: plugins look them up
						if ( $this->would_change( $string ) ) {
							$this->note( 'key' );
						}
					} else {
						$changed = $this->text( $string );
						if ( $changed !== $string ) {
							$new   .= substr( $text, $copied, $at - $copied ) . 's:' . strlen( $changed ) . ':"' . $changed . '";';
							$copied = $start + $length + 2;
						}
					}
				}
				$at = $start + $length + 2;
			} elseif ( preg_match( $key ? '/(*NO_START_OPT)\Gi:[+-]?\d+;/' : '/(*NO_START_OPT)\G(?:N;|b:[01];|i:[+-]?\d+;|[rR]:\d+;|d:(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NAN);)/', $text, $m, 0, $at ) ) {
				$at += strlen( $m[0] );
			} elseif ( ! $key && preg_match( '/(*NO_START_OPT)\GE:(\d+):"([^"]*)";/', $text, $m, 0, $at ) && strlen( $m[2] ) === (int) $m[1] ) {
				$at += strlen( $m[0] );
			} elseif ( ! $key && preg_match( '/(*NO_START_OPT)\GC:(\d+):"([^"]*)":(\d{1,18}):\{/', $text, $m, 0, $at ) && strlen( $m[2] ) === (int) $m[1] ) {
				// a class's own format: nobody else can tell where its lengths are
				$start = $at + strlen( $m[0] );
				if ( '}' !== substr( $text, $start + (int) $m[3], 1 ) ) {
					$this->starved = $this->starved || $start + (int) $m[3] >= $size;
					return null;
				}
				if ( $rewrite && $this->would_change( substr( $text, $start, (int) $m[3] ) ) ) {
					$this->note( 'class' );
				}
				$at = $start + (int) $m[3] + 1;
			} elseif ( ! $key && preg_match( '/(*NO_START_OPT)\G(?:a|O:(\d+):"([^"]*)"):(\d{1,9}):\{/', $text, $m, 0, $at ) && strlen( $m[2] ) === (int) $m[1] ) {
				$at          += strlen( $m[0] );
				$open[ ++$top ] = 2 * (int) $m[3];
			} else {
				// a number or a class's name may go on
				$this->starved = $this->starved || $size - $at < 300;
				return null;
			}
			$this->passed += $key ? 1 : 0;
		} while ( $top >= 0 );
		if ( $rewrite ) {
			$new .= substr( $text, $copied, $at - $copied );
		}
		return $at;
	}

	// A text in which no serialized value stands.
	private function plain( $text ) {
		if ( $this->names_host( $text ) ) {
			$absolute = preg_replace_callback( $this->address, function ( $m ) { return $this->scheme . $m[1] . $m[2] . $m[3] . strtr( $this->rest, array( ':' => $m[1], '/' => $m[2] ) ); }, $text );
			$relative = preg_replace_callback( $this->relative, function ( $m ) { return $m[1] . $m[2] . strtr( $this->rest, array( '/' => $m[1] ) ); }, null === $absolute ? $text : $absolute );
			// a limit of the expression engine must not cost the text
			if ( null === $absolute || null === $relative ) {
				$this->note( 'limit' );
			}
			$text = null !== $relative ? $relative : ( null !== $absolute ? $absolute : $text );
			for ( $count = preg_match_all( $this->unknown, $text ); $count > 0; $count-- ) {
				$this->note( 'encoding' );
			}
		}
		return $this->hides_host( $text ) ? $this->base64_in( $text ) : $text;
	}

	// The slashes, plus and equal signs of base64 may be escaped, its lines broken.
	private function base64_in( $text ) {
		$new  = '';
		$at   = 0;
		while ( preg_match( $this->run, $text, $m, PREG_OFFSET_CAPTURE, $at ) ) {
			list( $found, $start ) = $m[0];
			$end  = $start + strlen( $found );
			$new .= substr( $text, $at, $start - $at );
			$new .= $this->hides_host( $found ) ? $this->base64( $found, substr( $text, max( 0, $start - 64 ), min( 64, $start ) ), substr( $text, $end, 64 ) ) : $found;
			$at   = $end;
		}
		return $new . substr( $text, $at );
	}

	// How often a run of base64 is URL-encoded, as far as one can see: a plus sign must not become a blank.
	private static function url_level( $run, $before, $after ) {
		if ( preg_match( '~%((?:25)*)(?:2[BF]|3D)~i', $run, $m ) ) {
			return 1 + (int) ( strlen( $m[1] ) / 2 );
		}
		if ( preg_match( '~%((?:25)*)([\da-f]{2})$~i', $before, $m ) || preg_match( '~^%((?:25)*)([\da-f]{2})~i', $after, $m ) ) {
			return 1 + (int) ( strlen( $m[1] ) / 2 ) + ( preg_match( '/26|3D/i', $m[2] ) ? 1 : 0 );
		}
		return preg_match( '~(?:[?&;]|u0026)[\w.\[\]-]+(?:=|\\\\u003d)$~i', $before ) || preg_match( '~^(?:&|\\\\+u0026)(?:amp;)*[\w.\[\]-]+=~i', $after ) ? 1 : 0;
	}

	private function base64( $run, $before, $after ) {
		$level = self::url_level( $run, $before, $after );
		$pure  = $run;
		$spelt = array();
		foreach ( $this->signs as $sign => $pattern ) {
			$escaped        = preg_match_all( "~$pattern~", $pure, $m ) ? array_values( array_diff( $m[0], array( $sign ) ) ) : array();
			$spelt[ $sign ] = $escaped ? $escaped[0] : ( $level > 0 ? '%' . str_repeat( '25', $level - 1 ) . strtoupper( bin2hex( $sign ) ) : $sign );
			$pure           = preg_replace( "~$pattern~", $sign, $pure );
		}
		$break = preg_match( '/\r?\n/', $pure, $m, PREG_OFFSET_CAPTURE ) ? $m[0] : null;
		$pure  = preg_replace( '/\s+/', '', $pure );
		$safe  = preg_match( '/[_-]/', $pure );
		$pure  = strtr( $pure, '-_', '+/' );
		// a path may stand before it, or a letter; three suffice, as four are a group of their own
		$starts = array( 0, 1, 2, 3 );
		for ( $from = strpos( $pure, '/' ); false !== $from && count( $starts ) < 20; $from = strpos( $pure, '/', $from + 1 ) ) {
			$starts[] = $from + 1;
		}
		foreach ( $starts as $from ) {
			$part = substr( $pure, $from );
			$text = base64_decode( $part, true );
			if ( false !== $text && rtrim( base64_encode( $text ), '=' ) === rtrim( $part, '=' ) && ( $this->names_host( $text ) || $this->hides_host( $text ) ) ) {
				$changed = $this->text( $text );
				if ( $changed === $text ) {
					return $run;
				}
				$new = base64_encode( $changed );
				$new = substr( $pure, 0, $from ) . ( strlen( $part ) % 4 ? rtrim( $new, '=' ) : $new );
				if ( null !== $break ) {
					$new = rtrim( chunk_split( $new, $break[1], $break[0] ) );
				}
				return $safe ? strtr( $new, array( '+' => '-', '/' => '_', '=' => $spelt['='] ) ) : strtr( $new, $spelt );
			}
		}
		// in a form's data, a plus sign is a blank
		if ( strpos( $run, '+' ) ) {
			$blank = $level > 0 ? '%' . str_repeat( '25', $level - 1 ) . '20' : '+';
			return implode( '+', array_map( function ( $part ) use ( $blank ) { return $this->hides_host( $part ) ? $this->base64( $part, $blank, $blank ) : $part; }, explode( '+', $run ) ) );
		}
		$this->note( 'base64' );
		return $run;
	}
}

// All text columns of all tables with the site's prefix. Returns how many values of which column were (or would be) replaced, and
// under `left` what was not, "table.column" => kind => number: the kinds of the rewriter and `binary`, a row with an address in a BLOB.
function cloudpress_rewrite_tables( mysqli $database, $prefix, Cloudpress_Rewriter $rewriter, array $hosts, $check ) {
	$report  = array( 'columns' => array(), 'values' => 0, 'skipped' => array(), 'left' => array() );
	$name    = function ( $text ) { return '`' . str_replace( '`', '``', $text ) . '`'; };
	$quote   = function ( $text ) use ( $database ) { return "'" . $database->real_escape_string( $text ) . "'"; };
	$like    = $quote( addcslashes( $prefix, '_%\\' ) . '%' );
	$columns = array();
	$blobs   = array();
	$keys    = array();
	foreach ( $database->query( "SELECT c.table_name AS t, c.column_name AS c, c.data_type AS d, c.column_key AS k, c.extra AS e FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' AND c.table_name LIKE $like ORDER BY c.table_name, c.ordinal_position" )->fetch_all( MYSQLI_ASSOC ) as $column ) {
		if ( 'PRI' === $column['k'] ) {
			$keys[ $column['t'] ][] = $column['c'];
		}
		if ( preg_match( '/^(?:char|varchar|tinytext|text|mediumtext|longtext|json)$/', $column['d'] ) && ! preg_match( '/(?:STORED|VIRTUAL) GENERATED/i', $column['e'] ) ) {
			$columns[ $column['t'] ][] = $column['c'];
		} elseif ( preg_match( '/^(?:binary|varbinary|tinyblob|blob|mediumblob|longblob)$/', $column['d'] ) ) {
			$blobs[ $column['t'] ][] = $column['c'];
		}
	}
	// a host that base64 hides once or twice is asked for as well
	$hidden = array();
	foreach ( $hosts as $host ) {
		$hidden = array_merge( $hidden, Cloudpress_Rewriter::base64_needles( $host, 2 ) );
	}
	$database->begin_transaction();
	foreach ( $columns as $table => $texts ) {
		$conditions = array();
		foreach ( $texts as $text ) {
			foreach ( $hosts as $host ) {
				$conditions[] = $name( $text ) . ' LIKE ' . $quote( '%' . addcslashes( $host, '_%\\' ) . '%' );
			}
			foreach ( array_unique( $hidden ) as $needle ) {
				$conditions[] = 'CAST(' . $name( $text ) . ' AS BINARY) LIKE ' . $quote( "%$needle%" );
			}
		}
		$wanted = array_values( array_unique( array_merge( isset( $keys[ $table ] ) ? $keys[ $table ] : array(), $texts ) ) );
		$rows   = $database->query( 'SELECT ' . implode( ', ', array_map( $name, $wanted ) ) . ' FROM ' . $name( $table ) . ' WHERE ' . implode( ' OR ', $conditions ) );
		while ( $row = $rows->fetch_assoc() ) {
			$set = array();
			foreach ( $texts as $text ) {
				$rewriter->left = array();
				$new            = null === $row[ $text ] ? null : $rewriter->rewrite( $row[ $text ] );
				$column         = "$table.$text";
				foreach ( $rewriter->left as $kind => $number ) {
					$report['left'][ $column ][ $kind ] = $number + ( isset( $report['left'][ $column ][ $kind ] ) ? $report['left'][ $column ][ $kind ] : 0 );
				}
				if ( $new === $row[ $text ] ) {
					continue;
				}
				$set[] = $name( $text ) . ' = ' . $quote( $new );
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
	$opaque = $rewriter->opaque;
	foreach ( $blobs as $table => $binaries ) {
		foreach ( $binaries as $binary ) {
			$conditions = array();
			foreach ( $hosts as $host ) {
				$conditions[] = $name( $binary ) . ' LIKE ' . $quote( '%' . addcslashes( $host, '_%\\' ) . '%' );
			}
			$rows = $database->query( 'SELECT ' . $name( $binary ) . ' FROM ' . $name( $table ) . ' WHERE ' . implode( ' OR ', $conditions ) );
			while ( $row = $rows->fetch_row() ) {
				if ( $rewriter->rewrite( $row[0] ) !== $row[0] ) {
					$report['left'][ "$table.$binary" ]['binary'] = 1 + ( isset( $report['left'][ "$table.$binary" ]['binary'] ) ? $report['left'][ "$table.$binary" ]['binary'] : 0 );
				}
			}
		}
	}
	$report['skipped'] = array_values( array_unique( $report['skipped'] ) );
	$report['opaque']  = $opaque;
	return $report;
}
