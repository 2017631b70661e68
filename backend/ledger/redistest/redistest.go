// Package redistest gives tests a real redis-server of their own, in a
// temporary directory, stopped by its process id when the test ends.
//
// Invariant: nothing of one test is seen by another. Failure: where there is no
// redis-server the test is skipped, with the reason.
package redistest

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"senddigitally/backend/ledger/trial"
)

// Start starts a redis-server, with further settings as on its command line,
// for the duration of a test.
func Start(t testing.TB, settings ...string) *trial.Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is not installed")
	}
	dir, err := os.MkdirTemp("", "redis") // t.TempDir's path is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	s, err := trial.Start(context.Background(), dir, settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(); _ = os.RemoveAll(dir) })
	return s
}
