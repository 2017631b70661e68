package distributing

import (
	"context"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Answerable looks at a delivered reply for who may read it and may be about to write
// to its sender, which opens nothing. Post to the organisation as a company is answered
// elsewhere.
func (x *Distributing) Answerable(ctx context.Context, caller transfer.Caller, id transfer.ID) (*transfer.Dossier, error) {
	at, err := x.opened(ctx, caller, access.ReadReply, id)
	if err != nil {
		return nil, err
	}
	if !at.Manifest.Answerable() {
		return nil, transfer.E(transfer.NotAnswerable, "this reply is answered elsewhere")
	}
	return at.Dossier, nil
}
