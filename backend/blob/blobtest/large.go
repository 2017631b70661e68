package blobtest

import (
	"bytes"
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"

	"senddigitally/backend/blob"
)

// large is more than an object store takes in two chunks of 8 MiB.
const large = 2*8<<20 + 12345

// largeBlobs: what a driver must send in pieces keeps the same promises.
func largeBlobs(t *testing.T, s blob.Store) {
	for i, size := range []int{8 << 20, 2 * 8 << 20, large} {
		name, content := "large/"+string(rune('a'+i)), Fill(size, uint64(i))
		put(t, s, name, content)
		if !bytes.Equal(read(t, s, name, 0, -1), content) {
			t.Errorf("%d bytes came back changed", size)
		}
		if got := read(t, s, name, 8<<20-10, 20); !bytes.Equal(got, content[8<<20-10:min(8<<20+10, size)]) {
			t.Errorf("a range across the pieces of %d bytes came back changed", size)
		}
		if _, err := s.Put(t.Context(), name, bytes.NewReader(Fill(size, 99))); !errors.Is(err, fs.ErrExist) {
			t.Errorf("a second Put of %d bytes: %v", size, err)
		}
		if !bytes.Equal(read(t, s, name, 0, -1), content) {
			t.Errorf("%d bytes were overwritten", size)
		}
	}
}

func oneLargeWriterWins(t *testing.T, s blob.Store) {
	var won atomic.Int32
	var all sync.WaitGroup
	for i := range 3 {
		all.Go(func() {
			if _, err := s.Put(t.Context(), "contended/large", bytes.NewReader(Fill(large, uint64(i)))); err == nil {
				won.Add(1)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d writers were told that they won", won.Load())
	}
}
