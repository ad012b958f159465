package install

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheCopyRunsAndReplacesAnEarlierOne(t *testing.T) {
	folder := t.TempDir()
	for range 2 {
		if err := Run(t.Context(), folder); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(folder, Name)
	status, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	if mode := status.Mode().Perm(); mode != 0o555 {
		t.Errorf("mode %o, expected 555", mode)
	}
	// The test's own binary was copied: it lists its tests.
	if words, err := exec.Command(program, "-test.list", ".").Output(); err != nil || !strings.Contains(string(words), t.Name()) {
		t.Errorf("the copy does not run: %v %s", err, words)
	}
	if entries, _ := os.ReadDir(folder); len(entries) != 1 {
		t.Errorf("something was left behind: %v", entries)
	}
}

func TestAFolderThatIsMissingIsNamed(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "absent")
	if err := Run(t.Context(), folder); err == nil || !strings.Contains(err.Error(), folder) {
		t.Errorf("found %v, expected an error that names %s", err, folder)
	}
}
