# Copyright (c) 2026 The cloudpress.lightsail authors
# Simplified BSD License (see https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This is a PRIVATE module utility of the collection cloudpress.lightsail. It may change in any release.

"""The one evaluator of wp-config.php: PHP that loads the file from its own place, as the web server does for a visitor.

Each evaluation is a PHP process of its own, because a constant can be defined only once and a file may end the process. In it every
file is opened through a class that stands in the way of PHP's own access to files, so that the statement that loads WordPress can be
reached but not run, wherever it stands, and the name of the web's SAPI can be put in place of the command line's.

A command line does not know what only the running web server knows: settings of a pool (php_admin_value, env), variables that a virtual
host sets, and .user.ini.
"""

from __future__ import annotations

import base64

# One evaluation, in a process of its own. ASCII only, because it stands in a command line; what it is asked comes from standard input.
_CHILD = r"""
final class Cloudpress_Request {
    private static $asked;
    private static $files = array();
    private static $location = '';
    private static $said = false;
    public $context;
    private $handle;
    private $entries;

    public static function begin( array $asked ) {
        self::$asked = $asked;
        if ( $asked['web'] ) {
            self::become_a_request( $asked );
        } else {
            $_SERVER = $asked['server'] + $_SERVER;
        }
        chdir( $asked['web'] ? $asked['root'] : '/' );
        // as WordPress sets it before it reads the file
        error_reporting( E_ALL & ~( E_NOTICE | E_USER_NOTICE | E_DEPRECATED | E_USER_DEPRECATED | E_COMPILE_WARNING ) );
        define( 'ABSPATH', rtrim( $asked['root'], '/' ) . '/' );
        define( 'CLOUDPRESS_SAPI', $asked['sapi'] );
        if ( $asked['wp_cli'] ) {
            define( 'WP_CLI', true );
        }
        register_shutdown_function(
            function () {
                $error = error_get_last();
                $fatal = $error && $error['type'] & ( E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR );
                $fatal ? self::failed( $error['message'], $error['file'], $error['line'] ) : self::say( 'exit' );
            }
        );
        stream_wrapper_unregister( 'file' );
        stream_wrapper_register( 'file', __CLASS__ );
        ob_start();
    }

    private static function become_a_request( array $asked ) {
        foreach ( array_keys( getenv() ) as $name ) {
            if ( 'PATH' !== $name ) {
                putenv( $name );
            }
        }
        $_SERVER = $asked['server'] + array(
            'REQUEST_URI'        => '/',
            'REQUEST_METHOD'     => 'GET',
            'QUERY_STRING'       => '',
            'SERVER_PROTOCOL'    => 'HTTP/1.1',
            'SERVER_PORT'        => '80',
            'SERVER_ADDR'        => '127.0.0.1',
            'SERVER_SOFTWARE'    => 'Apache',
            'GATEWAY_INTERFACE'  => 'CGI/1.1',
            'REMOTE_ADDR'        => '192.0.2.1',
            'REMOTE_PORT'        => '50000',
            'REQUEST_SCHEME'     => 'http',
            'DOCUMENT_ROOT'      => $asked['root'],
            'SCRIPT_FILENAME'    => $asked['root'] . '/index.php',
            'SCRIPT_NAME'        => '/index.php',
            'PHP_SELF'           => '/index.php',
            'HTTP_ACCEPT'        => '*/*',
            'HTTP_USER_AGENT'    => 'Mozilla/5.0',
            'REQUEST_TIME'       => time(),
            'REQUEST_TIME_FLOAT' => microtime( true ),
        );
        foreach ( $_SERVER as $name => $value ) {
            if ( is_string( $value ) ) {
                putenv( "$name=$value" );
            }
        }
        $_ENV = array();
        unset( $GLOBALS['argv'], $GLOBALS['argc'] );
    }

    public static function path() {
        return self::$asked['path'];
    }

    // what PHP runs before each script of the web
    public static function prepended() {
        return self::$asked['web'] ? (string) ini_get( 'auto_prepend_file' ) : '';
    }

    public static function header( $line ) {
        if ( preg_match( '/^\s*Location\s*:\s*(.*)$/i', $line, $found ) ) {
            self::$location = trim( $found[1] );
        }
    }

    // The place where WordPress would be loaded: nothing after it matters to a constant.
    public static function loads( $settings, array $variables ) {
        $chain = array();
        foreach ( array_reverse( debug_backtrace( DEBUG_BACKTRACE_IGNORE_ARGS ) ) as $frame ) {
            $file = preg_replace( '/\(\d+\) : .*$/', '', isset( $frame['file'] ) ? $frame['file'] : '' );
            if ( '/' === substr( $file, 0, 1 ) && $file !== $settings ) {
                $chain[] = array( 'file' => $file, 'line' => $frame['line'], 'function' => $frame['function'] );
            }
        }
        $wanted = array();
        foreach ( self::$asked['expressions'] as $name => $expression ) {
            try {
                $wanted[ $name ] = self::tagged( eval( 'return ' . base64_decode( $expression ) . "\n;" ) );
            } catch ( Throwable $error ) {
                self::say( 'error', array( 'reason' => "$name: " . $error->getMessage() ) );
                exit( 1 );
            }
        }
        $prefix = isset( $variables['table_prefix'] ) ? $variables['table_prefix'] : ( isset( $GLOBALS['table_prefix'] ) ? $GLOBALS['table_prefix'] : null );
        self::say( 'loads', array( 'settings' => $settings, 'chain' => $chain, 'wanted' => (object) $wanted, 'table_prefix' => $prefix ) );
        exit( 0 );
    }

    public static function failed( $message, $file, $line ) {
        $message = preg_replace( '/^(PHP )?(Uncaught )?([A-Za-z_\\\\]*(Error|Exception): )?| in \/\S+:\d+$/', '', strtok( $message, "\n" ) );
        self::say( 'error', array( 'reason' => "$message in line $line of $file" ) );
    }

    public static function say( $ended, array $more = array() ) {
        if ( self::$said ) {
            return;
        }
        self::$said = true;
        $defined    = get_defined_constants( true );
        $constants  = isset( $defined['user'] ) ? $defined['user'] : array();
        unset( $constants['CLOUDPRESS_SAPI'] );
        $answer = $more + array(
            'ended'     => $ended,
            'location'  => self::$location,
            'table_prefix' => isset( $GLOBALS['table_prefix'] ) ? $GLOBALS['table_prefix'] : null,
            'files'     => array_keys( self::$files ),
            'constants' => (object) array_map( array( __CLASS__, 'tagged' ), $constants ),
        );
        $mark   = self::$asked['mark'];
        file_put_contents( 'php://stdout', $mark . json_encode( $answer, JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR ) . $mark );
    }

    private static function tagged( $value ) {
        if ( is_string( $value ) ) {
            return array( 's', base64_encode( $value ) );
        }
        if ( is_bool( $value ) || is_int( $value ) ) {
            return array( is_bool( $value ) ? 'b' : 'i', $value );
        }
        if ( is_float( $value ) ) {
            return array( 'f', bin2hex( pack( 'E', $value ) ) );
        }
        if ( is_array( $value ) ) {
            $items = array();
            foreach ( $value as $key => $item ) {
                $items[] = array( self::tagged( $key ), self::tagged( $item ) );
            }
            return array( 'a', $items );
        }
        return null === $value ? array( 'n', null ) : array( 'o', gettype( $value ) );
    }

    // ---- what a command line answers otherwise than the web, in the text of a file

    private static function as_web( $text ) {
        $names    = array( 'PHP_SAPI' => 'CLOUDPRESS_SAPI' );
        $calls    = array( 'php_sapi_name' => 'cloudpress_sapi_name', 'header' => 'cloudpress_header', 'filter_input' => 'cloudpress_filter_input' );
        $literals = array(
            'defined'        => array( 'STDIN' => 'CLOUDPRESS_NONE', 'STDOUT' => 'CLOUDPRESS_NONE', 'STDERR' => 'CLOUDPRESS_NONE' ),
            'constant'       => $names,
            'call_user_func' => $calls,
        );
        if ( ! preg_match( '/PHP_SAPI|php_sapi_name|header|filter_input|STD(IN|OUT|ERR)/i', $text ) ) {
            return $text;
        }
        $tokens = array();
        foreach ( token_get_all( $text ) as $token ) {
            $tokens[] = is_array( $token ) ? $token : array( 0, $token );
        }
        $silent = array( T_WHITESPACE, T_COMMENT, T_DOC_COMMENT );
        $before = array( array( 0, '' ), array( 0, '' ) );
        $out    = '';
        foreach ( $tokens as $i => $token ) {
            if ( in_array( $token[0], $silent, true ) ) {
                $out .= $token[1];
                continue;
            }
            for ( $next = $i + 1; isset( $tokens[ $next ] ) && in_array( $tokens[ $next ][0], $silent, true ); $next++ );
            $follows = isset( $tokens[ $next ] ) ? $tokens[ $next ][1] : '';
            $word    = ltrim( $token[1], '\\' );
            $global  = 0 !== $token[0] && ! in_array( strtolower( $before[0][1] ), array( '->', '?->', '::', 'function', 'const', 'new', 'use', 'as' ), true )
                && ! ( '\\' === $before[0][1] && T_STRING === $before[1][0] );
            $text    = $token[1];
            if ( $global && '(' !== $follows && '::' !== $follows && isset( $names[ $word ] ) ) {
                $text = str_replace( $word, $names[ $word ], $text );
            } elseif ( $global && '(' === $follows && isset( $calls[ strtolower( $word ) ] ) ) {
                $text = str_replace( $word, $calls[ strtolower( $word ) ], $text );
            } elseif ( T_CONSTANT_ENCAPSED_STRING === $token[0] && '(' === $before[0][1] ) {
                $call = strtolower( ltrim( $before[1][1], '\\' ) );
                $word = trim( $token[1], '\'"\\' );
                if ( isset( $literals[ $call ][ $word ] ) ) {
                    $text = "'" . $literals[ $call ][ $word ] . "'";
                }
            }
            $out   .= $text;
            $before = array( $token, $before[0] );
        }
        return $out;
    }

    // ---- access to files

    private static function real( $call ) {
        stream_wrapper_restore( 'file' );
        try {
            return $call();
        } finally {
            stream_wrapper_unregister( 'file' );
            stream_wrapper_register( 'file', __CLASS__ );
        }
    }

    private static function code( $path ) {
        if ( 'wp-settings.php' === basename( $path ) ) {
            return '<?php \Cloudpress_Request::loads( __FILE__, get_defined_vars() );';
        }
        if ( isset( self::$asked['sources'][ $path ] ) ) {
            $text = base64_decode( self::$asked['sources'][ $path ] );
        } else {
            $text = self::real(
                function () use ( $path ) {
                    return @file_get_contents( $path );
                }
            );
        }
        return false !== $text && self::$asked['web'] ? self::as_web( $text ) : $text;
    }

    public function stream_open( $path, $mode, $options, &$opened ) {
        $context = $this->context;
        if ( $options & 128 ) { // it is to be included
            $text = self::code( $path );
            if ( false === $text ) {
                return false;
            }
            self::$files[ $path ] = true;
            $this->handle         = fopen( 'php://memory', 'w+' );
            fwrite( $this->handle, $text );
            return rewind( $this->handle );
        }
        $this->handle = self::real(
            function () use ( $path, $mode, $options, $context ) {
                $quiet = ! ( $options & STREAM_REPORT_ERRORS );
                $arguments = $context ? array( $path, $mode, false, $context ) : array( $path, $mode );
                return $quiet ? @fopen( ...$arguments ) : fopen( ...$arguments );
            }
        );
        return (bool) $this->handle;
    }

    public function stream_read( $count ) { return fread( $this->handle, $count ); }
    public function stream_write( $data ) { return fwrite( $this->handle, $data ); }
    public function stream_eof() { return feof( $this->handle ); }
    public function stream_tell() { return ftell( $this->handle ); }
    public function stream_seek( $offset, $whence = SEEK_SET ) { return 0 === fseek( $this->handle, $offset, $whence ); }
    public function stream_flush() { return fflush( $this->handle ); }
    public function stream_close() { fclose( $this->handle ); }
    public function stream_stat() { return fstat( $this->handle ); }
    public function stream_truncate( $size ) { return ftruncate( $this->handle, $size ); }
    public function stream_lock( $operation ) { return 0 === $operation || flock( $this->handle, $operation ); }
    public function stream_cast( $as ) { return $this->handle; }
    public function stream_set_option( $option, $one, $two ) { return false; }

    public function stream_metadata( $path, $option, $value ) {
        return self::real(
            function () use ( $path, $option, $value ) {
                switch ( $option ) {
                    case STREAM_META_TOUCH: return $value ? touch( $path, ...$value ) : touch( $path );
                    case STREAM_META_ACCESS: return chmod( $path, $value );
                    case STREAM_META_OWNER: case STREAM_META_OWNER_NAME: return chown( $path, $value );
                    default: return chgrp( $path, $value );
                }
            }
        );
    }

    public function url_stat( $path, $flags ) {
        return self::real(
            function () use ( $path, $flags ) {
                $found = $flags & STREAM_URL_STAT_LINK ? @lstat( $path ) : @stat( $path );
                // where WordPress is, or will be
                $settings = rtrim( self::$asked['root'], '/' ) . '/wp-settings.php';
                return $found || preg_replace( '#^file://|/(?=/)#', '', $path ) !== $settings ? $found : @stat( self::$asked['path'] );
            }
        );
    }

    public function dir_opendir( $path, $options ) {
        $this->entries = self::real( function () use ( $path ) { return opendir( $path ); } );
        return (bool) $this->entries;
    }
    public function dir_readdir() { return readdir( $this->entries ); }
    public function dir_rewinddir() { rewinddir( $this->entries ); return true; }
    public function dir_closedir() { closedir( $this->entries ); return true; }
    public function mkdir( $path, $mode, $options ) {
        return self::real( function () use ( $path, $mode, $options ) { return mkdir( $path, $mode, (bool) ( $options & STREAM_MKDIR_RECURSIVE ) ); } );
    }
    public function rmdir( $path, $options ) { return self::real( function () use ( $path ) { return rmdir( $path ); } ); }
    public function unlink( $path ) { return self::real( function () use ( $path ) { return unlink( $path ); } ); }
    public function rename( $from, $to ) { return self::real( function () use ( $from, $to ) { return rename( $from, $to ); } ); }
}
function cloudpress_sapi_name() { return CLOUDPRESS_SAPI; }
function cloudpress_header( $line, $replace = true, $code = 0 ) { Cloudpress_Request::header( $line ); }
function cloudpress_filter_input( $from, $name, $filter = FILTER_DEFAULT, $options = 0 ) {
    if ( INPUT_SERVER !== $from ) {
        return filter_input( $from, $name, $filter, $options );
    }
    return isset( $_SERVER[ $name ] ) ? filter_var( $_SERVER[ $name ], $filter, $options ) : null;
}
if ( ! function_exists( 'getallheaders' ) ) {
    function getallheaders() {
        $headers = array();
        foreach ( $_SERVER as $name => $value ) {
            if ( 0 === strpos( $name, 'HTTP_' ) ) {
                $headers[ str_replace( ' ', '-', ucwords( strtolower( str_replace( '_', ' ', substr( $name, 5 ) ) ) ) ) ] = $value;
            }
        }
        return $headers;
    }
}
Cloudpress_Request::begin( json_decode( stream_get_contents( STDIN ), true ) );
try {
    if ( '' !== Cloudpress_Request::prepended() ) {
        require Cloudpress_Request::prepended();
    }
    require Cloudpress_Request::path();
} catch ( Throwable $cloudpress_error ) {
    Cloudpress_Request::failed( $cloudpress_error->getMessage(), $cloudpress_error->getFile(), $cloudpress_error->getLine() );
    exit( 1 );
}
Cloudpress_Request::say( 'returned' );
"""

# The functions that start evaluations. Several files of PHP in the roles use them, through the way in which PHP is run on a host.
EVALUATE = (
    r"""
const CLOUDPRESS_CHILD = '%s';
// a host name that nobody has shows what depends on the request
const CLOUDPRESS_NOBODY = 'host.invalid';
"""
    % base64.b64encode(_CHILD.encode()).decode()
    + r"""
function cloudpress_config_path( $root ) {
    $above = dirname( $root );
    if ( file_exists( "$root/wp-config.php" ) ) {
        return "$root/wp-config.php";
    }
    // WordPress looks one level up too, unless another WordPress lives there
    if ( file_exists( "$above/wp-config.php" ) && ! file_exists( "$above/wp-settings.php" ) ) {
        return "$above/wp-config.php";
    }
    return null;
}

// The web's SAPI and settings of PHP. Where the command line has settings of its own, the web's stand beside them.
function cloudpress_web_php( $flavour = '' ) {
    $sapis = array( 'mod_php' => array( 'apache2', 'apache2handler' ), 'fpm' => array( 'fpm', 'fpm-fcgi' ) );
    foreach ( '' === $flavour ? $sapis : array( $sapis[ $flavour ] ) as $sapi ) {
        $ini = preg_replace( '#/cli/php\.ini$#', "/$sapi[0]/php.ini", (string) php_ini_loaded_file(), 1, $own );
        if ( $own && is_file( $ini ) ) {
            return array( 'sapi' => $sapi[1], 'ini' => $ini );
        }
    }
    return array( 'sapi' => 'mod_php' === $flavour ? 'apache2handler' : 'fpm-fcgi', 'ini' => '' );
}

function cloudpress_untagged( array $tagged ) {
    list( $type, $value ) = $tagged;
    if ( 's' === $type ) {
        return base64_decode( $value );
    }
    if ( 'f' === $type ) {
        return unpack( 'E', hex2bin( $value ) )[1];
    }
    if ( 'a' === $type ) {
        $items = array();
        foreach ( $value as $item ) {
            $items[ cloudpress_untagged( $item[0] ) ] = cloudpress_untagged( $item[1] );
        }
        return $items;
    }
    return $value;
}

// Evaluates the file once. $how: php, user, flavour (how the host is), web, wp_cli, server (the request), sources (other texts of files, by
// their real paths) and expressions (to evaluate beside it).
function cloudpress_evaluate_once( $path, $root, array $how ) {
    $how  += array( 'php' => PHP_BINARY, 'user' => '', 'flavour' => '', 'web' => true, 'wp_cli' => false );
    $how  += array( 'server' => array(), 'sources' => array(), 'expressions' => array() );
    $web   = cloudpress_web_php( $how['flavour'] );
    $asked = array(
        'mark'        => bin2hex( random_bytes( 16 ) ),
        'path'        => $path,
        'root'        => $root,
        'web'         => $how['web'],
        'sapi'        => $web['sapi'],
        'wp_cli'      => $how['wp_cli'],
        'server'      => $how['server'],
        'sources'     => array_map( 'base64_encode', $how['sources'] ),
        'expressions' => array_map( 'base64_encode', $how['expressions'] ),
    );
    $command = '' === $how['user'] ? array() : array( 'runuser', '-u', $how['user'], '--' );
    array_push( $command, $how['php'], '-d', 'display_errors=stderr', '-d', 'log_errors=0', '-d', 'opcache.enable_cli=0' );
    $environment = null;
    if ( $how['web'] && '' !== $web['ini'] ) {
        array_push( $command, '-c', $web['ini'] );
        $environment = array( 'PHP_INI_SCAN_DIR' => dirname( $web['ini'] ) . '/conf.d' ) + getenv();
    }
    array_push( $command, '-r', base64_decode( CLOUDPRESS_CHILD ) );
    $text    = 'exec ' . implode( ' ', array_map( 'escapeshellarg', $command ) ) . ' 2>&1';
    $pipes   = array();
    $process = proc_open( $text, array( array( 'pipe', 'r' ), array( 'pipe', 'w' ) ), $pipes, '/', $environment );
    @fwrite( $pipes[0], json_encode( $asked ) );
    fclose( $pipes[0] );
    $output = '';
    $until  = time() + 60;
    while ( ! feof( $pipes[1] ) ) {
        $read = array( $pipes[1] );
        $none = null;
        if ( time() > $until || false === stream_select( $read, $none, $none, 1 ) ) {
            proc_terminate( $process, 9 );
            break;
        }
        $output .= $read ? (string) fread( $pipes[1], 65536 ) : '';
    }
    fclose( $pipes[1] );
    proc_close( $process );
    $parts = explode( $asked['mark'], $output );
    $found = 3 <= count( $parts ) ? json_decode( $parts[1], true ) : null;
    if ( null === $found ) {
        $words = substr( trim( preg_replace( '/\s+/', ' ', $output ) ), -500 );
        $words = '' === $words ? 'PHP gives no answer' : $words;
        $found = array( 'ended' => 'error', 'reason' => time() > $until ? 'it gives no answer within 60 seconds' : $words );
    }
    $found             += array( 'location' => '', 'reason' => '', 'files' => array(), 'constants' => array() );
    $found             += array( 'chain' => array(), 'wanted' => array(), 'table_prefix' => null, 'settings' => '' );
    $found['constants'] = array_map( 'cloudpress_untagged', $found['constants'] );
    $found['wanted']    = array_map( 'cloudpress_untagged', $found['wanted'] );
    return $found;
}

// The request of a visitor of http://$host or https://$host, directly or through a load balancer.
function cloudpress_visit( $host, $https = false, $forwarded = false ) {
    $server = array( 'HTTP_HOST' => $host, 'SERVER_NAME' => preg_replace( '/:\d+$/', '', $host ) );
    if ( $https ) {
        $server += array( 'HTTPS' => 'on', 'SERVER_PORT' => '443', 'REQUEST_SCHEME' => 'https' );
    }
    if ( $forwarded ) {
        $server += array( 'HTTP_X_FORWARDED_PROTO' => 'https', 'HTTP_CLOUDFRONT_FORWARDED_PROTO' => 'https' );
    }
    return $server;
}

// Names in the text of files that may be the site's: those in addresses first, then all that look like one.
function cloudpress_named_hosts( array $files, array $sources ) {
    $addresses = array();
    $others    = array();
    $host      = '(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z0-9](?::\d+)?|localhost(?::\d+)?';
    foreach ( $files as $file ) {
        foreach ( token_get_all( isset( $sources[ $file ] ) ? $sources[ $file ] : (string) @file_get_contents( $file ) ) as $token ) {
            if ( ! is_array( $token ) || ! in_array( $token[0], array( T_CONSTANT_ENCAPSED_STRING, T_ENCAPSED_AND_WHITESPACE ), true ) ) {
                continue;
            }
            // in a pattern the dots are escaped
            $text = str_replace( '\\', '', $token[1] );
            preg_match_all( "#(https?://)?($host)#i", $text, $found, PREG_SET_ORDER );
            foreach ( $found as $match ) {
                if ( '' !== $match[1] ) {
                    $addresses[] = $match[2];
                } elseif ( ! preg_match( '/\.(php|html?|txt|log|ini|json|css|js|so|sock|pem|crt|sql|gz|zip|xml)$/i', $match[2] ) ) {
                    $others[] = $match[2];
                }
            }
        }
    }
    return array_values( array_unique( array_merge( $addresses, $others ) ) );
}

// The address of the site that its database holds, when the file got as far as to say where that is.
function cloudpress_stored_host( array $constants, $prefix ) {
    if ( ! isset( $constants['DB_NAME'], $constants['DB_USER'], $constants['DB_PASSWORD'], $constants['DB_HOST'] ) || ! class_exists( 'mysqli' ) ) {
        return '';
    }
    try {
        $place      = cloudpress_database_host( $constants['DB_HOST'] );
        $flags      = isset( $constants['MYSQL_CLIENT_FLAGS'] ) ? $constants['MYSQL_CLIENT_FLAGS'] : 0;
        $login      = array( $constants['DB_USER'], $constants['DB_PASSWORD'], $constants['DB_NAME'] );
        $connection = mysqli_init();
        $connection->options( MYSQLI_OPT_CONNECT_TIMEOUT, 5 );
        if ( ! @$connection->real_connect( $place['host'], $login[0], $login[1], $login[2], $place['port'], $place['socket'], $flags ) ) {
            return '';
        }
        $table = str_replace( '`', '``', ( is_string( $prefix ) ? $prefix : 'wp_' ) . 'options' );
        $row   = $connection->query( "SELECT option_value FROM `$table` WHERE option_name = 'home'" );
        $row   = $row ? $row->fetch_row() : null;
        return $row ? (string) preg_replace( '#^https?://([^/]+).*$#s', '$1', $row[0] ) : '';
    } catch ( Throwable $error ) {
        return '';
    }
}

// Evaluates the wp-config.php of the WordPress in $root as for a visitor of the site. A file that ends early for an unknown host name, because it
// sends visitors to the site's own name or turns them away, is evaluated again for the names that may be that. $how: also path (of the
// file) and hosts (names of the site). Returns what cloudpress_evaluate_once() does, and path, host, server, and from_request: the constants
// that hold the request's host name. Throws an exception with the reason when the file loads WordPress for none of them.
function cloudpress_evaluate( $root, array $how = array() ) {
    $link   = isset( $how['path'] ) ? $how['path'] : cloudpress_config_path( $root );
    $hosts  = isset( $how['hosts'] ) ? array_values( array_filter( $how['hosts'], 'strlen' ) ) : array();
    $server = cloudpress_visit( CLOUDPRESS_NOBODY );
    $first  = cloudpress_evaluate_once( $link, $root, array( 'server' => $server ) + $how );
    $names  = array();
    foreach ( $first['constants'] as $name => $value ) {
        if ( is_string( $value ) && false !== strpos( $value, CLOUDPRESS_NOBODY ) ) {
            $names[] = $name;
        }
    }
    $more = array( 'path' => realpath( $link ), 'host' => '', 'server' => $server, 'from_request' => $names );
    if ( 'loads' === $first['ended'] && ! $hosts ) {
        return $first + $more;
    }
    $queue = array();
    foreach ( $hosts as $host ) {
        array_push( $queue, array( $host, false, false ), array( $host, true, false ), array( $host, true, true ) );
    }
    $run     = $first;
    $tried   = array();
    // a file that cannot be parsed cannot be for any host name
    $offered = 'loads' === $first['ended'] || false !== strpos( $first['reason'], 'syntax error' );
    for ( $count = 0; $count < 60; $count++ ) {
        if ( preg_match( '#^(?:(https?):)?//([^/?\#]+)#i', $run['location'], $found ) ) {
            $https = 'https' === strtolower( $found[1] );
            array_unshift( $queue, array( $found[2], $https, false ), array( $found[2], $https, $https ) );
        }
        if ( ! $queue && ! $offered ) {
            $offered = true;
            $named   = cloudpress_named_hosts( $first['files'], isset( $how['sources'] ) ? $how['sources'] : array() );
            $stored  = array_filter( array( cloudpress_stored_host( $first['constants'], $first['table_prefix'] ) ) );
            foreach ( array_merge( $named, $stored, array( '127.0.0.1', 'localhost' ) ) as $host ) {
                array_push( $queue, array( $host, false, false ), array( $host, true, false ), array( $host, true, true ) );
            }
        }
        if ( ! $queue ) {
            break;
        }
        $visit = array_shift( $queue );
        $run   = array( 'location' => '' );
        if ( isset( $tried[ serialize( $visit ) ] ) ) {
            continue;
        }
        $tried[ serialize( $visit ) ] = $visit[0];
        $server                       = cloudpress_visit( ...$visit );
        $run                          = cloudpress_evaluate_once( $link, $root, array( 'server' => $server ) + $how );
        if ( 'loads' === $run['ended'] ) {
            return $run + array( 'host' => $visit[0], 'server' => $server, 'from_request' => 'loads' === $first['ended'] ? $names : array() ) + $more;
        }
    }
    if ( 'loads' === $first['ended'] ) {
        return $first + $more;
    }
    throw new Exception( cloudpress_reason( $first, $more['path'], array_values( array_unique( $tried ) ) ) );
}

// The file that has the settings of the database: that one, or the one among those on the way to WordPress that it points to.
function cloudpress_settings_file( array $run ) {
    foreach ( array_unique( array_column( $run['chain'], 'file' ) ) as $file ) {
        $before = '';
        foreach ( token_get_all( (string) @file_get_contents( $file ) ) as $token ) {
            if ( ! is_array( $token ) || in_array( $token[0], array( T_WHITESPACE, T_COMMENT, T_DOC_COMMENT ), true ) ) {
                $before = is_array( $token ) ? $before : $token;
                continue;
            }
            $defines = T_CONSTANT_ENCAPSED_STRING === $token[0] ? '(' : 'const';
            if ( 'DB_NAME' === trim( $token[1], '\'"' ) && strtolower( $before ) === $defines ) {
                return $file;
            }
            $before = $token[1];
        }
    }
    return $run['path'];
}

// Names of the constants that have another value on a command line than on the web, with the same host name. What differs at every evaluation,
// such as the time, is none.
function cloudpress_differences( $root, array $run, array $how = array() ) {
    $address = array_intersect_key( $run['server'], array( 'HTTP_HOST' => '', 'SERVER_NAME' => '' ) );
    $line    = cloudpress_evaluate_once( $run['path'], $root, array( 'web' => false, 'server' => $address ) + $how );
    $differ  = function ( array $other ) use ( $run ) {
        $names = array();
        foreach ( array_keys( $run['constants'] + $other['constants'] ) as $name ) {
            $both = array_key_exists( $name, $run['constants'] ) && array_key_exists( $name, $other['constants'] );
            if ( ! $both || $run['constants'][ $name ] !== $other['constants'][ $name ] ) {
                $names[] = $name;
            }
        }
        if ( $run['table_prefix'] !== $other['table_prefix'] ) {
            $names[] = '$table_prefix';
        }
        return $names;
    };
    $names = $differ( $line );
    if ( $names ) {
        $names = array_diff( $names, $differ( cloudpress_evaluate_once( $run['path'], $root, array( 'server' => $run['server'] ) + $how ) ) );
    }
    sort( $names );
    return $names;
}

// Why an evaluation did not come as far as WordPress, as words that follow "cannot be evaluated:".
function cloudpress_reason( array $run, $path, array $hosts = array() ) {
    if ( 'error' === $run['ended'] ) {
        return str_replace( " of $path", '', $run['reason'] );
    }
    $tried = $hosts ? ' for any of the host names ' . implode( ', ', array_slice( $hosts, 0, 8 ) ) . ( 8 < count( $hosts ) ? ' and others' : '' ) : '';
    if ( 'returned' === $run['ended'] ) {
        return "it does not load wp-settings.php$tried";
    }
    $tried = '' === $tried ? '' : ", and does not go on$tried";
    return "it ends before it loads WordPress$tried" . ( '' === $run['location'] ? '' : "; it sends visitors to {$run['location']}" );
}

// DB_HOST may be host, host:port, host:/socket, :/socket or [v6]:port
function cloudpress_database_host( $text ) {
    $host   = $text;
    $port   = 3306;
    $socket = null;
    if ( preg_match( '/^(.*?):(\/.*)$/', $text, $m ) ) {
        list( , $host, $socket ) = $m;
    } elseif ( preg_match( '/^(\[[0-9a-fA-F:.]+\]|[^:]*)(?::(\d+))?$/', $text, $m ) ) {
        $host = $m[1];
        $port = isset( $m[2] ) ? (int) $m[2] : 3306;
    }
    return array( 'host' => trim( $host, '[]' ), 'port' => $port, 'socket' => $socket );
}
"""
)
