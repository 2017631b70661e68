package notifying

import (
	"context"
	"crypto/rand"
	"time"

	"senddigitally/backend/accesscode"
	"senddigitally/backend/transfer"
)

// code mails who writes first the code that proves her address. The link is in
// her browser only, and nothing that she typed is in the mail.
func (n *Notifying) code(d *transfer.Dossier, to transfer.Recipient) (transfer.Mail, error) {
	m := d.Manifest
	code, known := accesscode.Recall(d.State.Code, d.Key, m.ID)
	if !known {
		return transfer.Mail{}, transfer.E(transfer.Internal, "the code cannot be recalled")
	}
	words, org := n.Words(m.Options.Language), n.Organisation(m.Tenant)
	say := func(key string) string {
		return words.Text("contact."+key, map[string]any{"organisation": org.Name, "code": code, "expires": words.DateTime(d.State.ExpiresAt, org.Zone)})
	}
	return n.letter(m, transfer.Party{Address: to.Address}, letter{Language: m.Options.Language, Organisation: org.Name, Subject: say("subject"),
		Lead: say("code"), Lines: []string{say("enter")}, Foot: say("ignore")})
}

// MailCode mails a recipient the one-time code that she has asked for. It is sent
// while she waits, ahead of mails that nobody waits for: one that does not leave is
// not sent later.
func (n *Notifying) MailCode(ctx context.Context, d *transfer.Dossier, to transfer.Recipient, code string, until time.Time) error {
	m := d.Manifest
	words, org := n.Words(m.Options.Language), n.Organisation(m.Tenant)
	say := func(key string) string {
		return words.Text("once."+key, map[string]any{"organisation": org.Name, "code": code, "time": until.In(org.Zone).Format("15:04")})
	}
	mail, err := n.letter(m, transfer.Party{Address: to.Address}, letter{Language: m.Options.Language, Organisation: org.Name, Subject: say("subject"),
		Lead: say("code"), Lines: []string{say("enter")}, Foot: say("ignore")})
	if err != nil {
		return err
	}
	mail.MessageID = org.MessageID(n.Namer, m.Tenant, m.ID, "once/"+rand.Text())
	mailbox := n.Outbox.Pick(m.Tenant, string(m.ID))
	if err := n.Outbox.Pass(m.Tenant, mailbox, 1); err != nil {
		return err
	}
	draft, err := n.Outbox.CreateDraft(ctx, m.Tenant, mailbox, mail)
	if err != nil {
		return err
	}
	return n.Outbox.Send(ctx, m.Tenant, mailbox, draft)
}
