package drill

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"os"
	"strings"
	"testing"
	"time"
)

func TestACrashEndsWithAnErrorAfterItsTime(t *testing.T) {
	begun := time.Now()
	if err := Run(t.Context(), []string{"crash", "0.2"}); !errors.Is(err, errEnds) {
		t.Errorf("found %v, expected %v", err, errEnds)
	}
	if took := time.Since(begun); took < 200*time.Millisecond {
		t.Errorf("ended after %s, expected 200 ms", took)
	}
}

func TestWhatBreaksSomethingEndsWithItsPod(t *testing.T) {
	for _, arguments := range [][]string{{"crash", "60"}, {"burn"}, {"thrash", t.TempDir(), "2000"}, {"receive", "0", "0"}} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		if err := Run(ctx, arguments); err != nil {
			t.Errorf("%v ended with %v", arguments, err)
		}
		cancel()
	}
}

func TestThrashLeavesNothingInItsFolder(t *testing.T) {
	folder := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := Run(ctx, []string{"thrash", folder, "2000"}); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("found %v %v, expected an empty folder", entries, err)
	}
}

func TestAWrongCommandLineIsNamed(t *testing.T) {
	for _, arguments := range [][]string{
		{}, {"receive", "25"}, {"burn", "1"}, {"thrash", "/", "9"}, {"thrash", "/", "x"}, {"crash", "soon"}, {"flood"},
	} {
		if err := Run(t.Context(), arguments); err == nil || !strings.Contains(err.Error(), "expected") {
			t.Errorf("%v: found %v, expected what to write", arguments, err)
		}
	}
}

// mailServer takes mails until the test ends.
func mailServer(t *testing.T) (address string, box *inbox) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	box = &inbox{}
	go func() { _ = serveMail(listener, box) }()
	return listener.Addr().String(), box
}

func TestMailsOfOtherFormsAreRead(t *testing.T) {
	address, box := mailServer(t)
	const head = "X-Cloudnova-Alert: HighLoad\r\nX-Cloudnova-Status: resolved\r\nSubject: =?UTF-8?b?wqFZYSBlc3TDoSE=?=\r\n"
	for _, form := range []string{
		"\r\nunformatted: ñ\r\n..dot\r\n",
		"Content-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+w7E8L2I+\r\n",
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<b>other</b>\r\n--b\r\n" +
			"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=B1 first\r\n--b--\r\n",
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<b>alone</b>\r\n--b--\r\n",
	} {
		if err := smtp.SendMail(address, nil, "a@b.invalid", []string{"one@b.invalid", "two@b.invalid"}, []byte(head+form)); err != nil {
			t.Fatal(err)
		}
	}
	var texts []string
	for _, one := range box.after(0) {
		if one.Alert != "HighLoad" || one.Status != "resolved" || one.Subject != "¡Ya está!" || len(one.To) != 2 || one.To[1] != "two@b.invalid" {
			t.Errorf("found %+v", one)
		}
		texts = append(texts, strings.TrimSpace(strings.ReplaceAll(one.Text, "\r", "")))
	}
	if found := fmt.Sprintf("%q", texts); found != `["unformatted: ñ\n..dot" "<b>ñ</b>" "ñ first" "<b>alone</b>"]` {
		t.Errorf("found %s", found)
	}
}

func TestWhatIsNoNotificationIsRefused(t *testing.T) {
	box := &inbox{}
	for _, request := range []*http.Request{
		httptest.NewRequest(http.MethodPost, "/webhook", strings.NewReader("no JSON")),
		httptest.NewRequest(http.MethodGet, "/messages?after=x", nil),
		httptest.NewRequest(http.MethodGet, "/certificate?name=a", nil),
	} {
		response := httptest.NewRecorder()
		box.ServeHTTP(response, request)
		if response.Code != http.StatusBadRequest {
			t.Errorf("%s: found %d", request.URL, response.Code)
		}
	}
	if len(box.after(0)) > 0 {
		t.Error("something was kept")
	}
}

func TestTheCertificateFitsItsNameOrAddress(t *testing.T) {
	for _, name := range []string{"app.example.com", "192.0.2.7"} {
		response := httptest.NewRecorder()
		(&inbox{}).ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/certificate?days=3&name="+name, nil))
		var made pair
		if err := json.NewDecoder(io.Reader(response.Body)).Decode(&made); err != nil {
			t.Fatal(err)
		}
		loaded, err := tls.X509KeyPair([]byte(made.Certificate), []byte(made.Key))
		if err != nil {
			t.Fatal(err)
		}
		certificate, err := x509.ParseCertificate(loaded.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := certificate.VerifyHostname(name); err != nil {
			t.Error(err)
		}
		if left := time.Until(certificate.NotAfter).Hours() / 24; left < 2.9 || left > 3 {
			t.Errorf("lasts %f days", left)
		}
	}
}
