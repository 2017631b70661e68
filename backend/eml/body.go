package eml

import (
	"bytes"
	"mime"
	"net/mail"
	"strings"

	"github.com/jhillyerd/enmime/v2"
	"golang.org/x/net/html"

	"senddigitally/backend/transfer"
)

var parser = enmime.NewParser(enmime.SkipMalformedParts(true), enmime.MultipartWOBoundaryAsSinglePart(true),
	enmime.MaxStoredPartErrors(10), enmime.DisableTextConversion(true))

// readBody takes the mail apart.
func (m *Mail) readBody(raw []byte) {
	if m.protected() {
		m.Notes = append(m.Notes, Protected)
		return
	}
	root, err := parser.ReadParts(bytes.NewReader(raw))
	if err != nil || root == nil {
		m.Notes = append(m.Notes, Broken)
		return
	}
	if m.Kind == Bounce || m.Kind == Receipt {
		m.readReport(root)
	}
	m.readParts(root)
}

// protected is what taking apart would break: S/MIME (RFC 8551), PGP/MIME
// (RFC 3156) and Outlook's protected messages.
func (m *Mail) protected() bool {
	media, _, _ := mime.ParseMediaType(m.header.Get("Content-Type"))
	switch media {
	case "application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/signed", "multipart/encrypted":
		return true
	}
	return strings.HasPrefix(m.Header("Content-Class"), "rpmsg.")
}

// readParts finds the text and the files. Of alternatives plain text counts, where
// it says anything; elsewhere HTML does, too, by its words.
func (m *Mail) readParts(root *enmime.Part) {
	parts := root.DepthMatchAll(func(p *enmime.Part) bool { return p.FirstChild == nil })
	worded := map[*enmime.Part]bool{} // alternatives that have plain text
	for _, p := range parts {
		if p.ContentType == "" {
			dispose(p)
		}
		if plain(p) && len(bytes.TrimSpace(p.Content)) > 0 {
			for a := p.Parent; a != nil; a = a.Parent {
				worded[a] = true
			}
		}
	}
	var text strings.Builder
	var left int
	for _, p := range parts {
		kind := strings.ToLower(p.ContentType)
		switch {
		case body(p) && kind == "text/html":
			if !alternative(p, worded) {
				text.WriteString(words(string(p.Content)) + "\n")
			}
		case plain(p):
			text.WriteString(string(p.Content) + "\n")
		case len(m.Attachments) >= maxAttachments:
			left++
		default:
			m.Attachments = append(m.Attachments, attachment(p, kind))
		}
	}
	if left > 0 {
		m.Notes = append(m.Notes, MoreFiles)
	}
	m.Text = strings.TrimSpace(strings.ToValidUTF8(text.String(), "�"))
	if len(m.Text) > maxText {
		m.Text = strings.ToValidUTF8(m.Text[:maxText], "")
		m.Notes = append(m.Notes, TextCut)
	}
}

// body reports whether a part is no file.
func body(p *enmime.Part) bool { return p.Disposition != "attachment" && p.FileName == "" }

func plain(p *enmime.Part) bool {
	kind := strings.ToLower(p.ContentType)
	return body(p) && (kind == "text/plain" || kind == "")
}

// alternative reports whether a part says again what one of the worded does.
func alternative(p *enmime.Part, worded map[*enmime.Part]bool) bool {
	for a := p.Parent; a != nil; a = a.Parent {
		if worded[a] && strings.EqualFold(a.ContentType, "multipart/alternative") {
			return true
		}
	}
	return false
}

// dispose reads what a part without a type is: the parser leaves its disposition alone,
// but a file is a file without one, too.
func dispose(p *enmime.Part) {
	if disposition, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition")); err == nil {
		p.Disposition, p.FileName = disposition, decoded(params["filename"])
	}
}

func attachment(p *enmime.Part, kind string) Attachment {
	name := p.FileName
	if name == "" {
		name = "attachment"
		if kind == "message/rfc822" {
			name = "message.eml"
		}
	}
	if kind == "" {
		kind = "application/octet-stream"
	}
	return Attachment{Name: transfer.CleanName(name), Type: kind, Content: p.Content}
}

// readReport finds the fields of a report and the mail that it is about.
func (m *Mail) readReport(root *enmime.Part) {
	for _, p := range root.DepthMatchAll(func(p *enmime.Part) bool { return p.FirstChild == nil }) {
		switch strings.ToLower(p.ContentType) {
		case "message/delivery-status", "message/global-delivery-status", "message/disposition-notification":
			m.readFields(p.Content)
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			head, _ := divide(p.Content)
			kept, _ := clip(head)
			m.Report.MessageID = first(messageIDs(parseHeader(kept)["Message-Id"]))
		}
	}
	if m.Report.MessageID == "" && len(m.References) > 0 {
		m.Report.MessageID = m.References[len(m.References)-1]
	}
}

// readFields reads the groups of a delivery status (RFC 3464, section 2).
func (m *Mail) readFields(content []byte) {
	text := strings.ReplaceAll(string(content[:min(len(content), maxHeader)]), "\r\n", "\n")
	for group := range strings.SplitSeq(text, "\n\n") {
		fields := parseHeader([]byte(group))
		if id := first(messageIDs(fields["Original-Message-Id"])); id != "" {
			m.Report.MessageID = id
		}
		to := recipientOf(fields)
		if to == "" || !strings.EqualFold(fields.Get("Action"), "failed") || len(m.Report.Failed) == maxAddresses {
			continue
		}
		if len(m.Report.Failed) == 0 {
			m.Report.Status = clean(fields.Get("Status"), 20)
		}
		m.Report.Failed = append(m.Report.Failed, to)
	}
}

func recipientOf(fields mail.Header) string {
	for _, name := range []string{"Original-Recipient", "Final-Recipient"} {
		if _, address, found := strings.Cut(fields.Get(name), ";"); found {
			return clean(address, 320)
		}
	}
	return ""
}

// words are the words of HTML, block by block, without what a reader would not
// see. It keeps no tree, so that nesting costs nothing.
func words(marked string) string {
	var b strings.Builder
	hidden := 0
	for z := html.NewTokenizer(strings.NewReader(marked)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if hidden == 0 {
				b.WriteString(strings.Map(blank, string(z.Text())))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			hidden += concealing[string(name)]
			b.WriteString(breaking[string(name)])
		case html.EndTagToken:
			name, _ := z.TagName()
			hidden = max(0, hidden-concealing[string(name)])
			b.WriteString(breaking[string(name)])
		}
	}
}

// blank makes the line ends of the source what they mean: a space.
func blank(r rune) rune {
	if r == '\n' || r == '\r' || r == '\t' {
		return ' '
	}
	return r
}

var (
	concealing = map[string]int{"script": 1, "style": 1, "title": 1, "template": 1}
	breaking   = map[string]string{"p": "\n", "br": "\n", "div": "\n", "tr": "\n", "li": "\n", "h1": "\n", "h2": "\n", "h3": "\n", "blockquote": "\n", "table": "\n"}
)
