package vault

import (
	"bytes"
	"testing"

	"senddigitally/backend/transfer"
)

// BenchmarkPieces stores 64 MiB in one piece, beside BenchmarkWhole's plain file
// of the same size: what resumability costs.
func BenchmarkPieces(b *testing.B) {
	w, content := newWorld(b), make([]byte, 64<<20)
	b.SetBytes(int64(len(content)))
	for i := range b.N {
		id := w.id(string(rune('a' + i)))
		key := w.begin(id)
		a, err := w.Arrive(b.Context(), tenant, id, key, transfer.Arriving{File: transfer.File{ID: "u1"}, Length: int64(len(content))})
		if err == nil {
			_, err = w.Extend(b.Context(), tenant, id, key, a, bytes.NewReader(content))
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWhole(b *testing.B) {
	w, content := newWorld(b), make([]byte, 64<<20)
	b.SetBytes(int64(len(content)))
	for i := range b.N {
		id := w.id(string(rune('a' + i)))
		w.write(id, w.begin(id), "u1", content)
	}
}
