package ledger

import (
	"context"
	"time"

	"senddigitally/backend/transfer"
)

// backstop is how long Redis keeps what the backend's clock has ended.
const backstop = time.Hour

const unknownSession = "unknown session"

func (l *Ledger) sessionKey(hash string) string { return l.Prefix + "s:" + hash }

// CreateSession keeps a recipient's session under the keyed hash of its secret
// id until ttl has passed. The values are opaque: the caller seals them. A
// session of that hash is replaced.
func (l *Ledger) CreateSession(ctx context.Context, hash string, values map[string][]byte, ttl time.Duration) error {
	f := fields{}
	for name, value := range values {
		f = append(f, name, value)
	}
	args := append([]any{l.Prefix, "create", millis(l.Clock().Add(ttl)), (ttl + backstop).Milliseconds()}, f.args()...)
	_, err := l.verdict(ctx, l.scripts.session, l.sessionKey(hash), args...)
	return err
}

// Session reads a session. NotFound answers one that has ended, too.
func (l *Ledger) Session(ctx context.Context, hash string) (map[string][]byte, error) {
	called, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	stored, err := l.client.HGetAll(called, l.sessionKey(hash)).Result()
	if err != nil {
		return nil, failure(err)
	}
	if !l.Clock().Before(moment(stored["x"])) {
		return nil, transfer.E(transfer.NotFound, unknownSession)
	}
	values := map[string][]byte{}
	for name, value := range stored {
		if name[0] == 'f' {
			values[name[1:]] = []byte(value)
		}
	}
	return values, nil
}

// Touch lets a session last until ttl from now.
func (l *Ledger) Touch(ctx context.Context, hash string, ttl time.Duration) error {
	if _, err := l.Session(ctx, hash); err != nil {
		return err
	}
	word, err := l.verdict(ctx, l.scripts.session, l.sessionKey(hash), l.Prefix, "touch",
		millis(l.Clock().Add(ttl)), (ttl + backstop).Milliseconds())
	if err == nil && word == "unknown" {
		return transfer.E(transfer.NotFound, unknownSession)
	}
	return err
}

// DropSession ends a session; an unknown one is no error.
func (l *Ledger) DropSession(ctx context.Context, hash string) error {
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	if err := l.client.Del(ctx, l.sessionKey(hash)).Err(); err != nil {
		return failure(err)
	}
	return nil
}
