package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/transfer"
)

func always(e transfer.Entry) func(transfer.State) (transfer.Entry, error) {
	return func(transfer.State) (transfer.Entry, error) { return e, nil }
}

func (w *world) erase(d *transfer.Dossier, reason transfer.Code) {
	w.t.Helper()
	if err := w.Erase(w.t.Context(), tenant, d.Manifest.ID, d.Held, w.tombstone(d, reason)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) tombstone(d *transfer.Dossier, reason transfer.Code) transfer.Tombstone {
	return transfer.Tombstone{Kind: d.Manifest.Kind, Tenant: tenant, ID: d.Manifest.ID, Reason: reason,
		RequestHash: []byte("hash"), Links: []string{w.namer.LinkHash(d.Link("r1"))}, AcceptedAt: d.Manifest.AcceptedAt}
}

// orphans are the ids that have bytes and no manifest.
func (w *world) orphans() (found []transfer.ID) {
	w.t.Helper()
	for id, err := range w.All(w.t.Context(), tenant) {
		committed := false
		if err == nil {
			committed, err = w.Exists(w.t.Context(), tenant, id)
		}
		if err != nil {
			w.t.Fatal(err)
		}
		if !committed {
			found = append(found, id)
		}
	}
	return found
}

func TestTheManifestIsTheCommit(t *testing.T) {
	w := newWorld(t)
	id := w.id("a")
	key := w.begin(id)
	f := w.write(id, key, "f1", []byte("content"))
	if there, err := w.Exists(t.Context(), tenant, id); there || err != nil {
		t.Errorf("before the commit: %v, %v", there, err)
	}
	_, err := w.Open(t.Context(), tenant, id, transfer.HeldOpen)
	wantCode(t, err, transfer.NotFound)
	m := w.manifestOf(id, f)
	if err := w.Commit(t.Context(), key, m); err != nil {
		t.Fatal(err)
	}
	if there, err := w.Exists(t.Context(), tenant, id); !there || err != nil {
		t.Errorf("after the commit: %v, %v", there, err)
	}
	m.Subject = "another"
	wantCode(t, w.Commit(t.Context(), key, m), transfer.Conflict)
	_, err = w.Begin(t.Context(), tenant, id, transfer.HeldOpen)
	wantCode(t, err, transfer.Conflict)
	if d := w.open(id); d.Manifest.Subject != "about the case" || d.Manifest.Version != transfer.FormatVersion {
		t.Errorf("opened %+v", d.Manifest)
	}
}

func TestNothingIsFoundUnderAnUnknownOrHostileID(t *testing.T) {
	w := newWorld(t)
	for _, id := range []transfer.ID{w.id("unknown"), "", "x", "../../../etc/passwd", "00" + transfer.ID(strings.Repeat("/", 32))} {
		_, err := w.Open(t.Context(), tenant, id, transfer.HeldOpen)
		wantCode(t, err, transfer.NotFound)
	}
	for _, bad := range []transfer.TenantID{"", "..", "a/b", "å"} {
		_, err := w.Open(t.Context(), bad, w.id("a"), transfer.HeldOpen)
		wantCode(t, err, transfer.Invalid)
	}
	_, err := w.WriteFile(t.Context(), tenant, w.id("a"), transfer.NewDataKey(), transfer.File{ID: "../x"}, strings.NewReader(""), -1, nil)
	wantCode(t, err, transfer.Invalid)
}

func TestStagedFilesWaitForTheirManifest(t *testing.T) {
	w := newWorld(t)
	id := w.id("a")
	key := w.begin(id)
	for _, name := range []transfer.FileID{"f2", "f1"} {
		if err := w.Stage(t.Context(), tenant, id, key, w.write(id, key, name, []byte(name))); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, w.Stage(t.Context(), tenant, id, key, transfer.File{ID: "f1"}), transfer.Conflict)
	staged := func() (names []transfer.FileID) {
		files, err := w.Staged(t.Context(), tenant, id, key)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			names = append(names, f.ID)
		}
		return names
	}
	if got := staged(); !slices.Equal(got, []transfer.FileID{"f1", "f2"}) {
		t.Errorf("staged: %v", got)
	}
	before := len(w.blobs.Names())
	for range 2 {
		if err := w.Unstage(t.Context(), tenant, id, key, "f2"); err != nil {
			t.Fatal(err)
		}
	}
	if gone := before - len(w.blobs.Names()); gone != 1 {
		t.Errorf("%d blobs went with the file, want its record alone: a manifest may have its part", gone)
	}
	files, _ := w.Staged(t.Context(), tenant, id, key)
	if err := w.Commit(t.Context(), key, w.manifestOf(id, files...)); err != nil {
		t.Fatal(err)
	}
	wantCode(t, w.Unstage(t.Context(), tenant, id, key, "f1"), transfer.Conflict)
}

func TestTooLargeAndBrokenUploadsLeaveNothing(t *testing.T) {
	w := newWorld(t)
	w.PartSize = segmentSize
	id := w.id("a")
	key := w.begin(id)
	lost := errors.New("connection lost")
	full := transfer.E(transfer.StorageFull, "full")
	for _, size := range []int{1, segmentSize, 5*segmentSize + 1} {
		content := blobtest.Fill(size, 1)
		write := func(r io.Reader, limit int64) error {
			_, err := w.WriteFile(t.Context(), tenant, id, key, transfer.File{ID: "f1"}, r, limit, nil)
			return err
		}
		wantCode(t, write(bytes.NewReader(content), int64(size)-1), transfer.TooLarge)
		for _, cause := range []error{lost, io.ErrUnexpectedEOF} {
			if err := write(io.MultiReader(bytes.NewReader(content), broken{cause}), -1); !errors.Is(err, cause) {
				t.Errorf("%d bytes and a broken reader: %v", size, err)
			}
		}
		for failing := range (size + segmentSize - 1) / segmentSize {
			puts := 0
			w.blobs.Fault = func(op, _ string) error {
				if op == "put" {
					if puts++; puts > failing {
						return full
					}
				}
				return nil
			}
			wantCode(t, write(bytes.NewReader(content), -1), transfer.StorageFull) // case 10
		}
		w.blobs.Fault = nil
		if left := w.blobs.Names(); len(left) != 0 {
			t.Errorf("%d bytes: %q stay", size, left)
		}
		if err := write(bytes.NewReader(content), int64(size)); err != nil {
			t.Errorf("at the limit: %v", err)
		}
		w.removeParts(t.Context(), place{tenant, id}, w.partsOf(id))
	}
}

func (w *world) partsOf(id transfer.ID) (parts []transfer.Part) {
	for name := range w.list(w.t.Context(), place{tenant, id}, partPrefix, "") {
		parts = append(parts, transfer.Part{ID: strings.TrimPrefix(name, partPrefix)})
	}
	return parts
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func TestACancelledUploadLeavesNothing(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	id := w.id("a")
	key := w.begin(id)
	seen := int64(0)
	_, err := w.WriteFile(ctx, tenant, id, key, transfer.File{ID: "f1"}, bytes.NewReader(blobtest.Fill(20*segmentSize, 1)), -1,
		func(n int64) { seen = n; cancel() })
	if !errors.Is(err, context.Canceled) || seen == 0 {
		t.Errorf("after %d bytes: %v", seen, err)
	}
	if left := w.blobs.Names(); len(left) != 0 {
		t.Errorf("%q stay", left)
	}
}

func TestAppendBuildsOnWhatOthersWrote(t *testing.T) {
	w := newWorld(t)
	d := w.send("a", nil)
	behind := w.open(d.Manifest.ID)
	until := w.now.Add(48 * time.Hour)
	if err := w.Append(t.Context(), d, always(transfer.Entry{Kind: transfer.Extended, Until: until})); err != nil {
		t.Fatal(err)
	}
	var saw []int
	err := w.Append(t.Context(), behind, func(s transfer.State) (transfer.Entry, error) {
		saw = append(saw, s.Seq)
		return transfer.Entry{Kind: transfer.Opened, Recipient: "r1"}, nil
	})
	if err != nil || !slices.Equal(saw, []int{0, 1}) || !behind.State.ExpiresAt.Equal(until) {
		t.Errorf("%v: decided on %v, expires %v", err, saw, behind.State.ExpiresAt)
	}
	again := w.open(d.Manifest.ID)
	if again.State.Seq != 2 || !again.State.Recipients["r1"].Opened.Equal(w.now) {
		t.Errorf("opened again: %+v", again.State)
	}
	if err := w.Append(t.Context(), d, always(transfer.Entry{})); err != nil || d.State.Seq != 1 {
		t.Errorf("nothing to do: %v, at %d", err, d.State.Seq)
	}
	refusal := transfer.E(transfer.Withdrawn, "no")
	if err := w.Append(t.Context(), d, func(transfer.State) (transfer.Entry, error) { return transfer.Entry{}, refusal }); !errors.Is(err, refusal) {
		t.Errorf("a refusal: %v", err)
	}
	wantCode(t, w.Append(t.Context(), again, always(transfer.Entry{Kind: "of a newer release"})), transfer.UnsupportedVersion)
	if w.open(d.Manifest.ID).State.Seq != 2 {
		t.Error("an entry that cannot be applied was stored")
	}
}

func TestManyAppendAtOnce(t *testing.T) {
	w := newWorld(t)
	d := w.send("a", nil)
	const writers = 20
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			mine := w.open(d.Manifest.ID)
			if err := w.Append(t.Context(), mine, always(transfer.Entry{Kind: transfer.Downloaded, Recipient: "r1", File: "f1"})); err != nil {
				t.Errorf("Append: %v", err)
			}
		})
	}
	all.Wait()
	if s := w.open(d.Manifest.ID).State; s.Seq != writers || s.Recipients["r1"].Downloaded["f1"] != writers {
		t.Errorf("%d entries count %d downloads", s.Seq, s.Recipients["r1"].Downloaded["f1"])
	}
}

func TestAnEntryWrittenByANewerReleaseIsNotGuessed(t *testing.T) {
	w := newWorld(t)
	d := w.send("a", nil)
	p := place{tenant, d.Manifest.ID}
	if err := w.putRecord(t.Context(), p, d.Key, journalName(1), transfer.Entry{Version: 2, Seq: 1, Kind: transfer.Seen}); err != nil {
		t.Fatal(err)
	}
	_, err := w.Open(t.Context(), tenant, d.Manifest.ID, d.Held)
	wantCode(t, err, transfer.UnsupportedVersion)
	w.blobs.Tamper(p.folder()+manifestName, func([]byte) []byte { return nil })
	m := d.Manifest
	m.Version = 2
	if err := w.putRecord(t.Context(), p, d.Key, manifestName, m); err != nil {
		t.Fatal(err)
	}
	_, err = w.Open(t.Context(), tenant, d.Manifest.ID, d.Held)
	wantCode(t, err, transfer.UnsupportedVersion)
}

// Case 6: a crash anywhere in an erasure. From the moment that the key is gone
// nothing can be read, also from a copy of the vault made before, and the next
// run takes the rest.
func TestAnErasureResumesWhereverItIsKilled(t *testing.T) {
	for left := range 12 {
		t.Run(fmt.Sprint(left), func(t *testing.T) {
			w := newWorld(t)
			w.PartSize = segmentSize
			d := w.send("a", blobtest.Fill(2*segmentSize, 1))
			if err := w.Append(t.Context(), d, always(transfer.Entry{Kind: transfer.Seen})); err != nil {
				t.Fatal(err)
			}
			other := w.send("b", []byte("other"))
			id := d.Manifest.ID
			kill(w, left)
			first := w.Erase(t.Context(), tenant, id, d.Held, w.tombstone(d, transfer.Expired))
			_, second := w.RemoveBytes(t.Context(), tenant, id)
			revive(w)
			_, err := w.Open(t.Context(), tenant, id, d.Held)
			if want := map[bool]transfer.Code{true: transfer.Expired}[first == nil]; transfer.CodeOf(err) != want {
				t.Errorf("killed after %d changes (%v, %v): %v", left, first, second, err)
			}
			for range 2 {
				w.erase(d, transfer.Withdrawn)
				if _, err := w.RemoveBytes(t.Context(), tenant, id); err != nil {
					t.Errorf("again: %v", err)
				}
			}
			_, err = w.Open(t.Context(), tenant, id, d.Held)
			if code := transfer.CodeOf(err); code != transfer.Expired && (left > 0 || code != transfer.Withdrawn) {
				t.Errorf("the first tombstone must stay: %v", err)
			}
			for _, name := range w.blobs.Names() {
				if strings.Contains(name, "/t/") && strings.Contains(name, string(id)) {
					t.Errorf("%s stays", name)
				}
			}
			if got, err := w.readAll(w.open(other.Manifest.ID), other.Manifest.Files[0]); string(got) != "other" {
				t.Errorf("the other transfer: %q, %v", got, err)
			}
		})
	}
}

// kill makes every change fail after some, in both stores.
func kill(w *world, left int) {
	fault := func(op, _ string) error {
		if op == "read" {
			return nil
		}
		if left--; left < 0 {
			return errors.New("killed")
		}
		return nil
	}
	w.blobs.Fault, w.held.Fault = fault, fault
}

func revive(w *world) { w.blobs.Fault, w.held.Fault = nil, nil }

func TestOnlyWhatIsErasedLosesItsBytes(t *testing.T) {
	w := newWorld(t)
	d := w.send("a", []byte("content"))
	n, err := w.RemoveBytes(t.Context(), tenant, d.Manifest.ID)
	wantCode(t, err, transfer.Conflict)
	wantCode(t, w.EraseUncommitted(t.Context(), tenant, d.Manifest.ID, d.Held), transfer.Conflict)
	if got, err := w.readAll(w.open(d.Manifest.ID), d.Manifest.Files[0]); n != 0 || string(got) != "content" {
		t.Errorf("%d blobs went; %q, %v", n, got, err)
	}
	wrong := w.tombstone(d, transfer.NotFound)
	if err := w.Erase(t.Context(), tenant, d.Manifest.ID, d.Held, wrong); err == nil {
		t.Error("erased without a reason")
	}
	wrong = w.tombstone(d, transfer.Expired)
	wrong.ID = w.id("b")
	if err := w.Erase(t.Context(), tenant, d.Manifest.ID, d.Held, wrong); err == nil {
		t.Error("erased with the tombstone of another")
	}
	w.open(d.Manifest.ID)
}

func TestTombstonesSayWhatWas(t *testing.T) {
	w := newWorld(t)
	var want []transfer.ID
	for _, name := range []string{"a", "b", "c"} {
		d := w.send(name, nil)
		w.erase(d, transfer.Expired)
		want = append(want, d.Manifest.ID)
	}
	slices.Sort(want)
	var got []transfer.ID
	for id, err := range w.Erased(t.Context(), tenant) {
		if err != nil {
			t.Fatal(err)
		}
		ts, err := w.Tombstone(t.Context(), tenant, id)
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, ts.ID); ts.Reason != transfer.Expired || len(ts.Links) != 1 || !ts.ErasedAt.Equal(w.now) {
			t.Errorf("%+v", ts)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	_, err := w.Begin(t.Context(), tenant, want[0], transfer.HeldOpen)
	wantCode(t, err, transfer.Expired)
	if ts, err := w.Tombstone(t.Context(), tenant, w.id("live")); ts != nil || err != nil {
		t.Errorf("nothing was erased: %v, %v", ts, err)
	}
}
