package reading_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"senddigitally/backend/reading"
	"senddigitally/backend/transfer"
)

// book notes until when each reader goes on.
type book struct {
	mu    sync.Mutex
	until map[string]time.Time
	told  int
	err   error
}

func (b *book) Reading(_ context.Context, _ transfer.ID, reader string, until time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told++
	if b.until[reader] = until; until.IsZero() {
		delete(b.until, reader)
	}
	return b.err
}

// read reports whether somebody reads, as the sweep sees it, and how often the
// ledger was told.
func (b *book) read() (bool, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, until := range b.until {
		if time.Now().Before(until) {
			return true, b.told
		}
	}
	return false, b.told
}

type empty struct{}

func (empty) ReadFile(context.Context, *transfer.Dossier, transfer.File) (io.ReadSeekCloser, error) {
	return nil, nil
}

// open begins a reading of what expires in a while.
func open(t *testing.T, b *book, expires time.Duration) (end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	d := &transfer.Dossier{State: transfer.State{ExpiresAt: time.Now().Add(expires)}}
	x := &reading.Reading{Vault: empty{}, Ledger: b, Clock: time.Now, Log: slog.New(slog.DiscardHandler)}
	if _, err := x.ReadFile(ctx, d, transfer.File{}); err != nil {
		t.Fatal(err)
	}
	return func() { cancel(); synctest.Wait() }
}

func TestAReadingIsKnownFromBeforeTheExpiryUntilItEnds(t *testing.T) {
	for _, expires := range []time.Duration{0, time.Second, time.Minute, 75 * time.Second, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			b := &book{until: map[string]time.Time{}}
			end := open(t, b, expires)
			time.Sleep(expires)
			for range 100 { // of the sweeps that come by
				if known, _ := b.read(); !known {
					t.Fatalf("of what expires in %s nobody knows that it is read", expires)
				}
				time.Sleep(10 * time.Second)
			}
			end()
			if known, _ := b.read(); known {
				t.Error("it has ended, and nobody knows")
			}
			_, before := b.read()
			time.Sleep(time.Hour)
			if _, after := b.read(); after != before {
				t.Error("the ledger is told of what has ended")
			}
		})
	}
}

func TestAShortReadingFarFromTheExpiryCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{until: map[string]time.Time{}}
		end := open(t, b, time.Hour)
		time.Sleep(29 * time.Second)
		end()
		time.Sleep(time.Hour)
		if _, told := b.read(); told != 0 {
			t.Errorf("the ledger was told %d times", told)
		}
	})
}

func TestAReadingGoesOnWithoutTheLedgerAndIsToldAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{until: map[string]time.Time{}, err: errors.New("down")}
		end := open(t, b, 0)
		defer end()
		time.Sleep(31 * time.Second)
		if _, told := b.read(); told != 2 {
			t.Errorf("the ledger was told %d times", told)
		}
	})
}

func TestWhatIsHeldBackIsReadByNobody(t *testing.T) {
	x := &reading.Reading{Vault: empty{}, Ledger: &book{until: map[string]time.Time{}}, Clock: time.Now, Log: slog.New(slog.DiscardHandler)}
	d := &transfer.Dossier{Manifest: transfer.Manifest{Quarantine: true}}
	if _, err := x.ReadFile(t.Context(), d, transfer.File{ID: "u1"}); transfer.CodeOf(err) != transfer.Quarantined {
		t.Errorf("before the check: %v", err)
	}
	d.State.Check = transfer.Check{At: time.Now(), Findings: []transfer.Finding{{File: "u1", Code: transfer.Infected}}}
	if _, err := x.ReadFile(t.Context(), d, transfer.File{ID: "u1"}); transfer.CodeOf(err) != transfer.Infected {
		t.Errorf("of malware: %v", err)
	}
	if _, err := x.ReadFile(t.Context(), d, transfer.File{ID: "u2"}); err != nil {
		t.Errorf("of a clean file beside it: %v", err)
	}
}
