package backup

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"sync"
	"time"
)

// logPosition is where a dump lies in MySQL's binary log: what was committed before it is in the dump, and nothing later.
type logPosition struct {
	File     string    `json:"file"`
	Position uint64    `json:"position"`
	Time     time.Time `json:"time"` // the server's
}

// lockPatience is how long open transactions that have written may keep a dump waiting, in seconds; other writes wait as long.
const lockPatience = 5

// hold stops writes to a database's tables, and tells where the binary log is, until release is called. It takes no lock of the whole
// server, which would need a right of an administrator: what is logged of other databases meanwhile is no matter.
func (s *server) hold(ctx context.Context, database string) (at logPosition, release func(), err error) {
	conn, err := s.Conn(ctx)
	if err != nil {
		return at, nil, err
	}
	release = sync.OnceFunc(func() {
		// Also when the command was told to stop. A connection that is not clean is not used again.
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := conn.ExecContext(ctx, "UNLOCK TABLES"); err != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		}
		conn.Close()
	})
	defer func() {
		if err != nil {
			release()
		}
	}()
	tables, err := s.tables(ctx, database)
	if err != nil {
		return at, nil, err
	}
	lock := ""
	for _, table := range tables {
		lock += fmt.Sprintf(", %s.%s READ", quoted(database), quoted(table))
	}
	if lock != "" {
		// It waits for open transactions that have written to a table: they are in the dump, and before the position.
		for _, statement := range []string{fmt.Sprintf("SET lock_wait_timeout = %d", lockPatience), "LOCK TABLES " + lock[2:], "SET lock_wait_timeout = 60"} {
			if _, err := conn.ExecContext(ctx, statement); err != nil {
				return at, nil, err
			}
		}
	}
	var ignored [3]sql.RawBytes
	rows, err := conn.QueryContext(ctx, "SHOW BINARY LOG STATUS")
	if err != nil {
		return at, nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return at, nil, fmt.Errorf("MySQL writes no binary log: apply the environment")
	}
	if err := rows.Scan(&at.File, &at.Position, &ignored[0], &ignored[1], &ignored[2]); err != nil {
		return at, nil, err
	}
	rows.Close()
	var now string
	if err := conn.QueryRowContext(ctx, "SELECT UTC_TIMESTAMP(6)").Scan(&now); err != nil {
		return at, nil, err
	}
	at.Time, err = time.Parse(time.DateTime, now)
	return at, release, err
}

// onceDumping calls release when mysqldump writes its first table: its transaction has begun then.
type onceDumping struct {
	to      io.Writer
	release func()
}

func (w onceDumping) Write(text []byte) (int, error) {
	if bytes.Contains(text, []byte("CREATE TABLE")) {
		w.release()
	}
	return w.to.Write(text)
}
