package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"

	"senddigitally/backend/transfer"
)

const (
	segmentSize    = 256 << 10 // plaintext bytes of a full segment
	segmentGrowth  = 12 + 16   // nonce and tag
	partMagic      = "SDP\x01"
	partVersion    = "1"
	fullSealed     = segmentSize + segmentGrowth
	segmentCounter = 8 // bytes of the segment's number at the end of the associated data
)

// partCipher seals and opens the segments of one part. It serves one goroutine.
type partCipher struct {
	aead cipher.AEAD
	data []byte // associated data, the segment's number last
}

func newPartCipher(p place, key transfer.DataKey, file transfer.FileID, part string) *partCipher {
	data := prefixed("senddigitally/part", string(p.tenant), string(p.id), string(file), part, partVersion)
	return &partCipher{
		aead: newAEAD(key.Derive("part", string(file), part)),
		data: append(data, make([]byte, segmentCounter)...),
	}
}

func (c *partCipher) bind(segment int64) []byte {
	binary.BigEndian.PutUint64(c.data[len(c.data)-segmentCounter:], uint64(segment))
	return c.data
}

// seal appends the sealed segment to dst, which must not overlap plaintext.
func (c *partCipher) seal(dst, plaintext []byte, segment int64) []byte {
	return c.aead.Seal(dst, nil, plaintext, c.bind(segment))
}

// open appends the plaintext to dst, which must not overlap sealed.
func (c *partCipher) open(dst, sealed []byte, segment int64) ([]byte, error) {
	return c.aead.Open(dst, nil, sealed, c.bind(segment))
}

// sealedSize is the length of the blob for a part of a plaintext length.
func sealedSize(length int64) int64 {
	return int64(len(partMagic)) + length + segments(length)*segmentGrowth
}

func segments(length int64) int64 { return (length + segmentSize - 1) / segmentSize }

func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // derived keys have 32 bytes
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size that GCM asks for
	}
	return aead
}

func prefixed(first string, parts ...string) []byte {
	b := []byte(first)
	for _, part := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	return b
}
