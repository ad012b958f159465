package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
)

// server is a MySQL server, by the driver for questions and by MySQL's own programs for dumps.
type server struct {
	*sql.DB
	config  *MySQL
	version string
	log     io.Writer
}

// password is the account's as its file has it now.
func (config *MySQL) password() (string, error) {
	return readText(config.PasswordFile, "the file of MySQL's password")
}

// connect waits until the server answers the account: a network policy admits a new pod after a moment, and at the first start MySQL
// makes the accounts.
func (plan *Plan) connect(ctx context.Context, log io.Writer) (*server, error) {
	config := plan.MySQL
	if _, err := config.password(); err != nil {
		return nil, err
	}
	driver := mysql.NewConfig()
	driver.User = config.User
	driver.Net, driver.Addr = "tcp", net.JoinHostPort(config.Host, strconv.Itoa(config.Port))
	driver.Timeout = 10 * time.Second
	driver.Logger = &mysql.NopLogger{}
	// Times are UTC, sizes are today's, definitions are written as mysqldump has them, and a statement does not wait for ever.
	driver.Params = map[string]string{"time_zone": "'+00:00'", "information_schema_stats_expiry": "0", "sql_mode": "''", "lock_wait_timeout": "60"}
	switch {
	case config.Socket != "":
		driver.Net, driver.Addr = "unix", config.Socket
	case config.CA != "":
		authority, err := os.ReadFile(config.CA)
		if err != nil {
			return nil, fmt.Errorf("the certificate of MySQL's authority cannot be read: %w", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(authority) {
			return nil, fmt.Errorf("%s holds no certificate", config.CA)
		}
		driver.TLS = &tls.Config{RootCAs: roots, ServerName: config.Host}
	case config.TLS:
		driver.TLSConfig = "skip-verify"
	default:
		driver.TLSConfig = "preferred"
	}
	// For each connection: both the former password and the new one are valid for a while when it is changed.
	again := mysql.BeforeConnect(func(_ context.Context, driver *mysql.Config) (err error) {
		driver.Passwd, err = config.password()
		return err
	})
	if err := driver.Apply(again); err != nil {
		return nil, err
	}
	connector, err := mysql.NewConnector(driver)
	if err != nil {
		return nil, fmt.Errorf("the plan's mysql is not valid: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(2)
	db.SetConnMaxIdleTime(time.Minute)
	s := &server{DB: db, config: config, log: log}
	told := ""
	for end := time.Now().Add(plan.wait()); ; {
		err = db.QueryRowContext(ctx, "SELECT VERSION()").Scan(&s.version)
		if err == nil {
			return s, nil
		}
		if ctx.Err() != nil || time.Now().After(end) {
			db.Close()
			return nil, fmt.Errorf("MySQL at %s does not take the account %s: %w", driver.Addr, config.User, err)
		}
		if told != err.Error() {
			told = err.Error()
			fmt.Fprintf(log, "waiting for MySQL: %s\n", told)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// readOnly is MySQL's error ER_OPTION_PREVENTS_STATEMENT, of a server that is read-only.
const readOnly = 1290

// refusesWrites says what to do about it.
const refusesWrites = "MySQL refuses writes while its disk is nearly full: make room on it (runbook MysqlWritesRefused)"

// ExecContext runs a statement that writes.
func (s *server) ExecContext(ctx context.Context, statement string, values ...any) (sql.Result, error) {
	result, err := s.DB.ExecContext(ctx, statement, values...)
	if numbered(err, readOnly) {
		err = fmt.Errorf("%w; %s", err, refusesWrites)
	}
	return result, err
}

// numbered is whether an error is MySQL's with that number.
func numbered(err error, number uint16) bool {
	found := new(mysql.MySQLError)
	return errors.As(err, &found) && found.Number == number
}

// series is the release series of a version: 9.7.4-1 is of 9.7, as numbers to compare.
func series(version string) [2]int {
	var numbers [2]int
	for index, text := range strings.SplitN(version, ".", 3) {
		if index < 2 {
			numbers[index], _ = strconv.Atoi(text)
		}
	}
	return numbers
}

// command is one of MySQL's programs with its connection. It ends when this process ends, however that happens.
func (s *server) command(ctx context.Context, program string, arguments ...string) (*exec.Cmd, *tail) {
	connection := []string{"--no-defaults", "--default-character-set=utf8mb4", "--user=" + s.config.User, "--max-allowed-packet=1G"}
	if s.config.Socket != "" {
		connection = append(connection, "--protocol=socket", "--socket="+s.config.Socket)
	} else {
		connection = append(connection, "--protocol=tcp", "--host="+s.config.Host, "--port="+strconv.Itoa(s.config.Port))
		switch {
		case s.config.CA != "":
			connection = append(connection, "--ssl-mode=VERIFY_IDENTITY", "--ssl-ca="+s.config.CA)
		case s.config.TLS:
			connection = append(connection, "--ssl-mode=REQUIRED")
		default:
			connection = append(connection, "--ssl-mode=PREFERRED", "--get-server-public-key")
		}
	}
	command := exec.CommandContext(ctx, program, append(connection, arguments...)...)
	password, err := s.config.password()
	if err != nil {
		command.Err = err
	}
	command.Env = append(os.Environ(), "MYSQL_PWD="+password)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	command.WaitDelay = 10 * time.Second
	words := &tail{}
	command.Stderr = words
	return command, words
}

// dumpOptions make dumps that are consistent, complete and equal for equal data.
var dumpOptions = []string{
	"--single-transaction", "--quick", "--order-by-primary", "--hex-blob", "--routines", "--triggers", "--events",
	"--no-tablespaces", "--set-gtid-purged=OFF", "--skip-comments", "--tz-utc",
}

// dump writes a database's dump to a writer.
func (s *server) dump(ctx context.Context, database string, to io.Writer, more ...string) error {
	options := append(slices.Clone(dumpOptions), more...)
	help, _ := exec.CommandContext(ctx, "mysqldump", "--no-defaults", "--help").Output()
	// Both need a right on mysql's own tables.
	for sign, option := range map[string]string{"--column-statistics": "--skip-column-statistics", "--masking-policies": "--skip-masking-policies"} {
		if bytes.Contains(help, []byte(sign)) {
			options = append(options, option)
		}
	}
	command, words := s.command(ctx, "mysqldump", append(options, database)...)
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("mysqldump cannot be started: %w; the pod's image must be MySQL's", err)
	}
	_, writing := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{output}, make([]byte, 64<<10))
	if writing != nil {
		command.Process.Kill()
	}
	ending := command.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case writing != nil:
		return writing
	case ending != nil:
		return fmt.Errorf("mysqldump of %s failed: %s", database, explained(words.words(), ending))
	}
	return nil
}

// explained adds to mysqldump's words what to do.
func explained(words string, ending error) string {
	if words == "" {
		words = ending.Error()
	}
	for _, known := range []struct{ sign, what string }{
		{"insufficient privileges to SHOW CREATE", "the routine belongs to another account: make it again as the application's account, or GRANT SHOW_ROUTINE ON *.* to the account of the backups"},
		{"Table definition has changed", "a table was altered while it was dumped: run the backup again"},
		{"references invalid table", "a view is broken: drop or correct it, and run the backup again"},
		{"max_allowed_packet", "a row is larger than the server takes: raise max_allowed_packet in MySQL's settings"},
		{"is full", "MySQL's volume is full: enlarge it, or remove data"},
		{"--read-only option", refusesWrites},
		{"No space left", "MySQL's volume is full: enlarge it, or remove data"},
	} {
		if strings.Contains(words, known.sign) {
			return words + "; " + known.what
		}
	}
	return words
}

// sums makes the sums of a database as it is.
func (s *server) sums(ctx context.Context, database string, more ...string) (sums, error) {
	counter := newCounter()
	count := &counted{to: newScanner(counter)}
	if err := s.dump(ctx, database, count, more...); err != nil {
		return sums{}, err
	}
	if err := count.to.(*scanner).Close(); err != nil {
		return sums{}, err
	}
	return counter.result(count.bytes), nil
}

// brokenViews are views that refer to what is not there. mysqldump ends at the first one.
func (s *server) brokenViews(ctx context.Context, database string) (broken []string, err error) {
	views, err := s.column(ctx, "SELECT table_name FROM information_schema.views WHERE table_schema = ? ORDER BY 1", database)
	if err != nil {
		return nil, err
	}
	for _, view := range views {
		rows, err := s.QueryContext(ctx, fmt.Sprintf("SELECT 1 FROM %s.%s LIMIT 0", quoted(database), quoted(view)))
		if numbered(err, viewInvalid) {
			broken = append(broken, view)
			continue
		}
		if err != nil {
			return nil, err
		}
		rows.Close()
	}
	return broken, nil
}

// viewInvalid is MySQL's error ER_VIEW_INVALID.
const viewInvalid = 1356

// schemas are the hashes of the definitions of a database's tables, as a dump's sums have them. Views are not read: they may be broken.
func (s *server) schemas(ctx context.Context, database string) (map[string]string, error) {
	tables, err := s.tables(ctx, database)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, table := range tables {
		var name, definition string
		if err := s.QueryRowContext(ctx, fmt.Sprintf("SHOW CREATE TABLE %s.%s", quoted(database), quoted(table))).Scan(&name, &definition); err != nil {
			return nil, err
		}
		found[table] = schemaHash([]byte(definition))
	}
	return found, nil
}

// counted counts what is written through it.
type counted struct {
	to    io.Writer
	bytes int64
}

func (c *counted) Write(text []byte) (int, error) {
	count, err := c.to.Write(text)
	c.bytes += int64(count)
	return count, err
}

// run has the mysql client run a dump in a database; returns the sums of what it ran. The dump is read to its end.
func (s *server) run(ctx context.Context, database string, dump io.Reader, what what) (sums, error) {
	// binary-mode: text as it is, and no commands of the client's own in it.
	command, words := s.command(ctx, "mysql", "--batch", "--binary-mode", "--comments", "--connect-timeout=10", database)
	input, err := command.StdinPipe()
	if err != nil {
		return sums{}, err
	}
	command.Stdout = io.Discard
	if err := command.Start(); err != nil {
		return sums{}, fmt.Errorf("mysql cannot be started: %w; the pod's image must be MySQL's", err)
	}
	buffered := bufio.NewWriterSize(input, 64<<10)
	counter := newCounter()
	count := &counted{to: newScanner(&rewriter{counter: counter, to: buffered, database: database, what: what})}
	_, copying := io.CopyBuffer(struct{ io.Writer }{count}, struct{ io.Reader }{dump}, make([]byte, 64<<10))
	if copying == nil {
		copying = count.to.(*scanner).Close()
	}
	if copying == nil {
		copying = buffered.Flush()
	}
	if copying != nil && !errors.Is(copying, syscall.EPIPE) {
		// Not by the end of its input: the client would run what it has of a statement.
		command.Process.Kill()
	}
	input.Close()
	ending := command.Wait()
	switch {
	case ctx.Err() != nil:
		return sums{}, ctx.Err()
	case copying != nil && !errors.Is(copying, syscall.EPIPE):
		return sums{}, copying
	case ending != nil:
		return sums{}, fmt.Errorf("MySQL %s does not take the dump into %s: %s", s.version, database, explained(words.words(), ending))
	}
	return counter.result(count.bytes), nil
}

// column reads the first column.
func (s *server) column(ctx context.Context, query string, arguments ...any) ([]string, error) {
	rows, err := s.QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		all = append(all, value)
	}
	return all, rows.Err()
}

// tables are the names of a database's tables, without views.
func (s *server) tables(ctx context.Context, database string) ([]string, error) {
	return s.column(ctx, "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE' ORDER BY 1", database)
}

// dataBytes is the size of databases as InnoDB estimates it.
func (s *server) dataBytes(ctx context.Context, databases ...string) (total int64, err error) {
	for _, database := range databases {
		var size sql.NullInt64
		err := s.QueryRowContext(ctx, "SELECT CAST(SUM(data_length + index_length) AS SIGNED) FROM information_schema.tables WHERE table_schema = ?", database).Scan(&size)
		if err != nil {
			return 0, fmt.Errorf("the size of the database %s is not known: %w", database, err)
		}
		total += size.Int64
	}
	return total, nil
}

// databaseInfo is a database's character set and collation.
type databaseInfo struct {
	Name      string `json:"name"`
	Charset   string `json:"charset"`
	Collation string `json:"collation"`
}

var errNoDatabase = errors.New("the database does not exist")

func (s *server) info(ctx context.Context, database string) (databaseInfo, error) {
	found := databaseInfo{Name: database}
	err := s.QueryRowContext(ctx, "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata WHERE schema_name = ?", database).
		Scan(&found.Charset, &found.Collation)
	if errors.Is(err, sql.ErrNoRows) {
		err = errNoDatabase
	}
	if err != nil {
		return found, fmt.Errorf("the database %s: %w", database, err)
	}
	return found, nil
}

// notTransactional are tables whose rows a transaction does not hold still.
func (s *server) notTransactional(ctx context.Context, database string) ([]string, error) {
	return s.column(ctx, "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE' AND engine <> 'InnoDB' ORDER BY 1", database)
}

// empty makes a database new, with a character set and collation.
func (s *server) empty(ctx context.Context, database string, like databaseInfo) error {
	if err := s.drop(ctx, database); err != nil {
		return err
	}
	_, err := s.ExecContext(ctx, fmt.Sprintf("CREATE DATABASE %s CHARACTER SET %s COLLATE %s", quoted(database), quoted(like.Charset), quoted(like.Collation)))
	if err != nil {
		return fmt.Errorf("the database %s cannot be made: %w", database, err)
	}
	return nil
}

func (s *server) drop(ctx context.Context, database string) error {
	if _, err := s.ExecContext(ctx, "DROP DATABASE IF EXISTS "+quoted(database)); err != nil {
		return fmt.Errorf("the database %s cannot be dropped: %w", database, err)
	}
	return nil
}

// dropObjects drops a database's triggers, views, events and routines; its tables stay.
func (s *server) dropObjects(ctx context.Context, database string) error {
	for _, kind := range []struct{ word, query string }{
		{"TRIGGER", "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = ?"},
		{"VIEW", "SELECT table_name FROM information_schema.views WHERE table_schema = ?"},
		{"EVENT", "SELECT event_name FROM information_schema.events WHERE event_schema = ?"},
		{"PROCEDURE", "SELECT routine_name FROM information_schema.routines WHERE routine_schema = ? AND routine_type = 'PROCEDURE'"},
		{"FUNCTION", "SELECT routine_name FROM information_schema.routines WHERE routine_schema = ? AND routine_type = 'FUNCTION'"},
	} {
		names, err := s.column(ctx, kind.query, database)
		if err != nil {
			return err
		}
		for _, name := range names {
			if _, err := s.ExecContext(ctx, fmt.Sprintf("DROP %s IF EXISTS %s.%s", kind.word, quoted(database), quoted(name))); err != nil {
				return fmt.Errorf("the %s %s of %s cannot be dropped: %w", strings.ToLower(kind.word), name, database, err)
			}
		}
	}
	return nil
}

// protected are a database's objects that root made: an account without SYSTEM_USER cannot drop them.
func (s *server) protected(ctx context.Context, database string) ([]string, error) {
	if s.config.User == "root" {
		return nil, nil
	}
	return s.column(ctx, "SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_schema = ? AND definer LIKE 'root@%' "+
		"UNION ALL SELECT CONCAT('view ', table_name) FROM information_schema.views WHERE table_schema = ? AND definer LIKE 'root@%' "+
		"UNION ALL SELECT CONCAT('event ', event_name) FROM information_schema.events WHERE event_schema = ? AND definer LIKE 'root@%' "+
		"UNION ALL SELECT CONCAT(LOWER(routine_type), ' ', routine_name) FROM information_schema.routines WHERE routine_schema = ? AND definer LIKE 'root@%'",
		database, database, database, database)
}

// differences compares what was found with what a backup says.
func differences(database string, want, found sums) []string {
	var all []string
	add := func(form string, values ...any) { all = append(all, database+": "+fmt.Sprintf(form, values...)) }
	for _, name := range sortedKeys(want.Tables) {
		expected := want.Tables[name]
		actual, exists := found.Tables[name]
		switch {
		case !exists:
			add("the table %s is absent", name)
		case expected.Rows != actual.Rows:
			add("the table %s has %d rows instead of %d", name, actual.Rows, expected.Rows)
		case expected.Schema != actual.Schema:
			add("the definition of the table %s differs", name)
		case expected.Data != actual.Data:
			add("rows of the table %s differ", name)
		}
	}
	for _, name := range sortedKeys(found.Tables) {
		if _, exists := want.Tables[name]; !exists {
			add("the table %s is not in the backup", name)
		}
	}
	for _, name := range sortedKeys(want.Objects) {
		actual, exists := found.Objects[name]
		once := slices.ContainsFunc(want.Once, func(event string) bool { return "event "+event == name })
		if !exists && !once {
			add("the %s is absent", name)
		} else if exists && actual != want.Objects[name] {
			add("the %s differs", name)
		}
	}
	for _, name := range sortedKeys(found.Objects) {
		if _, exists := want.Objects[name]; !exists {
			add("the %s is not in the backup", name)
		}
	}
	return all
}

func sortedKeys[V any](values map[string]V) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
