package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Grafana says where Grafana's volume is mounted, and which group must be able to write to its database.
type Grafana struct {
	Folder string `json:"folder"`
	Group  int    `json:"group"`
}

// grafanaFile is the name of Grafana's SQLite database: in its volume, and after "monitoring/" in a backup.
const grafanaFile = "grafana.db"

func (g *Grafana) path() string { return filepath.Join(g.Folder, grafanaFile) }

// bytes is the size of the database; 0 where Grafana never started: it makes an empty file first.
func (g *Grafana) bytes() (int64, error) {
	info, err := os.Stat(g.path())
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// openSQLite opens a database for reading. A read lock needs no right to write. Grafana has no write-ahead log (its setting database.wal
// is false), whose index a reader would have to write; what a killed Grafana has left in its journal is an error until it has started again.
func openSQLite(path string) (*sql.DB, error) {
	where := url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro&_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", where.String())
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// intact refuses a file that is no whole database of SQLite.
func intact(ctx context.Context, path string) error {
	db, err := openSQLite(path)
	if err != nil {
		return err
	}
	defer db.Close()
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("SQLite's integrity check says: %s", cut(found, 200))
	}
	return nil
}

// copyGrafana copies Grafana's database into the folder of the backups. It returns no path where there is no database, or where it is
// left out.
func (s *session) copyGrafana(ctx context.Context, note func(string, ...any)) string {
	grafana := s.plan.Grafana
	if grafana == nil {
		return ""
	}
	if _, err := os.Stat(grafana.Folder); errors.Is(err, os.ErrNotExist) {
		s.say("Grafana's database is left to the nightly backup: this run does not mount its volume")
		return ""
	}
	bytes, err := grafana.bytes()
	if err == nil && bytes == 0 {
		s.say("Grafana has no database yet: it never started")
		return ""
	}
	to := ""
	if err == nil {
		to, err = s.scratch(bytes)
	}
	if err == nil {
		err = vacuumInto(ctx, grafana.path(), to)
	}
	if err == nil {
		return to
	}
	os.Remove(to)
	note("%sGrafana's database: %s", leftOut, err)
	return ""
}

// vacuumInto copies a database as it is at one moment, also while Grafana writes: it reads in one transaction, under SQLite's own locks. A
// copy of the file could be of two moments.
func vacuumInto(ctx context.Context, from, to string) error {
	db, err := openSQLite(from)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return err
	}
	return intact(ctx, to)
}

// scratch makes an empty file in the folder of the backups, for so many bytes. The caller removes it; tidy removes it after a kill.
func (s *session) scratch(bytes int64) (string, error) {
	free, err := s.plan.room()
	if err == nil && bytes > free {
		err = fmt.Errorf("its copy takes %s, and the volume of the backups has %s free: %s", size(bytes), size(free), moreRoom)
	}
	if err != nil {
		return "", err
	}
	path := filepath.Join(s.plan.Folder, grafanaFile+partialEnding)
	return path, os.WriteFile(path, nil, 0o600)
}

// addGrafana writes the copy of Grafana's database into a backup.
func (w *archiveWriter) addGrafana(path string) (monitoringSum, error) {
	file, err := os.Open(path)
	if err != nil {
		return monitoringSum{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return monitoringSum{}, err
	}
	return w.addMonitoring(grafanaFile, info.Size(), file)
}

// proveGrafana refuses a saved database that is not intact.
func (s *session) proveGrafana(ctx context.Context, content io.Reader) error {
	path, err := s.scratch(0)
	if err != nil {
		return err
	}
	defer os.Remove(path)
	if err := writeFile(path, content); err != nil {
		return fmt.Errorf("Grafana's database in it cannot be written on trial: %w", err)
	}
	return damaged(intact(ctx, path))
}

// restoreGrafana puts a saved database in the place of Grafana's, which the caller has stopped. Until then the former one stays.
func (s *session) restoreGrafana(ctx context.Context, content io.Reader) error {
	grafana := s.plan.Grafana
	fresh := filepath.Join(grafana.Folder, ownPrefix+grafanaFile)
	err := writeFile(fresh, content)
	if err == nil {
		err = intact(ctx, fresh)
	}
	// The file is this pod's user's, which is another than Grafana's.
	if err == nil {
		err = os.Chown(fresh, -1, grafana.Group)
	}
	if err == nil {
		err = os.Chmod(fresh, 0o660)
	}
	// What a Grafana that was killed has not finished: SQLite would write it into the new database.
	for _, ending := range []string{"-journal", "-wal", "-shm"} {
		if err == nil {
			err = os.RemoveAll(grafana.path() + ending)
		}
	}
	if err == nil {
		err = os.Rename(fresh, grafana.path())
	}
	if err != nil {
		os.Remove(fresh)
		return err
	}
	s.say("restored Grafana's database")
	return syncFolder(grafana.Folder)
}

// writeFile writes a stream into a file, down to the disk.
func writeFile(path string, content io.Reader) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Sync(), file.Close())
}

// grafanaProspect is the size of Grafana's database. The caller stops Grafana where there is one.
type grafanaProspect struct {
	Now  int64 `json:"bytesNow"`
	Then int64 `json:"bytesThen"`
}

// grafanaThen says what a restore replaces of Grafana; nil: nothing.
func (s *session) grafanaThen(want contents) (*grafanaProspect, error) {
	saved, exists := want.Monitoring[grafanaFile]
	if !exists {
		return nil, nil
	}
	if s.plan.Grafana == nil {
		s.say("it has Grafana's database, which is not restored: Grafana's volume is not mounted in this environment")
		return nil, nil
	}
	now, err := s.plan.Grafana.bytes()
	return &grafanaProspect{Now: now, Then: saved.Bytes}, err
}
