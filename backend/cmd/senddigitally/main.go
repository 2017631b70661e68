// Command senddigitally is Send Digitally: the server, its trial, and the
// operator's tools.
//
// Invariant: no command changes anything without being told to; what fails ends
// with a sentence on standard error and exit code 1.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
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
		fmt.Fprintln(os.Stderr, "senddigitally:", err)
		os.Exit(1)
	}
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
