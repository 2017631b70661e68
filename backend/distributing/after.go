package distributing

import (
	"context"
	"slices"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
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
// dead letters. messageID and addresses are those of the mail that failed; what
// is not the latest delivery, failed for copies alone, or was dealt with before, is
// left alone. The mailbox may be known by another address than the one that is told,
// so that whoever is no copy is the mailbox. InProgress: the delivery has no outcome
// yet, and the report must be heard again.
func (x *Distributing) Bounced(ctx context.Context, tenant transfer.TenantID, id transfer.ID, messageID string, addresses []string, reason transfer.Code) error {
	d, err := x.open(ctx, transfer.Job{Kind: transfer.DeliverJob, Tenant: tenant, ID: id}, access.Deliver)
	if err != nil {
		return transfer.UnlessGone(err)
	}
	decision, err := Decision(d)
	effect := transfer.DeliverEffect(d.State.Decisions)
	if err != nil || x.messageID(d, effect) != messageID || copiesAlone(decision, addresses) {
		return err
	}
	if begun := d.State.Effects[effect]; !begun.Intended.IsZero() && begun.Outcome == "" {
		return transfer.E(transfer.InProgress, "the delivery that failed has no outcome yet")
	}
	if d.State.Delivered.IsZero() {
		return nil
	}
	returned := transfer.Entry{Kind: transfer.Returned, Reason: reason, Mailbox: decision.Mailbox}
	if err := x.takeBack(ctx, d, returned); err != nil || !theMailboxes(reason) {
		return err
	}
	_, err = x.decide(ctx, d, x.Archive.Schedule)
	return err
}

func copiesAlone(decision routing.Decision, addresses []string) bool {
	return len(addresses) > 0 && !slices.ContainsFunc(addresses, func(a string) bool {
		return !slices.ContainsFunc(decision.Copies, func(c routing.Copy) bool { return strings.EqualFold(c.Address, a) })
	})
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
