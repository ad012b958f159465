package backup

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestServeFiles(t *testing.T) {
	plan := &Plan{Unit: "shop", Folder: t.TempDir()}
	name := "shop-20261127T021700Z"
	content := strings.Repeat("encrypted ", 1000)
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
	for path, text := range map[string]string{plan.path(name): content, plan.path(name) + sumEnding: sum + "  " + name + ending + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(method, path, body string) (*http.Response, string) {
		recorder := httptest.NewRecorder()
		request := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
		plan.serveFile(recorder, request, io.Discard)
		answer := recorder.Result()
		text, _ := io.ReadAll(answer.Body)
		return answer, string(text)
	}
	if answer, text := ask("GET", "/", ""); answer.StatusCode != 200 || text != "ready\n" {
		t.Errorf("the start: %d %q", answer.StatusCode, text)
	}
	answer, text := ask("GET", "/"+name, "")
	if text != content || answer.Header.Get("X-Sha256") != sum || answer.Header.Get("Content-Length") != fmt.Sprint(len(content)) {
		t.Errorf("a backup: %d %v, %d bytes", answer.StatusCode, answer.Header, len(text))
	}
	if answer, _ := ask("GET", "/shop-20261126T021700Z", ""); answer.StatusCode != 404 {
		t.Errorf("one that does not exist: %d", answer.StatusCode)
	}
	if answer, _ := ask("GET", "/../etc/passwd", ""); answer.StatusCode != 400 {
		t.Errorf("another file: %d", answer.StatusCode)
	}
	if answer, text := ask("PUT", "/shop-20261126T021700Z", "no file of age"); answer.StatusCode != 422 || !strings.Contains(text, "refused") {
		t.Errorf("what is no backup: %d %q", answer.StatusCode, text)
	}
}
