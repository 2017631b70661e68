// Package reading lets whoever has begun to read a file read it to its end,
// although the transfer or reply expires meanwhile: while a request reads, it
// tells the ledger so, and the sweep leaves the bytes until it has ended.
//
// Invariant: what is held back for malware is read by nobody. Only the bytes wait. The key record goes at the expiry as ever, so
// that nobody else can begin; who reads has the key in memory. A withdrawal
// waits for nobody.
//
// Failure: what the ledger does not hear, or a process that is killed, lapses
// by itself; then a reading across the expiry breaks off visibly.
package reading

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"sync"
	"time"

	"senddigitally/backend/transfer"
)

// A reading is told to the ledger every so often, so that short ones, which are
// most, cost nothing; near the expiry at once.
const (
	every  = 30 * time.Second
	lasts  = 3 * every
	margin = time.Minute
)

// Vault reads files.
type Vault interface {
	ReadFile(ctx context.Context, d *transfer.Dossier, f transfer.File) (io.ReadSeekCloser, error)
}

// Ledger hears who reads.
type Ledger interface {
	// Reading says that a reader goes on until a moment; with the zero time, that
	// it has ended.
	Reading(ctx context.Context, id transfer.ID, reader string, until time.Time) error
}

// Reading is a Vault whose readings last.
type Reading struct {
	Vault  Vault
	Ledger Ledger
	Clock  func() time.Time
	Log    *slog.Logger
}

// ReadFile opens a file, or says why it is held back (Dossier.Withholds). The reading lasts until ctx ends, not only until the
// file is closed: an archive of several files is one.
func (x *Reading) ReadFile(ctx context.Context, d *transfer.Dossier, f transfer.File) (io.ReadSeekCloser, error) {
	if err := d.Withholds(f.ID); err != nil {
		return nil, err
	}
	if !d.State.ExpiresAt.IsZero() {
		x.stay(ctx, d)
	}
	return x.Vault.ReadFile(ctx, d, f)
}

func (x *Reading) stay(ctx context.Context, d *transfer.Dossier) {
	s := &stay{Reading: x, id: d.Manifest.ID, reader: rand.Text()}
	if wait := min(every, d.State.ExpiresAt.Add(-margin).Sub(x.Clock())); wait > 0 {
		s.wait(wait)
	} else {
		s.tell()
	}
	context.AfterFunc(ctx, s.end)
}

// stay is one reading.
type stay struct {
	*Reading
	id     transfer.ID
	reader string

	mu    sync.Mutex
	next  *time.Timer
	told  bool
	ended bool
}

func (s *stay) wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = time.AfterFunc(d, s.tell)
}

func (s *stay) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.told = true
	s.report(s.Clock().Add(lasts))
	s.next = time.AfterFunc(every, s.tell)
}

func (s *stay) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	if s.next != nil {
		s.next.Stop()
	}
	if s.told {
		s.report(time.Time{})
	}
}

// report is not bound to the request, whose end it may have to tell.
func (s *stay) report(until time.Time) {
	if err := s.Ledger.Reading(context.Background(), s.id, s.reader, until); err != nil {
		s.Log.Warn("a reading is not noted; it breaks off if its bytes expire meanwhile", "transfer", s.id, "cause", err)
	}
}
