package backup

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// stage is how far a restore came.
type stage string

const (
	// prepared: the backup is restored beside the live data. Nothing live was changed.
	prepared stage = "prepared"
	// swapping: live data are being exchanged. Only swap or undo lead on.
	swapping stage = "swapping"
	// finishing: all live data are the backup's, and the former are being dropped. Only swap leads on.
	finishing stage = "finishing"
	// undoing: the former data are being put back. Only undo leads on.
	undoing stage = "undoing"
)

// state is a restore that is under way, in a file on the backups' volume.
type state struct {
	Name  string    `json:"name"`
	Stage stage     `json:"stage"`
	Time  time.Time `json:"time"`
	// Safety is the backup that swap made of what was there.
	Safety string `json:"safety,omitempty"`
	// Other are tables that the live databases have in another form.
	Other []otherSchema `json:"other,omitempty"`
	// Grafana is set where the restore replaces Grafana's database, too.
	Grafana *grafanaProspect `json:"grafana,omitempty"`
}

type otherSchema struct {
	Database string `json:"database"`
	Table    string `json:"table"`
}

func (plan *Plan) statePath() string { return filepath.Join(plan.Folder, ".restore.json") }

// readState is the restore that is under way, or nil.
func (plan *Plan) readState() (*state, error) {
	text, err := os.ReadFile(plan.statePath())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	found := &state{}
	if err == nil {
		err = json.Unmarshal(text, found)
	}
	if err != nil {
		return nil, fmt.Errorf("the state of the last restore cannot be read: %w", err)
	}
	return found, nil
}

func (plan *Plan) writeState(now state) error {
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	return replaceFile(plan.statePath(), append(text, '\n'))
}

func (plan *Plan) dropState() error {
	if err := os.Remove(plan.statePath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return syncFolder(plan.Folder)
}

// refuseHalf refuses to work on live data that a restore has half exchanged.
func (s *session) refuseHalf() error {
	found, err := s.plan.readState()
	if err != nil || found == nil || found.Stage == prepared {
		return err
	}
	ways := "finish it by \"--stage swap\", or put the former state back by \"--stage undo\""
	switch found.Stage {
	case finishing:
		ways = "finish it by \"--stage swap\""
	case undoing:
		ways = "finish the undo by \"--stage undo\""
	}
	return fmt.Errorf("the restore of %s was cut off while data were exchanged: %s", found.Name, ways)
}

// prospect is what prepare prints: what a restore replaces.
type prospect struct {
	Name      string             `json:"name"`
	Time      time.Time          `json:"time"`
	Databases []databaseProspect `json:"databases"`
	Volumes   []volumeProspect   `json:"volumes"`
	Secrets   []string           `json:"secrets"`
	Other     []otherSchema      `json:"otherSchema"`
	// Silences is absent where the backup has none of Alertmanager.
	Silences *silenceProspect `json:"silences,omitempty"`
	// Grafana is absent where its database is not replaced.
	Grafana *grafanaProspect `json:"grafana,omitempty"`
	// Log is where the dumps lie in the binary log: absent where they do not.
	Log map[string]logPosition `json:"log,omitempty"`
}

type databaseProspect struct {
	Name   string          `json:"name"`
	Tables []tableProspect `json:"tables"`
}

// tableProspect has null for a table that is not there.
type tableProspect struct {
	Name string `json:"name"`
	Now  *int64 `json:"rowsNow"`
	Then *int64 `json:"rowsThen"`
}

type volumeProspect struct {
	Key  string `json:"key"`
	Now  int64  `json:"filesNow"`
	Then int64  `json:"filesThen"`
}

// prepare restores a backup beside the live data, proves it, and prints what swap would replace. It begins anew each time, but for a
// restore of the same backup that was cut off while data were exchanged: swap goes on with that one.
func (s *session) prepare(ctx context.Context, name string) (err error) {
	former, err := s.plan.readState()
	if err != nil {
		return err
	}
	if former != nil && former.Name == name && former.Stage != prepared {
		return s.goOn(former)
	}
	if err := s.refuseHalf(); err != nil {
		return err
	}
	if former != nil && former.Name != name {
		s.say("the restore of %s, prepared at %s, is given up", former.Name, former.Time.Format(time.RFC3339))
	}
	if err := s.clear(ctx); err != nil {
		return err
	}
	if err := s.bring(ctx, name); err != nil {
		return err
	}
	if _, err := s.verified(name); err != nil {
		return err
	}
	extractions := map[string]*extraction{}
	defer func() {
		if err != nil {
			// Also when the command was told to stop: what was prepared takes room.
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			err = errors.Join(err, s.clear(ctx))
		}
	}()
	if err := s.roomForFiles(name); err != nil {
		return err
	}
	want, err := s.restoreBeside(ctx, name, restoreSuffix, visitor{
		file: func(key, path string, header *tar.Header, content io.Reader) error {
			folder, known := s.plan.Volumes[key]
			if !known {
				return fmt.Errorf("it has the volume %s, which this unit has not now", key)
			}
			if extractions[key] == nil {
				made, err := extractTo(folder)
				if err != nil {
					return err
				}
				extractions[key] = made
			}
			return extractions[key].add(path, header, content)
		},
	})
	if err != nil {
		return fmt.Errorf("%s cannot be restored, and nothing was changed: %w", name, err)
	}
	for key := range want.Volumes {
		if extractions[key] == nil { // a volume without files
			made, err := extractTo(s.plan.Volumes[key])
			if err != nil {
				return err
			}
			extractions[key] = made
		}
		if err := extractions[key].finish(); err != nil {
			return fmt.Errorf("the files of the volume %s could not be written: %w", key, err)
		}
	}
	answer, err := s.compare(ctx, name, want)
	if err != nil {
		return err
	}
	if err := s.plan.writeState(state{Name: name, Stage: prepared, Time: time.Now().UTC().Truncate(time.Second), Other: answer.Other, Grafana: answer.Grafana}); err != nil {
		return err
	}
	s.show(answer)
	printJSON(s.out, answer)
	return nil
}

// goOn says that swap goes on with a restore that was cut off. What it replaces is half replaced already, so no counts are given.
func (s *session) goOn(half *state) error {
	_, at, err := s.plan.checkName(half.Name)
	if err != nil {
		return err
	}
	s.say("the restore of %s was cut off while data were exchanged: swap goes on with it", half.Name)
	printJSON(s.out, prospect{Name: half.Name, Time: at, Databases: []databaseProspect{}, Volumes: []volumeProspect{}, Secrets: []string{}, Other: nonNil(half.Other), Grafana: half.Grafana})
	return nil
}

func nonNil(other []otherSchema) []otherSchema {
	if other == nil {
		return []otherSchema{}
	}
	return other
}

// roomForFiles refuses when a volume cannot hold the backup's files beside its own. It reads the backup once more for that.
func (s *session) roomForFiles(name string) error {
	if len(s.plan.Volumes) == 0 {
		return nil
	}
	archive, err := s.plan.openArchive(name)
	if err != nil {
		return err
	}
	defer archive.close()
	want, err := archive.visit(visitor{})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for key, sum := range want.Volumes {
		folder, known := s.plan.Volumes[key]
		if !known {
			return fmt.Errorf("%s has the volume %s, which this unit has not now", name, key)
		}
		free, err := freeBytes(folder)
		if err != nil {
			return fmt.Errorf("the volume %s: %w", key, err)
		}
		// Every file takes whole blocks.
		if need := sum.Bytes + 4096*sum.Files; need > free {
			return fmt.Errorf("the volume %s has %s free, and the backup's files take %s beside those that are there: enlarge the volume, or remove files", key, size(free), size(need))
		}
	}
	return nil
}

// clear drops what prepare has made.
func (s *session) clear(ctx context.Context) error {
	for _, database := range s.plan.Databases {
		if err := s.server.drop(ctx, database+restoreSuffix); err != nil {
			return err
		}
	}
	for key, folder := range s.plan.Volumes {
		if err := s.plan.refuseHalfVolume(key, folder); err != nil {
			return err
		}
		if _, err := os.Lstat(filepath.Join(folder, newFolder)); err == nil {
			if err := dropFolders(folder); err != nil {
				return err
			}
		}
	}
	return s.plan.dropState()
}

// compare says what the live data are and what they would be.
func (s *session) compare(ctx context.Context, name string, want contents) (prospect, error) {
	_, at, err := s.plan.checkName(name)
	answer := prospect{Name: name, Time: at, Databases: []databaseProspect{}, Volumes: []volumeProspect{}, Secrets: sortedKeys(want.Secrets), Other: []otherSchema{}, Log: want.Log}
	if err != nil {
		return answer, err
	}
	for _, database := range sortedKeys(want.Databases) {
		then := want.Databases[database]
		now, err := s.server.schemas(ctx, database)
		if err != nil {
			return answer, fmt.Errorf("the live database %s cannot be read: %w", database, err)
		}
		tables := databaseProspect{Name: database, Tables: []tableProspect{}}
		names := append(sortedKeys(now), sortedKeys(then.Tables)...)
		slices.Sort(names)
		for _, table := range slices.Compact(names) {
			line := tableProspect{Name: table}
			schema, isNow := now[table]
			saved, isThen := then.Tables[table]
			if isNow {
				var rows int64
				if err := s.server.QueryRowContext(ctx, fmt.Sprintf("SELECT COUNT(*) FROM %s.%s", quoted(database), quoted(table))).Scan(&rows); err != nil {
					return answer, err
				}
				line.Now = &rows
			}
			if isThen {
				line.Then = &saved.Rows
			}
			// An empty database is no newer schema: it is what a new cluster has.
			if isNow != isThen || schema != saved.Schema {
				if len(now) > 0 {
					answer.Other = append(answer.Other, otherSchema{database, table})
				}
			}
			tables.Tables = append(tables.Tables, line)
		}
		answer.Databases = append(answer.Databases, tables)
	}
	for _, key := range sortedKeys(want.Volumes) {
		files, _, err := countFiles(s.plan.Volumes[key])
		if err != nil {
			return answer, err
		}
		answer.Volumes = append(answer.Volumes, volumeProspect{Key: key, Now: files, Then: want.Volumes[key].Files})
	}
	answer.Silences = s.silencesThen(ctx, want)
	answer.Grafana, err = s.grafanaThen(want)
	return answer, err
}

// show prints a prospect for people.
func (s *session) show(answer prospect) {
	count := func(rows *int64) string {
		if rows == nil {
			return "no table"
		}
		return fmt.Sprintf("%d rows", *rows)
	}
	s.say("prepared %s; swap would replace:", answer.Name)
	for _, database := range answer.Databases {
		for _, table := range database.Tables {
			s.say("  %s.%s: %s now, %s then", database.Name, table.Name, count(table.Now), count(table.Then))
		}
	}
	for _, volume := range answer.Volumes {
		s.say("  volume %s: %d files now, %d then", volume.Key, volume.Now, volume.Then)
	}
	if answer.Silences != nil {
		s.say("  silences: %d of the backup have not ended", answer.Silences.Then)
	}
	if answer.Grafana != nil {
		s.say("  Grafana's database: %s now, %s then", size(answer.Grafana.Now), size(answer.Grafana.Then))
	}
	if len(answer.Other) > 0 {
		s.say("another schema: %s", otherNames(answer.Other))
	}
}

func otherNames(all []otherSchema) string {
	names := make([]string, len(all))
	for index, one := range all {
		names[index] = one.Database + "." + one.Table
	}
	return strings.Join(names, ", ")
}

// swapOptions are the options of swap.
type swapOptions struct {
	secrets     bool // restore the Secrets, too
	otherSchema bool // also where live tables have another form
}

// swap exchanges the live data with the prepared ones. The caller has stopped the application. It can be run again after it was cut off.
func (s *session) swap(ctx context.Context, name string, options swapOptions) error {
	now, err := s.plan.readState()
	if err == nil && now != nil && now.Name == name && now.Stage == undoing {
		// The undo may have dropped what was prepared: it is finished, and all begins anew.
		if err = s.undo(ctx, name); err == nil {
			err = s.prepare(ctx, name)
		}
		if err == nil {
			now, err = s.plan.readState()
		}
	}
	switch {
	case err != nil:
		return err
	case now == nil || now.Name != name && now.Stage == prepared:
		return fmt.Errorf("%s is not prepared: run \"--stage prepare\" first", name)
	case now.Name != name:
		return s.refuseHalf()
	case len(now.Other) > 0 && !options.otherSchema:
		return fmt.Errorf("the backup %s has another schema than the database now, in %s: an application of today's version may fail with it; to restore all the same, "+
			"and then run the application's migrations, add --other-schema", name, otherNames(now.Other))
	}
	row := s.plan.begin(ctx, s.server, "restore", name)
	answer, err := s.exchange(ctx, now, options)
	if err = row.end(0, "", err); err != nil {
		return err
	}
	s.say("restored %s", name)
	printJSON(s.out, answer)
	return nil
}

// swapped is what swap prints.
type swapped struct {
	Name    string   `json:"name"`
	Safety  *string  `json:"safety"`
	Secrets []string `json:"secrets"` // that were changed
	// NotRestored is what of the monitoring could not be brought back, and why.
	NotRestored []string `json:"notRestored,omitempty"`
}

func (s *session) exchange(ctx context.Context, now *state, options swapOptions) (swapped, error) {
	answer := swapped{Name: now.Name, Secrets: []string{}}
	backup, err := s.verified(now.Name)
	if err != nil {
		return answer, err
	}
	if now.Stage == prepared {
		if err := s.beforeSwap(ctx, now); err != nil {
			return answer, err
		}
	}
	answer.Safety = &now.Safety
	if now.Stage == swapping {
		for _, database := range s.plan.Databases {
			if err := s.moveIn(ctx, database); err != nil {
				return answer, err
			}
		}
		if err := s.replayObjects(ctx, backup.name); err != nil {
			return answer, err
		}
		for _, folder := range s.plan.Volumes {
			if err := swapIn(folder); err != nil {
				return answer, err
			}
		}
		if options.secrets {
			if answer.Secrets, err = s.restoreSecrets(ctx, backup.name); err != nil {
				return answer, err
			}
		}
		answer.NotRestored = s.restoreMonitoring(ctx, backup.name)
		now.Stage = finishing
		if err := s.plan.writeState(*now); err != nil {
			return answer, err
		}
	}
	for _, database := range s.plan.Databases {
		for _, suffix := range []string{beforeSuffix, restoreSuffix} {
			if err := s.server.drop(ctx, database+suffix); err != nil {
				return answer, err
			}
		}
	}
	for _, folder := range s.plan.Volumes {
		if err := dropFolders(folder); err != nil {
			return answer, err
		}
	}
	return answer, s.plan.dropState()
}

// beforeSwap is all that can refuse the exchange, and the safety backup. Nothing live is changed.
func (s *session) beforeSwap(ctx context.Context, now *state) error {
	for _, database := range s.plan.Databases {
		if _, err := s.server.info(ctx, database+restoreSuffix); err != nil {
			return fmt.Errorf("what was prepared is gone (%w): run \"--stage prepare\" again", err)
		}
		from, err := s.server.column(ctx, "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.key_column_usage "+
			"WHERE referenced_table_schema = ? AND table_schema <> ? GROUP BY 1 ORDER BY 1", database, database)
		if err != nil {
			return err
		}
		if len(from) > 0 {
			return fmt.Errorf("foreign keys of other databases lead to %s (%s): drop them first, and make them again after the restore", database, strings.Join(from, ", "))
		}
		protected, err := s.server.protected(ctx, database)
		if err != nil {
			return err
		}
		if len(protected) > 0 {
			return fmt.Errorf("root made these in %s, and only root can drop them: %s; drop them, or make them again as the application's account", database, strings.Join(protected, ", "))
		}
		if err := s.alone(ctx, database); err != nil {
			return err
		}
	}
	s.say("making a backup of what is there")
	safety, err := s.backup(ctx, now.Name)
	if err != nil {
		return fmt.Errorf("nothing was replaced, because the data that are there could not be backed up: %w", err)
	}
	now.Safety, now.Stage = safety.Name, swapping
	return s.plan.writeState(*now)
}

// patience is how long connections of a stopped application may take to end.
const patience = 30 * time.Second

// alone waits until no other connection uses a database. The account sees its own connections, which an application's are.
func (s *session) alone(ctx context.Context, database string) error {
	for end := time.Now().Add(patience); ; {
		count, err := s.server.column(ctx, "SELECT id FROM information_schema.processlist WHERE db = ? AND id <> CONNECTION_ID()", database)
		if err != nil {
			return err
		}
		if len(count) == 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d connections use the database %s: stop the application first, so that nobody sees half of the exchange", len(count), database)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// marker is a table that moves with the others in one statement: where it is, the others are.
const marker = "cloudnova restore"

// moved is whether the restored tables are live.
func (s *session) moved(ctx context.Context, database string) (bool, error) {
	tables, err := s.server.tables(ctx, database+beforeSuffix)
	return slices.Contains(tables, marker), err
}

// moveIn moves a database's tables to __before, and those of __restore to the database, in one statement.
func (s *session) moveIn(ctx context.Context, database string) error {
	return s.move(ctx, database, database+beforeSuffix, database+restoreSuffix, false)
}

// move moves the live tables to one database, and those of another to the live one, unless that was done. The marker moves the other way:
// with want it is in __before when the work is to be done.
func (s *session) move(ctx context.Context, live, out, in string, undo bool) error {
	done, err := s.moved(ctx, live)
	if err != nil || done != undo {
		return err
	}
	// RENAME TABLE takes tables without triggers alone, and no views; both come from a backup afterwards.
	for _, database := range []string{live, in} {
		if err := s.server.dropObjects(ctx, database); err != nil {
			return err
		}
	}
	like, err := s.server.info(ctx, live)
	if err != nil {
		return err
	}
	if _, err := s.server.info(ctx, out); errors.Is(err, errNoDatabase) {
		err = s.server.empty(ctx, out, like)
		if err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	if !undo {
		if _, err := s.server.ExecContext(ctx, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s.%s (id INT PRIMARY KEY)", quoted(in), quoted(marker))); err != nil {
			return err
		}
	}
	var moves []string
	add := func(from, to string, tables []string) {
		for _, table := range tables {
			target := to
			if table == marker {
				target = out
			}
			moves = append(moves, fmt.Sprintf("%s.%s TO %s.%s", quoted(from), quoted(table), quoted(target), quoted(table)))
		}
	}
	for _, way := range [][2]string{{live, out}, {in, live}} {
		tables, err := s.server.tables(ctx, way[0])
		if err != nil {
			return err
		}
		add(way[0], way[1], tables)
	}
	if _, err := s.server.ExecContext(ctx, "RENAME TABLE "+strings.Join(moves, ", ")); err != nil {
		return fmt.Errorf("the tables of %s could not be exchanged, and none was: %w", live, err)
	}
	return nil
}

// replayObjects makes the live databases' views, triggers, events and routines those of a backup.
func (s *session) replayObjects(ctx context.Context, name string) error {
	if len(s.plan.Databases) == 0 {
		return nil
	}
	archive, err := s.plan.openArchive(name)
	if err != nil {
		return err
	}
	defer archive.close()
	ran := map[string]sums{}
	want, err := archive.visit(visitor{database: func(database string, dump io.Reader) error {
		like, err := databaseOf(archive.manifest, database)
		if err != nil {
			return err
		}
		if err := s.server.dropObjects(ctx, database); err != nil {
			return err
		}
		if _, err := s.server.ExecContext(ctx, fmt.Sprintf("ALTER DATABASE %s CHARACTER SET %s COLLATE %s", quoted(database), quoted(like.Charset), quoted(like.Collation))); err != nil {
			return err
		}
		ran[database], err = s.server.run(ctx, database, dump, objectsOnly)
		return err
	}})
	if err != nil {
		return fmt.Errorf("the views, triggers and routines of %s could not be made: %w", name, err)
	}
	var all []string
	for database, sum := range want.Databases {
		found, err := s.server.sums(ctx, database, "--no-data")
		if err != nil {
			return err
		}
		// Rows were compared before; these have none.
		for table, expected := range sum.Tables {
			if actual, exists := found.Tables[table]; exists && actual.Schema == expected.Schema {
				found.Tables[table] = expected
			}
		}
		all = append(all, differences(database, sum, found)...)
	}
	if len(all) > 0 {
		return fmt.Errorf("what is live is not what is in %s: %s", name, cut(strings.Join(all, "; "), 2000))
	}
	return nil
}

// restoreSecrets sets the Secrets to the backup's; returns the names of those that it changed.
func (s *session) restoreSecrets(ctx context.Context, name string) ([]string, error) {
	api, err := s.plan.secretsAPI(s.log)
	if err != nil {
		return nil, err
	}
	archive, err := s.plan.openArchive(name)
	if err != nil {
		return nil, err
	}
	defer archive.close()
	restored := []string{}
	_, err = archive.visit(visitor{secret: func(_ string, content []byte) error {
		secret, err := parseSecret(content)
		if err != nil {
			return err
		}
		changed, err := restoreSecret(ctx, api, secret)
		if changed {
			s.say("restored the Secret %s", secret.Name)
			restored = append(restored, secret.Name)
		}
		return err
	}})
	return restored, err
}

// undo puts back what was there before a swap that did not end, or gives up what was prepared. It can be run again after it was cut off.
func (s *session) undo(ctx context.Context, name string) error {
	now, err := s.plan.readState()
	switch {
	case err != nil:
		return err
	case now == nil || now.Name != name:
		return fmt.Errorf("no restore of %s is under way: there is nothing to undo", name)
	case now.Stage == finishing:
		return fmt.Errorf("the restore of %s is complete, and the former data are being dropped: finish it by \"--stage swap\"; the backup %s holds what was there", name, now.Safety)
	case now.Stage == prepared:
		s.say("what was prepared of %s is dropped; nothing live was changed", name)
	default:
		row := s.plan.begin(ctx, s.server, "restore", name)
		err := s.putBack(ctx, now)
		if err == nil {
			// The row says that the restore did not happen.
			_ = row.end(0, "", errors.New("the restore was undone: all is as it was before"))
			s.say("all is as it was before the restore of %s", name)
		} else {
			return row.end(0, "", err)
		}
	}
	if err := s.clear(ctx); err != nil {
		return err
	}
	printJSON(s.out, swapped{Name: name, Safety: nonEmpty(now.Safety), Secrets: []string{}})
	return nil
}

func nonEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (s *session) putBack(ctx context.Context, now *state) error {
	if _, err := s.verified(now.Safety); err != nil {
		return err
	}
	now.Stage = undoing
	if err := s.plan.writeState(*now); err != nil {
		return err
	}
	for _, database := range s.plan.Databases {
		if err := s.move(ctx, database, database+restoreSuffix, database+beforeSuffix, true); err != nil {
			return err
		}
	}
	if err := s.replayObjects(ctx, now.Safety); err != nil {
		return err
	}
	for _, folder := range s.plan.Volumes {
		if err := swapBack(folder); err != nil {
			return err
		}
	}
	for _, database := range s.plan.Databases {
		if err := s.server.drop(ctx, database+beforeSuffix); err != nil {
			return err
		}
	}
	return nil
}
