package accesscode

import (
	"context"
	"crypto/fips140"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"strings"

	"golang.org/x/text/unicode/norm"

	"senddigitally/backend/transfer"
)

// New makes the access code of one kind, with the verifier of its secret: the
// code from Generate, or the password that the sender chose. A link without a
// code has no verifier, nor has one whose code is made anew at each opening. An
// empty secret is Invalid; so is an unknown kind.
func New(kind transfer.CodeKind, secret string, key transfer.DataKey, id transfer.ID) (transfer.AccessCode, error) {
	code := transfer.AccessCode{Kind: kind}
	switch kind {
	case transfer.CodeNone, transfer.CodeSMS, transfer.CodeMail:
		return code, nil
	case transfer.CodeGenerated, transfer.CodePassword:
	default:
		return code, transfer.E(transfer.Invalid, "this kind of access code is not available")
	}
	if canonical(kind, secret) == "" {
		return code, transfer.E(transfer.Invalid, "the access code is empty")
	}
	v := verifier{scheme: schemeFor(kind)}
	if v.scheme != schemeHMAC {
		v = v.withCost()
	}
	v.hash = v.compute(secretOf(kind, secret, key, id))
	code.Verifier = v.encode()
	return code, nil
}

// Verify reports whether typed opens a link with this access code. A link
// without a code opens for anything. While too many slow checks run, it waits,
// and gives up with Unavailable when ctx ends.
func Verify(ctx context.Context, code transfer.AccessCode, typed string, key transfer.DataKey, id transfer.ID) (bool, error) {
	switch code.Kind {
	case transfer.CodeNone:
		return true, nil
	case transfer.CodeGenerated, transfer.CodePassword:
	default:
		return false, transfer.E(transfer.UnsupportedVersion, "this kind of access code is not known")
	}
	v, err := decode(code.Verifier)
	if err != nil {
		return false, err
	}
	if v.scheme != schemeHMAC {
		if err := acquire(ctx); err != nil {
			return false, err
		}
		defer release()
	}
	return v.matches(secretOf(code.Kind, typed, key, id)), nil
}

// maxSecret bounds what is hashed, in bytes; no policy asks for more.
const maxSecret = 1024

func canonical(kind transfer.CodeKind, secret string) string {
	secret = secret[:min(len(secret), maxSecret)]
	if kind == transfer.CodeGenerated {
		return Normalise(secret)
	}
	return norm.NFC.String(strings.TrimSpace(secret)) // as RFC 8265, section 4.2
}

// secretOf is the peppered secret: 32 bytes, useless without the data key.
func secretOf(kind transfer.CodeKind, secret string, key transfer.DataKey, id transfer.ID) []byte {
	mac := hmac.New(sha256.New, key.Derive("access code verifier", string(id), string(kind)))
	mac.Write([]byte(canonical(kind, secret)))
	return mac.Sum(nil)
}

func schemeFor(kind transfer.CodeKind) scheme {
	switch {
	case kind == transfer.CodeGenerated:
		return schemeHMAC
	case fips140.Enabled():
		return schemePBKDF2
	}
	return schemeArgon2id
}

func newSalt() []byte {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails (Go 1.24)
	return salt
}

// slots bounds the slow hashes that run at once: two of 19 MiB.
var slots = make(chan struct{}, 2)

func acquire(ctx context.Context) error {
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return transfer.Wrap(transfer.Unavailable, "too many access codes are being checked", ctx.Err())
	}
}

func release() { <-slots }
