package transfer

import (
	"crypto/sha256"
	"encoding"
)

// Arriving is a file that comes in pieces: what is there of it. File.Size is the
// bytes that are durable.
type Arriving struct {
	File   File   `json:"file"`
	Length int64  `json:"length"` // of the whole, as announced
	Sum    []byte `json:"sum"`    // state of its SHA-256 so far
	Seq    int    `json:"seq"`    // of this record; each piece makes the next
}

// Whole reports whether nothing is missing any more.
func (a Arriving) Whole() bool { return a.File.Size == a.Length }

// FinishSum is the SHA-256 whose state was kept.
func FinishSum(state []byte) ([]byte, error) {
	sum := sha256.New()
	if err := sum.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		return nil, Wrap(Integrity, "the state of a hash cannot be read", err)
	}
	return sum.Sum(nil), nil
}
