package notifying

import (
	"bytes"
	htmltemplate "html/template"
	texttemplate "text/template"

	"senddigitally/backend/transfer"
)

// letter is a short mail of our own: a lead, a few lines and a foot.
type letter struct {
	Language, Organisation, Subject, Lead, Foot string
	Lines                                       []string
	Look                                        look
}

var (
	letterHTML = htmltemplate.Must(htmltemplate.New("letter.html").ParseFS(sources, "frame.html", "letter.html"))
	letterText = texttemplate.Must(texttemplate.ParseFS(sources, "letter.txt"))
)

func (n *Notifying) letter(m transfer.Manifest, to transfer.Party, l letter) (transfer.Mail, error) {
	l.Look = lookOf(n.Organisation(m.Tenant).Theme)
	var text, html bytes.Buffer
	if err := letterText.Execute(&text, l); err != nil {
		return transfer.Mail{}, transfer.Wrap(transfer.Internal, "a mail cannot be written", err)
	}
	if err := letterHTML.Execute(&html, l); err != nil {
		return transfer.Mail{}, transfer.Wrap(transfer.Internal, "a mail cannot be written", err)
	}
	// An automatic mail says so, and machines do not answer it (RFC 3834); of
	// its headers Outlook lets us set only those that begin with x-.
	return transfer.Mail{FromName: l.Organisation, To: []transfer.Party{to}, Subject: l.Subject, Text: text.String(), HTML: html.String(),
		Headers: map[string]string{"x-senddigitally-transfer": string(m.ID), "x-auto-response-suppress": "All"}}, nil
}
