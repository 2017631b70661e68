// Package e2e_test runs the whole product — API, portal, workers, sweeps, vault,
// a real redis-server — against the sandbox's Entra, Graph and Outlook, and
// breaks it in the ways that the product says to withstand. A test of a numbered
// case is named after it.
//
// Invariant: the product is used from outside, over HTTP and mail; where a
// process must die, a second System over the same stores takes its place.
//
// Failure: without redis-server a test is skipped, with the reason.
package e2e_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/app"
	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/transfer"
)

// patience bounds every wait.
const patience = 20 * time.Second

// world is a sandbox with a clock that can be put forward.
type world struct {
	*sandbox.Sandbox
	t       *testing.T
	redis   *redis.Client
	log     *safeBuffer
	ahead   atomic.Int64 // of the real time
	answers *safeBuffer  // all that was answered, but for link pages
}

// safeBuffer may be written to from everywhere.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newWorld(t *testing.T, change ...func(*sandbox.Options)) *world {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is not installed")
	}
	dir, err := os.MkdirTemp("", "e2e") // t.TempDir's path is too long for a socket
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w := &world{t: t, log: &safeBuffer{}, answers: &safeBuffer{}}
	o := sandbox.Options{Dir: dir, Clock: w.now, SweepEvery: time.Hour,
		Log: slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, c := range change {
		c(&o)
	}
	w.Sandbox, err = sandbox.Start(t.Context(), o)
	must(t, err)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	address, err := redis.ParseURL(w.RedisURL)
	must(t, err)
	w.redis = redis.NewClient(address)
	t.Cleanup(func() { _ = w.redis.Close() })
	return w
}

// idle leaves jobs and sweeps to the test.
func idle(o *sandbox.Options) { o.Idle = true }

func (w *world) now() time.Time { return time.Now().UTC().Add(time.Duration(w.ahead.Load())) }

// pass lets time pass for everything but Redis.
func (w *world) pass(d time.Duration) { w.ahead.Add(int64(d)) }

// work runs a system's workers until stop is called or the test ends.
func (w *world) work(s *app.System) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { s.Work(ctx); close(ended) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	w.t.Cleanup(stop)
	return stop
}

// until asks again and again until something holds.
func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	tick, deadline := time.NewTicker(10*time.Millisecond), time.Now().Add(patience)
	defer tick.Stop()
	for ; !holds(); <-tick.C {
		if time.Now().After(deadline) {
			w.t.Fatalf("within %s it did not come about that %s\n%s", patience, what, w.warnings())
		}
	}
}

// warnings are the log without the requests, which are many.
func (w *world) warnings() string {
	var kept []string
	for line := range strings.Lines(w.log.String()) {
		if !strings.Contains(line, `"msg":"request"`) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// inbox is what lies in an inbox and has a text in its body, newest first.
func (w *world) inbox(mailbox, text string) []mail.Message {
	w.t.Helper()
	found, err := w.Mail.Messages(mailbox, mail.Inbox, func(m *mail.Message) bool { return strings.Contains(m.Body, text) })
	if err != nil { // an external mailbox comes into being with its first mail
		return nil
	}
	return found
}

// invited are the mails with a link in an inbox.
func (w *world) invited(mailbox string) []mail.Message {
	w.t.Helper()
	return w.inbox(mailbox, w.PortalURL+"/l/")
}

// storedBlobs are the names of the blobs of one transfer or reply, and of its
// key records.
func (w *world) storedBlobs(id transfer.ID) (blobs, keys []string) {
	for _, at := range []struct {
		folder string
		names  *[]string
	}{{"vault", &blobs}, {"keys", &keys}} {
		for _, name := range w.files(at.folder) {
			if strings.Contains(name, string(id)) && !strings.Contains(name, "/erased/") {
				*at.names = append(*at.names, name)
			}
		}
	}
	return blobs, keys
}

// files are the paths of all files below a folder of the data directory.
func (w *world) files(folder string) []string {
	w.t.Helper()
	var all []string
	must(w.t, filepath.WalkDir(filepath.Join(w.Dir, folder), func(path string, entry os.DirEntry, err error) error {
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		if entry != nil && entry.Type().IsRegular() {
			all = append(all, path)
		}
		return nil
	}))
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
