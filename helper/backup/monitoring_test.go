package backup

import (
	"strings"
	"testing"
)

func TestSilencesOfABackupAreWellFormed(t *testing.T) {
	good := `[{"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"2026-11-27T00:00:00Z","endsAt":"2026-11-28T00:00:00.5Z","createdBy":"ana","comment":""}]`
	if all, err := parseSilences(strings.NewReader(good)); err != nil || len(all) != 1 || len(valid(all)) != 0 {
		t.Errorf("%v %v", all, err)
	}
	for name, bad := range map[string]string{
		"cut off":     good[:60],
		"no list":     `{"matchers":[]}`,
		"no matchers": strings.Replace(good, `{"name":"a","value":"b","isRegex":false}`, "", 1),
		"no end":      strings.Replace(good, `"endsAt"`, `"end"`, 1),
	} {
		if _, err := parseSilences(strings.NewReader(bad)); err == nil || !strings.Contains(err.Error(), "silences in it are not valid") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := &session{plan: &Plan{}}
	if err := s.proveMonitoring(t.Context(), "other.db", strings.NewReader("")); err == nil || !strings.Contains(err.Error(), "does not know: monitoring/other.db") {
		t.Errorf("%v", err)
	}
}
