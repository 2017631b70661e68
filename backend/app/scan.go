package app

import (
	"context"
	"io"

	"senddigitally/backend/scanning"
	"senddigitally/backend/transfer"
	"senddigitally/backend/vault"
)

// guarded is the vault as whoever stores content sees it: where a scanner is
// configured, nothing becomes a file of a transfer or reply unseen.
type guarded struct {
	*vault.Vault
	scanner *scanning.Clamd // nil: none is configured
}

// WriteFile stores what is clean; of anything else no part stays behind.
func (g guarded) WriteFile(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, meta transfer.File, r io.Reader, limit int64, progress func(int64)) (transfer.File, error) {
	if g.scanner == nil {
		return g.Vault.WriteFile(ctx, tenant, id, key, meta, r, limit, progress)
	}
	seen := g.scanner.Stream(ctx, r)
	defer seen.Close()
	return g.Vault.WriteFile(ctx, tenant, id, key, meta, seen, limit, progress)
}

// Inspect has a file looked at that came in pieces.
func (g guarded) Inspect(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, f transfer.File) error {
	if g.scanner == nil {
		return nil
	}
	d := &transfer.Dossier{Key: key, Manifest: transfer.Manifest{Tenant: tenant, ID: id}}
	content := g.ReadFile(ctx, d, f)
	defer content.Close()
	return g.scanner.Scan(ctx, content)
}
