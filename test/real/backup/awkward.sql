-- What a dump can lose: run by an administrator in an empty database.
SET NAMES utf8mb4;
SET FOREIGN_KEY_CHECKS = 0;
CREATE TABLE `parent` (`id` INT PRIMARY KEY AUTO_INCREMENT, `favourite` INT, CONSTRAINT `parent_favourite` FOREIGN KEY (`favourite`) REFERENCES `child` (`id`));
CREATE TABLE `child` (`id` INT PRIMARY KEY AUTO_INCREMENT, `parent` INT NOT NULL, CONSTRAINT `child_parent` FOREIGN KEY (`parent`) REFERENCES `parent` (`id`) ON DELETE CASCADE);
INSERT INTO `parent` VALUES (1, 2), (2, NULL);
INSERT INTO `child` VALUES (1, 2), (2, 1);
ALTER TABLE `parent` AUTO_INCREMENT = 77;
SET FOREIGN_KEY_CHECKS = 1;
CREATE TABLE `back``tick; -- 'it''s' "a" табель 表` (`co``l umn` VARCHAR(200) COMMENT 'a '';'' comment\nof two lines', `ключ` INT, UNIQUE KEY (`ключ`));
INSERT INTO `back``tick; -- 'it''s' "a" табель 表` VALUES ('a);INSERT INTO `x` VALUES (1', NULL), ('b', NULL), ('c', 3);
CREATE TABLE `texts` (`id` INT PRIMARY KEY, `body` LONGTEXT, `data` LONGBLOB, `doc` JSON, `bits` BIT(9), `at` TIMESTAMP(6) NULL, `many` SET('a''b', 'c'), `number` DOUBLE, `exact` DECIMAL(30, 10));
INSERT INTO `texts` VALUES
  (1, 'quotes '' " ` \\ and\nnew\r\nlines\t\0 end \Z', 0x00FF27220A0D5C, '{"a": [1, "x''y\\"z"], "ñ": null}', b'101010101', '2026-03-29 01:30:00.123456', 'c', 0.1, 12345678901234567890.0123456789),
  (2, '), (3, ''x'');\n-- DELIMITER ;;\n/*! DROP TABLE texts */', '', '[]', b'0', NULL, '', -1.7976931348623157e308, -0.0000000001),
  (3, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, REPEAT('😀\\''', 200000), REPEAT(0xFF, 1500000), 'true', b'1', '1970-01-01 00:00:01', 'a''b', 5e-324, 0);
CREATE TABLE `no key` (`a` INT, `b` VARCHAR(10));
INSERT INTO `no key` VALUES (1, 'same'), (1, 'same'), (NULL, NULL), (2, 'z'), (1, 'same');
CREATE TABLE `empty` (`id` INT PRIMARY KEY, `stays` INT DEFAULT (1 + 1), CHECK (`id` > 0));
CREATE TABLE `generated` (`id` INT PRIMARY KEY, `net` INT, `gross` INT AS (`net` * 2) STORED, `label` VARCHAR(20) AS (CONCAT('n''', `net`)) VIRTUAL, `hidden` INT INVISIBLE DEFAULT 9, KEY (`label`));
INSERT INTO `generated` (`id`, `net`, `hidden`) VALUES (1, 10, 1), (2, 20, 2);
CREATE TABLE `parts` (`id` INT, `year` INT, PRIMARY KEY (`id`, `year`)) PARTITION BY RANGE (`year`) (PARTITION `old` VALUES LESS THAN (2000), PARTITION `new` VALUES LESS THAN MAXVALUE);
INSERT INTO `parts` VALUES (1, 1999), (1, 2001);
CREATE TABLE `audit` (`id` INT PRIMARY KEY AUTO_INCREMENT, `what` VARCHAR(100));
CREATE TABLE `latin` (`t` VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_german2_ci) DEFAULT CHARSET = latin1;
INSERT INTO `latin` VALUES ('müßig');
CREATE ALGORITHM = MERGE DEFINER = `owner`@`%` VIEW `b view` AS SELECT `id`, CONCAT('it''s ', `net`) AS `says` FROM `generated`;
CREATE DEFINER = `other`@`localhost` SQL SECURITY INVOKER VIEW `view of a view` AS SELECT `says` FROM `b view` WHERE `id` > 0 WITH CHECK OPTION;
DELIMITER //
CREATE DEFINER = `owner`@`%` TRIGGER `note it` AFTER INSERT ON `child` FOR EACH ROW BEGIN
  -- it's a comment with a quote; and a semicolon
  /* and "another */
  INSERT INTO `audit` (`what`) VALUES (CONCAT('child;', NEW.`id`)); # it's
END //
CREATE DEFINER = `owner`@`%` TRIGGER `change it` BEFORE UPDATE ON `child` FOR EACH ROW SET NEW.`parent` = NEW.`parent` //
CREATE DEFINER = `other`@`localhost` PROCEDURE `pro cedure`(IN `n` INT) COMMENT 'DEFINER=`x`@`y` stays' BEGIN
  DECLARE `text` VARCHAR(100) DEFAULT 'CREATE DEFINER=`other`@`localhost` PROCEDURE;;';
  SELECT `text`, `n` FROM `audit`;
END //
CREATE DEFINER = `owner`@`%` FUNCTION `twice`(`n` INT) RETURNS INT DETERMINISTIC RETURN `n` * 2 //
SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES' //
CREATE DEFINER = owner@'%' FUNCTION "other mode"() RETURNS VARCHAR(20) DETERMINISTIC RETURN 'a\' //
SET SESSION sql_mode = DEFAULT //
CREATE DEFINER = `owner`@`%` EVENT `nightly ON COMPLETION PRESERVE ENABLE` ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 03:00:00' COMMENT 'ON COMPLETION NOT PRESERVE ENABLE' DO
  DELETE FROM `audit` WHERE `what` = 'ON COMPLETION NOT PRESERVE ENABLE' //
CREATE DEFINER = `owner`@`%` EVENT `off` ON SCHEDULE EVERY 2 HOUR DISABLE DO SET @x = 1 //
CREATE DEFINER = `owner`@`%` EVENT `once` ON SCHEDULE AT '2037-01-01 00:00:00' DO SET @x = 1 //
DELIMITER ;
