package vault

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"strings"
	"time"

	"senddigitally/backend/transfer"
)

// Erase puts the tombstone and then deletes the key record under a hold, and
// before it one that a crash after the commit has left open and those that
// NoteHold knows of: from then on nobody can read the transfer. Its bytes go with
// RemoveBytes. It can be repeated; the
// first tombstone stays.
func (v *Vault) Erase(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold, t transfer.Tombstone) error {
	p, err := at(tenant, id)
	if err != nil {
		return err
	}
	if t.Tenant != tenant || t.ID != id || t.Reason != transfer.Expired && t.Reason != transfer.Withdrawn {
		return transfer.E(transfer.Internal, "the tombstone is not this transfer's or gives no reason")
	}
	if t.Version = transfer.FormatVersion; t.ErasedAt.IsZero() {
		t.ErasedAt = v.clock().UTC().Round(0)
	}
	if err := v.putTombstone(ctx, p, t); err != nil {
		return err
	}
	if err := v.eraseNoted(ctx, p, hold); err != nil {
		return err
	}
	if err := v.keys.Erase(ctx, tenant, id, transfer.HeldOpen); err != nil || hold == transfer.HeldOpen {
		return err
	}
	return v.keys.Erase(ctx, tenant, id, hold)
}

// NoteHold notes, durably, where a key record is about to lie as well: whatever
// keeps the journal from saying so, Erase finds it there.
func (v *Vault) NoteHold(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) error {
	p, err := at(tenant, id)
	if err != nil {
		return err
	}
	_, err = v.blobs.Put(ctx, p.folder()+heldPrefix+string(hold), strings.NewReader(heldMagic))
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return unavailable(err)
}

// eraseNoted erases the key records under the holds that were noted, but one.
func (v *Vault) eraseNoted(ctx context.Context, p place, but transfer.Hold) error {
	for name, err := range v.list(ctx, p, heldPrefix, "") {
		if err != nil {
			return err
		}
		hold := transfer.Hold(strings.TrimPrefix(name, heldPrefix))
		if hold == but {
			continue
		}
		if err := v.keys.Erase(ctx, p.tenant, p.id, hold); err != nil {
			return err
		}
	}
	return nil
}

// RemoveBytes deletes everything of an erased transfer but its tombstone and
// returns how many blobs went. Conflict when it has not been erased. The
// manifest goes last, so that a crash leaves what the next run finds.
func (v *Vault) RemoveBytes(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (n int, err error) {
	t, err := v.Tombstone(ctx, tenant, id)
	if err != nil {
		return 0, err
	}
	if t == nil {
		return 0, transfer.E(transfer.Conflict, "only what has been erased can be removed")
	}
	p := place{tenant, id}
	if some, err := v.stored(ctx, p); err != nil || !some {
		return 0, err
	}
	return v.removeAll(ctx, p, time.Time{})
}

// removeAll takes no blob after a moment; the zero time is never.
func (v *Vault) removeAll(ctx context.Context, p place, until time.Time) (n int, err error) {
	for _, prefix := range []string{partPrefix, arrivingPrefix, stagedPrefix, journalPrefix, heldPrefix, gonePrefix, manifestName, takenPrefix} {
		for name, err := range v.list(ctx, p, prefix, "") {
			if err == nil && !until.IsZero() && v.clock().After(until) {
				err = beingErased() // by somebody else, or not any more
			}
			if err == nil {
				err = unavailable(v.blobs.Delete(ctx, p.folder()+name))
			}
			if err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// All yields the ids under which a tenant has bytes, with a manifest or without
// one, among them what is still arriving. It reads the names of all that the
// tenant has stored.
func (v *Vault) All(ctx context.Context, tenant transfer.TenantID) iter.Seq2[transfer.ID, error] {
	return func(yield func(transfer.ID, error) bool) {
		if err := checkTenant(tenant); err != nil {
			yield("", err)
			return
		}
		root, last := string(tenant)+"/t/", transfer.ID("")
		for name, err := range v.blobs.List(ctx, root, "") {
			if err != nil {
				yield("", unavailable(err))
				return
			}
			path := strings.SplitN(strings.TrimPrefix(name, root), "/", 3)
			if len(path) != 3 || !transfer.ID(path[1]).Valid() || transfer.ID(path[1]) == last {
				continue
			}
			if last = transfer.ID(path[1]); !yield(last, nil) {
				return
			}
		}
	}
}
