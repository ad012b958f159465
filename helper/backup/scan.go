package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
	"strings"
)

// longestStatement is the limit in bytes of a statement that is not an INSERT: it is held in memory. A view, a routine or a table's
// definition has a few KiB.
const longestStatement = 4 << 20

// scanner splits what mysqldump writes into statements, by the rules of the mysql client, which will run them. It is an io.Writer:
// an INSERT is passed on piece by piece, any other statement as a whole.
type scanner struct {
	to statements

	delimiter []byte
	statement []byte // what is known of a statement that is not passed on piece by piece
	insert    bool   // the statement is an INSERT, and its first part was passed on
	values    bool   // the INSERT has reached its rows
	depth     int    // of parentheses in the rows
	quote     byte   // the quote that the current string or name began with, or 0
	escaped   bool   // the last byte was a backslash in a string
	line      bool   // in a comment that ends with the line
	block     bool   // in a comment that ends with */
	raw       bool   // the mode NO_BACKSLASH_ESCAPES is on
	err       error
}

// statements is who receives what the scanner finds. The slices are valid during the call only.
type statements interface {
	// whole is called for a statement that is not an INSERT, without its delimiter.
	whole(text, delimiter []byte) error
	// insert is called with the first part of an INSERT, up to its rows.
	insert(head []byte) error
	// part is called with the following bytes of an INSERT, with the delimiter at its end. Of a row's bytes row is true.
	part(text []byte, row bool) error
	// rowEnd is called after the last byte of a row.
	rowEnd() error
	// delimiterLine is called when another delimiter applies.
	delimiterLine(delimiter []byte) error
}

func newScanner(to statements) *scanner { return &scanner{to: to, delimiter: []byte(";")} }

// Write scans the next bytes of the dump.
func (s *scanner) Write(text []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	rest := text
	for len(rest) > 0 && s.err == nil {
		if s.insert && s.values {
			rest = s.scanRows(rest)
		} else {
			rest = s.scanStatement(rest)
		}
	}
	if s.err != nil {
		return 0, s.err
	}
	return len(text), nil
}

// Close says that the dump is at its end.
func (s *scanner) Close() error {
	if s.err == nil && (s.insert || len(bytes.TrimSpace(s.statement)) > 0) {
		s.err = errors.New("the dump ends in the middle of a statement")
	}
	return s.err
}

// scanRows passes on rows of an INSERT; returns what follows the statement.
func (s *scanner) scanRows(text []byte) []byte {
	begin := 0 // of what was not passed on yet
	pass := func(end int, row bool) bool {
		if end > begin {
			s.err = s.to.part(text[begin:end], row)
		}
		begin = end
		return s.err == nil
	}
	for index := 0; index < len(text); index++ {
		if s.quote != 0 {
			if s.escaped {
				s.escaped = false
				continue
			}
			next := bytes.IndexAny(text[index:], "'\\")
			if next < 0 {
				break
			}
			index += next
			if text[index] == '\\' {
				s.escaped = !s.raw
			} else {
				s.quote = 0
			}
			continue
		}
		switch text[index] {
		case '\'':
			s.quote = '\''
		case '(':
			if s.depth == 0 && !pass(index, false) {
				return nil
			}
			s.depth++
		case ')':
			s.depth--
			if s.depth == 0 {
				if !pass(index+1, true) {
					return nil
				}
				if s.err = s.to.rowEnd(); s.err != nil {
					return nil
				}
			}
		case ';':
			if s.depth == 0 {
				pass(index+1, false)
				s.insert, s.values = false, false
				return text[index+1:]
			}
		}
	}
	pass(len(text), s.depth > 0)
	return nil
}

var (
	insertInto   = []byte("INSERT INTO ")
	rowsFollow   = []byte(" VALUES ")
	delimiterHas = []byte("DELIMITER ")
)

// scanStatement takes one byte of a statement that is held; returns the rest.
func (s *scanner) scanStatement(text []byte) []byte {
	char := text[0]
	rest := text[1:]
	if len(s.statement) == 0 && (char == ' ' || char == '\n' || char == '\r' || char == '\t') {
		return rest
	}
	if len(s.statement) >= longestStatement {
		s.err = fmt.Errorf("a statement has more than %d MiB: %q…", longestStatement>>20, s.statement[:80])
		return nil
	}
	s.statement = append(s.statement, char)
	held := s.statement
	if bytes.HasPrefix(held, delimiterHas) {
		if char == '\n' {
			s.delimiter = bytes.Clone(bytes.TrimSpace(held[len(delimiterHas):]))
			s.err = s.to.delimiterLine(s.delimiter)
			s.reset()
		}
		return rest
	}
	switch {
	case s.line:
		s.line = char != '\n'
	case s.block:
		s.block = !bytes.HasSuffix(held, []byte("*/"))
	case s.escaped:
		s.escaped = false
	case s.quote != 0:
		if char == '\\' && s.quote != '`' && !s.raw {
			s.escaped = true
		} else if char == s.quote {
			s.quote = 0
		}
	case char == '\'' || char == '"' || char == '`':
		s.quote = char
	case char == '#':
		s.line = true
	case (char == ' ' || char == '\t' || char == '\n' || char == '\r') && bytes.HasSuffix(held[:len(held)-1], []byte("--")):
		s.line = char != '\n'
	// The client runs what /*! and /*+ begin.
	case char != '!' && char != '+' && bytes.HasSuffix(held[:len(held)-1], []byte("/*")):
		s.block = true
	case bytes.HasSuffix(held, s.delimiter):
		s.finish(held[:len(held)-len(s.delimiter)])
	case char == ' ' && bytes.HasPrefix(held, insertInto) && bytes.HasSuffix(held, rowsFollow):
		s.insert, s.values, s.depth = true, true, 0
		s.err = s.to.insert(held)
		s.reset()
	}
	return rest
}

func (s *scanner) finish(text []byte) {
	if mode := sqlMode.FindSubmatch(text); mode != nil {
		s.raw = bytes.Contains(mode[1], []byte("NO_BACKSLASH_ESCAPES"))
	}
	s.err = s.to.whole(text, s.delimiter)
	s.reset()
}

func (s *scanner) reset() {
	if cap(s.statement) > 64<<10 {
		s.statement = nil
	}
	s.statement = s.statement[:0]
	s.quote, s.escaped, s.line, s.block = 0, false, false, false
}

// kind is what a statement of mysqldump does.
type kind int

const (
	other        kind = iota // SET and the like
	tableCreate              // CREATE TABLE
	tableWork                // DROP TABLE, LOCK TABLES, ALTER TABLE … KEYS and the like
	viewStandIn              // the table-like view that mysqldump makes before the real one
	view                     // CREATE VIEW
	trigger                  // CREATE TRIGGER
	event                    // CREATE EVENT
	procedure                // CREATE PROCEDURE
	function                 // CREATE FUNCTION
	databaseSort             // ALTER DATABASE … CHARACTER SET
)

func (k kind) String() string {
	return [...]string{"other", "table", "table", "view", "view", "trigger", "event", "procedure", "function", "database"}[k]
}

const (
	// With the mode ANSI_QUOTES names are in double quotes.
	quotedName = "(?:`(?:[^`]|``)+`|\"(?:[^\"]|\"\")+\")"
	account    = "(?:`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\")"
	definer    = "DEFINER=" + account + "@" + account
)

// forms are the statements of mysqldump by their beginnings. The group "name" is the object's, "definer" what is taken out.
var forms = []struct {
	kind kind
	form *regexp.Regexp
}{
	{tableCreate, regexp.MustCompile("^CREATE TABLE (?:IF NOT EXISTS )?(?P<name>" + quotedName + ")")},
	{tableWork, regexp.MustCompile("^(?:DROP TABLE |LOCK TABLES |UNLOCK TABLES|/\\*!40000 ALTER TABLE )")},
	{viewStandIn, regexp.MustCompile("^/\\*!50001 CREATE VIEW (?P<name>" + quotedName + ")")},
	{view, regexp.MustCompile("^/\\*!50001 CREATE ALGORITHM=\\w+ \\*/\\s*/\\*!50013 (?P<definer>" + definer + " )SQL SECURITY \\w+ \\*/\\s*/\\*!50001 VIEW (?P<name>" + quotedName + ")")},
	{trigger, regexp.MustCompile("^/\\*!50003 CREATE\\*/ (?P<definer>/\\*!50017 " + definer + "\\*/ )/\\*!50003 TRIGGER (?P<name>" + quotedName + ")")},
	{event, regexp.MustCompile("^/\\*!50106 CREATE\\*/ (?P<definer>/\\*!50117 " + definer + "\\*/ )/\\*!50106 EVENT (?P<name>" + quotedName + ")")},
	{procedure, regexp.MustCompile("^CREATE (?P<definer>" + definer + " )PROCEDURE (?P<name>" + quotedName + ")")},
	{function, regexp.MustCompile("^CREATE (?P<definer>" + definer + " )(?:AGGREGATE )?FUNCTION (?P<name>" + quotedName + ")")},
	{databaseSort, regexp.MustCompile("^ALTER DATABASE (?P<name>" + quotedName + ") CHARACTER SET ")},
}

// recognise says what a statement does, the name of its object, and its text without DEFINER: the object then belongs to the account
// that runs it, because naming another account is a right of administrators.
func recognise(text []byte) (is kind, name string, without []byte) {
	for _, candidate := range forms {
		at := candidate.form.FindSubmatchIndex(text)
		if at == nil {
			continue
		}
		without = text
		if index := candidate.form.SubexpIndex("definer"); index > 0 {
			without = append(bytes.Clone(text[:at[2*index]]), text[at[2*index+1]:]...)
		}
		if index := candidate.form.SubexpIndex("name"); index > 0 {
			name = unquoted(text[at[2*index]:at[2*index+1]])
		}
		return candidate.kind, name, without
	}
	return other, "", text
}

func unquoted(name []byte) string {
	quote := string(name[:1])
	return strings.ReplaceAll(string(name[1:len(name)-1]), quote+quote, quote)
}

// quoted is a name as SQL writes it.
func quoted(name string) string {
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

var (
	eventState = regexp.MustCompile("(?i)\\bON COMPLETION (?:NOT )?PRESERVE (ENABLE|DISABLE ON (?:SLAVE|REPLICA)|DISABLE)\\b")
	eventOnce  = regexp.MustCompile("(?i)\\bON SCHEDULE AT '")
	eventHead  = regexp.MustCompile("^/\\*!50106 CREATE\\*/ (?:/\\*!50117 " + definer + "\\*/ )?/\\*!50106 EVENT " + quotedName)
	autoNumber = regexp.MustCompile(" AUTO_INCREMENT=\\d+")
	insertName = regexp.MustCompile("^INSERT INTO (" + quotedName + ")")
)

// afterName is where an event's statement goes on behind its name, which may hold any words.
func afterName(text []byte) int {
	if at := eventHead.FindIndex(text); at != nil {
		return at[1]
	}
	return 0
}

// withState is an event's statement with another state (ENABLE, DISABLE) in place of its own.
func withState(text []byte, state string) []byte {
	from := afterName(text)
	at := eventState.FindSubmatchIndex(text[from:])
	if at == nil {
		return text
	}
	return bytes.Join([][]byte{text[:from+at[2]], text[from+at[3]:]}, []byte(state))
}

// schemaHash is the hash of a table's definition without the next automatic number.
func schemaHash(definition []byte) string {
	return fmt.Sprintf("%x", sha256.Sum256(bytes.TrimSpace(autoNumber.ReplaceAll(definition, nil))))
}

// sum is what is remembered of a table to compare it later.
type sum struct {
	Rows int64 `json:"rows"`
	// Data is the hash of the definition and of all rows, whatever their order: without a primary key it may change.
	Data string `json:"sha256"`
	// Schema is the hash of the definition without the next automatic number.
	Schema string `json:"schema"`
}

// sums is what is remembered of a database.
type sums struct {
	Tables map[string]sum `json:"tables"`
	// Objects has the hash of each view, trigger, event, procedure and function without its definer, by kind and name.
	Objects map[string]string `json:"objects"`
	// Once are the events that run once: one whose time has come is dropped by MySQL.
	Once []string `json:"once,omitempty"`
	// Bytes is the length of the dump.
	Bytes int64 `json:"bytes"`
}

// counter makes the sums of a dump.
type counter struct {
	found   sums
	mode    string // the sql_mode that applies
	zone    string // the time zone in which an event's times are
	table   string // the table whose rows follow
	row     hash.Hash
	tables  map[string]*tableSum
	scratch [sha256.Size]byte
}

type tableSum struct {
	definition [sha256.Size]byte
	schema     string
	rows       int64
	total      [sha256.Size]byte // sum of the rows' hashes modulo 2^256
}

func newCounter() *counter {
	return &counter{
		found:  sums{Tables: map[string]sum{}, Objects: map[string]string{}},
		row:    sha256.New(),
		tables: map[string]*tableSum{},
	}
}

var timeZone = regexp.MustCompile(`(?i)^(?:/\*!\d+ )?SET time_zone\s*=\s*'([^']*)'`)

var sqlMode = regexp.MustCompile(`(?i)^(?:/\*!\d+ )?SET sql_mode\s*=\s*'([^']*)'`)

func (c *counter) whole(text, _ []byte) error {
	is, name, without := recognise(text)
	switch is {
	case tableCreate:
		c.tables[name] = &tableSum{definition: sha256.Sum256(text), schema: schemaHash(text)}
	case event:
		if eventOnce.Match(text[afterName(text):]) {
			c.found.Once = append(c.found.Once, name)
		}
		c.object(is, name, append([]byte(c.zone+" "), withState(without, "")...))
	case view, trigger, procedure, function:
		c.object(is, name, without)
	case other:
		if mode := sqlMode.FindSubmatch(text); mode != nil {
			c.mode = string(mode[1])
		}
		if zone := timeZone.FindSubmatch(text); zone != nil {
			c.zone = string(zone[1])
		}
	}
	return nil
}

func (c *counter) object(is kind, name string, text []byte) {
	mode := c.mode
	if is == view {
		mode = ""
	}
	total := sha256.New()
	fmt.Fprintf(total, "%s\x00%s", mode, bytes.TrimSpace(text))
	c.found.Objects[is.String()+" "+name] = hex.EncodeToString(total.Sum(nil))
}

func (c *counter) insert(head []byte) error {
	found := insertName.FindSubmatch(head)
	if found == nil {
		return fmt.Errorf("the dump has an INSERT without a table: %q", head)
	}
	c.table = unquoted(found[1])
	if c.tables[c.table] == nil {
		return fmt.Errorf("the dump has rows of the table %s before its definition", c.table)
	}
	c.row.Reset()
	return nil
}

func (c *counter) part(text []byte, row bool) error {
	if row {
		c.row.Write(text)
	}
	return nil
}

func (c *counter) rowEnd() error {
	table := c.tables[c.table]
	table.rows++
	carry := 0
	hashed := c.row.Sum(c.scratch[:0])
	for index := len(hashed) - 1; index >= 0; index-- {
		carry += int(hashed[index]) + int(table.total[index])
		table.total[index] = byte(carry)
		carry >>= 8
	}
	c.row.Reset()
	return nil
}

func (c *counter) delimiterLine([]byte) error { return nil }

// result is what was found, after the last byte.
func (c *counter) result(bytes int64) sums {
	for name, table := range c.tables {
		total := sha256.New()
		fmt.Fprintf(total, "%x %d %x", table.definition, table.rows, table.total)
		c.found.Tables[name] = sum{Rows: table.rows, Data: hex.EncodeToString(total.Sum(nil)), Schema: table.schema}
	}
	c.found.Bytes = bytes
	return c.found
}

// what says which statements a rewriter passes on.
type what int

const (
	everything  what = iota // for a database of its own, in which events do not run
	objectsOnly             // views, triggers, events, procedures and functions, for a database whose tables are there
)

// rewriter passes a dump on so that any account can run it in any database, and makes its sums.
type rewriter struct {
	*counter
	to       io.Writer
	database string
	what     what
}

func (r *rewriter) whole(text, delimiter []byte) error {
	if err := r.counter.whole(text, delimiter); err != nil {
		return err
	}
	is, _, without := recognise(text)
	switch {
	case is == databaseSort:
		// mysqldump names the database that was dumped.
		at := bytes.Index(without, []byte(" CHARACTER SET "))
		without = append([]byte("ALTER DATABASE "+quoted(r.database)), without[at:]...)
	case is == event && r.what == everything:
		without = withState(without, "DISABLE")
	case r.what == objectsOnly && (is == tableCreate || is == tableWork):
		return nil
	}
	return r.write(without, delimiter, []byte("\n"))
}

func (r *rewriter) insert(head []byte) error {
	if err := r.counter.insert(head); err != nil || r.what == objectsOnly {
		return err
	}
	return r.write(head)
}

func (r *rewriter) part(text []byte, row bool) error {
	if err := r.counter.part(text, row); err != nil || r.what == objectsOnly {
		return err
	}
	if !row && text[len(text)-1] == ';' {
		// The client holds a whole line.
		return r.write(text, []byte("\n"))
	}
	return r.write(text)
}

func (r *rewriter) delimiterLine(delimiter []byte) error {
	return r.write([]byte("\n"), delimiterHas, delimiter, []byte("\n"))
}

func (r *rewriter) write(parts ...[]byte) error {
	for _, part := range parts {
		if _, err := r.to.Write(part); err != nil {
			return err
		}
	}
	return nil
}
