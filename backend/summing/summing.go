// Package summing calculates the checksums of files when somebody asks for them.
//
// Invariant: a process calculates one at a time, whoever asks how often, and a
// file that has been read once is not read again while its sum is remembered:
// stored bytes never change.
//
// Failure: what the reader of the file says; nothing is remembered then.
package summing

import (
	"context"
	"crypto/sha256"
	"hash"
	"io"
	"strings"
	"sync"

	"senddigitally/backend/transfer"
)

// remembered bounds the sums in memory: some 200 bytes each.
const remembered = 4096

// Sums calculates and remembers.
type Sums struct {
	turn  chan struct{}
	mu    sync.Mutex
	known map[string][]byte
}

// New makes Sums that know nothing.
func New() *Sums {
	return &Sums{turn: make(chan struct{}, 1), known: map[string][]byte{}}
}

// Of is the SHA-256 (FIPS 180-4) of a file, whose content is read where that is
// not known: about a second for each GiB, once it is its turn. It ends with the
// context.
func (s *Sums) Of(ctx context.Context, f transfer.File, content io.Reader) ([]byte, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	name := bytesOf(f)
	if sum := s.recall(name); sum != nil {
		return sum, nil
	}
	sum := sha256.New()
	if _, err := io.Copy(while{ctx, sum}, content); err != nil {
		return nil, err
	}
	return s.remember(name, sum.Sum(nil)), nil
}

// bytesOf names the bytes of a file: its parts have random ids.
func bytesOf(f transfer.File) string {
	var ids strings.Builder
	for _, part := range f.Parts {
		ids.WriteString(part.ID + " ")
	}
	return ids.String()
}

func (s *Sums) recall(name string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[name]
}

func (s *Sums) remember(name string, sum []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= remembered {
		clear(s.known)
	}
	if name != "" {
		s.known[name] = sum
	}
	return sum
}

type while struct {
	ctx context.Context
	sum hash.Hash
}

func (w while) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.sum.Write(p)
}
