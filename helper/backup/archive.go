package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// format is the version of the files. A reader refuses a higher one.
const format = 1

// manifest is the first entry of a backup.
type manifest struct {
	Format      int            `json:"format"`
	Name        string         `json:"name"`
	Product     string         `json:"product"`
	Environment string         `json:"environment"`
	Unit        string         `json:"unit"`
	Namespace   string         `json:"namespace"`
	Time        time.Time      `json:"time"`
	MySQL       string         `json:"mysql,omitempty"`
	Databases   []databaseInfo `json:"databases"`
	Volumes     []string       `json:"volumes"`
	Secrets     []string       `json:"secrets"`
	// Absent are Secrets of the plan that did not exist.
	Absent []string `json:"absent,omitempty"`
	// Before is the backup whose restore this one precedes.
	Before string `json:"before,omitempty"`
}

// contents is the last entry: what everything in the backup must be.
type contents struct {
	Databases map[string]sums      `json:"databases"`
	Volumes   map[string]volumeSum `json:"volumes"`
	Secrets   map[string]secretSum `json:"secrets"`
	// Log is where each database's dump lies in MySQL's binary log.
	Log map[string]logPosition `json:"log,omitempty"`
	// Monitoring are the entries of the monitoring, by their names.
	Monitoring map[string]monitoringSum `json:"monitoring,omitempty"`
}

const (
	manifestEntry = "manifest.json"
	contentsEntry = "sums.json"
	// chunk is the size of a part of a dump: tar must know a size before, and memory is short.
	chunk = 1 << 20
	// window is zstd's: what it holds of the past, here and where it is read.
	window = 1 << 20
)

// archiveWriter writes a backup: age(zstd(tar)).
type archiveWriter struct {
	file       *newFile
	encryption io.WriteCloser
	compressor *zstd.Encoder
	tar        *tar.Writer
	time       time.Time
}

func newArchive(file *newFile, recipients []age.Recipient, at time.Time) (*archiveWriter, error) {
	encryption, err := age.Encrypt(file, recipients...)
	if err != nil {
		return nil, fmt.Errorf("the backup cannot be encrypted: %w", err)
	}
	compressor, err := zstd.NewWriter(encryption, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	return &archiveWriter{file, encryption, compressor, tar.NewWriter(compressor), at}, nil
}

// close writes what is held; the file is complete then, and not finished.
func (w *archiveWriter) close() error {
	return errors.Join(w.tar.Close(), w.compressor.Close(), w.encryption.Close())
}

func (w *archiveWriter) entry(name string, content []byte) error {
	header := &tar.Header{Name: name, Mode: 0o600, Size: int64(len(content)), ModTime: w.time, Typeflag: tar.TypeReg}
	if err := w.tar.WriteHeader(header); err != nil {
		return err
	}
	_, err := w.tar.Write(content)
	return err
}

func (w *archiveWriter) json(name string, value any) error {
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return err
	}
	return w.entry(name, append(text, '\n'))
}

// parts writes a stream of unknown length as entries NAME.000001 and so on, so that "cat NAME.*" puts it together.
type parts struct {
	to   *archiveWriter
	name string
	held []byte
	next int
}

func (p *parts) Write(text []byte) (int, error) {
	for rest := text; len(rest) > 0; {
		if p.held == nil {
			p.held = make([]byte, 0, chunk)
		}
		count := min(len(rest), chunk-len(p.held))
		p.held = append(p.held, rest[:count]...)
		rest = rest[count:]
		if len(p.held) == chunk {
			if err := p.flush(); err != nil {
				return 0, err
			}
		}
	}
	return len(text), nil
}

func (p *parts) flush() error {
	if len(p.held) == 0 && p.next > 0 {
		return nil
	}
	p.next++
	err := p.to.entry(fmt.Sprintf("%s.%06d", p.name, p.next), p.held)
	p.held = p.held[:0]
	return err
}

// archive is a backup that is read.
type archive struct {
	manifest     manifest
	tar          *tar.Reader
	decompressor *zstd.Decoder
	source       io.Closer
}

// openArchive decrypts a backup and reads its manifest.
func (plan *Plan) openArchive(name string) (*archive, error) {
	file, err := os.Open(plan.path(name))
	if err != nil {
		return nil, fmt.Errorf("the backup cannot be read: %w", err)
	}
	opened, err := plan.readArchive(file)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	opened.source = file
	if opened.manifest.Name != name {
		opened.close()
		return nil, fmt.Errorf("the file %s is the backup %s under another name: give it its name back", name+ending, opened.manifest.Name)
	}
	return opened, nil
}

// readArchive reads the beginning of a backup and says what is wrong with one that is not of this unit or cannot be read.
func (plan *Plan) readArchive(source io.Reader) (*archive, error) {
	identities, recipient, err := plan.identities()
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(source, identities...)
	if err != nil {
		if wrong := new(age.NoIdentityMatchError); errors.As(err, &wrong) {
			return nil, fmt.Errorf("it was not encrypted to this cluster's key (%s), so another cluster made it, or the Secret of the key was made again: "+
				"with the owner's private key, \"cloudnova backup upload FILE --key KEYFILE\" makes it readable here", recipient)
		}
		return nil, fmt.Errorf("it is no backup, or its beginning is damaged: %w", err)
	}
	decompressor, err := zstd.NewReader(plain, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
	if err != nil {
		return nil, err
	}
	opened := &archive{tar: tar.NewReader(decompressor), decompressor: decompressor}
	header, err := opened.next()
	switch {
	case err != nil:
	case header == nil || header.Name != manifestEntry:
		err = errors.New("it does not begin with a manifest: it is no backup of CloudNova")
	default:
		err = opened.json(&opened.manifest)
	}
	if err == nil {
		err = plan.accept(opened.manifest)
	}
	if err != nil {
		opened.close()
		return nil, err
	}
	return opened, nil
}

// accept refuses a backup that is not this unit's.
func (plan *Plan) accept(found manifest) error {
	switch {
	case found.Format > format:
		return fmt.Errorf("a newer CloudNova (%s) made it: its format is %d, and this version reads %d; upgrade CloudNova first", found.Product, found.Format, format)
	case found.Format < 1:
		return errors.New("its manifest names no format: it is no backup of CloudNova")
	case found.Unit != plan.Unit:
		return fmt.Errorf("it is a backup of %s, and this is %s: nothing was changed", found.Unit, plan.Unit)
	}
	return nil
}

func (a *archive) close() {
	a.decompressor.Close()
	if a.source != nil {
		a.source.Close()
	}
}

// next is the next entry, or nil after the last one, when the whole file was read and is authentic.
func (a *archive) next() (*tar.Header, error) {
	header, err := a.tar.Next()
	if err == io.EOF {
		// age verifies the end of the file only when it is read.
		if _, err := io.Copy(io.Discard, a.decompressor); err != nil {
			return nil, damaged(err)
		}
		return nil, nil
	}
	return header, damaged(err)
}

// damaged says what an error inside of a backup means.
func damaged(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("it is cut off or damaged (%w): use another backup", err)
}

// longestJSON is the limit of an entry that is held in memory: sums of 50,000 tables have about 10 MiB.
const longestJSON = 16 << 20

func (a *archive) json(value any) error {
	text, err := io.ReadAll(io.LimitReader(a.tar, longestJSON+1))
	if err != nil {
		return damaged(err)
	}
	if len(text) > longestJSON {
		return fmt.Errorf("an entry has more than %d MiB", longestJSON>>20)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(value); err != nil {
		return damaged(err)
	}
	return nil
}

// visitor receives what is in a backup, in its order. A part that is nil is read and not used.
type visitor struct {
	// database must read the dump to its end.
	database func(name string, dump io.Reader) error
	secret   func(name string, content []byte) error
	// monitoring is called for each entry of the monitoring.
	monitoring func(name string, content io.Reader) error
	// file is called for each entry of a volume; path is relative to it.
	file func(volume, path string, header *tar.Header, content io.Reader) error
}

// visit reads a backup to its end and returns its sums. Those of volumes are compared while they are read.
func (a *archive) visit(with visitor) (contents, error) {
	var found contents
	volumes := map[string]*volumeCounter{}
	monitoring := map[string]monitoringSum{}
	header, err := a.next()
	for err == nil && header != nil {
		first, rest, _ := strings.Cut(header.Name, "/")
		switch first {
		case "database":
			dump := &joined{archive: a}
			name, _, is := cutLast(rest, ".sql.")
			if !is {
				return found, fmt.Errorf("it has an entry that this version does not know: %s", header.Name)
			}
			dump.prefix = "database/" + name + ".sql."
			if with.database != nil {
				err = with.database(name, dump)
			}
			if err == nil {
				_, err = io.Copy(io.Discard, dump)
			}
			header = dump.after
			continue
		case "secrets":
			var content []byte
			content, err = io.ReadAll(io.LimitReader(a.tar, longestJSON))
			if err == nil && with.secret != nil {
				err = with.secret(strings.TrimSuffix(rest, ".json"), content)
			}
		case "monitoring":
			total := sha256.New()
			content := io.TeeReader(a.tar, total)
			if with.monitoring != nil {
				err = with.monitoring(rest, content)
			}
			if err == nil {
				_, err = io.Copy(io.Discard, content)
			}
			monitoring[rest] = monitoringSum{header.Size, hex.EncodeToString(total.Sum(nil))}
		case "volumes":
			key, path, _ := strings.Cut(rest, "/")
			if volumes[key] == nil {
				volumes[key] = newVolumeCounter()
			}
			content := volumes[key].begin(strings.TrimSuffix(path, "/"), header, a.tar)
			if with.file != nil {
				err = with.file(key, path, header, content)
			}
			if err == nil {
				_, err = io.Copy(io.Discard, content)
			}
			volumes[key].end()
		case contentsEntry:
			err = a.json(&found)
		default:
			err = fmt.Errorf("it has an entry that this version does not know: %s", header.Name)
		}
		if err == nil {
			header, err = a.next()
		}
	}
	if err != nil {
		return found, err
	}
	if found.Databases == nil {
		return found, errors.New("it has no sums at its end: it is not complete; use another backup")
	}
	if !maps.Equal(monitoring, found.Monitoring) {
		return found, errors.New("what it has of the monitoring is not what its sums say: use another backup")
	}
	for key, want := range found.Volumes {
		counter := volumes[key]
		if counter == nil {
			counter = newVolumeCounter()
		}
		if actual := counter.result(); actual != want {
			return found, fmt.Errorf("the volume %s in it has %d files with %d bytes, and its sums say %d files with %d bytes, or contents differ: use another backup",
				key, actual.Files, actual.Bytes, want.Files, want.Bytes)
		}
	}
	return found, nil
}

func cutLast(text, separator string) (before, after string, found bool) {
	if at := strings.LastIndex(text, separator); at >= 0 {
		return text[:at], text[at+len(separator):], true
	}
	return text, "", false
}

// joined is a dump whose parts are entries that follow each other.
type joined struct {
	archive *archive
	prefix  string
	after   *tar.Header // the first entry that is no part
	ended   bool
}

func (j *joined) Read(text []byte) (int, error) {
	for !j.ended {
		count, err := j.archive.tar.Read(text)
		if count > 0 {
			return count, nil
		}
		if err != io.EOF {
			if err == nil {
				continue
			}
			return 0, damaged(err)
		}
		header, err := j.archive.next()
		if err != nil {
			return 0, err
		}
		if header == nil || !strings.HasPrefix(header.Name, j.prefix) {
			j.after, j.ended = header, true
		}
	}
	return 0, io.EOF
}
