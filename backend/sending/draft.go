package sending

import (
	"context"
	"fmt"
	"strings"

	"senddigitally/backend/transfer"
)

// draft reads the draft from Outlook, or lays out the message as one.
func (r *reception) draft(ctx context.Context) (transfer.Draft, error) {
	if m := r.request.Message; m != nil {
		from, err := r.author(ctx)
		return layOut(m, from), err
	}
	draft, err := r.Drafts.Draft(ctx, r.caller.Tenant, r.caller, r.mailbox(), r.request.DraftID, r.request.Nonce)
	if err != nil {
		return draft, err
	}
	if draft.Attachments, err = without(draft.Attachments, r.request.LeaveOut); err != nil {
		return draft, err
	}
	draft.From, err = r.sender(ctx, draft.From)
	return draft, err
}

// sender is whom the recipients see as the writer. A draft names whom it likes:
// what Exchange checks when it sends a mail has to be checked here, since it is
// not Exchange that sends this.
func (r *reception) sender(ctx context.Context, from transfer.Party) (transfer.Party, error) {
	own := transfer.Party{Name: r.caller.Name, Address: r.caller.Address}
	switch {
	case from.Address == "" || strings.EqualFold(from.Address, own.Address):
		return own, nil
	case strings.EqualFold(from.Address, r.request.Mailbox):
		return from, nil // the draft was read there on her behalf
	}
	member, err := r.Members.MemberOf(ctx, r.caller.Tenant, r.caller, from.Address)
	if err == nil && !member {
		err = transfer.E(transfer.SenderRefused, "the draft names a sender whom you may not write as")
	}
	return from, err
}

// author is who writes a message that is not read from Outlook. That a mailbox is open
// to the caller, no reading of a draft there has shown. A document system has no
// address: for it writes the mailbox that answers go to, which then also hears of what
// goes wrong.
func (r *reception) author(ctx context.Context) (transfer.Party, error) {
	author := transfer.Party{Name: r.caller.Name, Address: r.caller.Address}
	if answers := r.request.Options.ReplyMailbox; author.Address == "" && answers != "" {
		mailbox := r.Address(r.caller.Tenant, answers)
		return transfer.Party{Name: mailbox, Address: mailbox}, nil
	}
	if r.request.Mailbox == "" {
		return author, nil
	}
	author.Address = r.request.Mailbox
	member, err := r.Members.MemberOf(ctx, r.caller.Tenant, r.caller, r.request.Mailbox)
	if err == nil && !member {
		err = transfer.E(transfer.MailboxRefused, "you may not write in this mailbox")
	}
	return author, err
}

// mailbox is where the draft lies.
func (r *reception) mailbox() string {
	if r.request.Mailbox == "" {
		return "me"
	}
	return r.request.Mailbox
}

// team is the mailbox that the transfer belongs to: the shared one in which it
// was written, else the one that its replies go to.
func (r *reception) team() string {
	if r.request.Mailbox == "" && r.request.Options.ReplyMailbox != "" {
		return r.Address(r.caller.Tenant, r.request.Options.ReplyMailbox)
	}
	return r.request.Mailbox
}

func layOut(m *Message, from transfer.Party) transfer.Draft {
	d := transfer.Draft{Subject: m.Subject, Body: m.Text, BodyType: "text/plain", From: from}
	if m.HTML != "" {
		d.Body, d.BodyType = m.HTML, "text/html"
	}
	fields := map[string]*[]transfer.Party{"to": &d.To, "cc": &d.Cc, "bcc": &d.Bcc, "": &d.To}
	for _, recipient := range m.Recipients {
		*fields[recipient.Field] = append(*fields[recipient.Field], recipient.Party)
	}
	return d
}

func (r *reception) manifest(draft transfer.Draft) (transfer.Manifest, error) {
	now := r.Clock()
	recipients, err := withPhones(addressees(draft), r.request.Phones, r.policy.PhoneCountry)
	if err != nil {
		return transfer.Manifest{}, err
	}
	if err := r.checkPhones(r.caller.Tenant, r.request.Options.Options, recipients); err != nil {
		return transfer.Manifest{}, err
	}
	if err := checkRecipients(r.policy, recipients); err != nil {
		return transfer.Manifest{}, err
	}
	for i, to := range recipients {
		recipients[i].SignsIn = r.signsIn(r.caller.Tenant, r.request.Options.Options, to)
	}
	return transfer.Manifest{
		Version: transfer.FormatVersion, Kind: transfer.KindTransfer, Tenant: r.caller.Tenant, ID: r.record.ID,
		RequestHash: r.record.RequestHash, AcceptedAt: now, ExpiresAt: now.Add(expiry(r.policy, r.request.Options.ExpiryDays)),
		Sender: draft.From, Owner: r.record.Owner, Mailbox: r.team(), Subject: draft.Subject,
		Recipients: recipients, Options: r.request.Options.Options, Answers: r.answers,
	}, nil
}

// addressees numbers the recipients; an address named twice is one recipient,
// in the field that names it first.
func addressees(d transfer.Draft) []transfer.Recipient {
	var all []transfer.Recipient
	seen := map[string]bool{}
	add := func(field string, parties []transfer.Party) {
		for _, p := range parties {
			if address := strings.ToLower(p.Address); !seen[address] {
				seen[address] = true
				id := transfer.RecipientID(fmt.Sprintf("r%d", len(all)+1))
				all = append(all, transfer.Recipient{ID: id, Party: p, Field: field})
			}
		}
	}
	add("to", d.To)
	add("cc", d.Cc)
	add("bcc", d.Bcc)
	return all
}
