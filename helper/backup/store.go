package backup

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// store is an S3-compatible store's part of a unit.
type store struct {
	client *minio.Client
	config *Store
	prefix string
}

// remote is a backup in the store.
type remote struct {
	name  string
	at    time.Time
	bytes int64
}

const (
	// sumMeta is the metadata with the file's sha256.
	sumMeta = "Sha256"
	// largestPut is S3's limit of one request, in bytes. Below it, a whole file has one checksum that the store verifies.
	largestPut = 5 << 30
)

func (plan *Plan) openStore() (*store, error) {
	config := plan.Store
	endpoint, err := url.Parse(config.Endpoint)
	if err != nil || endpoint.Host == "" || (endpoint.Scheme != "https" && endpoint.Scheme != "http") || strings.Trim(endpoint.Path, "/") != "" {
		return nil, fmt.Errorf("backups.store.endpoint is %q: it must be like https://s3.us-east-1.amazonaws.com, without a path", config.Endpoint)
	}
	read := func(key string) (string, error) {
		value, err := readText(filepath.Join(config.Credentials, key), "the store's "+key)
		if errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("the Secret %s in the namespace %s is absent or has no key %s: create it with the keys access-key and secret-key", config.Secret, plan.Namespace, key)
		}
		return value, err
	}
	access, err := read("access-key")
	if err != nil {
		return nil, err
	}
	secret, err := read("secret-key")
	if err != nil {
		return nil, err
	}
	session, err := readText(filepath.Join(config.Credentials, "session-token"), "the store's session-token")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 2 * time.Minute,
		MaxIdleConnsPerHost:   1,
		WriteBufferSize:       64 << 10,
		DisableCompression:    true,
	}
	if config.CA != "" {
		authority, err := os.ReadFile(config.CA)
		if err != nil {
			return nil, fmt.Errorf("the certificate of the store's authority cannot be read: %w; put it into the key ca.crt of the Secret %s", err, config.Secret)
		}
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(authority) {
			return nil, fmt.Errorf("the key ca.crt of the Secret %s holds no certificate", config.Secret)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	lookup := minio.BucketLookupDNS
	if config.PathStyle {
		lookup = minio.BucketLookupPath
	}
	client, err := minio.New(endpoint.Host, &minio.Options{
		Creds: credentials.NewStaticV4(access, secret, session), Secure: endpoint.Scheme == "https", Region: config.Region,
		BucketLookup: lookup, Transport: transport, MaxRetries: 4,
	})
	if err != nil {
		return nil, fmt.Errorf("backups.store is not valid: %w", err)
	}
	return &store{client: client, config: config, prefix: path.Join(config.Prefix, plan.Environment, plan.Unit) + "/"}, nil
}

func (s *store) key(name string) string { return s.prefix + name + ending }

// list are the store's backups of this unit, newest first.
func (s *store) list(ctx context.Context, plan *Plan) ([]remote, error) {
	ctx, cancel := context.WithCancel(ctx) // ends the library's goroutine
	defer cancel()
	var all []remote
	for object := range s.client.ListObjects(ctx, s.config.Bucket, minio.ListObjectsOptions{Prefix: s.prefix}) {
		if object.Err != nil {
			return nil, s.explain(object.Err)
		}
		name, is := strings.CutSuffix(strings.TrimPrefix(object.Key, s.prefix), ending)
		if !is {
			continue
		}
		if name, at, err := plan.checkName(name); err == nil {
			all = append(all, remote{name, at, object.Size})
		}
	}
	sort.Slice(all, func(a, b int) bool { return all[a].at.After(all[b].at) })
	return all, nil
}

// put brings a backup to the store, which compares a checksum before it takes it.
func (s *store) put(ctx context.Context, plan *Plan, backup local) error {
	file, err := os.Open(plan.path(backup.name))
	if err != nil {
		return err
	}
	defer file.Close()
	options := minio.PutObjectOptions{
		ContentType: "application/octet-stream", UserMetadata: map[string]string{sumMeta: backup.sha256},
		NumThreads: 1, SendContentMd5: backup.bytes <= largestPut, DisableMultipart: backup.bytes <= largestPut,
	}
	if _, err := s.client.PutObject(ctx, s.config.Bucket, s.key(backup.name), file, backup.bytes, options); err != nil {
		return s.explain(err)
	}
	there, err := s.client.StatObject(ctx, s.config.Bucket, s.key(backup.name), minio.StatObjectOptions{})
	if err != nil {
		return s.explain(err)
	}
	if there.Size != backup.bytes {
		return fmt.Errorf("the store says that %s has %d bytes, and %d were sent", backup.name, there.Size, backup.bytes)
	}
	return nil
}

// get writes a backup of the store, and compares it with the sum that was sent with it.
func (s *store) get(ctx context.Context, name string, to io.Writer) error {
	object, err := s.client.GetObject(ctx, s.config.Bucket, s.key(name), minio.GetObjectOptions{})
	if err != nil {
		return s.explain(err)
	}
	defer object.Close()
	info, err := object.Stat()
	if err != nil {
		return s.explain(err)
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(to, sum), object); err != nil {
		return s.explain(err)
	}
	want := info.UserMetadata[sumMeta]
	if found := hex.EncodeToString(sum.Sum(nil)); want != "" && found != want {
		return fmt.Errorf("%s in the store was changed or is damaged: its sha256 is %s, and %s was sent with it; use another backup", name, found, want)
	}
	return nil
}

func (s *store) remove(ctx context.Context, name string) error {
	return s.explain(s.client.RemoveObject(ctx, s.config.Bucket, s.key(name), minio.RemoveObjectOptions{}))
}

// explain says what an error of the store means, and what to do.
func (s *store) explain(err error) error {
	if err == nil {
		return nil
	}
	answer := minio.ToErrorResponse(err)
	where := fmt.Sprintf("the store %s, bucket %s", s.config.Endpoint, s.config.Bucket)
	what := ""
	unknown, invalid := new(x509.UnknownAuthorityError), new(x509.HostnameError)
	dns, network := new(net.DNSError), new(net.OpError)
	switch {
	case answer.Code == "NoSuchBucket":
		what = "there is no such bucket: create it, or correct backups.store.bucket"
	case answer.Code == "AuthorizationHeaderMalformed", answer.Code == "PermanentRedirect", answer.Code == "IncorrectEndpoint", answer.Code == "IllegalLocationConstraintException",
		answer.StatusCode == http.StatusMovedPermanently, answer.StatusCode == http.StatusTemporaryRedirect:
		region := answer.Region
		if region == "" {
			region = "another region"
		}
		what = fmt.Sprintf("the bucket is in %s, and backups.store.region is %q: correct the region and the endpoint", region, s.config.Region)
	case answer.Code == "InvalidAccessKeyId", answer.Code == "SignatureDoesNotMatch", answer.Code == "InvalidToken", answer.Code == "ExpiredToken", answer.Code == "InvalidTokenId":
		what = fmt.Sprintf("it does not take the credentials in the Secret %s: correct access-key, secret-key and session-token (temporary ones expire)", s.config.Secret)
	case answer.Code == "AccessDenied", answer.StatusCode == http.StatusForbidden && answer.Code != "RequestTimeTooSkewed":
		what = fmt.Sprintf("the credentials in the Secret %s have no right to it: they need s3:ListBucket on the bucket, and s3:PutObject, s3:GetObject and s3:DeleteObject on %s*", s.config.Secret, s.prefix)
	case answer.Code == "RequestTimeTooSkewed":
		what = fmt.Sprintf("this machine's clock (%s UTC) is too far from the store's: set the clock right (chrony or systemd-timesyncd)", time.Now().UTC().Format(time.DateTime))
	case answer.Code == "QuotaExceeded", answer.Code == "XMinioStorageFull", answer.Code == "XMinioAdminBucketQuotaExceeded", answer.StatusCode == http.StatusInsufficientStorage,
		strings.Contains(answer.Message, "no space left"):
		what = "it is full: enlarge it or its quota, or lower backups.keep; backups that are there were not deleted"
	case answer.Code == "NoSuchKey":
		what = "the backup is not there: \"backup list\" shows those that exist"
	case errors.As(err, unknown), errors.As(err, &unknown):
		what = "no authority that is known signed its certificate: set backups.store.privateCa and put the authority's certificate into the Secret's key ca.crt"
	case errors.As(err, invalid), errors.As(err, &invalid):
		what = "its certificate is for another name: correct backups.store.endpoint"
	case errors.As(err, &dns):
		what = "its name is not known: correct backups.store.endpoint, or wait until the network is back"
	case errors.As(err, &network), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		what = "it does not answer: correct backups.store.endpoint, or wait until it is back"
	default:
		return fmt.Errorf("%s: %w", where, err)
	}
	return fmt.Errorf("%s: %s (%w)", where, what, err)
}

// offsite brings the backups that the store has not to it, newest first, and deletes there what the plan no longer keeps.
func (s *session) offsite(ctx context.Context) error {
	row := s.plan.begin(ctx, s.server, "offsite", s.plan.Unit)
	name, sent, err := s.send(ctx)
	if name != "" {
		row.name = name
	}
	if err != nil {
		err = fmt.Errorf("the copy off this machine is not complete: %w", err)
	}
	return row.end(sent, "", err)
}

func (s *session) send(ctx context.Context) (newest string, sent int64, err error) {
	all, err := s.plan.locals()
	if err != nil || len(all) == 0 {
		return "", 0, err
	}
	newest = all[0].name
	store, err := s.plan.openStore()
	if err != nil {
		return newest, 0, err
	}
	there, err := store.list(ctx, s.plan)
	if err != nil {
		return newest, 0, err
	}
	sizes := map[string]int64{}
	for _, backup := range there {
		sizes[backup.name] = backup.bytes
	}
	stay := s.plan.Keep.keepers(time.Now(), all)
	var failures error
	for _, backup := range all {
		bytes, exists := sizes[backup.name]
		if exists && bytes == backup.bytes || !stay[backup.name] {
			continue
		}
		if exists {
			failures = errors.Join(failures, fmt.Errorf("the store has another %s, of %d bytes: it is not overwritten; delete it there", backup.name, bytes))
			continue
		}
		begun := time.Now()
		if err := s.plan.verifySum(backup); err != nil {
			failures = errors.Join(failures, err)
			continue
		}
		if err := store.put(ctx, s.plan, backup); err != nil {
			return newest, sent, errors.Join(failures, err)
		}
		sent += backup.bytes
		there = append(there, remote{backup.name, backup.at, backup.bytes})
		s.say("sent %s to %s in %s", backup.name, s.plan.Store.Endpoint, time.Since(begun).Round(100*time.Millisecond))
	}
	return newest, sent, errors.Join(failures, s.retainThere(ctx, store, there, all))
}

// retainThere deletes old backups of the store by the rule of the folder. What was checked is known of those that are here, too.
func (s *session) retainThere(ctx context.Context, store *store, there []remote, here []local) error {
	checks := map[string]*checked{}
	for _, backup := range here {
		checks[backup.name] = backup.check
	}
	all := make([]local, len(there))
	verified := false
	for index, backup := range there {
		all[index] = local{name: backup.name, at: backup.at, check: checks[backup.name]}
		verified = verified || all[index].check != nil && all[index].check.OK
	}
	sort.Slice(all, func(a, b int) bool { return all[a].at.After(all[b].at) })
	now := time.Now()
	// Without one that is known to be good, none is deleted: on a new machine the store is all there is.
	if !verified || all[0].at.After(now.Add(time.Minute)) {
		return nil
	}
	stay := s.plan.Keep.keepers(now, all)
	for _, old := range all {
		if !stay[old.name] {
			s.say("deleting %s in the store: it is older than %d days and not among the newest %d", old.name, s.plan.Keep.Days, s.plan.Keep.Count)
			if err := store.remove(ctx, old.name); err != nil {
				return err
			}
		}
	}
	return nil
}

// bring copies a backup from the store to the folder, unless it is there.
func (s *session) bring(ctx context.Context, name string) error {
	if _, err := os.Lstat(s.plan.path(name)); err == nil {
		return nil
	}
	if s.plan.Store == nil {
		return fmt.Errorf("there is no backup %s in the volume, and no store (backups.store): \"backup list\" shows those that exist", name)
	}
	store, err := s.plan.openStore()
	if err != nil {
		return err
	}
	s.say("bringing %s from %s", name, s.plan.Store.Endpoint)
	file, err := s.plan.create(name)
	if err != nil {
		return err
	}
	defer file.discard()
	if err := store.get(ctx, name, file); err != nil {
		return err
	}
	_, err = file.finish()
	return err
}
