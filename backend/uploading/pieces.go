package uploading

import (
	"context"
	"io"
	"slices"
	"strconv"

	"senddigitally/backend/transfer"
)

// Pieces is what the vault offers for files that come in pieces.
type Pieces interface {
	Arrive(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, a transfer.Arriving) (transfer.Arriving, error)
	Arriving(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey) ([]transfer.Arriving, error)
	Extend(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, a transfer.Arriving, r io.Reader) (transfer.Arriving, error)
	Arrived(ctx context.Context, tenant transfer.TenantID, id transfer.ID, a transfer.Arriving, drop bool) error
}

// maxPieces bounds the records of one file; a client that sends it as it likes
// needs one piece for every time that the connection broke.
const maxPieces = 1000

// Announce begins a file that will come in pieces, length bytes in all, within
// the limits, and gives it an id. What was announced counts as if it were there.
func (u *Uploading) Announce(ctx context.Context, tenant transfer.TenantID, id transfer.ID, meta transfer.File, length int64, limits Limits) (transfer.Arriving, error) {
	key, all, err := u.everything(ctx, tenant, id)
	if err != nil {
		return transfer.Arriving{}, err
	}
	left := limits.Bytes
	for _, a := range all {
		left -= a.Length
	}
	if length < 0 || length > min(limits.FileBytes, left) {
		return transfer.Arriving{}, transfer.E(transfer.TooLarge, "the file is larger than allowed").With("bytes", strconv.FormatInt(max(0, min(limits.FileBytes, left)), 10))
	}
	if len(all) >= limits.Files {
		return transfer.Arriving{}, transfer.E(transfer.TooMany, "too many files").With("limit", strconv.Itoa(limits.Files))
	}
	if err := u.charge(ctx, id, limits.Holders, length); err != nil {
		return transfer.Arriving{}, err
	}
	meta.Name = transfer.CleanName(meta.Name)
	a, err := u.arrive(ctx, tenant, id, key, transfer.Arriving{File: meta, Length: length}, Next(all))
	if err != nil {
		u.giveBack(ctx, id, limits.Holders, length)
	}
	return a, err
}

// arrive announces a file under the first free number from n on.
func (u *Uploading) arrive(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, as transfer.Arriving, n int) (transfer.Arriving, error) {
	for ; ; n++ {
		as.File.ID = transfer.FileID("u" + strconv.Itoa(n))
		a, err := u.Vault.Arrive(ctx, tenant, id, key, as)
		if err == nil && a.Whole() {
			return u.Append(ctx, tenant, id, as.File.ID, 0, eof{})
		}
		if transfer.CodeOf(err) != transfer.Conflict {
			return a, err
		}
	}
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// Next is a number above those in the ids of these files.
func Next(all []transfer.Arriving) int {
	n := 1
	for _, a := range all {
		if number, err := strconv.Atoi(string(a.File.ID[1:])); err == nil {
			n = max(n, number+1)
		}
	}
	return n
}

// Append takes the next piece of a file; at must be where it ends so far, or the
// answer is Conflict. What came before content failed is kept. The last piece
// makes it a file that waits for "Send".
func (u *Uploading) Append(ctx context.Context, tenant transfer.TenantID, id transfer.ID, file transfer.FileID, at int64, content io.Reader) (transfer.Arriving, error) {
	key, err := u.Begin(ctx, tenant, id)
	if err != nil {
		return transfer.Arriving{}, err
	}
	a, err := u.find(ctx, tenant, id, file)
	if err != nil {
		return a, err
	}
	if at != a.File.Size {
		return a, transfer.E(transfer.Conflict, "the piece does not begin where the file ends")
	}
	if a.Seq >= maxPieces {
		return a, transfer.E(transfer.TooMany, "the file comes in too many pieces")
	}
	if !a.Whole() {
		ctx = context.WithoutCancel(ctx) // what came before the connection broke is kept
		if a, err = u.Vault.Extend(ctx, tenant, id, key, a, content); err != nil || !a.Whole() {
			return a, err
		}
	}
	return a, u.complete(ctx, tenant, id, key, a)
}

// complete stages a file that is whole. It can be repeated after a crash.
func (u *Uploading) complete(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, a transfer.Arriving) error {
	if err := u.Vault.Stage(ctx, tenant, id, key, a.File); err != nil && transfer.CodeOf(err) != transfer.Conflict {
		return err
	}
	return u.Vault.Arrived(ctx, tenant, id, a, false)
}

// Arriving lists all files under an id: those that are whole, and those that are
// on their way. Looking begins nothing.
func (u *Uploading) Arriving(ctx context.Context, tenant transfer.TenantID, id transfer.ID) ([]transfer.Arriving, error) {
	if begun, err := u.Vault.Begun(ctx, tenant, id); err != nil || !begun {
		return nil, err
	}
	_, all, err := u.everything(ctx, tenant, id)
	return all, err
}

// Abandon gives one file up, whole or on its way, which then counts for nobody.
func (u *Uploading) Abandon(ctx context.Context, tenant transfer.TenantID, id transfer.ID, file transfer.FileID, by []Holder) error {
	key, err := u.Begin(ctx, tenant, id)
	if err != nil {
		return err
	}
	a, err := u.find(ctx, tenant, id, file)
	if transfer.CodeOf(err) == transfer.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if err := u.unstage(ctx, tenant, id, key, file); err != nil {
		return err
	}
	err = u.Vault.Arrived(ctx, tenant, id, a, true)
	if err == nil || a.Staged { // it is listed no more, whatever its bytes do
		u.giveBack(ctx, id, by, a.Length)
	}
	return err
}

func (u *Uploading) find(ctx context.Context, tenant transfer.TenantID, id transfer.ID, file transfer.FileID) (transfer.Arriving, error) {
	_, all, err := u.everything(ctx, tenant, id)
	if err != nil {
		return transfer.Arriving{}, err
	}
	i := slices.IndexFunc(all, func(a transfer.Arriving) bool { return a.File.ID == file })
	if i < 0 {
		return transfer.Arriving{}, transfer.E(transfer.NotFound, "no such upload")
	}
	return all[i], nil
}

func (u *Uploading) everything(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (transfer.DataKey, []transfer.Arriving, error) {
	key, err := u.Begin(ctx, tenant, id)
	if err != nil {
		return key, nil, err
	}
	staged, err := u.Vault.Staged(ctx, tenant, id, key)
	if err != nil {
		return key, nil, err
	}
	var all []transfer.Arriving
	for _, f := range staged {
		all = append(all, transfer.Arriving{File: f, Length: f.Size, Staged: true})
	}
	arriving, err := u.Vault.Arriving(ctx, tenant, id, key)
	for _, a := range arriving {
		if !slices.ContainsFunc(staged, func(f transfer.File) bool { return f.ID == a.File.ID }) {
			all = append(all, a)
		}
	}
	return key, all, err
}
