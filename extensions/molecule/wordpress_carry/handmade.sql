-- Tables, rows and code beside WordPress's own. Read after the tables got their prefix.
CREATE TABLE IF NOT EXISTS shop_orders (id int AUTO_INCREMENT PRIMARY KEY, customer varchar(50), total float, noted timestamp NULL, blob_ varbinary(9)) AUTO_INCREMENT=5001;
INSERT INTO shop_orders (customer, total, noted, blob_) VALUES ('Ann', 1234567.75, '2026-03-29 02:30:00', 0x00ff27), ('Bob ''\\ 🎉', 0.1, NULL, '');
CREATE TABLE IF NOT EXISTS old_notes (id int PRIMARY KEY, note varchar(50)) DEFAULT CHARSET=latin1;
SET NAMES utf8mb4;
INSERT IGNORE INTO old_notes VALUES (1, 'grün');
CREATE OR REPLACE DEFINER=root@localhost VIEW shop_totals AS SELECT SUM(total) AS total FROM shop_orders;
DROP TRIGGER IF EXISTS shop_stamp;
DROP FUNCTION IF EXISTS shop_vat;
DELIMITER //
CREATE DEFINER=root@localhost TRIGGER shop_stamp BEFORE INSERT ON shop_orders FOR EACH ROW SET NEW.customer = TRIM(NEW.customer)//
CREATE DEFINER=root@localhost FUNCTION shop_vat(x int) RETURNS int DETERMINISTIC RETURN x * 19 DIV 100//
DELIMITER ;
