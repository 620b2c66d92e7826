<?php
// What a web node says of itself. Reads only. Run as the web server's user; the request has root and url.
define('WP_USE_THEMES', false);
$url = $request['url'];
require $request['root'] . '/wp-load.php';
global $wpdb;
$row = static fn(string $sql) => $wpdb->get_row($sql, ARRAY_N);
$attachments = $wpdb->get_col("SELECT ID FROM {$wpdb->posts} WHERE post_type = 'attachment' ORDER BY ID");
$items = $wpdb->prefix . 'as3cf_items';
$has_items = $wpdb->get_var($wpdb->prepare('SHOW TABLES LIKE %s', $wpdb->esc_like($items))) === $items;
$offloaded = $has_items ? (int) $wpdb->get_var("SELECT COUNT(DISTINCT source_id) FROM $items WHERE source_type = 'media-library'") : 0;
$self = '';
for ($try = 1; $url !== '' && $self !== '200' && $try <= 3; $try++) {
    $answer = wp_remote_get($url, ['timeout' => 15, 'redirection' => 0]);
    $self = is_wp_error($answer) ? $answer->get_error_message() : (string) wp_remote_retrieve_response_code($answer);
}
// the oldest event that is due and has not run
$due = array_filter(array_keys((array) _get_cron_array()), static fn($time) => $time <= time());
$last = $attachments ? (int) end($attachments) : 0;
cloudpress_answer([
    'home' => get_option('home'),
    'site_url' => get_option('siteurl'),
    'wordpress' => get_bloginfo('version'),
    'database_host' => DB_HOST,
    'database_server' => $row('SELECT @@hostname, @@version, CURRENT_USER()'),
    'database_cipher' => $row("SHOW SESSION STATUS LIKE 'Ssl_cipher'")[1] ?? '',
    'grants' => $wpdb->get_col('SHOW GRANTS'),
    'file_mods_locked' => defined('DISALLOW_FILE_MODS') && DISALLOW_FILE_MODS,
    'page_view_cron_off' => defined('DISABLE_WP_CRON') && DISABLE_WP_CRON,
    'cron_entry' => is_file('/etc/cron.d/cloudpress-wordpress'),
    'cron_seconds_late' => $due ? time() - min($due) : 0,
    'attachments' => count($attachments),
    'offloaded' => $offloaded,
    'media_url' => $last ? wp_get_attachment_url($last) : '',
    'self_fetch' => $self,
    'hostname' => gethostname(),
    'php' => PHP_VERSION,
    'identity' => trim((string) @file_get_contents('/etc/machine-id')) . ' ' . sha1((string) @file_get_contents('/etc/ssh/ssh_host_ed25519_key.pub')),
    'database_connections' => [(int) $row("SHOW GLOBAL STATUS LIKE 'Threads_connected'")[1], (int) $row('SELECT @@max_connections')[0]],
]);
