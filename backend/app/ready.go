package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

// fit says whether requests can be served now: ledger and both stores answer,
// and the ledger is ours and safe. It asks what is cheap of what the doctor asks.
func (s Setup) fit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := s.Ledger.Check(ctx); err != nil {
		return err
	}
	return errors.Join(answers(ctx, "blobs", s.Blobs), answers(ctx, "keys", s.KeyRecords))
}

// answers asks a store for what is not there.
func answers(ctx context.Context, which string, store blob.Store) error {
	if _, err := store.Size(ctx, "readiness"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return transfer.Wrap(transfer.Unavailable, "the store of "+which+" does not answer", fmt.Errorf("%s: %w", which, err))
	}
	return nil
}
