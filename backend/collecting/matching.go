package collecting

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"senddigitally/backend/transfer"
)

// thread is the transfer or reply that a mail belongs to; the dossier is nil
// when there is none, or it is readable no more. stone is what is left of one that
// has been erased.
type thread struct {
	dossier   *transfer.Dossier
	recipient transfer.RecipientID
	stone     *transfer.Tombstone
}

func (t thread) staff() bool {
	return t.dossier != nil && t.dossier.Manifest.Kind == transfer.KindReply
}

// answered reports whether a mail was written to the address at which staff answer: a
// mail that only refers to a delivered one may be forwarded, and is not the citizen's.
func (t thread) answered() bool { return t.recipient == transfer.StaffRecipient }

var subjectToken = regexp.MustCompile(`[0-3][0-9a-f][0-9a-v]{32}-[a-z0-9]{1,10}-[0-9a-f]{12}`)

// match finds what a mail answers: by the token in the address that it was
// written to, by the mails that it refers to, by a token in its subject.
func (x *Collecting) match(ctx context.Context, l *letter) (thread, error) {
	tokens := slices.Clone(l.To)
	for _, token := range subjectToken.FindAllString(strings.ToLower(l.Subject), 3) {
		tokens = append(tokens, "+"+token+"@")
	}
	var erased thread
	for _, address := range tokens[:len(l.To)] {
		found, err := x.byToken(ctx, l, address)
		if found.dossier != nil || err != nil {
			return found, err
		}
		if found.stone != nil {
			erased = found
		}
	}
	for i := len(l.References) - 1; i >= 0; i-- {
		found, _, err := x.byMessageID(ctx, l.tenant, l.References[i])
		if found.dossier != nil || err != nil {
			return found, err
		}
	}
	for _, address := range tokens[len(l.To):] {
		if found, err := x.byToken(ctx, l, address); found.dossier != nil || err != nil {
			return found, err
		}
	}
	return erased, nil
}

func (x *Collecting) byToken(ctx context.Context, l *letter, address string) (thread, error) {
	id, recipient, ok := transfer.ParseReplyTo(x.Namer, l.tenant, address)
	if !ok {
		return thread{}, nil
	}
	d, err := x.Archive.Open(ctx, l.tenant, id)
	if transfer.UnlessGone(err) != nil {
		return thread{}, err
	}
	if err != nil {
		stone, err := x.Vault.Tombstone(ctx, l.tenant, id)
		return thread{recipient: recipient, stone: stone}, err
	}
	return thread{dossier: d, recipient: recipient}, nil
}

// ourOwn deals with a mail of ours that comes back by a rule of the mailbox that it was
// sent to. Of a delivery that is a return: taken in as a reply, it would be delivered
// there again, and so on.
func (x *Collecting) ourOwn(ctx context.Context, l *letter) (bool, error) {
	if !l.Internal {
		return false, nil
	}
	about, _, err := x.byMessageID(ctx, l.tenant, l.MessageID)
	if err != nil || about.dossier == nil {
		return false, err
	}
	m := about.dossier.Manifest
	if err := x.check(ctx, l.tenant, m.ID, m.Owner); err != nil || m.Kind != transfer.KindReply {
		return true, err
	}
	return true, x.Returns.Bounced(ctx, l.tenant, m.ID, l.MessageID, nil, transfer.MailboxRefused)
}

// byMessageID finds the dossier and the effect that one of our own mails was.
func (x *Collecting) byMessageID(ctx context.Context, tenant transfer.TenantID, messageID string) (thread, string, error) {
	id, ok := transfer.ParseMessageID(messageID)
	if !ok {
		return thread{}, "", nil
	}
	d, err := x.Archive.Open(ctx, tenant, id)
	if err != nil {
		return thread{}, "", transfer.UnlessGone(err)
	}
	org := x.Organisation(tenant)
	for effect := range d.State.Effects {
		if org.MessageID(x.Namer, tenant, id, effect) == messageID {
			return thread{dossier: d, recipient: addressee(effect)}, effect, nil
		}
	}
	return thread{}, "", nil
}

// addressee is the recipient that a notification's effect names.
func addressee(effect string) transfer.RecipientID {
	parts := strings.Split(effect, "/")
	if len(parts) < 2 || parts[0] != "notify" {
		return ""
	}
	return transfer.RecipientID(parts[1])
}

// report deals with a report that one of our mails did not arrive: the
// recipient is undeliverable and the sender hears of it, or the reply goes
// elsewhere. known is false for mail that we never sent.
func (x *Collecting) report(ctx context.Context, l *letter) (known bool, err error) {
	about, effect, err := x.byMessageID(ctx, l.tenant, l.Report.MessageID)
	if err != nil || about.dossier == nil {
		return false, err
	}
	d := about.dossier
	if err := x.check(ctx, l.tenant, d.Manifest.ID, d.Manifest.Owner); err != nil {
		return true, err
	}
	switch {
	case len(l.Report.Failed) == 0:
		return true, nil
	case d.Manifest.Kind == transfer.KindReply:
		return true, x.Returns.Bounced(ctx, l.tenant, d.Manifest.ID, l.Report.MessageID, l.Report.Failed, reason(l.Report.Status))
	case about.recipient == "":
		return true, nil
	}
	return true, x.Archive.Schedule(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if s.Effects[effect].Outcome == transfer.Failed {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.Concluded, Effect: effect, Recipient: about.recipient,
			Outcome: transfer.Failed, Reason: reason(l.Report.Status)}, nil
	})
}

// reason reads an enhanced status code (RFC 3463): 5.1 is the address, 5.3.4
// and 5.2.3 the size, the rest a refusal.
func reason(status string) transfer.Code {
	switch {
	case strings.HasPrefix(status, "5.1."):
		return transfer.MailboxMissing
	case status == "5.3.4" || status == "5.2.3":
		return transfer.TooLarge
	}
	return transfer.MailboxRefused
}
