package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"time"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

// DefaultPartSize is how many bytes of plaintext a part has at most.
const DefaultPartSize = 64 << 20

// Keys is the key container.
type Keys interface {
	Create(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) (transfer.DataKey, error)
	Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) (transfer.DataKey, error)
	Erase(ctx context.Context, tenant transfer.TenantID, id transfer.ID, hold transfer.Hold) error
}

// Vault stores and reads transfers and replies. Its methods may be called
// concurrently, also from several processes on one store.
type Vault struct {
	// PartSize is the plaintext size of a full part, a multiple of 256 KiB.
	// Set it before the first use; parts of any size can be read.
	PartSize int64
	// Damaged, which may be nil, hears of every Integrity that a method answers:
	// whose bytes they are, and of which file if it is known.
	Damaged func(context.Context, transfer.TenantID, transfer.ID, transfer.FileID)

	blobs blob.Store
	keys  Keys
	namer transfer.Namer
	clock func() time.Time
}

// New makes a vault over a blob store and a key container. The namer
// authenticates tombstones.
func New(blobs blob.Store, keys Keys, namer transfer.Namer, clock func() time.Time) *Vault {
	return &Vault{PartSize: DefaultPartSize, blobs: blobs, keys: keys, namer: namer, clock: clock}
}

// place is where a transfer's blobs lie.
type place struct {
	tenant transfer.TenantID
	id     transfer.ID
}

const (
	manifestName  = "manifest"
	journalPrefix = "journal."
	partPrefix    = "part."
	stagedPrefix  = "staged."

	// gonePrefix begins the name of a mark that takes a part back: whoever removes
	// it marks it before it looks for a manifest, and Commit looks for marks after
	// it has put one; so one of the two sees the other.
	gonePrefix = "gone."
	goneMagic  = "SDG\x01"

	// heldPrefix begins the name of a note; a hold follows.
	heldPrefix = "held."
	heldMagic  = "SDH\x01"
)

func at(tenant transfer.TenantID, id transfer.ID) (place, error) {
	if err := checkTenant(tenant); err != nil {
		return place{}, err
	}
	if !id.Valid() {
		return place{}, transfer.E(transfer.NotFound, "not the id of a transfer")
	}
	return place{tenant, id}, nil
}

func checkTenant(tenant transfer.TenantID) error {
	if !blob.ValidElement(string(tenant)) {
		return transfer.E(transfer.Invalid, "not the id of a tenant")
	}
	return nil
}

func (p place) folder() string {
	return string(p.tenant) + "/t/" + string(p.id[:2]) + "/" + string(p.id) + "/"
}

func (p place) tombstone() string {
	return string(p.tenant) + "/erased/" + string(p.id[:2]) + "/" + string(p.id)
}

func journalName(seq int) string { return fmt.Sprintf("%s%010d", journalPrefix, seq) }

// list yields the names within a transfer's folder that start with prefix and
// come after after.
func (v *Vault) list(ctx context.Context, p place, prefix, after string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if after != "" {
			after = p.folder() + after
		}
		for name, err := range v.blobs.List(ctx, p.folder()+prefix, after) {
			if !yield(strings.TrimPrefix(name, p.folder()), unavailable(err)) || err != nil {
				return
			}
		}
	}
}

// unavailable gives the store's faults their code and lets through what has a
// meaning of its own.
func unavailable(err error) error {
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrExist),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		transfer.CodeOf(err) != transfer.Internal:
		return err
	}
	return transfer.Wrap(transfer.Unavailable, "the storage does not work", err)
}

// heard lets Damaged hear of an error that says so.
func (v *Vault) heard(ctx context.Context, tenant transfer.TenantID, id transfer.ID, file transfer.FileID, err error) error {
	if v.Damaged != nil && transfer.CodeOf(err) == transfer.Integrity {
		v.Damaged(context.WithoutCancel(ctx), tenant, id, file)
	}
	return err
}

func integrity(detail string, cause error) error {
	return transfer.Wrap(transfer.Integrity, detail, cause)
}
