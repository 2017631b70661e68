package expiring

import (
	"context"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/accesscode"
	"senddigitally/backend/transfer"
)

// ReminderPause is how long a recipient is left in peace after a reminder.
const ReminderPause = 24 * time.Hour

// Remind mails a recipient the notification once more, now. TooSoon when she was
// reminded within the ReminderPause, Conflict when there is nothing to remind
// her of: she has opened it, or was not told yet.
func (x *Expiring) Remind(ctx context.Context, caller transfer.Caller, id transfer.ID, recipient transfer.RecipientID) (*transfer.Dossier, error) {
	d, err := x.own(ctx, caller, id, access.Remind)
	if err != nil {
		return nil, err
	}
	if err := known(d, recipient); err != nil {
		return nil, err
	}
	return d, x.Archive.Schedule(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if err := s.Readable(recipient, x.Clock()); err != nil {
			return transfer.Entry{}, err
		}
		switch {
		case !s.Unread(recipient):
			return transfer.Entry{}, transfer.E(transfer.Conflict, "she has opened it, or was not told yet")
		case x.Clock().Before(s.Recipients[recipient].Reminded.Add(ReminderPause)):
			return transfer.Entry{}, transfer.E(transfer.TooSoon, "she was reminded within the last day")
		}
		return transfer.Entry{Kind: transfer.Reminded, Recipient: recipient, Actor: x.Namer.Owner(caller.Tenant, caller.Subject)}, nil
	})
}

// Recode replaces a code or password by a new generated code, for the caller to
// pass on another way; the old one opens nothing any more, a lock-out ends, and
// who had opened the link must open it again. A link without a code, or with
// codes for one use, has none to replace (Invalid).
func (x *Expiring) Recode(ctx context.Context, caller transfer.Caller, id transfer.ID) (*transfer.Dossier, error) {
	d, err := x.own(ctx, caller, id, access.ChangeCode)
	if err != nil {
		return nil, err
	}
	for _, r := range d.Manifest.Recipients {
		if err := x.Attempts.ClearCode(ctx, caller.Tenant, id, r.ID); err != nil {
			return nil, err
		}
	}
	return d, x.Archive.Change(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if s.Code.Kind != transfer.CodeGenerated && s.Code.Kind != transfer.CodePassword {
			return transfer.Entry{}, transfer.E(transfer.Invalid, "there is no code to replace").With("field", "code")
		}
		if s.ExpiredAt(x.Clock()) || !s.Withdrawn.IsZero() {
			return transfer.Entry{}, transfer.E(transfer.Expired, "nobody can open it any more")
		}
		code, err := accesscode.Renew(s.Code, d.Key, id)
		return transfer.Entry{Kind: transfer.CodeChanged, Code: &code, Actor: x.Namer.Owner(caller.Tenant, caller.Subject)}, err
	})
}
