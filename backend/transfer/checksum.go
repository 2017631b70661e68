package transfer

import (
	"context"
	"crypto/sha256"
	"hash"
	"io"
)

// Checksum is the SHA-256 (FIPS 180-4) of all that r yields. It is made when
// somebody asks, about a second for each GiB, and not for every upload: what is
// stored authenticates without it. It ends with the context.
func Checksum(ctx context.Context, r io.Reader) ([]byte, error) {
	sum := sha256.New()
	if _, err := io.Copy(summing{ctx, sum}, r); err != nil {
		return nil, err
	}
	return sum.Sum(nil), nil
}

type summing struct {
	ctx context.Context
	sum hash.Hash
}

func (s summing) Write(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.sum.Write(p)
}
