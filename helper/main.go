// cloudnova-helper runs beside applications: it makes Secrets and backups, copies itself into the pods of other images, and is what the
// pods of a drill run.
//
//	cloudnova-helper secrets PLAN
//	cloudnova-helper install FOLDER
//	cloudnova-helper drill COMMAND
//	cloudnova-helper --version
//
// It ends with 1 and one message when something fails, and with 2 when its command line is wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"cloudnova.dev/helper/backup"
	"cloudnova.dev/helper/drill"
	"cloudnova.dev/helper/install"
	"cloudnova.dev/helper/secrets"
)

// version is the tag of the image (src/versions.ts).
const version = "0.1.0"

// errUsage says that the command line is wrong.
var errUsage = errors.New("wrong number of arguments")

// command is one subcommand. Its context ends on SIGTERM and on SIGINT.
type command struct {
	name, arguments, does string
	run                   func(ctx context.Context, arguments []string) error
}

var commands = []command{
	{"secrets", "PLAN", "create the Secrets that are absent, renew certificates", one(secrets.Run)},
	{"backup", backup.Usage, "make, prove and restore backups", backup.Run},
	{"install", "FOLDER", "copy this program into FOLDER", one(install.Run)},
	{"drill", drill.Usage, "receive the notifications of a drill, or break something for one", drill.Run},
}

// one is a command with exactly one argument.
func one(run func(ctx context.Context, argument string) error) func(context.Context, []string) error {
	return func(ctx context.Context, arguments []string) error {
		if len(arguments) != 1 {
			return errUsage
		}
		return run(ctx, arguments[0])
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, arguments []string) int {
	if len(arguments) == 1 && arguments[0] == "--version" {
		fmt.Println("cloudnova-helper", version)
		return 0
	}
	if len(arguments) > 0 {
		for _, command := range commands {
			if command.name != arguments[0] {
				continue
			}
			err := command.run(ctx, arguments[1:])
			switch {
			case err == nil:
				return 0
			case errors.Is(err, errUsage):
				fmt.Fprintf(os.Stderr, "usage: cloudnova-helper %s %s\n", command.name, command.arguments)
				return 2
			default:
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
		}
	}
	fmt.Fprintln(os.Stderr, "usage: cloudnova-helper COMMAND")
	for _, command := range commands {
		fmt.Fprintf(os.Stderr, "  %s %s: %s\n", command.name, command.arguments, command.does)
	}
	return 2
}
