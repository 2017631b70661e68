// Package distributing brings every accepted reply to exactly one function
// mailbox, or onto the manual list, and keeps the reason.
//
// Invariant: a decision is journalled before anything is delivered, delivery
// happens once, and the reply's clock starts only when it is confirmed. What
// was not delivered cannot expire.
//
// A delivered mail carries x-senddigitally-reply, -transfer and -rule, and, if it
// is post to the organisation as a company and so cannot be answered from Outlook,
// x-senddigitally-answer: not-from-outlook.
//
// Failure: temporary trouble is tried again; a mailbox that refuses for good
// leaves the reply among the dead letters, for the distributor to place.
package distributing

import (
	"context"
	"io"
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
	Tell(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
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
// allows. It may be repeated.
type Classifier interface {
	Classify(ctx context.Context, tenant transfer.TenantID, mailbox, messageID, category, folder string) error
}

// Members says who belongs to a mailbox.
type Members interface {
	MemberOf(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller, mailbox string) (bool, error)
}

// Addresses are a member of staff's own.
type Addresses interface {
	AddressesOf(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller) ([]string, error)
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
	Standing(transfer.Standing) string
}

// Ledger lists what waits for a person.
type Ledger interface {
	Manual(ctx context.Context, tenant transfer.TenantID, cursor string, limit int) (ids []transfer.ID, next string, err error)
	DeadLetters(ctx context.Context, tenant transfer.TenantID, cursor string, limit int) (ids []transfer.ID, next string, err error)
	// Mailbox lists what lies in a mailbox, by its pseudonym.
	Mailbox(ctx context.Context, tenant transfer.TenantID, mailbox, cursor string, limit int) (ids []transfer.ID, next string, err error)
	// GivenUp lists replies whose job was given up before it came to an outcome.
	GivenUp(ctx context.Context, tenant transfer.TenantID, kind transfer.JobKind, cursor string, limit int) (ids []transfer.ID, next string, err error)
	// Counted are the sums of what was counted in the last days.
	Counted(ctx context.Context, tenant transfer.TenantID, days int) (map[string]int64, error)
	// Revive queues a job that was given up again; NotFound when there is none.
	Revive(ctx context.Context, tenant transfer.TenantID, job string) error
}

// Figures counts what happens, by ids of the routing file.
type Figures interface {
	Decided(tenant transfer.TenantID, decision routing.Decision)
	Delivered(tenant transfer.TenantID, decision routing.Decision, after time.Duration)
	HandedBack(tenant transfer.TenantID, decision routing.Decision)
}

// Distributing is the use case. Routes answers the routing set in force.
type Distributing struct {
	Archive      Archive
	Vault        Vault
	Mailing      Once
	Classifier   Classifier
	Members      Members
	Addresses    Addresses
	Figures      Figures
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
// deliver. A mailbox that refuses for good is left out of a second decision:
// its deputy, the default route, or nobody, and then the reply is a dead
// letter. last says that no further try follows.
func (x *Distributing) Deliver(ctx context.Context, job transfer.Job, last bool) error {
	d, err := x.open(ctx, job, access.Deliver)
	if err != nil {
		return err
	}
	if d.InQuarantine() {
		return nil // the check asks for it anew
	}
	if err := x.due(ctx, d); err != nil {
		return err
	}
	for {
		decision, err := x.decided(ctx, d)
		if err != nil || decision.Manual {
			return err
		}
		if err := x.deliver(ctx, d, decision, last); err != nil {
			return err
		}
		if !d.State.Delivered.IsZero() || !theMailboxes(d.State.Delivery().Reason) {
			return nil
		}
		if placed, err := x.decide(ctx, d, x.Archive.Change); err != nil || !placed {
			return err
		}
	}
}

func (x *Distributing) open(ctx context.Context, job transfer.Job, action access.Action) (*transfer.Dossier, error) {
	d, err := x.Archive.Open(ctx, job.Tenant, job.ID)
	if err != nil {
		return nil, err
	}
	on := access.Resource{Tenant: job.Tenant, ID: job.ID, Owner: d.Manifest.Owner}
	return d, x.Gate.Check(ctx, access.System(string(job.Kind)), action, on)
}

// theMailboxes reports whether a delivery failed because of where it went.
func theMailboxes(reason transfer.Code) bool {
	return reason == transfer.MailboxRefused || reason == transfer.MailboxMissing || reason == transfer.Invalid
}

func (x *Distributing) deliver(ctx context.Context, d *transfer.Dossier, decision routing.Decision, last bool) error {
	effect := transfer.DeliverEffect(d.State.Decisions)
	return x.Mailing.Once(ctx, d, mailing.Effect{
		Name: effect, Last: last, Still: still(d.State.Decisions), Copies: len(decision.Copies), MessageID: x.messageID(d, effect), PoolKey: conversation(d.Manifest),
		Compose:  func() (transfer.Mail, error) { return x.compose(ctx, d, decision) },
		Conclude: func(ctx context.Context, e transfer.Entry) error { return x.conclude(ctx, d, decision, e) },
	})
}

func (x *Distributing) messageID(d *transfer.Dossier, effect string) string {
	return x.Organisation(d.Manifest.Tenant).MessageID(x.Namer, d.Manifest.Tenant, d.Manifest.ID, effect)
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
func (x *Distributing) conclude(ctx context.Context, d *transfer.Dossier, decision routing.Decision, e transfer.Entry) error {
	decide := func(s transfer.State) (transfer.Entry, error) {
		if s.Effects[e.Effect].Outcome != "" {
			return transfer.Entry{}, nil
		}
		return e, nil
	}
	if e.Outcome == transfer.Done {
		if d.State.Effects[e.Effect].Mail.Files > 0 || len(d.Given()) == 0 { // otherwise the clock starts when the files are fetched
			e.Until = x.Clock().Add(x.Policy(d.Manifest.Tenant).ReplyRetention)
		}
		if err := x.Archive.Reschedule(ctx, d, e.Until, decide); err != nil {
			return err
		}
		x.Figures.Delivered(d.Manifest.Tenant, decision, x.Clock().Sub(d.Manifest.AcceptedAt))
		return nil
	}
	if theMailboxes(e.Reason) {
		e.Mailbox = decision.Mailbox
	}
	return x.Archive.Change(ctx, d, decide)
}
