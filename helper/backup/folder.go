package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"
)

// local is a backup in the folder.
type local struct {
	name   string
	at     time.Time
	bytes  int64
	sha256 string
	check  *checked // nil: never checked
}

// checked is the result of the last check of a backup, in a file beside it.
type checked struct {
	Time    time.Time `json:"time"`
	OK      bool      `json:"ok"`
	Message string    `json:"message,omitempty"`
}

const (
	sumEnding     = ".sha256"
	checkEnding   = ".check"
	partialEnding = ".partial"
)

// locals are the folder's complete backups, newest first.
func (plan *Plan) locals() ([]local, error) {
	entries, err := os.ReadDir(plan.Folder)
	if err != nil {
		return nil, fmt.Errorf("the folder of the backups cannot be read: %w", err)
	}
	var all []local
	for _, entry := range entries {
		name, is := strings.CutSuffix(entry.Name(), ending)
		if !is {
			continue
		}
		name, at, err := plan.checkName(name)
		if err != nil {
			continue // not ours
		}
		info, err := entry.Info()
		if err != nil {
			continue // deleted since
		}
		found := local{name: name, at: at, bytes: info.Size()}
		if text, err := os.ReadFile(plan.path(name) + sumEnding); err == nil {
			found.sha256, _, _ = strings.Cut(string(text), " ")
		}
		if text, err := os.ReadFile(plan.path(name) + checkEnding); err == nil {
			var last checked
			if json.Unmarshal(text, &last) == nil {
				found.check = &last
			}
		}
		all = append(all, found)
	}
	sort.Slice(all, func(a, b int) bool { return all[a].at.After(all[b].at) })
	return all, nil
}

// keepers are the names that stay: the newest count, what is younger than days, and the newest whose check succeeded. Times that lie
// in the future make no other backup older.
func (keep Keep) keepers(now time.Time, all []local) map[string]bool {
	stay := map[string]bool{}
	verified := false
	for index, backup := range all { // newest first
		young := backup.at.After(now.Add(-time.Duration(keep.Days) * 24 * time.Hour))
		newestVerified := !verified && backup.check != nil && backup.check.OK
		verified = verified || newestVerified
		if index < keep.Count || young || newestVerified {
			stay[backup.name] = true
		}
	}
	return stay
}

// errBusy says that another command has the folder's lock.
type errBusy struct{ holder string }

func (busy errBusy) Error() string {
	return fmt.Sprintf("%s is under way: nothing was changed; wait until it has ended and try again", busy.holder)
}

// lock takes the folder for one command; a second one is refused. It ends with the process, however that ends.
func (plan *Plan) lock(command string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(plan.Folder, ".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the folder of the backups cannot be written: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("the folder of the backups cannot be locked: %w", err)
		}
		holder, _ := io.ReadAll(io.LimitReader(file, 200))
		if len(holder) == 0 {
			holder = []byte("another command")
		}
		return nil, errBusy{string(holder)}
	}
	holder := fmt.Sprintf("%q of %s (since %s)", command, plan.Unit, time.Now().UTC().Format(time.RFC3339))
	if err := file.Truncate(0); err == nil {
		_, err = file.WriteAt([]byte(holder), 0)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("the folder of the backups cannot be written: %w", err)
	}
	return func() { file.Close() }, nil
}

// newFile is a backup's file while it is written: under another name, with its sum.
type newFile struct {
	plan    *Plan
	name    string
	file    *os.File
	sum     hash.Hash
	bytes   int64
	limit   int64 // bytes that it may have; 0: no limit
	pending int64 // bytes since the free space was read
}

// spare is what a new backup leaves free on the disk, in bytes: a full disk harms more than a missing backup.
const spare = 16 << 20

func (plan *Plan) create(name string) (*newFile, error) {
	file, err := os.OpenFile(plan.path(name)+partialEnding, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the backup cannot be written: %w", err)
	}
	free, err := plan.room()
	if err != nil {
		file.Close()
		return nil, err
	}
	return &newFile{plan: plan, name: name, file: file, sum: sha256.New(), limit: free}, nil
}

func (f *newFile) Write(text []byte) (int, error) {
	if f.bytes+int64(len(text)) > f.limit {
		return 0, fmt.Errorf("the volume of the backups is full: %s were written and %s may be; %s", size(f.bytes), size(f.limit), moreRoom)
	}
	count, err := f.file.Write(text)
	f.sum.Write(text[:count])
	f.bytes += int64(count)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		err = fmt.Errorf("the volume of the backups is full (%w): %s", err, moreRoom)
	}
	return count, err
}

const moreRoom = "raise backups.volume, or lower backups.keep; nothing older was deleted"

// discard removes what was written. It does nothing after finish.
func (f *newFile) discard() {
	if f.file != nil {
		f.file.Close()
		os.Remove(f.file.Name())
		f.file = nil
	}
}

// finish makes the file the backup of its name: complete, on the disk, never in place of another.
func (f *newFile) finish() (sum string, err error) {
	defer f.discard()
	sum = hex.EncodeToString(f.sum.Sum(nil))
	if err := f.file.Sync(); err != nil {
		return "", fmt.Errorf("the backup could not be written to the disk: %w", err)
	}
	final := f.plan.path(f.name)
	if _, err := os.Lstat(final); err == nil {
		return "", fmt.Errorf("%s exists already: it is not overwritten", final)
	}
	// First the sum: a backup without one is not complete.
	if err := replaceFile(final+sumEnding, []byte(sum+"  "+filepath.Base(final)+"\n")); err != nil {
		return "", err
	}
	// A link, as a rename would overwrite.
	if err := os.Link(f.file.Name(), final); err != nil {
		return "", fmt.Errorf("the backup could not get its name: %w", err)
	}
	return sum, syncFolder(f.plan.Folder)
}

// replaceFile writes a small file so that either the former or the new content is there.
func replaceFile(path string, text []byte) error {
	file, err := os.OpenFile(path+partialEnding, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, err)
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// room is how many bytes a new backup may have: by the disk, and by the volume's size.
func (plan *Plan) room() (int64, error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(plan.Folder, &disk); err != nil {
		return 0, fmt.Errorf("the folder of the backups: %w", err)
	}
	free := int64(disk.Bavail)*disk.Bsize - spare
	if plan.FolderBytes > 0 {
		used, err := usage(plan.Folder)
		if err != nil {
			return 0, err
		}
		free = min(free, plan.FolderBytes-used)
	}
	return max(free, 0), nil
}

// usage is the sum of the files' sizes in a folder.
func usage(folder string) (total int64, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			total += info.Size()
		}
	}
	return total, nil
}

// needRoom refuses a backup that has no room: about as much as the last one takes and a fifth more, or, for the first, a third of the
// data (dumps of text compress to a fifth and less; pictures hardly at all, and then the limit of the file ends it).
func (plan *Plan) needRoom(all []local, data int64) error {
	need := data / 3
	if len(all) > 0 {
		need = all[0].bytes + all[0].bytes/5
	}
	free, err := plan.room()
	if err != nil {
		return err
	}
	if need > free {
		return fmt.Errorf("the volume of the backups has %s free and the next backup takes about %s: %s", size(free), size(need), moreRoom)
	}
	return nil
}

// verifySum compares a backup with the sum beside it.
func (plan *Plan) verifySum(backup local) error {
	if backup.sha256 == "" {
		return fmt.Errorf("%s%s has no file %s beside it, so it cannot be verified: upload it again (cloudnova backup upload)", backup.name, ending, sumEnding)
	}
	file, err := os.Open(plan.path(backup.name))
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return fmt.Errorf("%s cannot be read: %w", file.Name(), err)
	}
	if found := hex.EncodeToString(sum.Sum(nil)); found != backup.sha256 {
		return fmt.Errorf("%s was changed or is damaged: its sha256 is %s, and %s was written beside it; use another backup", backup.name, found, backup.sha256)
	}
	return nil
}

// noteCheck remembers the result of a check beside the backup.
func (plan *Plan) noteCheck(name string, result checked) error {
	text, err := json.Marshal(result)
	if err != nil {
		return err
	}
	return replaceFile(plan.path(name)+checkEnding, append(text, '\n'))
}

// tidy removes what commands that were cut off have left. The caller has the lock.
func (plan *Plan) tidy() {
	entries, _ := os.ReadDir(plan.Folder)
	for _, entry := range entries {
		path := filepath.Join(plan.Folder, entry.Name())
		backup, isSum := strings.CutSuffix(path, ending+sumEnding)
		orphan := false
		if isSum {
			_, err := os.Lstat(backup + ending)
			orphan = errors.Is(err, os.ErrNotExist)
		}
		if orphan || strings.HasSuffix(path, partialEnding) {
			os.Remove(path)
		}
	}
}

// remove deletes a backup of the folder: first the backup, then what lies beside it.
func (plan *Plan) remove(name string) error {
	for _, suffix := range []string{"", checkEnding, sumEnding} {
		if err := os.Remove(plan.path(name) + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("the old backup %s cannot be deleted: %w", name, err)
		}
	}
	return nil
}

// size is a number of bytes for people.
func size(count int64) string {
	switch {
	case count >= 10<<30:
		return fmt.Sprintf("%d GiB", count>>30)
	case count >= 10<<20:
		return fmt.Sprintf("%d MiB", count>>20)
	case count >= 10<<10:
		return fmt.Sprintf("%d KiB", count>>10)
	}
	return fmt.Sprintf("%d bytes", count)
}

// tail keeps the last bytes of what a program writes to stderr.
type tail struct{ text []byte }

func (t *tail) Write(text []byte) (int, error) {
	t.text = append(t.text, text...)
	if len(t.text) > 4<<10 {
		t.text = t.text[len(t.text)-4<<10:]
	}
	return len(text), nil
}

// words are the lines without what is only noise.
func (t *tail) words() string {
	var lines []string
	for _, line := range bytes.Split(t.text, []byte("\n")) {
		text := strings.TrimSpace(string(line))
		if text != "" && !strings.Contains(text, "[Warning]") {
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "; ")
}
