package drill

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// message is what a notification said: of an alert in a webhook, or of a mail.
type message struct {
	// Number counts from 1 in the order of arrival.
	Number int `json:"number"`
	// At is the time of arrival in seconds since 1970.
	At          float64           `json:"at"`
	Via         string            `json:"via"`
	Alert       string            `json:"alert"`
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Subject     string            `json:"subject,omitempty"`
	To          []string          `json:"to,omitempty"`
	Text        string            `json:"text,omitempty"`
}

// inbox keeps the messages of a drill.
type inbox struct {
	mutex    sync.Mutex
	messages []message
}

func (box *inbox) add(one message) {
	box.mutex.Lock()
	defer box.mutex.Unlock()
	one.Number = len(box.messages) + 1
	one.At = float64(time.Now().UnixMilli()) / 1000
	box.messages = append(box.messages, one)
}

// after is every message with a higher number.
func (box *inbox) after(number int) []message {
	box.mutex.Lock()
	defer box.mutex.Unlock()
	from := min(max(number, 0), len(box.messages))
	return append([]message{}, box.messages[from:]...)
}

// receive takes mails and webhooks. GET /messages?after=NUMBER gives the messages, GET /certificate?name=NAME&days=DAYS makes a certificate.
func receive(ctx context.Context, smtp, web string) error {
	mails, err := net.Listen("tcp", smtp)
	if err != nil {
		return err
	}
	defer mails.Close()
	box := &inbox{}
	failed := make(chan error, 2)
	go func() { failed <- serveMail(mails, box) }()
	server := &http.Server{Addr: web, Handler: box, ReadHeaderTimeout: 10 * time.Second}
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}

// notification is Alertmanager's webhook, as far as a drill reads it.
type notification struct {
	Alerts []struct {
		Status      string            `json:"status"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"alerts"`
}

// largest is how many bytes of a notification are read: Alertmanager's have some thousand.
const largest = 4 << 20

func (box *inbox) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	query := request.URL.Query()
	switch {
	case request.Method == http.MethodPost:
		var sent notification
		if err := json.NewDecoder(http.MaxBytesReader(response, request.Body, largest)).Decode(&sent); err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
			return
		}
		for _, alert := range sent.Alerts {
			box.add(message{
				Via: "webhook", Alert: alert.Labels["alertname"], Status: alert.Status, Labels: alert.Labels, Annotations: alert.Annotations,
			})
		}
		answer(response, struct{}{})
	case request.URL.Path == "/messages":
		number, err := strconv.Atoi(query.Get("after"))
		if query.Has("after") && err != nil {
			http.Error(response, "after: expected a number", http.StatusBadRequest)
			return
		}
		answer(response, box.after(number))
	case request.URL.Path == "/certificate":
		days, err := strconv.ParseFloat(query.Get("days"), 64)
		if err != nil {
			http.Error(response, "days: expected a number", http.StatusBadRequest)
			return
		}
		made, err := shortCertificate(query.Get("name"), time.Duration(days*24*float64(time.Hour)))
		if err != nil {
			http.Error(response, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(response, made)
	case request.URL.Path == "/ready":
		answer(response, struct{}{})
	default:
		http.NotFound(response, request)
	}
}

func answer(response http.ResponseWriter, value any) {
	response.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(response).Encode(value)
}

// pair is a certificate and its key as PEM.
type pair struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
}

// shortCertificate is a self-signed certificate for a name, or an address, that lasts for a time.
func shortCertificate(name string, lasts time.Duration) (*pair, error) {
	if name == "" {
		return nil, errors.New("name: expected the name that the certificate is for")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: name[:min(len(name), 64)]}, // X.520 allows no more
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(lasts),
	}
	if address := net.ParseIP(name); address != nil {
		template.IPAddresses = []net.IP{address}
	} else {
		template.DNSNames = []string{name}
	}
	certificate, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return &pair{Certificate: block("CERTIFICATE", certificate), Key: block("PRIVATE KEY", private)}, nil
}

func block(kind string, der []byte) string {
	var text bytes.Buffer
	_ = pem.Encode(&text, &pem.Block{Type: kind, Bytes: der})
	return text.String()
}
