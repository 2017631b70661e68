package expiring

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/distributing"
	"senddigitally/backend/transfer"
)

// Swept counts what one sweep did.
type Swept struct {
	Erased  int // transfers and replies whose key is gone
	Orphans int // receptions that never became a transfer
	Blobs   int // blobs deleted
	Keys    int // key records of days gone by that nothing relied on
	Read    int // erased, whose bytes wait until they have been read
	Failed  int // to be tried again by the next sweep
}

// Sweep erases what is due, at most PerRun records. It stops when the ledger
// was lost and not rebuilt, when the two clocks disagree, and when much is due by a
// clock that may have been set wrong.
func (x *Expiring) Sweep(ctx context.Context) (Swept, error) {
	var swept Swept
	if err := x.trustworthy(ctx); err != nil {
		return swept, err
	}
	due, err := x.Ledger.Due(ctx, x.Clock(), x.PerRun)
	if err != nil {
		return swept, err
	}
	if err := x.unhurried(ctx, len(due)); err != nil {
		return swept, err
	}
	for _, record := range due {
		switch err := x.sweep(ctx, record, &swept); {
		case errors.Is(err, errBeingRead):
			swept.Read++
			x.postpone(ctx, record, readingPause)
		case err != nil:
			swept.Failed++
			x.Log.Warn("not swept; it will be tried again", "transfer", record.ID, "in", failurePause, "cause", err)
			x.postpone(ctx, record, failurePause)
		}
	}
	for _, tenant := range x.Tenants {
		if err := x.sweepKeys(ctx, tenant, &swept); err != nil {
			return swept, err
		}
	}
	return swept, nil
}

// sweepKeys erases key records of days gone by that no record of the ledger
// relies on: a crash left them beside their successor.
func (x *Expiring) sweepKeys(ctx context.Context, tenant transfer.TenantID, swept *Swept) error {
	yesterday := transfer.HoldUntil(x.Clock().AddDate(0, 0, -1))
	for ref, err := range x.Keys.All(ctx, tenant) {
		if err != nil || ref.Hold == transfer.HeldOpen || ref.Hold >= yesterday {
			return err
		}
		record, err := x.Ledger.Get(ctx, tenant, ref.ID)
		if err != nil && transfer.CodeOf(err) != transfer.NotFound {
			return err
		}
		if err == nil && record.Held == ref.Hold && record.Phase != transfer.Erased {
			continue
		}
		if swept.Keys >= x.PerRun {
			return nil
		}
		if err := x.Gate.Check(ctx, access.System("sweep"), access.Erase, access.Resource{Tenant: tenant, ID: ref.ID}); err != nil {
			return err
		}
		if err := x.Keys.Erase(ctx, tenant, ref.ID, ref.Hold); err != nil {
			return err
		}
		swept.Keys++
	}
	return nil
}

// Much that is due after a gap is looked at by a person: a clock that is years ahead, of
// this machine and of a Redis on it alike, makes everything due at once. Nothing of it
// can be read meanwhile; it only is not erased.
const (
	much      = 100            // records due in one run
	gap       = 6 * time.Hour  // between two sweeps, by the clock
	steadyFor = 24 * time.Hour // after a gap, before much is erased
)

// unhurried is Unavailable while much is due and the clock has not been steady for long
// enough that somebody would have seen it.
func (x *Expiring) unhurried(ctx context.Context, due int) error {
	since, err := x.Ledger.Steady(ctx, gap)
	if err != nil || due <= much || x.Clock().Sub(since) >= steadyFor {
		return err
	}
	return transfer.E(transfer.Unavailable, "much is due after a time without sweeps, or since the clock was set anew; nothing is erased for a day: if the clock is wrong, stop the server and set it").
		With("due", strconv.Itoa(due)).With("until", since.Add(steadyFor).Format(time.RFC3339))
}

func (x *Expiring) trustworthy(ctx context.Context) error {
	if err := x.Ledger.Check(ctx); err != nil {
		return err
	}
	theirs, err := x.Ledger.Now(ctx)
	if err != nil {
		return err
	}
	if apart := x.Clock().Sub(theirs).Abs(); apart > x.Skew {
		return transfer.E(transfer.Unavailable, "the clocks of this machine and of Redis disagree; nothing is erased").With("apart", apart.String())
	}
	return nil
}

func (x *Expiring) sweep(ctx context.Context, record transfer.Record, swept *Swept) error {
	on := access.Resource{Tenant: record.Tenant, ID: record.ID, Owner: record.Owner}
	if err := x.Gate.Check(ctx, access.System("sweep"), access.Sweep, on); err != nil {
		return err
	}
	switch record.Phase {
	case transfer.Receiving, transfer.Failing:
		return x.sweepReception(ctx, record, swept)
	case transfer.Erased:
		return x.Ledger.Remove(ctx, record.Tenant, record.ID)
	}
	d, err := x.Archive.Open(ctx, record.Tenant, record.ID)
	switch transfer.CodeOf(err) {
	case "":
		return x.sweepDossier(ctx, d, record, swept)
	case transfer.Expired, transfer.Withdrawn:
		return x.finish(ctx, record, swept)
	}
	return err
}

func (x *Expiring) sweepDossier(ctx context.Context, d *transfer.Dossier, record transfer.Record, swept *Swept) error {
	due := d.State.DueAt()
	if due.IsZero() || x.Clock().Before(due) {
		return x.Archive.Change(ctx, d, func(transfer.State) (transfer.Entry, error) { return transfer.Entry{}, nil })
	}
	reason := transfer.Expired
	if !d.State.Withdrawn.IsZero() {
		reason = transfer.Withdrawn
	}
	n, err := x.erase(ctx, d, reason)
	if err == nil {
		swept.Erased++
	}
	swept.Blobs += n
	return err
}

// Grace is how long what was uploaded waits for its manifest.
const Grace = 24 * time.Hour

// sweepReception rolls a reception forward that became a transfer without the
// ledger's knowing, and forgets one that never did, after its grace. Of one that
// was to be sent it says at once that it has failed.
func (x *Expiring) sweepReception(ctx context.Context, record transfer.Record, swept *Swept) error {
	committed, err := x.Vault.Exists(ctx, record.Tenant, record.ID)
	if err != nil {
		return err
	}
	if committed {
		_, err = x.Archive.Resume(ctx, record.Tenant, record.ID)
		return err
	}
	if over := record.AcceptedAt.Add(Grace); x.Clock().Before(over) {
		if record.Phase == transfer.Receiving && len(record.RequestHash) > 0 {
			return x.lapsed(ctx, record)
		}
		return x.Ledger.Postpone(ctx, record.Tenant, record.ID, over)
	}
	swept.Orphans++
	return x.forget(ctx, record)
}

// lapsed ends a reception whose process has died: who waits for it hears so, and
// may send again under the same key.
func (x *Expiring) lapsed(ctx context.Context, record transfer.Record) error {
	holder, err := x.claim(ctx, record)
	if err != nil || holder == "" {
		return err
	}
	return x.Ledger.Fail(ctx, record.Tenant, record.ID, holder, transfer.Unavailable)
}

// claim takes a reception that nobody is at; holder is "" when somebody is.
func (x *Expiring) claim(ctx context.Context, record transfer.Record) (holder string, err error) {
	holder = rand.Text()
	if _, began, err := x.Ledger.Begin(ctx, record, time.Minute, holder); err != nil || !began {
		return "", err
	}
	return holder, nil
}

// forget removes a reception that never became a transfer.
//
// The sweep claims the reception first, so that a caller who sends again under
// the same key does not lose what she is sending.
func (x *Expiring) forget(ctx context.Context, record transfer.Record) error {
	holder, err := x.claim(ctx, record)
	if err != nil || holder == "" {
		return err
	}
	err = x.Vault.EraseUncommitted(ctx, record.Tenant, record.ID, transfer.HeldOpen)
	switch transfer.CodeOf(err) {
	case "":
		if err := x.Ledger.Fail(ctx, record.Tenant, record.ID, holder, transfer.Expired); err != nil {
			return err
		}
		return x.Ledger.Remove(ctx, record.Tenant, record.ID)
	case transfer.Conflict:
		_, err = x.Archive.Resume(ctx, record.Tenant, record.ID)
	}
	return err
}

// erase makes a dossier unreadable for good — tombstone, then key record — and
// then deletes its bytes.
func (x *Expiring) erase(ctx context.Context, d *transfer.Dossier, reason transfer.Code) (blobs int, err error) {
	m := d.Manifest
	stone := transfer.Tombstone{Version: transfer.FormatVersion, Kind: m.Kind, Tenant: m.Tenant, ID: m.ID, RequestHash: m.RequestHash,
		Links: slices.Sorted(maps.Keys(x.Archive.Links(d))), AcceptedAt: m.AcceptedAt, ErasedAt: x.Clock(), Reason: reason,
		ReplyMailbox: m.Options.ReplyMailbox, ReplyTopic: m.Options.ReplyTopic}
	if decision, err := distributing.Decision(d); err == nil && m.Kind == transfer.KindReply {
		stone.ReplyMailbox, stone.ReplyTopic = decision.Mailbox, decision.Topic
	}
	if err := x.end(ctx, d); err != nil {
		return 0, err
	}
	right := transfer.HoldUntil(d.State.ExpiresAt) // wherever it was opened, the ledger leads there
	if err := x.eraseCopies(ctx, d, right); err != nil {
		return 0, err
	}
	if err := x.Vault.Erase(ctx, m.Tenant, m.ID, right, stone); err != nil {
		return 0, err
	}
	return x.unlink(ctx, stone)
}

// eraseCopies erases the key records that a crash, or another change at the same
// moment, has left beside the right one, which goes last.
func (x *Expiring) eraseCopies(ctx context.Context, d *transfer.Dossier, right transfer.Hold) error {
	for _, hold := range d.State.Holds {
		if hold == right {
			continue
		}
		if err := x.Keys.Erase(ctx, d.Manifest.Tenant, d.Manifest.ID, hold); err != nil {
			return err
		}
	}
	return nil
}

// end journals that the erasure begins, unless an extension or a restoration
// came first; after it there is neither.
func (x *Expiring) end(ctx context.Context, d *transfer.Dossier) error {
	return x.Archive.Change(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		due := s.DueAt()
		switch {
		case !s.Ended.IsZero():
			return transfer.Entry{}, nil
		case due.IsZero() || x.Clock().Before(due):
			return transfer.Entry{}, transfer.E(transfer.Conflict, "it is not due any more")
		}
		return transfer.Entry{Kind: transfer.Ended}, nil
	})
}

// finish resumes an erasure that a crash interrupted after the key went.
func (x *Expiring) finish(ctx context.Context, record transfer.Record, swept *Swept) error {
	stone, err := x.Vault.Tombstone(ctx, record.Tenant, record.ID)
	if err != nil {
		return err
	}
	n, err := x.unlink(ctx, *stone)
	if err == nil {
		swept.Erased++
	}
	swept.Blobs += n
	return err
}

// LongestReading is how long after an expiry what is being read may still be:
// 64 GiB at 25 Mbit/s.
const LongestReading = 6 * time.Hour

var errBeingRead = errors.New("it is still being read")

// unlink deletes the bytes, and tells the ledger last: until it knows, the
// record stays due.
func (x *Expiring) unlink(ctx context.Context, stone transfer.Tombstone) (blobs int, err error) {
	if stone.Reason == transfer.Expired && x.Clock().Before(stone.ErasedAt.Add(LongestReading)) {
		switch read, err := x.Ledger.BeingRead(ctx, stone.ID); {
		case err != nil:
			return 0, err
		case read:
			return 0, errBeingRead
		}
	}
	if blobs, err = x.Vault.RemoveBytes(ctx, stone.Tenant, stone.ID); err != nil {
		return blobs, err
	}
	return blobs, x.Ledger.Tombstoned(ctx, stone)
}

const (
	readingPause = time.Minute
	failurePause = 10 * time.Minute
)

// postpone lets the others go first when one cannot be swept.
func (x *Expiring) postpone(ctx context.Context, record transfer.Record, pause time.Duration) {
	if err := x.Ledger.Postpone(ctx, record.Tenant, record.ID, x.Clock().Add(pause)); err != nil {
		x.Log.Warn("not postponed", "transfer", record.ID, "cause", err)
	}
}
