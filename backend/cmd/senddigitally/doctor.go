package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"senddigitally/backend/app/doctor"
)

type doctorCommand struct {
	configured
	JSON     bool          `name:"json" help:"For machines."`
	Patience time.Duration `help:"How long to wait for each thing that is looked at." default:"10s"`
}

// Run examines the installation; what is broken gives exit code 1.
func (c *doctorCommand) Run(ctx context.Context) error {
	d := &doctor.Doctor{HTTP: http.DefaultClient, Clock: time.Now, Patience: c.Patience}
	report := d.Examine(ctx, c.Config, os.Environ())
	write := report.Text
	if c.JSON {
		write = report.JSON
	}
	if err := write(os.Stdout); err != nil {
		return err
	}
	if !report.Healthy {
		return errors.New("something is broken")
	}
	return nil
}
