// Package backup makes backups of a unit (a namespace's databases, volumes and Secrets), proves them, restores them, and says how they
// are. docs/decisions/0017-backups.md says why it is made so.
package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// Usage are the commands' arguments.
const Usage = `run PLAN [--first] | check PLAN [NAME] | list PLAN --json | restore PLAN NAME --stage prepare|swap|undo [--secrets] [--other-schema] | cat PLAN NAME | receive PLAN NAME | serve PLAN | exporter PLAN`

// memoryLimit is what the runtime of Go aims at, in bytes. The process has a few MiB more: the program itself, and stacks.
const memoryLimit = 16 << 20

// Run runs one command. Its error is one line: what was found, and what to do.
func Run(ctx context.Context, arguments []string) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	err := run(ctx, arguments, os.Stdin, os.Stdout, os.Stderr)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return errors.New("stopped: nothing half-made is left, and nothing live was half changed without a word above")
	}
	return errors.New(strings.ReplaceAll(err.Error(), "\n", "; "))
}

// commandLine is a parsed command line.
type commandLine struct {
	command, plan, name, stage string
	flags                      []string
}

func (line commandLine) has(flag string) bool { return slices.Contains(line.flags, flag) }

var errLine = errors.New("usage: cloudnova-helper backup " + Usage)

func parse(arguments []string) (line commandLine, err error) {
	known := map[string][]string{
		"run": {"--first"}, "check": {}, "list": {"--json"}, "cat": {}, "receive": {}, "serve": {}, "exporter": {},
		"restore": {"--secrets", "--other-schema"},
	}
	var plain []string
	for index := 0; index < len(arguments); index++ {
		argument := arguments[index]
		switch {
		case argument == "--stage" && index+1 < len(arguments):
			index++
			line.stage = arguments[index]
		case strings.HasPrefix(argument, "--stage="):
			line.stage = strings.TrimPrefix(argument, "--stage=")
		case strings.HasPrefix(argument, "--"):
			line.flags = append(line.flags, argument)
		default:
			plain = append(plain, argument)
		}
	}
	if len(plain) < 2 {
		return line, errLine
	}
	line.command, line.plan = plain[0], plain[1]
	flags, exists := known[line.command]
	if !exists {
		return line, errLine
	}
	for _, flag := range line.flags {
		if !slices.Contains(flags, flag) {
			return line, fmt.Errorf("%s is no option of %s; %w", flag, line.command, errLine)
		}
	}
	if len(plain) > 2 {
		line.name = plain[2]
	}
	named := slices.Contains([]string{"restore", "cat", "receive"}, line.command)
	mayName := named || line.command == "check"
	stages := []string{"prepare", "swap", "undo"}
	if len(plain) > 3 || named != (line.name != "") && !mayName || named && line.name == "" ||
		(line.command == "restore") != slices.Contains(stages, line.stage) {
		return line, errLine
	}
	return line, nil
}

func run(ctx context.Context, arguments []string, in io.Reader, out, log io.Writer) error {
	line, err := parse(arguments)
	if err != nil {
		return err
	}
	if line.command == "exporter" {
		return serve(ctx, line.plan, log)
	}
	plan, err := readPlan(line.plan)
	if err != nil {
		return err
	}
	name := ""
	if line.name != "" {
		if name, _, err = plan.checkName(line.name); err != nil {
			return err
		}
	}
	switch line.command {
	case "list":
		return plan.list(ctx, out)
	case "cat":
		return plan.cat(ctx, name, out)
	case "receive":
		return plan.receive(name, in, out, log)
	case "serve":
		return plan.serveFiles(ctx, log)
	}
	s, done, err := plan.open(ctx, strings.TrimSpace(strings.Join([]string{"backup", line.command, name, line.stage}, " ")), log, out)
	if err != nil {
		return err
	}
	defer done()
	switch line.command {
	case "run":
		return s.run(ctx, runOptions{first: line.has("--first")})
	case "check":
		return s.checkNamed(ctx, name)
	}
	switch line.stage {
	case "prepare":
		return s.prepare(ctx, name)
	case "swap":
		return s.swap(ctx, name, swapOptions{secrets: line.has("--secrets"), otherSchema: line.has("--other-schema")})
	}
	return s.undo(ctx, name)
}

// printJSON prints a value on one line of its own: a pod's log has no other separator.
func printJSON(out io.Writer, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // our own types
	}
	fmt.Fprintf(out, "%s\n", text)
}

// checkNamed checks a backup, by default the newest.
func (s *session) checkNamed(ctx context.Context, name string) error {
	if err := s.refuseHalf(); err != nil {
		return err
	}
	all, err := s.plan.locals()
	if err != nil {
		return err
	}
	if name == "" {
		if len(all) == 0 {
			return errNone
		}
		name = all[0].name
	}
	if err := s.bring(ctx, name); err != nil {
		return err
	}
	if err := s.check(ctx, name); err != nil {
		return err
	}
	backup, err := s.verified(name)
	if err != nil {
		return err
	}
	printJSON(s.out, made{Name: name, Bytes: backup.bytes, SHA256: backup.sha256, Checked: true})
	return nil
}

// listed is a backup as list prints it.
type listed struct {
	Name    string     `json:"name"`
	Time    time.Time  `json:"time"`
	Bytes   int64      `json:"bytes"`
	Here    bool       `json:"here"`
	Offsite *bool      `json:"offsite"` // null: there is no store, or it did not answer
	Checked *time.Time `json:"checked"`
	OK      *bool      `json:"ok"`
	SHA256  string     `json:"sha256,omitempty"`
}

// list prints the backups of the folder and of the store, newest first. A store that does not answer hides none of the folder's.
func (plan *Plan) list(ctx context.Context, out io.Writer) error {
	all, err := plan.locals()
	if err != nil {
		return err
	}
	rows := map[string]*listed{}
	for _, backup := range all {
		row := &listed{Name: backup.name, Time: backup.at, Bytes: backup.bytes, Here: true, SHA256: backup.sha256}
		if backup.check != nil {
			row.Checked, row.OK = &backup.check.Time, &backup.check.OK
		}
		rows[backup.name] = row
	}
	answer := struct {
		Unit       string    `json:"unit"`
		Backups    []*listed `json:"backups"`
		StoreError string    `json:"storeError,omitempty"`
	}{Unit: plan.Unit, Backups: []*listed{}}
	if plan.Store != nil {
		there, err := plan.remotes(ctx)
		if err != nil {
			answer.StoreError = err.Error()
		} else {
			for _, row := range rows {
				row.Offsite = new(bool)
			}
			for _, backup := range there {
				row := rows[backup.name]
				if row == nil {
					row = &listed{Name: backup.name, Time: backup.at, Bytes: backup.bytes}
					rows[backup.name] = row
				}
				yes := true
				row.Offsite = &yes
			}
		}
	}
	for _, row := range rows {
		answer.Backups = append(answer.Backups, row)
	}
	slices.SortFunc(answer.Backups, func(a, b *listed) int { return b.Time.Compare(a.Time) })
	printJSON(out, answer)
	return nil
}

func (plan *Plan) remotes(ctx context.Context) ([]remote, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	store, err := plan.openStore()
	if err != nil {
		return nil, err
	}
	return store.list(ctx, plan)
}

// cat writes a backup as it is, encrypted, from the folder or else from the store.
func (plan *Plan) cat(ctx context.Context, name string, out io.Writer) error {
	file, err := os.Open(plan.path(name))
	if errors.Is(err, os.ErrNotExist) {
		if plan.Store == nil {
			return fmt.Errorf("there is no backup %s: \"backup list\" shows those that exist", name)
		}
		store, err := plan.openStore()
		if err != nil {
			return err
		}
		return store.get(ctx, name, out)
	}
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(struct{ io.Writer }{out}, struct{ io.Reader }{file})
	return err
}

// receive takes a backup from a stream, when it is this unit's, of this name, complete, authentic, and opens with this cluster's key.
func (plan *Plan) receive(name string, in io.Reader, out, log io.Writer) error {
	unlock, err := plan.lock("backup receive " + name)
	if err != nil {
		return err
	}
	defer unlock()
	plan.tidy()
	file, err := plan.create(name)
	if err != nil {
		return err
	}
	defer file.discard()
	tee := io.TeeReader(in, file)
	archive, err := plan.readArchive(tee)
	if err != nil {
		return fmt.Errorf("what was sent as %s is refused: %w", name, err)
	}
	defer archive.close()
	if archive.manifest.Name != name {
		return fmt.Errorf("what was sent is the backup %s, not %s: give the file its name back", archive.manifest.Name, name)
	}
	if _, err := archive.visit(visitor{}); err != nil {
		return fmt.Errorf("what was sent as %s is refused: %w", name, err)
	}
	if rest, err := io.Copy(io.Discard, tee); err != nil || rest > 0 {
		return fmt.Errorf("what was sent as %s is refused: %d bytes follow its end", name, rest)
	}
	bytes := file.bytes
	if existing, err := os.Stat(plan.path(name)); err == nil {
		if found := (local{name: name, sha256: fmt.Sprintf("%x", file.sum.Sum(nil))}); existing.Size() == bytes && plan.verifySum(found) == nil {
			fmt.Fprintf(log, "%s is here already\n", name)
			printJSON(out, made{Name: name, Bytes: bytes, SHA256: found.sha256})
			return nil
		}
	}
	sum, err := file.finish()
	if err != nil {
		return err
	}
	printJSON(out, made{Name: name, Bytes: bytes, SHA256: sum})
	return nil
}
