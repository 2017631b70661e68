package uploading

import (
	"context"
	"math"
	"time"

	"senddigitally/backend/transfer"
)

// Holds counts what ids hold under keys, which name nobody.
type Holds interface {
	// Hold adds to what an id holds under a key, if all that is held there stays
	// within the limit, and lets it lapse only after life. More may be negative or
	// zero, which is always allowed.
	Hold(ctx context.Context, key, id string, more, limit int64, life time.Duration) (ok bool, wait time.Duration, err error)
}

// Holder is somebody or something that has a quota. A file counts against it
// from its first byte until it is sent, removed or swept.
type Holder struct {
	Key   string
	Quota transfer.Quota
}

// HolderOf is the holder of a kind, such as "link", with a name of its own
// among them.
func HolderOf(namer transfer.Namer, tenant transfer.TenantID, kind, name string, q transfer.Quota) Holder {
	return Holder{"quota/" + namer.Hash("quota", string(tenant), kind, name), q}
}

// HoldOn keeps the files under an id counted, while somebody goes on with them.
func (u *Uploading) HoldOn(ctx context.Context, id transfer.ID, by []Holder) error {
	return u.charge(ctx, id, by, 0)
}

// LetGo ends the counting of all files under an id.
func (u *Uploading) LetGo(ctx context.Context, id transfer.ID, by []Holder) {
	u.giveBack(ctx, id, by, math.MaxInt64/2)
}

// charge counts more bytes for every holder, or for none and says QuotaReached.
func (u *Uploading) charge(ctx context.Context, id transfer.ID, by []Holder, more int64) error {
	for i, h := range by {
		if h.Quota.UnsentBytes == 0 {
			continue
		}
		ok, wait, err := u.Holds.Hold(ctx, h.Key, string(id), more, h.Quota.UnsentBytes, transfer.UnsentLife)
		if err == nil && !ok {
			err = transfer.ReachedUntil(u.Clock().Add(wait))
		}
		if err != nil {
			u.giveBack(ctx, id, by[:i], more)
			return err
		}
	}
	return nil
}

// giveBack is for bytes that are there no more, also when the request that
// brought them broke off. What cannot be given back lapses.
func (u *Uploading) giveBack(ctx context.Context, id transfer.ID, by []Holder, bytes int64) {
	ctx = context.WithoutCancel(ctx)
	for _, h := range by {
		if h.Quota.UnsentBytes > 0 {
			_, _, _ = u.Holds.Hold(ctx, h.Key, string(id), -bytes, h.Quota.UnsentBytes, transfer.UnsentLife)
		}
	}
}
