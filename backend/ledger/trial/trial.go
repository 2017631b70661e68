// Package trial starts a Redis for one process on one machine, so that the
// product can be tried with one command: a redis-server when the machine has
// one, and an embedded stand-in when not.
//
// Invariant: only this process's user can reach it, and it ends with this
// process.
//
// Failure: a redis-server that is there and does not start is an error, not a
// reason to use the stand-in, which forgets everything.
package trial

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// Kind tells what was started.
type Kind string

// The kinds. Embedded keeps nothing across a restart and its persistence cannot
// be checked: say so loudly.
const (
	Real     Kind = "redis-server"
	Embedded Kind = "embedded"
)

// Warning is what to tell people about a kind; empty when there is nothing.
func (k Kind) Warning() string {
	if k == Embedded {
		return "redis-server is not installed: the ledger is kept in memory and NOTHING SURVIVES A RESTART"
	}
	return ""
}

// Trial starts a Redis that keeps its data in dir (created when missing) and
// returns its URL and how to stop it.
func Trial(ctx context.Context, dir string) (url string, stop func(), kind Kind, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, "", err
	}
	s, err := Start(ctx, dir)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return embedded()
	case err != nil:
		return "", nil, "", err
	}
	return s.URL, s.Stop, Real, nil
}

// embedded moves the stand-in's time along: by itself it has none.
func embedded() (string, func(), Kind, error) {
	m, err := miniredis.Run()
	if err != nil {
		return "", nil, "", err
	}
	const step = 10 * time.Millisecond
	ticker, done := time.NewTicker(step), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				m.FastForward(step)
			case <-done:
				return
			}
		}
	}()
	stop := func() { ticker.Stop(); close(done); m.Close() }
	return "redis://" + m.Addr(), stop, Embedded, nil
}
