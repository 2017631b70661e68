package file

import (
	"errors"
	"io/fs"
	"syscall"

	"senddigitally/backend/transfer"
)

// fault gives the errors of the file system the port's meaning.
func fault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return transfer.Wrap(transfer.StorageFull, "the storage is full", err)
	}
	return err
}

// absent is fault for readers: below a blob there is nothing.
func absent(err error) error {
	if errors.Is(err, syscall.ENOTDIR) {
		return fs.ErrNotExist
	}
	return fault(err)
}
