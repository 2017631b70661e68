package vault

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

// Stage records an uploaded file that waits for its manifest. Conflict when the
// file id is taken.
func (v *Vault) Stage(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, f transfer.File) error {
	p, err := at(tenant, id)
	if err != nil {
		return err
	}
	if !blob.ValidElement(stagedPrefix + string(f.ID)) {
		return transfer.E(transfer.Invalid, "not the id of a file")
	}
	err = v.putRecord(ctx, p, key, stagedPrefix+string(f.ID), f)
	if errors.Is(err, fs.ErrExist) {
		return transfer.E(transfer.Conflict, "there is such a file already")
	}
	return err
}

// Staged lists the recorded files by their ids.
func (v *Vault) Staged(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey) ([]transfer.File, error) {
	ids, err := v.StagedIDs(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	var files []transfer.File
	for _, file := range ids {
		f, err := v.StagedFile(ctx, tenant, id, key, file)
		if transfer.CodeOf(err) == transfer.NotFound {
			continue // taken back meanwhile
		}
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// StagedIDs lists the recorded files by name only: it opens no record.
func (v *Vault) StagedIDs(ctx context.Context, tenant transfer.TenantID, id transfer.ID) ([]transfer.FileID, error) {
	p, err := at(tenant, id)
	if err != nil {
		return nil, err
	}
	var ids []transfer.FileID
	for name, err := range v.list(ctx, p, stagedPrefix, "") {
		if err != nil {
			return nil, err
		}
		ids = append(ids, transfer.FileID(strings.TrimPrefix(name, stagedPrefix)))
	}
	return ids, nil
}

// StagedFile opens the record of one file; NotFound when there is none.
func (v *Vault) StagedFile(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, file transfer.FileID) (f transfer.File, err error) {
	p, err := at(tenant, id)
	if err != nil {
		return f, err
	}
	if err = v.getRecord(ctx, p, key, stagedPrefix+string(file), &f); errors.Is(err, fs.ErrNotExist) {
		err = transfer.E(transfer.NotFound, "no such upload")
	}
	return f, err
}

// Unstage removes a recorded file. Its parts stay until the upload is given up
// or the transfer is erased: a manifest that is being put may have them. An
// absent one is no error; Conflict once the manifest is put.
func (v *Vault) Unstage(ctx context.Context, tenant transfer.TenantID, id transfer.ID, _ transfer.DataKey, file transfer.FileID) error {
	p, err := at(tenant, id)
	if err != nil {
		return err
	}
	if err := v.uncommitted(ctx, p); err != nil {
		return err
	}
	if !blob.ValidElement(stagedPrefix + string(file)) {
		return nil
	}
	return unavailable(v.blobs.Delete(ctx, p.folder()+stagedPrefix+string(file)))
}

func (v *Vault) uncommitted(ctx context.Context, p place) error {
	if s, err := v.standing(ctx, p); err != nil || s != committed {
		return err
	}
	return alreadyCommitted()
}
