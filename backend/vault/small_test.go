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

func (w *world) put(id transfer.ID, key transfer.DataKey, name transfer.FileID, content []byte) transfer.File {
	w.t.Helper()
	f, err := w.Put(w.t.Context(), tenant, id, key, transfer.File{ID: name, Name: string(name)}, bytes.NewReader(content), int64(len(content)), true)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

func (w *world) onlyStaged(id transfer.ID, key transfer.DataKey) transfer.File {
	w.t.Helper()
	files, err := w.Staged(w.t.Context(), tenant, id, key)
	if err != nil || len(files) != 1 {
		w.t.Fatalf("staged: %v, %v", files, err)
	}
	return files[0]
}

// Uploaded files of all sizes are listed as they are, and come back byte for
// byte; those of one segment are one blob.
func TestAnUploadedFileIsListedAndComesBack(t *testing.T) {
	for i, size := range []int{0, 1, 100 << 10, segmentSize - 1, segmentSize, segmentSize + 1, 3 * segmentSize} {
		w := newWorld(t)
		w.PartSize = 2 * segmentSize
		id, content := w.id("a"), blobtest.Fill(size, uint64(i))
		key := w.begin(id)
		f := w.put(id, key, "u1", content)
		if blobs := len(w.blobs.Names()); (blobs == 1) != (size < segmentSize) {
			t.Errorf("%d bytes lie in %d blobs", size, blobs)
		}
		w.put(id, key, "u2", content)
		if err := w.Unstage(t.Context(), tenant, id, key, "u2"); err != nil {
			t.Fatal(err)
		}
		listed := w.onlyStaged(id, key)
		if fmt.Sprint(listed) != fmt.Sprint(f) || f.Size != int64(size) || f.Name != "u1" {
			t.Errorf("%d bytes are listed as %+v", size, listed)
		}
		if err := w.Commit(t.Context(), key, w.manifestOf(id, listed)); err != nil {
			t.Fatal(err)
		}
		if got, err := w.readAll(w.open(id), listed); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes: %d came back, %v", size, len(got), err)
		}
	}
}

func TestAnUploadedFileThatIsTooLargeLeavesNothing(t *testing.T) {
	w := newWorld(t)
	id := w.id("a")
	key := w.begin(id)
	for _, size := range []int{2, segmentSize + 1} {
		_, err := w.Put(t.Context(), tenant, id, key, transfer.File{ID: "u1"}, bytes.NewReader(blobtest.Fill(size, 1)), int64(size)-1, false)
		wantCode(t, err, transfer.TooLarge)
		_, err = w.Put(t.Context(), tenant, id, key, transfer.File{ID: "u1"}, io.MultiReader(bytes.NewReader(blobtest.Fill(size, 1)), broken{io.ErrUnexpectedEOF}), 1<<20, false)
		if err == nil {
			t.Errorf("a body of %d bytes that broke off was taken", size)
		}
	}
	w.Vault.blobs = skimming{w.blobs}
	_, err := w.Put(t.Context(), tenant, id, key, transfer.File{ID: "u1"}, strings.NewReader("content"), 7, false)
	wantCode(t, err, transfer.Unavailable)
	for _, file := range []transfer.FileID{"", "../u", transfer.FileID(strings.Repeat("u", 300))} {
		_, err := w.Put(t.Context(), tenant, id, key, transfer.File{ID: file}, strings.NewReader("content"), 7, false)
		wantCode(t, err, transfer.Invalid)
	}
	if left := w.blobs.Names(); len(left) != 0 {
		t.Errorf("%q stay", left)
	}
}

// Wherever a replacement is killed, either file is listed, whole, and never both
// or none; and it can be tried again.
func TestAReplacementLosesNoFile(t *testing.T) {
	sizes := []int{0, 5, 2 * segmentSize}
	for _, before := range sizes {
		for _, after := range sizes {
			for left := range 5 {
				w := newWorld(t)
				id := w.id("a")
				key := w.begin(id)
				old, fresh := blobtest.Fill(before, 1), blobtest.Fill(after, 2)
				was := w.put(id, key, "u1", old)
				w.now = w.now.Add(1e6)
				kill(w, left)
				_, err := w.Put(t.Context(), tenant, id, key, transfer.File{ID: "u1"}, bytes.NewReader(fresh), int64(after), true)
				revive(w)
				listed, want := w.onlyStaged(id, key), fresh
				if err != nil && slices.Equal(listed.Parts, was.Parts) {
					want = old
				}
				w.now = w.now.Add(1e6)
				w.put(id, key, "u1", []byte("third"))
				if last := w.onlyStaged(id, key); last.Size != 5 {
					t.Errorf("%d, %d, killed after %d changes: %+v", before, after, left, last)
				}
				if err := w.Commit(t.Context(), key, w.manifestOf(id, listed)); listed.Size > 0 && listed.Size < segmentSize {
					wantCode(t, err, transfer.Unavailable) // it was taken back
					continue
				} else if err != nil {
					t.Fatal(err)
				}
				if got, err := w.readAll(w.open(id), listed); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%d, %d, killed after %d changes: %d bytes, %v", before, after, left, len(got), err)
				}
			}
		}
	}
}

// Case 9: a small file in another's place, or with another's record or content,
// is refused.
func TestSmallFilesCannotBeExchanged(t *testing.T) {
	w := newWorld(t)
	id := w.id("a")
	key := w.begin(id)
	f1, f2 := w.put(id, key, "u1", []byte("content")), w.put(id, key, "u2", []byte("content"))
	if err := w.Commit(t.Context(), key, w.manifestOf(id, f1, f2)); err != nil {
		t.Fatal(err)
	}
	d := w.open(id)
	var one, other []byte
	w.blobs.Tamper(blobOf(d, f1.Parts[0]), func(b []byte) []byte { one = b; return b })
	w.blobs.Tamper(blobOf(d, f2.Parts[0]), func(b []byte) []byte { other = b; return b })
	part := len(one) - int(sealedSize(f1.Size))
	for _, altered := range [][]byte{other, append(bytes.Clone(one[:part]), other[part:]...), append(bytes.Clone(other[:part]), one[part:]...), one[part:]} {
		w.blobs.Tamper(blobOf(d, f1.Parts[0]), func([]byte) []byte { return altered })
		w.wantRefused(d, f1, []byte("content"))
	}
}

// Of a commit and the removal of a file's bytes that meet, one gives way: what is
// accepted can be read.
func TestARemovalAndACommitThatMeetLoseNothing(t *testing.T) {
	for _, size := range []int{5, 2 * segmentSize} {
		for _, at := range []string{gonePrefix, partPrefix} {
			w := newWorld(t)
			id, content := w.id("a"), blobtest.Fill(size, 1)
			key := w.begin(id)
			f := w.put(id, key, "u1", content)
			var committed error
			w.Vault.blobs = &meddling{Memory: w.blobs, before: func(name string) bool { return strings.Contains(name, "/"+at) },
				act: func() { committed = w.Commit(t.Context(), key, w.manifestOf(id, f)) }}
			removed := w.Arrived(t.Context(), tenant, id, transfer.Arriving{File: f}, true)
			if (committed == nil) == (removed == nil) {
				t.Errorf("%d bytes, at %s: committed %v, removed %v", size, at, committed, removed)
			}
			if committed != nil {
				wantCode(t, committed, transfer.Unavailable)
				continue
			}
			if got, err := w.readAll(w.open(id), f); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes, at %s: %d came back, %v", size, at, len(got), err)
			}
		}
	}
}
