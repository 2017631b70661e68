// Package notifying mails each recipient her personal link, own staff where they
// read after signing in, and the sender what became of it.
//
// Invariant: one mail per recipient and link, or a visible "uncertain"; the
// mail has no content of the message, no file names unless the sender chose so,
// and never an access code.
//
// Failure: what cannot be delivered marks that recipient undeliverable and
// leaves the others alone.
package notifying

import (
	"bytes"
	"context"
	"embed"
	htmltemplate "html/template"
	"slices"
	"strings"
	texttemplate "text/template"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/mailing"
	"senddigitally/backend/transfer"
)

// Archive opens and journals.
type Archive interface {
	Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID) (*transfer.Dossier, error)
	Tell(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
}

// Once sends one mail once.
type Once interface {
	Once(ctx context.Context, d *transfer.Dossier, e mailing.Effect) error
}

// Outbox sends what need not survive a crash: a one-time code.
type Outbox interface {
	Pick(tenant transfer.TenantID, key string) string
	// Pass counts a mail that goes ahead of those that wait.
	Pass(tenant transfer.TenantID, mailbox string, recipients int) error
	CreateDraft(ctx context.Context, tenant transfer.TenantID, mailbox string, m transfer.Mail) (draftID string, err error)
	Send(ctx context.Context, tenant transfer.TenantID, mailbox, draftID string) error
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Words are the sentences of one language.
type Words interface {
	Text(key string, params map[string]any) string
	Plural(key string, count int, params map[string]any) string
	DateTime(at time.Time, zone *time.Location) string
}

// Notifying is the use case.
type Notifying struct {
	Archive      Archive
	Mailing      Once
	Outbox       Outbox
	Gate         Gate
	Namer        transfer.Namer
	Organisation func(transfer.TenantID) transfer.Organisation
	Language     func(transfer.TenantID) string // that the organisation's own people read
	Words        func(language string) Words
	Clock        func() time.Time
}

// Notify carries out one NotifyJob. last says that no further try follows.
func (n *Notifying) Notify(ctx context.Context, job transfer.Job, last bool) error {
	d, err := n.begin(ctx, job, access.Notify)
	if err != nil {
		return err
	}
	if d.InQuarantine() {
		return nil // the check asks for it anew
	}
	recipient, known := d.Manifest.Recipient(job.Recipient)
	if !known {
		return transfer.E(transfer.NotFound, "unknown recipient")
	}
	if err := d.State.Readable(recipient.ID, n.Clock()); err != nil {
		return err
	}
	name := transfer.NotifyEffect(recipient.ID, d.State.Recipients[recipient.ID].Generation)
	effect := n.effect(d, name, last, func() (transfer.Mail, error) {
		if d.Manifest.Options.ContactPoint != "" {
			return n.code(d, recipient)
		}
		return n.compose(d, recipient, "mail")
	})
	effect.Recipient = recipient.ID
	if err := n.Mailing.Once(ctx, d, effect); err != nil || len(d.Alerts()) == 0 {
		return err
	}
	return n.Archive.Tell(ctx, d, func(transfer.State) (transfer.Entry, error) { return transfer.Entry{}, nil })
}

// compose writes the notification, or with "remind" the reminder of it.
func (n *Notifying) compose(d *transfer.Dossier, to transfer.Recipient, kind string) (transfer.Mail, error) {
	m := d.Manifest
	org := n.Organisation(m.Tenant)
	page := n.page(d, to, org, kind)
	text, html, err := render(page)
	if err != nil {
		return transfer.Mail{}, transfer.Wrap(transfer.Internal, "the notification cannot be written", err)
	}
	return transfer.Mail{
		FromName: org.Name + " – " + m.Sender.Name,
		To:       []transfer.Party{to.Party},
		ReplyTo:  []transfer.Party{{Name: org.Name, Address: org.ReplyTo(n.Namer, m.Tenant, m.ID, to.ID)}},
		Subject:  page.Subject, Text: text, HTML: html,
		Headers: map[string]string{"x-senddigitally-transfer": string(m.ID)},
	}, nil
}

// Page is what a notification says.
type Page struct {
	Language                          string
	Subject, Organisation, Lead       string
	SenderText                        []string // the sender's own words, a paragraph each
	SenderName, SenderMail, SenderTel string
	Link                              string
	Files                             []string
	words                             Words
	Expires, Left                     string // when, and how long that is from now
	Look                              look
	Code                              transfer.CodeKind
	Request                           transfer.Request // what is asked of her; "" where she is written to
	Own                               bool             // she signs in, and the link leads to where staff do
}

// T is a sentence of the page's language. A request has some of its own.
func (p Page) T(key string) string {
	if p.Request != "" && slices.Contains(asked, key) {
		return p.say("mail.request." + key)
	}
	return p.say("mail." + key)
}

var asked = []string{"open", "until", "reply"}

func (p Page) say(key string) string {
	return p.words.Text(key, map[string]any{
		"organisation": p.Organisation, "sender": p.SenderName, "expires": p.Expires})
}

func (n *Notifying) page(d *transfer.Dossier, to transfer.Recipient, org transfer.Organisation, kind string) Page {
	m := d.Manifest
	words := n.Words(m.Options.Language)
	p := Page{Language: m.Options.Language, Organisation: org.Name, SenderName: m.Sender.Name, SenderMail: m.Sender.Address,
		SenderTel: m.Sender.Phone, Link: org.LinkURL(d.Link(to.ID), m.Options.Language), words: words,
		Expires: words.DateTime(d.State.ExpiresAt, org.Zone), Left: left(words, d.State.ExpiresAt.Sub(n.Clock())), Look: lookOf(org.Theme), Code: d.State.Code.Kind, Request: m.Options.Request, SenderText: paragraphs(m.Options.NotifyText)}
	if d.SignsIn(to.ID) {
		p.Own, p.Link = true, org.ReceivedURL(m.ID, m.Options.Language)
	}
	if m.Options.ShowFileNames {
		for _, f := range m.Files {
			p.Files = append(p.Files, f.Name)
		}
	}
	lead := kind
	if !d.Recognises(to.ID) {
		lead = "mail" // nobody can tell that she has not opened it
	}
	if p.Request != "" {
		kind, lead = kind+".request", lead+".request"
	}
	p.Lead, p.Subject = p.say(lead+".lead"), oneLine(m.Options.NotifySubject)
	if p.Subject == "" || strings.HasPrefix(kind, "remind") {
		p.Subject = p.say(kind + ".subject")
	}
	return p
}

// left is a time span in words, to the nearest day: a mail leaves some time after
// the sender was shown how many days there are.
func left(words Words, d time.Duration) string {
	const day = 24 * time.Hour
	days := int(d.Round(day) / day)
	if days < 1 {
		return words.Text("mail.today", nil)
	}
	return words.Plural("mail.days", days, nil)
}

func paragraphs(text string) []string {
	var all []string
	for _, p := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

//go:embed frame.html notification.html notification.txt letter.html letter.txt
var sources embed.FS

var (
	asHTML = htmltemplate.Must(htmltemplate.New("notification.html").ParseFS(sources, "frame.html", "notification.html"))
	asText = texttemplate.Must(texttemplate.ParseFS(sources, "notification.txt"))
)

func render(p Page) (text, html string, err error) {
	var t, h bytes.Buffer
	if err := asText.Execute(&t, p); err != nil {
		return "", "", err
	}
	if err := asHTML.Execute(&h, p); err != nil {
		return "", "", err
	}
	return t.String(), h.String(), nil
}
