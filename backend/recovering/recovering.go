// Package recovering brings the ledger back from the vault: every key record
// leads to a manifest and its journal, and their replay is the ledger record
// with its links and outstanding jobs.
//
// Invariant: rebuilding never invents and never repeats: what has an outcome
// does not happen again, an intent without one is looked up by its job, and
// what is erased stays erased. Sweeps and workers stand still until it is done.
//
// Failure: what cannot be read is counted, reported and left untouched; the
// ledger is declared whole only when nothing failed, or by force.
package recovering

import (
	"context"
	"crypto/rand"
	"iter"
	"log/slog"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Vault lists and opens what is stored.
type Vault interface {
	Tombstones(ctx context.Context, tenant transfer.TenantID) iter.Seq2[transfer.Tombstone, error]
	Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold) (*transfer.Dossier, error)
	Tombstone(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Tombstone, error)
	RemoveBytes(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (int, error)
	Exists(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (bool, error)
	Orphans(ctx context.Context, tenant transfer.TenantID) iter.Seq2[transfer.ID, error]
}

// Keys is the key container.
type Keys interface {
	Copy(ctx context.Context, tenant transfer.TenantID, id transfer.ID, from, to transfer.Hold) error
	All(ctx context.Context, tenant transfer.TenantID) iter.Seq2[transfer.KeyRef, error]
	Erase(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold) error
}

// Archive projects a dossier into the ledger.
type Archive interface {
	Project(ctx context.Context, d *transfer.Dossier) error
}

// Ledger takes the replay.
type Ledger interface {
	Records(ctx context.Context, tenant transfer.TenantID, ids ...transfer.ID) ([]transfer.Record, error)
	Begin(ctx context.Context, record transfer.Record, lease time.Duration, holder string) (transfer.Record, bool, error)
	Tombstoned(ctx context.Context, t transfer.Tombstone) error
	Rebuilt(ctx context.Context) error
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Recovering is the use case.
type Recovering struct {
	Vault   Vault
	Keys    Keys
	Archive Archive
	Ledger  Ledger
	Gate    Gate
	Actor   access.Actor
	Tenants []transfer.TenantID
	Clock   func() time.Time
	Log     *slog.Logger
}

// Report counts what a rebuild found.
type Report struct {
	Restored   int // transfers and replies back in the ledger
	Tombstones int // erased ones whose links say so again
	Unfinished int // receptions without a manifest, left to the sweep
	Failed     int // unreadable: left untouched
}

// Rebuild replays everything; progress is called now and then. Force declares
// the ledger whole although something was unreadable.
func (x *Recovering) Rebuild(ctx context.Context, force bool, progress func(Report)) (Report, error) {
	var report Report
	for _, tenant := range x.Tenants {
		if err := x.Gate.Check(ctx, x.Actor, access.Rebuild, access.Resource{Tenant: tenant}); err != nil {
			return report, err
		}
		if err := x.replayTombstones(ctx, tenant, &report); err != nil {
			return report, err
		}
		if err := x.replayDossiers(ctx, tenant, &report, progress); err != nil {
			return report, err
		}
		if err := x.replayOrphans(ctx, tenant, &report); err != nil {
			return report, err
		}
	}
	if report.Failed > 0 && !force {
		return report, transfer.E(transfer.Integrity, "some of the vault cannot be read; the ledger is not declared whole")
	}
	return report, x.Ledger.Rebuilt(ctx)
}

func (x *Recovering) replayTombstones(ctx context.Context, tenant transfer.TenantID, report *Report) error {
	for stone, err := range x.Vault.Tombstones(ctx, tenant) {
		if transfer.CodeOf(err) == transfer.Integrity {
			x.unreadable(report, stone.ID, err)
			continue
		}
		if err != nil {
			return err
		}
		if _, err := x.Vault.RemoveBytes(ctx, tenant, stone.ID); err != nil {
			return err
		}
		if err := x.Ledger.Tombstoned(ctx, stone); err != nil {
			return err
		}
		report.Tombstones++
	}
	return nil
}

func (x *Recovering) replayDossiers(ctx context.Context, tenant transfer.TenantID, report *Report, progress func(Report)) error {
	for ref, err := range x.Keys.All(ctx, tenant) {
		if err != nil {
			return err
		}
		if err := x.replay(ctx, tenant, ref, report); err != nil {
			x.unreadable(report, ref.ID, err)
			if transfer.CodeOf(err) == transfer.Unavailable {
				return err
			}
		}
		progress(*report)
	}
	return nil
}

func (x *Recovering) unreadable(report *Report, id transfer.ID, err error) {
	report.Failed++
	x.Log.Error("not replayed", "transfer", id, "cause", err)
}

func (x *Recovering) replay(ctx context.Context, tenant transfer.TenantID, ref transfer.KeyRef, report *Report) error {
	switch stone, err := x.Vault.Tombstone(ctx, tenant, ref.ID); {
	case err != nil:
		return err
	case stone != nil:
		return x.Keys.Erase(ctx, tenant, ref.ID, ref.Hold) // a crash came between the two
	}
	committed, err := x.Vault.Exists(ctx, tenant, ref.ID)
	if err != nil {
		return err
	}
	if !committed {
		return x.leaveToSweep(ctx, tenant, ref.ID, report)
	}
	d, err := x.Vault.Open(ctx, tenant, ref.ID, ref.Hold)
	switch transfer.CodeOf(err) {
	case "":
	case transfer.NotFound, transfer.Expired, transfer.Withdrawn: // since it was listed
		return nil
	default:
		return err
	}
	if kept, err := x.settleHold(ctx, d, ref); err != nil || !kept {
		return err
	}
	report.Restored++
	return x.Archive.Project(ctx, d)
}

// settleHold sees to it that a key record lies where the journal says; kept is
// false when one does, which will be met under its own name. The one beside it
// stays: an expiry may be moving at this very moment. The sweep takes it when its
// day is over, and the erasure one that is held open.
func (x *Recovering) settleHold(ctx context.Context, d *transfer.Dossier, ref transfer.KeyRef) (kept bool, err error) {
	right := transfer.HoldUntil(d.State.ExpiresAt)
	if ref.Hold == right {
		return true, nil
	}
	_, err = x.Vault.Open(ctx, d.Manifest.Tenant, ref.ID, right)
	if transfer.CodeOf(err) == transfer.NotFound {
		return true, x.Keys.Copy(ctx, d.Manifest.Tenant, ref.ID, ref.Hold, right)
	}
	return false, err
}

// replayOrphans finds the bytes of receptions whose key record a crash has taken
// before them.
func (x *Recovering) replayOrphans(ctx context.Context, tenant transfer.TenantID, report *Report) error {
	for id, err := range x.Vault.Orphans(ctx, tenant) {
		if err == nil {
			err = x.leaveToSweep(ctx, tenant, id, report)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unclaimed is a lease that has lapsed already, also by a clock that is behind:
// who sends what was uploaded may claim it at once.
const unclaimed = -10 * time.Minute

// leaveToSweep records a reception without a manifest as begun now, so that the
// sweep removes it after its grace. One that the ledger knows is left as it is.
func (x *Recovering) leaveToSweep(ctx context.Context, tenant transfer.TenantID, id transfer.ID, report *Report) error {
	known, err := x.Ledger.Records(ctx, tenant, id)
	if err != nil || len(known) > 0 {
		return err
	}
	_, began, err := x.Ledger.Begin(ctx, transfer.Record{Tenant: tenant, ID: id, Kind: transfer.KindTransfer,
		Phase: transfer.Receiving, AcceptedAt: x.Clock(), Held: transfer.HeldOpen}, unclaimed, rand.Text())
	if began {
		report.Unfinished++
	}
	if transfer.CodeOf(err) == transfer.KeyReused {
		return nil
	}
	return err
}
