// Package distributing brings every accepted reply to exactly one function
// mailbox, or onto the manual list, and keeps the reason.
//
// Invariant: a decision is journalled before anything is delivered, delivery
// happens once, and the reply's clock starts only when it is confirmed. What
// was not delivered cannot expire.
//
// Failure: temporary trouble is tried again; a mailbox that refuses for good
// leaves the reply among the dead letters, for the distributor to place.
package distributing

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// Archive opens and journals.
type Archive interface {
	Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error)
	Change(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
	Schedule(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
	Reschedule(ctx context.Context, d *transfer.Dossier, until time.Time, decide func(transfer.State) (transfer.Entry, error)) error
}

// Vault reads files.
type Vault interface {
	ReadFile(ctx context.Context, d *transfer.Dossier, f transfer.File) (io.ReadSeekCloser, error)
}

// Once sends one mail once.
type Once interface {
	Once(ctx context.Context, d *transfer.Dossier, e mailing.Effect) error
}

// Classifier gives a delivered mail its category and folder, where permission
// allows; what it cannot do is no failure of the delivery.
type Classifier interface {
	Classify(ctx context.Context, tenant transfer.TenantID, mailbox, messageID, category, folder string) error
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Words are the sentences of one language.
type Words interface {
	Text(key string, params map[string]any) string
	DateTime(at time.Time, zone *time.Location) string
	Size(bytes int64) string
}

// Ledger lists what waits for a person.
type Ledger interface {
	Manual(ctx context.Context, tenant transfer.TenantID, cursor string, limit int) (ids []transfer.ID, next string, err error)
	DeadLetters(ctx context.Context, tenant transfer.TenantID, cursor string, limit int) (ids []transfer.ID, next string, err error)
}

// Distributing is the use case. Routes answers the routing set in force.
type Distributing struct {
	Archive      Archive
	Vault        Vault
	Mailing      Once
	Classifier   Classifier
	Ledger       Ledger
	Gate         Gate
	Namer        transfer.Namer
	Routes       func(transfer.TenantID) *routing.Set
	Organisation func(transfer.TenantID) transfer.Organisation
	Policy       func(transfer.TenantID) transfer.Policy
	Words        func(language string) Words
	Clock        func() time.Time
}

// Deliver carries out one DeliverJob: decide, unless that was done before, and
// deliver. last says that no further try follows.
func (x *Distributing) Deliver(ctx context.Context, job transfer.Job, last bool) error {
	d, err := x.Archive.Open(ctx, job.Tenant, job.ID)
	if err != nil {
		return err
	}
	on := access.Resource{Tenant: job.Tenant, ID: job.ID, Owner: d.Manifest.Owner}
	if err := x.Gate.Check(ctx, access.System("deliver"), access.Deliver, on); err != nil {
		return err
	}
	decision, err := x.decided(ctx, d)
	if err != nil || decision.Manual {
		return err
	}
	return x.deliver(ctx, d, decision, last)
}

// decided answers the journalled decision, or decides and journals.
func (x *Distributing) decided(ctx context.Context, d *transfer.Dossier) (routing.Decision, error) {
	if d.State.Decision == nil {
		decision := x.Routes(d.Manifest.Tenant).Decide(input(d.Manifest))
		if err := x.journal(ctx, x.Archive.Change, d, decision, ""); err != nil {
			return routing.Decision{}, err
		}
	}
	return Decision(d)
}

type change func(context.Context, *transfer.Dossier, func(transfer.State) (transfer.Entry, error)) error

func (x *Distributing) journal(ctx context.Context, change change, d *transfer.Dossier, decision routing.Decision, actor string) error {
	raw, err := json.Marshal(decision)
	if err != nil {
		return transfer.Wrap(transfer.Internal, "the decision cannot be written", err)
	}
	return change(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if !s.Delivered.IsZero() || (actor == "" && s.Decision != nil) {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.Decided, Actor: actor, Decision: raw, Manual: decision.Manual}, nil
	})
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
func input(m transfer.Manifest) routing.Input {
	in := routing.Input{Subject: m.Subject, Language: m.Options.Language, Received: m.AcceptedAt, SenderKind: routing.UnknownSender}
	if _, domain, found := strings.Cut(m.Sender.Address, "@"); found {
		in.SenderDomain = domain
	}
	if o := m.Origin; o != nil {
		in.ReplyMailbox, in.ReplyTopic, in.CaseID, in.ContactPoint = o.ReplyMailbox, o.ReplyTopic, o.CaseID, o.ContactPoint
	}
	return in
}

func (x *Distributing) deliver(ctx context.Context, d *transfer.Dossier, decision routing.Decision, last bool) error {
	m := d.Manifest
	messageID := x.Organisation(m.Tenant).MessageID(x.Namer, m.Tenant, m.ID, transfer.DeliverEffect)
	err := x.Mailing.Once(ctx, d, mailing.Effect{
		Name: transfer.DeliverEffect, Last: last, MessageID: messageID, PoolKey: conversation(m),
		Compose:  func() (transfer.Mail, error) { return x.compose(ctx, d, decision) },
		Conclude: func(ctx context.Context, e transfer.Entry) error { return x.conclude(ctx, d, e) },
	})
	if err != nil || d.State.Delivered.IsZero() {
		return err
	}
	if category := strings.Join(decision.Categories, ";"); category != "" || decision.Folder != "" {
		_ = x.Classifier.Classify(ctx, m.Tenant, decision.Address, messageID, category, decision.Folder)
	}
	return nil
}

// conversation keeps the replies of one transfer in one service mailbox, so
// that they are delivered in order.
func conversation(m transfer.Manifest) string {
	if m.Origin != nil && m.Origin.Transfer != "" {
		return string(m.Origin.Transfer)
	}
	return string(m.ID)
}

// conclude journals the outcome. A delivery that is done starts the clock.
func (x *Distributing) conclude(ctx context.Context, d *transfer.Dossier, e transfer.Entry) error {
	decide := func(s transfer.State) (transfer.Entry, error) {
		if s.Effects[e.Effect].Outcome != "" {
			return transfer.Entry{}, nil
		}
		return e, nil
	}
	if e.Outcome != transfer.Done {
		return x.Archive.Change(ctx, d, decide)
	}
	e.Until = x.Clock().Add(x.Policy(d.Manifest.Tenant).ReplyRetention)
	return x.Archive.Reschedule(ctx, d, e.Until, decide)
}
