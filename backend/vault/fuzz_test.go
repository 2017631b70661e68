package vault

import (
	"bytes"
	"reflect"
	"testing"

	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/transfer"
)

// Whatever lies in a part's place, reading gives the true bytes or none.
func FuzzPart(f *testing.F) {
	w := newWorld(f)
	content := blobtest.Fill(segmentSize+300, 1)
	d := w.send("a", content)
	file := d.Manifest.Files[0]
	name := blobOf(d, file.Parts[0])
	var sealed []byte
	w.blobs.Tamper(name, func(b []byte) []byte { sealed = b; return b })
	f.Add(0, []byte(nil), 0)
	f.Add(3, []byte{2}, 1)
	f.Add(4+fullSealed, []byte{}, 1)
	f.Add(len(sealed), []byte{0}, 0)
	f.Fuzz(func(t *testing.T, at int, insert []byte, drop int) {
		w.t = t
		at = min(max(at, 0), len(sealed))
		rest := sealed[min(at+max(drop, 0), len(sealed)):]
		altered := append(append(bytes.Clone(sealed[:at]), insert...), rest...)
		w.blobs.Tamper(name, func([]byte) []byte { return altered })
		got, err := w.readAll(d, file)
		if !bytes.HasPrefix(content, got) {
			t.Fatal("bytes were given out that were never stored")
		}
		if same := bytes.Equal(altered, sealed); same != (err == nil) || !same && transfer.CodeOf(err) != transfer.Integrity {
			t.Fatalf("altered: %v, error: %v", !same, err)
		}
	})
}

// Whatever lies in a small file's place, its record and its content are the true
// ones or none.
func FuzzSmall(f *testing.F) {
	w := newWorld(f)
	content := blobtest.Fill(300, 1)
	id := w.id("a")
	key := w.begin(id)
	file := w.put(id, key, "u1", content)
	if err := w.Commit(f.Context(), key, w.manifestOf(id, file)); err != nil {
		f.Fatal(err)
	}
	d := w.open(id)
	name := partPrefix + file.Parts[0].ID
	var stored []byte
	w.blobs.Tamper(blobOf(d, file.Parts[0]), func(b []byte) []byte { stored = b; return b })
	f.Add(stored)
	f.Add(stored[:len(stored)-1])
	f.Add(append([]byte(smallMagic), 0xff, 0xff, 0xff, 0xff))
	f.Add(append([]byte(smallMagic), 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, altered []byte) {
		w.t = t
		w.blobs.Tamper(blobOf(d, file.Parts[0]), func([]byte) []byte { return altered })
		got, err := w.readAll(d, file)
		if !bytes.HasPrefix(content, got) {
			t.Fatal("bytes were given out that were never stored")
		}
		if same := bytes.Equal(altered, stored); same != (err == nil) || !same && transfer.CodeOf(err) != transfer.Integrity {
			t.Fatalf("altered: %v, error: %v", !same, err)
		}
		recorded, err := w.StagedFile(t.Context(), tenant, id, key, name)
		if err == nil && !reflect.DeepEqual(recorded, file) || err != nil && transfer.CodeOf(err) != transfer.Integrity {
			t.Fatalf("the record: %+v, %v", recorded, err)
		}
	})
}

// Whatever lies in a record's place, it opens only when it is the record.
func FuzzRecord(f *testing.F) {
	w := newWorld(f)
	d := w.send("a", nil)
	p := place{tenant, d.Manifest.ID}
	if err := w.Append(f.Context(), d, always(transfer.Entry{Kind: transfer.Seen})); err != nil {
		f.Fatal(err)
	}
	stored := map[string][]byte{}
	for _, name := range []string{manifestName, journalName(1)} {
		w.blobs.Tamper(p.folder()+name, func(b []byte) []byte { stored[name] = b; return b })
		f.Add(stored[name])
	}
	f.Add([]byte(recordMagic))
	f.Fuzz(func(t *testing.T, record []byte) {
		for name, original := range stored {
			_, err := openRecord(p, d.Key, name, record)
			if same := bytes.Equal(record, original); same != (err == nil) {
				t.Errorf("%s: the same: %v, error: %v", name, same, err)
			}
		}
	})
}

// A manifest or journal entry that authenticates, but that an older or newer
// release or a defect wrote, is read or refused and never breaks the reader.
func FuzzManifestAndJournal(f *testing.F) {
	const id = transfer.ID("00aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	const ours = `{"v":1,"tenant":"municipality","id":"` + string(id) + `",`
	f.Add([]byte(`{"v":1}`), []byte(nil))
	f.Add([]byte(ours+`"files":[{"id":"f1","size":3,"parts":[{"id":"x","length":3}]}]}`), []byte(`{"v":1,"seq":1,"kind":"seen"}`))
	f.Add([]byte(ours+`"files":[{"id":"f1","size":-3,"parts":[{"id":"../x","length":-3}]}]}`), []byte(`{"v":2}`))
	f.Add([]byte(ours+`"files":[{"id":"f1","size":0,"parts":[{"length":0}]}]}`), []byte(`[]`))
	w := newWorld(f)
	key := w.begin(id)
	p := place{tenant, id}
	f.Fuzz(func(t *testing.T, manifest, entry []byte) {
		w.t = t
		for name, content := range map[string][]byte{manifestName: manifest, journalName(1): entry} {
			w.blobs.Tamper(p.folder()+name, func([]byte) []byte {
				record := head(recordMagic, w.now)
				return newAEAD(key.Derive("record")).Seal(record, nil, content, recordData(p, name, record))
			})
		}
		d, err := w.Open(t.Context(), tenant, id, transfer.HeldOpen)
		if code := transfer.CodeOf(err); err != nil && code != transfer.Integrity && code != transfer.UnsupportedVersion {
			t.Fatalf("Open: %v", err)
		}
		if err != nil {
			return
		}
		for _, file := range d.Manifest.Files {
			if got, err := w.readAll(d, file); len(got) > 0 || err == nil && file.Size != 0 {
				t.Errorf("%d bytes of a file that is not stored, %v", len(got), err)
			}
		}
	})
}

func FuzzTombstone(f *testing.F) {
	w := newWorld(f)
	d := w.send("a", nil)
	w.erase(d, transfer.Expired)
	p := place{tenant, d.Manifest.ID}
	var stored []byte
	w.blobs.Tamper(p.tombstone(), func(b []byte) []byte { stored = b; return b })
	f.Add(stored)
	f.Add([]byte(tombstoneMagic))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		_, err := w.openTombstone(p, sealed)
		if same := bytes.Equal(sealed, stored); same != (err == nil) {
			t.Errorf("the same: %v, error: %v", same, err)
		}
	})
}
