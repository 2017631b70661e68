// Package expiring ends what has had its time: expiry, withdrawal, extension,
// erasure, sweep. Until then its sender, or a member of the mailbox that it
// belongs to, renews links and codes and reminds recipients.
//
// Invariant: at its expiry a transfer is unreadable at once; its key record is
// erased first, so that no copy of vault, ledger or backup can be read, and its
// bytes go with the same sweep or the next. Only the bytes of what somebody has
// begun to read before wait until that has ended, at most LongestReading. What
// has no running clock — a reply that was not delivered — is never due.
//
// Failure: every step can be repeated; a crash between erasure and unlink
// leaves bytes that nobody can read. When the clocks disagree nothing is erased.
package expiring

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Archive opens and journals.
type Archive interface {
	Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error)
	Change(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
	Schedule(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
	Reschedule(ctx context.Context, d *transfer.Dossier, until time.Time, decide func(transfer.State) (transfer.Entry, error)) error
	Resume(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error)
	Links(d *transfer.Dossier) map[string]transfer.RecipientID
}

// Vault erases.
type Vault interface {
	Exists(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (bool, error)
	Erase(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold, t transfer.Tombstone) error
	EraseUncommitted(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold) error
	RemoveBytes(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (int, error)
	Tombstone(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Tombstone, error)
}

// Keys is the key container.
type Keys interface {
	Erase(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold) error
	All(ctx context.Context, tenant transfer.TenantID) iter.Seq2[transfer.KeyRef, error]
}

// Ledger knows what is due.
type Ledger interface {
	Get(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (transfer.Record, error)
	Begin(ctx context.Context, record transfer.Record, lease time.Duration, holder string) (transfer.Record, bool, error)
	Due(ctx context.Context, now time.Time, limit int) ([]transfer.Record, error)
	Fail(ctx context.Context, tenant transfer.TenantID, id transfer.ID, holder string, reason transfer.Code) error
	Tombstoned(ctx context.Context, t transfer.Tombstone) error
	Remove(ctx context.Context, tenant transfer.TenantID, id transfer.ID) error
	Now(ctx context.Context) (time.Time, error)
	Steady(ctx context.Context, gap time.Duration) (since time.Time, err error)
	Check(ctx context.Context) error
	Postpone(ctx context.Context, tenant transfer.TenantID, id transfer.ID, until time.Time) error
	BeingRead(ctx context.Context, id transfer.ID) (bool, error)
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Expiring is the use case.
type Expiring struct {
	Archive  Archive
	Vault    Vault
	Keys     Keys
	Tenants  []transfer.TenantID
	Ledger   Ledger
	Attempts Attempts
	Gate     Gate
	Team     access.Team
	Namer    transfer.Namer
	Policy   func(transfer.TenantID) transfer.Policy
	Clock    func() time.Time
	Log      *slog.Logger
	Skew     time.Duration // by which the two clocks may differ
	PerRun   int           // records that one sweep may erase
}

// Withdraw takes a transfer back, from one recipient or from all. It is
// unreadable at once; the key is erased after the undo window, or now.
func (x *Expiring) Withdraw(ctx context.Context, caller transfer.Caller, id transfer.ID, recipient transfer.RecipientID, erase bool) (*transfer.Dossier, error) {
	action := access.Withdraw
	if erase {
		action = access.EraseNow
	}
	d, err := x.own(ctx, caller, id, action)
	if err != nil {
		return nil, err
	}
	if err := known(d, recipient); err != nil {
		return nil, err
	}
	until := x.Clock().Add(x.Policy(caller.Tenant).UndoWindow)
	if erase {
		until = x.Clock()
	}
	err = x.Archive.Change(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if !s.Withdrawn.IsZero() && !erase {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.WithdrawnBy, Recipient: recipient, Until: until,
			Actor: x.Namer.Owner(caller.Tenant, caller.Subject)}, nil
	})
	if err == nil && erase && recipient == "" {
		_, err = x.erase(ctx, d, transfer.Withdrawn)
	}
	return d, err
}

// known refuses a recipient that the transfer does not have; none is everybody.
func known(d *transfer.Dossier, recipient transfer.RecipientID) error {
	if _, ok := d.Manifest.Recipient(recipient); recipient != "" && !ok {
		return transfer.E(transfer.Invalid, "unknown recipient").With("field", "recipient")
	}
	return nil
}

// Restore undoes a withdrawal within its window.
func (x *Expiring) Restore(ctx context.Context, caller transfer.Caller, id transfer.ID, recipient transfer.RecipientID) (*transfer.Dossier, error) {
	d, err := x.own(ctx, caller, id, access.Restore)
	if err != nil {
		return nil, err
	}
	if err := known(d, recipient); err != nil {
		return nil, err
	}
	return d, x.Archive.Schedule(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if !s.Ended.IsZero() || recipient == "" && !s.Withdrawn.IsZero() && !x.Clock().Before(s.UndoUntil) {
			return transfer.Entry{}, transfer.E(transfer.Withdrawn, "the time to undo the withdrawal is over")
		}
		return transfer.Entry{Kind: transfer.Restored, Recipient: recipient, Actor: x.Namer.Owner(caller.Tenant, caller.Subject)}, nil
	})
}

// Extend sets a later or earlier expiry within the policy.
func (x *Expiring) Extend(ctx context.Context, caller transfer.Caller, id transfer.ID, until time.Time) (*transfer.Dossier, error) {
	d, err := x.own(ctx, caller, id, access.Extend)
	if err != nil {
		return nil, err
	}
	now := x.Clock()
	if !until.After(now) || until.After(now.Add(x.Policy(caller.Tenant).MaxExpiry)) {
		return nil, transfer.E(transfer.Invalid, "the expiry must lie ahead and within what is allowed").With("field", "expiresAt")
	}
	return d, x.Archive.Reschedule(ctx, d, until.UTC(), func(s transfer.State) (transfer.Entry, error) {
		if s.ExpiredAt(x.Clock()) {
			return transfer.Entry{}, transfer.E(transfer.Expired, "this message has expired")
		}
		return transfer.Entry{Kind: transfer.Extended, Until: until.UTC(), Actor: x.Namer.Owner(caller.Tenant, caller.Subject)}, nil
	})
}

// own opens a transfer for its sender, or for a member of its mailbox.
func (x *Expiring) own(ctx context.Context, caller transfer.Caller, id transfer.ID, action access.Action) (*transfer.Dossier, error) {
	d, err := x.Archive.Open(ctx, caller.Tenant, id)
	on, failed := x.Team.Resource(ctx, caller, id, d, err)
	if failed != nil {
		return nil, failed
	}
	if denied := x.Gate.Check(ctx, access.Staff(caller), action, on); denied != nil {
		return nil, denied
	}
	if err != nil {
		return nil, err
	}
	if d.Manifest.Kind != transfer.KindTransfer {
		return nil, transfer.E(transfer.NotFound, "no such transfer")
	}
	return d, nil
}
