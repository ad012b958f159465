package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"cloudnova.dev/helper/kube"
	corev1 "k8s.io/api/core/v1"
)

// savedSecret is a Secret in a backup.
type savedSecret struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"`
	Type   string            `json:"type"`
	Data   map[string][]byte `json:"data"`
}

// secretSum is what is remembered of a Secret: no values.
type secretSum struct {
	Keys   []string `json:"keys"`
	SHA256 string   `json:"sha256"`
}

func (secret savedSecret) sum() secretSum {
	keys := slices.Sorted(maps.Keys(secret.Data))
	total := sha256.New()
	for _, key := range keys {
		fmt.Fprintf(total, "%s\x00%d\x00%s", key, len(secret.Data[key]), secret.Data[key])
	}
	return secretSum{Keys: keys, SHA256: hex.EncodeToString(total.Sum(nil))}
}

// secretsAPI is what is used of the API server.
type secretsAPI interface {
	Read(ctx context.Context, name string) (*corev1.Secret, error)
	Create(ctx context.Context, name string, kind corev1.SecretType, data map[string][]byte, labels map[string]string) error
	Change(ctx context.Context, read *corev1.Secret, data map[string][]byte) error
}

func (plan *Plan) secretsAPI(log io.Writer) (secretsAPI, error) {
	client, err := kube.InCluster(log)
	if err != nil {
		return nil, err
	}
	return client.In(plan.Namespace), nil
}

// readSecrets reads the plan's Secrets. Those that do not exist are named.
func (plan *Plan) readSecrets(ctx context.Context, log io.Writer) (found []savedSecret, absent []string, err error) {
	if len(plan.Secrets) == 0 {
		return nil, nil, nil
	}
	api, err := plan.secretsAPI(log)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range plan.Secrets {
		secret, err := api.Read(ctx, name)
		if err != nil {
			return nil, nil, fmt.Errorf("the Secret %s cannot be read: %w", name, err)
		}
		if secret == nil {
			absent = append(absent, name)
			continue
		}
		found = append(found, savedSecret{Name: name, Labels: secret.Labels, Type: string(secret.Type), Data: secret.Data})
	}
	return found, absent, nil
}

// restoreSecret sets a Secret's keys to the backup's, or makes it where there is none. Keys that only the cluster has stay.
func restoreSecret(ctx context.Context, api secretsAPI, secret savedSecret) (changed bool, err error) {
	for range kube.Attempts {
		now, reading := api.Read(ctx, secret.Name)
		switch {
		case reading != nil:
			return false, fmt.Errorf("the Secret %s cannot be read: %w", secret.Name, reading)
		case now == nil:
			err = api.Create(ctx, secret.Name, corev1.SecretType(secret.Type), secret.Data, secret.Labels)
		case sameKeys(now.Data, secret.Data):
			return false, nil
		default:
			err = api.Change(ctx, now, secret.Data)
		}
		if !errors.Is(err, kube.ErrConflict) {
			break
		}
	}
	if err != nil {
		return false, fmt.Errorf("the Secret %s cannot be restored: %w", secret.Name, err)
	}
	return true, nil
}

func sameKeys(now, want map[string][]byte) bool {
	for key, value := range want {
		if found, exists := now[key]; !exists || !bytes.Equal(found, value) {
			return false
		}
	}
	return true
}

func parseSecret(content []byte) (secret savedSecret, err error) {
	if err := json.Unmarshal(content, &secret); err != nil {
		return secret, damaged(err)
	}
	return secret, nil
}
