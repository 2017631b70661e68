package transfer

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
)

// DataKey is the data key (DEK) of one transfer or reply: 256 random bits from
// which every other key of that transfer is derived by HKDF (RFC 5869). It
// prints as "[data key]".
type DataKey struct{ secret [32]byte }

// NewDataKey draws a fresh data key.
func NewDataKey() DataKey {
	var k DataKey
	_, _ = rand.Read(k.secret[:]) // crypto/rand.Read never fails (Go 1.24)
	return k
}

// DataKeyFrom restores a data key from its 32 bytes.
func DataKeyFrom(secret []byte) (DataKey, error) {
	var k DataKey
	if len(secret) != len(k.secret) {
		return k, errors.New("a data key has 32 bytes")
	}
	copy(k.secret[:], secret)
	return k, nil
}

// Secret returns the 32 bytes, for the key container to wrap and nobody else.
func (k DataKey) Secret() []byte { return append([]byte(nil), k.secret[:]...) }

// Derive returns the 32-byte key for one purpose. Labels separate purposes;
// the context's parts are length-prefixed, so that no two contexts collide.
func (k DataKey) Derive(label string, context ...string) []byte {
	info := appendPrefixed([]byte("senddigitally/1/"), label)
	for _, part := range context {
		info = appendPrefixed(info, part)
	}
	key, err := hkdf.Key(sha256.New, k.secret[:], nil, string(info), 32)
	if err != nil {
		panic(err) // 32 bytes are always available from HKDF-SHA-256
	}
	return key
}

// Link derives the link token of a recipient. A higher generation makes a new
// link and leaves the older ones dead.
func (k DataKey) Link(id ID, recipient RecipientID, generation int) LinkToken {
	token := k.Derive("link", string(id), string(recipient), fmt.Sprint(generation))
	return LinkToken(string(id[:shardDigits]) + base64.RawURLEncoding.EncodeToString(token))
}

func (DataKey) String() string       { return "[data key]" }
func (DataKey) GoString() string     { return "[data key]" }
func (DataKey) LogValue() slog.Value { return slog.StringValue("[data key]") }

// MarshalJSON refuses: a data key is stored wrapped or not at all.
func (DataKey) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a data key is never marshalled")
}

func appendPrefixed(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}
