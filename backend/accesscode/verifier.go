package accesscode

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"

	"senddigitally/backend/transfer"
)

// scheme names how a verifier was computed.
type scheme string

const (
	schemeHMAC     scheme = "hmac-sha256"
	schemeArgon2id scheme = "argon2id"
	schemePBKDF2   scheme = "pbkdf2-sha256"
)

// The costs of new verifiers: OWASP Password Storage Cheat Sheet, 2025
// (Argon2id with 19 MiB, two passes, one lane; PBKDF2-HMAC-SHA-256 with
// 600,000 iterations).
const (
	argonPasses      = 2
	argonKiB         = 19 * 1024
	argonLanes       = 1
	pbkdf2Iterations = 600_000
	saltSize         = 16
	hashSize         = sha256.Size
)

// The most that a stored verifier may ask for, so that nothing that is stored
// can exhaust the process.
const (
	maxPasses     = 16
	maxKiB        = 64 * 1024
	maxIterations = 10_000_000
	maxEncoded    = 256
)

// verifier is the stored form of a secret, written like a PHC string:
// "$argon2id$m=19456,t=2,p=1$salt$hash", "$pbkdf2-sha256$i=600000$salt$hash",
// "$hmac-sha256$hash", in unpadded standard base64.
type verifier struct {
	scheme scheme
	kib    uint32 // of Argon2id
	rounds uint32 // passes or iterations
	lanes  uint8
	salt   []byte
	hash   []byte
}

func (v verifier) withCost() verifier {
	v.salt = newSalt()
	if v.scheme == schemePBKDF2 {
		v.rounds = pbkdf2Iterations
		return v
	}
	v.kib, v.rounds, v.lanes = argonKiB, argonPasses, argonLanes
	return v
}

func (v verifier) matches(secret []byte) bool {
	return subtle.ConstantTimeCompare(v.hash, v.compute(secret)) == 1
}

func (v verifier) compute(secret []byte) []byte {
	switch v.scheme {
	case schemeArgon2id:
		return argon2.IDKey(secret, v.salt, v.rounds, v.kib, v.lanes, hashSize)
	case schemePBKDF2:
		hash, err := pbkdf2.Key(sha256.New, string(secret), v.salt, int(v.rounds), hashSize)
		if err != nil {
			return nil // a nil hash equals no stored one
		}
		return hash
	}
	return secret // peppered already, and 54 bits need no slow hash
}

var encoding = base64.RawStdEncoding.Strict()

func (v verifier) encode() []byte {
	parts := []string{"", string(v.scheme)}
	switch v.scheme {
	case schemeArgon2id:
		parts = append(parts, fmt.Sprintf("m=%d,t=%d,p=%d", v.kib, v.rounds, v.lanes), encoding.EncodeToString(v.salt))
	case schemePBKDF2:
		parts = append(parts, fmt.Sprintf("i=%d", v.rounds), encoding.EncodeToString(v.salt))
	}
	return []byte(strings.Join(append(parts, encoding.EncodeToString(v.hash)), "$"))
}

// decode reads what encode writes and nothing else; any other bytes are an
// Integrity error, since verifiers come out of a sealed manifest.
func decode(b []byte) (verifier, error) {
	v, ok := parse(string(b))
	if !ok || string(v.encode()) != string(b) {
		return verifier{}, transfer.E(transfer.Integrity, "the access code's verifier cannot be read")
	}
	return v, nil
}

func parse(s string) (verifier, bool) {
	parts := strings.Split(s, "$")
	if len(s) > maxEncoded || len(parts) < 3 || parts[0] != "" {
		return verifier{}, false
	}
	v := verifier{scheme: scheme(parts[1])}
	hash, err := encoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(hash) != hashSize {
		return v, false
	}
	v.hash = hash
	if v.scheme == schemeHMAC {
		return v, len(parts) == 3
	}
	if len(parts) != 5 {
		return v, false
	}
	v.salt, err = encoding.DecodeString(parts[3])
	return v, err == nil && len(v.salt) == saltSize && v.parseCost(parts[2])
}

func (v *verifier) parseCost(s string) bool {
	costs := map[string]uint32{}
	for _, pair := range strings.Split(s, ",") {
		name, value, _ := strings.Cut(pair, "=")
		n, err := strconv.ParseUint(value, 10, 32)
		if err != nil {
			return false
		}
		costs[name] = uint32(n)
	}
	switch v.scheme {
	case schemeArgon2id:
		v.kib, v.rounds, v.lanes = costs["m"], costs["t"], uint8(min(costs["p"], 255))
		return within(v.kib, 8, maxKiB) && within(v.rounds, 1, maxPasses) && v.lanes == argonLanes
	case schemePBKDF2:
		v.rounds = costs["i"]
		return within(v.rounds, 1000, maxIterations)
	}
	return false
}

func within(n, low, high uint32) bool { return low <= n && n <= high }
