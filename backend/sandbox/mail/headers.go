package mail

import (
	"mime"
	"net/mail"
	"strings"
	"time"
)

// messageHeaders are the headers that the author's side writes. Bcc is left out.
func messageHeaders(m Message) []Header {
	headers := []Header{
		{"From", addressList(m.From)},
		{"To", addressList(m.To...)},
		{"Cc", addressList(m.Cc...)},
		{"Reply-To", addressList(m.ReplyTo...)},
		{"Subject", mime.QEncoding.Encode("utf-8", m.Subject)},
		{"Date", m.Sent.Format(time.RFC1123Z)},
		{"Message-ID", m.InternetMessageID},
		{"In-Reply-To", m.Property(InReplyTo)},
		{"References", m.Property(References)},
	}
	if m.Sender.Address != "" && m.Sender.Address != m.From.Address {
		headers = append(headers, Header{"Sender", addressList(m.Sender)})
	}
	written := headers[:0]
	for _, h := range headers {
		if h.Value != "" {
			written = append(written, h)
		}
	}
	for _, h := range m.Headers {
		if !standardHeader(h.Name) {
			written = append(written, h)
		}
	}
	return written
}

// transportHeaders are what a recipient's copy carries: those of the author and a
// trace line (RFC 5321 section 4.4).
func transportHeaders(m Message, arrived time.Time) []Header {
	trace := "from sandbox.invalid by sandbox.invalid with ESMTPS; " + arrived.Format(time.RFC1123Z)
	return append([]Header{{"Received", trace}}, messageHeaders(m)...)
}

// standardHeader names the headers that are derived from a message's other fields.
func standardHeader(name string) bool {
	switch strings.ToLower(name) {
	case "received", "from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "sender":
		return true
	}
	return false
}

func addressList(addresses ...Address) string {
	written := make([]string, 0, len(addresses))
	for _, a := range addresses {
		if a.Address != "" {
			written = append(written, (&mail.Address{Name: a.Name, Address: a.Address}).String())
		}
	}
	return strings.Join(written, ", ")
}
