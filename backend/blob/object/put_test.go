package object_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"senddigitally/backend/blob"
	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/blob/object"
)

// shelf is a bucket in memory; fault, when set, is asked before and after each
// change.
type shelf struct {
	mu      sync.Mutex
	blobs   map[string][]byte
	aborted int
	fault   func(op string, after bool) error
}

func newShelf() *shelf {
	return &shelf{blobs: map[string][]byte{}, fault: func(string, bool) error { return nil }}
}

func (s *shelf) Put(_ context.Context, key string, content []byte) error {
	return s.change("put", func() error {
		if _, taken := s.blobs[key]; taken {
			return fs.ErrExist
		}
		s.blobs[key] = bytes.Clone(content)
		return nil
	})
}

func (s *shelf) change(op string, do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fault(op, false); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return s.fault(op, true)
}

func (s *shelf) Begin(_ context.Context, key string) (object.Upload, error) {
	return &pieces{shelf: s, key: key}, nil
}

func (s *shelf) Read(_ context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, found := s.blobs[key]
	switch {
	case !found:
		return nil, fs.ErrNotExist
	case offset >= int64(len(content)):
		return nil, object.ErrRange
	case length >= 0:
		content = content[:min(int64(len(content)), offset+length)]
	}
	return io.NopCloser(bytes.NewReader(content[offset:])), nil
}

func (s *shelf) Size(_ context.Context, key string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, found := s.blobs[key]
	if !found {
		return 0, fs.ErrNotExist
	}
	return int64(len(content)), nil
}

func (s *shelf) Keys(_ context.Context, prefix, after string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		s.mu.Lock()
		keys := slices.Sorted(maps.Keys(s.blobs))
		s.mu.Unlock()
		for _, key := range keys {
			if strings.HasPrefix(key, prefix) && key > after && !yield(key, nil) {
				return
			}
		}
	}
}

func (s *shelf) Delete(_ context.Context, key string) error {
	return s.change("delete", func() error { delete(s.blobs, key); return nil })
}

type pieces struct {
	shelf *shelf
	key   string
	all   []byte
}

func (p *pieces) Chunk(_ context.Context, number int, content []byte) error {
	return p.shelf.change("chunk", func() error {
		if len(p.all) != (number-1)*object.ChunkSize {
			return errors.New("a chunk came out of order")
		}
		p.all = append(p.all, content...)
		return nil
	})
}

func (p *pieces) Commit(ctx context.Context) error { return p.shelf.Put(ctx, p.key, p.all) }

func (p *pieces) Abort(context.Context) error {
	return p.shelf.change("abort", func() error { p.shelf.aborted++; return nil })
}

func open(t *testing.T, s *shelf, prefix string) *object.Store {
	t.Helper()
	store, err := object.Open(t.Context(), s, prefix, "test")
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestConformance(t *testing.T) {
	for _, prefix := range []string{"", "below/here"} {
		blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, newShelf(), prefix) })
	}
}

var errLost = errors.New("the answer was lost")

// A put whose answer was lost is repeated and recognised; another's blob is not
// taken for it.
func TestAPutWhoseAnswerWasLost(t *testing.T) {
	s := newShelf()
	store := open(t, s, "")
	left := 2
	s.fault = func(op string, after bool) error {
		if op == "put" && after && left > 0 {
			left--
			return errLost
		}
		return nil
	}
	if _, err := store.Put(t.Context(), "a", strings.NewReader("mine")); err != nil {
		t.Errorf("stored, answer lost: %v", err)
	}
	left = 1
	s.fault = func(op string, after bool) error {
		if op == "put" && !after && left > 0 {
			left--
			s.blobs["b"] = []byte("another's")
			return errLost
		}
		return nil
	}
	if _, err := store.Put(t.Context(), "b", strings.NewReader("mine")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("another's blob: %v", err)
	}
	s.fault = func(string, bool) error { return errLost }
	if _, err := store.Put(t.Context(), "c", strings.NewReader("mine")); !errors.Is(err, errLost) {
		t.Errorf("a service that does not answer: %v", err)
	}
}

// Whatever of a large blob fails, its chunks are withdrawn and nothing is seen.
func TestChunksAreWithdrawn(t *testing.T) {
	for _, failing := range []string{"chunk", "put"} {
		s := newShelf()
		store := open(t, s, "")
		s.fault = func(op string, after bool) error {
			if op == failing && !after {
				return errLost
			}
			return nil
		}
		_, err := store.Put(t.Context(), "a", bytes.NewReader(make([]byte, 3*object.ChunkSize)))
		if !errors.Is(err, errLost) || s.aborted != 1 || len(s.blobs) != 1 {
			t.Errorf("%s: %v, %d withdrawn, %d blobs", failing, err, s.aborted, len(s.blobs))
		}
	}
}
