package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// volumeSum is what is remembered of a volume.
type volumeSum struct {
	Files int64 `json:"files"`
	Bytes int64 `json:"bytes"`
	// SHA256 is the hash of paths, types, modes, owners, link targets and contents; times are not in it.
	SHA256 string `json:"sha256"`
}

// volumeCounter makes the sum of a volume's entries, in their order.
type volumeCounter struct {
	total   hash.Hash
	content hash.Hash
	found   volumeSum
}

func newVolumeCounter() *volumeCounter {
	return &volumeCounter{total: sha256.New(), content: sha256.New()}
}

// begin is an entry; its content is counted as the returned reader is read.
func (c *volumeCounter) begin(path string, header *tar.Header, content io.Reader) io.Reader {
	fmt.Fprintf(c.total, "%s\x00%c\x00%o\x00%d\x00%d\x00%s\x00", path, header.Typeflag, header.Mode, header.Uid, header.Gid, header.Linkname)
	c.content.Reset()
	if header.Typeflag == tar.TypeReg {
		c.found.Files++
		c.found.Bytes += header.Size
	}
	return io.TeeReader(content, c.content)
}

func (c *volumeCounter) end() { fmt.Fprintf(c.total, "%x\n", c.content.Sum(nil)) }

func (c *volumeCounter) result() volumeSum {
	c.found.SHA256 = hex.EncodeToString(c.total.Sum(nil))
	return c.found
}

const (
	// ownPrefix begins the names of folders that a restore makes in a volume; they are in no backup.
	ownPrefix  = ".cloudnova-"
	newFolder  = ownPrefix + "restore" // the backup's files
	oldFolder  = ownPrefix + "before"  // the files that were there
	lostFolder = "lost+found"          // of the file system itself
)

// notOurs says that an entry at the top of a volume is not the application's.
func notOurs(name string) bool { return strings.HasPrefix(name, ownPrefix) || name == lostFolder }

var errChanged = errors.New("it became shorter while it was read")

// addVolume writes a volume's files. Its notes are for people: what was left out, and what changed meanwhile.
func (w *archiveWriter) addVolume(ctx context.Context, key, folder string) (volumeSum, []string, error) {
	counter := newVolumeCounter()
	var notes []string
	root, err := os.OpenRoot(folder)
	if err != nil {
		return volumeSum{}, nil, fmt.Errorf("the volume %s cannot be read: %w", key, err)
	}
	defer root.Close()
	changed := 0
	err = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // removed since
			}
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if path == "." {
			return nil
		}
		if !strings.Contains(path, "/") && notOurs(path) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		grew, note, err := w.addFile(counter, key, root, path)
		if note != "" {
			notes = append(notes, fmt.Sprintf("volume %s: %s", key, note))
		}
		if grew {
			changed++
		}
		return err
	})
	if err != nil {
		return volumeSum{}, nil, fmt.Errorf("the volume %s cannot be backed up: %w; the pod of the backup runs as user %d", key, err, os.Getuid())
	}
	if changed > 0 {
		notes = append(notes, fmt.Sprintf("volume %s: %d files changed while they were read", key, changed))
	}
	return counter.result(), notes, nil
}

func (w *archiveWriter) addFile(counter *volumeCounter, key string, root *os.Root, path string) (changed bool, note string, err error) {
	info, err := root.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, "", nil
	}
	if err != nil {
		return false, "", err
	}
	target := ""
	var file *os.File
	switch {
	case info.Mode().IsRegular():
		if file, err = root.Open(path); err != nil {
			return false, "", err
		}
		defer file.Close()
		if info, err = file.Stat(); err != nil {
			return false, "", err
		}
	case info.Mode()&fs.ModeSymlink != 0:
		if target, err = root.Readlink(path); err != nil {
			return false, "", err
		}
	case !info.IsDir():
		return false, fmt.Sprintf("%s is no file (%s): it is not in the backup", path, info.Mode().Type()), nil
	}
	header, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return false, "", err
	}
	header.Uname, header.Gname = "", ""
	header.AccessTime, header.ChangeTime = time.Time{}, time.Time{}
	header.Format = tar.FormatPAX // times below a second, and names of any length
	header.Name = "volumes/" + key + "/" + path
	if info.IsDir() {
		header.Name += "/"
	}
	if err := w.tar.WriteHeader(header); err != nil {
		return false, "", err
	}
	content := counter.begin(path, header, io.LimitReader(readerOrEmpty(file), header.Size))
	count, err := io.Copy(w.tar, content)
	counter.end()
	if err == nil && count < header.Size {
		err = fmt.Errorf("%s: %w; run the backup again", path, errChanged)
	}
	if err != nil || file == nil {
		return false, "", err
	}
	now, err := file.Stat()
	return err == nil && (now.Size() != info.Size() || !now.ModTime().Equal(info.ModTime())), "", nil
}

func readerOrEmpty(file *os.File) io.Reader {
	if file == nil {
		return strings.NewReader("")
	}
	return file
}

// extraction writes a volume's files into a folder beside them.
type extraction struct {
	root    *os.Root
	folders []folderTime
}

type folderTime struct {
	path string
	mode fs.FileMode
	time time.Time
}

// extractTo makes the folder for a volume's restored files anew.
func extractTo(volume string) (*extraction, error) {
	folder := filepath.Join(volume, newFolder)
	if err := os.RemoveAll(folder); err != nil {
		return nil, fmt.Errorf("the volume cannot be written: %w", err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, fmt.Errorf("the volume cannot be written: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	return &extraction{root: root}, nil
}

// add writes one entry. Names that lead out of the folder are errors of os.Root.
func (e *extraction) add(name string, header *tar.Header, content io.Reader) error {
	name = path.Clean(name)
	mode := fs.FileMode(header.Mode).Perm() | header.FileInfo().Mode()&(fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky)
	switch header.Typeflag {
	case tar.TypeDir:
		if err := e.root.Mkdir(name, 0o700); err != nil {
			return err
		}
		e.folders = append(e.folders, folderTime{name, mode, header.ModTime})
	case tar.TypeSymlink:
		if err := e.root.Symlink(header.Linkname, name); err != nil {
			return err
		}
		return e.own(name, header)
	case tar.TypeReg:
		file, err := e.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(file, content)
		if closed := file.Close(); err == nil {
			err = closed
		}
		if err == nil {
			err = e.own(name, header)
		}
		if err == nil {
			err = e.root.Chmod(name, mode)
		}
		if err == nil {
			err = e.root.Chtimes(name, header.ModTime, header.ModTime)
		}
		return err
	default:
		return fmt.Errorf("%s is of a type that this version does not know: %c", name, header.Typeflag)
	}
	return e.own(name, header)
}

// own gives an entry its owner, which only root can; as any other user all files become that user's, as in any container.
func (e *extraction) own(name string, header *tar.Header) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return e.root.Lchown(name, header.Uid, header.Gid)
}

// finish sets the folders' times and writes all to the disk.
func (e *extraction) finish() error {
	defer e.root.Close()
	for _, folder := range slices.Backward(e.folders) {
		if err := e.root.Chmod(folder.path, folder.mode); err != nil {
			return err
		}
		if err := e.root.Chtimes(folder.path, folder.time, folder.time); err != nil {
			return err
		}
	}
	folder, err := e.root.Open(".")
	if err != nil {
		return err
	}
	defer folder.Close()
	return unix.Syncfs(int(folder.Fd()))
}

// movingFolder is newFolder while its files go to the top of the volume: all old files are in oldFolder then.
const movingFolder = newFolder + ".moving"

// setAside moves all that is at the top of a volume into one of its folders, which is made. It can be run again after it was cut off.
func setAside(top *os.Root, folder string) error {
	if err := top.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return moveAll(top, ".", folder)
}

// swapIn puts the files in newFolder at the top of the volume, and those that are there into oldFolder. It can be run again after it was
// cut off: while newFolder exists, all files at the top are old ones; from then on, new ones.
func swapIn(volume string) error {
	return inVolume(volume, func(top *os.Root) error {
		if exists(top, newFolder) {
			if err := setAside(top, oldFolder); err != nil {
				return err
			}
			if err := top.Rename(newFolder, movingFolder); err != nil {
				return err
			}
		}
		if !exists(top, movingFolder) {
			return nil
		}
		if err := moveAll(top, movingFolder, "."); err != nil {
			return err
		}
		return top.Remove(movingFolder)
	})
}

// swapBack undoes swapIn, wherever that was cut off, and can be cut off itself.
func swapBack(volume string) error {
	return inVolume(volume, func(top *os.Root) error {
		if !exists(top, oldFolder) {
			return nil
		}
		if !exists(top, newFolder) { // all old files are in oldFolder
			if err := setAside(top, movingFolder); err != nil {
				return err
			}
			if err := top.Rename(movingFolder, newFolder); err != nil {
				return err
			}
		}
		if err := moveAll(top, oldFolder, "."); err != nil {
			return err
		}
		return top.Remove(oldFolder)
	})
}

// dropFolders removes what a restore has left in a volume.
func dropFolders(volume string) error {
	for _, folder := range []string{oldFolder, newFolder, movingFolder} {
		if err := os.RemoveAll(filepath.Join(volume, folder)); err != nil {
			return fmt.Errorf("the volume cannot be written: %w", err)
		}
	}
	return nil
}

// inVolume does work at the top of a volume, and waits until it is on the disk.
func inVolume(volume string, work func(top *os.Root) error) error {
	top, err := os.OpenRoot(volume)
	if err != nil {
		return err
	}
	defer top.Close()
	if err := work(top); err != nil {
		return fmt.Errorf("the files of the volume could not be exchanged: %w", err)
	}
	folder, err := top.Open(".")
	if err != nil {
		return err
	}
	defer folder.Close()
	return unix.Syncfs(int(folder.Fd()))
}

func exists(top *os.Root, name string) bool {
	_, err := top.Lstat(name)
	return err == nil
}

// moveAll moves all entries of one folder of a volume into another.
func moveAll(top *os.Root, from, to string) error {
	entries, err := fs.ReadDir(top.FS(), from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if from == "." && notOurs(entry.Name()) {
			continue
		}
		if err := top.Rename(path.Join(from, entry.Name()), path.Join(to, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// countFiles is the number of a volume's files, and their bytes.
func countFiles(folder string) (files, bytes int64, err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return 0, 0, err
	}
	defer root.Close()
	err = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != "." && !strings.Contains(path, "/") && notOurs(path) && entry.IsDir() {
			return fs.SkipDir
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			files++
			bytes += info.Size()
		}
		return nil
	})
	return files, bytes, err
}

// freeBytes is what a volume's file system has left for an ordinary user.
func freeBytes(folder string) (int64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		return 0, err
	}
	return int64(disk.Bavail) * disk.Bsize, nil
}
