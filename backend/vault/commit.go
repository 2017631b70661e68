package vault

import (
	"context"
	"crypto/subtle"
	"errors"
	"io/fs"
	"strings"

	"senddigitally/backend/transfer"
)

// standing is what lies under a manifest's name.
type standing int

const (
	nothing standing = iota
	committed
	abandoned      // being erased by somebody
	abandonedStale // being erased by nobody any more
)

func (v *Vault) standing(ctx context.Context, p place) (standing, error) {
	s, _, err := v.marked(ctx, p)
	return s, err
}

// Exists reports whether a transfer has been committed; it may have been erased
// since, with its bytes still waiting for the sweep.
func (v *Vault) Exists(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (bool, error) {
	p, err := at(tenant, id)
	if err != nil {
		return false, err
	}
	s, err := v.standing(ctx, p)
	return s == committed, err
}

// Begun reports whether anything has come under an id. Expired or Withdrawn when
// it has been erased.
func (v *Vault) Begun(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (bool, error) {
	p, err := at(tenant, id)
	if err != nil {
		return false, err
	}
	if gone := v.gone(ctx, p); transfer.CodeOf(gone) != transfer.NotFound {
		return false, gone
	}
	return v.stored(ctx, p)
}

// stored reports whether there is any blob of a transfer.
func (v *Vault) stored(ctx context.Context, p place) (bool, error) {
	for _, err := range v.list(ctx, p, "", "") {
		return err == nil, err
	}
	return false, nil
}

// Begin makes the data key of a new transfer, or returns the one that an
// earlier attempt made. Conflict when the transfer has been committed, Expired
// or Withdrawn when it has been erased, InProgress while an earlier attempt is
// being cleared away.
func (v *Vault) Begin(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) (transfer.DataKey, error) {
	return v.begin(ctx, tenant, id, hold, v.keys.Create)
}

// Continue is Begin for what has been begun; NotFound when it has not, or has
// been given up since.
func (v *Vault) Continue(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) (transfer.DataKey, error) {
	return v.begin(ctx, tenant, id, hold, v.keys.Open)
}

type keeper func(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) (transfer.DataKey, error)

func (v *Vault) begin(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold, keyOf keeper) (transfer.DataKey, error) {
	p, err := at(tenant, id)
	if err == nil {
		err = v.free(ctx, p, hold)
	}
	if err != nil {
		return transfer.DataKey{}, err
	}
	key, err := keyOf(ctx, tenant, id, hold)
	if err != nil {
		return transfer.DataKey{}, err
	}
	return key, v.recheck(ctx, p, key, hold)
}

func (v *Vault) free(ctx context.Context, p place, hold transfer.Hold) error {
	if gone := v.gone(ctx, p); transfer.CodeOf(gone) != transfer.NotFound {
		return gone
	}
	switch s, err := v.standing(ctx, p); {
	case err != nil:
		return err
	case s == committed:
		return alreadyCommitted()
	case s == abandoned:
		return beingErased()
	case s == abandonedStale:
		return v.resumeErasure(ctx, p, hold)
	}
	return nil
}

// recheck finds a commit that came between the look and the key: another
// attempt may have moved its key away, and then ours opens nothing and must not
// stay.
func (v *Vault) recheck(ctx context.Context, p place, key transfer.DataKey, hold transfer.Hold) error {
	if s, err := v.standing(ctx, p); err != nil || s != committed {
		return err
	}
	var m transfer.Manifest
	if err := v.getRecord(ctx, p, key, manifestName, &m); transfer.CodeOf(err) == transfer.Integrity {
		if err := v.keys.Erase(ctx, p.tenant, p.id, hold); err != nil {
			return err
		}
	}
	return alreadyCommitted()
}

func alreadyCommitted() error {
	return transfer.E(transfer.Conflict, "this was accepted before")
}

func beingErased() error {
	return transfer.E(transfer.InProgress, "an earlier attempt is being cleared away; try again in a while")
}

// Commit puts the manifest: when it returns, the transfer is accepted. The key
// record lies under HeldOpen or where the manifest's expiry puts it. Conflict
// when there is a manifest, InProgress or Unavailable when the upload was given
// up meanwhile; then nothing is accepted.
func (v *Vault) Commit(ctx context.Context, key transfer.DataKey, m transfer.Manifest) error {
	p, err := at(m.Tenant, m.ID)
	if err != nil {
		return err
	}
	m.Version = transfer.FormatVersion
	err = v.putRecord(ctx, p, key, manifestName, m)
	if errors.Is(err, fs.ErrExist) {
		return v.taken(ctx, p)
	}
	if err != nil {
		return err
	}
	// A sweep that gave the upload up, and ended before the manifest was put, has
	// taken parts or the key; from now on none can begin.
	overtaken, err := v.overtaken(ctx, p, key, &m)
	if !overtaken || err != nil {
		return err
	}
	_ = v.blobs.Delete(context.WithoutCancel(ctx), p.folder()+manifestName)
	return transfer.E(transfer.Unavailable, "the upload was given up before it was complete; send again")
}

func (v *Vault) taken(ctx context.Context, p place) error {
	switch s, err := v.standing(ctx, p); {
	case err != nil:
		return err
	case s == committed:
		return alreadyCommitted()
	}
	return beingErased()
}

// overtaken reports whether a part of the manifest was taken back or is gone, or
// its key record.
func (v *Vault) overtaken(ctx context.Context, p place, key transfer.DataKey, m *transfer.Manifest) (bool, error) {
	held, err := v.held(ctx, p, key, transfer.HeldOpen, transfer.HoldUntil(m.ExpiresAt))
	if err != nil {
		return true, err
	}
	if !held { // or a retry was quicker, and its journal says where the key has gone
		_, err := v.blobs.Size(ctx, p.folder()+journalName(1))
		return err != nil, absent(err)
	}
	stored, gone := map[string]bool{}, map[string]bool{}
	for name, err := range v.list(ctx, p, "", "") {
		if err != nil {
			return true, err
		}
		if part, is := strings.CutPrefix(name, partPrefix); is && !gone[part] {
			stored[part] = true
		} else if part, is := strings.CutPrefix(name, gonePrefix); is { // is listed before its part
			gone[part] = true
		}
	}
	files := m.Files
	if m.Body != nil {
		files = append([]transfer.File{*m.Body}, files...)
	}
	for _, file := range files {
		for _, part := range file.Parts {
			if !stored[part.ID] {
				return true, nil
			}
		}
	}
	return false, nil
}

// absent is the error of a look for what need not be there.
func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return unavailable(err)
}

// held reports whether one of the holds has a record of this very key.
func (v *Vault) held(ctx context.Context, p place, key transfer.DataKey, holds ...transfer.Hold) (bool, error) {
	for _, hold := range holds {
		found, err := v.keys.Open(ctx, p.tenant, p.id, hold)
		if err == nil && subtle.ConstantTimeCompare(found.Secret(), key.Secret()) == 1 {
			return true, nil
		}
		if err != nil && transfer.CodeOf(err) != transfer.NotFound {
			return false, err
		}
	}
	return false, nil
}
