package backup

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

// newGrafana makes a database as Grafana does: by SQLite's own defaults, with so many users.
func newGrafana(t *testing.T, path string, users int) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	must(t, db, "CREATE TABLE total (users INTEGER)", "CREATE TABLE user (id INTEGER PRIMARY KEY, login TEXT)", fmt.Sprintf(
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO user (login) SELECT hex(randomblob(1000)) FROM n", users),
		"INSERT INTO total SELECT COUNT(*) FROM user")
	return db
}

func must(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %s", statement, err)
		}
	}
}

// usersIn counts the users of a database, and those that its total says.
func usersIn(t *testing.T, path string) (users, total int) {
	t.Helper()
	db, err := openSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("SELECT COUNT(*), (SELECT users FROM total) FROM user").Scan(&users, &total); err != nil {
		t.Fatal(err)
	}
	return users, total
}

// unit is a namespace with Grafana and no database server.
type unit struct {
	*session
	grafana string
	said    *bytes.Buffer
	notes   []string
}

func newUnit(t *testing.T) *unit {
	folder, volume, said := t.TempDir(), t.TempDir(), &bytes.Buffer{}
	plan := &Plan{Folder: folder, Grafana: &Grafana{Folder: volume, Group: os.Getgid()}}
	return &unit{session: &session{plan: plan, log: said, out: said}, grafana: filepath.Join(volume, grafanaFile), said: said}
}

func (u *unit) copy(t *testing.T) string {
	return u.copyGrafana(t.Context(), func(form string, values ...any) { u.notes = append(u.notes, fmt.Sprintf(form, values...)) })
}

func TestGrafanaIsCopiedAsOfOneMomentWhileItWrites(t *testing.T) {
	const many = 5000 // 10 MB: the file's two ends are read at different moments
	u := newUnit(t)
	db := newGrafana(t, u.grafana, many)
	db.SetMaxOpenConns(1)
	ctx, stop := context.WithCancel(t.Context())
	written := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			// As Grafana's driver does: it tries again when a reader has the lock.
			_, err := db.Exec("BEGIN IMMEDIATE; INSERT INTO user (login) VALUES (hex(randomblob(1000))); UPDATE total SET users = users + 1; COMMIT")
			if err != nil && !strings.Contains(err.Error(), "locked") {
				written <- err
				return
			}
			if err != nil {
				_, _ = db.Exec("ROLLBACK")
			}
		}
		written <- nil
	}()
	before := 0
	for range 20 {
		path := u.copy(t)
		if path == "" {
			t.Fatalf("left out: %v", u.notes)
		}
		users, total := usersIn(t, path)
		if users != total || users < before {
			t.Errorf("%d users and a total of %d, after %d", users, total, before)
		}
		before = users
		os.Remove(path)
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if before <= many {
		t.Errorf("nothing was written meanwhile")
	}
}

func TestAGrafanaThatNeverStartedIsNoError(t *testing.T) {
	u := newUnit(t)
	for _, make := range []func() error{func() error { return nil }, func() error { return os.WriteFile(u.grafana, nil, 0o640) }} {
		if err := make(); err != nil {
			t.Fatal(err)
		}
		if path := u.copy(t); path != "" || len(u.notes) > 0 || !strings.Contains(u.said.String(), "it never started") {
			t.Errorf("%q %v %s", path, u.notes, u.said)
		}
		u.said.Reset()
	}
}

func TestGrafanaIsLeftToTheNightlyBackupWhereItsVolumeIsNotMounted(t *testing.T) {
	u := newUnit(t)
	if err := os.RemoveAll(filepath.Dir(u.grafana)); err != nil {
		t.Fatal(err)
	}
	if path := u.copy(t); path != "" || len(u.notes) > 0 || !strings.Contains(u.said.String(), "left to the nightly backup") {
		t.Errorf("%q %v %s", path, u.notes, u.said)
	}
}

func TestAGrafanaThatIsDamagedIsLeftOut(t *testing.T) {
	for name, damage := range map[string]func(text []byte) []byte{
		"no database":  func([]byte) []byte { return []byte("no database") },
		"cut off":      func(text []byte) []byte { return text[:len(text)/2] },
		"zeroed pages": func(text []byte) []byte { return append(text[:4096:4096], make([]byte, len(text)-4096)...) },
	} {
		u := newUnit(t)
		newGrafana(t, u.grafana, 200).Close()
		text, err := os.ReadFile(u.grafana)
		if err == nil {
			err = os.WriteFile(u.grafana, damage(text), 0o640)
		}
		if err != nil {
			t.Fatal(err)
		}
		path := u.copy(t)
		if path != "" || len(u.notes) != 1 || !strings.HasPrefix(u.notes[0], leftOut+"Grafana's database: ") {
			t.Errorf("%s: %q %v", name, path, u.notes)
		}
		if left, _ := os.ReadDir(u.plan.Folder); len(left) > 0 {
			t.Errorf("%s: left behind: %v", name, left)
		}
	}
}

func TestGrafanaIsReplacedWholeOrNotAtAll(t *testing.T) {
	u := newUnit(t)
	newGrafana(t, u.grafana, 3).Close()
	saved := filepath.Join(t.TempDir(), "saved.db")
	newGrafana(t, saved, 7).Close()
	text, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	stale := u.grafana + "-journal"
	if err := os.WriteFile(stale, []byte("of the former"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := u.restoreGrafana(t.Context(), bytes.NewReader(text[:len(text)-5000])); err == nil {
		t.Error("half a database was taken")
	}
	if _, err := os.Stat(stale); err != nil {
		t.Errorf("the former one's journal: %s", err)
	}
	os.Remove(stale) // it is none, and the next look would try to play it back
	if users, _ := usersIn(t, u.grafana); users != 3 {
		t.Errorf("%d users after a restore that failed", users)
	}
	if err := os.WriteFile(stale, []byte("of the former"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := u.restoreGrafana(t.Context(), bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stale); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the former one's journal: %v", err)
	}
	if users, _ := usersIn(t, u.grafana); users != 7 {
		t.Errorf("%d users after the restore", users)
	}
	info, err := os.Stat(u.grafana)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if left, _ := os.ReadDir(u.plan.Grafana.Folder); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// The whole way by the program's own commands: a unit without a database needs no server.
func TestGrafanaIsBackedUpAndRestored(t *testing.T) {
	u := newUnit(t)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	identity, planFile := filepath.Join(t.TempDir(), "identity"), filepath.Join(t.TempDir(), "plan.json")
	plan := *u.plan
	plan.Unit, plan.Identity, plan.Keep = "cloudnova", identity, Keep{Count: 9}
	text, err := json.Marshal(plan)
	if err == nil {
		err = errors.Join(os.WriteFile(identity, []byte(key.String()), 0o600), os.WriteFile(planFile, text, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	do := func(answer any, command string, more ...string) {
		t.Helper()
		var out bytes.Buffer
		if err := run(t.Context(), append([]string{command, planFile}, more...), strings.NewReader(""), &out, &log); err != nil {
			t.Fatalf("%s %v: %s\n%s", command, more, err, &log)
		}
		if err := json.Unmarshal(out.Bytes(), answer); err != nil {
			t.Fatalf("%s: %s", out.Bytes(), err)
		}
	}
	db := newGrafana(t, u.grafana, 7)
	var backup made
	do(&backup, "run")
	if !backup.Checked || len(backup.LeftOut) > 0 {
		t.Fatalf("%+v\n%s", backup, &log)
	}
	must(t, db, "DELETE FROM user")
	db.Close()

	var prepared prospect
	do(&prepared, "restore", backup.Name, "--stage", "prepare")
	if prepared.Grafana == nil || prepared.Grafana.Now == 0 || prepared.Grafana.Then == 0 {
		t.Fatalf("%+v", prepared)
	}
	var done swapped
	do(&done, "restore", backup.Name, "--stage", "swap")
	if users, _ := usersIn(t, u.grafana); users != 7 || len(done.NotRestored) > 0 {
		t.Errorf("%d users; %v", users, done.NotRestored)
	}
	// The safety backup holds what was there before.
	do(&prepared, "restore", *done.Safety, "--stage", "prepare")
	do(&done, "restore", *done.Safety, "--stage", "swap")
	if users, _ := usersIn(t, u.grafana); users != 0 {
		t.Errorf("%d users after the safety backup", users)
	}

	// Where Grafana's volume is not mounted, the rest is restored and it is said.
	plan.Grafana = nil
	text, _ = json.Marshal(plan)
	if err := os.WriteFile(planFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	prepared = prospect{}
	do(&prepared, "restore", backup.Name, "--stage", "prepare")
	if prepared.Grafana != nil || !strings.Contains(log.String(), "which is not restored") {
		t.Errorf("%+v\n%s", prepared, &log)
	}
}
