package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/transfer"
)

// Case 3: parts without a manifest are found, given up, and the retry under the same id succeeds.
func TestOrphansAreGivenUpAndTheRetrySucceeds(t *testing.T) {
	w := newWorld(t)
	w.send("committed", []byte("x"))
	id, empty := w.id("a"), w.id("b")
	key := w.begin(id)
	w.write(id, key, "f1", []byte("orphaned"))
	w.write(id, key, "f2", []byte("orphaned too"))
	emptyKey := w.begin(empty)
	if err := w.Stage(t.Context(), tenant, empty, emptyKey, w.write(empty, emptyKey, "f1", nil)); err != nil {
		t.Fatal(err)
	}
	if found := w.orphans(); len(found) != 2 || !slices.Contains(found, id) || !slices.Contains(found, empty) {
		t.Fatalf("orphans: %v", found)
	}
	for _, each := range []transfer.ID{id, empty} {
		if err := w.EraseUncommitted(t.Context(), tenant, each, transfer.HeldOpen); err != nil {
			t.Errorf("EraseUncommitted: %v", err)
		}
	}
	if left := w.orphans(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if again := w.send("a", []byte("again")); bytes.Equal(again.Key.Secret(), key.Secret()) {
		t.Error("the retry got the erased key")
	}
}

// A sweep that is killed while it gives an upload up is finished by a later one,
// or by the retry.
func TestGivingUpResumesWhereverItIsKilled(t *testing.T) {
	for left := range 8 {
		for _, finish := range []string{"sweep", "retry"} {
			t.Run(fmt.Sprint(left, finish), func(t *testing.T) {
				w := newWorld(t)
				id := w.id("a")
				key := w.begin(id)
				f := w.write(id, key, "f1", []byte("orphaned"))
				if err := w.Stage(t.Context(), tenant, id, key, f); err != nil {
					t.Fatal(err)
				}
				kill(w, left)
				err := w.EraseUncommitted(t.Context(), tenant, id, transfer.HeldOpen)
				revive(w)
				if complete := left >= 5; complete != (err == nil) {
					t.Errorf("killed after %d changes: %v", left, err)
				}
				if _, err := w.Open(t.Context(), tenant, id, transfer.HeldOpen); transfer.CodeOf(err) != transfer.NotFound {
					t.Errorf("Open: %v", err)
				}
				if left > 0 && err != nil {
					_, again := w.Begin(t.Context(), tenant, id, transfer.HeldOpen)
					wantCode(t, again, transfer.InProgress)
					wantCode(t, w.EraseUncommitted(t.Context(), tenant, id, transfer.HeldOpen), transfer.InProgress)
					wantCode(t, w.Commit(t.Context(), key, w.manifestOf(id, f)), transfer.InProgress)
				}
				w.now = w.now.Add(abandonedFor + time.Second)
				if finish == "sweep" {
					if err := w.EraseUncommitted(t.Context(), tenant, id, transfer.HeldOpen); err != nil {
						t.Errorf("the later sweep: %v", err)
					}
					if names := w.blobs.Names(); len(names) != 0 {
						t.Errorf("%q stay", names)
					}
				}
				w.send("a", []byte("again"))
			})
		}
	}
}

// An erasure that is held up for longer than its mark counts takes nothing of
// what was begun since, under the same id.
func TestAnErasureThatIsHeldUpTakesNothingOfWhatCameSince(t *testing.T) {
	for _, at := range []string{partPrefix, stagedPrefix} {
		w := newWorld(t)
		id := w.id("a")
		key := w.begin(id)
		if err := w.Stage(t.Context(), tenant, id, key, w.write(id, key, "f1", []byte("orphaned"))); err != nil {
			t.Fatal(err)
		}
		w.Vault.blobs = &meddling{Memory: w.blobs, before: func(name string) bool { return strings.Contains(name, at) }, act: func() {
			w.now = w.now.Add(abandonedFor + time.Second)
			if err := w.EraseUncommitted(t.Context(), tenant, id, transfer.HeldOpen); err != nil {
				t.Errorf("the sweep that goes on: %v", err)
			}
			w.send("a", []byte("again"))
		}}
		wantCode(t, w.EraseUncommitted(t.Context(), tenant, id, transfer.HeldOpen), transfer.InProgress)
		d := w.open(id)
		if got, err := w.readAll(d, d.Manifest.Files[0]); string(got) != "again" {
			t.Errorf("held up at %s: %q, %v", at, got, err)
		}
	}
}

// Of two that find what a killed sweep left, one goes on; the other takes
// nothing, even if the first has ended and somebody sends again.
func TestOnlyOneGoesOnWhereASweepWasKilled(t *testing.T) {
	w := newWorld(t)
	id := w.id("a")
	w.write(id, w.begin(id), "f1", []byte("orphaned"))
	kill(w, 1)
	if err := w.EraseUncommitted(t.Context(), tenant, id, transfer.HeldOpen); err == nil {
		t.Fatal("the sweep was not killed")
	}
	revive(w)
	w.now = w.now.Add(abandonedFor + time.Second)
	w.Vault.blobs = &meddling{Memory: w.blobs, before: func(name string) bool { return strings.Contains(name, takenPrefix) },
		act: func() { w.send("a", []byte("again")) }}
	wantCode(t, w.EraseUncommitted(t.Context(), tenant, id, transfer.HeldOpen), transfer.InProgress)
	d := w.open(id)
	if got, err := w.readAll(d, d.Manifest.Files[0]); string(got) != "again" {
		t.Errorf("%q, %v", got, err)
	}
	for _, name := range w.blobs.Names() {
		if strings.Contains(name, takenPrefix) {
			t.Errorf("%s stays", name)
		}
	}
}

// meddling does something once, just before a blob is put or deleted.
type meddling struct {
	*blobtest.Memory
	before func(name string) bool
	act    func()
}

func (m *meddling) Put(ctx context.Context, name string, r io.Reader) (int64, error) {
	if m.act != nil && m.before(name) {
		act := m.act
		m.act = nil
		act()
	}
	return m.Memory.Put(ctx, name, r)
}

func (m *meddling) Delete(ctx context.Context, name string) error {
	if m.act != nil && m.before(name) {
		act := m.act
		m.act = nil
		act()
	}
	return m.Memory.Delete(ctx, name)
}

// A sweep that comes between the last part and the manifest: the commit is not
// acknowledged, and nothing half is left to be taken for a transfer.
func TestACommitThatASweepOvertookIsNotAcknowledged(t *testing.T) {
	w := newWorld(t)
	id := w.id("a")
	key := w.begin(id)
	f := w.write(id, key, "f1", []byte("content"))
	w.Vault.blobs = &meddling{Memory: w.blobs,
		before: func(name string) bool { return name == place{tenant, id}.folder()+manifestName },
		act: func() {
			if err := w.EraseUncommitted(t.Context(), tenant, id, transfer.HeldOpen); err != nil {
				t.Errorf("the sweep: %v", err)
			}
		}}
	wantCode(t, w.Commit(t.Context(), key, w.manifestOf(id, f)), transfer.Unavailable)
	if there, err := w.Exists(t.Context(), tenant, id); there || err != nil {
		t.Errorf("a manifest without its parts: %v, %v", there, err)
	}
	w.send("a", []byte("again"))
}

// A sweep that took an earlier attempt's parts, and with them the key, while a
// retry was writing: what the retry wrote later cannot be committed any more.
func TestACommitWithoutItsKeyIsNotAcknowledged(t *testing.T) {
	for _, again := range []bool{false, true} {
		w := newWorld(t)
		id := w.id("a")
		key := w.begin(id)
		w.write(id, key, "f1", []byte("of the first attempt"))
		if err := w.EraseUncommitted(t.Context(), tenant, id, transfer.HeldOpen); err != nil {
			t.Fatal(err)
		}
		if again {
			w.begin(id)
		}
		f := w.write(id, key, "f2", []byte("of the retry"))
		wantCode(t, w.Commit(t.Context(), key, w.manifestOf(id, f)), transfer.Unavailable)
		if there, err := w.Exists(t.Context(), tenant, id); there || err != nil {
			t.Errorf("a manifest without its key: %v, %v", there, err)
		}
	}
}

// A process that is held up after it has put the manifest, while the retry rolls
// the transfer forward and its expiry, and with it the key, is moved.
func TestACommitThatIsHeldUpTakesNothingFromARetry(t *testing.T) {
	w := newWorld(t)
	id := w.id("a")
	key := w.begin(id)
	f := w.write(id, key, "f1", []byte("content"))
	const later = transfer.Hold("2026-06-01")
	w.Vault.keys = &heldUp{w.keys, func() {
		d := w.open(id)
		if err := w.keys.Copy(t.Context(), tenant, id, d.Held, later); err != nil {
			t.Fatal(err)
		}
		if err := w.Append(t.Context(), d, always(transfer.Entry{Kind: transfer.Extended, Until: w.clock().AddDate(0, 3, 0)})); err != nil {
			t.Fatal(err)
		}
		if err := w.keys.Erase(t.Context(), tenant, id, d.Held); err != nil {
			t.Fatal(err)
		}
	}}
	if err := w.Commit(t.Context(), key, w.manifestOf(id, f)); err != nil {
		t.Errorf("the commit: %v", err)
	}
	d, err := w.Open(t.Context(), tenant, id, later)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := w.readAll(d, d.Manifest.Files[0]); string(got) != "content" {
		t.Errorf("%q, %v", got, err)
	}
}

// heldUp lets something happen before it looks for a key, once.
type heldUp struct {
	Keys
	meanwhile func()
}

func (h *heldUp) Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) (transfer.DataKey, error) {
	if meanwhile := h.meanwhile; meanwhile != nil {
		h.meanwhile = nil
		meanwhile()
	}
	return h.Keys.Open(ctx, tenant, id, hold)
}

func TestAManifestOfPartsThatAreNotThereIsNotAccepted(t *testing.T) {
	w := newWorld(t)
	id := w.id("a")
	key := w.begin(id)
	f := w.write(id, key, "f1", []byte("content"))
	w.removeParts(t.Context(), place{tenant, id}, f.Parts)
	wantCode(t, w.Commit(t.Context(), key, w.manifestOf(id, f)), transfer.Unavailable)
	if there, err := w.Exists(t.Context(), tenant, id); there || err != nil {
		t.Errorf("a manifest without its parts: %v, %v", there, err)
	}
}

// A file that is taken back while the manifest that names it is put keeps its
// bytes.
func TestTakingAFileBackDoesNotHurtACommit(t *testing.T) {
	w := newWorld(t)
	id := w.id("a")
	key := w.begin(id)
	f := w.write(id, key, "f1", []byte("content"))
	if err := w.Stage(t.Context(), tenant, id, key, f); err != nil {
		t.Fatal(err)
	}
	w.Vault.blobs = &meddling{Memory: w.blobs, before: func(string) bool { return true }, act: func() {
		if err := w.Commit(t.Context(), key, w.manifestOf(id, f)); err != nil {
			t.Errorf("the commit: %v", err)
		}
	}}
	if err := w.Unstage(t.Context(), tenant, id, key, "f1"); err != nil {
		t.Fatal(err)
	}
	if got, err := w.readAll(w.open(id), f); string(got) != "content" {
		t.Errorf("%q, %v", got, err)
	}
}

// skimming is a store that loses a byte and says nothing.
type skimming struct{ *blobtest.Memory }

func (s skimming) Put(ctx context.Context, name string, r io.Reader) (int64, error) {
	n, err := s.Memory.Put(ctx, name, r)
	return n - 1, err
}

func TestAStoreThatTakesLessIsNotBelieved(t *testing.T) {
	w := newWorld(t)
	id := w.id("a")
	key := w.begin(id)
	w.Vault.blobs = skimming{w.blobs}
	_, err := w.WriteFile(t.Context(), tenant, id, key, transfer.File{ID: "f1"}, bytes.NewReader([]byte("content")), -1, nil)
	wantCode(t, err, transfer.Unavailable)
}

// A commit that cannot look whether it was overtaken is not acknowledged, and
// not undone: it rolls forward when the stores work again.
func TestACommitThatCannotBeCheckedIsLeftToTheRetry(t *testing.T) {
	w := newWorld(t)
	id := w.id("a")
	key := w.begin(id)
	m := w.manifestOf(id, w.write(id, key, "f1", []byte("content")))
	w.held.Fault = func(string, string) error { return errors.New("down") }
	wantCode(t, w.Commit(t.Context(), key, m), transfer.Unavailable)
	revive(w)
	wantCode(t, w.Commit(t.Context(), key, m), transfer.Conflict)
	w.open(id)
}

// racingKeys lets another attempt commit and move its key away just before this
// one creates its own.
type racingKeys struct {
	Keys
	race func()
}

func (r *racingKeys) Create(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) (transfer.DataKey, error) {
	if race := r.race; race != nil {
		r.race = nil
		race()
	}
	return r.Keys.Create(ctx, tenant, id, hold)
}

// Case 39 as far as the vault goes: an attempt that comes late leaves no second
// key behind.
func TestALateAttemptLeavesNoSecondKey(t *testing.T) {
	w := newWorld(t)
	id := w.id("a")
	for _, move := range []bool{true, false} {
		w.Vault.keys = &racingKeys{w.keys, func() {
			d := w.send("a", []byte("content"))
			if move {
				err := w.keys.Copy(t.Context(), tenant, id, d.Held, "2026-03-08")
				if err == nil {
					err = w.keys.Erase(t.Context(), tenant, id, d.Held)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}}
		_, err := w.Begin(t.Context(), tenant, id, transfer.HeldOpen)
		wantCode(t, err, transfer.Conflict)
		var refs []transfer.KeyRef
		for ref, err := range w.keys.All(t.Context(), tenant) {
			if err != nil {
				t.Fatal(err)
			}
			refs = append(refs, ref)
		}
		if len(refs) != 1 {
			t.Fatalf("keys: %v", refs)
		}
		d, err := w.Open(t.Context(), tenant, id, refs[0].Hold)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := w.readAll(d, d.Manifest.Files[0]); string(got) != "content" {
			t.Errorf("%q, %v", got, err)
		}
		w = newWorld(t)
		id = w.id("a")
	}
}

// Case 14: sweepers at once, beside senders. What was committed stays whole.
func TestSweepersLoseNothingThatIsCommitted(t *testing.T) {
	w := newWorld(t)
	stop, swept := make(chan struct{}), make(chan error, 2)
	for range 2 {
		go func() { swept <- w.sweepUntil(stop) }()
	}
	var sent []*transfer.Dossier
	for i := range 150 {
		id := w.id(fmt.Sprint(i))
		key, err := w.Begin(t.Context(), tenant, id, transfer.HeldOpen)
		if err != nil {
			continue
		}
		f, err := w.WriteFile(t.Context(), tenant, id, key, transfer.File{ID: "f1"}, bytes.NewReader([]byte(id)), -1, nil)
		if err != nil {
			t.Fatal(err)
		}
		if w.Commit(t.Context(), key, w.manifestOf(id, f)) == nil {
			sent = append(sent, w.open(id))
		}
	}
	close(stop)
	for range 2 {
		if err := <-swept; err != nil {
			t.Errorf("a sweeper: %v", err)
		}
	}
	for _, d := range sent {
		again := w.open(d.Manifest.ID)
		if got, err := w.readAll(again, again.Manifest.Files[0]); string(got) != string(d.Manifest.ID) {
			t.Errorf("%q, %v", got, err)
		}
	}
	t.Logf("%d of 150 were committed", len(sent))
}

// sweepUntil gives up all that is not committed, without any grace.
func (w *world) sweepUntil(stop <-chan struct{}) error {
	for {
		for id, err := range w.All(w.t.Context(), tenant) {
			if err == nil {
				err = w.EraseUncommitted(w.t.Context(), tenant, id, transfer.HeldOpen)
			}
			if code := transfer.CodeOf(err); err != nil && code != transfer.Conflict && code != transfer.InProgress {
				return errors.Join(errors.New("sweeping"), err)
			}
		}
		select {
		case <-stop:
			return nil
		default:
		}
	}
}

// A manifest may be lost; what it committed is not taken for an upload.
func TestWhatHasAJournalIsNotErasedAsAnUpload(t *testing.T) {
	w := newWorld(t)
	d := w.send("a", []byte("content"))
	if err := w.Append(t.Context(), d, always(transfer.Entry{Kind: transfer.Opened, Recipient: "r1"})); err != nil {
		t.Fatal(err)
	}
	wantCode(t, w.EraseUncommitted(t.Context(), tenant, d.Manifest.ID, transfer.HeldOpen), transfer.Conflict)
	w.blobs.Tamper(place{tenant, d.Manifest.ID}.folder()+manifestName, func([]byte) []byte { return nil })
	before := w.blobs.Names()
	wantCode(t, w.EraseUncommitted(t.Context(), tenant, d.Manifest.ID, transfer.HeldOpen), transfer.Integrity)
	if after := w.blobs.Names(); !slices.Equal(before, after) {
		t.Errorf("of %q there is %q", before, after)
	}
}
