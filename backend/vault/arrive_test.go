package vault

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"senddigitally/backend/transfer"
)

var errLine = errors.New("the line is dead")

// breaking yields some bytes and then fails.
func breaking(b []byte) io.Reader {
	return io.MultiReader(bytes.NewReader(b), iotest.ErrReader(errLine))
}

// Case 42: a file that comes in pieces, each of which may break off, is what was
// sent.
func TestAFileInPiecesIsTheFile(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		id := w.id(rapid.StringN(1, 8, 8).Draw(rt, "key"))
		key := w.begin(id)
		content := bytes.Repeat([]byte(rapid.StringN(1, 40, 40).Draw(rt, "content")), rapid.IntRange(0, 40000).Draw(rt, "times"))
		a, err := w.Arrive(t.Context(), tenant, id, key, transfer.Arriving{File: transfer.File{ID: "u1", Name: "a"}, Length: int64(len(content))})
		for err == nil && !a.Whole() {
			rest := content[a.File.Size:]
			n := rapid.IntRange(1, len(rest)).Draw(rt, "piece")
			if rapid.Bool().Draw(rt, "breaks") {
				before := a.File.Size
				if a, err = w.Extend(t.Context(), tenant, id, key, a, breaking(rest[:n])); !errors.Is(err, errLine) || a.File.Size != before+int64(n) {
					rt.Fatalf("a broken piece of %d: %d bytes are kept, %v", n, a.File.Size-before, err)
				}
				listed, listErr := w.Arriving(t.Context(), tenant, id, key)
				if err = listErr; err == nil && (len(listed) != 1 || listed[0].File.Size != a.File.Size || listed[0].Seq != a.Seq) {
					rt.Fatalf("listed %+v, not %+v", listed, a)
				}
				a = listed[0]
				continue
			}
			a, err = w.Extend(t.Context(), tenant, id, key, a, bytes.NewReader(rest[:n]))
		}
		if err != nil {
			rt.Fatal(err)
		}
		d := &transfer.Dossier{Key: key, Manifest: transfer.Manifest{Tenant: tenant, ID: id}}
		got, err := io.ReadAll(w.ReadFile(t.Context(), d, a.File))
		if err != nil || !bytes.Equal(got, content) {
			rt.Fatalf("%d bytes of %d, %v", len(got), len(content), err)
		}
		if err := w.Arrived(t.Context(), tenant, id, a, false); err != nil {
			rt.Fatal(err)
		}
		if left, err := w.Arriving(t.Context(), tenant, id, key); err != nil || len(left) != 0 {
			rt.Fatalf("left %v %v", left, err)
		}
	})
}

// A file that never arrived whole goes with the rest, erased or given up.
func TestNothingIsLeftOfAFileThatNeverArrived(t *testing.T) {
	w := newWorld(t)
	for _, sent := range []bool{true, false} {
		id := w.id("a")
		key := w.begin(id)
		a, err := w.Arrive(t.Context(), tenant, id, key, transfer.Arriving{File: transfer.File{ID: "u1"}, Length: 10})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Extend(t.Context(), tenant, id, key, a, bytes.NewReader([]byte("half"))); err != nil {
			t.Fatal(err)
		}
		if sent {
			d := w.send("a", []byte("content"))
			w.erase(d, transfer.Expired)
			_, err = w.RemoveBytes(t.Context(), tenant, id)
		} else {
			err = w.EraseUncommitted(t.Context(), tenant, id, transfer.HeldOpen)
		}
		for _, name := range w.blobs.Names() {
			if err == nil && strings.Contains(name, "/t/") {
				t.Errorf("sent %v: %s is left", sent, name)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		w = newWorld(t)
	}
}

// Case 43: what overlaps is refused, and more than was announced is too large.
func TestPiecesThatOverlapOrExceedAreRefusedAndLeaveNothing(t *testing.T) {
	w := newWorld(t)
	id := w.id("a")
	key := w.begin(id)
	a, err := w.Arrive(t.Context(), tenant, id, key, transfer.Arriving{File: transfer.File{ID: "u1"}, Length: 10})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Arrive(t.Context(), tenant, id, key, a); transfer.CodeOf(err) != transfer.Conflict {
		t.Errorf("announced twice: %v", err)
	}
	var outcomes sync.Map
	var working sync.WaitGroup
	for i := range 8 {
		working.Go(func() {
			_, err := w.Extend(t.Context(), tenant, id, key, a, bytes.NewReader([]byte("hello")))
			outcomes.Store(i, transfer.CodeOf(err))
		})
	}
	working.Wait()
	won := 0
	outcomes.Range(func(_, code any) bool {
		if code == transfer.Code("") {
			won++
		} else if code != transfer.Conflict {
			t.Errorf("a piece at the same place: %v", code)
		}
		return true
	})
	listed, _ := w.Arriving(t.Context(), tenant, id, key)
	if won != 1 || listed[0].File.Size != 5 {
		t.Errorf("%d pieces won, %d bytes", won, listed[0].File.Size)
	}
	if _, err := w.Extend(t.Context(), tenant, id, key, listed[0], bytes.NewReader(make([]byte, 6))); transfer.CodeOf(err) != transfer.TooLarge {
		t.Errorf("more than announced: %v", err)
	}
	parts := 0
	for name, err := range w.blobs.List(t.Context(), string(tenant)+"/", "") {
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains([]byte(name), []byte(partPrefix)) {
			parts++
		}
	}
	if parts != 1 {
		t.Errorf("%d parts are left, not the one that counts", parts)
	}
	if err := w.Arrived(t.Context(), tenant, id, listed[0], true); err != nil {
		t.Fatal(err)
	}
	if left, _ := w.Arriving(t.Context(), tenant, id, key); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}
