-- What is hard to move from one MySQL to another without loss. The definer does not exist on the target.
SET NAMES utf8mb4; SET SESSION sql_mode = '';
CREATE TABLE t_mysql (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, j json, f float, d datetime NOT NULL DEFAULT '0000-00-00 00:00:00', b longblob,
  c varchar(20) COLLATE utf8mb4_0900_as_cs, t text DEFAULT (_utf8mb4'it''s'), h int INVISIBLE DEFAULT 3, g point, bi bit(9),
  v varchar(50) GENERATED ALWAYS AS (CONCAT(c, '-', h)) VIRTUAL, s int GENERATED ALWAYS AS (CHAR_LENGTH(c)) STORED, KEY low ((LOWER(c))), CHECK (f IS NULL OR f > 0)
) AUTO_INCREMENT=500;
INSERT INTO t_mysql (j, f, d, b, c, g, bi, h) VALUES ('{"b": [1, "🎉"], "a": null}', 1234567.8, '0000-00-00', 0x00ff275c0a1a, 'ä', ST_GeomFromText('POINT(1 2)', 4326), b'101', 9),
  (NULL, NULL, '2020-02-02', NULL, NULL, NULL, NULL, 0);
CREATE TABLE t_myisam (k varchar(20) COLLATE latin1_german2_ci, KEY (k)) ENGINE=MyISAM; INSERT INTO t_myisam VALUES ('straße'), ('strasse');
CREATE TABLE `name.with-dots` (`rank` int, `back``tick` int); INSERT INTO `name.with-dots` VALUES (1, 2);
CREATE DEFINER=root@localhost VIEW v_mysql AS SELECT id, j FROM t_mysql;
DELIMITER //
CREATE DEFINER=root@localhost TRIGGER tr BEFORE INSERT ON t_myisam FOR EACH ROW BEGIN SET NEW.k = CONCAT(NEW.k, ''); END//
CREATE DEFINER=root@localhost FUNCTION f1() RETURNS varchar(9) DETERMINISTIC RETURN '🎉'//
CREATE DEFINER=root@localhost EVENT ev ON SCHEDULE EVERY 1 SECOND DO DELETE FROM t_myisam WHERE k = 'zzz'//
DELIMITER ;
