package secrets

import (
	"bytes"
	"context"
	"maps"

	"cloudnova.dev/helper/kube"
)

// passwordKey is where an application finds the password of its database account.
const passwordKey = "password"

// application makes the Secrets of one application. The Secret passwords holds each account's password for MySQL; the
// application finds a copy in its own namespace, so that it can read no other's.
func (run *runner) application(ctx context.Context, passwords string, application Application) error {
	api := run.client.In(application.Namespace)
	labels := maps.Clone(run.labels)
	labels["app.kubernetes.io/name"] = application.Name
	if application.Database != "" {
		if err := run.databasePassword(ctx, api, passwords, application, labels); err != nil {
			return err
		}
	}
	if generated := application.Generated; len(generated.Keys) > 0 {
		keys := run.keys(api, generated.Secret, generated.Keys, password, labels)
		if err := run.ensure(ctx, application.Namespace, generated.Secret, keys); err != nil {
			return err
		}
	}
	return nil
}

func (run *runner) databasePassword(ctx context.Context, api *kube.Secrets, passwords string, application Application, labels map[string]string) error {
	copied, err := api.Read(ctx, application.Database)
	if err != nil {
		return err
	}
	value, err := settled(ctx, run.output, passwords, func() ([]byte, error) {
		return run.accountPassword(ctx, passwords, application.Name, valueOf(copied, passwordKey), labels)
	})
	if err != nil {
		return err
	}
	return run.ensure(ctx, application.Namespace, application.Database, func(ctx context.Context) (string, error) {
		current, err := api.Read(ctx, application.Database)
		if err != nil {
			return "", err
		}
		if bytes.Equal(valueOf(current, passwordKey), value) {
			return "is there", nil
		}
		done := "changed " + passwordKey + " to MySQL's"
		if current == nil {
			done = "made " + passwordKey
		}
		return done, write(ctx, api, current, application.Database, map[string][]byte{passwordKey: value}, labels)
	})
}

// accountPassword is the password of an account; made when absent, of the application's copy where there is one.
func (run *runner) accountPassword(ctx context.Context, secret, key string, copied []byte, labels map[string]string) ([]byte, error) {
	current, err := run.own.Read(ctx, secret)
	if err != nil {
		return nil, err
	}
	if there := valueOf(current, key); len(there) > 0 {
		return there, nil
	}
	if len(copied) == 0 {
		fresh, err := password()
		if err != nil {
			return nil, err
		}
		copied = []byte(fresh)
	}
	return copied, write(ctx, run.own, current, secret, map[string][]byte{key: copied}, labels)
}
