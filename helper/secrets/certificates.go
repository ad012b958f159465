package secrets

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

const (
	authorityName = "CloudNova"
	authorityDays = 3650
	// authorityRenew is more than a public certificate lasts, so that none outlives its authority.
	authorityRenew = 400

	certificateKey = corev1.TLSCertKey       // tls.crt
	privateKey     = corev1.TLSPrivateKeyKey // tls.key
	authorityKey   = "ca.crt"
)

// authority signs servers' certificates.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// authority is the certificate authority, made when absent. Before it expires it is renewed with the same key and name, so
// that what it has signed stays valid; one that was not made here is not renewed.
func (run *runner) authority(ctx context.Context, name string) (*authority, error) {
	current, err := run.own.Read(ctx, name)
	if err != nil {
		return nil, err
	}
	if current == nil {
		key, err := newKey()
		if err != nil {
			return nil, err
		}
		made, err := issueAuthority(key, commonName(authorityName))
		if err != nil {
			return nil, err
		}
		keyPem, err := pemOfKey(key)
		if err != nil {
			return nil, err
		}
		data := map[string][]byte{certificateKey: pemOf(made), privateKey: keyPem}
		if err := run.own.Create(ctx, name, corev1.SecretTypeTLS, data, run.labels); err != nil {
			return nil, err
		}
		fmt.Fprintf(run.output, "%s: made\n", name)
		return &authority{made, key}, nil
	}
	there, err := authorityOf(current)
	if err != nil {
		return nil, fmt.Errorf("%s: its %s and %s cannot be used (%w): put back both, or delete the Secret; then a new authority is made", name, certificateKey, privateKey, err)
	}
	left := daysLeft(there.certificate)
	if left >= authorityRenew || !run.madeHere(current) {
		return there, nil
	}
	renewed, err := issueAuthority(there.key, there.certificate.RawSubject)
	if err != nil {
		return nil, err
	}
	if err := run.own.Change(ctx, current, map[string][]byte{certificateKey: pemOf(renewed)}); err != nil {
		return nil, err
	}
	fmt.Fprintf(run.output, "%s: renewed (%d days were left)\n", name, left)
	return &authority{renewed, there.key}, nil
}

func authorityOf(secret *corev1.Secret) (*authority, error) {
	pair, err := tls.X509KeyPair(valueOf(secret, certificateKey), valueOf(secret, privateKey))
	if err != nil {
		return nil, err
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, errors.New("its key cannot sign")
	}
	return &authority{pair.Leaf, signer}, nil
}

// certificate creates a server's certificate, or renews it; clients find the authority beside it as ca.crt.
func (run *runner) certificate(ctx context.Context, name string, wanted Certificate, authority *authority) (string, error) {
	current, err := run.own.Read(ctx, name)
	if err != nil {
		return "", err
	}
	reason := "absent"
	if current != nil {
		reason = run.whyRenew(current, authority.certificate, wanted)
	}
	if reason == "" {
		return "is there", nil
	}
	certificate, key, err := issue(wanted, authority)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	root := pemOf(authority.certificate)
	data := map[string][]byte{
		certificateKey: slices.Concat(pemOf(certificate), root),
		privateKey:     key,
		authorityKey:   slices.Concat(root, formerAuthority(current, authority.certificate)),
	}
	if current == nil {
		err = run.own.Create(ctx, name, corev1.SecretTypeTLS, data, run.labels)
	} else {
		err = run.own.Change(ctx, current, data)
	}
	return fmt.Sprintf("issued (%s)", reason), err
}

// whyRenew says why a certificate has to be issued again; empty when it need not, and for one that none of our authorities signed.
func (run *runner) whyRenew(current *corev1.Secret, authority *x509.Certificate, wanted Certificate) string {
	certificate, err := certificateIn(valueOf(current, certificateKey))
	if err == nil && !bytes.Equal(certificate.RawIssuer, authority.RawSubject) {
		err = fmt.Errorf("its issuer is %q", certificate.Issuer)
	}
	if err != nil { // another authority's, or no certificate: not ours to replace
		fmt.Fprintf(run.output, "  left alone, not issued by this authority: %v\n", err)
		return ""
	}
	// The issuer has our authority's name and another key.
	if authority.CheckSignature(certificate.SignatureAlgorithm, certificate.RawTBSCertificate, certificate.Signature) != nil {
		if run.madeHere(current) {
			return "the authority that signed it is lost"
		}
		fmt.Fprintln(run.output, "  left alone, not issued by this authority nor in a Secret that was made here")
		return ""
	}
	if left := daysLeft(certificate); left < wanted.Renew {
		return fmt.Sprintf("%d days were left", left)
	}
	if !slices.Equal(namesOf(certificate), namesOf(namesTemplate(wanted.Names))) {
		return "its names changed"
	}
	if !bytes.HasPrefix(valueOf(current, authorityKey), pemOf(authority)) {
		return "its authority was renewed"
	}
	return ""
}

// madeHere tells whether the Secret has our label.
func (run *runner) madeHere(secret *corev1.Secret) bool {
	return secret.Labels[mark] == run.labels[mark]
}

// formerAuthority is the lost authority's certificate, PEM, or nothing. Clients go on trusting it: mysqld reads its certificate
// at its start only, and shows the one that the lost authority signed until then.
func formerAuthority(current *corev1.Secret, authority *x509.Certificate) []byte {
	former, err := certificateIn(valueOf(current, authorityKey))
	if err != nil || bytes.Equal(former.RawSubjectPublicKeyInfo, authority.RawSubjectPublicKeyInfo) {
		return nil
	}
	return pemOf(former)
}

// issueAuthority makes an authority's certificate of a key and a name.
func issueAuthority(key crypto.Signer, subject []byte) (*x509.Certificate, error) {
	id, err := keyID(key.Public())
	if err != nil {
		return nil, err
	}
	template := lasting(authorityDays)
	template.RawSubject = subject
	template.IsCA, template.MaxPathLenZero = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	template.SubjectKeyId, template.AuthorityKeyId = id, id
	return sign(template, template, key.Public(), key)
}

// issue makes a server's certificate, and its key as PEM.
func issue(wanted Certificate, authority *authority) (*x509.Certificate, []byte, error) {
	if len(wanted.Names) == 0 {
		return nil, nil, errors.New("the plan gives this certificate no name")
	}
	key, err := newKey()
	if err != nil {
		return nil, nil, err
	}
	template := lasting(wanted.Days)
	names := namesTemplate(wanted.Names)
	template.DNSNames, template.IPAddresses = names.DNSNames, names.IPAddresses
	template.RawSubject = commonName(wanted.Names[0])
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if template.SubjectKeyId, err = keyID(key.Public()); err != nil {
		return nil, nil, err
	}
	certificate, err := sign(template, authority.certificate, key.Public(), authority.key)
	if err != nil {
		return nil, nil, err
	}
	keyPem, err := pemOfKey(key)
	return certificate, keyPem, err
}

// lasting is a certificate from an hour ago, because clocks differ, until so many days from now.
func lasting(days int) *x509.Certificate {
	now := time.Now().UTC()
	return &x509.Certificate{NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 0, days), BasicConstraintsValid: true}
}

func sign(template, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// commonName is a subject of one name, DER. It is a UTF8String, as in the certificates of earlier versions: Go's clients compare
// the bytes of an issuer with those of its authority. A common name has at most 64 characters (RFC 5280, ub-common-name).
func commonName(name string) []byte {
	runes := []rune(name)
	value := asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(string(runes[:min(len(runes), 64)]))}
	der, err := asn1.Marshal(pkix.RDNSequence{{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: value}}})
	if err != nil {
		panic(err) // a constant type and a string
	}
	return der
}

// keyID is the SHA-1 of the public key (RFC 5280, 4.2.1.2, method 1), as in the certificates of earlier versions: OpenSSL compares
// the one that a certificate names with its authority's, which must be the same after the authority was renewed.
func keyID(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		PublicKey asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, err
	}
	hash := sha1.Sum(info.PublicKey.Bytes)
	return hash[:], nil
}

// namesTemplate holds names as a certificate does: addresses apart from DNS names.
func namesTemplate(names []string) *x509.Certificate {
	template := &x509.Certificate{}
	for _, name := range names {
		if address := net.ParseIP(name); address != nil {
			template.IPAddresses = append(template.IPAddresses, address)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return template
}

// namesOf are the different names that a certificate holds, in order.
func namesOf(certificate *x509.Certificate) []string {
	names := slices.Clone(certificate.DNSNames)
	for _, address := range certificate.IPAddresses {
		names = append(names, address.String())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// daysLeft are the whole days until a certificate expires; negative when it has expired.
func daysLeft(certificate *x509.Certificate) int {
	return int(math.Floor(time.Until(certificate.NotAfter).Hours() / 24))
}

// certificateIn is the first certificate of a PEM text.
func certificateIn(text []byte) (*x509.Certificate, error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
	}
	return nil, errors.New("it holds no certificate")
}

func pemOf(certificate *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
}

// pemOfKey is a private key as unencrypted PKCS 8, which Traefik and MySQL read.
func pemOfKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }
