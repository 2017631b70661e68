package trial_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"senddigitally/backend/ledger"
	"senddigitally/backend/ledger/trial"
)

func open(t *testing.T, url string, trust bool) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(t.Context(), ledger.Options{URL: url, Installation: "trial", TrustPersistence: trust})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func needServer(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is not installed")
	}
}

func start(t *testing.T, dir string) (url string, stop func()) {
	t.Helper()
	url, stop, kind, err := trial.Trial(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	if kind != trial.Real || kind.Warning() != "" {
		t.Fatal(kind, kind.Warning())
	}
	return url, stop
}

func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "trial")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func TestTrialKeepsItsDataOnASocketOrAPort(t *testing.T) {
	needServer(t)
	long := filepath.Join(shortDir(t), strings.Repeat("long", 30))
	for scheme, dir := range map[string]string{"unix": shortDir(t), "redis": long} {
		url, stop := start(t, dir)
		if !strings.HasPrefix(url, scheme+"://") {
			t.Errorf("%s for %s", url, dir)
		}
		if err := open(t, url, false).Rebuilt(t.Context()); err != nil {
			t.Fatal(err)
		}
		stop()
		url, _ = start(t, dir)
		if err := open(t, url, false).Check(t.Context()); err != nil {
			t.Fatalf("after a restart: %v", err)
		}
	}
}

func TestTrialRetiresWhatWasLeftBehind(t *testing.T) {
	needServer(t)
	dir := shortDir(t)
	left, err := trial.Start(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(left.Stop)
	start(t, dir)
	for deadline := time.Now().Add(5 * time.Second); syscall.Kill(left.PID(), 0) == nil; {
		if time.Now().After(deadline) {
			t.Fatal("the server of an earlier run is still there")
		}
	}
}

func TestTrialSaysWhyRedisDoesNotStart(t *testing.T) {
	needServer(t)
	began := time.Now()
	if _, err := trial.Start(t.Context(), shortDir(t), "--no-such-setting", "1"); err == nil {
		t.Fatal("started")
	} else if time.Since(began) > 5*time.Second {
		t.Fatal("took too long to notice")
	}
}

func TestTrialWithoutAServerIsEmbeddedAndSaysSo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	url, stop, kind, err := trial.Trial(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if kind != trial.Embedded || !strings.Contains(kind.Warning(), "NOTHING SURVIVES") {
		t.Fatal(kind)
	}
	l := open(t, url, true)
	if err := l.Rebuilt(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
}
