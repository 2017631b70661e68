package expiring

import (
	"context"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Attempts counts wrong codes.
type Attempts interface {
	ClearCode(ctx context.Context, tenant transfer.TenantID, id transfer.ID, r transfer.RecipientID) error
}

// Relink gives a recipient a new link and mails it to her; the older ones are
// dead at once, and with them a lock-out. The code stays.
func (x *Expiring) Relink(ctx context.Context, caller transfer.Caller, id transfer.ID, recipient transfer.RecipientID) (*transfer.Dossier, error) {
	d, err := x.own(ctx, caller, id, access.Relink)
	if err != nil {
		return nil, err
	}
	to, known := d.Manifest.Recipient(recipient)
	if !known {
		return nil, transfer.E(transfer.Invalid, "unknown recipient").With("field", "recipient")
	}
	if d.State.Code.Kind == transfer.CodeSMS && to.Phone == "" { // she signs in
		return nil, transfer.E(transfer.PhoneMissing, "there is no telephone number that the code for a link could go to")
	}
	if err := x.Attempts.ClearCode(ctx, caller.Tenant, id, recipient); err != nil {
		return nil, err
	}
	return d, x.Archive.Schedule(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if err := s.Readable(recipient, x.Clock()); err != nil {
			return transfer.Entry{}, err
		}
		return transfer.Entry{Kind: transfer.Relinked, Recipient: recipient, Actor: x.Namer.Owner(caller.Tenant, caller.Subject)}, nil
	})
}
