package replying

import (
	"cmp"
	"context"
	"strings"
	"time"

	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
)

// Counts counts what guests do. Its keys name nobody; without an answer nothing
// is allowed.
type Counts interface {
	// Allow counts one event against a rate, or says how long to wait.
	Allow(ctx context.Context, key string, limit int, per time.Duration) (ok bool, wait time.Duration, err error)
}

const day = 24 * time.Hour

// holders of a reply: the link, the address that it was sent to, the network
// that she comes from, and the mailbox that she writes to.
func (r *Replying) holders(w written) []uploading.Holder {
	quotas, m := r.Policy(w.tenant()).Quotas, w.parent.Manifest
	writer, _ := m.Recipient(w.Seat.Recipient)
	of := func(kind, name string, q transfer.Quota) uploading.Holder {
		return uploading.HolderOf(r.Namer, w.tenant(), kind, name, q)
	}
	return []uploading.Holder{
		of("link", string(m.ID)+"/"+string(writer.ID), quotas.Link),
		of("address", strings.ToLower(writer.Address), quotas.Address),
		of("network", w.Visitor, quotas.Network),
		of("mailbox", strings.ToLower(cmp.Or(m.Concerns(), m.Sender.Address)), quotas.Mailbox),
	}
}

// maySend counts a message.
func (r *Replying) maySend(ctx context.Context, w written) error {
	for _, h := range r.holders(w) {
		if h.Quota.Messages == 0 {
			continue
		}
		ok, wait, err := r.Counts.Allow(ctx, h.Key, h.Quota.Messages, day)
		if err == nil && !ok {
			err = transfer.ReachedUntil(r.Clock().Add(wait))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
