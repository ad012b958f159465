package secrets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"time"

	"cloudnova.dev/helper/kube"
)

// mark is the label by which Secrets that were made here are known.
const mark = "app.kubernetes.io/managed-by"

// Run makes the plan true, and prints a line for each Secret. It fails when an authority that was not made here expires.
func Run(ctx context.Context, planFile string) error {
	plan, err := readPlan(planFile)
	if err != nil {
		return err
	}
	client, err := kube.InCluster(os.Stdout)
	if err != nil {
		return err
	}
	run := &runner{client: client, own: client.Own(), output: os.Stdout, labels: plan.Labels}
	// The applications first, because an authority that expires is an error.
	for _, application := range plan.Applications.Entries {
		if err := run.application(ctx, plan.Applications.Passwords, application); err != nil {
			return err
		}
	}
	return run.environment(ctx, plan)
}

// runner makes one plan true.
type runner struct {
	client *kube.Client
	own    *kube.Secrets
	output io.Writer
	labels map[string]string
}

func (run *runner) environment(ctx context.Context, plan Plan) error {
	for name, keys := range sorted(plan.Passwords) {
		if err := run.ensure(ctx, "", name, run.keys(run.own, name, keys, password, plan.Labels)); err != nil {
			return err
		}
	}
	for _, wanted := range plan.AgeIdentities {
		keys := run.keys(run.client.In(wanted.Namespace), wanted.Secret, []string{identityKey}, ageIdentity, plan.Labels)
		if err := run.ensure(ctx, wanted.Namespace, wanted.Secret, keys); err != nil {
			return err
		}
	}
	authority, err := settled(ctx, run.output, plan.Authority, func() (*authority, error) { return run.authority(ctx, plan.Authority) })
	if err != nil {
		return err
	}
	for name, wanted := range sorted(plan.Certificates) {
		certificate := func(ctx context.Context) (string, error) { return run.certificate(ctx, name, wanted, authority) }
		if err := run.ensure(ctx, "", name, certificate); err != nil {
			return err
		}
	}
	if left := daysLeft(authority.certificate); left < 30 {
		return fmt.Errorf("%s: %d days are left, and it was not made here: replace it", plan.Authority, left)
	}
	return nil
}

// ensure does something to a Secret until no other writer is faster, and prints what was done.
func (run *runner) ensure(ctx context.Context, namespace, name string, once func(context.Context) (string, error)) error {
	done, err := settled(ctx, run.output, name, func() (string, error) { return once(ctx) })
	if err != nil {
		return err
	}
	if namespace != "" {
		name = namespace + "/" + name
	}
	fmt.Fprintf(run.output, "%s: %s\n", name, done)
	return nil
}

// settled returns what once returns; it runs it again, and so reads again, as long as another writer is faster.
func settled[T any](ctx context.Context, output io.Writer, name string, once func() (T, error)) (T, error) {
	for attempt := range kube.Attempts {
		done, err := once()
		if !errors.Is(err, kube.ErrConflict) {
			return done, err
		}
		fmt.Fprintf(output, "%s: %v; reading it again\n", name, err)
		// Five seconds in all: other writers are done within one.
		if err := kube.Sleep(ctx, time.Second/50<<attempt); err != nil {
			return done, err
		}
	}
	var none T
	return none, fmt.Errorf("%s: another writer was faster %d times; this Job will be tried again", name, kube.Attempts)
}

// sorted are the entries of a map in the order of their keys.
func sorted[V any](entries map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			if !yield(key, entries[key]) {
				return
			}
		}
	}
}
