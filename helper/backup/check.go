package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const (
	checkSuffix   = "__check"
	restoreSuffix = "__restore"
	beforeSuffix  = "__before"
)

// check proves a backup: its sum, its encryption, every entry, and its dumps in databases of their own, which are dumped again and
// compared. The result is noted beside the backup and in a row.
func (s *session) check(ctx context.Context, name string) error {
	row := s.plan.begin(ctx, s.server, "check", name)
	begun := time.Now()
	bytes, err := s.prove(ctx, name)
	note := checked{Time: time.Now().UTC().Truncate(time.Second), OK: err == nil}
	if err != nil {
		err = fmt.Errorf("the check of %s failed: %w", name, err)
		note.Message = err.Error()
	} else {
		s.say("checked %s: every table and object is as it was dumped, in %s", name, time.Since(begun).Round(100*time.Millisecond))
	}
	if ctx.Err() == nil { // a check that was stopped says nothing of the backup
		err = errors.Join(err, s.plan.noteCheck(name, note))
	}
	return row.end(bytes, "", err)
}

func (s *session) prove(ctx context.Context, name string) (bytes int64, err error) {
	backup, err := s.verified(name)
	if err != nil {
		return 0, err
	}
	defer func() {
		if s.server != nil {
			// Also when the command was told to stop.
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			for _, database := range s.plan.Databases {
				err = errors.Join(err, s.server.drop(ctx, database+checkSuffix))
			}
		}
	}()
	_, err = s.restoreBeside(ctx, name, checkSuffix, visitor{})
	return backup.bytes, err
}

// verified finds a backup in the folder and compares it with its sum.
func (s *session) verified(name string) (local, error) {
	all, err := s.plan.locals()
	if err != nil {
		return local{}, err
	}
	for _, backup := range all {
		if backup.name == name {
			return backup, s.plan.verifySum(backup)
		}
	}
	return local{}, fmt.Errorf("there is no backup %s in the volume: \"backup list\" shows those that exist", name)
}

// restoreBeside restores a backup's databases beside the live ones, under their names with a suffix, and compares them with the backup's
// sums by dumping them again.
func (s *session) restoreBeside(ctx context.Context, name, suffix string, with visitor) (contents, error) {
	archive, err := s.plan.openArchive(name)
	if err != nil {
		return contents{}, err
	}
	defer archive.close()
	if err := s.acceptDatabases(archive.manifest); err != nil {
		return contents{}, err
	}
	if err := s.needDatabaseRoom(ctx, suffix); err != nil {
		return contents{}, err
	}
	ran := map[string]sums{}
	with.database = func(database string, dump io.Reader) error {
		like, err := databaseOf(archive.manifest, database)
		if err != nil {
			return err
		}
		if err := s.server.empty(ctx, database+suffix, like); err != nil {
			return err
		}
		ran[database], err = s.server.run(ctx, database+suffix, dump, everything)
		return err
	}
	with.monitoring = func(entry string, content io.Reader) error { return s.proveMonitoring(ctx, entry, content) }
	secrets := map[string]secretSum{}
	forward := with.secret
	with.secret = func(secretName string, content []byte) error {
		secret, err := parseSecret(content)
		if err != nil {
			return err
		}
		secrets[secretName] = secret.sum()
		if forward != nil {
			return forward(secretName, content)
		}
		return nil
	}
	want, err := archive.visit(with)
	if err != nil {
		return contents{}, err
	}
	for secret, sum := range want.Secrets {
		if secrets[secret].SHA256 != sum.SHA256 {
			return contents{}, fmt.Errorf("the Secret %s in it is not the one that its sums name: use another backup", secret)
		}
	}
	var all []string
	for database, sum := range want.Databases {
		if differ := differences(database, sum, ran[database]); len(differ) > 0 {
			all = append(all, "its dump is not what its sums say: "+strings.Join(differ, "; "))
			continue
		}
		found, err := s.server.sums(ctx, database+suffix)
		if err != nil {
			return contents{}, fmt.Errorf("the restored database cannot be dumped: %w", err)
		}
		all = append(all, differences(database, sum, found)...)
	}
	if len(all) > 0 {
		return contents{}, fmt.Errorf("what was restored is not what was backed up: %s", cut(strings.Join(all, "; "), 2000))
	}
	return want, nil
}

// acceptDatabases refuses a backup of a newer MySQL, and one whose databases are not the plan's.
func (s *session) acceptDatabases(found manifest) error {
	if len(found.Databases) > 0 && s.server == nil {
		return fmt.Errorf("%s has databases, and this unit has none now", found.Name)
	}
	if s.server != nil && found.MySQL != "" {
		there, here := series(found.MySQL), series(s.server.version)
		if there[0] > here[0] || there[0] == here[0] && there[1] > here[1] {
			return fmt.Errorf("MySQL %s made its dump, and this server is %s, which is older: set images.mysql to the series %d.%d or newer first",
				found.MySQL, s.server.version, there[0], there[1])
		}
	}
	for _, database := range s.plan.Databases {
		if _, err := databaseOf(found, database); err != nil {
			return err
		}
	}
	for _, database := range found.Databases {
		if !slices.Contains(s.plan.Databases, database.Name) {
			return fmt.Errorf("%s has the database %s, which this unit has not now", found.Name, database.Name)
		}
	}
	return nil
}

func databaseOf(found manifest, name string) (databaseInfo, error) {
	for _, database := range found.Databases {
		if database.Name == name {
			return database, nil
		}
	}
	return databaseInfo{}, fmt.Errorf("%s holds no database %s", found.Name, name)
}

// needDatabaseRoom refuses when MySQL's volume cannot hold the databases once more. It knows the sizes of the account's own databases
// only, and counts a fifth more for what the restore writes meanwhile.
func (s *session) needDatabaseRoom(ctx context.Context, suffix string) error {
	if s.server == nil || s.plan.MySQLVolumeBytes <= 0 {
		return nil
	}
	live, err := s.server.dataBytes(ctx, s.plan.Databases...)
	if err != nil {
		return err
	}
	used := live
	for _, database := range s.plan.Databases {
		for _, other := range []string{checkSuffix, restoreSuffix, beforeSuffix} {
			if other != suffix { // that one is dropped first
				size, err := s.server.dataBytes(ctx, database+other)
				if err != nil {
					return err
				}
				used += size
			}
		}
	}
	if need := live + live/5; used+need > s.plan.MySQLVolumeBytes {
		return fmt.Errorf("MySQL's volume of %s cannot hold a second copy of the data: %s are used and the copy takes about %s; enlarge the volume (database.volume in the environment)",
			size(s.plan.MySQLVolumeBytes), size(used), size(need))
	}
	return nil
}
