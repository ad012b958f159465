// Package kube reads and changes Secrets through the API server, with the token of the pod's own account.
//
// It uses client-go's REST client with the one type that is needed: the typed client brings the types of the whole API, which
// are 11 MB of program and 8 MB of memory (docs/decisions/0018-one-helper-image.md).
package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
)

const (
	// accountFolder is where the kubelet mounts the account's token; SERVICE_ACCOUNT names another folder.
	accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"
	// requestTimeout is the limit of one request.
	requestTimeout = 10 * time.Second
	// Attempts is how often a request is tried: with doubling pauses about two minutes, longer than an API server's restart.
	Attempts = 8
)

// ErrConflict says that another writer was faster: what was decided on is no longer so. Read again.
var ErrConflict = errors.New("another writer was faster")

// Client asks the API server.
type Client struct {
	rest      rest.Interface
	output    io.Writer
	namespace string
	sleep     func(context.Context, time.Duration) error
}

// InCluster is the client of the pod's own account. It writes to output when it tries a request again.
func InCluster(output io.Writer) (*Client, error) {
	folder := accountFolder
	if named := os.Getenv("SERVICE_ACCOUNT"); named != "" {
		folder = named
	}
	host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return nil, errors.New("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this runs in a pod")
	}
	namespace, err := os.ReadFile(filepath.Join(folder, "namespace"))
	if err != nil {
		return nil, fmt.Errorf("the pod needs the token of its account: %w", err)
	}
	scheme := runtime.NewScheme()
	scheme.AddKnownTypes(corev1.SchemeGroupVersion, &corev1.Secret{})
	metav1.AddToGroupVersion(scheme, corev1.SchemeGroupVersion)
	client, err := rest.RESTClientFor(&rest.Config{
		Host:            "https://" + net.JoinHostPort(host, port),
		APIPath:         "/api",
		BearerTokenFile: filepath.Join(folder, "token"),
		TLSClientConfig: rest.TLSClientConfig{CAFile: filepath.Join(folder, "ca.crt")},
		Timeout:         requestTimeout,
		QPS:             -1, // a few requests in all: none has to wait
		// No proxy of the environment's: the API server is in the cluster.
		Proxy: func(*http.Request) (*url.URL, error) { return nil, nil },
		ContentConfig: rest.ContentConfig{
			GroupVersion:         &corev1.SchemeGroupVersion,
			NegotiatedSerializer: serializer.NewCodecFactory(scheme).WithoutConversion(),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("the account's files in %s cannot be used: %w", folder, err)
	}
	return &Client{rest: client, output: output, namespace: strings.TrimSpace(string(namespace)), sleep: Sleep}, nil
}

// Own are the Secrets of the pod's own namespace.
func (client *Client) Own() *Secrets { return client.In(client.namespace) }

// In are the Secrets of a namespace.
func (client *Client) In(namespace string) *Secrets { return &Secrets{client, namespace} }

// Secrets are those of one namespace.
type Secrets struct {
	client    *Client
	namespace string
}

// Read returns the Secret, or nil when there is none of that name.
func (secrets *Secrets) Read(ctx context.Context, name string) (*corev1.Secret, error) {
	return secrets.do(ctx, http.MethodGet, name, func(client rest.Interface) *rest.Request { return client.Get().Name(name) })
}

// Create makes the Secret. The error is ErrConflict when it is there already.
func (secrets *Secrets) Create(ctx context.Context, name string, kind corev1.SecretType, data map[string][]byte, labels map[string]string) error {
	body, err := json.Marshal(&corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Type:       kind,
		Data:       data,
	})
	if err != nil {
		return err
	}
	_, err = secrets.do(ctx, http.MethodPost, "(new)", func(client rest.Interface) *rest.Request {
		return client.Post().SetHeader("Content-Type", runtime.ContentTypeJSON).Body(body)
	})
	return err
}

// Change sets keys of a Secret that was read; its other keys stay. The error is ErrConflict when it was changed or deleted since.
func (secrets *Secrets) Change(ctx context.Context, read *corev1.Secret, data map[string][]byte) error {
	body, err := json.Marshal(map[string]any{"metadata": map[string]string{"resourceVersion": read.ResourceVersion}, "data": data})
	if err != nil {
		return err
	}
	_, err = secrets.do(ctx, http.MethodPatch, read.Name, func(client rest.Interface) *rest.Request {
		return client.Patch(types.MergePatchType).Name(read.Name).Body(body)
	})
	return err
}

// do sends a request, and sends it again while the API server does not answer.
func (secrets *Secrets) do(ctx context.Context, method, name string, request func(rest.Interface) *rest.Request) (*corev1.Secret, error) {
	client := secrets.client
	for attempt := range Attempts {
		// No retries of client-go's: they are fewer, and silent.
		result := request(client.rest).Namespace(secrets.namespace).Resource("secrets").MaxRetries(0).Do(ctx)
		var code int
		result.StatusCode(&code)
		body, err := result.Raw()
		reason := fmt.Sprint(code)
		switch {
		case err == nil:
			secret := &corev1.Secret{}
			return secret, result.Into(secret)
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case code == 0:
			reason = err.Error()
		case code == http.StatusNotFound && method == http.MethodGet:
			return nil, nil
		// 404 to a change: deleted since it was read. 404 to a POST is no such thing: the namespace is gone.
		case code == http.StatusConflict, code == http.StatusNotFound && method == http.MethodPatch:
			return nil, fmt.Errorf("%w (%s was answered %d)", ErrConflict, method, code)
		case code < 500 && code != http.StatusTooManyRequests:
			return nil, fmt.Errorf("%s secret %s: %d %s", method, name, code, wordsOf(body))
		}
		fmt.Fprintf(client.output, "the API server did not answer (%s); trying again\n", reason)
		if err := client.sleep(ctx, time.Second/2<<attempt); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("the API server did not answer; this Job will be tried again")
}

// wordsOf is the message of a refusal: that of the API server's Status, else the whole answer.
func wordsOf(body []byte) string {
	var status metav1.Status
	if json.Unmarshal(body, &status) == nil && status.Message != "" {
		return status.Message
	}
	return string(body)
}

// Sleep waits, or returns the context's error when that ends first.
func Sleep(ctx context.Context, pause time.Duration) error {
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
