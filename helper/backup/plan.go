package backup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"time"

	"filippo.io/age"
)

// Plan says what a unit's backups hold and where they lie. The charts write it.
type Plan struct {
	Unit        string            `json:"unit"`
	Namespace   string            `json:"namespace"`
	Environment string            `json:"environment"`
	Product     string            `json:"product"`
	MySQL       *MySQL            `json:"mysql"`
	Databases   []string          `json:"databases"`
	Volumes     map[string]string `json:"volumes"`
	Secrets     []string          `json:"secrets"`
	// Alertmanager is its address, such as http://alertmanager:9093; empty where this unit has none.
	Alertmanager string `json:"alertmanager"`
	// Grafana is nil where this unit has none, or its volume may be on another node.
	Grafana *Grafana `json:"grafana"`
	// Recipients are the owner's public keys; the public half of Identity is always added.
	Recipients []string `json:"recipients"`
	// Identity is the file with this cluster's private key; formerFile may lie beside it.
	Identity string `json:"identity"`
	Folder   string `json:"folder"`
	Store    *Store `json:"store"`
	Keep     Keep   `json:"keep"`
	// FolderBytes is the size of the volume that Folder lies on; nothing else enforces it. 0: no limit but the disk's.
	FolderBytes int64 `json:"folderBytes"`
	// MySQLVolumeBytes is the size of MySQL's volume. 0: not known.
	MySQLVolumeBytes int64 `json:"mysqlVolumeBytes"`
	// PointInTime is whether MySQL writes a binary log, in which each dump's place is noted.
	PointInTime bool `json:"pointInTime"`
	// WaitSeconds is how long MySQL may take to answer. Default: 60.
	WaitSeconds int `json:"waitSeconds"`
}

// MySQL is the server and the account.
type MySQL struct {
	Host         string `json:"host"`
	Port         int    `json:"port"`
	Socket       string `json:"socket"` // in place of host and port
	User         string `json:"user"`
	PasswordFile string `json:"passwordFile"`
	CA           string `json:"ca"`  // file; empty: the connection is encrypted and the server's name not verified
	TLS          bool   `json:"tls"` // false: encrypted where the server offers it
}

// Store is an S3-compatible store.
type Store struct {
	Endpoint  string `json:"endpoint"`
	Region    string `json:"region"`
	Bucket    string `json:"bucket"`
	Prefix    string `json:"prefix"`
	PathStyle bool   `json:"pathStyle"`
	// Credentials is the folder with the files access-key, secret-key and, by choice, session-token.
	Credentials string `json:"credentials"`
	// Secret is the name of the Secret that Credentials comes from, for messages.
	Secret string `json:"secret"`
	CA     string `json:"ca"`
}

// Keep says how long backups stay: what is older than Days and not among the newest Count is deleted.
type Keep struct {
	Count int `json:"count"`
	Days  int `json:"days"`
}

const defaultWait = 60 * time.Second

var unitName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// readPlan reads a plan and refuses one that cannot be carried out.
func readPlan(path string) (*Plan, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the plan cannot be read: %w", err)
	}
	plan := &Plan{}
	if err := json.Unmarshal(text, plan); err != nil {
		return nil, fmt.Errorf("the plan %s is not valid: %w", path, err)
	}
	problem := ""
	switch {
	case !unitName.MatchString(plan.Unit):
		problem = fmt.Sprintf("unit %q is not a Kubernetes name", plan.Unit)
	case plan.Folder == "":
		problem = "folder is absent"
	case plan.Identity == "":
		problem = "identity is absent"
	case len(plan.Databases) > 0 && plan.MySQL == nil:
		problem = "it has databases and no mysql"
	case plan.Keep.Count < 1 || plan.Keep.Days < 0:
		problem = fmt.Sprintf("keep is %d backups and %d days: at least one backup must stay", plan.Keep.Count, plan.Keep.Days)
	}
	if problem != "" {
		return nil, fmt.Errorf("the plan %s is not valid: %s", path, problem)
	}
	sort.Strings(plan.Secrets)
	return plan, nil
}

func (plan *Plan) wait() time.Duration {
	if plan.WaitSeconds > 0 {
		return time.Duration(plan.WaitSeconds) * time.Second
	}
	return defaultWait
}

// readText reads a file of one value; line ends at its end do not count, as in every Secret.
func readText(path, what string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", what, err)
	}
	value := strings.TrimRight(string(text), "\r\n")
	if value == "" {
		return "", fmt.Errorf("%s is empty: %s", what, path)
	}
	return value, nil
}

// formerFile has the private keys that the cluster's took the place of; it lies beside it, and is absent until there are some
// (FORMER in src/cluster/rotate/backup-key.ts).
const formerFile = "former-identities"

// readKeys reads the private keys in a file. Line ends of Windows and a byte order mark do no harm.
func readKeys(path string) ([]age.Identity, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the cluster's private key cannot be read: %w; the bootstrap Job makes the Secret it comes from", err)
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, fmt.Errorf("the key file %s has zero bytes: it is UTF-16; save it as UTF-8", path)
	}
	text = bytes.ReplaceAll(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), []byte("\r"), nil)
	identities, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		// The error of the library may quote the line.
		return nil, fmt.Errorf("the key file %s holds no private key of age: it needs one line that begins with AGE-SECRET-KEY-1", path)
	}
	return identities, nil
}

// identities are what opens backups: the cluster's private key, and those before it.
func (plan *Plan) identities() ([]age.Identity, age.Recipient, error) {
	own, recipient, err := plan.identity()
	if err != nil {
		return nil, nil, err
	}
	former, err := readKeys(filepath.Join(filepath.Dir(plan.Identity), formerFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	return append([]age.Identity{own}, former...), recipient, nil
}

// identity reads the cluster's private key.
func (plan *Plan) identity() (age.Identity, age.Recipient, error) {
	identities, err := readKeys(plan.Identity)
	if err != nil {
		return nil, nil, err
	}
	if len(identities) != 1 {
		return nil, nil, fmt.Errorf("the key file %s holds %d private keys: it needs one", plan.Identity, len(identities))
	}
	switch identity := identities[0].(type) {
	case *age.X25519Identity:
		return identity, identity.Recipient(), nil
	case *age.HybridIdentity:
		return identity, identity.Recipient(), nil
	}
	return nil, nil, fmt.Errorf("the key file %s holds a key of another kind than age-keygen makes", plan.Identity)
}

// recipients are all that a backup is encrypted to: this cluster, and the owner's keys.
func (plan *Plan) recipients() ([]age.Recipient, error) {
	_, own, err := plan.identity()
	if err != nil {
		return nil, err
	}
	all := []age.Recipient{own}
	hybrid := isHybrid(own)
	for index, text := range plan.Recipients {
		text = strings.TrimSpace(text)
		if strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY-") {
			return nil, fmt.Errorf("backups.recipients[%d] is a private key: replace it by its public half (age-keygen -y) and make a new pair, because this one was shown", index)
		}
		parsed, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil || len(parsed) != 1 {
			return nil, fmt.Errorf("backups.recipients[%d] is %q, which is no public key of age (age1…)", index, text)
		}
		if isHybrid(parsed[0]) != hybrid {
			return nil, fmt.Errorf("backups.recipients[%d] is %q: age does not mix post-quantum keys (age1pq1…) with others; use keys of the kind that age-keygen makes without -pq", index, text)
		}
		all = append(all, parsed[0])
	}
	return all, nil
}

func isHybrid(recipient age.Recipient) bool {
	_, is := recipient.(*age.HybridRecipient)
	return is
}

// nameForm is the form of a backup's name: the unit and the second in UTC in which it began.
var nameForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)-(\d{8}T\d{6}Z)$`)

const (
	timeForm = "20060102T150405Z"
	ending   = ".cnb"
)

// checkName returns a backup's name without ending, and when it began.
func (plan *Plan) checkName(name string) (string, time.Time, error) {
	name = strings.TrimSuffix(name, ending)
	found := nameForm.FindStringSubmatch(name)
	if found == nil {
		return "", time.Time{}, fmt.Errorf("%q is no name of a backup: they are %s-YYYYMMDDTHHMMSSZ; \"backup list\" shows those that exist", name, plan.Unit)
	}
	if found[1] != plan.Unit {
		return "", time.Time{}, fmt.Errorf("%s is a backup of %s, and this is %s: nothing was changed", name, found[1], plan.Unit)
	}
	at, err := time.Parse(timeForm, found[3])
	if err != nil {
		return "", time.Time{}, fmt.Errorf("%q names no time: %w", name, err)
	}
	return name, at, nil
}

func (plan *Plan) path(name string) string { return filepath.Join(plan.Folder, name+ending) }

var errNone = errors.New("there is no backup yet: run \"cloudnova backup now\"")
