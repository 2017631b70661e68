package e2e_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"net"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"senddigitally/backend/app"
	"senddigitally/backend/blob"
	"senddigitally/backend/ledger"
)

// mortal is a second process over the sandbox's stores that is killed at a
// named moment: from then on it changes and learns nothing any more. What it has
// asked of Outlook by then stands.
type mortal struct {
	*app.System
	staff string // its API's address
	dead  atomic.Bool
}

var errKilled = errors.New("the process was killed")

// moment is when a process dies: before or after a blob is put.
type moment struct {
	name  func(blob string) bool
	after bool
}

// at is the moment at the put of a transfer's manifest, or n-th journal entry.
func at(ending string, after bool) moment {
	return moment{func(name string) bool { return strings.HasSuffix(name, ending) }, after}
}

func (w *world) mortal(m moment) *mortal {
	w.t.Helper()
	p := &mortal{}
	setup := w.Setup
	setup.Blobs = &mortalStore{setup.Blobs, p, m}
	setup.KeyRecords = &mortalStore{setup.KeyRecords, p, moment{name: func(string) bool { return false }}}
	setup.Worker = "mortal"
	address, err := redis.ParseURL(w.RedisURL)
	must(w.t, err)
	client := redis.NewClient(address)
	client.AddHook(mortalHook{p})
	w.t.Cleanup(func() { _ = client.Close() })
	setup.Ledger, err = ledger.Open(w.t.Context(), ledger.Options{Client: client, Installation: setup.Ring.Installation(), Clock: w.now,
		Poll: 10 * time.Millisecond})
	must(w.t, err)
	p.System, err = app.New(setup)
	must(w.t, err)
	server := httptest.NewServer(p.Staff)
	w.t.Cleanup(server.Close)
	p.staff = server.URL
	return p
}

// dies waits until the moment has come.
func (w *world) dies(p *mortal) {
	w.t.Helper()
	w.until("the process is killed", p.dead.Load)
}

type mortalStore struct {
	blob.Store
	process *mortal
	moment  moment
}

func (s *mortalStore) Put(ctx context.Context, name string, r io.Reader) (int64, error) {
	if s.process.dead.Load() {
		return 0, errKilled
	}
	if !s.moment.name(name) {
		return s.Store.Put(ctx, name, r)
	}
	defer s.process.dead.Store(true)
	if s.moment.after {
		_, _ = s.Store.Put(ctx, name, r)
	}
	return 0, errKilled
}

func (s *mortalStore) Delete(ctx context.Context, name string) error {
	if s.process.dead.Load() {
		return errKilled
	}
	return s.Store.Delete(ctx, name)
}

func (s *mortalStore) List(ctx context.Context, prefix, after string) iter.Seq2[string, error] {
	if s.process.dead.Load() {
		return func(yield func(string, error) bool) { yield("", errKilled) }
	}
	return s.Store.List(ctx, prefix, after)
}

type mortalHook struct{ process *mortal }

func (h mortalHook) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

func (h mortalHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, c redis.Cmder) error {
		if h.process.dead.Load() {
			return errKilled
		}
		return next(ctx, c)
	}
}

func (h mortalHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, c []redis.Cmder) error {
		if h.process.dead.Load() {
			return errKilled
		}
		return next(ctx, c)
	}
}
