package sending

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Wishes carries a wish from the replica that hears it to the one that receives
// the transfer. It is the ledger's place for short-lived values.
type Wishes interface {
	CreateSession(ctx context.Context, hash string, values map[string][]byte, ttl time.Duration) error
	Session(ctx context.Context, hash string) (map[string][]byte, error)
	DropSession(ctx context.Context, hash string) error
}

// heedEvery is how soon a wish to cancel is heard.
const heedEvery = 500 * time.Millisecond

// Cancel calls off a transfer while it is received, and returns when that has
// ended one way or the other: nothing was accepted, or it was accepted before
// the wish was heard and stands. It does nothing to a transfer that stands.
func (s *Sending) Cancel(ctx context.Context, caller transfer.Caller, id transfer.ID) error {
	record, err := s.Ledger.Get(ctx, caller.Tenant, id)
	on := access.Resource{Tenant: caller.Tenant, ID: id, Owner: record.Owner}
	if denied := s.Gate.Check(ctx, access.Staff(caller), access.Withdraw, on); denied != nil {
		return denied
	}
	if err != nil || record.Phase != transfer.Receiving {
		return err
	}
	if err := s.Wishes.CreateSession(ctx, s.wish(id), nil, Lease); err != nil {
		return err
	}
	return s.ended(ctx, caller.Tenant, id)
}

// ended waits until a transfer is no longer received.
func (s *Sending) ended(ctx context.Context, tenant transfer.TenantID, id transfer.ID) error {
	ctx, cancel := context.WithTimeout(ctx, 20*heedEvery)
	defer cancel()
	tick := time.NewTicker(heedEvery / 5)
	defer tick.Stop()
	for {
		record, err := s.Ledger.Get(ctx, tenant, id)
		if err != nil || record.Phase != transfer.Receiving {
			return err
		}
		select {
		case <-ctx.Done():
			return transfer.E(transfer.InProgress, "the transfer is still being called off")
		case <-tick.C:
		}
	}
}

func (s *Sending) wish(id transfer.ID) string { return "cancel:" + s.Namer.Hash("cancel", string(id)) }

// standing is where a reception stands with respect to a wish to cancel it: the
// wish and the commit cannot both win.
type standing struct{ atomic.Int32 }

const (
	open int32 = iota
	calledOff
	committing
)

var errCalledOff = transfer.E(transfer.Cancelled, "the sender called it off")

// heed ends the work when its sender wishes so, until the commit begins.
func (r *reception) heed(ctx context.Context, cancel context.CancelFunc) {
	tick := time.NewTicker(heedEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if _, err := r.Wishes.Session(ctx, r.wish(r.record.ID)); err == nil {
				if r.standing.CompareAndSwap(open, calledOff) {
					cancel()
				}
				return
			}
		}
	}
}

// forgetWish lets a new attempt begin without the wish that ended the last one.
// It comes before the caller hears of the attempt and can have another wish.
func (s *Sending) forgetWish(ctx context.Context, id transfer.ID) {
	if err := s.Wishes.DropSession(ctx, s.wish(id)); err != nil {
		s.Log.Warn("an old wish to cancel may be heard again", "transfer", id, "cause", err)
	}
}

// explained is the error of a reception, or that it was called off.
func (r *reception) explained(err error) error {
	if err != nil && r.standing.Load() == calledOff {
		return errors.Join(errCalledOff, err)
	}
	return err
}
