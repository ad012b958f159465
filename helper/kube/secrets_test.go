package kube

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// answer is a status code with an API server's Status, or another body.
type answer struct {
	code int
	body string
}

func status(code int, message string) answer {
	text, _ := json.Marshal(map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code})
	return answer{code, string(text)}
}

// server gives these answers one after another, and notes what it was asked and how long the client paused.
type server struct {
	client *Secrets
	asked  []string
	pauses []time.Duration
	output strings.Builder
}

func serve(t *testing.T, answers ...answer) *server {
	t.Helper()
	given := &server{}
	listening := httptest.NewTLSServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		given.asked = append(given.asked, fmt.Sprint(request.Method, " ", request.URL.Path, " ", request.Header.Get("Authorization"), " ", request.Header.Get("Content-Type")))
		next := answers[min(len(given.asked), len(answers))-1]
		response.Header().Set("Content-Type", "application/json")
		response.WriteHeader(next.code)
		fmt.Fprint(response, next.body)
	}))
	t.Cleanup(listening.Close)
	folder := t.TempDir()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: listening.Certificate().Raw})
	for name, text := range map[string]string{"token": "secret\n", "namespace": "shop\n", "ca.crt": string(certificate)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address, err := url.Parse(listening.URL)
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(address.Host)
	t.Setenv("SERVICE_ACCOUNT", folder)
	t.Setenv("KUBERNETES_SERVICE_HOST", host)
	t.Setenv("KUBERNETES_SERVICE_PORT", port)
	// Nobody listens there: a client that went through it would fail.
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	client, err := InCluster(&given.output)
	if err != nil {
		t.Fatal(err)
	}
	client.sleep = func(_ context.Context, pause time.Duration) error {
		given.pauses = append(given.pauses, pause)
		return nil
	}
	given.client = client.Own()
	return given
}

const found = `{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"7","labels":{"x":"y"}},"data":{"key":"dmFsdWU="}}`

func TestReads(t *testing.T) {
	server := serve(t, answer{200, found})
	secret, err := server.client.Read(t.Context(), "a")
	if err != nil || string(secret.Data["key"]) != "value" || secret.Labels["x"] != "y" || secret.ResourceVersion != "7" {
		t.Errorf("read %v, %v", secret, err)
	}
	if server.asked[0] != "GET /api/v1/namespaces/shop/secrets/a Bearer secret " {
		t.Errorf("asked %q", server.asked)
	}
}

func TestAnAbsentSecretIsNone(t *testing.T) {
	secret, err := serve(t, status(404, "not found")).client.Read(t.Context(), "a")
	if secret != nil || err != nil {
		t.Errorf("read %v, %v", secret, err)
	}
}

func TestAServerThatDoesNotAnswerIsAskedAgain(t *testing.T) {
	for _, code := range []int{429, 500, 503} {
		server := serve(t, status(code, "busy"), answer{code, "no JSON"}, answer{200, found})
		if _, err := server.client.Read(t.Context(), "a"); err != nil {
			t.Errorf("%d: %v", code, err)
		}
		if want := []time.Duration{time.Second / 2, time.Second}; fmt.Sprint(server.pauses) != fmt.Sprint(want) {
			t.Errorf("%d: paused %v, expected %v", code, server.pauses, want)
		}
		line := fmt.Sprintf("the API server did not answer (%d); trying again\n", code)
		if server.output.String() != line+line {
			t.Errorf("%d: printed %q", code, server.output.String())
		}
	}
}

func TestAServerThatNeverAnswersIsAnError(t *testing.T) {
	server := serve(t, status(500, "broken"))
	_, err := server.client.Read(t.Context(), "a")
	if err == nil || err.Error() != "the API server did not answer; this Job will be tried again" {
		t.Errorf("found %v", err)
	}
	var sum time.Duration
	for _, pause := range server.pauses {
		sum += pause
	}
	if len(server.asked) != Attempts || sum < 2*time.Minute {
		t.Errorf("asked %d times, paused %v in all", len(server.asked), sum)
	}
}

func TestAnotherWriterIsAConflict(t *testing.T) {
	secret := &corev1.Secret{}
	secret.Name, secret.ResourceVersion = "a", "7"
	changes := map[string]struct {
		answer answer
		change func(*Secrets) error
	}{
		"created meanwhile": {status(409, "exists"), func(client *Secrets) error {
			return client.Create(t.Context(), "a", corev1.SecretTypeOpaque, nil, nil)
		}},
		"changed meanwhile": {status(409, "modified"), func(client *Secrets) error { return client.Change(t.Context(), secret, nil) }},
		"deleted meanwhile": {status(404, "not found"), func(client *Secrets) error { return client.Change(t.Context(), secret, nil) }},
	}
	for name, each := range changes {
		if err := each.change(serve(t, each.answer).client); !errors.Is(err, ErrConflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARefusalIsAnErrorWithTheServersWords(t *testing.T) {
	create := func(client *Secrets) error { return client.Create(t.Context(), "a", corev1.SecretTypeOpaque, nil, nil) }
	read := func(client *Secrets) error { _, err := client.Read(t.Context(), "a"); return err }
	for want, each := range map[string]struct {
		answer answer
		do     func(*Secrets) error
	}{
		`POST secret (new): 404 namespaces "shop" not found`: {status(404, `namespaces "shop" not found`), create},
		"GET secret a: 403 forbidden":                        {status(403, "forbidden"), read},
		"GET secret a: 400 a proxy's page":                   {answer{400, "a proxy's page"}, read},
	} {
		if err := each.do(serve(t, each.answer).client); err == nil || err.Error() != want {
			t.Errorf("found %v, expected %s", err, want)
		}
	}
}

func TestOutsideAPodTheErrorNamesWhatIsMissing(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	if _, err := InCluster(&strings.Builder{}); err == nil || !strings.Contains(err.Error(), "KUBERNETES_SERVICE_HOST") {
		t.Errorf("found %v", err)
	}
	t.Setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
	t.Setenv("KUBERNETES_SERVICE_PORT", "1")
	t.Setenv("SERVICE_ACCOUNT", "/absent")
	if _, err := InCluster(&strings.Builder{}); err == nil || !strings.Contains(err.Error(), "/absent/namespace") {
		t.Errorf("found %v", err)
	}
}
