package notifying

import (
	"context"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Remind carries out one RemindJob: the notification once more, for a recipient
// who got it and is known not to have opened it, when a quarter of its time is
// left, or for one who may not have when somebody asks for it.
func (n *Notifying) Remind(ctx context.Context, job transfer.Job, last bool) error {
	d, err := n.begin(ctx, job, access.Notify)
	if err != nil {
		return err
	}
	recipient, known := d.Manifest.Recipient(job.Recipient)
	if !known {
		return transfer.E(transfer.NotFound, "unknown recipient")
	}
	if err := d.State.Readable(recipient.ID, n.Clock()); err != nil {
		return err
	}
	state, asked := d.State.Recipients[recipient.ID], job.Note == transfer.NoteAsked
	if !d.State.Unread(recipient.ID) || !asked && (d.RemindAt().IsZero() || !d.Recognises(recipient.ID)) {
		return nil
	}
	name := transfer.AskedEffect(recipient.ID, state.Reminders)
	if !asked {
		if err := n.tooEarly(d); err != nil {
			return err
		}
		name = transfer.RemindEffect(recipient.ID, state.Generation)
	}
	return n.Mailing.Once(ctx, d, n.effect(d, name, last, func() (transfer.Mail, error) { return n.compose(d, recipient, "remind") }))
}

// Receipt carries out one ReceiptJob: the replier gets her receipt by mail, or hears
// that something of her reply is held back; which file, only the page says.
func (n *Notifying) Receipt(ctx context.Context, job transfer.Job, last bool) error {
	d, err := n.begin(ctx, job, access.Receipt)
	if err != nil {
		return err
	}
	m := d.Manifest
	effect, key := transfer.ReceiptEffect, "receipt."
	if job.Note == transfer.NoteHeld {
		effect, key = transfer.HeldEffect, "receipt.held."
	}
	if m.Kind != transfer.KindReply || m.Sender.Address == "" || job.Note == transfer.NoteHeld && !d.State.Check.Holds() {
		return nil
	}
	return n.Mailing.Once(ctx, d, n.effect(d, effect, last, func() (transfer.Mail, error) {
		words, org := n.Words(m.Options.Language), n.Organisation(m.Tenant)
		params := map[string]any{"organisation": org.Name, "number": n.Namer.ReceiptNumber(m.ID), "received": words.DateTime(m.AcceptedAt, org.Zone)}
		say := func(key string) string { return words.Text(key, params) }
		lines := []string{say("receipt.number"), say("receipt.received")}
		if job.Note == transfer.NoteHeld {
			lines = append([]string{say("receipt.held.what")}, lines...)
		}
		return n.letter(m, m.Sender, letter{Language: m.Options.Language, Organisation: org.Name, Subject: say(key + "subject"), Lead: say(key + "lead"),
			Lines: lines, Foot: say(key + "keep")})
	}))
}
