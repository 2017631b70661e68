package outlook

import (
	"bytes"
	"html"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"senddigitally/backend/sandbox/mail"
)

// bodyPolicy is the only thing between a message and the reader: no scripts, no
// forms, nothing from the network but the message's own pictures, and links that
// open a window of their own.
const bodyPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; " +
	"img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'"

const bodyStyle = `<style>:root{color-scheme:light}html{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff}` +
	`body{margin:16px;overflow-wrap:anywhere}pre{white-space:pre-wrap;font:inherit;margin:0}img{max-width:100%;height:auto}a{color:#0b5cad}</style>`

var (
	tags       = regexp.MustCompile(`(?is)<(style|script|head|title)\b.*?</\s*(?:style|script|head|title)\s*>|<!--.*?-->|<[^>]*>`)
	spaces     = regexp.MustCompile(`\s+`)
	pictures   = regexp.MustCompile(`(?i)(src\s*=\s*["']?)cid:([^"'\s>]+)`)
	webAddress = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)]`)
)

// body answers a message's text as a page for the reading pane's frame.
func (s *server) body(w http.ResponseWriter, r *http.Request) {
	m, err := s.Mail.LocalMessage(r.PathValue("mailbox"), r.PathValue("id"))
	if err != nil {
		status, _ := problem(err)
		http.Error(w, err.Error(), status)
		return
	}
	w.Header().Set("Content-Security-Policy", bodyPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	title := html.EscapeString(m.Subject)
	io.WriteString(w, `<!doctype html><html><head><meta charset="utf-8"><title>`+title+`</title><base target="_blank">`+bodyStyle+`</head><body>`)
	io.WriteString(w, readable(m))
	io.WriteString(w, "</body></html>")
}

func readable(m mail.Message) string {
	if !m.HTML {
		return "<pre>" + linked(m.Body) + "</pre>"
	}
	return pictures.ReplaceAllStringFunc(m.Body, func(found string) string {
		parts := pictures.FindStringSubmatch(found)
		for _, a := range m.Attachments {
			if a.ContentID == html.UnescapeString(parts[2]) {
				return parts[1] + "attachments/" + url.PathEscape(a.ID)
			}
		}
		return found
	})
}

// linked escapes plain text and makes its web addresses clickable.
func linked(text string) string {
	var b strings.Builder
	at := 0
	for _, found := range webAddress.FindAllStringIndex(text, -1) {
		link := html.EscapeString(text[found[0]:found[1]])
		b.WriteString(html.EscapeString(text[at:found[0]]))
		b.WriteString(`<a href="` + link + `" rel="noreferrer">` + link + `</a>`)
		at = found[1]
	}
	b.WriteString(html.EscapeString(text[at:]))
	return b.String()
}

// preview is the first words of a message, for the list.
func preview(m mail.Message) string {
	const longest = 140
	text := m.Body
	if m.HTML {
		text = html.UnescapeString(tags.ReplaceAllString(text, " "))
	}
	words := []rune(strings.TrimSpace(spaces.ReplaceAllString(text, " ")))
	return string(words[:min(len(words), longest)])
}

// download answers one attachment's bytes: a file as it is, an attached message as
// an .eml file.
func (s *server) download(w http.ResponseWriter, r *http.Request) {
	a, err := s.attachment(r.PathValue("mailbox"), r.PathValue("id"), r.PathValue("a"))
	if err != nil {
		status, _ := problem(err)
		http.Error(w, err.Error(), status)
		return
	}
	name, contentType, content := a.Name, a.ContentType, a.Content
	if a.Item != nil {
		var text bytes.Buffer
		mail.WriteMIME(&text, *a.Item)
		name, contentType, content = name+".eml", "message/rfc822", text.Bytes()
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	if a.Inline && strings.HasPrefix(contentType, "image/") && contentType != "image/svg+xml" {
		h.Set("Content-Type", contentType)
	}
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	w.Write(content)
}

func (s *server) attachment(mailbox, message, id string) (mail.Attachment, error) {
	m, err := s.Mail.LocalMessage(mailbox, message)
	if err != nil {
		return mail.Attachment{}, err
	}
	for _, a := range m.Attachments {
		if a.ID == id {
			return a, nil
		}
	}
	return mail.Attachment{}, mail.Refuse(http.StatusNotFound, "ErrorItemNotFound", "The attachment is not there.")
}
