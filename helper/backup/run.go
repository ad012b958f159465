package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// session is one command: what it works on, under the folder's lock.
type session struct {
	plan   *Plan
	server *server // nil where the unit has no server
	log    io.Writer
	out    io.Writer
	// silences are those of the backup that was proved last.
	silences []silence
}

// open takes the lock, and connects. Commands that need a state without a half-done restore say so.
func (plan *Plan) open(ctx context.Context, command string, log, out io.Writer) (*session, func(), error) {
	unlock, err := plan.lock(command)
	if err != nil {
		return nil, nil, err
	}
	s := &session{plan: plan, log: log, out: out}
	if plan.MySQL != nil {
		if s.server, err = plan.connect(ctx, log); err != nil {
			unlock()
			return nil, nil, err
		}
	}
	plan.settle(ctx, s.server)
	return s, func() {
		if s.server != nil {
			s.server.Close()
		}
		unlock()
	}, nil
}

func (s *session) say(form string, values ...any) { fmt.Fprintf(s.log, form+"\n", values...) }

// runOptions are the options of run.
type runOptions struct {
	first bool // nothing is done when there is a backup already
}

// made is what run and check print as JSON.
type made struct {
	Name    string `json:"name"`
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"`
	Checked bool   `json:"checked"`
	Offsite *bool  `json:"offsite"` // null: there is no store
	// LeftOut is what of the monitoring is not in it, and why.
	LeftOut []string `json:"leftOut,omitempty"`
}

// run makes a backup, checks it, and brings it and all others that are missing there to the store. What fails does not keep the rest
// from being tried. Old backups are deleted last.
func (s *session) run(ctx context.Context, options runOptions) error {
	if err := s.refuseHalf(); err != nil {
		return err
	}
	s.plan.tidy()
	all, err := s.plan.locals()
	if err != nil {
		return err
	}
	if options.first && len(all) > 0 {
		known, err := s.known(ctx)
		if err != nil || known {
			s.say("there is a backup already: %s", all[0].name)
			return err
		}
	}
	s.warnClock(all)
	answer, err := s.backup(ctx, "")
	if err != nil {
		return err
	}
	checking := s.check(ctx, answer.Name)
	answer.Checked = checking == nil
	var sending error
	if s.plan.Store != nil {
		sending = s.offsite(ctx)
		there := sending == nil
		answer.Offsite = &there
	}
	printJSON(s.out, answer)
	return errors.Join(checking, sending, s.retain())
}

// known is whether a row says that a backup succeeded. Without a server there are no rows.
func (s *session) known(ctx context.Context) (bool, error) {
	if s.server == nil {
		return true, nil
	}
	rows, err := s.server.column(ctx, "SELECT id FROM "+s.plan.resultsTable()+" WHERE kind = 'backup' AND ok LIMIT 1")
	return len(rows) > 0, err
}

// warnClock says when the newest backup is from the future: its time or the clock's is wrong.
func (s *session) warnClock(all []local) {
	if len(all) > 0 && all[0].at.After(time.Now().Add(time.Minute)) {
		s.say("the newest backup %s is %s ahead of this machine's clock (%s UTC): set the clock right; no backup is deleted until then",
			all[0].name, time.Until(all[0].at).Round(time.Minute), time.Now().UTC().Format(time.DateTime))
	}
}

// retain deletes what the plan no longer keeps.
func (s *session) retain() error {
	all, err := s.plan.locals()
	if err != nil {
		return err
	}
	now := time.Now()
	if len(all) > 0 && all[0].at.After(now.Add(time.Minute)) {
		return nil // the clock is wrong
	}
	stay := s.plan.Keep.keepers(now, all)
	for _, old := range all {
		if !stay[old.name] {
			s.say("deleting %s: it is older than %d days and not among the newest %d", old.name, s.plan.Keep.Days, s.plan.Keep.Count)
			if err := s.plan.remove(old.name); err != nil {
				return err
			}
		}
	}
	return nil
}

// backup makes one, with its row. before names the backup whose restore it precedes.
func (s *session) backup(ctx context.Context, before string) (made, error) {
	row := s.plan.begin(ctx, s.server, "backup", s.plan.Unit)
	answer, notes, err := s.write(ctx, before)
	if answer.Name != "" {
		row.name = answer.Name
	}
	if err != nil {
		err = fmt.Errorf("no backup was made: %w", err)
	}
	return answer, row.end(answer.Bytes, strings.Join(notes, "; "), err)
}

// write writes a backup's file.
func (s *session) write(ctx context.Context, before string) (answer made, notes []string, err error) {
	plan := s.plan
	begun := time.Now().UTC()
	note := func(form string, values ...any) {
		notes = append(notes, fmt.Sprintf(form, values...))
		s.say(form, values...)
	}
	patience := awaited
	if before != "" {
		patience = 0 // applications are stopped meanwhile
	}
	// First: a row's notes are cut at their end.
	of := kept{silences: s.readSilences(ctx, patience, note), grafana: s.copyGrafana(ctx, note)}
	defer of.discard()
	incomplete := slices.Clone(notes)
	recipients, err := plan.recipients()
	if err != nil {
		return answer, nil, err
	}
	if len(recipients) == 1 {
		s.say("backups.recipients is empty: this backup opens with this cluster's key alone, and is lost with the cluster")
	}
	all, err := plan.locals()
	if err != nil {
		return answer, nil, err
	}
	for len(all) > 0 && all[0].at.Unix() == begun.Unix() { // two within a second
		time.Sleep(100 * time.Millisecond)
		begun = time.Now().UTC()
	}
	first := manifest{
		Format: format, Product: plan.Product, Environment: plan.Environment, Unit: plan.Unit, Namespace: plan.Namespace, Time: begun.Truncate(time.Second),
		Name: plan.Unit + "-" + begun.Format(timeForm), Databases: []databaseInfo{}, Volumes: sortedKeys(plan.Volumes), Secrets: []string{}, Before: before,
	}
	if err := s.describe(ctx, &first, all, note); err != nil {
		return answer, notes, err
	}
	secrets, absent, err := plan.readSecrets(ctx, s.log)
	if err != nil {
		return answer, notes, err
	}
	first.Absent = absent
	for _, secret := range secrets {
		first.Secrets = append(first.Secrets, secret.Name)
	}
	if len(absent) > 0 {
		note("these Secrets do not exist and are not in the backup: %s", strings.Join(absent, ", "))
	}

	file, err := plan.create(first.Name)
	if err != nil {
		return answer, notes, err
	}
	defer file.discard()
	archive, err := newArchive(file, recipients, first.Time)
	if err != nil {
		return answer, notes, err
	}
	if err := s.fill(ctx, archive, first, secrets, of, note); err != nil {
		return answer, notes, err
	}
	if err := archive.close(); err != nil {
		return answer, notes, err
	}
	answer = made{Name: first.Name, Bytes: file.bytes, LeftOut: incomplete}
	if answer.SHA256, err = file.finish(); err != nil {
		return made{Name: first.Name}, notes, err
	}
	s.say("made %s: %s in %s", first.Name, size(answer.Bytes), time.Since(begun).Round(100*time.Millisecond))
	return answer, notes, nil
}

// describe fills in what the databases are, and refuses when there is no room for a backup.
func (s *session) describe(ctx context.Context, first *manifest, all []local, note func(string, ...any)) error {
	data := int64(0)
	if s.server != nil {
		first.MySQL = s.server.version
		for _, database := range s.plan.Databases {
			info, err := s.server.info(ctx, database)
			if err != nil {
				return err
			}
			first.Databases = append(first.Databases, info)
			loose, err := s.server.notTransactional(ctx, database)
			if err != nil {
				return err
			}
			if len(loose) > 0 {
				note("these tables of %s have no transactions (ALTER TABLE … ENGINE=InnoDB changes that), so their rows may be of different moments: %s", database, strings.Join(loose, ", "))
			}
		}
		var err error
		if data, err = s.server.dataBytes(ctx, s.plan.Databases...); err != nil {
			return err
		}
	}
	for key, folder := range s.plan.Volumes {
		if err := s.plan.refuseHalfVolume(key, folder); err != nil {
			return err
		}
		_, bytes, err := countFiles(folder)
		if err != nil {
			return fmt.Errorf("the volume %s cannot be read: %w; the pod of the backup runs as user %d", key, err, os.Getuid())
		}
		data += 3 * bytes // files are often compressed already
	}
	return s.plan.needRoom(all, data)
}

// refuseHalfVolume refuses a volume whose files are being exchanged, when the state of the restore is lost.
func (plan *Plan) refuseHalfVolume(key, folder string) error {
	if _, err := os.Lstat(filepath.Join(folder, oldFolder)); err == nil {
		return fmt.Errorf("the volume %s has the folder %s of a restore that was cut off: undo the restore first", key, oldFolder)
	}
	return nil
}

// fill writes all entries.
func (s *session) fill(ctx context.Context, archive *archiveWriter, first manifest, secrets []savedSecret, of kept, note func(string, ...any)) error {
	if err := archive.json(manifestEntry, first); err != nil {
		return err
	}
	last := contents{Databases: map[string]sums{}, Volumes: map[string]volumeSum{}, Secrets: map[string]secretSum{}, Log: map[string]logPosition{}, Monitoring: map[string]monitoringSum{}}
	for _, database := range s.plan.Databases {
		var more []string
		if first.Before != "" {
			// A restore must be possible when a view is broken: that one is in no safety backup.
			broken, err := s.server.brokenViews(ctx, database)
			if err != nil {
				return err
			}
			for _, view := range broken {
				note("the view %s.%s is broken and is not in this backup", database, view)
				more = append(more, "--ignore-table="+database+"."+view)
			}
		}
		release := func() {}
		if s.plan.PointInTime {
			at, unhold, err := s.server.hold(ctx, database)
			if err == nil {
				release, last.Log[database] = unhold, at
			} else {
				note("no point in time after this backup of %s can be restored, because the place in the binary log is not known: %s", database, err)
			}
		}
		found, err := s.dumpInto(ctx, archive, database, release, more...)
		release()
		if err != nil {
			return err
		}
		last.Databases[database] = found
	}
	for _, secret := range secrets {
		if err := archive.json("secrets/"+secret.Name+".json", secret); err != nil {
			return err
		}
		last.Secrets[secret.Name] = secret.sum()
	}
	if err := archive.addKept(of, last.Monitoring); err != nil {
		return err
	}
	for _, key := range first.Volumes {
		found, notes, err := archive.addVolume(ctx, key, s.plan.Volumes[key])
		if err != nil {
			return err
		}
		for _, text := range notes {
			note("%s", text)
		}
		last.Volumes[key] = found
	}
	return archive.json(contentsEntry, last)
}

// dumpInto writes a database's dump and returns its sums. It calls begun once the dump's transaction has begun.
func (s *session) dumpInto(ctx context.Context, archive *archiveWriter, database string, begun func(), more ...string) (sums, error) {
	counter := newCounter()
	scanner := newScanner(counter)
	parts := &parts{to: archive, name: "database/" + database + ".sql"}
	count := &counted{to: io.MultiWriter(parts, scanner)}
	if err := s.server.dump(ctx, database, onceDumping{count, begun}, more...); err != nil {
		return sums{}, err
	}
	if err := scanner.Close(); err != nil {
		return sums{}, err
	}
	return counter.result(count.bytes), parts.flush()
}
