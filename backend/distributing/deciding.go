package distributing

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// decided answers the journalled decision, or decides and journals.
func (x *Distributing) decided(ctx context.Context, d *transfer.Dossier) (routing.Decision, error) {
	if d.State.Decision == nil {
		if _, err := x.decide(ctx, d, x.Archive.Change); err != nil {
			return routing.Decision{}, err
		}
	}
	return Decision(d)
}

type change func(context.Context, *transfer.Dossier, func(transfer.State) (transfer.Entry, error)) error

// decide asks the rules in force where the reply goes, leaving out the mailboxes
// that refused it, and journals the answer. A reply that failed somewhere and
// finds no other place stays a dead letter: placed is false.
func (x *Distributing) decide(ctx context.Context, d *transfer.Dossier, by change) (placed bool, err error) {
	m := d.Manifest
	on := access.Resource{Tenant: m.Tenant, ID: m.ID, Owner: m.Owner}
	if err := x.Gate.Check(ctx, access.System("deliver"), access.Decide, on); err != nil {
		return false, err
	}
	in, err := x.input(ctx, d)
	if err != nil {
		return false, err
	}
	decision := x.Routes(m.Tenant).Decide(in)
	if decision.Manual && len(in.Unavailable) > 0 {
		return false, nil
	}
	return true, x.journal(ctx, by, d, in, decision, hand{})
}

// hand is the person whose decision it is, if it is a person's.
type hand struct {
	actor string    // pseudonym
	hold  time.Time // before which the decision is not carried out
	undo  bool      // it takes back one that is held
}

// journal records a decision, unless another one came first.
func (x *Distributing) journal(ctx context.Context, by change, d *transfer.Dossier, in routing.Input, decision routing.Decision, h hand) error {
	what, err := json.Marshal(decision)
	if err != nil {
		return transfer.Wrap(transfer.Internal, "the decision cannot be written", err)
	}
	known, err := json.Marshal(in)
	if err != nil {
		return transfer.Wrap(transfer.Internal, "the decision cannot be written", err)
	}
	before := d.State.Decisions
	defer func() {
		if d.State.Decisions > before {
			x.Figures.Decided(d.Manifest.Tenant, decision)
		}
	}()
	return by(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if !s.Delivered.IsZero() || s.Decisions != before || h.undo && !waits(s) {
			return transfer.Entry{}, overtaken(h.actor)
		}
		return transfer.Entry{Kind: transfer.Decided, Actor: h.actor, Decision: what, Input: known, Manual: decision.Manual, Until: h.hold}, nil
	})
}

// overtaken tells a person that somebody else was faster; a worker goes on with
// what was decided.
func overtaken(actor string) error {
	if actor == "" {
		return nil
	}
	return transfer.E(transfer.Conflict, "somebody else has placed this reply meanwhile")
}

// Decision reads a reply's journalled decision; the zero Decision when there is
// none yet.
func Decision(d *transfer.Dossier) (routing.Decision, error) {
	var decision routing.Decision
	if d.State.Decision == nil {
		return decision, nil
	}
	if err := json.Unmarshal(d.State.Decision, &decision); err != nil {
		return decision, transfer.Wrap(transfer.Integrity, "the decision cannot be read", err)
	}
	return decision, nil
}

// input is what is known of a reply.
func (x *Distributing) input(ctx context.Context, d *transfer.Dossier) (routing.Input, error) {
	m := d.Manifest
	_, domain, _ := strings.Cut(m.Sender.Address, "@")
	in := routing.Input{Subject: m.Subject, Language: m.Options.Language, Received: m.AcceptedAt,
		SenderDomain: domain, SenderKind: routing.UnknownSender, Unavailable: d.State.Refused}
	if x.Routes(m.Tenant).Own(domain) {
		in.SenderKind = routing.Staff
	}
	o := m.Origin
	if o == nil {
		return in, nil
	}
	in.ReplyMailbox, in.ReplyTopic, in.CaseID, in.ContactPoint = o.ReplyMailbox, o.ReplyTopic, o.CaseID, o.ContactPoint
	in.OrganisationNumber, in.RecipientNumber = o.OrganisationNumber, o.RecipientNumber
	if o.SenderKind != "" {
		in.SenderKind = routing.SenderKind(o.SenderKind)
	}
	var err error
	in.ConversationMailbox, err = x.earlier(ctx, m)
	return in, err
}

// lookBack is how many earlier replies of a conversation are opened to see
// where they went.
const lookBack = 5

// earlier is the mailbox that has the conversation's latest delivered reply, by
// id. What has been erased tells nothing more.
func (x *Distributing) earlier(ctx context.Context, m transfer.Manifest) (string, error) {
	parent, err := x.parent(ctx, m)
	if err != nil {
		return "", err
	}
	replies, err := x.before(ctx, parent, m)
	for _, reply := range replies {
		if !reply.State.Delivered.IsZero() {
			decision, err := Decision(reply)
			return decision.Mailbox, err
		}
	}
	return "", err
}

// parent is the transfer that a reply answers, nil when there is none any more.
func (x *Distributing) parent(ctx context.Context, m transfer.Manifest) (*transfer.Dossier, error) {
	if m.Origin == nil || m.Origin.Transfer == "" {
		return nil, nil
	}
	parent, err := x.Archive.Open(ctx, m.Tenant, m.Origin.Transfer)
	return parent, transfer.UnlessGone(err)
}

// before are the conversation's replies before this one, the latest first.
func (x *Distributing) before(ctx context.Context, parent *transfer.Dossier, m transfer.Manifest) ([]*transfer.Dossier, error) {
	if parent == nil {
		return nil, nil
	}
	ids := parent.State.Recipients[m.Origin.Recipient].Replies
	if own := slices.Index(ids, m.ID); own >= 0 {
		ids = ids[:own]
	}
	ids = slices.Clone(ids[max(0, len(ids)-lookBack):])
	slices.Reverse(ids)
	return x.readable(ctx, m.Tenant, ids)
}

// orderPatience is how long a reply waits for the one before it. What is not where
// it belongs by then is in trouble of its own, which must not spread.
const orderPatience = 6 * time.Hour

// inOrder lets a reply that has not been decided wait for those of its
// conversation that came before it and are still on their way.
func (x *Distributing) inOrder(ctx context.Context, d *transfer.Dossier) error {
	if d.State.Decision != nil {
		return nil
	}
	parent, err := x.parent(ctx, d.Manifest)
	if err == nil {
		err = x.noted(ctx, parent, d.Manifest)
	}
	if err != nil || x.Clock().Sub(d.Manifest.AcceptedAt) > orderPatience {
		return err
	}
	replies, err := x.before(ctx, parent, d.Manifest)
	for _, reply := range replies {
		if reply.State.PhaseAt(transfer.KindReply, x.Clock()) == transfer.Undelivered {
			return mailing.Later(transfer.InProgress, "the reply before this one is still on its way", 5*time.Second)
		}
	}
	return err
}

// noted makes sure that the transfer knows of its reply: a crash may have come
// between the acceptance of the reply and the word of it there.
func (x *Distributing) noted(ctx context.Context, parent *transfer.Dossier, m transfer.Manifest) error {
	if parent == nil || m.Origin.Recipient == "" {
		return nil
	}
	return transfer.UnlessGone(x.Archive.Tell(ctx, parent, func(s transfer.State) (transfer.Entry, error) {
		return s.Replied(m.Origin.Recipient, m.ID), nil
	}))
}
