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
	at, err := x.opened(ctx, caller, access.ReadReply, id, "")
	if err != nil {
		return nil, err
	}
	if !at.Manifest.Answerable() {
		return nil, transfer.E(transfer.NotAnswerable, "this reply is answered elsewhere")
	}
	return at.Dossier, nil
}

// Delivered is the HTML of the mail that a reply was delivered as. Staff's answers quote
// it.
func (x *Distributing) Delivered(ctx context.Context, reply *transfer.Dossier) (string, error) {
	decision, err := Decision(reply)
	if err != nil {
		return "", err
	}
	p, err := x.page(ctx, reply, decision)
	if err != nil {
		return "", err
	}
	_, html, err := render(p)
	return html, err
}
