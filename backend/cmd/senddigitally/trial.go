package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"senddigitally/backend/config"
	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/demo"
)

type sandboxCommand struct {
	Dir     string `help:"Where data lies; a temporary folder, removed at the end, when not given." type:"path"`
	Outlook string `help:"Address of the simulated Outlook." default:"127.0.0.1:8440"`
	Staff   string `help:"Address of add-in, API and staff's pages." default:"127.0.0.1:8441"`
	Portal  string `help:"Address of the recipients' pages." default:"127.0.0.1:8442"`
	Verbose bool   `short:"v" help:"Log every request."`
}

// Run serves the trial until it is interrupted.
func (c *sandboxCommand) Run(ctx context.Context) error {
	level := slog.LevelWarn
	if c.Verbose {
		level = slog.LevelInfo
	}
	log := config.Logger(os.Stderr, config.Log{Level: level.String(), Format: "text"})
	s, err := sandbox.Start(ctx, sandbox.Options{Dir: c.Dir, Outlook: c.Outlook, Staff: c.Staff, Page: c.Portal, Log: log, CollectEvery: 3 * time.Second})
	if err != nil {
		return fmt.Errorf("%w\n(another trial running? choose other addresses: see senddigitally sandbox --help)", err)
	}
	fmt.Printf(`
Send Digitally is running on this machine, with everything around it simulated.

  Open this in your browser:   %s

  1. Write a message to citizen@post.example and attach a file.
  2. Press “Send Digitally” and send. Note the code.
  3. Switch to the citizen's mailbox, open the link, enter the code, reply.
  4. Find the reply in the function mailbox that you chose.

  Without Outlook:             %s/send

  Sign in as the caseworker and write to colleague@municipality.example, who
  signs in at the link in her mailbox and finds it among what she has received.

`, s.OutlookURL, s.StaffURL)
	if warning := s.RedisKind.Warning(); warning != "" {
		fmt.Println("  " + warning + "\n")
	}
	fmt.Println("  Ctrl-C ends it.")
	<-ctx.Done()
	fmt.Println("\nStopping.")
	return s.Close()
}

type demoCommand struct {
	Files []string `arg:"" name:"file" help:"Files to send." type:"existingfile"`
}

// Run does the job in a sandbox of its own.
func (c *demoCommand) Run(ctx context.Context) error {
	log := config.Logger(os.Stderr, config.Log{Level: "warn", Format: "text"})
	s, err := sandbox.Start(ctx, sandbox.Options{Log: log})
	if err != nil {
		return err
	}
	defer s.Close()
	if warning := s.RedisKind.Warning(); warning != "" {
		fmt.Println(warning)
	}
	if err := demo.Run(ctx, s, os.Stdout, c.Files); err != nil {
		return err
	}
	fmt.Println("Everything held.")
	return nil
}
