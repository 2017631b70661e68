package sending

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"senddigitally/backend/quoting"
	"senddigitally/backend/transfer"
)

// answering puts the replier in the place of the address that Outlook writes
// when a delivered reply is answered, notes which replies those are, and keeps
// back what the delivery told staff alone. An answer of which something was written
// below the line, where nothing is sent on, is refused.
func (r *reception) answering(ctx context.Context, d transfer.Draft) (transfer.Draft, error) {
	var delivered []string
	for _, field := range []*[]transfer.Party{&d.To, &d.Cc, &d.Bcc} {
		*field = slices.Clone(*field)
		for i, p := range *field {
			id, who, ok := transfer.ParseReplyTo(r.Namer, r.caller.Tenant, p.Address)
			if !ok || who != transfer.StaffRecipient {
				continue
			}
			reply, err := r.Replies.Answerable(ctx, r.caller, id)
			if err != nil {
				return d, notAnswerable(err)
			}
			to := reply.Manifest.Sender
			to.Phone = cmp.Or(r.phone(p.Address), to.Phone)
			(*field)[i] = to
			r.answers = append(r.answers, id)
			text, err := r.Replies.Delivered(ctx, reply)
			if err != nil {
				return d, err
			}
			delivered = append(delivered, text)
		}
	}
	if len(r.answers) == 0 {
		return d, nil
	}
	answer := quoting.Read(d.Body, d.BodyType)
	if !answer.Says && len(d.Attachments)+len(r.request.Uploads) == 0 {
		return d, transfer.E(transfer.BelowTheLine, "nothing stands above the line of the reply that is answered")
	}
	if answer.Added(delivered...) != "" {
		return d, transfer.E(transfer.BelowTheLine, "part of the answer stands below the line")
	}
	d.Body = answer.Own
	return d, nil
}

// notAnswerable says the same of a reply that is gone, and of one that the
// caller may not read.
func notAnswerable(err error) error {
	switch transfer.CodeOf(err) {
	case transfer.NotFound, transfer.Forbidden, transfer.Expired, transfer.Withdrawn:
		return transfer.Wrap(transfer.NotAnswerable, "the reply cannot be answered any more", err)
	}
	return err
}

// phone is the number that the request names for an address.
func (r *reception) phone(address string) string {
	at := slices.IndexFunc(r.request.Phones, func(p transfer.Party) bool { return strings.EqualFold(p.Address, address) })
	if at < 0 {
		return ""
	}
	return r.request.Phones[at].Phone
}

// answered notes on each reply that this transfer answers it, for the members of
// its mailbox to see. The transfer stands without.
func (r *reception) answered(ctx context.Context, d *transfer.Dossier) {
	for _, id := range d.Manifest.Answers {
		reply, err := r.Replies.Answerable(ctx, r.caller, id)
		if err == nil {
			err = r.Archive.Change(ctx, reply, func(s transfer.State) (transfer.Entry, error) {
				if slices.Contains(s.Answers, d.Manifest.ID) {
					return transfer.Entry{}, nil
				}
				return transfer.Entry{Kind: transfer.Answered, Ref: d.Manifest.ID}, nil
			})
		}
		if err != nil {
			r.Log.Warn("an answer is not noted", "transfer", d.Manifest.ID, "reply", id, "cause", err)
		}
	}
}
