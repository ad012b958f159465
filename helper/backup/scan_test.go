package backup

import (
	"bytes"
	"strings"
	"testing"
)

// sample is what mysqldump 9.7 writes, shortened, with what misleads a reader.
const sample = "/*!50503 SET NAMES utf8mb4 */;\n" +
	"DROP TABLE IF EXISTS `a``b`;\n" +
	"CREATE TABLE `a``b` (\n  `t` text COMMENT 'x;''INSERT INTO `z` VALUES (1);'\n) ENGINE=InnoDB AUTO_INCREMENT=7;\n" +
	"LOCK TABLES `a``b` WRITE;\n/*!40000 ALTER TABLE `a``b` DISABLE KEYS */;\n" +
	"INSERT INTO `a``b` VALUES (1,'a),(2;\\'b'),(2,'it''s\\\\'),(3,NULL);\n" +
	"INSERT INTO `a``b` (`x`, `VALUES (`) VALUES (0x00FF,'(');\n" +
	"UNLOCK TABLES;\n" +
	"/*!50001 CREATE VIEW `v` AS SELECT \n 1 AS `t`*/;\n" +
	"/*!50003 SET sql_mode              = 'ONLY_FULL_GROUP_BY' */ ;\nDELIMITER ;;\n" +
	"/*!50003 CREATE*/ /*!50017 DEFINER=`o``x`@`%`*/ /*!50003 TRIGGER `tr` AFTER INSERT ON `a``b` FOR EACH ROW BEGIN\n -- it's; one\n SET @x = ';;'; /* ' */\nEND */;;\n" +
	"DELIMITER ;\n" +
	"/*!50106 CREATE*/ /*!50117 DEFINER=`root`@`localhost`*/ /*!50106 EVENT `e ON COMPLETION PRESERVE ENABLE` ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 00:00:00' ON COMPLETION NOT PRESERVE ENABLE DO SET @x = 1 */;\n" +
	"/*!50003 SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES' */ ;\nDELIMITER ;;\nCREATE DEFINER=\"a\"@\"b\" FUNCTION \"q \"\"f\"() RETURNS int\nRETURN 'a\\' ;;\nDELIMITER ;\n/*!50003 SET sql_mode = '' */ ;\n" +
	"DELIMITER ;;\nCREATE DEFINER=`root`@`localhost` PROCEDURE `p`()\n    COMMENT 'DEFINER=`k`@`k`'\nBEGIN SELECT 1; END ;;\nDELIMITER ;\n" +
	"ALTER DATABASE `app` CHARACTER SET latin1 COLLATE latin1_bin ;\n" +
	"/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 AS `t` */;\n"

// rewritten runs a dump through a rewriter, in pieces of a size.
func rewritten(t *testing.T, dump string, piece int, what what) (string, sums) {
	t.Helper()
	var out bytes.Buffer
	counter := newCounter()
	scanner := newScanner(&rewriter{counter: counter, to: &out, database: "app__check", what: what})
	for rest := dump; rest != ""; {
		count := min(piece, len(rest))
		if _, err := scanner.Write([]byte(rest[:count])); err != nil {
			t.Fatal(err)
		}
		rest = rest[count:]
	}
	if err := scanner.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String(), counter.result(int64(len(dump)))
}

func TestPiecesOfAnySizeGiveTheSame(t *testing.T) {
	want, sums := rewritten(t, sample, len(sample), everything)
	for piece := 1; piece < 40; piece++ {
		got, found := rewritten(t, sample, piece, everything)
		if got != want || len(differences("app", sums, found)) > 0 {
			t.Fatalf("pieces of %d bytes give another result:\n%s", piece, got)
		}
	}
}

func TestRowsAndObjectsAreCounted(t *testing.T) {
	_, sums := rewritten(t, sample, 7, everything)
	if table := sums.Tables["a`b"]; len(sums.Tables) != 1 || table.Rows != 4 {
		t.Errorf("tables: %+v", sums.Tables)
	}
	want := []string{"event e ON COMPLETION PRESERVE ENABLE", "function q \"f", "procedure p", "trigger tr", "view v"}
	if got := sortedKeys(sums.Objects); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("objects: %q", got)
	}
}

func TestRewritingForAnotherDatabase(t *testing.T) {
	got, _ := rewritten(t, sample, 100, everything)
	for _, text := range []string{
		"/*!50003 CREATE*/ /*!50003 TRIGGER `tr`", "ON COMPLETION NOT PRESERVE DISABLE DO", "EVENT `e ON COMPLETION PRESERVE ENABLE`",
		"CREATE PROCEDURE `p`()", "CREATE FUNCTION \"q \"\"f\"()", "COMMENT 'DEFINER=`k`@`k`'", "ALTER DATABASE `app__check` CHARACTER SET latin1", "/*!50013 SQL SECURITY DEFINER */",
		"(2,'it''s\\\\'),(3,NULL);\n",
	} {
		if !strings.Contains(got, text) {
			t.Errorf("%q is not in:\n%s", text, got)
		}
	}
	if strings.Contains(got, "DEFINER=`root`") || strings.Contains(got, "DEFINER=`o") {
		t.Errorf("a definer is left:\n%s", got)
	}
	objects, _ := rewritten(t, sample, 100, objectsOnly)
	for _, text := range []string{"INSERT", "CREATE TABLE", "DROP TABLE", "LOCK TABLES"} {
		if strings.Contains(strings.Split(objects, "/*!50003 CREATE*/")[0], text) {
			t.Errorf("%s is in the objects:\n%s", text, objects)
		}
	}
	if !strings.Contains(objects, "ON COMPLETION NOT PRESERVE ENABLE DO") {
		t.Errorf("the event lost its state:\n%s", objects)
	}
}

func TestSumsSeeEveryChange(t *testing.T) {
	_, want := rewritten(t, sample, 50, everything)
	for from, to := range map[string]string{
		"(3,NULL)":                   "(3,'NULL')",
		",(3,NULL)":                  "",
		"it''s":                      "its",
		"AUTO_INCREMENT=7":           "AUTO_INCREMENT=8",
		"SET @x = ';;'":              "SET @x = ';'",
		"select 1 AS":                "select 2 AS",
		"EVERY 1 DAY":                "EVERY 2 DAY",
		"ONLY_FULL_GROUP_BY":         "ANSI_QUOTES",
		"PROCEDURE `p`":              "PROCEDURE `q`",
		"BEGIN SELECT 1; END":        "BEGIN SELECT 1 ; END",
		"`t` text COMMENT":           "`t` longtext COMMENT",
		"VALUES (0x00FF,'('":         "VALUES (0x00FE,'('",
		"CREATE ALGORITHM=UNDEFINED": "CREATE ALGORITHM=MERGE",
	} {
		changed := strings.Replace(sample, from, to, 1)
		if changed == sample {
			t.Fatalf("%q is not in the sample", from)
		}
		_, found := rewritten(t, changed, 50, everything)
		if len(differences("app", want, found)) == 0 {
			t.Errorf("%q instead of %q is not seen", to, from)
		}
	}
	other := strings.NewReplacer("(1,'a),(2;\\'b'),(2,'it''s\\\\')", "(2,'it''s\\\\'),(1,'a),(2;\\'b')", "DEFINER=`root`@`localhost`", "DEFINER=`x`@`%`").Replace(sample)
	if _, found := rewritten(t, other, 50, everything); other == sample || len(differences("app", want, found)) > 0 {
		t.Errorf("another order of rows, or another definer, counts as a difference: %q", differences("app", want, found))
	}
}

func TestABrokenDumpIsRefused(t *testing.T) {
	for _, dump := range []string{"CREATE TABLE `a` (", "CREATE TABLE `a` (x);\nINSERT INTO `a` VALUES (1),(", "INSERT INTO `a` VALUES (1);\n"} {
		scanner := newScanner(newCounter())
		_, err := scanner.Write([]byte(dump))
		if err == nil {
			err = scanner.Close()
		}
		if err == nil {
			t.Errorf("%q is taken", dump)
		}
	}
}
