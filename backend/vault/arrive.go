package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

// A file that arrives in pieces has a record for every piece, numbered; the
// newest says which parts there are.
const arrivingPrefix = "arriving."

func arrivingName(file transfer.FileID, seq int) string {
	return fmt.Sprintf("%s%s.%06d", arrivingPrefix, file, seq)
}

// Arrive announces a file that will come in pieces. Conflict when the file id is
// taken.
func (v *Vault) Arrive(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, a transfer.Arriving) (transfer.Arriving, error) {
	p, err := at(tenant, id)
	if err != nil {
		return a, err
	}
	if !blob.ValidElement(arrivingName(a.File.ID, 0)) {
		return a, transfer.E(transfer.Invalid, "not the id of a file")
	}
	a.File.Size, a.File.Parts, a.Seq = 0, nil, 0
	return a, taken(v.putRecord(ctx, p, key, arrivingName(a.File.ID, 0), a))
}

func taken(err error) error {
	if errors.Is(err, fs.ErrExist) {
		return transfer.E(transfer.Conflict, "another piece of this file has come first")
	}
	return err
}

// Arriving lists the files that are on their way, by their ids.
func (v *Vault) Arriving(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey) ([]transfer.Arriving, error) {
	p, err := at(tenant, id)
	if err != nil {
		return nil, err
	}
	newest := map[string]string{}
	var order []string
	for name, err := range v.list(ctx, p, arrivingPrefix, "") {
		if err != nil {
			return nil, err
		}
		file := name[:strings.LastIndexByte(name, '.')]
		if newest[file] == "" {
			order = append(order, file)
		}
		newest[file] = name
	}
	var all []transfer.Arriving
	for _, file := range order {
		var a transfer.Arriving
		if err := v.getRecord(ctx, p, key, newest[file], &a); errors.Is(err, fs.ErrNotExist) {
			continue // finished or given up meanwhile
		} else if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// Extend stores the next piece of a file, at most what is missing of it, and
// records it. What came before r failed is kept: the failure is returned with
// the new state. Conflict when another piece came first, whose bytes count.
func (v *Vault) Extend(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, a transfer.Arriving, r io.Reader) (transfer.Arriving, error) {
	p, err := at(tenant, id)
	if err != nil {
		return a, err
	}
	piece := &keeping{r: r}
	u := v.newUpload(ctx, p, key, a.File.ID)
	file, err := u.finish(ctx, transfer.File{}, u.readFrom(piece, a.Length-a.File.Size, nil))
	if err != nil || file.Size == 0 {
		return a, errors.Join(err, piece.failure)
	}
	next := a
	next.Seq++
	next.File.Size += file.Size
	next.File.Parts = append(next.File.Parts[:len(next.File.Parts):len(next.File.Parts)], file.Parts...)
	if err := taken(v.putRecord(ctx, p, key, arrivingName(a.File.ID, next.Seq), next)); err != nil {
		v.removeParts(ctx, p, file.Parts)
		return a, err
	}
	return next, piece.failure
}

// keeping ends where its reader fails, so that what came before is kept.
type keeping struct {
	r       io.Reader
	failure error
}

func (k *keeping) Read(b []byte) (int, error) {
	n, err := k.r.Read(b)
	if err != nil && err != io.EOF {
		k.failure, err = err, io.EOF
	}
	return n, err
}

// Arrived forgets that a file came in pieces: the newest record goes last, so
// that a crash leaves a file that is still on its way. With drop its parts go
// too.
func (v *Vault) Arrived(ctx context.Context, tenant transfer.TenantID, id transfer.ID, a transfer.Arriving, drop bool) error {
	p, err := at(tenant, id)
	if err != nil {
		return err
	}
	if drop {
		for _, part := range a.File.Parts {
			if err := v.takeBack(ctx, p, part.ID); err != nil {
				return err
			}
		}
		if err := v.uncommitted(ctx, p); err != nil {
			return err
		}
	}
	for seq := range a.Seq + 1 {
		if err := v.blobs.Delete(ctx, p.folder()+arrivingName(a.File.ID, seq)); err != nil {
			return unavailable(err)
		}
	}
	if !drop {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	for _, part := range a.File.Parts {
		if v.blobs.Delete(ctx, p.folder()+partPrefix+part.ID) == nil { // else it goes with the orphans, and is not listed until then
			_ = v.blobs.Delete(ctx, p.folder()+gonePrefix+part.ID)
		}
	}
	return nil
}
