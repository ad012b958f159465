package secrets

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strings"

	"cloudnova.dev/helper/kube"
	"filippo.io/age"
	corev1 "k8s.io/api/core/v1"
)

// identityKey is where a Secret holds a private key of age.
const identityKey = "identity"

// password is 43 characters of 32 random bytes, of letters, digits, - and _: safe in SQL and in option files.
func password() (string, error) {
	random := make([]byte, 32)
	rand.Read(random)
	return base64.RawURLEncoding.EncodeToString(random), nil
}

// ageIdentity is a private X25519 key, AGE-SECRET-KEY-1…, as age writes it.
func ageIdentity() (string, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	return identity.String(), nil
}

// keys creates the Secret, or adds the keys that a newer version needs; what is there stays.
func (run *runner) keys(
	api *kube.Secrets, name string, keys []string, generate func() (string, error), labels map[string]string,
) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		current, err := api.Read(ctx, name)
		if err != nil {
			return "", err
		}
		var absent []string
		fresh := map[string][]byte{}
		for _, key := range keys {
			if len(valueOf(current, key)) > 0 {
				continue
			}
			value, err := generate()
			if err != nil {
				return "", err
			}
			absent, fresh[key] = append(absent, key), []byte(value)
		}
		if len(absent) == 0 {
			return "is there", nil
		}
		return "made " + strings.Join(absent, ", "), write(ctx, api, current, name, fresh, labels)
	}
}

// write creates the Secret where there is none, or sets these keys of the one that was read.
func write(ctx context.Context, api *kube.Secrets, current *corev1.Secret, name string, data map[string][]byte, labels map[string]string) error {
	if current == nil {
		return api.Create(ctx, name, corev1.SecretTypeOpaque, data, labels)
	}
	return api.Change(ctx, current, data)
}

// valueOf is one value of a Secret; empty when the key or the Secret is absent.
func valueOf(secret *corev1.Secret, key string) []byte {
	if secret == nil {
		return nil
	}
	return secret.Data[key]
}
