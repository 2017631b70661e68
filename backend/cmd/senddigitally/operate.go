package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/access/trail"
	"senddigitally/backend/app"
	"senddigitally/backend/config"
	"senddigitally/backend/keys"
	"senddigitally/backend/recovering"
	"senddigitally/manifest"
)

// configured is what commands that need a configuration share.
type configured struct {
	Config string `short:"c" help:"Configuration file; settings may also come from SENDDIGITALLY_… variables." type:"path"`
}

func (c configured) load() (config.Config, error) { return config.Load(c.Config, os.Environ()) }

type serveCommand struct{ configured }

// Run serves until it is told to stop; SIGHUP reloads the routing files.
func (c *serveCommand) Run(ctx context.Context) error {
	settings, err := c.load()
	if err != nil {
		return err
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	reload := make(chan struct{})
	go func() {
		for range hangup {
			select {
			case reload <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return app.Serve(ctx, settings, config.Logger(os.Stderr, settings.Log), reload)
}

type rebuildCommand struct {
	configured
	Force bool `help:"Declare the ledger whole although something could not be read."`
}

// Run rebuilds the ledger and prints what was found.
func (c *rebuildCommand) Run(ctx context.Context) error {
	settings, err := c.load()
	if err != nil {
		return err
	}
	opened, err := app.Open(ctx, settings, config.Logger(os.Stderr, settings.Log))
	if err != nil {
		return err
	}
	defer opened.Close()
	system, err := app.New(opened.Setup)
	if err != nil {
		return err
	}
	system.Recovering.Actor = access.Operator("rebuild")
	last := time.Now()
	report, err := system.Recovering.Rebuild(ctx, c.Force, func(r recovering.Report) {
		if time.Since(last) > time.Second {
			last = time.Now()
			fmt.Printf("%d restored, %d unfinished, %d unreadable …\n", r.Restored, r.Unfinished, r.Failed)
		}
	})
	fmt.Printf("%d restored, %d erased ones, %d unfinished, %d unreadable\n", report.Restored, report.Tombstones, report.Unfinished, report.Failed)
	return err
}

type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Find edits, removals and reorderings; with anchors also truncation."`
}

type auditVerify struct {
	configured
	Anchors string `help:"File with heads printed by an earlier run, kept elsewhere." type:"existingfile"`
}

// Run verifies the audit log and prints the heads to anchor next.
func (c *auditVerify) Run(ctx context.Context) error {
	settings, err := c.load()
	if err != nil {
		return err
	}
	ring, err := keys.Load(settings.Storage.Keyring)
	if err != nil {
		return err
	}
	var anchors []trail.Head
	if c.Anchors != "" {
		data, err := os.ReadFile(c.Anchors)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(data, &anchors); err != nil {
			return fmt.Errorf("%s: %w", c.Anchors, err)
		}
	}
	if err := admit(ctx, settings.Audit.Directory, ring); err != nil {
		return err
	}
	report, err := trail.Verify(settings.Audit.Directory, ring.Derive("audit"), anchors)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d files, %d lines\n", report.Files, report.Lines)
	for _, finding := range report.Findings {
		fmt.Fprintln(os.Stderr, finding)
	}
	if !report.Intact() {
		return errors.New("the audit log is not intact")
	}
	return json.NewEncoder(os.Stdout).Encode(report.Heads)
}

// admit audits that the audit log is read, in the log itself.
func admit(ctx context.Context, directory string, ring *keys.Ring) error {
	audit, err := trail.Open(directory, ring.Derive("audit"), time.Now)
	if err != nil {
		return err
	}
	gate := access.New(audit, ring.Namer())
	return errors.Join(gate.Check(ctx, access.Operator("audit verify"), access.ReadTrail, access.Resource{}), audit.Close())
}

type configCommand struct {
	Reference configReference `cmd:"" help:"Print the reference table (Markdown)."`
	Sample    configSample    `cmd:"" help:"Print a commented sample (YAML)."`
	Check     configCheck     `cmd:"" help:"Check a configuration without starting."`
}

type configReference struct{}

// Run prints the reference.
func (configReference) Run() error { return print(config.Reference()) }

type configSample struct{}

// Run prints the sample.
func (configSample) Run() error { return print(config.Sample()) }

type configCheck struct{ configured }

// Run checks a configuration.
func (c *configCheck) Run() error {
	if _, err := c.load(); err != nil {
		return err
	}
	fmt.Println("the configuration is complete and safe to start with")
	return nil
}

type manifestCommand struct {
	configured
	Check bool   `help:"Say only whether Outlook would take the manifests."`
	Dir   string `help:"Write manifest.xml, and the unified manifest with its texts, into this folder." type:"path"`
}

// Run prints the XML manifest, checks both, or writes the files of both.
func (c *manifestCommand) Run() error {
	settings, err := c.load()
	if err != nil {
		return err
	}
	definition := app.Definition(settings)
	xml, err := manifest.XML(definition)
	if err != nil {
		return err
	}
	if !c.Check && c.Dir == "" {
		return print(xml)
	}
	document, files, err := manifest.Unified(definition)
	if err != nil {
		return err
	}
	if c.Dir == "" {
		return print([]byte("both manifests are complete\n"))
	}
	files["manifest.xml"], files["manifest.json"] = xml, document
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(c.Dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func print(text []byte) error {
	_, err := os.Stdout.Write(text)
	return err
}
