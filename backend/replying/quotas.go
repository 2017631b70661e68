package replying

import (
	"context"
	"math"
	"strings"
	"time"

	"senddigitally/backend/transfer"
)

// Counts counts what guests do. Its keys name nobody; without an answer nothing
// is allowed.
type Counts interface {
	// Allow counts one event against a rate, or says how long to wait.
	Allow(ctx context.Context, key string, limit int, per time.Duration) (ok bool, wait time.Duration, err error)
	// Hold adds to what an id holds under a key, if all that is held there stays
	// within the limit, and lets it lapse only after life. More may be negative or
	// zero, which is always allowed.
	Hold(ctx context.Context, key, id string, more, limit int64, life time.Duration) (ok bool, wait time.Duration, err error)
}

const (
	day        = 24 * time.Hour
	everything = math.MinInt64 / 2
)

// holder is somebody or something that has a quota.
type holder struct {
	key   string
	quota transfer.Quota
}

// holders of a reply: the link, the address that it was sent to, the network
// that she comes from, and the mailbox that she writes to.
func (r *Replying) holders(w written) []holder {
	quotas, m := r.Policy(w.tenant()).Quotas, w.parent.Manifest
	writer, _ := m.Recipient(w.Seat.Recipient)
	of := func(kind, name string, q transfer.Quota) holder {
		return holder{"quota/" + r.Namer.Hash("quota", string(w.tenant()), kind, name), q}
	}
	return []holder{
		of("link", string(m.ID)+"/"+string(writer.ID), quotas.Link),
		of("address", strings.ToLower(writer.Address), quotas.Address),
		of("network", w.Visitor, quotas.Network),
		of("mailbox", m.Concerns(), quotas.Mailbox),
	}
}

// hold counts files that are uploaded and not sent, for as long as they are.
func (r *Replying) hold(ctx context.Context, w written, more int64) error {
	for i, h := range r.holders(w) {
		if h.quota.UnsentBytes == 0 {
			continue
		}
		ok, wait, err := r.Counts.Hold(ctx, h.key, string(w.id), more, h.quota.UnsentBytes, transfer.UnsentLife)
		if err == nil && !ok {
			err = r.reached(wait)
		}
		if err != nil {
			r.giveBack(ctx, w, more, i)
			return err
		}
	}
	return nil
}

// giveBack is for what the first n holders were charged in vain. What cannot be
// given back lapses.
func (r *Replying) giveBack(ctx context.Context, w written, more int64, n int) {
	for _, h := range r.holders(w)[:n] {
		_, _, _ = r.Counts.Hold(ctx, h.key, string(w.id), -more, h.quota.UnsentBytes, transfer.UnsentLife)
	}
}

// maySend counts a message.
func (r *Replying) maySend(ctx context.Context, w written) error {
	for _, h := range r.holders(w) {
		if h.quota.Messages == 0 {
			continue
		}
		ok, wait, err := r.Counts.Allow(ctx, h.key, h.quota.Messages, day)
		if err == nil && !ok {
			err = r.reached(wait)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Replying) reached(wait time.Duration) error {
	return transfer.E(transfer.QuotaReached, "as much has been uploaded or sent as is allowed for now").
		With("until", r.Clock().Add(wait).UTC().Format(time.RFC3339))
}
