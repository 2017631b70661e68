package app

import (
	"context"
	"io"

	"senddigitally/backend/transfer"
	"senddigitally/backend/vault"
)

// reader gives the vault's Reader the form that use cases ask for.
type reader struct{ vault *vault.Vault }

// ReadFile opens a file; nothing is read before the first Read.
func (r reader) ReadFile(ctx context.Context, d *transfer.Dossier, f transfer.File) (io.ReadSeekCloser, error) {
	return r.vault.ReadFile(ctx, d, f), nil
}
