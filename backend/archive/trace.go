package archive

import (
	"context"

	"senddigitally/backend/transfer"
)

// Tell is a Change that the sender may want to hear about: the jobs that tell
// her are queued together with the record, and no others.
func (a *Archive) Tell(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error {
	if err := a.vault.Append(ctx, d, decide); err != nil {
		return err
	}
	return a.put(context.WithoutCancel(ctx), d, d.Alerts())
}

// Trace finds what a link leads or led to: the dossier while it can be opened,
// even after the expiry, and the tombstone when it was erased.
func (a *Archive) Trace(ctx context.Context, token transfer.LinkToken) (transfer.Trace, error) {
	if !token.Valid() {
		return transfer.Trace{}, transfer.E(transfer.NotFound, "unknown link")
	}
	tenant, id, recipient, err := a.ledger.FindLink(ctx, token.Shard(), a.namer.LinkHash(token))
	if err != nil {
		return transfer.Trace{}, err
	}
	return a.Remains(ctx, tenant, id, recipient)
}

// Remains is what is left of a recipient's place at a transfer.
func (a *Archive) Remains(ctx context.Context, tenant transfer.TenantID, id transfer.ID, r transfer.RecipientID) (transfer.Trace, error) {
	trace := transfer.Trace{Tenant: tenant, ID: id, Recipient: r}
	d, err := a.Open(ctx, tenant, id)
	switch transfer.CodeOf(err) {
	case "":
		trace.Dossier = d
	case transfer.Expired, transfer.Withdrawn:
		if trace.Stone, err = a.vault.Tombstone(ctx, tenant, id); err == nil && trace.Stone == nil {
			err = transfer.E(transfer.NotFound, "nothing is left of this")
		}
	}
	return trace, err
}
