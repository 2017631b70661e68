package access

import (
	"context"
	"errors"

	"senddigitally/backend/transfer"
)

// Resource is what an action is about. Tenant is set wherever it is known. Look the resource
// up first, and check even when it was not found: without an Owner the answer
// is NotFound, as for somebody else's, and the attempt is in the trail.
type Resource struct {
	Tenant    transfer.TenantID
	ID        transfer.ID          // "" for lists, settings and sweeps
	Recipient transfer.RecipientID // of a link, session or notification
	File      transfer.FileID
	Owner     string // pseudonym from transfer.Namer.Owner, for what belongs to a caller
	Mailbox   string // pseudonym of the mailbox that it belongs to, where the caller is a member; see Team
}

// Outcome is what a check answered.
type Outcome string

// The outcomes of a check.
const (
	Allowed Outcome = "allowed"
	Denied  Outcome = "denied"
)

// Event is one check, as the trail records it. It has ids and pseudonyms only.
type Event struct {
	Tenant    transfer.TenantID    `json:"tenant,omitempty"`
	Actor     string               `json:"actor"`
	Action    Action               `json:"action"`
	ID        transfer.ID          `json:"id,omitempty"`
	Recipient transfer.RecipientID `json:"recipient,omitempty"`
	File      transfer.FileID      `json:"file,omitempty"`
	Mailbox   string               `json:"mailbox,omitempty"` // the actor is a member of it, by pseudonym
	Outcome   Outcome              `json:"outcome"`
	Reason    transfer.Code        `json:"reason,omitempty"` // why it was denied
}

// Trail is the audit log. Append returns nil only when the event is durable.
type Trail interface {
	Append(ctx context.Context, event Event) error
}

// Gate authorises and audits.
type Gate struct {
	trail Trail
	namer transfer.Namer
}

// New makes a Gate that writes to a trail and names staff by the namer's
// pseudonyms.
func New(trail Trail, namer transfer.Namer) *Gate { return &Gate{trail: trail, namer: namer} }

// Check answers whether actor may do action on a resource, after the answer is
// durable in the trail: nil; Forbidden without the role; NotFound for what
// belongs to another tenant, owner or recipient; Unavailable or StorageFull
// when the trail cannot be written.
func (g *Gate) Check(ctx context.Context, actor Actor, action Action, on Resource) error {
	actor = actor.named(g.namer)
	verdict := judge(actor, action, on)
	if err := g.trail.Append(ctx, event(actor, action, on, verdict)); err != nil {
		return closed(err)
	}
	return verdict
}

// Damaged records that what is stored of a resource does not authenticate:
// whoever asked for it was refused, whatever the table says.
func (g *Gate) Damaged(ctx context.Context, on Resource) error {
	return g.trail.Append(ctx, event(System("vault"), Damage, on, transfer.E(transfer.Integrity, "it does not authenticate")))
}

func event(actor Actor, action Action, on Resource, verdict error) Event {
	e := Event{Tenant: on.Tenant, Actor: actor.name, Action: action,
		Recipient: clip(on.Recipient), File: clip(on.File), Mailbox: on.Mailbox, Outcome: Allowed}
	if on.ID.Valid() {
		e.ID = on.ID
	}
	if verdict != nil {
		e.Outcome, e.Reason = Denied, transfer.CodeOf(verdict)
	}
	return e
}

// clip keeps what a stranger wrote into a URL from filling the trail.
func clip[T ~string](s T) T {
	const longest = 64
	return s[:min(len(s), longest)]
}

func closed(err error) error {
	if e, ok := errors.AsType[*transfer.Error](err); ok && e.Code == transfer.StorageFull {
		return err
	}
	return transfer.Wrap(transfer.Unavailable, "the audit log cannot be written", err)
}
