// Package drill is what a drill of an alert runs inside the cluster: a receiver of notifications, and programs that break something from
// a pod. Whatever they do ends with their pod.
package drill

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Usage names the commands and their arguments.
const Usage = "receive SMTP-PORT HTTP-PORT | burn | thrash FOLDER PAGES-A-SECOND | crash SECONDS"

// errEnds is how crash ends.
var errEnds = errors.New("a drill: this container ends on purpose")

// Run runs one of the commands until the context ends.
func Run(ctx context.Context, arguments []string) error {
	if len(arguments) == 0 {
		return fmt.Errorf("drill: expected %s", Usage)
	}
	name, rest := arguments[0], arguments[1:]
	switch {
	case name == "receive" && len(rest) == 2:
		return receive(ctx, ":"+rest[0], ":"+rest[1])
	case name == "burn" && len(rest) == 0:
		return burn(ctx)
	case name == "thrash" && len(rest) == 2:
		rate, err := strconv.Atoi(rest[1])
		if err != nil || rate < 10 {
			return fmt.Errorf("drill thrash: %s pages a second: expected a number, at least 10", rest[1])
		}
		return thrash(ctx, rest[0], rate)
	case name == "crash" && len(rest) == 1:
		seconds, err := strconv.ParseFloat(rest[0], 64)
		if err != nil {
			return fmt.Errorf("drill crash: %s: expected seconds", rest[0])
		}
		return crash(ctx, time.Duration(seconds*float64(time.Second)))
	}
	return fmt.Errorf("drill %s: expected %s", name, Usage)
}

// burn keeps every core busy, at the lowest priority: whatever else has work to do comes first.
func burn(ctx context.Context) error {
	cores := runtime.NumCPU()
	// One more, so that the end of the context is noticed.
	runtime.GOMAXPROCS(cores + 1)
	for range cores {
		go func() {
			// On Linux a priority is a thread's.
			runtime.LockOSThread()
			if err := unix.Setpriority(unix.PRIO_PROCESS, 0, 19); err != nil {
				fmt.Fprintln(os.Stderr, "the priority cannot be lowered:", err)
			}
			for ctx.Err() == nil {
			}
		}()
	}
	<-ctx.Done()
	return nil
}

// thrashSize is the size of the file that thrash reads.
const thrashSize = 16 << 20

// thrash reads at most so many pages a second of a file in the folder, each from the disk again.
func thrash(ctx context.Context, folder string, rate int) error {
	file, err := os.CreateTemp(folder, "drill-*")
	if err != nil {
		return err
	}
	defer file.Close()
	if err := os.Remove(file.Name()); err != nil {
		return err
	}
	// Not zeros, which some file systems do not write.
	if _, err := io.CopyN(file, rand.Reader, thrashSize); err != nil {
		return err
	}
	if err := file.Sync(); err != nil { // only what is on the disk can leave memory
		return err
	}
	pages, err := unix.Mmap(int(file.Fd()), 0, thrashSize, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Munmap(pages) }()
	if err := unix.Madvise(pages, unix.MADV_RANDOM); err != nil { // one page at a time, none ahead
		return err
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	size, batch, sum := os.Getpagesize(), rate/10, byte(0)
	for {
		if err := errors.Join(unix.Madvise(pages, unix.MADV_DONTNEED), unix.Fadvise(int(file.Fd()), 0, thrashSize, unix.FADV_DONTNEED)); err != nil {
			return err
		}
		for page := range thrashSize / size {
			sum += pages[page*size]
			if page%batch > 0 {
				continue
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				runtime.KeepAlive(sum) // the reads are not left out
				return nil
			}
		}
	}
}

// crash ends with an error after a time.
func crash(ctx context.Context, after time.Duration) error {
	select {
	case <-time.After(after):
		return errEnds
	case <-ctx.Done():
		return nil
	}
}
