package distributing

import (
	"context"
	"strings"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// Waiting lists the replies that no rule could place, and then those whose
// delivery failed for good, oldest first.
func (x *Distributing) Waiting(ctx context.Context, caller transfer.Caller, cursor string, limit int) (replies []*transfer.Dossier, next string, err error) {
	if err := x.Gate.Check(ctx, access.Staff(caller), access.ListManual, access.Resource{Tenant: caller.Tenant}); err != nil {
		return nil, "", err
	}
	ids, next, err := x.waiting(ctx, caller.Tenant, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	for _, id := range ids {
		d, err := x.Archive.Open(ctx, caller.Tenant, id)
		if err != nil {
			return nil, "", err
		}
		replies = append(replies, d)
	}
	return replies, next, nil
}

// inDead marks the cursors of the second list.
const inDead = "dead:"

// waiting pages through the manual list, then the dead letters.
func (x *Distributing) waiting(ctx context.Context, tenant transfer.TenantID, cursor string, limit int) ([]transfer.ID, string, error) {
	rest, dead := strings.CutPrefix(cursor, inDead)
	if dead {
		ids, next, err := x.Ledger.DeadLetters(ctx, tenant, rest, limit)
		if next != "" {
			next = inDead + next
		}
		return ids, next, err
	}
	ids, next, err := x.Ledger.Manual(ctx, tenant, cursor, limit)
	if next == "" {
		next = inDead
	}
	return ids, next, err
}

// Place decides by hand where a waiting reply goes, and has it delivered.
func (x *Distributing) Place(ctx context.Context, caller transfer.Caller, id transfer.ID, mailbox, topic string) (*transfer.Dossier, error) {
	if err := x.Gate.Check(ctx, access.Staff(caller), access.Place, access.Resource{Tenant: caller.Tenant, ID: id}); err != nil {
		return nil, err
	}
	d, err := x.Archive.Open(ctx, caller.Tenant, id)
	if err != nil {
		return nil, err
	}
	phase := d.State.PhaseAt(d.Manifest.Kind, x.Clock())
	if d.Manifest.Kind != transfer.KindReply || (phase != transfer.OnManual && phase != transfer.DeadLetter) {
		return nil, transfer.E(transfer.Conflict, "this reply is not waiting to be placed")
	}
	set := x.Routes(caller.Tenant)
	if _, known := set.Mailbox(mailbox); !known {
		return nil, transfer.E(transfer.Invalid, "unknown mailbox").With("field", "mailbox")
	}
	decision := set.Decide(routing.Input{TokenMailbox: mailbox, TokenTopic: topic})
	if decision.Manual {
		return nil, transfer.E(transfer.MailboxMissing, "this mailbox is not available now")
	}
	return d, x.journal(ctx, x.Archive.Schedule, d, decision, x.Namer.Owner(caller.Tenant, caller.Subject))
}
