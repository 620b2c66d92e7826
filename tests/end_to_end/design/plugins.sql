-- Tables in the shape of those that widely used plugins create, with what makes them hard to move or to rewrite. SITE is the address under
-- which the site is designed.
SET NAMES utf8mb4;
SET SESSION sql_mode = '';

-- a firewall: addresses as bytes whose default is NUL bytes, times as DOUBLE
CREATE TABLE wp_wflocs (IP binary(16) NOT NULL DEFAULT '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0', ctime int(10) unsigned NOT NULL, failed tinyint(3) unsigned NOT NULL,
  city varchar(255) DEFAULT '', lat float(10,7) DEFAULT 0.0000000, lon float(10,7) DEFAULT 0.0000000, PRIMARY KEY (IP)) DEFAULT CHARSET=utf8;
INSERT INTO wp_wflocs VALUES (0x00000000000000000000ffff01020304, 1700000000, 0, 'Zürich', 47.3768866, 8.5416940), (REPEAT(0x00, 16), 1, 1, '', 0, -0.0000001);
CREATE TABLE wp_wfhits (id int(10) unsigned NOT NULL AUTO_INCREMENT, attackLogTime double(17,6) unsigned NOT NULL, ctime double(17,6) unsigned NOT NULL,
  IP binary(16) DEFAULT NULL, jsRun tinyint(4) DEFAULT 0, statusCode int(11) NOT NULL DEFAULT 200, URL text DEFAULT NULL, UA text DEFAULT NULL,
  action varchar(64) NOT NULL DEFAULT '', PRIMARY KEY (id), KEY k1 (ctime), KEY k2 (IP, ctime)) DEFAULT CHARSET=utf8;
INSERT INTO wp_wfhits (attackLogTime, ctime, IP, URL, action) VALUES (1700000000.123456, 1700000000.1, 0x20010db8000000000000000000000001, 'SITE/?x=1', 'blocked:waf');
CREATE TABLE wp_wfblocks7 (id bigint(20) unsigned NOT NULL AUTO_INCREMENT, type int(10) unsigned NOT NULL DEFAULT 0,
  IP binary(16) NOT NULL DEFAULT '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0', blockedTime bigint(20) NOT NULL, reason varchar(255) NOT NULL, lastAttempt int(10) unsigned DEFAULT 0,
  expiration bigint(20) unsigned NOT NULL DEFAULT 0, parameters text DEFAULT NULL, PRIMARY KEY (id), KEY IP (IP)) DEFAULT CHARSET=utf8;
CREATE TABLE wp_wffilemods (filenameMD5 binary(16) NOT NULL, filename varchar(1000) NOT NULL, SHAC binary(32) NOT NULL
  DEFAULT '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0', stoppedOnPosition int(10) unsigned NOT NULL DEFAULT 0,
  isSafeFile varchar(1) NOT NULL DEFAULT '?', PRIMARY KEY (filenameMD5)) DEFAULT CHARSET=utf8;
INSERT INTO wp_wffilemods (filenameMD5, filename, SHAC) VALUES (0x00ff00ff00ff00ff00ff00ff00ff0000, 'wp-load.php', REPEAT(0xfe00, 16));
CREATE TABLE wp_wfconfig (name varchar(100) NOT NULL, val longblob DEFAULT NULL, autoload enum('no','yes') NOT NULL DEFAULT 'yes', PRIMARY KEY (name)) DEFAULT CHARSET=utf8;
INSERT INTO wp_wfconfig VALUES ('siteURL', 'SITE/', 'yes'), ('keys', 0x00ff275c0a1a, 'no');
CREATE TABLE wp_wftrafficrates (eMin int(10) unsigned NOT NULL, IP binary(16) NOT NULL DEFAULT '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0',
  hitType enum('hit','404') NOT NULL DEFAULT 'hit', hits int(10) unsigned NOT NULL, PRIMARY KEY (eMin, IP, hitType)) DEFAULT CHARSET=utf8;
CREATE TABLE wp_wfls_2fa_secrets (id int(11) unsigned NOT NULL AUTO_INCREMENT, user_id bigint(20) unsigned NOT NULL, secret tinyblob NOT NULL, recovery blob NOT NULL,
  mode enum('authenticator') NOT NULL DEFAULT 'authenticator', PRIMARY KEY (id), KEY user_id (user_id)) DEFAULT CHARSET=utf8;
INSERT INTO wp_wfls_2fa_secrets VALUES (1, 1, 0x0001feff, 0xdeadbeef00, 'authenticator');

-- a shop: orders in tables of their own, keys over parts of columns, amounts, a foreign key, dates that are none
CREATE TABLE wp_wc_orders (id bigint(20) unsigned NOT NULL, status varchar(20) DEFAULT NULL, currency varchar(10) DEFAULT NULL, tax_amount decimal(26,8) DEFAULT NULL,
  total_amount decimal(26,8) DEFAULT NULL, customer_id bigint(20) unsigned DEFAULT NULL, billing_email varchar(320) DEFAULT NULL, date_created_gmt datetime DEFAULT NULL,
  customer_note text DEFAULT NULL, PRIMARY KEY (id), KEY status (status), KEY billing_email (billing_email(191))) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
INSERT INTO wp_wc_orders VALUES (4711, 'wc-processing', 'EUR', 3.14159265, 19.90000000, 1, 'käufer@example.com', '2026-11-01 10:00:00', 'Bitte klingeln 🎁');
CREATE TABLE wp_wc_orders_meta (id bigint(20) unsigned NOT NULL AUTO_INCREMENT, order_id bigint(20) unsigned DEFAULT NULL, meta_key varchar(255) DEFAULT NULL,
  meta_value text DEFAULT NULL, PRIMARY KEY (id), KEY meta_key_value (meta_key(100), meta_value(82))) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
INSERT INTO wp_wc_orders_meta VALUES (1, 4711, '_session', 'a:1:{s:8:"referrer";s:LENGTH:"SITE/shop";}');
CREATE TABLE wp_wc_product_meta_lookup (product_id bigint(20) NOT NULL, sku varchar(100) DEFAULT '', `virtual` tinyint(1) DEFAULT 0, min_price decimal(19,4) DEFAULT NULL,
  stock_quantity double DEFAULT NULL, average_rating decimal(3,2) DEFAULT 0.00, total_sales bigint(20) DEFAULT 0, PRIMARY KEY (product_id)) DEFAULT CHARSET=utf8mb4;
INSERT INTO wp_wc_product_meta_lookup VALUES (12, 'TEA-1', 0, 4.9000, 0.1, 4.67, 3);
CREATE TABLE wp_woocommerce_downloadable_product_permissions (permission_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, download_id varchar(36) NOT NULL,
  access_granted datetime NOT NULL DEFAULT '0000-00-00 00:00:00', access_expires datetime DEFAULT NULL, PRIMARY KEY (permission_id)) DEFAULT CHARSET=utf8mb4;
INSERT INTO wp_woocommerce_downloadable_product_permissions (download_id) VALUES ('6b8f');
CREATE TABLE wp_wc_download_log (download_log_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, `timestamp` datetime NOT NULL, permission_id bigint(20) unsigned NOT NULL,
  user_ip_address varchar(100) DEFAULT '', PRIMARY KEY (download_log_id), KEY permission_id (permission_id), CONSTRAINT fk_wp_wc_download_log_permission_id
  FOREIGN KEY (permission_id) REFERENCES wp_woocommerce_downloadable_product_permissions (permission_id) ON DELETE CASCADE) DEFAULT CHARSET=utf8mb4;
INSERT INTO wp_wc_download_log VALUES (1, '0000-00-00 00:00:00', 1, '::1');
CREATE TABLE wp_actionscheduler_actions (action_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, hook varchar(191) NOT NULL, status varchar(20) NOT NULL,
  scheduled_date_gmt datetime DEFAULT '0000-00-00 00:00:00', priority tinyint(3) unsigned NOT NULL DEFAULT 10, args varchar(191) DEFAULT NULL, schedule longtext DEFAULT NULL,
  PRIMARY KEY (action_id), KEY hook_status_scheduled_date_gmt (hook(163), status, scheduled_date_gmt)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
INSERT INTO wp_actionscheduler_actions (hook, status, schedule) VALUES
  ('shop/run', 'pending', CONCAT('O:30:"ActionScheduler_SimpleSchedule":1:{s:22:"', CHAR(0), '*', CHAR(0), 'scheduled_timestamp";i:1700000000;}'));
CREATE TABLE wp_woocommerce_sessions (session_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, session_key char(32) NOT NULL, session_value longtext NOT NULL,
  session_expiry bigint(20) unsigned NOT NULL, PRIMARY KEY (session_id), UNIQUE KEY session_key (session_key)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- a page builder: a page as JSON in a text, with slashes escaped
INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES
  (2, '_elementor_data', '[{"id":"7f","elType":"section","settings":{"background_image":{"url":"ESCAPED\\/wp-content\\/uploads\\/a.jpg"},"link":"{\\"url\\":\\"TWICE\\\\\\/shop\\"}"}}]'),
  (2, '_elementor_css', 'a:1:{s:3:"url";s:LENGTH:"SITE/shop";}');
CREATE TABLE wp_e_submissions (id bigint(20) unsigned NOT NULL AUTO_INCREMENT, hash_id varchar(60) NOT NULL, referer varchar(500) NOT NULL, created_at datetime NOT NULL,
  meta text DEFAULT NULL, PRIMARY KEY (id), UNIQUE KEY hash_id_unique_index (hash_id), KEY referer_index (referer(191))) DEFAULT CHARSET=utf8mb4;
INSERT INTO wp_e_submissions VALUES (1, 'x', 'SITE/contact/', '2026-11-01 10:00:00', '{"edit_post_id":"2"}');

-- search engines: long keys, a column that follows its row
CREATE TABLE wp_yoast_indexable (id int(11) unsigned NOT NULL AUTO_INCREMENT, permalink longtext DEFAULT NULL, permalink_hash varchar(40) DEFAULT NULL,
  object_type varchar(32) NOT NULL, title text DEFAULT NULL, is_cornerstone tinyint(1) DEFAULT 0, created_at datetime DEFAULT NULL,
  updated_at timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(), blog_id bigint(20) NOT NULL DEFAULT 1, language varchar(32) DEFAULT NULL,
  PRIMARY KEY (id), KEY permalink_hash_and_object_type (permalink_hash, object_type)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
INSERT INTO wp_yoast_indexable (permalink, permalink_hash, object_type, title, created_at) VALUES ('SITE/about/', '24:abc', 'post', '%%title%% — “Straße”', '2026-11-01');

-- forms
CREATE TABLE wp_wpforms_payments (id bigint(20) NOT NULL AUTO_INCREMENT, form_id bigint(20) NOT NULL, status varchar(10) NOT NULL DEFAULT '', total_amount decimal(26,8) NOT NULL DEFAULT 0.00000000,
  currency varchar(3) NOT NULL DEFAULT '', date_created_gmt datetime NOT NULL, PRIMARY KEY (id), KEY status (status(8))) DEFAULT CHARSET=utf8mb4;
INSERT INTO wp_wpforms_payments VALUES (1, 5, 'completed', 12.50000000, 'EUR', '2026-11-01 10:00:00');
CREATE TABLE wp_wpforms_logs (id bigint(20) NOT NULL AUTO_INCREMENT, title varchar(255) NOT NULL, message longtext NOT NULL, types varchar(255) NOT NULL, create_at datetime NOT NULL,
  form_id bigint(20) DEFAULT NULL, PRIMARY KEY (id)) DEFAULT CHARSET=utf8mb4;

-- statistics: MyISAM with a row format of its own, a key over parts of columns, floating-point numbers, defaults that look like code
CREATE TABLE wp_statistics_visitor (ID bigint(40) NOT NULL AUTO_INCREMENT, last_counter date NOT NULL, referred text NOT NULL, agent varchar(180) NOT NULL, platform varchar(180) DEFAULT NULL,
  version varchar(180) DEFAULT NULL, ip varchar(60) NOT NULL, location varchar(10) DEFAULT NULL, bounce float DEFAULT 0.000039, color varchar(40) NOT NULL DEFAULT 'rgba(0,0,0,0.5)',
  PRIMARY KEY (ID), UNIQUE KEY date_ip_agent (last_counter, ip, agent(50), platform(50), version(50))) ENGINE=MyISAM ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4;
INSERT INTO wp_statistics_visitor (last_counter, referred, agent, ip, bounce) VALUES ('2026-11-01', 'SITE/', 'Firefox', '1.2.3.4', 0.000061), ('2026-11-02', '', 'Firefox', '1.2.3.4', 1e-30);
CREATE TABLE wp_statistics_pages (page_id bigint(20) NOT NULL AUTO_INCREMENT, uri varchar(190) NOT NULL, type varchar(180) NOT NULL, date date NOT NULL, count int(11) NOT NULL, id int(11) NOT NULL,
  PRIMARY KEY (page_id), UNIQUE KEY date_2 (date, uri), KEY url (uri)) ENGINE=Aria PAGE_CHECKSUM=1 DEFAULT CHARSET=utf8mb4;
INSERT INTO wp_statistics_pages VALUES (1, '/', 'home', '2026-11-01', 7, 0);
