package following

import (
	"context"
	"strings"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Filter is one kind of transfers.
type Filter string

// The filters of a Query.
const (
	Everything Filter = ""
	Attention  Filter = "attention" // failed, or with a recipient who was not reached for certain
	Unopened   Filter = "unopened"  // readable, and some recipient is known not to have opened it
	Available  Filter = "available" // readable now
	Ended      Filter = "ended"     // withdrawn, expired or erased
)

// Query narrows a caller's transfers, or those of a Mailbox that she is a member
// of; the zero Query is all of her own. Text finds those that have each of its
// words in the subject, the case id, or the name or address of sender, recipient
// or file.
type Query struct {
	Mailbox string // its address
	Text    string
	Filter  Filter
}

// mostLookedAt bounds what one search reads: where it ends with fewer than were
// asked for, the cursor goes on.
const mostLookedAt = 200

// Search shows a page of the caller's transfers that fit a query, newest first.
// A page may be short, or empty, although a cursor follows.
func (f *Following) Search(ctx context.Context, caller transfer.Caller, q Query, cursor string, limit int) (views []View, next string, err error) {
	listed, err := f.list(ctx, caller, q.Mailbox)
	if err != nil {
		return nil, "", err
	}
	next = cursor
	for looked := 0; len(views) < limit && looked < mostLookedAt; {
		ids, after, err := listed(next, limit-len(views))
		if err != nil {
			return nil, "", err
		}
		found, err := f.fitting(ctx, caller.Tenant, ids, q)
		if err != nil {
			return nil, "", err
		}
		views, next = append(views, found...), after
		if looked += len(ids); after == "" {
			break
		}
	}
	return views, next, nil
}

type list func(cursor string, limit int) (ids []transfer.ID, next string, err error)

// list is what the caller sent, or with an address what belongs to that mailbox.
func (f *Following) list(ctx context.Context, caller transfer.Caller, mailbox string) (list, error) {
	if mailbox == "" {
		owner := f.Namer.Owner(caller.Tenant, caller.Subject)
		return func(cursor string, limit int) ([]transfer.ID, string, error) {
			return f.Ledger.Owned(ctx, caller.Tenant, owner, cursor, limit)
		}, f.Gate.Check(ctx, access.Staff(caller), access.ListOwn, access.Resource{Tenant: caller.Tenant, Owner: owner})
	}
	on, err := f.Team.Mailbox(ctx, caller, mailbox)
	if err != nil {
		return nil, err
	}
	return func(cursor string, limit int) ([]transfer.ID, string, error) {
		return f.Ledger.Mailbox(ctx, caller.Tenant, on.Mailbox, cursor, limit)
	}, f.Gate.Check(ctx, access.Staff(caller), access.ListMailbox, on)
}

func (f *Following) fitting(ctx context.Context, tenant transfer.TenantID, ids []transfer.ID, q Query) ([]View, error) {
	var views []View
	for _, id := range ids {
		record, err := f.Ledger.Get(ctx, tenant, id)
		if transfer.CodeOf(err) == transfer.NotFound {
			continue // erased and forgotten since the list was read
		}
		if err != nil {
			return nil, err
		}
		if !q.mayFit(record) {
			continue
		}
		view, err := f.view(ctx, record)
		switch transfer.CodeOf(err) {
		case "":
		case transfer.Integrity, transfer.UnsupportedVersion:
			view = View{Record: record} // what cannot be read hides nothing else
		default:
			return nil, err
		}
		if q.fits(view) {
			views = append(views, view)
		}
	}
	return views, nil
}

// mayFit decides from the ledger's record what it can, so that few dossiers
// need to be opened.
func (q Query) mayFit(r transfer.Record) bool {
	if r.Kind != transfer.KindTransfer && r.Kind != "" {
		return false // a mailbox's replies
	}
	switch q.Filter {
	case Attention:
		return r.Phase == transfer.Failing || (r.Phase == transfer.Live && troubled(r))
	case Unopened, Available:
		return r.Phase == transfer.Live || r.Phase == transfer.Receiving
	}
	return true
}

func troubled(r transfer.Record) bool {
	for _, word := range r.Recipients {
		if word == "undeliverable" || word == "uncertain" {
			return true
		}
	}
	return false
}

func (q Query) fits(v View) bool {
	phase := v.Record.Phase
	switch q.Filter {
	case Attention:
		if phase != transfer.Failing && phase != transfer.Live {
			return false
		}
	case Unopened:
		if phase != transfer.Live || v.Dossier == nil || !unopened(v.Dossier) {
			return false
		}
	case Available:
		if phase != transfer.Live {
			return false
		}
	case Ended:
		if phase != transfer.Revoked && phase != transfer.OverExpiry && phase != transfer.Erased {
			return false
		}
	}
	return q.Text == "" || (v.Dossier != nil && mentions(v.Dossier, q.Text))
}

func unopened(d *transfer.Dossier) bool {
	for id, r := range d.State.Recipients {
		if d.Recognises(id) && r.Opened.IsZero() && r.Replied.IsZero() && !r.Gone() {
			return true
		}
	}
	return false
}

func mentions(d *transfer.Dossier, text string) bool {
	m := d.Manifest
	said := []string{m.Subject, m.Options.CaseID, m.Sender.Name, m.Sender.Address}
	for _, r := range m.Recipients {
		said = append(said, r.Name, r.Address)
	}
	for _, f := range m.Files {
		said = append(said, f.Name)
	}
	whole := strings.ToLower(strings.Join(said, "\n"))
	for _, word := range strings.Fields(strings.ToLower(text)) {
		if !strings.Contains(whole, word) {
			return false
		}
	}
	return true
}
