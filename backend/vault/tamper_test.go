package vault

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/transfer"
)

// wantRefused reads a file whole and by single bytes around every segment: each
// read gives the true bytes or Integrity, and the whole one fails.
func (w *world) wantRefused(d *transfer.Dossier, f transfer.File, content []byte) {
	w.t.Helper()
	got, err := w.readAll(d, f)
	wantCode(w.t, err, transfer.Integrity)
	if !bytes.HasPrefix(content, got) {
		w.t.Error("bytes were given out that were never stored")
	}
	for at := int64(0); at < f.Size; at += segmentSize / 2 {
		r := w.ReadFile(w.t.Context(), d, f)
		if _, err := r.Seek(at, io.SeekStart); err != nil {
			w.t.Fatal(err)
		}
		var one [1]byte
		if _, err := r.Read(one[:]); err == nil && one[0] != content[at] {
			w.t.Errorf("a wrong byte at %d", at)
		} else if err != nil {
			wantCode(w.t, err, transfer.Integrity)
		}
		r.Close()
	}
}

func blobOf(d *transfer.Dossier, part transfer.Part) string {
	return place{d.Manifest.Tenant, d.Manifest.ID}.folder() + partPrefix + part.ID
}

// Case 8: a part that was cut is never a shorter file.
func TestATruncatedPartIsRefused(t *testing.T) {
	w := newWorld(t)
	w.PartSize = 2 * segmentSize
	content := blobtest.Fill(3*segmentSize+100, 1)
	d := w.send("a", content)
	f := d.Manifest.Files[0]
	for i, part := range f.Parts {
		var sealed []byte
		w.blobs.Tamper(blobOf(d, part), func(b []byte) []byte { sealed = b; return b })
		if int64(len(sealed)) != sealedSize(part.Length) {
			t.Fatalf("part %d has %d bytes", i, len(sealed))
		}
		for _, n := range []int{0, 3, 4, 5, 4 + fullSealed - 1, 4 + fullSealed, 4 + fullSealed + 28, len(sealed) - 1} {
			w.blobs.Tamper(blobOf(d, part), func([]byte) []byte { return sealed[:n] })
			w.wantRefused(d, f, content)
		}
		w.blobs.Tamper(blobOf(d, part), func([]byte) []byte { return nil })
		w.wantRefused(d, f, content)
		w.blobs.Tamper(blobOf(d, part), func([]byte) []byte { return append(bytes.Clone(sealed), 0) })
		w.wantRefused(d, f, content)
		w.blobs.Tamper(blobOf(d, part), func([]byte) []byte { return sealed })
	}
	if got, err := w.readAll(d, f); err != nil || !bytes.Equal(got, content) {
		t.Errorf("restored: %v", err)
	}
}

// Case 9: flipped, swapped and foreign bytes are refused.
func TestAlteredPartsAreRefused(t *testing.T) {
	w := newWorld(t)
	w.PartSize = 2 * segmentSize
	content := blobtest.Fill(4*segmentSize, 1)
	id := w.id("a")
	key := w.begin(id)
	f1, f2 := w.write(id, key, "f1", content), w.write(id, key, "f2", content)
	if err := w.Commit(t.Context(), key, w.manifestOf(id, f1, f2)); err != nil {
		t.Fatal(err)
	}
	d, other := w.open(id), w.send("b", content)
	read := func(d *transfer.Dossier, part transfer.Part) (sealed []byte) {
		w.blobs.Tamper(blobOf(d, part), func(b []byte) []byte { sealed = b; return b })
		return sealed
	}
	first := read(d, f1.Parts[0])
	one, two := first[4:4+fullSealed], first[4+fullSealed:]
	alterations := map[string][]byte{
		"segments swapped":        slices.Concat(first[:4], two, one),
		"a segment repeated":      slices.Concat(first[:4], one, one),
		"another part":            read(d, f1.Parts[1]),
		"another file":            read(d, f2.Parts[0]),
		"another transfer":        read(other, other.Manifest.Files[0].Parts[0]),
		"an older version":        slices.Concat([]byte("SDP\x00"), first[4:]),
		"a newer version":         slices.Concat([]byte("SDP\x02"), first[4:]),
		"a record":                read(d, transfer.Part{ID: "x"}),
		"nothing but the head":    first[:4],
		"something else entirely": blobtest.Fill(len(first), 9),
	}
	for _, at := range []int{0, 1, 2, 3, 4, 15, 16, 17, fullSealed - 13, fullSealed + 3, fullSealed + 4, len(first) - 17, len(first) - 1} {
		flipped := bytes.Clone(first)
		flipped[at] ^= 0x80
		alterations[fmt.Sprintf("a bit at %d", at)] = flipped
	}
	for name, altered := range alterations {
		t.Run(name, func(t *testing.T) {
			w.blobs.Tamper(blobOf(d, f1.Parts[0]), func([]byte) []byte { return altered })
			w.t = t
			w.wantRefused(d, f1, content)
		})
	}
}

// A range checks what it reads and nothing else.
func TestARangeOutsideTheDamageIsRead(t *testing.T) {
	w := newWorld(t)
	content := blobtest.Fill(4*segmentSize, 1)
	d := w.send("a", content)
	f := d.Manifest.Files[0]
	w.blobs.Tamper(blobOf(d, f.Parts[0]), func(b []byte) []byte { b[4+fullSealed+100] ^= 1; return b })
	r := w.ReadFile(t.Context(), d, f)
	defer r.Close()
	part := make([]byte, segmentSize)
	if _, err := r.Seek(2*segmentSize, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, part); err != nil || !bytes.Equal(part, content[2*segmentSize:3*segmentSize]) {
		t.Errorf("behind the damage: %v", err)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	wantCode(t, err, transfer.Integrity)
	if !bytes.Equal(got, content[:segmentSize]) {
		t.Errorf("%d bytes before the damage, want one segment", len(got))
	}
	if _, err := r.Read(part); transfer.CodeOf(err) != transfer.Integrity {
		t.Errorf("reading on after the damage: %v", err)
	}
}

// Manifests, journal entries and staged files that were changed, or lie in
// another's place, are refused.
func TestAlteredRecordsAreRefused(t *testing.T) {
	w := newWorld(t)
	d, other := w.send("a", []byte("one")), w.send("b", []byte("two"))
	for range 3 {
		for _, each := range []*transfer.Dossier{d, other} {
			if err := w.Append(t.Context(), each, always(transfer.Entry{Kind: transfer.Seen})); err != nil {
				t.Fatal(err)
			}
		}
	}
	staged := w.id("c")
	key := w.begin(staged)
	for _, name := range []transfer.FileID{"f1", "f2"} {
		if err := w.Stage(t.Context(), tenant, staged, key, w.write(staged, key, name, []byte("x"))); err != nil {
			t.Fatal(err)
		}
	}
	folder := place{tenant, d.Manifest.ID}.folder()
	for _, name := range []string{"manifest", journalName(1), journalName(2), journalName(3)} {
		foreign := place{tenant, other.Manifest.ID}.folder() + name
		w.wantRecordRefused(folder+name, []string{foreign, folder + journalName(2), folder + "manifest"}, func() error {
			_, err := w.Open(t.Context(), tenant, d.Manifest.ID, d.Held)
			return err
		})
	}
	folder = place{tenant, staged}.folder()
	w.wantRecordRefused(folder+"staged.f1", []string{folder + "staged.f2"}, func() error {
		_, err := w.Staged(t.Context(), tenant, staged, key)
		return err
	})
}

// wantRecordRefused alters one record in every way and puts it back.
func (w *world) wantRecordRefused(name string, others []string, open func() error) {
	w.t.Helper()
	var record []byte
	w.blobs.Tamper(name, func(b []byte) []byte { record = b; return b })
	try := func(what string, altered []byte) {
		w.blobs.Tamper(name, func([]byte) []byte { return altered })
		if err := open(); transfer.CodeOf(err) != transfer.Integrity {
			w.t.Errorf("%s, %s: %v", name[len(name)-12:], what, err)
		}
	}
	for i := range record {
		flipped := bytes.Clone(record)
		flipped[i] ^= 1
		try(fmt.Sprint("a bit at ", i), flipped)
	}
	for n := range record {
		try(fmt.Sprint("cut to ", n), append([]byte{}, record[:n]...))
	}
	try("extended", append(bytes.Clone(record), 0))
	for _, other := range others {
		if other == name {
			continue
		}
		var foreign []byte
		w.blobs.Tamper(other, func(b []byte) []byte { foreign = b; return b })
		try("exchanged", foreign)
	}
	w.blobs.Tamper(name, func([]byte) []byte { return record })
	if err := open(); err != nil {
		w.t.Errorf("restored: %v", err)
	}
}

func TestAJournalWithAGapIsRefused(t *testing.T) {
	w := newWorld(t)
	d := w.send("a", nil)
	for range 3 {
		if err := w.Append(t.Context(), d, always(transfer.Entry{Kind: transfer.Seen})); err != nil {
			t.Fatal(err)
		}
	}
	w.blobs.Tamper(place{tenant, d.Manifest.ID}.folder()+journalName(2), func([]byte) []byte { return nil })
	_, err := w.Open(t.Context(), tenant, d.Manifest.ID, d.Held)
	wantCode(t, err, transfer.Integrity)
}

func TestAlteredTombstonesAreRefused(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b"} {
		w.erase(w.send(name, nil), transfer.Expired)
	}
	name := place{tenant, w.id("a")}.tombstone()
	w.wantRecordRefused(name, []string{place{tenant, w.id("b")}.tombstone()}, func() error {
		_, err := w.Tombstone(t.Context(), tenant, w.id("a"))
		return err
	})
	w.blobs.Tamper(name, func(b []byte) []byte { b[len(b)-1] ^= 1; return b })
	_, err := w.Open(t.Context(), tenant, w.id("a"), transfer.HeldOpen)
	wantCode(t, err, transfer.Integrity)
	_, err = w.Tombstone(t.Context(), tenant, w.id("a"))
	wantCode(t, err, transfer.Integrity)
}

// Nothing that lies in the stores has a word of what was sent.
func TestNothingIsStoredInTheClear(t *testing.T) {
	w := newWorld(t)
	secret := strings.Repeat("the caseworker wrote this. ", 40)
	d := w.send("a", []byte(secret))
	if err := w.Append(t.Context(), d, always(transfer.Entry{Kind: transfer.Concluded, Effect: "the caseworker", Outcome: transfer.Done})); err != nil {
		t.Fatal(err)
	}
	w.erase(w.send("b", []byte(secret)), transfer.Withdrawn)
	for _, store := range []*blobtest.Memory{w.blobs, w.held} {
		for _, name := range store.Names() {
			store.Tamper(name, func(b []byte) []byte {
				for _, word := range []string{"caseworker", "citizen", "about the case"} {
					if bytes.Contains(b, []byte(word)) || strings.Contains(name, word) {
						t.Errorf("%s has %q in the clear", name, word)
					}
				}
				return b
			})
		}
	}
}

func TestAnotherTransfersKeyOpensNothing(t *testing.T) {
	w := newWorld(t)
	content := blobtest.Fill(1000, 1)
	a, b := w.send("a", content), w.send("b", content)
	a.Key = b.Key
	w.wantRefused(a, a.Manifest.Files[0], content)
	var m transfer.Manifest
	wantCode(t, w.getRecord(t.Context(), place{tenant, a.Manifest.ID}, b.Key, manifestName, &m), transfer.Integrity)
}
