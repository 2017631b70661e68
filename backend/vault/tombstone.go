package vault

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"io/fs"
	"iter"
	"strings"

	"senddigitally/backend/transfer"
)

// A tombstone is "SDT", a version byte, 32 hexadecimal digits of an HMAC under
// the installation's root, and JSON.
const (
	tombstoneMagic = "SDT\x01"
	macDigits      = 32
	maxTombstone   = 1 << 20
)

func (v *Vault) putTombstone(ctx context.Context, p place, t transfer.Tombstone) error {
	content, err := json.Marshal(t)
	if err != nil {
		return transfer.Wrap(transfer.Internal, "a tombstone cannot be written", err)
	}
	sealed := tombstoneMagic + v.namer.Hash("tombstone", string(content)) + string(content)
	_, err = v.blobs.Put(ctx, p.tombstone(), strings.NewReader(sealed))
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return unavailable(err)
}

// Tombstone returns what is left of an erased transfer, nil when it has not
// been erased.
func (v *Vault) Tombstone(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Tombstone, error) {
	t, err := v.tombstone(ctx, tenant, id)
	return t, v.heard(ctx, tenant, id, "", err)
}

func (v *Vault) tombstone(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Tombstone, error) {
	p, err := at(tenant, id)
	if err != nil {
		return nil, err
	}
	sealed, err := v.read(ctx, p.tombstone(), maxTombstone)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return v.openTombstone(p, sealed)
}

func (v *Vault) openTombstone(p place, sealed []byte) (*transfer.Tombstone, error) {
	rest, ok := bytes.CutPrefix(sealed, []byte(tombstoneMagic))
	if !ok || len(rest) < macDigits {
		return nil, integrity("a tombstone is damaged or of an unknown format", nil)
	}
	mac, content := rest[:macDigits], rest[macDigits:]
	if !hmac.Equal(mac, []byte(v.namer.Hash("tombstone", string(content)))) {
		return nil, integrity("a tombstone does not authenticate", nil)
	}
	var t transfer.Tombstone
	if err := json.Unmarshal(content, &t); err != nil {
		return nil, integrity("a tombstone cannot be understood", err)
	}
	if t.Tenant != p.tenant || t.ID != p.id {
		return nil, integrity("a tombstone lies in another's place", nil)
	}
	return &t, nil
}

// Erased yields the ids of the tenant's tombstones.
func (v *Vault) Erased(ctx context.Context, tenant transfer.TenantID) iter.Seq2[transfer.ID, error] {
	return func(yield func(transfer.ID, error) bool) {
		if err := checkTenant(tenant); err != nil {
			yield("", err)
			return
		}
		for name, err := range v.blobs.List(ctx, string(tenant)+"/erased/", "") {
			if err != nil {
				yield("", unavailable(err))
				return
			}
			id := transfer.ID(name[strings.LastIndexByte(name, '/')+1:])
			if id.Valid() && !yield(id, nil) {
				return
			}
		}
	}
}

// gone says why something is not there: Expired or Withdrawn by its tombstone,
// or NotFound.
func (v *Vault) gone(ctx context.Context, p place) error {
	t, err := v.tombstone(ctx, p.tenant, p.id)
	switch {
	case err != nil:
		return err
	case t == nil:
		return transfer.E(transfer.NotFound, "there is nothing under this id")
	case t.Reason == transfer.Withdrawn:
		return transfer.E(transfer.Withdrawn, "the sender has withdrawn this message")
	}
	return transfer.E(transfer.Expired, "this message has expired")
}
