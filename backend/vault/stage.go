package vault

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"senddigitally/backend/transfer"
)

// Stage records an uploaded file that waits for its manifest. Conflict when the
// file id is taken.
func (v *Vault) Stage(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, f transfer.File) error {
	p, err := at(tenant, id)
	if err != nil {
		return err
	}
	if !listable(f.ID) {
		return transfer.E(transfer.Invalid, "not the id of a file")
	}
	err = v.putRecord(ctx, p, key, stagedPrefix+string(f.ID), f)
	if errors.Is(err, fs.ErrExist) {
		return transfer.E(transfer.Conflict, "there is such a file already")
	}
	return err
}

// Put stores an uploaded file of at most limit bytes (TooLarge otherwise) and
// records it. With replace it takes those of the same id back once the new one is
// there.
func (v *Vault) Put(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, meta transfer.File, r io.Reader, limit int64, replace bool) (transfer.File, error) {
	p, err := at(tenant, id)
	if err != nil {
		return transfer.File{}, err
	}
	if !listable(meta.ID) {
		return transfer.File{}, transfer.E(transfer.Invalid, "not the id of a file")
	}
	var before map[transfer.FileID][]string
	if replace {
		if before, err = v.records(ctx, p); err != nil {
			return transfer.File{}, err
		}
	}
	f, err := v.put(ctx, p, key, meta, r, limit)
	if err == nil {
		err = v.unrecord(ctx, p, before[meta.ID])
	}
	return f, err
}

func (v *Vault) put(ctx context.Context, p place, key transfer.DataKey, meta transfer.File, r io.Reader, limit int64) (transfer.File, error) {
	first := segmentPool.Get().(*segment)
	defer segmentPool.Put(first)
	n, err := fill(r, first.bytes[:])
	switch {
	case err != nil && err != io.EOF:
		return transfer.File{}, err
	case err == io.EOF && n > 0 && int64(n) <= limit:
		return v.putSmall(ctx, p, key, meta, first.bytes[:n])
	}
	f, err := v.WriteFile(ctx, p.tenant, p.id, key, meta, io.MultiReader(bytes.NewReader(first.bytes[:n]), r), limit, nil)
	if err == nil {
		err = v.putRecord(ctx, p, key, stagedPrefix+string(f.ID)+"."+newPartID(v.clock()), f)
	}
	return f, err
}

// Staged lists the recorded files by their ids.
func (v *Vault) Staged(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey) ([]transfer.File, error) {
	records, err := v.StagedRecords(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	var files []transfer.File
	for _, file := range slices.Sorted(maps.Keys(records)) {
		f, err := v.StagedFile(ctx, tenant, id, key, records[file])
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

// StagedRecords finds the records of all recorded files by their names only: it
// opens none.
func (v *Vault) StagedRecords(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (map[transfer.FileID]string, error) {
	p, err := at(tenant, id)
	if err != nil {
		return nil, err
	}
	all, err := v.records(ctx, p)
	last := map[transfer.FileID]string{}
	for file, names := range all {
		last[file] = names[len(names)-1]
	}
	return last, err
}

// records lists the names of each file's records: more than one where a crash
// came before the end of a replacement.
func (v *Vault) records(ctx context.Context, p place) (map[transfer.FileID][]string, error) {
	records, gone := map[transfer.FileID][]string{}, map[string]bool{}
	for name, err := range v.list(ctx, p, "", "") {
		if err != nil {
			return nil, err
		}
		if part, is := strings.CutPrefix(name, gonePrefix); is { // is listed before its part
			gone[part] = true
		} else if file := recorded(name); file != "" && !gone[strings.TrimPrefix(name, partPrefix)] {
			records[file] = append(records[file], name)
		}
	}
	return records, nil
}

// recorded is the file that a blob's name records, "" for none.
func recorded(name string) transfer.FileID {
	if part, is := strings.CutPrefix(name, partPrefix); is {
		_, file, _ := strings.Cut(part, ".")
		return transfer.FileID(file)
	}
	file, is := strings.CutPrefix(name, stagedPrefix)
	if !is {
		return ""
	}
	if at := len(file) - partIDDigits - 1; at > 0 && file[at] == '.' {
		file = file[:at]
	}
	return transfer.FileID(file)
}

// StagedFile opens a record; NotFound when it is there no more.
func (v *Vault) StagedFile(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, record string) (f transfer.File, err error) {
	p, err := at(tenant, id)
	if err != nil {
		return f, err
	}
	if strings.HasPrefix(record, partPrefix) {
		err = v.getSmallRecord(ctx, p, key, record, &f)
	} else {
		err = v.getRecord(ctx, p, key, record, &f)
	}
	if errors.Is(err, fs.ErrNotExist) {
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
	records, err := v.records(ctx, p)
	if err != nil {
		return err
	}
	return v.unrecord(ctx, p, records[file])
}

// unrecord removes records, and of a small file the word that it is there.
func (v *Vault) unrecord(ctx context.Context, p place, names []string) error {
	for _, name := range names {
		var err error
		if part, small := strings.CutPrefix(name, partPrefix); small {
			err = v.takeBack(ctx, p, part)
		} else {
			err = unavailable(v.blobs.Delete(ctx, p.folder()+name))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// takeBack marks a part that is not to be in any manifest any more.
func (v *Vault) takeBack(ctx context.Context, p place, part string) error {
	_, err := v.blobs.Put(ctx, p.folder()+gonePrefix+part, strings.NewReader(goneMagic))
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return unavailable(err)
}

func (v *Vault) uncommitted(ctx context.Context, p place) error {
	if s, err := v.standing(ctx, p); err != nil || s != committed {
		return err
	}
	return alreadyCommitted()
}
