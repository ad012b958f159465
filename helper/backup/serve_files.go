package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	// filesAddress is the pod's own loopback address: the command line comes through the API server's port-forward.
	filesAddress = "127.0.0.1:8099"
	// filesIdle is how long nothing may be asked for until the program ends by itself.
	filesIdle = time.Hour
)

// serveFiles gives out and takes in backups, still encrypted, until it is told to end or nobody has asked for an hour.
func (plan *Plan) serveFiles(ctx context.Context, log io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	idle := time.AfterFunc(filesIdle, cancel)
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	server.Handler = http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		idle.Stop()
		defer idle.Reset(filesIdle)
		plan.serveFile(response, request, log)
	})
	failed := make(chan error, 1)
	listener, err := net.Listen("tcp", filesAddress)
	if err != nil {
		return err
	}
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}

func (plan *Plan) serveFile(response http.ResponseWriter, request *http.Request, log io.Writer) {
	path := strings.TrimPrefix(request.URL.Path, "/")
	if path == "" {
		fmt.Fprintln(response, "ready")
		return
	}
	name, _, err := plan.checkName(path)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	switch request.Method {
	case http.MethodGet:
		plan.give(request.Context(), name, response, log)
	case http.MethodPut:
		var answer bytes.Buffer
		if err := plan.receive(name, request.Body, &answer, log); err != nil {
			http.Error(response, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		_, _ = answer.WriteTo(response)
	default:
		http.Error(response, "only GET and PUT", http.StatusMethodNotAllowed)
	}
}

// give writes a backup: with its length and sum where it is in the folder, else as it comes from the store.
func (plan *Plan) give(ctx context.Context, name string, response http.ResponseWriter, log io.Writer) {
	info, err := os.Stat(plan.path(name))
	if errors.Is(err, os.ErrNotExist) && plan.Store == nil {
		http.Error(response, fmt.Sprintf("there is no backup %s: \"backup list\" shows those that exist", name), http.StatusNotFound)
		return
	}
	if err == nil {
		response.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
		if sum, err := os.ReadFile(plan.path(name) + sumEnding); err == nil {
			if fields := strings.Fields(string(sum)); len(fields) > 0 {
				response.Header().Set("X-Sha256", fields[0])
			}
		}
	}
	out := &passed{Writer: response}
	if err := plan.cat(ctx, name, out); err != nil {
		fmt.Fprintf(log, "%s: %s\n", name, err)
		if out.bytes == 0 {
			response.Header().Del("Content-Length")
			http.Error(response, err.Error(), http.StatusBadGateway)
			return
		}
		panic(http.ErrAbortHandler) // what was sent so far must not look whole
	}
}

// passed counts what was written.
type passed struct {
	io.Writer
	bytes int64
}

func (c *passed) Write(part []byte) (int, error) {
	written, err := c.Writer.Write(part)
	c.bytes += int64(written)
	return written, err
}
