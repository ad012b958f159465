// Command forward brings loopback ports of this machine into a network namespace without a link between the two.
//
//	forward listen PORTS -- COMMAND…   opens the ports on 127.0.0.1 and runs COMMAND with the sockets as descriptors 3, 4, …
//	forward serve PORTS                inside: takes connections from these descriptors and passes them to 127.0.0.1 there
//
// PORTS is a list such as "41234:6443,30443": 41234 outside leads to 6443 inside, 30443 to 30443.
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
)

type port struct{ outside, inside string }

func main() {
	if err := run(os.Args[1:]); err != nil {
		var ended *exec.ExitError
		if errors.As(err, &ended) {
			os.Exit(ended.ExitCode())
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) > 3 && args[0] == "listen" && args[2] == "--":
		return listen(parse(args[1]), args[3:])
	case len(args) == 2 && args[0] == "serve":
		return serve(parse(args[1]))
	}
	return errors.New("usage: forward listen PORTS -- COMMAND… | forward serve PORTS")
}

func parse(text string) []port {
	var ports []port
	for _, item := range strings.Split(text, ",") {
		outside, inside, both := strings.Cut(item, ":")
		if !both {
			inside = outside
		}
		ports = append(ports, port{outside, inside})
	}
	return ports
}

// listen opens every port before it runs the command, so that a port that is taken stops everything.
func listen(ports []port, command []string) error {
	child := exec.Command(command[0], command[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	for _, p := range ports {
		listener, err := net.Listen("tcp4", "127.0.0.1:"+p.outside)
		if err != nil {
			return err
		}
		file, err := listener.(*net.TCPListener).File()
		if err != nil {
			return err
		}
		child.ExtraFiles = append(child.ExtraFiles, file) // entry i is descriptor 3+i there
	}
	return child.Run()
}

func serve(ports []port) error {
	failed := make(chan error)
	for index, p := range ports {
		listener, err := net.FileListener(os.NewFile(uintptr(3+index), p.outside))
		if err != nil {
			return fmt.Errorf("descriptor %d is no listening socket: %w", 3+index, err)
		}
		go func() {
			for {
				client, err := listener.Accept()
				if err != nil {
					failed <- err
					return
				}
				go pass(client.(*net.TCPConn), "127.0.0.1:"+p.inside)
			}
		}()
	}
	return <-failed
}

// pass copies both ways (in the kernel, by splice) and hands on each side's end of data by itself.
func pass(client *net.TCPConn, address string) {
	defer client.Close()
	dialled, err := net.Dial("tcp4", address)
	if err != nil {
		client.SetLinger(0) // a reset, as a port gives that nobody listens on
		return
	}
	server := dialled.(*net.TCPConn)
	defer server.Close()
	done := make(chan struct{})
	go func() {
		io.Copy(server, client)
		server.CloseWrite()
		close(done)
	}()
	io.Copy(client, server)
	client.CloseWrite()
	<-done
}
