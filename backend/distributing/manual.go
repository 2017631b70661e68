package distributing

import (
	"context"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// Waiting lists the replies that no rule could place, then those whose delivery
// failed for good, then those that a worker gave up; the newest first in each.
func (x *Distributing) Waiting(ctx context.Context, caller transfer.Caller, cursor string, limit int) (replies []*transfer.Dossier, next string, err error) {
	if err := x.Gate.Check(ctx, access.Staff(caller), access.ListManual, access.Resource{Tenant: caller.Tenant}); err != nil {
		return nil, "", err
	}
	ids, next, err := x.waiting(ctx, caller.Tenant, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	replies, err = x.readable(ctx, caller.Tenant, ids)
	return replies, next, err
}

// The lists that one after the other make up what is waiting. A cursor begins
// with its list's name, but for the first.
var lists = []string{"", "dead:", "given:"}

func (x *Distributing) waiting(ctx context.Context, tenant transfer.TenantID, cursor string, limit int) (ids []transfer.ID, next string, err error) {
	at, rest := 0, cursor
	for i, name := range lists[1:] {
		if after, found := strings.CutPrefix(cursor, name); found {
			at, rest = i+1, after
		}
	}
	switch at {
	case 0:
		ids, next, err = x.Ledger.Manual(ctx, tenant, rest, limit)
	case 1:
		ids, next, err = x.Ledger.DeadLetters(ctx, tenant, rest, limit)
	case 2:
		ids, next, err = x.Ledger.GivenUp(ctx, tenant, transfer.DeliverJob, rest, limit)
	}
	switch {
	case next != "":
		next = lists[at] + next
	case at+1 < len(lists):
		next = lists[at+1]
	}
	return ids, next, err
}

// Place decides by hand where a waiting reply goes, and has it delivered.
func (x *Distributing) Place(ctx context.Context, caller transfer.Caller, id transfer.ID, mailbox, topic string) (*transfer.Dossier, error) {
	d, err := x.reply(ctx, caller, access.Place, id)
	if err != nil {
		return nil, err
	}
	if phase := d.State.PhaseAt(d.Manifest.Kind, x.Clock()); phase != transfer.OnManual && phase != transfer.DeadLetter {
		return nil, transfer.E(transfer.Conflict, "this reply is not waiting to be placed")
	}
	if d.Unchecked() {
		return nil, transfer.E(transfer.Quarantined, "this reply has not been checked for malware yet")
	}
	if err := x.free(caller, d); err != nil {
		return nil, err
	}
	set := x.Routes(caller.Tenant)
	if _, known := set.Mailbox(mailbox); !known {
		return nil, transfer.E(transfer.Invalid, "unknown mailbox").With("field", "mailbox")
	}
	decision := set.Decide(routing.Input{TokenMailbox: mailbox, TokenTopic: topic})
	if decision.Manual {
		return nil, transfer.E(transfer.MailboxMissing, "this mailbox is not available now")
	}
	in, err := x.input(ctx, d)
	if err != nil {
		return nil, err
	}
	return d, x.journal(ctx, x.Archive.Schedule, d, in, decision, hand{actor: x.Namer.Owner(caller.Tenant, caller.Subject), hold: x.Clock().Add(UndoTime)})
}

// free is InHand for a reply that another distributor has to herself.
func (x *Distributing) free(caller transfer.Caller, d *transfer.Dossier) error {
	if d.State.Claim.Others(x.Namer.Owner(caller.Tenant, caller.Subject), x.Clock()) {
		return transfer.E(transfer.InHand, "another distributor has this reply in hand")
	}
	return nil
}

// DeliverAgain tries a dead letter anew: by the rules in force now, and with
// every mailbox that failed before.
func (x *Distributing) DeliverAgain(ctx context.Context, caller transfer.Caller, id transfer.ID) (*transfer.Dossier, error) {
	d, err := x.reply(ctx, caller, access.RetryDead, id)
	if err != nil {
		return nil, err
	}
	switch phase := d.State.PhaseAt(d.Manifest.Kind, x.Clock()); {
	case phase == transfer.Undelivered: // a worker gave it up before it was decided or concluded
		return d, x.Ledger.Revive(ctx, caller.Tenant, transfer.Job{Kind: transfer.DeliverJob, ID: id}.Key())
	case phase != transfer.DeadLetter:
		return nil, transfer.E(transfer.Conflict, "this reply is not among the dead letters")
	}
	if err := x.free(caller, d); err != nil {
		return nil, err
	}
	in, err := x.input(ctx, d)
	if err != nil {
		return nil, err
	}
	in.Unavailable = nil
	decision := x.Routes(caller.Tenant).Decide(in)
	return d, x.journal(ctx, x.Archive.Schedule, d, in, decision, hand{actor: x.Namer.Owner(caller.Tenant, caller.Subject)})
}

// reply opens a reply for a distributor. A transfer's id is NotFound, like one
// that nobody has.
func (x *Distributing) reply(ctx context.Context, caller transfer.Caller, action access.Action, id transfer.ID) (*transfer.Dossier, error) {
	if err := x.Gate.Check(ctx, access.Staff(caller), action, access.Resource{Tenant: caller.Tenant, ID: id}); err != nil {
		return nil, err
	}
	d, err := x.Archive.Open(ctx, caller.Tenant, id)
	if err == nil && d.Manifest.Kind != transfer.KindReply {
		return nil, transfer.E(transfer.NotFound, "no such reply")
	}
	return d, err
}

// ClaimTime is how long a distributor has a reply to herself.
const ClaimTime = 15 * time.Minute

// Claim lets one distributor deal with a waiting reply for a while, or lets go
// of it for others to take over. InHand says that somebody else has it.
func (x *Distributing) Claim(ctx context.Context, caller transfer.Caller, id transfer.ID, take bool) error {
	d, err := x.reply(ctx, caller, access.Place, id)
	if err != nil {
		return err
	}
	who := x.Namer.Owner(caller.Tenant, caller.Subject)
	return x.Archive.Change(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if s.Claim.Others(who, x.Clock()) {
			return transfer.Entry{}, transfer.E(transfer.InHand, "another distributor has this reply in hand")
		}
		e := transfer.Entry{Kind: transfer.Claimed, Actor: who, Text: caller.Name}
		if take {
			e.Until = x.Clock().Add(ClaimTime)
		}
		return e, nil
	})
}

// Comment notes something about a waiting reply for the next one who looks.
func (x *Distributing) Comment(ctx context.Context, caller transfer.Caller, id transfer.ID, text string) error {
	if text = strings.TrimSpace(text); text == "" || len(text) > 1000 {
		return transfer.E(transfer.Invalid, "a comment has 1 to 1000 characters").With("field", "comment")
	}
	d, err := x.reply(ctx, caller, access.Place, id)
	if err != nil {
		return err
	}
	return x.Archive.Change(ctx, d, func(transfer.State) (transfer.Entry, error) {
		return transfer.Entry{Kind: transfer.Commented, Actor: x.Namer.Owner(caller.Tenant, caller.Subject), Text: text}, nil
	})
}

// Look opens a waiting reply for the distributor, with the replier's own words.
func (x *Distributing) Look(ctx context.Context, caller transfer.Caller, id transfer.ID) (*transfer.Dossier, string, error) {
	d, err := x.stillWaiting(ctx, caller, id)
	if err != nil {
		return nil, "", err
	}
	text, err := x.text(ctx, d)
	return d, text, err
}

// stillWaiting opens a reply to be read by a distributor, which she may as long as it
// has not been delivered.
func (x *Distributing) stillWaiting(ctx context.Context, caller transfer.Caller, id transfer.ID) (*transfer.Dossier, error) {
	d, err := x.reply(ctx, caller, access.ReadManual, id)
	if err != nil {
		return nil, err
	}
	switch d.State.PhaseAt(d.Manifest.Kind, x.Clock()) {
	case transfer.OnManual, transfer.DeadLetter, transfer.Undelivered:
		return d, nil
	case transfer.OverExpiry:
		return nil, transfer.E(transfer.Expired, "this reply has expired")
	}
	return nil, transfer.E(transfer.NotFound, "this reply is not waiting")
}
