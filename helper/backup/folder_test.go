package backup

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

func TestRetentionKeepsTheNewestAndTheLastThatWasChecked(t *testing.T) {
	now := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	var all []local
	for days := range 10 {
		all = append(all, local{name: string(rune('a' + days)), at: now.Add(-time.Duration(days*24+1) * time.Hour), check: &checked{OK: days == 8}})
	}
	stay := Keep{Count: 2, Days: 4}.keepers(now, all)
	if got := strings.Join(sortedKeys(stay), ""); got != "abcdi" {
		t.Errorf("kept: %s", got)
	}
}

// A backup that was made while the clock was an hour ahead is the newest of all: what is older than it may be new.
func TestWhileABackupIsAheadOfTheClockNoneIsDeleted(t *testing.T) {
	plan := planIn(t, func(key string) string { return key })
	backUp := func(ago time.Duration) {
		t.Helper()
		file, err := plan.create("shop-" + time.Now().UTC().Add(-ago).Format(timeForm))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.finish(); err != nil {
			t.Fatal(err)
		}
	}
	retained := func() (string, int) {
		t.Helper()
		said := &bytes.Buffer{}
		s := &session{plan: plan, log: said}
		all, err := plan.locals()
		if err != nil {
			t.Fatal(err)
		}
		s.warnClock(all)
		if err := s.retain(); err != nil {
			t.Fatal(err)
		}
		left, err := plan.locals()
		if err != nil {
			t.Fatal(err)
		}
		return said.String(), len(left)
	}
	backUp(48 * time.Hour)
	backUp(24 * time.Hour)
	backUp(-time.Hour)
	if said, left := retained(); left != 3 || !strings.Contains(said, "1h0m0s ahead of this machine's clock") {
		t.Errorf("%d left: %s", left, said)
	}
	all, err := plan.locals()
	if err != nil || plan.remove(all[0].name) != nil {
		t.Fatal(err)
	}
	if said, left := retained(); left != 1 || strings.Contains(said, "clock") {
		t.Errorf("%d left with a clock that is right: %s", left, said)
	}
}

// planIn is a plan with a key in a new folder.
func planIn(t *testing.T, change func(key string) string) *Plan {
	t.Helper()
	folder := t.TempDir()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	plan := &Plan{Unit: "shop", Folder: folder, Identity: filepath.Join(t.TempDir(), "identity"), Keep: Keep{Count: 1}}
	if err := os.WriteFile(plan.Identity, []byte(change("# made today\n"+identity.String()+"\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestKeyFiles(t *testing.T) {
	for _, good := range []func(string) string{
		func(key string) string { return key },
		func(key string) string { return strings.ReplaceAll(key, "\n", "\r\n") },
		func(key string) string { return "\xef\xbb\xbf" + key },
	} {
		if _, err := planIn(t, good).recipients(); err != nil {
			t.Error(err)
		}
	}
	for word, bad := range map[string]func(string) string{
		"UTF-16":         func(key string) string { return strings.Join(strings.Split(key, ""), "\x00") },
		"no private key": func(string) string { return "secret\n" },
		"2 private keys": func(key string) string { return key + strings.Split(key, "\n")[1] },
	} {
		_, err := planIn(t, bad).recipients()
		if err == nil || !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), "AGE-SECRET-KEY-1Q") {
			t.Errorf("%s: %v", word, err)
		}
	}
}

func TestFormerKeysOpenAndNothingIsEncryptedToThem(t *testing.T) {
	same := func(key string) string { return key }
	plan, before := planIn(t, same), planIn(t, same)
	text, err := os.ReadFile(before.Identity)
	if err != nil {
		t.Fatal(err)
	}
	former := filepath.Join(filepath.Dir(plan.Identity), formerFile)
	if err := os.WriteFile(former, []byte(strings.ReplaceAll(string(text), "\n", "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	_, own, err := plan.identity()
	if err != nil {
		t.Fatal(err)
	}
	_, old, err := before.identity()
	if err != nil {
		t.Fatal(err)
	}
	for name, recipient := range map[string]age.Recipient{"now": own, "before": old} {
		sealed := &bytes.Buffer{}
		writer, err := age.Encrypt(sealed, recipient)
		if err != nil || writer.Close() != nil {
			t.Fatal(err)
		}
		identities, _, err := plan.identities()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := age.Decrypt(sealed, identities...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if all, err := plan.recipients(); err != nil || len(all) != 1 || fmt.Sprint(all[0]) != fmt.Sprint(own) {
		t.Errorf("recipients: %v, %v", all, err)
	}
	if err := os.WriteFile(former, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := plan.identities(); err == nil || !strings.Contains(err.Error(), "former-identities holds no private key") {
		t.Errorf("a line that is no key: %v", err)
	}
}

func TestABackupGetsItsNameWhenItIsWhole(t *testing.T) {
	plan := planIn(t, func(key string) string { return key })
	name := "shop-20261127T000000Z"
	write := func(text string) error {
		file, err := plan.create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if all, _ := plan.locals(); len(all) > 0 && text == "first" {
			t.Error("a partial file counts")
		}
		_, err = file.finish()
		return err
	}
	if err := write("first"); err != nil {
		t.Fatal(err)
	}
	if err := write("second"); err == nil || !strings.Contains(err.Error(), "not overwritten") {
		t.Errorf("written over: %v", err)
	}
	all, err := plan.locals()
	if err != nil || len(all) != 1 || plan.verifySum(all[0]) != nil {
		t.Errorf("%+v %v", all, err)
	}
	if err := os.WriteFile(plan.path(name), []byte("First"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := plan.verifySum(all[0]); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a changed byte is not seen: %v", err)
	}
}

func TestASecondCommandIsRefused(t *testing.T) {
	plan := planIn(t, func(key string) string { return key })
	unlock, err := plan.lock("backup run")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plan.lock("backup check"); err == nil || !strings.Contains(err.Error(), `"backup run" of shop`) {
		t.Errorf("%v", err)
	}
	unlock()
	unlock, err = plan.lock("backup check")
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

// content is what is at the top of a volume.
func content(t *testing.T, volume string) string {
	t.Helper()
	entries, err := os.ReadDir(volume)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if !notOurs(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return strings.Join(names, " ")
}

// TestFilesAreExchangedFromEveryPoint cuts the exchange off at each of its moves, by doing the moves one by one.
func TestFilesAreExchangedFromEveryPoint(t *testing.T) {
	steps := []func(string) error{
		func(v string) error { return os.Mkdir(filepath.Join(v, oldFolder), 0o700) },
		func(v string) error { return os.Rename(filepath.Join(v, "both"), filepath.Join(v, oldFolder, "both")) },
		func(v string) error { return os.Rename(filepath.Join(v, "old"), filepath.Join(v, oldFolder, "old")) },
		func(v string) error { return os.Rename(filepath.Join(v, newFolder), filepath.Join(v, movingFolder)) },
		func(v string) error {
			return os.Rename(filepath.Join(v, movingFolder, "both"), filepath.Join(v, "both"))
		},
		func(v string) error { return os.Rename(filepath.Join(v, movingFolder, "new"), filepath.Join(v, "new")) },
		func(v string) error { return os.Remove(filepath.Join(v, movingFolder)) },
	}
	for count := 0; count <= len(steps); count++ {
		for want, finish := range map[string]func(string) error{"both new": swapIn, "both old": swapBack} {
			volume := t.TempDir()
			for path, text := range map[string]string{"old": "1", "both": "old", newFolder + "/new": "2", newFolder + "/both": "new"} {
				os.MkdirAll(filepath.Dir(filepath.Join(volume, path)), 0o700)
				os.WriteFile(filepath.Join(volume, path), []byte(text), 0o600)
			}
			for _, step := range steps[:count] {
				if err := step(volume); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				if err := finish(volume); err != nil {
					t.Fatal(err)
				}
			}
			text, _ := os.ReadFile(filepath.Join(volume, "both"))
			if got := content(t, volume); got != want || !strings.HasSuffix(want, string(text)) {
				t.Errorf("after %d steps: %q, both is %q, instead of %q", count, got, text, want)
			}
		}
	}
}
