// Package recovering brings the ledger back from the vault: every key record
// leads to a manifest and its journal, and their replay is the ledger record
// with its links and outstanding jobs. A manifest that no key record leads to,
// and a key record under a day that leads to none, are losses.
//
// Invariant: rebuilding never invents and never repeats: what has an outcome
// does not happen again, an intent without one is looked up by its job, and
// what is erased stays erased. Sweeps and workers stand still until it is done.
//
// Failure: what cannot be read, after some tries, is counted, reported and left
// untouched; the ledger is declared whole only when nothing failed, or by force.
// A store that answers nothing at all ends it.
package recovering

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Vault lists and opens what is stored.
type Vault interface {
	Erased(ctx context.Context, tenant transfer.TenantID) iter.Seq2[transfer.ID, error]
	Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold) (*transfer.Dossier, error)
	Tombstone(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Tombstone, error)
	RemoveBytes(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (int, error)
	Exists(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (bool, error)
	All(ctx context.Context, tenant transfer.TenantID) iter.Seq2[transfer.ID, error]
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
	Keeps(t transfer.Tombstone) bool
	Tombstoned(ctx context.Context, t transfer.Tombstone) error
	BeingRead(ctx context.Context, id transfer.ID) (bool, error)
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
	Sleep   func(context.Context, time.Duration) error // waits, or returns the context's error; a timer when nil
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
		r := &replay{Recovering: x, tenant: tenant, report: &report, progress: progress, met: newIDs(), failed: map[transfer.ID]bool{}}
		for _, pass := range []func(context.Context) error{r.tombstones, r.keys, r.bytes} {
			if err := pass(ctx); err != nil {
				return report, err
			}
			if err := r.again(ctx); err != nil {
				return report, err
			}
		}
	}
	if report.Failed > 0 && !force {
		return report, transfer.E(transfer.Integrity, "some of the vault cannot be read; the ledger is not declared whole")
	}
	return report, x.Ledger.Rebuilt(ctx)
}
