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

	"senddigitally/backend/transfer"
)

// remembered bounds the sums in memory: some 200 bytes each.
const remembered = 4096

// Sums calculates and remembers.
type Sums struct {
	turn chan map[string][]byte // the sums by their files' stored bytes; whoever has them is at work
}

// New makes Sums that know nothing.
func New() *Sums {
	s := &Sums{turn: make(chan map[string][]byte, 1)}
	s.turn <- map[string][]byte{}
	return s
}

// Of is the SHA-256 (FIPS 180-4) of a file, whose content is read where that is
// not known: about a second for each GiB, once it is its turn. It ends with the
// context.
func (s *Sums) Of(ctx context.Context, f transfer.File, content io.Reader) ([]byte, error) {
	var known map[string][]byte
	select {
	case known = <-s.turn:
		defer func() { s.turn <- known }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if sum := known[f.Stored()]; sum != nil {
		return sum, nil
	}
	sum := sha256.New()
	if _, err := io.Copy(while{ctx, sum}, content); err != nil {
		return nil, err
	}
	if len(known) >= remembered {
		clear(known)
	}
	known[f.Stored()] = sum.Sum(nil)
	return known[f.Stored()], nil
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
