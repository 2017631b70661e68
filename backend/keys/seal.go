package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// seal encrypts with AES-256-GCM under a random nonce; the context's parts are
// authenticated, length-prefixed. An epoch key seals fewer than the 2^32
// records that random nonces allow (NIST SP 800-38D, section 8.3).
func seal(key, plaintext []byte, context ...string) []byte {
	return aead(key).Seal(nil, nil, plaintext, prefixed("senddigitally/seal/1", context...))
}

func open(key, sealed []byte, context ...string) ([]byte, error) {
	return aead(key).Open(nil, nil, sealed, prefixed("senddigitally/seal/1", context...))
}

func aead(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // every key here has 32 bytes
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size that GCM asks for
	}
	return gcm
}

func prefixed(first string, parts ...string) []byte {
	b := []byte(first)
	for _, part := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	return b
}
