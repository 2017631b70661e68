package keys

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

const (
	ringVersion = 1
	secretSize  = 32
	maxRing     = 1 << 20 // bytes of a keyring file
)

// Ring is a keyring in memory: the installation's id, its root secret and its
// key-encryption keys. It is a [KEK] by itself and prints as "[keyring]".
type Ring struct{ content ringFile }

type ringFile struct {
	Version      int       `json:"version"`
	Installation string    `json:"installation"`
	Root         []byte    `json:"root"`
	KEKs         []ringKEK `json:"keks"` // the first is the primary
}

type ringKEK struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	Secret  []byte    `json:"secret"`
}

// KEKInfo is what may be shown of a key-encryption key.
type KEKInfo struct {
	ID      string
	Created time.Time
	Primary bool
}

func newRing(now time.Time) *Ring {
	return &Ring{ringFile{
		Version: ringVersion, Installation: hex.EncodeToString(random(16)),
		Root: random(secretSize), KEKs: []ringKEK{newKEK(now)},
	}}
}

func newKEK(now time.Time) ringKEK {
	return ringKEK{ID: "k" + hex.EncodeToString(random(8)), Created: now.UTC(), Secret: random(secretSize)}
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (Go 1.24)
	return b
}

// parseRing reads a keyring file's content. Its errors quote nothing of it.
func parseRing(content []byte) (*Ring, error) {
	var r Ring
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&r.content) != nil {
		return nil, errors.New("the keyring is not valid JSON of a keyring")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("the keyring has something behind its end")
	}
	return &r, r.content.check()
}

func (f ringFile) check() error {
	switch {
	case f.Version != ringVersion:
		return fmt.Errorf("the keyring has version %d, this release reads version %d", f.Version, ringVersion)
	case !blob.ValidElement(f.Installation):
		return errors.New("the keyring has no valid installation id")
	case len(f.Root) != secretSize:
		return fmt.Errorf("the keyring's root secret must have %d bytes", secretSize)
	case len(f.KEKs) == 0:
		return errors.New("the keyring has no key-encryption key")
	}
	seen := map[string]bool{}
	for _, k := range f.KEKs {
		if !validKEKID(k.ID) || seen[k.ID] || len(k.Secret) != secretSize {
			return errors.New("the keyring has an invalid or repeated key-encryption key")
		}
		seen[k.ID] = true
	}
	return nil
}

// Installation is the id of the installation: who owns the storage.
func (r *Ring) Installation() string { return r.content.Installation }

// Namer derives ids and look-up hashes from the root secret.
func (r *Ring) Namer() transfer.Namer { return transfer.NewNamer(r.Derive("namer")) }

// Derive returns a 32-byte key for one purpose. Labels separate purposes.
func (r *Ring) Derive(label string) []byte { return derive(r.content.Root, "root", label) }

// KEKs lists the key-encryption keys, the primary first, without their secrets.
func (r *Ring) KEKs() []KEKInfo {
	infos := make([]KEKInfo, len(r.content.KEKs))
	for i, k := range r.content.KEKs {
		infos[i] = KEKInfo{ID: k.ID, Created: k.Created, Primary: i == 0}
	}
	return infos
}

// Primary implements KEK.
func (r *Ring) Primary(string) string { return r.content.KEKs[0].ID }

// Wrap implements KEK.
func (r *Ring) Wrap(_ context.Context, tenant, id string, plaintext []byte) (Wrapped, error) {
	k := r.content.KEKs[0]
	return Wrapped{KEK: k.ID, Bytes: seal(k.key(tenant), plaintext, "kek", k.ID, tenant, id)}, nil
}

// Unwrap implements KEK.
func (r *Ring) Unwrap(_ context.Context, tenant, id string, w Wrapped) ([]byte, error) {
	i := slices.IndexFunc(r.content.KEKs, func(k ringKEK) bool { return k.ID == w.KEK })
	if i < 0 {
		return nil, transfer.E(transfer.Unavailable, "the keyring lacks the key-encryption key "+w.KEK)
	}
	k := r.content.KEKs[i]
	plaintext, err := open(k.key(tenant), w.Bytes, "kek", k.ID, tenant, id)
	if err != nil {
		return nil, transfer.Wrap(transfer.Integrity, "the key-encryption key "+w.KEK+" does not open what it should have wrapped", err)
	}
	return plaintext, nil
}

func (k ringKEK) key(tenant string) []byte { return derive(k.Secret, "kek", tenant) }

func (Ring) String() string       { return "[keyring]" }
func (Ring) GoString() string     { return "[keyring]" }
func (Ring) LogValue() slog.Value { return slog.StringValue("[keyring]") }

// derive is HKDF-SHA-256 (RFC 5869) with length-prefixed context.
func derive(secret []byte, label string, context ...string) []byte {
	info := prefixed("senddigitally/keys/1", append([]string{label}, context...)...)
	key, err := hkdf.Key(sha256.New, secret, nil, string(info), secretSize)
	if err != nil {
		panic(err) // 32 bytes are always available from HKDF-SHA-256
	}
	return key
}
