package keys

import "context"

// KEK wraps epoch keys: the keyring file here, a key service beside it. The
// tenant may choose the key.
type KEK interface {
	// Primary is the id of the key that Wrap uses for a tenant now.
	Primary(tenant string) string
	// Wrap encrypts a key and binds it to the tenant and id.
	Wrap(ctx context.Context, tenant, id string, plaintext []byte) (Wrapped, error)
	// Unwrap gives Unavailable when it lacks the key that wrapped, and Integrity
	// when the bytes do not authenticate.
	Unwrap(ctx context.Context, tenant, id string, w Wrapped) ([]byte, error)
}

// Wrapped is a wrapped key and the id of what wrapped it: 1 to 63 letters and
// digits of ASCII, since it becomes part of a blob name.
type Wrapped struct {
	KEK   string
	Bytes []byte
}

const maxKEKID = 63

func validKEKID(id string) bool {
	if id == "" || len(id) > maxKEKID {
		return false
	}
	for _, c := range id {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9') {
			return false
		}
	}
	return true
}
