// Command forward brings loopback ports of this machine into a network namespace without a link between the two.
//
//	forward listen PORT=FD,… -- COMMAND…   opens the ports on 127.0.0.1 and becomes COMMAND, with the sockets at the descriptors
//	forward serve PORT=FD,…                inside: takes connections from the descriptors and passes them to 127.0.0.1:PORT there
//
// "6443=3" is port 6443 at descriptor 3; "41234:6443=3" listens on 41234 and passes to 6443.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

type port struct {
	outside, inside string
	fd              int
}

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	if len(os.Args) < 3 {
		log.Fatal("usage: forward listen|serve PORT=FD,… [-- COMMAND…]")
	}
	ports, err := parse(os.Args[2])
	if err == nil && os.Args[1] == "listen" && len(os.Args) > 4 {
		err = listen(ports, os.Args[4:])
	} else if err == nil && os.Args[1] == "serve" {
		err = serve(ports)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func parse(text string) ([]port, error) {
	var ports []port
	for _, item := range strings.Split(text, ",") {
		names, fd, found := strings.Cut(item, "=")
		number, err := strconv.Atoi(fd)
		if !found || err != nil {
			return nil, fmt.Errorf("%q is not PORT=FD", item)
		}
		outside, inside, both := strings.Cut(names, ":")
		if !both {
			inside = outside
		}
		ports = append(ports, port{outside, inside, number})
	}
	return ports, nil
}

// listen opens every port before it becomes the command, so that a port that is taken stops everything.
func listen(ports []port, command []string) error {
	files := map[int]*os.File{}
	for _, p := range ports {
		listener, err := net.Listen("tcp4", "127.0.0.1:"+p.outside)
		if err != nil {
			return err
		}
		file, err := listener.(*net.TCPListener).File()
		if err != nil {
			return err
		}
		files[p.fd] = file
	}
	// Above all wanted numbers first, so that no Dup3 closes a socket that is still to be placed.
	for fd, file := range files {
		high, err := fcntl(file.Fd(), syscall.F_DUPFD_CLOEXEC, 100)
		if err != nil {
			return err
		}
		files[fd] = os.NewFile(high, "listener")
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	for fd, file := range files {
		if err := syscall.Dup3(int(file.Fd()), fd, 0); err != nil {
			return err
		}
	}
	return syscall.Exec(path, command, os.Environ())
}

func fcntl(fd uintptr, command, argument uintptr) (uintptr, error) {
	result, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, command, argument)
	if errno != 0 {
		return 0, errno
	}
	return result, nil
}

func serve(ports []port) error {
	failed := make(chan error)
	for _, p := range ports {
		listener, err := net.FileListener(os.NewFile(uintptr(p.fd), p.outside))
		if err != nil {
			return fmt.Errorf("descriptor %d is no listening socket: %w", p.fd, err)
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
