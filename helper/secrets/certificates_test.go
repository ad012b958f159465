package secrets

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := newKey()
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := issueAuthority(key, commonName(authorityName))
	if err != nil {
		t.Fatal(err)
	}
	return &authority{certificate, key}
}

func issued(t *testing.T, authority *authority, wanted Certificate) *corev1.Secret {
	t.Helper()
	certificate, key, err := issue(wanted, authority)
	if err != nil {
		t.Fatal(err)
	}
	secret := &corev1.Secret{Data: map[string][]byte{certificateKey: pemOf(certificate), privateKey: key, authorityKey: pemOf(authority.certificate)}}
	secret.Labels = map[string]string{mark: "ours"}
	return secret
}

var wanted = Certificate{Names: []string{"localhost", "127.0.0.1", "::1"}, Days: 100, Renew: 30}

func TestANameIsAUTF8StringOfAtMost64Characters(t *testing.T) {
	// As Python's cryptography writes CN=CloudNova.
	const python = "30143112301006035504030c09436c6f75644e6f7661"
	if found := hex.EncodeToString(commonName("CloudNova")); found != python {
		t.Errorf("found %s, expected %s", found, python)
	}
	var sequence []asn1.RawValue
	long := commonName(strings.Repeat("ñ", 70))
	if _, err := asn1.Unmarshal(long, &sequence); err != nil || !bytes.HasSuffix(long, []byte(strings.Repeat("ñ", 64))) || bytes.Contains(long, []byte(strings.Repeat("ñ", 65))) {
		t.Errorf("found %x, %v", long, err)
	}
}

func TestClientsAcceptWhatIsIssued(t *testing.T) {
	authority := newAuthority(t)
	certificate, err := certificateIn(issued(t, authority, wanted).Data[certificateKey])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(authority.certificate)
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		if _, err := certificate.Verify(x509.VerifyOptions{DNSName: name, Roots: roots}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !bytes.Equal(certificate.AuthorityKeyId, authority.certificate.SubjectKeyId) || certificate.IsCA {
		t.Errorf("key identifiers %x and %x, authority: %v", certificate.AuthorityKeyId, authority.certificate.SubjectKeyId, certificate.IsCA)
	}
}

func TestARenewedAuthorityVouchesForWhatItSignedBefore(t *testing.T) {
	authority := newAuthority(t)
	old, err := certificateIn(issued(t, authority, wanted).Data[certificateKey])
	if err != nil {
		t.Fatal(err)
	}
	renewed, err := issueAuthority(authority.key, authority.certificate.RawSubject)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(renewed)
	if _, err := old.Verify(x509.VerifyOptions{DNSName: "localhost", Roots: roots}); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(renewed.SubjectKeyId, authority.certificate.SubjectKeyId) {
		t.Error("the identifier of the key has changed")
	}
}

func TestWhyRenew(t *testing.T) {
	ours, another := newAuthority(t), newAuthority(t)
	run := &runner{output: io.Discard, labels: map[string]string{mark: "ours"}}
	short := wanted
	short.Days = 29
	renamed := wanted
	renamed.Names = []string{"app.example.com"}
	reordered := wanted
	reordered.Names = []string{"0:0:0:0:0:0:0:1", "localhost", "127.0.0.1", "localhost"}
	unlabelled := issued(t, another, wanted)
	unlabelled.Labels = nil
	former := issued(t, ours, wanted)
	former.Data[authorityKey] = pemOf(another.certificate)
	for name, each := range map[string]struct {
		current *corev1.Secret
		wanted  Certificate
		reason  string
	}{
		"good":                               {issued(t, ours, wanted), wanted, ""},
		"the same names in another order":    {issued(t, ours, wanted), reordered, ""},
		"soon expires":                       {issued(t, ours, short), wanted, "28 days were left"},
		"other names":                        {issued(t, ours, wanted), renamed, "its names changed"},
		"another authority of our name":      {issued(t, another, wanted), wanted, "the authority that signed it is lost"},
		"that, in a Secret of somebody else": {unlabelled, wanted, ""},
		"another authority beside it":        {former, wanted, "its authority was renewed"},
		"no certificate":                     {&corev1.Secret{Data: map[string][]byte{certificateKey: []byte("nonsense")}}, wanted, ""},
		"nothing":                            {&corev1.Secret{}, wanted, ""},
	} {
		if reason := run.whyRenew(each.current, ours.certificate, each.wanted); reason != each.reason {
			t.Errorf("%s: found %q, expected %q", name, reason, each.reason)
		}
	}
}
