<?php define('DB_NAME','n');define('DB_USER','u');define('DB_PASSWORD','it\'s $1 & \\1 / \\\\ ?> // ends with \\');define('DB_HOST','ls-0.example.com:3306');$table_prefix='wp_';defined('ABSPATH')||define('ABSPATH',__DIR__.'/');
/* BEGIN cloudpress constants (managed by Ansible, changes here are overwritten) */
define( 'DISALLOW_FILE_MODS', true );
define( 'WP_HOME', 'https://www.example.com' );
define( 'WP_POST_REVISIONS', 7 );
/* END cloudpress constants */
require_once ABSPATH.'wp-settings.php';
