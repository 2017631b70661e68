package distributing

import (
	"context"

	"senddigitally/backend/transfer"
)

// Answerable opens a delivered reply for a member of its mailbox who is about to
// write to its sender. Post to the organisation as a company is answered
// elsewhere.
func (x *Distributing) Answerable(ctx context.Context, caller transfer.Caller, id transfer.ID) (*transfer.Dossier, error) {
	d, _, err := x.Read(ctx, caller, id)
	if err != nil {
		return nil, err
	}
	m := d.Manifest
	if m.Sender.Address == "" || m.Origin != nil && m.Origin.RecipientNumber != "" {
		return nil, transfer.E(transfer.NotAnswerable, "this reply is answered elsewhere")
	}
	return d, nil
}
