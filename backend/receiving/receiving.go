// Package receiving lets own staff read what was sent to them: whoever signs in
// as a recipient has her seat at the transfer, without link and code, and may
// delete it from her list.
//
// Invariant: who somebody is, Entra has said; which addresses are hers, Graph
// says on her behalf at that moment, and never a token, whose names can be
// changed. A transfer is within reach of its own recipients only; for everybody
// else there is no such transfer.
//
// Failure: without Graph's answer nothing is shown; what cannot be looked up is
// Unavailable, and not called absent.
package receiving

import (
	"context"
	"slices"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
)

// Archive opens and journals.
type Archive interface {
	Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error)
	Tell(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
}

// Addresses are a member of staff's own, the first one the address that she
// writes from.
type Addresses interface {
	AddressesOf(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller) ([]string, error)
}

// Ledger lists.
type Ledger interface {
	Addressed(ctx context.Context, tenant transfer.TenantID, addressee, cursor string, limit int) (ids []transfer.ID, next string, err error)
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Receiving is the use case.
type Receiving struct {
	Archive   Archive
	Addresses Addresses
	Ledger    Ledger
	Gate      Gate
	Namer     transfer.Namer
	Clock     func() time.Time
}

// Received is one message in a list.
type Received struct {
	ID         transfer.ID
	Sender     transfer.Party
	Subject    string
	AcceptedAt time.Time
	ExpiresAt  time.Time
	Files      int
	Opened     bool
}

// Seat is the place of who signs in as a recipient of a transfer, at this
// moment. That she has opened it is journalled, for the sender.
func (x *Receiving) Seat(ctx context.Context, caller transfer.Caller, id transfer.ID) (opening.Seat, error) {
	d, r, err := x.recipient(ctx, caller, id, access.ReadReceived)
	if err != nil {
		return opening.Seat{}, err
	}
	now := x.Clock()
	seat := opening.Seat{Tenant: caller.Tenant, ID: id, Recipient: r, Opened: now}
	if err := d.State.Readable(r, now); err != nil {
		return seat, err
	}
	return seat, x.Archive.Tell(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if !s.Recipients[r].Opened.IsZero() {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.Opened, Recipient: r, Actor: x.Namer.Owner(caller.Tenant, caller.Subject)}, nil
	})
}

// Discard deletes a message from its recipient's list and ends her access. The
// sender sees that she did so.
func (x *Receiving) Discard(ctx context.Context, caller transfer.Caller, id transfer.ID) error {
	d, r, err := x.recipient(ctx, caller, id, access.Discard)
	if err != nil {
		return err
	}
	return x.Archive.Tell(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if err := s.Readable(r, x.Clock()); err != nil {
			return transfer.Entry{}, err
		}
		return transfer.Entry{Kind: transfer.Discarded, Recipient: r, Actor: x.Namer.Owner(caller.Tenant, caller.Subject)}, nil
	})
}

// recipient opens a transfer for who is one of its recipients and signs in.
func (x *Receiving) recipient(ctx context.Context, caller transfer.Caller, id transfer.ID, action access.Action) (*transfer.Dossier, transfer.RecipientID, error) {
	on := access.Resource{Tenant: caller.Tenant, ID: id}
	d, err := x.Archive.Open(ctx, caller.Tenant, id)
	if transfer.CodeOf(err) == transfer.Unavailable { // whose it is, nobody knows
		return nil, "", err
	}
	if err == nil && anybodySignsIn(d) {
		mine, failed := x.Addresses.AddressesOf(ctx, caller.Tenant, caller)
		if failed != nil {
			return nil, "", failed
		}
		on.Recipient = seatOf(d, mine)
	}
	if on.Recipient != "" {
		on.Owner = x.Namer.Owner(caller.Tenant, caller.Subject)
	}
	if denied := x.Gate.Check(ctx, access.Staff(caller), action, on); denied != nil {
		return nil, "", denied
	}
	return d, on.Recipient, err
}

func anybodySignsIn(d *transfer.Dossier) bool {
	return slices.ContainsFunc(d.Manifest.Recipients, func(r transfer.Recipient) bool { return d.SignsIn(r.ID) })
}

// seatOf is the recipient whose address is one of these and who has not deleted
// the message; "" when there is none.
func seatOf(d *transfer.Dossier, mine []string) transfer.RecipientID {
	for _, address := range mine {
		for _, r := range d.Manifest.Recipients {
			if strings.EqualFold(r.Address, address) && d.SignsIn(r.ID) && d.State.Recipients[r.ID].Discarded.IsZero() {
				return r.ID
			}
		}
	}
	return ""
}

// Messages is a page of what a member of staff has received and can still read,
// newest first, one of her addresses after the other. The cursor is empty for
// the first page, and the returned one empty after the last.
func (x *Receiving) Messages(ctx context.Context, caller transfer.Caller, cursor string, limit int) (page []Received, next string, err error) {
	if err := x.Gate.Check(ctx, access.Staff(caller), access.ListReceived, access.Resource{Tenant: caller.Tenant}); err != nil {
		return nil, "", err
	}
	mine, err := x.Addresses.AddressesOf(ctx, caller.Tenant, caller)
	if err != nil {
		return nil, "", err
	}
	whose, within, err := readCursor(cursor, len(mine))
	for ; err == nil && whose < len(mine) && len(page) < limit; whose++ {
		var ids []transfer.ID
		ids, within, err = x.Ledger.Addressed(ctx, caller.Tenant, x.Namer.Addressee(caller.Tenant, mine[whose]), within, limit-len(page))
		if err == nil {
			page, err = x.add(ctx, page, caller.Tenant, ids, mine, mine[whose])
		}
		if within != "" {
			break
		}
	}
	if err != nil {
		return nil, "", err
	}
	return page, writeCursor(whose, within, len(mine)), nil
}

// add adds what has its seat at one of her addresses: what was sent to two of
// them is found at the one only.
func (x *Receiving) add(ctx context.Context, page []Received, tenant transfer.TenantID, ids []transfer.ID, mine []string, at string) ([]Received, error) {
	for _, id := range ids {
		d, err := x.Archive.Open(ctx, tenant, id)
		switch transfer.CodeOf(err) {
		case "":
		case transfer.NotFound, transfer.Expired, transfer.Withdrawn:
			continue // over since the list was read
		default:
			return nil, err
		}
		r := seatOf(d, mine)
		seated, _ := d.Manifest.Recipient(r)
		if !strings.EqualFold(seated.Address, at) || d.State.Readable(r, x.Clock()) != nil {
			continue
		}
		page = append(page, received(d, r))
	}
	return page, nil
}

func received(d *transfer.Dossier, r transfer.RecipientID) Received {
	m := d.Manifest
	return Received{ID: m.ID, Sender: m.Sender, Subject: m.Subject, AcceptedAt: m.AcceptedAt, ExpiresAt: d.State.ExpiresAt,
		Files: len(m.Attachments()), Opened: !d.State.Recipients[r].Opened.IsZero()}
}
