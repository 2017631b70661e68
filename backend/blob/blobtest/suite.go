// Package blobtest is the conformance suite of the blob port: what every driver
// must hold, whatever it stands on.
//
// Invariant: it uses the port alone. A driver fails the test that names the
// promise it breaks.
package blobtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

// Run puts a driver through the suite. make returns an empty store.
func Run(t *testing.T, make func(t *testing.T) blob.Store) {
	for name, test := range map[string]func(*testing.T, blob.Store){
		"round trip":             roundTrip,
		"a name is written once": writtenOnce,
		"one writer wins":        oneWriterWins,
		"ranges":                 ranges,
		"absent":                 absent,
		"list":                   list,
		"list stops":             listStops,
		"list a random tree":     listRandomTree,
		"delete":                 deletion,
		"interrupted":            interrupted,
		"cancelled":              cancelled,
		"hostile names":          hostileNames,
		"concurrent":             concurrent,
		"empty folders race":     emptyFoldersRace,
		"large":                  largeBlobs,
		"one large writer wins":  oneLargeWriterWins,
	} {
		t.Run(name, func(t *testing.T) { test(t, make(t)) })
	}
}

// Fill returns n pseudo-random bytes that depend on the seed alone.
func Fill(n int, seed uint64) []byte {
	b := make([]byte, n)
	source := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)})
	_, _ = source.Read(b)
	return b
}

func put(t *testing.T, s blob.Store, name string, content []byte) {
	t.Helper()
	n, err := s.Put(t.Context(), name, bytes.NewReader(content))
	if err != nil || n != int64(len(content)) {
		t.Errorf("Put %s: %d bytes, %v; want %d", name, n, err, len(content))
	}
}

func read(t *testing.T, s blob.Store, name string, offset, length int64) []byte {
	t.Helper()
	r, err := s.ReadRange(t.Context(), name, offset, length)
	if err != nil {
		t.Errorf("ReadRange %s: %v", name, err)
		return nil
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Errorf("reading %s: %v", name, err)
	}
	return content
}

func names(t *testing.T, s blob.Store, prefix, after string) []string {
	t.Helper()
	var got []string
	for name, err := range s.List(t.Context(), prefix, after) {
		if err != nil {
			t.Fatalf("List %q after %q: %v", prefix, after, err)
		}
		got = append(got, name)
	}
	return got
}

func wantNames(t *testing.T, s blob.Store, prefix, after string, want ...string) {
	t.Helper()
	if got := names(t, s, prefix, after); !slices.Equal(got, want) {
		t.Errorf("List %q after %q:\n got %q\nwant %q", prefix, after, got, want)
	}
}

func roundTrip(t *testing.T, s blob.Store) {
	for i, size := range []int{0, 1, 4095, 4096, 256<<10 + 28, 3<<20 + 7} {
		name, content := fmt.Sprintf("t/%d/x", i), Fill(size, uint64(i))
		put(t, s, name, content)
		if !bytes.Equal(read(t, s, name, 0, -1), content) {
			t.Errorf("%d bytes came back changed", size)
		}
		if n, err := s.Size(t.Context(), name); err != nil || n != int64(size) {
			t.Errorf("Size: %d, %v; want %d", n, err, size)
		}
	}
}

func writtenOnce(t *testing.T, s blob.Store) {
	put(t, s, "a/b", []byte("first"))
	if _, err := s.Put(t.Context(), "a/b", strings.NewReader("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the second Put: %v; want fs.ErrExist", err)
	}
	if got := read(t, s, "a/b", 0, -1); string(got) != "first" {
		t.Errorf("the blob became %q", got)
	}
}

func oneWriterWins(t *testing.T, s blob.Store) {
	const writers = 16
	var won atomic.Int32
	var winner atomic.Value
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			content := Fill(100_000, uint64(i))
			switch _, err := s.Put(t.Context(), "contended/name", bytes.NewReader(content)); {
			case err == nil:
				won.Add(1)
				winner.Store(content)
			case !errors.Is(err, fs.ErrExist):
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d writers were told that they won", won.Load())
	}
	if !bytes.Equal(read(t, s, "contended/name", 0, -1), winner.Load().([]byte)) {
		t.Error("the blob is not the winner's")
	}
}

func ranges(t *testing.T, s blob.Store) {
	content := Fill(10_000, 1)
	put(t, s, "r/x", content)
	for _, offset := range []int64{0, 1, 4096, 9_999, 10_000, 20_000} {
		for _, length := range []int64{-1, 0, 1, 4096, 20_000} {
			want := content[min(offset, 10_000):]
			if length >= 0 {
				want = want[:min(length, int64(len(want)))]
			}
			if got := read(t, s, "r/x", offset, length); !bytes.Equal(got, want) {
				t.Errorf("range %d+%d: %d bytes, want %d", offset, length, len(got), len(want))
			}
		}
	}
	if _, err := s.ReadRange(t.Context(), "r/x", -1, 1); transfer.CodeOf(err) != transfer.Invalid {
		t.Errorf("a negative offset: %v", err)
	}
}

func absent(t *testing.T, s blob.Store) {
	put(t, s, "a/b/c", nil)
	for _, name := range []string{"nothing", "a/nothing", "a", "a/b", "a/b/c/d"} {
		if _, err := s.Size(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Size %s: %v", name, err)
		}
		if _, err := s.ReadRange(t.Context(), name, 0, -1); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("ReadRange %s: %v", name, err)
		}
	}
	wantNames(t, s, "nothing", "")
	wantNames(t, s, "nothing/here/", "")
}
