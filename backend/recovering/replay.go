package recovering

import (
	"context"
	"crypto/rand"

	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
)

// replay is one tenant's part of a rebuild.
type replay struct {
	*Recovering
	tenant   transfer.TenantID
	report   *Report
	progress func(Report)
	met      ids                  // have a key record
	failed   map[transfer.ID]bool // are reported
	aside    []attempt            // to be tried again
	inRow    int                  // tries that the storage has failed, the last ones
}

func (r *replay) tombstones(ctx context.Context) error {
	for id, err := range r.Vault.Erased(ctx, r.tenant) {
		if err != nil {
			return err
		}
		if err := r.try(ctx, id, func(ctx context.Context) error { return r.tombstone(ctx, id) }); err != nil {
			return err
		}
	}
	return nil
}

// tombstone brings back what the ledger would still know of something erased.
func (r *replay) tombstone(ctx context.Context, id transfer.ID) error {
	stone, err := r.Vault.Tombstone(ctx, r.tenant, id)
	if err != nil || stone == nil || !r.Ledger.Keeps(*stone) {
		return err
	}
	if gone, err := r.unlink(ctx, *stone); err != nil || !gone {
		return err // its record is due, for the sweep
	}
	if err := r.Ledger.Tombstoned(ctx, *stone); err != nil {
		return err
	}
	r.report.Tombstones++
	return nil
}

// unlink deletes the bytes of what is erased, unless somebody is reading them.
func (r *replay) unlink(ctx context.Context, stone transfer.Tombstone) (gone bool, err error) {
	if stone.Reason == transfer.Expired {
		if read, err := r.Ledger.BeingRead(ctx, stone.ID); err != nil || read {
			return false, err
		}
	}
	_, err = r.Vault.RemoveBytes(ctx, r.tenant, stone.ID)
	return err == nil, err
}

// keys follows every key record: days in their order, then what is held open.
func (r *replay) keys(ctx context.Context) error {
	for ref, err := range r.Keys.All(ctx, r.tenant) {
		if err != nil {
			return err
		}
		again := r.met.has(ref.ID)
		if err := r.try(ctx, ref.ID, func(ctx context.Context) error { return r.key(ctx, ref, again) }); err != nil {
			return err
		}
		r.met.add(ref.ID)
		r.progress(*r.report)
	}
	return nil
}

// key follows one key record; again says that one of the same id was met before.
func (r *replay) key(ctx context.Context, ref transfer.KeyRef, again bool) error {
	committed, err := r.Vault.Exists(ctx, r.tenant, ref.ID)
	if err != nil {
		return err
	}
	switch stone, err := r.Vault.Tombstone(ctx, r.tenant, ref.ID); {
	case err != nil:
		return err
	case stone != nil: // a crash came between the two
		if err := r.Keys.Erase(ctx, r.tenant, ref.ID, ref.Hold); err != nil {
			return err
		}
		_, err := r.unlink(ctx, *stone)
		return err
	}
	if !committed {
		return r.withoutManifest(ctx, ref, again)
	}
	d, err := r.Vault.Open(ctx, r.tenant, ref.ID, ref.Hold)
	switch transfer.CodeOf(err) {
	case "":
	case transfer.NotFound, transfer.Expired, transfer.Withdrawn: // since it was listed
		return nil
	default:
		return err
	}
	if kept, err := r.settleHold(ctx, d, ref); err != nil || !kept {
		return err
	}
	if err := r.Archive.Project(ctx, d); err != nil {
		return err
	}
	r.report.Restored++
	return nil
}

// withoutManifest tells a reception from a loss: a key record comes under a day
// only once the manifest is durable.
func (r *replay) withoutManifest(ctx context.Context, ref transfer.KeyRef, again bool) error {
	switch {
	case ref.Hold != transfer.HeldOpen:
		return transfer.E(transfer.Integrity, "it was accepted, and its manifest is missing")
	case again:
		return nil // under a day
	}
	return r.leaveToSweep(ctx, ref.ID)
}

// settleHold sees to it that a key record lies where the journal says; kept is
// false when one does, which will be met under its own name. The one beside it
// stays: an expiry may be moving at this very moment. The sweep takes it when its
// day is over, and the erasure one that is held open.
func (r *replay) settleHold(ctx context.Context, d *transfer.Dossier, ref transfer.KeyRef) (kept bool, err error) {
	right := transfer.HoldUntil(d.State.ExpiresAt)
	if ref.Hold == right {
		return true, nil
	}
	_, err = r.Vault.Open(ctx, r.tenant, ref.ID, right)
	if transfer.CodeOf(err) == transfer.NotFound {
		return true, r.Keys.Copy(ctx, r.tenant, ref.ID, ref.Hold, right)
	}
	return false, err
}

// bytes looks at what no key record has led to.
func (r *replay) bytes(ctx context.Context) error {
	for id, err := range r.Vault.All(ctx, r.tenant) {
		if err != nil {
			return err
		}
		if r.met.has(id) {
			continue
		}
		if err := r.try(ctx, id, func(ctx context.Context) error { return r.keyless(ctx, id) }); err != nil {
			return err
		}
	}
	return nil
}

// keyless tells what was erased, a reception whose key record a crash has taken
// before its bytes, and what was accepted or moved since the key records were
// listed, from what nobody can read any more.
func (r *replay) keyless(ctx context.Context, id transfer.ID) error {
	committed, err := r.Vault.Exists(ctx, r.tenant, id)
	if err != nil {
		return err
	}
	switch stone, err := r.Vault.Tombstone(ctx, r.tenant, id); {
	case err != nil:
		return err
	case stone != nil:
		_, err := r.unlink(ctx, *stone)
		return err
	}
	if !committed {
		return r.leaveToSweep(ctx, id)
	}
	holds := []transfer.Hold{transfer.HeldOpen}
	known, err := r.Ledger.Records(ctx, r.tenant, id)
	if err != nil {
		return err
	}
	for _, record := range known {
		holds = append(holds, record.Held)
	}
	for _, hold := range holds {
		_, err := r.Vault.Open(ctx, r.tenant, id, hold)
		switch transfer.CodeOf(err) {
		case transfer.NotFound:
		case transfer.Expired, transfer.Withdrawn:
			return nil
		default:
			return err
		}
	}
	return transfer.E(transfer.Integrity, "it was accepted, and its key record is missing")
}

// leaveToSweep records a reception without a manifest as begun now, so that the
// sweep removes it after its grace. One that the ledger knows is left as it is.
func (r *replay) leaveToSweep(ctx context.Context, id transfer.ID) error {
	known, err := r.Ledger.Records(ctx, r.tenant, id)
	if err != nil || len(known) > 0 {
		return err
	}
	_, began, err := r.Ledger.Begin(ctx, transfer.Record{Tenant: r.tenant, ID: id, Kind: transfer.KindTransfer,
		Phase: transfer.Receiving, AcceptedAt: r.Clock(), Held: transfer.HeldOpen}, uploading.Unclaimed, rand.Text())
	if began {
		r.report.Unfinished++
	}
	if transfer.CodeOf(err) == transfer.KeyReused {
		return nil
	}
	return err
}
