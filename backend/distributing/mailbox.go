package distributing

import (
	"context"
	"strings"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// Mailbox lists the replies that lie in a function mailbox and have not expired, the
// newest first, for one of its members, as Outlook says at this moment, on her behalf. For
// everybody else there is no such mailbox.
func (x *Distributing) Mailbox(ctx context.Context, caller transfer.Caller, id, cursor string, limit int) (mailbox routing.Mailbox, replies []*transfer.Dossier, next string, err error) {
	mailbox, known := x.Routes(caller.Tenant).Mailbox(id)
	on := access.Resource{Tenant: caller.Tenant}
	if known {
		if on, err = x.team().Mailbox(ctx, caller, mailbox.Address); err != nil {
			return mailbox, nil, "", err
		}
	}
	if err := x.Gate.Check(ctx, access.Staff(caller), access.ReadMailbox, on); err != nil {
		return mailbox, nil, "", err
	}
	ids, next, err := x.Ledger.Mailbox(ctx, caller.Tenant, x.Namer.Inbox(caller.Tenant, mailbox.Address), cursor, limit)
	if err != nil {
		return mailbox, nil, "", err
	}
	all, err := x.readable(ctx, caller.Tenant, ids)
	for _, d := range all {
		if d.LiesIn() != "" && !d.State.ExpiredAt(x.Clock()) {
			replies = append(replies, d)
		}
	}
	return mailbox, replies, next, err
}

func (x *Distributing) team() access.Team { return access.Team{Members: x.Members, Namer: x.Namer} }

// readable opens those of some replies that have not been erased.
func (x *Distributing) readable(ctx context.Context, tenant transfer.TenantID, ids []transfer.ID) (all []*transfer.Dossier, err error) {
	for _, id := range ids {
		d, err := x.Archive.Open(ctx, tenant, id)
		if transfer.UnlessGone(err) != nil {
			return nil, err
		}
		if err == nil {
			all = append(all, d)
		}
	}
	return all, nil
}

// Assign gives a delivered reply to a caseworker to deal with, who is told by
// mail and can read this one reply as long as it is hers, without being a member of
// the mailbox; an empty address takes it from whoever had it. A member of the
// mailbox does this, also for herself.
func (x *Distributing) Assign(ctx context.Context, caller transfer.Caller, id transfer.ID, to string) error {
	if to = strings.TrimSpace(to); to != "" && !x.colleague(caller.Tenant, to) {
		return transfer.E(transfer.Invalid, "assign it to an address of the organisation").With("field", "to")
	}
	at, err := x.opened(ctx, caller, access.Assign, id, "")
	if err != nil {
		return err
	}
	e := transfer.Entry{Kind: transfer.Assigned, Actor: x.Namer.Owner(caller.Tenant, caller.Subject), Text: caller.Name}
	if to != "" {
		e.Party = &transfer.Party{Address: to}
	}
	if strings.EqualFold(to, caller.Address) {
		e.Party.Name = caller.Name
	}
	return x.Archive.Schedule(ctx, at.Dossier, func(s transfer.State) (transfer.Entry, error) {
		if s.Delivered.IsZero() {
			return transfer.Entry{}, transfer.E(transfer.Conflict, "the reply has been dealt with meanwhile")
		}
		if strings.EqualFold(s.Assignment.To.Address, to) {
			return transfer.Entry{}, nil
		}
		return e, nil
	})
}

// colleague says whether an address is one, and the organisation's.
func (x *Distributing) colleague(tenant transfer.TenantID, address string) bool {
	local, domain, _ := strings.Cut(address, "@")
	return local != "" && len(address) <= 320 && !strings.ContainsAny(address, " \t\r\n<>()[],;:\\\"") && x.Routes(tenant).Own(domain)
}
