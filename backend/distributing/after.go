package distributing

import (
	"context"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
)

// Classify carries out one ClassifyJob: the delivered mail gets its category and
// folder. A mailbox that the application may not change keeps the mail as it
// came, and the journal says so. last says that no further try follows.
func (x *Distributing) Classify(ctx context.Context, job transfer.Job, last bool) error {
	d, err := x.open(ctx, job, access.Deliver)
	if err != nil {
		return err
	}
	effect := transfer.ClassifyEffect(d.State.Decisions)
	decision, err := Decision(d)
	if err != nil || d.State.Delivered.IsZero() || d.State.Effects[effect].Outcome != "" {
		return err
	}
	err = nil
	if len(decision.Categories) > 0 || decision.Folder != "" {
		err = x.Classifier.Classify(ctx, job.Tenant, decision.Address, x.messageID(d, transfer.DeliverEffect(d.State.Decisions)),
			strings.Join(decision.Categories, ";"), decision.Folder)
	}
	code := transfer.CodeOf(err)
	if _, tried := mailing.Wait(err); !tried || err != nil && !last && !theMailboxes(code) {
		return err
	}
	return x.Archive.Change(ctx, d, classified(effect, code))
}

func classified(effect string, failure transfer.Code) func(transfer.State) (transfer.Entry, error) {
	e := transfer.Entry{Kind: transfer.Concluded, Effect: effect, Outcome: transfer.Done}
	if failure != "" {
		e.Outcome, e.Reason = transfer.Failed, failure
	}
	return func(s transfer.State) (transfer.Entry, error) {
		if s.Effects[effect].Outcome != "" {
			return transfer.Entry{}, nil
		}
		return e, nil
	}
}

// Bounced takes back a delivery that the mail system has reported as failed:
// the reply's clock stops, and it goes to a deputy, the default route, or the
// dead letters. messageID and address are those of the mail that failed; what
// is not the latest delivery, or was dealt with before, is left alone.
func (x *Distributing) Bounced(ctx context.Context, tenant transfer.TenantID, id transfer.ID, messageID, address string, reason transfer.Code) error {
	d, err := x.open(ctx, transfer.Job{Kind: transfer.DeliverJob, Tenant: tenant, ID: id}, access.Deliver)
	if err != nil {
		return unlessGone(err)
	}
	decision, err := Decision(d)
	current := x.messageID(d, transfer.DeliverEffect(d.State.Decisions))
	if err != nil || d.State.Delivered.IsZero() || current != messageID || !strings.EqualFold(decision.Address, address) {
		return err
	}
	returned := transfer.Entry{Kind: transfer.Returned, Reason: reason, Mailbox: decision.Mailbox}
	if err := x.takeBack(ctx, d, returned); err != nil || !theMailboxes(reason) {
		return err
	}
	_, err = x.decide(ctx, d, x.Archive.Schedule)
	return err
}

// takeBack journals a return, unless the reply has been dealt with meanwhile.
func (x *Distributing) takeBack(ctx context.Context, d *transfer.Dossier, e transfer.Entry) error {
	decisions := d.State.Decisions
	return x.Archive.Reschedule(ctx, d, time.Time{}, func(s transfer.State) (transfer.Entry, error) {
		if s.Delivered.IsZero() || s.Decisions != decisions {
			return transfer.Entry{}, transfer.E(transfer.Conflict, "the reply has been dealt with meanwhile")
		}
		return e, nil
	})
}
