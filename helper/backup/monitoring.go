package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// What people made in the monitoring and no file of an environment says. It is worth less than the data: what of it cannot be read or
// written is told and left out, and fails neither a backup nor a restore.

// leftOut begins a note about what a backup lacks; the exporter looks for it.
const leftOut = "left out of this backup: "

// silencesFile is the name of the silences' entry, after "monitoring/".
const silencesFile = "silences.json"

// monitoringSum is what is remembered of an entry of the monitoring.
type monitoringSum struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// addMonitoring writes an entry of the monitoring.
func (w *archiveWriter) addMonitoring(name string, size int64, content io.Reader) (monitoringSum, error) {
	header := &tar.Header{Name: "monitoring/" + name, Mode: 0o600, Size: size, ModTime: w.time, Typeflag: tar.TypeReg}
	if err := w.tar.WriteHeader(header); err != nil {
		return monitoringSum{}, err
	}
	total := sha256.New()
	_, err := io.CopyN(io.MultiWriter(w.tar, total), content, size)
	return monitoringSum{Bytes: size, SHA256: hex.EncodeToString(total.Sum(nil))}, err
}

// kept is what a backup holds of the monitoring. What is absent or left out is nil or empty.
type kept struct {
	silences []byte
	grafana  string // a copy of Grafana's database, which discard removes
}

func (k kept) discard() {
	if k.grafana != "" {
		os.Remove(k.grafana)
	}
}

// addKept writes the entries of the monitoring, and adds their sums.
func (w *archiveWriter) addKept(of kept, to map[string]monitoringSum) (err error) {
	if of.silences != nil {
		to[silencesFile], err = w.addMonitoring(silencesFile, int64(len(of.silences)), bytes.NewReader(of.silences))
	}
	if err == nil && of.grafana != "" {
		to[grafanaFile], err = w.addGrafana(of.grafana)
	}
	return err
}

// silence is one of Alertmanager's, as its API v2 reads and writes it. A saved one has no id: another Alertmanager does not know it.
type silence struct {
	Status *struct {
		State string `json:"state"`
	} `json:"status,omitempty"`
	Matchers    []matcher       `json:"matchers"`
	StartsAt    time.Time       `json:"startsAt"`
	EndsAt      time.Time       `json:"endsAt"`
	CreatedBy   string          `json:"createdBy"`
	Comment     string          `json:"comment"`
	Annotations json.RawMessage `json:"annotations,omitempty"`
}

type matcher struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	IsRegex bool   `json:"isRegex"`
	IsEqual *bool  `json:"isEqual,omitempty"`
}

// key is the same for two silences that do the same. The start is not in it: Alertmanager moves one that is past.
func (one silence) key() string {
	text, err := json.Marshal([]any{one.Matchers, one.EndsAt.UTC().Truncate(time.Millisecond), one.CreatedBy, one.Comment})
	if err != nil {
		panic(err) // our own types
	}
	return string(text)
}

// valid are the silences that have not ended.
func valid(all []silence) []silence {
	left := []silence{}
	for _, one := range all {
		if one.EndsAt.After(time.Now()) {
			left = append(left, one)
		}
	}
	return left
}

// parseSilences reads the silences of a backup.
func parseSilences(content io.Reader) (all []silence, err error) {
	if err := json.NewDecoder(content).Decode(&all); err != nil {
		return nil, fmt.Errorf("Alertmanager's silences in it are not valid: %w", damaged(err))
	}
	for _, one := range all {
		if len(one.Matchers) == 0 || one.EndsAt.IsZero() {
			return nil, errors.New("Alertmanager's silences in it are not valid: one has no matchers or no end; use another backup")
		}
	}
	return all, nil
}

const (
	// longestSilences is the limit of an answer of Alertmanager, which is held in memory.
	longestSilences = 4 << 20
	askedFor        = 5 * time.Second
	// awaited is how long a backup waits for Alertmanager: it may be starting, or the network not know this pod yet.
	awaited = 20 * time.Second
)

// ask sends a request to Alertmanager's silences, and reads the answer into a value.
func (plan *Plan) ask(ctx context.Context, method string, body, answer any) error {
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, askedFor)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, plan.Alertmanager+"/api/v2/silences", &sent)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("Alertmanager does not answer: %w", err)
	}
	defer response.Body.Close()
	said, err := io.ReadAll(io.LimitReader(response.Body, longestSilences+1))
	switch {
	case err != nil:
		return fmt.Errorf("Alertmanager's answer was cut off: %w", err)
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("Alertmanager answers %d: %s", response.StatusCode, cut(strings.TrimSpace(string(said)), 200))
	case len(said) > longestSilences:
		return fmt.Errorf("Alertmanager has more than %d MiB of silences", longestSilences>>20)
	}
	if err := json.Unmarshal(said, answer); err != nil {
		return fmt.Errorf("what answers at %s is not Alertmanager: %w", plan.Alertmanager, err)
	}
	return nil
}

// silences are those that Alertmanager has and that have not ended; it is asked again for some time.
func (plan *Plan) silences(ctx context.Context, patience time.Duration) ([]silence, error) {
	for end := time.Now().Add(patience); ; {
		var all []silence
		err := plan.ask(ctx, http.MethodGet, nil, &all)
		if err == nil {
			kept := []silence{}
			for _, one := range all {
				if one.Status == nil || one.Status.State != "expired" {
					one.Status = nil
					kept = append(kept, one)
				}
			}
			return valid(kept), nil
		}
		if ctx.Err() != nil || time.Now().After(end) {
			return nil, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// readSilences are the silences as a backup holds them; nil where there is no Alertmanager, or where they are left out.
func (s *session) readSilences(ctx context.Context, patience time.Duration, note func(string, ...any)) []byte {
	if s.plan.Alertmanager == "" {
		return nil
	}
	all, err := s.plan.silences(ctx, patience)
	if err != nil {
		note("%sAlertmanager's silences: %s", leftOut, err)
		return nil
	}
	text, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		panic(err) // our own types
	}
	return append(text, '\n')
}

// proveMonitoring reads an entry of the monitoring, and refuses one that could not be restored.
func (s *session) proveMonitoring(ctx context.Context, name string, content io.Reader) (err error) {
	switch name {
	case grafanaFile:
		return s.proveGrafana(ctx, content)
	case silencesFile:
		s.silences, err = parseSilences(content)
		return err
	}
	return fmt.Errorf("it has an entry that this version does not know: monitoring/%s", name)
}

// silenceProspect is how many silences there are that have not ended.
type silenceProspect struct {
	Now  *int64 `json:"silencesNow"` // null: Alertmanager does not answer
	Then int64  `json:"silencesThen"`
}

// silencesThen says what of a backup's silences a restore would set again.
func (s *session) silencesThen(ctx context.Context, want contents) *silenceProspect {
	if _, exists := want.Monitoring[silencesFile]; !exists || s.plan.Alertmanager == "" {
		return nil
	}
	answer := &silenceProspect{Then: int64(len(valid(s.silences)))}
	if all, err := s.plan.silences(ctx, 0); err == nil {
		count := int64(len(all))
		answer.Now = &count
	}
	return answer
}

// restoreMonitoring brings back what a backup holds of the monitoring. It says what it could not. Only a unit with Alertmanager or Grafana
// reads its backup for that: the application is stopped meanwhile.
func (s *session) restoreMonitoring(ctx context.Context, name string) []string {
	if s.plan.Alertmanager == "" && s.plan.Grafana == nil {
		return nil
	}
	problems := []string{}
	archive, err := s.plan.openArchive(name)
	if err == nil {
		defer archive.close()
		_, err = archive.visit(visitor{monitoring: func(entry string, content io.Reader) error {
			switch {
			case entry == silencesFile && s.plan.Alertmanager != "":
				all, err := parseSilences(content)
				if err == nil {
					err = s.restoreSilences(ctx, all)
				}
				if err != nil {
					problems = append(problems, fmt.Sprintf("Alertmanager's silences: %s", err))
				}
			case entry == grafanaFile && s.plan.Grafana != nil:
				if err := s.restoreGrafana(ctx, content); err != nil {
					problems = append(problems, fmt.Sprintf("Grafana's database: %s", err))
				}
			}
			return nil
		}})
	}
	if err != nil {
		problems = append(problems, err.Error())
	}
	for _, problem := range problems {
		s.say("not restored: %s", problem)
	}
	return problems
}

// restoreSilences sets those silences again that have not ended and are not there. Those that are there stay.
func (s *session) restoreSilences(ctx context.Context, saved []silence) error {
	now, err := s.plan.silences(ctx, 0)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, one := range now {
		there[one.key()] = true
	}
	set := 0
	for _, one := range valid(saved) {
		if there[one.key()] {
			continue
		}
		var answer struct{}
		if err := s.plan.ask(ctx, http.MethodPost, one, &answer); err != nil {
			return fmt.Errorf("%d were set again, and then: %w", set, err)
		}
		set++
	}
	s.say("silences: %d set again, %d were there", set, len(now))
	return nil
}
