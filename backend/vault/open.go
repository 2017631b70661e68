package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"

	"senddigitally/backend/transfer"
)

// appendTries bounds the contention that Append bears.
const appendTries = 32

// Open opens a transfer or reply: its key, its manifest, and the state that the
// journal adds up to. Expired or Withdrawn when it was erased, NotFound when
// there is nothing, or no key under this hold; Integrity when something does not
// authenticate; UnsupportedVersion when a newer release wrote it.
func (v *Vault) Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) (*transfer.Dossier, error) {
	d, err := v.open(ctx, tenant, id, hold)
	return d, v.heard(ctx, tenant, id, "", err)
}

func (v *Vault) open(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) (*transfer.Dossier, error) {
	p, err := at(tenant, id)
	if err != nil {
		return nil, err
	}
	key, err := v.keys.Open(ctx, tenant, id, hold)
	if transfer.CodeOf(err) == transfer.NotFound {
		return nil, v.gone(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	d := &transfer.Dossier{Key: key, Held: hold}
	if err := v.replay(ctx, p, d); err != nil {
		return nil, fmt.Errorf("%s: %w", id, err) // an operator must find what is damaged
	}
	return d, nil
}

func (v *Vault) replay(ctx context.Context, p place, d *transfer.Dossier) (err error) {
	if err := v.manifest(ctx, p, d.Key, &d.Manifest); err != nil {
		return err
	}
	if d.State, err = transfer.Replay(&d.Manifest, nil); err != nil {
		return err
	}
	return v.catchUp(ctx, d)
}

func (v *Vault) manifest(ctx context.Context, p place, key transfer.DataKey, m *transfer.Manifest) error {
	err := v.getRecord(ctx, p, key, manifestName, m)
	switch {
	case err == nil && m.Version > transfer.FormatVersion:
		return transfer.E(transfer.UnsupportedVersion, "this was written by a newer release")
	case err == nil && (m.Tenant != p.tenant || m.ID != p.id):
		return integrity("a manifest names another transfer", nil)
	case err == nil:
		return nil
	}
	if s, failed := v.standing(ctx, p); failed == nil && s != committed {
		return v.gone(ctx, p)
	}
	return err
}

// catchUp applies the journal entries that the dossier has not seen.
func (v *Vault) catchUp(ctx context.Context, d *transfer.Dossier) error {
	p, err := at(d.Manifest.Tenant, d.Manifest.ID)
	if err != nil {
		return err
	}
	for name, err := range v.list(ctx, p, journalPrefix, journalName(d.State.Seq)) {
		if err != nil {
			return err
		}
		var e transfer.Entry
		if err := v.getRecord(ctx, p, d.Key, name, &e); err != nil {
			return err
		}
		if err := d.State.Apply(&d.Manifest, e); err != nil {
			return err
		}
	}
	return nil
}

// Append adds a journal entry. decide sees the state and returns the entry, or
// one without a kind when there is nothing to do, or an error that ends it;
// version, number and time are filled in. When another call was first, decide is
// asked again with the newer state. Afterwards the dossier has the entry.
func (v *Vault) Append(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error {
	for range appendTries {
		e, err := decide(d.State)
		if err != nil || e.Kind == "" {
			return err
		}
		err = v.append(ctx, d, e)
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := v.catchUp(ctx, d); err != nil {
			return v.heard(ctx, d.Manifest.Tenant, d.Manifest.ID, "", err)
		}
	}
	return transfer.E(transfer.Conflict, "too many changes at once; try again")
}

// append tries the entry on a copy of the state before it is stored for good.
func (v *Vault) append(ctx context.Context, d *transfer.Dossier, e transfer.Entry) error {
	e.Version, e.Seq, e.At = transfer.FormatVersion, d.State.Seq+1, v.clock().UTC().Round(0)
	next := d.State
	next.Recipients, next.Effects = maps.Clone(next.Recipients), maps.Clone(next.Effects)
	if err := next.Apply(&d.Manifest, e); err != nil {
		return err
	}
	p, err := at(d.Manifest.Tenant, d.Manifest.ID)
	if err != nil {
		return err
	}
	if err := v.putRecord(ctx, p, d.Key, journalName(e.Seq), e); err != nil {
		return err
	}
	if err := v.outlived(ctx, p, e.Seq); err != nil {
		return err
	}
	d.State = next
	return nil
}

// outlived takes an entry back that came after the erasure, whose removal of
// bytes may have ended before it.
func (v *Vault) outlived(ctx context.Context, p place, seq int) error {
	gone := v.gone(ctx, p)
	if transfer.CodeOf(gone) == transfer.NotFound {
		return nil
	}
	if err := v.blobs.Delete(context.WithoutCancel(ctx), p.folder()+journalName(seq)); err != nil {
		return unavailable(err)
	}
	return gone
}
