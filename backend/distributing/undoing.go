package distributing

import (
	"context"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// UndoTime is how long a reply that was placed by hand waits before it goes out.
const UndoTime = 10 * time.Second

// Undo takes back what a distributor has placed, while it waits to go out: it is
// on the manual list again. Conflict says that it is too late.
func (x *Distributing) Undo(ctx context.Context, caller transfer.Caller, id transfer.ID) error {
	d, err := x.reply(ctx, caller, access.Place, id)
	if err != nil {
		return err
	}
	in, err := x.input(ctx, d)
	if err != nil {
		return err
	}
	manual := routing.Decision{Set: x.Routes(caller.Tenant).Fingerprint(), Manual: true, Reason: routing.ReasonManual,
		Steps: []routing.Step{{Name: routing.StepManual, Applied: true, Reason: routing.ReasonManual}}}
	return x.journal(ctx, x.Archive.Change, d, in, manual, hand{actor: x.Namer.Owner(caller.Tenant, caller.Subject), undo: true})
}

// waits reports whether a reply was placed by hand and nothing was done about it.
func waits(s transfer.State) bool {
	return !s.Hold.IsZero() && s.Delivered.IsZero() && !s.Manual && s.Delivery().Intended.IsZero()
}

// due answers when a reply may go out, if not now.
func (x *Distributing) due(ctx context.Context, d *transfer.Dossier) error {
	if left := d.State.Hold.Sub(x.Clock()); left > 0 {
		return mailing.Later(transfer.InProgress, "whoever placed this reply may still undo it", left)
	}
	return x.inOrder(ctx, d)
}

// still keeps a delivery from beginning after its decision was overtaken.
func still(decisions int) func(transfer.State) error {
	return func(s transfer.State) error {
		if s.Decisions != decisions {
			return transfer.E(transfer.Conflict, "it was decided anew where this reply goes")
		}
		return nil
	}
}
