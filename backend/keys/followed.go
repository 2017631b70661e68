package keys

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
)

// Followed is a keyring as a [KEK] for a process that runs on while another one
// rotates: its file is read again when a key is met that it lacks, and before
// anything is wrapped, so that nothing comes under a key that has been dropped.
// A file that cannot be read, or is another installation's, changes nothing.
type Followed struct {
	path string
	log  *slog.Logger
	ring atomic.Pointer[Ring]
}

// Follow follows the file that a ring was loaded from.
func Follow(path string, ring *Ring, log *slog.Logger) *Followed {
	f := &Followed{path: path, log: log}
	f.ring.Store(ring)
	return f
}

// Primary implements KEK.
func (f *Followed) Primary(tenant string) string { return f.ring.Load().Primary(tenant) }

// Wrap implements KEK.
func (f *Followed) Wrap(ctx context.Context, tenant, id string, plaintext []byte) (Wrapped, error) {
	return f.readAgain().Wrap(ctx, tenant, id, plaintext)
}

// Unwrap implements KEK.
func (f *Followed) Unwrap(ctx context.Context, tenant, id string, w Wrapped) ([]byte, error) {
	ring := f.ring.Load()
	if !slices.ContainsFunc(ring.content.KEKs, func(k ringKEK) bool { return k.ID == w.KEK }) {
		ring = f.readAgain()
	}
	return ring.Unwrap(ctx, tenant, id, w)
}

func (f *Followed) readAgain() *Ring {
	before := f.ring.Load()
	now, err := Load(f.path)
	if err == nil && (now.Installation() != before.Installation() || !bytes.Equal(now.content.Root, before.content.Root)) {
		err = errors.New("the keyring is another installation's")
	}
	if err != nil {
		f.log.Error("the keyring was not read again; the keys before stay in use", "cause", err)
		return before
	}
	if slices.Equal(now.KEKs(), before.KEKs()) {
		return before
	}
	f.ring.Store(now)
	f.log.Info("the keyring has changed and was read again", "primary", now.Primary(""), "keys", len(now.content.KEKs))
	return now
}
