// Package install copies this program into a folder, so that a container of another image can run it.
package install

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Name of the program in the folder.
const Name = "cloudnova-helper"

// Run copies the running program to folder/cloudnova-helper, executable for all users. What is there is replaced at once, so
// that an init container can run again.
func Run(_ context.Context, folder string) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("install: this program's own file is not known: %w", err)
	}
	if err := copyProgram(program, filepath.Join(folder, Name)); err != nil {
		return fmt.Errorf("install: the folder must exist and be writable: %w", err)
	}
	return nil
}

func copyProgram(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	part, err := os.CreateTemp(filepath.Dir(to), ".cloudnova-helper-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(part.Name())
		}
	}()
	_, err = io.Copy(part, source)
	if err == nil {
		err = part.Chmod(0o555)
	}
	if closed := part.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(part.Name(), to)
	}
	return err
}
