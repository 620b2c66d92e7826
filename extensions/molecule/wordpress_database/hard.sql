CREATE TABLE IF NOT EXISTS hard (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, t longtext NOT NULL DEFAULT 'it''s x', b longblob,
  d datetime NOT NULL DEFAULT '0000-00-00 00:00:00', f double, fl float, j json, e enum('a','ü'),
  g int AS (char_length(e)) STORED, KEY (d)
) ENGINE=Aria COLLATE utf8mb4_uca1400_ai_ci;
INSERT INTO hard (t, b, f, fl, j, e) VALUES
  ('🎉 ünï DEFINER=`a`@`b` COLLATE utf8mb4_uca1400_ai_ci', 0x000102ff0a0d27225c, 1.1e-300, 3.14159, '{"a":1}', 'ü'),
  ('line\n\\ two', '', 0.1, 1e10, NULL, 'a');
CREATE TABLE plain (k varchar(50) NOT NULL PRIMARY KEY) ENGINE=MyISAM ROW_FORMAT=FIXED COLLATE utf8mb4_uca1400_as_cs;
INSERT INTO plain VALUES ('B'), ('a'), ('A'), ('ä');
CREATE DEFINER=root@localhost VIEW seen AS SELECT id, post_title FROM wp_posts;
DELIMITER //
CREATE DEFINER=root@localhost TRIGGER tr BEFORE INSERT ON plain FOR EACH ROW BEGIN SET NEW.k = CONCAT(NEW.k, ''); END//
CREATE DEFINER=root@localhost PROCEDURE p1(x INT) BEGIN SELECT x; END//
CREATE DEFINER=root@localhost FUNCTION f1() RETURNS INT DETERMINISTIC RETURN 1//
CREATE DEFINER=root@localhost EVENT ev ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM plain WHERE k = 'zzz'//
DELIMITER ;
