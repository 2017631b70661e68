package file

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"senddigitally/routing"
)

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// otherSample routes potholes elsewhere.
func otherSample() []byte {
	return bytes.Replace(Sample, []byte("category: Roads"), []byte("category: Streets"), 1)
}

// Case 74: a broken file is reloaded: the old set stays in force, and the error
// is visible until the file is right again.
func TestCase74BrokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "routing.yaml")
	write(t, path, Sample)
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		current, err := Open(path, start)
		if err != nil {
			t.Fatal(err)
		}
		old := current.State().Set
		var reports []error
		w := &Watcher{Path: path, Current: current, Every: time.Second, Clock: time.Now, Report: func(err error) { reports = append(reports, err) }}
		ctx, cancel := context.WithCancel(t.Context())
		go w.Run(ctx)
		turn := func() { time.Sleep(2500 * time.Millisecond); synctest.Wait() }

		turn()
		write(t, path, bytes.Replace(Sample, []byte("topic: roads"), []byte("topic: streets"), 1))
		turn()
		state := current.State()
		var problems Problems
		if state.Set != old || !errors.As(state.Failure, &problems) || problems[0].Code != routing.CodeUnknownTopic || problems[0].Line == 0 || state.FailedAt.IsZero() {
			t.Errorf("broken: %+v", state)
		}
		if d := current.Decide(routing.Input{Subject: "a pothole"}); d.Topic != "roads" {
			t.Errorf("the old set should decide: %+v", d)
		}

		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		turn()
		if state := current.State(); state.Set != old || !errors.Is(state.Failure, fs.ErrNotExist) {
			t.Errorf("gone: %+v", state)
		}

		write(t, path, otherSample())
		turn()
		state = current.State()
		if state.Set == old || state.Failure != nil || !state.Since.After(start) {
			t.Errorf("right again: %+v", state)
		}
		if len(reports) != 4 || reports[0] != nil || reports[1] == nil || reports[2] == nil || reports[3] != nil {
			t.Errorf("each change is reported once: %v", reports)
		}
		cancel()
	})
}

func TestWatcherReloadsWhenAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "routing.yaml")
	write(t, path, Sample)
	synctest.Test(t, func(t *testing.T) {
		current, err := Open(path, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		old, now := current.State().Set, make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		go (&Watcher{Path: path, Current: current, Every: 24 * time.Hour, Now: now, Clock: time.Now}).Run(ctx)
		write(t, path, otherSample())
		now <- struct{}{}
		synctest.Wait()
		if current.State().Set == old {
			t.Error("asked, but not reloaded")
		}
		cancel()
	})
}

func TestOpenRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "routing.yaml")
	if _, err := Open(path, time.Now()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	write(t, path, []byte("tenant: x\n"))
	var problems Problems
	if _, err := Open(path, time.Now()); !errors.As(err, &problems) {
		t.Errorf("a bad file: %v", err)
	}
}
