-- What is hard to move from MariaDB to MySQL without loss. The definer does not exist on the target.
SET NAMES utf8mb4; SET SESSION sql_mode = '';
CREATE TABLE t_aria (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, t longtext NOT NULL DEFAULT 'it''s \\ x', b longblob,
  d datetime NOT NULL DEFAULT '0000-00-00 00:00:00', ts timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  f double, fl float, de decimal(30,10), j json, e enum('a','ü','it''s'), s set('x','y'), bi bit(12), y year, ti time(3), g point,
  u varchar(40) DEFAULT uuid(), n int DEFAULT (1 + 2), hidden int INVISIBLE DEFAULT 7, `c``q` int COMMENT 'COLLATE; -- ''x''',
  KEY (d), KEY ignored (n) IGNORED, FULLTEXT KEY words (t)
) ENGINE=Aria TRANSACTIONAL=1 COLLATE utf8mb4_uca1400_ai_ci;
INSERT INTO t_aria (t, b, d, f, fl, de, j, e, s, bi, y, ti, g, hidden) VALUES
  ('🎉 ünï DEFINER=`a`@`b` COLLATE utf8mb4_uca1400_ai_ci ENGINE=Aria', 0x000102ff0a0d27225c1a, '2020-02-30', 1.1e-300, 1234567.8,
   12345678901234567890.0123456789, '{"a": [1,  2]}', 'ü', 'x,y', b'101', 1999, '-12:30:00.125', ST_GeomFromText('POINT(1.5 -2)', 4326), 9),
  ('line\n); INSERT INTO `x` VALUES (1);\n\\ two\0\t\r', '', '0000-00-00', 0.1, 1e10, NULL, NULL, 'it''s', '', 0, 0, '838:59:59', NULL, NULL),
  (');\n', NULL, '1000-01-01', -0.0, 16777217, -1, '"🎉"', 'a', NULL, NULL, NULL, NULL, NULL, 0);
-- every byte, in every place of a row
CREATE TABLE t_bytes (id int PRIMARY KEY, b varbinary(600), l longblob, h char(3) CHARACTER SET latin1) ENGINE=InnoDB ROW_FORMAT=COMPRESSED;
INSERT INTO t_bytes SELECT seq, CONCAT(CHAR(seq), CHAR(255 - seq), CHAR(seq)), REPEAT(CHAR(seq), seq), CHAR(seq) FROM seq_0_to_255;
INSERT INTO t_bytes SELECT 256, GROUP_CONCAT(CHAR(seq) ORDER BY seq SEPARATOR ''), GROUP_CONCAT(CHAR(255 - seq) ORDER BY seq SEPARATOR ''), 'é' FROM seq_0_to_255;
-- above 16 MB, of bytes that double in a dump
CREATE TABLE t_huge (id int PRIMARY KEY, b longblob, t longtext) ENGINE=InnoDB;
INSERT INTO t_huge VALUES (1, REPEAT(0x00ff275c0a1a8020, 2300000), NULL), (2, 0x00, REPEAT('ü''\\\n🎉 ', 400000));
CREATE TABLE t_myisam (k varchar(50) NOT NULL PRIMARY KEY, f char(9)) ENGINE=MyISAM ROW_FORMAT=FIXED COLLATE utf8mb4_uca1400_as_cs;
INSERT INTO t_myisam VALUES ('B', 'x '), ('a', ''), ('A', NULL), ('ä', 'y');
CREATE TABLE t_mixed (a varchar(20) COLLATE latin1_german2_ci, b varchar(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin,
  c varchar(20) CHARACTER SET ucs2, d varchar(20) COLLATE utf8mb4_uca1400_swedish_ai_ci UNIQUE, e varchar(20) COLLATE utf8mb4_nopad_bin,
  f varchar(20) CHARACTER SET cp1251, g text COLLATE utf8mb4_unicode_520_ci) COLLATE utf8mb4_swedish_ci;
INSERT INTO t_mixed VALUES ('straße', '€', 'ユ', 'a', 'x ', 'Ж', 'ё'), ('ÿ', NULL, '', 'å', 'x', 'ж', '');
-- without primary key, equal rows, and generated columns
CREATE TABLE t_twins (v int, w varchar(5)) ENGINE=MyISAM;
INSERT INTO t_twins VALUES (1, 'a'), (1, 'a'), (1, 'a'), (NULL, NULL), (NULL, NULL);
CREATE TABLE t_generated (a int, b varchar(20), c int AS (a * 2) STORED, d varchar(40) AS (CONCAT(b, '-', a)) VIRTUAL, x longblob, f float, KEY (c));
INSERT INTO t_generated (a, b, x, f) VALUES (1, 'ü', 0x00ff0d, 0.1), (2, NULL, NULL, NULL), (3, '''', '', 3.4e38);
-- names
CREATE TABLE `order` (`group` int, `rank` int, `system` int, `lateral` text, PRIMARY KEY (`group`), KEY `window` (`rank`));
INSERT INTO `order` VALUES (1, 2, 3, 'x');
CREATE TABLE `name.with-dots and blank` (`a.b` int, `c-d` int, `ünï` int);
INSERT INTO `name.with-dots and blank` VALUES (1, 2, 3);
CREATE TABLE `tabelle_ünïcöde_表` (`schlüssel` int PRIMARY KEY, `back``tick` int);
INSERT INTO `tabelle_ünïcöde_表` VALUES (7, 8);
CREATE TABLE `Upper` (i int); CREATE TABLE `upper` (i int);
INSERT INTO `Upper` VALUES (1); INSERT INTO `upper` VALUES (2);
-- tables of somebody else, with foreign keys, a number far ahead, partitions
CREATE TABLE shop_customers (id int AUTO_INCREMENT PRIMARY KEY, name varchar(50)) AUTO_INCREMENT=90000;
CREATE TABLE shop_a_orders (id int AUTO_INCREMENT PRIMARY KEY, customer int NOT NULL, total decimal(10,2) CHECK (total >= 0),
  CONSTRAINT fk_customer FOREIGN KEY (customer) REFERENCES shop_customers (id) ON DELETE CASCADE);
INSERT INTO shop_customers (name) VALUES ('Ann'), ('Bob');
INSERT INTO shop_a_orders (customer, total) VALUES (90000, 9.99), (90001, 0);
INSERT INTO shop_customers (id, name) VALUES (0, 'zero');
UPDATE shop_customers SET id = 0 WHERE name = 'zero';
ALTER TABLE shop_customers AUTO_INCREMENT = 95000;
CREATE TABLE t_parts (a int, b int) ENGINE=Aria PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
INSERT INTO t_parts VALUES (1, 1), (20, 2);
CREATE TABLE t_memory (a int) ENGINE=MEMORY;
INSERT INTO t_memory VALUES (5);
CREATE TABLE t_inserted (a int) ENGINE=InnoDB;
-- code
CREATE DEFINER=root@localhost SQL SECURITY INVOKER VIEW v_posts AS SELECT id, post_title FROM wp_posts;
CREATE DEFINER=root@localhost VIEW a_first AS SELECT * FROM v_posts;
DELIMITER //
CREATE DEFINER=root@localhost FUNCTION f1(x varchar(20) CHARACTER SET utf8mb4) RETURNS varchar(30) CHARSET utf8mb4 DETERMINISTIC RETURN CONCAT(x, '🎉 ;')//
CREATE DEFINER=root@localhost TRIGGER tr_before BEFORE INSERT ON t_twins FOR EACH ROW BEGIN
  -- a comment; with a semicolon
  SET NEW.v = NEW.v + 100;
END//
CREATE DEFINER=root@localhost TRIGGER tr_after AFTER INSERT ON t_twins FOR EACH ROW INSERT INTO t_inserted VALUES (1)//
CREATE DEFINER=root@localhost PROCEDURE p1(IN x INT, OUT y INT) READS SQL DATA BEGIN
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET y = -1;
  SELECT COUNT(*) INTO y FROM `order` WHERE `group` = x;
END//
CREATE DEFINER=root@localhost PROCEDURE p_mixed() BEGIN
  START TRANSACTION;
  INSERT INTO t_inserted VALUES (1);
  INSERT INTO `t_memory` VALUES (1);
  COMMIT;
END//
CREATE DEFINER=root@localhost EVENT ev_each_second ON SCHEDULE EVERY 1 SECOND COMMENT 'ENABLE' DO INSERT INTO t_memory SELECT 1 FROM t_memory WHERE a = 77 LIMIT 1//
CREATE DEFINER=root@localhost EVENT ev_off ON SCHEDULE EVERY 2 MONTH STARTS '2035-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE DO DELETE FROM t_twins//
DELIMITER ;
CREATE DEFINER=root@localhost VIEW v_function AS SELECT f1(w) AS x FROM t_twins;
