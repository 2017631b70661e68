// Command senddigitally is Send Digitally: the server, its trial, and the
// operator's tools.
//
// Invariant: no command changes anything without being told to; what fails ends
// with a sentence on standard error and exit code 1.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/config"
)

type commands struct {
	Serve    serveCommand    `cmd:"" help:"Run the product with a configuration file."`
	Sandbox  sandboxCommand  `cmd:"" help:"Run the trial: the product with a local Entra, Graph and Outlook, on this machine only."`
	Demo     demoCommand     `cmd:"" help:"Do the main job once without a browser, with real files."`
	Doctor   doctorCommand   `cmd:"" help:"Say what is wrong with the installation, and how to mend it."`
	Rebuild  rebuildCommand  `cmd:"" help:"Bring the ledger back from the vault, after Redis was lost."`
	Keys     keysCommand     `cmd:"" help:"Make, list, rotate and verify key-encryption keys."`
	Audit    auditCommand    `cmd:"" help:"Verify the audit log."`
	Config   configCommand   `cmd:"" help:"Reference, sample and check of the configuration."`
	Routing  routingCommand  `cmd:"" help:"Check a routing file, explain a decision, simulate other rules."`
	Manifest manifestCommand `cmd:"" help:"Print the add-in's manifest for a configuration."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "senddigitally:", spoken(err, os.Getenv))
		os.Exit(1)
	}
}

// spoken is an error as it is shown: problems of the configuration in the
// language of the caller's locale (POSIX.1-2017, 8.2).
func spoken(err error, getenv func(string) string) string {
	problems, ok := errors.AsType[config.Problems](err)
	if !ok {
		return err.Error()
	}
	locale, _, _ := strings.Cut(cmp.Or(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG")), ".")
	return problems.In(catalogue.For(strings.ReplaceAll(locale, "_", "-")))
}

func run(ctx context.Context, args []string) error {
	var all commands
	parser, err := kong.New(&all, kong.Name("senddigitally"), kong.Description("Send messages and files safely from Outlook, and bring the reply to the right function mailbox."),
		kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if err != nil {
		return err
	}
	return command.Run()
}
