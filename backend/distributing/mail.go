package distributing

import (
	"bytes"
	"context"
	"embed"
	htmltemplate "html/template"
	"io"
	"strings"
	texttemplate "text/template"

	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// MaxAttached is how many plaintext bytes of files travel as attachments of the
// delivered mail: Outlook's default message limit of 35 MB (Microsoft Learn,
// "Exchange Online limits") less a third for base64. Larger replies name their
// files and say where members of the mailbox open them.
const MaxAttached = 25_000_000

// page is what a delivered reply says around the replier's own words.
type page struct {
	Language     string
	Subject      string
	Organisation string
	Sender       transfer.Party
	Paragraphs   []string
	Files        []string // named, not attached
	ReplyURL     string   // where members read it, fetch its files, or hand it back
	Why          []string
	Notes        []string // what was out of the ordinary about a mail
	Plain        bool     // it came as ordinary mail
	Received     string
	CaseID       string
	Number       string // of the receipt that the replier has
	Asked        bool   // a wish for a new link, not a reply
	First        bool   // she wrote first
	Company      bool   // to the organisation as a company: not answered from Outlook
	words        Words
}

// T is a sentence of the page's language.
func (p page) T(key string) string {
	if p.Asked && key == "lead" {
		return p.words.Text("ask.lead", nil)
	}
	if p.First && key == "lead" {
		return p.words.Text("contact.lead", map[string]any{"name": p.Sender.Name, "sender": p.Sender.Address, "phone": p.Sender.Phone})
	}
	return p.words.Text("delivery."+key, map[string]any{"sender": p.Sender.Address, "received": p.Received, "caseid": p.CaseID, "number": p.Number, "organisation": p.Organisation})
}

func (p page) intake(key string) string {
	return p.words.Text("intake."+key, map[string]any{"sender": p.Sender.Address})
}

// Above begins with the mark at which the quoted reply is cut off from what
// staff answer.
func (p page) Above() string { return transfer.AnswerMark + " " + p.intake("above") + " -##" }

// HandBack says how to hand back what belongs elsewhere.
func (p page) HandBack() string { return p.intake("handback") }

// Lead says who wrote, and how.
func (p page) Lead() string {
	if p.Plain {
		return p.intake("mail")
	}
	return p.T("lead")
}

// ReceivedText says when it came, and whether encrypted.
func (p page) ReceivedText() string {
	if p.Plain {
		return p.Received
	}
	return p.T("received")
}

// The header of a delivered mail that cannot be answered from Outlook, and its
// one value: post to the organisation as a company. The task pane reads it to say
// so; whoever answers all the same is told why nothing was sent.
const (
	AnswerHeader  = "x-senddigitally-answer"
	AnswerNotHere = "not-from-outlook"
)

func (x *Distributing) compose(ctx context.Context, d *transfer.Dossier, decision routing.Decision) (transfer.Mail, error) {
	m := d.Manifest
	org := x.Organisation(m.Tenant)
	p, err := x.page(ctx, d, decision)
	if err != nil {
		return transfer.Mail{}, err
	}
	mail := transfer.Mail{
		FromName: org.Name, To: []transfer.Party{{Address: decision.Address}}, Cc: copies(decision),
		ReplyTo: []transfer.Party{{Name: org.Name, Address: org.ReplyTo(x.Namer, m.Tenant, m.ID, transfer.StaffRecipient)}},
		Subject: m.Subject, Categories: decision.Categories, References: m.Origin.References,
		Headers: map[string]string{"x-senddigitally-reply": string(m.ID), "x-senddigitally-rule": decision.Rule,
			"x-senddigitally-transfer": string(m.Origin.Transfer)},
	}
	if p.Company {
		mail.Headers[AnswerHeader] = AnswerNotHere
	}
	if n := len(m.Origin.References); n > 0 {
		mail.InReplyTo = m.Origin.References[n-1]
	}
	if x.attached(d, decision) {
		mail.Attachments = x.attachments(ctx, d)
	}
	for name, value := range mail.Headers {
		if value == "" {
			delete(mail.Headers, name)
		}
	}
	mail.Text, mail.HTML, err = render(p)
	return mail, err
}

func copies(decision routing.Decision) []transfer.Party {
	var all []transfer.Party
	for _, c := range decision.Copies {
		all = append(all, transfer.Party{Address: c.Address})
	}
	return all
}

// attached reports whether what is given out fits into one mail.
func (x *Distributing) attached(d *transfer.Dossier, decision routing.Decision) bool {
	limit := int64(MaxAttached)
	if mailbox, known := x.Routes(d.Manifest.Tenant).Mailbox(decision.Mailbox); known && mailbox.SizeLimit() > 0 {
		limit = min(limit, mailbox.SizeLimit())
	}
	return d.GivenSize() <= limit
}

func (x *Distributing) attachments(ctx context.Context, d *transfer.Dossier) []transfer.MailAttachment {
	var all []transfer.MailAttachment
	for _, f := range d.Given() {
		all = append(all, transfer.MailAttachment{Name: f.Name, Type: f.Type, Size: f.Size,
			Open: func() (io.ReadCloser, error) { return x.Vault.ReadFile(ctx, d, f) }})
	}
	return all
}

func (x *Distributing) page(ctx context.Context, d *transfer.Dossier, decision routing.Decision) (page, error) {
	m := d.Manifest
	org := x.Organisation(m.Tenant)
	language := x.Routes(m.Tenant).Language()
	words := x.Words(language)
	p := page{Language: language, Subject: m.Subject, Organisation: org.Name, Sender: m.Sender, Why: decision.Explain(language),
		Number: x.Namer.ReceiptNumber(m.ID), Received: words.DateTime(m.AcceptedAt, org.Zone), CaseID: m.Origin.CaseID, Asked: m.Origin.Channel == transfer.ChannelAsk, First: m.Origin.Channel == transfer.ChannelContact,
		Company: m.ForCompany(), words: words}
	if p.Plain = m.Origin.Unencrypted; p.Plain {
		p.Notes = append(p.Notes, p.intake("unencrypted"))
	}
	for _, note := range m.Origin.Notes {
		p.Notes = append(p.Notes, p.intake("note."+note))
	}
	if m.Origin.ReplyTo != "" {
		p.Notes = append(p.Notes, words.Text("intake.replyto", map[string]any{"address": m.Origin.ReplyTo}))
	}
	p.Notes = append(p.Notes, x.checked(d, words)...)
	p.ReplyURL = org.Staff + "/replies/" + string(m.ID)
	text, err := x.text(ctx, d)
	if err != nil {
		return p, err
	}
	for line := range strings.Lines(text) {
		p.Paragraphs = append(p.Paragraphs, strings.TrimRight(line, "\r\n"))
	}
	if !x.attached(d, decision) {
		for _, f := range d.Given() {
			p.Files = append(p.Files, f.Name+" ("+words.Size(f.Size)+")")
		}
	}
	return p, nil
}

// checked says what the check for malware has to say about the files.
func (x *Distributing) checked(d *transfer.Dossier, words Words) []string {
	var all []string
	if body := words.Standing(d.Standing("body")); body != "" {
		all = append(all, words.Text("check.text", nil)+": "+body)
	}
	for _, f := range d.Manifest.Files {
		if says := words.Standing(d.Standing(f.ID)); says != "" {
			all = append(all, f.Name+": "+says)
		}
	}
	return all
}

// text is the replier's own words, "" while they are held back.
func (x *Distributing) text(ctx context.Context, d *transfer.Dossier) (string, error) {
	if d.Manifest.Body == nil || d.Withholds(d.Manifest.Body.ID) != nil {
		return "", nil
	}
	content, err := x.Vault.ReadFile(ctx, d, *d.Manifest.Body)
	if err != nil {
		return "", err
	}
	defer content.Close()
	text, err := io.ReadAll(content)
	return string(text), err
}

//go:embed delivery.html delivery.txt
var sources embed.FS

var (
	asHTML = htmltemplate.Must(htmltemplate.ParseFS(sources, "delivery.html"))
	asText = texttemplate.Must(texttemplate.ParseFS(sources, "delivery.txt"))
)

func render(p page) (text, html string, err error) {
	var t, h bytes.Buffer
	if err := asText.Execute(&t, p); err != nil {
		return "", "", transfer.Wrap(transfer.Internal, "the mail cannot be written", err)
	}
	if err := asHTML.Execute(&h, p); err != nil {
		return "", "", transfer.Wrap(transfer.Internal, "the mail cannot be written", err)
	}
	return t.String(), h.String(), nil
}
