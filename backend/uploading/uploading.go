// Package uploading takes files that arrive ahead of their transfer or reply.
//
// Invariant: a file is listed only when it is whole, and lies encrypted from
// its first byte; under one id nothing can be added once the manifest is there.
//
// Failure: an interrupted upload leaves parts that nothing names; the sweep
// removes them after their grace.
package uploading

import (
	"context"
	"crypto/rand"
	"io"
	"strconv"
	"time"

	"senddigitally/backend/transfer"
)

// Vault keeps the files.
type Vault interface {
	Pieces
	Exists(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (bool, error)
	Begun(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (bool, error)
	Begin(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold) (transfer.DataKey, error)
	Continue(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold) (transfer.DataKey, error)
	Put(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, meta transfer.File, r io.Reader, limit int64, replace bool) (transfer.File, error)
	Stage(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, f transfer.File) error
	StagedRecords(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (map[transfer.FileID]string, error)
	StagedFile(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, record string) (transfer.File, error)
	Staged(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey) ([]transfer.File, error)
	Unstage(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, file transfer.FileID) error
}

// Ledger remembers what has begun to arrive, so that the sweep finds it.
type Ledger interface {
	Begin(ctx context.Context, record transfer.Record, lease time.Duration, holder string) (transfer.Record, bool, error)
}

// Limits bound what may wait under one id, by itself and beside all else that
// its holders have uploaded and not sent.
type Limits struct {
	Bytes     int64 // of all files together
	FileBytes int64
	Files     int
	Holders   []Holder
}

// most is how long a file of a size may get beside those that wait.
func (l Limits) most(size int64, waiting map[transfer.FileID]int64) (int64, error) {
	if len(waiting) >= l.Files {
		return 0, transfer.E(transfer.TooMany, "too many files").With("limit", strconv.Itoa(l.Files))
	}
	left := l.Bytes
	for _, n := range waiting {
		left -= n
	}
	return max(0, min(size, l.FileBytes, left)), nil
}

// Uploading is the mechanism that sending and replying share.
type Uploading struct {
	Vault  Vault
	Ledger Ledger
	Holds  Holds // of quotas; needed only where limits name holders
	Clock  func() time.Time

	sizes sizes
	told  told
}

// Put stores one file of at most meta.Size bytes. A file of the same id is
// replaced.
func (u *Uploading) Put(ctx context.Context, tenant transfer.TenantID, id transfer.ID, meta transfer.File, content io.Reader, limits Limits) (transfer.File, error) {
	key, err := u.Begin(ctx, tenant, id)
	if err != nil {
		return transfer.File{}, err
	}
	waiting, err := u.waiting(ctx, tenant, id, key)
	if err != nil {
		return transfer.File{}, err
	}
	old, replaced := waiting[meta.ID]
	delete(waiting, meta.ID)
	most, err := limits.most(meta.Size, waiting)
	if err == nil {
		err = u.charge(ctx, id, limits.Holders, most)
	}
	if err != nil {
		return transfer.File{}, err
	}
	unused := most
	defer func() { u.giveBack(ctx, id, limits.Holders, unused) }()
	meta.Name = transfer.CleanName(meta.Name)
	file, err := u.Vault.Put(ctx, tenant, id, key, meta, content, most, replaced)
	if err != nil {
		u.sizes.forget(sizeOf{id, meta.ID})
		return transfer.File{}, err
	}
	u.sizes.set(sizeOf{id, meta.ID}, file.Size)
	unused -= file.Size
	if replaced {
		unused += old
	}
	return file, nil
}

func (u *Uploading) unstage(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, file transfer.FileID) error {
	err := u.Vault.Unstage(ctx, tenant, id, key, file)
	u.sizes.forget(sizeOf{id, file})
	return err
}

// Unclaimed is a lease that has lapsed already, also by a clock that is behind:
// who sends may claim at once what was uploaded.
const Unclaimed = -10 * time.Minute

// Begin makes the data key for what is to arrive under an id, or returns the one
// that is there, once the ledger knows when to sweep it. Errors are the vault's:
// Conflict for what has been sent.
func (u *Uploading) Begin(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (transfer.DataKey, error) {
	now := u.Clock()
	if at, _ := u.told.get(id); now.Sub(at) < toldFor && !now.Before(at) {
		key, err := u.Vault.Continue(ctx, tenant, id, transfer.HeldOpen)
		if transfer.CodeOf(err) != transfer.NotFound { // given up since: its key goes before its record
			return key, err
		}
	}
	sent, err := u.Vault.Exists(ctx, tenant, id)
	if err == nil && sent {
		err = transfer.E(transfer.Conflict, "this has been sent already")
	}
	if err != nil {
		return transfer.DataKey{}, err
	}
	record := transfer.Record{Tenant: tenant, ID: id, Kind: transfer.KindTransfer, AcceptedAt: now, Held: transfer.HeldOpen}
	_, began, err := u.Ledger.Begin(ctx, record, Unclaimed, rand.Text())
	if err != nil && transfer.CodeOf(err) != transfer.KeyReused { // that one is swept in its own time
		return transfer.DataKey{}, err
	}
	if began { // else the record is another's, perhaps a sweep's that removes it
		u.told.set(id, now)
	}
	return u.Vault.Begin(ctx, tenant, id, transfer.HeldOpen)
}
